variable "name" {
  description = "Name of the load balancer, and prefix of what belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name)) && !startswith(var.name, "internal-")
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens, beginning with a letter, not ending in a hyphen, and not beginning with internal- (AWS keeps that for itself)."
  }
}

variable "vpc_id" {
  description = "VPC of the load balancer."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Subnets in at least two zones: public ones, or private ones if `internal`."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must hold at least two subnets, in different zones."
  }
}

variable "internal" {
  description = "Whether the load balancer is reachable only from inside the VPC and what is connected to it."
  type        = bool
  default     = false
  nullable    = false
}

variable "ingress_cidr_blocks" {
  description = "IPv4 ranges that may connect. Without a default, so that opening it to everyone (`0.0.0.0/0`) is somebody's decision."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.ingress_cidr_blocks) > 0 && alltrue([for block in var.ingress_cidr_blocks : can(cidrnetmask(block))])
    error_message = "ingress_cidr_blocks must be one or more IPv4 ranges such as 203.0.113.0/24."
  }
}

variable "certificate_arn" {
  description = "ACM certificate of the HTTPS listener."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:acm:", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate in the load balancer's region."
  }
}

variable "additional_certificate_arns" {
  description = "Further ACM certificates of the HTTPS listener, by a name that says whose they are; a client gets the one it asks for."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.additional_certificate_arns) : can(regex("^arn:[^:]+:acm:", arn))])
    error_message = "additional_certificate_arns must be ARNs of ACM certificates in the load balancer's region."
  }
}

variable "redirect_http" {
  description = "Whether port 80 is open, to send browsers to HTTPS. An internal load balancer that programs call does without."
  type        = bool
  default     = true
  nullable    = false
}

variable "ssl_policy" {
  description = "TLS policy of the HTTPS listener. The default accepts TLS 1.3 and, with forward secrecy, 1.2."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  nullable    = false

  validation {
    condition     = can(regex("^ELBSecurityPolicy-TLS13-1-[23]-", var.ssl_policy))
    error_message = "ssl_policy must be one of the ELBSecurityPolicy-TLS13-1-2-… or -TLS13-1-3-… policies: the others accept TLS 1.0 or 1.1, or lack 1.3."
  }
}

variable "idle_timeout" {
  description = "Seconds after which a silent connection is closed. Raise it for responses that stream slowly."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.idle_timeout >= 1 && var.idle_timeout <= 4000
    error_message = "idle_timeout must be 1 to 4000 seconds."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer."
  type        = bool
  default     = true
  nullable    = false
}

variable "access_logs" {
  description = "Bucket (and prefix in it) for access logs. Its policy must let Elastic Load Balancing write; it must use SSE-S3. Without a default, so that having none (`null`) is somebody's decision."
  type = object({
    bucket = string
    prefix = optional(string)
  })

  validation {
    condition     = var.access_logs == null || !can(regex("(^/|/$|AWSLogs)", coalesce(try(var.access_logs.prefix, null), "-")))
    error_message = "access_logs.prefix must neither begin nor end with a slash, nor contain AWSLogs, which AWS appends itself."
  }
}

variable "waf" {
  description = <<-EOT
    AWS WAF: requests one address may make in five minutes, AWS's managed rule groups in the order they are asked, and which
    of their rules only count instead of blocking, by group. `web_acl_arn` puts a web ACL that exists in front instead.
  EOT
  type = object({
    enabled                = optional(bool, true)
    web_acl_arn            = optional(string)
    requests_per_5_minutes = optional(number, 2000)
    managed_rule_groups    = optional(list(string), ["AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesAnonymousIpList", "AWSManagedRulesCommonRuleSet"])
    # Partners' servers stand in hosting centres too: seen, not stopped.
    counted_rules = optional(map(set(string)), { AWSManagedRulesAnonymousIpList = ["HostingProviderIPList"] })
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.waf.web_acl_arn == null || can(regex("^arn:[^:]+:wafv2:[^:]+:[0-9]{12}:regional/webacl/", var.waf.web_acl_arn))
    error_message = "waf.web_acl_arn must be the ARN of a regional AWS WAF web ACL (arn:aws:wafv2:<region>:<account>:regional/webacl/…)."
  }

  validation {
    condition     = var.waf.enabled || var.waf.web_acl_arn == null
    error_message = "waf.web_acl_arn would have no effect with waf.enabled = false: set one of them only."
  }

  validation {
    condition     = var.waf.requests_per_5_minutes >= 10
    error_message = "waf.requests_per_5_minutes must be at least 10, the lowest limit of AWS WAF."
  }

  validation {
    condition     = alltrue([for group in var.waf.managed_rule_groups : can(regex("^AWSManagedRules(AmazonIpReputationList|[A-Za-z]+RuleSet|AnonymousIpList)$", group))]) && length(distinct(var.waf.managed_rule_groups)) == length(var.waf.managed_rule_groups)
    error_message = "waf.managed_rule_groups must be AWS's own groups, such as AWSManagedRulesSQLiRuleSet, each once."
  }

  validation {
    condition     = length(setintersection(var.waf.managed_rule_groups, ["AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet", "AWSManagedRulesAntiDDoSRuleSet", "AWSManagedRulesBotControlRuleSet"])) == 0
    error_message = "waf.managed_rule_groups must not name ATP, ACFP, AntiDDoS or BotControl, which need settings and are billed by request: make a web ACL and give its ARN as waf.web_acl_arn."
  }

  validation {
    condition     = length(setsubtract(setsubtract(keys(var.waf.counted_rules), ["AWSManagedRulesAnonymousIpList"]), var.waf.managed_rule_groups)) == 0
    error_message = "waf.counted_rules must be of groups that waf.managed_rule_groups names: a misspelt group would go on blocking."
  }
}

variable "logs" {
  description = "KMS key (its policy must let CloudWatch Logs use it) and retention of the firewall's log."
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
