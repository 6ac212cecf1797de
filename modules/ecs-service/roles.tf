data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    # Without it ECS could be made to use these roles for another account's tasks (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  description        = "Starts tasks of ${var.name}: image, secrets, logs"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-tasks"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

locals {
  # Account, region and repository of private ECR images; images from elsewhere have none.
  ecr_images = distinct(flatten([
    for colour in values(local.colours) : [
      for match in regexall("^([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.[a-z.]+/([^:@]+)", colour.image) :
      "arn:${local.partition}:ecr:${match[1]}:${match[0]}:repository/${match[2]}"
    ]
  ]))
}

data "aws_iam_policy_document" "execution" {
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  dynamic "statement" {
    for_each = length(local.ecr_images) > 0 ? [local.ecr_images] : []

    content {
      sid       = "Image"
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.ecr_images) > 0 ? ["*"] : []

    content {
      sid       = "RegistryToken"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = [statement.value] # the action knows no resource
    }
  }

  dynamic "statement" {
    for_each = length(var.container.secrets) > 0 ? [var.container.secrets] : []

    content {
      sid     = "Secrets"
      actions = ["ssm:GetParameters"]
      resources = [
        for parameter in statement.value : "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter${parameter}"
      ]
    }
  }

  dynamic "statement" {
    for_each = length(var.container.secrets) > 0 ? var.secrets_kms_key_arn[*] : []

    content {
      sid       = "SecretsKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ssm.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  description        = "What ${var.name} itself may do"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "task" {
  for_each = var.task_policies

  name   = each.key
  role   = aws_iam_role.task.id
  policy = each.value
}

# What the agent of ECS Exec does inside the task.
data "aws_iam_policy_document" "execute_command" {
  count = var.execute_command == null ? 0 : 1

  statement {
    sid = "Session"
    actions = [
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]
    resources = ["*"] # the actions know no resource, and open the task's own channel only
  }

  statement {
    sid       = "FindLog"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"] # the action knows no resource
  }

  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${var.execute_command.log_group_name}:*"]
  }

  dynamic "statement" {
    for_each = var.execute_command.kms_key_arn[*]

    content {
      sid       = "SessionKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "execute_command" {
  count = var.execute_command == null ? 0 : 1

  name   = "execute-command"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.execute_command[0].json
}
