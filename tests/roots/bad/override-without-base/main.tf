# What an override file changes must be there.
locals {
  name = "app"
}
