# A list, null, a set of numbers and a sensitive map are not for for_each.
variable "zones" {
  type    = list(string)
  default = ["a", "b"]
}

resource "terraform_data" "list" {
  for_each = var.zones
  input    = each.value
}

resource "terraform_data" "null" {
  for_each = null
}

resource "terraform_data" "numbers" {
  for_each = toset([1, 2])
}

resource "terraform_data" "secret" {
  for_each = sensitive({ a = 1 })
}
