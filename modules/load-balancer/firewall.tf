locals {
  # A web ACL of the account's, of nobody's, or of this load balancer's own.
  own_web_acl = var.waf.enabled && var.waf.web_acl_arn == null
  web_acl_arn = local.own_web_acl ? aws_wafv2_web_acl.this[0].arn : var.waf.web_acl_arn
}

################################################################################
# Web ACL
################################################################################

resource "aws_wafv2_web_acl" "this" {
  count = local.own_web_acl ? 1 : 0

  name        = var.name
  description = "Requests to load balancer ${var.name}"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  # First, so that a flood is stopped before it costs the other rules' work.
  rule {
    name     = "rate-limit"
    priority = 10

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit              = var.waf.requests_per_5_minutes
        aggregate_key_type = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "rate-limit"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = var.waf.managed_rule_groups
    iterator = group

    content {
      name     = group.value
      priority = 20 + 10 * group.key

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = group.value

          dynamic "rule_action_override" {
            for_each = lookup(var.waf.counted_rules, group.value, [])

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = group.value
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  count = var.waf.enabled ? 1 : 0

  resource_arn = aws_lb.this.arn
  web_acl_arn  = local.web_acl_arn
}

################################################################################
# Its log
################################################################################

resource "aws_cloudwatch_log_group" "waf" {
  count = local.own_web_acl ? 1 : 0

  # AWS WAF writes only to groups whose name begins so.
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  count = local.own_web_acl ? 1 : 0

  resource_arn            = aws_wafv2_web_acl.this[0].arn
  log_destination_configs = [aws_cloudwatch_log_group.waf[0].arn]

  # Credentials of the people whose requests are logged.
  dynamic "redacted_fields" {
    for_each = ["authorization", "cookie"]

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  # Only what was stopped, or would have been, is worth its storage; access logs hold the rest.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      # A counted rule of a managed group: it would have blocked.
      condition {
        action_condition {
          action = "EXCLUDED_AS_COUNT"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}
