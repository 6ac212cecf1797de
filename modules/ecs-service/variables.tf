variable "name" {
  description = "Name of the service, its task family, roles and log group."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,48}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 50 lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }
}

################################################################################
# Where it runs
################################################################################

variable "cluster" {
  description = "ECS cluster with the capacity providers FARGATE and FARGATE_SPOT."
  type = object({
    arn  = string
    name = string
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:[^:]+:ecs:", var.cluster.arn))
    error_message = "cluster.arn must be the ARN of an ECS cluster: the service takes its account from it."
  }
}

variable "vpc_id" {
  description = "VPC of the tasks."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Private subnets of the tasks, with a way out to the image registry."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids must hold at least one subnet."
  }
}

variable "size" {
  description = "CPU units (1024 = one vCPU), memory in MiB and architecture of a task. ARM64 costs a fifth less."
  type = object({
    cpu          = optional(number, 256)
    memory       = optional(number, 512)
    architecture = optional(string, "X86_64")
  })
  default  = {}
  nullable = false

  validation {
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
    condition = contains(try({
      256   = [512, 1024, 2048]
      512   = range(1024, 4097, 1024)
      1024  = range(2048, 8193, 1024)
      2048  = range(4096, 16385, 1024)
      4096  = range(8192, 30721, 1024)
      8192  = range(16384, 61441, 4096)
      16384 = range(32768, 122881, 8192)
    }[var.size.cpu], []), var.size.memory)
    error_message = "size must be a pair Fargate offers: cpu 256 with 512, 1024 or 2048 MiB, 512 with 1024 to 4096, 1024 with 2048 to 8192, 2048 with 4096 to 16384, 4096 with 8192 to 30720 (all in steps of 1024), 8192 with 16384 to 61440 (4096), 16384 with 32768 to 122880 (8192)."
  }

  validation {
    condition     = contains(["X86_64", "ARM64"], var.size.architecture)
    error_message = "size.architecture must be X86_64 or ARM64, and the one the image was built for."
  }
}

variable "spot" {
  description = "Share of tasks on Fargate Spot in percent, and how many tasks run on demand before that share applies."
  type = object({
    percent         = optional(number, 0)
    on_demand_tasks = optional(number, 0)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.spot.percent >= 0 && var.spot.percent <= 100 && floor(var.spot.percent) == var.spot.percent
    error_message = "spot.percent must be a whole number from 0 (all on demand) to 100 (all on Spot)."
  }

  validation {
    condition     = var.spot.on_demand_tasks >= 0
    error_message = "spot.on_demand_tasks must not be negative."
  }
}

variable "autoscaling" {
  description = "Bounds of the number of tasks, and what each should carry on average; a target of 0 is not used."
  type = object({
    min_tasks         = optional(number, 1)
    max_tasks         = optional(number, 4)
    cpu_percent       = optional(number, 60)
    memory_percent    = optional(number, 75)
    requests_per_task = optional(number, 0)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.autoscaling.min_tasks >= 0 && var.autoscaling.max_tasks >= max(1, var.autoscaling.min_tasks)
    error_message = "autoscaling.max_tasks must be at least 1 and not below autoscaling.min_tasks."
  }
}

################################################################################
# What it runs
################################################################################

variable "container" {
  description = <<-EOT
    The program. `secrets` maps environment variables to SSM parameters by name: ECS reads them when a task starts, and
    their values are in neither the state nor the task definition. `writable_paths` are empty, per-task folders for a
    program whose root file system is read-only.
  EOT
  type = object({
    image                     = string
    port                      = number
    command                   = optional(list(string))
    user                      = optional(string)
    environment               = optional(map(string), {})
    secrets                   = optional(map(string), {})
    read_only_root_filesystem = optional(bool, true)
    writable_paths            = optional(set(string), [])
    stop_timeout              = optional(number, 30)
  })
  nullable = false

  validation {
    condition     = can(regex("(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})$", var.container.image)) && !endswith(var.container.image, ":latest")
    error_message = "container.image must end in a tag other than latest, or a digest: a rollback needs to know what ran before."
  }

  validation {
    condition     = var.container.port >= 1 && var.container.port <= 65535
    error_message = "container.port must be 1 to 65535."
  }

  validation {
    condition     = alltrue([for parameter in values(var.container.secrets) : startswith(parameter, "/")])
    error_message = "container.secrets must map to SSM parameter names that begin with a slash, such as /shop/dev/api/token; never to values."
  }

  validation {
    condition     = length(setintersection(keys(var.container.environment), keys(var.container.secrets))) == 0
    error_message = "container.environment and container.secrets must not set the same variable; ECS refuses it."
  }

  validation {
    condition     = alltrue([for path in var.container.writable_paths : startswith(path, "/") && path != "/"])
    error_message = "container.writable_paths must be absolute paths below /."
  }

  validation {
    condition     = var.container.stop_timeout >= 1 && var.container.stop_timeout <= 120
    error_message = "container.stop_timeout must be 1 to 120 seconds, the most that Fargate waits (and Spot warns)."
  }
}

variable "task_policies" {
  description = "What the program may do: IAM policy documents (JSON) by name, for the task role."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "secrets_kms_key_arn" {
  description = "KMS key of the SSM parameters, if it is not AWS's own (`aws/ssm`)."
  type        = string
  default     = null
}

variable "logs" {
  description = "KMS key (its policy must let CloudWatch Logs use it) and retention of the service's log."
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

################################################################################
# Who reaches it, and whom it reaches
################################################################################

variable "load_balancer" {
  description = "HTTPS listener, security group and ARN suffix of the load balancer."
  type = object({
    listener_arn      = string
    security_group_id = string
    arn_suffix        = string
  })
  nullable = false
}

variable "routing" {
  description = "Requests that are the service's, by host, path or both, and the rule's priority (the lowest wins)."
  type = object({
    priority = number
    hosts    = optional(set(string), [])
    paths    = optional(set(string), [])
  })
  nullable = false

  validation {
    condition     = var.routing.priority >= 1 && var.routing.priority <= 50000
    error_message = "routing.priority must be 1 to 50000, and used by no other rule of the listener."
  }

  validation {
    condition     = length(var.routing.hosts) + length(var.routing.paths) >= 1 && length(var.routing.hosts) + length(var.routing.paths) <= 5
    error_message = "routing needs one to five hosts and paths together, the limit of a listener rule."
  }
}

variable "health_check" {
  description = "When the load balancer takes a task for healthy, in seconds; how long a new task is left alone, and a leaving one finishes requests."
  type = object({
    path                 = optional(string, "/healthz")
    matcher              = optional(string, "200")
    interval             = optional(number, 15)
    timeout              = optional(number, 5)
    healthy_threshold    = optional(number, 2)
    unhealthy_threshold  = optional(number, 3)
    grace_period         = optional(number, 60)
    deregistration_delay = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = startswith(var.health_check.path, "/")
    error_message = "health_check.path must begin with a slash."
  }

  validation {
    condition     = var.health_check.timeout < var.health_check.interval
    error_message = "health_check.timeout must be shorter than health_check.interval."
  }
}

variable "egress" {
  description = "Other security groups that the tasks may reach, by name, with the port. HTTPS is always open."
  type = map(object({
    security_group_id = string
    port              = number
  }))
  default  = {}
  nullable = false
}
