# An attribute that the object, the variable's type, the resource or the map does not have.
locals {
  settings = { size = "small", nested = { zone = "a" } }
}

variable "database" {
  type    = object({ class = string, size = optional(number) })
  default = { class = "db.t4g.micro", storage = 20 }
}

resource "terraform_data" "app" {
  input = local.settings.siz
}

resource "terraform_data" "other" {
  input = "x"
}

output "zone" {
  value = local.settings.nested.zones
}

output "dropped" {
  value = var.database.storage
}

output "resource" {
  value = terraform_data.other.inputs
}

output "of_text" {
  value = local.settings.size.name
}

output "of_map" {
  value = tomap({ a = 1 }).b
}
