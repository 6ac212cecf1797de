# AWS CloudTrail: trails and event data stores.

policy "aws-cloudtrail-kms-encrypted" {
  title    = "CloudTrail encrypts its logs with a KMS key"
  severity = "medium"
  resource = ["aws_cloudtrail"]
  checkov  = ["CKV_AWS_35"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["10.3.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.15", "A.8.24"]
    cis_aws     = ["3.5"]
    hipaa       = ["164.312(a)(2)(iv)", "164.312(b)"]
    nist_800_53 = ["AU-9", "SC-28"]
  }
  why = "The logs show every call in the account. With a key of its own, reading the bucket is not enough to read them."
  fix = "Set kms_key_id to the ARN of a key whose policy lets CloudTrail encrypt."

  condition = self.kms_key_id != null && (self.kms_key_id != "" || exists(linked(self, "aws_kms_key", "aws_kms_alias")))

  pass {
    resource "aws_cloudtrail" "encrypted" {
      name           = "main"
      s3_bucket_name = "example-trail"
      kms_key_id     = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  pass {
    resource "aws_kms_key" "trail" {
      description = "trail"
    }
    resource "aws_cloudtrail" "referred" {
      name           = "main"
      s3_bucket_name = "example-trail"
      kms_key_id     = aws_kms_key.trail.arn
    }
  }
  fail {
    resource "aws_cloudtrail" "plain" {
      name           = "main"
      s3_bucket_name = "example-trail"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_cloudtrail" "asked" {
      name           = "main"
      s3_bucket_name = "example-trail"
      kms_key_id     = var.key
    }
  }
}

policy "aws-cloudtrail-log-validation" {
  title    = "CloudTrail signs its log files"
  severity = "medium"
  resource = ["aws_cloudtrail"]
  checkov  = ["CKV_AWS_36"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.3.4"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.15"]
    cis_aws     = ["3.2"]
    hipaa       = ["164.312(c)(1)"]
    nist_800_53 = ["AU-9", "SI-7"]
  }
  why = "Without digests nobody can show that a log file was not changed or removed after the fact."
  fix = "Set enable_log_file_validation = true."

  condition = self.enable_log_file_validation == true

  pass {
    resource "aws_cloudtrail" "signed" {
      name                       = "main"
      s3_bucket_name             = "example-trail"
      enable_log_file_validation = true
    }
  }
  fail {
    resource "aws_cloudtrail" "plain" {
      name           = "main"
      s3_bucket_name = "example-trail"
    }
  }
  unknown {
    variable "validate" {
      type = bool
    }
    resource "aws_cloudtrail" "asked" {
      name                       = "main"
      s3_bucket_name             = "example-trail"
      enable_log_file_validation = var.validate
    }
  }
}

policy "aws-cloudtrail-all-regions" {
  title    = "CloudTrail records all regions"
  severity = "medium"
  resource = ["aws_cloudtrail"]
  checkov  = ["CKV_AWS_67"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.15"]
    cis_aws     = ["3.1"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "Intruders like regions that nobody uses, because nobody looks there."
  fix = "Set is_multi_region_trail = true."

  condition = self.is_multi_region_trail == true

  pass {
    resource "aws_cloudtrail" "everywhere" {
      name                  = "main"
      s3_bucket_name        = "example-trail"
      is_multi_region_trail = true
    }
  }
  fail {
    resource "aws_cloudtrail" "here" {
      name           = "main"
      s3_bucket_name = "example-trail"
    }
  }
  unknown {
    variable "everywhere" {
      type = bool
    }
    resource "aws_cloudtrail" "asked" {
      name                  = "main"
      s3_bucket_name        = "example-trail"
      is_multi_region_trail = var.everywhere
    }
  }
}

policy "aws-cloudtrail-logging" {
  title    = "CloudTrail trails are switched on"
  severity = "high"
  resource = ["aws_cloudtrail"]
  checkov  = ["CKV_AWS_251"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.15"]
    cis_aws     = ["3.1"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "A trail that is off looks like a record and is none. Switching it off is what intruders do first."
  fix = "Remove enable_logging = false."

  condition = self.enable_logging != false

  pass {
    resource "aws_cloudtrail" "on" {
      name           = "main"
      s3_bucket_name = "example-trail"
    }
  }
  fail {
    resource "aws_cloudtrail" "off" {
      name           = "main"
      s3_bucket_name = "example-trail"
      enable_logging = false
    }
  }
  unknown {
    variable "on" {
      type = bool
    }
    resource "aws_cloudtrail" "asked" {
      name           = "main"
      s3_bucket_name = "example-trail"
      enable_logging = var.on
    }
  }
}

policy "aws-cloudtrail-sns-topic" {
  title    = "CloudTrail announces new log files on an SNS topic"
  severity = "low"
  resource = ["aws_cloudtrail"]
  checkov  = ["CKV_AWS_252"]
  frameworks = {
    soc2        = ["CC7.2"]
    iso27001    = ["A.8.16"]
    nist_800_53 = ["AU-6", "SI-4"]
  }
  why = "Tools that look at the logs learn of each file at once, rather than finding it some time later."
  fix = "Set sns_topic_name, and let a queue rather than people subscribe: the announcements are many."

  condition = self.sns_topic_name != null && (self.sns_topic_name != "" || exists(linked(self, "aws_sns_topic")))

  pass {
    resource "aws_cloudtrail" "announced" {
      name           = "main"
      s3_bucket_name = "example-trail"
      sns_topic_name = "trail"
    }
  }
  pass {
    resource "aws_sns_topic" "trail" {
      name = "trail"
    }
    resource "aws_cloudtrail" "referred" {
      name           = "main"
      s3_bucket_name = "example-trail"
      sns_topic_name = aws_sns_topic.trail.arn
    }
  }
  fail {
    resource "aws_cloudtrail" "silent" {
      name           = "main"
      s3_bucket_name = "example-trail"
    }
  }
  unknown {
    variable "topic" {
      type = string
    }
    resource "aws_cloudtrail" "asked" {
      name           = "main"
      s3_bucket_name = "example-trail"
      sns_topic_name = var.topic
    }
  }
}

policy "aws-cloudtrail-cloudwatch" {
  title    = "CloudTrail sends its events to CloudWatch Logs"
  severity = "low"
  resource = ["aws_cloudtrail"]
  checkov  = ["CKV2_AWS_10"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.4.1"]
    iso27001    = ["A.8.16"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-6", "SI-4"]
  }
  why = "Files in a bucket raise no alarm. In CloudWatch Logs a metric filter can tell of a root login within minutes."
  fix = "Set cloud_watch_logs_group_arn (with :* at its end) and cloud_watch_logs_role_arn."

  # Checkov wants the log group in the same configuration; a group that lives elsewhere does as well.
  condition = self.cloud_watch_logs_group_arn != null && (self.cloud_watch_logs_group_arn != "" || exists(linked(self, "aws_cloudwatch_log_group")))
  attribute = "cloud_watch_logs_group_arn"

  pass {
    resource "aws_cloudwatch_log_group" "trail" {
      name = "trail"
    }
    resource "aws_cloudtrail" "watched" {
      name                       = "main"
      s3_bucket_name             = "example-trail"
      cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.trail.arn}:*"
      cloud_watch_logs_role_arn  = "arn:aws:iam::111122223333:role/trail"
    }
  }
  pass {
    resource "aws_cloudtrail" "elsewhere" {
      name                       = "main"
      s3_bucket_name             = "example-trail"
      cloud_watch_logs_group_arn = "arn:aws:logs:eu-central-1:111122223333:log-group:trail:*"
      cloud_watch_logs_role_arn  = "arn:aws:iam::111122223333:role/trail"
    }
  }
  fail {
    resource "aws_cloudtrail" "silent" {
      name           = "main"
      s3_bucket_name = "example-trail"
    }
  }
  unknown {
    variable "group" {
      type = string
    }
    resource "aws_cloudtrail" "asked" {
      name                       = "main"
      s3_bucket_name             = "example-trail"
      cloud_watch_logs_group_arn = var.group
    }
  }
}

policy "aws-cloudtrail-management-events" {
  title    = "CloudTrail records all management events"
  severity = "medium"
  resource = ["aws_cloudtrail"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    cis_aws     = ["3.1"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "Management events are what the trail is for: who created, changed, deleted, logged in. Leaving half of them out leaves the wrong half out."
  fix = "Let one event_selector include management events with read_write_type = \"All\", or have no selector for them."

  # One trail may leave management events to another, hence "all" in this root. Advanced selectors name the category.
  when = length(self.event_selector) > 0 || length(self.advanced_event_selector) > 0
  condition = anytrue([
    for t in all("aws_cloudtrail") : anytrue([
      length(t.event_selector) == 0 && length(t.advanced_event_selector) == 0,
      anytrue([for e in t.event_selector : e.include_management_events != false && (e.read_write_type == null || e.read_write_type == "All")]),
      anytrue([
        for e in t.advanced_event_selector :
        anytrue([for f in e.field_selector : f.field == "eventCategory" && contains(f.equals, "Management")]) && !anytrue([for f in e.field_selector : f.field == "readOnly"])
      ]),
    ])
  ])
  message   = "no trail here records all management events"
  attribute = "event_selector"

  pass {
    resource "aws_cloudtrail" "objects" {
      name           = "main"
      s3_bucket_name = "example-trail"
      event_selector {
        include_management_events = true
        read_write_type           = "All"
        data_resource {
          type   = "AWS::S3::Object"
          values = ["arn:aws:s3"]
        }
      }
    }
  }
  pass {
    resource "aws_cloudtrail" "advanced" {
      name           = "main"
      s3_bucket_name = "example-trail"
      advanced_event_selector {
        name = "management"
        field_selector {
          field  = "eventCategory"
          equals = ["Management"]
        }
      }
    }
  }
  fail {
    resource "aws_cloudtrail" "writes" {
      name           = "main"
      s3_bucket_name = "example-trail"
      event_selector {
        read_write_type = "WriteOnly"
      }
    }
  }
  fail {
    resource "aws_cloudtrail" "objects" {
      name           = "main"
      s3_bucket_name = "example-trail"
      advanced_event_selector {
        field_selector {
          field  = "eventCategory"
          equals = ["Data"]
        }
        field_selector {
          field  = "resources.type"
          equals = ["AWS::S3::Object"]
        }
      }
    }
  }
  unknown {
    variable "kinds" {
      type = string
    }
    resource "aws_cloudtrail" "asked" {
      name           = "main"
      s3_bucket_name = "example-trail"
      event_selector {
        read_write_type = var.kinds
      }
    }
  }
}

policy "aws-cloudtrail-s3-object-events" {
  title    = "CloudTrail records reads and writes of S3 objects"
  severity = "low"
  resource = ["aws_cloudtrail"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    cis_aws     = ["3.8", "3.9"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "Without data events nobody can say which objects a stolen key has read. They cost by the event: on busy buckets choose prefixes."
  fix = "Add a selector for data events of AWS::S3::Object."

  condition = anytrue([
    for t in all("aws_cloudtrail") : anytrue([
      anytrue([for e in t.event_selector : anytrue([for d in e.data_resource : d.type == "AWS::S3::Object"])]),
      anytrue([for e in t.advanced_event_selector : anytrue([for f in e.field_selector : f.field == "resources.type" && contains(f.equals, "AWS::S3::Object")])]),
    ])
  ])
  message   = "no trail here records events of S3 objects"
  attribute = "event_selector"

  pass {
    resource "aws_cloudtrail" "management" {
      name           = "main"
      s3_bucket_name = "example-trail"
    }
    resource "aws_cloudtrail" "data" {
      name           = "data"
      s3_bucket_name = "example-trail"
      event_selector {
        read_write_type = "All"
        data_resource {
          type   = "AWS::S3::Object"
          values = ["arn:aws:s3"]
        }
      }
    }
  }
  pass {
    resource "aws_cloudtrail" "advanced" {
      name           = "main"
      s3_bucket_name = "example-trail"
      advanced_event_selector {
        field_selector {
          field  = "eventCategory"
          equals = ["Data"]
        }
        field_selector {
          field  = "resources.type"
          equals = ["AWS::S3::Object"]
        }
      }
    }
  }
  fail {
    resource "aws_cloudtrail" "management" {
      name           = "main"
      s3_bucket_name = "example-trail"
    }
  }
}

policy "aws-cloudtrail-bucket-logged" {
  title    = "The bucket of a trail logs access to itself"
  severity = "low"
  resource = ["aws_cloudtrail"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1", "10.3.1"]
    iso27001    = ["A.8.15"]
    cis_aws     = ["3.4"]
    nist_800_53 = ["AU-9", "AU-12"]
  }
  why = "Who reads or removes the account's records should leave a record too."
  fix = "Add an aws_s3_bucket_logging for the bucket, into another bucket."

  # Where the bucket is not part of this configuration there is nothing to see.
  when = exists(linked(self, "aws_s3_bucket"))
  condition = anytrue([
    for b in linked(self, "aws_s3_bucket") : length(b.logging) > 0 || exists(linked(b, "aws_s3_bucket_logging"))
  ])
  message   = "the trail's bucket has no access logging"
  attribute = "s3_bucket_name"

  pass {
    resource "aws_s3_bucket" "trail" {
      bucket = "example-trail"
    }
    resource "aws_s3_bucket_logging" "trail" {
      bucket        = aws_s3_bucket.trail.id
      target_bucket = "example-logs"
      target_prefix = "trail/"
    }
    resource "aws_cloudtrail" "main" {
      name           = "main"
      s3_bucket_name = aws_s3_bucket.trail.id
    }
  }
  fail {
    resource "aws_s3_bucket" "trail" {
      bucket = "example-trail"
    }
    resource "aws_cloudtrail" "main" {
      name           = "main"
      s3_bucket_name = aws_s3_bucket.trail.id
    }
  }
}

policy "aws-cloudtrail-global-events" {
  title    = "CloudTrail records IAM, STS and other global services"
  severity = "medium"
  resource = ["aws_cloudtrail"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    cis_aws     = ["3.1"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "New users, keys and roles are events of global services. Without them the trail misses what matters most."
  fix = "Remove include_global_service_events = false."

  condition = self.include_global_service_events != false

  pass {
    resource "aws_cloudtrail" "default" {
      name           = "main"
      s3_bucket_name = "example-trail"
    }
  }
  fail {
    resource "aws_cloudtrail" "local" {
      name                          = "main"
      s3_bucket_name                = "example-trail"
      include_global_service_events = false
    }
  }
  unknown {
    variable "global" {
      type = bool
    }
    resource "aws_cloudtrail" "asked" {
      name                          = "main"
      s3_bucket_name                = "example-trail"
      include_global_service_events = var.global
    }
  }
}

policy "aws-cloudtrail-store-kms-encrypted" {
  title    = "CloudTrail event data stores use a KMS key of your own"
  severity = "medium"
  resource = ["aws_cloudtrail_event_data_store"]
  checkov  = ["CKV_AWS_294"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["10.3.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.15", "A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)", "164.312(b)"]
    nist_800_53 = ["AU-9", "SC-28"]
  }
  why = "With a key of your own you decide who may decrypt the events, and see who did."
  fix = "Set kms_key_id. It cannot be changed later."

  condition = self.kms_key_id != null && (self.kms_key_id != "" || exists(linked(self, "aws_kms_key", "aws_kms_alias")))

  pass {
    resource "aws_cloudtrail_event_data_store" "keyed" {
      name       = "main"
      kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  fail {
    resource "aws_cloudtrail_event_data_store" "plain" {
      name = "main"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_cloudtrail_event_data_store" "asked" {
      name       = "main"
      kms_key_id = var.key
    }
  }
}

policy "aws-cloudtrail-store-protected" {
  title    = "CloudTrail event data stores are protected from deletion"
  severity = "medium"
  resource = ["aws_cloudtrail_event_data_store"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.3.2", "10.5.1"]
    iso27001    = ["A.5.33", "A.8.15"]
    nist_800_53 = ["AU-9", "AU-11"]
  }
  why = "One call removes years of records if nothing stands in its way."
  fix = "Remove termination_protection_enabled = false."

  condition = self.termination_protection_enabled != false

  pass {
    resource "aws_cloudtrail_event_data_store" "default" {
      name = "main"
    }
  }
  fail {
    resource "aws_cloudtrail_event_data_store" "loose" {
      name                           = "main"
      termination_protection_enabled = false
    }
  }
  unknown {
    variable "protect" {
      type = bool
    }
    resource "aws_cloudtrail_event_data_store" "asked" {
      name                           = "main"
      termination_protection_enabled = var.protect
    }
  }
}
