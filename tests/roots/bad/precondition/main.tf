# A precondition that does not hold, and an output's; a check only warns.
variable "memory" {
  type    = number
  default = 128
}

resource "terraform_data" "function" {
  input = var.memory

  lifecycle {
    precondition {
      condition     = var.memory >= 256
      error_message = "${var.memory} MB are not enough."
    }
  }
}

output "memory" {
  value = var.memory

  precondition {
    condition     = var.memory % 64 == 1
    error_message = "Not one more than a multiple of 64."
  }
}

check "memory" {
  assert {
    condition     = var.memory > 1024
    error_message = "Little memory."
  }
}
