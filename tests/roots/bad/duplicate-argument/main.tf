# An argument that is there twice in one block.
resource "terraform_data" "app" {
  input = 1
  input = 2
}
