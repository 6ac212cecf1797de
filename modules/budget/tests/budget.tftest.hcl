mock_provider "aws" {
  mock_resource "aws_ce_anomaly_monitor" {
    defaults = { arn = "arn:aws:ce::111122223333:anomalymonitor/11111111-2222-3333-4444-555555555555" }
  }
}

variables {
  name          = "shop-dev"
  limit         = { amount = 300 }
  notifications = [{ on = "actual", threshold = 80, emails = ["team@example.com"] }]
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_budgets_budget.this.budget_type == "COST" && aws_budgets_budget.this.time_unit == "MONTHLY" && aws_budgets_budget.this.limit_amount == "300" && aws_budgets_budget.this.limit_unit == "USD"
    error_message = "The budget must be a month's cost in dollars."
  }

  assert {
    condition     = length(aws_budgets_budget.this.cost_filter) == 0 && length(aws_ce_anomaly_monitor.this) == 0 && length(aws_ce_anomaly_subscription.this) == 0
    error_message = "By default everything is counted, and no anomalies are looked for."
  }

  assert {
    condition     = !aws_budgets_budget.this.cost_types[0].include_credit && !aws_budgets_budget.this.cost_types[0].include_refund && aws_budgets_budget.this.cost_types[0].include_tax
    error_message = "Credits and refunds must not hide what was used."
  }

  assert {
    condition = [for notification in aws_budgets_budget.this.notification : [
      notification.notification_type, notification.comparison_operator, notification.threshold, notification.threshold_type, notification.subscriber_email_addresses,
    ]] == [["ACTUAL", "GREATER_THAN", 80, "PERCENTAGE", toset(["team@example.com"])]]
    error_message = "The one notification must be as given."
  }
}

run "filters" {
  command = plan

  variables {
    filter = {
      services        = ["Amazon Relational Database Service", "Amazon ElastiCache"]
      regions         = ["eu-central-1"]
      linked_accounts = ["111122223333"]
      tags            = { project = ["shop"], environment = ["staging", "dev"] }
    }
  }

  assert {
    condition = { for filter in aws_budgets_budget.this.cost_filter : filter.name => filter.values } == {
      LinkedAccount = tolist(["111122223333"])
      Region        = tolist(["eu-central-1"])
      Service       = tolist(["Amazon ElastiCache", "Amazon Relational Database Service"])
      TagKeyValue   = tolist(["user:environment$dev", "user:environment$staging", "user:project$shop"])
    }
    error_message = "Filters must have the names and forms of AWS Budgets, in an order that does not change."
  }
}

run "every_kind_of_notification" {
  command = plan

  variables {
    notifications = [
      { on = "forecasted", threshold = 100, sns_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:alerts"] },
      { on = "actual", threshold = 250, unit = "absolute", emails = ["team@example.com", "finance@example.com"] },
    ]
  }

  assert {
    condition     = { for notification in aws_budgets_budget.this.notification : notification.notification_type => notification.threshold_type } == { FORECASTED = "PERCENTAGE", ACTUAL = "ABSOLUTE_VALUE" }
    error_message = "Units must become AWS's threshold types."
  }

  assert {
    condition     = one([for notification in aws_budgets_budget.this.notification : notification.subscriber_sns_topic_arns if notification.notification_type == "FORECASTED"]) == toset(["arn:aws:sns:eu-central-1:111122223333:alerts"])
    error_message = "The topic must be told of the forecast."
  }
}

run "anomalies_of_services_by_mail" {
  variables {
    anomaly_detection = { emails = ["team@example.com"] }
  }

  assert {
    condition     = aws_ce_anomaly_monitor.this[0].monitor_type == "DIMENSIONAL" && aws_ce_anomaly_monitor.this[0].monitor_dimension == "SERVICE" && aws_ce_anomaly_monitor.this[0].monitor_specification == null
    error_message = "Without a tag, each service is watched."
  }

  assert {
    condition     = aws_ce_anomaly_subscription.this[0].frequency == "DAILY" && [for subscriber in aws_ce_anomaly_subscription.this[0].subscriber : subscriber.type] == ["EMAIL"]
    error_message = "Mails must come daily."
  }

  assert {
    condition = { for part in aws_ce_anomaly_subscription.this[0].threshold_expression[0].and : part.dimension[0].key => part.dimension[0].values } == {
      ANOMALY_TOTAL_IMPACT_ABSOLUTE   = toset(["20"])
      ANOMALY_TOTAL_IMPACT_PERCENTAGE = toset(["20"])
    }
    error_message = "An anomaly must reach the amount and the percentage."
  }

  assert {
    condition     = aws_ce_anomaly_subscription.this[0].monitor_arn_list == tolist([output.anomaly_monitor_arn])
    error_message = "The subscription must be to the module's monitor."
  }
}

run "anomalies_of_a_tag_at_once" {
  command = plan

  variables {
    anomaly_detection = {
      frequency     = "immediate"
      sns_topic_arn = "arn:aws:sns:eu-central-1:111122223333:alerts"
      tag           = { key = "stack", values = ["shop-dev"] }
    }
  }

  assert {
    condition     = aws_ce_anomaly_monitor.this[0].monitor_type == "CUSTOM" && jsondecode(aws_ce_anomaly_monitor.this[0].monitor_specification).Tags.Values == ["shop-dev"]
    error_message = "With a tag, what has its values is watched."
  }

  assert {
    condition     = [for subscriber in aws_ce_anomaly_subscription.this[0].subscriber : [subscriber.type, subscriber.address]] == [["SNS", "arn:aws:sns:eu-central-1:111122223333:alerts"]]
    error_message = "Immediate messages go to the topic."
  }
}

################################################################################
# Refused
################################################################################

run "limit_of_nothing" {
  command = plan

  variables {
    limit = { amount = 0 }
  }

  expect_failures = [var.limit]
}

run "nobody_told" {
  command = plan

  variables {
    notifications = []
  }

  expect_failures = [var.notifications]
}

run "notification_without_subscriber" {
  command = plan

  variables {
    notifications = [{ on = "actual", threshold = 80 }]
  }

  expect_failures = [var.notifications]
}

run "notification_on_something_else" {
  command = plan

  variables {
    notifications = [{ on = "forecast", threshold = 80, emails = ["team@example.com"] }]
  }

  expect_failures = [var.notifications]
}

run "same_threshold_twice" {
  command = plan

  variables {
    notifications = [
      { on = "actual", threshold = 80, emails = ["team@example.com"] },
      { on = "actual", threshold = 80, emails = ["finance@example.com"] },
    ]
  }

  expect_failures = [var.notifications]
}

run "tag_with_the_prefix" {
  command = plan

  variables {
    filter = { tags = { "user:project" = ["shop"] } }
  }

  expect_failures = [var.filter]
}

run "immediate_by_mail" {
  command = plan

  variables {
    anomaly_detection = { frequency = "immediate", emails = ["team@example.com"] }
  }

  expect_failures = [var.anomaly_detection]
}
