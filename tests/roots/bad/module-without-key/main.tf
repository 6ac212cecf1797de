# An output of one of many modules, without saying which.
module "network" {
  source   = "./modules/network"
  for_each = { a = "10.0.0.0/16" }
  cidr     = each.value
}

output "id" {
  value = module.network.id
}
