mock_provider "aws" {
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop-test/0123456789abcdef" }
  }

  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop-test/0123456789abcdef/0123456789abcdef" }
  }

  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop-test/0a1b2c3d-0000-4000-8000-000000000000" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:aws-waf-logs-shop-test" }
  }
}

variables {
  name                = "shop-test"
  vpc_id              = "vpc-0123456789abcdef0"
  subnet_ids          = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"]
  ingress_cidr_blocks = ["203.0.113.0/24"]
  certificate_arn     = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000000"
  access_logs         = { bucket = "shop-test-access-logs", prefix = "shop" }
  logs                = { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000" }
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_lb_listener.https.port == 443
    error_message = "HTTPS with TLS 1.2 at least."
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].fixed_response[0].status_code == "404"
    error_message = "What no service claimed is answered 404."
  }

  assert {
    condition     = aws_lb_listener.http[0].default_action[0].redirect[0].protocol == "HTTPS" && aws_lb_listener.http[0].default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "HTTP is redirected for good."
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.https) == ["203.0.113.0/24"] && keys(aws_vpc_security_group_ingress_rule.http) == ["203.0.113.0/24"]
    error_message = "Only the ranges given may connect."
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.enable_deletion_protection && !aws_lb.this.internal
    error_message = "Invalid headers are dropped, deletion is refused."
  }

  assert {
    condition     = aws_lb.this.access_logs[0].enabled && aws_lb.this.access_logs[0].bucket == "shop-test-access-logs" && aws_lb.this.access_logs[0].prefix == "shop"
    error_message = "Access logs are written."
  }

  assert {
    condition = { for rule in aws_wafv2_web_acl.this[0].rule : rule.name => rule.priority } == {
      rate-limit                           = 10
      AWSManagedRulesKnownBadInputsRuleSet = 20
      AWSManagedRulesAnonymousIpList       = 30
      AWSManagedRulesCommonRuleSet         = 40
    }
    error_message = "The rate limit comes first, then the groups in order."
  }

  assert {
    condition     = aws_cloudwatch_log_group.waf[0].name == "aws-waf-logs-shop-test" && aws_cloudwatch_log_group.waf[0].retention_in_days == 365
    error_message = "The firewall's log is kept for a year."
  }

  assert {
    condition     = length(aws_wafv2_web_acl_association.this) == 1
    error_message = "The firewall stands in front of the load balancer."
  }
}

run "rules_that_count" {
  command = plan

  variables {
    waf = {
      requests_per_5_minutes = 500
      managed_rule_groups    = ["AWSManagedRulesCommonRuleSet"]
      counted_rules          = { AWSManagedRulesCommonRuleSet = ["SizeRestrictions_BODY", "GenericRFI_BODY"] }
    }
  }

  assert {
    condition = sort(flatten([
      for rule in aws_wafv2_web_acl.this[0].rule : [
        for group in rule.statement[0].managed_rule_group_statement : group.rule_action_override[*].name
      ]
    ])) == tolist(["GenericRFI_BODY", "SizeRestrictions_BODY"])
    error_message = "Named rules count, and no others."
  }

  assert {
    condition = flatten([
      for rule in aws_wafv2_web_acl.this[0].rule : rule.statement[0].rate_based_statement[*].limit
    ]) == [500]
    error_message = "The rate limit is the one given."
  }
}

run "web_acl_of_the_account" {
  command = plan

  variables {
    waf = { web_acl_arn = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/company/0a1b2c3d-0000-4000-8000-000000000000" }
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this) == 0 && length(aws_cloudwatch_log_group.waf) == 0 && length(aws_wafv2_web_acl_logging_configuration.this) == 0
    error_message = "No web ACL of its own, nor a log for one."
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this[0].web_acl_arn == var.waf.web_acl_arn && output.web_acl_arn == var.waf.web_acl_arn
    error_message = "The given one stands in front."
  }
}

run "no_firewall" {
  command = plan

  variables {
    waf = { enabled = false }
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this) == 0 && length(aws_wafv2_web_acl_association.this) == 0 && output.web_acl_arn == null
    error_message = "No firewall at all."
  }
}

run "internal_and_quiet" {
  command = plan

  variables {
    internal            = true
    redirect_http       = false
    access_logs         = null
    deletion_protection = false
    ingress_cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
  }

  assert {
    condition     = aws_lb.this.internal && length(aws_lb.this.access_logs) == 0 && !aws_lb.this.enable_deletion_protection
    error_message = "Internal, without access logs, deletable."
  }

  assert {
    condition     = length(aws_lb_listener.http) == 0 && length(aws_vpc_security_group_ingress_rule.http) == 0 && length(aws_vpc_security_group_ingress_rule.https) == 2
    error_message = "Port 80 is closed."
  }

  assert {
    condition     = output.http_listener_arn == null
    error_message = "There is no HTTP listener."
  }
}

run "further_certificates" {
  command = plan

  variables {
    additional_certificate_arns = { partner = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000001" }
  }

  assert {
    condition     = aws_lb_listener_certificate.this["partner"].certificate_arn == var.additional_certificate_arns.partner
    error_message = "The listener has the further certificate."
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name                        = "internal-shop"
    subnet_ids                  = ["subnet-0aaaaaaaaaaaaaaa1"]
    ingress_cidr_blocks         = []
    certificate_arn             = "shop.example.com"
    additional_certificate_arns = { partner = "partner.example.com" }
    ssl_policy                  = "ELBSecurityPolicy-2016-08"
    idle_timeout                = 5000
    access_logs                 = { bucket = "shop", prefix = "/shop/" }
    logs                        = { kms_key_arn = "alias/logs" }
  }

  expect_failures = [
    var.name, var.subnet_ids, var.ingress_cidr_blocks, var.certificate_arn, var.additional_certificate_arns, var.ssl_policy,
    var.idle_timeout, var.access_logs, var.logs,
  ]
}

run "refuses_a_global_web_acl" {
  command = plan

  variables {
    waf = { web_acl_arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/company/0a1b2c3d-0000-4000-8000-000000000000" }
  }

  expect_failures = [var.waf]
}

run "refuses_a_web_acl_without_a_firewall" {
  command = plan

  variables {
    waf = { enabled = false, web_acl_arn = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/company/0a1b2c3d-0000-4000-8000-000000000000" }
  }

  expect_failures = [var.waf]
}

run "refuses_groups_that_need_settings" {
  command = plan

  variables {
    waf = { managed_rule_groups = ["AWSManagedRulesATPRuleSet"] }
  }

  expect_failures = [var.waf]
}

run "refuses_counting_in_a_group_that_is_not_asked" {
  command = plan

  variables {
    waf = { counted_rules = { AWSManagedRulesSQLiRuleSet = ["SQLi_BODY"] } }
  }

  expect_failures = [var.waf]
}
