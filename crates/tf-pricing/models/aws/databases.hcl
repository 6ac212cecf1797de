# Warehouses, documents, graphs, migration. AWS Redshift, DocumentDB, Neptune and DMS pricing pages.

cost "aws_redshift_cluster" {
  usage {
    managed_storage_gb               = "GB of managed storage (RA3)"
    excess_concurrency_scaling_secs  = "Seconds of concurrency scaling beyond the free hour a day"
    spectrum_data_scanned_tb         = "TB that Spectrum scans"
    backup_storage_gb                = "GB of backups beyond the free ones"
  }
  locals {
    nodes = self.number_of_nodes == null ? 1 : self.number_of_nodes
    ra3   = startswith(self.node_type, "ra3")
  }
  component "Cluster usage" {
    name     = "Cluster usage (on-demand, ${self.node_type})"
    price    = price("AmazonRedshift", "Node:${self.node_type}")
    quantity = local.nodes * 730
    unit     = "hours"
  }
  component "Managed storage" {
    when     = local.ra3
    name     = "Managed storage (${self.node_type})"
    price    = price("AmazonRedshift", "RMS:${self.node_type}")
    quantity = usage.managed_storage_gb
    unit     = "GB"
  }
  component "Concurrency scaling" {
    name     = "Concurrency scaling (${self.node_type})"
    price    = price("AmazonRedshift", "CS:${self.node_type}")
    quantity = usage.excess_concurrency_scaling_secs * local.nodes
    unit     = "node-seconds"
  }
  component "Spectrum" {
    price    = price("AmazonRedshift", "DataScanned")
    quantity = usage.spectrum_data_scanned_tb
    unit     = "TB"
  }
  component "Backup storage" {
    price    = price("AmazonRedshift", "PaidSnapshots")
    quantity = usage.backup_storage_gb
    unit     = "GB"
  }

  example {
    # Four nodes × 730 h × 3.26; 10,000 GB × 0.024; 100 s × 4 nodes × 0.0009; 1.5 TB × 5; 60,000 GB: 51,200 × 0.023, 8,800 × 0.022.
    usage = { managed_storage_gb = 10000, excess_concurrency_scaling_secs = 100, spectrum_data_scanned_tb = 1.5, backup_storage_gb = 60000 }
    expected = {
      "Cluster usage (on-demand, ra3.4xlarge)" = "9519.2"
      "Managed storage (ra3.4xlarge)"          = "240"
      "Concurrency scaling (ra3.4xlarge)"      = "0.36"
      "Spectrum"                               = "7.5"
      "Backup storage (first 50TB)"            = "1177.6"
      "Backup storage (next 450TB)"            = "193.6"
    }
    resource "aws_redshift_cluster" "main" {
      cluster_identifier = "main"
      node_type          = "ra3.4xlarge"
      number_of_nodes    = 4
    }
  }
}

cost "aws_redshiftserverless_workgroup" {
  usage {
    monthly_rpu_hours = "RPU hours"
  }
  component "Serverless" {
    price    = price("AmazonRedshift", "ServerlessUsage")
    quantity = usage.monthly_rpu_hours
    unit     = "RPU-hours"
  }

  example {
    # 1,000 × 0.375.
    usage    = { monthly_rpu_hours = 1000 }
    expected = { "Serverless" = "375" }
    resource "aws_redshiftserverless_workgroup" "main" {
      namespace_name = "main"
      workgroup_name = "main"
    }
  }
}

cost "aws_docdb_cluster" {
  usage {
    backup_storage_gb = "GB of backups beyond the size of the cluster"
  }
  component "Backup storage" {
    price    = price("AmazonDocDB", "BackupUsage")
    quantity = usage.backup_storage_gb
    unit     = "GB"
  }

  example {
    # 1,000 GB × 0.021.
    usage    = { backup_storage_gb = 1000 }
    expected = { "Backup storage" = "21" }
    resource "aws_docdb_cluster" "main" {
    }
  }
}

cost "aws_docdb_cluster_snapshot" {
  usage {
    backup_storage_gb = "GB of the snapshot beyond the size of the cluster"
  }
  component "Backup storage" {
    price    = price("AmazonDocDB", "BackupUsage")
    quantity = usage.backup_storage_gb
    unit     = "GB"
  }

  example {
    usage    = { backup_storage_gb = 1000 }
    expected = { "Backup storage" = "21" }
    resource "aws_docdb_cluster_snapshot" "main" {
      db_cluster_identifier          = "main"
      db_cluster_snapshot_identifier = "main"
    }
  }
}

cost "aws_docdb_cluster_instance" {
  usage {
    data_storage_gb        = "GB of the cluster"
    monthly_io_requests    = "I/O requests of the cluster"
    monthly_cpu_credit_hrs = "vCPU hours in which it bursts beyond its CPU credits"
  }
  locals {
    family = split(".", self.instance_class)[1]
  }
  component "Database instance" {
    name     = "Database instance (on-demand, ${self.instance_class})"
    price    = price("AmazonDocDB", "InstanceUsage:${replace(self.instance_class, "/xlarge$/", "xl")}")
    quantity = 730
    unit     = "hours"
  }
  component "Storage" {
    price    = price("AmazonDocDB", "StorageUsage")
    quantity = usage.data_storage_gb
    unit     = "GB"
  }
  component "I/O requests" {
    price    = price("AmazonDocDB", "StorageIOUsage")
    quantity = usage.monthly_io_requests
    unit     = "1M requests"
    scale    = 1000000
  }
  component "CPU credits" {
    when     = contains(["t3", "t4g"], local.family)
    price    = price("AmazonDocDB", "CPUCredits:db.${local.family}")
    quantity = usage.monthly_cpu_credit_hrs
    unit     = "vCPU-hours"
  }

  example {
    # 730 h × 2.216; 1,000 GB × 0.10; 100 million × 0.20 a million.
    usage = { data_storage_gb = 1000, monthly_io_requests = 100000000 }
    expected = {
      "Database instance (on-demand, db.r5.4xlarge)" = "1617.68"
      "Storage"                                      = "100"
      "I/O requests"                                 = "20"
    }
    resource "aws_docdb_cluster_instance" "main" {
      cluster_identifier = "main"
      instance_class     = "db.r5.4xlarge"
    }
  }
}

cost "aws_neptune_cluster" {
  usage {
    storage_gb          = "GB stored"
    monthly_io_requests = "I/O requests"
    backup_storage_gb   = "GB of backups beyond the size of the cluster"
  }
  locals {
    io = self.storage_type == "iopt1"
  }
  component "Storage" {
    price    = price("AmazonNeptune", local.io ? "IO-OptimizedStorageUsage" : "StorageUsage")
    quantity = usage.storage_gb
    unit     = "GB"
  }
  component "I/O requests" {
    when     = !local.io
    price    = price("AmazonNeptune", "StorageIOUsage")
    quantity = usage.monthly_io_requests
    unit     = "1M request"
    scale    = 1000000
  }
  component "Backup storage" {
    when     = self.backup_retention_period > 1
    price    = price("AmazonNeptune", "BackupUsage")
    quantity = usage.backup_storage_gb
    unit     = "GB"
  }

  example {
    # 100 GB × 0.10; ten million × 0.20 a million; 1,000 GB × 0.021.
    usage = { storage_gb = 100, monthly_io_requests = 10000000, backup_storage_gb = 1000 }
    expected = {
      "Storage"        = "10"
      "I/O requests"   = "2"
      "Backup storage" = "21"
    }
    resource "aws_neptune_cluster" "main" {
      cluster_identifier      = "main"
      backup_retention_period = 5
    }
  }
}

cost "aws_neptune_cluster_snapshot" {
  usage {
    backup_storage_gb = "GB of the snapshot beyond the size of the cluster"
  }
  component "Backup storage" {
    price    = price("AmazonNeptune", "BackupUsage")
    quantity = usage.backup_storage_gb
    unit     = "GB"
  }

  example {
    usage    = { backup_storage_gb = 1000 }
    expected = { "Backup storage" = "21" }
    resource "aws_neptune_cluster_snapshot" "main" {
      db_cluster_identifier          = "main"
      db_cluster_snapshot_identifier = "main"
    }
  }
}

cost "aws_neptune_cluster_instance" {
  usage {
    monthly_cpu_credit_hrs = "vCPU hours in which it bursts beyond its CPU credits"
    capacity_units_per_hr  = "Neptune capacity units, on average (serverless)"
  }
  locals {
    cluster    = linked(self, "aws_neptune_cluster")
    io         = local.cluster.storage_type == "iopt1"
    class      = self.instance_class == null ? "db.r5.large" : self.instance_class
    family     = split(".", local.class)[1]
    serverless = local.class == "db.serverless"
    scaling    = local.cluster.serverless_v2_scaling_configuration
  }
  component "Neptune serverless" {
    when     = local.serverless
    price    = price("AmazonNeptune", local.io ? "ServerlessIOOptimizedUsage" : "ServerlessUsage")
    quantity = usage_or(usage.capacity_units_per_hr, length(local.scaling) == 0 ? usage.capacity_units_per_hr : between(local.scaling.min_capacity, local.scaling.max_capacity)) * 730
    unit     = "NCU-hours"
  }
  component "Database instance" {
    when     = !local.serverless
    name     = "Database instance (on-demand, ${local.class})"
    price    = price("AmazonNeptune", "${local.io ? "InstanceUsageIOOptimized" : "InstanceUsage"}:${replace(local.class, "/xlarge$/", "xl")}")
    quantity = 730
    unit     = "hours"
  }
  component "CPU credits" {
    when     = contains(["t3", "t4g"], local.family)
    price    = price("AmazonNeptune", "CPUCredits:db.${local.family}")
    quantity = usage.monthly_cpu_credit_hrs
    unit     = "vCPU-hours"
  }

  example {
    # Between 1 and 8 units × 730 h × 0.1608.
    expected = { "Neptune serverless" = "117.384..939.072" }
    resource "aws_neptune_cluster" "main" {
      cluster_identifier = "main"
      serverless_v2_scaling_configuration {
        min_capacity = 1
        max_capacity = 8
      }
    }
    resource "aws_neptune_cluster_instance" "main" {
      cluster_identifier = aws_neptune_cluster.main.id
      instance_class     = "db.serverless"
    }
  }
}

cost "aws_dms_replication_instance" {
  locals {
    multi  = self.multi_az == true
    # 100 GB come with C and R instances, 50 GB with T instances.
    family = split(".", self.replication_instance_class)[1]
    free   = startswith(local.family, "t") ? 50 : 100
  }
  component "Instance" {
    name     = "Instance (${trimprefix(self.replication_instance_class, "dms.")})"
    price    = price("AWSDatabaseMigrationSvc", "${local.multi ? "Multi-AZUsg" : "InstanceUsg"}:${self.replication_instance_class}")
    quantity = 730
    unit     = "hours"
  }
  component "Storage (general purpose SSD, gp2)" {
    when     = self.allocated_storage > local.free
    price    = price("AWSDatabaseMigrationSvc", local.multi ? "MultiAZ-StorageUsage" : "StorageUsage")
    quantity = self.allocated_storage - local.free
    unit     = "GB"
  }

  example {
    # 730 h × 0.036; 150 GB beyond the 50 × 0.23.
    expected = {
      "Instance (t2.micro)"                = "26.28"
      "Storage (general purpose SSD, gp2)" = "34.5"
    }
    resource "aws_dms_replication_instance" "main" {
      replication_instance_id    = "main"
      replication_instance_class = "dms.t2.micro"
      allocated_storage          = 200
      multi_az                   = true
    }
  }
}
