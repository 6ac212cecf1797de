# Amazon DynamoDB and DAX

policy "aws-dynamodb-point-in-time-recovery" {
  title    = "DynamoDB tables can be restored to any point in time"
  severity = "medium"
  resource = ["aws_dynamodb_table"]
  checkov  = ["CKV_AWS_28"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "A wrong write or a deleted row cannot be undone."
  fix = "Add a point_in_time_recovery block with enabled = true."

  condition = self.point_in_time_recovery.enabled == true

  pass {
    resource "aws_dynamodb_table" "good" {
      name         = "orders"
      hash_key     = "id"
      billing_mode = "PAY_PER_REQUEST"
      attribute {
        name = "id"
        type = "S"
      }
      point_in_time_recovery {
        enabled = true
      }
    }
  }
  fail {
    resource "aws_dynamodb_table" "bad" {
      name         = "orders"
      hash_key     = "id"
      billing_mode = "PAY_PER_REQUEST"
      attribute {
        name = "id"
        type = "S"
      }
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_dynamodb_table" "asked" {
      name         = "orders"
      hash_key     = "id"
      billing_mode = "PAY_PER_REQUEST"
      attribute {
        name = "id"
        type = "S"
      }
      point_in_time_recovery {
        enabled = var.asked
      }
    }
  }
}

policy "aws-dynamodb-customer-key" {
  title    = "DynamoDB tables are encrypted with a key of your own"
  severity = "low"
  resource = ["aws_dynamodb_table"]
  checkov  = ["CKV_AWS_119"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "The default key can be neither restricted nor audited by you."
  fix = "Add a server_side_encryption block with enabled = true and kms_key_arn."

  condition = self.server_side_encryption.enabled == true && self.server_side_encryption.kms_key_arn != null

  pass {
    resource "aws_dynamodb_table" "good" {
      name         = "orders"
      hash_key     = "id"
      billing_mode = "PAY_PER_REQUEST"
      attribute {
        name = "id"
        type = "S"
      }
      server_side_encryption {
        enabled     = true
        kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
      }
    }
  }
  fail {
    resource "aws_dynamodb_table" "bad" {
      name         = "orders"
      hash_key     = "id"
      billing_mode = "PAY_PER_REQUEST"
      attribute {
        name = "id"
        type = "S"
      }
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_dynamodb_table" "asked" {
      name         = "orders"
      hash_key     = "id"
      billing_mode = "PAY_PER_REQUEST"
      attribute {
        name = "id"
        type = "S"
      }
      server_side_encryption {
        enabled     = var.asked
        kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
      }
    }
  }
}

policy "aws-dynamodb-deletion-protection" {
  title    = "DynamoDB tables are protected from being deleted"
  severity = "low"
  resource = ["aws_dynamodb_table"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "A wrong plan deletes the table with all its items."
  fix = "Set deletion_protection_enabled = true."

  condition = self.deletion_protection_enabled == true

  pass {
    resource "aws_dynamodb_table" "good" {
      name         = "orders"
      hash_key     = "id"
      billing_mode = "PAY_PER_REQUEST"
      attribute {
        name = "id"
        type = "S"
      }
      deletion_protection_enabled = true
    }
  }
  fail {
    resource "aws_dynamodb_table" "bad" {
      name         = "orders"
      hash_key     = "id"
      billing_mode = "PAY_PER_REQUEST"
      attribute {
        name = "id"
        type = "S"
      }
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_dynamodb_table" "asked" {
      name         = "orders"
      hash_key     = "id"
      billing_mode = "PAY_PER_REQUEST"
      attribute {
        name = "id"
        type = "S"
      }
      deletion_protection_enabled = var.asked
    }
  }
}

policy "aws-dax-encrypted" {
  title    = "DAX clusters encrypt what they cache"
  severity = "high"
  resource = ["aws_dax_cluster"]
  checkov  = ["CKV_AWS_47"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "What is cached is the table's own data, in the clear on disk."
  fix = "Add a server_side_encryption block with enabled = true."

  condition = self.server_side_encryption.enabled == true

  pass {
    resource "aws_dax_cluster" "good" {
      cluster_name       = "orders"
      iam_role_arn       = "arn:aws:iam::111122223333:role/dax"
      node_type          = "dax.r5.large"
      replication_factor = 3
      server_side_encryption {
        enabled = true
      }
    }
  }
  fail {
    resource "aws_dax_cluster" "bad" {
      cluster_name       = "orders"
      iam_role_arn       = "arn:aws:iam::111122223333:role/dax"
      node_type          = "dax.r5.large"
      replication_factor = 3
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_dax_cluster" "asked" {
      cluster_name       = "orders"
      iam_role_arn       = "arn:aws:iam::111122223333:role/dax"
      node_type          = "dax.r5.large"
      replication_factor = 3
      server_side_encryption {
        enabled = var.asked
      }
    }
  }
}

policy "aws-dax-tls" {
  title    = "DAX clusters are reached over TLS"
  severity = "medium"
  resource = ["aws_dax_cluster"]
  checkov  = ["CKV_AWS_239"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "Items travel in the clear between application and cache."
  fix = "Set cluster_endpoint_encryption_type = \"TLS\"."

  condition = self.cluster_endpoint_encryption_type == "TLS"

  pass {
    resource "aws_dax_cluster" "good" {
      cluster_name                     = "orders"
      iam_role_arn                     = "arn:aws:iam::111122223333:role/dax"
      node_type                        = "dax.r5.large"
      replication_factor               = 3
      cluster_endpoint_encryption_type = "TLS"
    }
  }
  fail {
    resource "aws_dax_cluster" "bad" {
      cluster_name       = "orders"
      iam_role_arn       = "arn:aws:iam::111122223333:role/dax"
      node_type          = "dax.r5.large"
      replication_factor = 3
    }
  }
  unknown {
    variable "asked" {
      type = string
    }

    resource "aws_dax_cluster" "asked" {
      cluster_name                     = "orders"
      iam_role_arn                     = "arn:aws:iam::111122223333:role/dax"
      node_type                        = "dax.r5.large"
      replication_factor               = 3
      cluster_endpoint_encryption_type = var.asked
    }
  }
}
