# A misspelt local value, and one that another module has.
locals {
  name = "app"
}

resource "terraform_data" "app" {
  input = { name = local.nam }
}

module "network" {
  source = "./modules/network"
  name   = local.cidr
}
