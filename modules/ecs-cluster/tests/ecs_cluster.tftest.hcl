mock_provider "aws" {}

variables {
  name = "shop-test"
  logs = { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000" }
}

run "by_default" {
  command = plan

  assert {
    condition     = one(aws_ecs_cluster.this.setting).value == "enabled"
    error_message = "Container Insights is on."
  }

  assert {
    condition     = aws_ecs_cluster_capacity_providers.this.capacity_providers == toset(["FARGATE", "FARGATE_SPOT"])
    error_message = "Services may run on demand and on Spot."
  }

  assert {
    condition     = one(aws_ecs_cluster_capacity_providers.this.default_capacity_provider_strategy).capacity_provider == "FARGATE"
    error_message = "Tasks that say nothing run on demand."
  }

  assert {
    condition = alltrue([
      for group in [aws_cloudwatch_log_group.container_insights[0], aws_cloudwatch_log_group.execute_command] :
      group.kms_key_id == var.logs.kms_key_arn && group.retention_in_days == 365
    ])
    error_message = "Both logs are encrypted and kept for a year."
  }

  assert {
    condition = (
      aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].logging == "OVERRIDE" &&
      aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].log_configuration[0].cloud_watch_log_group_name == "/aws/ecs/exec/shop-test"
    )
    error_message = "Sessions are logged."
  }

  assert {
    condition     = length(aws_ecs_cluster.this.configuration[0].managed_storage_configuration) == 0 && length(aws_ecs_cluster.this.service_connect_defaults) == 0
    error_message = "Neither a key for disks nor a namespace unless given."
  }
}

run "without_container_insights" {
  command = plan

  variables {
    container_insights = "disabled"
  }

  assert {
    condition     = one(aws_ecs_cluster.this.setting).value == "disabled" && length(aws_cloudwatch_log_group.container_insights) == 0
    error_message = "No metrics, no log group."
  }
}

run "keys_and_namespace" {
  command = plan

  variables {
    execute_command               = { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001" }
    ephemeral_storage_kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000002"
    service_connect_namespace_arn = "arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-0123456789abcdef"
    logs                          = { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000", retention_days = 30 }
  }

  assert {
    condition     = aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].kms_key_id == var.execute_command.kms_key_arn
    error_message = "Sessions are encrypted by the given key."
  }

  assert {
    condition     = aws_ecs_cluster.this.configuration[0].managed_storage_configuration[0].fargate_ephemeral_storage_kms_key_id == var.ephemeral_storage_kms_key_arn
    error_message = "Tasks' disks are encrypted by the given key."
  }

  assert {
    condition     = aws_ecs_cluster.this.service_connect_defaults[0].namespace == var.service_connect_namespace_arn
    error_message = "Services find each other in the namespace."
  }

  assert {
    condition     = aws_cloudwatch_log_group.execute_command.retention_in_days == 30 && output.execute_command.kms_key_arn == var.execute_command.kms_key_arn
    error_message = "The log's retention and the key of sessions are those given."
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name                          = "-shop"
    container_insights            = "on"
    execute_command               = { kms_key_arn = "alias/sessions" }
    ephemeral_storage_kms_key_arn = "alias/disks"
    service_connect_namespace_arn = "shop"
    logs                          = { kms_key_arn = "alias/logs" }
  }

  expect_failures = [
    var.name, var.container_insights, var.execute_command, var.ephemeral_storage_kms_key_arn, var.service_connect_namespace_arn,
    var.logs,
  ]
}
