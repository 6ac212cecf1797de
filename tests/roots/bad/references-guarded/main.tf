locals {
  key     = try(each.key, "none")
  value   = can(each.value)
  counted = try(count.index, 0)
  own     = can(self.id)
  folder  = try(path.nosuch, ".")
  space   = [for name in [] : terraform.nosuch]
}

resource "terraform_data" "alone" {
  input = try(each.key, count.index, "none")
}

resource "terraform_data" "each" {
  for_each = toset(["a"])
  input    = [try(each.value, "none"), can(count.index)]
}

resource "terraform_data" "right" {
  for_each = { a = 1 }
  input    = [try(each.value, "none"), can(each.key), try(path.root, 1)]
}
