locals {
  issuer       = "token.actions.githubusercontent.com"
  partition    = data.aws_partition.current.partition
  provider_arn = var.oidc_provider == null ? aws_iam_openid_connect_provider.this[0].arn : var.oidc_provider.arn

  # GitHub writes one of these forms into a token's "sub"; a job that names an environment gets the environment's form
  # and no other. https://docs.github.com/actions/reference/security/oidc
  subjects = {
    for role, from in { plan = var.plan, apply = var.apply } : role => concat(
      [for branch in from.branches : "repo:${var.repository}:ref:refs/heads/${branch}"],
      # A colon in an environment's name is escaped, so that it cannot pose as another claim.
      [for environment in from.environments : "repo:${var.repository}:environment:${replace(environment, ":", "%3A")}"],
      role == "plan" && var.plan.pull_requests ? ["repo:${var.repository}:pull_request"] : [],
    )
  }
}

# Known to the provider without asking AWS.
data "aws_partition" "current" {}

################################################################################
# OIDC provider
################################################################################

# Without thumbprints: AWS checks GitHub's certificate against its own list of authorities.
resource "aws_iam_openid_connect_provider" "this" {
  count = var.oidc_provider == null ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]

  tags = { Name = "github-actions" }
}

data "aws_iam_policy_document" "trust" {
  for_each = local.subjects

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    # Compared whole: a pattern such as repo:owner/name* would also admit owner/name-of-somebody-else's.
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = each.value
    }
  }
}

################################################################################
# Plan: reads everything but data, changes nothing but locks
################################################################################

resource "aws_iam_role" "plan" {
  name                 = "${var.name}-plan"
  description          = "Plans by GitHub Actions of ${var.repository}"
  assume_role_policy   = data.aws_iam_policy_document.trust["plan"].json
  max_session_duration = var.plan.max_session_seconds
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "plan" {
  for_each = var.plan.managed_policies

  role       = aws_iam_role.plan.name
  policy_arn = startswith(each.value, "arn:") ? each.value : "arn:${local.partition}:iam::aws:policy/${each.value}"
}

resource "aws_iam_role_policy" "plan" {
  for_each = var.plan.policies

  name   = each.key
  role   = aws_iam_role.plan.id
  policy = each.value
}

resource "aws_iam_role_policy" "plan_state" {
  name   = "terraform-state"
  role   = aws_iam_role.plan.id
  policy = data.aws_iam_policy_document.plan_state.json
}

resource "aws_iam_role_policy" "plan_no_data" {
  name   = "no-data"
  role   = aws_iam_role.plan.id
  policy = data.aws_iam_policy_document.no_data.json
}

# A pull request decides what a plan runs, and ReadOnlyAccess reads data too: objects, items, messages, logs.
data "aws_iam_policy_document" "no_data" {
  statement {
    sid     = "NoObjects"
    effect  = "Deny"
    actions = ["s3:GetObject", "s3:GetObjectVersion"]
    not_resources = concat(
      local.state_objects,
      local.lock_objects,
      [for object in var.plan.readable_objects : startswith(object, "arn:") ? object : "arn:${local.partition}:s3:::${object}"],
    )
  }

  statement {
    sid    = "NoItems"
    effect = "Deny"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:PartiQLSelect",
      "dynamodb:Query",
      "dynamodb:Scan",
    ]
    resources     = var.state.lock_table_arn == null ? ["*"] : null
    not_resources = var.state.lock_table_arn[*]
  }

  statement {
    sid    = "NoSecretsMessagesAndLogs"
    effect = "Deny"
    actions = [
      "kinesis:GetRecords",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:GetLogRecord",
      "logs:GetQueryResults",
      "logs:StartLiveTail",
      "logs:StartQuery",
      "rds:DownloadCompleteDBLogFile",
      "rds:DownloadDBLogFilePortion",
      "secretsmanager:BatchGetSecretValue",
      "secretsmanager:GetSecretValue",
      "sqs:ReceiveMessage",
    ]
    resources = ["*"]
  }
}

################################################################################
# Apply: what it may change is the caller's decision
################################################################################

resource "aws_iam_role" "apply" {
  name                 = "${var.name}-apply"
  description          = "Applies by GitHub Actions of ${var.repository}"
  assume_role_policy   = data.aws_iam_policy_document.trust["apply"].json
  max_session_duration = var.apply.max_session_seconds
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "apply" {
  for_each = var.apply.managed_policies

  role       = aws_iam_role.apply.name
  policy_arn = startswith(each.value, "arn:") ? each.value : "arn:${local.partition}:iam::aws:policy/${each.value}"
}

resource "aws_iam_role_policy" "apply" {
  for_each = var.apply.policies

  name   = each.key
  role   = aws_iam_role.apply.id
  policy = each.value
}

resource "aws_iam_role_policy" "apply_state" {
  name   = "terraform-state"
  role   = aws_iam_role.apply.id
  policy = data.aws_iam_policy_document.apply_state.json
}
