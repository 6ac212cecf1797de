# Exercises: a variable of every type, optional() with and without defaults, nullable, validation across variables.

provider "aws" {
  region     = var.region
  access_key = "mock_access_key"
  secret_key = var.provider_secret

  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

resource "aws_s3_bucket" "data" {
  for_each = var.buckets

  bucket        = join("-", compact([var.project, var.environment, each.key, each.value.suffix]))
  force_destroy = each.value.force_destroy
  tags          = merge(var.tags, each.value.tags, { Owner = each.value.owner.team })
}

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  for_each = { for name, bucket in var.buckets : name => bucket if length(bucket.lifecycle_rules) > 0 }

  bucket = aws_s3_bucket.data[each.key].id

  dynamic "rule" {
    for_each = each.value.lifecycle_rules
    content {
      id     = rule.value.id
      status = rule.value.enabled ? "Enabled" : "Disabled"

      filter {
        prefix = rule.value.prefix
      }

      dynamic "expiration" {
        for_each = rule.value.expire_days[*]
        content {
          days = expiration.value
        }
      }

      dynamic "transition" {
        for_each = rule.value.transitions
        content {
          days          = transition.value.days
          storage_class = transition.value.class
        }
      }
    }
  }
}

resource "aws_db_instance" "main" {
  identifier            = "${var.project}-${var.environment}"
  engine                = var.database.engine
  engine_version        = var.database.version
  instance_class        = var.database.instance_class
  allocated_storage     = var.database.storage.size
  max_allocated_storage = var.database.storage.max_size
  storage_encrypted     = var.database.storage.encrypted
  iops                  = var.database.storage.iops
  multi_az              = var.database.multi_az
  username              = var.database.username
  password              = var.database_password
  skip_final_snapshot   = true

  maintenance_window      = var.maintenance[0]
  backup_retention_period = var.maintenance[1]
  deletion_protection     = var.maintenance[2]
}

resource "aws_sqs_queue" "work" {
  for_each = var.queues

  name                       = "${var.project}-${each.value}"
  visibility_timeout_seconds = lookup(var.queue_timeouts, each.key, var.default_timeout)
  delay_seconds              = var.default_delay
}

resource "aws_ssm_parameter" "setting" {
  count = length(var.settings_order)

  name  = "/${var.project}/${var.settings_order[count.index]}"
  type  = "String"
  value = try(tostring(var.settings[var.settings_order[count.index]]), jsonencode(var.settings[var.settings_order[count.index]]))
}
