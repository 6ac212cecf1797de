mock_provider "aws" {
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000000"
      domain_validation_options = [
        {
          domain_name           = "shop.example.com"
          resource_record_name  = "_1.shop.example.com."
          resource_record_type  = "CNAME"
          resource_record_value = "_a.acm-validations.aws."
        },
        {
          domain_name           = "*.shop.example.com"
          resource_record_name  = "_1.shop.example.com."
          resource_record_type  = "CNAME"
          resource_record_value = "_a.acm-validations.aws."
        },
        {
          domain_name           = "shop.example.net"
          resource_record_name  = "_2.shop.example.net."
          resource_record_type  = "CNAME"
          resource_record_value = "_b.acm-validations.aws."
        },
      ]
    }
  }
}

variables {
  domain_name = "shop.example.com"
  zone_id     = "Z0123456789EXAMPLE"
}

run "by_default" {
  command = apply

  assert {
    condition     = aws_acm_certificate.this.validation_method == "DNS" && aws_acm_certificate.this.key_algorithm == "RSA_2048"
    error_message = "Proved by DNS, with a key that every client knows."
  }

  assert {
    condition     = keys(aws_route53_record.proof) == ["shop.example.com"] && aws_route53_record.proof["shop.example.com"].zone_id == "Z0123456789EXAMPLE"
    error_message = "One record, in the zone."
  }

  assert {
    condition     = aws_route53_record.proof["shop.example.com"].name == "_1.shop.example.com." && tolist(aws_route53_record.proof["shop.example.com"].records) == tolist(["_a.acm-validations.aws."])
    error_message = "The record is the one AWS asked for."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.expiry) == 0 && output.expiry_alarm_arn == null
    error_message = "No alarm unless asked for."
  }
}

run "alternative_names" {
  command = apply

  variables {
    alternative_names = ["*.shop.example.com", "shop.example.net"]
    zone_ids          = { "shop.example.net" = "Z9876543210EXAMPLE" }
  }

  assert {
    condition     = aws_acm_certificate.this.subject_alternative_names == toset(["*.shop.example.com", "shop.example.net"])
    error_message = "The certificate has all names."
  }

  assert {
    condition     = { for name, record in aws_route53_record.proof : name => record.zone_id } == { "shop.example.com" = "Z0123456789EXAMPLE", "shop.example.net" = "Z9876543210EXAMPLE" }
    error_message = "The wildcard needs no record of its own; the other name's is in its zone."
  }

  assert {
    condition     = output.domain_names == tolist(["*.shop.example.com", "shop.example.com", "shop.example.net"])
    error_message = "All names are told."
  }
}

run "expiry_alarm" {
  command = apply

  variables {
    domain_name       = "*.shop.example.com"
    alternative_names = ["shop.example.com"]
    expiry_alarm      = { topic_arns = ["arn:aws:sns:eu-west-1:111122223333:warning"] }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.expiry[0].threshold == 30 && aws_cloudwatch_metric_alarm.expiry[0].metric_name == "DaysToExpiry" && aws_cloudwatch_metric_alarm.expiry[0].alarm_name == "certificate-wildcard.shop.example.com-expires"
    error_message = "The alarm comes 30 days ahead, under a name without an asterisk."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.expiry[0].dimensions["CertificateArn"] == aws_acm_certificate.this.arn
    error_message = "The alarm watches this certificate."
  }

  assert {
    condition     = length(aws_route53_record.proof) == 1
    error_message = "One record proves wildcard and name."
  }
}

run "what_it_gives" {
  command = apply

  assert {
    condition     = output.arn == "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000000"
    error_message = "The output is the certificate."
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    domain_name        = "Shop.example.com."
    zone_id            = "example.com"
    key_algorithm      = "RSA_4096"
    validation_timeout = "45"
  }

  expect_failures = [var.domain_name, var.zone_id, var.key_algorithm, var.validation_timeout]
}

run "refuses_a_bad_alternative_name" {
  command = plan

  variables {
    alternative_names = ["https://shop.example.net"]
  }

  expect_failures = [var.alternative_names]
}

run "refuses_the_same_name_twice" {
  command = plan

  variables {
    alternative_names = ["shop.example.com"]
  }

  expect_failures = [var.alternative_names]
}

run "refuses_zones_of_other_names" {
  command = plan

  variables {
    zone_ids = { "shop.example.org" = "Z9876543210EXAMPLE" }
  }

  expect_failures = [var.zone_ids]
}

run "refuses_an_alarm_nobody_hears" {
  command = plan

  variables {
    expiry_alarm = { topic_arns = [] }
  }

  expect_failures = [var.expiry_alarm]
}

run "refuses_an_alarm_that_always_rings" {
  command = plan

  variables {
    expiry_alarm = { days = 90, topic_arns = ["arn:aws:sns:eu-west-1:111122223333:warning"] }
  }

  expect_failures = [var.expiry_alarm]
}
