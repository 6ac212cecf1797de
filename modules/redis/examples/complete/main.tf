# Sessions for programs that sign in by IAM, and a sharded cache for a program that knows passwords only.
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

variable "account_id" {
  description = "Account of the caches."
  type        = string
  default     = "111122223333"
}

variable "auth_token" {
  description = "Password of the sharded cache, from a secret."
  type        = string
  default     = null
  sensitive   = true
}

locals {
  data_key   = "arn:aws:kms:eu-central-1:${var.account_id}:key/11111111-2222-3333-4444-555555555555"
  logs       = { kms_key_arn = "arn:aws:kms:eu-central-1:${var.account_id}:key/66666666-7777-8888-9999-000000000000", retention_days = 90 }
  vpc_id     = "vpc-0123456789abcdef0"
  subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
}

module "sessions" {
  source = "../.."

  name                   = "shop-dev-sessions"
  engine                 = "redis"
  engine_version         = "7.1"
  node_type              = "cache.t4g.small"
  replicas               = 2
  parameters             = { maxmemory-policy = "volatile-ttl" }
  vpc_id                 = local.vpc_id
  subnet_ids             = local.subnet_ids
  clients                = { api = "sg-0123456789abcdef0", web = "sg-0123456789abcdef1" }
  kms_key_arn            = local.data_key
  logs                   = local.logs
  snapshots              = { retention_days = 14, window = "01:00-02:00" }
  maintenance_window     = "mon:03:00-mon:04:00"
  notification_topic_arn = "arn:aws:sns:eu-central-1:${var.account_id}:shop-dev-warnings"

  users = {
    api = { access = "~session:* +@read +@write +@connection" }
    ops = {}
  }
}

module "cache" {
  source = "../.."
  count  = var.auth_token != null ? 1 : 0

  name              = "shop-dev-cache"
  node_type         = "cache.r7g.large"
  shards            = 3
  vpc_id            = local.vpc_id
  subnet_ids        = local.subnet_ids
  clients           = { legacy = "sg-0123456789abcdef2" }
  auth_token        = var.auth_token
  kms_key_arn       = local.data_key
  logs              = local.logs
  apply_immediately = true
}

output "sessions" {
  description = "Where sessions are kept, and as whom to sign in."
  value       = { address = module.sessions.address, users = module.sessions.users }
}
