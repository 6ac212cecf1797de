mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name        = "shop-dev-raw"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1"
  access_logs = { bucket = "shop-dev-access-logs" }
}

run "hardened_by_default" {
  command = plan

  assert {
    condition     = one(aws_s3_bucket_ownership_controls.this.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "ACLs must be off."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Public access must be blocked in all four ways."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket must keep versions."
  }

  assert {
    condition = [for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : [
      rule.bucket_key_enabled,
      rule.apply_server_side_encryption_by_default[0].sse_algorithm,
      rule.apply_server_side_encryption_by_default[0].kms_master_key_id,
    ]] == [[true, "aws:kms", var.kms_key_arn]]
    error_message = "Objects must be encrypted with the given key and a bucket key."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid if statement.effect == "Deny"] == ["TlsOnly", "Tls12OrLater", "NoOtherEncryption", "NoOtherKey"]
    error_message = "The policy must refuse requests without TLS, with old TLS, and other encryption."
  }

  assert {
    condition     = aws_s3_bucket_logging.this[0].target_bucket == "shop-dev-access-logs" && aws_s3_bucket_logging.this[0].target_prefix == "shop-dev-raw/"
    error_message = "Access logs must go below the bucket's name."
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy && !aws_s3_bucket.this.object_lock_enabled
    error_message = "Neither force_destroy nor object lock are defaults."
  }

  assert {
    condition     = length(aws_s3_bucket_replication_configuration.this) + length(aws_iam_role.replication) + length(aws_s3_bucket_notification.this) + length(aws_s3_bucket_object_lock_configuration.this) == 0
    error_message = "What nobody asked for must not be made."
  }
}

run "life_of_objects" {
  command = plan

  variables {
    noncurrent_days = 30
    lifecycle_rules = {
      by_both   = { prefix = "exports/", tags = { a = "b" }, expiration_days = 14 }
      by_prefix = { prefix = "readings/", transitions = [{ days = 30, storage_class = "STANDARD_IA" }] }
      by_tag    = { tags = { keep = "no" }, expiration_days = 3, enabled = false }
      by_tags   = { tags = { a = "b", c = "d" }, expiration_days = 3 }
      of_all    = { noncurrent_transitions = [{ days = 7, storage_class = "GLACIER_IR" }] }
    }
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id] == ["defaults", "by_both", "by_prefix", "by_tag", "by_tags", "of_all"]
    error_message = "Each rule must appear after the module's own."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[0].noncurrent_version_expiration[0].noncurrent_days == 30 && aws_s3_bucket_lifecycle_configuration.this.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    error_message = "Old versions and unfinished uploads must go."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[1].filter[0].and[0].prefix == "exports/" && aws_s3_bucket_lifecycle_configuration.this.rule[1].filter[0].and[0].tags == tomap({ a = "b" })
    error_message = "A prefix and a tag must be joined by and."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[2].filter[0].prefix == "readings/" && length(aws_s3_bucket_lifecycle_configuration.this.rule[2].filter[0].and) == 0
    error_message = "A prefix alone must stand bare."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[3].filter[0].tag[0].key == "keep" && aws_s3_bucket_lifecycle_configuration.this.rule[3].status == "Disabled"
    error_message = "A tag alone must stand bare, and a rule can be off."
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this.rule[4].filter[0].tag) == 0 && length(aws_s3_bucket_lifecycle_configuration.this.rule[4].filter[0].and[0].tags) == 2
    error_message = "Two tags must be joined by and."
  }
}

run "replicated" {
  command = plan

  variables {
    replication = {
      bucket_arn        = "arn:aws:s3:::shop-dev-raw-copy"
      kms_key_arn       = "arn:aws:kms:eu-west-1:111122223333:key/2"
      account_id        = "444455556666"
      within_15_minutes = true
      deletions         = true
    }
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_replication_configuration.this[0].rule[0].destination[0].encryption_configuration[0].replica_kms_key_id == var.replication.kms_key_arn,
      aws_s3_bucket_replication_configuration.this[0].rule[0].destination[0].access_control_translation[0].owner == "Destination",
      aws_s3_bucket_replication_configuration.this[0].rule[0].destination[0].replication_time[0].time[0].minutes == 15,
      aws_s3_bucket_replication_configuration.this[0].rule[0].delete_marker_replication[0].status == "Enabled",
    ])
    error_message = "Copies must be encrypted there, be the other account's, in time, and follow deletions."
  }

  assert {
    condition     = [for condition in data.aws_iam_policy_document.replication[0].statement[4].condition : one(condition.values)] == ["s3.eu-west-1.amazonaws.com"]
    error_message = "The copy's key must be used by S3 of its region only."
  }

  assert {
    condition     = length(aws_iam_role.replication[0].name) <= 64
    error_message = "The role's name must fit."
  }
}

run "longest_name_still_fits_its_role" {
  command = plan

  variables {
    name        = "a23456789-123456789-123456789-123456789-123456789-123456789-123"
    replication = { bucket_arn = "arn:aws:s3:::copy", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/2" }
  }

  assert {
    condition     = length(aws_iam_role.replication[0].name) == 64
    error_message = "The role's name must be cut to 64 characters."
  }

  assert {
    condition     = !contains(data.aws_iam_policy_document.replication[0].statement[2].actions, "s3:ReplicateDelete")
    error_message = "Without deletions, the role must not be able to copy them."
  }
}

run "bucket_of_logs" {
  command = apply

  variables {
    kms_key_arn = null
    access_logs = null
    object_lock = { mode = "COMPLIANCE", days = 365 }
    policy_statements = {
      access-logs = {
        services   = ["logging.s3.amazonaws.com"]
        actions    = ["s3:PutObject"]
        prefix     = "s3/"
        bucket     = true
        conditions = [{ test = "StringEquals", variable = "aws:SourceAccount", values = ["111122223333"] }]
      }
    }
  }

  assert {
    condition = [for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : [
      rule.bucket_key_enabled, rule.apply_server_side_encryption_by_default[0].sse_algorithm,
    ]] == [[false, "AES256"]]
    error_message = "Without a key S3's own must encrypt."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == ["TlsOnly", "Tls12OrLater", "AccessLogs"]
    error_message = "The service must be let in, and TLS still be demanded."
  }

  assert {
    condition     = length(data.aws_iam_policy_document.this.statement[2].resources) == 2 && [for statement in data.aws_iam_policy_document.this.statement : length(statement.condition)] == [1, 1, 1]
    error_message = "The statement must name the prefix and the bucket, and have its condition."
  }

  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled && aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[0].mode == "COMPLIANCE"
    error_message = "Objects must be locked."
  }

  assert {
    condition     = length(aws_s3_bucket_logging.this) == 0
    error_message = "The bucket of logs must not log to itself."
  }
}

run "events" {
  command = plan

  variables {
    events = {
      eventbridge = true
      functions   = { process = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:process", suffix = ".json" } }
    }
  }

  assert {
    condition     = aws_s3_bucket_notification.this[0].eventbridge && one(aws_s3_bucket_notification.this[0].lambda_function[0].events) == "s3:ObjectCreated:*"
    error_message = "EventBridge and the function must hear of new objects."
  }
}

run "refuses_bad_names" {
  command = plan
  variables {
    name = "Shop.Raw"
  }
  expect_failures = [var.name]
}

run "refuses_key_ids" {
  command = plan
  variables {
    kms_key_arn = "alias/data"
  }
  expect_failures = [var.kms_key_arn]
}

run "refuses_logs_in_itself" {
  command = plan
  variables {
    access_logs = { bucket = "shop-dev-raw" }
  }
  expect_failures = [var.access_logs]
}

run "refuses_everybody" {
  command = plan
  variables {
    policy_statements = { open = { arns = ["*"], actions = ["s3:GetObject"] } }
  }
  expect_failures = [var.policy_statements]
}

run "refuses_services_without_condition" {
  command = plan
  variables {
    policy_statements = { logs = { services = ["logging.s3.amazonaws.com"], actions = ["s3:PutObject"] } }
  }
  expect_failures = [var.policy_statements]
}

run "refuses_all_actions" {
  command = plan
  variables {
    policy_statements = { all = { arns = ["arn:aws:iam::444455556666:root"], actions = ["s3:*"] } }
  }
  expect_failures = [var.policy_statements]
}

run "refuses_rules_without_effect" {
  command = plan
  variables {
    lifecycle_rules = { nothing = { prefix = "a/" } }
  }
  expect_failures = [var.lifecycle_rules]
}

run "refuses_early_transitions" {
  command = plan
  variables {
    lifecycle_rules = { early = { transitions = [{ days = 7, storage_class = "STANDARD_IA" }] } }
  }
  expect_failures = [var.lifecycle_rules]
}

run "refuses_transitions_after_deletion" {
  command = plan
  variables {
    lifecycle_rules = { late = { transitions = [{ days = 90, storage_class = "GLACIER" }], expiration_days = 60 } }
  }
  expect_failures = [var.lifecycle_rules]
}

run "refuses_unknown_lock_modes" {
  command = plan
  variables {
    object_lock = { mode = "NONE", days = 1 }
  }
  expect_failures = [var.object_lock]
}

run "refuses_replication_without_key" {
  command = plan
  variables {
    kms_key_arn = null
    replication = { bucket_arn = "arn:aws:s3:::copy", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/2" }
  }
  expect_failures = [var.replication]
}
