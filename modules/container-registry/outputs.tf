output "repository_urls" {
  description = "Addresses to push to and pull from, by repository: append `:<tag>`."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }

  # An image that is pushed before the rules exist would not be shared or expire by them.
  depends_on = [aws_ecr_lifecycle_policy.this, aws_ecr_repository_policy.this]
}

output "repository_arns" {
  description = "ARNs by repository, for the policies of those that push."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}

output "registry_id" {
  description = "Account that owns the repositories, as `docker login` and replication name it."
  value       = one(distinct([for repository in aws_ecr_repository.this : repository.registry_id]))
}
