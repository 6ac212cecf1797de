locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id

  bucket_name = coalesce(var.bucket.name, "${var.name}-${var.account_id}")

  # Written out rather than referred to: the bucket's policy has to exist before the trail does.
  trail_arn = "arn:${local.partition}:cloudtrail:${local.region}:${var.account_id}:trail/${var.name}"
}

# Both are known to the provider without asking AWS.
data "aws_partition" "current" {}
data "aws_region" "current" {}

################################################################################
# Trail
################################################################################

resource "aws_cloudtrail" "this" {
  name           = var.name
  s3_bucket_name = aws_s3_bucket.this["trail"].id
  s3_key_prefix  = "cloudtrail"
  kms_key_id     = var.kms_key_arn

  # Somebody who has got a key tries the regions that nobody looks at first.
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  enable_logging                = true

  cloud_watch_logs_group_arn = var.logs == null ? null : "${aws_cloudwatch_log_group.this[0].arn}:*"
  cloud_watch_logs_role_arn  = var.logs == null ? null : aws_iam_role.trail_logs[0].arn

  advanced_event_selector {
    name = "Management events"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  dynamic "advanced_event_selector" {
    for_each = var.data_events

    content {
      name = "Data events of ${advanced_event_selector.key}"

      field_selector {
        field  = "eventCategory"
        equals = ["Data"]
      }

      field_selector {
        field  = "resources.type"
        equals = [advanced_event_selector.key]
      }

      dynamic "field_selector" {
        for_each = length(advanced_event_selector.value) > 0 ? [sort(advanced_event_selector.value)] : []

        content {
          field       = "resources.ARN"
          starts_with = field_selector.value
        }
      }

      # The trail's own writing would be an event, whose writing would be one.
      dynamic "field_selector" {
        for_each = advanced_event_selector.key == "AWS::S3::Object" && length(advanced_event_selector.value) == 0 ? [local.bucket_name] : []

        content {
          field           = "resources.ARN"
          not_starts_with = ["arn:${local.partition}:s3:::${field_selector.value}/"]
        }
      }
    }
  }

  dynamic "insight_selector" {
    for_each = var.insights

    content {
      insight_type = insight_selector.value
    }
  }

  tags = { Name = var.name }

  # CloudTrail tries to write before it says that the trail exists.
  depends_on = [aws_s3_bucket_policy.this, aws_iam_role_policy.trail_logs]
}

################################################################################
# CloudWatch Logs: to search the last weeks, and for metric filters
################################################################################

resource "aws_cloudwatch_log_group" "this" {
  count = var.logs == null ? 0 : 1

  name              = "/aws/cloudtrail/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

resource "aws_iam_role" "trail_logs" {
  count = var.logs == null ? 0 : 1

  name               = "${var.name}-cloudtrail"
  description        = "Lets CloudTrail write to its log group"
  assume_role_policy = data.aws_iam_policy_document.trail_trust.json
}

data "aws_iam_policy_document" "trail_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    # Without it CloudTrail could be made to use this role for another account's trail (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }
  }
}

resource "aws_iam_role_policy" "trail_logs" {
  count = var.logs == null ? 0 : 1

  name   = "write-log-group"
  role   = aws_iam_role.trail_logs[0].id
  policy = data.aws_iam_policy_document.trail_logs[0].json
}

data "aws_iam_policy_document" "trail_logs" {
  count = var.logs == null ? 0 : 1

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this[0].arn}:log-stream:${var.account_id}_CloudTrail_${local.region}*"]
  }
}
