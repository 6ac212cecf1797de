output "url" {
  description = "Name below which the cluster is reached; previews are at https://<preview>.<name>."
  value       = "https://${var.domain.name}"
}

output "certificate_arn" {
  description = "Certificate of the name and of those of previews, for the annotation of an Ingress."
  value       = module.certificate.arn
}

output "cluster" {
  description = "The cluster, as `aws eks update-kubeconfig` and monitoring need it."
  value = {
    name                  = module.kubernetes.name
    endpoint              = module.kubernetes.endpoint
    certificate_authority = module.kubernetes.certificate_authority
    log_group             = module.kubernetes.log_group_name
    node_groups           = module.kubernetes.node_group_names
  }
}

output "workload_role_arns" {
  description = "Roles of the workloads, by name."
  value       = module.kubernetes.workload_role_arns
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

output "cache" {
  description = "Where Redis is reached (with TLS), and the name by which each workload signs in; null where none does."
  value = one([for redis in module.redis : {
    address = redis.address
    port    = redis.port
    users   = { for name, user in redis.users : name => user.name }
  }])
}

output "nat_public_ips" {
  description = "Addresses from which the cluster reaches the Internet."
  value       = module.network.nat_public_ips
}
