# The value of a variable does not meet its condition; the message is a template.
variable "environment" {
  type    = string
  default = "prod"
}

variable "instance_class" {
  type    = string
  default = "db.t3.micro"

  validation {
    condition     = !(var.environment == "prod" && startswith(var.instance_class, "db.t"))
    error_message = "${var.instance_class} bursts, which ${var.environment} may not."
  }

  validation {
    condition     = can(regex("^db\\.", var.instance_class))
    error_message = "A class begins with \"db.\"."
  }
}

resource "terraform_data" "database" {
  input = var.instance_class
}
