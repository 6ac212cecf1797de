variable "enable_cross_region_backup" {
  description = "Whether the copy is kept: an environment's switch, so that development does not pay for it."
  type        = bool
  default     = true
  nullable    = false
}

variable "source_arn" {
  description = "ARN of the database: the `arn` output of the postgres module."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:rds:[^:]+:[0-9]{12}:db:", var.source_arn))
    error_message = "source_arn must be the ARN of an RDS instance (arn:aws:rds:<region>:<account>:db:…)."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the copy, in the region that keeps it: the database's own key is not known there."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }

  validation {
    condition     = try(split(":", var.kms_key_arn)[3] != split(":", var.source_arn)[3], true)
    error_message = "kms_key_arn must be a key of another region than the database's: the region that keeps the copy."
  }
}

variable "retention_days" {
  description = "Days that copied backups are kept, which is also how far one can go back to a point in time."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 35
    error_message = "retention_days must be 1 to 35."
  }
}
