locals {
  # Sorted, so that a plan shows a change only where there is one. AWS Budgets writes a tag as user:<key>$<value>.
  cost_filters = merge(
    length(var.filter.services) > 0 ? { Service = sort(var.filter.services) } : {},
    length(var.filter.regions) > 0 ? { Region = sort(var.filter.regions) } : {},
    length(var.filter.linked_accounts) > 0 ? { LinkedAccount = sort(var.filter.linked_accounts) } : {},
    length(var.filter.tags) > 0 ? {
      TagKeyValue = flatten([for key, values in var.filter.tags : [for value in sort(values) : format("user:%s$%s", key, value)]])
    } : {},
  )
}

################################################################################
# Budget
################################################################################

resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = var.limit.amount
  limit_unit   = var.limit.currency

  dynamic "cost_filter" {
    for_each = local.cost_filters

    content {
      name   = cost_filter.key
      values = cost_filter.value
    }
  }

  cost_types {
    # What was used, not what happens to be refunded: a credit that runs out must not be the first warning.
    include_credit = var.cost_types.credits
    include_refund = var.cost_types.refunds

    include_tax     = var.cost_types.tax
    include_support = var.cost_types.support
    use_amortized   = var.cost_types.amortized
    use_blended     = false
  }

  dynamic "notification" {
    for_each = var.notifications

    content {
      notification_type          = upper(notification.value.on)
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value.threshold
      threshold_type             = notification.value.unit == "percent" ? "PERCENTAGE" : "ABSOLUTE_VALUE"
      subscriber_email_addresses = notification.value.emails
      subscriber_sns_topic_arns  = notification.value.sns_topic_arns
    }
  }

  tags = { Name = var.name }
}

################################################################################
# Anomalies
################################################################################

resource "aws_ce_anomaly_monitor" "this" {
  count = var.anomaly_detection == null ? 0 : 1

  name              = var.name
  monitor_type      = var.anomaly_detection.tag == null ? "DIMENSIONAL" : "CUSTOM"
  monitor_dimension = var.anomaly_detection.tag == null ? "SERVICE" : null

  monitor_specification = var.anomaly_detection.tag == null ? null : jsonencode({
    And            = null
    CostCategories = null
    Dimensions     = null
    Not            = null
    Or             = null

    Tags = {
      Key          = var.anomaly_detection.tag.key
      MatchOptions = null
      Values       = sort(var.anomaly_detection.tag.values)
    }
  })

  tags = { Name = var.name }
}

resource "aws_ce_anomaly_subscription" "this" {
  count = var.anomaly_detection == null ? 0 : 1

  name             = var.name
  frequency        = upper(var.anomaly_detection.frequency)
  monitor_arn_list = [aws_ce_anomaly_monitor.this[0].arn]

  dynamic "subscriber" {
    for_each = var.anomaly_detection.emails

    content {
      type    = "EMAIL"
      address = subscriber.value
    }
  }

  dynamic "subscriber" {
    for_each = var.anomaly_detection.sns_topic_arn[*]

    content {
      type    = "SNS"
      address = subscriber.value
    }
  }

  # Both have to be passed: a few cents can double, and a large bill can grow by a small part of it.
  threshold_expression {
    and {
      dimension {
        key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
        match_options = ["GREATER_THAN_OR_EQUAL"]
        values        = [tostring(var.anomaly_detection.min_impact)]
      }
    }

    and {
      dimension {
        key           = "ANOMALY_TOTAL_IMPACT_PERCENTAGE"
        match_options = ["GREATER_THAN_OR_EQUAL"]
        values        = [tostring(var.anomaly_detection.min_impact_percent)]
      }
    }
  }

  tags = { Name = var.name }
}
