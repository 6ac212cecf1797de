################################################################################
# Policy: what is refused to everybody, and what is allowed to some
################################################################################

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.this.json

  # The block first: until it is there, a policy could open the bucket.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "Tls12OrLater"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }

  # Who names no encryption gets the bucket's own. Who names another would write what the key's policy does not protect.
  dynamic "statement" {
    for_each = var.kms_key_arn != null ? {
      NoOtherEncryption = { variable = "s3:x-amz-server-side-encryption", value = "aws:kms" }
      NoOtherKey        = { variable = "s3:x-amz-server-side-encryption-aws-kms-key-id", value = var.kms_key_arn }
    } : {}

    content {
      sid       = statement.key
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["${aws_s3_bucket.this.arn}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "Null"
        variable = statement.value.variable
        values   = ["false"]
      }

      condition {
        test     = "StringNotEquals"
        variable = statement.value.variable
        values   = [statement.value.value]
      }
    }
  }

  dynamic "statement" {
    for_each = var.policy_statements

    content {
      sid     = replace(title(replace(statement.key, "/[^A-Za-z0-9]+/", " ")), " ", "")
      actions = statement.value.actions
      resources = concat(
        ["${aws_s3_bucket.this.arn}/${statement.value.prefix}*"],
        statement.value.bucket ? [aws_s3_bucket.this.arn] : [],
      )

      dynamic "principals" {
        for_each = { for type, identifiers in { Service = statement.value.services, AWS = statement.value.arns } : type => identifiers if length(identifiers) > 0 }

        content {
          type        = principals.key
          identifiers = principals.value
        }
      }

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}
