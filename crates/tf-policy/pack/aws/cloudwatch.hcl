# Amazon CloudWatch: logs, alarms and event buses.

policy "aws-cloudwatch-log-retention" {
  title    = "Log groups say how long they keep logs"
  severity = "low"
  resource = ["aws_cloudwatch_log_group"]
  checkov  = ["CKV_AWS_66"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.5.1"]
    gdpr        = ["Art. 5(1)(e)"]
    iso27001    = ["A.8.10", "A.8.15"]
    nist_800_53 = ["AU-11", "SI-12"]
  }
  why = "Without a number logs stay for ever: they cost, and personal data in them is never deleted."
  fix = "Set retention_in_days."

  # Checkov passes 0, which is the same "for ever" that one gets by writing nothing.
  condition = self.retention_in_days != null && self.retention_in_days != 0

  pass {
    resource "aws_cloudwatch_log_group" "year" {
      name              = "app"
      retention_in_days = 365
    }
  }
  fail {
    resource "aws_cloudwatch_log_group" "forever" {
      name = "app"
    }
  }
  unknown {
    variable "days" {
      type = number
    }
    resource "aws_cloudwatch_log_group" "asked" {
      name              = "app"
      retention_in_days = var.days
    }
  }
}

policy "aws-cloudwatch-log-retention-year" {
  title    = "Log groups keep logs for a year"
  severity = "low"
  resource = ["aws_cloudwatch_log_group"]
  checkov  = ["CKV_AWS_338"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.5.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-11"]
  }
  why = "Intrusions are often found months later. By then shorter logs are gone."
  fix = "Set retention_in_days = 365 or more, or 0 to keep logs for ever."

  # Checkov fails a group without a number, although that one keeps its logs for ever.
  condition = self.retention_in_days == null || self.retention_in_days == 0 || self.retention_in_days >= 365

  pass {
    resource "aws_cloudwatch_log_group" "year" {
      name              = "app"
      retention_in_days = 365
    }
    resource "aws_cloudwatch_log_group" "forever" {
      name              = "audit"
      retention_in_days = 0
    }
    resource "aws_cloudwatch_log_group" "unwritten" {
      name = "other"
    }
  }
  fail {
    resource "aws_cloudwatch_log_group" "month" {
      name              = "app"
      retention_in_days = 30
    }
  }
  unknown {
    variable "days" {
      type = number
    }
    resource "aws_cloudwatch_log_group" "asked" {
      name              = "app"
      retention_in_days = var.days
    }
  }
}

policy "aws-cloudwatch-log-kms-encrypted" {
  title    = "Log groups are encrypted with a KMS key of your own"
  severity = "low"
  resource = ["aws_cloudwatch_log_group"]
  checkov  = ["CKV_AWS_158"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1", "3.6.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "CloudWatch encrypts with a key of AWS's own. With yours you decide who may read logs, and can take it back."
  fix = "Set kms_key_id to a key whose policy lets the logs service of the region use it."

  condition = self.kms_key_id != null && (self.kms_key_id != "" || exists(linked(self, "aws_kms_key", "aws_kms_alias")))

  pass {
    resource "aws_cloudwatch_log_group" "keyed" {
      name       = "app"
      kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  pass {
    resource "aws_kms_key" "logs" {
      description = "logs"
    }
    resource "aws_cloudwatch_log_group" "referred" {
      name       = "app"
      kms_key_id = aws_kms_key.logs.arn
    }
  }
  fail {
    resource "aws_cloudwatch_log_group" "plain" {
      name = "app"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_cloudwatch_log_group" "asked" {
      name       = "app"
      kms_key_id = var.key
    }
  }
}

policy "aws-cloudwatch-alarm-enabled" {
  title    = "CloudWatch alarms act"
  severity = "medium"
  resource = ["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"]
  checkov  = ["CKV_AWS_319"]
  frameworks = {
    soc2        = ["CC7.2", "CC7.3"]
    pci_dss     = ["10.7.2"]
    iso27001    = ["A.8.16"]
    nist_800_53 = ["AU-6", "SI-4"]
  }
  why = "An alarm with its actions off turns red and tells nobody. Often somebody silenced it for one night."
  fix = "Remove actions_enabled = false."

  condition = self.actions_enabled != false

  pass {
    resource "aws_cloudwatch_metric_alarm" "on" {
      alarm_name          = "errors"
      comparison_operator = "GreaterThanThreshold"
      evaluation_periods  = 1
      metric_name         = "Errors"
      namespace           = "AWS/Lambda"
      period              = 60
      statistic           = "Sum"
      threshold           = 0
      alarm_actions       = ["arn:aws:sns:eu-central-1:111122223333:oncall"]
    }
  }
  fail {
    resource "aws_cloudwatch_metric_alarm" "off" {
      alarm_name          = "errors"
      comparison_operator = "GreaterThanThreshold"
      evaluation_periods  = 1
      metric_name         = "Errors"
      namespace           = "AWS/Lambda"
      period              = 60
      statistic           = "Sum"
      threshold           = 0
      actions_enabled     = false
    }
  }
  fail {
    resource "aws_cloudwatch_composite_alarm" "off" {
      alarm_name      = "service"
      alarm_rule      = "ALARM(errors)"
      actions_enabled = false
    }
  }
  unknown {
    variable "enabled" {
      type = bool
    }
    resource "aws_cloudwatch_metric_alarm" "asked" {
      alarm_name          = "errors"
      comparison_operator = "GreaterThanThreshold"
      evaluation_periods  = 1
      metric_name         = "Errors"
      namespace           = "AWS/Lambda"
      period              = 60
      statistic           = "Sum"
      threshold           = 0
      actions_enabled     = var.enabled
    }
  }
}

policy "aws-cloudwatch-alarm-has-action" {
  title    = "CloudWatch alarms tell somebody"
  severity = "low"
  resource = ["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"]
  frameworks = {
    soc2        = ["CC7.2", "CC7.3"]
    pci_dss     = ["10.7.2"]
    iso27001    = ["A.8.16"]
    nist_800_53 = ["AU-6", "SI-4"]
  }
  why = "An alarm without an action is seen only by those who look at the console anyway."
  fix = "Set alarm_actions to a topic. Alarms that only feed a composite alarm need none."

  # A composite alarm names the alarms that it is made of by their text.
  condition = length(self.alarm_actions) > 0 || length(self.ok_actions) > 0 || length(self.insufficient_data_actions) > 0 || anytrue([
    for c in all("aws_cloudwatch_composite_alarm") : matches(c.alarm_rule, "[(\"' ]${replace(self.alarm_name, "/([.*+?()|{}^$\\[\\]\\\\])/", "\\$1")}[)\"' ]")
  ])
  attribute = "alarm_actions"

  pass {
    resource "aws_cloudwatch_metric_alarm" "told" {
      alarm_name          = "errors"
      comparison_operator = "GreaterThanThreshold"
      evaluation_periods  = 1
      metric_name         = "Errors"
      namespace           = "AWS/Lambda"
      period              = 60
      statistic           = "Sum"
      threshold           = 0
      alarm_actions       = ["arn:aws:sns:eu-central-1:111122223333:oncall"]
    }
  }
  pass {
    resource "aws_cloudwatch_composite_alarm" "service" {
      alarm_name    = "service"
      alarm_rule    = "ALARM(errors) OR ALARM(latency)"
      alarm_actions = ["arn:aws:sns:eu-central-1:111122223333:oncall"]
    }
    resource "aws_cloudwatch_metric_alarm" "part" {
      alarm_name          = "errors"
      comparison_operator = "GreaterThanThreshold"
      evaluation_periods  = 1
      metric_name         = "Errors"
      namespace           = "AWS/Lambda"
      period              = 60
      statistic           = "Sum"
      threshold           = 0
      treat_missing_data  = "notBreaching"
    }
  }
  pass {
    resource "aws_sns_topic" "oncall" {
      name = "oncall"
    }
    resource "aws_cloudwatch_composite_alarm" "service" {
      alarm_name    = "service"
      alarm_rule    = "ALARM(errors)"
      alarm_actions = [aws_sns_topic.oncall.arn]
    }
  }
  fail {
    resource "aws_cloudwatch_metric_alarm" "silent" {
      alarm_name          = "errors"
      comparison_operator = "GreaterThanThreshold"
      evaluation_periods  = 1
      metric_name         = "Errors"
      namespace           = "AWS/Lambda"
      period              = 60
      statistic           = "Sum"
      threshold           = 0
      treat_missing_data  = "breaching"
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_cloudwatch_metric_alarm" "asked" {
      alarm_name          = "errors"
      comparison_operator = "GreaterThanThreshold"
      evaluation_periods  = 1
      metric_name         = "Errors"
      namespace           = "AWS/Lambda"
      period              = 60
      statistic           = "Sum"
      threshold           = 0
      alarm_actions       = var.actions
    }
  }
}

policy "aws-cloudwatch-event-bus-not-public" {
  title    = "Event buses take events from known senders"
  severity = "high"
  resource = ["aws_cloudwatch_event_bus_policy", "aws_cloudwatch_event_permission"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "SC-7"]
  }
  why = "Anybody with an AWS account can put events on the bus, and your rules act on them."
  fix = "Name the accounts, or add a condition on aws:PrincipalOrgID."

  condition = !(self.principal == "*" && length(self.condition) == 0) && !anytrue([
    for s in iam(self.policy) : s.effect == "Allow" && contains(s.principals, "*") && !anytrue([
      for c in s.conditions : alltrue([
        matches(lower(c.test), "^(foranyvalue:)?(string(equals|like)|stringequalsignorecase|arn(equals|like)|ipaddress)$"),
        contains([
          "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn", "aws:sourceip",
          "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:vpceaccount", "aws:vpceorgid",
        ], lower(c.variable)),
        alltrue([for v in c.values : !matches(v, "^(\\*|o-\\*|0\\.0\\.0\\.0/0|::/0|arn:[^:]*:[^:]*:[^:]*:\\*.*)$") || matches(v, "^arn:[^:]*:s3:")]),
      ])
    ])
  ])
  message   = "everyone may put events on the bus"
  attribute = "policy"

  pass {
    resource "aws_cloudwatch_event_bus_policy" "named" {
      event_bus_name = "orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::444455556666:root" }
          Action    = "events:PutEvents"
          Resource  = "*"
        }]
      })
    }
  }
  pass {
    resource "aws_cloudwatch_event_permission" "organisation" {
      principal    = "*"
      statement_id = "organisation"
      condition {
        key   = "aws:PrincipalOrgID"
        type  = "StringEquals"
        value = "o-abcd123456"
      }
    }
  }

  fail {
    resource "aws_cloudwatch_event_bus_policy" "open" {
      event_bus_name = "orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "events:PutEvents"
          Resource  = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_cloudwatch_event_permission" "open" {
      principal    = "*"
      statement_id = "open"
    }
  }
  unknown {
    variable "document" {
      type = string
    }
    resource "aws_cloudwatch_event_bus_policy" "asked" {
      event_bus_name = "orders"
      policy         = var.document
    }
  }
}

policy "aws-cloudwatch-log-policy-not-public" {
  title    = "Log groups and log destinations take logs from known senders"
  severity = "high"
  resource = ["aws_cloudwatch_log_resource_policy", "aws_cloudwatch_log_destination_policy"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "SC-7"]
  }
  why = "Anybody can write into your logs: forge what is searched after an incident, or run up the bill."
  fix = "Name the services and accounts, with conditions on aws:SourceAccount or aws:PrincipalOrgID."

  condition = !anytrue([
    for s in iam(self.policy_document) : s.effect == "Allow" && contains(s.principals, "*") && !anytrue([
      for c in s.conditions : alltrue([
        matches(lower(c.test), "^(foranyvalue:)?(string(equals|like)|stringequalsignorecase|arn(equals|like)|ipaddress)$"),
        contains([
          "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn", "aws:sourceip",
          "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:vpceaccount", "aws:vpceorgid",
        ], lower(c.variable)),
        alltrue([for v in c.values : !matches(v, "^(\\*|o-\\*|0\\.0\\.0\\.0/0|::/0|arn:[^:]*:[^:]*:[^:]*:\\*.*)$") || matches(v, "^arn:[^:]*:s3:")]),
      ])
    ])
    ]) && !anytrue([
    for s in iam(self.access_policy) : s.effect == "Allow" && contains(s.principals, "*") && !anytrue([
      for c in s.conditions : alltrue([
        matches(lower(c.test), "^(foranyvalue:)?(string(equals|like)|stringequalsignorecase|arn(equals|like)|ipaddress)$"),
        contains([
          "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn", "aws:sourceip",
          "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:vpceaccount", "aws:vpceorgid",
        ], lower(c.variable)),
        alltrue([for v in c.values : !matches(v, "^(\\*|o-\\*|0\\.0\\.0\\.0/0|::/0|arn:[^:]*:[^:]*:[^:]*:\\*.*)$") || matches(v, "^arn:[^:]*:s3:")]),
      ])
    ])
  ])
  message   = "a statement allows everyone"
  attribute = "policy_document"

  pass {
    resource "aws_cloudwatch_log_resource_policy" "route53" {
      policy_name = "route53"
      policy_document = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "route53.amazonaws.com" }
          Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource  = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/route53/*"
        }]
      })
    }
  }
  fail {
    resource "aws_cloudwatch_log_resource_policy" "open" {
      policy_name = "open"
      policy_document = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource  = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_cloudwatch_log_destination_policy" "open" {
      destination_name = "central"
      access_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = "logs:PutSubscriptionFilter"
          Resource  = "arn:aws:logs:eu-central-1:111122223333:destination:central"
        }]
      })
    }
  }
  unknown {
    variable "document" {
      type = string
    }
    resource "aws_cloudwatch_log_destination_policy" "asked" {
      destination_name = "central"
      access_policy    = var.document
    }
  }
}

policy "aws-cloudwatch-log-skip-destroy" {
  title    = "Destroying a stack does not take its log groups along"
  severity = "info"
  resource = ["aws_cloudwatch_log_group"]
  frameworks = {
    soc2        = ["CC7.2"]
    iso27001    = ["A.5.33"]
    nist_800_53 = ["AU-9", "AU-11"]
  }
  why = "Whoever removes a service, in anger or by mistake, removes the record of it too, whatever the retention says."
  fix = "Set skip_destroy = true for audit and access logs."

  when      = matches(self.name, "(?i)(audit|cloudtrail|flow-?log|access-?log|waf)")
  condition = self.skip_destroy == true

  pass {
    resource "aws_cloudwatch_log_group" "audit" {
      name         = "/app/audit"
      skip_destroy = true
    }
    resource "aws_cloudwatch_log_group" "debug" {
      name = "/app/debug"
    }
  }
  fail {
    resource "aws_cloudwatch_log_group" "audit" {
      name = "/app/audit"
    }
  }
}
