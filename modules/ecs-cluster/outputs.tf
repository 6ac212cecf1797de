output "arn" {
  description = "ARN of the cluster."
  value       = aws_ecs_cluster.this.arn

  # A service that names FARGATE_SPOT is refused until the cluster has it.
  depends_on = [aws_ecs_cluster_capacity_providers.this]
}

output "name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "execute_command" {
  description = "What a service that allows sessions needs (`execute_command` of `ecs-service`): the log group of the sessions and their key."
  value = {
    log_group_name = aws_cloudwatch_log_group.execute_command.name
    kms_key_arn    = var.execute_command.kms_key_arn
  }
}
