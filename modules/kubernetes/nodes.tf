################################################################################
# Node groups
################################################################################

# Instances and volumes are made by EKS, which does not know the provider's default tags; known without asking AWS.
data "aws_default_tags" "this" {}

locals {
  # Bottlerocket has its system on the first volume and everything else on the second.
  node_volumes = {
    for name, group in var.node_groups : name => (
      startswith(group.ami_type, "BOTTLEROCKET") ? { "/dev/xvda" = 4, "/dev/xvdb" = group.disk_gb } : { "/dev/xvda" = group.disk_gb }
    )
  }
}

resource "aws_launch_template" "node" {
  for_each = var.node_groups

  name_prefix            = "${var.name}-${each.key}-"
  description            = "Nodes ${each.key} of ${var.name}"
  update_default_version = true

  # Version 2 only, and one hop: a request forged in a pod, or a pod itself, does not get the node's credentials.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  dynamic "block_device_mappings" {
    for_each = local.node_volumes[each.key]

    content {
      device_name = block_device_mappings.key

      ebs {
        volume_type           = "gp3"
        volume_size           = block_device_mappings.value
        encrypted             = true
        kms_key_id            = var.volumes_kms_key_arn
        delete_on_termination = true
      }
    }
  }

  monitoring {
    enabled = each.value.detailed_monitoring
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "network-interface", "volume"])

    content {
      resource_type = tag_specifications.value
      tags          = merge(data.aws_default_tags.this.tags, { Name = "${var.name}-${each.key}" })
    }
  }

  tags = { Name = "${var.name}-${each.key}" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_eks_node_group" "this" {
  for_each = var.node_groups

  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "${each.key}-"
  node_role_arn          = aws_iam_role.node.arn
  subnet_ids             = coalescelist(tolist(each.value.subnet_ids), var.subnet_ids)
  version                = aws_eks_cluster.this.version # nodes follow the control plane
  release_version        = each.value.release_version
  ami_type               = each.value.ami_type
  capacity_type          = each.value.spot ? "SPOT" : "ON_DEMAND"
  instance_types         = each.value.instance_types
  labels                 = each.value.labels

  launch_template {
    id      = aws_launch_template.node[each.key].id
    version = aws_launch_template.node[each.key].latest_version
  }

  scaling_config {
    min_size     = each.value.min_size
    max_size     = each.value.max_size
    desired_size = coalesce(each.value.desired_size, max(each.value.min_size, 1))
  }

  update_config {
    max_unavailable_percentage = each.value.max_unavailable_percent
  }

  node_repair_config {
    enabled = each.value.auto_repair
  }

  dynamic "taint" {
    for_each = each.value.taints

    content {
      key    = taint.key
      value  = taint.value.value
      effect = taint.value.effect
    }
  }

  tags = { Name = "${var.name}-${each.key}" }

  lifecycle {
    create_before_destroy = true                             # pods have somewhere to go
    ignore_changes        = [scaling_config[0].desired_size] # the autoscaler's, once the group exists
  }

  # Without their policies nodes cannot join, and without a network they never become ready.
  depends_on = [aws_iam_role_policy_attachment.node, aws_eks_addon.before_nodes]
}

################################################################################
# Role of the nodes
################################################################################

resource "aws_iam_role" "node" {
  name               = "${var.name}-node"
  description        = "Nodes of ${var.name}; pods have roles of their own"
  assume_role_policy = data.aws_iam_policy_document.node_trust.json
}

data "aws_iam_policy_document" "node_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = var.node_managed_policies

  role       = aws_iam_role.node.name
  policy_arn = startswith(each.value, "arn:") ? each.value : "arn:${local.partition}:iam::aws:policy/${each.value}"
}
