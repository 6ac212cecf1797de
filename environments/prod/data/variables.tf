################################################################################
# Whose and where
################################################################################

variable "project" {
  description = "Project, first part of every name, and tag."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Environment: dev, staging or prod."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod."
  }
}

variable "stack" {
  description = "Stack within the environment."
  type        = string
  default     = "data"
  nullable    = false
}

variable "owner" {
  description = "Team to ask about these resources."
  type        = string
  nullable    = false
}

variable "cost_centre" {
  description = "Cost centre that pays for them."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region."
  type        = string
  nullable    = false
}

################################################################################
# Network
################################################################################

variable "network" {
  description = "Range of the VPC, and its zones (append only)."
  type = object({
    cidr_block = string
    zones      = list(string)
  })
  nullable = false

  validation {
    condition     = alltrue([for zone in var.network.zones : startswith(zone, var.region)])
    error_message = "network.zones must be zones of the region."
  }
}

################################################################################
# Readings and metadata
################################################################################

variable "buckets" {
  description = <<-EOT
    What the buckets' names begin with (by default the stack's; they are unique among all of AWS's), the bucket for access
    logs (the load balancer's too), and what becomes of readings: days until they move, by storage class, days until they are deleted (null keeps
    them), and days that deleted and overwritten ones can be brought back.
  EOT
  type = object({
    prefix             = optional(string)
    access_logs_bucket = string
    raw = optional(object({
      transitions     = optional(map(number), { STANDARD_IA = 30, GLACIER_IR = 90 })
      expiration_days = optional(number)
      noncurrent_days = optional(number, 90)
    }), {})
    processed = optional(object({
      transitions     = optional(map(number), { STANDARD_IA = 90 })
      expiration_days = optional(number)
      noncurrent_days = optional(number, 90)
    }), {})
  })
  nullable = false
}

variable "table" {
  description = "Table of metadata: days within which it can be restored as it was at any second, and request units a second at most."
  type = object({
    recovery_days = optional(number, 35)
    on_demand_limits = optional(object({
      read  = optional(number)
      write = optional(number)
    }))
  })
  default  = {}
  nullable = false
}

################################################################################
# Processing
################################################################################

variable "function" {
  description = <<-EOT
    What processes readings: a zip file that the pipeline has built, in S3 or on this machine, and whether only a signed one
    is run; the version that is called, and perhaps another that gets a share (see modules/function); memory in MiB, seconds
    a call may take; calls at the same time at most (null: what the account has left).
  EOT
  type = object({
    code = object({
      filename = optional(string)
      s3 = optional(object({
        bucket  = string
        key     = string
        version = optional(string)
      }))
      handler            = string
      runtime            = string
      signing_config_arn = optional(string)
    })
    alias = optional(object({
      version = optional(string)
      canary = optional(object({
        version = string
        share   = number
      }))
    }), {})
    size = optional(object({
      memory       = optional(number, 256)
      storage      = optional(number, 512)
      architecture = optional(string, "arm64")
      timeout      = optional(number, 30)
    }), {})
    reserved_concurrency = optional(number)
    log_level            = optional(string, "INFO")
  })
  nullable = false
}

################################################################################
# API
################################################################################

variable "domain" {
  description = "Name of the API, and the Route 53 zone that holds it."
  type = object({
    name    = string
    zone_id = string
  })
  nullable = false
}

variable "load_balancer" {
  description = "Who may connect, seconds a connection may be silent, and the firewall's settings."
  type = object({
    ingress_cidr_blocks = set(string)
    idle_timeout        = optional(number, 60)
    waf = optional(object({
      enabled                = optional(bool, true)
      web_acl_arn            = optional(string)
      requests_per_5_minutes = optional(number, 2000)
      managed_rule_groups    = optional(list(string)) # null: those of modules/load-balancer
      counted_rules          = optional(map(set(string)))
    }), {})
  })
  nullable = false
}

variable "registry" {
  description = <<-EOT
    Repository for the API's images: how many releases (tagged v*) and other images are kept, days for untagged ones, other
    accounts that may pull, and scanning by Amazon Inspector. Null where another environment's account has it.
  EOT
  type = object({
    keep_releases     = optional(number, 100)
    keep_images       = optional(number, 50)
    untagged_days     = optional(number, 7)
    pull_account_ids  = optional(set(string), [])
    enhanced_scanning = optional(bool, false)
  })
  default = null
}

variable "api" {
  description = <<-EOT
    Program that answers requests for readings: image and port, what it is started with, size and number of its tasks.
    `secrets` are names of environment variables, whose values are read from the SSM parameters
    /<project>/<environment>/<stack>/api/<name>.
  EOT
  type = object({
    image                     = string
    port                      = number
    command                   = optional(list(string))
    user                      = optional(string)
    environment               = optional(map(string), {})
    secrets                   = optional(set(string), [])
    read_only_root_filesystem = optional(bool, true)
    writable_paths            = optional(set(string), [])

    # Two versions side by side, and who gets the requests: see modules/ecs-service. Null: the image alone, as blue.
    colours = optional(map(object({
      image       = optional(string)
      environment = optional(map(string), {})
      min_tasks   = optional(number)
      max_tasks   = optional(number)
    })))
    traffic = optional(object({
      blue           = number
      green          = number
      sticky_seconds = optional(number, 0)
    }))

    health_check = optional(object({
      path         = optional(string, "/healthz")
      matcher      = optional(string, "200")
      grace_period = optional(number, 60)
    }), {})

    size = optional(object({
      cpu          = optional(number, 256)
      memory       = optional(number, 512)
      architecture = optional(string, "X86_64")
    }), {})

    autoscaling = optional(object({
      min_tasks         = optional(number, 1)
      max_tasks         = optional(number, 4)
      cpu_percent       = optional(number, 60)
      memory_percent    = optional(number, 75)
      requests_per_task = optional(number, 0)
    }), {})
  })
  nullable = false

  validation {
    condition = alltrue([
      for image in compact(concat([var.api.image], [for colour in values(coalesce(var.api.colours, {})) : colour.image])) :
      can(regex("^[0-9]{12}\\.dkr\\.ecr\\.${var.region}\\.amazonaws\\.com[a-z.]*/", image))
    ])
    error_message = "api.image, and those of api.colours, must be in ECR in this region (<account>.dkr.ecr.<region>.amazonaws.com/…): the network has no way to other registries."
  }
}

variable "spot" {
  description = "Share of the API's tasks on Fargate Spot in percent, and tasks that run on demand before that share applies."
  type = object({
    percent         = optional(number, 0)
    on_demand_tasks = optional(number, 0)
  })
  default  = {}
  nullable = false
}

################################################################################
# Warehouse
################################################################################

variable "enable_redshift" {
  description = "Whether there is a warehouse. Switching it off deletes the cluster and leaves a last snapshot (see modules/warehouse)."
  type        = bool
  default     = false
  nullable    = false
}

variable "warehouse" {
  description = "Warehouse, if there is one: class and number of nodes, whether as many stand by in another zone, database, and snapshots."
  type = object({
    database_name = optional(string, "readings")
    nodes = optional(object({
      type     = optional(string, "ra3.large")
      count    = optional(number, 2)
      multi_az = optional(bool, false)
    }), {})
    snapshots = optional(object({
      retention_days = optional(number, 30)
      final          = optional(bool, true)
    }), {})
  })
  default  = {}
  nullable = false
}

################################################################################
# Alerts
################################################################################

variable "alert_email" {
  description = "Who is told of anomalies and alarms. AWS sends a confirmation that has to be answered first."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.alert_email))
    error_message = "alert_email must be an e-mail address."
  }
}

variable "alarms" {
  description = <<-EOT
    Failed calls in five minutes above which somebody is told, and minutes without a reading that are a fault (null: none are).
    Of the API: failed requests a minute that roll its deployment back, and the seconds that 99 of 100 requests must take at most.
  EOT
  type = object({
    errors_per_5_minutes = optional(number, 0)
    silence_minutes      = optional(number)
    api = optional(object({
      errors_per_minute = optional(number, 20)
      slow_seconds      = optional(number, 2)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alarms.silence_minutes == null || try(var.alarms.silence_minutes >= 5 && var.alarms.silence_minutes <= 1440, false)
    error_message = "alarms.silence_minutes must be 5 to 1440: CloudWatch looks back for a day at most."
  }
}

################################################################################
# Safety
################################################################################

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the table and the load balancer."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that logs are kept: a period CloudWatch Logs offers, such as 30, 90, 365 or 731."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.log_retention_days > 0
    error_message = "log_retention_days must be positive: CloudWatch Logs takes 0 for ever."
  }
}
