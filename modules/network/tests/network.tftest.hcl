mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vpc/shop-test/flow-logs" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/shop-test-flow-logs" }
  }
}

variables {
  name        = "shop-test"
  cidr_block  = "10.10.0.0/16"
  zones       = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
}

run "by_default" {
  command = plan

  assert {
    condition = {
      for zone, subnet in aws_subnet.private : zone => subnet.cidr_block
    } == { eu-west-1a = "10.10.0.0/20", eu-west-1b = "10.10.16.0/20", eu-west-1c = "10.10.32.0/20" }
    error_message = "Private subnets take the first sixteenths, in the order of the zones."
  }

  assert {
    condition     = aws_subnet.public["eu-west-1a"].cidr_block == "10.10.64.0/20" && aws_subnet.data["eu-west-1c"].cidr_block == "10.10.160.0/20"
    error_message = "Public subnets begin at the fifth sixteenth, data subnets at the ninth."
  }

  assert {
    condition     = !anytrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch])
    error_message = "Nothing gets a public address by accident."
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"] && length(aws_route.private_nat) == 3
    error_message = "Each zone has a NAT gateway of its own."
  }

  assert {
    condition     = aws_vpc_endpoint.gateway["s3"].service_name == "com.amazonaws.eu-west-1.s3" && length(aws_vpc_endpoint.gateway) == 1
    error_message = "S3 is reached without NAT."
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0 && length(aws_security_group.endpoints) == 0
    error_message = "Interface endpoints cost by the hour: none unless asked for."
  }

  assert {
    condition = (
      aws_flow_log.this.traffic_type == "ALL" &&
      aws_cloudwatch_log_group.flow_logs.retention_in_days == 365 &&
      aws_cloudwatch_log_group.flow_logs.kms_key_id == var.kms_key_arn
    )
    error_message = "All traffic is logged, encrypted, for a year."
  }
}

run "data_tier_has_no_way_out" {
  # Ids are needed to tell the tables apart.
  command = apply

  assert {
    condition     = alltrue([for association in aws_route_table_association.data : association.route_table_id == aws_route_table.data.id])
    error_message = "Data subnets share the table without routes."
  }

  assert {
    condition = !contains(
      concat([for route in aws_route.private_nat : route.route_table_id], [aws_route.public_internet.route_table_id]),
      aws_route_table.data.id,
    )
    error_message = "The data tier's table has no route to the Internet."
  }

  assert {
    condition     = length(aws_default_security_group.this.ingress) + length(aws_default_security_group.this.egress) == 0
    error_message = "The default security group is closed."
  }
}

run "single_nat_gateway" {
  command = apply

  variables {
    nat_gateways = "single"
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["eu-west-1a"]
    error_message = "One gateway, in the first zone."
  }

  assert {
    condition     = length(aws_route.private_nat) == 3 && alltrue([for route in aws_route.private_nat : route.nat_gateway_id == aws_nat_gateway.this["eu-west-1a"].id])
    error_message = "Every zone's table leads to it."
  }
}

run "no_nat_gateway" {
  command = plan

  variables {
    nat_gateways = "none"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_route.private_nat) == 0
    error_message = "No gateway, no address that is paid for, no route."
  }
}

run "endpoints" {
  command = plan

  variables {
    gateway_endpoints   = { s3 = { policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }, dynamodb = {} }
    interface_endpoints = { "ecr.api" = {}, logs = {} }
  }

  assert {
    condition     = keys(aws_vpc_endpoint.gateway) == ["dynamodb", "s3"] && aws_vpc_endpoint.gateway["s3"].policy != null
    error_message = "Gateway endpoints are those asked for, with their policies."
  }

  assert {
    condition = alltrue([
      for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled && endpoint.vpc_endpoint_type == "Interface"
    ]) && aws_vpc_endpoint.interface["ecr.api"].service_name == "com.amazonaws.eu-west-1.ecr.api"
    error_message = "Interface endpoints answer to the service's ordinary name."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints[0].cidr_ipv4 == "10.10.0.0/16" && aws_vpc_security_group_ingress_rule.endpoints[0].from_port == 443
    error_message = "Endpoints admit HTTPS from the VPC only."
  }
}

run "subnet_tags" {
  command = plan

  variables {
    subnet_tags = { public = { "kubernetes.io/role/elb" = "1", Tier = "other" } }
  }

  assert {
    condition     = aws_subnet.public["eu-west-1a"].tags["kubernetes.io/role/elb"] == "1" && aws_subnet.public["eu-west-1a"].tags["Tier"] == "public"
    error_message = "Tags are added; the module's own stay."
  }
}

run "refuses_a_small_range" {
  command = plan

  variables {
    cidr_block = "10.10.0.0/24"
  }

  expect_failures = [var.cidr_block]
}

run "refuses_what_is_no_range" {
  command = plan

  variables {
    cidr_block = "10.10.0.0"
  }

  expect_failures = [var.cidr_block]
}

run "refuses_one_zone" {
  command = plan

  variables {
    zones = ["eu-west-1a"]
  }

  expect_failures = [var.zones]
}

run "refuses_a_zone_twice" {
  command = plan

  variables {
    zones = ["eu-west-1a", "eu-west-1a"]
  }

  expect_failures = [var.zones]
}

run "refuses_other_words" {
  command = plan

  variables {
    name                = "Shop"
    nat_gateways        = "two"
    gateway_endpoints   = { sqs = {} }
    interface_endpoints = { "com.amazonaws.eu-west-1.logs" = {} }
    kms_key_arn         = "alias/logs"
    flow_logs           = { traffic_type = "SOME" }
  }

  expect_failures = [var.name, var.nat_gateways, var.gateway_endpoints, var.interface_endpoints, var.kms_key_arn, var.flow_logs]
}

run "refuses_s3_as_interface_endpoint" {
  command = plan

  variables {
    interface_endpoints = { s3 = {} }
  }

  expect_failures = [var.interface_endpoints]
}

run "refuses_logs_kept_for_ever" {
  command = plan

  variables {
    flow_logs = { retention_days = 0 }
  }

  expect_failures = [var.flow_logs]
}
