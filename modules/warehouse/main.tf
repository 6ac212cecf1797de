locals {
  count       = var.enabled ? 1 : 0
  log_exports = ["connectionlog", "useractivitylog", "userlog"]
}

################################################################################
# Network
################################################################################

resource "aws_redshift_subnet_group" "this" {
  count = local.count

  name        = var.name
  description = "Warehouse ${var.name}"
  subnet_ids  = var.subnet_ids
}

resource "aws_security_group" "this" {
  count = local.count

  name_prefix = "${var.name}-warehouse-"
  description = "Warehouse ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-warehouse" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "client" {
  for_each = var.enabled ? var.clients : {}

  security_group_id            = aws_security_group.this[0].id
  description                  = "Redshift from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
}

resource "aws_vpc_security_group_egress_rule" "prefix_list" {
  for_each = var.enabled ? var.egress_prefix_list_ids : {}

  security_group_id = aws_security_group.this[0].id
  description       = "HTTPS to ${each.key}"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

################################################################################
# Cluster
################################################################################

resource "aws_redshift_parameter_group" "this" {
  count = local.count

  name        = var.name
  description = "Warehouse ${var.name}"
  family      = "redshift-1.0"

  parameter {
    name  = "require_ssl"
    value = "true"
  }

  # Without it the log of what was asked stays empty.
  parameter {
    name  = "enable_user_activity_logging"
    value = "true"
  }

  dynamic "parameter" {
    for_each = var.parameters

    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}

resource "aws_redshift_cluster" "this" {
  count = local.count

  cluster_identifier = var.name
  node_type          = var.nodes.type
  cluster_type       = var.nodes.count > 1 ? "multi-node" : "single-node"
  number_of_nodes    = var.nodes.count
  database_name      = var.database_name
  port               = 5439
  iam_roles          = var.role_arns

  # Redshift makes, keeps and rotates the password in Secrets Manager: it is in neither the state nor anybody's hands.
  master_username                   = var.username
  manage_master_password            = true
  master_password_secret_kms_key_id = var.kms_key_arn

  encrypted  = true
  kms_key_id = var.kms_key_arn

  cluster_subnet_group_name    = aws_redshift_subnet_group.this[0].name
  cluster_parameter_group_name = aws_redshift_parameter_group.this[0].name
  vpc_security_group_ids       = [aws_security_group.this[0].id]
  publicly_accessible          = false
  enhanced_vpc_routing         = true

  # When its zone fails the cluster moves to another, or already stands by there.
  multi_az                             = var.nodes.multi_az
  availability_zone_relocation_enabled = !var.nodes.multi_az

  automated_snapshot_retention_period = var.snapshots.retention_days
  skip_final_snapshot                 = !var.snapshots.final
  final_snapshot_identifier           = var.snapshots.final ? "${var.name}-final" : null

  allow_version_upgrade        = true
  preferred_maintenance_window = var.maintenance_window
  apply_immediately            = var.apply_immediately

  tags = { Name = var.name }
}

resource "aws_redshift_snapshot_copy" "this" {
  count = var.enabled && var.snapshot_copy != null ? 1 : 0

  cluster_identifier       = aws_redshift_cluster.this[0].cluster_identifier
  destination_region       = var.snapshot_copy.region
  snapshot_copy_grant_name = var.snapshot_copy.grant_name
  retention_period         = var.snapshot_copy.retention_days
}

################################################################################
# Audit logs
################################################################################

resource "aws_redshift_logging" "this" {
  count = local.count

  cluster_identifier   = aws_redshift_cluster.this[0].cluster_identifier
  log_destination_type = "cloudwatch"
  log_exports          = local.log_exports

  # Redshift would make the log groups itself, unencrypted and kept for ever.
  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(var.enabled ? local.log_exports : [])

  name              = "/aws/redshift/cluster/${var.name}/${each.key}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}
