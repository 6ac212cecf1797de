mock_provider "aws" {}

variables {
  name          = "sensors-dev"
  database_name = "readings"
  vpc_id        = "vpc-1"
  subnet_ids    = ["subnet-1", "subnet-2"]
  kms_key_arn   = "arn:aws:kms:eu-central-1:111122223333:key/1"
  logs          = { kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/2" }
}

run "safe_by_default" {
  command = plan

  assert {
    condition     = tobool(aws_redshift_cluster.this[0].encrypted) && aws_redshift_cluster.this[0].kms_key_id == var.kms_key_arn
    error_message = "Storage must be encrypted with the given key."
  }

  assert {
    condition     = !aws_redshift_cluster.this[0].publicly_accessible && aws_redshift_cluster.this[0].enhanced_vpc_routing
    error_message = "The cluster must be private, and so must its copying."
  }

  assert {
    condition     = aws_redshift_cluster.this[0].manage_master_password && aws_redshift_cluster.this[0].master_password == null && aws_redshift_cluster.this[0].master_password_secret_kms_key_id == var.kms_key_arn
    error_message = "Redshift must make the master password."
  }

  assert {
    condition     = { for parameter in aws_redshift_parameter_group.this[0].parameter : parameter.name => parameter.value } == { require_ssl = "true", enable_user_activity_logging = "true" }
    error_message = "TLS must be demanded, and what is asked be logged."
  }

  assert {
    condition     = aws_redshift_logging.this[0].log_destination_type == "cloudwatch" && length(aws_redshift_logging.this[0].log_exports) == 3 && keys(aws_cloudwatch_log_group.this) == ["connectionlog", "useractivitylog", "userlog"]
    error_message = "All three logs must be kept."
  }

  assert {
    condition     = aws_redshift_cluster.this[0].automated_snapshot_retention_period == 30 && !aws_redshift_cluster.this[0].skip_final_snapshot && aws_redshift_cluster.this[0].final_snapshot_identifier == "sensors-dev-final"
    error_message = "Snapshots must be kept, and one be left."
  }

  assert {
    condition     = aws_redshift_cluster.this[0].availability_zone_relocation_enabled && !aws_redshift_cluster.this[0].multi_az && aws_redshift_cluster.this[0].cluster_type == "multi-node"
    error_message = "The cluster must be able to move to another zone."
  }

  assert {
    condition     = length(aws_redshift_snapshot_copy.this) + length(aws_vpc_security_group_ingress_rule.client) + length(aws_vpc_security_group_egress_rule.prefix_list) == 0
    error_message = "Nobody may connect, and nothing be copied, unless asked for."
  }
}

run "switched_off" {
  command = plan

  variables {
    enabled                = false
    clients                = { loader = "sg-2" }
    egress_prefix_list_ids = { s3 = "pl-1" }
    snapshot_copy          = { region = "eu-west-1", grant_name = "copy" }
  }

  assert {
    condition = sum([
      length(aws_redshift_cluster.this), length(aws_security_group.this), length(aws_cloudwatch_log_group.this),
      length(aws_redshift_snapshot_copy.this), length(aws_redshift_logging.this), length(aws_redshift_subnet_group.this),
      length(aws_redshift_parameter_group.this), length(aws_vpc_security_group_ingress_rule.client),
      length(aws_vpc_security_group_egress_rule.prefix_list),
    ]) == 0
    error_message = "There must be nothing that costs or is exposed."
  }

  assert {
    condition     = output.address == null && output.security_group_id == null && output.master_secret_arn == null
    error_message = "The outputs must be null."
  }
}

run "large" {
  command = plan

  variables {
    nodes                  = { type = "ra3.4xlarge", count = 4, multi_az = true }
    parameters             = { statement_timeout = "600000" }
    clients                = { loader = "sg-2" }
    egress_prefix_list_ids = { s3 = "pl-1" }
    snapshot_copy          = { region = "eu-west-1", grant_name = "copy", retention_days = 35 }
    role_arns              = ["arn:aws:iam::111122223333:role/copy"]
  }

  assert {
    condition     = aws_redshift_cluster.this[0].multi_az && !aws_redshift_cluster.this[0].availability_zone_relocation_enabled && aws_redshift_cluster.this[0].number_of_nodes == 4
    error_message = "A cluster in two zones does not move."
  }

  assert {
    condition     = aws_redshift_snapshot_copy.this[0].destination_region == "eu-west-1" && aws_redshift_snapshot_copy.this[0].retention_period == 35
    error_message = "Snapshots must be copied."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.client["loader"].from_port == 5439 && aws_vpc_security_group_egress_rule.prefix_list["s3"].prefix_list_id == "pl-1"
    error_message = "The loader must get in, and S3 be reached."
  }

  assert {
    condition     = length(aws_redshift_parameter_group.this[0].parameter) == 3
    error_message = "The further parameter must be set."
  }
}

run "single_node_without_last_snapshot" {
  command = plan

  variables {
    nodes     = { count = 1 }
    snapshots = { retention_days = 1, final = false }
  }

  assert {
    condition     = aws_redshift_cluster.this[0].cluster_type == "single-node" && aws_redshift_cluster.this[0].skip_final_snapshot && aws_redshift_cluster.this[0].final_snapshot_identifier == null
    error_message = "One node, and nothing left of it."
  }
}

run "refuses_old_classes" {
  command = plan

  variables {
    nodes = { type = "dc2.large" }
  }

  expect_failures = [var.nodes]
}

run "refuses_one_node_in_two_zones" {
  command = plan

  variables {
    nodes = { type = "ra3.xlplus", count = 1, multi_az = true }
  }

  expect_failures = [var.nodes]
}

run "refuses_no_snapshots" {
  command = plan

  variables {
    snapshots = { retention_days = 0 }
  }

  expect_failures = [var.snapshots]
}

run "refuses_copies_in_the_same_region" {
  command = plan

  variables {
    snapshot_copy = { region = "eu-central-1", grant_name = "copy" }
  }

  expect_failures = [var.snapshot_copy]
}

run "refuses_the_default_database" {
  command = plan

  variables {
    database_name = "dev"
  }

  expect_failures = [var.database_name]
}

run "refuses_guessable_users" {
  command = plan

  variables {
    username = "awsuser"
  }

  expect_failures = [var.username]
}

run "refuses_parameters_of_the_module" {
  command = plan

  variables {
    parameters = { require_ssl = "false" }
  }

  expect_failures = [var.parameters]
}

run "refuses_users_as_roles" {
  command = plan

  variables {
    role_arns = ["arn:aws:iam::111122223333:user/copy"]
  }

  expect_failures = [var.role_arns]
}
