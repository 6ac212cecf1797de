resource "terraform_data" "app" {
  input = "never declared"
}
