################################################################################
# Target groups, one a colour
################################################################################

# tf-gate:ignore aws-elb-target-group-encrypted until 2027-11-01: TLS ends at the load balancer; from there only its security group reaches the tasks
resource "aws_lb_target_group" "this" {
  for_each = local.colours

  # Names are limited to 32 characters, so: the telling end of the name, the colour, and a hash that keeps it unique and
  # changes with the port, because a group in use can only be replaced by one of another name.
  name = "${trim(substr(var.name, max(0, length(var.name) - 18), 18), "-")}-${each.key}-${substr(sha1("${var.name}:${var.container.port}"), 0, 6)}"

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

  tags = { Name = "${var.name}-${each.key}", Colour = each.key }

  # It also makes the rule let go of a colour before its group is deleted.
  lifecycle {
    create_before_destroy = true
  }
}

################################################################################
# Listener rules: who gets which requests
################################################################################

resource "aws_lb_listener_rule" "this" {
  listener_arn = var.load_balancer.listener_arn
  priority     = var.routing.priority

  # A group of weight 0 is in the rule all the same: ECS fills only groups that a listener uses.
  action {
    type             = "forward"
    target_group_arn = length(local.colours) == 1 ? one(values(aws_lb_target_group.this)).arn : null

    dynamic "forward" {
      for_each = length(local.colours) > 1 ? [local.colours] : []

      content {
        dynamic "target_group" {
          for_each = forward.value

          content {
            arn    = aws_lb_target_group.this[target_group.key].arn
            weight = var.traffic[target_group.key]
          }
        }

        dynamic "stickiness" {
          for_each = var.traffic.sticky_seconds > 0 ? [var.traffic.sticky_seconds] : []

          content {
            enabled  = true
            duration = stickiness.value
          }
        }
      }
    }
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

# The way to a colour that has no traffic yet: requests with the header get it whatever the weights.
resource "aws_lb_listener_rule" "preview" {
  for_each = var.preview == null ? {} : local.colours

  listener_arn = var.load_balancer.listener_arn
  priority     = var.preview.priority + (each.key == "green" ? 1 : 0)

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }

  condition {
    http_header {
      http_header_name = var.preview.header
      values           = [each.key]
    }
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

  tags = { Name = "${var.name}-preview-${each.key}" }
}

################################################################################
# Errors of a colour
################################################################################

locals {
  # Alarms that stop a colour's deployment and bring its last tasks back: those given, and its own.
  rollback_alarms = {
    for colour in keys(local.colours) : colour => concat(
      tolist(var.rollback.alarm_names),
      [for own, alarm in aws_cloudwatch_metric_alarm.errors : alarm.alarm_name if own == colour],
    )
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = var.rollback.errors_per_minute == null ? {} : local.colours

  alarm_name        = "${var.name}-${each.key}-errors"
  alarm_description = "${var.name}, ${each.key}: more than ${var.rollback.errors_per_minute} requests a minute failed (HTTP 5xx)."

  namespace   = "AWS/ApplicationELB"
  metric_name = "HTTPCode_Target_5XX_Count"
  statistic   = "Sum"
  period      = 60

  dimensions = {
    LoadBalancer = var.load_balancer.arn_suffix
    TargetGroup  = aws_lb_target_group.this[each.key].arn_suffix
  }

  # Two minutes of three: one bad minute is an accident, and a colour without traffic has no data.
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.rollback.errors_per_minute
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"

  alarm_actions = var.rollback.topic_arns
  ok_actions    = var.rollback.topic_arns
}
