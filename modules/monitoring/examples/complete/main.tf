# Everything the module offers, with a key whose policy lets the publishers use it.
provider "aws" {
  region = "eu-central-1"
}

data "aws_partition" "current" {}

locals {
  account_id    = "111122223333"
  load_balancer = "app/shop-prod/0123456789abcdef"
}

resource "aws_kms_key" "alerts" {
  description             = "Alerts of shop-prod"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

data "aws_iam_policy_document" "key" {
  # The account's IAM policies decide who uses and manages the key. A key without this statement can be locked for good.
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"] # in a key's policy: this key

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${local.account_id}:root"]
    }
  }

  statement {
    sid       = "Publishers"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com", "events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

module "monitoring" {
  source = "../.."

  name          = "shop-prod"
  kms_key_arn   = aws_kms_key.alerts.arn
  slack_team_id = "T0123ABCD"
  publishers    = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com", "events.amazonaws.com"]

  subscribers = {
    info     = { slack_channels = ["C0123ABCD"] }
    warning  = { emails = ["team@example.com"], slack_channels = ["C0123ABCD"] }
    critical = { emails = ["team@example.com"], slack_channels = ["C0123ABCD", "C9876WXYZ"], phone_numbers = ["+491701234567"] }
  }

  alarms = {
    unhealthy = {
      description    = "No healthy task stands behind the load balancer."
      tier           = "critical"
      comparison     = "<"
      threshold      = 1
      statistic      = "Minimum"
      period_seconds = 60
      periods        = 2
      missing_data   = "breaching"
      metric         = { namespace = "AWS/ApplicationELB", name = "HealthyHostCount", dimensions = { LoadBalancer = local.load_balancer } }
    }

    slow = {
      description       = "One request in a hundred takes longer than a second."
      tier              = "warning"
      threshold         = 1
      statistic         = "p99"
      periods           = 10
      periods_breaching = 7
      missing_data      = "notBreaching"
      metric            = { namespace = "AWS/ApplicationELB", name = "TargetResponseTime", dimensions = { LoadBalancer = local.load_balancer } }
    }

    error_rate = {
      description  = "More than 5 % of requests fail."
      tier         = "warning"
      comparison   = ">="
      threshold    = 5
      statistic    = "Sum"
      periods      = 3
      missing_data = "notBreaching"
      expression   = "IF(requests > 20, 100 * errors / requests, 0)"
      metrics = {
        errors   = { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count", dimensions = { LoadBalancer = local.load_balancer } }
        requests = { namespace = "AWS/ApplicationELB", name = "RequestCount", dimensions = { LoadBalancer = local.load_balancer } }
      }
    }

    busy = {
      description    = "The database is busy; worth a look at the slowest statements."
      tier           = "info"
      threshold      = 80
      period_seconds = 300
      tell_when_ok   = false
      metric         = { namespace = "AWS/RDS", name = "CPUUtilization", dimensions = { DBInstanceIdentifier = "shop-prod" } }
    }
  }

  composite_alarms = {
    users-feel-it = {
      description   = "Slow and failing at once. Runbook: https://wiki.example.com/shop/outage"
      tier          = "critical"
      alarms        = ["slow", "error_rate"]
      when          = "all"
      suppressed_by = "unhealthy" # which says it all by itself
    }
  }

  dashboard = {
    text = "# shop-prod\nRunbooks: https://wiki.example.com/shop"

    graphs = [
      {
        title     = "Requests"
        statistic = "Sum"
        metrics = [
          { namespace = "AWS/ApplicationELB", name = "RequestCount", dimensions = { LoadBalancer = local.load_balancer } },
          { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count", dimensions = { LoadBalancer = local.load_balancer } },
        ]
      },
      {
        title          = "Database CPU"
        period_seconds = 300
        metrics        = [{ namespace = "AWS/RDS", name = "CPUUtilization", dimensions = { DBInstanceIdentifier = "shop-prod" } }]
      },
    ]
  }
}

# The quiet account next door: topics for budgets, and nothing to look at.
module "topics" {
  source = "../.."

  name        = "sandbox"
  kms_key_arn = aws_kms_key.alerts.arn
  subscribers = { warning = { emails = ["team@example.com"] } }
}
