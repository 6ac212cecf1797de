output "name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.id
}

output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "regional_domain_name" {
  description = "Host name of the bucket in its region, for CloudFront and virtual-host addresses."
  value       = aws_s3_bucket.this.bucket_regional_domain_name
}

output "policy_id" {
  description = "Known once the bucket's policy is in force: for what may write only then, such as the delivery of logs."
  value       = aws_s3_bucket_policy.this.id
}

output "replication_role_arn" {
  description = "Role that copies objects, for the policies of a bucket and key in another account; null without replication."
  value       = one(aws_iam_role.replication[*].arn)
}
