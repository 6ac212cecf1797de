# Tables. AWS DynamoDB pricing page.

cost "aws_dynamodb_table" {
  usage {
    monthly_write_request_units        = "Write request units (on-demand tables)"
    monthly_read_request_units         = "Read request units (on-demand tables)"
    storage_gb                         = "GB stored"
    pitr_backup_storage_gb             = "GB of point-in-time recovery backups"
    on_demand_backup_storage_gb        = "GB of on-demand backups"
    monthly_data_restored_gb           = "GB restored"
    monthly_streams_read_request_units = "Read request units of streams"
  }
  locals {
    on_demand = self.billing_mode == "PAY_PER_REQUEST"
    ia        = self.table_class == "STANDARD_INFREQUENT_ACCESS"
    prefix    = local.ia ? "IA-" : ""
    # A capacity that scales is somewhere between its ends.
    write = [for t in linked(self, "aws_appautoscaling_target") : t if t.scalable_dimension == "dynamodb:table:WriteCapacityUnits"]
    read  = [for t in linked(self, "aws_appautoscaling_target") : t if t.scalable_dimension == "dynamodb:table:ReadCapacityUnits"]
    # Indexes have capacity of their own.
    indexes = [for i in self.global_secondary_index : { name = i.name, write = i.write_capacity, read = i.read_capacity }]
  }
  component "Write capacity unit (WCU)" {
    when     = !local.on_demand
    name     = length(local.write) == 0 ? "Write capacity unit (WCU)" : "Write capacity unit (WCU, autoscaling)"
    price    = price("AmazonDynamoDB", "${local.prefix}WriteCapacityUnit-Hrs")
    quantity = (length(local.write) == 0 ? self.write_capacity : between(local.write[0].min_capacity, local.write[0].max_capacity)) * 730
    unit     = "WCU"
    scale    = 730
  }
  component "Read capacity unit (RCU)" {
    when     = !local.on_demand
    name     = length(local.read) == 0 ? "Read capacity unit (RCU)" : "Read capacity unit (RCU, autoscaling)"
    price    = price("AmazonDynamoDB", "${local.prefix}ReadCapacityUnit-Hrs")
    quantity = (length(local.read) == 0 ? self.read_capacity : between(local.read[0].min_capacity, local.read[0].max_capacity)) * 730
    unit     = "RCU"
    scale    = 730
  }
  component "Write capacity unit (WCU)" {
    for_each = local.on_demand ? [] : local.indexes
    group    = "Index ${each.value.name}"
    price    = price("AmazonDynamoDB", "${local.prefix}WriteCapacityUnit-Hrs")
    quantity = each.value.write * 730
    unit     = "WCU"
    scale    = 730
  }
  component "Read capacity unit (RCU)" {
    for_each = local.on_demand ? [] : local.indexes
    group    = "Index ${each.value.name}"
    price    = price("AmazonDynamoDB", "${local.prefix}ReadCapacityUnit-Hrs")
    quantity = each.value.read * 730
    unit     = "RCU"
    scale    = 730
  }
  component "Replicated write capacity unit (rWCU)" {
    for_each = local.on_demand ? [] : [for r in self.replica : r.region_name]
    group    = "Global table (${each.value})"
    region   = each.value
    price    = price("AmazonDynamoDB", "${local.prefix}ReplWriteCapacityUnit-Hrs")
    quantity = self.write_capacity * 730
    unit     = "rWCU"
    scale    = 730
  }
  component "Write request unit (WRU)" {
    when     = local.on_demand
    price    = price("AmazonDynamoDB", "${local.prefix}WriteRequestUnits")
    quantity = usage.monthly_write_request_units
    unit     = "WRUs"
  }
  component "Read request unit (RRU)" {
    when     = local.on_demand
    price    = price("AmazonDynamoDB", "${local.prefix}ReadRequestUnits")
    quantity = usage.monthly_read_request_units
    unit     = "RRUs"
  }
  component "Replicated write request unit (rWRU)" {
    for_each = local.on_demand ? [for r in self.replica : r.region_name] : []
    group    = "Global table (${each.value})"
    region   = each.value
    price    = price("AmazonDynamoDB", "${local.prefix}ReplWriteRequestUnits")
    quantity = usage.monthly_write_request_units
    unit     = "rWRUs"
  }
  component "Data storage" {
    price    = price("AmazonDynamoDB", "${local.prefix}TimedStorage-ByteHrs")
    quantity = usage.storage_gb
    unit     = "GB"
  }
  component "Point-In-Time Recovery (PITR) backup storage" {
    when     = self.point_in_time_recovery.enabled == true
    price    = price("AmazonDynamoDB", "TimedPITRStorage-ByteHrs")
    quantity = usage.pitr_backup_storage_gb
    unit     = "GB"
  }
  component "On-demand backup storage" {
    price    = price("AmazonDynamoDB", "TimedBackupStorage-ByteHrs")
    quantity = usage.on_demand_backup_storage_gb
    unit     = "GB"
  }
  component "Table data restored" {
    price    = price("AmazonDynamoDB", "RestoreDataSize-Bytes")
    quantity = usage.monthly_data_restored_gb
    unit     = "GB"
  }
  component "Streams read request unit (sRRU)" {
    when     = self.stream_enabled == true || usage_or(usage.monthly_streams_read_request_units, null) != null
    price    = price("AmazonDynamoDB", "Streams-Requests")
    quantity = usage.monthly_streams_read_request_units
    unit     = "sRRUs"
  }

  example {
    # Between 10 and 100 write capacity units × 730 h × 0.00065; 5 read capacity units × 730 h × 0.00013.
    usage = { storage_gb = 0 }
    expected = {
      "Write capacity unit (WCU, autoscaling)" = "4.745..47.45"
      "Read capacity unit (RCU)"               = "0.4745"
      "Data storage"                           = "0"
      "On-demand backup storage"               = "usage"
      "Table data restored"                    = "usage"
    }
    resource "aws_dynamodb_table" "scaled" {
      name           = "scaled"
      hash_key       = "id"
      read_capacity  = 5
      write_capacity = 10
      attribute {
        name = "id"
        type = "S"
      }
    }
    resource "aws_appautoscaling_target" "write" {
      resource_id        = "table/${aws_dynamodb_table.scaled.name}"
      scalable_dimension = "dynamodb:table:WriteCapacityUnits"
      service_namespace  = "dynamodb"
      min_capacity       = 10
      max_capacity       = 100
    }
  }
  example {
    # 20 WCU × 730 h × 0.00065 and 30 RCU × 730 h × 0.00013; the index 5 and 5. 100 GB × 0.25; the 25 GB that an account has free are not counted.
    usage = { storage_gb = 100 }
    expected = {
      "Write capacity unit (WCU)"                = "9.49"
      "Read capacity unit (RCU)"                 = "2.847"
      "Index by_name / Write capacity unit (WCU)" = "2.3725"
      "Index by_name / Read capacity unit (RCU)"  = "0.4745"
      "Data storage"                             = "25"
      "On-demand backup storage"                 = "usage"
      "Table data restored"                      = "usage"
    }
    resource "aws_dynamodb_table" "main" {
      name           = "main"
      hash_key       = "id"
      write_capacity = 20
      read_capacity  = 30
      attribute {
        name = "id"
        type = "S"
      }
      attribute {
        name = "name"
        type = "S"
      }
      global_secondary_index {
        name            = "by_name"
        hash_key        = "name"
        write_capacity  = 5
        read_capacity   = 5
        projection_type = "ALL"
      }
    }
  }
  example {
    # On demand: 3 million writes × 0.625 and 8 million reads × 0.125 a million.
    usage = { monthly_write_request_units = 3000000, monthly_read_request_units = 8000000, storage_gb = 10, pitr_backup_storage_gb = 100, on_demand_backup_storage_gb = 460, monthly_data_restored_gb = 230 }
    expected = {
      "Write request unit (WRU)"                     = "1.875"
      "Read request unit (RRU)"                      = "1"
      "Data storage"                                 = "2.5"
      "Point-In-Time Recovery (PITR) backup storage" = "20"
      "On-demand backup storage"                     = "46"
      "Table data restored"                          = "34.5"
    }
    resource "aws_dynamodb_table" "main" {
      name         = "main"
      billing_mode = "PAY_PER_REQUEST"
      hash_key     = "id"
      attribute {
        name = "id"
        type = "S"
      }
      point_in_time_recovery {
        enabled = true
      }
    }
  }
}
