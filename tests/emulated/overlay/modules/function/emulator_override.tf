# Not kept by CreateFunction.
resource "aws_lambda_function" "this" {
  lifecycle {
    ignore_changes = [dead_letter_config, logging_config]
  }
}
