# Outputs that a module does not have, called once and with for_each.
module "network" {
  source = "./modules/network"
  cidr   = "10.0.0.0/16"
}

module "networks" {
  source   = "./modules/network"
  for_each = { a = "10.0.0.0/16" }
  cidr     = each.value
}

output "vpc" {
  value = module.network.vpc_id
}

output "vpcs" {
  value = module.networks["a"].vpc_id
}
