variable "name" {
  description = "Name of the cluster."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9_-]{0,254}$", var.name))
    error_message = "name must be up to 255 letters, digits, hyphens and underscores, beginning with a letter."
  }
}

variable "container_insights" {
  description = "Container Insights: `enhanced` (metrics of every task and container), `enabled` (of services) or `disabled`. Billed by metric."
  type        = string
  default     = "enabled"
  nullable    = false

  validation {
    condition     = contains(["enhanced", "enabled", "disabled"], var.container_insights)
    error_message = "container_insights must be enhanced, enabled or disabled."
  }
}

variable "execute_command" {
  description = "KMS key of sessions in containers (ECS Exec), which the task roles of services that allow them may use; null: AWS's own encryption. Sessions are always logged."
  type        = object({ kms_key_arn = optional(string) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.execute_command.kms_key_arn == null || can(regex("^arn:[^:]+:kms:", var.execute_command.kms_key_arn))
    error_message = "execute_command.kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "ephemeral_storage_kms_key_arn" {
  description = "KMS key of the tasks' own disks. Its policy must let fargate.amazonaws.com use it for this cluster; null: a key of AWS's."
  type        = string
  default     = null

  validation {
    condition     = var.ephemeral_storage_kms_key_arn == null || can(regex("^arn:[^:]+:kms:", var.ephemeral_storage_kms_key_arn))
    error_message = "ephemeral_storage_kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "service_connect_namespace_arn" {
  description = "Cloud Map namespace in which services find each other by Service Connect, or null."
  type        = string
  default     = null

  validation {
    condition     = var.service_connect_namespace_arn == null || can(regex("^arn:[^:]+:servicediscovery:", var.service_connect_namespace_arn))
    error_message = "service_connect_namespace_arn must be the ARN of a Cloud Map namespace."
  }
}

variable "logs" {
  description = "KMS key (its policy must let CloudWatch Logs use it) and retention of the logs of Container Insights and of sessions."
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
