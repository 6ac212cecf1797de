# Native syntax beside JSON: both are one module.
locals {
  from_tf = "${local.prefix}-${local.late}"
}

resource "aws_cloudwatch_metric_alarm" "depth" {
  for_each = module.queue

  alarm_name          = "${each.value.name}-depth"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  metric_name         = "ApproximateNumberOfMessagesVisible"
  namespace           = "AWS/SQS"
  period              = 60
  statistic           = "Maximum"
  threshold           = 1e3
  alarm_actions       = concat(aws_sns_topic.many[*].arn, [aws_sns_topic.alarm.arn])
  dimensions          = { QueueName = each.value.name }
}
