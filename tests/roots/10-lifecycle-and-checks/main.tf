# Exercises: moved, removed, check, pre- and postconditions, lifecycle, depends_on, provisioners with self.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }

  lifecycle {
    postcondition {
      condition     = length(jsondecode(self.json).Statement) == 1
      error_message = "One statement is enough."
    }
  }
}

resource "aws_iam_role" "app" {
  name_prefix        = "app-"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = startswith(var.ami, "ami-")
      error_message = "${var.ami} is not the id of an image."
    }
  }
}

resource "terraform_data" "release" {
  input            = { version = var.release, ami = var.ami }
  triggers_replace = [var.release, aws_iam_role.app.arn]

  provisioner "local-exec" {
    command     = "echo deploying ${self.input.version} by ${self.id}"
    interpreter = ["/bin/sh", "-c"]
    environment = { RELEASE = self.input.version }
  }

  provisioner "local-exec" {
    when       = destroy
    command    = "echo removing ${self.output.version}"
    on_failure = continue
  }
}

resource "aws_instance" "app" {
  count = 2

  ami           = var.ami
  instance_type = "t3.small"
  key_name      = "deploy"
  depends_on    = [terraform_data.release, module.service["api"]]

  connection {
    type = "ssh"
    host = self.public_ip
    user = "ec2-user"
  }

  provisioner "remote-exec" {
    inline = ["echo ${count.index} ${self.id}"]
  }

  lifecycle {
    ignore_changes       = [ami, tags["LastScan"], root_block_device[0].volume_size]
    replace_triggered_by = [terraform_data.release, aws_iam_role.app.arn]
    prevent_destroy      = true

    postcondition {
      condition     = self.instance_type != "t2.micro"
      error_message = "Too small."
    }

    postcondition {
      # Unknown while planning, so it is judged after the apply.
      condition     = self.public_ip != ""
      error_message = "No address."
    }
  }
}

resource "aws_ssm_parameter" "frozen" {
  name  = "/app/frozen"
  type  = "String"
  value = "first"

  lifecycle {
    ignore_changes = all
  }
}

module "service" {
  source   = "./modules/service"
  for_each = { api = 2, worker = 0 }

  name    = each.key
  desired = each.value
}

check "capacity" {
  data "aws_iam_policy_document" "scoped" {
    statement {
      actions   = ["ec2:Describe*"]
      resources = ["*"]
    }
  }

  assert {
    condition     = length(aws_instance.app) >= 2
    error_message = "Fewer than two instances."
  }

  assert {
    condition     = strcontains(data.aws_iam_policy_document.scoped.json, "Describe")
    error_message = "May not look."
  }
}

check "does_not_hold" {
  assert {
    condition     = var.release == "never"
    error_message = "A check that fails is a warning, release ${var.release} or not."
  }
}

variable "ami" {
  default = "ami-0123456789abcdef0"
}

variable "release" {
  default = "2024.10.1"
}

output "names" {
  value = { for name, service in module.service : name => service.name }

  precondition {
    condition     = length(module.service) == 2
    error_message = "Two services."
  }

  depends_on = [aws_instance.app]
}

output "release" {
  value = { input = terraform_data.release.input, triggers = terraform_data.release.triggers_replace[0] }
}

output "released" {
  value = terraform_data.release.output
}
