# Backups of production, copied to a second region.
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
  alias  = "copy"
  region = "eu-west-1"
}

variable "account_id" {
  description = "Account of the backups."
  type        = string
  default     = "111122223333"
}

module "copy" {
  source    = "../.."
  providers = { aws = aws.copy }

  name        = "shop-prod-copy"
  kms_key_arn = "arn:aws:kms:eu-west-1:${var.account_id}:key/66666666-7777-8888-9999-000000000000"
  rules       = {}
  lock        = { min_days = 30, max_days = 800, grace_days = 14 }
  copiers     = ["444455556666"]
}

module "backup" {
  source = "../.."

  name                   = "shop-prod"
  kms_key_arn            = "arn:aws:kms:eu-central-1:${var.account_id}:key/11111111-2222-3333-4444-555555555555"
  copy_to                = module.copy.vault_arn
  timezone               = "Europe/Berlin"
  lock                   = { min_days = 7 }
  notification_topic_arn = "arn:aws:sns:eu-central-1:${var.account_id}:shop-prod-warnings"

  rules = {
    hourly  = { schedule = "cron(0 * * * ? *)", keep_days = 7, copy = false }
    daily   = { schedule = "cron(0 3 * * ? *)", keep_days = 30, continuous = true }
    weekly  = { schedule = "cron(0 4 ? * SUN *)", keep_days = 90 }
    monthly = { schedule = "cron(0 5 1 * ? *)", keep_days = 365, copy_days = 730, cold_days = 30, complete_minutes = 1440 }
  }

  selection = {
    tags    = { backup = "yes", environment = "prod" }
    exclude = ["arn:aws:s3:::shop-prod-scratch"]
  }
}

output "vaults" {
  description = "Vaults in both regions."
  value       = [module.backup.vault_arn, module.copy.vault_arn]
}
