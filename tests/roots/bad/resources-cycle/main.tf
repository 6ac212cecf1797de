# Two resources that need each other, one through a local.
locals {
  name = terraform_data.egg.output
}

resource "terraform_data" "chicken" {
  input = local.name
}

resource "terraform_data" "egg" {
  input = "x"

  depends_on = [terraform_data.chicken]
}
