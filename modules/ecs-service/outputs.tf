output "name" {
  description = "Name of the service."
  value       = aws_ecs_service.this.name
}

output "arn" {
  description = "ARN of the service."
  value       = aws_ecs_service.this.id
}

output "task_definition_arn" {
  description = "Revision of the task definition that this configuration asks for."
  value       = aws_ecs_task_definition.this.arn
}

output "security_group_id" {
  description = "Group of the tasks, for those that should admit them."
  value       = aws_security_group.this.id
}

output "task_role_arn" {
  description = "Role of the program, for resource policies that should admit it."
  value       = aws_iam_role.task.arn
}

output "log_group_name" {
  description = "Log group of the service."
  value       = aws_cloudwatch_log_group.this.name
}

output "target_group_arn_suffix" {
  description = "Target group as CloudWatch names it, for alarms."
  value       = aws_lb_target_group.this.arn_suffix
}
