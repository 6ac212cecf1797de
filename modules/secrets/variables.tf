variable "prefix" {
  description = "Path before the names of all parameters and secrets, such as `/shop/dev/api`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+)+$", var.prefix)) && !can(regex("^/(aws|ssm)(/|$)", lower(var.prefix)))
    error_message = "prefix must be a path such as /shop/dev/api, without a slash at the end, and not below /aws or /ssm, which are AWS's."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts parameters and secrets."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

################################################################################
# What there is
################################################################################

variable "settings" {
  description = "What is no secret, by name: parameters whose values anybody may read who reads the configuration."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for value in values(var.settings) : length(value) > 0])
    error_message = "settings must not be empty: SSM has no empty parameters."
  }
}

variable "parameters" {
  description = <<-EOT
    Secret parameters (SecureString) by name. Without `version` a placeholder is written once, and the value is set
    outside Terraform, which never reads it. With it, the value is that of `values`, and written again whenever the
    version rises.
  EOT
  type = map(object({
    description = optional(string)
    version     = optional(number)
    large       = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setintersection(keys(var.parameters), keys(var.settings))) == 0
    error_message = "parameters and settings must not share names."
  }

  validation {
    condition     = alltrue([for parameter in var.parameters : parameter.version == null || try(parameter.version >= 1 && floor(parameter.version) == parameter.version, false)])
    error_message = "parameters must have whole versions from 1 on."
  }
}

variable "secrets" {
  description = <<-EOT
    Secrets of Secrets Manager by name. Without `version` the value is set outside Terraform, or by the rotation; with it,
    as for parameters. `rotation` names the function that makes a new value every `days`. `replicas` are KMS keys by
    region, for regions that should have the secret too. `recovery_days` is how long a deleted one can be brought back.
  EOT
  type = map(object({
    description   = optional(string)
    version       = optional(number)
    recovery_days = optional(number, 30)
    replicas      = optional(map(string), {})
    rotation = optional(object({
      function_arn = string
      days         = optional(number, 90)
      immediately  = optional(bool, false)
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for secret in var.secrets : secret.rotation == null || try(secret.rotation.days >= 1 && secret.rotation.days <= 90, false)])
    error_message = "secrets must rotate every 1 to 90 days."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : secret.recovery_days >= 7 && secret.recovery_days <= 30])
    error_message = "secrets must have recovery_days of 7 to 30, so that one deleted by mistake can be brought back."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : secret.version == null || secret.rotation == null])
    error_message = "secrets are either written by Terraform (version) or by their rotation: the one would overwrite the other."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : secret.version == null || try(secret.version >= 1 && floor(secret.version) == secret.version, false)])
    error_message = "secrets must have whole versions from 1 on."
  }

  validation {
    condition = alltrue(flatten([
      for secret in var.secrets : [for region, key in secret.replicas : can(regex("^arn:[^:]+:kms:${region}:", key))]
    ]))
    error_message = "secrets must have replicas that map each region to the ARN of a KMS key in that region."
  }
}

variable "values" {
  description = "Values of the parameters and secrets with a `version`, by name. They pass through to AWS and are in neither plan nor state."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
  ephemeral   = true

  validation {
    condition = alltrue([
      for name in concat(
        [for name, parameter in var.parameters : name if parameter.version != null],
        [for name, secret in var.secrets : name if secret.version != null],
      ) : contains(keys(var.values), name)
    ])
    error_message = "values must hold each parameter and secret that has a version."
  }
}
