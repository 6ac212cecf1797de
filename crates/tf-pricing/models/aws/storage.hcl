# File systems and backups. AWS EFS, FSx and Backup pricing pages.

cost "aws_efs_file_system" {
  usage {
    storage_gb                         = "GB in the standard class"
    infrequent_access_storage_gb       = "GB in the infrequent access class"
    monthly_infrequent_access_read_gb  = "GB read from the infrequent access class"
    monthly_infrequent_access_write_gb = "GB written to the infrequent access class"
  }
  locals {
    one_zone = self.availability_zone_name != null
    ia       = length(self.lifecycle_policy[*].transition_to_ia) > 0 && self.lifecycle_policy.transition_to_ia != null
  }
  component "Storage" {
    name     = local.one_zone ? "Storage (one zone)" : "Storage (standard)"
    price    = price("AmazonEFS", local.one_zone ? "TimedStorage-Z-ByteHrs" : "TimedStorage-ByteHrs")
    quantity = usage.storage_gb
    unit     = "GB"
  }
  component "Provisioned throughput" {
    when     = self.throughput_mode == "provisioned"
    price    = price("AmazonEFS", "ProvisionedTP-MiBpsHrs")
    # Each 20 GB of standard storage bring one MiB a second along.
    quantity = max(0, self.provisioned_throughput_in_mibps - usage_or(usage.storage_gb, 0) / 20)
    unit     = "MBps"
  }
  component "Storage (infrequent access)" {
    when     = local.ia
    name     = local.one_zone ? "Storage (one zone, infrequent access)" : "Storage (standard, infrequent access)"
    price    = price("AmazonEFS", local.one_zone ? "IATimedStorage-Z-ByteHrs" : "IATimedStorage-ByteHrs")
    quantity = usage.infrequent_access_storage_gb
    unit     = "GB"
  }
  component "Read requests (infrequent access)" {
    when     = local.ia
    price    = price("AmazonEFS", "IADataAccess-Bytes", { accessType = "Read" })
    quantity = usage.monthly_infrequent_access_read_gb
    unit     = "GB"
  }
  component "Write requests (infrequent access)" {
    when     = local.ia
    price    = price("AmazonEFS", "IADataAccess-Bytes", { accessType = "Write" })
    quantity = usage.monthly_infrequent_access_write_gb
    unit     = "GB"
  }

  example {
    # 230 GB × 0.30; 100 × 0.025; 50 and 100 × 0.01.
    usage = { storage_gb = 230, infrequent_access_storage_gb = 100, monthly_infrequent_access_read_gb = 50, monthly_infrequent_access_write_gb = 100 }
    expected = {
      "Storage (standard)"                    = "69"
      "Storage (standard, infrequent access)" = "2.5"
      "Read requests (infrequent access)"     = "0.5"
      "Write requests (infrequent access)"    = "1"
    }
    resource "aws_efs_file_system" "main" {
      lifecycle_policy {
        transition_to_ia = "AFTER_30_DAYS"
      }
    }
  }
  example {
    # 100 GB bring 5 MiB/s along; 95 × 6.
    usage = { storage_gb = 100 }
    expected = {
      "Storage (one zone)"     = "16"
      "Provisioned throughput" = "570"
    }
    resource "aws_efs_file_system" "main" {
      availability_zone_name          = "us-east-1a"
      throughput_mode                 = "provisioned"
      provisioned_throughput_in_mibps = 100
    }
  }
}

cost "aws_backup_vault" {
  usage {
    monthly_efs_warm_restore_gb       = "GB of EFS restored from warm storage"
    monthly_efs_cold_restore_gb       = "GB of EFS restored from cold storage"
    monthly_efs_item_restore_requests = "Restores of single items of EFS"
    monthly_efs_warm_backup_gb        = "GB of warm backups of EFS"
    monthly_efs_cold_backup_gb        = "GB of cold backups of EFS"
    monthly_ebs_snapshot_gb           = "GB of snapshots of EBS"
    monthly_rds_snapshot_gb           = "GB of snapshots of RDS"
    monthly_aurora_snapshot_gb        = "GB of snapshots of Aurora"
    monthly_dynamodb_backup_gb        = "GB of backups of DynamoDB"
    monthly_dynamodb_restore_gb       = "GB of DynamoDB restored"
    monthly_fsx_windows_backup_gb     = "GB of backups of FSx for Windows"
    monthly_fsx_lustre_backup_gb      = "GB of backups of FSx for Lustre"
  }
  locals {
    # What a vault holds is a matter of its plans: only what the usage file names is listed, or, without any, one line that asks for it.
    asked = usage_or(usage.monthly_efs_warm_backup_gb, usage_or(usage.monthly_efs_cold_backup_gb, usage_or(usage.monthly_ebs_snapshot_gb, usage_or(usage.monthly_rds_snapshot_gb, usage_or(usage.monthly_aurora_snapshot_gb, usage_or(usage.monthly_dynamodb_backup_gb, usage_or(usage.monthly_fsx_windows_backup_gb, usage_or(usage.monthly_fsx_lustre_backup_gb, null))))))))
  }
  component "EFS backup (warm)" {
    when     = local.asked == null || usage_or(usage.monthly_efs_warm_backup_gb, null) != null
    price    = price("AWSBackup", "WarmStorage-ByteHrs-EFS")
    quantity = usage.monthly_efs_warm_backup_gb
    unit     = "GB"
  }
  component "EFS backup (cold)" {
    when     = usage_or(usage.monthly_efs_cold_backup_gb, null) != null
    price    = price("AWSBackup", "ColdStorage-ByteHrs-EFS")
    quantity = usage.monthly_efs_cold_backup_gb
    unit     = "GB"
  }
  component "EFS restore (warm)" {
    when     = usage_or(usage.monthly_efs_warm_restore_gb, null) != null
    price    = price("AWSBackup", "PartialRestore-Warm-EFS")
    quantity = usage.monthly_efs_warm_restore_gb
    unit     = "GB"
  }
  component "EFS restore (cold)" {
    when     = usage_or(usage.monthly_efs_cold_restore_gb, null) != null
    price    = price("AWSBackup", "PartialRestore-Cold-EFS")
    quantity = usage.monthly_efs_cold_restore_gb
    unit     = "GB"
  }
  component "EFS restore (item-level)" {
    when     = usage_or(usage.monthly_efs_item_restore_requests, null) != null
    price    = price("AWSBackup", "PartialRestore-Jobs-EFS")
    quantity = usage.monthly_efs_item_restore_requests
    unit     = "requests"
  }
  component "EBS snapshot" {
    when     = usage_or(usage.monthly_ebs_snapshot_gb, null) != null
    price    = price("AmazonEC2", "EBS:SnapshotUsage")
    quantity = usage.monthly_ebs_snapshot_gb
    unit     = "GB"
  }
  component "RDS snapshot" {
    when     = usage_or(usage.monthly_rds_snapshot_gb, null) != null
    price    = price("AmazonRDS", "RDS:ChargedBackupUsage")
    quantity = usage.monthly_rds_snapshot_gb
    unit     = "GB"
  }
  component "Aurora snapshot" {
    when     = usage_or(usage.monthly_aurora_snapshot_gb, null) != null
    price    = price("AmazonRDS", "Aurora:BackupUsage", { databaseEngine = "Aurora MySQL" })
    quantity = usage.monthly_aurora_snapshot_gb
    unit     = "GB"
  }
  component "DynamoDB backup" {
    when     = usage_or(usage.monthly_dynamodb_backup_gb, null) != null
    price    = price("AmazonDynamoDB", "TimedBackupStorage-ByteHrs")
    quantity = usage.monthly_dynamodb_backup_gb
    unit     = "GB"
  }
  component "DynamoDB restore" {
    when     = usage_or(usage.monthly_dynamodb_restore_gb, null) != null
    price    = price("AmazonDynamoDB", "RestoreDataSize-Bytes")
    quantity = usage.monthly_dynamodb_restore_gb
    unit     = "GB"
  }
  component "FSx for Windows backup" {
    when     = usage_or(usage.monthly_fsx_windows_backup_gb, null) != null
    price    = price("AmazonFSx", "BackupUsage", { fileSystemType = "Windows" })
    quantity = usage.monthly_fsx_windows_backup_gb
    unit     = "GB"
  }
  component "FSx for Lustre backup" {
    when     = usage_or(usage.monthly_fsx_lustre_backup_gb, null) != null
    price    = price("AmazonFSx", "BackupUsage", { fileSystemType = "Lustre" })
    quantity = usage.monthly_fsx_lustre_backup_gb
    unit     = "GB"
  }

  example {
    # 1,000 GB × 0.05 of EFS and of EBS.
    usage = { monthly_efs_warm_backup_gb = 1000, monthly_ebs_snapshot_gb = 1000 }
    expected = {
      "EFS backup (warm)" = "50"
      "EBS snapshot"      = "50"
    }
    resource "aws_backup_vault" "main" {
      name = "main"
    }
  }
  example {
    expected = { "EFS backup (warm)" = "usage" }
    resource "aws_backup_vault" "main" {
      name = "main"
    }
  }
}

cost "aws_ecr_repository" {
  usage {
    storage_gb = "GB stored"
  }
  component "Storage" {
    price    = price("AmazonECR", "TimedStorage-ByteHrs")
    quantity = usage.storage_gb
    unit     = "GB"
  }

  example {
    # 10 GB × 0.10.
    usage    = { storage_gb = 10 }
    expected = { "Storage" = "1" }
    resource "aws_ecr_repository" "app" {
      name = "app"
    }
  }
}
