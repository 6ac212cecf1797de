# What the roots of environments/dev expect of their account: see "yours" in their terraform.tfvars.
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
  region                      = "eu-west-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

resource "aws_route53_zone" "this" {
  name = "example.com"
}

resource "aws_s3_bucket" "access_logs" {
  bucket = "plumbline-dev-access-logs"
}

resource "aws_s3_bucket_policy" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for service in ["logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"] : {
      Effect    = "Allow"
      Principal = { Service = service }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.access_logs.arn}/*"
    }]
  })
}

resource "aws_s3_bucket" "artifacts" {
  bucket = "plumbline-dev-artifacts"
}

resource "aws_s3_object" "function" {
  bucket         = aws_s3_bucket.artifacts.id
  key            = "data/process/1.0.0.zip"
  content_base64 = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" # an empty zip file
}

output "zone_id" {
  value = aws_route53_zone.this.zone_id
}
