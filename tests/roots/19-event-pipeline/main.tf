# Exercises: Lambda, SNS, SQS, DynamoDB and EventBridge; dynamic over sets of objects; resource cross references; hashes.

variable "tables" {
  type = map(object({
    hash    = string
    range   = optional(string)
    ttl     = optional(string)
    indexes = optional(set(object({ name = string, key = string, projection = optional(string, "ALL") })), [])
    stream  = optional(bool, false)
  }))

  default = {
    orders = {
      hash    = "customer"
      range   = "placed_at"
      stream  = true
      indexes = [{ name = "by-status", key = "status" }, { name = "by-day", key = "day", projection = "KEYS_ONLY" }]
    }
    sessions = { hash = "id", ttl = "expires" }
  }
}

locals {
  handlers = { for file in fileset("${path.module}/src", "*.py") : trimsuffix(file, ".py") => "${path.module}/src/${file}" }
  events   = { order-placed = ["mail", "stock"], order-paid = ["mail"] }

  # One subscription for each event and handler that wants it.
  subscriptions = merge([for event, handlers in local.events : { for handler in handlers : "${event}:${handler}" => { event = event, handler = handler } }]...)
}

resource "aws_dynamodb_table" "this" {
  for_each = var.tables

  name             = each.key
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = each.value.hash
  range_key        = each.value.range
  stream_enabled   = each.value.stream
  stream_view_type = each.value.stream ? "NEW_AND_OLD_IMAGES" : null

  dynamic "attribute" {
    for_each = toset(compact(concat([each.value.hash, each.value.range], each.value.indexes[*].key)))
    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes
    content {
      name            = global_secondary_index.value.name
      hash_key        = global_secondary_index.value.key
      projection_type = global_secondary_index.value.projection
    }
  }

  dynamic "ttl" {
    for_each = each.value.ttl != null ? [each.value.ttl] : []
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_sns_topic" "event" {
  for_each = local.events
  name     = "${each.key}.fifo"

  fifo_topic                  = true
  content_based_deduplication = true
}

resource "aws_sqs_queue" "handler" {
  for_each = toset(flatten(values(local.events)))

  name       = "${each.key}.fifo"
  fifo_queue = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead" {
  name                      = "dead.fifo"
  fifo_queue                = true
  message_retention_seconds = 14 * 86400
}

resource "aws_sns_topic_subscription" "this" {
  for_each = local.subscriptions

  topic_arn            = aws_sns_topic.event[each.value.event].arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.handler[each.value.handler].arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ kind = [each.value.event], amount = [{ numeric = [">", 0] }] })
}

resource "aws_lambda_function" "handler" {
  for_each = local.handlers

  function_name    = each.key
  role             = "arn:aws:iam::123456789012:role/${each.key}"
  filename         = each.value
  source_code_hash = filebase64sha256(each.value)
  runtime          = "python3.13"
  handler          = "${each.key}.handle"
  architectures    = ["arm64"]
  timeout          = 30
  memory_size      = lookup({ stock = 512 }, each.key, 128)

  dynamic "environment" {
    for_each = length(regexall("environ", file(each.value))) > 0 ? [1] : []
    content {
      variables = { for name, table in aws_dynamodb_table.this : "TABLE_${upper(name)}" => table.name }
    }
  }
}

resource "aws_lambda_event_source_mapping" "handler" {
  for_each = aws_sqs_queue.handler

  event_source_arn        = each.value.arn
  function_name           = aws_lambda_function.handler[each.key].function_name
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "nightly"
  schedule_expression = "cron(0 3 * * ? *)"
  event_pattern       = null
}

resource "aws_cloudwatch_event_target" "nightly" {
  rule  = aws_cloudwatch_event_rule.nightly.name
  arn   = aws_lambda_function.handler["stock"].arn
  input = jsonencode({ full = true })
}

resource "aws_lambda_permission" "nightly" {
  statement_id  = "nightly"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.handler["stock"].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.nightly.arn
}

output "subscriptions" {
  value = keys(aws_sns_topic_subscription.this)
}

output "keys" {
  value = { for name, table in aws_dynamodb_table.this : name => sort(table.attribute[*].name) }
}
