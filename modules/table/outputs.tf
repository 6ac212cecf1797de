output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}

output "arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.this.arn
}

output "resources" {
  description = "ARNs of the table and its indexes, as the resources of a policy that lets a program query them."
  value       = concat([aws_dynamodb_table.this.arn], length(var.global_indexes) + length(var.local_indexes) > 0 ? ["${aws_dynamodb_table.this.arn}/index/*"] : [])
}

output "stream_arn" {
  description = "Stream of changes, for the `streams` of a function; null without one."
  value       = var.stream == null ? null : aws_dynamodb_table.this.stream_arn
}

output "replica_arns" {
  description = "ARNs of the tables in other regions, by region."
  value       = { for replica in aws_dynamodb_table.this.replica : replica.region_name => replica.arn }
}
