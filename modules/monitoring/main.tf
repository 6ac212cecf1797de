locals {
  tiers  = toset(["info", "warning", "critical"])
  region = data.aws_region.current.id

  # The key's ARN holds account and partition, so nobody has to be asked for them.
  partition  = split(":", var.kms_key_arn)[1]
  account_id = split(":", var.kms_key_arn)[4]
}

# The provider knows its region without asking AWS, so a plan needs no credentials for it.
data "aws_region" "current" {}

################################################################################
# Topics: one for each tier
################################################################################

resource "aws_sns_topic" "this" {
  for_each = local.tiers

  name              = "${var.name}-${each.key}"
  display_name      = "${var.name} ${each.key}" # what an SMS begins with
  kms_master_key_id = var.kms_key_arn

  tags = { Name = "${var.name}-${each.key}", Tier = each.key }
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.tiers

  arn    = aws_sns_topic.this[each.key].arn
  policy = data.aws_iam_policy_document.topic[each.key].json
}

data "aws_iam_policy_document" "topic" {
  for_each = local.tiers

  statement {
    sid       = "ServicesOfThisAccount"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this[each.key].arn]

    principals {
      type        = "Service"
      identifiers = var.publishers
    }

    # The services publish for everybody; here they may only for this account (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this[each.key].arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

################################################################################
# Subscriptions: e-mail and SMS
################################################################################

locals {
  subscriptions = merge([
    for tier in local.tiers : merge(
      { for email in var.subscribers[tier].emails : "${tier}/email/${email}" => { tier = tier, protocol = "email", endpoint = email } },
      { for number in var.subscribers[tier].phone_numbers : "${tier}/sms/${number}" => { tier = tier, protocol = "sms", endpoint = number } },
    )
  ]...)
}

resource "aws_sns_topic_subscription" "this" {
  for_each = local.subscriptions

  topic_arn = aws_sns_topic.this[each.value.tier].arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint
}

################################################################################
# Slack, by AWS Chatbot (Amazon Q Developer in chat applications)
################################################################################

locals {
  # One configuration a channel, however many tiers it hears.
  slack_channels = { for channel, tiers in transpose({
    for tier in local.tiers : tier => var.subscribers[tier].slack_channels
  }) : channel => sort(tiers) }

  has_slack = length(local.slack_channels) > 0
}

resource "aws_chatbot_slack_channel_configuration" "this" {
  for_each = local.slack_channels

  configuration_name = "${var.name}-${lower(each.key)}"
  slack_team_id      = var.slack_team_id
  slack_channel_id   = each.key
  iam_role_arn       = aws_iam_role.chat[0].arn
  sns_topic_arns     = [for tier in each.value : aws_sns_topic.this[tier].arn]
  logging_level      = "ERROR"

  # What anybody in the channel may do through AWS's bot at most, whatever its role is given later.
  guardrail_policy_arns = ["arn:${local.partition}:iam::aws:policy/CloudWatchReadOnlyAccess"]

  tags = { Name = "${var.name}-${lower(each.key)}" }
}

resource "aws_iam_role" "chat" {
  count = local.has_slack ? 1 : 0

  name               = "${var.name}-chat"
  description        = "Shows metrics and alarms of ${var.name} in Slack"
  assume_role_policy = data.aws_iam_policy_document.chat_trust.json
}

data "aws_iam_policy_document" "chat_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["chatbot.amazonaws.com"]
    }

    # Without it the service could be made to use this role for another account's channel (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role_policy" "chat" {
  count = local.has_slack ? 1 : 0

  name   = "read-alarms"
  role   = aws_iam_role.chat[0].id
  policy = data.aws_iam_policy_document.chat.json
}

# For the graph beside an alarm; none of these actions knows a resource.
data "aws_iam_policy_document" "chat" {
  statement {
    actions = [
      "cloudwatch:DescribeAlarms",
      "cloudwatch:GetMetricData",
      "cloudwatch:GetMetricStatistics",
      "cloudwatch:ListMetrics",
    ]
    resources = ["*"]
  }
}
