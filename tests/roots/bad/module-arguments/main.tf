# An argument that the module does not take, and one that it wants.
module "network" {
  source = "./modules/network"
  cird   = "10.0.0.0/16"
}
