output "oidc_provider_arn" {
  description = "OIDC provider for GitHub Actions, for further uses of this module in the account."
  value       = local.provider_arn
}

output "plan_role_arn" {
  description = "Role for plans, `role-to-assume` of the workflow."
  value       = aws_iam_role.plan.arn
}

output "plan_role_name" {
  description = "Name of the role for plans, to attach more to."
  value       = aws_iam_role.plan.name
}

output "apply_role_arn" {
  description = "Role for applies, `role-to-assume` of the workflow."
  value       = aws_iam_role.apply.arn
}

output "apply_role_name" {
  description = "Name of the role for applies, to attach more to."
  value       = aws_iam_role.apply.name
}

output "subjects" {
  description = "The `sub` claims that each role accepts, to compare with a token that was refused."
  value       = local.subjects
}
