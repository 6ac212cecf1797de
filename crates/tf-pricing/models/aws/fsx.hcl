# File systems of FSx. AWS FSx pricing pages. Three IOPS a GB of SSD storage are included.

cost "aws_fsx_windows_file_system" {
  usage {
    backup_storage_gb = "GB of backups"
  }
  locals {
    multi = self.deployment_type == "MULTI_AZ_1"
    hdd   = self.storage_type == "HDD"
    zones = local.multi ? "-MAZ" : ""
    iops  = self.disk_iops_configuration.iops == null ? 0 : max(0, self.disk_iops_configuration.iops - 3 * self.storage_capacity)
  }
  component "Throughput capacity" {
    price    = price("AmazonFSx", "ThroughputCapacity${local.zones}", { fileSystemType = "Windows" })
    quantity = self.throughput_capacity
    unit     = "MBps"
  }
  component "Storage" {
    name     = local.hdd ? "HDD storage" : "SSD storage"
    price    = price("AmazonFSx", "StorageUsage${local.zones}-${local.hdd ? "HDD" : "SSD"}", { fileSystemType = "Windows" })
    quantity = self.storage_capacity == null ? undecided("the size of the file system is that of a backup") : self.storage_capacity
    unit     = "GB"
  }
  component "Provisioned IOPS" {
    when     = local.iops > 0
    price    = price("AmazonFSx", "ProvisionedSSDIOPS${local.zones}", { fileSystemType = "Windows" })
    quantity = local.iops
    unit     = "IOPS"
  }
  component "Backup storage" {
    price    = price("AmazonFSx", "BackupUsage", { fileSystemType = "Windows" })
    quantity = usage.backup_storage_gb
    unit     = "GB"
  }

  example {
    # 1,024 MBps × 4.50; 300 GB × 0.23; 1,000 GB × 0.05.
    usage = { backup_storage_gb = 1000 }
    expected = {
      "Throughput capacity" = "4608"
      "SSD storage"         = "69"
      "Backup storage"      = "50"
    }
    resource "aws_fsx_windows_file_system" "main" {
      deployment_type     = "MULTI_AZ_1"
      preferred_subnet_id = "subnet-1"
      subnet_ids          = ["subnet-1", "subnet-2"]
      storage_capacity    = 300
      throughput_capacity = 1024
      active_directory_id = "d-1"
    }
  }
  example {
    # Frankfurt: 32 MBps × 2.42; 1,000 GB × 0.155; 1,000 IOPS beyond 3,000 × 0.0144.
    region = "eu-central-1"
    expected = {
      "Throughput capacity" = "77.44"
      "SSD storage"         = "155"
      "Provisioned IOPS"    = "14.4"
      "Backup storage"      = "usage"
    }
    resource "aws_fsx_windows_file_system" "main" {
      subnet_ids          = ["subnet-1"]
      storage_capacity    = 1000
      throughput_capacity = 32
      active_directory_id = "d-1"
      disk_iops_configuration {
        mode = "USER_PROVISIONED"
        iops = 4000
      }
    }
  }
}

cost "aws_fsx_openzfs_file_system" {
  usage {
    backup_storage_gb = "GB of backups"
  }
  locals {
    multi = self.deployment_type == "MULTI_AZ_1"
    zones = local.multi ? "-MAZ" : ""
    # Of the pairs of servers in one zone, and of storage that grows by itself, only AWS's page knows the prices.
    known = contains(["SINGLE_AZ_1", "SINGLE_AZ_2", "MULTI_AZ_1"], self.deployment_type) && (self.storage_type == null || self.storage_type == "SSD")
    why   = "the catalogue has no prices of this kind of OpenZFS file system"
    iops  = self.disk_iops_configuration.iops == null ? 0 : max(0, self.disk_iops_configuration.iops - 3 * self.storage_capacity)
  }
  component "Throughput capacity" {
    price    = local.known ? price("AmazonFSx", "ZFS-ThroughputCapacity${local.zones}") : unpriced(local.why)
    quantity = self.throughput_capacity
    unit     = "MBps"
  }
  component "SSD storage" {
    price    = local.known ? price("AmazonFSx", "ZFS-StorageUsage${local.zones}-SSD") : unpriced(local.why)
    quantity = self.storage_capacity == null ? undecided("the size of the file system is that of a backup") : self.storage_capacity
    unit     = "GB"
  }
  component "Provisioned IOPS" {
    when     = local.iops > 0
    price    = local.known ? price("AmazonFSx", "ZFS-ProvisionedIOPS${local.zones}") : unpriced(local.why)
    quantity = local.iops
    unit     = "IOPS"
  }
  component "Backup storage" {
    price    = price("AmazonFSx", "BackupUsage", { fileSystemType = "OpenZFS" })
    quantity = usage.backup_storage_gb
    unit     = "GB"
  }

  example {
    # 64 MBps × 0.26; 1,000 GB × 0.09; 1,000 IOPS beyond 3,000 × 0.006.
    expected = {
      "Throughput capacity" = "16.64"
      "SSD storage"         = "90"
      "Provisioned IOPS"    = "6"
      "Backup storage"      = "usage"
    }
    resource "aws_fsx_openzfs_file_system" "main" {
      deployment_type     = "SINGLE_AZ_1"
      subnet_ids          = ["subnet-1"]
      storage_capacity    = 1000
      throughput_capacity = 64
      disk_iops_configuration {
        mode = "USER_PROVISIONED"
        iops = 4000
      }
    }
  }
  example {
    # 160 MBps × 0.87; 1,000 GB × 0.18; 100 GB × 0.05.
    usage = { backup_storage_gb = 100 }
    expected = {
      "Throughput capacity" = "139.2"
      "SSD storage"         = "180"
      "Backup storage"      = "5"
    }
    resource "aws_fsx_openzfs_file_system" "main" {
      deployment_type     = "MULTI_AZ_1"
      subnet_ids          = ["subnet-1", "subnet-2"]
      preferred_subnet_id = "subnet-1"
      storage_capacity    = 1000
      throughput_capacity = 160
    }
  }
  example {
    expected = {
      "Throughput capacity" = "unpriced"
      "SSD storage"         = "unpriced"
      "Backup storage"      = "usage"
    }
    resource "aws_fsx_openzfs_file_system" "main" {
      deployment_type     = "SINGLE_AZ_HA_1"
      subnet_ids          = ["subnet-1"]
      storage_capacity    = 64
      throughput_capacity = 64
    }
  }
}

cost "aws_fsx_ontap_file_system" {
  usage {
    capacity_pool_storage_gb = "GB in the capacity pool"
    backup_storage_gb        = "GB of backups"
  }
  locals {
    multi = startswith(self.deployment_type, "MULTI_AZ")
    zones = local.multi ? "-MAZ" : ""
    iops  = self.disk_iops_configuration.iops == null ? 0 : max(0, self.disk_iops_configuration.iops - 3 * self.storage_capacity)
    pairs = self.ha_pairs == null ? 1 : self.ha_pairs
  }
  component "Throughput capacity" {
    price    = endswith(self.deployment_type, "_1") ? price("AmazonFSx", "ONTAP-ThroughputCapacity${local.zones}") : unpriced("the catalogue has no prices of throughput of the second generation")
    quantity = self.throughput_capacity_per_ha_pair == null ? self.throughput_capacity : self.throughput_capacity_per_ha_pair * local.pairs
    unit     = "MBps"
  }
  component "SSD storage" {
    price    = price("AmazonFSx", "ONTAP-StorageUsage${local.zones}-SSD")
    quantity = self.storage_capacity
    unit     = "GB"
  }
  component "Provisioned IOPS" {
    when     = local.iops > 0
    price    = price("AmazonFSx", "ONTAP-ProvisionedIOPS${local.zones}")
    quantity = local.iops
    unit     = "IOPS"
  }
  component "Capacity pool storage" {
    price    = price("AmazonFSx", "ONTAP-CapacityPool${local.zones}")
    quantity = usage.capacity_pool_storage_gb
    unit     = "GB"
  }
  component "Backup storage" {
    price    = price("AmazonFSx", "BackupUsage", { fileSystemType = "ONTAP" })
    quantity = usage.backup_storage_gb
    unit     = "GB"
  }

  example {
    # 512 MBps × 1.20; 1,024 GB × 0.25; 928 IOPS beyond 3,072 × 0.034; 1,000 GB × 0.0438; 100 GB × 0.05.
    usage = { capacity_pool_storage_gb = 1000, backup_storage_gb = 100 }
    expected = {
      "Throughput capacity"   = "614.4"
      "SSD storage"           = "256"
      "Provisioned IOPS"      = "31.552"
      "Capacity pool storage" = "43.8"
      "Backup storage"        = "5"
    }
    resource "aws_fsx_ontap_file_system" "main" {
      deployment_type     = "MULTI_AZ_1"
      subnet_ids          = ["subnet-1", "subnet-2"]
      preferred_subnet_id = "subnet-1"
      storage_capacity    = 1024
      throughput_capacity = 512
      disk_iops_configuration {
        mode = "USER_PROVISIONED"
        iops = 4000
      }
    }
  }
  example {
    # Ireland: 128 MBps × 0.813; 1,024 GB × 0.138.
    region = "eu-west-1"
    expected = {
      "Throughput capacity"   = "104.064"
      "SSD storage"           = "141.312"
      "Capacity pool storage" = "usage"
      "Backup storage"        = "usage"
    }
    resource "aws_fsx_ontap_file_system" "main" {
      deployment_type     = "SINGLE_AZ_1"
      subnet_ids          = ["subnet-1"]
      preferred_subnet_id = "subnet-1"
      storage_capacity    = 1024
      throughput_capacity = 128
    }
  }
}

cost "aws_fsx_lustre_file_system" {
  usage {
    backup_storage_gb = "GB of backups"
  }
  locals {
    deployment = self.deployment_type == null ? "SCRATCH_1" : self.deployment_type
    storage    = self.storage_type == null ? "SSD" : self.storage_type
    persistent = startswith(local.deployment, "PERSISTENT")
    label = local.persistent ? "Persistent ${local.storage} storage (${self.per_unit_storage_throughput} MB/s a TiB)" : "Scratch SSD storage"
    usage_type = local.persistent ? join("", [
      "Lustre-StorageUsage-P",
      split("_", local.deployment)[1],
      "-${local.storage}-${self.per_unit_storage_throughput}",
      local.storage == "HDD" && self.drive_cache_type == "READ" ? "-cache" : "",
    ]) : "Lustre-StorageUsage-Scratch"
  }
  component "Storage" {
    name     = local.label
    price    = local.storage == "INTELLIGENT_TIERING" ? unpriced("the catalogue has no prices of Lustre's intelligent tiering") : price("AmazonFSx", local.usage_type)
    quantity = self.storage_capacity == null ? undecided("the size of the file system is that of a backup") : self.storage_capacity
    unit     = "GB"
  }
  component "Metadata IOPS" {
    when     = self.metadata_configuration.mode == "USER_PROVISIONED"
    price    = unpriced("how many metadata IOPS are included depends on the size of the file system")
    quantity = self.metadata_configuration.iops
    unit     = "IOPS"
  }
  component "Backup storage" {
    when     = local.persistent
    price    = price("AmazonFSx", "BackupUsage", { fileSystemType = "Lustre" })
    quantity = usage.backup_storage_gb
    unit     = "GB"
  }

  example {
    # 2,400 GB × 0.21.
    expected = {
      "Persistent SSD storage (250 MB/s a TiB)" = "504"
      "Backup storage"                          = "usage"
    }
    resource "aws_fsx_lustre_file_system" "main" {
      deployment_type             = "PERSISTENT_2"
      per_unit_storage_throughput = 250
      storage_capacity            = 2400
      subnet_ids                  = ["subnet-1"]
    }
  }
  example {
    # Frankfurt: 6,000 GB × 0.049, with a read cache; 100 GB × 0.054.
    region = "eu-central-1"
    usage  = { backup_storage_gb = 100 }
    expected = {
      "Persistent HDD storage (12 MB/s a TiB)" = "294"
      "Backup storage"                         = "5.4"
    }
    resource "aws_fsx_lustre_file_system" "main" {
      deployment_type             = "PERSISTENT_1"
      per_unit_storage_throughput = 12
      storage_type                = "HDD"
      drive_cache_type            = "READ"
      storage_capacity            = 6000
      subnet_ids                  = ["subnet-1"]
    }
  }
  example {
    # 1,200 GB × 0.14.
    expected = { "Scratch SSD storage" = "168" }
    resource "aws_fsx_lustre_file_system" "main" {
      deployment_type  = "SCRATCH_2"
      storage_capacity = 1200
      subnet_ids       = ["subnet-1"]
    }
  }
}
