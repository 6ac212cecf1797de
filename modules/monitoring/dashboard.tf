################################################################################
# Dashboard: texts first, then what alarms, then graphs, two in a row
################################################################################

locals {
  # CloudWatch's grid is 24 wide.
  dashboard_texts = [for text in var.dashboard == null ? [] : var.dashboard.text[*] : {
    type       = "text"
    x          = 0
    y          = 0
    width      = 24
    height     = 3
    properties = { markdown = text }
  }]

  dashboard_tiers = [for tier in ["critical", "warning", "info"] : tier if anytrue([for alarm in var.alarms : alarm.tier == tier])]

  dashboard_alarms = [for index, tier in local.dashboard_tiers : {
    type   = "alarm"
    x      = 0
    y      = 3 + index * 3
    width  = 24
    height = 3

    properties = {
      title  = tier
      alarms = [for name, alarm in aws_cloudwatch_metric_alarm.this : alarm.arn if var.alarms[name].tier == tier]
    }
  }]

  dashboard_graphs = [for index, graph in var.dashboard == null ? [] : var.dashboard.graphs : {
    type   = "metric"
    x      = index % 2 * 12
    y      = 12 + floor(index / 2) * 6
    width  = 12
    height = 6

    properties = {
      title   = graph.title
      region  = local.region
      view    = "timeSeries"
      stacked = graph.stacked
      stat    = graph.statistic
      period  = graph.period_seconds
      yAxis   = { left = { min = 0 } }

      # CloudWatch's form: namespace, name, then each dimension's name and value.
      metrics = [for metric in graph.metrics : concat(
        [metric.namespace, metric.name],
        flatten([for name, value in metric.dimensions : [name, value]]),
      )]
    }
  }]

  # Topics alone, which is all that some accounts want of this module, leave nothing to look at. Not try(), which knows
  # nothing of a list of which one name is not known yet.
  has_dashboard = var.dashboard == null ? false : var.dashboard.text != null || length(var.dashboard.graphs) + length(var.alarms) > 0
}

resource "aws_cloudwatch_dashboard" "this" {
  count = local.has_dashboard ? 1 : 0

  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(local.dashboard_texts, local.dashboard_alarms, local.dashboard_graphs)
  })
}
