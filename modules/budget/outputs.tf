output "arn" {
  description = "ARN of the budget."
  value       = aws_budgets_budget.this.arn
}

output "name" {
  description = "Name of the budget."
  value       = aws_budgets_budget.this.name
}

output "anomaly_monitor_arn" {
  description = "What watches for anomalies, or null."
  value       = one(aws_ce_anomaly_monitor.this[*].arn)
}
