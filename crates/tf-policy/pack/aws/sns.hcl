# Amazon SNS: topics, their policies and subscriptions.

policy "aws-sns-encrypted" {
  title    = "SNS topics encrypt messages with a KMS key"
  severity = "medium"
  resource = ["aws_sns_topic"]
  checkov  = ["CKV_AWS_26"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Messages wait on disk until they are delivered. Without a key nothing but the topic's policy protects them."
  fix = "Set kms_master_key_id. Services that publish need kms:GenerateDataKey on a key of your own."

  condition = self.kms_master_key_id != null && (self.kms_master_key_id != "" || exists(linked(self, "aws_kms_key", "aws_kms_alias")))

  pass {
    resource "aws_sns_topic" "encrypted" {
      name              = "orders"
      kms_master_key_id = "alias/aws/sns"
    }
  }
  pass {
    resource "aws_kms_key" "topics" {
      description = "topics"
    }
    resource "aws_sns_topic" "referred" {
      name              = "orders"
      kms_master_key_id = aws_kms_key.topics.id
    }
  }
  fail {
    resource "aws_sns_topic" "plain" {
      name = "orders"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_sns_topic" "asked" {
      name              = "orders"
      kms_master_key_id = var.key
    }
  }
}

policy "aws-sns-policy-not-public" {
  title    = "SNS topic policies allow nothing to everyone"
  severity = "high"
  resource = ["aws_sns_topic_policy", "aws_sns_topic"]
  checkov  = ["CKV_AWS_169"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "SC-7"]
  }
  why = "Anybody can subscribe and read along, or publish what your systems then believe."
  fix = "Name the roles, accounts or services, or add a condition on aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID."

  # A condition with IfExists is no limit: requests without the key pass it. Checkov takes it for one.
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
    resource "aws_sns_topic_policy" "named" {
      arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "s3.amazonaws.com" }
          Action    = "sns:Publish"
          Resource  = "*"
        }]
      })
    }
  }
  pass {
    resource "aws_sns_topic_policy" "owner" {
      arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = ["sns:Publish", "sns:Subscribe"]
          Resource  = "*"
          Condition = { StringEquals = { "AWS:SourceOwner" = "111122223333" } }
        }]
      })
    }
  }
  pass {
    resource "aws_sns_topic_policy" "bucket" {
      arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = "sns:Publish"
          Resource  = "*"
          Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:s3:*:*:example-inbox" } }
        }]
      })
    }
  }
  fail {
    resource "aws_sns_topic_policy" "open" {
      arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "sns:Publish"
          Resource  = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_sns_topic" "open" {
      name = "orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = "sns:Subscribe"
          Resource  = "*"
          Condition = { StringEquals = { "sns:Protocol" = "https" } }
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "here" {
      statement {
        actions   = ["sns:Subscribe"]
        resources = ["*"]
        principals {
          type        = "AWS"
          identifiers = ["*"]
        }
      }
    }
    resource "aws_sns_topic_policy" "here" {
      arn    = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = data.aws_iam_policy_document.here.json
    }
  }
  unknown {
    variable "document" {
      type = string
    }
    resource "aws_sns_topic_policy" "asked" {
      arn    = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = var.document
    }
  }
}

policy "aws-sns-policy-no-foreign-accounts" {
  title    = "SNS topic policies let other identities in on conditions only"
  severity = "low"
  resource = ["aws_sns_topic_policy"]
  checkov  = ["CKV_AWS_385"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.2"]
    iso27001    = ["A.5.15"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Another account's administrators decide who may use the ARN that is named here. A condition keeps it to what was agreed."
  fix = "Add a condition such as aws:PrincipalOrgID, or let the account use an IAM policy instead of the topic's."

  # Like Checkov this cannot tell the own account from others.
  condition = !anytrue([
    for s in iam(self.policy) : s.effect == "Allow" && length(s.conditions) == 0 && anytrue([for p in s.principals : matches(p, "^AWS:arn:aws[a-z-]*:iam::")])
  ])
  message   = "a statement without a condition allows IAM identities by ARN"
  attribute = "policy"

  pass {
    resource "aws_sns_topic_policy" "service" {
      arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sns:Publish"
          Resource  = "*"
        }]
      })
    }
  }
  pass {
    resource "aws_sns_topic_policy" "organisation" {
      arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::444455556666:root" }
          Action    = "sns:Subscribe"
          Resource  = "*"
          Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-abcd123456" } }
        }]
      })
    }
  }
  fail {
    resource "aws_sns_topic_policy" "partner" {
      arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::444455556666:root" }
          Action    = "sns:Subscribe"
          Resource  = "*"
        }]
      })
    }
  }
  unknown {
    variable "document" {
      type = string
    }
    resource "aws_sns_topic_policy" "asked" {
      arn    = "arn:aws:sns:eu-central-1:111122223333:orders"
      policy = var.document
    }
  }
}

policy "aws-sns-subscription-https" {
  title    = "SNS delivers to web addresses by HTTPS"
  severity = "medium"
  resource = ["aws_sns_topic_subscription"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "Over plain HTTP everyone on the way reads the messages and can send some of their own."
  fix = "Set protocol = \"https\" with an https:// endpoint."

  condition = self.protocol != "http"

  pass {
    resource "aws_sns_topic_subscription" "web" {
      topic_arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      protocol  = "https"
      endpoint  = "https://hooks.example.com/orders"
    }
  }
  fail {
    resource "aws_sns_topic_subscription" "web" {
      topic_arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      protocol  = "http"
      endpoint  = "http://hooks.example.com/orders"
    }
  }
  unknown {
    variable "protocol" {
      type = string
    }
    resource "aws_sns_topic_subscription" "asked" {
      topic_arn = "arn:aws:sns:eu-central-1:111122223333:orders"
      protocol  = var.protocol
      endpoint  = "https://hooks.example.com/orders"
    }
  }
}
