# Tags that everything carries.

variable "name" {
  type = string
}

variable "extra" {
  type     = map(string)
  default  = {}
  nullable = false
}

locals {
  base = { Name = var.name, ManagedBy = "terraform" }
}

output "tags" {
  value = merge(local.base, var.extra)
}
