# A misspelt variable.
variable "region" {
  default = "eu-central-1"
}

resource "terraform_data" "app" {
  input = "${var.regoin}a"
}
