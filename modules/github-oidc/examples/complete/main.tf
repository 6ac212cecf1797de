# Two repositories of one account, with everything the module offers.
provider "aws" {
  region = "eu-central-1"
}

data "aws_partition" "current" {}

locals {
  account_id = "111122223333"
  region     = "eu-central-1"
}

# What no role of the pipeline may do, whatever is attached to it later.
resource "aws_iam_policy" "boundary" {
  name        = "shop-dev-boundary"
  description = "Outermost limit of the pipeline's roles"
  policy      = data.aws_iam_policy_document.boundary.json
}

data "aws_iam_policy_document" "boundary" {
  statement {
    sid       = "StackAndState"
    actions   = ["ecs:*", "ecr:*", "elasticloadbalancing:*", "logs:*"]
    resources = ["arn:${data.aws_partition.current.partition}:*:${local.region}:${local.account_id}:*"]
  }

  statement {
    sid       = "State"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::example-terraform-state*"]
  }
}

data "aws_iam_policy_document" "deploy" {
  statement {
    actions   = ["ecs:RegisterTaskDefinition", "ecs:UpdateService"]
    resources = ["arn:${data.aws_partition.current.partition}:ecs:${local.region}:${local.account_id}:*/shop-dev*"]
  }
}

module "github" {
  source = "../.."

  name                     = "shop-dev"
  repository               = "example/shop"
  permissions_boundary_arn = aws_iam_policy.boundary.arn

  plan = {
    pull_requests       = true
    branches            = ["main", "develop"]
    managed_policies    = ["job-function/ViewOnlyAccess", "SecurityAudit"]
    readable_objects    = ["example-artifacts/lambda/*"]
    max_session_seconds = 3600
  }

  apply = {
    environments        = ["dev"]
    policies            = { deploy = data.aws_iam_policy_document.deploy.json }
    max_session_seconds = 7200
  }

  state = {
    bucket         = "example-terraform-state"
    keys           = ["dev/services/terraform.tfstate", "env:/preview/dev/services/terraform.tfstate"]
    kms_key_arn    = "arn:aws:kms:${local.region}:${local.account_id}:key/11111111-2222-3333-4444-555555555555"
    lock_table_arn = "arn:aws:dynamodb:${local.region}:${local.account_id}:table/terraform-locks"
  }
}

# A second repository of the same account shares the provider.
module "github_site" {
  source = "../.."

  name          = "site-dev"
  repository    = "example/site"
  oidc_provider = { arn = module.github.oidc_provider_arn }

  plan = {
    pull_requests = false
    branches      = ["main"]
    lock          = false
  }

  apply = {
    branches         = ["main"]
    managed_policies = ["AmazonS3FullAccess"]
  }

  state = {
    bucket = "example-terraform-state"
    keys   = ["dev/site/terraform.tfstate"]
  }
}
