# Exercises: the AWS data sources that the provider answers without asking AWS: partition, region, ARN, service accounts.

data "aws_partition" "current" {}
data "aws_region" "current" {}

data "aws_region" "named" {
  name = "ap-southeast-2"
}

data "aws_region" "china" {
  provider = aws.china
}

data "aws_arn" "queue" {
  arn = "arn:aws:sqs:eu-central-1:123456789012:queue/with/slashes:and:colons"
}

data "aws_elb_service_account" "main" {
  region = data.aws_region.named.name
}

data "aws_service_principal" "logs" {
  service_name = "logs"
  region       = "cn-north-1"
}

data "aws_default_tags" "china" {
  provider = aws.china
}

locals {
  prefix = "arn:${data.aws_partition.current.partition}:"
}

resource "aws_iam_role" "vpc_flow" {
  name = "flow-${data.aws_region.current.name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.${data.aws_partition.current.dns_suffix}" }
    }]
  })

  permissions_boundary = "${local.prefix}iam::123456789012:policy/boundary"
}

resource "aws_iam_role_policy_attachment" "flow" {
  role       = aws_iam_role.vpc_flow.name
  policy_arn = "${local.prefix}iam::aws:policy/CloudWatchLogsFullAccess"
}

module "logs" {
  source    = "./modules/log_bucket"
  for_each  = { primary = "AES256", secondary = "aws:kms" }
  name      = each.key
  algorithm = each.value
}

module "logs_china" {
  source    = "./modules/log_bucket"
  name      = "china"
  algorithm = "AES256"
  providers = { aws = aws.china }
}

output "regions" {
  value = [data.aws_region.current.name, data.aws_region.named.endpoint, data.aws_region.china.description]
}

output "arn" {
  value = data.aws_arn.queue
}

output "principals" {
  value = [data.aws_elb_service_account.main.arn, data.aws_service_principal.logs.name, data.aws_default_tags.china.tags]
}
