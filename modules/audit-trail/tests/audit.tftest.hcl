mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { id = "shop-audit-111122223333", arn = "arn:aws:s3:::shop-audit-111122223333" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mocked" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/cloudtrail/shop-audit" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:111122223333:shop-audit-findings" }
  }
}

variables {
  name        = "shop-audit"
  account_id  = "111122223333"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/audit"
}

################################################################################
# Trail
################################################################################

run "trail_of_everything_signed_and_encrypted" {
  command = plan

  assert {
    condition     = aws_cloudtrail.this.is_multi_region_trail && aws_cloudtrail.this.include_global_service_events && aws_cloudtrail.this.enable_log_file_validation && aws_cloudtrail.this.enable_logging && aws_cloudtrail.this.kms_key_id == "arn:aws:kms:eu-central-1:111122223333:key/audit"
    error_message = "The trail must see all regions and global services, and be signed and encrypted."
  }

  assert {
    condition     = [for selector in aws_cloudtrail.this.advanced_event_selector : selector.name] == ["Management events"] && length(aws_cloudtrail.this.insight_selector) == 0
    error_message = "By default only what is free is recorded: management events."
  }

  assert {
    condition     = aws_cloudtrail.this.cloud_watch_logs_group_arn == null && length(aws_cloudwatch_log_group.this) == 0 && length(aws_iam_role.trail_logs) == 0
    error_message = "Without logs there is no group and no role."
  }
}

run "copy_in_cloudwatch_logs" {
  variables {
    logs     = { kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/logs", retention_days = 90 }
    insights = ["ApiErrorRateInsight"]
  }

  assert {
    condition     = aws_cloudtrail.this.cloud_watch_logs_group_arn == "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/cloudtrail/shop-audit:*" && aws_cloudwatch_log_group.this[0].retention_in_days == 90
    error_message = "The trail must write to its group."
  }

  assert {
    condition     = data.aws_iam_policy_document.trail_logs[0].statement[0].resources == toset(["arn:aws:logs:eu-central-1:111122223333:log-group:/aws/cloudtrail/shop-audit:log-stream:111122223333_CloudTrail_eu-central-1*"])
    error_message = "The role may write the trail's streams, and nothing else."
  }

  assert {
    condition     = one(data.aws_iam_policy_document.trail_trust.statement[0].condition).values == tolist(["arn:aws:cloudtrail:eu-central-1:111122223333:trail/shop-audit"])
    error_message = "Only this trail may use the role."
  }

  assert {
    condition     = one(aws_cloudtrail.this.insight_selector).insight_type == "ApiErrorRateInsight"
    error_message = "The insight must be as given."
  }
}

run "data_events" {
  command = plan

  variables {
    data_events = {
      "AWS::DynamoDB::Table" = ["arn:aws:dynamodb:eu-central-1:111122223333:table/orders"]
      "AWS::S3::Object"      = []
    }
  }

  assert {
    condition     = one([for field in aws_cloudtrail.this.advanced_event_selector[1].field_selector : field.starts_with if field.field == "resources.ARN"]) == tolist(["arn:aws:dynamodb:eu-central-1:111122223333:table/orders"])
    error_message = "Prefixes must limit what is recorded."
  }

  assert {
    condition     = one([for field in aws_cloudtrail.this.advanced_event_selector[2].field_selector : field.not_starts_with if field.field == "resources.ARN"]) == tolist(["arn:aws:s3:::shop-audit-111122223333/"])
    error_message = "The trail must not record its own writing."
  }
}

################################################################################
# Bucket
################################################################################

run "hardened_bucket" {
  assert {
    condition     = aws_s3_bucket.this["trail"].bucket == "shop-audit-111122223333" && !aws_s3_bucket.this["trail"].force_destroy && !aws_s3_bucket.this["trail"].object_lock_enabled
    error_message = "The bucket must have the account's name, and never be emptied."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this["trail"].block_public_acls,
      aws_s3_bucket_public_access_block.this["trail"].block_public_policy,
      aws_s3_bucket_public_access_block.this["trail"].ignore_public_acls,
      aws_s3_bucket_public_access_block.this["trail"].restrict_public_buckets,
      aws_s3_bucket_ownership_controls.this["trail"].rule[0].object_ownership == "BucketOwnerEnforced",
      aws_s3_bucket_versioning.this["trail"].versioning_configuration[0].status == "Enabled",
    ])
    error_message = "The bucket must be private, without ACLs, and keep versions."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this["trail"].rule).apply_server_side_encryption_by_default[0].kms_master_key_id == "arn:aws:kms:eu-central-1:111122223333:key/audit"
    error_message = "Objects must be encrypted with the given key."
  }

  assert {
    condition     = data.aws_iam_policy_document.bucket["trail"].statement[1].resources == toset(["arn:aws:s3:::shop-audit-111122223333/cloudtrail/AWSLogs/111122223333/*"])
    error_message = "CloudTrail may write below the account's path only."
  }

  assert {
    condition     = alltrue([for index in [0, 1] : contains([for condition in data.aws_iam_policy_document.bucket["trail"].statement[index].condition : condition.values[0]], "arn:aws:cloudtrail:eu-central-1:111122223333:trail/shop-audit")])
    error_message = "Only this trail may write."
  }

  assert {
    condition     = data.aws_iam_policy_document.bucket["trail"].statement[2].effect == "Deny" && one(data.aws_iam_policy_document.bucket["trail"].statement[2].condition).variable == "aws:SecureTransport"
    error_message = "Requests without TLS must be refused."
  }

  assert {
    condition     = length(aws_s3_bucket_object_lock_configuration.this) == 0 && length(aws_s3_bucket_logging.this) == 0
    error_message = "Lock and access logs are for those who ask for them."
  }
}

run "locked_bucket_with_access_logs" {
  command = plan

  variables {
    bucket = { name = "example-audit", access_logs_bucket = "example-logs", archive_after_days = 30, expire_after_days = 400, lock = { days = 365, mode = "compliance" } }
  }

  assert {
    condition     = aws_s3_bucket.this["trail"].object_lock_enabled && aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[0].mode == "COMPLIANCE" && aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[0].days == 365
    error_message = "The lock must be as given."
  }

  assert {
    condition     = !aws_s3_bucket.this["config"].object_lock_enabled && [for statement in data.aws_iam_policy_document.bucket["config"].statement : statement.sid] == ["TlsOnly"]
    error_message = "AWS Config cannot deliver to a locked bucket, and CloudTrail has nothing to do in its."
  }

  assert {
    condition     = aws_s3_bucket_logging.this["trail"].target_bucket == "example-logs" && aws_s3_bucket_logging.this["trail"].target_prefix == "example-audit/"
    error_message = "Access must be logged in the given bucket."
  }

  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.this["trail"].rule[0].transition).days == 30 && aws_s3_bucket_lifecycle_configuration.this["trail"].rule[0].expiration[0].days == 400
    error_message = "Archiving and expiry must be as given."
  }
}

################################################################################
# AWS Config
################################################################################

run "config_records_everything" {
  command = plan

  assert {
    condition     = aws_config_configuration_recorder.this[0].recording_group[0].all_supported && aws_config_configuration_recorder.this[0].recording_group[0].include_global_resource_types && aws_config_configuration_recorder.this[0].recording_mode[0].recording_frequency == "CONTINUOUS" && aws_config_configuration_recorder_status.this[0].is_enabled
    error_message = "Everything must be recorded at once."
  }

  assert {
    condition     = aws_s3_bucket.this["config"].bucket == "shop-audit-111122223333-config" && aws_config_delivery_channel.this[0].s3_kms_key_arn == "arn:aws:kms:eu-central-1:111122223333:key/audit"
    error_message = "History must be delivered encrypted, to a bucket of its own."
  }

  assert {
    condition     = aws_config_config_rule.this["root-account-mfa-enabled"].source[0].source_identifier == "ROOT_ACCOUNT_MFA_ENABLED" && aws_config_config_rule.this["restricted-ssh"].source[0].source_identifier == "INCOMING_SSH_DISABLED" && aws_config_config_rule.this["access-keys-rotated"].input_parameters == "{\"maxAccessKeyAge\":\"90\"}"
    error_message = "Default rules must have AWS's identifiers and parameters."
  }
}

run "config_with_exclusions_and_rules" {
  command = plan

  variables {
    config       = { recording = "daily", excluded_resource_types = ["AWS::EC2::NetworkInterface"], retention_days = 400 }
    config_rules = { encrypted-volumes = { description = "Volumes", resource_types = ["AWS::EC2::Volume"] } }
  }

  assert {
    condition     = !aws_config_configuration_recorder.this[0].recording_group[0].all_supported && aws_config_configuration_recorder.this[0].recording_group[0].exclusion_by_resource_types[0].resource_types == toset(["AWS::EC2::NetworkInterface"]) && aws_config_configuration_recorder.this[0].recording_group[0].recording_strategy[0].use_only == "EXCLUSION_BY_RESOURCE_TYPES"
    error_message = "The types must be left out."
  }

  assert {
    condition     = aws_config_configuration_recorder.this[0].recording_mode[0].recording_frequency == "DAILY" && aws_config_retention_configuration.this[0].retention_period_in_days == 400
    error_message = "Frequency and retention must be as given."
  }

  assert {
    condition     = keys(aws_config_config_rule.this) == ["encrypted-volumes"] && aws_config_config_rule.this["encrypted-volumes"].scope[0].compliance_resource_types == toset(["AWS::EC2::Volume"]) && aws_config_config_rule.this["encrypted-volumes"].input_parameters == null
    error_message = "The given rules must replace the default ones."
  }
}

################################################################################
# GuardDuty and findings
################################################################################

run "guardduty_says_each_feature" {
  command = plan

  variables {
    guardduty = { features = ["RUNTIME_MONITORING", "S3_DATA_EVENTS"], runtime_agents = ["ECS_FARGATE_AGENT_MANAGEMENT"] }
  }

  assert {
    condition = { for name, feature in aws_guardduty_detector_feature.this : name => feature.status } == {
      EBS_MALWARE_PROTECTION = "DISABLED"
      EKS_AUDIT_LOGS         = "DISABLED"
      LAMBDA_NETWORK_LOGS    = "DISABLED"
      RDS_LOGIN_EVENTS       = "DISABLED"
      RUNTIME_MONITORING     = "ENABLED"
      S3_DATA_EVENTS         = "ENABLED"
    }
    error_message = "Every feature must be on or off."
  }

  assert {
    condition = { for agent in aws_guardduty_detector_feature.this["RUNTIME_MONITORING"].additional_configuration : agent.name => agent.status } == {
      EC2_AGENT_MANAGEMENT         = "DISABLED"
      ECS_FARGATE_AGENT_MANAGEMENT = "ENABLED"
      EKS_ADDON_MANAGEMENT         = "DISABLED"
    }
    error_message = "Every agent must be on or off."
  }

  assert {
    condition     = aws_guardduty_detector.this[0].enable && aws_guardduty_detector.this[0].finding_publishing_frequency == "FIFTEEN_MINUTES"
    error_message = "The detector must be on, and soon."
  }
}

run "findings_by_mail" {
  variables {
    findings = { min_severity = 7, emails = ["security@example.com"] }
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.findings["guardduty"].event_pattern).detail.severity[0].numeric == [">=", 7] && jsondecode(aws_cloudwatch_event_rule.findings["config"].event_pattern).detail.newEvaluationResult.complianceType == ["NON_COMPLIANT"]
    error_message = "Severe findings and broken rules must be told."
  }

  assert {
    condition     = aws_sns_topic.findings[0].kms_master_key_id == "arn:aws:kms:eu-central-1:111122223333:key/audit" && aws_sns_topic_subscription.findings["security@example.com"].protocol == "email"
    error_message = "The topic must be encrypted, and heard."
  }

  assert {
    condition     = one(data.aws_iam_policy_document.findings[0].statement[0].condition).values == tolist(["111122223333"])
    error_message = "Only this account's rules may publish."
  }
}

run "trail_alone" {
  command = plan

  variables {
    config    = null
    guardduty = null
  }

  assert {
    condition     = length(aws_config_configuration_recorder.this) + length(aws_config_config_rule.this) + length(aws_config_delivery_channel.this) + length(aws_iam_role.config) + length(aws_guardduty_detector.this) + length(aws_guardduty_detector_feature.this) + length(aws_sns_topic.findings) == 0 && keys(aws_s3_bucket.this) == ["trail"]
    error_message = "Nothing but the trail must be made."
  }
}
