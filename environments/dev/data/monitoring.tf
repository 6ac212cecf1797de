################################################################################
# Anomalies, alarms and dashboard
################################################################################

locals {
  function_dimensions  = { FunctionName = module.process.name }
  table_dimensions     = { TableName = module.metadata.name }
  warehouse_dimensions = { ClusterIdentifier = local.name }

  alarms = {
    errors = {
      description  = "Processing of readings fails. Lambda tries again twice; see the function's log for why."
      tier         = "warning"
      statistic    = "Sum"
      threshold    = var.alarms.errors_per_5_minutes
      period       = 300
      periods      = 1
      missing_data = "notBreaching" # no calls, no data
      metric       = { namespace = "AWS/Lambda", name = "Errors", dimensions = local.function_dimensions }
    }

    throttles = {
      description  = "Calls are refused: more readings arrive at once than reserved_concurrency lets through."
      tier         = "warning"
      statistic    = "Sum"
      threshold    = 0
      period       = 300
      periods      = 3
      missing_data = "notBreaching"
      metric       = { namespace = "AWS/Lambda", name = "Throttles", dimensions = local.function_dimensions }
    }

    slow = {
      description  = "One call in a hundred takes more than 80 % of the time it has; at 100 % it is cut off."
      tier         = "warning"
      statistic    = "p99"
      threshold    = 800 * var.function.size.timeout # the metric is in milliseconds
      period       = 300
      periods      = 3
      missing_data = "notBreaching"
      metric       = { namespace = "AWS/Lambda", name = "Duration", dimensions = local.function_dimensions }
    }

    unprocessed = {
      description  = "Readings could not be processed and lie in the dead letter queue, for two weeks."
      tier         = "critical"
      statistic    = "Maximum"
      threshold    = 0
      period       = 300
      periods      = 1
      missing_data = "notBreaching"
      metric       = { namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = module.process.dead_letters.name } }
    }

    lost = {
      description  = "Readings could not be processed, and not even be put into the dead letter queue; they are in the raw bucket only."
      tier         = "critical"
      statistic    = "Sum"
      threshold    = 0
      period       = 300
      periods      = 1
      missing_data = "notBreaching"
      metric       = { namespace = "AWS/Lambda", name = "DeadLetterErrors", dimensions = local.function_dimensions }
    }

    metadata-throttles = {
      description  = "The table refuses writes: too many for one sensor, or above table.on_demand_limits."
      tier         = "warning"
      statistic    = "Sum"
      threshold    = 0
      period       = 300
      periods      = 3
      missing_data = "notBreaching"
      metric       = { namespace = "AWS/DynamoDB", name = "WriteThrottleEvents", dimensions = local.table_dimensions }
    }
  }

  # Only where sensors send all the time is silence a fault.
  silence_alarms = {
    silence = {
      description  = "No readings arrive. Sensors, or what uploads for them, may be down."
      tier         = "critical"
      statistic    = "Sum"
      comparison   = "<"
      threshold    = 1
      period       = 300
      periods      = try(ceil(var.alarms.silence_minutes / 5), 1)
      missing_data = "breaching"
      metric       = { namespace = "AWS/Lambda", name = "Invocations", dimensions = local.function_dimensions }
    }
  }

  warehouse_alarms = {
    warehouse-down = {
      description  = "The warehouse does not answer its health check."
      tier         = "critical"
      statistic    = "Minimum"
      comparison   = "<"
      threshold    = 1
      period       = 60
      periods      = 5
      missing_data = "breaching"
      metric       = { namespace = "AWS/Redshift", name = "HealthStatus", dimensions = local.warehouse_dimensions }
    }

    warehouse-full = {
      description  = "The warehouse's disks fill up; statements fail when they are full."
      tier         = "warning"
      statistic    = "Maximum"
      threshold    = 80
      period       = 300
      periods      = 3
      missing_data = "missing"
      metric       = { namespace = "AWS/Redshift", name = "PercentageDiskSpaceUsed", dimensions = local.warehouse_dimensions }
    }
  }

  all_alarms = merge(
    local.alarms,
    { for name, alarm in local.silence_alarms : name => alarm if var.alarms.silence_minutes != null },
    { for name, alarm in local.warehouse_alarms : name => alarm if var.enable_redshift },
  )
}

module "monitoring" {
  source = "../../../modules/monitoring"

  name        = local.name
  kms_key_arn = aws_kms_key.alerts.arn
  publishers  = ["cloudwatch.amazonaws.com"]

  # The function tells anomalies to the tier warning.
  subscribers = {
    warning  = { emails = [var.alert_email] }
    critical = { emails = [var.alert_email] }
  }

  alarms = merge(
    {
      for name, alarm in local.all_alarms : name => {
        description    = alarm.description
        tier           = alarm.tier
        comparison     = try(alarm.comparison, ">")
        statistic      = alarm.statistic
        threshold      = alarm.threshold
        period_seconds = alarm.period
        periods        = alarm.periods
        missing_data   = alarm.missing_data
        metric         = alarm.metric
      }
    },
    local.api_alarms,
  )

  dashboard = {
    text = "# ${local.name}\nReadings: S3 `${module.raw.name}` → Lambda `${module.process.name}` → S3 `${module.processed.name}`, metadata in DynamoDB `${module.metadata.name}` → https://${var.domain.name}"

    graphs = concat(
      [
        {
          title          = "Readings processed, failed and refused"
          statistic      = "Sum"
          period_seconds = 300
          metrics = [
            for metric in ["Invocations", "Errors", "Throttles"] : { namespace = "AWS/Lambda", name = metric, dimensions = local.function_dimensions }
          ]
        },
        {
          title          = "Time a call takes (p99, ms)"
          statistic      = "p99"
          period_seconds = 300
          metrics        = [{ namespace = "AWS/Lambda", name = "Duration", dimensions = local.function_dimensions }]
        },
        {
          title          = "Could not be processed"
          statistic      = "Maximum"
          period_seconds = 300
          metrics        = [{ namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = module.process.dead_letters.name } }]
        },
        {
          title          = "Metadata: units used, writes refused"
          statistic      = "Sum"
          period_seconds = 300
          metrics = [
            for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "WriteThrottleEvents"] :
            { namespace = "AWS/DynamoDB", name = metric, dimensions = local.table_dimensions }
          ]
        },
      ],
      local.api_graphs,
      [
        for metric, title in { CPUUtilization = "Warehouse CPU (%)", PercentageDiskSpaceUsed = "Warehouse disks (%)" } : {
          title                               = title
          statistic                           = "Average"
          period_seconds                      = 300
          metrics                             = [{ namespace = "AWS/Redshift", name = metric, dimensions = local.warehouse_dimensions }]
        } if var.enable_redshift
      ],
    )
  }
}
