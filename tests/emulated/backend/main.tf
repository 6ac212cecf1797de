# The backend that `tf-bootstrap create` makes, as one would write it by hand: what `cargo xtask bench --bootstrap` applies beside it.
# Left out is what the emulator does not keep, for which the provider would wait in vain: how many noncurrent versions stay, and how
# small lock files are.
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

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias                       = "replica"
  region                      = "eu-central-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "this" {}

locals {
  account = data.aws_caller_identity.this.account_id
  bucket  = "plumbline-bench-state"
  tags = {
    managed-by = "terraform"
    project    = "plumbline"
  }
  state  = "dev/app/terraform.tfstate"
  issuer = "token.actions.githubusercontent.com"

  closed = { for bucket in [local.bucket, "${local.bucket}-logs", "${local.bucket}-replica"] : bucket => [
    for sid, condition in {
      DenyPlainHttp     = { Bool = { "aws:SecureTransport" = "false" } }
      DenyOldTls        = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      DenyOtherAccounts = { StringNotEquals = { "aws:PrincipalAccount" = local.account }, BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }
      } : {
      Sid       = sid
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::${bucket}", "arn:aws:s3:::${bucket}/*"]
      Condition = condition
    }
  ] }

  encrypted = { for bucket, key in { (local.bucket) = aws_kms_key.states.arn, "${local.bucket}-replica" = aws_kms_key.replica.arn } : bucket => [
    for sid, condition in {
      DenyStatesNotEncrypted  = { StringNotEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" } }
      DenyStatesWithOtherKeys = { StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = key } }
      } : {
      Sid         = sid
      Effect      = "Deny"
      Principal   = { AWS = "*" }
      Action      = "s3:PutObject"
      NotResource = "arn:aws:s3:::${bucket}/*.tflock"
      Condition   = condition
    }
  ] }

  read_and_lock = [
    { Effect = "Allow", Action = "s3:ListBucket", Resource = aws_s3_bucket.states.arn, Condition = { StringEquals = { "s3:prefix" = [local.state, "env:/"] } } },
    { Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.states.arn}/${local.state}" },
    { Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], Resource = "${aws_s3_bucket.states.arn}/${local.state}.tflock" },
    { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = aws_kms_key.states.arn },
    { Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], Resource = aws_dynamodb_table.locks.arn },
  ]
}

# Keys

resource "aws_kms_key" "states" {
  description         = "Terraform states"
  enable_key_rotation = true
  policy              = local.key_policy
}

resource "aws_kms_alias" "states" {
  name          = "alias/${local.bucket}"
  target_key_id = aws_kms_key.states.id
}

resource "aws_kms_key" "replica" {
  provider            = aws.replica
  description         = "Terraform states"
  enable_key_rotation = true
  policy              = local.key_policy
}

resource "aws_kms_alias" "replica" {
  provider      = aws.replica
  name          = "alias/${local.bucket}-replica"
  target_key_id = aws_kms_key.replica.id
}

locals {
  key_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Account", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${local.account}:root" }, Action = "kms:*", Resource = "*" }]
  })
}

# The state bucket

resource "aws_s3_bucket" "states" {
  bucket              = local.bucket
  object_lock_enabled = true
}

resource "aws_s3_bucket_ownership_controls" "states" {
  bucket = aws_s3_bucket.states.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "states" {
  bucket                  = aws_s3_bucket.states.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "states" {
  bucket = aws_s3_bucket.states.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "states" {
  bucket = aws_s3_bucket.states.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.states.arn
    }
  }
}

resource "aws_s3_bucket_policy" "states" {
  bucket = aws_s3_bucket.states.id
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.closed[local.bucket], local.encrypted[local.bucket]) })
}

resource "aws_s3_bucket_lifecycle_configuration" "states" {
  bucket = aws_s3_bucket_versioning.states.bucket
  rule {
    id     = "versions"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 90
    }
  }
  rule {
    id     = "uploads"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "states" {
  bucket = aws_s3_bucket_versioning.states.bucket
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 2
    }
  }
}

resource "aws_s3_bucket_logging" "states" {
  bucket        = aws_s3_bucket.states.id
  target_bucket = aws_s3_bucket_policy.logs.bucket
  target_prefix = "${local.bucket}/"
}

resource "aws_s3_bucket_replication_configuration" "states" {
  bucket     = aws_s3_bucket_versioning.states.bucket
  role       = aws_iam_role.replication.arn
  depends_on = [aws_s3_bucket_versioning.replica]

  rule {
    id       = "copy"
    priority = 1
    status   = "Enabled"
    filter {
      prefix = ""
    }
    delete_marker_replication {
      status = "Disabled"
    }
    destination {
      bucket = aws_s3_bucket.replica.arn
      encryption_configuration {
        replica_kms_key_id = aws_kms_key.replica.arn
      }
    }
    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }
  }
}

# The bucket of the access logs

resource "aws_s3_bucket" "logs" {
  bucket = "${local.bucket}-logs"
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.closed["${local.bucket}-logs"], [{
      Sid       = "DeliverLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.logs.arn}/*"
      Condition = { ArnLike = { "aws:SourceArn" = aws_s3_bucket.states.arn }, StringEquals = { "aws:SourceAccount" = local.account } }
    }])
  })
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket_versioning.logs.bucket
  rule {
    id     = "logs"
    status = "Enabled"
    filter {}
    expiration {
      days = 365
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }
}

# The copy

resource "aws_s3_bucket" "replica" {
  provider            = aws.replica
  bucket              = "${local.bucket}-replica"
  object_lock_enabled = true
}

resource "aws_s3_bucket_ownership_controls" "replica" {
  provider = aws.replica
  bucket   = aws_s3_bucket.replica.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "replica" {
  provider                = aws.replica
  bucket                  = aws_s3_bucket.replica.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "replica" {
  provider = aws.replica
  bucket   = aws_s3_bucket.replica.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "replica" {
  provider = aws.replica
  bucket   = aws_s3_bucket.replica.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.replica.arn
    }
  }
}

resource "aws_s3_bucket_policy" "replica" {
  provider = aws.replica
  bucket   = aws_s3_bucket.replica.id
  policy   = jsonencode({ Version = "2012-10-17", Statement = concat(local.closed["${local.bucket}-replica"], local.encrypted["${local.bucket}-replica"]) })
}

resource "aws_s3_bucket_lifecycle_configuration" "replica" {
  provider = aws.replica
  bucket   = aws_s3_bucket_versioning.replica.bucket
  rule {
    id     = "versions"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 90
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "replica" {
  provider = aws.replica
  bucket   = aws_s3_bucket_versioning.replica.bucket
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 2
    }
  }
}

resource "aws_iam_role" "replication" {
  name = "${local.bucket}-replication"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "s3.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "replication" {
  name = "terraform-state"
  role = aws_iam_role.replication.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetReplicationConfiguration", "s3:ListBucket"], Resource = aws_s3_bucket.states.arn },
      { Effect = "Allow", Action = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl"], Resource = "${aws_s3_bucket.states.arn}/*" },
      { Effect = "Allow", Action = ["s3:ReplicateObject", "s3:ReplicateTags"], Resource = "${aws_s3_bucket.replica.arn}/*" },
      { Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.states.arn },
      { Effect = "Allow", Action = ["kms:Encrypt", "kms:GenerateDataKey"], Resource = aws_kms_key.replica.arn },
    ]
  })
}

# The lock table

resource "aws_dynamodb_table" "locks" {
  name                        = "plumbline-bench-locks"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "LockID"
  deletion_protection_enabled = true

  attribute {
    name = "LockID"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }
}

# The pipeline

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "github" {
  for_each = {
    plan  = ["repo:acme/infra:ref:refs/heads/main"]
    apply = ["repo:acme/infra:environment:dev"]
  }
  name = "${local.bucket}-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = { "${local.issuer}:aud" = "sts.amazonaws.com", "${local.issuer}:sub" = each.value } }
    }]
  })
}

resource "aws_iam_role_policy" "github" {
  for_each = {
    plan  = []
    apply = [{ Effect = "Allow", Action = ["s3:PutObject"], Resource = "${aws_s3_bucket.states.arn}/${local.state}" }]
  }
  name   = "terraform-state"
  role   = aws_iam_role.github[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.read_and_lock, each.value) })
}
