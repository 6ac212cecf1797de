# Sensor readings, kept for two years and copied to another region, with the bucket that takes the access logs.
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
  description = "Account of the buckets."
  type        = string
  default     = "111122223333"
}

locals {
  keys = {
    data = "arn:aws:kms:eu-central-1:${var.account_id}:key/11111111-2222-3333-4444-555555555555"
    copy = "arn:aws:kms:eu-west-1:${var.account_id}:key/66666666-7777-8888-9999-000000000000"
  }

  # A bucket must be in its logs' region.
  deliver_access_logs = {
    AccessLogs = {
      services   = ["logging.s3.amazonaws.com"]
      actions    = ["s3:PutObject"]
      conditions = [{ test = "StringEquals", variable = "aws:SourceAccount", values = [var.account_id] }]
    }
  }
}

module "access_logs" {
  source = "../.."

  name              = "shop-dev-access-logs"
  kms_key_arn       = null
  access_logs       = null
  policy_statements = local.deliver_access_logs
  object_lock       = { mode = "COMPLIANCE", days = 365 }
  lifecycle_rules   = { old = { expiration_days = 400 } }
}

module "access_logs_copy" {
  source    = "../.."
  providers = { aws = aws.copy }

  name              = "shop-dev-access-logs-copy"
  kms_key_arn       = null
  access_logs       = null
  policy_statements = local.deliver_access_logs
  lifecycle_rules   = { old = { expiration_days = 400 } }
}

module "copy" {
  source    = "../.."
  providers = { aws = aws.copy }

  name        = "shop-dev-raw-copy"
  kms_key_arn = local.keys.copy
  access_logs = { bucket = module.access_logs_copy.name }
}

module "raw" {
  source = "../.."

  name            = "shop-dev-raw"
  kms_key_arn     = local.keys.data
  access_logs     = { bucket = module.access_logs.name, prefix = "raw/" }
  noncurrent_days = 30

  lifecycle_rules = {
    readings = {
      prefix                 = "readings/"
      transitions            = [{ days = 30, storage_class = "STANDARD_IA" }, { days = 90, storage_class = "GLACIER_IR" }]
      noncurrent_transitions = [{ days = 7, storage_class = "GLACIER_IR" }]
      expiration_days        = 730
    }
    scratch = {
      tags            = { keep = "no" }
      expiration_days = 3
    }
    exports = {
      prefix          = "exports/"
      tags            = { audience = "internal" }
      expiration_days = 14
    }
  }

  replication = {
    bucket_arn        = module.copy.arn
    kms_key_arn       = local.keys.copy
    prefix            = "readings/"
    within_15_minutes = true
  }

  policy_statements = {
    partner-reads = {
      arns    = ["arn:aws:iam::444455556666:role/partner"]
      actions = ["s3:GetObject"]
      prefix  = "exports/"
    }
  }

  events = {
    eventbridge = true
    queues      = { uploads = { arn = "arn:aws:sqs:eu-central-1:${var.account_id}:uploads", prefix = "readings/", suffix = ".json" } }
  }
}

output "raw" {
  description = "ARN of the bucket of readings."
  value       = module.raw.arn
}
