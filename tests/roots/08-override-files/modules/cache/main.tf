variable "name" {
  type = string
}

variable "nodes" {
  type = number
}

variable "engine" {
  type    = string
  default = "redis"
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Sessions"
  engine               = var.engine
  node_type            = "cache.t4g.micro"
  num_cache_clusters   = var.nodes
}
