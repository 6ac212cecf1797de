# The keys of a module's instances are only known after the apply.
resource "terraform_data" "source" {
  input = { a = 1 }
}

module "each" {
  source   = "./modules/each"
  for_each = terraform_data.source.output
  key      = each.key
}
