output "arn" {
  description = "ARN of the replication group."
  value       = aws_elasticache_replication_group.this.arn
}

output "name" {
  description = "Id of the replication group, as CloudWatch names it."
  value       = aws_elasticache_replication_group.this.replication_group_id
}

output "address" {
  description = "Host name for reading and writing; in cluster mode the one that tells clients of all shards."
  value       = local.cluster_mode ? aws_elasticache_replication_group.this.configuration_endpoint_address : aws_elasticache_replication_group.this.primary_endpoint_address
}

output "reader_address" {
  description = "Host name for reading from replicas, which may lag; null in cluster mode, where clients find them by themselves."
  value       = local.cluster_mode ? null : aws_elasticache_replication_group.this.reader_endpoint_address
}

output "port" {
  description = "Port of the nodes, with TLS."
  value       = aws_elasticache_replication_group.this.port
}

output "security_group_id" {
  description = "Group of the nodes, for the egress of their clients."
  value       = aws_security_group.this.id
}

output "users" {
  description = "Users: the name to sign in with, and the ARN that a policy must let `elasticache:Connect` to, beside the group's own."
  value       = { for name, user in aws_elasticache_user.this : name => { name = user.user_name, arn = user.arn } }
}
