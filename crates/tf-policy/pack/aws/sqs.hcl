# Amazon SQS: queues and their policies.

policy "aws-sqs-encrypted" {
  title    = "SQS queues say how they encrypt messages"
  severity = "medium"
  resource = ["aws_sqs_queue"]
  checkov  = ["CKV_AWS_27"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Queues from before 2022, and those that were switched off, keep messages in plain text. What is not written here is left as it is."
  fix = "Set sqs_managed_sse_enabled = true, or kms_master_key_id."

  condition = self.sqs_managed_sse_enabled == true || (self.kms_master_key_id != null && (self.kms_master_key_id != "" || exists(linked(self, "aws_kms_key", "aws_kms_alias"))))
  message   = "neither sqs_managed_sse_enabled nor kms_master_key_id is set"

  pass {
    resource "aws_sqs_queue" "managed" {
      name                    = "orders"
      sqs_managed_sse_enabled = true
    }
    resource "aws_sqs_queue" "keyed" {
      name              = "orders-two"
      kms_master_key_id = "alias/orders"
    }
  }
  pass {
    resource "aws_kms_key" "queues" {
      description = "queues"
    }
    resource "aws_sqs_queue" "referred" {
      name              = "orders"
      kms_master_key_id = aws_kms_key.queues.arn
    }
  }
  fail {
    resource "aws_sqs_queue" "silent" {
      name = "orders"
    }
  }
  fail {
    resource "aws_sqs_queue" "off" {
      name                    = "orders"
      sqs_managed_sse_enabled = false
    }
  }
  unknown {
    variable "encrypt" {
      type = bool
    }
    resource "aws_sqs_queue" "asked" {
      name                    = "orders"
      sqs_managed_sse_enabled = var.encrypt
    }
  }
}

policy "aws-sqs-no-default-key" {
  title    = "SQS queues that use KMS use a key of your own"
  severity = "low"
  resource = ["aws_sqs_queue"]
  checkov  = ["CKV2_AWS_73"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1", "3.6.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "The key alias/aws/sqs cannot be shared with other accounts or services, and its policy cannot be narrowed."
  fix = "Set kms_master_key_id to a key of your own."

  condition = !matches(self.kms_master_key_id, "(^|:)alias/aws/sqs$")

  pass {
    resource "aws_sqs_queue" "managed" {
      name = "orders"
    }
    resource "aws_sqs_queue" "keyed" {
      name              = "orders-two"
      kms_master_key_id = "alias/orders"
    }
  }
  fail {
    resource "aws_sqs_queue" "default" {
      name              = "orders"
      kms_master_key_id = "alias/aws/sqs"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_sqs_queue" "asked" {
      name              = "orders"
      kms_master_key_id = var.key
    }
  }
}

policy "aws-sqs-policy-not-public" {
  title    = "SQS queue policies allow nothing to everyone"
  severity = "high"
  resource = ["aws_sqs_queue_policy", "aws_sqs_queue"]
  checkov  = ["CKV_AWS_168", "CKV_AWS_387"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "SC-7"]
  }
  why = "Anybody can read and remove your messages, or send some that your systems then act on."
  fix = "Name the roles, accounts or services, or add a condition on aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID."

  # CKV_AWS_387 takes any condition at all for a limit; this, like CKV_AWS_168, asks for one on who sends.
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
    resource "aws_sqs_queue_policy" "topic" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "sqs:SendMessage"
          Resource  = "*"
          Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:sns:eu-central-1:111122223333:orders" } }
        }]
      })
    }
  }
  pass {
    # The limit is a topic that is made in the same apply.
    resource "aws_sns_topic" "orders" {
      name = "orders"
    }
    resource "aws_sqs_queue" "orders" {
      name = "orders"
    }
    resource "aws_sqs_queue_policy" "orders" {
      queue_url = aws_sqs_queue.orders.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "sns.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = aws_sqs_queue.orders.arn
          Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.orders.arn } }
        }]
      })
    }
  }
  fail {
    resource "aws_sqs_queue_policy" "open" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "sqs:*"
          Resource  = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_sqs_queue" "open" {
      name = "orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = ["*"] }
          Action    = "SQS:SendMessage"
          Resource  = "*"
          Condition = { IpAddress = { "aws:SourceIp" = "0.0.0.0/0" } }
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "here" {
      statement {
        actions   = ["sqs:SendMessage"]
        resources = ["*"]
        principals {
          type        = "*"
          identifiers = ["*"]
        }
      }
    }
    resource "aws_sqs_queue_policy" "here" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/orders"
      policy    = data.aws_iam_policy_document.here.json
    }
  }
  unknown {
    variable "document" {
      type = string
    }
    resource "aws_sqs_queue_policy" "asked" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/orders"
      policy    = var.document
    }
  }
}

policy "aws-sqs-policy-no-star-action" {
  title    = "SQS queue policies do not allow all actions"
  severity = "medium"
  resource = ["aws_sqs_queue_policy", "aws_sqs_queue"]
  checkov  = ["CKV_AWS_72"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Action * lets a sender also read, purge and delete the queue and change its policy."
  fix = "List the actions, for instance sqs:SendMessage."

  # Checkov looks at the first statement only, and takes a denial for a fault as well.
  condition = !anytrue([for s in iam(self.policy) : s.effect == "Allow" && contains(s.actions, "*")])
  message   = "a statement allows all actions"
  attribute = "policy"

  pass {
    resource "aws_sqs_queue_policy" "sender" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:role/sender" }
          Action    = "sqs:SendMessage"
          Resource  = "*"
        }]
      })
    }
  }
  pass {
    resource "aws_sqs_queue_policy" "tls" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Deny"
          Principal = "*"
          Action    = "*"
          Resource  = "*"
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        }]
      })
    }
  }
  fail {
    resource "aws_sqs_queue_policy" "all" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:role/sender" }
          Action    = "*"
          Resource  = "*"
        }]
      })
    }
  }
  unknown {
    variable "document" {
      type = string
    }
    resource "aws_sqs_queue_policy" "asked" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/orders"
      policy    = var.document
    }
  }
}

policy "aws-sqs-dead-letter-queue" {
  title    = "SQS queues put aside what cannot be processed"
  severity = "info"
  resource = ["aws_sqs_queue"]
  frameworks = {
    soc2        = ["A1.2"]
    nist_800_53 = ["SI-11"]
  }
  why = "A message that always fails comes back until it expires, and then is lost without a trace."
  fix = "Set redrive_policy, or add an aws_sqs_queue_redrive_policy, with a dead-letter queue."

  # Queues that are themselves dead-letter queues have a redrive_allow_policy or are the target of another's redrive policy.
  when      = self.redrive_allow_policy == null && !exists(linked(self, "aws_sqs_queue_redrive_allow_policy")) && !matches(self.name, "(?i)(dlq|dead)")
  condition = (self.redrive_policy != null && self.redrive_policy != "") || exists(linked(self, "aws_sqs_queue_redrive_policy"))
  message   = "no dead-letter queue"
  attribute = "redrive_policy"

  pass {
    resource "aws_sqs_queue" "orders" {
      name = "orders"
      redrive_policy = jsonencode({
        deadLetterTargetArn = "arn:aws:sqs:eu-central-1:111122223333:orders-dlq"
        maxReceiveCount     = 5
      })
    }
    resource "aws_sqs_queue" "dead" {
      name = "orders-dlq"
    }
  }
  pass {
    resource "aws_sqs_queue" "orders" {
      name = "orders"
    }
    resource "aws_sqs_queue_redrive_policy" "orders" {
      queue_url      = aws_sqs_queue.orders.id
      redrive_policy = "{\"deadLetterTargetArn\": \"arn:aws:sqs:eu-central-1:111122223333:orders-dlq\", \"maxReceiveCount\": 5}"
    }
  }
  fail {
    resource "aws_sqs_queue" "orders" {
      name = "orders"
    }
  }
}
