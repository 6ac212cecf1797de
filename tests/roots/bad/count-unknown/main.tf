# The number is only known after the apply.
resource "terraform_data" "source" {
  input = 3
}

resource "terraform_data" "many" {
  count = terraform_data.source.output
}
