mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name        = "shop-audit"
  account_id  = "111122223333"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/audit"
}

run "account_that_lost_its_zeros" {
  command = plan

  variables {
    account_id = 11122223333
  }

  expect_failures = [var.account_id]
}

run "key_by_alias" {
  command = plan

  variables {
    kms_key_arn = "alias/audit"
  }

  expect_failures = [var.kms_key_arn]
}

run "history_of_a_month" {
  command = plan

  variables {
    bucket = { archive_after_days = 0, expire_after_days = 30 }
  }

  expect_failures = [var.bucket]
}

run "lock_longer_than_the_objects" {
  command = plan

  variables {
    bucket = { expire_after_days = 400, lock = { days = 500 } }
  }

  expect_failures = [var.bucket]
}

run "data_events_of_a_service" {
  command = plan

  variables {
    data_events = { s3 = [] }
  }

  expect_failures = [var.data_events]
}

run "data_events_by_name" {
  command = plan

  variables {
    data_events = { "AWS::S3::Object" = ["receipts"] }
  }

  expect_failures = [var.data_events]
}

run "unknown_insight" {
  command = plan

  variables {
    insights = ["Everything"]
  }

  expect_failures = [var.insights]
}

run "recording_now_and_then" {
  command = plan

  variables {
    config = { recording = "weekly" }
  }

  expect_failures = [var.config]
}

run "rule_with_a_lower_case_identifier" {
  command = plan

  variables {
    config_rules = { restricted-ssh = { identifier = "restricted-ssh" } }
  }

  expect_failures = [var.config_rules]
}

run "unknown_feature" {
  command = plan

  variables {
    guardduty = { features = ["EVERYTHING"] }
  }

  expect_failures = [var.guardduty]
}

run "agents_without_monitoring" {
  command = plan

  variables {
    guardduty = { features = [], runtime_agents = ["EKS_ADDON_MANAGEMENT"] }
  }

  expect_failures = [var.guardduty]
}

run "severity_beyond_the_scale" {
  command = plan

  variables {
    findings = { min_severity = 11 }
  }

  expect_failures = [var.findings]
}

run "findings_of_nothing" {
  command = plan

  variables {
    config    = null
    guardduty = null
    findings  = {}
  }

  expect_failures = [var.findings]
}
