variable "name" {
  type = string
}

variable "engine" {
  type     = string
  default  = "aurora-mysql"
  nullable = false
}

variable "instances" {
  type    = map(object({ class = string, tier = number }))
  default = {}
}

variable "scaling" {
  type    = object({ min = number, max = number })
  default = null
}

variable "kms_key" {
  type    = string
  default = null
}

resource "aws_rds_cluster" "this" {
  cluster_identifier          = var.name
  engine                      = var.engine
  engine_mode                 = "provisioned"
  master_username             = "admin"
  manage_master_user_password = true
  storage_encrypted           = true
  kms_key_id                  = var.kms_key
  skip_final_snapshot         = true

  dynamic "serverlessv2_scaling_configuration" {
    # Null and an object make a list of none or one.
    for_each = var.scaling[*]
    content {
      min_capacity = serverlessv2_scaling_configuration.value.min
      max_capacity = serverlessv2_scaling_configuration.value["max"]
    }
  }
}

resource "aws_rds_cluster_instance" "this" {
  for_each = var.instances

  identifier         = "${var.name}-${each.key}"
  cluster_identifier = aws_rds_cluster.this.id
  engine             = aws_rds_cluster.this.engine
  instance_class     = each.value.class
  promotion_tier     = each.value.tier
}

output "summary" {
  value = {
    engine    = aws_rds_cluster.this.engine
    instances = { for name, instance in aws_rds_cluster_instance.this : name => [instance.instance_class, instance.promotion_tier] }
    scaling   = [for block in aws_rds_cluster.this.serverlessv2_scaling_configuration : block.max_capacity]
    largest   = try(reverse(sort([for instance in aws_rds_cluster_instance.this : instance.instance_class]))[0], null)
  }
}
