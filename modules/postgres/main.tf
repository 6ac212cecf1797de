locals {
  major_version = split(".", var.engine_version)[0]
  log_exports   = ["postgresql", "upgrade"]
}

# Known to the provider without asking AWS.
data "aws_partition" "current" {}

################################################################################
# Network
################################################################################

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Database ${var.name}"
  subnet_ids  = var.subnet_ids
}

# Without egress rules: a database answers, it does not call.
resource "aws_security_group" "this" {
  name_prefix = "${var.name}-postgres-"
  description = "Database ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-postgres" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "client" {
  for_each = var.clients

  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

################################################################################
# Parameters
################################################################################

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  description = "Database ${var.name}, PostgreSQL ${local.major_version}"
  family      = "postgres${local.major_version}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # Who changed the schema, and what was slow; never the data of ordinary statements.
  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = tostring(var.slow_query_ms)
  }

  dynamic "parameter" {
    for_each = var.parameters

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.apply_method
    }
  }

  # A major upgrade needs the new family's group before the old one can go.
  lifecycle {
    create_before_destroy = true
  }
}

################################################################################
# Instance
################################################################################

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  db_name        = var.restore == null ? var.database_name : null # a restored database has its own

  # RDS makes, keeps and rotates the password in Secrets Manager: it is in neither the state nor anybody's hands.
  username                            = var.restore == null ? var.username : null
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.kms_key_arn
  iam_database_authentication_enabled = true

  storage_type          = "gp3"
  allocated_storage     = var.storage.size_gb
  max_allocated_storage = var.storage.max_size_gb
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  multi_az               = var.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  parameter_group_name        = aws_db_parameter_group.this.name
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = var.allow_major_version_upgrade
  maintenance_window          = var.maintenance_window
  apply_immediately           = var.apply_immediately

  backup_retention_period   = var.backup_retention_days
  backup_window             = var.backup_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false # they outlive a database deleted by mistake, for their retention
  skip_final_snapshot       = !var.final_snapshot
  final_snapshot_identifier = var.final_snapshot ? "${var.name}-final" : null
  deletion_protection       = var.deletion_protection

  dynamic "restore_to_point_in_time" {
    for_each = var.restore[*]

    content {
      source_db_instance_identifier            = restore_to_point_in_time.value.source_identifier
      source_db_instance_automated_backups_arn = restore_to_point_in_time.value.source_backups_arn
      restore_time                             = restore_to_point_in_time.value.time
      use_latest_restorable_time               = restore_to_point_in_time.value.time == null ? true : null
    }
  }

  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = var.performance_insights_days
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = local.log_exports

  tags = { Name = var.name }

  # RDS would make the log groups itself, unencrypted and kept for ever.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]
}

################################################################################
# Logs and monitoring
################################################################################

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(local.log_exports)

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

resource "aws_iam_role" "monitoring" {
  name               = "${var.name}-monitoring"
  description        = "Lets RDS write the operating system's metrics of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.monitoring_trust.json
}

data "aws_iam_policy_document" "monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }

    # Without it RDS could be made to use this role for another account's database (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [aws_security_group.this.owner_id]
    }
  }
}

# AWS's own policy: it holds the RDSOSMetrics log group only, and follows the service when it changes.
resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
