output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "ARN of the alias, which callers should use; known once the triggers may call it, so that a bucket can be told of it."
  value       = aws_lambda_alias.this.arn

  depends_on = [aws_lambda_permission.trigger]
}

output "invoke_arn" {
  description = "ARN by which API Gateway calls the alias."
  value       = aws_lambda_alias.this.invoke_arn
}

output "version" {
  description = "Version that this configuration published."
  value       = aws_lambda_function.this.version
}

output "role_arn" {
  description = "Role of the function, for resource policies that should admit it."
  value       = aws_iam_role.this.arn
}

output "security_group_id" {
  description = "Group of the function, for those that should admit it; null outside a VPC."
  value       = one(aws_security_group.this[*].id)
}

output "log_group_name" {
  description = "Log group of the function."
  value       = aws_cloudwatch_log_group.this.name
}

output "dead_letters" {
  description = "Queue of what could not be processed: its name, as CloudWatch knows it, ARN and URL."
  value = {
    name = aws_sqs_queue.dead_letters.name
    arn  = aws_sqs_queue.dead_letters.arn
    url  = aws_sqs_queue.dead_letters.url
  }
}
