# A -var-file that is not there.
variable "region" {
  default = "eu-central-1"
}

output "region" {
  value = var.region
}
