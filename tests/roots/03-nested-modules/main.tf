# Exercises: local modules three deep, with count and for_each, called from two places, outputs feeding resources.

locals {
  networks = {
    main  = { cidr = "10.0.0.0/16", tiers = { public = 0, private = 1, data = 2 } }
    tools = { cidr = "10.1.0.0/16", tiers = { private = 0 } }
  }
  zones = ["a", "b", "c"]
}

module "network" {
  source   = "./modules/network"
  for_each = local.networks

  name  = each.key
  cidr  = each.value.cidr
  zones = [for letter in slice(local.zones, 0, each.key == "main" ? 3 : 1) : "eu-central-1${letter}"]
  tiers = each.value.tiers
}

# The same folder as modules/network/main.tf calls, from elsewhere and by another path.
module "labels" {
  source = "./modules/network/../labels"

  name  = "edge"
  extra = { Layer = "edge" }
}

module "bastion_labels" {
  source = "./modules/labels"
  count  = var.bastions

  name = "bastion-${count.index}"
}

resource "aws_instance" "bastion" {
  count = length(module.bastion_labels)

  ami           = "ami-0123456789abcdef0"
  instance_type = "t4g.nano"
  subnet_id     = module.network["main"].subnets["private"][count.index]
  tags          = module.bastion_labels[count.index].tags
}

resource "aws_eip" "bastion" {
  for_each = { for index, labels in module.bastion_labels : labels.tags.Name => aws_instance.bastion[index].id }

  instance = each.value
  domain   = "vpc"
  tags     = module.labels.tags
}

resource "aws_vpc_peering_connection" "tools" {
  vpc_id      = module.network["main"].vpc.id
  peer_vpc_id = module.network["tools"].vpc.id
  auto_accept = true
  tags        = { Route = join(" to ", [for name in ["main", "tools"] : module.network[name].vpc.cidr_block]) }
}

module "nothing" {
  source = "./modules/labels"
  count  = 0
  name   = "never made"
}

variable "bastions" {
  type    = number
  default = 2
}

output "cidrs" {
  value = { for name, network in module.network : name => network.cidrs }
}

output "all_cidrs" {
  value = flatten([for network in values(module.network) : [for tier in network.cidrs : tier]])
}

output "bastion_names" {
  value = module.bastion_labels[*].tags.Name
}

output "nothing" {
  value = { all = module.nothing, first = one(module.nothing[*].tags) }
}

output "labels" {
  value = module.labels
}
