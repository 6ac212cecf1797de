# A module from a registry, which init would have to fetch.
module "vpc" {
  source  = "registry.example.invalid/example/vpc/aws"
  version = "5.0.0"
}
