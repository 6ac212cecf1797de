# Everything the module offers, with a key whose policy lets the services use it.
provider "aws" {
  region = "eu-central-1"
}

data "aws_partition" "current" {}

locals {
  account_id = "111122223333"
  region     = "eu-central-1"
}

resource "aws_kms_key" "audit" {
  description             = "Audit trail of the account"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

data "aws_iam_policy_document" "key" {
  # The account's IAM policies decide who uses and manages the key. A key without this statement can be locked for good.
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"] # in a key's policy: this key

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${local.account_id}:root"]
    }
  }

  statement {
    sid       = "CloudTrail"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.current.partition}:cloudtrail:${local.region}:${local.account_id}:trail/shop-audit"]
    }
  }

  statement {
    sid       = "Findings"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }

  statement {
    sid       = "CloudWatchLogs"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${local.region}:${local.account_id}:log-group:*"]
    }
  }
}

module "audit_trail" {
  source = "../.."

  name        = "shop-audit"
  account_id  = local.account_id
  kms_key_arn = aws_kms_key.audit.arn
  logs        = { kms_key_arn = aws_kms_key.audit.arn, retention_days = 400 }
  insights    = ["ApiCallRateInsight", "ApiErrorRateInsight"]

  bucket = {
    name               = "example-shop-audit"
    access_logs_bucket = "example-access-logs"
    archive_after_days = 30
    expire_after_days  = 2557
    lock               = { days = 365, mode = "governance" }
  }

  data_events = {
    "AWS::S3::Object"       = ["arn:aws:s3:::shop-prod-receipts/", "arn:aws:s3:::example-terraform-state/"]
    "AWS::Lambda::Function" = []
  }

  config = {
    recording               = "continuous"
    global_resources        = true
    excluded_resource_types = ["AWS::EC2::NetworkInterface"]
    snapshot_frequency      = "Twelve_Hours"
    retention_days          = 2557
  }

  config_rules = {
    root-account-mfa-enabled = { description = "The root user signs in with a second factor.", frequency = "TwentyFour_Hours" }
    restricted-ssh           = { identifier = "INCOMING_SSH_DISABLED", resource_types = ["AWS::EC2::SecurityGroup"] }
    access-keys-rotated      = { parameters = { maxAccessKeyAge = "90" } }
  }

  guardduty = {
    publishing_frequency = "FIFTEEN_MINUTES"
    features             = ["EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "RUNTIME_MONITORING", "S3_DATA_EVENTS"]
    runtime_agents       = ["ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT"]
  }

  findings = { min_severity = 7, emails = ["security@example.com"] }
}
