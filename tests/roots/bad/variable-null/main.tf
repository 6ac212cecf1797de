# Null for a variable that has no default and may not be null.
variable "name" {
  type     = string
  nullable = false
}

output "name" {
  value = var.name
}
