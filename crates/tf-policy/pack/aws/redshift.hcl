# Amazon Redshift

policy "aws-redshift-encrypted" {
  title    = "Redshift clusters encrypt their storage"
  severity = "high"
  resource = ["aws_redshift_cluster"]
  checkov  = ["CKV_AWS_64"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Anyone who gets at a snapshot reads the warehouse."
  fix = "Set encrypted = true."

  condition = self.encrypted == true

  pass {
    resource "aws_redshift_cluster" "good" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
      encrypted          = true
    }
  }
  fail {
    resource "aws_redshift_cluster" "bad" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_redshift_cluster" "asked" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
      encrypted          = var.asked
    }
  }
}

policy "aws-redshift-customer-key" {
  title    = "Redshift clusters are encrypted with a key of your own"
  severity = "low"
  resource = ["aws_redshift_cluster"]
  checkov  = ["CKV_AWS_142"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "The default key can be neither restricted nor rotated by you."
  fix = "Set kms_key_id to the ARN of an aws_kms_key."

  condition = self.kms_key_id != null || exists(linked(self, "aws_kms_key"))

  pass {
    resource "aws_redshift_cluster" "good" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
      encrypted          = true
      kms_key_id         = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  fail {
    resource "aws_redshift_cluster" "bad" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
      encrypted          = true
    }
  }
}

policy "aws-redshift-not-public" {
  title    = "Redshift clusters are not reachable from the internet"
  severity = "critical"
  resource = ["aws_redshift_cluster"]
  checkov  = ["CKV_AWS_87"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.4.4"]
    iso27001    = ["A.8.20"]
    nist_800_53 = ["AC-4", "SC-7"]
  }
  why = "A public address puts the warehouse behind nothing but its password."
  fix = "Set publicly_accessible = false."

  condition = self.publicly_accessible == false

  pass {
    resource "aws_redshift_cluster" "good" {
      cluster_identifier  = "warehouse"
      node_type           = "ra3.large"
      publicly_accessible = false
    }
  }
  fail {
    resource "aws_redshift_cluster" "bad" {
      cluster_identifier  = "warehouse"
      node_type           = "ra3.large"
      publicly_accessible = true
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_redshift_cluster" "asked" {
      cluster_identifier  = "warehouse"
      node_type           = "ra3.large"
      publicly_accessible = var.asked
    }
  }
}

policy "aws-redshift-in-vpc" {
  title    = "Redshift clusters lie in subnets of their own"
  severity = "medium"
  resource = ["aws_redshift_cluster"]
  checkov  = ["CKV_AWS_154"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.4.4"]
    iso27001    = ["A.8.20"]
    nist_800_53 = ["AC-4", "SC-7"]
  }
  why = "Without a subnet group the cluster lands in the default VPC, where anything else may be."
  fix = "Set cluster_subnet_group_name."

  condition = self.cluster_subnet_group_name != null

  pass {
    resource "aws_redshift_cluster" "good" {
      cluster_identifier        = "warehouse"
      node_type                 = "ra3.large"
      cluster_subnet_group_name = "data"
    }
  }
  fail {
    resource "aws_redshift_cluster" "bad" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
    }
  }
  unknown {
    variable "asked" {
      type = string
    }

    resource "aws_redshift_cluster" "asked" {
      cluster_identifier        = "warehouse"
      node_type                 = "ra3.large"
      cluster_subnet_group_name = var.asked
    }
  }
}

policy "aws-redshift-version-upgrades" {
  title    = "Redshift clusters take major versions by themselves"
  severity = "low"
  resource = ["aws_redshift_cluster"]
  checkov  = ["CKV_AWS_141"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["6.3.3"]
    iso27001    = ["A.8.8"]
    nist_800_53 = ["SI-2"]
  }
  why = "Versions that are out of support get no mends."
  fix = "Leave allow_version_upgrade out or set it to true."

  condition = self.allow_version_upgrade != false

  pass {
    resource "aws_redshift_cluster" "good" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
    }
  }
  fail {
    resource "aws_redshift_cluster" "bad" {
      cluster_identifier    = "warehouse"
      node_type             = "ra3.large"
      allow_version_upgrade = false
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_redshift_cluster" "asked" {
      cluster_identifier    = "warehouse"
      node_type             = "ra3.large"
      allow_version_upgrade = var.asked
    }
  }
}

policy "aws-redshift-vpc-routing" {
  title    = "Redshift copies data through the VPC"
  severity = "low"
  resource = ["aws_redshift_cluster"]
  checkov  = ["CKV_AWS_321"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.4.4"]
    iso27001    = ["A.8.20"]
    nist_800_53 = ["AC-4", "SC-7"]
  }
  why = "Loads and unloads go over the internet, past the VPC's flow logs and endpoint policies."
  fix = "Set enhanced_vpc_routing = true."

  condition = self.enhanced_vpc_routing == true

  pass {
    resource "aws_redshift_cluster" "good" {
      cluster_identifier   = "warehouse"
      node_type            = "ra3.large"
      enhanced_vpc_routing = true
    }
  }
  fail {
    resource "aws_redshift_cluster" "bad" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
    }
  }
  unknown {
    variable "asked" {
      type = bool
    }

    resource "aws_redshift_cluster" "asked" {
      cluster_identifier   = "warehouse"
      node_type            = "ra3.large"
      enhanced_vpc_routing = var.asked
    }
  }
}

policy "aws-redshift-default-database" {
  title    = "Redshift clusters have a database of their own name"
  severity = "info"
  resource = ["aws_redshift_cluster"]
  checkov  = ["CKV_AWS_320"]
  frameworks = {
    soc2        = ["CC6.1"]
    nist_800_53 = ["CM-2"]
  }
  why = "The default name dev is the first that an attacker tries."
  fix = "Set database_name."

  condition = self.database_name != null && self.database_name != "dev"

  pass {
    resource "aws_redshift_cluster" "good" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
      database_name      = "sales"
    }
  }
  fail {
    resource "aws_redshift_cluster" "bad" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
    }
  }
  unknown {
    variable "asked" {
      type = string
    }

    resource "aws_redshift_cluster" "asked" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
      database_name      = var.asked
    }
  }
}

policy "aws-redshift-tls" {
  title    = "Redshift refuses connections without TLS"
  severity = "medium"
  resource = ["aws_redshift_parameter_group"]
  checkov  = ["CKV_AWS_105"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "Passwords and rows travel in the clear."
  fix = "Add a parameter require_ssl with the value true."

  condition = anytrue([for p in self.parameter : p.name == "require_ssl" && p.value == "true"])
  message   = "require_ssl is not true"
  attribute = "parameter"

  pass {
    resource "aws_redshift_parameter_group" "good" {
      name   = "tls"
      family = "redshift-1.0"
      parameter {
        name  = "require_ssl"
        value = "true"
      }
    }
  }
  fail {
    resource "aws_redshift_parameter_group" "bad" {
      name   = "tls"
      family = "redshift-1.0"
    }
  }
  unknown {
    variable "asked" {
      type = string
    }

    resource "aws_redshift_parameter_group" "asked" {
      name   = "tls"
      family = "redshift-1.0"
      parameter {
        name  = "require_ssl"
        value = var.asked
      }
    }
  }
}

policy "aws-redshift-logging" {
  title    = "Redshift clusters log who connects and what they ask"
  severity = "medium"
  resource = ["aws_redshift_cluster"]
  checkov  = ["CKV_AWS_71"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2"]
  }
  why = "After an incident nobody can tell who read what."
  fix = "Add an aws_redshift_logging for the cluster, or its logging block with enable = true."

  condition = self.logging.enable == true || exists(linked(self, "aws_redshift_logging"))
  attribute = "logging"

  pass {
    resource "aws_redshift_cluster" "good" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
    }
    resource "aws_redshift_logging" "good" {
      cluster_identifier   = aws_redshift_cluster.good.id
      log_destination_type = "cloudwatch"
      log_exports          = ["connectionlog", "userlog"]
    }
  }
  fail {
    resource "aws_redshift_cluster" "bad" {
      cluster_identifier = "warehouse"
      node_type          = "ra3.large"
    }
  }
}
