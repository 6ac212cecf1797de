# Override files are merged in the order of their names, after all others.
locals {
  name = "from-a-override"
  size = "medium"
}

variable "retention" {
  default = 14
}

resource "aws_s3_bucket" "logs" {
  force_destroy = false
  tags          = { Size = local.size, From = "a_override.tf" }
}

resource "aws_security_group" "app" {
  # Both ingress blocks go; the egress block stays.
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/8"]
  }

  lifecycle {
    ignore_changes = [tags]
  }
}

resource "aws_sqs_queue" "work" {
  count = 2
}

module "cache" {
  nodes = 3
}
