# Keys and secrets. AWS KMS and Secrets Manager pricing pages.

cost "aws_kms_key" "aws_kms_external_key" "aws_kms_replica_key" {
  usage {
    monthly_requests = "Requests to the key"
  }
  locals {
    spec  = self.customer_master_key_spec == null ? "SYMMETRIC_DEFAULT" : self.customer_master_key_spec
    kind  = local.spec == "SYMMETRIC_DEFAULT" || startswith(local.spec, "HMAC") ? "KMS-Requests" : (local.spec == "RSA_2048" ? "KMS-Requests-Asymmetric-RSA_2048" : "KMS-Requests-Asymmetric")
  }
  component "Customer master key" {
    price    = price("awskms", "KMS-Keys")
    quantity = 1
    unit     = "months"
  }
  component "Requests" {
    name     = lookup({ KMS-Requests = "Requests", KMS-Requests-Asymmetric-RSA_2048 = "Requests (RSA 2048)" }, local.kind, "Requests (asymmetric)")
    price    = price("awskms", local.kind)
    quantity = usage.monthly_requests
    unit     = "10k requests"
    scale    = 10000
  }

  example {
    # 1 a month; a million requests × 0.03 ten thousand. The first 20,000 of an account are free.
    usage    = { monthly_requests = 1000000 }
    expected = { "Customer master key" = "1", "Requests" = "3" }
    resource "aws_kms_key" "main" {
    }
  }
  example {
    usage    = { monthly_requests = 1000000 }
    expected = { "Customer master key" = "1", "Requests (asymmetric)" = "15" }
    resource "aws_kms_key" "main" {
      key_usage                = "SIGN_VERIFY"
      customer_master_key_spec = "ECC_NIST_P256"
    }
  }
}

cost "aws_secretsmanager_secret" {
  usage {
    monthly_requests = "API requests"
  }
  component "Secret" {
    price    = price("AWSSecretsManager", "AWSSecretsManager-Secrets")
    quantity = 1 + size(self.replica)
    unit     = "months"
  }
  component "API requests" {
    price    = price("AWSSecretsManager", "AWSSecretsManagerAPIRequest")
    quantity = usage.monthly_requests
    unit     = "10k requests"
    scale    = 10000
  }

  example {
    # 0.40 a month; a million requests × 0.05 ten thousand.
    usage    = { monthly_requests = 1000000 }
    expected = { "Secret" = "0.4", "API requests" = "5" }
    resource "aws_secretsmanager_secret" "db" {
      name = "db"
    }
  }
}
