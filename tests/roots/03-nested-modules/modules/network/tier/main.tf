# The subnets of one tier, one a zone, with a route table.

module "subnet" {
  source = "./subnet"
  count  = length(var.zones)

  name   = format("%s-%02d", var.name, count.index + 1)
  vpc_id = var.vpc_id
  zone   = var.zones[count.index]
  cidr   = cidrsubnet(var.cidr, 4, count.index)
  public = var.gateway_id != null
}

resource "aws_route_table" "this" {
  vpc_id = var.vpc_id
  tags   = module.labels.tags

  dynamic "route" {
    for_each = var.gateway_id == null ? [] : [var.gateway_id]
    content {
      cidr_block = "0.0.0.0/0"
      gateway_id = route.value
    }
  }
}

resource "aws_route_table_association" "this" {
  count = length(module.subnet)

  route_table_id = aws_route_table.this.id
  subnet_id      = module.subnet[count.index].id
}

module "labels" {
  source = "../../labels"
  name   = var.name
}

variable "name" {}
variable "vpc_id" {}
variable "cidr" {}
variable "zones" { type = list(string) }
variable "gateway_id" { default = null }

output "subnet_ids" {
  value = module.subnet[*].id
}

output "cidrs" {
  value = module.subnet.*.cidr
}
