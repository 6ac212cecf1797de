variable "name" {
  type = string
}

data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:*:*:${var.name}"]
  }
}

resource "aws_iam_policy" "this" {
  name   = "module-${var.name}"
  policy = data.aws_iam_policy_document.this.json
}

output "policy" {
  value = data.aws_iam_policy_document.this.json
}
