output "arn" {
  description = "ARN of the certificate, once it can be used: what depends on it waits until then."
  value       = aws_acm_certificate_validation.this.certificate_arn
}

output "domain_names" {
  description = "All names of the certificate, sorted."
  value       = sort(local.names)
}

output "expiry_alarm_arn" {
  description = "ARN of the expiry alarm; null without one."
  value       = one(aws_cloudwatch_metric_alarm.expiry[*].arn)
}
