variable "name" {
  description = "Prefix of topics, alarms and the dashboard, for example `shop-dev`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,48}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 50 lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the topics. Its policy must let the publishers decrypt and generate data keys, or messages are lost without an error."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:[^:]+:[^:]+:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias: the module takes the account from it."
  }
}

################################################################################
# Who is told
################################################################################

variable "subscribers" {
  description = <<-EOT
    Who hears each tier: e-mail addresses (which must confirm), Slack channels by id, phone numbers for SMS. A tier without
    subscribers keeps its topic, for programs to subscribe to.
  EOT
  type = object({
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
  nullable = false

  validation {
    condition     = alltrue(flatten([for tier in values(var.subscribers) : [for email in tier.emails : can(regex("^[^@ ]+@[^@ ]+$", email))]]))
    error_message = "subscribers.<tier>.emails must be e-mail addresses."
  }

  validation {
    condition     = alltrue(flatten([for tier in values(var.subscribers) : [for channel in tier.slack_channels : can(regex("^[CG][A-Z0-9]{8,}$", channel))]]))
    error_message = "subscribers.<tier>.slack_channels must be ids such as C0123ABCD (the end of the channel's link), not names: names change."
  }

  validation {
    condition     = alltrue(flatten([for tier in values(var.subscribers) : [for number in tier.phone_numbers : can(regex("^\\+[1-9][0-9]{6,14}$", number))]]))
    error_message = "subscribers.<tier>.phone_numbers must be in international form, such as +491701234567."
  }
}

variable "slack_team_id" {
  description = "Slack workspace of the channels. It must have been authorised once, by hand, in the console of Amazon Q Developer in chat applications."
  type        = string
  default     = null

  validation {
    condition     = var.slack_team_id == null || can(regex("^T[A-Z0-9]{8,}$", var.slack_team_id))
    error_message = "slack_team_id must be a workspace's id, such as T0123ABCD."
  }

  validation {
    condition     = var.slack_team_id != null || alltrue([for tier in values(var.subscribers) : length(tier.slack_channels) == 0])
    error_message = "slack_team_id is needed for the Slack channels in subscribers."
  }
}

variable "publishers" {
  description = "AWS services that may publish to the topics, for this account only."
  type        = set(string)
  default = [
    "budgets.amazonaws.com",
    "cloudwatch.amazonaws.com",
    "costalerts.amazonaws.com",
    "events.amazonaws.com",
  ]
  nullable = false

  validation {
    condition     = length(var.publishers) > 0 && alltrue([for service in var.publishers : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com$", service))])
    error_message = "publishers must be service principals, such as cloudwatch.amazonaws.com."
  }
}

################################################################################
# Alarms
################################################################################

variable "alarms" {
  description = <<-EOT
    Alarms by name. Each is on one `metric`, or on an `expression` over `metrics` by id (lower case first); `tier` decides who
    is told. It rings when `periods_breaching` (all, if not given) of the last `periods` compare with the threshold.
    `statistic` is CloudWatch's: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99`.
  EOT
  type = map(object({
    description       = string
    tier              = string
    comparison        = optional(string, ">")
    threshold         = number
    statistic         = optional(string, "Average")
    period_seconds    = optional(number, 60)
    periods           = optional(number, 5)
    periods_breaching = optional(number)
    missing_data      = optional(string, "missing")
    tell_when_ok      = optional(bool, true)
    expression        = optional(string)

    metric = optional(object({
      namespace  = string
      name       = string
      dimensions = optional(map(string), {})
    }))

    metrics = optional(map(object({
      namespace  = string
      name       = string
      dimensions = optional(map(string), {})
      statistic  = optional(string)
    })), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for alarm in var.alarms : contains(["info", "warning", "critical"], alarm.tier)])
    error_message = "alarms.tier must be info, warning or critical."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : contains([">", ">=", "<", "<="], alarm.comparison)])
    error_message = "alarms.comparison must be >, >=, < or <=."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : (alarm.metric == null) != (alarm.expression == null)])
    error_message = "alarms must each have either a metric or an expression."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : (alarm.expression != null) == (length(alarm.metrics) > 0)])
    error_message = "alarms with an expression need the metrics it is over, and others must not have any."
  }

  validation {
    condition     = alltrue(flatten([for alarm in var.alarms : [for id, metric in alarm.metrics : can(regex("^[a-z][a-zA-Z0-9_]*$", id)) && id != "result"]]))
    error_message = "alarms.metrics must have ids of letters, digits and underscores that begin with a lower-case letter, other than result (the expression's own)."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : can(regex("^(Average|Sum|Minimum|Maximum|SampleCount|(p|tm|wm|tc|ts)[0-9]{1,2}(\\.[0-9]+)?|p100)$", alarm.statistic))])
    error_message = "alarms.statistic must be Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p99 (also tm, wm, tc, ts)."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : contains([10, 20, 30], alarm.period_seconds) || (alarm.period_seconds >= 60 && alarm.period_seconds % 60 == 0)])
    error_message = "alarms.period_seconds must be 10, 20, 30 or a multiple of 60."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : alarm.periods >= 1 && coalesce(alarm.periods_breaching, alarm.periods) >= 1 && coalesce(alarm.periods_breaching, alarm.periods) <= alarm.periods])
    error_message = "alarms.periods must be at least 1, and periods_breaching 1 to periods."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : contains(["missing", "ignore", "breaching", "notBreaching"], alarm.missing_data)])
    error_message = "alarms.missing_data must be missing, ignore, breaching or notBreaching."
  }
}

variable "composite_alarms" {
  description = <<-EOT
    Alarms over alarms, by name: they ring when `any` or `all` of the named ones do, and tell their own tier. `suppressed_by`
    names an alarm that keeps this one silent as long as it rings, such as that of what everything depends on.
  EOT
  type = map(object({
    description   = string
    tier          = string
    alarms        = set(string)
    when          = optional(string, "all")
    suppressed_by = optional(string)
    tell_when_ok  = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for alarm in var.composite_alarms : contains(["info", "warning", "critical"], alarm.tier) && contains(["any", "all"], alarm.when)])
    error_message = "composite_alarms.tier must be info, warning or critical, and when must be any or all."
  }

  validation {
    condition     = alltrue([for alarm in var.composite_alarms : length(alarm.alarms) > 0 && length(setsubtract(alarm.alarms, keys(var.alarms))) == 0])
    error_message = "composite_alarms.alarms must name at least one alarm, and only those that are in alarms."
  }

  validation {
    condition     = alltrue([for alarm in var.composite_alarms : alarm.suppressed_by == null ? true : contains(keys(var.alarms), alarm.suppressed_by) && !contains(alarm.alarms, alarm.suppressed_by)])
    error_message = "composite_alarms.suppressed_by must name one of alarms, and none that the composite alarm rings for."
  }

  validation {
    condition     = length(setintersection(keys(var.composite_alarms), keys(var.alarms))) == 0
    error_message = "composite_alarms must not have the name of one of alarms: CloudWatch knows them by one name."
  }
}

################################################################################
# Dashboard
################################################################################

variable "dashboard" {
  description = "Dashboard with a text (Markdown), the alarms by tier, and graphs in rows of two; null for none. Nor is one made that would be empty."
  type = object({
    text = optional(string)

    graphs = optional(list(object({
      title          = string
      statistic      = optional(string, "Average")
      period_seconds = optional(number, 60)
      stacked        = optional(bool, false)

      metrics = list(object({
        namespace  = string
        name       = string
        dimensions = optional(map(string), {})
      }))
    })), [])
  })
  default = {}

  validation {
    condition     = var.dashboard == null ? true : alltrue([for graph in var.dashboard.graphs : length(graph.metrics) > 0])
    error_message = "dashboard.graphs must each have at least one metric."
  }
}
