# Two load balancers: a public one with a firewall of its own, and an internal one behind a web ACL that the account shares.

terraform {
  required_version = ">= 1.10"

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

variable "network" {
  description = "VPC and subnets, as the network module gives them."
  type = object({
    vpc_id             = string
    cidr_block         = string
    public_subnet_ids  = list(string)
    private_subnet_ids = list(string)
  })
  default = {
    vpc_id             = "vpc-0123456789abcdef0"
    cidr_block         = "10.30.0.0/16"
    public_subnet_ids  = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"]
    private_subnet_ids = ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"]
  }
}

variable "certificate_arns" {
  description = "ACM certificates in eu-central-1: of the shop, of a partner's name for it, and of the internal name."
  type        = object({ shop = string, partner = string, internal = string })
  default = {
    shop     = "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000001"
    partner  = "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000002"
    internal = "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000003"
  }
}

variable "shared_web_acl_arn" {
  description = "Web ACL that the security team keeps."
  type        = string
  default     = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/company/0a1b2c3d-0000-4000-8000-000000000000"
}

variable "access_logs_bucket" {
  description = "Bucket that admits Elastic Load Balancing's log delivery."
  type        = string
  default     = "shop-prod-access-logs"
}

variable "kms_key_arn" {
  description = "KMS key of the firewall's log."
  type        = string
  default     = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
}

module "public" {
  source = "../.."

  name                = "shop-prod"
  vpc_id              = var.network.vpc_id
  subnet_ids          = var.network.public_subnet_ids
  ingress_cidr_blocks = ["0.0.0.0/0"] # a shop is open to everyone
  idle_timeout        = 120

  certificate_arn             = var.certificate_arns.shop
  additional_certificate_arns = { partner = var.certificate_arns.partner }

  access_logs = { bucket = var.access_logs_bucket, prefix = "shop-prod" }

  waf = {
    requests_per_5_minutes = 5000

    managed_rule_groups = [
      "AWSManagedRulesAmazonIpReputationList",
      "AWSManagedRulesKnownBadInputsRuleSet",
      "AWSManagedRulesAnonymousIpList",
      "AWSManagedRulesCommonRuleSet",
      "AWSManagedRulesSQLiRuleSet",
    ]

    counted_rules = {
      AWSManagedRulesAnonymousIpList = ["HostingProviderIPList"]
      AWSManagedRulesCommonRuleSet   = ["SizeRestrictions_BODY"] # customers upload pictures
    }
  }

  logs = { kms_key_arn = var.kms_key_arn, retention_days = 731 }
}

module "internal" {
  source = "../.."

  name                = "shop-prod-private"
  vpc_id              = var.network.vpc_id
  subnet_ids          = var.network.private_subnet_ids
  internal            = true
  ingress_cidr_blocks = [var.network.cidr_block]
  redirect_http       = false
  certificate_arn     = var.certificate_arns.internal
  ssl_policy          = "ELBSecurityPolicy-TLS13-1-3-2021-06" # our own clients all speak it
  access_logs         = { bucket = var.access_logs_bucket, prefix = "shop-prod-private" }
  waf                 = { web_acl_arn = var.shared_web_acl_arn }
  logs                = { kms_key_arn = var.kms_key_arn }
}

output "public" {
  description = "The public load balancer."
  value       = module.public
}

output "internal" {
  description = "The internal load balancer."
  value       = module.internal
}
