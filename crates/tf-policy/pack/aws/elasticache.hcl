# Amazon ElastiCache

policy "aws-elasticache-encrypted-at-rest" {
  title    = "ElastiCache replication groups encrypt what they keep"
  severity = "high"
  resource = ["aws_elasticache_replication_group"]
  checkov  = ["CKV_AWS_29"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Snapshots and disks hold sessions and cached rows in the clear."
  fix = "Set at_rest_encryption_enabled = true. An existing group is replaced."

  condition = self.at_rest_encryption_enabled == true

  pass {
    resource "aws_elasticache_replication_group" "good" {
      replication_group_id       = "sessions"
      description                = "Sessions"
      node_type                  = "cache.t4g.small"
      num_cache_clusters         = 2
      at_rest_encryption_enabled = true
    }
  }
  fail {
    resource "aws_elasticache_replication_group" "bad" {
      replication_group_id = "sessions"
      description          = "Sessions"
      node_type            = "cache.t4g.small"
      num_cache_clusters   = 2
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_elasticache_replication_group" "asked" {
      replication_group_id       = "sessions"
      description                = "Sessions"
      node_type                  = "cache.t4g.small"
      num_cache_clusters         = 2
      at_rest_encryption_enabled = var.asked
    }
  }
}

policy "aws-elasticache-encrypted-in-transit" {
  title    = "ElastiCache replication groups are reached over TLS"
  severity = "high"
  resource = ["aws_elasticache_replication_group"]
  checkov  = ["CKV_AWS_30"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "Commands, sessions and the password travel in the clear."
  fix = "Set transit_encryption_enabled = true."

  condition = self.transit_encryption_enabled == true

  pass {
    resource "aws_elasticache_replication_group" "good" {
      replication_group_id       = "sessions"
      description                = "Sessions"
      node_type                  = "cache.t4g.small"
      num_cache_clusters         = 2
      transit_encryption_enabled = true
    }
  }
  fail {
    resource "aws_elasticache_replication_group" "bad" {
      replication_group_id = "sessions"
      description          = "Sessions"
      node_type            = "cache.t4g.small"
      num_cache_clusters   = 2
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_elasticache_replication_group" "asked" {
      replication_group_id       = "sessions"
      description                = "Sessions"
      node_type                  = "cache.t4g.small"
      num_cache_clusters         = 2
      transit_encryption_enabled = var.asked
    }
  }
}

# Users and groups count too: Checkov knows auth_token only.
policy "aws-elasticache-authentication" {
  title    = "ElastiCache replication groups ask for a password"
  severity = "medium"
  resource = ["aws_elasticache_replication_group"]
  checkov  = ["CKV_AWS_31"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.3.1"]
    iso27001    = ["A.5.17"]
    nist_800_53 = ["IA-2"]
  }
  why = "Whoever reaches the port reads and writes everything."
  fix = "Set transit_encryption_enabled = true with auth_token or user_group_ids."

  condition = self.transit_encryption_enabled == true && (self.auth_token != null || length(self.user_group_ids) > 0)
  message   = "neither auth_token nor user_group_ids is set"
  attribute = "auth_token"

  pass {
    resource "aws_elasticache_replication_group" "good" {
      replication_group_id       = "sessions"
      description                = "Sessions"
      node_type                  = "cache.t4g.small"
      num_cache_clusters         = 2
      transit_encryption_enabled = true
      user_group_ids             = ["sessions"]
    }
  }
  fail {
    resource "aws_elasticache_replication_group" "bad" {
      replication_group_id       = "sessions"
      description                = "Sessions"
      node_type                  = "cache.t4g.small"
      num_cache_clusters         = 2
      transit_encryption_enabled = true
    }
  }
}

policy "aws-elasticache-failover" {
  title    = "ElastiCache replication groups fail over by themselves"
  severity = "low"
  resource = ["aws_elasticache_replication_group"]
  checkov  = ["CKV2_AWS_50"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    nist_800_53 = ["CP-10"]
  }
  why = "The loss of the primary node is an outage until somebody acts."
  fix = "Set automatic_failover_enabled = true, with at least two nodes."

  condition = self.automatic_failover_enabled == true

  pass {
    resource "aws_elasticache_replication_group" "good" {
      replication_group_id       = "sessions"
      description                = "Sessions"
      node_type                  = "cache.t4g.small"
      num_cache_clusters         = 2
      automatic_failover_enabled = true
    }
  }
  fail {
    resource "aws_elasticache_replication_group" "bad" {
      replication_group_id = "sessions"
      description          = "Sessions"
      node_type            = "cache.t4g.small"
      num_cache_clusters   = 2
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_elasticache_replication_group" "asked" {
      replication_group_id       = "sessions"
      description                = "Sessions"
      node_type                  = "cache.t4g.small"
      num_cache_clusters         = 2
      automatic_failover_enabled = var.asked
    }
  }
}

policy "aws-elasticache-backups" {
  title    = "Redis clusters keep backups"
  severity = "low"
  resource = ["aws_elasticache_cluster", "aws_elasticache_replication_group"]
  checkov  = ["CKV_AWS_134"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "What is only in memory is gone with the node."
  fix = "Set snapshot_retention_limit to at least 1."

  when      = self.engine != "memcached"
  condition = self.snapshot_retention_limit != null && self.snapshot_retention_limit != 0

  pass {
    resource "aws_elasticache_cluster" "good" {
      cluster_id               = "sessions"
      engine                   = "redis"
      node_type                = "cache.t4g.small"
      num_cache_nodes          = 1
      snapshot_retention_limit = 5
    }
  }
  pass {
    resource "aws_elasticache_replication_group" "good" {
      replication_group_id     = "sessions"
      description              = "Sessions"
      node_type                = "cache.t4g.small"
      num_cache_clusters       = 2
      snapshot_retention_limit = 5
    }
  }
  fail {
    resource "aws_elasticache_cluster" "bad" {
      cluster_id      = "sessions"
      engine          = "redis"
      node_type       = "cache.t4g.small"
      num_cache_nodes = 1
    }
  }
  unknown {
    variable "asked" {
      type = number
    }

    resource "aws_elasticache_cluster" "asked" {
      cluster_id               = "sessions"
      engine                   = "redis"
      node_type                = "cache.t4g.small"
      num_cache_nodes          = 1
      snapshot_retention_limit = var.asked
    }
  }
}

policy "aws-elasticache-minor-upgrades" {
  title    = "ElastiCache takes minor versions by itself"
  severity = "low"
  resource = ["aws_elasticache_cluster", "aws_elasticache_replication_group"]
  checkov  = ["CKV_AWS_322"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["6.3.3"]
    iso27001    = ["A.8.8"]
    nist_800_53 = ["SI-2"]
  }
  why = "Minor versions mend security holes."
  fix = "Leave auto_minor_version_upgrade out or set it to true."

  condition = self.auto_minor_version_upgrade != false

  pass {
    resource "aws_elasticache_cluster" "good" {
      cluster_id                 = "sessions"
      engine                     = "redis"
      node_type                  = "cache.t4g.small"
      num_cache_nodes            = 1
      auto_minor_version_upgrade = true
    }
  }
  fail {
    resource "aws_elasticache_cluster" "bad" {
      cluster_id                 = "sessions"
      engine                     = "redis"
      node_type                  = "cache.t4g.small"
      num_cache_nodes            = 1
      auto_minor_version_upgrade = false
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_elasticache_cluster" "asked" {
      cluster_id                 = "sessions"
      engine                     = "redis"
      node_type                  = "cache.t4g.small"
      num_cache_nodes            = 1
      auto_minor_version_upgrade = var.asked
    }
  }
}

# A member of a replication group lies where the group lies.
policy "aws-elasticache-custom-subnets" {
  title    = "ElastiCache clusters lie in subnets of their own"
  severity = "medium"
  resource = ["aws_elasticache_cluster"]
  checkov  = ["CKV_AWS_323"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.4.4"]
    iso27001    = ["A.8.20"]
    nist_800_53 = ["AC-4", "SC-7"]
  }
  why = "Without a subnet group the cluster lands in the default VPC, where anything else may be."
  fix = "Set subnet_group_name."

  when      = self.replication_group_id == null
  condition = self.subnet_group_name != null

  pass {
    resource "aws_elasticache_cluster" "good" {
      cluster_id        = "sessions"
      engine            = "redis"
      node_type         = "cache.t4g.small"
      num_cache_nodes   = 1
      subnet_group_name = "data"
    }
  }
  fail {
    resource "aws_elasticache_cluster" "bad" {
      cluster_id      = "sessions"
      engine          = "redis"
      node_type       = "cache.t4g.small"
      num_cache_nodes = 1
    }
  }
  unknown {
    variable "asked" {
      type = string
    }

    resource "aws_elasticache_cluster" "asked" {
      cluster_id        = "sessions"
      engine            = "redis"
      node_type         = "cache.t4g.small"
      num_cache_nodes   = 1
      subnet_group_name = var.asked
    }
  }
}
