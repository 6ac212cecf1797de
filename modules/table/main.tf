################################################################################
# Table
################################################################################

resource "aws_dynamodb_table" "this" {
  name         = var.name
  hash_key     = var.key.hash
  range_key    = var.key.range
  table_class  = var.class
  billing_mode = var.provisioned == null ? "PAY_PER_REQUEST" : "PROVISIONED"

  read_capacity  = try(var.provisioned.read.min, null)
  write_capacity = try(var.provisioned.write.min, null)

  deletion_protection_enabled = var.deletion_protection
  stream_enabled              = var.stream != null
  stream_view_type            = var.stream

  dynamic "attribute" {
    for_each = var.attributes

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.global_indexes

    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash
      range_key          = global_secondary_index.value.range
      projection_type    = global_secondary_index.value.projection == null ? "ALL" : length(global_secondary_index.value.projection) == 0 ? "KEYS_ONLY" : "INCLUDE"
      non_key_attributes = try(length(global_secondary_index.value.projection) > 0, false) ? global_secondary_index.value.projection : null
      read_capacity      = var.provisioned == null ? null : global_secondary_index.value.capacity.read.min
      write_capacity     = var.provisioned == null ? null : global_secondary_index.value.capacity.write.min

      dynamic "on_demand_throughput" {
        for_each = var.on_demand_limits[*]

        content {
          max_read_request_units  = on_demand_throughput.value.read
          max_write_request_units = on_demand_throughput.value.write
        }
      }
    }
  }

  dynamic "local_secondary_index" {
    for_each = var.local_indexes

    content {
      name               = local_secondary_index.key
      range_key          = local_secondary_index.value.range
      projection_type    = local_secondary_index.value.projection == null ? "ALL" : length(local_secondary_index.value.projection) == 0 ? "KEYS_ONLY" : "INCLUDE"
      non_key_attributes = try(length(local_secondary_index.value.projection) > 0, false) ? local_secondary_index.value.projection : null
    }
  }

  dynamic "on_demand_throughput" {
    for_each = var.on_demand_limits[*]

    content {
      max_read_request_units  = on_demand_throughput.value.read
      max_write_request_units = on_demand_throughput.value.write
    }
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.recovery_days
  }

  dynamic "ttl" {
    for_each = var.ttl_attribute[*]

    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  dynamic "replica" {
    for_each = var.replicas

    content {
      region_name            = replica.key
      kms_key_arn            = replica.value
      point_in_time_recovery = true
      propagate_tags         = true
    }
  }

  tags = { Name = var.name }

  lifecycle {
    ignore_changes = [read_capacity, write_capacity] # autoscaling's, once the table exists
  }
}

################################################################################
# Autoscaling: the table's reads and writes, and those of each global index
################################################################################

locals {
  scaled = var.provisioned == null ? {} : merge(
    {
      "table-read"  = { resource = "table/${var.name}", kind = "table", operation = "Read", range = var.provisioned.read }
      "table-write" = { resource = "table/${var.name}", kind = "table", operation = "Write", range = var.provisioned.write }
    },
    {
      for name, index in var.global_indexes : "index-${name}-read" => {
        resource = "table/${var.name}/index/${name}", kind = "index", operation = "Read", range = index.capacity.read
      }
    },
    {
      for name, index in var.global_indexes : "index-${name}-write" => {
        resource = "table/${var.name}/index/${name}", kind = "index", operation = "Write", range = index.capacity.write
      }
    },
  )
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.scaled

  service_namespace  = "dynamodb"
  scalable_dimension = "dynamodb:${each.value.kind}:${each.value.operation}CapacityUnits"
  resource_id        = each.value.resource
  min_capacity       = each.value.range.min
  max_capacity       = each.value.range.max

  depends_on = [aws_dynamodb_table.this]
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.scaled

  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id

  target_tracking_scaling_policy_configuration {
    target_value = var.provisioned.use_percent

    predefined_metric_specification {
      predefined_metric_type = "DynamoDB${each.value.operation}CapacityUtilization"
    }
  }
}
