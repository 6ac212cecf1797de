# What plans may not delete or replace: resources that hold what cannot be made again. The types of the policies here whose ids end in
# -kept are what `tf_policy::holds_data` knows.

policy "aws-rds-data-kept" {
  title    = "Databases without a final snapshot are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_rds_cluster",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "With skip_final_snapshot the data is gone with the database: a replacement begins empty, and only automated backups that outlive it can bring the data back."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, set skip_final_snapshot = false and a final_snapshot_identifier, apply that first, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  # The plan counts: what is there before, and so its skip_final_snapshot, is what the provider goes by. A read replica is a copy.
  when      = self.skip_final_snapshot == true && trimspace(self.replicate_source_db) == "" && trimspace(self.replication_source_identifier) == ""
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}, and no final snapshot is taken${self.deletion_protection == true ? "; AWS refuses while its deletion protection is on, and the apply stops there" : ""}"

  pass {
    before {
      resource "aws_db_instance" "kept" {
        identifier          = "orders"
        engine              = "mysql"
        instance_class      = "db.t4g.small"
        skip_final_snapshot = true
      }
    }
    after {
      resource "aws_db_instance" "kept" {
        identifier          = "orders"
        engine              = "mysql"
        instance_class      = "db.t4g.small"
        skip_final_snapshot = true
        tags                = { team = "orders" }
      }
    }
  }
  pass {
    before {
      resource "aws_db_instance" "old" {
        identifier          = "orders"
        engine              = "mysql"
        skip_final_snapshot = true
      }
    }
    after {
      resource "aws_db_instance" "orders" {
        identifier          = "orders"
        engine              = "mysql"
        skip_final_snapshot = true
      }
      moved {
        from = aws_db_instance.old
        to   = aws_db_instance.orders
      }
    }
  }
  pass {
    before {
      resource "aws_db_instance" "orders" {
        identifier          = "orders"
        engine              = "mysql"
        skip_final_snapshot = true
      }
    }
    after {
      removed {
        from = aws_db_instance.orders
        lifecycle {
          destroy = false
        }
      }
    }
  }
  pass {
    after {
      resource "aws_db_instance" "orders" {
        identifier          = "orders"
        engine              = "mysql"
        skip_final_snapshot = true
      }
      import {
        to = aws_db_instance.orders
        id = "orders"
      }
    }
  }
  fail {
    before {
      resource "aws_db_instance" "kept" {
        identifier          = "orders"
        engine              = "mysql"
        instance_class      = "db.t4g.small"
        skip_final_snapshot = true
      }
    }
  }
  fail {
    forces_replacement = ["engine"]
    before {
      resource "aws_db_instance" "kept" {
        identifier          = "orders"
        engine              = "mysql"
        instance_class      = "db.t4g.small"
        skip_final_snapshot = true
      }
    }
    after {
      resource "aws_db_instance" "kept" {
        identifier          = "orders"
        engine              = "postgres"
        instance_class      = "db.t4g.small"
        skip_final_snapshot = true
      }
    }
  }
  fail {
    deposed {
      resource "aws_db_instance" "orders" {
        identifier          = "orders-1"
        engine              = "mysql"
        skip_final_snapshot = true
      }
    }
    after {
      resource "aws_db_instance" "orders" {
        identifier          = "orders-2"
        engine              = "postgres"
        skip_final_snapshot = true
      }
    }
  }
  fail {
    before {
      resource "aws_rds_cluster" "orders" {
        cluster_identifier  = "orders"
        engine              = "aurora-postgresql"
        deletion_protection = true
        skip_final_snapshot = true
      }
    }
    after {
      resource "aws_rds_cluster" "other" {
        cluster_identifier  = "other"
        engine              = "aurora-postgresql"
        deletion_protection = true
        skip_final_snapshot = true
      }
    }
  }
}

policy "aws-rds-database-kept" {
  title    = "Databases are not deleted or replaced"
  severity = "high"
  resource = [
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_rds_cluster",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "The final snapshot keeps the data, but nothing serves it: whoever uses the database finds none, or an empty one, until somebody restores."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, restore the final snapshot into the new one with snapshot_identifier, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  when      = self.skip_final_snapshot != true && trimspace(self.replicate_source_db) == "" && trimspace(self.replication_source_identifier) == ""
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}; ${trimspace(self.final_snapshot_identifier) == "" ? "it fails, as there is no final_snapshot_identifier for the snapshot that skip_final_snapshot = false asks for" : "its data stays in the final snapshot alone"}${self.deletion_protection == true ? "; AWS refuses while its deletion protection is on, and the apply stops there" : ""}"

  pass {
    before {
      resource "aws_db_instance" "kept" {
        identifier                = "orders"
        engine                    = "mysql"
        instance_class            = "db.t4g.small"
        final_snapshot_identifier = "orders-last"
      }
    }
    after {
      resource "aws_db_instance" "kept" {
        identifier                = "orders"
        engine                    = "mysql"
        instance_class            = "db.t4g.small"
        final_snapshot_identifier = "orders-last"
        tags                      = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_db_instance" "kept" {
        identifier                = "orders"
        engine                    = "mysql"
        instance_class            = "db.t4g.small"
        final_snapshot_identifier = "orders-last"
      }
    }
  }
  fail {
    forces_replacement = ["engine"]
    before {
      resource "aws_db_instance" "kept" {
        identifier                = "orders"
        engine                    = "mysql"
        instance_class            = "db.t4g.small"
        final_snapshot_identifier = "orders-last"
      }
    }
    after {
      resource "aws_db_instance" "kept" {
        identifier                = "orders"
        engine                    = "postgres"
        instance_class            = "db.t4g.small"
        final_snapshot_identifier = "orders-last"
      }
    }
  }
}

policy "aws-rds-global-cluster-kept" {
  title    = "Global databases are not deleted or replaced"
  severity = "medium"
  resource = ["aws_rds_global_cluster"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "Its clusters stay, but replication between the regions ends, and every secondary has to be filled anew."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, remove the secondary regions first and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${self.deletion_protection == true ? "; AWS refuses while its deletion protection is on, and the apply stops there" : ""}"

  pass {
    before {
      resource "aws_rds_global_cluster" "kept" {
        global_cluster_identifier = "orders"
        engine                    = "aurora-postgresql"
      }
    }
    after {
      resource "aws_rds_global_cluster" "kept" {
        global_cluster_identifier = "orders"
        engine                    = "aurora-postgresql"
        tags                      = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_rds_global_cluster" "kept" {
        global_cluster_identifier = "orders"
        engine                    = "aurora-postgresql"
      }
    }
  }
  fail {
    forces_replacement = ["global_cluster_identifier"]
    before {
      resource "aws_rds_global_cluster" "kept" {
        global_cluster_identifier = "orders"
        engine                    = "aurora-postgresql"
      }
    }
    after {
      resource "aws_rds_global_cluster" "kept" {
        global_cluster_identifier = "orders-2"
        engine                    = "aurora-postgresql"
      }
    }
  }
}

policy "aws-backup-snapshots-kept" {
  title    = "Snapshots are not deleted or replaced"
  severity = "high"
  resource = [
    "aws_db_cluster_snapshot",
    "aws_db_snapshot",
    "aws_db_snapshot_copy",
    "aws_docdb_cluster_snapshot",
    "aws_ebs_snapshot",
    "aws_ebs_snapshot_copy",
    "aws_ebs_snapshot_import",
    "aws_fsx_backup",
    "aws_fsx_openzfs_snapshot",
    "aws_memorydb_snapshot",
    "aws_neptune_cluster_snapshot",
    "aws_rds_cluster_snapshot_copy",
    "aws_redshift_cluster_snapshot",
    "aws_redshiftserverless_snapshot",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "A snapshot may be the last copy of what it was taken of. A replacement is taken of what is there today."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, copy the snapshot and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_ebs_snapshot" "kept" {
        volume_id = "vol-0a1b2c3d4e5f60718"
      }
    }
    after {
      resource "aws_ebs_snapshot" "kept" {
        volume_id = "vol-0a1b2c3d4e5f60718"
        tags      = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_ebs_snapshot" "kept" {
        volume_id = "vol-0a1b2c3d4e5f60718"
      }
    }
  }
  fail {
    forces_replacement = ["volume_id"]
    before {
      resource "aws_ebs_snapshot" "kept" {
        volume_id = "vol-0a1b2c3d4e5f60718"
      }
    }
    after {
      resource "aws_ebs_snapshot" "kept" {
        volume_id = "vol-1111111111111111f"
      }
    }
  }
}

policy "aws-backup-vault-kept" {
  title    = "Backup vaults are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_backup_logically_air_gapped_vault",
    "aws_backup_vault",
    "aws_glacier_vault",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "The vault is what is left when everything else is lost."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, copy its recovery points into another vault and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  # What is known to be empty may go.
  when      = self.recovery_points != 0
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}; ${self.force_destroy == true ? "force_destroy deletes its recovery points with it" : "AWS refuses while there is anything in it, and the apply stops there"}"

  pass {
    before {
      resource "aws_backup_vault" "kept" {
        name          = "daily"
        force_destroy = true
      }
    }
    after {
      resource "aws_backup_vault" "kept" {
        name          = "daily"
        force_destroy = true
        tags          = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_backup_vault" "kept" {
        name          = "daily"
        force_destroy = true
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_backup_vault" "kept" {
        name          = "daily"
        force_destroy = true
      }
    }
    after {
      resource "aws_backup_vault" "kept" {
        name          = "nightly"
        force_destroy = true
      }
    }
  }
}

policy "aws-s3-objects-kept" {
  title    = "Buckets with force_destroy are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_lightsail_bucket",
    "aws_s3_bucket",
    "aws_s3_directory_bucket",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "force_destroy deletes all objects with all their versions before the bucket."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, copy the objects and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  when      = self.force_destroy == true || self.force_delete == true
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}, and force_destroy deletes all its objects"

  pass {
    before {
      resource "aws_s3_bucket" "kept" {
        bucket        = "orders"
        force_destroy = true
      }
    }
    after {
      resource "aws_s3_bucket" "kept" {
        bucket        = "orders"
        force_destroy = true
        tags          = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_s3_bucket" "kept" {
        bucket        = "orders"
        force_destroy = true
      }
    }
  }
  fail {
    forces_replacement = ["bucket"]
    before {
      resource "aws_s3_bucket" "kept" {
        bucket        = "orders"
        force_destroy = true
      }
    }
    after {
      resource "aws_s3_bucket" "kept" {
        bucket        = "orders-2"
        force_destroy = true
      }
    }
  }
  fail {
    before {
      resource "aws_s3_bucket" "data" {
        count         = 2
        bucket        = "data-${count.index}"
        force_destroy = true
      }
    }
    after {
      resource "aws_s3_bucket" "data" {
        count         = 1
        bucket        = "data-${count.index}"
        force_destroy = true
      }
    }
  }
}

policy "aws-s3-bucket-kept" {
  title    = "Buckets are not deleted or replaced"
  severity = "medium"
  resource = [
    "aws_lightsail_bucket",
    "aws_s3_bucket",
    "aws_s3_directory_bucket",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "S3 deletes no bucket with objects in it, so that the apply fails half-way; an empty one goes, and with it its name, which anybody may take."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, empty the bucket and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  when      = self.force_destroy != true && self.force_delete != true
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}; S3 refuses while there are objects in it, and the apply stops there"

  pass {
    before {
      resource "aws_s3_bucket" "kept" {
        bucket = "orders"
      }
    }
    after {
      resource "aws_s3_bucket" "kept" {
        bucket = "orders"
        tags   = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_s3_bucket" "kept" {
        bucket = "orders"
      }
    }
  }
  fail {
    forces_replacement = ["bucket"]
    before {
      resource "aws_s3_bucket" "kept" {
        bucket = "orders"
      }
    }
    after {
      resource "aws_s3_bucket" "kept" {
        bucket = "orders-2"
      }
    }
  }
}

policy "aws-s3-tables-kept" {
  title    = "Table buckets of S3 and their tables are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_s3tables_table",
    "aws_s3tables_table_bucket",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "The rows of a table are deleted with it."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, export the tables and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_s3tables_table_bucket" "kept" {
        name = "orders"
      }
    }
    after {
      resource "aws_s3tables_table_bucket" "kept" {
        name = "orders"
        tags = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_s3tables_table_bucket" "kept" {
        name = "orders"
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_s3tables_table_bucket" "kept" {
        name = "orders"
      }
    }
    after {
      resource "aws_s3tables_table_bucket" "kept" {
        name = "orders-2"
      }
    }
  }
}

policy "aws-dynamodb-data-kept" {
  title    = "DynamoDB tables without point-in-time recovery are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_dynamodb_global_table",
    "aws_dynamodb_table",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "All items are deleted with the table. Without point-in-time recovery AWS keeps no backup of them."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, turn on point_in_time_recovery, or take a backup, first and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  when      = self.point_in_time_recovery.enabled != true
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}, and nothing keeps its items${self.deletion_protection_enabled == true ? "; AWS refuses while its deletion protection is on, and the apply stops there" : ""}"

  pass {
    before {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "id"
      }
    }
    after {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "id"
        tags         = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "id"
      }
    }
  }
  fail {
    forces_replacement = ["hash_key"]
    before {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "id"
      }
    }
    after {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "order"
      }
    }
  }
}

policy "aws-dynamodb-table-kept" {
  title    = "DynamoDB tables are not deleted or replaced"
  severity = "high"
  resource = ["aws_dynamodb_table"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "The system backup that AWS keeps for 35 days has the items, but whoever uses the table finds none, or an empty one, until somebody restores."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, restore the system backup within 35 days, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  when      = self.point_in_time_recovery.enabled == true
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}; AWS keeps its items in a system backup for 35 days${self.deletion_protection_enabled == true ? "; AWS refuses while its deletion protection is on, and the apply stops there" : ""}"

  pass {
    before {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "id"
        point_in_time_recovery {
          enabled = true
        }
      }
    }
    after {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "id"
        tags         = { team = "orders" }
        point_in_time_recovery {
          enabled = true
        }
      }
    }
  }
  fail {
    before {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "id"
        point_in_time_recovery {
          enabled = true
        }
      }
    }
  }
  fail {
    forces_replacement = ["hash_key"]
    before {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "id"
        point_in_time_recovery {
          enabled = true
        }
      }
    }
    after {
      resource "aws_dynamodb_table" "kept" {
        name         = "orders"
        billing_mode = "PAY_PER_REQUEST"
        hash_key     = "order"
        point_in_time_recovery {
          enabled = true
        }
      }
    }
  }
}

policy "aws-databases-kept" {
  title    = "Other databases are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_cloudsearch_domain",
    "aws_docdbelastic_cluster",
    "aws_dsql_cluster",
    "aws_finspace_kx_database",
    "aws_finspace_kx_volume",
    "aws_keyspaces_keyspace",
    "aws_keyspaces_table",
    "aws_lightsail_database",
    "aws_neptunegraph_graph",
    "aws_qldb_ledger",
    "aws_timestreaminfluxdb_db_instance",
    "aws_timestreamwrite_database",
    "aws_timestreamwrite_table",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "The data is deleted with it; a replacement begins empty."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, export the data and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${self.deletion_protection == true || self.deletion_protection_enabled == true ? "; AWS refuses while its deletion protection is on, and the apply stops there" : ""}"

  pass {
    before {
      resource "aws_keyspaces_keyspace" "kept" {
        name = "orders"
      }
    }
    after {
      resource "aws_keyspaces_keyspace" "kept" {
        name = "orders"
        tags = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_keyspaces_keyspace" "kept" {
        name = "orders"
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_keyspaces_keyspace" "kept" {
        name = "orders"
      }
    }
    after {
      resource "aws_keyspaces_keyspace" "kept" {
        name = "orders_2"
      }
    }
  }
}

policy "aws-ec2-volume-data-kept" {
  title    = "EBS volumes without a final snapshot are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_ebs_volume",
    "aws_lightsail_disk",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "The blocks are deleted with the volume; a replacement begins empty, or with what its snapshot has."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, set final_snapshot = true, apply that first, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  when      = self.final_snapshot != true
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}, and no final snapshot is taken"

  pass {
    before {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1a"
        size              = 20
      }
    }
    after {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1a"
        size              = 20
        tags              = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1a"
        size              = 20
      }
    }
  }
  fail {
    forces_replacement = ["availability_zone"]
    before {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1a"
        size              = 20
      }
    }
    after {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1b"
        size              = 20
      }
    }
  }
}

policy "aws-ec2-volume-kept" {
  title    = "EBS volumes are not deleted or replaced"
  severity = "medium"
  resource = ["aws_ebs_volume"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "The final snapshot keeps the data, but the instance that used the volume finds none, or an empty one."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, create the new volume from the final snapshot, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  when      = self.final_snapshot == true
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}; its data stays in the final snapshot alone"

  pass {
    before {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1a"
        size              = 20
        final_snapshot    = true
      }
    }
    after {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1a"
        size              = 20
        final_snapshot    = true
        tags              = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1a"
        size              = 20
        final_snapshot    = true
      }
    }
  }
  fail {
    forces_replacement = ["availability_zone"]
    before {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1a"
        size              = 20
        final_snapshot    = true
      }
    }
    after {
      resource "aws_ebs_volume" "kept" {
        availability_zone = "eu-central-1b"
        size              = 20
        final_snapshot    = true
      }
    }
  }
}

policy "aws-efs-file-system-kept" {
  title    = "EFS file systems are not deleted or replaced"
  severity = "critical"
  resource = ["aws_efs_file_system"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "All files are deleted with it; only a backup plan has them."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, take a backup and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_efs_file_system" "kept" {
        creation_token = "shared"
        encrypted      = true
      }
    }
    after {
      resource "aws_efs_file_system" "kept" {
        creation_token = "shared"
        encrypted      = true
        tags           = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_efs_file_system" "kept" {
        creation_token = "shared"
        encrypted      = true
      }
    }
  }
  fail {
    forces_replacement = ["encrypted"]
    before {
      resource "aws_efs_file_system" "kept" {
        creation_token = "shared"
        encrypted      = true
      }
    }
    after {
      resource "aws_efs_file_system" "kept" {
        creation_token = "shared"
        encrypted      = false
      }
    }
  }
}

policy "aws-fsx-file-system-kept" {
  title    = "FSx file systems and volumes are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_fsx_lustre_file_system",
    "aws_fsx_ontap_file_system",
    "aws_fsx_ontap_volume",
    "aws_fsx_openzfs_file_system",
    "aws_fsx_openzfs_volume",
    "aws_fsx_windows_file_system",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "All files are deleted with it. A final backup, where one is taken, keeps them, but serves them to nobody."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, take a backup and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${self.skip_final_backup == true ? ", and skip_final_backup says that no final backup is taken" : ""}"

  pass {
    before {
      resource "aws_fsx_windows_file_system" "kept" {
        subnet_ids          = ["subnet-0a1b2c3d"]
        throughput_capacity = 32
        storage_type        = "SSD"
        skip_final_backup   = true
      }
    }
    after {
      resource "aws_fsx_windows_file_system" "kept" {
        subnet_ids          = ["subnet-0a1b2c3d"]
        throughput_capacity = 32
        storage_type        = "SSD"
        skip_final_backup   = true
        tags                = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_fsx_windows_file_system" "kept" {
        subnet_ids          = ["subnet-0a1b2c3d"]
        throughput_capacity = 32
        storage_type        = "SSD"
        skip_final_backup   = true
      }
    }
  }
  fail {
    forces_replacement = ["storage_type"]
    before {
      resource "aws_fsx_windows_file_system" "kept" {
        subnet_ids          = ["subnet-0a1b2c3d"]
        throughput_capacity = 32
        storage_type        = "SSD"
        skip_final_backup   = true
      }
    }
    after {
      resource "aws_fsx_windows_file_system" "kept" {
        subnet_ids          = ["subnet-0a1b2c3d"]
        throughput_capacity = 32
        storage_type        = "HDD"
        skip_final_backup   = true
      }
    }
  }
}

policy "aws-ecr-repository-kept" {
  title    = "Repositories of images and packages are not deleted or replaced"
  severity = "high"
  resource = [
    "aws_codeartifact_domain",
    "aws_codeartifact_repository",
    "aws_ecr_repository",
    "aws_ecrpublic_repository",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "What runs cannot be started again anywhere, nor rolled back, when its image is gone."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, copy the images and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${self.force_delete == true || self.force_destroy == true ? ", and all its images with it" : startswith(self.type, "aws_ecr") ? "; AWS refuses while there are images in it, and the apply stops there" : ""}"

  pass {
    before {
      resource "aws_ecr_repository" "kept" {
        name         = "orders"
        force_delete = true
      }
    }
    after {
      resource "aws_ecr_repository" "kept" {
        name         = "orders"
        force_delete = true
        tags         = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_ecr_repository" "kept" {
        name         = "orders"
        force_delete = true
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_ecr_repository" "kept" {
        name         = "orders"
        force_delete = true
      }
    }
    after {
      resource "aws_ecr_repository" "kept" {
        name         = "orders-2"
        force_delete = true
      }
    }
  }
}

policy "aws-codecommit-repository-kept" {
  title    = "Git repositories are not deleted or replaced"
  severity = "critical"
  resource = ["aws_codecommit_repository"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "All branches and pull requests are deleted with it."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, push a mirror elsewhere and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_codecommit_repository" "kept" {
        repository_name = "orders"
      }
    }
    after {
      resource "aws_codecommit_repository" "kept" {
        repository_name = "orders"
        tags            = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_codecommit_repository" "kept" {
        repository_name = "orders"
      }
    }
  }
  fail {
    forces_replacement = ["repository_name"]
    before {
      resource "aws_codecommit_repository" "kept" {
        repository_name = "orders"
      }
    }
    after {
      resource "aws_codecommit_repository" "kept" {
        repository_name = "orders-2"
      }
    }
  }
}

policy "aws-cloudwatch-log-group-kept" {
  title    = "Log groups are not deleted or replaced"
  severity = "medium"
  resource = ["aws_cloudwatch_log_group"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.5.1"]
    iso27001    = ["A.8.15"]
    nist_800_53 = ["AU-11"]
  }
  why = "All logs are deleted with the group, whatever their retention. They are often the only record of what happened."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, export the logs to S3 and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  # With skip_destroy the group stays and only the state forgets it.
  when      = self.skip_destroy != true
  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_cloudwatch_log_group" "kept" {
        name = "/orders/api"
      }
    }
    after {
      resource "aws_cloudwatch_log_group" "kept" {
        name = "/orders/api"
        tags = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_cloudwatch_log_group" "kept" {
        name = "/orders/api"
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_cloudwatch_log_group" "kept" {
        name = "/orders/api"
      }
    }
    after {
      resource "aws_cloudwatch_log_group" "kept" {
        name = "/orders/web"
      }
    }
  }
}

policy "aws-cloudtrail-event-data-store-kept" {
  title    = "Event data stores of CloudTrail are not deleted or replaced"
  severity = "high"
  resource = ["aws_cloudtrail_event_data_store"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.5.1"]
    iso27001    = ["A.8.15"]
    nist_800_53 = ["AU-11"]
  }
  why = "The record of who did what is gone after the seven days in which it can be restored."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, export the events and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}; it can be restored for seven days${self.termination_protection_enabled == true ? "; AWS refuses while its deletion protection is on, and the apply stops there" : ""}"

  pass {
    before {
      resource "aws_cloudtrail_event_data_store" "kept" {
        name = "audit"
      }
    }
    after {
      resource "aws_cloudtrail_event_data_store" "kept" {
        name = "audit"
        tags = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_cloudtrail_event_data_store" "kept" {
        name = "audit"
      }
    }
  }
  fail {
    forces_replacement = ["kms_key_id"]
    before {
      resource "aws_cloudtrail_event_data_store" "kept" {
        name = "audit"
      }
    }
    after {
      resource "aws_cloudtrail_event_data_store" "kept" {
        name       = "audit"
        kms_key_id = "alias/audit"
      }
    }
  }
}

policy "aws-kms-key-kept" {
  title    = "KMS keys are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_cloudhsm_v2_cluster",
    "aws_kms_external_key",
    "aws_kms_key",
    "aws_kms_replica_key",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    pci_dss     = ["3.6.1"]
    iso27001    = ["A.8.24"]
    nist_800_53 = ["SC-12"]
  }
  why = "Whatever the key encrypted cannot be read from the moment its deletion is scheduled, and never again when the window has passed. A replacement does not read it either."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, encrypt everything again with another key and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}; what it encrypted is unreadable at once${startswith(self.type, "aws_kms") ? ", and for ever after ${self.deletion_window_in_days == null ? 30 : self.deletion_window_in_days} days" : ""}"

  pass {
    before {
      resource "aws_kms_key" "kept" {
        description             = "orders"
        deletion_window_in_days = 7
      }
    }
    after {
      resource "aws_kms_key" "kept" {
        description             = "orders"
        deletion_window_in_days = 7
        tags                    = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_kms_key" "kept" {
        description             = "orders"
        deletion_window_in_days = 7
      }
    }
  }
  fail {
    forces_replacement = ["customer_master_key_spec"]
    before {
      resource "aws_kms_key" "kept" {
        description             = "orders"
        deletion_window_in_days = 7
      }
    }
    after {
      resource "aws_kms_key" "kept" {
        description              = "orders"
        deletion_window_in_days  = 7
        customer_master_key_spec = "RSA_4096"
      }
    }
  }
}

policy "aws-acmpca-authority-kept" {
  title    = "Private certificate authorities are not deleted or replaced"
  severity = "high"
  resource = ["aws_acmpca_certificate_authority"]
  frameworks = {
    soc2        = ["A1.2"]
    nist_800_53 = ["SC-12"]
  }
  why = "Nothing can be issued or revoked any more, and its private key is gone when the days for restoring it have passed."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, move everything to certificates of another authority and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}; it can be restored for ${self.permanent_deletion_time_in_days == null ? 30 : self.permanent_deletion_time_in_days} days"

  pass {
    before {
      resource "aws_acmpca_certificate_authority" "kept" {
        type                            = "ROOT"
        permanent_deletion_time_in_days = 7
      }
    }
    after {
      resource "aws_acmpca_certificate_authority" "kept" {
        type                            = "ROOT"
        permanent_deletion_time_in_days = 7
        tags                            = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_acmpca_certificate_authority" "kept" {
        type                            = "ROOT"
        permanent_deletion_time_in_days = 7
      }
    }
  }
  fail {
    forces_replacement = ["type"]
    before {
      resource "aws_acmpca_certificate_authority" "kept" {
        type                            = "ROOT"
        permanent_deletion_time_in_days = 7
      }
    }
    after {
      resource "aws_acmpca_certificate_authority" "kept" {
        type                            = "SUBORDINATE"
        permanent_deletion_time_in_days = 7
      }
    }
  }
}

policy "aws-secretsmanager-data-kept" {
  title    = "Secrets without a recovery window are not deleted or replaced"
  severity = "critical"
  resource = ["aws_secretsmanager_secret"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "With recovery_window_in_days = 0 the secret is gone at once, with all its versions."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, set recovery_window_in_days to 7 or more, apply that first, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  when      = self.recovery_window_in_days == 0
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}, and with recovery_window_in_days = 0 it cannot be restored"

  pass {
    before {
      resource "aws_secretsmanager_secret" "kept" {
        name                    = "orders/db"
        recovery_window_in_days = 0
      }
    }
    after {
      resource "aws_secretsmanager_secret" "kept" {
        name                    = "orders/db"
        recovery_window_in_days = 0
        tags                    = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_secretsmanager_secret" "kept" {
        name                    = "orders/db"
        recovery_window_in_days = 0
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_secretsmanager_secret" "kept" {
        name                    = "orders/db"
        recovery_window_in_days = 0
      }
    }
    after {
      resource "aws_secretsmanager_secret" "kept" {
        name                    = "orders/database"
        recovery_window_in_days = 0
      }
    }
  }
}

policy "aws-secretsmanager-secret-kept" {
  title    = "Secrets are not deleted or replaced"
  severity = "medium"
  resource = ["aws_secretsmanager_secret"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "Whoever reads the secret fails at once. It can be restored while the recovery window lasts, and until then nothing else can have its name."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, restore it with `aws secretsmanager restore-secret` if something still reads it, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  when      = self.recovery_window_in_days != 0
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}; it can be restored for ${self.recovery_window_in_days == null ? 30 : self.recovery_window_in_days} days"

  pass {
    before {
      resource "aws_secretsmanager_secret" "kept" {
        name = "orders/db"
      }
    }
    after {
      resource "aws_secretsmanager_secret" "kept" {
        name = "orders/db"
        tags = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_secretsmanager_secret" "kept" {
        name = "orders/db"
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_secretsmanager_secret" "kept" {
        name = "orders/db"
      }
    }
    after {
      resource "aws_secretsmanager_secret" "kept" {
        name = "orders/database"
      }
    }
  }
}

policy "aws-ssm-parameter-kept" {
  title    = "Parameters are not deleted or replaced"
  severity = "low"
  resource = ["aws_ssm_parameter"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "A value that was set by hand is gone with its history, and whoever reads the parameter fails."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, note its value and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_ssm_parameter" "kept" {
        name  = "/orders/url"
        type  = "String"
        value = "https://example.com"
      }
    }
    after {
      resource "aws_ssm_parameter" "kept" {
        name  = "/orders/url"
        type  = "String"
        value = "https://example.com"
        tags  = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_ssm_parameter" "kept" {
        name  = "/orders/url"
        type  = "String"
        value = "https://example.com"
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_ssm_parameter" "kept" {
        name  = "/orders/url"
        type  = "String"
        value = "https://example.com"
      }
    }
    after {
      resource "aws_ssm_parameter" "kept" {
        name  = "/orders/address"
        type  = "String"
        value = "https://example.com"
      }
    }
  }
}

policy "aws-sqs-queue-kept" {
  title    = "Queues are not deleted or replaced"
  severity = "medium"
  resource = ["aws_sqs_queue"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "Messages that nobody has received yet are gone, and a queue of the same name cannot be made for a minute."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, let its consumers empty it and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_sqs_queue" "kept" {
        name = "orders"
      }
    }
    after {
      resource "aws_sqs_queue" "kept" {
        name = "orders"
        tags = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_sqs_queue" "kept" {
        name = "orders"
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_sqs_queue" "kept" {
        name = "orders"
      }
    }
    after {
      resource "aws_sqs_queue" "kept" {
        name = "orders-2"
      }
    }
  }
}

policy "aws-kinesis-stream-kept" {
  title    = "Streams are not deleted or replaced"
  severity = "high"
  resource = [
    "aws_kinesis_stream",
    "aws_kinesis_video_stream",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "All records in the stream are gone, and its consumers lose their place."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, let its consumers read to the end and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${self.enforce_consumer_deletion == true ? ", and its consumers with it" : ""}"

  pass {
    before {
      resource "aws_kinesis_stream" "kept" {
        name        = "orders"
        shard_count = 1
      }
    }
    after {
      resource "aws_kinesis_stream" "kept" {
        name        = "orders"
        shard_count = 1
        tags        = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_kinesis_stream" "kept" {
        name        = "orders"
        shard_count = 1
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_kinesis_stream" "kept" {
        name        = "orders"
        shard_count = 1
      }
    }
    after {
      resource "aws_kinesis_stream" "kept" {
        name        = "orders-2"
        shard_count = 1
      }
    }
  }
}

policy "aws-msk-cluster-kept" {
  title    = "Clusters of Kafka are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_msk_cluster",
    "aws_msk_serverless_cluster",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "All topics and what is in them are gone."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, mirror the topics and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_msk_cluster" "kept" {
        cluster_name           = "orders"
        kafka_version          = "3.8.x"
        number_of_broker_nodes = 3
        broker_node_group_info {
          instance_type   = "kafka.t3.small"
          client_subnets  = ["subnet-0a1b2c3d"]
          security_groups = ["sg-0a1b2c3d"]
        }
      }
    }
    after {
      resource "aws_msk_cluster" "kept" {
        cluster_name           = "orders"
        kafka_version          = "3.8.x"
        number_of_broker_nodes = 3
        tags                   = { team = "orders" }
        broker_node_group_info {
          instance_type   = "kafka.t3.small"
          client_subnets  = ["subnet-0a1b2c3d"]
          security_groups = ["sg-0a1b2c3d"]
        }
      }
    }
  }
  fail {
    before {
      resource "aws_msk_cluster" "kept" {
        cluster_name           = "orders"
        kafka_version          = "3.8.x"
        number_of_broker_nodes = 3
        broker_node_group_info {
          instance_type   = "kafka.t3.small"
          client_subnets  = ["subnet-0a1b2c3d"]
          security_groups = ["sg-0a1b2c3d"]
        }
      }
    }
  }
  fail {
    forces_replacement = ["cluster_name"]
    before {
      resource "aws_msk_cluster" "kept" {
        cluster_name           = "orders"
        kafka_version          = "3.8.x"
        number_of_broker_nodes = 3
        broker_node_group_info {
          instance_type   = "kafka.t3.small"
          client_subnets  = ["subnet-0a1b2c3d"]
          security_groups = ["sg-0a1b2c3d"]
        }
      }
    }
    after {
      resource "aws_msk_cluster" "kept" {
        cluster_name           = "orders-2"
        kafka_version          = "3.8.x"
        number_of_broker_nodes = 3
        broker_node_group_info {
          instance_type   = "kafka.t3.small"
          client_subnets  = ["subnet-0a1b2c3d"]
          security_groups = ["sg-0a1b2c3d"]
        }
      }
    }
  }
}

policy "aws-mq-broker-kept" {
  title    = "Message brokers are not deleted or replaced"
  severity = "high"
  resource = ["aws_mq_broker"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "Messages that nobody has received yet are gone."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, let its consumers empty it and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      variable "password" {
        type      = string
        sensitive = true
      }
      resource "aws_mq_broker" "kept" {
        broker_name        = "orders"
        engine_type        = "RabbitMQ"
        engine_version     = "3.13"
        host_instance_type = "mq.t3.micro"
        user {
          username = "app"
          password = var.password
        }
      }
    }
    after {
      variable "password" {
        type      = string
        sensitive = true
      }
      resource "aws_mq_broker" "kept" {
        broker_name        = "orders"
        engine_type        = "RabbitMQ"
        engine_version     = "3.13"
        host_instance_type = "mq.t3.micro"
        tags               = { team = "orders" }
        user {
          username = "app"
          password = var.password
        }
      }
    }
  }
  fail {
    before {
      variable "password" {
        type      = string
        sensitive = true
      }
      resource "aws_mq_broker" "kept" {
        broker_name        = "orders"
        engine_type        = "RabbitMQ"
        engine_version     = "3.13"
        host_instance_type = "mq.t3.micro"
        user {
          username = "app"
          password = var.password
        }
      }
    }
  }
  fail {
    forces_replacement = ["broker_name"]
    before {
      variable "password" {
        type      = string
        sensitive = true
      }
      resource "aws_mq_broker" "kept" {
        broker_name        = "orders"
        engine_type        = "RabbitMQ"
        engine_version     = "3.13"
        host_instance_type = "mq.t3.micro"
        user {
          username = "app"
          password = var.password
        }
      }
    }
    after {
      variable "password" {
        type      = string
        sensitive = true
      }
      resource "aws_mq_broker" "kept" {
        broker_name        = "orders-2"
        engine_type        = "RabbitMQ"
        engine_version     = "3.13"
        host_instance_type = "mq.t3.micro"
        user {
          username = "app"
          password = var.password
        }
      }
    }
  }
}

policy "aws-route53-zone-kept" {
  title    = "Hosted zones are not deleted or replaced"
  severity = "high"
  resource = ["aws_route53_zone"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "Its records are gone, and a new zone has other name servers: the domain cannot be resolved until whoever delegates to it is told."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, move the delegation to the new zone and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${self.force_destroy == true ? ", and force_destroy deletes all its records, those that Terraform does not know too" : ""}"

  pass {
    before {
      resource "aws_route53_zone" "kept" {
        name          = "example.com"
        force_destroy = true
      }
    }
    after {
      resource "aws_route53_zone" "kept" {
        name          = "example.com"
        force_destroy = true
        tags          = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_route53_zone" "kept" {
        name          = "example.com"
        force_destroy = true
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_route53_zone" "kept" {
        name          = "example.com"
        force_destroy = true
      }
    }
    after {
      resource "aws_route53_zone" "kept" {
        name          = "example.org"
        force_destroy = true
      }
    }
  }
}

policy "aws-cognito-user-pool-kept" {
  title    = "User pools are not deleted or replaced"
  severity = "critical"
  resource = ["aws_cognito_user_pool"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "All users are gone. Their passwords cannot be exported, so that everybody has to sign up again."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, migrate the users and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${self.deletion_protection == "ACTIVE" ? "; AWS refuses while its deletion protection is on, and the apply stops there" : ""}"

  pass {
    before {
      resource "aws_cognito_user_pool" "kept" {
        name                = "customers"
        username_attributes = ["email"]
      }
    }
    after {
      resource "aws_cognito_user_pool" "kept" {
        name                = "customers"
        username_attributes = ["email"]
        tags                = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_cognito_user_pool" "kept" {
        name                = "customers"
        username_attributes = ["email"]
      }
    }
  }
  fail {
    forces_replacement = ["username_attributes"]
    before {
      resource "aws_cognito_user_pool" "kept" {
        name                = "customers"
        username_attributes = ["email"]
      }
    }
    after {
      resource "aws_cognito_user_pool" "kept" {
        name                = "customers"
        username_attributes = ["phone_number"]
      }
    }
  }
}

policy "aws-elasticache-data-kept" {
  title    = "Clusters of Redis and Valkey are not deleted or replaced"
  severity = "medium"
  resource = [
    "aws_elasticache_cluster",
    "aws_elasticache_replication_group",
    "aws_elasticache_serverless_cache",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "What was in memory is gone: sessions, queues and locks as well as what can be computed again, and the database behind it takes all the load at once."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, set final_snapshot_identifier, apply that first, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  # What is in memcached can be made again by its nature, and what a replica of a group has, the others of the group have.
  when      = self.engine != "memcached" && (self.type != "aws_elasticache_cluster" || trimspace(self.replication_group_id) == "")
  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${trimspace(self.final_snapshot_identifier) != "" ? "; its data stays in the final snapshot alone" : ", and no final snapshot is taken"}"

  pass {
    before {
      resource "aws_elasticache_replication_group" "kept" {
        replication_group_id = "sessions"
        description          = "Sessions"
        engine               = "redis"
        node_type            = "cache.t4g.small"
      }
    }
    after {
      resource "aws_elasticache_replication_group" "kept" {
        replication_group_id = "sessions"
        description          = "Sessions"
        engine               = "redis"
        node_type            = "cache.t4g.small"
        tags                 = { team = "orders" }
      }
    }
  }
  pass {
    before {
      resource "aws_elasticache_cluster" "pages" {
        cluster_id = "pages"
        engine     = "memcached"
        node_type  = "cache.t4g.small"
      }
      resource "aws_elasticache_cluster" "replica" {
        cluster_id           = "replica"
        replication_group_id = "other"
      }
      resource "aws_elasticache_replication_group" "kept" {
        replication_group_id = "sessions"
        description          = "Sessions"
      }
    }
    after {
      resource "aws_elasticache_replication_group" "kept" {
        replication_group_id = "sessions"
        description          = "Sessions"
      }
    }
  }
  fail {
    before {
      resource "aws_elasticache_replication_group" "kept" {
        replication_group_id = "sessions"
        description          = "Sessions"
        engine               = "redis"
        node_type            = "cache.t4g.small"
      }
    }
  }
  fail {
    forces_replacement = ["replication_group_id"]
    before {
      resource "aws_elasticache_replication_group" "kept" {
        replication_group_id = "sessions"
        description          = "Sessions"
        engine               = "redis"
        node_type            = "cache.t4g.small"
      }
    }
    after {
      resource "aws_elasticache_replication_group" "kept" {
        replication_group_id = "sessions-2"
        description          = "Sessions"
        engine               = "redis"
        node_type            = "cache.t4g.small"
      }
    }
  }
  fail {
    before {
      resource "aws_elasticache_cluster" "sessions" {
        cluster_id      = "sessions"
        engine          = "valkey"
        node_type       = "cache.t4g.small"
        num_cache_nodes = 1
      }
      resource "aws_elasticache_cluster" "replica" {
        cluster_id           = "replica"
        replication_group_id = "other"
      }
    }
  }
}

policy "aws-memorydb-cluster-kept" {
  title    = "Clusters of MemoryDB are not deleted or replaced"
  severity = "high"
  resource = ["aws_memorydb_cluster"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "MemoryDB is a database: what is in it is gone with it, unless a final snapshot is taken."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, set final_snapshot_name, apply that first, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${trimspace(self.final_snapshot_name) != "" ? "; its data stays in the final snapshot alone" : ", and no final snapshot is taken"}"

  pass {
    before {
      resource "aws_memorydb_cluster" "kept" {
        name      = "orders"
        acl_name  = "app"
        node_type = "db.t4g.small"
      }
    }
    after {
      resource "aws_memorydb_cluster" "kept" {
        name      = "orders"
        acl_name  = "app"
        node_type = "db.t4g.small"
        tags      = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_memorydb_cluster" "kept" {
        name      = "orders"
        acl_name  = "app"
        node_type = "db.t4g.small"
      }
    }
  }
  fail {
    forces_replacement = ["name"]
    before {
      resource "aws_memorydb_cluster" "kept" {
        name      = "orders"
        acl_name  = "app"
        node_type = "db.t4g.small"
      }
    }
    after {
      resource "aws_memorydb_cluster" "kept" {
        name      = "orders-2"
        acl_name  = "app"
        node_type = "db.t4g.small"
      }
    }
  }
}

policy "aws-opensearch-data-kept" {
  title    = "Search domains and collections are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_elasticsearch_domain",
    "aws_opensearch_domain",
    "aws_opensearchserverless_collection",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "All indices are deleted with it, and the automated snapshots too."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, take a snapshot into a bucket of your own and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_opensearch_domain" "kept" {
        domain_name = "orders"
      }
    }
    after {
      resource "aws_opensearch_domain" "kept" {
        domain_name = "orders"
        tags        = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_opensearch_domain" "kept" {
        domain_name = "orders"
      }
    }
  }
  fail {
    forces_replacement = ["domain_name"]
    before {
      resource "aws_opensearch_domain" "kept" {
        domain_name = "orders"
      }
    }
    after {
      resource "aws_opensearch_domain" "kept" {
        domain_name = "orders-2"
      }
    }
  }
}

policy "aws-redshift-data-kept" {
  title    = "Data warehouses are not deleted or replaced"
  severity = "critical"
  resource = [
    "aws_redshift_cluster",
    "aws_redshiftserverless_namespace",
  ]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "All tables are deleted with it; a final snapshot, where one is taken, keeps them, but serves them to nobody."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, set skip_final_snapshot = false and a final_snapshot_identifier, apply that first, and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")
  message   = "${change.summary}${self.skip_final_snapshot == true ? ", and no final snapshot is taken" : ""}"

  pass {
    before {
      resource "aws_redshift_cluster" "kept" {
        cluster_identifier  = "sales"
        node_type           = "ra3.large"
        skip_final_snapshot = true
      }
    }
    after {
      resource "aws_redshift_cluster" "kept" {
        cluster_identifier  = "sales"
        node_type           = "ra3.large"
        skip_final_snapshot = true
        tags                = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_redshift_cluster" "kept" {
        cluster_identifier  = "sales"
        node_type           = "ra3.large"
        skip_final_snapshot = true
      }
    }
  }
  fail {
    forces_replacement = ["cluster_identifier"]
    before {
      resource "aws_redshift_cluster" "kept" {
        cluster_identifier  = "sales"
        node_type           = "ra3.large"
        skip_final_snapshot = true
      }
    }
    after {
      resource "aws_redshift_cluster" "kept" {
        cluster_identifier  = "sales-2"
        node_type           = "ra3.large"
        skip_final_snapshot = true
      }
    }
  }
}

policy "aws-workspaces-desktop-kept" {
  title    = "Desktops of WorkSpaces are not deleted or replaced"
  severity = "high"
  resource = ["aws_workspaces_workspace"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "The user's volume is deleted with the desktop."
  fix = "Write a moved block for what only moved, and a removed block with destroy = false for what stays without Terraform; take back, or list in ignore_changes, what forces a replacement. If it is meant, let the user save everything and waive the finding until that day is past. prevent_destroy stops such a plan as long as the block is there."

  condition = !contains(change.actions, "delete")

  pass {
    before {
      resource "aws_workspaces_workspace" "kept" {
        directory_id = "d-9067f783251"
        bundle_id    = "wsb-bh8rsxt14"
        user_name    = "jane"
      }
    }
    after {
      resource "aws_workspaces_workspace" "kept" {
        directory_id = "d-9067f783251"
        bundle_id    = "wsb-bh8rsxt14"
        user_name    = "jane"
        tags         = { team = "orders" }
      }
    }
  }
  fail {
    before {
      resource "aws_workspaces_workspace" "kept" {
        directory_id = "d-9067f783251"
        bundle_id    = "wsb-bh8rsxt14"
        user_name    = "jane"
      }
    }
  }
  fail {
    forces_replacement = ["user_name"]
    before {
      resource "aws_workspaces_workspace" "kept" {
        directory_id = "d-9067f783251"
        bundle_id    = "wsb-bh8rsxt14"
        user_name    = "jane"
      }
    }
    after {
      resource "aws_workspaces_workspace" "kept" {
        directory_id = "d-9067f783251"
        bundle_id    = "wsb-bh8rsxt14"
        user_name    = "jane.doe"
      }
    }
  }
}
