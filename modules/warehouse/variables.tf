variable "enabled" {
  description = "Whether there is a warehouse at all. Without one the outputs are null."
  type        = bool
  default     = true
  nullable    = false
}

variable "name" {
  description = "Identifier of the cluster, and prefix of what belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 50
    error_message = "name must be up to 50 lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen."
  }
}

################################################################################
# Size and contents
################################################################################

variable "nodes" {
  description = "Class and number of the nodes. With `multi_az` as many again stand by in another zone."
  type = object({
    type     = optional(string, "ra3.large")
    count    = optional(number, 2)
    multi_az = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = startswith(var.nodes.type, "ra3.")
    error_message = "nodes.type must be a class of RA3, such as ra3.large: the older ones cannot move to another zone."
  }

  validation {
    condition     = var.nodes.count >= 1 && var.nodes.count <= 128 && floor(var.nodes.count) == var.nodes.count
    error_message = "nodes.count must be a whole number from 1 to 128."
  }

  validation {
    condition     = !var.nodes.multi_az || (var.nodes.count >= 2 && var.nodes.type != "ra3.large")
    error_message = "nodes.multi_az needs at least two nodes, and ra3.xlplus or larger."
  }
}

variable "database_name" {
  description = "Database that is made with the cluster."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,63}$", var.database_name)) && var.database_name != "dev"
    error_message = "database_name must be up to 64 lower-case letters, digits and underscores, not beginning with a digit, and not dev, Redshift's default."
  }
}

variable "username" {
  description = "Master user. Its password is made and rotated by Redshift: give programs users of their own."
  type        = string
  default     = "dbadmin"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,127}$", var.username)) && !contains(["admin", "awsuser", "root", "rdsdb"], var.username)
    error_message = "username must be up to 128 lower-case letters, digits and underscores, beginning with a letter, and not admin, awsuser, root or rdsdb (reserved, or the first that is guessed)."
  }
}

variable "parameters" {
  description = "Further parameters by name, such as `statement_timeout` in milliseconds."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(keys(var.parameters), ["require_ssl", "enable_user_activity_logging"])) == 0
    error_message = "parameters must not set require_ssl or enable_user_activity_logging: the module does."
  }
}

variable "role_arns" {
  description = "Roles by which the cluster itself reads and writes elsewhere, for COPY and UNLOAD. Redshift must be able to assume them."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/", arn))])
    error_message = "role_arns must be ARNs of IAM roles."
  }
}

################################################################################
# Network
################################################################################

variable "vpc_id" {
  description = "VPC of the cluster."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Subnets in at least two zones, without a way to the Internet."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must hold at least two subnets, in different zones."
  }
}

variable "clients" {
  description = "Security groups that may connect, by a name that says whose they are."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "egress_prefix_list_ids" {
  description = "Prefix lists that the cluster may reach by HTTPS, by name: that of the VPC's S3 endpoint, for COPY and UNLOAD, which do not leave the VPC."
  type        = map(string)
  default     = {}
  nullable    = false
}

################################################################################
# Safety
################################################################################

variable "kms_key_arn" {
  description = "KMS key for storage, snapshots and the master password."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "snapshots" {
  description = "Days that automatic snapshots are kept, and whether a deleted cluster leaves a last one, `<name>-final`; one left by an earlier cluster has to go first."
  type = object({
    retention_days = optional(number, 30)
    final          = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.snapshots.retention_days >= 1 && var.snapshots.retention_days <= 35
    error_message = "snapshots.retention_days must be 1 to 35; 0 would switch snapshots off."
  }
}

variable "snapshot_copy" {
  description = "Another region that gets each snapshot, the grant there by which Redshift uses a key of that region, and the days that copies are kept."
  type = object({
    region         = string
    grant_name     = string
    retention_days = optional(number, 30)
  })
  default = null

  validation {
    condition     = var.snapshot_copy == null || try(var.snapshot_copy.retention_days >= 1 && var.snapshot_copy.retention_days <= 35, false)
    error_message = "snapshot_copy.retention_days must be 1 to 35."
  }

  validation {
    condition     = var.snapshot_copy == null || try(var.snapshot_copy.region != split(":", var.kms_key_arn)[3], false)
    error_message = "snapshot_copy.region must be another region than the cluster's."
  }
}

variable "maintenance_window" {
  description = "Weekly window in UTC for maintenance, such as `sun:03:30-sun:04:30`."
  type        = string
  default     = "sun:03:30-sun:04:30"
  nullable    = false
}

variable "apply_immediately" {
  description = "Whether changes that interrupt the cluster are made at once instead of in the maintenance window."
  type        = bool
  default     = false
  nullable    = false
}

################################################################################
# Observation
################################################################################

variable "logs" {
  description = "KMS key (its policy must let CloudWatch Logs use it) and retention of who connected, who changed users, and what was asked."
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
