locals {
  major_version = split(".", var.engine_version)[0]
  cluster_mode  = var.shards > 1
  logs          = { engine = "engine-log", slow = "slow-log" }
}

################################################################################
# Network
################################################################################

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Cache ${var.name}"
  subnet_ids  = var.subnet_ids
}

# Without egress rules: a cache answers, it does not call.
resource "aws_security_group" "this" {
  name_prefix = "${var.name}-redis-"
  description = "Cache ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-redis" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "client" {
  for_each = var.clients

  security_group_id            = aws_security_group.this.id
  description                  = "Redis from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

################################################################################
# Replication group
################################################################################

resource "aws_elasticache_parameter_group" "this" {
  # The family is in the name, because a new major version needs its group before the old one can go.
  name        = "${var.name}-${var.engine}${local.major_version}${local.cluster_mode ? "-cluster" : ""}"
  description = "Cache ${var.name}, ${var.engine} ${local.major_version}"
  family      = "${var.engine}${local.major_version}"

  dynamic "parameter" {
    for_each = merge(var.parameters, local.cluster_mode ? { cluster-enabled = "yes" } : {})

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Cache ${var.name}"
  engine               = var.engine
  engine_version       = var.engine_version
  node_type            = var.node_type
  port                 = 6379
  parameter_group_name = aws_elasticache_parameter_group.this.name

  # A group in cluster mode counts shards and their replicas, one without counts nodes.
  num_cache_clusters      = local.cluster_mode ? null : 1 + var.replicas
  num_node_groups         = local.cluster_mode ? var.shards : null
  replicas_per_node_group = local.cluster_mode ? var.replicas : null

  # Cluster mode insists on failover, even where there is nothing to fail over to.
  automatic_failover_enabled = var.replicas > 0 || local.cluster_mode
  multi_az_enabled           = var.replicas > 0

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"

  user_group_ids = length(var.users) > 0 ? aws_elasticache_user_group.this[*].user_group_id : null
  auth_token     = var.auth_token

  # The old password stays good until the one after the next, so that clients can change over.
  auth_token_update_strategy = var.auth_token != null ? "ROTATE" : null

  auto_minor_version_upgrade = true
  maintenance_window         = var.maintenance_window
  apply_immediately          = var.apply_immediately
  notification_topic_arn     = var.notification_topic_arn

  snapshot_retention_limit  = var.snapshots.retention_days
  snapshot_window           = var.snapshots.window
  final_snapshot_identifier = var.snapshots.final ? "${var.name}-final" : null

  dynamic "log_delivery_configuration" {
    for_each = local.logs

    content {
      log_type         = log_delivery_configuration.value
      log_format       = "json"
      destination_type = "cloudwatch-logs"
      destination      = aws_cloudwatch_log_group.this[log_delivery_configuration.key].name
    }
  }

  tags = { Name = var.name }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.logs

  name              = "/aws/elasticache/${var.name}/${each.key}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

################################################################################
# Users
################################################################################

resource "aws_elasticache_user" "this" {
  for_each = var.users

  # IAM authentication wants the id and the name to be the same.
  user_id       = "${var.name}-${each.key}"
  user_name     = "${var.name}-${each.key}"
  engine        = var.engine
  access_string = "on ${each.value.access}"

  authentication_mode {
    type = "iam"
  }
}

# A group of Redis must have a user of this name, and clients that name none are it. It is off, and may do nothing.
resource "aws_elasticache_user" "default" {
  count = length(var.users) > 0 && var.engine == "redis" ? 1 : 0

  user_id       = "${var.name}-default"
  user_name     = "default"
  engine        = var.engine
  access_string = "off ~* -@all"

  authentication_mode {
    type = "no-password-required"
  }
}

resource "aws_elasticache_user_group" "this" {
  count = length(var.users) > 0 ? 1 : 0

  user_group_id = var.name
  engine        = var.engine
  user_ids      = concat([for user in aws_elasticache_user.this : user.user_id], aws_elasticache_user.default[*].user_id)
}
