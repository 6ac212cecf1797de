mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
}

variables {
  name        = "sensors-dev-check"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1"
  logs        = { kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/2" }

  code = {
    s3      = { bucket = "sensors-artifacts", key = "check.zip" }
    handler = "check.handle"
    runtime = "python3.13"
  }
}

run "zip_from_s3_by_default" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.package_type == "Zip" && aws_lambda_function.this.s3_key == "check.zip" && aws_lambda_function.this.publish
    error_message = "The zip file must be published as a version."
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == var.kms_key_arn && aws_sqs_queue.dead_letters.kms_master_key_id == var.kms_key_arn
    error_message = "Environment and dead letters must be encrypted."
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active" && aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/sensors-dev-check"
    error_message = "Calls must be traced, and logged in the module's group."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 365 && aws_cloudwatch_log_group.this.kms_key_id == var.logs.kms_key_arn
    error_message = "Logs must be encrypted and kept a year."
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == -1 && length(aws_lambda_function.this.vpc_config) == 0 && length(aws_security_group.this) == 0 && length(aws_iam_role_policy_attachment.vpc) == 0
    error_message = "Without options: no reserved concurrency and no VPC."
  }

  assert {
    condition     = aws_lambda_alias.this.name == "live" && length(aws_lambda_alias.this.routing_config) == 0
    error_message = "Callers must have an alias."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == ["Logs", "Traces", "DeadLetters", "Key"]
    error_message = "The role must have nothing but what every function needs."
  }
}

run "zip_from_a_file" {
  command = plan

  variables {
    code = { filename = "main.tf", handler = "main", runtime = "provided.al2023" }
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("main.tf")
    error_message = "A changed file must change the function."
  }
}

run "image_in_a_vpc" {
  command = plan

  variables {
    code                 = { image_uri = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/check:1.0.0", command = ["check.handle"] }
    reserved_concurrency = 0
    vpc = {
      vpc_id     = "vpc-1"
      subnet_ids = ["subnet-1", "subnet-2"]
      https      = false
      egress     = { redis = { security_group_id = "sg-2", port = 6379 } }
    }
  }

  assert {
    condition     = aws_lambda_function.this.package_type == "Image" && aws_lambda_function.this.image_config[0].command[0] == "check.handle" && aws_lambda_function.this.runtime == null
    error_message = "The image must run with the command."
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == 0
    error_message = "0 must stop the function, not lift its limit."
  }

  assert {
    condition     = length(aws_lambda_function.this.vpc_config[0].subnet_ids) == 2 && length(aws_vpc_security_group_egress_rule.https) == 0 && aws_vpc_security_group_egress_rule.destination["redis"].from_port == 6379
    error_message = "The function must reach Redis, and nothing else."
  }

  assert {
    condition     = endswith(aws_iam_role_policy_attachment.vpc[0].policy_arn, "/AWSLambdaENIManagementAccess")
    error_message = "Lambda must be able to make the addresses."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid if statement.effect == "Deny"] == ["NoNetworkInterfacesByProgram"]
    error_message = "The program must not be able to make them."
  }
}

run "canary" {
  command = plan

  variables {
    alias = { name = "prod", version = "7", canary = { version = "8", share = 0.1 } }
  }

  assert {
    condition     = aws_lambda_alias.this.function_version == "7" && aws_lambda_alias.this.routing_config[0].additional_version_weights == tomap({ "8" = 0.1 })
    error_message = "Every tenth call must go to version 8."
  }
}

run "called_by_many" {
  command = plan

  variables {
    triggers = { raw = { service = "s3.amazonaws.com", source_arn = "arn:aws:s3:::raw", account_id = "111122223333" } }
    topics   = { anomalies = { arn = "arn:aws:sns:eu-central-1:111122223333:anomalies", filter_policy = "{\"kind\":[\"a\"]}", filter_scope = "MessageBody" } }
    queues = {
      outbox = { arn = "arn:aws:sqs:eu-central-1:111122223333:outbox", kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/3", max_concurrency = 5, filters = ["{}"] }
    }
    streams = {
      readings = { arn = "arn:aws:kinesis:eu-central-1:111122223333:stream/readings", kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/4" }
      table    = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/t/stream/1", position = "TRIM_HORIZON", retries = 2 }
    }
    statements = { read-raw = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::raw/*"] } }
  }

  assert {
    condition     = aws_lambda_permission.trigger["raw"].source_account == "111122223333" && aws_lambda_permission.trigger["raw"].qualifier == "live"
    error_message = "The bucket must be able to call the alias, if it is this account's."
  }

  assert {
    condition     = aws_lambda_permission.topic["anomalies"].source_arn == var.topics.anomalies.arn && aws_sns_topic_subscription.this["anomalies"].filter_policy == jsonencode({ kind = ["a"] }) && aws_sns_topic_subscription.this["anomalies"].filter_policy_scope == "MessageBody"
    error_message = "The topic must call with matching messages."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.queue["outbox"].scaling_config[0].maximum_concurrency == 5 && aws_lambda_event_source_mapping.queue["outbox"].starting_position == null
    error_message = "The queue must be emptied by five at most."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.stream["table"].starting_position == "TRIM_HORIZON" && aws_lambda_event_source_mapping.stream["table"].maximum_retry_attempts == 2 && aws_lambda_event_source_mapping.stream["table"].maximum_record_age_in_seconds == 86400
    error_message = "The table's stream must be read from its beginning, with two retries."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == ["Logs", "Traces", "DeadLetters", "Key", "Queues", "StreamReadings", "StreamTable", "ListStreams", "KinesisKeys", "SqsKeys", "ReadRaw"]
    error_message = "The role must be able to read what calls it, and what was added."
  }

  assert {
    condition     = contains(data.aws_iam_policy_document.this.statement[5].actions, "kinesis:GetRecords") && contains(data.aws_iam_policy_document.this.statement[6].actions, "dynamodb:GetRecords")
    error_message = "Each stream must be read by its own service's actions."
  }
}

run "refuses_two_programs" {
  command = plan

  variables {
    code = { filename = "main.tf", image_uri = "example.com/a:1", handler = "a", runtime = "python3.13" }
  }

  expect_failures = [var.code]
}

run "refuses_zip_without_handler" {
  command = plan

  variables {
    code = { filename = "main.tf" }
  }

  expect_failures = [var.code]
}

run "refuses_latest" {
  command = plan

  variables {
    code = { image_uri = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/check:latest" }
  }

  expect_failures = [var.code]
}

run "refuses_endless_calls" {
  command = plan

  variables {
    size = { timeout = 901 }
  }

  expect_failures = [var.size]
}

run "refuses_canary_without_version" {
  command = plan

  variables {
    alias = { canary = { version = "8", share = 0.1 } }
  }

  expect_failures = [var.alias]
}

run "refuses_percent_as_share" {
  command = plan

  variables {
    alias = { version = "7", canary = { version = "8", share = 10 } }
  }

  expect_failures = [var.alias]
}

run "refuses_whole_services" {
  command = plan

  variables {
    statements = { all = { actions = ["s3:*"], resources = ["arn:aws:s3:::raw/*"] } }
  }

  expect_failures = [var.statements]
}

run "refuses_buckets_without_account" {
  command = plan

  variables {
    triggers = { raw = { service = "s3.amazonaws.com", source_arn = "arn:aws:s3:::raw" } }
  }

  expect_failures = [var.triggers]
}

run "refuses_large_batches_at_once" {
  command = plan

  variables {
    queues = { outbox = { arn = "arn:aws:sqs:eu-central-1:111122223333:outbox", batch_size = 100 } }
  }

  expect_failures = [var.queues]
}

run "refuses_unknown_positions" {
  command = plan

  variables {
    streams = { a = { arn = "arn:aws:kinesis:eu-central-1:111122223333:stream/a", position = "FIRST" } }
  }

  expect_failures = [var.streams]
}
