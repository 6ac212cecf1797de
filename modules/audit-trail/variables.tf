variable "name" {
  description = "Name of the trail, and prefix of what belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 40 lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }
}

variable "account_id" {
  description = "Account that is watched; it is part of the paths that CloudTrail and AWS Config may write to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be an account's twelve digits, in quotes."
  }
}

variable "kms_key_arn" {
  description = "KMS key of trail, bucket and topic. Its policy must let CloudTrail, and EventBridge if there are `findings`, use it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:[^:]+:[^:]+:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

################################################################################
# Trail
################################################################################

variable "bucket" {
  description = <<-EOT
    The buckets: the name of the trail's (`<name>-<account>` if not given; that of AWS Config gets `-config` behind it), a bucket
    for their access logs, days until objects are archived and expire, and a lock of the trail for so many days, which in
    `governance` mode some may lift and in `compliance` mode nobody.
  EOT
  type = object({
    name               = optional(string)
    access_logs_bucket = optional(string)
    archive_after_days = optional(number, 90)
    expire_after_days  = optional(number, 2557)
    lock = optional(object({
      days = number
      mode = optional(string, "governance")
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.bucket.name == null || can(regex("^[a-z0-9][a-z0-9-]{1,54}[a-z0-9]$", var.bucket.name))
    error_message = "bucket.name must be 3 to 56 lower-case letters, digits and hyphens."
  }

  validation {
    condition     = var.bucket.archive_after_days >= 0 && var.bucket.expire_after_days >= 365 && var.bucket.expire_after_days > var.bucket.archive_after_days + 90
    error_message = "bucket.expire_after_days must be at least 365 (what PCI DSS asks for), and 90 days beyond archive_after_days: archived objects are billed for 90 days at least."
  }

  validation {
    condition     = var.bucket.lock == null ? true : contains(["governance", "compliance"], var.bucket.lock.mode) && var.bucket.lock.days >= 1 && var.bucket.lock.days <= var.bucket.expire_after_days
    error_message = "bucket.lock.mode must be governance or compliance, and its days 1 to expire_after_days."
  }
}

variable "logs" {
  description = "KMS key (its policy must let CloudWatch Logs use it) and retention of a copy of the trail in CloudWatch Logs; null for none."
  type = object({
    kms_key_arn    = string
    retention_days = optional(number, 365)
  })
  default = null

  validation {
    condition     = var.logs == null ? true : can(regex("^arn:[^:]+:kms:", var.logs.kms_key_arn))
    error_message = "logs.kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "data_events" {
  description = <<-EOT
    Reads and writes of data that are recorded too, billed by the event: prefixes of ARNs by resource type, such as
    `"AWS::S3::Object" = ["arn:aws:s3:::receipts/"]`; without prefixes, all of the type.
  EOT
  type        = map(set(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for type, _ in var.data_events : can(regex("^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$", type))])
    error_message = "data_events must have resource types of CloudTrail for keys, such as AWS::S3::Object, AWS::Lambda::Function or AWS::DynamoDB::Table."
  }

  validation {
    condition     = alltrue(flatten([for prefixes in var.data_events : [for prefix in prefixes : startswith(prefix, "arn:")]]))
    error_message = "data_events must have prefixes of ARNs for values, such as arn:aws:s3:::receipts/."
  }
}

variable "insights" {
  description = "Unusual numbers of calls that CloudTrail looks for: `ApiCallRateInsight`, `ApiErrorRateInsight`. Billed by the event."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.insights, ["ApiCallRateInsight", "ApiErrorRateInsight"])) == 0
    error_message = "insights must be ApiCallRateInsight or ApiErrorRateInsight."
  }
}

################################################################################
# AWS Config
################################################################################

variable "config" {
  description = <<-EOT
    AWS Config: whether it records each change (`continuous`) or one state a day (`daily`), global resources (in one region
    of an account only), all types but some, how often a snapshot is delivered, and how long its history is kept; null for
    none. An account has one recorder a region.
  EOT
  type = object({
    recording               = optional(string, "continuous")
    global_resources        = optional(bool, true)
    excluded_resource_types = optional(set(string), [])
    snapshot_frequency      = optional(string, "TwentyFour_Hours")
    retention_days          = optional(number, 2557)
  })
  default = {}

  validation {
    condition     = var.config == null ? true : contains(["continuous", "daily"], var.config.recording)
    error_message = "config.recording must be continuous or daily."
  }

  validation {
    condition     = var.config == null ? true : contains(["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"], var.config.snapshot_frequency)
    error_message = "config.snapshot_frequency must be One_Hour, Three_Hours, Six_Hours, Twelve_Hours or TwentyFour_Hours."
  }

  validation {
    condition     = var.config == null ? true : var.config.retention_days >= 30 && var.config.retention_days <= 2557
    error_message = "config.retention_days must be 30 to 2557 (seven years)."
  }
}

variable "config_rules" {
  description = <<-EOT
    Managed rules of AWS Config by name: what it is for, AWS's identifier (the name in capitals, if not given), parameters,
    the resource types it is limited to, and how often periodic ones run (such as `TwentyFour_Hours`).
  EOT
  type = map(object({
    description    = optional(string)
    identifier     = optional(string)
    parameters     = optional(map(string), {})
    resource_types = optional(set(string), [])
    frequency      = optional(string)
  }))
  default = {
    access-keys-rotated                            = { parameters = { maxAccessKeyAge = "90" } }
    cloud-trail-log-file-validation-enabled        = {}
    cmk-backing-key-rotation-enabled               = {}
    ec2-ebs-encryption-by-default                  = {}
    ec2-imdsv2-check                               = {}
    encrypted-volumes                              = {}
    iam-root-access-key-check                      = {}
    iam-user-unused-credentials-check              = { parameters = { maxCredentialUsageAge = "90" } }
    mfa-enabled-for-iam-console-access             = {}
    multi-region-cloudtrail-enabled                = { identifier = "MULTI_REGION_CLOUD_TRAIL_ENABLED" }
    rds-instance-public-access-check               = {}
    rds-storage-encrypted                          = {}
    restricted-ssh                                 = { identifier = "INCOMING_SSH_DISABLED" }
    root-account-mfa-enabled                       = {}
    s3-account-level-public-access-blocks-periodic = {}
    s3-bucket-public-read-prohibited               = {}
    s3-bucket-public-write-prohibited              = {}
    vpc-default-security-group-closed              = {}
  }
  nullable = false

  validation {
    condition     = alltrue([for rule in var.config_rules : rule.frequency == null ? true : contains(["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"], rule.frequency)])
    error_message = "config_rules.frequency must be One_Hour, Three_Hours, Six_Hours, Twelve_Hours or TwentyFour_Hours."
  }

  validation {
    condition     = alltrue([for rule in var.config_rules : rule.identifier == null ? true : can(regex("^[A-Z0-9_]+$", rule.identifier))])
    error_message = "config_rules.identifier must be AWS's, in capitals, such as INCOMING_SSH_DISABLED."
  }
}

################################################################################
# GuardDuty and findings
################################################################################

variable "guardduty" {
  description = <<-EOT
    GuardDuty: how often findings that go on are told again, the protections that are on beside the basic one (all known ones
    that are not named are off), and, for `RUNTIME_MONITORING`, where GuardDuty installs its agent itself; null for none. An
    account has one detector a region.
  EOT
  type = object({
    publishing_frequency = optional(string, "FIFTEEN_MINUTES")
    features             = optional(set(string), ["EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS"])
    runtime_agents       = optional(set(string), [])
  })
  default = {}

  validation {
    condition     = var.guardduty == null ? true : contains(["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"], var.guardduty.publishing_frequency)
    error_message = "guardduty.publishing_frequency must be FIFTEEN_MINUTES, ONE_HOUR or SIX_HOURS."
  }

  validation {
    condition     = var.guardduty == null ? true : length(setsubtract(var.guardduty.features, ["EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "RUNTIME_MONITORING", "S3_DATA_EVENTS"])) == 0
    error_message = "guardduty.features must be of EBS_MALWARE_PROTECTION, EKS_AUDIT_LOGS, LAMBDA_NETWORK_LOGS, RDS_LOGIN_EVENTS, RUNTIME_MONITORING and S3_DATA_EVENTS."
  }

  validation {
    condition = var.guardduty == null ? true : (
      length(setsubtract(var.guardduty.runtime_agents, ["EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT"])) == 0
      && (length(var.guardduty.runtime_agents) == 0 || contains(var.guardduty.features, "RUNTIME_MONITORING"))
    )
    error_message = "guardduty.runtime_agents must be of EC2_AGENT_MANAGEMENT, ECS_FARGATE_AGENT_MANAGEMENT and EKS_ADDON_MANAGEMENT, and need the feature RUNTIME_MONITORING."
  }
}

variable "findings" {
  description = "A topic that tells GuardDuty's findings from a severity on (4 is medium, 7 high, 9 critical) and resources that break a rule of AWS Config, and e-mail addresses that hear it; null for none."
  type = object({
    min_severity = optional(number, 4)
    emails       = optional(set(string), [])
  })
  default = null

  validation {
    condition     = var.findings == null ? true : var.findings.min_severity >= 1 && var.findings.min_severity <= 10
    error_message = "findings.min_severity must be 1 to 10, as GuardDuty counts."
  }

  validation {
    condition     = var.findings == null ? true : alltrue([for email in var.findings.emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "findings.emails must be e-mail addresses."
  }

  validation {
    condition     = var.findings == null || var.guardduty != null || var.config != null
    error_message = "findings need guardduty or config to find something."
  }
}
