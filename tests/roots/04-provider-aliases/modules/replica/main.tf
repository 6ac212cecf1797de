terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 5.0"
      configuration_aliases = [aws.source, aws.destination]
    }
  }
}

variable "name" {
  type = string
}

variable "keys" {
  type = object({ source = string, destination = string })
}

module "source" {
  source    = "../bucket"
  name      = "${var.name}-source"
  key       = var.keys.source
  providers = { aws = aws.source }
}

module "destination" {
  source    = "../bucket"
  name      = "${var.name}-destination"
  key       = var.keys.destination
  providers = { aws = aws.destination }
}

resource "aws_iam_role" "replication" {
  provider = aws.source
  name     = "replicate-${var.name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "s3.amazonaws.com" }
    }]
  })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  provider = aws.source
  bucket   = module.source.id
  role     = aws_iam_role.replication.arn

  rule {
    id     = "all"
    status = "Enabled"

    destination {
      bucket        = module.destination.arn
      storage_class = "STANDARD_IA"

      encryption_configuration {
        replica_kms_key_id = var.keys.destination
      }
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }
  }
}

output "tags_all" {
  value = [module.source.tags_all, module.destination.tags_all]
}
