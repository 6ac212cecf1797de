variable "name" {
  description = "Name of the bucket, unique among all of AWS's."
  type        = string
  nullable    = false

  validation {
    # Dots are legal, but break TLS host names.
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 lower-case letters, digits and hyphens, and begin and end with a letter or digit."
  }
}

variable "force_destroy" {
  description = "Whether destroying the bucket destroys its objects too. For preview environments only."
  type        = bool
  default     = false
  nullable    = false
}

################################################################################
# Safety
################################################################################

variable "kms_key_arn" {
  description = "KMS key that encrypts the objects. With null S3 does it with a key of its own: only for buckets that S3 or load balancers deliver logs to, which cannot use a KMS key."
  type        = string

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "access_logs" {
  description = "Bucket that gets a record of each request, and where in it (by default `<name>/`). With null nobody knows who read what: only for the bucket of the logs itself."
  type = object({
    bucket = string
    prefix = optional(string)
  })

  validation {
    condition     = var.access_logs == null || try(var.access_logs.bucket != var.name, true)
    error_message = "access_logs.bucket must be another bucket: one that logs to itself grows by its own records."
  }
}

variable "policy_statements" {
  description = <<-EOT
    Further statements that allow something, by name, for those that IAM policies cannot reach: AWS services, and
    principals of other accounts (ARNs). Objects whose keys begin with `prefix` are meant, and with `bucket` the bucket
    itself. A service acts for everybody's account, so it needs a condition that names yours.
  EOT
  type = map(object({
    services = optional(set(string), [])
    arns     = optional(set(string), [])
    actions  = set(string)
    prefix   = optional(string, "")
    bucket   = optional(bool, false)
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for statement in var.policy_statements : length(statement.services) + length(statement.arns) > 0 && !contains(statement.arns, "*")
    ])
    error_message = "policy_statements must each name services or arns, and not everybody (*)."
  }

  validation {
    condition = alltrue([
      for statement in var.policy_statements : length(statement.services) == 0 || length(statement.conditions) > 0
    ])
    error_message = "policy_statements for services need a condition, such as StringEquals aws:SourceAccount with your account."
  }

  validation {
    condition = alltrue(flatten([
      for statement in var.policy_statements : [for action in statement.actions : can(regex("^s3:[A-Za-z]+\\*?$", action))]
    ]))
    error_message = "policy_statements must list actions of S3 such as s3:PutObject, and not s3:*."
  }
}

variable "object_lock" {
  description = "How long nobody may delete or overwrite an object version: `GOVERNANCE` (some may, by permission) or `COMPLIANCE` (nobody, not even root). Can only be chosen when the bucket is made."
  type = object({
    mode = optional(string, "GOVERNANCE")
    days = number
  })
  default = null

  validation {
    condition     = var.object_lock == null || try(contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock.mode) && var.object_lock.days >= 1, false)
    error_message = "object_lock.mode must be GOVERNANCE or COMPLIANCE, and object_lock.days at least 1."
  }

  validation {
    condition     = var.object_lock == null || !var.force_destroy
    error_message = "object_lock and force_destroy contradict each other."
  }
}

################################################################################
# Life of objects
################################################################################

variable "noncurrent_days" {
  description = "Days that overwritten and deleted versions can be brought back."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days must be at least 1."
  }
}

variable "lifecycle_rules" {
  description = "What becomes of objects, by a name for each rule: those with the prefix and all the tags move to cheaper classes after some days and are deleted after `expiration_days`."
  type = map(object({
    enabled         = optional(bool, true)
    prefix          = optional(string, "")
    tags            = optional(map(string), {})
    expiration_days = optional(number)
    transitions = optional(list(object({
      days          = number
      storage_class = string
    })), [])
    noncurrent_transitions = optional(list(object({
      days          = number
      storage_class = string
    })), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for rule in var.lifecycle_rules : rule.expiration_days != null || length(rule.transitions) + length(rule.noncurrent_transitions) > 0
    ])
    error_message = "lifecycle_rules must each do something: expiration_days, transitions or noncurrent_transitions."
  }

  validation {
    condition = alltrue(flatten([
      for rule in var.lifecycle_rules : [
        for transition in concat(rule.transitions, rule.noncurrent_transitions) :
        contains(["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"], transition.storage_class)
      ]
    ]))
    error_message = "lifecycle_rules must move objects to STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER or DEEP_ARCHIVE."
  }

  validation {
    condition = alltrue(flatten([
      for rule in var.lifecycle_rules : [
        for transition in concat(rule.transitions, rule.noncurrent_transitions) :
        transition.days >= 30 || !contains(["STANDARD_IA", "ONEZONE_IA"], transition.storage_class)
      ]
    ]))
    error_message = "lifecycle_rules must leave objects 30 days before STANDARD_IA and ONEZONE_IA; S3 refuses less."
  }

  validation {
    condition = alltrue(flatten([
      for rule in var.lifecycle_rules : [for transition in rule.transitions : try(transition.days < rule.expiration_days, true)]
    ]))
    error_message = "lifecycle_rules must not delete objects before they move."
  }

  validation {
    condition     = !contains(keys(var.lifecycle_rules), "defaults")
    error_message = "lifecycle_rules must not be named defaults: the module has that rule, for old versions and unfinished uploads."
  }
}

variable "replication" {
  description = "Versioned bucket, usually in another region and made with this module too, that gets a copy of new objects, and the key (of its region) that encrypts them there. `account_id` if it is another account's, which then owns the copies; `within_15_minutes` buys S3's promise, with metrics; `deletions` also copies delete markers."
  type = object({
    bucket_arn        = string
    kms_key_arn       = string
    account_id        = optional(string)
    prefix            = optional(string, "")
    storage_class     = optional(string, "STANDARD_IA")
    within_15_minutes = optional(bool, false)
    deletions         = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.replication == null || can(regex("^arn:[^:]+:s3:::", var.replication.bucket_arn))
    error_message = "replication.bucket_arn must be the ARN of a bucket."
  }

  validation {
    condition     = var.replication == null || can(regex("^arn:[^:]+:kms:[a-z0-9-]+:", var.replication.kms_key_arn))
    error_message = "replication.kms_key_arn must be the ARN of a KMS key in the other bucket's region."
  }

  validation {
    condition     = var.replication == null || var.kms_key_arn != null
    error_message = "replication needs kms_key_arn: only what is encrypted with a key of yours is copied."
  }
}

################################################################################
# Events
################################################################################

variable "events" {
  description = <<-EOT
    Who hears of changes to objects: EventBridge with `eventbridge`, functions, queues and topics (ARNs) by a name for
    each. They must let S3 in already: for a function, its `triggers` do so.
  EOT
  type = object({
    eventbridge = optional(bool, false)
    functions = optional(map(object({
      arn    = string
      events = optional(set(string), ["s3:ObjectCreated:*"])
      prefix = optional(string)
      suffix = optional(string)
    })), {})
    queues = optional(map(object({
      arn    = string
      events = optional(set(string), ["s3:ObjectCreated:*"])
      prefix = optional(string)
      suffix = optional(string)
    })), {})
    topics = optional(map(object({
      arn    = string
      events = optional(set(string), ["s3:ObjectCreated:*"])
      prefix = optional(string)
      suffix = optional(string)
    })), {})
  })
  default = null

  validation {
    condition = var.events == null || alltrue(flatten([
      for target in try(concat(values(var.events.functions), values(var.events.queues), values(var.events.topics)), []) : [
        for event in target.events : startswith(event, "s3:")
      ]
    ]))
    error_message = "events must be named as S3 names them, such as s3:ObjectCreated:*."
  }
}
