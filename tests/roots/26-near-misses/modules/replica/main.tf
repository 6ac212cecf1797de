terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.target]
    }
  }
}

resource "aws_s3_bucket" "this" {
  provider = aws.target
  bucket   = "example-replica"
}

output "bucket" {
  value = aws_s3_bucket.this.bucket
}
