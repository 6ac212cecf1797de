# Exercises: override files: attributes replace, blocks of a type replace all of that type, locals merge one by one.

locals {
  name        = "from-main"
  size        = "small"
  untouched   = "main"
  replication = { regions = ["eu-central-1"], mode = "async" }
}

variable "retention" {
  type    = number
  default = 7
}

variable "zones" {
  type        = list(string)
  default     = ["a"]
  description = "Zones"
}

resource "aws_s3_bucket" "logs" {
  bucket        = "example-${local.name}-logs"
  force_destroy = true

  tags = {
    Size = local.size
    Lost = "the override's map takes the place of the whole map"
  }
}

resource "aws_security_group" "app" {
  name        = local.name
  description = "Application"
  vpc_id      = "vpc-0123456789abcdef0"

  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    protocol    = "tcp"
    from_port   = 8080
    to_port     = 8080
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [description]
  }
}

resource "aws_sqs_queue" "work" {
  count = 1
  name  = "work-${count.index}"

  message_retention_seconds = var.retention * 24 * 60 * 60
}

module "cache" {
  source = "./modules/cache"
  name   = local.name
  nodes  = 1
}

output "summary" {
  description = "Locals after merging"
  value       = { name = local.name, size = local.size, untouched = local.untouched, replication = local.replication }
}

output "zones" {
  value = var.zones
}
