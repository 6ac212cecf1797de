# Exercises: aws_iam_policy_document in all its forms, feeding policies, with known and unknown ARNs.

locals {
  account = "123456789012"
  team    = "payments"
}

resource "aws_kms_key" "data" {
  description = "Data of ${local.team}"
  policy      = data.aws_iam_policy_document.key.json
}

resource "aws_s3_bucket" "data" {
  bucket = "example-${local.team}-data"
}

data "aws_iam_policy_document" "key" {
  policy_id = "key-policy"

  statement {
    sid       = "Administration"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }

  statement {
    sid       = "Services"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = ["*"]

    # Several kinds of principals, and one kind twice.
    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com", "cloudwatch.amazonaws.com"]
    }

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:role/reader"]
    }

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:role/writer"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = formatlist("arn:aws:%s:*:${local.account}:*", ["sns", "cloudwatch"])
    }
  }
}

data "aws_iam_policy_document" "baseline" {
  for_each = toset(["Deny", "Allow"])

  statement {
    sid         = "${each.value}OutsideOfRegion"
    effect      = each.key
    not_actions = ["iam:*", "sts:*", "support:*"]
    resources   = ["*"]

    condition {
      test     = each.key == "Deny" ? "StringNotEquals" : "StringEquals"
      variable = "aws:RequestedRegion"
      values   = ["eu-central-1", "eu-west-1"]
    }
  }
}

data "aws_iam_policy_document" "combined" {
  version = "2012-10-17"

  source_policy_documents = [
    data.aws_iam_policy_document.baseline["Deny"].json,
    file("${path.module}/policies/logs.json"),
    templatefile("${path.module}/policies/queue.json.tftpl", { account = local.account, actions = ["Send", "Receive"] }),
  ]

  # Takes the place of the statement with the same Sid.
  override_policy_documents = [jsonencode({
    Statement = [{ Sid = "Logs", Effect = "Allow", Action = "logs:*", Resource = "*" }]
  })]

  statement {
    actions       = ["s3:ListAllMyBuckets"]
    not_resources = ["arn:aws:s3:::secret-&{aws:username}/*", "arn:aws:s3:::<private>"]
  }

  statement {
    sid       = "NotThese"
    effect    = "Deny"
    actions   = ["s3:DeleteBucket"]
    resources = ["arn:aws:s3:::example-*"]

    not_principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

# Holds the ARN of a bucket that does not exist yet: the whole document is known after apply.
data "aws_iam_policy_document" "bucket" {
  source_policy_documents = [data.aws_iam_policy_document.combined.json]

  dynamic "statement" {
    for_each = { Read = ["s3:GetObject"], List = ["s3:ListBucket", "s3:GetBucketLocation"] }
    content {
      sid       = statement.key
      actions   = statement.value
      resources = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]
    }
  }
}

data "aws_iam_policy_document" "empty" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::${local.account}:oidc-provider/token.actions.githubusercontent.com"]
    }

    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:example/*:ref:refs/heads/main", "repo:example/*:environment:prod"]
    }
  }
}

# Blocks of one kind are a set: the provider merges them in the order of checksums.
data "aws_iam_policy_document" "ordered" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]

    dynamic "principals" {
      for_each = ["zeta", "alpha", "mid", "beta", "omega"]
      content {
        type        = "AWS"
        identifiers = [for prefix in ["", "x"] : "arn:aws:iam::${local.account}:role/${prefix}${principals.value}"]
      }
    }

    dynamic "condition" {
      for_each = [["1"], ["3", "2"], ["4"]]
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalTag/team"
        values   = condition.value
      }
    }
  }
}

output "ordered" {
  value = data.aws_iam_policy_document.ordered
}
