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
  default     = "services"
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
# Network and entrance
################################################################################

variable "network" {
  description = "Range of the VPC, its zones (append only), and NAT gateways: `per_zone`, `single` or `none`."
  type = object({
    cidr_block   = string
    zones        = list(string)
    nat_gateways = optional(string, "per_zone")
  })
  nullable = false

  validation {
    condition     = alltrue([for zone in var.network.zones : startswith(zone, var.region)])
    error_message = "network.zones must be zones of the region."
  }
}

variable "domain" {
  description = "Name of the stack, and the Route 53 zone that holds it."
  type = object({
    name    = string
    zone_id = string
  })
  nullable = false
}

variable "load_balancer" {
  description = "Who may connect, the bucket for access logs, seconds a connection may be silent, and the firewall's settings."
  type = object({
    ingress_cidr_blocks = set(string)
    access_logs_bucket  = string
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

################################################################################
# Services
################################################################################

variable "services" {
  description = <<-EOT
    Services behind the load balancer, by name. `secrets` are names of environment variables, whose values are read from
    the SSM parameters /<project>/<environment>/<stack>/<service>/<name>. `database` opens the way to PostgreSQL, `cache`
    the one to Redis, for keys that begin with `<service>:`. `slow_seconds` is for services that are slow by nature.
  EOT
  type = map(object({
    image                     = string
    port                      = number
    command                   = optional(list(string))
    user                      = optional(string)
    environment               = optional(map(string), {})
    secrets                   = optional(set(string), [])
    read_only_root_filesystem = optional(bool, true)
    writable_paths            = optional(set(string), [])
    database                  = optional(bool, false)
    cache                     = optional(bool, false)
    slow_seconds              = optional(number)

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

    routing = object({
      priority = number
      hosts    = optional(set(string), [])
      paths    = optional(set(string), [])
    })

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

    # Only where a service differs from the environment's mix.
    spot = optional(object({
      percent         = number
      on_demand_tasks = optional(number, 0)
    }))
  }))
  nullable = false

  validation {
    condition     = length(distinct([for service in var.services : service.routing.priority])) == length(var.services)
    error_message = "services must have routing priorities that differ: a listener evaluates its rules in that order."
  }
}

variable "registry" {
  description = "Repositories for the services' images, other accounts that may pull from them, and scanning by Amazon Inspector. Null where another environment's account has them."
  type = object({
    pull_account_ids  = optional(set(string), [])
    enhanced_scanning = optional(bool, false)
  })
  default = null
}

variable "spot" {
  description = "Share of tasks on Fargate Spot in percent, and tasks of each service that run on demand before that share applies."
  type = object({
    percent         = optional(number, 0)
    on_demand_tasks = optional(number, 0)
  })
  default  = {}
  nullable = false
}

################################################################################
# Database and cache
################################################################################

variable "database" {
  description = "PostgreSQL: database name, version, class, storage in GiB, standby in a second zone, days of backups."
  type = object({
    name           = string
    engine_version = optional(string, "17")
    instance_class = string
    multi_az       = optional(bool, true)
    backup_days    = optional(number, 30)
    storage = optional(object({
      size_gb     = optional(number, 20)
      max_size_gb = optional(number, 100)
    }), {})
  })
  nullable = false
}

variable "cache" {
  description = "Redis, where a service has `cache`: class of the nodes, replicas in other zones, days of snapshots."
  type = object({
    node_type     = string
    replicas      = optional(number, 1)
    snapshot_days = optional(number, 7)
  })
  nullable = false
}

variable "enable_cross_region_backup" {
  description = "Whether `backup_region` keeps a copy of the database's backups."
  type        = bool
  default     = false
  nullable    = false
}

variable "backup_region" {
  description = "Another AWS region, in which copies of backups are kept."
  type        = string
  nullable    = false

  validation {
    condition     = var.backup_region != var.region
    error_message = "backup_region must be another region than region, or both are lost together."
  }
}

################################################################################
# Alarms
################################################################################

variable "alerts" {
  description = <<-EOT
    Who hears each tier, the Slack workspace of their channels, failed requests a minute that roll a service's deployment back,
    and the seconds that 99 of 100 requests must take at most.
  EOT
  type = object({
    subscribers = object({
      info = optional(object({
        emails         = optional(set(string), [])
        slack_channels = optional(set(string), [])
        phone_numbers  = optional(set(string), [])
      }), {})
      warning = optional(object({
        emails         = optional(set(string), [])
        slack_channels = optional(set(string), [])
        phone_numbers  = optional(set(string), [])
      }), {})
      critical = optional(object({
        emails         = optional(set(string), [])
        slack_channels = optional(set(string), [])
        phone_numbers  = optional(set(string), [])
      }), {})
    })
    slack_team_id     = optional(string)
    errors_per_minute = optional(number, 20)
    slow_seconds      = optional(number, 2)
  })
  nullable = false
}

################################################################################
# Safety
################################################################################

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer and the database."
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
