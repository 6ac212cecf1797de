# The registry of a company's build account: four repositories, pulled by the accounts of staging and production.

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

variable "kms_key_arn" {
  description = "KMS key of the images."
  type        = string
  default     = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"
}

variable "accounts" {
  description = "Accounts of the environments."
  type        = object({ build = string, staging = string, prod = string, partner = string })
  default     = { build = "111122223333", staging = "222233334444", prod = "333344445555", partner = "444455556666" }
}

module "images" {
  source = "../.."

  name        = "shop"
  kms_key_arn = var.kms_key_arn

  repositories = {
    api         = {}
    "front-end" = { release_tags = ["v*", "hotfix-*"], keep_releases = 200, keep_images = 20, untagged_days = 3 }

    # A partner runs this one in its own account.
    "edge/agent" = { pull_account_ids = [var.accounts.partner] }

    # Images in which builds run: nothing of them is ever deployed.
    builder = { release_tags = [], keep_images = 10, untagged_days = 1 }
  }

  pull_account_ids        = [var.accounts.staging, var.accounts.prod]
  lambda_pull_account_ids = [var.accounts.build, var.accounts.prod]
  enhanced_scanning       = true
}

output "images" {
  description = "Everything the module gives."
  value       = module.images
}
