mock_provider "aws" {}

variables {
  prefix      = "/shop/dev/api"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1"
}

run "settings_are_no_secrets" {
  command = plan

  variables {
    settings = { LOG_LEVEL = "info" }
  }

  assert {
    condition     = aws_ssm_parameter.setting["LOG_LEVEL"].name == "/shop/dev/api/LOG_LEVEL" && aws_ssm_parameter.setting["LOG_LEVEL"].type == "String" && aws_ssm_parameter.setting["LOG_LEVEL"].insecure_value == "info"
    error_message = "A setting must be a readable parameter."
  }

  assert {
    condition     = length(aws_ssm_parameter.secret) + length(aws_secretsmanager_secret.this) == 0
    error_message = "There must be nothing else."
  }
}

run "parameters_set_outside" {
  command = plan

  variables {
    parameters = { TOKEN_KEY = {}, BIG = { large = true } }
  }

  assert {
    condition     = aws_ssm_parameter.secret["TOKEN_KEY"].type == "SecureString" && aws_ssm_parameter.secret["TOKEN_KEY"].key_id == var.kms_key_arn
    error_message = "The parameter must be encrypted with the given key."
  }

  assert {
    condition     = aws_ssm_parameter.secret["TOKEN_KEY"].value_wo == null && aws_ssm_parameter.secret["TOKEN_KEY"].value_wo_version == 0
    error_message = "No value may be in the plan, and the placeholder be written once."
  }

  assert {
    condition     = aws_ssm_parameter.secret["TOKEN_KEY"].tier == "Standard" && aws_ssm_parameter.secret["BIG"].tier == "Advanced"
    error_message = "Only large values may cost."
  }
}

run "values_by_terraform" {
  command = plan

  variables {
    parameters = { TOKEN_KEY = { version = 2 } }
    secrets    = { payment = { version = 5 } }
    values     = { TOKEN_KEY = "a", payment = "b" }
  }

  assert {
    condition     = aws_ssm_parameter.secret["TOKEN_KEY"].value_wo_version == 2 && aws_secretsmanager_secret_version.this["payment"].secret_string_wo_version == 5
    error_message = "The versions must be those given."
  }

  assert {
    condition     = aws_ssm_parameter.secret["TOKEN_KEY"].value_wo == null && aws_secretsmanager_secret_version.this["payment"].secret_string_wo == null
    error_message = "No value may be in the plan."
  }
}

run "secrets_rotate" {
  command = plan

  variables {
    secrets = {
      payment = {
        rotation = { function_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate" }
        replicas = { eu-west-1 = "arn:aws:kms:eu-west-1:111122223333:key/2" }
      }
      mail = { recovery_days = 7 }
    }
  }

  assert {
    condition     = aws_secretsmanager_secret_rotation.this["payment"].rotation_rules[0].automatically_after_days == 90 && !aws_secretsmanager_secret_rotation.this["payment"].rotate_immediately
    error_message = "The secret must rotate every 90 days, and not before it has a value."
  }

  assert {
    condition     = keys(aws_secretsmanager_secret_rotation.this) == ["payment"] && length(aws_secretsmanager_secret_version.this) == 0
    error_message = "Only what was asked for rotates, and no value is written."
  }

  assert {
    condition     = aws_secretsmanager_secret.this["payment"].name == "shop/dev/api/payment" && aws_secretsmanager_secret.this["payment"].kms_key_id == var.kms_key_arn && aws_secretsmanager_secret.this["mail"].recovery_window_in_days == 7
    error_message = "Secrets must be below the prefix, encrypted, and recoverable."
  }

  assert {
    condition     = one(aws_secretsmanager_secret.this["payment"].replica).region == "eu-west-1"
    error_message = "The other region must have the secret."
  }
}

run "refuses_prefixes_of_aws" {
  command = plan

  variables {
    prefix = "/aws/shop"
  }

  expect_failures = [var.prefix]
}

run "refuses_slashes_at_the_end" {
  command = plan

  variables {
    prefix = "/shop/"
  }

  expect_failures = [var.prefix]
}

run "refuses_one_name_twice" {
  command = plan

  variables {
    settings   = { LOG_LEVEL = "info" }
    parameters = { LOG_LEVEL = {} }
  }

  expect_failures = [var.parameters]
}

run "refuses_versions_without_values" {
  command = plan

  variables {
    parameters = { TOKEN_KEY = { version = 1 } }
  }

  expect_failures = [var.values]
}

run "refuses_slow_rotation" {
  command = plan

  variables {
    secrets = { payment = { rotation = { function_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate", days = 365 } } }
  }

  expect_failures = [var.secrets]
}

run "refuses_secrets_that_are_gone_at_once" {
  command = plan

  variables {
    secrets = { payment = { recovery_days = 0 } }
  }

  expect_failures = [var.secrets]
}

run "refuses_two_authors" {
  command = plan

  variables {
    secrets = { payment = { version = 1, rotation = { function_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate" } } }
    values  = { payment = "a" }
  }

  expect_failures = [var.secrets]
}
