locals {
  planned = length(var.rules) > 0
  # The vault's ARN holds the account, so nobody has to be asked for it.
  account_id = split(":", aws_backup_vault.this.arn)[4]
}

# Known to the provider without asking AWS.
data "aws_partition" "current" {}

################################################################################
# Vault
################################################################################

resource "aws_backup_vault" "this" {
  name          = var.name
  kms_key_arn   = var.kms_key_arn
  force_destroy = false

  tags = { Name = var.name }
}

resource "aws_backup_vault_lock_configuration" "this" {
  count = var.lock != null ? 1 : 0

  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = var.lock.min_days
  max_retention_days  = var.lock.max_days
  changeable_for_days = var.lock.grace_days
}

resource "aws_backup_vault_policy" "this" {
  backup_vault_name = aws_backup_vault.this.name
  policy            = data.aws_iam_policy_document.vault.json
}

data "aws_iam_policy_document" "vault" {
  # Backups go when their days are over. Whoever wants them gone sooner has to change this first, and be seen doing so.
  statement {
    sid       = "NobodyDeletesBackups"
    effect    = "Deny"
    actions   = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"]
    resources = ["*"] # in a vault's policy: its backups

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(var.copiers) > 0 ? [var.copiers] : []

    content {
      sid       = "CopyFromOtherAccounts"
      actions   = ["backup:CopyIntoBackupVault"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = [for account in statement.value : "arn:${data.aws_partition.current.partition}:iam::${account}:root"]
      }
    }
  }
}

resource "aws_backup_vault_notifications" "this" {
  count = var.notification_topic_arn != null ? 1 : 0

  backup_vault_name = aws_backup_vault.this.name
  sns_topic_arn     = var.notification_topic_arn

  # Completed ones include those that failed; a subscription's filter on the attribute State tells them apart.
  backup_vault_events = ["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED", "S3_BACKUP_OBJECT_FAILED"]
}

################################################################################
# Plan
################################################################################

resource "aws_backup_plan" "this" {
  count = local.planned ? 1 : 0

  name = var.name

  dynamic "rule" {
    for_each = var.rules

    content {
      rule_name                    = rule.key
      target_vault_name            = aws_backup_vault.this.name
      schedule                     = rule.value.schedule
      schedule_expression_timezone = var.timezone
      enable_continuous_backup     = rule.value.continuous
      start_window                 = rule.value.start_minutes
      completion_window            = rule.value.complete_minutes
      recovery_point_tags          = { rule = rule.key }

      lifecycle {
        cold_storage_after = rule.value.cold_days
        delete_after       = rule.value.keep_days
      }

      dynamic "copy_action" {
        for_each = rule.value.copy ? var.copy_to[*] : []

        content {
          destination_vault_arn = copy_action.value

          lifecycle {
            cold_storage_after = rule.value.cold_days
            delete_after       = coalesce(rule.value.copy_days, rule.value.keep_days)
          }
        }
      }
    }
  }

  # A plan that asks for less than the lock allows must not come first.
  depends_on = [aws_backup_vault_lock_configuration.this]
}

resource "aws_backup_selection" "this" {
  count = local.planned ? 1 : 0

  name          = "by-tags"
  plan_id       = aws_backup_plan.this[0].id
  iam_role_arn  = aws_iam_role.this[0].arn
  resources     = ["*"]
  not_resources = var.selection.exclude

  # Conditions are joined by and; selection_tag would be joined by or.
  condition {
    dynamic "string_equals" {
      for_each = var.selection.tags

      content {
        key   = "aws:ResourceTag/${string_equals.key}"
        value = string_equals.value
      }
    }
  }

  depends_on = [aws_iam_role_policy_attachment.this]
}

################################################################################
# Role
################################################################################

resource "aws_iam_role" "this" {
  count = local.planned ? 1 : 0

  name               = "${var.name}-backup"
  description        = "Lets AWS Backup read, copy and restore what ${var.name} selects"
  assume_role_policy = data.aws_iam_policy_document.trust[0].json
}

data "aws_iam_policy_document" "trust" {
  count = local.planned ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    # Without it Backup could be made to use this role for another account's backups (confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

# AWS's own policies: what backups of each service take changes with every service that joins.
resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(local.planned ? [
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
    "AWSBackupServiceRolePolicyForS3Backup",
    "AWSBackupServiceRolePolicyForS3Restore",
  ] : [])

  role       = aws_iam_role.this[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.key}"
}
