# AWS Secrets Manager: secrets, their rotation and policies.

policy "aws-secretsmanager-kms-encrypted" {
  title    = "Secrets are encrypted with a KMS key of your own"
  severity = "medium"
  resource = ["aws_secretsmanager_secret"]
  checkov  = ["CKV_AWS_149"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1", "3.6.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "The account's default key lets every identity with the read permission decrypt. A key of your own is a second lock, and lets you share or revoke."
  fix = "Set kms_key_id to a key of your own."

  condition = self.kms_key_id != null && ((self.kms_key_id != "" && !matches(self.kms_key_id, "aws/")) || exists(linked(self, "aws_kms_key", "aws_kms_alias")))

  pass {
    resource "aws_secretsmanager_secret" "keyed" {
      name       = "app"
      kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  pass {
    resource "aws_kms_key" "secrets" {
      description = "secrets"
    }
    resource "aws_secretsmanager_secret" "referred" {
      name       = "app"
      kms_key_id = aws_kms_key.secrets.key_id
    }
  }
  fail {
    resource "aws_secretsmanager_secret" "default" {
      name = "app"
    }
  }
  fail {
    resource "aws_secretsmanager_secret" "shared" {
      name       = "app"
      kms_key_id = "alias/aws/secretsmanager"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_secretsmanager_secret" "asked" {
      name       = "app"
      kms_key_id = var.key
    }
  }
}

policy "aws-secretsmanager-rotation" {
  title    = "Secrets rotate by themselves"
  severity = "medium"
  resource = ["aws_secretsmanager_secret"]
  checkov  = ["CKV2_AWS_57"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.3.9", "8.6.3"]
    iso27001    = ["A.5.17"]
    nist_800_53 = ["IA-5(1)", "SC-12"]
  }
  why = "A secret that nobody changes stays good for whoever copied it years ago."
  fix = "Add an aws_secretsmanager_secret_rotation with a rotation function."

  condition = exists(linked(self, "aws_secretsmanager_secret_rotation"))
  message   = "no rotation is configured"
  attribute = "name"

  pass {
    resource "aws_secretsmanager_secret" "database" {
      name = "database"
    }
    resource "aws_secretsmanager_secret_rotation" "database" {
      secret_id           = aws_secretsmanager_secret.database.id
      rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate"
      rotation_rules {
        automatically_after_days = 30
      }
    }
  }
  fail {
    resource "aws_secretsmanager_secret" "database" {
      name = "database"
    }
  }
  unknown {
    variable "secret" {
      type = string
    }
    resource "aws_secretsmanager_secret" "database" {
      name = "database"
    }
    resource "aws_secretsmanager_secret_rotation" "asked" {
      secret_id           = var.secret
      rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate"
      rotation_rules {
        automatically_after_days = 30
      }
    }
  }
}

policy "aws-secretsmanager-rotation-90-days" {
  title    = "Secrets rotate at least every 90 days"
  severity = "medium"
  resource = ["aws_secretsmanager_secret_rotation"]
  checkov  = ["CKV_AWS_304"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.3.9", "8.6.3"]
    iso27001    = ["A.5.17"]
    nist_800_53 = ["IA-5(1)", "SC-12"]
  }
  why = "The longer a secret lives, the longer a copy of it is worth something."
  fix = "Set automatically_after_days to 90 or less, or a schedule_expression that comes as often."

  # A cron expression passes, as in Checkov: it names months and days, of which none is more than a year away.
  condition = anytrue([
    self.rotation_rules.automatically_after_days <= 90,
    matches(self.rotation_rules.schedule_expression, "^cron\\("),
    matches(self.rotation_rules.schedule_expression, "^rate\\(([0-9]|[1-8][0-9]|90) days?\\)"),
    matches(self.rotation_rules.schedule_expression, "^rate\\(([0-9]{1,3}|1[0-9]{3}|20[0-9]{2}|21[0-5][0-9]|2160) hours?\\)"),
  ])
  message   = "the secret rotates less often than every 90 days"
  attribute = "rotation_rules"

  pass {
    resource "aws_secretsmanager_secret_rotation" "monthly" {
      secret_id           = "database"
      rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate"
      rotation_rules {
        automatically_after_days = 30
      }
    }
  }
  pass {
    resource "aws_secretsmanager_secret_rotation" "rate" {
      secret_id           = "database"
      rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate"
      rotation_rules {
        schedule_expression = "rate(60 days)"
      }
    }
  }
  pass {
    resource "aws_secretsmanager_secret_rotation" "cron" {
      secret_id           = "database"
      rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate"
      rotation_rules {
        schedule_expression = "cron(0 4 1 * ? *)"
      }
    }
  }
  fail {
    resource "aws_secretsmanager_secret_rotation" "yearly" {
      secret_id           = "database"
      rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate"
      rotation_rules {
        automatically_after_days = 365
      }
    }
  }
  fail {
    resource "aws_secretsmanager_secret_rotation" "rate" {
      secret_id           = "database"
      rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate"
      rotation_rules {
        schedule_expression = "rate(120 days)"
      }
    }
  }
  unknown {
    variable "days" {
      type = number
    }
    resource "aws_secretsmanager_secret_rotation" "asked" {
      secret_id           = "database"
      rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate"
      rotation_rules {
        automatically_after_days = var.days
      }
    }
  }
}

policy "aws-secretsmanager-policy-not-public" {
  title    = "Policies of secrets allow nothing to everyone"
  severity = "critical"
  resource = ["aws_secretsmanager_secret_policy", "aws_secretsmanager_secret"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "SC-7"]
  }
  why = "With principal * any AWS account reads the secret, and with it whatever the secret opens."
  fix = "Name the roles or accounts, and set block_public_policy = true."

  condition = !anytrue([
    for s in iam(self.policy) : s.effect == "Allow" && contains(s.principals, "*") && !anytrue([
      for c in s.conditions : alltrue([
        matches(lower(c.test), "^(foranyvalue:)?(string(equals|like)|stringequalsignorecase|arn(equals|like)|ipaddress)$"),
        contains([
          "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn", "aws:sourceip",
          "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:vpceaccount", "aws:vpceorgid",
        ], lower(c.variable)),
        alltrue([for v in c.values : !matches(v, "^(\\*|o-\\*|0\\.0\\.0\\.0/0|::/0|arn:[^:]*:[^:]*:[^:]*:\\*.*)$") || matches(v, "^arn:[^:]*:s3:")]),
      ])
    ])
  ])
  message   = "a statement allows everyone"
  attribute = "policy"

  pass {
    resource "aws_secretsmanager_secret_policy" "named" {
      secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::444455556666:role/reader" }
          Action    = "secretsmanager:GetSecretValue"
          Resource  = "*"
        }]
      })
    }
  }
  pass {
    resource "aws_secretsmanager_secret_policy" "organisation" {
      secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "secretsmanager:GetSecretValue"
          Resource  = "*"
          Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-abcd123456" } }
        }]
      })
    }
  }
  fail {
    resource "aws_secretsmanager_secret_policy" "open" {
      secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "secretsmanager:GetSecretValue"
          Resource  = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_secretsmanager_secret" "open" {
      name = "app"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = "secretsmanager:*"
          Resource  = "*"
          Condition = { StringLike = { "aws:PrincipalArn" = "*" } }
        }]
      })
    }
  }
  unknown {
    variable "document" {
      type = string
    }
    resource "aws_secretsmanager_secret_policy" "asked" {
      secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf"
      policy     = var.document
    }
  }
}

policy "aws-secretsmanager-block-public-policy" {
  title    = "Secrets refuse public policies"
  severity = "medium"
  resource = ["aws_secretsmanager_secret_policy"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "SC-7"]
  }
  why = "The check stops a policy that is public by mistake, today's and tomorrow's."
  fix = "Set block_public_policy = true."

  condition = self.block_public_policy == true

  pass {
    resource "aws_secretsmanager_secret_policy" "checked" {
      secret_arn          = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf"
      policy              = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
      block_public_policy = true
    }
  }
  fail {
    resource "aws_secretsmanager_secret_policy" "unchecked" {
      secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf"
      policy     = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    }
  }
  unknown {
    variable "block" {
      type = bool
    }
    resource "aws_secretsmanager_secret_policy" "asked" {
      secret_arn          = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf"
      policy              = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
      block_public_policy = var.block
    }
  }
}

policy "aws-secretsmanager-recovery-window" {
  title    = "Deleted secrets can be brought back"
  severity = "low"
  resource = ["aws_secretsmanager_secret"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    nist_800_53 = ["CP-9"]
  }
  why = "With a window of 0 a destroy, or a replacement, removes the secret at once and for good."
  fix = "Leave recovery_window_in_days out (30), or set it to at least 7."

  condition = self.recovery_window_in_days == null || self.recovery_window_in_days != 0

  pass {
    resource "aws_secretsmanager_secret" "default" {
      name = "app"
    }
    resource "aws_secretsmanager_secret" "week" {
      name                    = "app-two"
      recovery_window_in_days = 7
    }
  }
  fail {
    resource "aws_secretsmanager_secret" "gone" {
      name                    = "app"
      recovery_window_in_days = 0
    }
  }
  unknown {
    variable "days" {
      type = number
    }
    resource "aws_secretsmanager_secret" "asked" {
      name                    = "app"
      recovery_window_in_days = var.days
    }
  }
}
