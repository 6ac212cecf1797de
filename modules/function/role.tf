################################################################################
# Role
################################################################################

# No condition on the account: a role can only be passed to functions of its own.
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "${var.name}-function"
  description        = "What function ${var.name} may do"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "this" {
  name   = "function"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  statement {
    sid       = "Traces"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"] # the actions know no resource
  }

  statement {
    sid       = "DeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }

  # Environment variables and dead letters, by way of their services only.
  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["lambda.${local.region}.amazonaws.com", "sqs.${local.region}.amazonaws.com"]
    }
  }

  # Lambda makes and removes the network interfaces by this role. The program itself has no business with them.
  dynamic "statement" {
    for_each = var.vpc[*]

    content {
      sid       = "NoNetworkInterfacesByProgram"
      effect    = "Deny"
      actions   = ["ec2:*"]
      resources = ["*"]

      condition {
        test     = "ArnEquals"
        variable = "lambda:SourceFunctionArn"
        values   = [local.arn]
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.queues) > 0 ? [var.queues] : []

    content {
      sid       = "Queues"
      actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      resources = [for queue in statement.value : queue.arn]
    }
  }

  dynamic "statement" {
    for_each = var.streams

    content {
      sid = "Stream${replace(title(replace(statement.key, "/[^A-Za-z0-9]+/", " ")), " ", "")}"
      actions = split(":", statement.value.arn)[2] == "kinesis" ? [
        "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards",
      ] : ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
      resources = [statement.value.arn]
    }
  }

  # Lambda looks for the table's stream by listing, which knows no single stream.
  dynamic "statement" {
    for_each = length(var.streams) > 0 ? ["*"] : []

    content {
      sid       = "ListStreams"
      actions   = ["dynamodb:ListStreams", "kinesis:ListStreams"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = {
      for service, keys in {
        sqs     = distinct(compact([for queue in var.queues : queue.kms_key_arn]))
        kinesis = distinct(compact([for stream in var.streams : stream.kms_key_arn]))
      } : service => keys if length(keys) > 0
    }

    content {
      sid       = "${title(statement.key)}Keys"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values = statement.key == "sqs" ? ["sqs.${local.region}.amazonaws.com"] : [
          "dynamodb.${local.region}.amazonaws.com", "kinesis.${local.region}.amazonaws.com",
        ]
      }
    }
  }

  dynamic "statement" {
    for_each = var.statements

    content {
      sid       = replace(title(replace(statement.key, "/[^A-Za-z0-9]+/", " ")), " ", "")
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

# AWS's own policy: the network interfaces only, and it follows the service when it changes.
resource "aws_iam_role_policy_attachment" "vpc" {
  count = var.vpc != null ? 1 : 0

  role       = aws_iam_role.this.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"
}
