# Exercises: dynamic blocks over lists, maps and sets, nested in each other, with iterators; sets of blocks.

resource "aws_security_group" "app" {
  name        = "app"
  description = "Application servers"
  vpc_id      = var.vpc_id

  # Several objects that differ only in their source, merged into one set of blocks.
  dynamic "ingress" {
    for_each = var.rules
    iterator = rule

    content {
      description      = rule.key
      protocol         = coalesce(rule.value.protocol, "tcp")
      from_port        = rule.value.port
      to_port          = coalesce(rule.value.to_port, rule.value.port)
      cidr_blocks      = rule.value.cidrs
      ipv6_cidr_blocks = [for cidr in rule.value.cidrs : "::/0" if cidr == "0.0.0.0/0"]
      self             = rule.value.self
    }
  }

  # The same block twice is once in a set.
  dynamic "ingress" {
    for_each = ["first", "second"]
    content {
      description = "health check"
      protocol    = "tcp"
      from_port   = 8080
      to_port     = "8080"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }

  egress {
    protocol    = -1
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# Sets of blocks may also be written as attributes; an empty list takes all rules away.
resource "aws_security_group" "closed" {
  name    = "closed"
  vpc_id  = var.vpc_id
  ingress = []
  egress = [{
    description      = null
    protocol         = "tcp"
    from_port        = 443
    to_port          = 443
    cidr_blocks      = var.rules["https"].cidrs
    ipv6_cidr_blocks = null
    prefix_list_ids  = null
    security_groups  = [aws_security_group.app.id]
    self             = false
  }]
}

resource "aws_launch_template" "app" {
  name_prefix   = "app-"
  image_id      = "ami-0123456789abcdef0"
  instance_type = "m7g.large"

  dynamic "block_device_mappings" {
    for_each = var.disks

    content {
      device_name = block_device_mappings.key
      no_device   = block_device_mappings.value == null ? "true" : null

      dynamic "ebs" {
        for_each = block_device_mappings.value[*]
        iterator = volume

        content {
          # The outer iterator stays in reach.
          delete_on_termination = block_device_mappings.key == "/dev/xvda"
          volume_size           = volume.value.size
          volume_type           = volume.value.type
          iops                  = try(volume.value.iops, null)
          encrypted             = volume.key == 0
        }
      }
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["volume", "instance"])
    content {
      resource_type = tag_specifications.value
      tags          = { Kind = tag_specifications.key }
    }
  }

  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_wafv2_web_acl" "edge" {
  name  = "edge"
  scope = "REGIONAL"

  default_action {
    dynamic "allow" {
      for_each = var.block_by_default ? [] : [1]
      content {}
    }

    dynamic "block" {
      for_each = var.block_by_default ? [1] : []
      content {
        custom_response {
          response_code = 403
        }
      }
    }
  }

  dynamic "rule" {
    for_each = { for index, group in var.managed_rules : group.name => merge(group, { priority = index }) }

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          name        = rule.key
          vendor_name = "AWS"

          dynamic "rule_action_override" {
            for_each = rule.value.count_only
            iterator = override
            content {
              name = override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
        metric_name                = rule.key
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = false
    metric_name                = "edge"
  }
}
