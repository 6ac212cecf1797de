# A sensitive value in an output that is not, and an ephemeral one where values are stored.
variable "password" {
  type      = string
  default   = "not-a-real-password"
  sensitive = true
}

variable "token" {
  type      = string
  default   = "not-a-real-token"
  ephemeral = true
}

resource "terraform_data" "stored" {
  input = var.token
}

output "password" {
  value = "p:${var.password}"
}

output "token" {
  value = var.token
}
