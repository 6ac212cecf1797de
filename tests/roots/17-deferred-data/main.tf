# Exercises: data sources that can only be read during the apply, so that all they give is unknown.

resource "aws_vpc" "main" {
  cidr_block = "10.60.0.0/16"
}

resource "terraform_data" "ready" {
  input = "ready"
}

# The arguments are known, but the resource it depends on is yet to be made.
data "aws_caller_identity" "current" {
  depends_on = [terraform_data.ready]
}

data "aws_subnets" "found" {
  # An unknown argument puts the reading off just as well.
  filter {
    name   = "vpc-id"
    values = [aws_vpc.main.id]
  }

  tags = { Tier = "private" }
}

data "aws_ami" "latest" {
  count = 2

  most_recent = true
  owners      = ["amazon"]
  name_regex  = "^al2023-${terraform_data.ready.output}"

  filter {
    name   = "architecture"
    values = [count.index == 0 ? "arm64" : "x86_64"]
  }
}

# This one asks AWS nothing, and is put off all the same.
data "aws_iam_policy_document" "waits" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }

  depends_on = [terraform_data.ready]
}

data "aws_iam_policy_document" "reads" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}

# depends_on of a module puts off every data source within it.
module "waits" {
  source     = "./modules/permissions"
  name       = "waits"
  depends_on = [aws_vpc.main]
}

module "reads" {
  source = "./modules/permissions"
  name   = "reads"
}

resource "aws_iam_policy" "waits" {
  name   = "waits"
  policy = data.aws_iam_policy_document.waits.json
}

resource "aws_iam_policy" "reads" {
  name   = "reads"
  policy = data.aws_iam_policy_document.reads.json
}

resource "aws_instance" "node" {
  count = length(data.aws_ami.latest)

  ami           = data.aws_ami.latest[count.index].id
  instance_type = data.aws_ami.latest[count.index].architecture == "arm64" ? "t4g.micro" : "t3.micro"
  subnet_id     = sort(data.aws_subnets.found.ids)[count.index]
  tags          = { Name = "node-${count.index}" }
}

resource "aws_s3_bucket" "logs" {
  bucket = "logs-${data.aws_caller_identity.current.account_id}"
}

resource "aws_cloudtrail" "main" {
  name                          = "main"
  s3_bucket_name                = aws_s3_bucket.logs.id
  include_global_service_events = true
  is_multi_region_trail         = true
  enable_log_file_validation    = true

  advanced_event_selector {
    name = "objects"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = ["${aws_s3_bucket.logs.arn}/"]
    }
  }
}

output "counted" {
  value = length(data.aws_ami.latest)
}

output "subnets" {
  value = length(data.aws_subnets.found.ids)
}

output "policies" {
  value = module.reads.policy
}

output "late_policies" {
  value = module.waits.policy
}
