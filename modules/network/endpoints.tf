# The provider knows its region without asking AWS, so a plan needs no credentials for it.
data "aws_region" "current" {}

################################################################################
# Gateway endpoints: routes to S3 and DynamoDB
################################################################################

# Free, and take image layers and other traffic off the NAT gateways, which charge by the gigabyte.
resource "aws_vpc_endpoint" "gateway" {
  for_each = var.gateway_endpoints

  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${data.aws_region.current.id}.${each.key}"
  route_table_ids   = concat([for table in aws_route_table.private : table.id], [aws_route_table.data.id])
  policy            = each.value.policy

  tags = { Name = "${var.name}-${each.key}" }
}

moved {
  from = aws_vpc_endpoint.s3
  to   = aws_vpc_endpoint.gateway["s3"]
}

################################################################################
# Interface endpoints: addresses of AWS's services inside the VPC
################################################################################

# Answers only: an endpoint opens no connections of its own.
resource "aws_security_group" "endpoints" {
  count = length(var.interface_endpoints) > 0 ? 1 : 0

  name_prefix = "${var.name}-endpoints-"
  description = "Interface endpoints of ${var.name}"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count = length(var.interface_endpoints) > 0 ? 1 : 0

  security_group_id = aws_security_group.endpoints[0].id
  description       = "HTTPS from the VPC"
  cidr_ipv4         = aws_vpc.this.cidr_block
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id             = aws_vpc.this.id
  vpc_endpoint_type  = "Interface"
  service_name       = "com.amazonaws.${data.aws_region.current.id}.${each.key}"
  subnet_ids         = [for zone in var.zones : aws_subnet.private[zone].id]
  security_group_ids = [aws_security_group.endpoints[0].id]
  policy             = each.value.policy

  # The service's ordinary name then leads to the endpoint, and no program has to be told.
  private_dns_enabled = true

  tags = { Name = "${var.name}-${each.key}" }
}
