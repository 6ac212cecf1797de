# Logs, alarms, dashboards. AWS CloudWatch pricing page.

cost "aws_cloudwatch_log_group" {
  usage {
    storage_gb               = "GB stored"
    monthly_data_ingested_gb = "GB ingested"
    monthly_data_scanned_gb  = "GB that Logs Insights scans"
  }
  locals {
    infrequent = self.log_group_class == "INFREQUENT_ACCESS"
  }
  component "Data ingested" {
    price    = price("AmazonCloudWatch", local.infrequent ? "DataProcessingIA-Bytes" : "DataProcessing-Bytes")
    quantity = usage.monthly_data_ingested_gb
    unit     = "GB"
  }
  component "Archival Storage" {
    price    = price("AmazonCloudWatch", "TimedStorage-ByteHrs")
    quantity = usage.storage_gb
    unit     = "GB"
  }
  component "Insights queries data scanned" {
    price    = price("AmazonCloudWatch", "DataScanned-Bytes")
    quantity = usage.monthly_data_scanned_gb
    unit     = "GB"
  }

  example {
    # 1,000 GB × 0.50 and × 0.03; 200 GB × 0.005.
    usage = { storage_gb = 1000, monthly_data_ingested_gb = 1000, monthly_data_scanned_gb = 200 }
    expected = {
      "Data ingested"                 = "500"
      "Archival Storage"              = "30"
      "Insights queries data scanned" = "1"
    }
    resource "aws_cloudwatch_log_group" "api" {
      name = "api"
    }
  }
  example {
    usage = { monthly_data_ingested_gb = 1000 }
    expected = {
      "Data ingested"                 = "250"
      "Archival Storage"              = "usage"
      "Insights queries data scanned" = "usage"
    }
    resource "aws_cloudwatch_log_group" "api" {
      name            = "api"
      log_group_class = "INFREQUENT_ACCESS"
    }
  }
}

cost "aws_cloudwatch_metric_alarm" {
  locals {
    periods = concat(self.period == null ? [] : [self.period], [for q in self.metric_query : q.metric.period if q.metric.period != null])
    high    = length(local.periods) > 0 && min(local.periods...) < 60
    metrics = length([for q in self.metric_query : q if length(q.metric) > 0])
    anomaly = self.threshold_metric_id != null
    count   = local.metrics > 0 ? local.metrics : 1
  }
  component "Alarm" {
    name     = "${local.high ? "High resolution" : "Standard resolution"}${local.anomaly ? " anomaly detection" : ""}"
    price    = price("AmazonCloudWatch", local.high ? "CW:HighResAlarmMonitorUsage" : "CW:AlarmMonitorUsage")
    # An anomaly detection alarm has the metric and the two ends of the band.
    quantity = local.anomaly ? 3 : local.count
    unit     = "alarm metrics"
  }

  example {
    # One × 0.10.
    expected = { "Standard resolution" = "0.1" }
    resource "aws_cloudwatch_metric_alarm" "cpu" {
      alarm_name          = "cpu"
      comparison_operator = "GreaterThanThreshold"
      evaluation_periods  = 1
      metric_name         = "CPUUtilization"
      namespace           = "AWS/EC2"
      period              = 300
      statistic           = "Average"
      threshold           = 80
    }
  }
  example {
    # One × 0.30.
    expected = { "High resolution" = "0.3" }
    resource "aws_cloudwatch_metric_alarm" "cpu" {
      alarm_name          = "cpu"
      comparison_operator = "GreaterThanThreshold"
      evaluation_periods  = 1
      metric_name         = "requests"
      namespace           = "own"
      period              = 10
      statistic           = "Average"
      threshold           = 80
    }
  }
}

cost "aws_cloudwatch_composite_alarm" {
  component "Composite alarm" {
    price    = price("AmazonCloudWatch", "CW:CompositeAlarmMonitorUsage")
    quantity = 1
    unit     = "alarms"
  }

  example {
    # One × 0.50.
    expected = { "Composite alarm" = "0.5" }
    resource "aws_cloudwatch_composite_alarm" "both" {
      alarm_name = "both"
      alarm_rule = "ALARM(a) AND ALARM(b)"
    }
  }
}

cost "aws_cloudwatch_dashboard" {
  component "Dashboard" {
    # The first three of an account are free.
    price    = price("AmazonCloudWatch", "DashboardsUsageHour")
    region   = "global"
    quantity = 1
    unit     = "months"
  }

  example {
    # One × 3.
    expected = { "Dashboard" = "3" }
    resource "aws_cloudwatch_dashboard" "main" {
      dashboard_name = "main"
      dashboard_body = "{}"
    }
  }
}

cost "aws_grafana_workspace" {
  usage {
    editors_administrator_licenses = "Editors and administrators that are active in a month"
    viewer_licenses                = "Viewers that are active in a month"
  }
  component "Editor/administrator licenses" {
    price    = price("AmazonGrafana", "Grafana:EditorUser")
    quantity = usage.editors_administrator_licenses
    unit     = "users"
  }
  component "Viewer licenses" {
    price    = price("AmazonGrafana", "Grafana:ViewerUser")
    quantity = usage.viewer_licenses
    unit     = "users"
  }

  example {
    # 2 × 9; 10 × 5.
    usage = { editors_administrator_licenses = 2, viewer_licenses = 10 }
    expected = {
      "Editor/administrator licenses" = "18"
      "Viewer licenses"               = "50"
    }
    resource "aws_grafana_workspace" "main" {
      account_access_type      = "CURRENT_ACCOUNT"
      authentication_providers = ["SAML"]
      permission_type          = "SERVICE_MANAGED"
    }
  }
}

cost "aws_synthetics_canary" {
  usage {
    monthly_runs = "Runs of the canary"
  }
  component "Canary runs" {
    price    = price("AmazonCloudWatch", "CW:Canary-runs")
    quantity = usage.monthly_runs
    unit     = "runs"
  }

  example {
    # Every five minutes: 8,760 × 0.0012.
    usage    = { monthly_runs = 8760 }
    expected = { "Canary runs" = "10.512" }
    resource "aws_synthetics_canary" "main" {
      name                 = "main"
      artifact_s3_location = "s3://main/"
      execution_role_arn   = "arn:aws:iam::123456789012:role/main"
      handler              = "main.handler"
      runtime_version      = "syn-nodejs-puppeteer-9.1"
      schedule {
        expression = "rate(5 minutes)"
      }
    }
  }
}

cost "aws_cloudwatch_metric_stream" {
  usage {
    monthly_metric_updates = "Updates of metrics that are streamed"
  }
  component "Metric updates" {
    price    = price("AmazonCloudWatch", "CW:MetricStreamUsage")
    quantity = usage.monthly_metric_updates
    unit     = "1k updates"
    scale    = 1000
  }

  example {
    # A million × 0.003 a thousand.
    usage    = { monthly_metric_updates = 1000000 }
    expected = { "Metric updates" = "3" }
    resource "aws_cloudwatch_metric_stream" "main" {
      name          = "main"
      firehose_arn  = "arn:aws:firehose:us-east-1:123456789012:deliverystream/main"
      output_format = "json"
      role_arn      = "arn:aws:iam::123456789012:role/main"
    }
  }
}
