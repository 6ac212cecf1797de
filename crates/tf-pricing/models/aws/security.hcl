# Keys and secrets. AWS KMS and Secrets Manager pricing pages.

cost "aws_kms_key" "aws_kms_external_key" "aws_kms_replica_key" "aws_kms_replica_external_key" {
  usage {
    monthly_requests               = "Requests to the key"
    monthly_ecc_data_key_pairs     = "Data key pairs for elliptic curves generated with the key"
    monthly_rsa_data_key_pairs     = "RSA data key pairs generated with the key"
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
  component "ECC GenerateDataKeyPair requests" {
    when     = local.kind == "KMS-Requests" && (usage_or(usage.monthly_requests, null) == null || usage_or(usage.monthly_ecc_data_key_pairs, null) != null)
    price    = price("awskms", "KMS-Requests-GenerateDatakeyPair-ECC")
    quantity = usage.monthly_ecc_data_key_pairs
    unit     = "10k requests"
    scale    = 10000
  }
  component "RSA GenerateDataKeyPair requests" {
    when     = local.kind == "KMS-Requests" && (usage_or(usage.monthly_requests, null) == null || usage_or(usage.monthly_rsa_data_key_pairs, null) != null)
    price    = price("awskms", "KMS-Requests-GenerateDatakeyPair-RSA")
    quantity = usage.monthly_rsa_data_key_pairs
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
    # 20,000 × 0.10 and 10,000 × 12 ten thousand.
    usage = { monthly_ecc_data_key_pairs = 20000, monthly_rsa_data_key_pairs = 10000 }
    expected = {
      "Customer master key"              = "1"
      "Requests"                         = "usage"
      "ECC GenerateDataKeyPair requests" = "0.2"
      "RSA GenerateDataKeyPair requests" = "12"
    }
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

cost "aws_cloudhsm_v2_hsm" {
  usage {
    monthly_hrs = "Hours that it runs; 730 where nothing is said"
  }
  component "HSM usage" {
    price    = price("CloudHSM", "CloudHSMv2Usage")
    quantity = usage_or(usage.monthly_hrs, 730)
    unit     = "hours"
  }

  example {
    # 730 h × 1.60.
    expected = { "HSM usage" = "1168" }
    resource "aws_cloudhsm_v2_hsm" "main" {
      cluster_id = "cluster-1"
      subnet_id  = "subnet-1"
    }
  }
}
