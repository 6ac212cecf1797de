locals {
  size = "huge"
}

resource "aws_security_group" "app" {
  # A dynamic block counts as a block of its type.
  dynamic "egress" {
    for_each = toset([443, 5432])
    content {
      protocol    = "tcp"
      from_port   = egress.value
      to_port     = egress.value
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}

variable "zones" {
  default = ["b", "a", "b"]
}

module "cache" {
  source = "./modules/cache"
  engine = "valkey"
}
