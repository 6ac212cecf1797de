output "backups_arn" {
  description = "ARN of the copied backups, for `restore.source_backups_arn` of the postgres module; null without a copy."
  value       = one(aws_db_instance_automated_backups_replication.this[*].id)
}
