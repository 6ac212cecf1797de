# Secrets of an API: one set by people, one by the pipeline, one that rotates and is known in a second region.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "account_id" {
  description = "Account of the secrets."
  type        = string
  default     = "111122223333"
}

variable "webhook_token" {
  description = "Token of the webhook, from the pipeline."
  type        = string
  default     = "not-a-token"
  sensitive   = true
  ephemeral   = true
}

module "secrets" {
  source = "../.."

  prefix      = "/shop/dev/api"
  kms_key_arn = "arn:aws:kms:eu-central-1:${var.account_id}:key/11111111-2222-3333-4444-555555555555"
  settings    = { LOG_LEVEL = "info", REGION = "eu-central-1" }
  values      = { WEBHOOK_TOKEN = var.webhook_token }

  parameters = {
    TOKEN_KEY     = { description = "Signs sessions" }
    WEBHOOK_TOKEN = { description = "Proves who calls the webhook", version = 3 }
    CERTIFICATES  = { description = "Whom to trust", large = true }
  }

  secrets = {
    payment = {
      description = "Key of the payment provider"
      rotation    = { function_arn = "arn:aws:lambda:eu-central-1:${var.account_id}:function:rotate-payment:live", days = 30 }
      replicas    = { eu-west-1 = "arn:aws:kms:eu-west-1:${var.account_id}:key/66666666-7777-8888-9999-000000000000" }
    }
    mail = {
      description   = "Account of the mail service"
      recovery_days = 7
      rotation      = { function_arn = "arn:aws:lambda:eu-central-1:${var.account_id}:function:rotate-mail:live" }
    }
  }
}

output "parameters" {
  description = "Names of the parameters, for the API's service."
  value       = module.secrets.parameters
}
