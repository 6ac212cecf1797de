# Metadata of sensors, paid by request and copied to another region; and counters with provisioned capacity.
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
  description = "Account of the tables."
  type        = string
  default     = "111122223333"
}

locals {
  key = "arn:aws:kms:eu-central-1:${var.account_id}:key/11111111-2222-3333-4444-555555555555"
}

module "metadata" {
  source = "../.."

  name             = "sensors-dev-metadata"
  key              = { hash = "sensor", range = "taken_at" }
  attributes       = { sensor = "S", taken_at = "N", site = "S", kind = "S" }
  kms_key_arn      = local.key
  ttl_attribute    = "expires_at"
  stream           = "NEW_AND_OLD_IMAGES"
  on_demand_limits = { read = 4000, write = 1000 }
  replicas         = { eu-west-1 = "arn:aws:kms:eu-west-1:${var.account_id}:key/66666666-7777-8888-9999-000000000000" }

  global_indexes = {
    by-site = { hash = "site", range = "taken_at", projection = ["kind"] }
  }

  local_indexes = {
    by-kind = { range = "kind", projection = [] }
  }
}

module "counters" {
  source = "../.."

  name                = "sensors-dev-counters"
  key                 = { hash = "counter" }
  attributes          = { counter = "S", site = "S" }
  kms_key_arn         = local.key
  class               = "STANDARD_INFREQUENT_ACCESS"
  recovery_days       = 7
  deletion_protection = false

  provisioned = {
    read        = { min = 5, max = 100 }
    write       = { min = 5, max = 50 }
    use_percent = 60
  }

  global_indexes = {
    by-site = { hash = "site", capacity = { write = { min = 5, max = 50 } } }
  }
}

output "metadata" {
  description = "What a program that queries the metadata needs rights on."
  value       = module.metadata.resources
}
