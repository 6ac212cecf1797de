# What costs something, and is changed, enlarged or deleted from outside.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

resource "aws_instance" "larger" {
  ami           = "ami-12c6146b"
  instance_type = "t3.micro"
  tags          = { Name = "larger" }
}

resource "aws_ebs_volume" "enlarged" {
  availability_zone = "eu-west-1a"
  type              = "gp3"
  size              = 10
  tags              = { Name = "enlarged" }
}

resource "aws_ebs_volume" "deleted" {
  availability_zone = "eu-west-1a"
  type              = "gp3"
  size              = 50
}

resource "aws_ebs_volume" "tagged" {
  availability_zone = "eu-west-1a"
  type              = "gp3"
  size              = 20
  tags              = { Name = "tagged" }
}
