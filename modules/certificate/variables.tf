variable "domain_name" {
  description = "Name of the certificate, such as `shop.example.com` or `*.shop.example.com`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]$", var.domain_name))
    error_message = "domain_name must be a full domain name in lower case, such as shop.example.com or *.shop.example.com; without a final dot."
  }

  validation {
    condition     = length(var.domain_name) <= 64
    error_message = "domain_name must have 64 characters at most, a limit of certificates: put a longer name into alternative_names."
  }
}

variable "alternative_names" {
  description = "Further names of the certificate."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.alternative_names : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]$", name))])
    error_message = "alternative_names must be full domain names in lower case, such as www.example.com; without a final dot."
  }

  validation {
    condition     = !contains(var.alternative_names, var.domain_name)
    error_message = "alternative_names must not repeat domain_name: the certificate has it anyway, and every plan would show a change."
  }
}

variable "zone_id" {
  description = "Public Route 53 zone of the names, in which they are proved."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Z0-9]{4,32}$", var.zone_id))
    error_message = "zone_id must be the id of a Route 53 zone, such as Z0123456789EXAMPLE."
  }
}

variable "zone_ids" {
  description = "Zones of those names that are in another than `zone_id`, by name; a wildcard by the name below it."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for zone in values(var.zone_ids) : can(regex("^Z[A-Z0-9]+$", zone))])
    error_message = "zone_ids must be ids of Route 53 zones, such as Z0123456789EXAMPLE."
  }

  validation {
    condition     = length(setsubtract(keys(var.zone_ids), [for name in setunion([var.domain_name], var.alternative_names) : trimprefix(name, "*.")])) == 0
    error_message = "zone_ids must be by names of the certificate, those of wildcards without `*.`: any other has no effect."
  }
}

variable "key_algorithm" {
  description = "Key of the certificate: `RSA_2048` (every client), `EC_prime256v1` (faster handshakes; no very old clients) or `EC_secp384r1`."
  type        = string
  default     = "RSA_2048"
  nullable    = false

  validation {
    condition     = contains(["RSA_2048", "EC_prime256v1", "EC_secp384r1"], var.key_algorithm)
    error_message = "key_algorithm must be RSA_2048, EC_prime256v1 or EC_secp384r1, those that ACM issues itself."
  }
}

variable "validation_timeout" {
  description = "How long to wait until AWS has seen the records, such as `45m`. It usually takes a few minutes."
  type        = string
  default     = "45m"
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]+[hms])+$", var.validation_timeout))
    error_message = "validation_timeout must be a duration such as 45m or 1h30m."
  }
}

variable "expiry_alarm" {
  description = "Topics that hear when the certificate has fewer than so many days left, or null for no alarm. ACM renews 60 days ahead."
  type = object({
    days       = optional(number, 30)
    topic_arns = set(string)
  })
  default = null

  validation {
    condition     = try(var.expiry_alarm.days >= 1 && var.expiry_alarm.days <= 59, true)
    error_message = "expiry_alarm.days must be 1 to 59: from 60 days on ACM renews, and every certificate would be in alarm for a while."
  }

  validation {
    condition     = var.expiry_alarm == null || try(length(var.expiry_alarm.topic_arns) > 0 && alltrue([for arn in var.expiry_alarm.topic_arns : can(regex("^arn:[^:]+:sns:", arn))]), false)
    error_message = "expiry_alarm.topic_arns must be one or more ARNs of SNS topics: an alarm that nobody hears is none."
  }
}
