# The actions CreateCacheParameterGroup, CreateReplicationGroup with users, CreateUserGroup and DeleteCacheSubnetGroup are
# not implemented: users, their roles' policies and the network remain.
resource "aws_elasticache_subnet_group" "this" {
  count = 0
}

resource "aws_elasticache_parameter_group" "this" {
  count = 0
}

resource "aws_elasticache_user_group" "this" {
  count = 0
}

resource "aws_elasticache_replication_group" "this" {
  count                = 0
  parameter_group_name = null
  subnet_group_name    = null
}

output "arn" {
  value = "arn:aws:elasticache:eu-west-1:123456789012:replicationgroup:${var.name}"
}

output "name" {
  value = var.name
}

output "address" {
  value = "${var.name}.emulated.invalid"
}

output "reader_address" {
  value = null
}

output "port" {
  value = 6379
}

# The description of a rule that names a group is not kept.
resource "aws_vpc_security_group_ingress_rule" "client" {
  lifecycle {
    ignore_changes = [description]
  }
}
