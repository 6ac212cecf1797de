mock_provider "aws" {}

variables {
  name        = "sensors-dev-metadata"
  key         = { hash = "sensor", range = "taken_at" }
  attributes  = { sensor = "S", taken_at = "N" }
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1"
}

run "safe_and_paid_by_request_by_default" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST" && length(aws_appautoscaling_target.this) == 0
    error_message = "Requests must be paid for one by one."
  }

  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].enabled && aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.kms_key_arn
    error_message = "The table must be encrypted with the given key."
  }

  assert {
    condition     = aws_dynamodb_table.this.point_in_time_recovery[0].enabled && aws_dynamodb_table.this.point_in_time_recovery[0].recovery_period_in_days == 35
    error_message = "The table must be recoverable for 35 days."
  }

  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "The table must be protected."
  }

  assert {
    condition     = !aws_dynamodb_table.this.stream_enabled && length(aws_dynamodb_table.this.ttl) == 0 && length(aws_dynamodb_table.this.replica) == 0
    error_message = "What nobody asked for must not be switched on."
  }

  assert {
    condition     = output.stream_arn == null
    error_message = "Without a stream there is no ARN of one."
  }
}

run "indexes" {
  command = plan

  variables {
    attributes = { sensor = "S", taken_at = "N", site = "S", kind = "S" }

    global_indexes = {
      all     = { hash = "site" }
      some    = { hash = "site", range = "taken_at", projection = ["kind"] }
      nothing = { hash = "kind", projection = [] }
    }

    local_indexes = {
      by-kind = { range = "kind", projection = ["site"] }
    }
  }

  assert {
    condition     = { for index in aws_dynamodb_table.this.global_secondary_index : index.name => index.projection_type } == { all = "ALL", some = "INCLUDE", nothing = "KEYS_ONLY" }
    error_message = "What an index holds must follow from its projection."
  }

  assert {
    condition     = one(aws_dynamodb_table.this.local_secondary_index).range_key == "kind" && one(aws_dynamodb_table.this.local_secondary_index).projection_type == "INCLUDE"
    error_message = "The local index must be sorted by kind."
  }

  assert {
    condition     = length(aws_dynamodb_table.this.attribute) == 4
    error_message = "Each attribute must have a type."
  }
}

run "provisioned_scales" {
  command = plan

  variables {
    attributes  = { sensor = "S", taken_at = "N", site = "S" }
    provisioned = { read = { min = 5, max = 100 }, write = { min = 2, max = 50 }, use_percent = 60 }

    global_indexes = {
      by-site = { hash = "site", capacity = { write = { min = 3, max = 30 } } }
    }
  }

  assert {
    condition     = aws_dynamodb_table.this.billing_mode == "PROVISIONED" && aws_dynamodb_table.this.read_capacity == 5 && aws_dynamodb_table.this.write_capacity == 2
    error_message = "The table must begin with the least capacities."
  }

  assert {
    condition     = keys(aws_appautoscaling_target.this) == ["index-by-site-read", "index-by-site-write", "table-read", "table-write"]
    error_message = "Table and index must scale, for reads and writes."
  }

  assert {
    condition     = aws_appautoscaling_target.this["index-by-site-write"].scalable_dimension == "dynamodb:index:WriteCapacityUnits" && aws_appautoscaling_target.this["index-by-site-write"].resource_id == "table/sensors-dev-metadata/index/by-site" && aws_appautoscaling_target.this["index-by-site-write"].max_capacity == 30
    error_message = "The index must scale within its own range."
  }

  assert {
    condition     = aws_appautoscaling_policy.this["table-read"].target_tracking_scaling_policy_configuration[0].target_value == 60 && aws_appautoscaling_policy.this["table-read"].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type == "DynamoDBReadCapacityUtilization"
    error_message = "Reads must be kept at 60 percent."
  }
}

run "global_with_stream_and_ttl" {
  command = plan

  variables {
    stream              = "NEW_AND_OLD_IMAGES"
    ttl_attribute       = "expires_at"
    on_demand_limits    = { write = 1000 }
    deletion_protection = false
    replicas            = { eu-west-1 = "arn:aws:kms:eu-west-1:111122223333:key/2" }
  }

  assert {
    condition     = aws_dynamodb_table.this.stream_view_type == "NEW_AND_OLD_IMAGES" && aws_dynamodb_table.this.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.this.ttl[0].enabled
    error_message = "The table must have a stream, and items must expire."
  }

  assert {
    condition     = one(aws_dynamodb_table.this.replica).region_name == "eu-west-1" && one(aws_dynamodb_table.this.replica).point_in_time_recovery
    error_message = "The other region's table must be recoverable too."
  }

  assert {
    condition     = aws_dynamodb_table.this.on_demand_throughput[0].max_write_request_units == 1000
    error_message = "Writes must be limited."
  }
}

run "refuses_unused_attributes" {
  command = plan

  variables {
    attributes = { sensor = "S", taken_at = "N", colour = "S" }
  }

  expect_failures = [var.attributes]
}

run "refuses_missing_attributes" {
  command = plan

  variables {
    attributes = { sensor = "S" }
  }

  expect_failures = [var.attributes]
}

run "refuses_other_types" {
  command = plan

  variables {
    attributes = { sensor = "string", taken_at = "N" }
  }

  expect_failures = [var.attributes]
}

run "refuses_local_indexes_without_range" {
  command = plan

  variables {
    key           = { hash = "sensor" }
    local_indexes = { by-time = { range = "taken_at" } }
  }

  expect_failures = [var.local_indexes]
}

run "refuses_ranges_upside_down" {
  command = plan

  variables {
    provisioned = { read = { min = 10, max = 5 }, write = { min = 1, max = 1 } }
  }

  expect_failures = [var.provisioned]
}

run "refuses_limits_of_both_kinds" {
  command = plan

  variables {
    provisioned      = { read = { min = 1, max = 5 }, write = { min = 1, max = 5 } }
    on_demand_limits = { read = 100 }
  }

  expect_failures = [var.on_demand_limits]
}

run "refuses_keys_of_other_regions" {
  command = plan

  variables {
    stream   = "NEW_AND_OLD_IMAGES"
    replicas = { eu-west-1 = "arn:aws:kms:eu-central-1:111122223333:key/2" }
  }

  expect_failures = [var.replicas]
}

run "refuses_replicas_without_stream" {
  command = plan

  variables {
    replicas = { eu-west-1 = "arn:aws:kms:eu-west-1:111122223333:key/2" }
  }

  expect_failures = [var.replicas]
}

run "refuses_recovery_beyond_five_weeks" {
  command = plan

  variables {
    recovery_days = 60
  }

  expect_failures = [var.recovery_days]
}

run "refuses_unknown_streams" {
  command = plan

  variables {
    stream = "ALL"
  }

  expect_failures = [var.stream]
}
