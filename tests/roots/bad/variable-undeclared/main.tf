# A variable on the command line that the root does not declare; in a file it would be a warning.
variable "region" {
  default = "eu-central-1"
}

output "region" {
  value = var.region
}
