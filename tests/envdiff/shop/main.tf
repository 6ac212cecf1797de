terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "environment" { type = string }
variable "account" { type = string }
variable "cidr" { type = string }
variable "subnets" { type = map(number) }
variable "retention" { type = number }
variable "replicas" { type = number }
variable "open" { type = list(string) }
variable "services" {
  type = map(object({ memory = number, fifo = optional(bool, false) }))
}
variable "password" {
  type      = string
  sensitive = true
}

provider "aws" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
  default_tags {
    tags = { Environment = var.environment, Team = "payments" }
  }
}

locals {
  name = "shop-${var.environment}"
}

resource "aws_vpc" "main" {
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  tags                 = { Name = local.name }
}

resource "aws_subnet" "each" {
  for_each          = var.subnets
  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = cidrsubnet(var.cidr, 8, each.value)
}

resource "aws_security_group" "web" {
  name   = "${local.name}-web"
  vpc_id = aws_vpc.main.id
  dynamic "ingress" {
    for_each = var.open
    content {
      description = "from ${ingress.value}"
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_kms_key" "main" {
  description             = "of ${local.name}"
  deletion_window_in_days = var.environment == "prod" ? 30 : 7
  enable_key_rotation     = true
}

resource "aws_kms_alias" "main" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.main.key_id
}

resource "aws_s3_bucket" "data" {
  bucket        = "${local.name}-${var.account}-data"
  force_destroy = var.environment == "dev"
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration { status = var.environment == "prod" ? "Enabled" : "Suspended" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.main.arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration { noncurrent_days = var.retention }
  }
}

resource "aws_dynamodb_table" "orders" {
  name         = "${local.name}-orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery { enabled = var.environment == "prod" }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.main.arn
  }
  ttl {
    attribute_name = "expires"
    enabled        = true
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "task" {
  name                 = "${local.name}-task"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  max_session_duration = var.environment == "prod" ? 3600 : 7200
}

resource "aws_iam_role_policy" "task" {
  name = "orders"
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = var.environment == "prod" ? ["dynamodb:GetItem"] : ["dynamodb:GetItem", "dynamodb:DeleteItem"]
      Resource = aws_dynamodb_table.orders.arn
    }]
  })
}

resource "aws_ssm_parameter" "size" {
  count = var.replicas
  name  = "/${local.name}/size/${count.index}"
  type  = "String"
  value = tostring(var.retention * (count.index + 1))
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "${local.name}/db"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({ user = "app", password = var.password })
}

resource "aws_ebs_volume" "cache" {
  availability_zone = "eu-west-1a"
  size              = var.environment == "prod" ? 100 : 10
  type              = "gp3"
  encrypted         = true
  kms_key_id        = aws_kms_key.main.arn
}

resource "aws_ecr_repository" "app" {
  name                 = "${local.name}/app"
  image_tag_mutability = var.environment == "prod" ? "IMMUTABLE" : "MUTABLE"
  image_scanning_configuration { scan_on_push = true }
}

resource "aws_sns_topic" "alarms" {
  name = "${local.name}-alarms"
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each            = var.services
  alarm_name          = "${local.name}-${each.key}-errors"
  namespace           = "Shop"
  metric_name         = "Errors"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.memory > 512 ? 5 : 50
  period              = 60
  evaluation_periods  = 2
  alarm_actions       = [aws_sns_topic.alarms.arn]
  dimensions          = { Queue = module.service[each.key].queue_name }
}

module "service" {
  source    = "./service"
  for_each  = var.services
  name      = "${local.name}-${each.key}"
  memory    = each.value.memory
  fifo      = each.value.fifo
  retention = var.retention
  key_arn   = aws_kms_key.main.arn
  topic_arn = aws_sns_topic.alarms.arn
}

output "queues" {
  value = { for name, service in module.service : name => service.queue_url }
}

output "retention" {
  value = var.retention
}

output "bucket" {
  value = aws_s3_bucket.data.bucket
}
