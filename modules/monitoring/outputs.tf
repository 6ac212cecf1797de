output "topic_arns" {
  description = "Topics by tier: `info`, `warning`, `critical`; for budgets, pipelines and others with something to tell."
  value       = { for tier, topic in aws_sns_topic.this : tier => topic.arn }

  # Whoever gets a topic may publish to it at once.
  depends_on = [aws_sns_topic_policy.this]
}

output "alarm_arns" {
  description = "Alarms by name, for rollbacks of deployments and for autoscaling."
  value = merge(
    { for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.arn },
    { for name, alarm in aws_cloudwatch_composite_alarm.this : name => alarm.arn },
  )
}

output "alarm_names" {
  description = "Names of the alarms in CloudWatch, by name in the inputs."
  value = merge(
    { for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.alarm_name },
    { for name, alarm in aws_cloudwatch_composite_alarm.this : name => alarm.alarm_name },
  )
}

output "dashboard_name" {
  description = "Name of the dashboard, or null."
  value       = one(aws_cloudwatch_dashboard.this[*].dashboard_name)
}
