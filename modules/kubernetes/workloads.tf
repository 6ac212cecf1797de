################################################################################
# Roles of workloads: by pod identity, or by the cluster's OIDC provider (IRSA)
################################################################################

locals {
  issuer = trimprefix(aws_eks_cluster.this.identity[0].oidc[0].issuer, "https://")

  pod_identity_workloads = { for name, workload in var.workloads : name => workload if workload.identity == "pod_identity" }
  irsa_workloads         = { for name, workload in var.workloads : name => workload if workload.identity == "irsa" }
}

# Without thumbprints: AWS checks the issuer's certificate against its own list of authorities.
resource "aws_iam_openid_connect_provider" "this" {
  count = var.oidc_provider ? 1 : 0

  url            = aws_eks_cluster.this.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]

  tags = { Name = var.name }
}

data "aws_iam_policy_document" "workload_pod_identity" {
  for_each = local.pod_identity_workloads

  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }

    # EKS says in these tags for whom it asks: no other cluster, namespace or service account gets the role, whatever
    # associations somebody makes. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/eks-cluster-arn"
      values   = [aws_eks_cluster.this.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes-namespace"
      values   = [each.value.namespace]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes-service-account"
      values   = [each.value.service_account]
    }
  }
}

data "aws_iam_policy_document" "workload_irsa" {
  for_each = local.irsa_workloads

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.this[0].arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = ["system:serviceaccount:${each.value.namespace}:${each.value.service_account}"]
    }
  }
}

resource "aws_iam_role" "workload" {
  for_each = var.workloads

  name        = "${var.name}-${each.key}"
  description = "What ${each.value.namespace}/${each.value.service_account} in ${var.name} may do"
  assume_role_policy = (
    each.value.identity == "irsa"
    ? data.aws_iam_policy_document.workload_irsa[each.key].json
    : data.aws_iam_policy_document.workload_pod_identity[each.key].json
  )
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = local.pod_identity_workloads

  cluster_name    = aws_eks_cluster.this.name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = aws_iam_role.workload[each.key].arn

  tags = { Name = each.key }
}

locals {
  workload_policies = merge([
    for workload, settings in var.workloads : {
      for policy, document in settings.policies : "${workload}/${policy}" => { workload = workload, name = policy, document = document }
    }
  ]...)

  workload_managed_policies = merge([
    for workload, settings in var.workloads : {
      for policy in settings.managed_policies : "${workload}/${policy}" => { workload = workload, policy = policy }
    }
  ]...)
}

resource "aws_iam_role_policy" "workload" {
  for_each = local.workload_policies

  name   = each.value.name
  role   = aws_iam_role.workload[each.value.workload].id
  policy = each.value.document
}

resource "aws_iam_role_policy_attachment" "workload" {
  for_each = local.workload_managed_policies

  role       = aws_iam_role.workload[each.value.workload].name
  policy_arn = startswith(each.value.policy, "arn:") ? each.value.policy : "arn:${local.partition}:iam::aws:policy/${each.value.policy}"
}
