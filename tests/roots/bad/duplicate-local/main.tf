# A local, a variable, an output and an argument that are there twice.
locals {
  name = "first"
}

locals {
  name = "second"
}

variable "region" {}
variable "region" {}

output "name" {
  value = local.name
}

output "name" {
  value = local.name
}
