# Counts that are no counts.
locals {
  zones = ["a"]
}

resource "terraform_data" "negative" {
  count = length(local.zones) - 2
}

resource "terraform_data" "fraction" {
  count = 1.5
}

resource "terraform_data" "null" {
  count = null
}

resource "terraform_data" "bool" {
  count = length(local.zones) > 0
}
