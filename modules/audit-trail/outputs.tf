output "trail_arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.this.arn
}

output "bucket_names" {
  description = "Buckets: `trail`, and `config` where AWS Config is on."
  value       = { for kind, bucket in aws_s3_bucket.this : kind => bucket.id }
}

output "bucket_arns" {
  description = "ARNs of the buckets, by kind as above."
  value       = { for kind, bucket in aws_s3_bucket.this : kind => bucket.arn }
}

output "log_group_name" {
  description = "Log group of the trail, for metric filters, or null."
  value       = one(aws_cloudwatch_log_group.this[*].name)
}

output "config_recorder_name" {
  description = "Recorder of AWS Config, or null."
  value       = one(aws_config_configuration_recorder.this[*].name)

  # Rules made elsewhere are refused until it runs.
  depends_on = [aws_config_configuration_recorder_status.this]
}

output "guardduty_detector_id" {
  description = "Detector of GuardDuty, or null."
  value       = one(aws_guardduty_detector.this[*].id)
}

output "findings_topic_arn" {
  description = "Topic of the findings, or null."
  value       = one(aws_sns_topic.findings[*].arn)
}
