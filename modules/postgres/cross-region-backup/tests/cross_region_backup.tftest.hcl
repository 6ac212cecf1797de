mock_provider "aws" {}

variables {
  source_arn  = "arn:aws:rds:eu-central-1:111122223333:db:shop-test"
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
}

run "by_default" {
  command = plan

  assert {
    condition = (
      aws_db_instance_automated_backups_replication.this[0].source_db_instance_arn == var.source_arn &&
      aws_db_instance_automated_backups_replication.this[0].kms_key_id == var.kms_key_arn &&
      aws_db_instance_automated_backups_replication.this[0].retention_period == 14
    )
    error_message = "The database's backups are copied for two weeks, under the region's key."
  }
}

run "switched_off" {
  command = plan

  variables {
    enable_cross_region_backup = false
  }

  assert {
    condition     = length(aws_db_instance_automated_backups_replication.this) == 0 && output.backups_arn == null
    error_message = "There is no copy."
  }
}

run "refuses_a_key_of_the_same_region" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
  }

  expect_failures = [var.kms_key_arn]
}

run "refuses_bad_input" {
  command = plan

  variables {
    source_arn     = "shop-test"
    retention_days = 90
  }

  expect_failures = [var.source_arn, var.retention_days]
}

run "refuses_an_alias_as_key" {
  command = plan

  variables {
    kms_key_arn = "alias/backup"
  }

  expect_failures = [var.kms_key_arn]
}
