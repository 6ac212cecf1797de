variable "name" {
  description = "Name of the replication group, and prefix of what belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 31
    error_message = "name must be up to 31 lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen."
  }
}

################################################################################
# Engine and size
################################################################################

variable "engine" {
  description = "`valkey`, which speaks Redis's protocol and costs a fifth less, or `redis`."
  type        = string
  default     = "valkey"
  nullable    = false

  validation {
    condition     = contains(["valkey", "redis"], var.engine)
    error_message = "engine must be valkey or redis."
  }
}

variable "engine_version" {
  description = "Version of the engine, major and minor. ElastiCache keeps the patches current."
  type        = string
  default     = "8.0"
  nullable    = false

  validation {
    condition     = can(regex(var.engine == "redis" ? "^7\\.[01]$" : "^(7\\.2|[89]\\.[0-9])$", var.engine_version))
    error_message = "engine_version must be 7.0 or 7.1 for redis, and 7.2, 8.0 or later for valkey: older ones know no IAM authentication."
  }
}

variable "node_type" {
  description = "Class of the nodes, for example `cache.t4g.small`."
  type        = string
  nullable    = false

  validation {
    condition     = startswith(var.node_type, "cache.")
    error_message = "node_type must be a class of ElastiCache, which begins with cache., such as cache.t4g.small."
  }
}

variable "shards" {
  description = "Parts that the keys are distributed over. More than one means cluster mode, which programs' clients have to know."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.shards >= 1 && var.shards <= 500 && floor(var.shards) == var.shards
    error_message = "shards must be a whole number from 1 to 500."
  }
}

variable "replicas" {
  description = "Copies of each shard in other zones, one of which takes over when the first node fails. With 0 a failed node means an outage and lost data."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "replicas must be a whole number from 0 to 5."
  }
}

variable "parameters" {
  description = "Parameters of the engine by name, such as `maxmemory-policy`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = !contains(keys(var.parameters), "cluster-enabled")
    error_message = "parameters must not set cluster-enabled: it follows from shards."
  }
}

################################################################################
# Network
################################################################################

variable "vpc_id" {
  description = "VPC of the nodes."
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

################################################################################
# Who signs in
################################################################################

variable "users" {
  description = "Users by name, and what each may do, as an access string (`~` keys, `+` and `-` commands). They sign in with IAM tokens, so there is no password to lose. The full name of a user is `<name>-<user>`."
  type = map(object({
    access = optional(string, "~* +@all -@admin -@dangerous")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for user in keys(var.users) : can(regex("^[a-z][a-z0-9-]*$", user)) && length("${var.name}-${user}") <= 40 && user != "default"])
    error_message = "users must have names of lower-case letters, digits and hyphens, other than default, of up to 40 characters together with the group's name."
  }

  validation {
    condition     = alltrue([for user in var.users : !can(regex("(^| )(on|off|nopass|[<>#].*)( |$)", user.access))])
    error_message = "users must have an access of keys and commands only: neither on, off, nopass nor passwords."
  }
}

variable "auth_token" {
  description = "Password of everybody, for clients that cannot sign in by IAM; instead of `users`. Take it from a secret: it lies readable in the state."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.auth_token == null || can(regex("^[A-Za-z0-9!&#$^<>-]{16,128}$", var.auth_token))
    error_message = "auth_token must be 16 to 128 letters, digits and the signs ! & # $ ^ < > and -."
  }

  validation {
    condition     = (var.auth_token == null) != (length(var.users) == 0)
    error_message = "Either users or auth_token must be given, so that nobody comes in without proof."
  }
}

################################################################################
# Safety
################################################################################

variable "kms_key_arn" {
  description = "KMS key for disks and snapshots."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "snapshots" {
  description = "Days that daily snapshots are kept, the window in UTC in which they are made, and whether a deleted group leaves a last one, `<name>-final`."
  type = object({
    retention_days = optional(number, 7)
    window         = optional(string, "02:00-03:00")
    final          = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.snapshots.retention_days >= 0 && var.snapshots.retention_days <= 35
    error_message = "snapshots.retention_days must be 0 (none) to 35."
  }

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.snapshots.window))
    error_message = "snapshots.window must be of the form hh:mm-hh:mm, such as 02:00-03:00."
  }
}

variable "maintenance_window" {
  description = "Weekly window in UTC for maintenance, such as `sun:03:30-sun:04:30`."
  type        = string
  default     = "sun:03:30-sun:04:30"
  nullable    = false
}

variable "apply_immediately" {
  description = "Whether changes that interrupt the nodes are made at once instead of in the maintenance window."
  type        = bool
  default     = false
  nullable    = false
}

################################################################################
# Observation
################################################################################

variable "notification_topic_arn" {
  description = "SNS topic that hears of failovers and maintenance."
  type        = string
  default     = null
}

variable "logs" {
  description = "KMS key (its policy must let CloudWatch Logs use it) and retention of the engine's log and of slow commands."
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
