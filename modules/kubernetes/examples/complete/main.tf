# A cluster with everything the module offers.
provider "aws" {
  region = "eu-central-1"
}

locals {
  account_id = "111122223333"
  key        = "arn:aws:kms:eu-central-1:${local.account_id}:key"
  roles      = "arn:aws:iam::${local.account_id}:role"
}

data "aws_iam_policy_document" "receipts" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::shop-dev-receipts/*"]
  }
}

module "kubernetes" {
  source = "../.."

  name                        = "shop-dev"
  kubernetes_version          = "1.33"
  extended_support            = false
  subnet_ids                  = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
  service_cidr_block          = "172.20.0.0/16"
  public_endpoint_cidr_blocks = []
  api_clients                 = { vpn = "sg-0123456789abcdef0" }
  kms_key_arn                 = "${local.key}/11111111-2222-3333-4444-555555555555"
  volumes_kms_key_arn         = "${local.key}/66666666-7777-8888-9999-000000000000"
  logs                        = { kms_key_arn = "${local.key}/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", retention_days = 400 }

  access_entries = {
    operators = {
      principal_arn = "${local.roles}/operators"
      policies      = { AmazonEKSAdminPolicy = {} }
    }

    shop = {
      principal_arn     = "${local.roles}/shop"
      kubernetes_groups = ["shop"]
      policies          = { AmazonEKSEditPolicy = { namespaces = ["shop", "shop-preview"] } }
    }
  }

  node_groups = {
    system = {
      instance_types = ["t4g.large"]
      ami_type       = "AL2023_ARM_64_STANDARD"
      min_size       = 2
      max_size       = 4
      labels         = { role = "system" }
    }

    spot = {
      instance_types          = ["m7i.large", "m6i.large", "m6a.large"]
      spot                    = true
      min_size                = 0
      max_size                = 20
      desired_size            = 3
      ami_type                = "BOTTLEROCKET_x86_64"
      disk_gb                 = 80
      subnet_ids              = ["subnet-0fedcba9876543210"]
      max_unavailable_percent = 50
      auto_repair             = true
      detailed_monitoring     = true
      taints                  = { spot = { value = "true", effect = "NO_SCHEDULE" } }
    }
  }

  node_managed_policies = ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonSSMManagedInstanceCore"]

  addons = {
    eks-pod-identity-agent = { before_nodes = true }
    kube-proxy             = { before_nodes = true }

    # Its role by IRSA, because it has to work before any pod does, the pod identity agent's included.
    vpc-cni = {
      before_nodes  = true
      irsa_workload = "cni"
      configuration = jsonencode({ enableNetworkPolicy = "true" })
    }

    coredns            = { version = "v1.12.1-eksbuild.2", keep_changes = true }
    aws-ebs-csi-driver = {}
  }

  oidc_provider = true

  workloads = {
    cni = {
      namespace        = "kube-system"
      service_account  = "aws-node"
      identity         = "irsa"
      managed_policies = ["AmazonEKS_CNI_Policy"]
    }

    ebs-csi = {
      namespace        = "kube-system"
      service_account  = "ebs-csi-controller-sa"
      managed_policies = ["service-role/AmazonEBSCSIDriverPolicy"]
    }

    receipts = {
      namespace       = "shop"
      service_account = "receipts"
      policies        = { bucket = data.aws_iam_policy_document.receipts.json }
    }
  }
}
