# A warehouse of readings, whose snapshots are copied to another region.
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
  description = "Account of the warehouse."
  type        = string
  default     = "111122223333"
}

variable "enable_redshift" {
  description = "Whether there is a warehouse."
  type        = bool
  default     = true
}

resource "aws_redshift_snapshot_copy_grant" "copy" {
  provider = aws.copy
  count    = var.enable_redshift ? 1 : 0

  snapshot_copy_grant_name = "sensors-prod"
  kms_key_id               = "arn:aws:kms:eu-west-1:${var.account_id}:key/66666666-7777-8888-9999-000000000000"
}

module "warehouse" {
  source = "../.."

  enabled       = var.enable_redshift
  name          = "sensors-prod"
  nodes         = { type = "ra3.xlplus", count = 2, multi_az = true }
  database_name = "readings"
  parameters    = { statement_timeout = "600000" }
  role_arns     = ["arn:aws:iam::${var.account_id}:role/sensors-prod-copy"]

  vpc_id                 = "vpc-0123456789abcdef0"
  subnet_ids             = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  clients                = { loader = "sg-0123456789abcdef0" }
  egress_prefix_list_ids = { s3 = "pl-0123456789abcdef0" }

  kms_key_arn        = "arn:aws:kms:eu-central-1:${var.account_id}:key/11111111-2222-3333-4444-555555555555"
  snapshots          = { retention_days = 35 }
  maintenance_window = "mon:02:00-mon:03:00"
  logs               = { kms_key_arn = "arn:aws:kms:eu-central-1:${var.account_id}:key/22222222-3333-4444-5555-666666666666" }

  snapshot_copy = var.enable_redshift ? {
    region     = "eu-west-1"
    grant_name = aws_redshift_snapshot_copy_grant.copy[0].snapshot_copy_grant_name
  } : null
}

output "address" {
  description = "Where the warehouse is reached; null without one."
  value       = module.warehouse.address
}
