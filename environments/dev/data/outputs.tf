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

output "url" {
  description = "Where readings are asked for."
  value       = "https://${var.domain.name}"
}

output "load_balancer_arn_suffix" {
  description = "Load balancer as CloudWatch names it, for alarms and dashboards."
  value       = module.load_balancer.arn_suffix
}

output "cluster_name" {
  description = "Cluster of the API."
  value       = module.cluster.name
}

output "api" {
  description = "The API: name in the cluster, log group and task definition of the active colour, and both colours."
  value = {
    name            = module.api.name
    log_group       = module.api.log_group_name
    task_definition = module.api.task_definition_arn
    active_colour   = module.api.active_colour
    colours         = module.api.colours
  }
}

output "repository_url" {
  description = "Where the API's image is pushed to and pulled from; null where another environment's account has the repository."
  value       = one([for images in module.images : images.repository_urls[local.api_repository]])
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
