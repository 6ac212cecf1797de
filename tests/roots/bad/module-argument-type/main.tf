# A value that the module's variable cannot take.
module "network" {
  source = "./modules/network"
  zones  = { a = 1 }
}
