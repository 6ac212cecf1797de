# Amazon EKS: clusters, their endpoints, logs and keys, node groups and access entries.

policy "aws-eks-public-endpoint-limited" {
  title    = "Public endpoints of EKS clusters are limited to known networks"
  severity = "high"
  resource = ["aws_eks_cluster"]
  checkov  = ["CKV_AWS_38"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Every hole in the Kubernetes API, and every leaked token, can be used from anywhere."
  fix = "Set endpoint_public_access = false, or public_access_cidrs to your networks. The default is everyone."

  condition = self.vpc_config.endpoint_public_access == false || (length(self.vpc_config.public_access_cidrs) > 0 && alltrue([
    for range in self.vpc_config.public_access_cidrs : range != "0.0.0.0/0" && range != "::/0"
  ]))
  attribute = "vpc_config.public_access_cidrs"
  message   = "the whole internet reaches the Kubernetes API"

  pass {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids              = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
        endpoint_public_access  = false
        endpoint_private_access = true
      }
    }
  }
  pass {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids          = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
        public_access_cidrs = ["203.0.113.0/24"]
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids          = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
        public_access_cidrs = ["203.0.113.0/24", "0.0.0.0/0"]
      }
    }
  }
  unknown {
    variable "networks" {
      type = list(string)
    }
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids          = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
        public_access_cidrs = var.networks
      }
    }
  }
}

policy "aws-eks-endpoint-not-public" {
  title    = "EKS clusters have no public endpoint"
  severity = "medium"
  resource = ["aws_eks_cluster"]
  checkov  = ["CKV_AWS_39"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "A Kubernetes API that is not on the internet cannot be attacked from there."
  fix = "Set endpoint_public_access = false and endpoint_private_access = true, and reach the API through a VPN."

  condition = self.vpc_config.endpoint_public_access == false

  pass {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids              = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
        endpoint_public_access  = false
        endpoint_private_access = true
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids             = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
        endpoint_public_access = true
      }
    }
  }
  unknown {
    variable "public" {
      type = bool
    }
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids             = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
        endpoint_public_access = var.public
      }
    }
  }
}

policy "aws-eks-private-endpoint" {
  title    = "Nodes reach the Kubernetes API inside the VPC"
  severity = "low"
  resource = ["aws_eks_cluster"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Otherwise nodes talk to the API over its public endpoint, which then has to stay open for them."
  fix = "Set endpoint_private_access = true."

  condition = self.vpc_config.endpoint_private_access == true

  pass {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids              = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
        endpoint_private_access = true
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  unknown {
    variable "private" {
      type = bool
    }
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids              = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
        endpoint_private_access = var.private
      }
    }
  }
}

policy "aws-eks-control-plane-logs" {
  title    = "EKS clusters write all logs of the control plane"
  severity = "medium"
  resource = ["aws_eks_cluster"]
  checkov  = ["CKV_AWS_37"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "Without the audit and authenticator logs nobody can say afterwards who did what in the cluster."
  fix = "Set enabled_cluster_log_types to api, audit, authenticator, controllerManager and scheduler."

  condition = alltrue([
    for kind in ["api", "audit", "authenticator", "controllerManager", "scheduler"] : contains(self.enabled_cluster_log_types, kind)
  ])

  pass {
    resource "aws_eks_cluster" "main" {
      name                      = "main"
      role_arn                  = "arn:aws:iam::111122223333:role/eks"
      enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name                      = "main"
      role_arn                  = "arn:aws:iam::111122223333:role/eks"
      enabled_cluster_log_types = ["api", "audit"]
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  unknown {
    variable "logs" {
      type = list(string)
    }
    resource "aws_eks_cluster" "main" {
      name                      = "main"
      role_arn                  = "arn:aws:iam::111122223333:role/eks"
      enabled_cluster_log_types = var.logs
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
}

policy "aws-eks-secrets-encrypted" {
  title    = "Kubernetes secrets are encrypted with a key of your own"
  severity = "high"
  resource = ["aws_eks_cluster"]
  checkov  = ["CKV_AWS_58"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Secrets are the passwords of everything in the cluster; without it only AWS decides who reads their storage."
  fix = "Add an encryption_config block with resources = [\"secrets\"] and the ARN of a KMS key."

  condition = contains(self.encryption_config.resources, "secrets")

  pass {
    resource "aws_kms_key" "eks" {
      enable_key_rotation = true
    }
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      encryption_config {
        resources = ["secrets"]
        provider {
          key_arn = aws_kms_key.eks.arn
        }
      }
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  unknown {
    variable "kinds" {
      type = list(string)
    }
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      encryption_config {
        resources = var.kinds
        provider {
          key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        }
      }
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
}

policy "aws-eks-supported-version" {
  title    = "EKS clusters run a supported version of Kubernetes"
  severity = "medium"
  resource = ["aws_eks_cluster"]
  checkov  = ["CKV_AWS_339"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["6.3.1", "6.3.3"]
    iso27001    = ["A.8.8"]
    nist_800_53 = ["RA-5", "SI-2"]
  }
  why = "A version out of support gets no patches, and AWS upgrades it when it likes."
  fix = "Set version to a supported one, or leave it out for the newest."

  # 1.29 is the oldest that Checkov takes; newer ones than it knows are let pass.
  condition = self.version == null || matches(self.version, "^1\\.(29|[3-9][0-9])$")

  pass {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      version  = "1.33"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  pass {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      version  = "1.24"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  unknown {
    variable "kubernetes" {
      type = string
    }
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      version  = var.kubernetes
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
}

policy "aws-eks-access-entries" {
  title    = "EKS clusters take access from access entries"
  severity = "low"
  resource = ["aws_eks_cluster"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "The aws-auth config map can be edited from inside the cluster, and a slip in it locks everybody out."
  fix = "Set authentication_mode = \"API\" in access_config."

  condition = self.access_config.authentication_mode == "API"

  pass {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      access_config {
        authentication_mode = "API"
      }
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  fail {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      access_config {
        authentication_mode = "CONFIG_MAP"
      }
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
  unknown {
    variable "mode" {
      type = string
    }
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/eks"
      access_config {
        authentication_mode = var.mode
      }
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      }
    }
  }
}

policy "aws-eks-node-ssh-limited" {
  title    = "Nodes take SSH from named security groups only"
  severity = "high"
  resource = ["aws_eks_node_group"]
  checkov  = ["CKV_AWS_100"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "With a key and no source group the nodes let the whole internet reach SSH."
  fix = "Set source_security_group_ids in remote_access, or remove the block and use Session Manager."

  condition = self.remote_access.ec2_ssh_key == null || length(self.remote_access.source_security_group_ids) > 0
  attribute = "remote_access.source_security_group_ids"
  message   = "the whole internet reaches SSH on the nodes"

  pass {
    resource "aws_eks_node_group" "main" {
      cluster_name  = "main"
      node_role_arn = "arn:aws:iam::111122223333:role/node"
      subnet_ids    = ["subnet-0123456789abcdef0"]
      scaling_config {
        desired_size = 1
        max_size     = 3
        min_size     = 1
      }
    }
  }
  pass {
    resource "aws_eks_node_group" "main" {
      cluster_name  = "main"
      node_role_arn = "arn:aws:iam::111122223333:role/node"
      subnet_ids    = ["subnet-0123456789abcdef0"]
      scaling_config {
        desired_size = 1
        max_size     = 3
        min_size     = 1
      }
      remote_access {
        ec2_ssh_key               = "nodes"
        source_security_group_ids = ["sg-0123456789abcdef0"]
      }
    }
  }
  fail {
    resource "aws_eks_node_group" "main" {
      cluster_name  = "main"
      node_role_arn = "arn:aws:iam::111122223333:role/node"
      subnet_ids    = ["subnet-0123456789abcdef0"]
      scaling_config {
        desired_size = 1
        max_size     = 3
        min_size     = 1
      }
      remote_access {
        ec2_ssh_key = "nodes"
      }
    }
  }
  unknown {
    variable "sources" {
      type = list(string)
    }
    resource "aws_eks_node_group" "main" {
      cluster_name  = "main"
      node_role_arn = "arn:aws:iam::111122223333:role/node"
      subnet_ids    = ["subnet-0123456789abcdef0"]
      scaling_config {
        desired_size = 1
        max_size     = 3
        min_size     = 1
      }
      remote_access {
        ec2_ssh_key               = "nodes"
        source_security_group_ids = var.sources
      }
    }
  }
}

policy "aws-eks-no-cluster-wide-admin" {
  title    = "Access entries make nobody administrator of the whole cluster"
  severity = "medium"
  resource = ["aws_eks_access_policy_association"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Such a role reads every secret and changes every workload; one leaked session is the whole cluster."
  fix = "Use AmazonEKSAdminPolicy or AmazonEKSEditPolicy with access_scope of type namespace."

  condition = !matches(self.policy_arn, "/AmazonEKSClusterAdminPolicy$") || self.access_scope.type != "cluster"
  message   = "the principal is administrator of the whole cluster"

  pass {
    resource "aws_eks_access_policy_association" "team" {
      cluster_name  = "main"
      principal_arn = "arn:aws:iam::111122223333:role/team"
      policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
      access_scope {
        type       = "namespace"
        namespaces = ["team"]
      }
    }
  }
  fail {
    resource "aws_eks_access_policy_association" "team" {
      cluster_name  = "main"
      principal_arn = "arn:aws:iam::111122223333:role/team"
      policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
      access_scope {
        type = "cluster"
      }
    }
  }
  unknown {
    variable "policy" {
      type = string
    }
    resource "aws_eks_access_policy_association" "team" {
      cluster_name  = "main"
      principal_arn = "arn:aws:iam::111122223333:role/team"
      policy_arn    = var.policy
      access_scope {
        type = "cluster"
      }
    }
  }
}
