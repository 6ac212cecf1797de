output "url" {
  description = "Where the services are reached."
  value       = "https://${var.domain.name}"
}

output "load_balancer_arn_suffix" {
  description = "Load balancer as CloudWatch names it, for alarms and dashboards."
  value       = module.load_balancer.arn_suffix
}

output "cluster_name" {
  description = "Cluster of the services."
  value       = module.cluster.name
}

output "services" {
  description = "Services: name in the cluster, log group and task definition of the active colour, and both colours."
  value = {
    for name, service in module.service : name => {
      name            = service.name
      log_group       = service.log_group_name
      task_definition = service.task_definition_arn
      active_colour   = service.active_colour
      colours         = service.colours
    }
  }
}

output "database" {
  description = "Where the database is reached, and the secret (its ARN, not its value) of the master user, for migrations; its backups in the other region, if they are copied."
  value = {
    address           = module.postgres.address
    port              = module.postgres.port
    name              = module.postgres.database_name
    master_secret_arn = module.postgres.master_secret_arn
    copied_backups    = one(module.postgres_backup[*].backups_arn)
  }
}

output "nat_public_ips" {
  description = "Addresses from which the services reach the Internet."
  value       = module.network.nat_public_ips
}

output "cache" {
  description = "Where Redis is reached, with TLS, and the user of each service that has it; null where none has."
  value = one([for redis in module.redis : {
    address = redis.address
    port    = redis.port
    name    = redis.name
    users   = { for name, user in redis.users : name => user.name }
  }])
}

output "repository_urls" {
  description = "Where each service's image is pushed to and pulled from; null where another environment's account has the repositories."
  value       = one(module.images[*].repository_urls)
}

output "alert_topic_arns" {
  description = "Topics by tier, for budgets and pipelines with something to tell."
  value       = module.monitoring.topic_arns
}
