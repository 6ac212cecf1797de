output "name" {
  description = "Name of the cluster."
  value       = aws_eks_cluster.this.name
}

output "arn" {
  description = "ARN of the cluster."
  value       = aws_eks_cluster.this.arn
}

output "endpoint" {
  description = "Address of the Kubernetes API."
  value       = aws_eks_cluster.this.endpoint

  # Whoever signs in by it has to be admitted first.
  depends_on = [aws_eks_access_policy_association.this]
}

output "certificate_authority" {
  description = "Certificate authority of the Kubernetes API, in base64, as kubeconfig has it."
  value       = aws_eks_cluster.this.certificate_authority[0].data
}

output "security_group_id" {
  description = "Group of control plane, nodes and pods, for those that should admit them."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "oidc_provider_arn" {
  description = "OIDC provider of the cluster, or null."
  value       = one(aws_iam_openid_connect_provider.this[*].arn)
}

output "node_role_arn" {
  description = "Role of the nodes."
  value       = aws_iam_role.node.arn
}

output "node_group_names" {
  description = "Names of the node groups in EKS, by name in the inputs."
  value       = { for name, group in aws_eks_node_group.this : name => group.node_group_name }
}

output "workload_role_arns" {
  description = "Roles of the workloads, by name; IRSA wants them as an annotation of the service account."
  value       = { for name, role in aws_iam_role.workload : name => role.arn }
}

output "log_group_name" {
  description = "Log group of the control plane."
  value       = aws_cloudwatch_log_group.control_plane.name
}
