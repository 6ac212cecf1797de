################################################################################
# AWS Config: what was configured how, and whether it should have been
################################################################################

resource "aws_config_configuration_recorder" "this" {
  count = var.config == null ? 0 : 1

  name     = var.name
  role_arn = aws_iam_role.config[0].arn

  recording_group {
    all_supported                 = length(var.config.excluded_resource_types) == 0
    include_global_resource_types = length(var.config.excluded_resource_types) == 0 && var.config.global_resources

    dynamic "exclusion_by_resource_types" {
      for_each = length(var.config.excluded_resource_types) > 0 ? [var.config.excluded_resource_types] : []

      content {
        resource_types = exclusion_by_resource_types.value
      }
    }

    dynamic "recording_strategy" {
      for_each = length(var.config.excluded_resource_types) > 0 ? ["EXCLUSION_BY_RESOURCE_TYPES"] : []

      content {
        use_only = recording_strategy.value
      }
    }
  }

  recording_mode {
    recording_frequency = upper(var.config.recording)
  }
}

resource "aws_config_delivery_channel" "this" {
  count = var.config == null ? 0 : 1

  name           = var.name
  s3_bucket_name = aws_s3_bucket.this["config"].id
  s3_kms_key_arn = var.kms_key_arn

  snapshot_delivery_properties {
    delivery_frequency = var.config.snapshot_frequency
  }

  # AWS refuses a channel without a recorder, and one it cannot write to.
  depends_on = [aws_config_configuration_recorder.this, aws_iam_role_policy.config, aws_s3_bucket_policy.this]
}

resource "aws_config_configuration_recorder_status" "this" {
  count = var.config == null ? 0 : 1

  name       = aws_config_configuration_recorder.this[0].name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this]
}

resource "aws_config_retention_configuration" "this" {
  count = var.config == null ? 0 : 1

  retention_period_in_days = var.config.retention_days
}

resource "aws_config_config_rule" "this" {
  for_each = var.config == null ? {} : var.config_rules

  name                        = each.key
  description                 = each.value.description
  input_parameters            = length(each.value.parameters) > 0 ? jsonencode(each.value.parameters) : null
  maximum_execution_frequency = each.value.frequency

  source {
    owner             = "AWS"
    source_identifier = coalesce(each.value.identifier, upper(replace(each.key, "-", "_")))
  }

  dynamic "scope" {
    for_each = length(each.value.resource_types) > 0 ? [each.value.resource_types] : []

    content {
      compliance_resource_types = scope.value
    }
  }

  tags = { Name = each.key }

  # AWS refuses rules where nothing is recorded.
  depends_on = [aws_config_configuration_recorder_status.this]
}

################################################################################
# Its role
################################################################################

resource "aws_iam_role" "config" {
  count = var.config == null ? 0 : 1

  name               = "${var.name}-config"
  description        = "Lets AWS Config read configurations and keep them"
  assume_role_policy = data.aws_iam_policy_document.config_trust.json
}

data "aws_iam_policy_document" "config_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["config.amazonaws.com"]
    }

    # Without it AWS Config could be made to use this role for another account (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

# AWS's own policy: it reads configurations, no data, and follows the service when that learns new types.
resource "aws_iam_role_policy_attachment" "config" {
  count = var.config == null ? 0 : 1

  role       = aws_iam_role.config[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWS_ConfigRole"
}

resource "aws_iam_role_policy" "config" {
  count = var.config == null ? 0 : 1

  name   = "deliver"
  role   = aws_iam_role.config[0].id
  policy = data.aws_iam_policy_document.config[0].json
}

data "aws_iam_policy_document" "config" {
  count = var.config == null ? 0 : 1

  statement {
    sid       = "Look"
    actions   = ["s3:GetBucketAcl", "s3:ListBucket"]
    resources = [aws_s3_bucket.this["config"].arn]
  }

  statement {
    sid       = "Deliver"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.this["config"].arn}/AWSLogs/${var.account_id}/*"]
  }

  statement {
    sid       = "Encrypt"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }
}
