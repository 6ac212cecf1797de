# The keys are only known after the apply.
resource "terraform_data" "source" {
  count = 2
  input = "source-${count.index}"
}

resource "terraform_data" "each" {
  for_each = toset(terraform_data.source[*].id)
  input    = each.value
}
