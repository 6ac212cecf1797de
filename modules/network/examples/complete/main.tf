# A production network: three zones with a NAT gateway each, endpoints for what its workloads call most, and endpoint
# policies that keep data from leaving for other accounts.

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
  description = "Account of the network."
  type        = string
  default     = "111122223333"
}

# Its policy must let logs.eu-central-1.amazonaws.com use it.
variable "kms_key_arn" {
  description = "KMS key of the flow logs."
  type        = string
  default     = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
}

module "network" {
  source = "../.."

  name         = "shop-prod"
  cidr_block   = "10.30.0.0/16"
  zones        = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  nat_gateways = "per_zone"

  gateway_endpoints = {
    s3       = { policy = data.aws_iam_policy_document.s3.json }
    dynamodb = {}
  }

  interface_endpoints = {
    "ecr.api"      = {}
    "ecr.dkr"      = {}
    logs           = {}
    secretsmanager = { policy = data.aws_iam_policy_document.own_account.json }
    ssm            = { policy = data.aws_iam_policy_document.own_account.json }
  }

  subnet_tags = {
    public  = { "kubernetes.io/role/elb" = "1" }
    private = { "kubernetes.io/role/internal-elb" = "1" }
  }

  kms_key_arn = var.kms_key_arn

  flow_logs = {
    retention_days      = 731
    traffic_type        = "ALL"
    aggregation_seconds = 60
  }
}

# Whoever takes a workload over cannot carry data to an account of his own: only this account's may be reached.
data "aws_iam_policy_document" "own_account" {
  statement {
    sid       = "OwnAccount"
    actions   = ["secretsmanager:*", "ssm:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "s3" {
  statement {
    sid       = "OwnBuckets"
    actions   = ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]
    resources = ["arn:aws:s3:::*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [var.account_id]
    }
  }

  # Image layers lie in a bucket of Amazon ECR's.
  # ECR signs the layers' addresses, so no condition on the caller would hold.
  statement {
    sid       = "ImageLayers"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

output "network" {
  description = "Everything the module gives."
  value       = module.network
}
