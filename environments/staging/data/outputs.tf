output "buckets" {
  description = "Where readings go in (below `readings/`), and where they come out."
  value = {
    raw       = module.raw.name
    processed = module.processed.name
  }
}

output "metadata_table" {
  description = "Table of the readings' metadata."
  value       = module.metadata.name
}

output "function" {
  description = "What processes readings: its name, the alias that is called, the version just published, its log, and the queue of what it could not process."
  value = {
    name             = module.process.name
    arn              = module.process.arn
    version          = module.process.version
    log_group        = module.process.log_group_name
    dead_letters_url = module.process.dead_letters.url
  }
}

output "topic_arns" {
  description = "Topics by tier; anomalies go to `warning`."
  value       = module.monitoring.topic_arns
}

output "alarm_names" {
  description = "Alarms in CloudWatch, for rollbacks of deployments."
  value       = module.monitoring.alarm_names
}

output "dashboard_name" {
  description = "Dashboard in CloudWatch."
  value       = module.monitoring.dashboard_name
}

output "warehouse" {
  description = "Where the warehouse is reached, the secret (its ARN, not its value) of the master user, and the role for COPY; null without one."
  value = var.enable_redshift ? {
    identifier        = module.warehouse.identifier
    address           = module.warehouse.address
    port              = module.warehouse.port
    database_name     = module.warehouse.database_name
    master_secret_arn = module.warehouse.master_secret_arn
    copy_role_arn     = aws_iam_role.copy[0].arn
  } : null
}
