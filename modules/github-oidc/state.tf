# What Terraform's S3 backend asks for, and no more: https://developer.hashicorp.com/terraform/language/backend/s3
locals {
  state_bucket_arn = "arn:${local.partition}:s3:::${var.state.bucket}"
  state_objects    = [for key in var.state.keys : "${local.state_bucket_arn}/${key}"]
  lock_objects     = var.state.lock_file ? [for key in var.state.keys : "${local.state_bucket_arn}/${key}.tflock"] : []

  # The items of the lock table: the lock, and the digest of the state that was written last.
  lock_items   = [for key in var.state.keys : "${var.state.bucket}/${key}"]
  digest_items = [for key in var.state.keys : "${var.state.bucket}/${key}-md5"]
}

data "aws_iam_policy_document" "state_read" {
  statement {
    sid       = "FindState"
    actions   = ["s3:ListBucket"]
    resources = [local.state_bucket_arn]

    condition {
      test     = "StringEquals"
      variable = "s3:prefix"
      values   = concat(tolist(var.state.keys), ["${var.state.workspace_key_prefix}/"]) # init looks for workspaces
    }
  }

  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = local.state_objects
  }

  dynamic "statement" {
    for_each = var.state.kms_key_arn[*]

    content {
      sid       = "DecryptState"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringLike"
        variable = "kms:ViaService"
        values   = ["s3.*.amazonaws.com*"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.state.lock_table_arn[*]

    content {
      sid       = "ReadDigest"
      actions   = ["dynamodb:GetItem"]
      resources = [statement.value]

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "dynamodb:LeadingKeys"
        values   = concat(local.digest_items, local.lock_items)
      }
    }
  }
}

data "aws_iam_policy_document" "state_lock" {
  dynamic "statement" {
    for_each = length(local.lock_objects) > 0 ? [local.lock_objects] : []

    content {
      sid       = "LockFile"
      actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = var.state.lock_table_arn[*]

    content {
      sid       = "LockItem"
      actions   = ["dynamodb:DeleteItem", "dynamodb:PutItem"]
      resources = [statement.value]

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "dynamodb:LeadingKeys"
        values   = local.lock_items
      }
    }
  }

  # An encrypted bucket wants a data key for the lock file too.
  dynamic "statement" {
    for_each = var.state.kms_key_arn[*]

    content {
      sid       = "EncryptState"
      actions   = ["kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringLike"
        variable = "kms:ViaService"
        values   = ["s3.*.amazonaws.com*"]
      }
    }
  }
}

data "aws_iam_policy_document" "plan_state" {
  source_policy_documents = concat(
    [data.aws_iam_policy_document.state_read.json],
    var.plan.lock ? [data.aws_iam_policy_document.state_lock.json] : [],
  )
}

data "aws_iam_policy_document" "apply_state" {
  source_policy_documents = [data.aws_iam_policy_document.state_read.json, data.aws_iam_policy_document.state_lock.json]

  # Not DeleteObject: with versioning, no apply can lose a state.
  statement {
    sid       = "WriteState"
    actions   = ["s3:PutObject"]
    resources = local.state_objects
  }

  dynamic "statement" {
    for_each = var.state.lock_table_arn[*]

    content {
      sid       = "WriteDigest"
      actions   = ["dynamodb:DeleteItem", "dynamodb:PutItem"]
      resources = [statement.value]

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "dynamodb:LeadingKeys"
        values   = local.digest_items
      }
    }
  }
}
