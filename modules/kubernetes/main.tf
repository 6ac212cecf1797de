locals {
  partition = data.aws_partition.current.partition

  # The log group's ARN holds the account, so nobody has to be asked for it.
  account_id = split(":", aws_cloudwatch_log_group.control_plane.arn)[4]
}

# Known to the provider without asking AWS.
data "aws_partition" "current" {}

################################################################################
# Cluster
################################################################################

resource "aws_eks_cluster" "this" {
  name                      = var.name
  version                   = var.kubernetes_version
  role_arn                  = aws_iam_role.cluster.arn
  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  # Add-ons are this module's, as data; EKS's own copies would be versions nobody asked for, and never updated.
  bootstrap_self_managed_addons = false

  vpc_config {
    subnet_ids              = var.subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = length(var.public_endpoint_cidr_blocks) > 0
    public_access_cidrs     = length(var.public_endpoint_cidr_blocks) > 0 ? var.public_endpoint_cidr_blocks : null
  }

  access_config {
    authentication_mode = "API"

    # Otherwise whoever ran the first apply would be administrator for ever, and visible nowhere.
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = var.kms_key_arn
    }
  }

  kubernetes_network_config {
    service_ipv4_cidr = var.service_cidr_block
  }

  # EXTENDED costs six times as much from the day a version is out of standard support.
  upgrade_policy {
    support_type = var.extended_support ? "EXTENDED" : "STANDARD"
  }

  tags = { Name = var.name }

  # EKS would make the log group itself, unencrypted and kept for ever; and without its role's policy it leaves network
  # interfaces behind that keep the VPC from being deleted.
  depends_on = [aws_cloudwatch_log_group.control_plane, aws_iam_role_policy_attachment.cluster]
}

resource "aws_cloudwatch_log_group" "control_plane" {
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

# To the private endpoint; nodes and pods are in the cluster's own group and need no rule.
resource "aws_vpc_security_group_ingress_rule" "api" {
  for_each = var.api_clients

  security_group_id            = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  description                  = "Kubernetes API from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_iam_role" "cluster" {
  name               = "${var.name}-cluster"
  description        = "Control plane of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.cluster_trust.json
}

data "aws_iam_policy_document" "cluster_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["eks.amazonaws.com"]
    }

    # Without it EKS could be made to use this role for another account's cluster (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

# AWS's own policy: it follows the service when that changes.
resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonEKSClusterPolicy"
}

################################################################################
# Who may do what in the cluster
################################################################################

resource "aws_eks_access_entry" "this" {
  for_each = var.access_entries

  cluster_name      = aws_eks_cluster.this.name
  principal_arn     = each.value.principal_arn
  kubernetes_groups = each.value.kubernetes_groups
  type              = "STANDARD" # EKS makes those of its managed nodes itself

  tags = { Name = each.key }
}

locals {
  access_policies = merge([
    for entry, access in var.access_entries : {
      for policy, scope in access.policies : "${entry}/${policy}" => {
        entry      = entry
        policy     = policy
        namespaces = scope.namespaces
      }
    }
  ]...)
}

resource "aws_eks_access_policy_association" "this" {
  for_each = local.access_policies

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.this[each.value.entry].principal_arn
  policy_arn    = "arn:${local.partition}:eks::aws:cluster-access-policy/${each.value.policy}"

  access_scope {
    type       = length(each.value.namespaces) > 0 ? "namespace" : "cluster"
    namespaces = length(each.value.namespaces) > 0 ? each.value.namespaces : null
  }
}

################################################################################
# Add-ons
################################################################################

# Nodes become ready only once these run.
resource "aws_eks_addon" "before_nodes" {
  for_each = { for name, addon in var.addons : name => addon if addon.before_nodes }

  cluster_name         = aws_eks_cluster.this.name
  addon_name           = each.key
  addon_version        = each.value.version
  configuration_values = each.value.configuration

  service_account_role_arn    = each.value.irsa_workload == null ? null : aws_iam_role.workload[each.value.irsa_workload].arn
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = each.value.keep_changes ? "PRESERVE" : "OVERWRITE"

  tags = { Name = each.key }
}

# These need nodes to run on, or wait in vain.
resource "aws_eks_addon" "this" {
  for_each = { for name, addon in var.addons : name => addon if !addon.before_nodes }

  cluster_name         = aws_eks_cluster.this.name
  addon_name           = each.key
  addon_version        = each.value.version
  configuration_values = each.value.configuration

  service_account_role_arn    = each.value.irsa_workload == null ? null : aws_iam_role.workload[each.value.irsa_workload].arn
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = each.value.keep_changes ? "PRESERVE" : "OVERWRITE"

  tags = { Name = each.key }

  depends_on = [aws_eks_node_group.this]
}
