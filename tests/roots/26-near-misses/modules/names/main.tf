variable "name" {
  type     = string
  default  = "default"
  nullable = false
}

variable "secret" {
  type = string
}

variable "token" {
  type      = string
  ephemeral = true
}

# It has the name of what calls the module.
resource "terraform_data" "single" {
  input = var.name
}

output "name" {
  value = terraform_data.single.input
}

# Only those of a root module must say that they are.
output "secret" {
  value = var.secret
}

output "token" {
  value     = var.token
  ephemeral = true
}
