# Queues, topics, streams, events, workflows. AWS SQS, SNS, Kinesis, Firehose, EventBridge and Step Functions pricing pages.

cost "aws_sqs_queue" {
  usage {
    monthly_requests = "Requests"
    request_size_kb  = "KB of a request; each 64 KB begun count as one"
  }
  component "Requests" {
    price    = price("AWSQueueService", self.fifo_queue == true ? "Requests-FIFO-Tier1" : "Requests-Tier1")
    quantity = usage.monthly_requests * ceil(usage_or(usage.request_size_kb, 64) / 64)
    unit     = "1M requests"
    scale    = 1000000
  }

  example {
    # A million requests of 100 KB count as two: × 0.40.
    usage    = { monthly_requests = 1000000, request_size_kb = 100 }
    expected = { "Requests (first 100B)" = "0.8" }
    resource "aws_sqs_queue" "jobs" {
    }
  }
  example {
    usage    = { monthly_requests = 1000000 }
    expected = { "Requests (first 100B)" = "0.5" }
    resource "aws_sqs_queue" "jobs" {
      fifo_queue = true
    }
  }
}

cost "aws_sns_topic" {
  usage {
    monthly_requests          = "Requests"
    request_size_kb           = "KB of a request; each 64 KB begun count as one"
    http_subscriptions        = "HTTP and HTTPS subscriptions"
    email_subscriptions       = "E-mail subscriptions"
    kinesis_subscriptions     = "Firehose subscriptions"
    mobile_push_subscriptions = "Mobile push subscriptions"
    macos_subscriptions       = "macOS subscriptions"
    sms_subscriptions         = "SMS subscriptions"
    sms_notification_price    = "USD of an SMS, on average"
  }
  locals {
    fifo     = self.fifo_topic == true
    requests = usage.monthly_requests * ceil(usage_or(usage.request_size_kb, 64) / 64)
    subscriptions = length(linked(self, "aws_sns_topic_subscription"))
  }
  component "API requests" {
    when     = !local.fifo
    price    = price("AmazonSNS", "Requests-Tier1")
    quantity = local.requests
    unit     = "1M requests"
    scale    = 1000000
  }
  component "HTTP/HTTPS notifications" {
    when     = !local.fifo && usage_or(usage.http_subscriptions, 0) > 0
    price    = price("AmazonSNS", "DeliveryAttempts-HTTP")
    quantity = local.requests * usage.http_subscriptions
    unit     = "100k notifications"
    scale    = 100000
  }
  component "Email/Email-JSON notifications" {
    when     = !local.fifo && usage_or(usage.email_subscriptions, 0) > 0
    price    = price("AmazonSNS", "DeliveryAttempts-SMTP")
    quantity = local.requests * usage.email_subscriptions
    unit     = "100k notifications"
    scale    = 100000
  }
  component "Kinesis Firehose notifications" {
    when     = !local.fifo && usage_or(usage.kinesis_subscriptions, 0) > 0
    price    = price("AmazonSNS", "DeliveryAttempts-FIREHOSE")
    quantity = local.requests * usage.kinesis_subscriptions
    unit     = "1M notifications"
    scale    = 1000000
  }
  component "Mobile Push notifications" {
    when     = !local.fifo && usage_or(usage.mobile_push_subscriptions, 0) > 0
    price    = price("AmazonSNS", "DeliveryAttempts-GCM")
    quantity = local.requests * usage.mobile_push_subscriptions
    unit     = "1M notifications"
    scale    = 1000000
  }
  component "MacOS notifications" {
    when     = !local.fifo && usage_or(usage.macos_subscriptions, 0) > 0
    price    = price("AmazonSNS", "DeliveryAttempts-APNS")
    quantity = local.requests * usage.macos_subscriptions
    unit     = "1M notifications"
    scale    = 1000000
  }
  component "SMS notifications" {
    when     = !local.fifo && usage_or(usage.sms_subscriptions, 0) > 0
    price    = unpriced("an SMS costs what its country and carrier ask, which is not in the price list")
    quantity = local.requests * usage.sms_subscriptions
    unit     = "100 notifications"
    scale    = 100
  }
  component "FIFO Publish API requests" {
    when     = local.fifo
    price    = price("AmazonSNS", "F-Request-Tier1")
    quantity = usage.monthly_requests
    unit     = "1M requests"
    scale    = 1000000
  }
  component "FIFO Publish API payload" {
    when     = local.fifo
    price    = price("AmazonSNS", "F-Ingress-Tier1")
    quantity = usage.monthly_requests * usage.request_size_kb / 1048576
    unit     = "GB"
  }
  component "FIFO notifications" {
    when     = local.fifo && local.subscriptions > 0
    price    = price("AmazonSNS", "F-DA-SQS")
    quantity = usage.monthly_requests * local.subscriptions
    unit     = "1M notifications"
    scale    = 1000000
  }
  component "FIFO notification payload" {
    when     = local.fifo && local.subscriptions > 0
    price    = price("AmazonSNS", "F-Egress-SQS")
    quantity = usage.monthly_requests * usage.request_size_kb / 1048576 * local.subscriptions
    unit     = "GB"
  }

  example {
    # Three million requests × 0.50 a million, each to two HTTP ends: six million × 0.60.
    usage = { monthly_requests = 3000000, http_subscriptions = 2 }
    expected = {
      "API requests"             = "1.5"
      "HTTP/HTTPS notifications" = "3.6"
    }
    resource "aws_sns_topic" "news" {
    }
  }
}

cost "aws_sns_topic_subscription" {
  # All that a subscription of SQS or Lambda costs is the topic's.
  when = contains(["http", "https"], self.protocol)
  usage {
    monthly_requests = "Notifications"
    request_size_kb  = "KB of a notification; each 64 KB begun count as one"
  }
  component "HTTP notifications" {
    price    = price("AmazonSNS", "DeliveryAttempts-HTTP")
    quantity = usage.monthly_requests * ceil(usage_or(usage.request_size_kb, 64) / 64)
    unit     = "1M notifications"
    scale    = 1000000
  }

  example {
    # A million × 0.60.
    usage    = { monthly_requests = 1000000 }
    expected = { "HTTP notifications" = "0.6" }
    resource "aws_sns_topic_subscription" "hook" {
      topic_arn = "arn:aws:sns:us-east-1:111122223333:news"
      protocol  = "https"
      endpoint  = "https://example.com/hook"
    }
  }
}

cost "aws_kinesis_stream" {
  usage {
    monthly_on_demand_data_in_gb                = "GB written (on demand)"
    monthly_on_demand_data_out_gb               = "GB read (on demand)"
    monthly_on_demand_efo_data_out_gb           = "GB read with enhanced fan-out (on demand)"
    monthly_on_demand_extended_retention_gb     = "GB kept for more than a day (on demand)"
    monthly_on_demand_long_term_retention_gb    = "GB kept for more than seven days (on demand)"
    monthly_provisioned_put_units               = "Put units of 25 KB (provisioned)"
    monthly_provisioned_extended_retention_gb   = "GB kept for more than a day (provisioned)"
    monthly_provisioned_long_term_retention_gb  = "GB kept for more than seven days (provisioned)"
    monthly_provisioned_long_term_retrieval_gb  = "GB read that are older than seven days (provisioned)"
    monthly_provisioned_efo_data_out_gb         = "GB read with enhanced fan-out (provisioned)"
    monthly_provisioned_efo_consumer_hours      = "Consumer hours of enhanced fan-out (provisioned)"
  }
  locals {
    on_demand = self.stream_mode_details.stream_mode == "ON_DEMAND"
    shards    = self.shard_count
  }
  component "ON_DEMAND" {
    when     = local.on_demand
    price    = price("AmazonKinesis", "OnDemand-StreamHour")
    quantity = 730
    unit     = "hours"
  }
  component "Data ingested" {
    when     = local.on_demand
    price    = price("AmazonKinesis", "OnDemand-BilledIncomingBytes")
    quantity = usage.monthly_on_demand_data_in_gb
    unit     = "GB"
  }
  component "Data retrieval" {
    when     = local.on_demand
    price    = price("AmazonKinesis", "OnDemand-BilledOutgoingBytes")
    quantity = usage.monthly_on_demand_data_out_gb
    unit     = "GB"
  }
  component "Enhanced Fan Out (EFO) Data retrieval" {
    when     = local.on_demand && usage_or(usage.monthly_on_demand_efo_data_out_gb, 0) > 0
    price    = price("AmazonKinesis", "OnDemand-BilledOutgoingEFOBytes")
    quantity = usage.monthly_on_demand_efo_data_out_gb
    unit     = "GB"
  }
  component "Extended retention (24H to 7D)" {
    when     = local.on_demand && (self.retention_period > 24 || usage_or(usage.monthly_on_demand_extended_retention_gb, null) != null)
    price    = price("AmazonKinesis", "OnDemand-ExtendedRetention-ByteHrs")
    quantity = usage.monthly_on_demand_extended_retention_gb
    unit     = "GB"
  }
  component "Long term retention (7D+)" {
    when     = local.on_demand && (self.retention_period > 168 || usage_or(usage.monthly_on_demand_long_term_retention_gb, null) != null)
    price    = price("AmazonKinesis", "OnDemand-LongTermRetention-ByteHrs")
    quantity = usage.monthly_on_demand_long_term_retention_gb
    unit     = "GB"
  }
  component "PROVISIONED" {
    when     = !local.on_demand
    price    = price("AmazonKinesis", "Storage-ShardHour")
    quantity = local.shards * 730
    unit     = "hours"
  }
  component "Put request unit" {
    when     = !local.on_demand
    price    = price("AmazonKinesis", "PutRequestPayloadUnits")
    quantity = usage.monthly_provisioned_put_units
    unit     = "units"
  }
  component "Extended retention (24H to 7D)" {
    when     = !local.on_demand && (self.retention_period > 24 || usage_or(usage.monthly_provisioned_extended_retention_gb, null) != null)
    price    = price("AmazonKinesis", "Extended-ShardHour")
    quantity = local.shards * 730
    unit     = "hours"
  }
  component "Long term retention (7D+)" {
    when     = !local.on_demand && (self.retention_period > 168 || usage_or(usage.monthly_provisioned_long_term_retention_gb, null) != null)
    price    = price("AmazonKinesis", "LongTermRetention-ByteHrs")
    quantity = usage.monthly_provisioned_long_term_retention_gb
    unit     = "GB"
  }
  component "Extended retention retrieval (7D+)" {
    when     = !local.on_demand && (self.retention_period > 168 || usage_or(usage.monthly_provisioned_long_term_retrieval_gb, null) != null)
    price    = price("AmazonKinesis", "LongTermRetention-ReadBytes")
    quantity = usage.monthly_provisioned_long_term_retrieval_gb
    unit     = "GB"
  }
  component "Enhanced Fan Out (EFO)" {
    when     = !local.on_demand && usage_or(usage.monthly_provisioned_efo_consumer_hours, 0) > 0
    price    = price("AmazonKinesis", "EnhancedFanoutHour")
    quantity = usage.monthly_provisioned_efo_consumer_hours * local.shards
    unit     = "consumer-shard hour"
  }
  component "Enhanced Fan Out (EFO) Data retrieval" {
    when     = !local.on_demand && usage_or(usage.monthly_provisioned_efo_data_out_gb, 0) > 0
    price    = price("AmazonKinesis", "ReadBytes")
    quantity = usage.monthly_provisioned_efo_data_out_gb
    unit     = "GB"
  }

  example {
    # Two shards × 730 h × 0.015; 100 million units × 0.000000014.
    usage    = { monthly_provisioned_put_units = 100000000 }
    expected = { "PROVISIONED" = "21.9", "Put request unit" = "1.4" }
    resource "aws_kinesis_stream" "events" {
      name        = "events"
      shard_count = 2
    }
  }
  example {
    # 730 h × 0.04; 100 GB × 0.08 in and × 0.04 out.
    usage    = { monthly_on_demand_data_in_gb = 100, monthly_on_demand_data_out_gb = 100 }
    expected = { "ON_DEMAND" = "29.2", "Data ingested" = "8", "Data retrieval" = "4" }
    resource "aws_kinesis_stream" "events" {
      name = "events"
      stream_mode_details {
        stream_mode = "ON_DEMAND"
      }
    }
  }
}

cost "aws_kinesis_firehose_delivery_stream" {
  usage {
    monthly_data_ingested_gb = "GB ingested"
  }
  locals {
    vpc = length(self.elasticsearch_configuration.vpc_config) > 0 || length(self.opensearch_configuration.vpc_config) > 0
    zones = length(self.elasticsearch_configuration.vpc_config) > 0 ? size(self.elasticsearch_configuration.vpc_config.subnet_ids) : size(self.opensearch_configuration.vpc_config.subnet_ids)
  }
  component "Data ingested" {
    price    = price("AmazonKinesisFirehose", "BilledBytes")
    quantity = usage.monthly_data_ingested_gb
    unit     = "GB"
  }
  component "Format conversion" {
    when     = length(self.extended_s3_configuration.data_format_conversion_configuration) > 0
    price    = price("AmazonKinesisFirehose", "DataFormatConversion-Bytes")
    quantity = usage.monthly_data_ingested_gb
    unit     = "GB"
  }
  component "VPC data" {
    when     = local.vpc
    price    = price("AmazonKinesisFirehose", "VpcBandwidth")
    quantity = usage.monthly_data_ingested_gb
    unit     = "GB"
  }
  component "VPC AZ delivery" {
    when     = local.vpc
    price    = price("AmazonKinesisFirehose", "RunVpcInstance")
    quantity = local.zones * 730
    unit     = "hours"
  }

  example {
    # 600,000 GB: the first 512,000 × 0.029, the rest × 0.025.
    usage    = { monthly_data_ingested_gb = 600000 }
    expected = { "Data ingested (first 500TB)" = "14848", "Data ingested (next 1500TB)" = "2200" }
    resource "aws_kinesis_firehose_delivery_stream" "logs" {
      name        = "logs"
      destination = "extended_s3"
      extended_s3_configuration {
        role_arn   = "arn:aws:iam::111122223333:role/x"
        bucket_arn = "arn:aws:s3:::logs"
      }
    }
  }
}

cost "aws_cloudwatch_event_bus" {
  usage {
    monthly_custom_events           = "Own events; each 64 KB begun count as one"
    monthly_third_party_events      = "Events of partners and of other accounts; each 64 KB begun count as one"
    monthly_archive_processing_gb   = "GB put into archives"
    archive_storage_gb              = "GB of archives"
    monthly_schema_discovery_events = "Events of schema discovery; each 8 KB begun count as one"
  }
  component "Custom events published" {
    price    = price("AWSEvents", "Event-64K-Chunks", { eventType = "Custom Event" })
    quantity = usage.monthly_custom_events
    unit     = "1M events"
    scale    = 1000000
  }
  component "Third-party events published" {
    price    = price("AWSEvents", "Event-64K-Chunks", { eventType = "Partner Event" })
    quantity = usage.monthly_third_party_events
    unit     = "1M events"
    scale    = 1000000
  }
  component "Archive processing" {
    price    = price("AWSEvents", "ArchivedEvents-Bytes")
    quantity = usage.monthly_archive_processing_gb
    unit     = "GB"
  }
  component "Archive storage" {
    price    = price("AWSEvents", "TimedStorage-ByteHrs")
    quantity = usage.archive_storage_gb
    unit     = "GB"
  }
  component "Schema discovery" {
    price    = price("AWSEvents", "Event-8K-Chunks", { eventType = "Discovery Event" })
    quantity = usage.monthly_schema_discovery_events
    unit     = "1M events"
    scale    = 1000000
  }

  example {
    # A million × 1; two million × 1; 100 GB × 0.10; 200 GB × 0.023; a million × 0.10.
    usage = { monthly_custom_events = 1000000, monthly_third_party_events = 2000000, monthly_archive_processing_gb = 100, archive_storage_gb = 200, monthly_schema_discovery_events = 1000000 }
    expected = {
      "Custom events published"      = "1"
      "Third-party events published" = "2"
      "Archive processing"           = "10"
      "Archive storage"              = "4.6"
      "Schema discovery"             = "0.1"
    }
    resource "aws_cloudwatch_event_bus" "main" {
      name = "main"
    }
  }
}

cost "aws_sfn_state_machine" {
  usage {
    monthly_transitions  = "Transitions (standard workflows)"
    monthly_requests     = "Requests (express workflows)"
    memory_mb            = "MB of memory of a workflow, on average (express workflows)"
    workflow_duration_ms = "Milliseconds that a workflow takes, on average (express workflows)"
  }
  locals {
    express = self.type == "EXPRESS"
    # Memory counts in steps of 64 MB, time in steps of 100 ms.
    seconds = usage.monthly_requests * ceil(usage.workflow_duration_ms / 100) / 10 * ceil(max(1, usage.memory_mb) / 64) * 64 / 1024
  }
  component "Transitions" {
    when     = !local.express
    price    = price("AmazonStates", "StateTransition")
    quantity = usage.monthly_transitions
    unit     = "1K transitions"
    scale    = 1000
  }
  component "Requests" {
    when     = local.express
    price    = price("AmazonStates", "StepFunctions-Request")
    quantity = usage.monthly_requests
    unit     = "1M requests"
    scale    = 1000000
  }
  component "Duration" {
    when     = local.express
    price    = price("AmazonStates", "StepFunctions-GB-Second")
    quantity = local.seconds
    unit     = "GB-hours"
    scale    = 3600
  }

  example {
    # A hundred thousand × 0.025 a thousand.
    usage    = { monthly_transitions = 100000 }
    expected = { "Transitions" = "2.5" }
    resource "aws_sfn_state_machine" "orders" {
      name       = "orders"
      role_arn   = "arn:aws:iam::111122223333:role/x"
      definition = "{}"
    }
  }
  example {
    # Ten million × 1 a million; × 0.5 s × 128 MB = 625,000 GB-seconds × 0.00001667.
    usage    = { monthly_requests = 10000000, memory_mb = 128, workflow_duration_ms = 450 }
    expected = { "Requests" = "10", "Duration (first 3.6M)" = "10.41875" }
    resource "aws_sfn_state_machine" "orders" {
      name       = "orders"
      type       = "EXPRESS"
      role_arn   = "arn:aws:iam::111122223333:role/x"
      definition = "{}"
    }
  }
}

cost "aws_scheduler_schedule" {
  usage {
    monthly_invocations = "Invocations of the target"
  }
  component "Scheduled invocations" {
    price    = price("AWSEvents", "ScheduledInvocation")
    quantity = usage.monthly_invocations
    unit     = "1M invocations"
    scale    = 1000000
  }

  example {
    # Two million × 1.
    usage    = { monthly_invocations = 2000000 }
    expected = { "Scheduled invocations" = "2" }
    resource "aws_scheduler_schedule" "main" {
      schedule_expression = "rate(1 minute)"
      flexible_time_window {
        mode = "OFF"
      }
      target {
        arn      = "arn:aws:sqs:us-east-1:123456789012:main"
        role_arn = "arn:aws:iam::123456789012:role/main"
      }
    }
  }
}
