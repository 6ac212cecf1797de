# Exercises: terraform_remote_state of the local backend, whose outputs feed resources, with defaults for what is missing.

data "terraform_remote_state" "network" {
  backend = "local"

  config = {
    path = "${path.module}/fixtures/network.json"
  }

  defaults = {
    bastion_cidr = "192.0.2.0/32"
    vpc_id       = "overridden by the state"
  }
}

locals {
  network = data.terraform_remote_state.network.outputs
}

resource "aws_security_group" "app" {
  name   = "app"
  vpc_id = local.network.vpc_id

  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = [local.network.bastion_cidr]
  }
}

resource "aws_instance" "app" {
  for_each = local.network.subnets

  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  subnet_id     = each.value.id
  tags          = { Zone = each.value.zone, Public = each.value.public }
}

output "network" {
  value = local.network
}
