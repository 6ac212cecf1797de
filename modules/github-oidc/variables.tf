variable "name" {
  description = "Prefix of the roles' names: `<name>-plan` and `<name>-apply`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,54}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 56 lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }
}

################################################################################
# Who may sign in
################################################################################

variable "repository" {
  description = "GitHub repository whose workflows may sign in, as `owner/name`, or `owner@id/name@id` if it uses immutable subject claims."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]*(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$", var.repository))
    error_message = "repository must be of the form owner/name, as GitHub spells it (capitals count), without wildcards."
  }
}

variable "oidc_provider" {
  description = "The account's OIDC provider for GitHub Actions, if there is one: an account can have only one. With null, the module makes it."
  type = object({
    arn = string
  })
  default = null

  validation {
    condition     = var.oidc_provider == null ? true : can(regex("^arn:[^:]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.oidc_provider.arn))
    error_message = "oidc_provider.arn must be the ARN of the OIDC provider token.actions.githubusercontent.com."
  }
}

variable "permissions_boundary_arn" {
  description = "IAM policy that both roles can never exceed, whatever is attached to them."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[^:]+:iam::[^:]*:policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy."
  }
}

################################################################################
# What they may do
################################################################################

variable "plan" {
  description = <<-EOT
    The role for plans: the branches, environments and pull requests it is for, what it may read (AWS managed policies by
    name, or ARNs; own policy documents by name), and whether it may take the state's lock. Objects, items, messages, logs
    and secrets are denied to it, except the state and `readable_objects` (`bucket/key`, or ARNs).
  EOT
  type = object({
    pull_requests       = optional(bool, true)
    branches            = optional(set(string), [])
    environments        = optional(set(string), [])
    managed_policies    = optional(set(string), ["ReadOnlyAccess"])
    policies            = optional(map(string), {})
    readable_objects    = optional(set(string), [])
    lock                = optional(bool, true)
    max_session_seconds = optional(number, 3600)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.plan.pull_requests || length(var.plan.branches) + length(var.plan.environments) > 0
    error_message = "plan must be for pull requests, a branch or an environment: nobody could use the role."
  }

  validation {
    condition     = alltrue([for name in setunion(var.plan.branches, var.plan.environments) : length(name) > 0 && !can(regex("[*?]", name))])
    error_message = "plan.branches and plan.environments must be names without wildcards: they are compared letter by letter."
  }

  validation {
    condition     = length(setintersection(var.plan.managed_policies, ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"])) == 0
    error_message = "plan.managed_policies must not let the role change anything: whoever opens a pull request decides what a plan runs."
  }

  validation {
    condition     = length(setintersection(keys(var.plan.policies), ["terraform-state", "no-data"])) == 0
    error_message = "plan.policies must not be named terraform-state or no-data: the module's own are."
  }

  validation {
    condition     = var.plan.max_session_seconds >= 3600 && var.plan.max_session_seconds <= 43200
    error_message = "plan.max_session_seconds must be 3600 to 43200 (one to twelve hours)."
  }
}

variable "apply" {
  description = <<-EOT
    The role for applies: the branches and environments it is for, and what it may change (AWS managed policies by name, or
    ARNs; own policy documents by name). Prefer an environment: its protection rules ask reviewers before a token exists.
  EOT
  type = object({
    branches            = optional(set(string), [])
    environments        = optional(set(string), [])
    managed_policies    = optional(set(string), [])
    policies            = optional(map(string), {})
    max_session_seconds = optional(number, 3600)
  })
  nullable = false

  validation {
    condition     = length(var.apply.branches) + length(var.apply.environments) > 0
    error_message = "apply must be for a branch or an environment: nobody could use the role."
  }

  validation {
    condition     = alltrue([for name in setunion(var.apply.branches, var.apply.environments) : length(name) > 0 && !can(regex("[*?]", name))])
    error_message = "apply.branches and apply.environments must be names without wildcards: they are compared letter by letter."
  }

  validation {
    condition     = !contains(keys(var.apply.policies), "terraform-state")
    error_message = "apply.policies must not be named terraform-state: the module's own is."
  }

  validation {
    condition     = var.apply.max_session_seconds >= 3600 && var.apply.max_session_seconds <= 43200
    error_message = "apply.max_session_seconds must be 3600 to 43200 (one to twelve hours)."
  }
}

variable "state" {
  description = <<-EOT
    Terraform's state in S3: the bucket, the keys in it that are this repository's (with workspaces, each workspace's:
    `env:/<workspace>/<key>`), its KMS key, and what is locked with: the lock file beside the state, a DynamoDB table, or both.
  EOT
  type = object({
    bucket               = string
    keys                 = set(string)
    kms_key_arn          = optional(string)
    lock_file            = optional(bool, true)
    lock_table_arn       = optional(string)
    workspace_key_prefix = optional(string, "env:")
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state.bucket))
    error_message = "state.bucket must be the name of a bucket, not its ARN."
  }

  validation {
    condition     = length(var.state.keys) > 0 && alltrue([for key in var.state.keys : can(regex("^[^/*?][^*?]*$", key))])
    error_message = "state.keys must name at least one object, without a leading slash and without wildcards."
  }

  validation {
    condition     = var.state.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[^:]+:key/", var.state.kms_key_arn))
    error_message = "state.kms_key_arn must be the ARN of a KMS key, not its id or an alias: IAM policies know keys by ARN only."
  }

  validation {
    condition     = var.state.lock_table_arn == null || can(regex("^arn:[^:]+:dynamodb:[^:]+:[^:]+:table/", var.state.lock_table_arn))
    error_message = "state.lock_table_arn must be the ARN of a DynamoDB table."
  }

  validation {
    condition     = var.state.lock_file || var.state.lock_table_arn != null
    error_message = "state needs a lock: lock_file, lock_table_arn, or both. Two applies at once destroy a state."
  }
}
