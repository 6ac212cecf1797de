# Amazon ECR: repositories and the registry.

policy "aws-ecr-scan-on-push" {
  title    = "Images are scanned when they are pushed"
  severity = "medium"
  resource = ["aws_ecr_repository"]
  checkov  = ["CKV_AWS_163"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["6.3.1", "6.3.3"]
    iso27001    = ["A.8.8"]
    nist_800_53 = ["RA-5", "SI-2"]
  }
  why = "Known holes in an image are found by others first otherwise."
  fix = "Set scan_on_push = true in image_scanning_configuration, or scan the whole registry."

  # Checkov does not know that the registry can scan all of its repositories.
  condition = self.image_scanning_configuration.scan_on_push == true || anytrue([
    for rule in flatten(all("aws_ecr_registry_scanning_configuration")[*].rule) : alltrue([
      contains(["SCAN_ON_PUSH", "CONTINUOUS_SCAN"], rule.scan_frequency),
      anytrue([for f in rule.repository_filter : f.filter == "*"]),
    ])
  ])
  message = "neither the repository nor the registry scans images that are pushed"

  pass {
    resource "aws_ecr_repository" "api" {
      name = "api"
      image_scanning_configuration {
        scan_on_push = true
      }
    }
  }
  pass {
    resource "aws_ecr_registry_scanning_configuration" "registry" {
      scan_type = "ENHANCED"
      rule {
        scan_frequency = "CONTINUOUS_SCAN"
        repository_filter {
          filter      = "*"
          filter_type = "WILDCARD"
        }
      }
    }
    resource "aws_ecr_repository" "api" {
      name = "api"
    }
  }
  fail {
    resource "aws_ecr_repository" "api" {
      name = "api"
    }
  }
  unknown {
    variable "scan" {
      type = bool
    }
    resource "aws_ecr_repository" "api" {
      name = "api"
      image_scanning_configuration {
        scan_on_push = var.scan
      }
    }
  }
}

policy "aws-ecr-immutable-tags" {
  title    = "Tags of images cannot be moved"
  severity = "medium"
  resource = ["aws_ecr_repository"]
  checkov  = ["CKV_AWS_51"]
  frameworks = {
    soc2        = ["CC8.1"]
    pci_dss     = ["6.3.2"]
    iso27001    = ["A.5.21"]
    nist_800_53 = ["SI-7", "SR-11"]
  }
  why = "Whoever may push can replace what a tag means, and the next start runs it unseen."
  fix = "Set image_tag_mutability = \"IMMUTABLE\"."

  condition = self.image_tag_mutability == "IMMUTABLE"

  pass {
    resource "aws_ecr_repository" "api" {
      name                 = "api"
      image_tag_mutability = "IMMUTABLE"
    }
  }
  fail {
    resource "aws_ecr_repository" "api" {
      name = "api"
    }
  }
  unknown {
    variable "mutability" {
      type = string
    }
    resource "aws_ecr_repository" "api" {
      name                 = "api"
      image_tag_mutability = var.mutability
    }
  }
}

policy "aws-ecr-customer-key" {
  title    = "Images are encrypted with KMS"
  severity = "low"
  resource = ["aws_ecr_repository"]
  checkov  = ["CKV_AWS_136"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.6.1"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "With AES256 who may read images cannot be limited or followed through a key."
  fix = "Add an encryption_configuration block with encryption_type = \"KMS\". An existing repository is replaced."

  condition = self.encryption_configuration.encryption_type == "KMS"

  pass {
    resource "aws_ecr_repository" "api" {
      name = "api"
      encryption_configuration {
        encryption_type = "KMS"
      }
    }
  }
  fail {
    resource "aws_ecr_repository" "api" {
      name = "api"
    }
  }
  fail {
    resource "aws_ecr_repository" "api" {
      name = "api"
      encryption_configuration {
        encryption_type = "AES256"
      }
    }
  }
  unknown {
    variable "encryption" {
      type = string
    }
    resource "aws_ecr_repository" "api" {
      name = "api"
      encryption_configuration {
        encryption_type = var.encryption
      }
    }
  }
}

policy "aws-ecr-repository-not-public" {
  title    = "Repository policies do not let everyone in"
  severity = "critical"
  resource = ["aws_ecr_repository_policy"]
  checkov  = ["CKV_AWS_32"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Every AWS account can pull the images, or push its own, whatever the policy allows."
  fix = "Name accounts or roles as principals, or add a condition on aws:PrincipalOrgID."

  # Any condition on who or where the caller is counts as a limit.
  condition = !anytrue([
    for s in iam(self.policy) : s.effect == "Allow" && contains(s.principals, "*") && !anytrue([
      for c in s.conditions : contains([
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
        "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid"
      ], lower(c.variable)) && matches(lower(c.test), "^(foranyvalue:)?(string(equals|like)|stringequalsignorecase|arn(equals|like)|ipaddress)$")
    ])
  ])
  message = "a statement allows everyone"

  pass {
    resource "aws_ecr_repository_policy" "api" {
      repository = "api"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          {
            Effect    = "Allow"
            Principal = { AWS = "arn:aws:iam::111122223333:root" }
            Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          },
          {
            Effect    = "Allow"
            Principal = "*"
            Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
            Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-123example" } }
          },
        ]
      })
    }
  }
  fail {
    resource "aws_ecr_repository_policy" "api" {
      repository = "api"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "ecr:*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "open" {
      statement {
        actions = ["ecr:BatchGetImage"]
        principals {
          type        = "AWS"
          identifiers = ["*"]
        }
      }
    }
    resource "aws_ecr_repository_policy" "api" {
      repository = "api"
      policy     = data.aws_iam_policy_document.open.json
    }
  }
  unknown {
    variable "principal" {
      type = string
    }
    resource "aws_ecr_repository_policy" "api" {
      repository = "api"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = var.principal }
          Action    = "ecr:BatchGetImage"
        }]
      })
    }
  }
}

policy "aws-ecr-lifecycle-policy" {
  title    = "Repositories throw old images away"
  severity = "low"
  resource = ["aws_ecr_repository"]
  frameworks = {
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-2"]
  }
  why = "Old images pile up, cost money and can still be started with all their known holes."
  fix = "Add an aws_ecr_lifecycle_policy for the repository."

  condition = exists(linked(self, "aws_ecr_lifecycle_policy"))
  message   = "no lifecycle policy"

  pass {
    resource "aws_ecr_repository" "api" {
      name = "api"
    }
    resource "aws_ecr_lifecycle_policy" "api" {
      repository = aws_ecr_repository.api.name
      policy = jsonencode({
        rules = [{
          rulePriority = 1
          selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
          action       = { type = "expire" }
        }]
      })
    }
  }
  fail {
    resource "aws_ecr_repository" "api" {
      name = "api"
    }
  }
  unknown {
    variable "repository" {
      type = string
    }
    resource "aws_ecr_repository" "api" {
      name = "api"
    }
    resource "aws_ecr_lifecycle_policy" "some" {
      repository = var.repository
      policy     = "{}"
    }
  }
}

policy "aws-ecr-kept-on-destroy" {
  title    = "Repositories with images in them are not deleted"
  severity = "low"
  resource = ["aws_ecr_repository"]
  frameworks = {
    soc2        = ["A1.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "With force_delete removing the resource takes all images along, those that run at the moment included."
  fix = "Remove force_delete."

  condition = self.force_delete != true

  pass {
    resource "aws_ecr_repository" "api" {
      name = "api"
    }
  }
  fail {
    resource "aws_ecr_repository" "api" {
      name         = "api"
      force_delete = true
    }
  }
  unknown {
    variable "force" {
      type = bool
    }
    resource "aws_ecr_repository" "api" {
      name         = "api"
      force_delete = var.force
    }
  }
}
