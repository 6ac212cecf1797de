# A directive that nobody ends.
locals {
  text = "%{ if true }yes"
}
