variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.name))
    error_message = "name must be 3 to 255 letters, digits, hyphens, underscores and dots."
  }
}

################################################################################
# Keys and indexes
################################################################################

variable "key" {
  description = "Attributes of the primary key: one by which items are distributed (`hash`), and perhaps one by which they are sorted (`range`). A change replaces the table."
  type = object({
    hash  = string
    range = optional(string)
  })
  nullable = false
}

variable "attributes" {
  description = "Types of the attributes that the keys of table and indexes name: `S` (string), `N` (number) or `B` (binary). Others need none."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for type in values(var.attributes) : contains(["S", "N", "B"], type)])
    error_message = "attributes must be of type S (string), N (number) or B (binary)."
  }

  validation {
    condition = toset(keys(var.attributes)) == toset(compact(concat(
      [var.key.hash, var.key.range],
      flatten([for index in var.global_indexes : [index.hash, index.range]]),
      [for index in var.local_indexes : index.range],
    )))
    error_message = "attributes must be those that key, global_indexes and local_indexes name, no more and no fewer; DynamoDB refuses others."
  }
}

variable "global_indexes" {
  description = "Indexes by other keys, by name. Without `projection` they hold all attributes; with it, the keys and those listed. `capacity` counts for provisioned tables."
  type = map(object({
    hash       = string
    range      = optional(string)
    projection = optional(set(string))
    capacity = optional(object({
      read  = optional(object({ min = number, max = number }), { min = 1, max = 10 })
      write = optional(object({ min = number, max = number }), { min = 1, max = 10 })
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(var.global_indexes) <= 20
    error_message = "global_indexes must not be more than 20, unless AWS raises the quota."
  }

  validation {
    condition = alltrue(flatten([
      for index in var.global_indexes : [for range in values(index.capacity) : range.min >= 1 && range.max >= range.min]
    ]))
    error_message = "global_indexes must have capacities with min of at least 1, and max not below min."
  }
}

variable "local_indexes" {
  description = "Indexes by another `range` within the same `hash`, by name. They can only be made with the table, and limit what has one hash to 10 GB."
  type = map(object({
    range      = string
    projection = optional(set(string))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(var.local_indexes) <= 5
    error_message = "local_indexes must not be more than five."
  }

  validation {
    condition     = length(var.local_indexes) == 0 || var.key.range != null
    error_message = "local_indexes need key.range: without it there is one item for each hash."
  }
}

################################################################################
# Capacity
################################################################################

variable "provisioned" {
  description = "Capacity units for reading and writing, between which autoscaling keeps the use at `use_percent`. With null each request is paid for: dearer for a steady load, cheaper for any other."
  type = object({
    read        = object({ min = number, max = number })
    write       = object({ min = number, max = number })
    use_percent = optional(number, 70)
  })
  default = null

  validation {
    condition = var.provisioned == null || try(alltrue([
      for range in [var.provisioned.read, var.provisioned.write] : range.min >= 1 && range.max >= range.min
    ]), false)
    error_message = "provisioned.read and provisioned.write need a min of at least 1, and a max not below it."
  }

  validation {
    condition     = var.provisioned == null || try(var.provisioned.use_percent >= 20 && var.provisioned.use_percent <= 90, false)
    error_message = "provisioned.use_percent must be 20 to 90, what autoscaling can aim at."
  }
}

variable "on_demand_limits" {
  description = "Request units a second, at most, for a table without provisioned capacity and each of its indexes: what an endless loop may cost."
  type = object({
    read  = optional(number)
    write = optional(number)
  })
  default = null

  validation {
    condition     = var.on_demand_limits == null || var.provisioned == null
    error_message = "on_demand_limits are for tables without provisioned capacity."
  }
}

variable "class" {
  description = "`STANDARD`, or `STANDARD_INFREQUENT_ACCESS` for tables whose storage costs more than their requests."
  type        = string
  default     = "STANDARD"
  nullable    = false

  validation {
    condition     = contains(["STANDARD", "STANDARD_INFREQUENT_ACCESS"], var.class)
    error_message = "class must be STANDARD or STANDARD_INFREQUENT_ACCESS."
  }
}

################################################################################
# Safety
################################################################################

variable "kms_key_arn" {
  description = "KMS key that encrypts the table, its indexes, streams and backups."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the table."
  type        = bool
  default     = true
  nullable    = false
}

variable "recovery_days" {
  description = "Days within which the table can be restored as it was at any second."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.recovery_days >= 1 && var.recovery_days <= 35
    error_message = "recovery_days must be 1 to 35."
  }
}

variable "replicas" {
  description = "KMS keys by region, for regions that should have a table of the same items, in which one can write too (global table)."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for region, key in var.replicas : can(regex("^arn:[^:]+:kms:${region}:", key))])
    error_message = "replicas must map each region to the ARN of a KMS key in that region."
  }

  validation {
    condition     = length(var.replicas) == 0 || var.stream == "NEW_AND_OLD_IMAGES"
    error_message = "replicas need stream = \"NEW_AND_OLD_IMAGES\": that is how changes travel."
  }
}

################################################################################
# Life of items
################################################################################

variable "ttl_attribute" {
  description = "Attribute with the time (seconds since 1970) after which an item is deleted, within days and free of charge; null keeps them."
  type        = string
  default     = null
}

variable "stream" {
  description = "What a stream tells of each change: `KEYS_ONLY`, `NEW_IMAGE`, `OLD_IMAGE` or `NEW_AND_OLD_IMAGES`; null for no stream."
  type        = string
  default     = null

  validation {
    condition     = var.stream == null || try(contains(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"], var.stream), false)
    error_message = "stream must be KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES."
  }
}
