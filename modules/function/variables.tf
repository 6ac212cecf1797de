variable "name" {
  description = "Name of the function, and prefix of what belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,48}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 50 lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }
}

variable "description" {
  description = "What the function does, in a sentence."
  type        = string
  default     = null
}

################################################################################
# What it runs
################################################################################

variable "code" {
  description = <<-EOT
    The program: a zip file on this machine (`filename`) or in S3 (`s3`), with its handler and runtime, or a container
    image in ECR (`image_uri`), perhaps with another command. `signing_config_arn` makes Lambda refuse a zip file that
    nobody signed.
  EOT
  type = object({
    filename = optional(string)
    s3 = optional(object({
      bucket  = string
      key     = string
      version = optional(string)
    }))
    image_uri          = optional(string)
    handler            = optional(string)
    runtime            = optional(string)
    layers             = optional(list(string), [])
    command            = optional(list(string))
    signing_config_arn = optional(string)
  })
  nullable = false

  validation {
    condition     = length([for source in [var.code.filename, var.code.s3, var.code.image_uri] : true if source != null]) == 1
    error_message = "code needs exactly one of filename, s3 and image_uri."
  }

  validation {
    condition     = (var.code.image_uri == null) == (var.code.handler != null && var.code.runtime != null)
    error_message = "code needs handler and runtime with a zip file, and neither with an image."
  }

  validation {
    condition     = var.code.image_uri == null || (length(var.code.layers) == 0 && var.code.signing_config_arn == null)
    error_message = "code.layers and code.signing_config_arn are for zip files, not for images."
  }

  validation {
    condition     = var.code.image_uri == null || try(can(regex("(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})$", var.code.image_uri)) && !endswith(var.code.image_uri, ":latest"), false)
    error_message = "code.image_uri must end in a tag other than latest, or a digest: a rollback needs to know what ran before."
  }
}

variable "size" {
  description = "Memory in MiB (a vCPU for each 1769), temporary storage in MiB, architecture, and seconds that one call may take."
  type = object({
    memory       = optional(number, 256)
    storage      = optional(number, 512)
    architecture = optional(string, "arm64")
    timeout      = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.size.memory >= 128 && var.size.memory <= 10240 && var.size.storage >= 512 && var.size.storage <= 10240
    error_message = "size.memory must be 128 to 10240, and size.storage 512 to 10240."
  }

  validation {
    condition     = contains(["arm64", "x86_64"], var.size.architecture)
    error_message = "size.architecture must be arm64 or x86_64, and the one the program was built for."
  }

  validation {
    condition     = var.size.timeout >= 1 && var.size.timeout <= 900
    error_message = "size.timeout must be 1 to 900 seconds."
  }
}

variable "environment" {
  description = "Environment variables. No secrets: give the names of parameters, and the right to read them in `statements`."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "alias" {
  description = "Name that callers use, and the version it stands for (by default the one just published). With `canary`, a share of the calls, 0 to 1, goes to another version."
  type = object({
    name    = optional(string, "live")
    version = optional(string)
    canary = optional(object({
      version = string
      share   = number
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alias.canary == null || try(var.alias.canary.share > 0 && var.alias.canary.share < 1, false)
    error_message = "alias.canary.share must be between 0 and 1, such as 0.1 for every tenth call."
  }

  validation {
    condition     = var.alias.canary == null || var.alias.version != null
    error_message = "alias.canary needs alias.version too: which version gets the rest of the calls."
  }
}

variable "reserved_concurrency" {
  description = "Calls at the same time, at most: kept free for this function, and its limit. With null it shares what the account has; 0 stops it."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 0, false)
    error_message = "reserved_concurrency must not be negative."
  }
}

################################################################################
# What it may do and reach
################################################################################

variable "statements" {
  description = "What the function may do, by name: actions on resources, perhaps on conditions. Logs, traces, dead letters, queues and streams are permitted already."
  type = map(object({
    actions   = set(string)
    resources = set(string)
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue(flatten([
      for statement in var.statements : [for action in statement.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+\\*?$", action))]
    ]))
    error_message = "statements must list actions such as s3:GetObject; neither * nor a whole service such as s3:*."
  }

  validation {
    condition     = alltrue([for statement in var.statements : length(statement.actions) > 0 && length(statement.resources) > 0])
    error_message = "statements must each name actions and resources."
  }
}

variable "vpc" {
  description = "Where the function gets addresses, if it has to reach something in a VPC: private subnets, other security groups with the port (`egress`), and whether HTTPS is open to everywhere."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
    https      = optional(bool, true)
    egress = optional(map(object({
      security_group_id = string
      port              = number
    })), {})
  })
  default = null

  validation {
    condition     = var.vpc == null || try(length(var.vpc.subnet_ids) > 0, false)
    error_message = "vpc.subnet_ids must hold at least one subnet."
  }
}

################################################################################
# Who calls it
################################################################################

variable "triggers" {
  description = "AWS services that may call the function, by name: the service, what of it calls (a bucket, a rule of EventBridge), and for S3 the account, as a bucket's ARN holds none."
  type = map(object({
    service    = string
    source_arn = string
    account_id = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for trigger in var.triggers : endswith(trigger.service, ".amazonaws.com")])
    error_message = "triggers must name services such as s3.amazonaws.com."
  }

  validation {
    condition     = alltrue([for trigger in var.triggers : trigger.service != "s3.amazonaws.com" || trigger.account_id != null])
    error_message = "triggers of S3 need account_id: somebody else could make a bucket of that name after you have deleted yours."
  }
}

variable "topics" {
  description = "SNS topics whose messages call the function, by name, perhaps only those that match a filter policy (JSON; about message attributes unless the scope is `MessageBody`)."
  type = map(object({
    arn           = string
    filter_policy = optional(string)
    filter_scope  = optional(string, "MessageAttributes")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for topic in var.topics : contains(["MessageAttributes", "MessageBody"], topic.filter_scope)])
    error_message = "topics must have the filter_scope MessageAttributes or MessageBody."
  }
}

variable "queues" {
  description = "SQS queues that the function empties, by name; `filters` are event patterns in JSON, `kms_key_arn` is the queue's key. The function reports which messages of a batch failed; only these return."
  type = map(object({
    arn             = string
    kms_key_arn     = optional(string)
    batch_size      = optional(number, 10)
    batch_seconds   = optional(number, 0)
    max_concurrency = optional(number)
    filters         = optional(list(string), [])
    enabled         = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for queue in var.queues : queue.batch_size <= 10 || queue.batch_seconds >= 1])
    error_message = "queues with a batch_size above 10 need batch_seconds of at least 1."
  }

  validation {
    condition     = alltrue([for queue in var.queues : queue.max_concurrency == null || try(queue.max_concurrency >= 2 && queue.max_concurrency <= 1000, false)])
    error_message = "queues must have a max_concurrency of 2 to 1000."
  }
}

variable "streams" {
  description = "Streams of Kinesis or of DynamoDB tables that the function reads, by name. A batch that fails is halved, tried `retries` times, and then its place in the stream is put among the dead letters."
  type = map(object({
    arn           = string
    kms_key_arn   = optional(string)
    position      = optional(string, "LATEST")
    batch_size    = optional(number, 100)
    batch_seconds = optional(number, 1)
    parallel      = optional(number, 1)
    retries       = optional(number, 5)
    max_age_hours = optional(number, 24)
    filters       = optional(list(string), [])
    enabled       = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for stream in var.streams : contains(["LATEST", "TRIM_HORIZON"], stream.position)])
    error_message = "streams must be read from the position LATEST (what comes) or TRIM_HORIZON (what is there, too)."
  }

  validation {
    condition     = alltrue([for stream in var.streams : stream.parallel >= 1 && stream.parallel <= 10])
    error_message = "streams must have 1 to 10 parallel batches per shard."
  }
}

variable "retries" {
  description = "For calls that nobody waits for: how often a failed one is repeated, and how old in seconds it may grow, until it is a dead letter."
  type = object({
    attempts = optional(number, 2)
    max_age  = optional(number, 21600)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains([0, 1, 2], var.retries.attempts) && var.retries.max_age >= 60 && var.retries.max_age <= 21600
    error_message = "retries.attempts must be 0 to 2, and retries.max_age 60 to 21600 seconds."
  }
}

################################################################################
# Safety and observation
################################################################################

variable "kms_key_arn" {
  description = "KMS key for environment variables and dead letters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "logs" {
  description = "KMS key (its policy must let CloudWatch Logs use it) and retention of the function's log, and the least level of the program's own messages."
  type = object({
    kms_key_arn    = string
    retention_days = optional(number, 365)
    level          = optional(string, "INFO")
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.logs.kms_key_arn))
    error_message = "logs.kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }

  validation {
    condition     = contains(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"], var.logs.level)
    error_message = "logs.level must be TRACE, DEBUG, INFO, WARN, ERROR or FATAL."
  }
}
