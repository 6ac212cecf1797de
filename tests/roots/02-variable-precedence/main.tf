# Exercises: where a variable's value comes from, and which source wins; each variable is named after its winner.

locals {
  # A map is replaced as a whole by the winning source: sources are never merged.
  winners = {
    by_default          = var.by_default
    by_env              = var.by_env
    by_tfvars           = var.by_tfvars
    by_tfvars_json      = var.by_tfvars_json
    by_auto_a           = var.by_auto_a
    by_auto_b           = var.by_auto_b
    by_auto_json        = var.by_auto_json
    by_var_file         = var.by_var_file
    by_later_var_file   = var.by_later_var_file
    by_var              = var.by_var
    by_var_before_file  = var.by_var_before_file
    by_repeated_var     = var.by_repeated_var
    by_env_tuple        = jsonencode(var.by_env_tuple)
    by_env_looks_number = var.by_env_looks_number
  }
}

resource "aws_ssm_parameter" "winner" {
  for_each = local.winners

  name  = "/precedence/${each.key}"
  type  = "String"
  value = each.value
}

resource "aws_instance" "web" {
  count = var.instance_count

  ami               = "ami-0123456789abcdef0"
  instance_type     = var.instance.type
  monitoring        = var.instance.monitoring
  availability_zone = element(var.zones, count.index)

  root_block_device {
    volume_size = var.instance.disk
    encrypted   = var.encrypt
  }

  tags = merge(var.tags, { Name = "web-${count.index}" })
}

output "settings" {
  value = {
    instance = var.instance
    zones    = var.zones
    tags     = var.tags
    encrypt  = var.encrypt
    region   = var.region
    ports    = var.ports
    untyped  = var.untyped
  }
}

output "winners" {
  value = local.winners
}
