variable "name" {
  description = "Identifier of the instance, and prefix of what belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 50
    error_message = "name must be up to 50 lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen."
  }
}

################################################################################
# Engine and size
################################################################################

variable "engine_version" {
  description = "PostgreSQL version. With the major version only, RDS chooses the minor one and keeps it current."
  type        = string
  default     = "17"
  nullable    = false

  validation {
    condition     = can(regex("^1[4-9](\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version must be a PostgreSQL version from 14 on, such as 17 or 17.5."
  }
}

variable "allow_major_version_upgrade" {
  description = "Whether a new major version may be applied. Set it for the upgrade only: there is no way back but a restore."
  type        = bool
  default     = false
  nullable    = false
}

variable "instance_class" {
  description = "Instance class, for example `db.t4g.medium`."
  type        = string
  nullable    = false

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "instance_class must be an RDS class, which begins with db., such as db.t4g.medium."
  }
}

variable "storage" {
  description = "Storage in GiB, encrypted gp3: what it starts with, and up to where RDS may grow it."
  type = object({
    size_gb     = optional(number, 20)
    max_size_gb = optional(number, 100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.storage.size_gb >= 20 && var.storage.max_size_gb > var.storage.size_gb
    error_message = "storage.size_gb must be at least 20 (the least of gp3), and storage.max_size_gb above it, or a full disk stops the database."
  }
}

variable "database_name" {
  description = "Database that is made with the instance."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,62}$", var.database_name))
    error_message = "database_name must be up to 63 lower-case letters, digits and underscores, not beginning with a digit."
  }
}

variable "username" {
  description = "Master user. Its password is made and rotated by RDS: give programs users of their own."
  type        = string
  default     = "dbadmin"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,62}$", var.username)) && !contains(["admin", "rdsadmin", "postgres"], var.username)
    error_message = "username must be up to 63 lower-case letters, digits and underscores, and not admin, rdsadmin or postgres (reserved, or the first that is guessed)."
  }
}

variable "parameters" {
  description = "Further PostgreSQL parameters by name. Static ones need `apply_method = \"pending-reboot\"`."
  type = map(object({
    value        = string
    apply_method = optional(string, "immediate")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setintersection(keys(var.parameters), ["rds.force_ssl", "log_statement", "log_min_duration_statement"])) == 0
    error_message = "parameters must not set rds.force_ssl, log_statement or log_min_duration_statement (see slow_query_ms): the module does."
  }
}

variable "slow_query_ms" {
  description = "Statements that take longer, in milliseconds, are logged."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.slow_query_ms > 0
    error_message = "slow_query_ms must be positive: 0 would log every statement with its data."
  }
}

################################################################################
# Network
################################################################################

variable "vpc_id" {
  description = "VPC of the database."
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
# Safety
################################################################################

variable "kms_key_arn" {
  description = "KMS key for storage, backups, Performance Insights and the master password."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over when the first fails. Doubles the price."
  type        = bool
  default     = true
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the database."
  type        = bool
  default     = true
  nullable    = false
}

variable "backup_retention_days" {
  description = "Days that daily backups are kept, which is also how far one can go back to a point in time."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days must be 1 to 35; 0 would switch backups off."
  }
}

variable "backup_window" {
  description = "Daily window in UTC for the backup; must not overlap the maintenance window."
  type        = string
  default     = "02:00-03:00"
  nullable    = false

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "backup_window must be of the form hh:mm-hh:mm, such as 02:00-03:00."
  }
}

variable "restore" {
  description = <<-EOT
    Makes the database from another's backups, at a point in time (RFC 3339, in UTC; null for the latest): of an instance in
    this region, by `source_identifier`, or of backups that outlived it or were copied here, by `source_backups_arn`. Say it
    when the database is made, and keep it: a change replaces the database.
  EOT
  type = object({
    source_identifier  = optional(string)
    source_backups_arn = optional(string)
    time               = optional(string)
  })
  default = null

  validation {
    condition     = var.restore == null || try((var.restore.source_identifier == null) != (var.restore.source_backups_arn == null), false)
    error_message = "restore needs either source_identifier or source_backups_arn."
  }

  validation {
    condition     = try(var.restore.source_identifier, null) == null || try(var.restore.source_identifier != var.name, false)
    error_message = "restore makes a new database beside its source: give it another name."
  }

  validation {
    condition     = try(var.restore.source_backups_arn, null) == null || can(regex("^arn:[^:]+:rds:[^:]+:[0-9]{12}:auto-backup:", var.restore.source_backups_arn))
    error_message = "restore.source_backups_arn must be the ARN of automated backups (arn:aws:rds:<region>:<account>:auto-backup:…)."
  }

  validation {
    condition     = try(var.restore.time, null) == null || can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", var.restore.time))
    error_message = "restore.time must be a time in UTC such as 2026-03-01T09:30:00Z."
  }
}

variable "final_snapshot" {
  description = "Whether a deleted database leaves a last snapshot, `<name>-final`; one left by an earlier database has to go first."
  type        = bool
  default     = true
  nullable    = false
}

variable "maintenance_window" {
  description = "Weekly window in UTC for maintenance, such as `sun:03:30-sun:04:30`."
  type        = string
  default     = "sun:03:30-sun:04:30"
  nullable    = false

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "maintenance_window must be of the form ddd:hh:mm-ddd:hh:mm, such as sun:03:30-sun:04:30."
  }
}

variable "apply_immediately" {
  description = "Whether changes that interrupt the database are made at once instead of in the maintenance window."
  type        = bool
  default     = false
  nullable    = false
}

################################################################################
# Observation
################################################################################

variable "performance_insights_days" {
  description = "Days that Performance Insights keeps: 7 (free), 731, or months of 31 days."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = contains([7, 731], var.performance_insights_days) || (var.performance_insights_days % 31 == 0 && var.performance_insights_days > 0 && var.performance_insights_days <= 713)
    error_message = "performance_insights_days must be 7, 731, or a multiple of 31 up to 713."
  }
}

variable "logs" {
  description = "KMS key (its policy must let CloudWatch Logs use it) and retention of the database's logs."
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
