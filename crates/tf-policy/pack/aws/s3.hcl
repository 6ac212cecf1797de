# Amazon S3: buckets, what stands beside them, and objects.

policy "aws-s3-public-access-block" {
  title    = "S3 buckets have a public access block"
  severity = "high"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV2_AWS_6"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    cis_aws     = ["2.1.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "SC-7"]
  }
  why = "One careless ACL or bucket policy is enough to publish a bucket. The block stops both before they take effect."
  fix = "Add an aws_s3_bucket_public_access_block for the bucket with all four settings true."

  condition = anytrue([
    for b in linked(self, "aws_s3_bucket_public_access_block") : b.block_public_acls == true && b.block_public_policy == true
  ])
  message = "no public access block that stops both public ACLs and public policies"

  pass {
    resource "aws_s3_bucket" "reports" {
      bucket = "example-reports"
    }
    resource "aws_s3_bucket_public_access_block" "reports" {
      bucket                  = aws_s3_bucket.reports.id
      block_public_acls       = true
      block_public_policy     = true
      ignore_public_acls      = true
      restrict_public_buckets = true
    }
  }
  pass {
    # Tied by name only.
    resource "aws_s3_bucket" "reports" {
      bucket = "example-reports"
    }
    resource "aws_s3_bucket_public_access_block" "reports" {
      bucket              = "example-reports"
      block_public_acls   = true
      block_public_policy = true
    }
  }
  fail {
    resource "aws_s3_bucket" "bare" {
      bucket = "example-bare"
    }
  }
  fail {
    resource "aws_s3_bucket" "half" {
      bucket = "example-half"
    }
    resource "aws_s3_bucket_public_access_block" "half" {
      bucket            = aws_s3_bucket.half.id
      block_public_acls = true
    }
  }
  unknown {
    variable "block" {
      type = bool
    }
    resource "aws_s3_bucket" "asked" {
      bucket = "example-asked"
    }
    resource "aws_s3_bucket_public_access_block" "asked" {
      bucket              = aws_s3_bucket.asked.id
      block_public_acls   = var.block
      block_public_policy = true
    }
  }
}

policy "aws-s3-public-access-block-acls" {
  title    = "Public access blocks refuse new public ACLs"
  severity = "high"
  resource = ["aws_s3_bucket_public_access_block"]
  checkov  = ["CKV_AWS_53"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    cis_aws     = ["2.1.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "SC-7"]
  }
  why = "Without it anybody who may write an ACL can make the bucket or an object public."
  fix = "Set block_public_acls = true."

  condition = self.block_public_acls == true

  pass {
    resource "aws_s3_bucket_public_access_block" "blocked" {
      bucket            = "example-reports"
      block_public_acls = true
    }
  }
  fail {
    resource "aws_s3_bucket_public_access_block" "open" {
      bucket            = "example-reports"
      block_public_acls = false
    }
  }
  fail {
    resource "aws_s3_bucket_public_access_block" "unset" {
      bucket = "example-reports"
    }
  }
  unknown {
    variable "block" {
      type = bool
    }
    resource "aws_s3_bucket_public_access_block" "asked" {
      bucket            = "example-reports"
      block_public_acls = var.block
    }
  }
}

policy "aws-s3-public-access-block-policy" {
  title    = "Public access blocks refuse public bucket policies"
  severity = "high"
  resource = ["aws_s3_bucket_public_access_block"]
  checkov  = ["CKV_AWS_54"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    cis_aws     = ["2.1.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "SC-7"]
  }
  why = "Without it a bucket policy that names everyone is accepted and opens the bucket."
  fix = "Set block_public_policy = true."

  condition = self.block_public_policy == true

  pass {
    resource "aws_s3_bucket_public_access_block" "blocked" {
      bucket              = "example-reports"
      block_public_policy = true
    }
  }
  fail {
    resource "aws_s3_bucket_public_access_block" "open" {
      bucket              = "example-reports"
      block_public_policy = false
    }
  }
  fail {
    resource "aws_s3_bucket_public_access_block" "unset" {
      bucket = "example-reports"
    }
  }
  unknown {
    variable "block" {
      type = bool
    }
    resource "aws_s3_bucket_public_access_block" "asked" {
      bucket              = "example-reports"
      block_public_policy = var.block
    }
  }
}

policy "aws-s3-public-access-block-ignore-acls" {
  title    = "Public access blocks ignore public ACLs that exist already"
  severity = "high"
  resource = ["aws_s3_bucket_public_access_block"]
  checkov  = ["CKV_AWS_55"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    cis_aws     = ["2.1.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "SC-7"]
  }
  why = "Refusing new public ACLs leaves old ones in force. Objects that were public stay public until they are ignored."
  fix = "Set ignore_public_acls = true."

  condition = self.ignore_public_acls == true

  pass {
    resource "aws_s3_bucket_public_access_block" "blocked" {
      bucket             = "example-reports"
      ignore_public_acls = true
    }
  }
  fail {
    resource "aws_s3_bucket_public_access_block" "open" {
      bucket             = "example-reports"
      ignore_public_acls = false
    }
  }
  fail {
    resource "aws_s3_bucket_public_access_block" "unset" {
      bucket = "example-reports"
    }
  }
  unknown {
    variable "block" {
      type = bool
    }
    resource "aws_s3_bucket_public_access_block" "asked" {
      bucket             = "example-reports"
      ignore_public_acls = var.block
    }
  }
}

policy "aws-s3-public-access-block-restrict" {
  title    = "Public access blocks restrict buckets whose policy is public"
  severity = "high"
  resource = ["aws_s3_bucket_public_access_block"]
  checkov  = ["CKV_AWS_56"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    cis_aws     = ["2.1.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "SC-7"]
  }
  why = "A public policy from before the block keeps working for everyone unless access is restricted to the account and to AWS services."
  fix = "Set restrict_public_buckets = true."

  condition = self.restrict_public_buckets == true

  pass {
    resource "aws_s3_bucket_public_access_block" "blocked" {
      bucket                  = "example-reports"
      restrict_public_buckets = true
    }
  }
  fail {
    resource "aws_s3_bucket_public_access_block" "open" {
      bucket                  = "example-reports"
      restrict_public_buckets = false
    }
  }
  fail {
    resource "aws_s3_bucket_public_access_block" "unset" {
      bucket = "example-reports"
    }
  }
  unknown {
    variable "block" {
      type = bool
    }
    resource "aws_s3_bucket_public_access_block" "asked" {
      bucket                  = "example-reports"
      restrict_public_buckets = var.block
    }
  }
}

policy "aws-s3-account-public-access-block" {
  title    = "The account's public access block has all four settings on"
  severity = "high"
  resource = ["aws_s3_account_public_access_block"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    cis_aws     = ["2.1.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "SC-7"]
  }
  why = "The account's block covers every bucket, also those that nobody thought of. A setting left off is off for all of them."
  fix = "Set block_public_acls, block_public_policy, ignore_public_acls and restrict_public_buckets to true."

  condition = alltrue([
    self.block_public_acls == true,
    self.block_public_policy == true,
    self.ignore_public_acls == true,
    self.restrict_public_buckets == true,
  ])

  pass {
    resource "aws_s3_account_public_access_block" "account" {
      block_public_acls       = true
      block_public_policy     = true
      ignore_public_acls      = true
      restrict_public_buckets = true
    }
  }
  fail {
    resource "aws_s3_account_public_access_block" "account" {
      block_public_acls   = true
      block_public_policy = true
      ignore_public_acls  = true
    }
  }
  unknown {
    variable "restrict" {
      type = bool
    }
    resource "aws_s3_account_public_access_block" "account" {
      block_public_acls       = true
      block_public_policy     = true
      ignore_public_acls      = true
      restrict_public_buckets = var.restrict
    }
  }
}

policy "aws-s3-access-point-not-public" {
  title    = "S3 access points block public access"
  severity = "high"
  resource = ["aws_s3_access_point"]
  checkov  = ["CKV_AWS_392"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "SC-7"]
  }
  why = "An access point is a second door to the bucket with a policy of its own, and its block cannot be switched on later."
  fix = "Leave public_access_block_configuration out, or set its four settings to true. A change replaces the access point."

  # Checkov fails only an access point with three of the settings off at once. A single one that is off opens a way in.
  # Settings that are not written are on.
  condition = !anytrue([
    self.public_access_block_configuration.block_public_acls == false,
    self.public_access_block_configuration.block_public_policy == false,
    self.public_access_block_configuration.ignore_public_acls == false,
    self.public_access_block_configuration.restrict_public_buckets == false,
  ])

  pass {
    resource "aws_s3_access_point" "default" {
      bucket = "example-reports"
      name   = "reports"
    }
    resource "aws_s3_access_point" "written" {
      bucket = "example-reports"
      name   = "reports-two"
      public_access_block_configuration {
        block_public_acls       = true
        block_public_policy     = true
        ignore_public_acls      = true
        restrict_public_buckets = true
      }
    }
  }
  fail {
    resource "aws_s3_access_point" "open" {
      bucket = "example-reports"
      name   = "reports"
      public_access_block_configuration {
        block_public_acls       = false
        block_public_policy     = false
        ignore_public_acls      = false
        restrict_public_buckets = false
      }
    }
  }
  fail {
    resource "aws_s3_access_point" "policy" {
      bucket = "example-reports"
      name   = "reports"
      public_access_block_configuration {
        block_public_policy = false
      }
    }
  }
  unknown {
    variable "block" {
      type = bool
    }
    resource "aws_s3_access_point" "asked" {
      bucket = "example-reports"
      name   = "reports"
      public_access_block_configuration {
        block_public_policy = var.block
      }
    }
  }
}

policy "aws-s3-encrypted" {
  title    = "S3 buckets name a server-side encryption that exists"
  severity = "high"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV_AWS_19"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28", "SC-28(1)"]
  }
  why = "S3 encrypts with AES256 by itself. A configuration that names no algorithm, or one that S3 does not know, only looks like a choice."
  fix = "Set sse_algorithm to aws:kms, aws:kms:dsse or AES256, or leave the configuration out."

  # Checkov does not know aws:kms:dsse, the double encryption that S3 has offered since 2023.
  condition = alltrue([
    for r in self.server_side_encryption_configuration.rule : contains(["aws:kms", "aws:kms:dsse", "AES256"], r.apply_server_side_encryption_by_default.sse_algorithm)
    ]) && alltrue([
    for c in linked(self, "aws_s3_bucket_server_side_encryption_configuration") : alltrue([
      for r in c.rule : contains(["aws:kms", "aws:kms:dsse", "AES256"], r.apply_server_side_encryption_by_default.sse_algorithm)
    ])
  ])

  pass {
    resource "aws_s3_bucket" "default" {
      bucket = "example-default"
    }
    resource "aws_s3_bucket" "kms" {
      bucket = "example-kms"
    }
    resource "aws_s3_bucket_server_side_encryption_configuration" "kms" {
      bucket = aws_s3_bucket.kms.id
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm = "aws:kms"
        }
      }
    }
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      server_side_encryption_configuration {
        rule {
          apply_server_side_encryption_by_default {
            sse_algorithm = "AES256"
          }
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket" "nameless" {
      bucket = "example-nameless"
    }
    resource "aws_s3_bucket_server_side_encryption_configuration" "nameless" {
      bucket = aws_s3_bucket.nameless.id
      rule {
        bucket_key_enabled = true
      }
    }
  }
  unknown {
    variable "algorithm" {
      type = string
    }
    resource "aws_s3_bucket" "asked" {
      bucket = "example-asked"
    }
    resource "aws_s3_bucket_server_side_encryption_configuration" "asked" {
      bucket = aws_s3_bucket.asked.id
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm = var.algorithm
        }
      }
    }
  }
}

policy "aws-s3-kms-encrypted" {
  title    = "S3 buckets encrypt with a KMS key by default"
  severity = "medium"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV_AWS_145"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1", "3.6.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "With a KMS key, reading needs a second permission, every use is in CloudTrail, and access can be cut off at the key. AES256 gives none of that."
  fix = "Add an aws_s3_bucket_server_side_encryption_configuration with sse_algorithm = \"aws:kms\" and a kms_master_key_id."

  # Access logs of S3 and of load balancers are not delivered where a KMS key is the default: such a bucket has no choice. A
  # resource aws_s3_bucket_logging that is tied to the bucket and is not about its own accesses brings it those of another.
  when = !anytrue(concat(
    [for l in linked(self, "aws_s3_bucket_logging") : !same(l.bucket, self)],
    [for b in linked(self, "aws_s3_bucket") : same(b.logging.target_bucket, self)],
    [for b in all("aws_lb", "aws_alb", "aws_elb") : same(b.access_logs.bucket, self) || same(b.connection_logs.bucket, self)],
    [
      for s in iam(self.policy, linked(self, "aws_s3_bucket_policy")[*].policy) : s.effect == "Allow" && anytrue([
        for p in s.principals : matches(p, "^Service:(logging\\.s3|delivery\\.logs|logdelivery\\.(elasticloadbalancing|elb))\\.amazonaws\\.com(\\.cn)?$")
      ])
    ],
  ))

  # aws:kms:dsse counts as well: it is KMS twice. Checkov fails it.
  condition = contains(["aws:kms", "aws:kms:dsse"], self.server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm) || anytrue([
    for c in linked(self, "aws_s3_bucket_server_side_encryption_configuration") :
    contains(["aws:kms", "aws:kms:dsse"], c.rule.apply_server_side_encryption_by_default.sse_algorithm)
  ])
  message = "no default encryption with a KMS key"

  pass {
    resource "aws_kms_key" "reports" {
      description = "reports"
    }
    resource "aws_s3_bucket" "reports" {
      bucket = "example-reports"
    }
    resource "aws_s3_bucket_server_side_encryption_configuration" "reports" {
      bucket = aws_s3_bucket.reports.id
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm     = "aws:kms"
          kms_master_key_id = aws_kms_key.reports.arn
        }
      }
    }
  }
  pass {
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      server_side_encryption_configuration {
        rule {
          apply_server_side_encryption_by_default {
            sse_algorithm = "aws:kms:dsse"
          }
        }
      }
    }
  }
  # The two buckets of access logs have no verdict, the one that is logged passes.
  pass {
    resource "aws_kms_key" "data" {
      description = "data"
    }
    resource "aws_s3_bucket" "data" {
      bucket = "example-data"
    }
    resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
      bucket = aws_s3_bucket.data.id
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm     = "aws:kms"
          kms_master_key_id = aws_kms_key.data.arn
        }
      }
    }
    resource "aws_s3_bucket_logging" "data" {
      bucket        = aws_s3_bucket.data.id
      target_bucket = aws_s3_bucket.logs.id
      target_prefix = "data/"
    }
    resource "aws_s3_bucket" "logs" {
      bucket = "example-logs"
    }
    resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
      bucket = aws_s3_bucket.logs.id
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm = "AES256"
        }
      }
    }
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      logging {
        target_bucket = aws_s3_bucket.old_logs.id
      }
      server_side_encryption_configuration {
        rule {
          apply_server_side_encryption_by_default {
            sse_algorithm = "aws:kms"
          }
        }
      }
    }
    resource "aws_s3_bucket" "old_logs" {
      bucket = "example-old-logs"
    }
    resource "aws_lb" "public" {
      name    = "public"
      subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
      access_logs {
        bucket  = aws_s3_bucket.requests.id
        enabled = true
      }
    }
    resource "aws_s3_bucket" "requests" {
      bucket = "example-requests"
    }
    resource "aws_lb" "named" {
      name    = "named"
      subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
      access_logs {
        bucket  = "example-by-name"
        enabled = true
      }
    }
    resource "aws_s3_bucket" "named" {
      bucket = "example-by-name"
    }
  }
  pass {
    resource "aws_s3_bucket" "reports" {
      bucket = "example-reports"
      server_side_encryption_configuration {
        rule {
          apply_server_side_encryption_by_default {
            sse_algorithm = "aws:kms"
          }
        }
      }
    }
    # What is logged here stands in another root.
    resource "aws_s3_bucket" "admits" {
      bucket = "example-admits"
    }
    data "aws_iam_policy_document" "admits" {
      statement {
        actions   = ["s3:PutObject"]
        resources = ["${aws_s3_bucket.admits.arn}/*"]
        principals {
          type        = "Service"
          identifiers = ["logging.s3.amazonaws.com"]
        }
      }
    }
    resource "aws_s3_bucket_policy" "admits" {
      bucket = aws_s3_bucket.admits.id
      policy = data.aws_iam_policy_document.admits.json
    }
    resource "aws_s3_bucket" "requests" {
      bucket = "example-requests"
    }
    resource "aws_s3_bucket_policy" "requests" {
      bucket = aws_s3_bucket.requests.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = ["delivery.logs.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"] }
          Action    = "s3:PutObject"
          Resource  = "${aws_s3_bucket.requests.arn}/*"
        }]
      })
    }
  }
  # To have its own accesses logged is no excuse.
  fail {
    variable "logs" {
      type = string
    }
    resource "aws_s3_bucket" "logged" {
      bucket = "example-logged"
    }
    resource "aws_s3_bucket_logging" "logged" {
      bucket        = aws_s3_bucket.logged.id
      target_bucket = var.logs
      target_prefix = "logged/"
    }
  }
  fail {
    resource "aws_s3_bucket" "refuses" {
      bucket = "example-refuses"
    }
    resource "aws_s3_bucket_policy" "refuses" {
      bucket = aws_s3_bucket.refuses.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          {
            Effect    = "Deny"
            Principal = { Service = "logging.s3.amazonaws.com" }
            Action    = "s3:PutObject"
            Resource  = "arn:aws:s3:::example-refuses/*"
          },
          {
            Effect    = "Allow"
            Principal = { Service = "cloudtrail.amazonaws.com" }
            Action    = "s3:PutObject"
            Resource  = "arn:aws:s3:::example-refuses/*"
          },
        ]
      })
    }
  }
  fail {
    resource "aws_s3_bucket" "default" {
      bucket = "example-default"
    }
  }
  fail {
    resource "aws_s3_bucket" "aes" {
      bucket = "example-aes"
    }
    resource "aws_s3_bucket_server_side_encryption_configuration" "aes" {
      bucket = aws_s3_bucket.aes.id
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm = "AES256"
        }
      }
    }
  }
  unknown {
    # Which bucket takes the load balancer's logs depends on an answer.
    variable "logs" {
      type = string
    }
    resource "aws_s3_bucket" "maybe" {
      bucket = "example-maybe"
    }
    resource "aws_lb" "public" {
      name    = "public"
      subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
      access_logs {
        bucket  = var.logs
        enabled = true
      }
    }
  }
  unknown {
    variable "algorithm" {
      type = string
    }
    resource "aws_s3_bucket" "asked" {
      bucket = "example-asked"
    }
    resource "aws_s3_bucket_server_side_encryption_configuration" "asked" {
      bucket = aws_s3_bucket.asked.id
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm = var.algorithm
        }
      }
    }
  }
}

policy "aws-s3-bucket-key" {
  title    = "S3 buckets that encrypt with KMS use a bucket key"
  severity = "info"
  resource = ["aws_s3_bucket_server_side_encryption_configuration"]
  why      = "Without a bucket key every object costs a KMS request. On busy buckets that is money, and KMS starts to throttle."
  fix      = "Set bucket_key_enabled = true in the rule."

  # Double encryption (aws:kms:dsse) knows no bucket keys.
  when = anytrue([for r in self.rule : r.apply_server_side_encryption_by_default.sse_algorithm == "aws:kms"])
  condition = alltrue([
    for r in self.rule : r.apply_server_side_encryption_by_default.sse_algorithm != "aws:kms" || r.bucket_key_enabled == true
  ])

  pass {
    resource "aws_s3_bucket_server_side_encryption_configuration" "keyed" {
      bucket = "example-reports"
      rule {
        bucket_key_enabled = true
        apply_server_side_encryption_by_default {
          sse_algorithm = "aws:kms"
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket_server_side_encryption_configuration" "dear" {
      bucket = "example-reports"
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm = "aws:kms"
        }
      }
    }
  }
}

policy "aws-s3-versioning" {
  title    = "S3 buckets keep versions"
  severity = "medium"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV_AWS_21"]
  frameworks = {
    soc2        = ["A1.2"]
    pci_dss     = ["10.3.3"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)", "164.312(c)(1)"]
    nist_800_53 = ["CP-9", "SI-12"]
  }
  why = "Without versions an overwritten or deleted object is gone, whether a mistake or ransomware did it."
  fix = "Add an aws_s3_bucket_versioning with status = \"Enabled\", and a lifecycle rule that expires old versions."

  condition = self.versioning.enabled == true || anytrue([
    for v in linked(self, "aws_s3_bucket_versioning") : v.versioning_configuration.status == "Enabled"
  ])
  message = "versioning is not enabled"

  pass {
    resource "aws_s3_bucket" "kept" {
      bucket = "example-kept"
    }
    resource "aws_s3_bucket_versioning" "kept" {
      bucket = aws_s3_bucket.kept.id
      versioning_configuration {
        status = "Enabled"
      }
    }
  }
  pass {
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      versioning {
        enabled = true
      }
    }
  }
  fail {
    resource "aws_s3_bucket" "bare" {
      bucket = "example-bare"
    }
  }
  fail {
    resource "aws_s3_bucket" "suspended" {
      bucket = "example-suspended"
    }
    resource "aws_s3_bucket_versioning" "suspended" {
      bucket = aws_s3_bucket.suspended.id
      versioning_configuration {
        status = "Suspended"
      }
    }
  }
  unknown {
    variable "status" {
      type = string
    }
    resource "aws_s3_bucket" "asked" {
      bucket = "example-asked"
    }
    resource "aws_s3_bucket_versioning" "asked" {
      bucket = aws_s3_bucket.asked.id
      versioning_configuration {
        status = var.status
      }
    }
  }
}

policy "aws-s3-mfa-delete" {
  title    = "Versioned S3 buckets ask for MFA before a version is deleted"
  severity = "low"
  resource = ["aws_s3_bucket_versioning"]
  frameworks = {
    soc2        = ["CC6.1", "A1.2"]
    iso27001    = ["A.8.10"]
    cis_aws     = ["2.1.2"]
    nist_800_53 = ["CP-9", "IA-2(1)"]
  }
  why = "Whoever steals a key with delete rights can remove every version for good. With MFA delete the key alone is not enough."
  fix = "Have the root user switch MFA delete on, and set mfa_delete = \"Enabled\" together with mfa. Object Lock is the other way."

  when      = self.versioning_configuration.status == "Enabled"
  condition = self.versioning_configuration.mfa_delete == "Enabled"

  pass {
    resource "aws_s3_bucket_versioning" "guarded" {
      bucket = "example-reports"
      mfa    = "arn:aws:iam::111122223333:mfa/root-account-mfa-device 123456"
      versioning_configuration {
        status     = "Enabled"
        mfa_delete = "Enabled"
      }
    }
  }
  fail {
    resource "aws_s3_bucket_versioning" "plain" {
      bucket = "example-reports"
      versioning_configuration {
        status = "Enabled"
      }
    }
  }
}

policy "aws-s3-access-logging" {
  title    = "S3 buckets log who reads and writes"
  severity = "medium"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV_AWS_18"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "After a leak the access log is what tells which objects were read, and by whom."
  fix = "Add an aws_s3_bucket_logging that names a log bucket."

  condition = length(self.logging) > 0 || exists(linked(self, "aws_s3_bucket_logging"))
  message   = "no access logging"

  pass {
    resource "aws_s3_bucket" "data" {
      bucket = "example-data"
    }
    resource "aws_s3_bucket_logging" "data" {
      bucket        = aws_s3_bucket.data.id
      target_bucket = "example-logs"
      target_prefix = "data/"
    }
  }
  pass {
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      logging {
        target_bucket = "example-logs"
      }
    }
  }
  fail {
    resource "aws_s3_bucket" "silent" {
      bucket = "example-silent"
    }
  }
  unknown {
    # Which bucket is logged depends on an answer.
    variable "bucket" {
      type = string
    }
    resource "aws_s3_bucket" "maybe" {
      bucket = "example-maybe"
    }
    resource "aws_s3_bucket_logging" "asked" {
      bucket        = var.bucket
      target_bucket = "example-logs"
      target_prefix = "data/"
    }
  }
}

policy "aws-s3-acl-not-public-read" {
  title    = "S3 buckets have no ACL that everyone may read by"
  severity = "critical"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV_AWS_20"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    cis_aws     = ["2.1.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "The whole internet, or everybody with any AWS account, can list the bucket and read what is in it."
  fix = "Use acl = \"private\" or no ACL at all, and serve public files through CloudFront."

  # Checkov does not look at the bucket's own (old) grant blocks.
  condition = alltrue([
    !contains(["public-read", "public-read-write", "website", "authenticated-read"], self.acl),
    !contains(self.grant[*].uri, "http://acs.amazonaws.com/groups/global/AllUsers"),
    !anytrue([
      for a in linked(self, "aws_s3_bucket_acl") : contains(["public-read", "public-read-write", "website", "authenticated-read"], a.acl)
    ]),
    !anytrue([
      for a in linked(self, "aws_s3_bucket_acl") : contains(a.access_control_policy.grant[*].grantee.uri, "http://acs.amazonaws.com/groups/global/AllUsers")
    ]),
  ])
  message = "an ACL lets everyone read"

  pass {
    resource "aws_s3_bucket" "none" {
      bucket = "example-none"
    }
    resource "aws_s3_bucket" "private" {
      bucket = "example-private"
    }
    resource "aws_s3_bucket_acl" "private" {
      bucket = aws_s3_bucket.private.id
      acl    = "private"
    }
  }
  pass {
    resource "aws_s3_bucket" "granted" {
      bucket = "example-granted"
    }
    resource "aws_s3_bucket_acl" "granted" {
      bucket = aws_s3_bucket.granted.id
      access_control_policy {
        grant {
          permission = "READ_ACP"
          grantee {
            type = "Group"
            uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
          }
        }
        owner {
          id = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      acl    = "public-read"
    }
  }
  fail {
    resource "aws_s3_bucket" "public" {
      bucket = "example-public"
    }
    resource "aws_s3_bucket_acl" "public" {
      bucket = aws_s3_bucket.public.id
      acl    = "public-read"
    }
  }
  fail {
    resource "aws_s3_bucket" "granted" {
      bucket = "example-granted"
    }
    resource "aws_s3_bucket_acl" "granted" {
      bucket = aws_s3_bucket.granted.id
      access_control_policy {
        grant {
          permission = "READ"
          grantee {
            type = "Group"
            uri  = "http://acs.amazonaws.com/groups/global/AllUsers"
          }
        }
        owner {
          id = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
        }
      }
    }
  }
  unknown {
    variable "acl" {
      type = string
    }
    resource "aws_s3_bucket" "asked" {
      bucket = "example-asked"
    }
    resource "aws_s3_bucket_acl" "asked" {
      bucket = aws_s3_bucket.asked.id
      acl    = var.acl
    }
  }
}

policy "aws-s3-acl-not-public-write" {
  title    = "S3 buckets have no ACL that everyone may write by"
  severity = "critical"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV_AWS_57"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    cis_aws     = ["2.1.4"]
    hipaa       = ["164.312(a)(1)", "164.312(c)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Anybody on the internet can put objects into the bucket, overwrite yours or change who may reach them, at your cost."
  fix = "Use acl = \"private\" or no ACL at all, and give writers a role or a signed URL."

  # Checkov does not look at the bucket's own (old) grant blocks.
  condition = alltrue([
    self.acl != "public-read-write",
    !anytrue([
      for g in self.grant : g.uri == "http://acs.amazonaws.com/groups/global/AllUsers" && anytrue([for p in g.permissions : contains(["WRITE", "WRITE_ACP", "FULL_CONTROL"], p)])
    ]),
    !anytrue([for a in linked(self, "aws_s3_bucket_acl") : a.acl == "public-read-write"]),
    !anytrue([
      for a in linked(self, "aws_s3_bucket_acl") : anytrue([
        for g in a.access_control_policy.grant : g.grantee.uri == "http://acs.amazonaws.com/groups/global/AllUsers" && contains(["WRITE", "WRITE_ACP", "FULL_CONTROL"], g.permission)
      ])
    ]),
  ])
  message = "an ACL lets everyone write"

  pass {
    resource "aws_s3_bucket" "none" {
      bucket = "example-none"
    }
    resource "aws_s3_bucket" "read" {
      bucket = "example-read"
      acl    = "public-read"
    }
    resource "aws_s3_bucket" "private" {
      bucket = "example-private"
    }
    resource "aws_s3_bucket_acl" "private" {
      bucket = aws_s3_bucket.private.id
      acl    = "private"
    }
  }
  fail {
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      acl    = "public-read-write"
    }
  }
  fail {
    resource "aws_s3_bucket" "public" {
      bucket = "example-public"
    }
    resource "aws_s3_bucket_acl" "public" {
      bucket = aws_s3_bucket.public.id
      acl    = "public-read-write"
    }
  }
  fail {
    resource "aws_s3_bucket" "granted" {
      bucket = "example-granted"
    }
    resource "aws_s3_bucket_acl" "granted" {
      bucket = aws_s3_bucket.granted.id
      access_control_policy {
        grant {
          permission = "WRITE"
          grantee {
            type = "Group"
            uri  = "http://acs.amazonaws.com/groups/global/AllUsers"
          }
        }
        owner {
          id = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
        }
      }
    }
  }
  unknown {
    variable "acl" {
      type = string
    }
    resource "aws_s3_bucket" "asked" {
      bucket = "example-asked"
      acl    = var.acl
    }
  }
}

policy "aws-s3-acl-not-public-permissions" {
  title    = "S3 bucket ACLs do not show everyone who has access"
  severity = "high"
  resource = ["aws_s3_bucket_acl"]
  checkov  = ["CKV_AWS_375"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Everyone can read the list of grants and look for the weak one. FULL_CONTROL gives away the bucket as well."
  fix = "Remove the grant of READ_ACP or FULL_CONTROL to the AllUsers group."

  condition = !anytrue([
    for g in self.access_control_policy.grant : g.grantee.uri == "http://acs.amazonaws.com/groups/global/AllUsers" && contains(["READ_ACP", "FULL_CONTROL"], g.permission)
  ])
  attribute = "access_control_policy"

  pass {
    resource "aws_s3_bucket_acl" "private" {
      bucket = "example-reports"
      acl    = "private"
    }
    resource "aws_s3_bucket_acl" "logs" {
      bucket = "example-logs"
      access_control_policy {
        grant {
          permission = "READ_ACP"
          grantee {
            type = "Group"
            uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
          }
        }
        owner {
          id = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket_acl" "open" {
      bucket = "example-reports"
      access_control_policy {
        grant {
          permission = "READ_ACP"
          grantee {
            type = "Group"
            uri  = "http://acs.amazonaws.com/groups/global/AllUsers"
          }
        }
        owner {
          id = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
        }
      }
    }
  }
  unknown {
    variable "group" {
      type = string
    }
    resource "aws_s3_bucket_acl" "asked" {
      bucket = "example-reports"
      access_control_policy {
        grant {
          permission = "FULL_CONTROL"
          grantee {
            type = "Group"
            uri  = var.group
          }
        }
        owner {
          id = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
        }
      }
    }
  }
}

policy "aws-s3-acl-not-authenticated-users" {
  title    = "S3 bucket ACLs do not admit every AWS account"
  severity = "critical"
  resource = ["aws_s3_bucket_acl"]
  checkov  = ["CKV2_AWS_43"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "The group AuthenticatedUsers means anybody with an AWS account anywhere, not your own users. That is the public with one step more."
  fix = "Grant to the canonical ids of the accounts that need it, or better use a bucket policy."

  # The canned ACL authenticated-read is the same grant in one word; Checkov sees only the long form here.
  condition = self.acl != "authenticated-read" && !contains(self.access_control_policy.grant[*].grantee.uri, "http://acs.amazonaws.com/groups/global/AuthenticatedUsers")

  pass {
    resource "aws_s3_bucket_acl" "private" {
      bucket = "example-reports"
      acl    = "private"
    }
  }
  fail {
    resource "aws_s3_bucket_acl" "open" {
      bucket = "example-reports"
      access_control_policy {
        grant {
          permission = "READ"
          grantee {
            type = "Group"
            uri  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
          }
        }
        owner {
          id = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket_acl" "canned" {
      bucket = "example-reports"
      acl    = "authenticated-read"
    }
  }
  unknown {
    variable "acl" {
      type = string
    }
    resource "aws_s3_bucket_acl" "asked" {
      bucket = "example-reports"
      acl    = var.acl
    }
  }
}

policy "aws-s3-acls-disabled" {
  title    = "S3 buckets have ACLs switched off"
  severity = "medium"
  resource = ["aws_s3_bucket_ownership_controls"]
  checkov  = ["CKV2_AWS_65"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1"]
    iso27001    = ["A.5.15", "A.8.3"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "While ACLs are on, every object can carry permissions of its own that no bucket policy shows, and uploads may belong to other accounts."
  fix = "Set object_ownership = \"BucketOwnerEnforced\"."

  condition = self.rule.object_ownership == "BucketOwnerEnforced"

  pass {
    resource "aws_s3_bucket_ownership_controls" "enforced" {
      bucket = "example-reports"
      rule {
        object_ownership = "BucketOwnerEnforced"
      }
    }
  }
  fail {
    resource "aws_s3_bucket_ownership_controls" "preferred" {
      bucket = "example-reports"
      rule {
        object_ownership = "BucketOwnerPreferred"
      }
    }
  }
  unknown {
    variable "ownership" {
      type = string
    }
    resource "aws_s3_bucket_ownership_controls" "asked" {
      bucket = "example-reports"
      rule {
        object_ownership = var.ownership
      }
    }
  }
}

policy "aws-s3-policy-not-public" {
  title    = "S3 bucket policies allow nothing to everyone"
  severity = "critical"
  resource = ["aws_s3_bucket", "aws_s3_bucket_policy"]
  checkov  = ["CKV_AWS_70"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    cis_aws     = ["2.1.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "SC-7"]
  }
  why = "A statement for principal * without a condition on who asks serves the whole internet, with no login and no trace of a name."
  fix = "Name the roles, accounts or services, or narrow by aws:PrincipalOrgID, aws:SourceArn, aws:SourceVpce or a network of yours."

  # As AWS itself, this takes a fixed network in aws:SourceIp for a limit; Checkov does not. The other way round, Checkov takes
  # ArnNotEquals for one, and stops at the first statement for everyone that has a limit: everyone but one is still everyone.
  condition = !anytrue([
    for s in iam(self.policy) : s.effect == "Allow" && contains(s.principals, "*") && !anytrue([
      for c in s.conditions : alltrue([
        matches(lower(c.test), "^(foranyvalue:)?(string(equals|like)|stringequalsignorecase|arn(equals|like)|ipaddress)$"),
        contains([
          "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn", "aws:sourceip",
          "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:vpceaccount",
          "aws:vpceorgid", "aws:ec2instancesourcevpc", "ec2:sourceinstancearn", "lambda:sourcefunctionarn", "ssm:sourceinstancearn",
          "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
        ], lower(c.variable)),
        alltrue([for v in c.values : !matches(v, "^(\\*|o-\\*|0\\.0\\.0\\.0/0|::/0|arn:[^:]*:[^:]*:[^:]*:\\*.*)$") || matches(v, "^arn:[^:]*:s3:")]),
      ])
    ])
  ])
  message   = "a statement allows everyone"
  attribute = "policy"

  pass {
    resource "aws_s3_bucket_policy" "named" {
      bucket = "example-reports"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:role/reader" }
          Action    = "s3:GetObject"
          Resource  = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_s3_bucket_policy" "organisation" {
      bucket = "example-reports"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          {
            Effect    = "Allow"
            Principal = "*"
            Action    = "s3:GetObject"
            Resource  = "arn:aws:s3:::example-reports/*"
            Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-abcd123456" } }
          },
          {
            Effect    = "Deny"
            Principal = "*"
            Action    = "s3:*"
            Resource  = "arn:aws:s3:::example-reports/*"
            Condition = { Bool = { "aws:SecureTransport" = "false" } }
          },
        ]
      })
    }
  }
  pass {
    resource "aws_s3_bucket" "quiet" {
      bucket = "example-quiet"
    }
  }
  fail {
    resource "aws_s3_bucket_policy" "open" {
      bucket = "example-reports"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "s3:GetObject"
          Resource  = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  fail {
    resource "aws_s3_bucket_policy" "anyone" {
      bucket = "example-reports"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = ["*"] }
          Action    = ["s3:GetObject", "s3:PutObject"]
          Resource  = "arn:aws:s3:::example-reports/*"
          Condition = { Bool = { "aws:SecureTransport" = "true" } }
        }]
      })
    }
  }
  fail {
    # Through a policy document.
    data "aws_iam_policy_document" "open" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::example-reports/*"]
        principals {
          type        = "*"
          identifiers = ["*"]
        }
      }
    }
    resource "aws_s3_bucket_policy" "open" {
      bucket = "example-reports"
      policy = data.aws_iam_policy_document.open.json
    }
  }
  fail {
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      policy = "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::example-old/*\"}]}"
    }
  }
  unknown {
    variable "reader" {
      type = string
    }
    resource "aws_s3_bucket_policy" "asked" {
      bucket = "example-reports"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = var.reader }
          Action    = "s3:GetObject"
          Resource  = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
}

policy "aws-s3-policy-no-lockout" {
  title    = "S3 bucket policies do not lock out their own administrators"
  severity = "medium"
  resource = ["aws_s3_bucket", "aws_s3_bucket_policy"]
  checkov  = ["CKV_AWS_93"]
  frameworks = {
    soc2        = ["A1.2", "CC6.1"]
    iso27001    = ["A.5.15"]
    nist_800_53 = ["AC-3", "CP-10"]
  }
  why = "A denial for everyone that covers s3:PutBucketPolicy holds for administrators too. Only the root user can take it back."
  fix = "Give the denial a condition, or name only the actions that are meant."

  condition = !anytrue([
    for s in iam(self.policy) : alltrue([
      s.effect == "Deny",
      length(s.conditions) == 0,
      contains(s.principals, "*"),
      anytrue([for a in s.actions : contains(["s3:putbucketpolicy", "s3:*bucketpolicy", "s3:put*", "s3:*", "*"], lower(a))]),
    ])
  ])
  message   = "a denial for everyone covers s3:PutBucketPolicy"
  attribute = "policy"

  pass {
    resource "aws_s3_bucket_policy" "tls" {
      bucket = "example-reports"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = "arn:aws:s3:::example-reports/*"
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        }]
      })
    }
    resource "aws_s3_bucket_policy" "delete" {
      bucket = "example-archive"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = "s3:DeleteObject"
          Resource  = "arn:aws:s3:::example-archive/*"
        }]
      })
    }
  }
  fail {
    resource "aws_s3_bucket_policy" "closed" {
      bucket = "example-reports"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Deny"
          Principal = "*"
          Action    = ["s3:GetObject", "s3:PutBucketPolicy"]
          Resource  = "arn:aws:s3:::example-reports"
        }]
      })
    }
  }
  unknown {
    variable "denied" {
      type = list(string)
    }
    resource "aws_s3_bucket_policy" "asked" {
      bucket = "example-reports"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Deny"
          Principal = "*"
          Action    = var.denied
          Resource  = "arn:aws:s3:::example-reports"
        }]
      })
    }
  }
}

policy "aws-s3-tls-only" {
  title    = "S3 buckets refuse requests without TLS"
  severity = "medium"
  resource = ["aws_s3_bucket"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    cis_aws     = ["2.1.1"]
    hipaa       = ["164.312(e)(1)", "164.312(e)(2)(ii)"]
    nist_800_53 = ["SC-8", "SC-8(1)"]
  }
  why = "S3 answers on plain HTTP as well. Whoever is on the way then reads the object and can replay the signed request."
  fix = "Add a bucket policy that denies s3:* to everyone where aws:SecureTransport is false."

  condition = anytrue([
    for s in iam(self.policy) : s.effect == "Deny" && contains(s.principals, "*") && (contains(s.actions, "s3:*") || contains(s.actions, "*")) && anytrue([
      for c in s.conditions : (lower(c.variable) == "aws:securetransport" && contains(c.values, "false")) || (lower(c.variable) == "s3:tlsversion" && c.test == "NumericLessThan")
    ])
    ]) || anytrue([
    for p in linked(self, "aws_s3_bucket_policy") : anytrue([
      for s in iam(p.policy) : s.effect == "Deny" && contains(s.principals, "*") && (contains(s.actions, "s3:*") || contains(s.actions, "*")) && anytrue([
        for c in s.conditions : (lower(c.variable) == "aws:securetransport" && contains(c.values, "false")) || (lower(c.variable) == "s3:tlsversion" && c.test == "NumericLessThan")
      ])
    ])
  ])
  message   = "no bucket policy denies requests without TLS"
  attribute = "policy"

  pass {
    resource "aws_s3_bucket" "reports" {
      bucket = "example-reports"
    }
    resource "aws_s3_bucket_policy" "reports" {
      bucket = aws_s3_bucket.reports.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = [aws_s3_bucket.reports.arn, "${aws_s3_bucket.reports.arn}/*"]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        }]
      })
    }
  }
  pass {
    data "aws_iam_policy_document" "tls" {
      statement {
        effect    = "Deny"
        actions   = ["s3:*"]
        resources = [aws_s3_bucket.reports.arn, "${aws_s3_bucket.reports.arn}/*"]
        principals {
          type        = "AWS"
          identifiers = ["*"]
        }
        condition {
          test     = "NumericLessThan"
          variable = "s3:TlsVersion"
          values   = ["1.2"]
        }
      }
    }
    resource "aws_s3_bucket" "reports" {
      bucket = "example-reports"
    }
    resource "aws_s3_bucket_policy" "reports" {
      bucket = aws_s3_bucket.reports.id
      policy = data.aws_iam_policy_document.tls.json
    }
  }
  fail {
    resource "aws_s3_bucket" "bare" {
      bucket = "example-bare"
    }
  }
  fail {
    resource "aws_s3_bucket" "reports" {
      bucket = "example-reports"
    }
    resource "aws_s3_bucket_policy" "reports" {
      bucket = aws_s3_bucket.reports.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:role/reader" }
          Action    = "s3:GetObject"
          Resource  = "${aws_s3_bucket.reports.arn}/*"
        }]
      })
    }
  }
  unknown {
    variable "policy" {
      type = string
    }
    resource "aws_s3_bucket" "asked" {
      bucket = "example-asked"
    }
    resource "aws_s3_bucket_policy" "asked" {
      bucket = aws_s3_bucket.asked.id
      policy = var.policy
    }
  }
}

policy "aws-s3-public-acl-tls" {
  title    = "S3 buckets opened by an ACL at least insist on TLS"
  severity = "medium"
  resource = ["aws_s3_bucket_acl"]
  checkov  = ["CKV_AWS_379"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    iso27001    = ["A.8.24"]
    nist_800_53 = ["SC-8"]
  }
  why = "What everyone may read is fetched from anywhere. Over plain HTTP it can be read and replaced on the way."
  fix = "Add a bucket policy that denies requests where aws:SecureTransport is false, or close the ACL."

  # Buckets that a public access block closes, and websites (S3 serves them by HTTP only), are not meant. Checkov has no
  # verdict where there is no bucket policy at all; nothing asks for TLS there, so this fails.
  when = alltrue([
    contains(["public-read", "public-read-write"], self.acl) || contains(self.access_control_policy.grant[*].grantee.uri, "http://acs.amazonaws.com/groups/global/AllUsers"),
    !anytrue([
      for b in flatten([for s in concat([self], linked(self, "aws_s3_bucket")) : linked(s, "aws_s3_bucket_public_access_block")]) :
      b.block_public_acls == true || (b.restrict_public_buckets == true && self.acl != null)
    ]),
    !exists(flatten([for s in concat([self], linked(self, "aws_s3_bucket")) : linked(s, "aws_s3_bucket_website_configuration")])),
  ])
  condition = anytrue([
    for p in flatten([for s in concat([self], linked(self, "aws_s3_bucket")) : linked(s, "aws_s3_bucket_policy")]) : anytrue([
      for s in iam(p.policy) : anytrue([
        for c in s.conditions : lower(c.variable) == "aws:securetransport" && contains(c.values, s.effect == "Deny" ? "false" : "true")
      ])
    ])
  ])
  message   = "the bucket is public by ACL and answers without TLS"
  attribute = "acl"

  pass {
    # The bucket itself is somewhere else.
    resource "aws_s3_bucket_acl" "elsewhere" {
      bucket = "example-elsewhere"
      acl    = "public-read"
    }
    resource "aws_s3_bucket_policy" "elsewhere" {
      bucket = "example-elsewhere"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:role/reader" }
          Action    = "s3:GetObject"
          Resource  = "arn:aws:s3:::example-elsewhere/*"
          Condition = { Bool = { "aws:SecureTransport" = "true" } }
        }]
      })
    }
  }
  pass {
    resource "aws_s3_bucket" "public" {
      bucket = "example-public"
    }
    resource "aws_s3_bucket_acl" "public" {
      bucket = aws_s3_bucket.public.id
      acl    = "public-read"
    }
    resource "aws_s3_bucket_policy" "public" {
      bucket = aws_s3_bucket.public.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = "arn:aws:s3:::example-public/*"
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        }]
      })
    }
  }
  fail {
    resource "aws_s3_bucket" "public" {
      bucket = "example-public"
    }
    resource "aws_s3_bucket_acl" "public" {
      bucket = aws_s3_bucket.public.id
      acl    = "public-read"
    }
    resource "aws_s3_bucket_policy" "public" {
      bucket = aws_s3_bucket.public.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:role/writer" }
          Action    = "s3:PutObject"
          Resource  = "arn:aws:s3:::example-public/*"
        }]
      })
    }
  }
}

policy "aws-s3-lifecycle" {
  title    = "S3 buckets have a lifecycle configuration"
  severity = "low"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV2_AWS_61"]
  frameworks = {
    gdpr        = ["Art. 5(1)(e)"]
    iso27001    = ["A.8.10"]
    nist_800_53 = ["SI-12"]
  }
  why = "Without one nothing is ever moved to cheaper storage or deleted: old versions, logs and personal data stay and cost for good."
  fix = "Add an aws_s3_bucket_lifecycle_configuration that expires or moves what is no longer needed."

  condition = length(self.lifecycle_rule) > 0 || exists(linked(self, "aws_s3_bucket_lifecycle_configuration"))
  message   = "no lifecycle rule"

  pass {
    resource "aws_s3_bucket" "logs" {
      bucket = "example-logs"
    }
    resource "aws_s3_bucket_lifecycle_configuration" "logs" {
      bucket = aws_s3_bucket.logs.id
      rule {
        id     = "expire"
        status = "Enabled"
        filter {}
        expiration {
          days = 365
        }
      }
    }
  }
  pass {
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      lifecycle_rule {
        enabled = true
        expiration {
          days = 90
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket" "forever" {
      bucket = "example-forever"
    }
  }
  unknown {
    variable "bucket" {
      type = string
    }
    resource "aws_s3_bucket" "maybe" {
      bucket = "example-maybe"
    }
    resource "aws_s3_bucket_lifecycle_configuration" "asked" {
      bucket = var.bucket
      rule {
        id     = "expire"
        status = "Enabled"
        filter {}
        expiration {
          days = 365
        }
      }
    }
  }
}

policy "aws-s3-abort-multipart" {
  title    = "S3 lifecycle configurations clear away unfinished uploads"
  severity = "low"
  resource = ["aws_s3_bucket_lifecycle_configuration"]
  checkov  = ["CKV_AWS_300"]
  frameworks = {
    nist_800_53 = ["SI-12"]
  }
  why = "The parts of an upload that broke off are not listed, but stored and billed until somebody aborts it."
  fix = "Add an enabled rule for the whole bucket with abort_incomplete_multipart_upload, for instance after seven days."

  # The rule has to cover the whole bucket: no filter, or an empty one.
  condition = anytrue([
    for r in self.rule : alltrue([
      r.status == "Enabled",
      length(r.abort_incomplete_multipart_upload) > 0,
      alltrue([
        for f in concat(r.filter, flatten(r.filter[*].and)) : alltrue([
          f.prefix == null || f.prefix == "",
          f.object_size_greater_than == null || f.object_size_greater_than == 0,
          f.object_size_less_than == null || f.object_size_less_than == 0,
          length(f.tag) == 0,
          length(f.tags) == 0,
        ])
      ]),
    ])
  ])
  message = "no enabled rule aborts unfinished uploads in the whole bucket"

  pass {
    resource "aws_s3_bucket_lifecycle_configuration" "tidy" {
      bucket = "example-reports"
      rule {
        id     = "uploads"
        status = "Enabled"
        filter {}
        abort_incomplete_multipart_upload {
          days_after_initiation = 7
        }
      }
      rule {
        id     = "expire"
        status = "Enabled"
        filter {
          prefix = "tmp/"
        }
        expiration {
          days = 30
        }
      }
    }
    resource "aws_s3_bucket_lifecycle_configuration" "filterless" {
      bucket = "example-logs"
      rule {
        id     = "uploads"
        status = "Enabled"
        abort_incomplete_multipart_upload {
          days_after_initiation = 7
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket_lifecycle_configuration" "none" {
      bucket = "example-reports"
      rule {
        id     = "expire"
        status = "Enabled"
        filter {}
        expiration {
          days = 30
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket_lifecycle_configuration" "part" {
      bucket = "example-reports"
      rule {
        id     = "uploads"
        status = "Enabled"
        filter {
          prefix = "tmp/"
        }
        abort_incomplete_multipart_upload {
          days_after_initiation = 7
        }
      }
      rule {
        id     = "off"
        status = "Disabled"
        filter {}
        abort_incomplete_multipart_upload {
          days_after_initiation = 7
        }
      }
    }
  }
  unknown {
    variable "status" {
      type = string
    }
    resource "aws_s3_bucket_lifecycle_configuration" "asked" {
      bucket = "example-reports"
      rule {
        id     = "uploads"
        status = var.status
        filter {}
        abort_incomplete_multipart_upload {
          days_after_initiation = 7
        }
      }
    }
  }
}

policy "aws-s3-event-notifications" {
  title    = "S3 buckets send event notifications"
  severity = "info"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV2_AWS_62"]
  frameworks = {
    nist_800_53 = ["SI-4"]
  }
  why = "Notifications let somebody, or something, react at once when objects appear or vanish. Few buckets need them; switch this off where they do not."
  fix = "Add an aws_s3_bucket_notification for the bucket."

  condition = exists(linked(self, "aws_s3_bucket_notification"))
  message   = "no notification is configured"
  attribute = "bucket"

  pass {
    resource "aws_s3_bucket" "inbox" {
      bucket = "example-inbox"
    }
    resource "aws_s3_bucket_notification" "inbox" {
      bucket      = aws_s3_bucket.inbox.id
      eventbridge = true
    }
  }
  fail {
    resource "aws_s3_bucket" "silent" {
      bucket = "example-silent"
    }
  }
  unknown {
    variable "bucket" {
      type = string
    }
    resource "aws_s3_bucket" "maybe" {
      bucket = "example-maybe"
    }
    resource "aws_s3_bucket_notification" "asked" {
      bucket      = var.bucket
      eventbridge = true
    }
  }
}

policy "aws-s3-replication" {
  title    = "S3 buckets are replicated"
  severity = "low"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV_AWS_144"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-6", "CP-9"]
  }
  why = "A bucket lives in one region and one account. A copy elsewhere survives the loss of either."
  fix = "Add an aws_s3_bucket_replication_configuration with an enabled rule to a bucket in another region. It doubles the storage: leave it out where that is not worth it."

  condition = anytrue([for r in self.replication_configuration.rules : r.status == "Enabled"]) || anytrue([
    for c in linked(self, "aws_s3_bucket_replication_configuration") : anytrue([for r in c.rule : r.status == "Enabled"])
  ])
  message = "no enabled replication rule"

  pass {
    resource "aws_s3_bucket" "source" {
      bucket = "example-source"
    }
    resource "aws_s3_bucket_replication_configuration" "source" {
      bucket = aws_s3_bucket.source.id
      role   = "arn:aws:iam::111122223333:role/replication"
      rule {
        id     = "all"
        status = "Enabled"
        destination {
          bucket = "arn:aws:s3:::example-copy"
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket" "single" {
      bucket = "example-single"
    }
  }
  fail {
    resource "aws_s3_bucket" "paused" {
      bucket = "example-paused"
    }
    resource "aws_s3_bucket_replication_configuration" "paused" {
      bucket = aws_s3_bucket.paused.id
      role   = "arn:aws:iam::111122223333:role/replication"
      rule {
        id     = "all"
        status = "Disabled"
        destination {
          bucket = "arn:aws:s3:::example-copy"
        }
      }
    }
  }
  unknown {
    variable "status" {
      type = string
    }
    resource "aws_s3_bucket" "asked" {
      bucket = "example-asked"
    }
    resource "aws_s3_bucket_replication_configuration" "asked" {
      bucket = aws_s3_bucket.asked.id
      role   = "arn:aws:iam::111122223333:role/replication"
      rule {
        id     = "all"
        status = var.status
        destination {
          bucket = "arn:aws:s3:::example-copy"
        }
      }
    }
  }
}

policy "aws-s3-object-lock" {
  title    = "S3 object lock configurations are enabled"
  severity = "low"
  resource = ["aws_s3_bucket"]
  checkov  = ["CKV_AWS_143"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.5.33"]
    nist_800_53 = ["AU-9", "CP-9"]
  }
  why = "A lock configuration that is not enabled protects nothing, while it reads as if it did."
  fix = "Set object_lock_enabled = true on the bucket and use an aws_s3_bucket_object_lock_configuration."

  when      = length(self.object_lock_configuration) > 0
  condition = self.object_lock_configuration.object_lock_enabled == "Enabled"

  pass {
    resource "aws_s3_bucket" "locked" {
      bucket = "example-locked"
      object_lock_configuration {
        object_lock_enabled = "Enabled"
      }
    }
  }
  fail {
    resource "aws_s3_bucket" "unlocked" {
      bucket = "example-unlocked"
      object_lock_configuration {
        rule {
          default_retention {
            mode = "GOVERNANCE"
            days = 30
          }
        }
      }
    }
  }
  unknown {
    variable "lock" {
      type = string
    }
    resource "aws_s3_bucket" "asked" {
      bucket = "example-asked"
      object_lock_configuration {
        object_lock_enabled = var.lock
      }
    }
  }
}

policy "aws-s3-object-lock-retention" {
  title    = "S3 buckets with object lock have a default retention"
  severity = "low"
  resource = ["aws_s3_bucket"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.5.33"]
    nist_800_53 = ["AU-9", "CP-9"]
  }
  why = "Object lock by itself locks nothing. Without a default, every writer has to ask for retention on every object, and most do not."
  fix = "Add an aws_s3_bucket_object_lock_configuration with a default_retention."

  when = self.object_lock_enabled == true
  condition = length(self.object_lock_configuration.rule) > 0 || anytrue([
    for c in linked(self, "aws_s3_bucket_object_lock_configuration") : length(c.rule) > 0
  ])
  message = "object lock is on, but nothing is retained by default"

  pass {
    resource "aws_s3_bucket" "archive" {
      bucket              = "example-archive"
      object_lock_enabled = true
    }
    resource "aws_s3_bucket_object_lock_configuration" "archive" {
      bucket = aws_s3_bucket.archive.id
      rule {
        default_retention {
          mode = "COMPLIANCE"
          days = 30
        }
      }
    }
  }
  fail {
    resource "aws_s3_bucket" "archive" {
      bucket              = "example-archive"
      object_lock_enabled = true
    }
  }
  unknown {
    variable "bucket" {
      type = string
    }
    resource "aws_s3_bucket" "archive" {
      bucket              = "example-archive"
      object_lock_enabled = true
    }
    resource "aws_s3_bucket_object_lock_configuration" "asked" {
      bucket = var.bucket
      rule {
        default_retention {
          mode = "COMPLIANCE"
          days = 30
        }
      }
    }
  }
}

policy "aws-s3-object-kms" {
  title    = "S3 objects are encrypted with a KMS key of your own"
  severity = "low"
  resource = ["aws_s3_bucket_object", "aws_s3_object"]
  checkov  = ["CKV_AWS_186"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1", "3.6.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "With a key of your own you decide who may decrypt, and see who did."
  fix = "Set kms_key_id to the key's ARN. Where the bucket's default encryption does it, waive this."

  condition = self.kms_key_id != null && (self.kms_key_id != "" || exists(linked(self, "aws_kms_key", "aws_kms_alias")))

  pass {
    resource "aws_s3_object" "config" {
      bucket     = "example-reports"
      key        = "config.json"
      content    = "{}"
      kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
    resource "aws_s3_bucket_object" "config" {
      bucket     = "example-reports"
      key        = "config.json"
      content    = "{}"
      kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  pass {
    resource "aws_kms_key" "objects" {
      description = "objects"
    }
    resource "aws_s3_object" "config" {
      bucket     = "example-reports"
      key        = "config.json"
      content    = "{}"
      kms_key_id = aws_kms_key.objects.arn
    }
  }
  fail {
    resource "aws_s3_object" "config" {
      bucket  = "example-reports"
      key     = "config.json"
      content = "{}"
    }
  }
  fail {
    resource "aws_s3_bucket_object" "config" {
      bucket  = "example-reports"
      key     = "config.json"
      content = "{}"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_s3_object" "asked" {
      bucket     = "example-reports"
      key        = "config.json"
      content    = "{}"
      kms_key_id = var.key
    }
  }
}

policy "aws-s3-object-copy-kms" {
  title    = "Copies of S3 objects are encrypted with a KMS key of your own"
  severity = "low"
  resource = ["aws_s3_object_copy"]
  checkov  = ["CKV_AWS_181"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1", "3.6.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "A copy does not take the key of its source along. Unless it is given one, it has the weaker protection."
  fix = "Set kms_key_id to the key's ARN."

  condition = self.kms_key_id != null && (self.kms_key_id != "" || exists(linked(self, "aws_kms_key", "aws_kms_alias")))

  pass {
    resource "aws_s3_object_copy" "copy" {
      bucket     = "example-copy"
      key        = "report.csv"
      source     = "example-reports/report.csv"
      kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  fail {
    resource "aws_s3_object_copy" "copy" {
      bucket = "example-copy"
      key    = "report.csv"
      source = "example-reports/report.csv"
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_s3_object_copy" "asked" {
      bucket     = "example-copy"
      key        = "report.csv"
      source     = "example-reports/report.csv"
      kms_key_id = var.key
    }
  }
}

policy "aws-s3-object-not-public" {
  title    = "S3 objects are not public"
  severity = "high"
  resource = ["aws_s3_bucket_object", "aws_s3_object", "aws_s3_object_copy"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.6"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "An object's own ACL opens it to everyone although the bucket is closed, and nobody sees it in the bucket's settings."
  fix = "Remove the acl, and serve public files through CloudFront."

  condition = !contains(["public-read", "public-read-write", "authenticated-read"], self.acl)

  pass {
    resource "aws_s3_object" "page" {
      bucket  = "example-site"
      key     = "index.html"
      content = "hello"
    }
    resource "aws_s3_object_copy" "page" {
      bucket = "example-copy"
      key    = "index.html"
      source = "example-site/index.html"
      acl    = "private"
    }
  }
  fail {
    resource "aws_s3_object" "page" {
      bucket  = "example-site"
      key     = "index.html"
      content = "hello"
      acl     = "public-read"
    }
  }
  unknown {
    variable "acl" {
      type = string
    }
    resource "aws_s3_object" "page" {
      bucket  = "example-site"
      key     = "index.html"
      content = "hello"
      acl     = var.acl
    }
  }
}

policy "aws-s3-website" {
  title    = "S3 buckets are not web servers themselves"
  severity = "low"
  resource = ["aws_s3_bucket_website_configuration"]
  frameworks = {
    soc2        = ["CC6.6", "CC6.7"]
    pci_dss     = ["4.2.1"]
    iso27001    = ["A.8.20"]
    nist_800_53 = ["SC-7", "SC-8"]
  }
  why = "A bucket website has no TLS and needs a public bucket. CloudFront before a private bucket gives both, and a firewall too."
  fix = "Put a CloudFront distribution with origin access control before the bucket. A website that only redirects to HTTPS is fine."

  condition = self.redirect_all_requests_to.protocol == "https"
  message   = "the bucket serves a website by plain HTTP"

  pass {
    resource "aws_s3_bucket_website_configuration" "redirect" {
      bucket = "example.com"
      redirect_all_requests_to {
        host_name = "www.example.com"
        protocol  = "https"
      }
    }
  }
  fail {
    resource "aws_s3_bucket_website_configuration" "site" {
      bucket = "example-site"
      index_document {
        suffix = "index.html"
      }
    }
  }
  unknown {
    variable "protocol" {
      type = string
    }
    resource "aws_s3_bucket_website_configuration" "redirect" {
      bucket = "example.com"
      redirect_all_requests_to {
        host_name = "www.example.com"
        protocol  = var.protocol
      }
    }
  }
}

policy "aws-s3-cors-no-foreign-writes" {
  title    = "S3 CORS rules do not let every site write"
  severity = "medium"
  resource = ["aws_s3_bucket_cors_configuration", "aws_s3_bucket"]
  frameworks = {
    soc2        = ["CC6.6"]
    iso27001    = ["A.8.26"]
    nist_800_53 = ["AC-4"]
  }
  why = "Any web page a user has open can then change objects with whatever rights the user's browser holds."
  fix = "Name the origins that may PUT, POST or DELETE; keep * to GET and HEAD."

  condition = !anytrue([
    for r in self.cors_rule : contains(r.allowed_origins, "*") && anytrue([for m in r.allowed_methods : contains(["PUT", "POST", "DELETE"], m)])
  ])

  pass {
    resource "aws_s3_bucket_cors_configuration" "reads" {
      bucket = "example-site"
      cors_rule {
        allowed_methods = ["GET", "HEAD"]
        allowed_origins = ["*"]
      }
      cors_rule {
        allowed_methods = ["PUT"]
        allowed_origins = ["https://app.example.com"]
      }
    }
  }
  fail {
    resource "aws_s3_bucket_cors_configuration" "writes" {
      bucket = "example-site"
      cors_rule {
        allowed_methods = ["GET", "PUT"]
        allowed_origins = ["*"]
      }
    }
  }
  fail {
    resource "aws_s3_bucket" "old" {
      bucket = "example-old"
      cors_rule {
        allowed_methods = ["DELETE"]
        allowed_origins = ["*"]
      }
    }
  }
  unknown {
    variable "origins" {
      type = list(string)
    }
    resource "aws_s3_bucket_cors_configuration" "asked" {
      bucket = "example-site"
      cors_rule {
        allowed_methods = ["PUT"]
        allowed_origins = var.origins
      }
    }
  }
}

policy "aws-s3-no-force-destroy" {
  title    = "S3 buckets are not emptied by a destroy"
  severity = "low"
  resource = ["aws_s3_bucket", "aws_s3_directory_bucket"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    nist_800_53 = ["CP-9"]
  }
  why = "With force_destroy a replaced or removed bucket takes all its objects and versions along, without asking."
  fix = "Remove force_destroy where the data matters."

  condition = self.force_destroy != true

  pass {
    resource "aws_s3_bucket" "kept" {
      bucket = "example-kept"
    }
  }
  fail {
    resource "aws_s3_bucket" "scratch" {
      bucket        = "example-scratch"
      force_destroy = true
    }
  }
  unknown {
    variable "force" {
      type = bool
    }
    resource "aws_s3_bucket" "asked" {
      bucket        = "example-asked"
      force_destroy = var.force
    }
  }
}
