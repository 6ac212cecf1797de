################################################################################
# GuardDuty
################################################################################

locals {
  guardduty_features = toset([
    "EBS_MALWARE_PROTECTION",
    "EKS_AUDIT_LOGS",
    "LAMBDA_NETWORK_LOGS",
    "RDS_LOGIN_EVENTS",
    "RUNTIME_MONITORING",
    "S3_DATA_EVENTS",
  ])

  guardduty_agents = ["EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT"]
}

resource "aws_guardduty_detector" "this" {
  count = var.guardduty == null ? 0 : 1

  enable                       = true
  finding_publishing_frequency = var.guardduty.publishing_frequency

  tags = { Name = var.name }
}

# Each one said, on or off: a new detector has most of them on, and bills them.
resource "aws_guardduty_detector_feature" "this" {
  for_each = var.guardduty == null ? toset([]) : local.guardduty_features

  detector_id = aws_guardduty_detector.this[0].id
  name        = each.key
  status      = contains(var.guardduty.features, each.key) ? "ENABLED" : "DISABLED"

  dynamic "additional_configuration" {
    for_each = each.key == "RUNTIME_MONITORING" ? local.guardduty_agents : []

    content {
      name   = additional_configuration.value
      status = contains(var.guardduty.runtime_agents, additional_configuration.value) ? "ENABLED" : "DISABLED"
    }
  }
}

################################################################################
# Findings by SNS
################################################################################

locals {
  # What the two services say, as EventBridge sees it.
  finding_patterns = var.findings == null ? {} : merge(
    var.guardduty == null ? {} : {
      guardduty = jsonencode({
        source        = ["aws.guardduty"]
        "detail-type" = ["GuardDuty Finding"]
        detail        = { severity = [{ numeric = [">=", var.findings.min_severity] }] }
      })
    },
    var.config == null ? {} : {
      config = jsonencode({
        source        = ["aws.config"]
        "detail-type" = ["Config Rules Compliance Change"]
        detail = {
          messageType         = ["ComplianceChangeNotification"]
          newEvaluationResult = { complianceType = ["NON_COMPLIANT"] }
        }
      })
    },
  )
}

resource "aws_cloudwatch_event_rule" "findings" {
  for_each = local.finding_patterns

  name          = "${var.name}-${each.key}"
  description   = "Findings of ${each.key} that somebody should look at"
  event_pattern = each.value

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_cloudwatch_event_target" "findings" {
  for_each = local.finding_patterns

  rule      = aws_cloudwatch_event_rule.findings[each.key].name
  target_id = "topic"
  arn       = aws_sns_topic.findings[0].arn

  # Otherwise EventBridge could try before the topic lets it, and drop what it had to say.
  depends_on = [aws_sns_topic_policy.findings]
}

resource "aws_sns_topic" "findings" {
  count = var.findings == null ? 0 : 1

  name              = "${var.name}-findings"
  kms_master_key_id = var.kms_key_arn

  tags = { Name = "${var.name}-findings" }
}

resource "aws_sns_topic_policy" "findings" {
  count = var.findings == null ? 0 : 1

  arn    = aws_sns_topic.findings[0].arn
  policy = data.aws_iam_policy_document.findings[0].json
}

data "aws_iam_policy_document" "findings" {
  count = var.findings == null ? 0 : 1

  statement {
    sid       = "Rules"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.findings[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    # EventBridge publishes for everybody; here it may only for this account (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.findings[0].arn]

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

resource "aws_sns_topic_subscription" "findings" {
  for_each = var.findings == null ? toset([]) : var.findings.emails

  topic_arn = aws_sns_topic.findings[0].arn
  protocol  = "email"
  endpoint  = each.value
}
