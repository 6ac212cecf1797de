variable "name" {
  description = "Name of the cluster, and prefix of what belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen: names of roles and templates are made from it."
  }
}

################################################################################
# Control plane
################################################################################

variable "kubernetes_version" {
  description = "Kubernetes version, such as `1.33`. Upgrade by one at a time; there is no way back."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^1\\.[3-9][0-9]$", var.kubernetes_version))
    error_message = "kubernetes_version must be a version with two parts from 1.30 on, such as 1.33, in quotes (or 1.30 becomes 1.3)."
  }
}

variable "extended_support" {
  description = "Whether the cluster may stay on a version beyond its standard support, at six times the price, instead of being upgraded by AWS."
  type        = bool
  default     = false
  nullable    = false
}

variable "subnet_ids" {
  description = "Private subnets in at least two zones, for the control plane's interfaces and the nodes."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must hold at least two subnets, in different zones."
  }
}

variable "service_cidr_block" {
  description = "IPv4 range of Kubernetes services, which nothing that talks to the cluster may use. Cannot be changed later; with null, EKS chooses."
  type        = string
  default     = null

  validation {
    condition     = var.service_cidr_block == null ? true : can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.).*/(1[2-9]|2[0-4])$", var.service_cidr_block))
    error_message = "service_cidr_block must be a private IPv4 range between /12 and /24, such as 172.20.0.0/16."
  }
}

variable "public_endpoint_cidr_blocks" {
  description = "Networks that may reach the Kubernetes API from the Internet. Without any, the API is reachable only from inside the VPC and what is connected to it."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for block in var.public_endpoint_cidr_blocks : can(cidrnetmask(block)) && !endswith(block, "/0")])
    error_message = "public_endpoint_cidr_blocks must be IPv4 ranges such as 203.0.113.0/24, and not the whole Internet."
  }
}

variable "api_clients" {
  description = "Security groups that may reach the Kubernetes API inside the VPC, by a name that says whose they are: of a VPN, a build agent."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key that encrypts Kubernetes secrets. Cannot be changed later."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "logs" {
  description = "KMS key (its policy must let CloudWatch Logs use it) and retention of the control plane's log."
  type = object({
    kms_key_arn    = string
    retention_days = optional(number, 365)
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.logs.kms_key_arn))
    error_message = "logs.kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "addons" {
  description = <<-EOT
    Add-ons by EKS's names. Without a version EKS chooses its default one when the add-on is made. `configuration` is JSON;
    `before_nodes` is for what nodes need to become ready; `keep_changes` keeps changes made in the cluster when the add-on is
    updated; `irsa_workload` names one of `workloads` whose role it uses (pod identity needs no naming).
  EOT
  type = map(object({
    version       = optional(string)
    configuration = optional(string)
    before_nodes  = optional(bool, false)
    keep_changes  = optional(bool, false)
    irsa_workload = optional(string)
  }))
  default = {
    coredns                = {}
    eks-pod-identity-agent = { before_nodes = true }
    kube-proxy             = { before_nodes = true }
    vpc-cni                = { before_nodes = true }
  }
  nullable = false

  validation {
    condition     = alltrue([for addon in var.addons : addon.configuration == null ? true : can(jsondecode(addon.configuration))])
    error_message = "addons.configuration must be JSON; write it with jsonencode()."
  }

  validation {
    condition     = alltrue([for addon in var.addons : addon.irsa_workload == null ? true : try(var.workloads[addon.irsa_workload].identity == "irsa", false)])
    error_message = "addons.irsa_workload must name one of workloads whose identity is irsa."
  }
}

################################################################################
# Who may do what in the cluster
################################################################################

variable "access_entries" {
  description = <<-EOT
    Who may sign in, by a name that says who it is: IAM role (or user), Kubernetes groups for RBAC, and EKS's access policies
    by name (such as `AmazonEKSViewPolicy`), each for some namespaces or, without any, the cluster. Nobody else gets in, not
    even who made the cluster.
  EOT
  type = map(object({
    principal_arn     = string
    kubernetes_groups = optional(set(string), [])
    policies          = optional(map(object({ namespaces = optional(set(string), []) })), {})
  }))
  nullable = false

  validation {
    condition     = alltrue([for entry in var.access_entries : can(regex("^arn:[^:]+:iam::[0-9]{12}:(role|user)/", entry.principal_arn))])
    error_message = "access_entries.principal_arn must be the ARN of an IAM role or user; EKS takes roles from IAM Identity Center with their whole path."
  }

  validation {
    condition     = alltrue([for entry in var.access_entries : length(entry.kubernetes_groups) + length(entry.policies) > 0])
    error_message = "access_entries must each have a Kubernetes group or a policy: an entry alone allows nothing."
  }

  validation {
    condition     = alltrue(flatten([for entry in var.access_entries : [for group in entry.kubernetes_groups : !startswith(group, "system:")]]))
    error_message = "access_entries.kubernetes_groups must not begin with system:, which EKS refuses; use a policy such as AmazonEKSClusterAdminPolicy."
  }
}

################################################################################
# Nodes
################################################################################

variable "node_groups" {
  description = <<-EOT
    Managed node groups by name: instance types (several for Spot, alike in CPU and memory), Spot or on demand, bounds of
    their number, image type (the architecture of the instances), size of the disk in GiB, labels, taints by key, subnets if
    not the cluster's, how many may be away during an update, and whether EKS replaces nodes that fail.
  EOT
  type = map(object({
    instance_types          = list(string)
    spot                    = optional(bool, false)
    min_size                = optional(number, 1)
    max_size                = optional(number, 3)
    desired_size            = optional(number)
    ami_type                = optional(string, "AL2023_x86_64_STANDARD")
    release_version         = optional(string)
    disk_gb                 = optional(number, 50)
    labels                  = optional(map(string), {})
    subnet_ids              = optional(set(string), [])
    max_unavailable_percent = optional(number, 33)
    auto_repair             = optional(bool, true)
    detailed_monitoring     = optional(bool, true)

    taints = optional(map(object({
      value  = optional(string)
      effect = optional(string, "NO_SCHEDULE")
    })), {})
  }))
  nullable = false

  validation {
    condition     = alltrue([for name, _ in var.node_groups : can(regex("^[a-z][a-z0-9-]{0,28}[a-z0-9]$", name))])
    error_message = "node_groups must have names of 2 to 30 lower-case letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : length(group.instance_types) >= (group.spot ? 2 : 1)])
    error_message = "node_groups.instance_types must name at least one type, and on Spot two: with a single one, all nodes go when its price moves."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.min_size >= 0 && group.max_size >= max(1, group.min_size)])
    error_message = "node_groups.max_size must be at least 1 and not below min_size."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.desired_size == null ? true : group.desired_size >= group.min_size && group.desired_size <= group.max_size])
    error_message = "node_groups.desired_size must be between min_size and max_size."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : can(regex("^(AL2023|BOTTLEROCKET)_(x86_64|ARM_64)", group.ami_type))])
    error_message = "node_groups.ami_type must be of Amazon Linux 2023 or Bottlerocket, such as AL2023_x86_64_STANDARD, AL2023_ARM_64_STANDARD or BOTTLEROCKET_x86_64."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.disk_gb >= 20])
    error_message = "node_groups.disk_gb must be at least 20: images and logs live there."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.max_unavailable_percent >= 1 && group.max_unavailable_percent <= 100])
    error_message = "node_groups.max_unavailable_percent must be 1 to 100."
  }

  validation {
    condition     = alltrue(flatten([for group in var.node_groups : [for taint in group.taints : contains(["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"], taint.effect)]]))
    error_message = "node_groups.taints.effect must be NO_SCHEDULE, NO_EXECUTE or PREFER_NO_SCHEDULE."
  }
}

variable "node_managed_policies" {
  description = "What nodes may do: AWS managed policies by name, or ARNs. Without the CNI policy, `vpc-cni` needs a workload's role."
  type        = set(string)
  default     = ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"]
  nullable    = false

  validation {
    condition     = contains(var.node_managed_policies, "AmazonEKSWorkerNodePolicy")
    error_message = "node_managed_policies must hold AmazonEKSWorkerNodePolicy, or nodes cannot join."
  }
}

variable "volumes_kms_key_arn" {
  description = "KMS key of the nodes' volumes, whose policy must let the role `AWSServiceRoleForAutoScaling` use it and make grants. With null, they are encrypted with AWS's own."
  type        = string
  default     = null

  validation {
    condition     = var.volumes_kms_key_arn == null || can(regex("^arn:[^:]+:kms:", var.volumes_kms_key_arn))
    error_message = "volumes_kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

################################################################################
# Workloads with roles
################################################################################

variable "oidc_provider" {
  description = "Whether the cluster gets an OIDC provider in IAM, which workloads with `identity = \"irsa\"` need."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = var.oidc_provider || alltrue([for workload in var.workloads : workload.identity != "irsa"])
    error_message = "oidc_provider must be true for workloads whose identity is irsa."
  }
}

variable "workloads" {
  description = <<-EOT
    Roles of workloads, by name: the namespace and service account that get the role, by `pod_identity` (needs the add-on
    `eks-pod-identity-agent`) or `irsa`, and what it may do: AWS managed policies by name or ARN, own policy documents by name.
  EOT
  type = map(object({
    namespace        = string
    service_account  = string
    identity         = optional(string, "pod_identity")
    managed_policies = optional(set(string), [])
    policies         = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name, _ in var.workloads : can(regex("^[a-z][a-z0-9-]{0,31}[a-z0-9]$", name)) && !contains(["cluster", "node"], name)])
    error_message = "workloads must have names of 2 to 33 lower-case letters, digits and hyphens, other than cluster and node (the module's own roles)."
  }

  validation {
    condition     = alltrue([for workload in var.workloads : contains(["pod_identity", "irsa"], workload.identity)])
    error_message = "workloads.identity must be pod_identity or irsa."
  }

  validation {
    condition     = alltrue(flatten([for workload in var.workloads : [for name in [workload.namespace, workload.service_account] : can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", name))]]))
    error_message = "workloads.namespace and service_account must be Kubernetes names, without wildcards."
  }

  validation {
    condition     = length(distinct([for workload in var.workloads : "${workload.namespace}/${workload.service_account}"])) == length(var.workloads)
    error_message = "workloads must not name a service account twice: it can have one role."
  }
}
