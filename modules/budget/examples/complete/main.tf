# A budget for an environment, with everything the module offers, and one for a service.
provider "aws" {
  region = "eu-central-1"
}

locals {
  alerts_topic_arn = "arn:aws:sns:eu-central-1:111122223333:shop-dev-warning"
}

module "environment" {
  source = "../.."

  name   = "shop-dev"
  limit  = { amount = 300, currency = "USD" }
  filter = { tags = { stack = ["shop-dev-services", "shop-dev-data"] } }

  cost_types = {
    credits   = false
    refunds   = false
    tax       = false
    support   = false
    amortized = true
  }

  notifications = [
    { on = "forecasted", threshold = 100, emails = ["team@example.com"], sns_topic_arns = [local.alerts_topic_arn] },
    { on = "actual", threshold = 80, emails = ["team@example.com"] },
    { on = "actual", threshold = 500, unit = "absolute", emails = ["team@example.com", "finance@example.com"] },
  ]

  anomaly_detection = {
    frequency          = "immediate"
    sns_topic_arn      = local.alerts_topic_arn
    min_impact         = 10
    min_impact_percent = 30
    tag                = { key = "stack", values = ["shop-dev-services", "shop-dev-data"] }
  }
}

module "databases" {
  source = "../.."

  name  = "databases"
  limit = { amount = 120.5 }

  filter = {
    services        = ["Amazon Relational Database Service", "Amazon ElastiCache"]
    regions         = ["eu-central-1"]
    linked_accounts = ["111122223333"]
  }

  notifications = [
    { on = "actual", threshold = 100, emails = ["team@example.com"] },
  ]

  anomaly_detection = {
    frequency = "weekly"
    emails    = ["team@example.com"]
  }
}
