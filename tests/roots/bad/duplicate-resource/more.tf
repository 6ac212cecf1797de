# A data source of the same name is another thing.
data "aws_iam_policy_document" "logs" {}

resource "aws_s3_bucket" "logs" {
  bucket = "example-logs-again"
}
