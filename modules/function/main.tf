locals {
  # The log group's ARN holds the account, so nobody has to be asked for it.
  account_id = split(":", aws_cloudwatch_log_group.this.arn)[4]
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.id
  arn        = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${var.name}"
}

# Both are known to the provider without asking AWS.
data "aws_partition" "current" {}
data "aws_region" "current" {}

################################################################################
# Function
################################################################################

resource "aws_lambda_function" "this" {
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn
  publish       = true # each change is a version of its own, which the alias can go back to

  package_type            = var.code.image_uri != null ? "Image" : "Zip"
  filename                = var.code.filename
  source_code_hash        = var.code.filename != null ? filebase64sha256(var.code.filename) : null
  s3_bucket               = try(var.code.s3.bucket, null)
  s3_key                  = try(var.code.s3.key, null)
  s3_object_version       = try(var.code.s3.version, null)
  image_uri               = var.code.image_uri
  handler                 = var.code.handler
  runtime                 = var.code.runtime
  layers                  = var.code.layers
  code_signing_config_arn = var.code.signing_config_arn

  architectures                  = [var.size.architecture]
  memory_size                    = var.size.memory
  timeout                        = var.size.timeout
  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency
  kms_key_arn                    = var.kms_key_arn

  ephemeral_storage {
    size = var.size.storage
  }

  dynamic "image_config" {
    for_each = var.code.command != null ? [var.code.command] : []

    content {
      command = image_config.value
    }
  }

  dynamic "environment" {
    for_each = length(var.environment) > 0 ? [var.environment] : []

    content {
      variables = environment.value
    }
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = aws_security_group.this[*].id
    }
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.dead_letters.arn
  }

  tracing_config {
    mode = "Active"
  }

  logging_config {
    log_group             = aws_cloudwatch_log_group.this.name
    log_format            = "JSON"
    application_log_level = var.logs.level
    system_log_level      = "WARN"
  }

  # Lambda tries what the role permits when the function is made, and addresses only go while the role may remove them.
  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy_attachment.vpc]
}

resource "aws_lambda_alias" "this" {
  name             = var.alias.name
  description      = "What callers of ${var.name} use"
  function_name    = aws_lambda_function.this.function_name
  function_version = coalesce(var.alias.version, aws_lambda_function.this.version)

  dynamic "routing_config" {
    for_each = var.alias.canary[*]

    content {
      additional_version_weights = { (routing_config.value.version) = routing_config.value.share }
    }
  }
}

resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = aws_lambda_function.this.function_name
  qualifier                    = aws_lambda_alias.this.name
  maximum_retry_attempts       = var.retries.attempts
  maximum_event_age_in_seconds = var.retries.max_age
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

# What could not be processed, for two weeks: time to find out why, and to send it again.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 14 * 24 * 3600
  kms_master_key_id         = var.kms_key_arn
}

################################################################################
# Security group
################################################################################

resource "aws_security_group" "this" {
  count = var.vpc != null ? 1 : 0

  name_prefix = "${var.name}-"
  description = "Function ${var.name}"
  vpc_id      = var.vpc.vpc_id

  tags = { Name = var.name }

  lifecycle {
    create_before_destroy = true
  }
}

# The addresses of AWS's APIs and third parties change without notice.
resource "aws_vpc_security_group_egress_rule" "https" {
  count = var.vpc == null ? 0 : var.vpc.https ? 1 : 0

  security_group_id = aws_security_group.this[0].id
  description       = "HTTPS: APIs"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "destination" {
  for_each = var.vpc == null ? {} : var.vpc.egress

  security_group_id            = aws_security_group.this[0].id
  description                  = "To ${each.key}"
  referenced_security_group_id = each.value.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}
