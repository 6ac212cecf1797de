# A module that wants a provider under a name that the call does not give.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

module "replica" {
  source = "./modules/replica"
}
