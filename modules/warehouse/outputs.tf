output "arn" {
  description = "ARN of the cluster."
  value       = one(aws_redshift_cluster.this[*].arn)
}

output "identifier" {
  description = "Identifier of the cluster, as CloudWatch names it."
  value       = one(aws_redshift_cluster.this[*].cluster_identifier)
}

output "address" {
  description = "Host name of the cluster."
  value       = one(aws_redshift_cluster.this[*].dns_name)
}

output "port" {
  description = "Port of the cluster."
  value       = one(aws_redshift_cluster.this[*].port)
}

output "database_name" {
  description = "Database that was made with the cluster."
  value       = one(aws_redshift_cluster.this[*].database_name)
}

output "security_group_id" {
  description = "Group of the cluster, for the egress of its clients."
  value       = one(aws_security_group.this[*].id)
}

output "master_secret_arn" {
  description = "Secrets Manager secret with the master user and password."
  value       = one(aws_redshift_cluster.this[*].master_password_secret_arn)
}
