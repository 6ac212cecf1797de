variable "name" {
  type = string
}

variable "desired" {
  type = number
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/services/${var.name}"
  retention_in_days = var.desired > 0 ? 30 : null
  skip_destroy      = var.desired == 0
}

resource "terraform_data" "replicas" {
  count = var.desired
  input = "${var.name}-${count.index}"
}

moved {
  from = aws_cloudwatch_log_group.logs
  to   = aws_cloudwatch_log_group.this
}

output "name" {
  value = aws_cloudwatch_log_group.this.name
}
