mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name        = "shop-prod"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1"
}

run "three_rules_by_default" {
  command = plan

  assert {
    condition     = { for rule in aws_backup_plan.this[0].rule : rule.rule_name => rule.lifecycle[0].delete_after } == { daily = 30, weekly = 90, monthly = 365 }
    error_message = "Daily backups must be kept 30 days, weekly 90, monthly a year."
  }

  assert {
    condition     = alltrue([for rule in aws_backup_plan.this[0].rule : length(rule.copy_action) == 0])
    error_message = "Without a second vault nothing can be copied."
  }

  assert {
    condition     = aws_backup_vault.this.kms_key_arn == var.kms_key_arn && !aws_backup_vault.this.force_destroy
    error_message = "The vault must be encrypted, and not be emptied."
  }

  assert {
    condition     = data.aws_iam_policy_document.vault.statement[0].effect == "Deny" && contains(data.aws_iam_policy_document.vault.statement[0].actions, "backup:DeleteRecoveryPoint")
    error_message = "Nobody may delete backups."
  }

  assert {
    condition     = [for condition in one(aws_backup_selection.this[0].condition).string_equals : "${condition.key}=${condition.value}"] == ["aws:ResourceTag/backup=yes"]
    error_message = "What has the tag must be backed up."
  }

  assert {
    condition     = length(aws_iam_role_policy_attachment.this) == 4 && length(aws_backup_vault_lock_configuration.this) == 0
    error_message = "The role must be able to back up and restore; a lock is not the default."
  }
}

run "copied" {
  command = plan

  variables {
    copy_to = "arn:aws:backup:eu-west-1:111122223333:backup-vault:shop-prod-copy"
    rules = {
      hourly  = { schedule = "cron(0 * * * ? *)", keep_days = 7, copy = false }
      monthly = { schedule = "cron(0 5 1 * ? *)", keep_days = 365, copy_days = 730, cold_days = 30 }
    }
  }

  assert {
    condition     = { for rule in aws_backup_plan.this[0].rule : rule.rule_name => [for copy in rule.copy_action : copy.lifecycle[0].delete_after] } == { hourly = [], monthly = [730] }
    error_message = "The monthly backups alone must be copied, and kept two years."
  }

  assert {
    condition     = { for rule in aws_backup_plan.this[0].rule : rule.rule_name => rule.lifecycle[0].cold_storage_after if rule.rule_name == "monthly" } == { monthly = 30 }
    error_message = "They must move to cold storage."
  }
}

run "vault_only" {
  command = plan

  variables {
    rules   = {}
    lock    = { min_days = 30, max_days = 400, grace_days = 14 }
    copiers = ["444455556666"]
  }

  assert {
    condition     = length(aws_backup_plan.this) + length(aws_backup_selection.this) + length(aws_iam_role.this) == 0
    error_message = "There must be neither plan nor role."
  }

  assert {
    condition     = aws_backup_vault_lock_configuration.this[0].min_retention_days == 30 && aws_backup_vault_lock_configuration.this[0].max_retention_days == 400 && aws_backup_vault_lock_configuration.this[0].changeable_for_days == 14
    error_message = "The vault must be locked."
  }

  assert {
    condition     = one(data.aws_iam_policy_document.vault.statement[1].principals).identifiers == toset(["arn:aws:iam::444455556666:root"])
    error_message = "The other account must be able to copy into it."
  }
}

run "selected_by_all_tags" {
  command = plan

  variables {
    selection              = { tags = { backup = "yes", environment = "prod" }, exclude = ["arn:aws:s3:::scratch"] }
    notification_topic_arn = "arn:aws:sns:eu-central-1:111122223333:warnings"
    timezone               = "Europe/Berlin"
  }

  assert {
    condition     = length(one(aws_backup_selection.this[0].condition).string_equals) == 2 && aws_backup_selection.this[0].not_resources == toset(["arn:aws:s3:::scratch"])
    error_message = "Both tags must count, and the exception."
  }

  assert {
    condition     = contains(aws_backup_vault_notifications.this[0].backup_vault_events, "COPY_JOB_FAILED")
    error_message = "Failures must be told."
  }

  assert {
    condition     = alltrue([for rule in aws_backup_plan.this[0].rule : rule.schedule_expression_timezone == "Europe/Berlin"])
    error_message = "Schedules must be in the zone."
  }
}

run "refuses_rules_the_lock_forbids" {
  command = plan

  variables {
    lock = { min_days = 60 }
  }

  expect_failures = [var.lock]
}

run "refuses_short_grace" {
  command = plan

  variables {
    lock = { min_days = 1, grace_days = 1 }
  }

  expect_failures = [var.lock]
}

run "refuses_short_cold_storage" {
  command = plan

  variables {
    rules = { monthly = { schedule = "cron(0 5 1 * ? *)", keep_days = 100, cold_days = 30 } }
  }

  expect_failures = [var.rules]
}

run "refuses_long_continuous_backups" {
  command = plan

  variables {
    rules = { daily = { schedule = "cron(0 3 * * ? *)", keep_days = 60, continuous = true } }
  }

  expect_failures = [var.rules]
}

run "refuses_words_as_schedules" {
  command = plan

  variables {
    rules = { daily = { schedule = "daily", keep_days = 30 } }
  }

  expect_failures = [var.rules]
}

run "refuses_to_select_everything" {
  command = plan

  variables {
    selection = { tags = {} }
  }

  expect_failures = [var.selection]
}

run "refuses_names_of_vaults" {
  command = plan

  variables {
    copy_to = "shop-prod-copy"
  }

  expect_failures = [var.copy_to]
}

run "refuses_names_of_accounts" {
  command = plan

  variables {
    copiers = ["partner"]
  }

  expect_failures = [var.copiers]
}
