# Locals that need each other.
locals {
  name   = "${local.prefix}-app"
  prefix = lower(local.suffix)
  suffix = substr(local.name, 0, 3)
  free   = "not in the cycle"
}

output "name" {
  value = local.name
}
