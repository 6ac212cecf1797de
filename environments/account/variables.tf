################################################################################
# Whose and where
################################################################################

variable "project" {
  description = "Project, first part of every name, and tag."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Tag of what belongs to no environment alone, or the environment if the account holds only one."
  type        = string
  default     = "shared"
  nullable    = false

  validation {
    condition     = contains(["shared", "dev", "staging", "prod"], var.environment)
    error_message = "environment must be shared, dev, staging or prod."
  }
}

variable "stack" {
  description = "Stack, for the tag."
  type        = string
  default     = "account"
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
  description = "AWS region of the trail; it records all regions."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "The account, in quotes. With another one's credentials nothing is done."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be an account's twelve digits, in quotes."
  }
}

################################################################################
# Pipeline
################################################################################

variable "repository" {
  description = "GitHub repository whose workflows may sign in, as `owner/name`, or `owner@id/name@id` if it uses immutable subject claims."
  type        = string
  nullable    = false
}

variable "environments" {
  description = <<-EOT
    Environments in this account, by name, which is also that of GitHub's environment: their stacks, whose plans may run
    (pull requests', and those of branches), and what a month of theirs may cost in USD.
  EOT
  type = map(object({
    stacks         = optional(set(string), ["cluster", "data", "services"])
    monthly_budget = number
    plan = optional(object({
      pull_requests = optional(bool, false)
      branches      = optional(set(string), ["main"])
    }), {})
  }))
  nullable = false

  validation {
    condition     = length(var.environments) > 0 && length(setsubtract(keys(var.environments), ["dev", "staging", "prod"])) == 0
    error_message = "environments must be of dev, staging and prod, and at least one."
  }

  validation {
    condition     = alltrue(flatten([for environment in var.environments : [for stack in environment.stacks : can(regex("^[a-z][a-z0-9-]*$", stack))]]))
    error_message = "environments.stacks must be names of lower-case letters, digits and hyphens: roles' names begin with them."
  }
}

variable "state" {
  description = "Where the roots' states are: what tf-bootstrap made in this account."
  type = object({
    bucket         = string
    kms_key_arn    = optional(string)
    lock_table_arn = optional(string)
  })
  nullable = false
}

################################################################################
# Audit
################################################################################

variable "audit" {
  description = <<-EOT
    The trail's bucket (see modules/audit-trail), days of its copy in CloudWatch Logs, protections of GuardDuty, and who hears
    of findings from which severity on.
  EOT
  type = object({
    bucket = optional(object({
      name               = optional(string)
      access_logs_bucket = optional(string)
      archive_after_days = optional(number, 90)
      expire_after_days  = optional(number, 2557)
      lock = optional(object({
        days = number
        mode = optional(string, "governance")
      }))
    }), {})
    log_retention_days = optional(number, 365)
    guardduty_features = optional(set(string), ["EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS"])
    findings = object({
      min_severity = optional(number, 4)
      emails       = set(string)
    })
  })
  nullable = false

  validation {
    condition     = length(var.audit.findings.emails) > 0
    error_message = "audit.findings.emails must name somebody: findings that nobody hears of protect nothing."
  }
}

################################################################################
# Budget
################################################################################

variable "budget" {
  description = "What a month of the whole account may cost in USD, and who hears of it, of the environments' budgets and of anomalies."
  type = object({
    monthly_limit = number
    emails        = set(string)
  })
  nullable = false
}
