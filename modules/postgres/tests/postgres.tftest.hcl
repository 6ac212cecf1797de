mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/shop-test-monitoring" }
  }

  mock_resource "aws_db_instance" {
    defaults = {
      arn                = "arn:aws:rds:eu-west-1:111122223333:db:shop-test"
      resource_id        = "db-ABCDEFGHIJKL01234"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-0a1b2c3d" }]
    }
  }
}

variables {
  name           = "shop-test"
  instance_class = "db.t4g.small"
  database_name  = "shop"
  vpc_id         = "vpc-0123456789abcdef0"
  subnet_ids     = ["subnet-0ccccccccccccccc1", "subnet-0ccccccccccccccc2"]
  clients        = { api = "sg-0123456789abcdef0" }
  kms_key_arn    = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"
  logs           = { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000" }
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.deletion_protection && !aws_db_instance.this.publicly_accessible
    error_message = "A standby, protection, no public address."
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.kms_key_arn && aws_db_instance.this.performance_insights_kms_key_id == var.kms_key_arn
    error_message = "Data and Performance Insights are encrypted by the key."
  }

  assert {
    condition = (
      aws_db_instance.this.backup_retention_period == 30 &&
      !aws_db_instance.this.delete_automated_backups &&
      aws_db_instance.this.final_snapshot_identifier == "shop-test-final" &&
      !aws_db_instance.this.skip_final_snapshot
    )
    error_message = "Backups are kept for 30 days, outlive the database, and a last snapshot is taken."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.master_user_secret_kms_key_id == var.kms_key_arn && aws_db_instance.this.password == null
    error_message = "RDS makes the password and keeps it under the key."
  }

  assert {
    condition     = aws_db_instance.this.iam_database_authentication_enabled
    error_message = "Programs sign in by IAM."
  }

  assert {
    condition     = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value } == { "rds.force_ssl" = "1", log_statement = "ddl", log_min_duration_statement = "1000" }
    error_message = "TLS only; changes of the schema and slow statements are logged."
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres17"
    error_message = "The parameters are those of the major version."
  }

  assert {
    condition = keys(aws_cloudwatch_log_group.this) == ["postgresql", "upgrade"] && alltrue([
      for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.logs.kms_key_arn && group.retention_in_days == 365
    ])
    error_message = "Both logs are encrypted and kept for a year."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.client["api"].referenced_security_group_id == "sg-0123456789abcdef0" && aws_vpc_security_group_ingress_rule.client["api"].from_port == 5432
    error_message = "Only clients connect."
  }

  assert {
    condition     = length(aws_db_instance.this.restore_to_point_in_time) == 0 && aws_db_instance.this.db_name == "shop" && aws_db_instance.this.username == "dbadmin"
    error_message = "The database starts empty."
  }
}

run "what_it_gives" {
  command = apply

  assert {
    condition     = output.user_arn_prefix == "arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-ABCDEFGHIJKL01234"
    error_message = "The prefix is that of rds-db:connect."
  }

  assert {
    condition     = output.master_secret_arn == "arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-0a1b2c3d"
    error_message = "The secret is the one RDS made."
  }
}

run "development" {
  command = plan

  variables {
    multi_az              = false
    deletion_protection   = false
    final_snapshot        = false
    apply_immediately     = true
    backup_retention_days = 7
  }

  assert {
    condition = (
      !aws_db_instance.this.multi_az && !aws_db_instance.this.deletion_protection && aws_db_instance.this.skip_final_snapshot &&
      aws_db_instance.this.final_snapshot_identifier == null && aws_db_instance.this.apply_immediately &&
      aws_db_instance.this.backup_retention_period == 7
    )
    error_message = "Cheaper, and easily thrown away."
  }
}

run "tuned" {
  command = plan

  variables {
    engine_version = "16.9"
    storage        = { size_gb = 200, max_size_gb = 2000 }
    slow_query_ms  = 250
    parameters     = { work_mem = { value = "65536" }, shared_preload_libraries = { value = "pg_stat_statements", apply_method = "pending-reboot" } }
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres16" && aws_db_instance.this.engine_version == "16.9"
    error_message = "The version is the one asked for."
  }

  assert {
    condition     = aws_db_instance.this.allocated_storage == 200 && aws_db_instance.this.max_allocated_storage == 2000
    error_message = "Storage starts and ends where asked."
  }

  assert {
    condition = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.apply_method if contains(["work_mem", "shared_preload_libraries"], parameter.name) } == {
      work_mem = "immediate", shared_preload_libraries = "pending-reboot"
    }
    error_message = "Parameters are added, each applied as it can be."
  }
}

run "restored_to_a_time" {
  command = plan

  variables {
    restore = { source_identifier = "shop-prod", time = "2026-03-01T09:30:00Z" }
  }

  assert {
    condition = (
      aws_db_instance.this.restore_to_point_in_time[0].source_db_instance_identifier == "shop-prod" &&
      aws_db_instance.this.restore_to_point_in_time[0].restore_time == "2026-03-01T09:30:00Z"
    )
    error_message = "The database is made from shop-prod's backups of that time."
  }
}

run "restored_from_a_copy" {
  command = plan

  variables {
    restore = { source_backups_arn = "arn:aws:rds:eu-west-1:111122223333:auto-backup:ab-0123456789abcdef" }
  }

  assert {
    condition = (
      aws_db_instance.this.restore_to_point_in_time[0].source_db_instance_automated_backups_arn == var.restore.source_backups_arn &&
      aws_db_instance.this.restore_to_point_in_time[0].use_latest_restorable_time
    )
    error_message = "The database is made from the latest of the copied backups."
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name                      = "shop--test"
    engine_version            = "9.6"
    instance_class            = "t4g.small"
    storage                   = { size_gb = 100, max_size_gb = 100 }
    database_name             = "Shop"
    username                  = "postgres"
    parameters                = { "rds.force_ssl" = { value = "0" } }
    slow_query_ms             = 0
    subnet_ids                = ["subnet-0ccccccccccccccc1"]
    kms_key_arn               = "alias/data"
    backup_retention_days     = 0
    backup_window             = "2am"
    maintenance_window        = "sunday"
    performance_insights_days = 30
    logs                      = { kms_key_arn = "alias/logs" }
  }

  expect_failures = [
    var.name, var.engine_version, var.instance_class, var.storage, var.database_name, var.username, var.parameters,
    var.slow_query_ms, var.subnet_ids, var.kms_key_arn, var.backup_retention_days, var.backup_window, var.maintenance_window,
    var.performance_insights_days, var.logs,
  ]
}

run "refuses_a_restore_from_nowhere" {
  command = plan

  variables {
    restore = { time = "2026-03-01T09:30:00Z" }
  }

  expect_failures = [var.restore]
}

run "refuses_a_restore_into_itself" {
  command = plan

  variables {
    restore = { source_identifier = "shop-test" }
  }

  expect_failures = [var.restore]
}

run "refuses_a_local_time" {
  command = plan

  variables {
    restore = { source_identifier = "shop-prod", time = "2026-03-01 09:30" }
  }

  expect_failures = [var.restore]
}
