variable "project" {
  type        = string
  description = "Prefix of every name."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,20}$", var.project))
    error_message = "The project must be 3 to 21 lower-case letters, digits or dashes."
  }
}

variable "environment" {
  type    = string
  default = "staging"

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "Unknown environment ${var.environment}."
  }

  validation {
    # Looks at other variables, which Terraform allows since 1.9.
    condition     = var.environment != "prod" || (var.database.multi_az && !anytrue([for b in var.buckets : b.force_destroy]))
    error_message = "Production needs a database in two zones, and buckets that stay."
  }
}

variable "region" {
  default = "eu-west-1"
}

variable "provider_secret" {
  type      = string
  default   = "mock_secret"
  ephemeral = true
}

variable "tags" {
  type     = map(string)
  default  = { CostCenter = 4711, Critical = true }
  nullable = false
}

variable "buckets" {
  description = "Buckets by short name; what is left out has a sound default."
  type = map(object({
    suffix        = optional(string)
    force_destroy = optional(bool, false)
    tags          = optional(map(string), {})
    owner = optional(object({
      team  = optional(string, "platform")
      pager = optional(string)
    }), {})
    lifecycle_rules = optional(list(object({
      id          = string
      enabled     = optional(bool, true)
      prefix      = optional(string, "")
      expire_days = optional(number)
      transitions = optional(set(object({
        days  = number
        class = optional(string, "STANDARD_IA")
      })), [])
    })), [])
  }))
}

variable "database" {
  type = object({
    engine         = optional(string, "postgres")
    version        = optional(string, "16.4")
    instance_class = string
    username       = optional(string, "app")
    multi_az       = optional(bool)
    storage = optional(object({
      size      = optional(number, 20)
      max_size  = optional(number)
      encrypted = optional(bool, true)
      iops      = optional(number, null)
    }), { size = 50 })
  })
}

variable "database_password" {
  type      = string
  sensitive = true

  validation {
    condition     = length(var.database_password) >= 12
    error_message = "At least twelve characters."
  }
}

variable "maintenance" {
  type    = tuple([string, number, bool])
  default = ["Sun:03:00-Sun:04:00", "7", "false"]
}

variable "queues" {
  type    = set(string)
  default = ["mail", "invoices", "mail"]
}

variable "queue_timeouts" {
  type    = map(number)
  default = { mail = "120" }
}

variable "default_timeout" {
  type     = number
  default  = 45
  nullable = false
}

variable "default_delay" {
  type    = number
  default = null
}

variable "settings" {
  type    = any
  default = { retries = 3, ratio = 0.25, verbose = true, hosts = ["a", "b"], empty = null }
}

variable "settings_order" {
  type    = list(string)
  default = ["hosts", "ratio", "retries", "verbose"]
}
