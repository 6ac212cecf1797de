output "roles" {
  description = "Roles of each environment, `role-to-assume` of the workflows, and the `sub` claims they accept."
  value = {
    for name, github in module.github : name => {
      plan     = github.plan_role_arn
      apply    = github.apply_role_arn
      subjects = github.subjects
    }
  }
}

output "oidc_provider_arn" {
  description = "The account's OIDC provider for GitHub Actions."
  value       = aws_iam_openid_connect_provider.github.arn
}

output "trail" {
  description = "The audit trail, its buckets and its log group."
  value = {
    arn       = module.audit_trail.trail_arn
    buckets   = module.audit_trail.bucket_names
    log_group = module.audit_trail.log_group_name
  }
}

output "findings_topic_arn" {
  description = "Topic of GuardDuty's and AWS Config's findings."
  value       = module.audit_trail.findings_topic_arn
}
