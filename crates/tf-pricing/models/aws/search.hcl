# Search, brokers. AWS OpenSearch, MSK and MQ pricing pages.

cost "aws_opensearch_domain" "aws_elasticsearch_domain" {
  locals {
    cluster = self.cluster_config
    type    = local.cluster.instance_type == null ? "m4.large.${self.type == "aws_opensearch_domain" ? "search" : "elasticsearch"}" : local.cluster.instance_type
    count   = local.cluster.instance_count == null ? 1 : local.cluster.instance_count
    disk    = self.ebs_options
    volume  = local.disk.volume_type == null ? "gp2" : local.disk.volume_type
    base    = "/\\.(search|elasticsearch)$/"
    # gp3 includes 3,000 IOPS to 1,024 GB a node and 3 IOPS a GB beyond; 125 MiB/s to 170 GB, and 250 MiB/s for each 3 TB begun.
    iops       = max(3000, 3 * local.disk.volume_size)
    throughput = local.disk.volume_size > 170 ? min(1000, 250 * ceil(local.disk.volume_size / 3072)) : 125
  }
  component "Instance" {
    name     = "Instance (on-demand, ${local.type})"
    price    = price("AmazonES", "ESInstance:${replace(local.type, local.base, "")}")
    quantity = local.count * 730
    unit     = "hours"
  }
  component "Storage" {
    when     = local.disk.ebs_enabled == true
    name     = "Storage (${local.volume})"
    price    = price("AmazonES", { gp2 = "ES:GP2-Storage", gp3 = "ES:GP3-Storage", io1 = "ES:PIOPS-Storage", standard = "ES:Magnetic-Storage" }[local.volume])
    quantity = (local.disk.volume_size == null ? 10 : local.disk.volume_size) * local.count
    unit     = "GB"
  }
  component "Storage IOPS" {
    when     = local.disk.ebs_enabled == true && (local.volume == "io1" || (local.volume == "gp3" && local.disk.iops > local.iops))
    name     = "Storage IOPS (${local.volume})"
    price    = price("AmazonES", local.volume == "io1" ? "ES:PIOPS" : "ES:GP3-PIOPS")
    quantity = (local.volume == "io1" ? local.disk.iops : local.disk.iops - local.iops) * local.count
    unit     = "IOPS"
  }
  component "Throughput (gp3)" {
    when     = local.disk.ebs_enabled == true && local.volume == "gp3" && local.disk.throughput > local.throughput
    price    = price("AmazonES", "ES:GP3-Provisioned-Throughput")
    quantity = (local.disk.throughput - local.throughput) * local.count
    unit     = "Mbps"
  }
  component "Dedicated master" {
    when     = local.cluster.dedicated_master_enabled == true
    name     = "Dedicated master (on-demand, ${local.cluster.dedicated_master_type})"
    price    = price("AmazonES", "ESInstance:${replace(local.cluster.dedicated_master_type, local.base, "")}")
    quantity = (local.cluster.dedicated_master_count == null ? 3 : local.cluster.dedicated_master_count) * 730
    unit     = "hours"
  }
  component "UltraWarm instance" {
    when     = local.cluster.warm_enabled == true
    name     = "UltraWarm instance (on-demand, ${local.cluster.warm_type})"
    price    = price("AmazonES", "ESInstance:${replace(local.cluster.warm_type, local.base, "")}")
    quantity = local.cluster.warm_count * 730
    unit     = "hours"
  }

  example {
    # Three nodes × 730 h × 0.142; 3 × 100 GB × 0.122.
    expected = {
      "Instance (on-demand, m5.large.search)" = "310.98"
      "Storage (gp3)"                         = "36.6"
    }
    resource "aws_opensearch_domain" "main" {
      domain_name = "main"
      cluster_config {
        instance_type  = "m5.large.search"
        instance_count = 3
      }
      ebs_options {
        ebs_enabled = true
        volume_type = "gp3"
        volume_size = 100
      }
    }
  }
}

cost "aws_msk_cluster" {
  locals {
    broker   = self.broker_node_group_info
    count    = self.number_of_broker_nodes
    type     = trimprefix(local.broker.instance_type, "kafka.")
    size     = local.broker.storage_info.ebs_storage_info.volume_size
    scaling  = linked(self, "aws_appautoscaling_target")
  }
  component "Instance" {
    name     = "Instance (${local.broker.instance_type})"
    price    = price("AmazonMSK", "Kafka.${local.type}")
    quantity = local.count * 730
    unit     = "hours"
  }
  component "Storage" {
    name     = length(local.scaling) > 0 ? "Storage (autoscaling)" : "Storage"
    price    = price("AmazonMSK", "Kafka.Storage.GP2")
    quantity = (length(local.scaling) > 0 ? between(local.size, local.scaling.max_capacity) : local.size) * local.count
    unit     = "GB"
  }

  example {
    # Three brokers × 730 h × 0.21; 3 × 100 GB × 0.10.
    expected = {
      "Instance (kafka.m5.large)" = "459.9"
      "Storage"                   = "30"
    }
    resource "aws_msk_cluster" "main" {
      cluster_name           = "main"
      kafka_version          = "3.6.0"
      number_of_broker_nodes = 3
      broker_node_group_info {
        instance_type   = "kafka.m5.large"
        client_subnets  = ["subnet-1", "subnet-2", "subnet-3"]
        security_groups = ["sg-1"]
        storage_info {
          ebs_storage_info {
            volume_size = 100
          }
        }
      }
    }
  }
}

cost "aws_msk_serverless_cluster" {
  usage {
    partitions              = "Partitions, on average"
    storage_gb              = "GB stored, on average"
    monthly_data_in_gb      = "GB written"
    monthly_data_out_gb     = "GB read"
  }
  component "Cluster" {
    price    = price("AmazonMSK", "Kafka.Serverless.ClusterHours")
    quantity = 730
    unit     = "hours"
  }
  component "Partitions" {
    price    = price("AmazonMSK", "Kafka.Serverless.PartitionHours")
    quantity = usage.partitions * 730
    unit     = "partition-hours"
  }
  component "Storage" {
    price    = price("AmazonMSK", "Kafka.Serverless.StorageHours")
    quantity = usage.storage_gb
    unit     = "GB"
  }
  component "Data in" {
    price    = price("AmazonMSK", "Kafka.Serverless.DataIn")
    quantity = usage.monthly_data_in_gb
    unit     = "GB"
  }
  component "Data out" {
    price    = price("AmazonMSK", "Kafka.Serverless.DataOut")
    quantity = usage.monthly_data_out_gb
    unit     = "GB"
  }

  example {
    # 730 h × 0.75; 10 × 730 × 0.0015; 100 GB × 0.10; 50 GB × 0.10 and 20 GB × 0.05.
    usage = { partitions = 10, storage_gb = 100, monthly_data_in_gb = 50, monthly_data_out_gb = 20 }
    expected = {
      "Cluster"    = "547.5"
      "Partitions" = "10.95"
      "Storage"    = "10"
      "Data in"    = "5"
      "Data out"   = "1"
    }
    resource "aws_msk_serverless_cluster" "main" {
      cluster_name = "main"
      vpc_config {
        subnet_ids = ["subnet-1", "subnet-2"]
      }
      client_authentication {
        sasl {
          iam {
            enabled = true
          }
        }
      }
    }
  }
}

cost "aws_mq_broker" {
  usage {
    storage_size_gb = "GB stored on each instance"
  }
  locals {
    engine = lower(self.engine_type) == "rabbitmq" ? "RabbitMQ" : "ActiveMQ"
    mode   = lower(self.deployment_mode == null ? "SINGLE_INSTANCE" : self.deployment_mode)
    multi  = local.mode != "single_instance"
    # The price of several zones is that of all instances together.
    count   = local.mode == "cluster_multi_az" ? 3 : 1
    storage = self.storage_type == null ? (local.engine == "ActiveMQ" ? "efs" : "ebs") : lower(self.storage_type)
  }
  component "Instance usage" {
    name     = "Instance usage (${local.engine}, ${self.host_instance_type}, ${local.mode})"
    price    = price("AmazonMQ", "${local.engine}-${local.multi ? "MultiAZ" : "SingleAZ"}:${self.host_instance_type}")
    quantity = 730
    unit     = "hours"
  }
  component "Storage" {
    name     = "Storage (${local.engine}, ${upper(local.storage)})"
    price    = price("AmazonMQ", local.engine == "RabbitMQ" ? "TimedStorage-RabbitMQ-ByteHrs" : (local.storage == "efs" ? "TimedStorage-ByteHrs" : "TimedStorage-EBS-ByteHrs"))
    quantity = usage.storage_size_gb * local.count
    unit     = "GB"
  }

  example {
    # 730 h × 0.576, for both zones.
    expected = {
      "Instance usage (ActiveMQ, mq.m5.large, active_standby_multi_az)" = "420.48"
      "Storage (ActiveMQ, EFS)"                                         = "usage"
    }
    resource "aws_mq_broker" "main" {
      broker_name        = "main"
      engine_type        = "ActiveMQ"
      engine_version     = "5.17.6"
      host_instance_type = "mq.m5.large"
      deployment_mode    = "ACTIVE_STANDBY_MULTI_AZ"
      user {
        username = "a"
        password = "not-a-secret-1"
      }
    }
  }
}
