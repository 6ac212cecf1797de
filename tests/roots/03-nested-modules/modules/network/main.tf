# One VPC, and its tiers of subnets.

module "labels" {
  source = "../labels"
  name   = "${var.name}-network"
  extra  = { Cidr = var.cidr }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  tags                 = module.labels.tags
}

resource "aws_internet_gateway" "this" {
  count = contains(keys(var.tiers), "public") ? 1 : 0

  vpc_id = aws_vpc.this.id
  tags   = module.labels.tags
}

module "tier" {
  source   = "./tier"
  for_each = var.tiers

  name       = "${var.name}-${each.key}"
  vpc_id     = aws_vpc.this.id
  cidr       = cidrsubnet(var.cidr, 4, each.value)
  zones      = var.zones
  gateway_id = each.key == "public" ? one(aws_internet_gateway.this[*].id) : null
}

variable "name" {
  type = string
}

variable "cidr" {
  type = string
}

variable "zones" {
  type = list(string)
}

variable "tiers" {
  type        = map(number)
  description = "Tier to its place in the network's address space."
}

output "vpc" {
  value = aws_vpc.this
}

output "subnets" {
  value = { for name, tier in module.tier : name => tier.subnet_ids }
}

output "cidrs" {
  value = { for name, tier in module.tier : name => tier.cidrs }
}
