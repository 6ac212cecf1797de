# Exercises: provider aliases with their own default_tags, `providers` to modules, configuration_aliases, tags_all.

locals {
  fake = { access_key = "mock_access_key", secret_key = "mock_secret" }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = local.fake.access_key
  secret_key                  = local.fake.secret_key
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = {
      Environment = var.environment
      Owner       = "storage"
      Region      = "primary"
    }
  }
}

provider "aws" {
  alias                       = "dr"
  region                      = "eu-west-1"
  access_key                  = local.fake.access_key
  secret_key                  = local.fake.secret_key
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = merge({ Environment = var.environment }, { Region = "recovery" })
  }

  ignore_tags {
    key_prefixes = ["kubernetes.io/"]
  }
}

provider "aws" {
  alias                       = "untagged"
  region                      = "us-east-1"
  access_key                  = local.fake.access_key
  secret_key                  = local.fake.secret_key
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variable "environment" {
  default = "prod"
}

resource "aws_kms_key" "primary" {
  description         = "Buckets of the primary region"
  enable_key_rotation = true
  tags                = { Owner = "security" }
}

resource "aws_kms_key" "recovery" {
  provider    = aws.dr
  description = "Buckets of the recovery region"
}

# A tag that is equal to a default tag, an empty one, and one that only this resource has.
resource "aws_kms_key" "global" {
  provider = aws.untagged
  tags     = { Environment = var.environment, Note = "" }
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
  tags = { Environment = var.environment, Owner = "storage", Region = "primary" }
}

resource "aws_sns_topic" "empty_tags" {
  provider = aws.dr
  name     = "empty-tags"
  tags     = {}
}

resource "aws_sqs_queue" "null_tag" {
  name = "null-tag"
  tags = { Owner = null }
}

# Resources of the provider's newer kind treat null and empty tags in another way.
resource "aws_vpc_security_group_egress_rule" "null_tag" {
  security_group_id = "sg-0123456789abcdef0"
  ip_protocol       = "-1"
  cidr_ipv4         = "10.0.0.0/8"
  tags              = { Owner = null, Note = "" }
}

module "replicated" {
  source   = "./modules/replica"
  for_each = toset(["orders", "invoices"])

  name = each.value
  keys = {
    source      = aws_kms_key.primary.arn
    destination = aws_kms_key.recovery.arn
  }

  providers = {
    aws.source      = aws
    aws.destination = aws.dr
  }
}

# The default provider of the module is an aliased one here.
module "logs" {
  source    = "./modules/bucket"
  name      = "logs"
  tags      = { Region = "elsewhere" }
  providers = { aws = aws.untagged }
}

# And is inherited here.
module "inherited" {
  source = "./modules/bucket"
  name   = "inherited"
}

output "tags_all" {
  value = {
    primary    = aws_kms_key.primary.tags_all
    alarms     = aws_sns_topic.alarms.tags_all
    empty      = aws_sns_topic.empty_tags.tags_all
    null_tag   = [aws_sqs_queue.null_tag.tags_all, aws_vpc_security_group_egress_rule.null_tag.tags_all]
    replicated = { for name, module in module.replicated : name => module.tags_all }
    logs       = module.logs.tags_all
    inherited  = module.inherited.tags_all
  }
}

output "unknown_tags_all" {
  description = "The provider does not say what becomes of a tag with an empty value."
  value       = aws_kms_key.global.tags_all
}
