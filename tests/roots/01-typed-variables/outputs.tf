output "buckets" {
  value = var.buckets
}

output "database" {
  value = var.database
}

output "maintenance" {
  value = var.maintenance
}

output "settings" {
  value = var.settings
}

output "tags" {
  value = var.tags
}

output "default_timeout" {
  description = "Null was given, which a variable that is not nullable takes as its default."
  value       = var.default_timeout
}

output "queues" {
  value = var.queues
}
