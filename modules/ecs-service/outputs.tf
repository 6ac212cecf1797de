output "active_colour" {
  description = "Colour that answers most requests; blue on a tie."
  value       = local.active_colour
}

output "colours" {
  description = "By colour: name and ARN of the ECS service, task definition, target group as CloudWatch names it, image, percentage of requests."
  value = {
    for colour, service in aws_ecs_service.this : colour => {
      name                    = service.name
      arn                     = service.id
      task_definition_arn     = aws_ecs_task_definition.this[colour].arn
      target_group_arn_suffix = aws_lb_target_group.this[colour].arn_suffix
      image                   = local.colours[colour].image
      traffic                 = var.traffic[colour]
    }
  }
}

output "name" {
  description = "Name of the active colour's ECS service."
  value       = aws_ecs_service.this[local.active_colour].name
}

output "arn" {
  description = "ARN of the active colour's ECS service."
  value       = aws_ecs_service.this[local.active_colour].id
}

output "task_definition_arn" {
  description = "Revision of the active colour's task definition that this configuration asks for."
  value       = aws_ecs_task_definition.this[local.active_colour].arn
}

output "target_group_arn_suffix" {
  description = "Active colour's target group as CloudWatch names it, for alarms."
  value       = aws_lb_target_group.this[local.active_colour].arn_suffix
}

output "security_group_id" {
  description = "Group of the tasks of both colours, for those that should admit them."
  value       = aws_security_group.this.id
}

output "task_role_arn" {
  description = "Role of the program, for resource policies that should admit it."
  value       = aws_iam_role.task.arn
}

output "log_group_name" {
  description = "Log group of the service; its streams begin with the colour."
  value       = aws_cloudwatch_log_group.this.name
}
