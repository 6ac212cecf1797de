# DescribeDBParameters does not say that a parameter's source is the user, and the provider then takes it for AWS's own.
resource "aws_db_parameter_group" "this" {
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [parameter]
  }
}

# Not kept by CreateDBInstance.
resource "aws_db_instance" "this" {
  lifecycle {
    ignore_changes = [performance_insights_enabled, performance_insights_kms_key_id, performance_insights_retention_period]
  }
}

# The description of a rule that names a group is not kept.
resource "aws_vpc_security_group_ingress_rule" "client" {
  lifecycle {
    ignore_changes = [description]
  }
}
