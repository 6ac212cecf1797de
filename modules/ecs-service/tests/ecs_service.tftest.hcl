mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/shop-test-api" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/shop-test-api" }
  }
}

override_resource {
  target = aws_lb_target_group.this["blue"]
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/blue/0123456789abcdef"
    arn_suffix = "targetgroup/blue/0123456789abcdef"
  }
}

override_resource {
  target = aws_lb_target_group.this["green"]
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/green/0123456789abcdef"
    arn_suffix = "targetgroup/green/0123456789abcdef"
  }
}

variables {
  name       = "shop-test-api"
  cluster    = { arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop-test", name = "shop-test" }
  vpc_id     = "vpc-0123456789abcdef0"
  subnet_ids = ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"]
  container  = { image = "registry.example.com/shop/api:1.4.2", port = 8000 }
  routing    = { priority = 100, paths = ["/api/*"] }
  logs       = { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000" }

  load_balancer = {
    listener_arn      = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop-test/0123456789abcdef/0123456789abcdef"
    security_group_id = "sg-0123456789abcdef0"
    arn_suffix        = "app/shop-test/0123456789abcdef"
  }
}

################################################################################
# One colour
################################################################################

# Applies, against mocks, because the ARNs tell the colours apart. Each run starts from the state of the one before.
run "by_default" {
  command = apply

  assert {
    condition     = keys(aws_ecs_service.this) == ["blue"] && aws_ecs_service.this["blue"].name == "shop-test-api-blue"
    error_message = "Blue alone runs."
  }

  assert {
    condition = (
      aws_lb_listener_rule.this.action[0].target_group_arn == aws_lb_target_group.this["blue"].arn &&
      length(aws_lb_listener_rule.this.action[0].forward) == 0 &&
      length(aws_lb_listener_rule.preview) == 0
    )
    error_message = "All requests go to blue."
  }

  assert {
    condition     = aws_ecs_service.this["blue"].deployment_circuit_breaker[0].enable && aws_ecs_service.this["blue"].deployment_circuit_breaker[0].rollback
    error_message = "A deployment whose tasks do not become healthy rolls back."
  }

  assert {
    condition     = length(aws_ecs_service.this["blue"].alarms) == 0 && length(aws_cloudwatch_metric_alarm.errors) == 0
    error_message = "No alarm unless asked for."
  }

  assert {
    condition     = !aws_ecs_service.this["blue"].network_configuration[0].assign_public_ip && !aws_ecs_service.this["blue"].enable_execute_command
    error_message = "Tasks have no public address and admit no sessions."
  }

  assert {
    condition     = { for share in aws_ecs_service.this["blue"].capacity_provider_strategy : share.capacity_provider => share.weight } == { FARGATE = 100 }
    error_message = "All tasks run on demand."
  }

  assert {
    condition = (
      aws_lb_target_group.this["blue"].health_check[0].path == "/healthz" &&
      aws_lb_target_group.this["blue"].health_check[0].interval == 15 &&
      aws_ecs_service.this["blue"].health_check_grace_period_seconds == 60
    )
    error_message = "Health is asked for every 15 seconds, after a minute's grace."
  }

  assert {
    condition     = aws_lb_target_group.this["blue"].name == "shop-test-api-blue-${substr(sha1("shop-test-api:8000"), 0, 6)}"
    error_message = "The target group's name tells service and colour."
  }

  assert {
    condition     = keys(aws_appautoscaling_policy.this) == ["blue-cpu", "blue-memory"] && aws_appautoscaling_target.this["blue"].max_capacity == 4
    error_message = "Tasks follow processor and memory."
  }

  assert {
    condition = alltrue([
      for container in jsondecode(aws_ecs_task_definition.this["blue"].container_definitions) :
      container.readonlyRootFilesystem && container.linuxParameters.initProcessEnabled && container.logConfiguration.options["awslogs-stream-prefix"] == "blue"
    ])
    error_message = "The root file system is read-only, signals arrive, the log says which colour."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.execution.statement : statement.sid] == ["Logs"]
    error_message = "Without secrets and a private image, starting a task needs the log only."
  }

  assert {
    condition     = output.active_colour == "blue" && output.name == "shop-test-api-blue"
    error_message = "Blue is the active colour."
  }
}

run "long_names" {
  command = apply

  variables {
    name = "plumbline-staging-services-automation-services"
  }

  assert {
    condition     = length(aws_lb_target_group.this["blue"].name) <= 32
    error_message = "A target group's name has 32 characters at most."
  }
}

################################################################################
# Two colours
################################################################################

run "green_beside_blue" {
  command = apply

  variables {
    container = { image = "registry.example.com/shop/api:1.4.2", port = 8000, environment = { LOG_LEVEL = "info" } }
    colours   = { blue = {}, green = { image = "registry.example.com/shop/api:1.5.0", environment = { FEATURE = "on" }, max_tasks = 2 } }
  }

  assert {
    condition = { for colour, definition in aws_ecs_task_definition.this : colour => jsondecode(definition.container_definitions)[0].image } == {
      blue  = "registry.example.com/shop/api:1.4.2"
      green = "registry.example.com/shop/api:1.5.0"
    }
    error_message = "Each colour runs its image."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["green"].container_definitions)[0].environment == [{ name = "FEATURE", value = "on" }, { name = "LOG_LEVEL", value = "info" }]
    error_message = "A colour's environment is added to the service's."
  }

  assert {
    condition = { for group in aws_lb_listener_rule.this.action[0].forward[0].target_group : group.arn => group.weight } == {
      (aws_lb_target_group.this["blue"].arn)  = 100
      (aws_lb_target_group.this["green"].arn) = 0
    }
    error_message = "Green is in the rule, without requests."
  }

  assert {
    condition     = aws_appautoscaling_target.this["green"].max_capacity == 2 && aws_appautoscaling_target.this["blue"].max_capacity == 4
    error_message = "A colour's bounds are its own where it has some."
  }

  assert {
    condition     = aws_lb_target_group.this["blue"].name != aws_lb_target_group.this["green"].name
    error_message = "Target groups have names of their own."
  }
}

run "some_traffic_for_green" {
  command = apply

  variables {
    colours = { blue = {}, green = { image = "registry.example.com/shop/api:1.5.0" } }
    traffic = { blue = 50, green = 50, sticky_seconds = 600 }
  }

  assert {
    condition = { for group in aws_lb_listener_rule.this.action[0].forward[0].target_group : group.arn => group.weight } == {
      (aws_lb_target_group.this["blue"].arn)  = 50
      (aws_lb_target_group.this["green"].arn) = 50
    }
    error_message = "Requests are divided as asked."
  }

  assert {
    condition     = aws_lb_listener_rule.this.action[0].forward[0].stickiness[0].enabled && aws_lb_listener_rule.this.action[0].forward[0].stickiness[0].duration == 600
    error_message = "Clients stay with their colour."
  }

  assert {
    condition     = output.active_colour == "blue"
    error_message = "On a tie blue is the active colour."
  }
}

run "switched_to_green" {
  command = apply

  variables {
    colours = { blue = { min_tasks = 0, max_tasks = 0 }, green = { image = "registry.example.com/shop/api:1.5.0" } }
    traffic = { blue = 0, green = 100 }
  }

  assert {
    condition     = output.active_colour == "green" && output.name == "shop-test-api-green" && output.colours["green"].traffic == 100
    error_message = "Green is the active colour."
  }

  assert {
    condition     = aws_appautoscaling_target.this["blue"].max_capacity == 0 && aws_appautoscaling_target.this["green"].min_capacity == 1
    error_message = "The idle colour runs nothing."
  }
}

run "green_alone" {
  command = apply

  variables {
    colours = { green = { image = "registry.example.com/shop/api:1.5.0" } }
    traffic = { blue = 0, green = 100 }
  }

  assert {
    condition     = keys(aws_ecs_service.this) == ["green"] && aws_lb_listener_rule.this.action[0].target_group_arn == aws_lb_target_group.this["green"].arn
    error_message = "Blue is gone."
  }
}

run "preview" {
  command = apply

  variables {
    colours = { blue = {}, green = {} }
    preview = { priority = 90 }
  }

  assert {
    condition     = { for colour, rule in aws_lb_listener_rule.preview : colour => rule.priority } == { blue = 90, green = 91 }
    error_message = "Preview comes before the service's own rule."
  }

  assert {
    condition     = length([for condition in aws_lb_listener_rule.preview["green"].condition : condition if length(condition.http_header) > 0 && contains(flatten(condition.http_header[*].values[*]), "green")]) == 1
    error_message = "A header leads to green."
  }
}

run "rollback_on_errors" {
  command = apply

  variables {
    colours  = { blue = {}, green = {} }
    rollback = { errors_per_minute = 5, alarm_names = ["shop-test-checkout"], topic_arns = ["arn:aws:sns:eu-west-1:111122223333:critical"] }
  }

  assert {
    condition = (
      toset(aws_ecs_service.this["green"].alarms[0].alarm_names) == toset(["shop-test-checkout", "shop-test-api-green-errors"]) &&
      aws_ecs_service.this["green"].alarms[0].rollback
    )
    error_message = "Green's errors and the given alarm roll green's deployments back; blue's do not."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.errors["blue"].dimensions["TargetGroup"] == "targetgroup/blue/0123456789abcdef" &&
      aws_cloudwatch_metric_alarm.errors["blue"].threshold == 5 &&
      aws_cloudwatch_metric_alarm.errors["blue"].treat_missing_data == "notBreaching"
    )
    error_message = "Each colour's errors are counted for themselves."
  }
}

################################################################################
# What every service has
################################################################################

run "spot_by_ratio" {
  command = apply

  variables {
    spot = { percent = 80, on_demand_tasks = 1 }
  }

  assert {
    condition = { for share in aws_ecs_service.this["blue"].capacity_provider_strategy : share.capacity_provider => "${share.base}/${share.weight}" } == {
      FARGATE = "1/20", FARGATE_SPOT = "0/80"
    }
    error_message = "One task on demand, then four of five on Spot."
  }
}

run "spot_alone" {
  command = apply

  variables {
    spot = { percent = 100 }
  }

  assert {
    condition     = [for share in aws_ecs_service.this["blue"].capacity_provider_strategy : share.capacity_provider] == ["FARGATE_SPOT"]
    error_message = "A provider that would get no task is left out."
  }
}

run "scaling_by_requests" {
  command = apply

  variables {
    autoscaling = { min_tasks = 2, max_tasks = 8, cpu_percent = 0, memory_percent = 0, requests_per_task = 500 }
  }

  assert {
    condition     = keys(aws_appautoscaling_policy.this) == ["blue-requests"]
    error_message = "A target of 0 is not used."
  }

  assert {
    condition = (
      aws_appautoscaling_policy.this["blue-requests"].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label ==
      "app/shop-test/0123456789abcdef/targetgroup/blue/0123456789abcdef"
    )
    error_message = "Requests are those of the colour's target group."
  }

  assert {
    condition     = aws_ecs_service.this["blue"].desired_count == 1 && aws_appautoscaling_target.this["blue"].min_capacity == 2
    error_message = "Once the service exists, the number of its tasks is autoscaling's."
  }
}

run "secrets_and_private_image" {
  command = apply

  variables {
    container = {
      image   = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/api:1.4.2"
      port    = 8000
      secrets = { TOKEN_KEY = "/shop/test/api/TOKEN_KEY" }
    }
    colours             = { blue = {}, green = { image = "444455556666.dkr.ecr.eu-west-1.amazonaws.com/shop/api:1.5.0" } }
    secrets_kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["blue"].container_definitions)[0].secrets == [{ name = "TOKEN_KEY", valueFrom = "/shop/test/api/TOKEN_KEY" }]
    error_message = "The task definition names the parameter, not its value."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.execution.statement : statement.sid => join(" ", sort(statement.resources)) } == {
      Logs          = "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/shop-test-api:*"
      Image         = "arn:aws:ecr:eu-west-1:111122223333:repository/shop/api arn:aws:ecr:eu-west-1:444455556666:repository/shop/api"
      RegistryToken = "*"
      Secrets       = "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/test/api/TOKEN_KEY"
      SecretsKey    = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"
    }
    error_message = "Starting a task may read its own images, secrets and key only."
  }
}

run "sessions" {
  command = apply

  variables {
    container       = { image = "registry.example.com/shop/api:1.4.2", port = 8000, read_only_root_filesystem = false }
    execute_command = { log_group_name = "/aws/ecs/exec/shop-test", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001" }
  }

  assert {
    condition     = aws_ecs_service.this["blue"].enable_execute_command && length(aws_iam_role_policy.execute_command) == 1
    error_message = "Tasks admit sessions, and may open them."
  }

  assert {
    condition     = contains(flatten(data.aws_iam_policy_document.execute_command[0].statement[*].resources), "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/ecs/exec/shop-test:*")
    error_message = "Sessions are written to the cluster's log."
  }
}

run "ways_in_and_out" {
  command = apply

  variables {
    container = { image = "registry.example.com/shop/api:1.4.2", port = 8000, writable_paths = ["/var/cache/app"] }
    egress    = { database = { security_group_id = "sg-0123456789abcdef1", port = 5432 } }
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.load_balancer.from_port == 8000 && aws_vpc_security_group_ingress_rule.load_balancer.referenced_security_group_id == "sg-0123456789abcdef0"
    error_message = "Only the load balancer reaches the tasks."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.destination["database"].to_port == 5432 && aws_vpc_security_group_egress_rule.https.to_port == 443
    error_message = "Tasks reach HTTPS and what is named."
  }

  assert {
    condition     = aws_ecs_task_definition.this["blue"].volume != null && jsondecode(aws_ecs_task_definition.this["blue"].container_definitions)[0].mountPoints[0].sourceVolume == "var-cache-app"
    error_message = "Writable folders are volumes of the task."
  }
}

################################################################################
# Refusals
################################################################################

run "refuses_bad_input" {
  command = plan

  variables {
    name                = "Shop"
    cluster             = { arn = "shop-test", name = "shop-test" }
    subnet_ids          = []
    size                = { cpu = 256, memory = 4096 }
    spot                = { percent = 120 }
    autoscaling         = { min_tasks = 5, max_tasks = 2 }
    container           = { image = "shop/api:latest", port = 8000 }
    routing             = { priority = 100 }
    health_check        = { path = "healthz" }
    secrets_kms_key_arn = "alias/data"
    logs                = { kms_key_arn = "alias/logs" }
  }

  expect_failures = [
    var.name, var.cluster, var.subnet_ids, var.size, var.spot, var.autoscaling, var.container, var.routing, var.health_check,
    var.secrets_kms_key_arn, var.logs,
  ]
}

run "refuses_secrets_by_value" {
  command = plan

  variables {
    container = { image = "registry.example.com/shop/api:1.4.2", port = 8000, secrets = { TOKEN_KEY = "swordfish" } }
  }

  expect_failures = [var.container]
}

run "refuses_other_colours" {
  command = plan

  variables {
    colours = { blue = {}, red = {} }
  }

  expect_failures = [var.colours]
}

run "refuses_a_colour_without_a_version" {
  command = plan

  variables {
    colours = { blue = {}, green = { image = "registry.example.com/shop/api:latest" } }
  }

  expect_failures = [var.colours]
}

run "refuses_traffic_that_is_not_all" {
  command = plan

  variables {
    colours = { blue = {}, green = {} }
    traffic = { blue = 80, green = 10 }
  }

  expect_failures = [var.traffic]
}

run "refuses_traffic_to_nobody" {
  command = plan

  variables {
    traffic = { blue = 90, green = 10 }
  }

  expect_failures = [var.traffic]
}

run "refuses_to_remove_the_active_colour" {
  command = plan

  variables {
    colours = { green = {} }
  }

  expect_failures = [var.traffic]
}

run "refuses_traffic_to_a_stopped_colour" {
  command = plan

  variables {
    colours = { blue = {}, green = { min_tasks = 0, max_tasks = 0 } }
    traffic = { blue = 90, green = 10 }
  }

  expect_failures = [var.traffic]
}

run "refuses_a_preview_behind_the_rule" {
  command = plan

  variables {
    preview = { priority = 99 }
  }

  expect_failures = [var.preview]
}

run "refuses_sessions_on_a_read_only_root" {
  command = plan

  variables {
    execute_command = { log_group_name = "/aws/ecs/exec/shop-test" }
  }

  expect_failures = [var.execute_command]
}

run "refuses_bad_rollback" {
  command = plan

  variables {
    rollback = { errors_per_minute = -1, topic_arns = ["critical"] }
  }

  expect_failures = [var.rollback]
}
