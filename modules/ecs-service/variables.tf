variable "name" {
  description = "Name of the service: its roles and log group have it, its ECS services and task families with `-blue` or `-green`."
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
  description = "Bounds of the number of tasks of each colour, and what each should carry on average; a target of 0 is not used."
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

  validation {
    condition     = var.secrets_kms_key_arn == null || can(regex("^arn:[^:]+:kms:", var.secrets_kms_key_arn))
    error_message = "secrets_kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "execute_command" {
  description = "Allows sessions in the tasks (ECS Exec): the `execute_command` output of the ecs-cluster module. Null: none."
  type = object({
    log_group_name = string
    kms_key_arn    = optional(string)
  })
  default = null

  validation {
    condition     = var.execute_command == null || !var.container.read_only_root_filesystem
    error_message = "execute_command needs container.read_only_root_filesystem = false: the agent of ECS Exec writes there."
  }
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
# Colours: two versions side by side
################################################################################

variable "colours" {
  description = <<-EOT
    What runs: `blue`, `green` or both, each an ECS service with its own tasks, target group and autoscaling. A colour is the
    service's `container` and `autoscaling`, but for what it sets itself; its `environment` is added.
  EOT
  type = map(object({
    image       = optional(string)
    environment = optional(map(string), {})
    min_tasks   = optional(number)
    max_tasks   = optional(number)
  }))
  default  = { blue = {} }
  nullable = false

  validation {
    condition     = length(var.colours) > 0 && length(setsubtract(keys(var.colours), ["blue", "green"])) == 0
    error_message = "colours must be blue, green or both."
  }

  validation {
    condition     = alltrue([for colour in values(var.colours) : can(regex("(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})$", colour.image)) && !endswith(colour.image, ":latest") if colour.image != null])
    error_message = "colours must have images that end in a tag other than latest, or a digest: a rollback needs to know what ran before."
  }

  validation {
    condition     = alltrue([for colour in values(var.colours) : coalesce(colour.min_tasks, 0) >= 0 && (colour.min_tasks != null ? colour.min_tasks : var.autoscaling.min_tasks) <= (colour.max_tasks != null ? colour.max_tasks : var.autoscaling.max_tasks)])
    error_message = "colours must not have more min_tasks than max_tasks (their own, or those of autoscaling), nor fewer than 0."
  }

  validation {
    condition     = alltrue([for colour in values(var.colours) : length(setintersection(keys(colour.environment), keys(var.container.secrets))) == 0])
    error_message = "colours must not set environment variables that container.secrets sets; ECS refuses it."
  }
}

variable "traffic" {
  description = "Requests that each colour gets, in percent. With `sticky_seconds` a client stays with the colour that answered it first, for that long."
  type = object({
    blue           = number
    green          = number
    sticky_seconds = optional(number, 0)
  })
  default  = { blue = 100, green = 0 }
  nullable = false

  validation {
    condition     = alltrue([for share in [var.traffic.blue, var.traffic.green] : share >= 0 && floor(share) == share]) && var.traffic.blue + var.traffic.green == 100
    error_message = "traffic.blue and traffic.green must be whole percentages that make 100 together."
  }

  validation {
    condition     = (var.traffic.blue == 0 || contains(keys(var.colours), "blue")) && (var.traffic.green == 0 || contains(keys(var.colours), "green"))
    error_message = "traffic must not go to a colour that colours does not name: deploy it first, or take its traffic away before it."
  }

  validation {
    condition     = alltrue([for name, colour in var.colours : try(var.traffic[name], 0) == 0 || try(colour.max_tasks > 0, true)])
    error_message = "traffic must not go to a colour whose max_tasks is 0."
  }

  validation {
    condition     = var.traffic.sticky_seconds >= 0 && var.traffic.sticky_seconds <= 604800
    error_message = "traffic.sticky_seconds must be 0 (each request anew) to 604800, a week."
  }
}

variable "preview" {
  description = "Lets requests with a header (its value `blue` or `green`) reach that colour whatever its traffic, or null. Takes two priorities: `priority` and the next."
  type = object({
    priority = number
    header   = optional(string, "x-colour")
  })
  default = null

  validation {
    condition     = var.preview == null || try(var.preview.priority >= 1 && var.preview.priority + 1 < var.routing.priority, false)
    error_message = "preview.priority and the one after it must be lower than routing.priority, or the service's own rule answers first."
  }

  validation {
    condition     = var.preview == null || length(var.routing.hosts) + length(var.routing.paths) <= 4
    error_message = "preview needs room for its header: with it, routing may have four hosts and paths together."
  }
}

variable "rollback" {
  description = <<-EOT
    What rolls a deployment back besides tasks that do not become healthy: failed requests (5xx) a minute, by colour, and
    further CloudWatch alarms by name. `topic_arns` hear of the errors at any time.
  EOT
  type = object({
    errors_per_minute = optional(number)
    alarm_names       = optional(set(string), [])
    topic_arns        = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = try(var.rollback.errors_per_minute >= 0, true)
    error_message = "rollback.errors_per_minute must not be negative."
  }

  validation {
    condition     = alltrue([for arn in var.rollback.topic_arns : can(regex("^arn:[^:]+:sns:", arn))])
    error_message = "rollback.topic_arns must be ARNs of SNS topics."
  }
}

variable "wait_for_steady_state" {
  description = "Whether an apply waits until all tasks run: right for pipelines that shift traffic in a next step."
  type        = bool
  default     = false
  nullable    = false
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
