mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name        = "shop-dev"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/alerts"
  subscribers = {}
}

run "key_by_alias" {
  command = plan

  variables {
    kms_key_arn = "alias/aws/sns"
  }

  expect_failures = [var.kms_key_arn]
}

run "channel_by_name" {
  command = plan

  variables {
    slack_team_id = "T0123ABCD"
    subscribers   = { info = { slack_channels = ["#alerts"] } }
  }

  expect_failures = [var.subscribers]
}

run "channel_without_workspace" {
  command = plan

  variables {
    subscribers = { info = { slack_channels = ["C0123ABCD"] } }
  }

  expect_failures = [var.slack_team_id]
}

run "national_phone_number" {
  command = plan

  variables {
    subscribers = { critical = { phone_numbers = ["0170 1234567"] } }
  }

  expect_failures = [var.subscribers]
}

run "unknown_tier" {
  command = plan

  variables {
    alarms = { busy = { description = "Busy", tier = "urgent", threshold = 1, metric = { namespace = "A", name = "b" } } }
  }

  expect_failures = [var.alarms]
}

run "neither_metric_nor_expression" {
  command = plan

  variables {
    alarms = { busy = { description = "Busy", tier = "info", threshold = 1 } }
  }

  expect_failures = [var.alarms]
}

run "expression_without_metrics" {
  command = plan

  variables {
    alarms = { busy = { description = "Busy", tier = "info", threshold = 1, expression = "a / b" } }
  }

  expect_failures = [var.alarms]
}

run "more_breaching_than_looked_at" {
  command = plan

  variables {
    alarms = { busy = { description = "Busy", tier = "info", threshold = 1, periods = 3, periods_breaching = 4, metric = { namespace = "A", name = "b" } } }
  }

  expect_failures = [var.alarms]
}

run "composite_of_an_unknown_alarm" {
  command = plan

  variables {
    composite_alarms = { outage = { description = "Outage", tier = "critical", alarms = ["missing"] } }
  }

  expect_failures = [var.composite_alarms]
}
