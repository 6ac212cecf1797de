variable "name" {
  description = "Name of the budget, and of what watches for anomalies."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9 _-]{0,48}[A-Za-z0-9]$", var.name))
    error_message = "name must be 2 to 50 letters, digits, spaces, hyphens and underscores, beginning and ending with a letter or a digit."
  }
}

################################################################################
# What is counted
################################################################################

variable "limit" {
  description = "What a month may cost, and the currency of the account's bills."
  type = object({
    amount   = number
    currency = optional(string, "USD")
  })
  nullable = false

  validation {
    condition     = var.limit.amount > 0
    error_message = "limit.amount must be positive."
  }

  validation {
    condition     = can(regex("^[A-Z]{3}$", var.limit.currency))
    error_message = "limit.currency must be a currency's three capital letters, such as USD."
  }
}

variable "filter" {
  description = <<-EOT
    Which costs are counted: those of services (as Cost Explorer names them, such as `Amazon Relational Database Service`),
    regions, accounts and cost allocation tags (values by key). Values of one kind are alternatives, kinds are joined by
    "and"; without any, everything is counted. Tags must be activated for cost allocation in the paying account first.
  EOT
  type = object({
    services        = optional(set(string), [])
    regions         = optional(set(string), [])
    linked_accounts = optional(set(string), [])
    tags            = optional(map(set(string)), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for account in var.filter.linked_accounts : can(regex("^[0-9]{12}$", account))])
    error_message = "filter.linked_accounts must be account ids of twelve digits."
  }

  validation {
    condition     = alltrue([for key, values in var.filter.tags : length(values) > 0 && !startswith(key, "user:")])
    error_message = "filter.tags must give each key at least one value, and keys as they stand on resources: user: is put before them by the module."
  }
}

variable "cost_types" {
  description = "Whether credits, refunds, tax and support are part of the sum, and whether prepaid reservations are spread over their months."
  type = object({
    credits   = optional(bool, false)
    refunds   = optional(bool, false)
    tax       = optional(bool, true)
    support   = optional(bool, true)
    amortized = optional(bool, false)
  })
  default  = {}
  nullable = false
}

################################################################################
# Who is told
################################################################################

variable "notifications" {
  description = <<-EOT
    Who is told when, one to ten: `on` what has been spent (`actual`) or what the month will come to (`forecasted`), above
    a threshold in `percent` of the limit or in its currency (`absolute`), by e-mail or SNS topic.
  EOT
  type = list(object({
    on             = string
    threshold      = number
    unit           = optional(string, "percent")
    emails         = optional(set(string), [])
    sns_topic_arns = optional(set(string), [])
  }))
  nullable = false

  validation {
    condition     = length(var.notifications) >= 1 && length(var.notifications) <= 10
    error_message = "notifications must be one to ten: a budget nobody hears of limits nothing, and AWS takes ten at most."
  }

  validation {
    condition     = alltrue([for notification in var.notifications : contains(["actual", "forecasted"], notification.on)])
    error_message = "notifications.on must be actual or forecasted."
  }

  validation {
    condition     = alltrue([for notification in var.notifications : contains(["percent", "absolute"], notification.unit) && notification.threshold > 0])
    error_message = "notifications need a positive threshold, whose unit is percent or absolute."
  }

  validation {
    condition     = alltrue([for notification in var.notifications : length(notification.emails) + length(notification.sns_topic_arns) > 0])
    error_message = "notifications must each name an e-mail address or an SNS topic."
  }

  validation {
    condition     = alltrue([for notification in var.notifications : length(notification.emails) <= 10 && length(notification.sns_topic_arns) <= 1])
    error_message = "notifications must each have at most ten e-mail addresses and one SNS topic, the limits of AWS Budgets."
  }

  validation {
    condition     = alltrue(flatten([for notification in var.notifications : [for email in notification.emails : can(regex("^[^@ ]+@[^@ ]+$", email))]]))
    error_message = "notifications.emails must be e-mail addresses."
  }

  validation {
    condition     = alltrue(flatten([for notification in var.notifications : [for topic in notification.sns_topic_arns : can(regex("^arn:[^:]+:sns:", topic))]]))
    error_message = "notifications.sns_topic_arns must be ARNs of SNS topics; their policy must let budgets.amazonaws.com publish."
  }

  validation {
    condition     = length(distinct([for notification in var.notifications : [notification.on, notification.unit, notification.threshold]])) == length(var.notifications)
    error_message = "notifications must differ in on, unit or threshold: put all who are told at one threshold into one entry."
  }
}

variable "anomaly_detection" {
  description = <<-EOT
    Watches for costs that are unusual, long before a month's sum shows them; null for not. Watched is each service of the
    account, or with `tag` what has one of its values. Told is by e-mail (`daily` or `weekly`) or, `immediate`, by SNS, from
    an impact that reaches both the amount and the percentage.
  EOT
  type = object({
    frequency          = optional(string, "daily")
    emails             = optional(set(string), [])
    sns_topic_arn      = optional(string)
    min_impact         = optional(number, 20)
    min_impact_percent = optional(number, 20)
    tag = optional(object({
      key    = string
      values = set(string)
    }))
  })
  default = null

  validation {
    condition     = var.anomaly_detection == null ? true : contains(["immediate", "daily", "weekly"], var.anomaly_detection.frequency)
    error_message = "anomaly_detection.frequency must be immediate, daily or weekly."
  }

  validation {
    condition = var.anomaly_detection == null ? true : (
      var.anomaly_detection.frequency == "immediate"
      ? var.anomaly_detection.sns_topic_arn != null && length(var.anomaly_detection.emails) == 0
      : var.anomaly_detection.sns_topic_arn == null && length(var.anomaly_detection.emails) > 0
    )
    error_message = "anomaly_detection needs sns_topic_arn and no emails if it is immediate, and emails and no topic if it is daily or weekly: AWS sends the one by SNS only, the others by e-mail only."
  }

  validation {
    condition     = var.anomaly_detection == null ? true : var.anomaly_detection.min_impact >= 0 && var.anomaly_detection.min_impact_percent >= 0
    error_message = "anomaly_detection.min_impact and min_impact_percent must not be negative."
  }

  validation {
    condition     = try(length(var.anomaly_detection.tag.values) > 0, true)
    error_message = "anomaly_detection.tag needs at least one value."
  }
}
