# The actions CreateAccessEntry, CreateAddon and CreatePodIdentityAssociation are not implemented.
resource "aws_eks_access_entry" "this" {
  for_each = {}
}

resource "aws_eks_access_policy_association" "this" {
  for_each = {}
}

resource "aws_eks_addon" "before_nodes" {
  for_each = {}
}

resource "aws_eks_addon" "this" {
  for_each = {}
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = {}
}

# Not kept by CreateCluster.
resource "aws_eks_cluster" "this" {
  lifecycle {
    ignore_changes = [access_config, bootstrap_self_managed_addons, upgrade_policy]
  }
}

# DescribeNodegroup invents a remote access, and forgets how to update and repair.
resource "aws_eks_node_group" "this" {
  lifecycle {
    ignore_changes = [labels, node_repair_config, remote_access, scaling_config[0].desired_size, update_config]
  }
}

# The template's own tags come back as if it gave them to what it starts.
resource "aws_launch_template" "node" {
  lifecycle {
    ignore_changes = [tag_specifications]
  }
}
