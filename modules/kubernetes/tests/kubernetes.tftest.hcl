mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_default_tags" {
    defaults = { tags = { project = "shop" } }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/eks/shop-dev/cluster" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mocked" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC" }
  }

  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 3 }
  }

  mock_resource "aws_eks_cluster" {
    defaults = {
      arn                   = "arn:aws:eks:eu-central-1:111122223333:cluster/shop-dev"
      certificate_authority = [{ data = "Q0E=" }]
      identity              = [{ oidc = [{ issuer = "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC" }] }]
    }
  }
}

variables {
  name               = "shop-dev"
  kubernetes_version = "1.33"
  subnet_ids         = ["subnet-1", "subnet-2"]
  kms_key_arn        = "arn:aws:kms:eu-central-1:111122223333:key/data"
  logs               = { kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/logs" }
  access_entries     = { operators = { principal_arn = "arn:aws:iam::111122223333:role/operators", policies = { AmazonEKSAdminPolicy = {} } } }
  node_groups        = { main = { instance_types = ["m7i.large"] } }
}

################################################################################
# Control plane
################################################################################

run "private_encrypted_and_logged" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "By default the API must be private."
  }

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == "arn:aws:kms:eu-central-1:111122223333:key/data" && aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"])
    error_message = "Secrets must be encrypted with the given key."
  }

  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5 && aws_cloudwatch_log_group.control_plane.name == "/aws/eks/shop-dev/cluster" && aws_cloudwatch_log_group.control_plane.retention_in_days == 365
    error_message = "The whole log of the control plane must be kept, in the group that EKS writes to."
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions && !aws_eks_cluster.this.bootstrap_self_managed_addons
    error_message = "Nobody may be administrator by accident, and no add-on may come by itself."
  }

  assert {
    condition     = aws_eks_cluster.this.upgrade_policy[0].support_type == "STANDARD"
    error_message = "Extended support must not be bought by accident."
  }
}

run "public_for_some_networks" {
  command = plan

  variables {
    public_endpoint_cidr_blocks = ["203.0.113.0/24"]
    extended_support            = true
    service_cidr_block          = "172.20.0.0/16"
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].endpoint_private_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "The API must be open to the named networks only, and stay private for the nodes."
  }

  assert {
    condition     = aws_eks_cluster.this.upgrade_policy[0].support_type == "EXTENDED" && aws_eks_cluster.this.kubernetes_network_config[0].service_ipv4_cidr == "172.20.0.0/16"
    error_message = "Support and range of services must be as given."
  }
}

run "clients_of_the_private_api" {
  command = plan

  variables {
    api_clients = { vpn = "sg-vpn" }
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.api["vpn"].referenced_security_group_id == "sg-vpn" && aws_vpc_security_group_ingress_rule.api["vpn"].from_port == 443 && aws_vpc_security_group_ingress_rule.api["vpn"].to_port == 443
    error_message = "A client must reach the API's port, and nothing else."
  }
}

run "cluster_role_for_this_account_only" {
  assert {
    condition     = one(data.aws_iam_policy_document.cluster_trust.statement[0].condition).values == tolist(["111122223333"])
    error_message = "The control plane's role must be bound to the account."
  }
}

################################################################################
# Access
################################################################################

run "access_entries" {
  command = plan

  variables {
    access_entries = {
      operators = { principal_arn = "arn:aws:iam::111122223333:role/operators", policies = { AmazonEKSAdminPolicy = {} } }
      shop = {
        principal_arn     = "arn:aws:iam::111122223333:role/shop"
        kubernetes_groups = ["shop"]
        policies          = { AmazonEKSEditPolicy = { namespaces = ["shop"] } }
      }
    }
  }

  assert {
    condition     = aws_eks_access_entry.this["shop"].kubernetes_groups == toset(["shop"]) && aws_eks_access_entry.this["operators"].principal_arn == "arn:aws:iam::111122223333:role/operators"
    error_message = "Entries must be as given."
  }

  assert {
    condition     = aws_eks_access_policy_association.this["operators/AmazonEKSAdminPolicy"].access_scope[0].type == "cluster" && aws_eks_access_policy_association.this["operators/AmazonEKSAdminPolicy"].policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy"
    error_message = "A policy without namespaces is for the cluster."
  }

  assert {
    condition     = aws_eks_access_policy_association.this["shop/AmazonEKSEditPolicy"].access_scope[0].type == "namespace" && aws_eks_access_policy_association.this["shop/AmazonEKSEditPolicy"].access_scope[0].namespaces == toset(["shop"])
    error_message = "A policy with namespaces is for these only."
  }
}

################################################################################
# Nodes
################################################################################

run "nodes_on_demand" {
  command = plan

  assert {
    condition     = aws_eks_node_group.this["main"].capacity_type == "ON_DEMAND" && aws_eks_node_group.this["main"].scaling_config[0].min_size == 1 && aws_eks_node_group.this["main"].scaling_config[0].desired_size == 1 && aws_eks_node_group.this["main"].subnet_ids == toset(["subnet-1", "subnet-2"])
    error_message = "A group must be on demand, small, and in the cluster's subnets unless it says otherwise."
  }

  assert {
    condition     = aws_launch_template.node["main"].metadata_options[0].http_tokens == "required" && aws_launch_template.node["main"].metadata_options[0].http_put_response_hop_limit == 1
    error_message = "The metadata service must be version 2, and out of pods' reach."
  }

  assert {
    condition     = [for device in aws_launch_template.node["main"].block_device_mappings : [device.device_name, device.ebs[0].encrypted, device.ebs[0].volume_size]] == [["/dev/xvda", "true", 50]]
    error_message = "The disk must be encrypted."
  }

  assert {
    condition     = alltrue([for specification in aws_launch_template.node["main"].tag_specifications : specification.tags == tomap({ project = "shop", Name = "shop-dev-main" })])
    error_message = "Instances and volumes must carry the provider's default tags, or their cost is nobody's."
  }

  assert {
    condition     = toset([for attachment in aws_iam_role_policy_attachment.node : attachment.policy_arn]) == toset(["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly", "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy", "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"])
    error_message = "Nodes join, pull images and give addresses, and may do nothing else."
  }
}

run "nodes_on_spot_with_bottlerocket" {
  command = plan

  variables {
    volumes_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/volumes"
    node_groups = {
      spot = {
        instance_types = ["m7g.large", "m6g.large"]
        spot           = true
        min_size       = 0
        max_size       = 9
        desired_size   = 4
        ami_type       = "BOTTLEROCKET_ARM_64"
        disk_gb        = 80
        subnet_ids     = ["subnet-2"]
        labels         = { kind = "batch" }
        taints         = { batch = { effect = "NO_EXECUTE" } }
      }
    }
  }

  assert {
    condition     = aws_eks_node_group.this["spot"].capacity_type == "SPOT" && aws_eks_node_group.this["spot"].instance_types == tolist(["m7g.large", "m6g.large"]) && aws_eks_node_group.this["spot"].ami_type == "BOTTLEROCKET_ARM_64"
    error_message = "The group must be on Spot, of the given types and image."
  }

  assert {
    condition     = aws_eks_node_group.this["spot"].scaling_config[0].desired_size == 4 && aws_eks_node_group.this["spot"].scaling_config[0].max_size == 9 && aws_eks_node_group.this["spot"].subnet_ids == toset(["subnet-2"])
    error_message = "Size and subnets must be the group's own."
  }

  assert {
    condition     = { for device in aws_launch_template.node["spot"].block_device_mappings : device.device_name => device.ebs[0].volume_size } == { "/dev/xvda" = 4, "/dev/xvdb" = 80 }
    error_message = "Bottlerocket's data must be on its second volume."
  }

  assert {
    condition     = alltrue([for device in aws_launch_template.node["spot"].block_device_mappings : device.ebs[0].encrypted == "true" && device.ebs[0].kms_key_id == "arn:aws:kms:eu-central-1:111122223333:key/volumes"])
    error_message = "Every volume must be encrypted with the given key."
  }

  assert {
    condition     = one(aws_eks_node_group.this["spot"].taint).effect == "NO_EXECUTE" && aws_eks_node_group.this["spot"].labels["kind"] == "batch"
    error_message = "Labels and taints must be as given."
  }
}

################################################################################
# Add-ons and workloads
################################################################################

run "default_addons" {
  command = plan

  assert {
    condition     = keys(aws_eks_addon.before_nodes) == ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"] && keys(aws_eks_addon.this) == ["coredns"]
    error_message = "What nodes need must come before them, what needs nodes after."
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.this) == 0 && length(aws_iam_role.workload) == 0
    error_message = "Without workloads there is nothing to sign in."
  }
}

run "workload_by_pod_identity" {
  variables {
    workloads = {
      receipts = {
        namespace        = "shop"
        service_account  = "receipts"
        managed_policies = ["AmazonS3ReadOnlyAccess"]
        policies         = { bucket = "{}" }
      }
    }
  }

  assert {
    condition     = aws_eks_pod_identity_association.this["receipts"].namespace == "shop" && aws_eks_pod_identity_association.this["receipts"].service_account == "receipts"
    error_message = "The service account must get the role."
  }

  assert {
    condition = { for condition in data.aws_iam_policy_document.workload_pod_identity["receipts"].statement[0].condition : condition.variable => condition.values[0] } == {
      "aws:RequestTag/eks-cluster-arn"            = "arn:aws:eks:eu-central-1:111122223333:cluster/shop-dev"
      "aws:RequestTag/kubernetes-namespace"       = "shop"
      "aws:RequestTag/kubernetes-service-account" = "receipts"
    }
    error_message = "No other cluster, namespace or service account may get the role."
  }

  assert {
    condition     = aws_iam_role.workload["receipts"].name == "shop-dev-receipts" && keys(aws_iam_role_policy.workload) == ["receipts/bucket"] && aws_iam_role_policy_attachment.workload["receipts/AmazonS3ReadOnlyAccess"].policy_arn == "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    error_message = "The role must have the workload's policies."
  }
}

run "addon_by_irsa" {
  variables {
    oidc_provider = true
    workloads = {
      cni = { namespace = "kube-system", service_account = "aws-node", identity = "irsa", managed_policies = ["AmazonEKS_CNI_Policy"] }
    }
    addons = {
      vpc-cni = { before_nodes = true, irsa_workload = "cni", version = "v1.19.5-eksbuild.1", configuration = "{\"enableNetworkPolicy\":\"true\"}", keep_changes = true }
    }
  }

  assert {
    condition     = aws_iam_openid_connect_provider.this[0].url == "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC"
    error_message = "The provider must be the cluster's."
  }

  assert {
    condition = { for condition in data.aws_iam_policy_document.workload_irsa["cni"].statement[0].condition : condition.variable => condition.values[0] } == {
      "oidc.eks.eu-central-1.amazonaws.com/id/ABC:aud" = "sts.amazonaws.com"
      "oidc.eks.eu-central-1.amazonaws.com/id/ABC:sub" = "system:serviceaccount:kube-system:aws-node"
    }
    error_message = "No other service account may get the role."
  }

  assert {
    condition     = aws_eks_addon.before_nodes["vpc-cni"].service_account_role_arn == aws_iam_role.workload["cni"].arn && aws_eks_addon.before_nodes["vpc-cni"].resolve_conflicts_on_update == "PRESERVE" && aws_eks_addon.before_nodes["vpc-cni"].addon_version == "v1.19.5-eksbuild.1"
    error_message = "The add-on must use the workload's role, and be as given."
  }

  assert {
    condition     = length(aws_eks_pod_identity_association.this) == 0
    error_message = "One kind of identity is enough."
  }
}
