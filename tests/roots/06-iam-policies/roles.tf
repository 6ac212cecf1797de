resource "aws_iam_role" "deploy" {
  name               = "${local.team}-deploy"
  path               = "/ci/"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_policy" "baseline" {
  for_each = data.aws_iam_policy_document.baseline

  name   = "baseline-${lower(each.key)}"
  policy = each.value.json
}

resource "aws_iam_role_policy" "combined" {
  name   = "combined"
  role   = aws_iam_role.deploy.id
  policy = data.aws_iam_policy_document.combined.minified_json
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = {
    read  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    write = aws_iam_policy.baseline["Allow"].arn
  }

  role       = aws_iam_role.deploy.name
  policy_arn = each.value
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = data.aws_iam_policy_document.bucket.json
}

# Written by hand: spaces, order and key case are not what jsonencode would print.
resource "aws_sns_topic" "events" {
  name = "events"

  policy = <<-JSON
    {
      "Version" : "2012-10-17",
      "Statement": [ { "Sid": "", "Principal": {"Service": "events.amazonaws.com"},
        "Effect": "Allow", "Action": [ "sns:Publish" ], "Resource": "*" } ]
    }
  JSON
}

resource "aws_iam_group_policy" "inline" {
  name  = "inline"
  group = "developers"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:*"], Resource = [aws_s3_bucket.data.arn] },
      { Effect = "Deny", Action = "*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = false } } },
    ]
  })
}

output "documents" {
  value = {
    combined = jsondecode(data.aws_iam_policy_document.combined.json)
    text     = data.aws_iam_policy_document.combined.json
    empty    = data.aws_iam_policy_document.empty.json
    trust    = data.aws_iam_policy_document.trust.json
    sids     = [for name, document in data.aws_iam_policy_document.baseline : jsondecode(document.json).Statement[0].Sid]
  }
}

output "unknown" {
  value = data.aws_iam_policy_document.bucket.json
}
