variable "name" {
  type = string
}

variable "cluster" {
  type = object({ id = string, name = string, setting = set(object({ name = string, value = string })) })
}

variable "listener" {
  type    = string
  default = null
}

variable "settings" {
  type = object({
    image       = string
    port        = optional(number)
    cpu         = number
    memory      = number
    paths       = optional(list(string), [])
    priority    = optional(number, 200)
    environment = optional(map(string), {})
    spot        = optional(bool, false)
  })
}

locals {
  listens = length(var.settings.paths) > 0
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.cluster.name}/${var.name}"
  retention_in_days = 30
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.cluster.name}-${var.name}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.settings.cpu
  memory                   = var.settings.memory
  execution_role_arn       = "arn:aws:iam::123456789012:role/ecs"

  container_definitions = jsonencode([{
    name         = var.name
    image        = var.settings.image
    essential    = true
    portMappings = [for port in var.settings.port[*] : { containerPort = port, protocol = "tcp" }]
    environment  = [for key in reverse(keys(var.settings.environment)) : { name = key, value = var.settings.environment[key] }]
    mountPoints  = []
    cpu          = 0
    user         = null
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = aws_cloudwatch_log_group.this.name, awslogs-region = "eu-central-1" }
    }
  }])
}

resource "aws_lb_target_group" "this" {
  count = local.listens ? 1 : 0

  name        = substr("${var.cluster.name}-${var.name}", 0, 32)
  port        = var.settings.port
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = "vpc-0123456789abcdef0"
}

# The listener is not known yet, but local.listens is.
resource "aws_lb_listener_rule" "this" {
  count = local.listens ? 1 : 0

  listener_arn = var.listener
  priority     = var.settings.priority

  action {
    type             = "forward"
    target_group_arn = one(aws_lb_target_group.this).arn
  }

  condition {
    path_pattern {
      values = var.settings.paths
    }
  }
}

resource "aws_ecs_service" "this" {
  name            = var.name
  cluster         = var.cluster.id
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.settings.spot ? 0 : 2

  capacity_provider_strategy {
    capacity_provider = var.settings.spot ? "FARGATE_SPOT" : "FARGATE"
    weight            = 1
  }

  network_configuration {
    subnets          = ["subnet-0123456789abcdef1", "subnet-0123456789abcdef0"]
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = aws_lb_target_group.this
    content {
      target_group_arn = load_balancer.value.arn
      container_name   = var.name
      container_port   = load_balancer.value.port
    }
  }
}

output "summary" {
  value = {
    family  = aws_ecs_task_definition.this.family
    groups  = aws_lb_target_group.this[*].name
    insight = one(var.cluster.setting).value
    ports   = flatten(jsondecode(aws_ecs_task_definition.this.container_definitions)[*].portMappings[*].containerPort)
  }
}
