################################################################################
# Whose and where
################################################################################

variable "project" {
  description = "Project, first part of every name, and tag."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Environment: dev, staging or prod."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod."
  }
}

variable "stack" {
  description = "Stack within the environment."
  type        = string
  default     = "cluster"
  nullable    = false
}

variable "owner" {
  description = "Team to ask about these resources."
  type        = string
  nullable    = false
}

variable "cost_centre" {
  description = "Cost centre that pays for them."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region."
  type        = string
  nullable    = false
}

################################################################################
# Network and name
################################################################################

variable "network" {
  description = "Range of the VPC, its zones (append only), and NAT gateways: `per_zone`, `single` or `none`."
  type = object({
    cidr_block   = string
    zones        = list(string)
    nat_gateways = optional(string, "per_zone")
  })
  nullable = false

  validation {
    condition     = alltrue([for zone in var.network.zones : startswith(zone, var.region)])
    error_message = "network.zones must be zones of the region."
  }
}

variable "domain" {
  description = "Name of the stack, below which each preview gets its own, and the Route 53 zone that holds it."
  type = object({
    name    = string
    zone_id = string
  })
  nullable = false
}

################################################################################
# Kubernetes
################################################################################

variable "kubernetes" {
  description = <<-EOT
    Version (upgraded by one at a time), range of Kubernetes services (cannot be changed later), networks that may reach the
    API from the Internet, and security groups that may reach it inside the VPC, by a name that says whose they are.
  EOT
  type = object({
    version                     = string
    service_cidr_block          = optional(string, "172.20.0.0/16")
    public_endpoint_cidr_blocks = optional(set(string), [])
    api_clients                 = optional(map(string), {})
  })
  nullable = false
}

variable "access_entries" {
  description = "Who may do what in the cluster, by a name that says who it is: see modules/kubernetes. Nobody else gets in."
  type = map(object({
    principal_arn     = string
    kubernetes_groups = optional(set(string), [])
    policies          = optional(map(object({ namespaces = optional(set(string), []) })), {})
  }))
  nullable = false

  validation {
    condition     = length(var.access_entries) > 0
    error_message = "access_entries must name somebody: not even who made the cluster gets in otherwise."
  }
}

variable "node_groups" {
  description = "Groups of nodes by name: instance types (on Spot at least two), bounds of their number, image type, disk in GiB, labels and taints."
  type = map(object({
    instance_types = list(string)
    spot           = optional(bool, false)
    min_size       = optional(number, 1)
    max_size       = optional(number, 3)
    desired_size   = optional(number)
    ami_type       = optional(string, "AL2023_ARM_64_STANDARD")
    disk_gb        = optional(number, 50)
    labels         = optional(map(string), {})
    taints = optional(map(object({
      value  = optional(string)
      effect = optional(string, "NO_SCHEDULE")
    })), {})
  }))
  nullable = false

  validation {
    condition     = length(var.node_groups) > 0
    error_message = "node_groups must not be empty: without nodes, not even DNS runs."
  }
}

variable "workloads" {
  description = <<-EOT
    Roles of workloads by name: namespace and service account that get the role, AWS managed policies, policy documents (JSON)
    by name, such as a load balancer controller's, `database` for the way into PostgreSQL, and `cache` for the way into Redis
    (`access` is an access string: keys and commands).
  EOT
  type = map(object({
    namespace        = string
    service_account  = string
    managed_policies = optional(set(string), [])
    policies         = optional(map(string), {})
    database         = optional(bool, false)
    cache = optional(object({
      access = optional(string, "~* +@all -@admin -@dangerous")
    }))
  }))
  nullable = false
}

################################################################################
# Database and cache
################################################################################

variable "database" {
  description = "PostgreSQL: database name, version, class, storage in GiB, standby in a second zone, days of backups."
  type = object({
    name           = string
    engine_version = optional(string, "17")
    instance_class = string
    multi_az       = optional(bool, true)
    backup_days    = optional(number, 30)
    storage = optional(object({
      size_gb     = optional(number, 20)
      max_size_gb = optional(number, 100)
    }), {})
  })
  nullable = false
}

variable "cache" {
  description = "Redis, where a workload has `cache`: class of the nodes, replicas in other zones (0: a failed node is an outage), days of snapshots."
  type = object({
    node_type     = string
    replicas      = optional(number, 1)
    snapshot_days = optional(number, 7)
  })
  nullable = false
}

variable "enable_cross_region_backup" {
  description = "Whether `backup_region` keeps a copy of the database's backups."
  type        = bool
  default     = false
  nullable    = false
}

variable "backup_region" {
  description = "Another AWS region, in which copies of backups are kept."
  type        = string
  nullable    = false

  validation {
    condition     = var.backup_region != var.region
    error_message = "backup_region must be another region than region, or both are lost together."
  }
}

################################################################################
# Safety
################################################################################

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the database."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that logs are kept: a period CloudWatch Logs offers, such as 30, 90, 365 or 731."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.log_retention_days > 0
    error_message = "log_retention_days must be positive: CloudWatch Logs takes 0 for ever."
  }
}
