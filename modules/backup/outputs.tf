output "vault_arn" {
  description = "ARN of the vault, for the `copy_to` of others."
  value       = aws_backup_vault.this.arn
}

output "vault_name" {
  description = "Name of the vault, as CloudWatch names it."
  value       = aws_backup_vault.this.name
}

output "plan_id" {
  description = "Id of the plan; null without rules."
  value       = one(aws_backup_plan.this[*].id)
}

output "role_arn" {
  description = "Role of backups and restores, for key policies that should admit it; null without rules."
  value       = one(aws_iam_role.this[*].arn)
}
