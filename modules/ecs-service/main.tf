locals {
  # The cluster's ARN holds the account, so nobody has to be asked for it.
  account_id = split(":", var.cluster.arn)[4]
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.id

  # What each colour runs: the service's own, where the colour does not say otherwise.
  colours = {
    for colour, own in var.colours : colour => {
      image       = coalesce(own.image, var.container.image)
      environment = merge(var.container.environment, own.environment)
      min_tasks   = own.min_tasks != null ? own.min_tasks : var.autoscaling.min_tasks
      max_tasks   = own.max_tasks != null ? own.max_tasks : var.autoscaling.max_tasks
    }
  }

  # The colour that answers most requests; blue on a tie.
  active_colour = var.traffic.green > var.traffic.blue ? "green" : "blue"
}

# Both are known to the provider without asking AWS.
data "aws_partition" "current" {}
data "aws_region" "current" {}

################################################################################
# Task definitions, one a colour
################################################################################

resource "aws_ecs_task_definition" "this" {
  for_each = local.colours

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.size.cpu
  memory                   = var.size.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.size.architecture
  }

  container_definitions = jsonencode([{
    name      = "app"
    image     = each.value.image
    essential = true
    command   = var.container.command
    user      = var.container.user

    portMappings = [{
      containerPort = var.container.port
      protocol      = "tcp"
    }]

    # Both sorted by name, so that a plan shows a change only where there is one.
    environment = [for name, value in each.value.environment : { name = name, value = value }]
    secrets     = [for name, parameter in var.container.secrets : { name = name, valueFrom = parameter }]

    readonlyRootFilesystem = var.container.read_only_root_filesystem
    mountPoints = [for path in var.container.writable_paths : {
      sourceVolume  = replace(trim(path, "/"), "/", "-")
      containerPath = path
      readOnly      = false
    }]

    # An init process reaps zombies and passes SIGTERM on, without which a stopping task loses its requests.
    linuxParameters = { initProcessEnabled = true }
    stopTimeout     = var.container.stop_timeout

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = local.region
        awslogs-stream-prefix = each.key
        # A slow log service must cost lines, not requests.
        mode            = "non-blocking"
        max-buffer-size = "25m"
      }
    }
  }])

  dynamic "volume" {
    for_each = var.container.writable_paths

    content {
      name = replace(trim(volume.value, "/"), "/", "-")
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

################################################################################
# ECS services, one a colour
################################################################################

locals {
  # Base tasks come first, the rest by weight; a provider that would get none is left out.
  capacity = {
    for provider, share in {
      FARGATE      = { base = var.spot.on_demand_tasks, weight = 100 - var.spot.percent }
      FARGATE_SPOT = { base = 0, weight = var.spot.percent }
    } : provider => share if share.base + share.weight > 0
  }
}

resource "aws_ecs_service" "this" {
  for_each = local.colours

  name                   = "${var.name}-${each.key}"
  cluster                = var.cluster.arn
  task_definition        = aws_ecs_task_definition.this[each.key].arn
  desired_count          = each.value.min_tasks
  platform_version       = "LATEST"
  enable_execute_command = var.execute_command != null

  # Tasks are only stopped once their successors are healthy, and spread again after a zone has failed.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"
  health_check_grace_period_seconds  = var.health_check.grace_period

  # What makes each task's cost traceable to its service.
  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"

  # Lets the provider change the mix of capacity in place; without it the service is replaced, with an outage.
  force_new_deployment = true

  wait_for_steady_state = var.wait_for_steady_state

  # Tasks that do not start, or do not become healthy.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  # Tasks that start, and then fail their users.
  dynamic "alarms" {
    for_each = length(local.rollback_alarms[each.key]) > 0 ? [local.rollback_alarms[each.key]] : []

    content {
      enable      = true
      rollback    = true
      alarm_names = alarms.value
    }
  }

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity

    content {
      capacity_provider = capacity_provider_strategy.key
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this[each.key].arn
    container_name   = "app"
    container_port   = var.container.port
  }

  tags = { Colour = each.key }

  lifecycle {
    ignore_changes = [desired_count] # autoscaling's, once the service exists
  }

  # ECS refuses a target group that no listener uses, and tasks started before their permissions fail.
  depends_on = [
    aws_lb_listener_rule.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_iam_role_policy.execute_command,
    aws_vpc_security_group_egress_rule.https,
  ]
}

################################################################################
# Autoscaling
################################################################################

locals {
  scaling_metrics = {
    for name, target in {
      cpu      = { metric = "ECSServiceAverageCPUUtilization", value = var.autoscaling.cpu_percent }
      memory   = { metric = "ECSServiceAverageMemoryUtilization", value = var.autoscaling.memory_percent }
      requests = { metric = "ALBRequestCountPerTarget", value = var.autoscaling.requests_per_task }
    } : name => target if target.value > 0
  }

  scaling_policies = merge([
    for colour in keys(local.colours) : {
      for name, target in local.scaling_metrics : "${colour}-${name}" => merge(target, { colour = colour, name = name })
    }
  ]...)
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.colours

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this[each.key].name}"
  min_capacity       = each.value.min_tasks
  max_capacity       = each.value.max_tasks
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.scaling_policies

  name               = each.value.name
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.value.colour].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[each.value.colour].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[each.value.colour].resource_id

  target_tracking_scaling_policy_configuration {
    target_value = each.value.value

    # Out at once, in slowly: a task too many costs cents, a task too few costs requests.
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label = (
        each.value.name == "requests" ? "${var.load_balancer.arn_suffix}/${aws_lb_target_group.this[each.value.colour].arn_suffix}" : null
      )
    }
  }
}
