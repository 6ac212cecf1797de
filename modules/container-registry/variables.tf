variable "name" {
  description = "First part of every repository's name, such as `shop`: images are shared by environments, so without theirs."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+([._-][a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 64
    error_message = "name must be 2 to 64 lower-case letters and digits, with single hyphens, underscores or dots between them."
  }
}

variable "repositories" {
  description = <<-EOT
    Repositories by name, made as `<name>/<repository>`. Kept are `keep_releases` images with a tag like one of
    `release_tags`, `keep_images` others, and untagged ones for `untagged_days`. `pull_account_ids` adds to the module's.
  EOT
  type = map(object({
    immutable_tags   = optional(bool, true)
    release_tags     = optional(set(string), ["v*"])
    keep_releases    = optional(number, 100)
    keep_images      = optional(number, 50)
    untagged_days    = optional(number, 7)
    pull_account_ids = optional(set(string), [])
  }))
  nullable = false

  validation {
    condition     = length(var.repositories) > 0 && alltrue([for name in keys(var.repositories) : can(regex("^[a-z0-9]+([._/-][a-z0-9]+)*$", name)) && length(name) <= 190])
    error_message = "repositories must be one or more, named by lower-case letters and digits, with single hyphens, underscores, dots or slashes between them."
  }

  validation {
    condition     = alltrue([for repository in values(var.repositories) : min(repository.keep_releases, repository.keep_images, repository.untagged_days) >= 1])
    error_message = "repositories must keep something: keep_releases, keep_images and untagged_days must be at least 1."
  }

  validation {
    condition     = alltrue([for repository in values(var.repositories) : length(repository.release_tags) <= 4 && alltrue([for pattern in repository.release_tags : can(regex("^[A-Za-z0-9_.*-]+$", pattern)) && pattern != "*" && length(split("*", pattern)) <= 5])])
    error_message = "repositories must have at most four release_tags each, patterns such as v* or release-*, with up to four asterisks; * alone would make every image a release."
  }

  validation {
    condition     = alltrue(flatten([for repository in values(var.repositories) : [for account in repository.pull_account_ids : can(regex("^[0-9]{12}$", account))]]))
    error_message = "repositories must have account ids of twelve digits as pull_account_ids."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the images. Other accounts need no right to it: ECR decrypts for those that may pull. It cannot be changed later."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "pull_account_ids" {
  description = "Other accounts whose roles may pull from all repositories, as far as those accounts let them."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for account in var.pull_account_ids : can(regex("^[0-9]{12}$", account))])
    error_message = "pull_account_ids must be account ids of twelve digits."
  }
}

variable "lambda_pull_account_ids" {
  description = "Accounts, this one included, whose Lambda functions are made from the images."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for account in var.lambda_pull_account_ids : can(regex("^[0-9]{12}$", account))])
    error_message = "lambda_pull_account_ids must be account ids of twelve digits."
  }
}

variable "enhanced_scanning" {
  description = "Whether Amazon Inspector scans, packages of languages too, and again when vulnerabilities become known. Set it in one place: it is the setting of the account's whole registry in the region, and billed by image."
  type        = bool
  default     = false
  nullable    = false
}
