# One of many without a key, a key of the wrong kind, and an instance that there is not.
resource "terraform_data" "counted" {
  count = 2
}

resource "terraform_data" "keyed" {
  for_each = toset(["a"])
}

resource "terraform_data" "single" {}

output "all" {
  value = [terraform_data.counted.id, terraform_data.single[0].id]
}

output "missing" {
  value = [terraform_data.counted[2].id, terraform_data.keyed["b"].id]
}
