# One subnet.

resource "aws_subnet" "this" {
  vpc_id                  = var.vpc_id
  availability_zone       = var.zone
  cidr_block              = var.cidr
  map_public_ip_on_launch = var.public
  tags                    = { Name = var.name, Module = path.module }
}

variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "zone" {
  type = string
}

variable "cidr" {
  type = string
}

variable "public" {
  type    = bool
  default = false
}

output "id" {
  value = aws_subnet.this.id
}

output "cidr" {
  value = aws_subnet.this.cidr_block
}
