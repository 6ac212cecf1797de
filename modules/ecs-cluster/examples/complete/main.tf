# A cluster with everything on: metrics of every task, sessions and task disks encrypted by your key, names for services.

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
  description = "Account of the cluster."
  type        = string
  default     = "111122223333"
}

variable "logs_kms_key_arn" {
  description = "KMS key of the logs. Its policy must let logs.eu-central-1.amazonaws.com use it."
  type        = string
  default     = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
}

module "cluster" {
  source = "../.."

  name                          = "shop-prod"
  container_insights            = "enhanced"
  execute_command               = { kms_key_arn = aws_kms_key.tasks.arn }
  ephemeral_storage_kms_key_arn = aws_kms_key.tasks.arn
  service_connect_namespace_arn = aws_service_discovery_http_namespace.shop.arn
  logs                          = { kms_key_arn = var.logs_kms_key_arn, retention_days = 731 }
}

resource "aws_service_discovery_http_namespace" "shop" {
  name        = "shop-prod"
  description = "Services of shop-prod"
}

resource "aws_kms_key" "tasks" {
  description             = "Disks of tasks and sessions in them, shop-prod"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.tasks_key.json
}

data "aws_iam_policy_document" "tasks_key" {
  # A key without this statement can be locked for good.
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }
  }

  # Fargate makes a data key for each task's disk, for this cluster only.
  statement {
    sid       = "FargateDataKeys"
    actions   = ["kms:GenerateDataKeyWithoutPlaintext"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["fargate.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:ecs:clusterAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:ecs:clusterName"
      values   = ["shop-prod"]
    }
  }

  statement {
    sid       = "FargateGrants"
    actions   = ["kms:CreateGrant"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["fargate.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:ecs:clusterAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:ecs:clusterName"
      values   = ["shop-prod"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "kms:GrantOperations"
      values   = ["Decrypt"]
    }
  }
}

output "cluster" {
  description = "Everything the module gives."
  value       = module.cluster
}
