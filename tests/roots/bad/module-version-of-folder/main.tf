# Only a registry has versions of a module.
module "vpc" {
  source  = "./vendored"
  version = "5.0.0"
}
