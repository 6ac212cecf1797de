# Exercises: what stands beside the errors of ../bad and is none: whole resources and splats of repeated ones, keys that are
# worked out, names that are one's own in another module, conditions on other things too, ephemeral and sensitive values where
# they may be, null for what has a default, providers that are passed or a module's own.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "mock_access_key"
  secret_key                  = "mock_secret_key"
  token                       = var.token
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variable "token" {
  type      = string
  default   = "not-a-real-token"
  ephemeral = true
}

variable "password" {
  type      = string
  default   = "not-a-real-password"
  sensitive = true
}

variable "size" {
  type     = number
  default  = 2
  nullable = false

  validation {
    condition     = alltrue([for limit in [1] : var.size >= limit])
    error_message = "Too small, with ${length(var.password)} characters."
  }
}

# A count that is a text, and one that is a condition's.
resource "terraform_data" "counted" {
  count = "2"
  input = count.index
}

resource "terraform_data" "optional" {
  count = var.size > 1 ? 1 : 0
  input = terraform_data.counted[count.index].input
}

resource "terraform_data" "keyed" {
  for_each = toset(["a", "b"])
  input    = each.key

  lifecycle {
    postcondition {
      condition     = self.input == each.key
      error_message = "Not its key."
    }
  }
}

# Each needs the other's name, or comes behind it, but none waits for itself.
resource "terraform_data" "single" {
  input      = { terraform_data = "single", index = local.single["index"] }
  depends_on = [terraform_data.keyed, module.names]
}

locals {
  single = { index = 0 }
  first  = "a"
}

module "names" {
  source   = "./modules/names"
  for_each = { single = null, other = "given" }
  name     = each.value
  secret   = var.password
  token    = var.token
}

module "replica" {
  source = "./modules/replica"
  providers = {
    aws.target = aws
  }
}

ephemeral "aws_secretsmanager_random_password" "made" {
  count           = 0
  password_length = 20
}

resource "aws_ssm_parameter" "token" {
  name             = "/example/token"
  type             = "SecureString"
  value_wo         = var.token
  value_wo_version = 1
}

output "indices" {
  value = {
    whole    = length(terraform_data.counted)
    splat    = terraform_data.counted[*].input
    legacy   = terraform_data.counted.*.input
    number   = terraform_data.counted.0.input
    worked   = terraform_data.counted[var.size - 1].input
    local    = terraform_data.keyed[local.first].input
    quoted   = terraform_data.keyed["b"].input
    loop     = [for key, one in terraform_data.keyed : one.input]
    one      = one(terraform_data.optional[*].input)
    single   = terraform_data.single[*].input.index
    resource = resource.terraform_data.single.input.terraform_data
    tried    = try(terraform_data.counted[5].input, "none")
  }
}

output "names" {
  value = { for key, name in module.names : key => name.name }
}

output "secret" {
  value     = module.names["single"].secret
  sensitive = true
}

output "not_secret" {
  value = nonsensitive(length(var.password))
}

output "replica" {
  value = module.replica.bucket
}
