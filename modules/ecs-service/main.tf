locals {
  # The cluster's ARN holds the account, so nobody has to be asked for it.
  account_id = split(":", var.cluster.arn)[4]
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.id
}

# Both are known to the provider without asking AWS.
data "aws_partition" "current" {}
data "aws_region" "current" {}

################################################################################
# Task definition
################################################################################

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
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
    image     = var.container.image
    essential = true
    command   = var.container.command
    user      = var.container.user

    portMappings = [{
      containerPort = var.container.port
      protocol      = "tcp"
    }]

    # Both sorted by name, so that a plan shows a change only where there is one.
    environment = [for name, value in var.container.environment : { name = name, value = value }]
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
        awslogs-stream-prefix = "app"
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
# Service
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
  name             = var.name
  cluster          = var.cluster.arn
  task_definition  = aws_ecs_task_definition.this.arn
  desired_count    = var.autoscaling.min_tasks
  platform_version = "LATEST"

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

  deployment_circuit_breaker {
    enable   = true
    rollback = true
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
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "app"
    container_port   = var.container.port
  }

  lifecycle {
    ignore_changes = [desired_count] # autoscaling's, once the service exists
  }

  # ECS refuses a target group that no listener uses, and tasks started before their permissions fail.
  depends_on = [
    aws_lb_listener_rule.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_vpc_security_group_egress_rule.https,
  ]
}

################################################################################
# Load balancing
################################################################################

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; from there only its security group reaches the tasks

  # Names are limited to 32 characters, so: the telling end of the name, and a hash that keeps it unique and changes
  # with the port, because a group in use can only be replaced by one of another name.
  name = "${trim(substr(var.name, max(0, length(var.name) - 25), 25), "-")}-${substr(sha1("${var.name}:${var.container.port}"), 0, 6)}"

  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = var.container.port
  deregistration_delay = var.health_check.deregistration_delay

  health_check {
    path                = var.health_check.path
    matcher             = var.health_check.matcher
    interval            = var.health_check.interval
    timeout             = var.health_check.timeout
    healthy_threshold   = var.health_check.healthy_threshold
    unhealthy_threshold = var.health_check.unhealthy_threshold
  }

  tags = { Name = var.name }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener_rule" "this" {
  listener_arn = var.load_balancer.listener_arn
  priority     = var.routing.priority

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }

  dynamic "condition" {
    for_each = length(var.routing.hosts) > 0 ? [var.routing.hosts] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(var.routing.paths) > 0 ? [var.routing.paths] : []

    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  tags = { Name = var.name }
}

################################################################################
# Security groups
################################################################################

resource "aws_security_group" "this" {
  name_prefix = "${var.name}-"
  description = "Tasks of service ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = var.name }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  security_group_id            = aws_security_group.this.id
  description                  = "Requests from the load balancer"
  referenced_security_group_id = var.load_balancer.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.container.port
  to_port                      = var.container.port
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  security_group_id            = var.load_balancer.security_group_id
  description                  = "Requests to service ${var.name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = var.container.port
  to_port                      = var.container.port
}

# The addresses of registries, AWS's APIs and third parties change without notice; names are resolved by the VPC's own
# resolver, which security groups do not filter.
resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "HTTPS: images, parameters, logs, APIs"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "destination" {
  for_each = var.egress

  security_group_id            = aws_security_group.this.id
  description                  = "To ${each.key}"
  referenced_security_group_id = each.value.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

################################################################################
# Roles: execution (what ECS needs to start a task) and task (what the program may do)
################################################################################

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    # Without it ECS could be made to use these roles for another account's tasks (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  description        = "Starts tasks of ${var.name}: image, secrets, logs"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-tasks"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

locals {
  # Account, region and repository of a private ECR image; empty for images from elsewhere.
  ecr_images = regexall("^([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.[a-z.]+/([^:@]+)", var.container.image)
}

data "aws_iam_policy_document" "execution" {
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  dynamic "statement" {
    for_each = local.ecr_images

    content {
      sid       = "Image"
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      resources = ["arn:${local.partition}:ecr:${statement.value[1]}:${statement.value[0]}:repository/${statement.value[2]}"]
    }
  }

  dynamic "statement" {
    for_each = local.ecr_images

    content {
      sid       = "RegistryToken"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"] # the action knows no resource
    }
  }

  dynamic "statement" {
    for_each = length(var.container.secrets) > 0 ? [var.container.secrets] : []

    content {
      sid     = "Secrets"
      actions = ["ssm:GetParameters"]
      resources = [
        for parameter in statement.value : "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter${parameter}"
      ]
    }
  }

  dynamic "statement" {
    for_each = length(var.container.secrets) > 0 ? var.secrets_kms_key_arn[*] : []

    content {
      sid       = "SecretsKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ssm.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  description        = "What ${var.name} itself may do"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "task" {
  for_each = var.task_policies

  name   = each.key
  role   = aws_iam_role.task.id
  policy = each.value
}

################################################################################
# Autoscaling
################################################################################

locals {
  scaling_targets = {
    for name, target in {
      cpu      = { metric = "ECSServiceAverageCPUUtilization", value = var.autoscaling.cpu_percent, label = null }
      memory   = { metric = "ECSServiceAverageMemoryUtilization", value = var.autoscaling.memory_percent, label = null }
      requests = { metric = "ALBRequestCountPerTarget", value = var.autoscaling.requests_per_task, label = "${var.load_balancer.arn_suffix}/${aws_lb_target_group.this.arn_suffix}" }
    } : name => target if target.value > 0
  }
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this.name}"
  min_capacity       = var.autoscaling.min_tasks
  max_capacity       = var.autoscaling.max_tasks
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.scaling_targets

  name               = each.key
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value = each.value.value

    # Out at once, in slowly: a task too many costs cents, a task too few costs requests.
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.label
    }
  }
}
