################################################################################
# Who calls the function
################################################################################

resource "aws_lambda_permission" "trigger" {
  for_each = var.triggers

  statement_id   = "trigger-${each.key}"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.function_name
  qualifier      = aws_lambda_alias.this.name
  principal      = each.value.service
  source_arn     = each.value.source_arn
  source_account = each.value.account_id
}

resource "aws_lambda_permission" "topic" {
  for_each = var.topics

  statement_id  = "topic-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.this.name
  principal     = "sns.amazonaws.com"
  source_arn    = each.value.arn
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.topics

  topic_arn           = each.value.arn
  protocol            = "lambda"
  endpoint            = aws_lambda_alias.this.arn
  filter_policy       = each.value.filter_policy
  filter_policy_scope = each.value.filter_policy == null ? null : each.value.filter_scope

  depends_on = [aws_lambda_permission.topic]
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = var.queues

  function_name                      = aws_lambda_alias.this.arn
  event_source_arn                   = each.value.arn
  enabled                            = each.value.enabled
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.batch_seconds

  # Without it one bad message sends the whole batch back, again and again.
  function_response_types = ["ReportBatchItemFailures"]

  dynamic "scaling_config" {
    for_each = each.value.max_concurrency[*]

    content {
      maximum_concurrency = scaling_config.value
    }
  }

  dynamic "filter_criteria" {
    for_each = length(each.value.filters) > 0 ? [each.value.filters] : []

    content {
      dynamic "filter" {
        for_each = filter_criteria.value

        content {
          pattern = filter.value
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_event_source_mapping" "stream" {
  for_each = var.streams

  function_name                      = aws_lambda_alias.this.arn
  event_source_arn                   = each.value.arn
  enabled                            = each.value.enabled
  starting_position                  = each.value.position
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.batch_seconds
  parallelization_factor             = each.value.parallel
  function_response_types            = ["ReportBatchItemFailures"]

  # The defaults of AWS repeat a bad record until it is a day or a week old, and nothing behind it is read.
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = each.value.retries
  maximum_record_age_in_seconds  = each.value.max_age_hours * 3600

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.dead_letters.arn
    }
  }

  dynamic "filter_criteria" {
    for_each = length(each.value.filters) > 0 ? [each.value.filters] : []

    content {
      dynamic "filter" {
        for_each = filter_criteria.value

        content {
          pattern = filter.value
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.this]
}
