# A resource that needs itself.
resource "terraform_data" "self" {
  input = terraform_data.self.id
}
