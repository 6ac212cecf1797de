# Amazon RDS and Aurora

policy "aws-rds-storage-encrypted" {
  title    = "RDS instances encrypt their storage"
  severity = "high"
  resource = ["aws_db_instance"]
  checkov  = ["CKV_AWS_16"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Anyone who gets at the disk or at a snapshot reads the data."
  fix = "Set storage_encrypted = true. An existing instance is replaced: restore from an encrypted snapshot."

  when      = self.replicate_source_db == null && self.snapshot_identifier == null
  condition = self.storage_encrypted == true

  pass {
    resource "aws_db_instance" "good" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
      storage_encrypted = true
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_db_instance" "asked" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
      storage_encrypted = var.asked
    }
  }
}

policy "aws-rds-cluster-storage-encrypted" {
  title    = "Aurora clusters encrypt their storage"
  severity = "high"
  resource = ["aws_rds_cluster"]
  checkov  = ["CKV_AWS_96"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Anyone who gets at the volume or at a snapshot reads the data."
  fix = "Set storage_encrypted = true. An existing cluster is replaced."

  condition = self.storage_encrypted == true || self.engine_mode == "serverless"
  attribute = "storage_encrypted"

  pass {
    resource "aws_rds_cluster" "good" {
      cluster_identifier = "orders"
      engine             = "aurora-postgresql"
      storage_encrypted  = true
    }
  }
  fail {
    resource "aws_rds_cluster" "bad" {
      cluster_identifier = "orders"
      engine             = "aurora-postgresql"
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_rds_cluster" "asked" {
      cluster_identifier = "orders"
      engine             = "aurora-postgresql"
      storage_encrypted  = var.asked
    }
  }
}

policy "aws-rds-global-cluster-encrypted" {
  title    = "Aurora global databases encrypt their storage"
  severity = "high"
  resource = ["aws_rds_global_cluster"]
  checkov  = ["CKV_AWS_140"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Every region's copy is readable by whoever gets at its volume."
  fix = "Set storage_encrypted = true."

  condition = self.storage_encrypted == true || self.source_db_cluster_identifier != null

  pass {
    resource "aws_rds_global_cluster" "good" {
      global_cluster_identifier = "orders"
      engine                    = "aurora-postgresql"
      storage_encrypted         = true
    }
  }
  fail {
    resource "aws_rds_global_cluster" "bad" {
      global_cluster_identifier = "orders"
      engine                    = "aurora-postgresql"
    }
  }
}

policy "aws-rds-cluster-customer-key" {
  title    = "Aurora clusters are encrypted with a key of your own"
  severity = "low"
  resource = ["aws_rds_cluster"]
  checkov  = ["CKV_AWS_327"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "The default key can be neither restricted nor rotated by you."
  fix = "Set kms_key_id to the ARN of an aws_kms_key."

  condition = self.kms_key_id != null || exists(linked(self, "aws_kms_key"))

  pass {
    resource "aws_rds_cluster" "good" {
      cluster_identifier = "orders"
      engine             = "aurora-postgresql"
      storage_encrypted  = true
      kms_key_id         = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  fail {
    resource "aws_rds_cluster" "bad" {
      cluster_identifier = "orders"
      engine             = "aurora-postgresql"
      storage_encrypted  = true
    }
  }
}

policy "aws-rds-not-public" {
  title    = "RDS instances are not reachable from the internet"
  severity = "critical"
  resource = ["aws_db_instance", "aws_rds_cluster_instance"]
  checkov  = ["CKV_AWS_17"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.4.4"]
    iso27001    = ["A.8.20"]
    nist_800_53 = ["AC-4", "SC-7"]
  }
  why = "A public address puts the database behind nothing but its password."
  fix = "Set publicly_accessible = false, or leave it out."

  condition = self.publicly_accessible != true

  pass {
    resource "aws_db_instance" "good" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
  pass {
    resource "aws_rds_cluster_instance" "good" {
      cluster_identifier  = "orders"
      engine              = "aurora-postgresql"
      instance_class      = "db.r6g.large"
      publicly_accessible = false
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier          = "orders"
      engine              = "postgres"
      instance_class      = "db.t4g.small"
      allocated_storage   = 20
      publicly_accessible = true
    }
  }
  fail {
    resource "aws_rds_cluster_instance" "bad" {
      cluster_identifier  = "orders"
      engine              = "aurora-postgresql"
      instance_class      = "db.r6g.large"
      publicly_accessible = true
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_db_instance" "asked" {
      identifier          = "orders"
      engine              = "postgres"
      instance_class      = "db.t4g.small"
      allocated_storage   = 20
      publicly_accessible = var.asked
    }
  }
}

# Aurora keeps one day by itself, which the schema does not tell: what is not set fails as with Checkov.
policy "aws-rds-backup-retention" {
  title    = "Databases keep automatic backups"
  severity = "medium"
  resource = ["aws_db_instance", "aws_rds_cluster"]
  checkov  = ["CKV_AWS_133"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "Without backups there is no way back to any point in time."
  fix = "Set backup_retention_period to at least 1; 7 or more where the data matters."

  when      = self.replicate_source_db == null
  condition = self.backup_retention_period != null && self.backup_retention_period != 0

  pass {
    resource "aws_db_instance" "good" {
      identifier              = "orders"
      engine                  = "postgres"
      instance_class          = "db.t4g.small"
      allocated_storage       = 20
      backup_retention_period = 7
    }
  }
  pass {
    resource "aws_rds_cluster" "good" {
      cluster_identifier      = "orders"
      engine                  = "aurora-postgresql"
      backup_retention_period = 14
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier              = "orders"
      engine                  = "postgres"
      instance_class          = "db.t4g.small"
      allocated_storage       = 20
      backup_retention_period = 0
    }
  }
  unknown {
    variable "asked" {
      type = number
    }

    resource "aws_db_instance" "asked" {
      identifier              = "orders"
      engine                  = "postgres"
      instance_class          = "db.t4g.small"
      allocated_storage       = 20
      backup_retention_period = var.asked
    }
  }
}

policy "aws-rds-multi-az" {
  title    = "RDS instances have a standby in another zone"
  severity = "low"
  resource = ["aws_db_instance"]
  checkov  = ["CKV_AWS_157"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    nist_800_53 = ["CP-10"]
  }
  why = "The loss of one zone takes the database with it."
  fix = "Set multi_az = true in production."

  when      = self.replicate_source_db == null && !startswith(self.engine, "aurora")
  condition = self.multi_az == true

  pass {
    resource "aws_db_instance" "good" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
      multi_az          = true
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_db_instance" "asked" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
      multi_az          = var.asked
    }
  }
}

policy "aws-rds-deletion-protection" {
  title    = "RDS instances are protected from being deleted"
  severity = "low"
  resource = ["aws_db_instance"]
  checkov  = ["CKV_AWS_293"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "A wrong plan deletes the database and, without a final snapshot, the data."
  fix = "Set deletion_protection = true."

  condition = self.deletion_protection == true

  pass {
    resource "aws_db_instance" "good" {
      identifier          = "orders"
      engine              = "postgres"
      instance_class      = "db.t4g.small"
      allocated_storage   = 20
      deletion_protection = true
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_db_instance" "asked" {
      identifier          = "orders"
      engine              = "postgres"
      instance_class      = "db.t4g.small"
      allocated_storage   = 20
      deletion_protection = var.asked
    }
  }
}

policy "aws-rds-cluster-deletion-protection" {
  title    = "Aurora clusters are protected from being deleted"
  severity = "low"
  resource = ["aws_rds_cluster"]
  checkov  = ["CKV_AWS_139"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "A wrong plan deletes the cluster with all its data."
  fix = "Set deletion_protection = true."

  condition = self.deletion_protection == true

  pass {
    resource "aws_rds_cluster" "good" {
      cluster_identifier  = "orders"
      engine              = "aurora-postgresql"
      deletion_protection = true
    }
  }
  fail {
    resource "aws_rds_cluster" "bad" {
      cluster_identifier = "orders"
      engine             = "aurora-postgresql"
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_rds_cluster" "asked" {
      cluster_identifier  = "orders"
      engine              = "aurora-postgresql"
      deletion_protection = var.asked
    }
  }
}

# Engines that have no logins by IAM get no verdict; Checkov does the same.
policy "aws-rds-iam-authentication" {
  title    = "Databases accept logins by IAM"
  severity = "low"
  resource = ["aws_db_instance"]
  checkov  = ["CKV_AWS_161"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.3.1"]
    iso27001    = ["A.5.17"]
    nist_800_53 = ["IA-2"]
  }
  why = "Passwords are long-lived and shared; tokens of IAM end after 15 minutes and name their user."
  fix = "Set iam_database_authentication_enabled = true."

  when      = contains(["mysql", "postgres", "mariadb"], self.engine)
  condition = self.iam_database_authentication_enabled == true

  pass {
    resource "aws_db_instance" "good" {
      identifier                          = "orders"
      engine                              = "postgres"
      instance_class                      = "db.t4g.small"
      allocated_storage                   = 20
      iam_database_authentication_enabled = true
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_db_instance" "asked" {
      identifier                          = "orders"
      engine                              = "postgres"
      instance_class                      = "db.t4g.small"
      allocated_storage                   = 20
      iam_database_authentication_enabled = var.asked
    }
  }
}

policy "aws-rds-cluster-iam-authentication" {
  title    = "Aurora clusters accept logins by IAM"
  severity = "low"
  resource = ["aws_rds_cluster"]
  checkov  = ["CKV_AWS_162"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.3.1"]
    iso27001    = ["A.5.17"]
    nist_800_53 = ["IA-2"]
  }
  why = "Passwords are long-lived and shared; tokens of IAM end after 15 minutes and name their user."
  fix = "Set iam_database_authentication_enabled = true."

  when      = self.engine == null || contains(["aurora", "aurora-mysql", "aurora-postgresql"], self.engine)
  condition = self.iam_database_authentication_enabled == true

  pass {
    resource "aws_rds_cluster" "good" {
      cluster_identifier                  = "orders"
      engine                              = "aurora-postgresql"
      iam_database_authentication_enabled = true
    }
  }
  fail {
    resource "aws_rds_cluster" "bad" {
      cluster_identifier = "orders"
      engine             = "aurora-postgresql"
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_rds_cluster" "asked" {
      cluster_identifier                  = "orders"
      engine                              = "aurora-postgresql"
      iam_database_authentication_enabled = var.asked
    }
  }
}

policy "aws-rds-logs-exported" {
  title    = "Databases send their logs to CloudWatch"
  severity = "low"
  resource = ["aws_db_instance"]
  checkov  = ["CKV_AWS_129"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2"]
  }
  why = "Logs that stay on the instance are gone with it, and nobody is told of what is in them."
  fix = "Set enabled_cloudwatch_logs_exports to the logs that the engine writes."

  condition = length(self.enabled_cloudwatch_logs_exports) > 0

  pass {
    resource "aws_db_instance" "good" {
      identifier                      = "orders"
      engine                          = "postgres"
      instance_class                  = "db.t4g.small"
      allocated_storage               = 20
      enabled_cloudwatch_logs_exports = ["postgresql"]
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
}

policy "aws-rds-cluster-logs-exported" {
  title    = "Aurora clusters send their logs to CloudWatch"
  severity = "low"
  resource = ["aws_rds_cluster"]
  checkov  = ["CKV_AWS_324"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2"]
  }
  why = "Logs that stay on the cluster are gone with it, and nobody is told of what is in them."
  fix = "Set enabled_cloudwatch_logs_exports to the logs that the engine writes."

  condition = length(self.enabled_cloudwatch_logs_exports) > 0

  pass {
    resource "aws_rds_cluster" "good" {
      cluster_identifier              = "orders"
      engine                          = "aurora-postgresql"
      enabled_cloudwatch_logs_exports = ["postgresql"]
    }
  }
  fail {
    resource "aws_rds_cluster" "bad" {
      cluster_identifier = "orders"
      engine             = "aurora-postgresql"
    }
  }
}

# true is the provider's default, which Checkov takes for a failure.
policy "aws-rds-minor-upgrades" {
  title    = "Databases take minor versions by themselves"
  severity = "low"
  resource = ["aws_db_instance", "aws_rds_cluster_instance"]
  checkov  = ["CKV_AWS_226"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["6.3.3"]
    iso27001    = ["A.8.8"]
    nist_800_53 = ["SI-2"]
  }
  why = "Minor versions mend security holes; without them the database stays open until somebody remembers."
  fix = "Leave auto_minor_version_upgrade out or set it to true."

  condition = self.auto_minor_version_upgrade != false

  pass {
    resource "aws_db_instance" "good" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
  pass {
    resource "aws_rds_cluster_instance" "good" {
      cluster_identifier = "orders"
      engine             = "aurora-postgresql"
      instance_class     = "db.r6g.large"
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier                 = "orders"
      engine                     = "postgres"
      instance_class             = "db.t4g.small"
      allocated_storage          = 20
      auto_minor_version_upgrade = false
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_db_instance" "asked" {
      identifier                 = "orders"
      engine                     = "postgres"
      instance_class             = "db.t4g.small"
      allocated_storage          = 20
      auto_minor_version_upgrade = var.asked
    }
  }
}

policy "aws-rds-enhanced-monitoring" {
  title    = "Databases report metrics of their operating system"
  severity = "low"
  resource = ["aws_db_instance", "aws_rds_cluster_instance"]
  checkov  = ["CKV_AWS_118"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2"]
  }
  why = "Without them it is hard to tell a slow query from a full disk."
  fix = "Set monitoring_interval to 60 or less, and monitoring_role_arn."

  condition = self.monitoring_interval != null && contains([1, 5, 10, 15, 30, 60], self.monitoring_interval)

  pass {
    resource "aws_db_instance" "good" {
      identifier          = "orders"
      engine              = "postgres"
      instance_class      = "db.t4g.small"
      allocated_storage   = 20
      monitoring_interval = 60
    }
  }
  pass {
    resource "aws_rds_cluster_instance" "good" {
      cluster_identifier  = "orders"
      engine              = "aurora-postgresql"
      instance_class      = "db.r6g.large"
      monitoring_interval = 30
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
  unknown {
    variable "asked" {
      type = number
    }

    resource "aws_db_instance" "asked" {
      identifier          = "orders"
      engine              = "postgres"
      instance_class      = "db.t4g.small"
      allocated_storage   = 20
      monitoring_interval = var.asked
    }
  }
}

policy "aws-rds-performance-insights" {
  title    = "Databases collect Performance Insights"
  severity = "info"
  resource = ["aws_db_instance", "aws_rds_cluster_instance"]
  checkov  = ["CKV_AWS_353"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2"]
  }
  why = "What the database was busy with cannot be found out afterwards."
  fix = "Set performance_insights_enabled = true."

  condition = self.performance_insights_enabled == true

  pass {
    resource "aws_db_instance" "good" {
      identifier                   = "orders"
      engine                       = "postgres"
      instance_class               = "db.t4g.small"
      allocated_storage            = 20
      performance_insights_enabled = true
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_db_instance" "asked" {
      identifier                   = "orders"
      engine                       = "postgres"
      instance_class               = "db.t4g.small"
      allocated_storage            = 20
      performance_insights_enabled = var.asked
    }
  }
}

policy "aws-rds-copy-tags" {
  title    = "Snapshots carry the tags of their database"
  severity = "info"
  resource = ["aws_db_instance", "aws_rds_cluster"]
  checkov  = ["CKV2_AWS_60", "CKV_AWS_313"]
  frameworks = {
    iso27001    = ["A.5.9"]
    nist_800_53 = ["CM-8"]
  }
  why = "Snapshots without tags belong to nobody: they are neither billed nor cleaned up nor governed by tags."
  fix = "Set copy_tags_to_snapshot = true."

  condition = self.copy_tags_to_snapshot == true

  pass {
    resource "aws_db_instance" "good" {
      identifier            = "orders"
      engine                = "postgres"
      instance_class        = "db.t4g.small"
      allocated_storage     = 20
      copy_tags_to_snapshot = true
    }
  }
  pass {
    resource "aws_rds_cluster" "good" {
      cluster_identifier    = "orders"
      engine                = "aurora-postgresql"
      copy_tags_to_snapshot = true
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier        = "orders"
      engine            = "postgres"
      instance_class    = "db.t4g.small"
      allocated_storage = 20
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_db_instance" "asked" {
      identifier            = "orders"
      engine                = "postgres"
      instance_class        = "db.t4g.small"
      allocated_storage     = 20
      copy_tags_to_snapshot = var.asked
    }
  }
}

# From PostgreSQL 15 on, 1 is the default: only a group that sets it is judged.
policy "aws-rds-force-tls" {
  title    = "PostgreSQL databases refuse connections without TLS"
  severity = "medium"
  resource = ["aws_db_parameter_group", "aws_rds_cluster_parameter_group"]
  checkov  = ["CKV2_AWS_69"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "Passwords and rows travel in the clear between application and database."
  fix = "Add a parameter rds.force_ssl with the value 1."

  when      = matches(self.family, "postgres") && (!matches(self.family, "postgres(ql)?1[5-9]") || anytrue([for p in self.parameter : p.name == "rds.force_ssl"]))
  condition = anytrue([for p in self.parameter : p.name == "rds.force_ssl" && p.value == "1"])
  message   = "rds.force_ssl is not 1"
  attribute = "parameter"

  pass {
    resource "aws_db_parameter_group" "good" {
      name   = "orders"
      family = "postgres16"
      parameter {
        name  = "rds.force_ssl"
        value = "1"
      }
    }
  }
  fail {
    resource "aws_db_parameter_group" "bad" {
      name   = "orders"
      family = "postgres16"
      parameter {
        name  = "rds.force_ssl"
        value = "0"
      }
    }
  }
  unknown {
    variable "asked" {
      type = string
    }

    resource "aws_db_parameter_group" "asked" {
      name   = "orders"
      family = "postgres16"
      parameter {
        name  = "rds.force_ssl"
        value = var.asked
      }
    }
  }
}

policy "aws-rds-final-snapshot" {
  title    = "Databases leave a snapshot behind when they are deleted"
  severity = "low"
  resource = ["aws_db_instance", "aws_rds_cluster"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "What is deleted by mistake is gone with its automatic backups."
  fix = "Leave skip_final_snapshot out or set it to false, and set final_snapshot_identifier."

  when      = self.replicate_source_db == null
  condition = self.skip_final_snapshot != true
  attribute = "skip_final_snapshot"

  pass {
    resource "aws_db_instance" "good" {
      identifier                = "orders"
      engine                    = "postgres"
      instance_class            = "db.t4g.small"
      allocated_storage         = 20
      final_snapshot_identifier = "orders-final"
    }
  }
  pass {
    resource "aws_rds_cluster" "good" {
      cluster_identifier        = "orders"
      engine                    = "aurora-postgresql"
      final_snapshot_identifier = "orders-final"
    }
  }
  fail {
    resource "aws_db_instance" "bad" {
      identifier          = "orders"
      engine              = "postgres"
      instance_class      = "db.t4g.small"
      allocated_storage   = 20
      skip_final_snapshot = true
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_db_instance" "asked" {
      identifier          = "orders"
      engine              = "postgres"
      instance_class      = "db.t4g.small"
      allocated_storage   = 20
      skip_final_snapshot = var.asked
    }
  }
}
