################################################################################
# Metric alarms
################################################################################

locals {
  comparisons = {
    ">"  = "GreaterThanThreshold"
    ">=" = "GreaterThanOrEqualToThreshold"
    "<"  = "LessThanThreshold"
    "<=" = "LessThanOrEqualToThreshold"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  comparison_operator = local.comparisons[each.value.comparison]
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = coalesce(each.value.periods_breaching, each.value.periods)
  treat_missing_data  = each.value.missing_data

  # One metric, or an expression over several; CloudWatch takes either.
  namespace          = try(each.value.metric.namespace, null)
  metric_name        = try(each.value.metric.name, null)
  dimensions         = try(each.value.metric.dimensions, null)
  period             = each.value.metric == null ? null : each.value.period_seconds
  statistic          = each.value.metric == null || can(regex("[0-9]", each.value.statistic)) ? null : each.value.statistic
  extended_statistic = each.value.metric != null && can(regex("[0-9]", each.value.statistic)) ? each.value.statistic : null

  dynamic "metric_query" {
    for_each = each.value.expression == null ? {} : each.value.metrics

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = coalesce(metric_query.value.statistic, each.value.statistic)
        period      = each.value.period_seconds
      }
    }
  }

  dynamic "metric_query" {
    for_each = each.value.expression[*]

    content {
      id          = "result"
      label       = each.key
      expression  = metric_query.value
      return_data = true
    }
  }

  alarm_actions             = [aws_sns_topic.this[each.value.tier].arn]
  ok_actions                = each.value.tell_when_ok ? [aws_sns_topic.this[each.value.tier].arn] : []
  insufficient_data_actions = []

  tags = { Name = "${var.name}-${each.key}", Tier = each.value.tier }
}

################################################################################
# Composite alarms
################################################################################

resource "aws_cloudwatch_composite_alarm" "this" {
  for_each = var.composite_alarms

  alarm_name        = "${var.name}-${each.key}"
  alarm_description = each.value.description

  # The resources' names rather than the inputs', so that the alarms exist before the rule names them.
  alarm_rule = join(each.value.when == "all" ? " AND " : " OR ", [
    for alarm in sort(each.value.alarms) : "ALARM(\"${aws_cloudwatch_metric_alarm.this[alarm].alarm_name}\")"
  ])

  alarm_actions             = [aws_sns_topic.this[each.value.tier].arn]
  ok_actions                = each.value.tell_when_ok ? [aws_sns_topic.this[each.value.tier].arn] : []
  insufficient_data_actions = []

  dynamic "actions_suppressor" {
    for_each = each.value.suppressed_by[*]

    content {
      alarm            = aws_cloudwatch_metric_alarm.this[actions_suppressor.value].alarm_name
      wait_period      = 60
      extension_period = 120
    }
  }

  tags = { Name = "${var.name}-${each.key}", Tier = each.value.tier }
}
