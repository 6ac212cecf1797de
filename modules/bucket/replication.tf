################################################################################
# Replication
################################################################################

resource "aws_s3_bucket_replication_configuration" "this" {
  count = var.replication != null ? 1 : 0

  bucket = aws_s3_bucket.this.id
  role   = aws_iam_role.replication[0].arn

  rule {
    id       = "copy"
    status   = "Enabled"
    priority = 0

    filter {
      prefix = var.replication.prefix
    }

    delete_marker_replication {
      status = var.replication.deletions ? "Enabled" : "Disabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket        = var.replication.bucket_arn
      account       = var.replication.account_id
      storage_class = var.replication.storage_class

      encryption_configuration {
        replica_kms_key_id = var.replication.kms_key_arn
      }

      dynamic "access_control_translation" {
        for_each = var.replication.account_id[*]

        content {
          owner = "Destination"
        }
      }

      dynamic "metrics" {
        for_each = var.replication.within_15_minutes ? [15] : []

        content {
          status = "Enabled"

          event_threshold {
            minutes = metrics.value
          }
        }
      }

      dynamic "replication_time" {
        for_each = var.replication.within_15_minutes ? [15] : []

        content {
          status = "Enabled"

          time {
            minutes = replication_time.value
          }
        }
      }
    }
  }

  # S3 refuses replication of a bucket without versions, and the first copies fail without the permissions.
  depends_on = [aws_s3_bucket_versioning.this, aws_iam_role_policy.replication]
}

resource "aws_iam_role" "replication" {
  count = var.replication != null ? 1 : 0

  # Roles' names end at 64 characters; two buckets that share the first 50 share no role thanks to the hash.
  name               = "${substr(var.name, 0, 45)}-${substr(sha1(var.name), 0, 6)}-replication"
  description        = "Lets S3 copy objects of ${var.name} to another bucket"
  assume_role_policy = data.aws_iam_policy_document.replication_trust[0].json
}

data "aws_iam_policy_document" "replication_trust" {
  count = var.replication != null ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    # For this bucket's copies only: the service acts for everybody's.
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_s3_bucket.this.arn]
    }
  }
}

resource "aws_iam_role_policy" "replication" {
  count = var.replication != null ? 1 : 0

  name   = "copy-objects"
  role   = aws_iam_role.replication[0].id
  policy = data.aws_iam_policy_document.replication[0].json
}

data "aws_iam_policy_document" "replication" {
  count = var.replication != null ? 1 : 0

  statement {
    sid       = "ReadConfiguration"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [aws_s3_bucket.this.arn]
  }

  statement {
    sid = "ReadVersions"
    actions = concat(
      ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
      var.object_lock != null ? ["s3:GetObjectLegalHold", "s3:GetObjectRetention"] : [],
    )
    resources = ["${aws_s3_bucket.this.arn}/${var.replication.prefix}*"]
  }

  statement {
    sid = "WriteCopies"
    actions = concat(
      ["s3:ReplicateObject", "s3:ReplicateTags"],
      var.replication.deletions ? ["s3:ReplicateDelete"] : [],
      var.replication.account_id != null ? ["s3:ObjectOwnerOverrideToBucketOwner"] : [],
    )
    resources = ["${var.replication.bucket_arn}/${var.replication.prefix}*"]
  }

  # By S3 only, in the bucket's region and in the copy's.
  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${split(":", var.kms_key_arn)[3]}.amazonaws.com"]
    }
  }

  statement {
    sid       = "Encrypt"
    actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = [var.replication.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${split(":", var.replication.kms_key_arn)[3]}.amazonaws.com"]
    }
  }
}
