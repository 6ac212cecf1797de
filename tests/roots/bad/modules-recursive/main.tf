# Modules that call each other: Terraform installs until a folder's name is too long.
module "network" {
  source = "./modules/network"
}
