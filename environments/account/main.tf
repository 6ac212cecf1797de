locals {
  audit_name = "${var.project}-audit"
  partition  = data.aws_partition.current.partition

  # What the stacks hand roles to. A role for anything else is not theirs to give.
  role_receivers = [
    "backup.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "ecs.amazonaws.com",
    "eks.amazonaws.com",
    "lambda.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "pods.eks.amazonaws.com",
    "redshift.amazonaws.com",
    "scheduler.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
  ]
}

# Known to the provider without asking AWS.
data "aws_partition" "current" {}

################################################################################
# Pipeline: a role for plans and a role for applies, for each environment in the account
################################################################################

# An account can have only one, which the environments share. Without thumbprints: AWS checks GitHub's certificate
# against its own list of authorities.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]

  tags = { Name = "github-actions" }
}

module "github" {
  source   = "../../modules/github-oidc"
  for_each = var.environments

  name          = "${var.project}-${each.key}"
  repository    = var.repository
  oidc_provider = { arn = aws_iam_openid_connect_provider.github.arn }

  plan = {
    pull_requests = each.value.plan.pull_requests
    branches      = each.value.plan.branches
  }

  # By GitHub's environment, never by branch: its reviewers are asked before a token exists.
  apply = {
    environments     = [each.key]
    managed_policies = ["PowerUserAccess"]

    policies = {
      roles      = data.aws_iam_policy_document.roles[each.key].json
      guardrails = data.aws_iam_policy_document.guardrails.json
    }
  }

  # Not this root's own state: a pipeline that may change its own roles has no limits. A person applies it.
  state = {
    bucket         = var.state.bucket
    keys           = [for stack in each.value.stacks : "${each.key}/${stack}/terraform.tfstate"]
    kms_key_arn    = var.state.kms_key_arn
    lock_table_arn = var.state.lock_table_arn
  }
}

# PowerUserAccess leaves IAM out; the stacks make roles of their own. Who may write a role's policy may give it anything:
# what stands against that is the review of the plan and of the environment, and the guardrails below.
data "aws_iam_policy_document" "roles" {
  for_each = var.environments

  statement {
    sid = "StacksRoles"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies",
      "iam:ListRoleTags",
      "iam:PutRolePolicy",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
    ]
    resources = [for stack in each.value.stacks : "arn:${local.partition}:iam::${var.account_id}:role/${var.project}-${each.key}-${stack}-*"]
  }

  statement {
    sid       = "HandRolesToServices"
    actions   = ["iam:PassRole"]
    resources = [for stack in each.value.stacks : "arn:${local.partition}:iam::${var.account_id}:role/${var.project}-${each.key}-${stack}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = local.role_receivers
    }
  }
}

# Whoever has got hold of the pipeline first makes sure that nobody sees it.
data "aws_iam_policy_document" "guardrails" {
  statement {
    sid    = "KeepWatching"
    effect = "Deny"
    actions = [
      "cloudtrail:DeleteTrail",
      "cloudtrail:PutEventSelectors",
      "cloudtrail:PutInsightSelectors",
      "cloudtrail:StopLogging",
      "cloudtrail:UpdateTrail",
      "config:DeleteConfigurationRecorder",
      "config:DeleteDeliveryChannel",
      "config:PutConfigurationRecorder",
      "config:StopConfigurationRecorder",
      "ec2:DisableEbsEncryptionByDefault",
      "guardduty:DeleteDetector",
      "guardduty:UpdateDetector",
      "s3:PutAccountPublicAccessBlock",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "KeepTheTrail"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = flatten([for arn in module.audit_trail.bucket_arns : [arn, "${arn}/*"]])
  }

  statement {
    sid       = "KeepItsKey"
    effect    = "Deny"
    actions   = ["kms:CreateGrant", "kms:DisableKey", "kms:DisableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
    resources = [aws_kms_key.audit.arn]
  }
}

################################################################################
# Audit trail
################################################################################

module "audit_trail" {
  source = "../../modules/audit-trail"

  name        = local.audit_name
  account_id  = var.account_id
  kms_key_arn = aws_kms_key.audit.arn
  bucket      = var.audit.bucket
  logs        = { kms_key_arn = aws_kms_key.audit.arn, retention_days = var.audit.log_retention_days }
  data_events = { "AWS::S3::Object" = ["arn:${local.partition}:s3:::${var.state.bucket}/"] } # states hold what secrets are worth
  findings    = var.audit.findings

  guardduty = {
    features = var.audit.guardduty_features
  }
}

resource "aws_kms_key" "audit" {
  description             = "Audit trail of the account"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.audit_key.json
}

resource "aws_kms_alias" "audit" {
  name          = "alias/${local.audit_name}"
  target_key_id = aws_kms_key.audit.key_id
}

data "aws_iam_policy_document" "audit_key" {
  # The account's IAM policies decide who uses and manages the key. A key without this statement can be locked for good.
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"] # in a key's policy: this key

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${var.account_id}:root"]
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
      values   = ["arn:${local.partition}:cloudtrail:${var.region}:${var.account_id}:trail/${local.audit_name}"]
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
      values   = [var.account_id]
    }
  }

  statement {
    sid       = "CloudWatchLogs"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    # For log groups of this account only: the service acts for everybody's.
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${var.region}:${var.account_id}:log-group:*"]
    }
  }
}

################################################################################
# What holds for everything in the account, whoever makes it
################################################################################

resource "aws_s3_account_public_access_block" "this" {
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_ebs_encryption_by_default" "this" {
  enabled = true
}

################################################################################
# Budgets
################################################################################

# By the tag that every root's provider sets; it counts once it is activated for cost allocation in the paying account.
module "environment_budget" {
  source   = "../../modules/budget"
  for_each = var.environments

  name          = "${var.project}-${each.key}"
  limit         = { amount = each.value.monthly_budget }
  filter        = { tags = { environment = [each.key] } }
  notifications = local.budget_notifications
}

# Everything, what carries no tag too; and here alone the watch for anomalies, which looks at the account's services.
module "account_budget" {
  source = "../../modules/budget"

  name              = "${var.project}-account"
  limit             = { amount = var.budget.monthly_limit }
  notifications     = local.budget_notifications
  anomaly_detection = { emails = var.budget.emails }
}

locals {
  # The forecast speaks while something can still be done about it.
  budget_notifications = [
    { on = "forecasted", threshold = 100, emails = var.budget.emails },
    { on = "actual", threshold = 80, emails = var.budget.emails },
    { on = "actual", threshold = 100, emails = var.budget.emails },
  ]
}
