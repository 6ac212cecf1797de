# Audit, rules, firewalls, certificates, parameters, builds, directories, transfer. The pricing pages of the services named.

cost "aws_cloudtrail" {
  usage {
    monthly_additional_management_events = "Management events beyond the first copy"
    monthly_data_events                  = "Data events"
    monthly_insight_events               = "Events that Insights analyses"
  }
  component "Management events (additional copies)" {
    when     = self.include_global_service_events != false || usage_or(usage.monthly_additional_management_events, 0) > 0
    price    = price("AWSCloudTrail", "PaidEventsRecorded")
    quantity = usage.monthly_additional_management_events
    unit     = "100k events"
    scale    = 100000
  }
  component "Data events" {
    when     = length(self.event_selector) > 0 || length(self.advanced_event_selector) > 0 || usage_or(usage.monthly_data_events, 0) > 0
    price    = price("AWSCloudTrail", "DataEventsRecorded")
    quantity = usage.monthly_data_events
    unit     = "100k events"
    scale    = 100000
  }
  component "Insight events" {
    when     = length(self.insight_selector) > 0 || usage_or(usage.monthly_insight_events, 0) > 0
    price    = price("AWSCloudTrail", "InsightsEvents")
    quantity = usage.monthly_insight_events
    unit     = "100k events"
    scale    = 100000
  }

  example {
    # A hundred thousand × 2; 200,000 × 0.10; 400,000 × 0.35 a hundred thousand.
    usage = { monthly_additional_management_events = 100000, monthly_data_events = 200000, monthly_insight_events = 400000 }
    expected = {
      "Management events (additional copies)" = "2"
      "Data events"                           = "0.2"
      "Insight events"                        = "1.4"
    }
    resource "aws_cloudtrail" "main" {
      name           = "main"
      s3_bucket_name = "trail"
    }
  }
}

cost "aws_config_config_rule" "aws_config_organization_custom_rule" "aws_config_organization_managed_rule" "aws_config_organization_custom_policy_rule" {
  usage {
    monthly_rule_evaluations = "Evaluations"
  }
  component "Rule evaluations" {
    price    = price("AWSConfig", "ConfigRuleEvaluations")
    quantity = usage.monthly_rule_evaluations
    unit     = "evaluations"
  }

  example {
    # 600,000: 100,000 × 0.001, 400,000 × 0.0008, 100,000 × 0.0005.
    usage = { monthly_rule_evaluations = 600000 }
    expected = {
      "Rule evaluations (first 100K)" = "100"
      "Rule evaluations (next 400K)"  = "320"
      "Rule evaluations (over 500K)"  = "50"
    }
    resource "aws_config_config_rule" "main" {
      name = "main"
      source {
        owner             = "AWS"
        source_identifier = "S3_BUCKET_VERSIONING_ENABLED"
      }
    }
  }
}

cost "aws_config_configuration_recorder" {
  usage {
    monthly_config_items        = "Items recorded"
    monthly_custom_config_items = "Custom items recorded"
  }
  locals {
    daily = self.recording_mode.recording_frequency == "DAILY"
  }
  component "Config items" {
    price    = price("AWSConfig", local.daily ? "ConfigurationItemRecordedDaily" : "ConfigurationItemRecorded")
    quantity = usage.monthly_config_items
    unit     = "records"
  }
  component "Custom config items" {
    price    = price("AWSConfig", "CustomConfigItemRecorded")
    quantity = usage.monthly_custom_config_items
    unit     = "records"
  }

  example {
    # 10,000 and 20,000 × 0.003.
    usage    = { monthly_config_items = 10000, monthly_custom_config_items = 20000 }
    expected = { "Config items" = "30", "Custom config items" = "60" }
    resource "aws_config_configuration_recorder" "main" {
      role_arn = "arn:aws:iam::111122223333:role/x"
    }
  }
}

cost "aws_guardduty_detector" {
  when = self.enable != false
  usage {
    monthly_management_events = "Management events of CloudTrail"
    monthly_log_gb            = "GB of flow and DNS logs"
    monthly_s3_data_events    = "Data events of S3"
  }
  component "CloudTrail management events" {
    price    = price("AmazonGuardDuty", "PaidEventsAnalyzed")
    quantity = usage.monthly_management_events
    unit     = "1M events"
    scale    = 1000000
  }
  component "Flow and DNS logs" {
    price    = price("AmazonGuardDuty", "PaidEventsAnalyzed-Bytes")
    quantity = usage.monthly_log_gb
    unit     = "GB"
  }
  component "S3 data events" {
    when     = usage_or(usage.monthly_s3_data_events, 0) > 0 || self.datasources.s3_logs.enable == true
    price    = price("AmazonGuardDuty", "PaidS3DataEventsAnalyzed")
    quantity = usage.monthly_s3_data_events
    unit     = "1M events"
    scale    = 1000000
  }

  example {
    # Ten million × 4 a million; 600 GB: 500 × 1, 100 × 0.50.
    usage = { monthly_management_events = 10000000, monthly_log_gb = 600 }
    expected = {
      "CloudTrail management events"   = "40"
      "Flow and DNS logs (first 500GB)" = "500"
      "Flow and DNS logs (next 2000GB)" = "50"
    }
    resource "aws_guardduty_detector" "main" {
      enable = true
    }
  }
}

cost "aws_wafv2_web_acl" {
  usage {
    rule_group_rules         = "Rules of rule groups"
    managed_rule_group_rules = "Rules of managed rule groups that are charged one by one"
    monthly_requests         = "Requests"
  }
  locals {
    rules   = [for r in self.rule : r]
    groups  = length([for r in local.rules : r if length(r.statement.rule_group_reference_statement) > 0])
    managed = length([for r in local.rules : r if length(r.statement.managed_rule_group_statement) > 0])
    # The rules inside of groups are charged as those of the list itself.
    own     = size(self.rule) - local.groups - local.managed + usage_or(usage.rule_group_rules, 0) + usage_or(usage.managed_rule_group_rules, 0)
  }
  component "Web ACL usage" {
    price    = price("awswaf", "WebACLV2")
    quantity = 1
    unit     = "months"
  }
  component "Rules" {
    when     = local.own > 0
    price    = price("awswaf", "RuleV2")
    quantity = local.own
    unit     = "rules"
  }
  component "Rule groups" {
    when     = local.groups > 0
    price    = price("awswaf", "RuleV2")
    quantity = local.groups
    unit     = "groups"
  }
  component "Managed rule groups" {
    when     = local.managed > 0
    price    = price("awswaf", "RuleV2")
    quantity = local.managed
    unit     = "groups"
  }
  component "Requests" {
    price    = price("awswaf", "RequestV2-Tier1")
    quantity = usage.monthly_requests
    unit     = "1M requests"
    scale    = 1000000
  }

  example {
    # 5 for the list, 1 for the managed group; a million requests × 0.60.
    usage = { monthly_requests = 1000000 }
    expected = {
      "Web ACL usage"       = "5"
      "Managed rule groups" = "1"
      "Requests"            = "0.6"
    }
    resource "aws_wafv2_web_acl" "main" {
      name  = "main"
      scope = "REGIONAL"
      default_action {
        allow {}
      }
      rule {
        name     = "common"
        priority = 1
        override_action {
          none {}
        }
        statement {
          managed_rule_group_statement {
            name        = "AWSManagedRulesCommonRuleSet"
            vendor_name = "AWS"
          }
        }
        visibility_config {
          cloudwatch_metrics_enabled = false
          metric_name                = "common"
          sampled_requests_enabled   = false
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = false
        metric_name                = "main"
        sampled_requests_enabled   = false
      }
    }
  }
}

cost "aws_waf_web_acl" "aws_wafregional_web_acl" {
  usage {
    rule_group_rules = "Rules of rule groups"
    monthly_requests = "Requests"
  }
  locals {
    rules  = concat([for r in self.rules : r], [for r in self.rule : r])
    groups = length([for r in local.rules : r if r.type == "GROUP"])
    own    = length(local.rules) - local.groups + usage_or(usage.rule_group_rules, 0)
  }
  component "Web ACL usage" {
    price    = price("awswaf", "WebACL")
    quantity = 1
    unit     = "months"
  }
  component "Rules" {
    when     = local.own > 0
    price    = price("awswaf", "Rule")
    quantity = local.own
    unit     = "rules"
  }
  component "Rule groups" {
    when     = local.groups > 0
    price    = price("awswaf", "Rule")
    quantity = local.groups
    unit     = "groups"
  }
  component "Requests" {
    price    = price("awswaf", "RequestV2-Tier1")
    quantity = usage.monthly_requests
    unit     = "1M requests"
    scale    = 1000000
  }

  example {
    usage    = { monthly_requests = 1000000 }
    expected = { "Web ACL usage" = "5", "Requests" = "0.6" }
    resource "aws_waf_web_acl" "main" {
      name        = "main"
      metric_name = "main"
      default_action {
        type = "ALLOW"
      }
    }
  }
}

cost "aws_acmpca_certificate_authority" {
  when = self.enabled != false
  usage {
    monthly_requests = "Certificates"
  }
  locals {
    short = self.usage_mode == "SHORT_LIVED_CERTIFICATE"
  }
  component "Private certificate authority" {
    name     = local.short ? "Private certificate authority (short-lived certificate mode)" : "Private certificate authority"
    price    = price("AWSCertificateManager", local.short ? "ShortLivedCertificatePrivateCA" : "PaidPrivateCA")
    quantity = 1
    unit     = "months"
  }
  component "Certificates" {
    name     = local.short ? "Certificates (short-lived)" : "Certificates"
    price    = price("AWSCertificateManager", local.short ? "ShortLivedCertificatesIssued" : "PrivateCertificatesIssued")
    quantity = usage.monthly_requests
    unit     = "requests"
  }

  example {
    # 400; 20,000 certificates: 1,000 × 0.75, 9,000 × 0.35, 10,000 × 0.001.
    usage = { monthly_requests = 20000 }
    expected = {
      "Private certificate authority" = "400"
      "Certificates (first 1K)"       = "750"
      "Certificates (next 9K)"        = "3150"
      "Certificates (over 10K)"       = "10"
    }
    resource "aws_acmpca_certificate_authority" "main" {
      certificate_authority_configuration {
        key_algorithm     = "RSA_4096"
        signing_algorithm = "SHA512WITHRSA"
        subject {
          common_name = "example.com"
        }
      }
    }
  }
}

cost "aws_acm_certificate" {
  # Public certificates cost nothing; one of a private authority is counted as one request.
  when = self.certificate_authority_arn != null
  component "Certificate" {
    price    = price("AWSCertificateManager", "PrivateCertificatesIssued")
    quantity = 1
    unit     = "requests"
  }

  example {
    expected = { "Certificate (first 1K)" = "0.75" }
    resource "aws_acm_certificate" "main" {
      domain_name               = "example.com"
      certificate_authority_arn = "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/x"
    }
  }
  example {
    expected = {}
    resource "aws_acm_certificate" "main" {
      domain_name       = "example.com"
      validation_method = "DNS"
    }
  }
}

cost "aws_ssm_parameter" {
  # Standard parameters cost nothing at the standard throughput.
  when = self.tier == "Advanced" || usage_or(usage.api_throughput_limit, "standard") != "standard"
  usage {
    api_throughput_limit     = ["Throughput", "standard", "advanced", "higher"]
    monthly_api_interactions = "API interactions"
    parameter_storage_hrs    = "Hours for which the parameter is stored; 730 where nothing is said"
  }
  component "Parameter storage (advanced)" {
    when     = self.tier == "Advanced"
    # The price list has the price of a month.
    price    = price("AWSSystemsManager", "PS-Advanced-Param-Tier1")
    quantity = usage_or(usage.parameter_storage_hrs, 730) / 730
    unit     = "hours"
    scale    = 1 / 730
  }
  component "API interactions (advanced)" {
    price    = price("AWSSystemsManager", "PS-Param-Processed-Tier2")
    quantity = usage.monthly_api_interactions
    unit     = "10k interactions"
    scale    = 10000
  }

  example {
    # 0.05 a month; a million × 0.05 ten thousand.
    usage = { monthly_api_interactions = 1000000 }
    expected = {
      "Parameter storage (advanced)" = "0.05"
      "API interactions (advanced)"  = "5"
    }
    resource "aws_ssm_parameter" "main" {
      name  = "main"
      type  = "String"
      tier  = "Advanced"
      value = "x"
    }
  }
  example {
    expected = {}
    resource "aws_ssm_parameter" "main" {
      name  = "main"
      type  = "String"
      value = "x"
    }
  }
}

cost "aws_ssm_activation" {
  # Standard ones are free.
  when = usage_or(usage.instance_tier, "advanced") == "advanced"
  usage {
    instance_tier = ["Tier of the managed instances", "standard", "advanced"]
    instances     = "Instances"
  }
  component "On-prem managed instances (advanced)" {
    price    = price("AWSSystemsManager", "MI-AdvInstances-Hrs")
    quantity = usage.instances * 730
    unit     = "hours"
  }

  example {
    # 100 × 730 h × 0.00695.
    usage    = { instance_tier = "advanced", instances = 100 }
    expected = { "On-prem managed instances (advanced)" = "507.35" }
    resource "aws_ssm_activation" "main" {
      iam_role = "x"
    }
  }
}

cost "aws_codebuild_project" {
  usage {
    monthly_build_mins = "Minutes of builds, each begun minute counted"
  }
  locals {
    kind    = startswith(self.environment.type, "ARM") ? "ARM" : (startswith(self.environment.type, "WINDOWS") ? "Windows" : "Linux")
    compute = self.environment.compute_type
    size    = { BUILD_GENERAL1_SMALL = "small", BUILD_GENERAL1_MEDIUM = "medium", BUILD_GENERAL1_LARGE = "large", BUILD_GENERAL1_XLARGE = "xlarge", BUILD_GENERAL1_2XLARGE = "2xlarge" }[local.compute]
  }
  component "Build" {
    name     = "${local.kind} (general1.${local.size})"
    price    = price("CodeBuild", "Build-Min:${local.kind}:g1.${local.size}")
    quantity = usage.monthly_build_mins
    unit     = "minutes"
  }

  example {
    # 10,000 × 0.005.
    usage    = { monthly_build_mins = 10000 }
    expected = { "Linux (general1.small)" = "50" }
    resource "aws_codebuild_project" "main" {
      name         = "main"
      service_role = "arn:aws:iam::111122223333:role/x"
      artifacts {
        type = "NO_ARTIFACTS"
      }
      environment {
        compute_type = "BUILD_GENERAL1_SMALL"
        image        = "aws/codebuild/standard:7.0"
        type         = "LINUX_CONTAINER"
      }
      source {
        type = "NO_SOURCE"
      }
    }
  }
}

cost "aws_transfer_server" {
  usage {
    monthly_data_downloaded_gb = "GB downloaded"
    monthly_data_uploaded_gb   = "GB uploaded"
  }
  locals {
    protocols = length(self.protocols) == 0 ? ["SFTP"] : [for p in self.protocols : p]
    domain    = self.domain == "EFS" ? "EFS" : "S3"
  }
  component "Protocol" {
    for_each = local.protocols
    name     = "${each.value} protocol enabled"
    price    = price("AWSTransfer", "ProtocolHours", { operation = "${each.value}:${local.domain}" })
    quantity = 730
    unit     = "hours"
  }
  component "Data downloaded" {
    price    = price("AWSTransfer", "DownloadBytes", { operation = "${local.protocols[0]}:${local.domain}" })
    quantity = usage.monthly_data_downloaded_gb
    unit     = "GB"
  }
  component "Data uploaded" {
    price    = price("AWSTransfer", "UploadBytes", { operation = "${local.protocols[0]}:${local.domain}" })
    quantity = usage.monthly_data_uploaded_gb
    unit     = "GB"
  }

  example {
    # 730 h × 0.30; 50 and 10 GB × 0.04.
    usage = { monthly_data_downloaded_gb = 50, monthly_data_uploaded_gb = 10 }
    expected = {
      "SFTP protocol enabled" = "219"
      "Data downloaded"       = "2"
      "Data uploaded"         = "0.4"
    }
    resource "aws_transfer_server" "main" {
    }
  }
}

cost "aws_directory_service_directory" {
  usage {
    additional_domain_controllers = "Domain controllers beyond the first two"
    shared_accounts               = "Accounts that the directory is shared with"
  }
  locals {
    kind  = self.type == null ? "SimpleAD" : self.type
    name  = { SimpleAD = "Simple AD", ADConnector = "AD Connector", MicrosoftAD = "Microsoft AD" }[local.kind]
    size  = local.kind == "MicrosoftAD" ? (self.edition == null ? "Enterprise" : self.edition) : (self.size == null ? "Small" : self.size)
    type  = local.kind == "MicrosoftAD" ? (local.size == "Standard" ? "MicrosoftAD-Standard-DC-Usage" : "MicrosoftAD-DC-Usage") : "${local.size}-${local.kind}"
  }
  component "Directory service" {
    name     = "Directory service (${local.name}, ${local.size})"
    # Of Microsoft AD the price is that of one of two controllers, of the others that of the directory.
    price    = price("AWSDirectoryService", local.type)
    quantity = (local.kind == "MicrosoftAD" ? 2 : 1) * 730
    unit     = "controllers"
    scale    = 730
  }
  component "Additional domain controllers" {
    when     = local.kind == "MicrosoftAD" && usage_or(usage.additional_domain_controllers, 0) > 0
    price    = price("AWSDirectoryService", local.type)
    quantity = usage.additional_domain_controllers * 730
    unit     = "controllers"
    scale    = 730
  }
  component "Directory sharing" {
    when     = local.kind == "MicrosoftAD" && usage_or(usage.shared_accounts, 0) > 0
    price    = price("AWSDirectoryService", "SharedMsftAD-Usage")
    quantity = usage.shared_accounts * 730
    unit     = "accounts"
    scale    = 730
  }

  example {
    # Two controllers × 730 h × 0.06; three accounts × 730 h × 0.018.
    usage = { shared_accounts = 3 }
    expected = {
      "Directory service (Microsoft AD, Standard)" = "87.6"
      "Directory sharing"                          = "39.42"
    }
    resource "aws_directory_service_directory" "main" {
      name     = "corp.example.com"
      password = "not-a-secret-1"
      edition  = "Standard"
      type     = "MicrosoftAD"
      vpc_settings {
        subnet_ids = ["subnet-1", "subnet-2"]
        vpc_id     = "vpc-1"
      }
    }
  }
}
