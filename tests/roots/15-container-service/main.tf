# Exercises: ECS services behind a load balancer: whole resources as arguments, normalised JSON, for_each over unlike objects.

locals {
  name = "shop"

  services = {
    web = { image = "nginx:1.27", port = 80, cpu = 256, memory = 512, paths = ["/", "/static/*"], priority = 100 }
    api = { image = "registry.example.com/api:v3", port = 8080, cpu = 512, memory = 1024, paths = ["/api/*"], environment = { LOG = "json", RETRIES = 3 } }
    job = { image = "registry.example.com/job:v3", cpu = 1024, memory = 2048, spot = true }
  }

  public = { for name, service in local.services : name => service if can(service.port) }
}

resource "aws_ecs_cluster" "main" {
  name = local.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  configuration {
    execute_command_configuration {
      logging = "OVERRIDE"

      log_configuration {
        cloud_watch_log_group_name = aws_cloudwatch_log_group.exec.name
      }
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "main" {
  cluster_name       = aws_ecs_cluster.main.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  default_capacity_provider_strategy {
    base              = 1
    weight            = 100
    capacity_provider = "FARGATE"
  }
}

resource "aws_cloudwatch_log_group" "exec" {
  name              = "/ecs/${local.name}/exec"
  retention_in_days = 7
}

resource "aws_ecr_repository" "service" {
  for_each = toset([for name, service in local.services : name if startswith(service.image, "registry.example.com/")])

  name                 = "${local.name}/${each.key}"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "service" {
  for_each = aws_ecr_repository.service

  repository = each.value.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep the last 20"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 20 }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_lb" "public" {
  name            = local.name
  subnets         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_groups = [aws_security_group.lb.id]
  idle_timeout    = 120

  access_logs {
    bucket  = "example-lb-logs"
    enabled = true
  }
}

resource "aws_security_group" "lb" {
  name_prefix = "${local.name}-lb-"
  vpc_id      = "vpc-0123456789abcdef0"
}

resource "aws_vpc_security_group_ingress_rule" "lb" {
  for_each = { http = 80, https = 443 }

  security_group_id = aws_security_group.lb.id
  description       = each.key
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.public.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = "arn:aws:acm:eu-central-1:123456789012:certificate/example"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "not found"
      status_code  = 404
    }
  }
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  name     = each.key
  cluster  = aws_ecs_cluster.main
  listener = contains(keys(local.public), each.key) ? aws_lb_listener.https.arn : null
  # Objects of different shapes; the module's type makes them alike.
  settings = each.value
}

output "services" {
  value = { for name, service in module.service : name => service.summary }
}
