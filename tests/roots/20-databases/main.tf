# Exercises: RDS, Aurora, ElastiCache, KMS; count from bools, one(), coalescelist, conditional objects, module count 0 or 1.

provider "aws" {
  region     = "eu-central-1"
  access_key = "mock_access_key"
  secret_key = "mock_secret"

  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = {
      Stack = "databases"
    }
  }
}

variable "features" {
  type    = map(bool)
  default = { cache = true, replica = false, own_key = true }
}

variable "clusters" {
  type = map(object({
    engine    = optional(string, "aurora-postgresql")
    instances = optional(map(object({ class = string, tier = optional(number) })), { one = { class = "db.r7g.large" } })
    scaling   = optional(object({ min = number, max = number }))
  }))

  default = {
    ledger = { instances = { writer = { class = "db.r7g.xlarge", tier = 0 }, reader = { class = "db.r7g.large" } } }
    events = { scaling = { min = 0.5, max = 8 }, instances = { any = { class = "db.serverless" } } }
  }
}

resource "aws_kms_key" "data" {
  count = var.features["own_key"] ? 1 : 0

  description             = "Data at rest"
  deletion_window_in_days = 14
  enable_key_rotation     = true
}

resource "aws_kms_alias" "data" {
  count = length(aws_kms_key.data)

  name          = "alias/data"
  target_key_id = aws_kms_key.data[count.index].key_id
}

module "aurora" {
  source   = "./modules/aurora"
  for_each = var.clusters

  name      = each.key
  engine    = each.value.engine
  instances = each.value.instances
  scaling   = each.value.scaling
  kms_key   = one(aws_kms_key.data[*].arn)
}

module "replica" {
  source = "./modules/aurora"
  count  = try(var.features.replica, false) ? 1 : 0
  name   = "replica"
}

resource "aws_db_parameter_group" "postgres" {
  name_prefix = "postgres-"
  family      = "postgres16"

  dynamic "parameter" {
    for_each = { log_min_duration_statement = 500, "rds.force_ssl" = true, shared_preload_libraries = "pg_stat_statements" }
    content {
      name         = parameter.key
      value        = tostring(parameter.value) == "true" ? "1" : parameter.value
      apply_method = contains(["shared_preload_libraries"], parameter.key) ? "pending-reboot" : null
    }
  }
}

resource "aws_db_instance" "reports" {
  identifier                  = "reports"
  engine                      = "postgres"
  engine_version              = "16.4"
  instance_class              = "db.t4g.large"
  allocated_storage           = 100
  storage_type                = "gp3"
  storage_encrypted           = true
  kms_key_id                  = try(aws_kms_key.data[0].arn, null)
  username                    = "reports"
  manage_master_user_password = true
  parameter_group_name        = aws_db_parameter_group.postgres.name
  vpc_security_group_ids      = coalescelist([], ["sg-0123456789abcdef0"])
  backup_retention_period     = 14
  monitoring_interval         = 60
  monitoring_role_arn         = "arn:aws:iam::123456789012:role/monitoring"
  deletion_protection         = true
  final_snapshot_identifier   = "reports-final"

  enabled_cloudwatch_logs_exports = ["upgrade", "postgresql"]

  timeouts {
    create = "2h"
  }
}

resource "aws_elasticache_replication_group" "sessions" {
  count = var.features.cache ? 1 : 0

  replication_group_id       = "sessions"
  description                = "Sessions"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.r7g.large"
  num_node_groups            = 2
  replicas_per_node_group    = 1
  automatic_failover_enabled = true
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true

  log_delivery_configuration {
    destination      = "/cache/slow"
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}

output "clusters" {
  value = { for name, cluster in module.aurora : name => cluster.summary }
}

output "replica" {
  value = length(module.replica) > 0 ? module.replica[0].summary : null
}
