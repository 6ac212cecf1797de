# Not kept by CreateService: they are missing when the service is read again.
resource "aws_ecs_service" "this" {
  lifecycle {
    ignore_changes = [
      availability_zone_rebalancing,
      capacity_provider_strategy,
      deployment_controller,
      desired_count,
      enable_ecs_managed_tags,
      health_check_grace_period_seconds,
      launch_type,
    ]
  }
}

# ListTagsForResource of Application Auto Scaling is not implemented.
locals {
  scaling_policies = {}
}

resource "aws_appautoscaling_target" "this" {
  for_each = {}
}

# The description of a rule that names a group is not kept.
resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  lifecycle {
    ignore_changes = [description]
  }
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  lifecycle {
    ignore_changes = [description]
  }
}

resource "aws_vpc_security_group_egress_rule" "destination" {
  lifecycle {
    ignore_changes = [description]
  }
}
