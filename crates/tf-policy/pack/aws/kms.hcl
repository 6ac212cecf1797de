# AWS KMS: keys, their policies and grants.

policy "aws-kms-rotation" {
  title    = "KMS keys rotate"
  severity = "medium"
  resource = ["aws_kms_key"]
  checkov  = ["CKV_AWS_7"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.7.4"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    cis_aws     = ["3.6"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-12(2)"]
  }
  why = "Key material that never changes protects ever more data, and all of it is lost together if it leaks."
  fix = "Set enable_key_rotation = true. Old data stays readable: KMS keeps the earlier material."

  # Only symmetric keys, and those of KMS's own store, can rotate by themselves. Checkov asks it of HMAC keys written "HMAC" too,
  # a spec that does not exist.
  when = (
    (self.customer_master_key_spec == null || self.customer_master_key_spec == "SYMMETRIC_DEFAULT") &&
    (self.key_usage == null || self.key_usage == "ENCRYPT_DECRYPT") && self.custom_key_store_id == null
  )
  condition = self.enable_key_rotation == true

  pass {
    resource "aws_kms_key" "rotating" {
      enable_key_rotation = true
    }
    resource "aws_kms_key" "signing" {
      customer_master_key_spec = "RSA_2048"
      key_usage                = "SIGN_VERIFY"
    }
  }
  fail {
    resource "aws_kms_key" "fixed" {
      description = "never changes"
    }
  }
  fail {
    resource "aws_kms_key" "off" {
      customer_master_key_spec = "SYMMETRIC_DEFAULT"
      enable_key_rotation      = false
    }
  }
  unknown {
    variable "rotate" {
      type = bool
    }
    resource "aws_kms_key" "asked" {
      enable_key_rotation = var.rotate
    }
  }
}

policy "aws-kms-policy-not-public" {
  title    = "KMS key policies allow nothing to everyone"
  severity = "critical"
  resource = ["aws_kms_key", "aws_kms_key_policy", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"]
  checkov  = ["CKV_AWS_33"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["3.6.1", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.24"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "SC-12"]
  }
  why = "With principal * any AWS account may use the key, so that encryption with it keeps nobody out; or may delete it."
  fix = "Name the account's root, roles or services. Where * is needed, add a condition such as kms:CallerAccount."

  condition = !anytrue([
    for s in iam(self.policy) : s.effect == "Allow" && length(s.conditions) == 0 && contains(s.principals, "*")
  ])
  message   = "a statement without a condition allows every principal"
  attribute = "policy"

  pass {
    resource "aws_kms_key" "default" {
      description = "has the default policy"
    }
    resource "aws_kms_key" "named" {
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          {
            Effect    = "Allow"
            Principal = { AWS = "arn:aws:iam::111122223333:root" }
            Action    = "kms:*"
            Resource  = "*"
          },
          {
            Effect    = "Allow"
            Principal = { AWS = "*" }
            Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
            Resource  = "*"
            Condition = { StringEquals = { "kms:CallerAccount" = "111122223333" } }
          },
        ]
      })
    }
  }
  fail {
    resource "aws_kms_key" "open" {
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = "kms:*"
          Resource  = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "open" {
      statement {
        actions   = ["kms:Decrypt"]
        resources = ["*"]
        principals {
          type        = "*"
          identifiers = ["*"]
        }
      }
    }
    resource "aws_kms_key_policy" "open" {
      key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
      policy = data.aws_iam_policy_document.open.json
    }
  }
  unknown {
    variable "user" {
      type = string
    }
    resource "aws_kms_key" "asked" {
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = var.user }
          Action    = "kms:Decrypt"
          Resource  = "*"
        }]
      })
    }
  }
}

policy "aws-kms-enabled" {
  title    = "KMS keys are enabled"
  severity = "low"
  resource = ["aws_kms_key"]
  checkov  = ["CKV_AWS_227"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.24"]
    nist_800_53 = ["SC-12"]
  }
  why = "What was encrypted with a disabled key cannot be read, backups included, until somebody enables it again."
  fix = "Remove is_enabled = false. Keys that are no longer needed are scheduled for deletion."

  condition = self.is_enabled != false

  pass {
    resource "aws_kms_key" "default" {
      description = "enabled unless told otherwise"
    }
    resource "aws_kms_key" "written" {
      is_enabled = true
    }
  }
  fail {
    resource "aws_kms_key" "off" {
      is_enabled = false
    }
  }
  unknown {
    variable "enabled" {
      type = bool
    }
    resource "aws_kms_key" "asked" {
      is_enabled = var.enabled
    }
  }
}

policy "aws-kms-policy-defined" {
  title    = "KMS keys have a policy of their own"
  severity = "low"
  resource = ["aws_kms_key"]
  checkov  = ["CKV2_AWS_64"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["3.6.1", "7.2.1"]
    iso27001    = ["A.5.15", "A.8.24"]
    nist_800_53 = ["AC-3", "AC-6", "SC-12"]
  }
  why = "The default policy leaves everything to IAM: every role in the account with kms:Decrypt on * can use the key."
  fix = "Set policy, or add an aws_kms_key_policy, that says who administers the key and who uses it."

  condition = (self.policy != null && self.policy != "") || exists(linked(self, "aws_kms_key_policy"))
  message   = "no key policy is written"

  pass {
    resource "aws_kms_key" "written" {
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:root" }
          Action    = "kms:*"
          Resource  = "*"
        }]
      })
    }
  }
  pass {
    resource "aws_kms_key" "beside" {
      description = "its policy stands beside it"
    }
    resource "aws_kms_key_policy" "beside" {
      key_id = aws_kms_key.beside.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:root" }
          Action    = "kms:*"
          Resource  = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_kms_key" "default" {
      description = "no policy"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_kms_key" "maybe" {
      description = "perhaps the policy is this key's"
    }
    resource "aws_kms_key_policy" "asked" {
      key_id = var.key
      policy = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    }
  }
}

policy "aws-kms-deletion-window" {
  title    = "Deleting a KMS key takes at least two weeks"
  severity = "low"
  resource = ["aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.24"]
    nist_800_53 = ["CP-9", "SC-12"]
  }
  why = "A deleted key takes everything encrypted with it along. The window is the only time in which somebody can notice."
  fix = "Leave deletion_window_in_days out (30), or set it to 14 or more."

  condition = self.deletion_window_in_days == null || self.deletion_window_in_days >= 14

  pass {
    resource "aws_kms_key" "default" {
      description = "thirty days"
    }
    resource "aws_kms_key" "two-weeks" {
      deletion_window_in_days = 14
    }
  }
  fail {
    resource "aws_kms_key" "soon" {
      deletion_window_in_days = 7
    }
  }
  unknown {
    variable "days" {
      type = number
    }
    resource "aws_kms_key" "asked" {
      deletion_window_in_days = var.days
    }
  }
}

policy "aws-kms-lockout-check" {
  title    = "KMS keys keep AWS's check against lock-out"
  severity = "medium"
  resource = ["aws_kms_key", "aws_kms_key_policy", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.24"]
    nist_800_53 = ["SC-12"]
  }
  why = "Without the check a key policy is accepted that nobody can change any more. Only AWS support can help then."
  fix = "Remove bypass_policy_lockout_safety_check, and let the policy keep kms:PutKeyPolicy for the account."

  condition = self.bypass_policy_lockout_safety_check != true

  pass {
    resource "aws_kms_key" "checked" {
      description = "checked"
    }
  }
  fail {
    resource "aws_kms_key" "unchecked" {
      bypass_policy_lockout_safety_check = true
    }
  }
  unknown {
    variable "bypass" {
      type = bool
    }
    resource "aws_kms_key" "asked" {
      bypass_policy_lockout_safety_check = var.bypass
    }
  }
}

policy "aws-kms-grant-no-regrant" {
  title    = "KMS grants do not let their holder grant on"
  severity = "medium"
  resource = ["aws_kms_grant"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["3.6.1", "7.2.2"]
    iso27001    = ["A.5.15"]
    nist_800_53 = ["AC-6", "SC-12"]
  }
  why = "With CreateGrant among its operations, the grantee hands the key on to others, past every key policy."
  fix = "Remove CreateGrant from operations, or bind the grant to an encryption context by constraints."

  condition = !contains(self.operations, "CreateGrant") || length(self.constraints) > 0

  pass {
    resource "aws_kms_grant" "reader" {
      key_id            = "1234abcd-12ab-34cd-56ef-1234567890ab"
      grantee_principal = "arn:aws:iam::111122223333:role/reader"
      operations        = ["Decrypt"]
    }
    resource "aws_kms_grant" "bound" {
      key_id            = "1234abcd-12ab-34cd-56ef-1234567890ab"
      grantee_principal = "arn:aws:iam::111122223333:role/scaling"
      operations        = ["Decrypt", "CreateGrant"]
      constraints {
        encryption_context_equals = {
          team = "web"
        }
      }
    }
  }
  fail {
    resource "aws_kms_grant" "open" {
      key_id            = "1234abcd-12ab-34cd-56ef-1234567890ab"
      grantee_principal = "arn:aws:iam::111122223333:role/scaling"
      operations        = ["Encrypt", "Decrypt", "CreateGrant"]
    }
  }
  unknown {
    variable "operations" {
      type = list(string)
    }
    resource "aws_kms_grant" "asked" {
      key_id            = "1234abcd-12ab-34cd-56ef-1234567890ab"
      grantee_principal = "arn:aws:iam::111122223333:role/reader"
      operations        = var.operations
    }
  }
}
