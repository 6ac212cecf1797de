terraform {
  # Values are written by write-only arguments, which Terraform and OpenTofu 1.10 lack: there they would lie in the state.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}
