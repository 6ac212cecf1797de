# A service in production, in the middle of a release: blue answers nine requests in ten, green, the next version, the tenth.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "network" {
  description = "VPC and private subnets, as the network module gives them."
  type        = object({ vpc_id = string, private_subnet_ids = list(string) })
  default = {
    vpc_id             = "vpc-0123456789abcdef0"
    private_subnet_ids = ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2", "subnet-0bbbbbbbbbbbbbbb3"]
  }
}

variable "load_balancer" {
  description = "HTTPS listener, security group and ARN suffix, as the load-balancer module gives them."
  type        = object({ listener_arn = string, security_group_id = string, arn_suffix = string })
  default = {
    listener_arn      = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/shop-prod/0123456789abcdef/0123456789abcdef"
    security_group_id = "sg-0123456789abcdef0"
    arn_suffix        = "app/shop-prod/0123456789abcdef"
  }
}

variable "database_security_group_id" {
  description = "Group of the database, as the postgres module gives it."
  type        = string
  default     = "sg-0123456789abcdef1"
}

variable "kms_key_arns" {
  description = "KMS keys of the logs and of data and secrets."
  type        = object({ logs = string, data = string })
  default = {
    logs = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
    data = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic of those on call."
  type        = string
  default     = "arn:aws:sns:eu-central-1:111122223333:shop-prod-critical"
}

locals {
  repository = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/api"
}

module "cluster" {
  source = "../../../ecs-cluster"

  name            = "shop-prod"
  execute_command = { kms_key_arn = var.kms_key_arns.data }
  logs            = { kms_key_arn = var.kms_key_arns.logs }
}

module "api" {
  source = "../.."

  name       = "shop-prod-api"
  cluster    = { arn = module.cluster.arn, name = module.cluster.name }
  vpc_id     = var.network.vpc_id
  subnet_ids = var.network.private_subnet_ids

  size        = { cpu = 1024, memory = 2048, architecture = "ARM64" }
  spot        = { percent = 50, on_demand_tasks = 2 }
  autoscaling = { min_tasks = 3, max_tasks = 24, cpu_percent = 60, memory_percent = 75, requests_per_task = 1000 }

  container = {
    image          = "${local.repository}:1.4.2"
    port           = 8000
    command        = ["serve", "--workers", "4"]
    user           = "10001:10001"
    environment    = { LOG_LEVEL = "info" }
    secrets        = { TOKEN_KEY = "/shop/prod/api/TOKEN_KEY" }
    writable_paths = ["/tmp"]
    stop_timeout   = 60
  }

  colours = {
    blue  = {}
    green = { image = "${local.repository}:1.5.0", environment = { FEATURE_BASKET = "on" }, max_tasks = 12 }
  }

  traffic               = { blue = 90, green = 10, sticky_seconds = 3600 }
  preview               = { priority = 90 }
  wait_for_steady_state = true

  rollback = {
    errors_per_minute = 20
    topic_arns        = [var.alarm_topic_arn]
  }

  load_balancer = var.load_balancer
  routing       = { priority = 100, hosts = ["shop.example.com"], paths = ["/api/*"] }

  health_check = {
    path                 = "/healthz"
    grace_period         = 90
    deregistration_delay = 60
  }

  egress              = { database = { security_group_id = var.database_security_group_id, port = 5432 } }
  task_policies       = { pictures = data.aws_iam_policy_document.pictures.json }
  secrets_kms_key_arn = var.kms_key_arns.data
  logs                = { kms_key_arn = var.kms_key_arns.logs, retention_days = 731 }
}

data "aws_iam_policy_document" "pictures" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::shop-prod-pictures/*"]
  }
}

output "api" {
  description = "Everything the module gives."
  value       = module.api
}
