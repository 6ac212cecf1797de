# A validation that does not look at its variable, and a for_each beside a count.
variable "size" {
  default = 1

  validation {
    condition     = true
    error_message = "Never."
  }
}

resource "terraform_data" "both" {
  count    = 1
  for_each = toset(["a"])
}
