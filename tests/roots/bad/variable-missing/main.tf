# Variables without a value.
variable "project" {
  type        = string
  description = "Prefix of every name."
}

variable "owner" {
  type = string
}

output "name" {
  value = "${var.project}-${var.owner}"
}
