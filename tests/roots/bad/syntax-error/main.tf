# A bracket that nobody closes.
locals {
  zones = ["a", "b"

  name = "app"
}
