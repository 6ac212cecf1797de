# Caches. AWS ElastiCache pricing page.

cost "aws_elasticache_cluster" {
  # A member of a replication group is counted there.
  when = self.replication_group_id == null
  usage {
    snapshot_storage_size_gb         = "GB of snapshots beyond the free one"
    reserved_instance_term           = ["Term of reserved nodes", "1_year", "3_year"]
    reserved_instance_payment_option = ["Payment of reserved nodes", "no_upfront", "partial_upfront", "all_upfront", "light_utilization", "medium_utilization", "heavy_utilization"]
  }
  locals {
    engine = { redis = "Redis", memcached = "Memcached", valkey = "Valkey" }[self.engine == null ? "memcached" : self.engine]
    reserved = usage_or(usage.reserved_instance_term, null) == null ? null : {
      termType            = "Reserved"
      LeaseContractLength = { "1_year" = "1yr", "3_year" = "3yr" }[usage.reserved_instance_term]
      PurchaseOption      = lookup({ no_upfront = "No Upfront", partial_upfront = "Partial Upfront", all_upfront = "All Upfront" }, usage_or(usage.reserved_instance_payment_option, "no_upfront"), "Heavy Utilization")
    }
  }
  component "ElastiCache" {
    name     = "ElastiCache (${local.reserved == null ? "on-demand" : "reserved"}, ${self.node_type})"
    price    = price("AmazonElastiCache", "NodeUsage:${self.node_type}", merge({ cacheEngine = local.engine }, local.reserved == null ? {} : local.reserved))
    quantity = (self.num_cache_nodes == null ? 1 : self.num_cache_nodes) * 730
    unit     = "hours"
  }
  component "Backup storage" {
    # One snapshot is free.
    when     = local.engine != "Memcached" && self.snapshot_retention_limit > 1
    price    = price("AmazonElastiCache", "BackupUsage")
    quantity = usage.snapshot_storage_size_gb
    unit     = "GB"
  }

  example {
    # Two nodes × 730 h × 0.156.
    expected = { "ElastiCache (on-demand, cache.m5.large)" = "227.76" }
    resource "aws_elasticache_cluster" "main" {
      cluster_id      = "main"
      engine          = "memcached"
      node_type       = "cache.m5.large"
      num_cache_nodes = 2
    }
  }
}

cost "aws_elasticache_replication_group" {
  usage {
    snapshot_storage_size_gb         = "GB of snapshots beyond the free one"
    reserved_instance_term           = ["Term of reserved nodes", "1_year", "3_year"]
    reserved_instance_payment_option = ["Payment of reserved nodes", "no_upfront", "partial_upfront", "all_upfront", "light_utilization", "medium_utilization", "heavy_utilization"]
  }
  locals {
    engine = { redis = "Redis", valkey = "Valkey" }[self.engine == null ? "redis" : self.engine]
    # Shards with their replicas, or so many nodes.
    shards   = self.num_node_groups == null ? self.cluster_mode.num_node_groups : self.num_node_groups
    replicas = self.replicas_per_node_group == null ? (self.cluster_mode.replicas_per_node_group == null ? 0 : self.cluster_mode.replicas_per_node_group) : self.replicas_per_node_group
    single   = self.num_cache_clusters == null ? 1 : self.num_cache_clusters
    nodes    = local.shards == null ? (self.replicas_per_node_group == null ? local.single : 1 + self.replicas_per_node_group) : local.shards * (1 + local.replicas)
    reserved = usage_or(usage.reserved_instance_term, null) == null ? null : {
      termType            = "Reserved"
      LeaseContractLength = { "1_year" = "1yr", "3_year" = "3yr" }[usage.reserved_instance_term]
      PurchaseOption      = lookup({ no_upfront = "No Upfront", partial_upfront = "Partial Upfront", all_upfront = "All Upfront" }, usage_or(usage.reserved_instance_payment_option, "no_upfront"), "Heavy Utilization")
    }
  }
  component "ElastiCache" {
    name     = "ElastiCache (${local.reserved == null ? "on-demand" : "reserved"}, ${self.node_type})"
    price    = self.node_type == null ? undecided("the node type is that of the global replication group") : price("AmazonElastiCache", "NodeUsage:${self.node_type}", merge({ cacheEngine = local.engine }, local.reserved == null ? {} : local.reserved))
    quantity = local.nodes * 730
    unit     = "hours"
  }
  component "Backup storage" {
    when     = self.snapshot_retention_limit > 1
    price    = price("AmazonElastiCache", "BackupUsage")
    quantity = usage.snapshot_storage_size_gb
    unit     = "GB"
  }

  example {
    # Three shards with one replica each: six nodes × 730 h × 0.156; 100 GB × 0.085.
    usage = { snapshot_storage_size_gb = 100 }
    expected = {
      "ElastiCache (on-demand, cache.m5.large)" = "683.28"
      "Backup storage"                          = "8.5"
    }
    resource "aws_elasticache_replication_group" "main" {
      replication_group_id     = "main"
      description              = "main"
      node_type                = "cache.m5.large"
      num_node_groups          = 3
      replicas_per_node_group  = 1
      snapshot_retention_limit = 5
    }
  }
}
