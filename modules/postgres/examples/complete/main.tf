# A production database with a standby, tuned and watched, and a copy of its backups in a second region.

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

provider "aws" {
  alias  = "backup"
  region = "eu-west-1"
}

variable "network" {
  description = "VPC and data subnets, as the network module gives them."
  type        = object({ vpc_id = string, data_subnet_ids = list(string) })
  default = {
    vpc_id          = "vpc-0123456789abcdef0"
    data_subnet_ids = ["subnet-0ccccccccccccccc1", "subnet-0ccccccccccccccc2", "subnet-0ccccccccccccccc3"]
  }
}

variable "api_security_group_id" {
  description = "Group of the service that uses the database, as the ecs-service module gives it."
  type        = string
  default     = "sg-0123456789abcdef0"
}

variable "kms_key_arns" {
  description = "KMS keys of data and of logs, and of data in the second region."
  type        = object({ data = string, logs = string, backup = string })
  default = {
    data   = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"
    logs   = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
    backup = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000002"
  }
}

variable "enable_cross_region_backup" {
  description = "Whether the second region keeps a copy of the backups."
  type        = bool
  default     = true
  nullable    = false
}

module "postgres" {
  source = "../.."

  name           = "shop-prod"
  engine_version = "17"
  instance_class = "db.m7g.large"
  storage        = { size_gb = 100, max_size_gb = 1000 }
  database_name  = "shop"
  username       = "shop_owner"
  slow_query_ms  = 500

  parameters = {
    "idle_in_transaction_session_timeout" = { value = "60000" }
    "shared_preload_libraries"            = { value = "pg_stat_statements,pgaudit", apply_method = "pending-reboot" }
  }

  vpc_id     = var.network.vpc_id
  subnet_ids = var.network.data_subnet_ids
  clients    = { api = var.api_security_group_id }

  kms_key_arn           = var.kms_key_arns.data
  multi_az              = true
  deletion_protection   = true
  backup_retention_days = 35
  backup_window         = "01:00-02:00"
  maintenance_window    = "sun:02:30-sun:03:30"
  final_snapshot        = true

  performance_insights_days = 731
  logs                      = { kms_key_arn = var.kms_key_arns.logs, retention_days = 731 }
}

module "postgres_backup" {
  source    = "../../cross-region-backup"
  providers = { aws = aws.backup }

  enable_cross_region_backup = var.enable_cross_region_backup
  source_arn                 = module.postgres.arn
  kms_key_arn                = var.kms_key_arns.backup
  retention_days             = 35
}

# What the report team works on: the state of a certain evening, in a database of its own.
module "postgres_reports" {
  source = "../.."

  name           = "shop-prod-reports"
  instance_class = "db.t4g.medium"
  database_name  = "shop"
  restore        = { source_identifier = "shop-prod", time = "2026-03-31T22:00:00Z" }

  vpc_id      = var.network.vpc_id
  subnet_ids  = var.network.data_subnet_ids
  kms_key_arn = var.kms_key_arns.data
  multi_az    = true
  logs        = { kms_key_arn = var.kms_key_arns.logs }
}

output "postgres" {
  description = "Everything the module gives."
  value       = module.postgres
}

output "backups_arn" {
  description = "The copied backups."
  value       = module.postgres_backup.backups_arn
}
