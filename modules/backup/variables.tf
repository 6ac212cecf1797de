variable "name" {
  description = "Name of the vault, and prefix of what belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 50
    error_message = "name must be up to 50 lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen."
  }
}

################################################################################
# Vault
################################################################################

variable "kms_key_arn" {
  description = "KMS key that encrypts the vault, of its region. Another than the data's: who loses the one still has the other."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "lock" {
  description = "Least and most days that backups in the vault are kept, whoever asks for less. With `grace_days` (3 or more) nobody, not even AWS, can lift the lock once these have passed; with null those with the permission can."
  type = object({
    min_days   = number
    max_days   = optional(number)
    grace_days = optional(number)
  })
  default = null

  validation {
    condition     = var.lock == null || try(var.lock.min_days >= 1 && coalesce(var.lock.max_days, 36500) >= var.lock.min_days, false)
    error_message = "lock.min_days must be at least 1, and lock.max_days not below it."
  }

  validation {
    condition     = try(var.lock.grace_days, null) == null || try(var.lock.grace_days >= 3, false)
    error_message = "lock.grace_days must be at least 3: AWS leaves you that long to think again."
  }

  validation {
    condition     = var.lock == null || alltrue([for rule in var.rules : try(rule.keep_days >= var.lock.min_days && rule.keep_days <= coalesce(var.lock.max_days, 36500), false)])
    error_message = "lock must allow what rules ask for: each keep_days between lock.min_days and lock.max_days, or their backups fail."
  }
}

variable "copiers" {
  description = "Accounts that may copy backups into this vault, beside its own."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for account in var.copiers : can(regex("^[0-9]{12}$", account))])
    error_message = "copiers must be ids of accounts, of twelve digits."
  }
}

################################################################################
# Plan
################################################################################

variable "rules" {
  description = <<-EOT
    When backups are made and how long they are kept, by name: schedules are cron expressions in `timezone`. After
    `cold_days` a backup moves to cheaper storage, if it is of a kind that can; copies are kept `copy_days`, or as long
    as the backup. With `{}` there is a vault only, as the target of another's copies.
  EOT
  type = map(object({
    schedule         = string
    keep_days        = number
    cold_days        = optional(number)
    copy_days        = optional(number)
    copy             = optional(bool, true)
    continuous       = optional(bool, false)
    start_minutes    = optional(number, 60)
    complete_minutes = optional(number, 480)
  }))
  default = {
    daily   = { schedule = "cron(0 3 * * ? *)", keep_days = 30 }
    weekly  = { schedule = "cron(0 4 ? * SUN *)", keep_days = 90 }
    monthly = { schedule = "cron(0 5 1 * ? *)", keep_days = 365, cold_days = 30 }
  }
  nullable = false

  validation {
    condition     = alltrue([for rule in var.rules : can(regex("^(cron|rate)\\(.+\\)$", rule.schedule))])
    error_message = "rules must have schedules of the form cron(0 3 * * ? *)."
  }

  validation {
    condition     = alltrue([for rule in var.rules : rule.keep_days >= 1])
    error_message = "rules must have keep_days of at least 1."
  }

  validation {
    condition = alltrue(flatten([
      for rule in var.rules : [for days in compact([rule.keep_days, rule.copy_days]) : rule.cold_days == null || try(tonumber(days) >= rule.cold_days + 90, false)]
    ]))
    error_message = "rules must keep what moves to cold storage at least 90 days there: keep_days and copy_days of cold_days + 90 or more."
  }

  validation {
    condition     = alltrue([for rule in var.rules : !rule.continuous || (rule.keep_days <= 35 && rule.cold_days == null)])
    error_message = "rules with continuous backups must have keep_days of at most 35, and no cold_days."
  }

  validation {
    condition     = alltrue([for rule in var.rules : rule.start_minutes >= 60 && rule.complete_minutes >= rule.start_minutes + 60])
    error_message = "rules must have start_minutes of at least 60, and complete_minutes an hour above it."
  }
}

variable "timezone" {
  description = "Time zone of the schedules, such as `Europe/Berlin`."
  type        = string
  default     = "Etc/UTC"
  nullable    = false
}

variable "copy_to" {
  description = "ARN of a vault that gets a copy of each backup, usually in another region and made with this module too."
  type        = string
  default     = null

  validation {
    condition     = var.copy_to == null || can(regex("^arn:[^:]+:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:", var.copy_to))
    error_message = "copy_to must be the ARN of a backup vault."
  }
}

variable "selection" {
  description = "Tags, of which a resource must have all, for the plan to back it up; and ARNs, perhaps with wildcards, of what is left out."
  type = object({
    tags    = optional(map(string), { backup = "yes" })
    exclude = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(var.selection.tags) > 0
    error_message = "selection.tags must not be empty: it would mean everything in the account."
  }
}

################################################################################
# Observation
################################################################################

variable "notification_topic_arn" {
  description = "SNS topic that hears of backups, copies and restores that failed. Its policy must let `backup.amazonaws.com` publish."
  type        = string
  default     = null
}
