# Two modules, each of which needs an output of the other.
module "network" {
  source = "./modules/part"
  input  = module.cluster.output
}

module "cluster" {
  source = "./modules/part"
  input  = module.network.output
}
