# Modules have override files of their own.
resource "aws_elasticache_replication_group" "this" {
  node_type                  = "cache.r7g.large"
  automatic_failover_enabled = var.nodes > 1
  transit_encryption_enabled = true
}
