output "arn" {
  description = "ARN of the instance."
  value       = aws_db_instance.this.arn
}

output "identifier" {
  description = "Identifier of the instance, as CloudWatch names it."
  value       = aws_db_instance.this.identifier
}

output "address" {
  description = "Host name of the database."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "Port of the database."
  value       = aws_db_instance.this.port
}

output "database_name" {
  description = "Database that was made with the instance."
  value       = aws_db_instance.this.db_name
}

output "security_group_id" {
  description = "Group of the database, for the egress of its clients."
  value       = aws_security_group.this.id
}

output "master_secret_arn" {
  description = "Secrets Manager secret with the master user and password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "user_arn_prefix" {
  description = "With `/<database user>` appended, the resource of `rds-db:connect` in a policy that lets a program sign in by IAM."
  value = format(
    "%s:dbuser:%s",
    replace(split(":db:", aws_db_instance.this.arn)[0], ":rds:", ":rds-db:"),
    aws_db_instance.this.resource_id,
  )
}
