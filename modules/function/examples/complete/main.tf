# Readings that arrive in a bucket are checked by a function from a zip file, and forwarded by one from an image.
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
  description = "Account of the functions."
  type        = string
  default     = "111122223333"
}

locals {
  data_key = "arn:aws:kms:eu-central-1:${var.account_id}:key/11111111-2222-3333-4444-555555555555"
  logs     = { kms_key_arn = "arn:aws:kms:eu-central-1:${var.account_id}:key/66666666-7777-8888-9999-000000000000" }
}

module "check" {
  source = "../.."

  name                 = "sensors-dev-check"
  description          = "Checks readings as they arrive"
  kms_key_arn          = local.data_key
  logs                 = local.logs
  reserved_concurrency = 20
  environment          = { TABLE = "sensors-dev-metadata" }

  code = {
    s3                 = { bucket = "sensors-artifacts", key = "check/1.4.2.zip" }
    handler            = "check.handle"
    runtime            = "python3.13"
    signing_config_arn = "arn:aws:lambda:eu-central-1:${var.account_id}:code-signing-config:csc-0123456789abcdef0"
  }

  alias = {
    version = "7"
    canary  = { version = "8", share = 0.1 }
  }

  statements = {
    read-readings = {
      actions   = ["s3:GetObject"]
      resources = ["arn:aws:s3:::sensors-dev-raw/readings/*"]
    }
    write-metadata = {
      actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
      resources = ["arn:aws:dynamodb:eu-central-1:${var.account_id}:table/sensors-dev-metadata"]
    }
    use-key = {
      actions    = ["kms:Decrypt"]
      resources  = [local.data_key]
      conditions = [{ test = "StringLike", variable = "kms:ViaService", values = ["s3.*.amazonaws.com", "dynamodb.*.amazonaws.com"] }]
    }
  }

  triggers = {
    raw     = { service = "s3.amazonaws.com", source_arn = "arn:aws:s3:::sensors-dev-raw", account_id = var.account_id }
    nightly = { service = "events.amazonaws.com", source_arn = "arn:aws:events:eu-central-1:${var.account_id}:rule/nightly" }
  }

  topics = {
    anomalies = {
      arn           = "arn:aws:sns:eu-central-1:${var.account_id}:sensors-dev-anomalies"
      filter_policy = jsonencode({ kind = ["temperature"] })
    }
  }
}

module "forward" {
  source = "../.."

  name        = "sensors-dev-forward"
  kms_key_arn = local.data_key
  logs        = local.logs
  retries     = { attempts = 1, max_age = 3600 }

  code = {
    image_uri = "${var.account_id}.dkr.ecr.eu-central-1.amazonaws.com/sensors/forward:1.4.2"
    command   = ["forward.handle"]
  }

  size = { memory = 1024, timeout = 60, architecture = "x86_64" }

  vpc = {
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    egress     = { redis = { security_group_id = "sg-0123456789abcdef0", port = 6379 } }
  }

  queues = {
    outbox = {
      arn             = "arn:aws:sqs:eu-central-1:${var.account_id}:sensors-dev-outbox"
      kms_key_arn     = local.data_key
      batch_size      = 50
      batch_seconds   = 5
      max_concurrency = 10
      filters         = [jsonencode({ body = { kind = ["reading"] } })]
    }
  }

  streams = {
    metadata = {
      arn      = "arn:aws:dynamodb:eu-central-1:${var.account_id}:table/sensors-dev-metadata/stream/2026-01-01T00:00:00.000"
      position = "TRIM_HORIZON"
      filters  = [jsonencode({ eventName = ["INSERT"] })]
    }
  }
}

output "check_arn" {
  description = "What the bucket calls."
  value       = module.check.arn
}
