# AWS IAM: what policies allow, who may assume roles, and how users log in.

policy "aws-iam-no-admin" {
  title    = "IAM policies do not allow everything on everything"
  severity = "critical"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data    = ["aws_iam_policy_document"]
  checkov = ["CKV_AWS_62", "CKV_AWS_1"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
    cis_aws     = ["1.16"]
  }
  why = "One leaked key or one tricked service with this policy is the whole account: data, backups, logs and the bill."
  fix = "List the actions and resources that are needed. For administrators use the managed policy behind a role with MFA."

  condition = !anytrue([
    for s in iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy) :
    s.effect == "Allow" && (contains(s.actions, "*") || contains(s.actions, "*:*")) && contains(s.resources, "*")
  ])
  message   = "a statement allows * on *"
  attribute = "policy"

  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    data "aws_iam_policy_document" "reader" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::example-reports/*"]
      }
    }
  }
  fail {
    resource "aws_iam_policy" "admin" {
      name = "admin"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "*"
          Resource = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_role" "build" {
      name = "build"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "codebuild.amazonaws.com" }
          Action    = "sts:AssumeRole"
        }]
      })
      inline_policy {
        name   = "admin"
        policy = "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": [\"*\"], \"Resource\": [\"*\"]}}"
      }
    }
  }
  fail {
    resource "aws_ssoadmin_permission_set_inline_policy" "admin" {
      instance_arn       = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
      permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
      inline_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["*"]
          Resource = ["*"]
        }]
      })
    }
  }

  fail {
    data "aws_iam_policy_document" "admin" {
      statement {
        actions   = ["*"]
        resources = ["*"]
      }
    }
  }
  fail {
    # Part of the document is unknown, the admin statement is not.
    data "aws_iam_policy_document" "mixed" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["${aws_s3_bucket.reports.arn}/*"]
      }
      statement {
        actions   = ["*"]
        resources = ["*"]
      }
    }
    resource "aws_s3_bucket" "reports" {
      bucket_prefix = "reports"
    }
    resource "aws_iam_role_policy" "mixed" {
      role   = "app"
      policy = data.aws_iam_policy_document.mixed.json
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_iam_policy" "asked" {
      name = "asked"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = var.actions
          Resource = "*"
        }]
      })
    }
  }
}

policy "aws-iam-no-star-actions" {
  title    = "IAM policies do not allow all actions"
  severity = "high"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data    = ["aws_iam_policy_document"]
  checkov = ["CKV_AWS_63", "CKV_AWS_49"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
    cis_aws     = ["1.16"]
  }
  why = "Action * also covers deleting, changing policies and every service that AWS will add next year."
  fix = "List the actions that are needed."

  condition = !anytrue([
    for s in iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy) :
    s.effect == "Allow" && contains(s.actions, "*")
  ])
  message   = "a statement allows the action *"
  attribute = "policy"

  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "denier" {
      name = "denier"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Deny"
          Action   = "*"
          Resource = "*"
        }]
      })
    }
  }
  pass {
    data "aws_iam_policy_document" "reader" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::example-reports/*"]
      }
    }
  }
  fail {
    resource "aws_iam_group_policy" "bucket" {
      name  = "bucket"
      group = "developers"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["*"]
          Resource = "arn:aws:s3:::example-reports"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "bucket" {
      statement {
        actions   = ["*"]
        resources = ["arn:aws:s3:::example-reports"]
      }
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_iam_policy" "asked" {
      name = "asked"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = var.actions
          Resource = "*"
        }]
      })
    }
  }
}

policy "aws-iam-no-service-star" {
  title    = "IAM policies do not allow a whole service on everything"
  severity = "medium"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data = ["aws_iam_policy_document"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "A statement such as s3:* on * reads, deletes and reconfigures all there is of a service, now and in future."
  fix = "List the actions, or at least the resources, or add a condition."

  condition = !anytrue([
    for s in iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy) :
    s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*") && anytrue([for a in s.actions : matches(a, "^[A-Za-z0-9-]+:\\*$")])
  ])
  message   = "a statement allows all of a service on all resources"
  attribute = "policy"

  # A statement with principals is a resource's own policy: its "*" is that resource.
  pass {
    data "aws_iam_policy_document" "key" {
      statement {
        actions   = ["kms:*"]
        resources = ["*"]

        principals {
          type        = "AWS"
          identifiers = ["arn:aws:iam::123456789012:root"]
        }
      }
    }
  }
  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "bucket" {
      name = "bucket"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "s3:*"
          Resource = ["arn:aws:s3:::example-reports", "arn:aws:s3:::example-reports/*"]
        }]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "storage" {
      name = "storage"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:*", "logs:PutLogEvents"]
          Resource = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "storage" {
      statement {
        actions   = ["dynamodb:*"]
        resources = ["*"]
      }
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_iam_policy" "asked" {
      name = "asked"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = var.actions
          Resource = "*"
        }]
      })
    }
  }
}

policy "aws-iam-no-privilege-escalation" {
  title    = "IAM policies do not let their holder become administrator"
  severity = "high"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data    = ["aws_iam_policy_document"]
  checkov = ["CKV_AWS_286", "CKV_AWS_110"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Who may write policies, make keys for others, or pass any role to a machine of their own, can take every right there is in the account."
  fix = "Name the users, roles and policies in the statement's resources, or set a permissions boundary by a condition."

  # Ways from a few rights to all of them. A statement counts if it is for all resources and has no condition; most documents
  # have none that is about one of these actions, and need not be asked for each way.
  condition = alltrue([
    for statements in [iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy)] : alltrue([
      for ways in [[
        ["iam:createaccesskey"],
        ["iam:createloginprofile"],
        ["iam:updateloginprofile"],
        ["iam:addusertogroup"],
        ["iam:createpolicyversion"],
        ["iam:setdefaultpolicyversion"],
        ["iam:attachuserpolicy"],
        ["iam:attachgrouppolicy"],
        ["iam:putuserpolicy"],
        ["iam:putgrouppolicy"],
        ["iam:attachrolepolicy", "sts:assumerole"],
        ["iam:putrolepolicy", "sts:assumerole"],
        ["iam:updateassumerolepolicy", "sts:assumerole"],
        ["iam:passrole", "ec2:runinstances"],
        ["iam:passrole", "lambda:createfunction", "lambda:invokefunction"],
        ["iam:passrole", "lambda:createfunction", "lambda:createeventsourcemapping"],
        ["iam:passrole", "glue:createdevendpoint"],
        ["iam:passrole", "cloudformation:createstack"],
        ["iam:passrole", "datapipeline:createpipeline"],
        ["glue:updatedevendpoint"],
        ["lambda:updatefunctioncode"],
      ]] :
      !anytrue([
        for s in statements :
        s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*") && covers(s, flatten(ways))
      ]) ||
      !anytrue([
        for way in ways : alltrue([
          for action in way :
          anytrue([
            for s in statements :
            s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*") && covers(s, action)
          ]) && !anytrue([for s in statements : s.effect == "Deny" && covers(s, action)])
        ])
      ])
    ])
  ])
  message   = "its actions together are a way to administrator rights"
  attribute = "policy"

  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "operator" {
      name = "operator"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["iam:PassRole", "ec2:RunInstances"]
          Resource = ["arn:aws:iam::111122223333:role/web", "arn:aws:ec2:*:111122223333:instance/*"]
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "half" {
      name = "half"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "iam:PassRole"
          Resource = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "keys" {
      name = "keys"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["iam:Create*", "iam:List*"]
          Resource = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "launcher" {
      statement {
        actions   = ["ec2:Run*", "iam:PassRole"]
        resources = ["*"]
      }
    }
  }
  fail {
    # The way leads through two statements.
    resource "aws_iam_role_policy" "deployer" {
      role = "deployer"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          {
            Effect   = "Allow"
            Action   = "iam:PassRole"
            Resource = "*"
          },
          {
            Effect   = "Allow"
            Action   = "cloudformation:*"
            Resource = "*"
          },
        ]
      })
    }
  }
  pass {
    resource "aws_iam_role_policy" "denied" {
      role = "deployer"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          {
            Effect   = "Allow"
            Action   = "iam:CreateAccessKey"
            Resource = "*"
          },
          {
            Effect   = "Deny"
            Action   = "iam:*AccessKey"
            Resource = "*"
          },
        ]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "allbut" {
      name = "allbut"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          NotAction = "organizations:*"
          Resource  = "*"
        }]
      })
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_iam_policy" "asked" {
      name = "asked"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = var.actions
          Resource = "*"
        }]
      })
    }
  }
}

policy "aws-iam-no-credentials-exposure" {
  title    = "IAM policies do not hand out credentials of anything"
  severity = "high"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data    = ["aws_iam_policy_document"]
  checkov = ["CKV_AWS_287", "CKV_AWS_107"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.5.17"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "These actions answer with keys, tokens or passwords. For all resources that means: of everyone and everything in the account."
  fix = "Name the roles, users or databases in the statement's resources."

  # Most documents have no statement for all resources that is about one of these actions, and need not be asked for each.
  condition = alltrue([
    for statements in [iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy)] : alltrue([
      for actions in [[
        "airflow:createclitoken", "airflow:createweblogintoken", "appsync:createapikey", "chime:createapikey",
        "cloud9:createenvironmenttoken", "codeartifact:getauthorizationtoken", "codepipeline:pollforjobs",
        "cognito-identity:getcredentialsforidentity", "cognito-identity:getopenidtoken",
        "cognito-identity:getopenidtokenfordeveloperidentity", "cognito-idp:getsigningcertificate",
        "connect:getfederationtoken", "connect:getfederationtokens", "ec2:getpassworddata",
        "ecr-public:getauthorizationtoken", "emr-containers:getmanagedendpointsessioncredentials",
        "finspace-api:getprogrammaticaccesscredentials", "gamelift:getcomputeaccess", "gamelift:getcomputeauthtoken",
        "gamelift:getinstanceaccess", "gamelift:requestuploadcredentials", "grafana:createworkspaceapikey",
        "iam:createaccesskey", "iam:createloginprofile", "iam:createservicespecificcredential",
        "iam:resetservicespecificcredential", "iam:updateaccesskey", "license-manager:getaccesstoken",
        "lightsail:createbucketaccesskey", "lightsail:downloaddefaultkeypair", "lightsail:getinstanceaccessdetails",
        "lightsail:getrelationaldatabasemasteruserpassword", "mediapackage:rotatechannelcredentials",
        "mediapackage:rotateingestendpointcredentials", "rds-db:connect", "redshift-serverless:getcredentials",
        "redshift:getclustercredentials", "redshift:getclustercredentialswithiam", "sso:getrolecredentials",
        "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:getfederationtoken",
        "sts:getsessiontoken",
      ]] :
      !anytrue([
        for s in statements :
        s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*") && covers(s, actions)
      ]) ||
      !anytrue([
        for action in actions :
        anytrue([
          for s in statements :
          s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*") && covers(s, action)
        ]) && !anytrue([for s in statements : s.effect == "Deny" && covers(s, action)])
      ])
    ])
  ])
  message   = "a statement lets its holder fetch credentials of any resource"
  attribute = "policy"

  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "registry" {
      name = "registry"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "ecr:GetAuthorizationToken"
          Resource = "*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "assume" {
      name = "assume"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "sts:AssumeRole"
          Resource = "arn:aws:iam::111122223333:role/deploy"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "windows" {
      name = "windows"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["ec2:Describe*", "ec2:Get*"]
          Resource = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "assume" {
      statement {
        actions   = ["sts:AssumeRole"]
        resources = ["*"]
      }
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_iam_policy" "asked" {
      name = "asked"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = var.actions
          Resource = "*"
        }]
      })
    }
  }
}

policy "aws-iam-no-data-exfiltration" {
  title    = "IAM policies do not read every secret, parameter or object"
  severity = "high"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data    = ["aws_iam_policy_document"]
  checkov = ["CKV_AWS_288", "CKV_AWS_108"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Whoever gets hold of this identity can carry off all buckets, parameters or secrets, not only those that the task needs."
  fix = "Name the buckets, parameters or secrets in the statement's resources."

  condition = alltrue([
    for statements in [iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy)] : !anytrue([
      for s in statements : s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*")
    ]) || !anytrue([
      for action in ["s3:getobject", "secretsmanager:getsecretvalue", "ssm:getparameter", "ssm:getparameters", "ssm:getparametersbypath"] :
      anytrue([
        for s in statements :
        s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*") && covers(s, action)
        ]) && !anytrue([
        for s in statements : s.effect == "Deny" && covers(s, action)
      ])
    ])
  ])
  message   = "a statement allows reading all secrets, parameters or objects"
  attribute = "policy"

  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "lister" {
      name = "lister"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "s3:ListAllMyBuckets"
          Resource = "*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "organisation" {
      name = "organisation"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Action    = "s3:GetObject"
          Resource  = "*"
          Condition = { StringEquals = { "aws:ResourceAccount" = "111122223333" } }
        }]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:Get*", "s3:List*"]
          Resource = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "secrets" {
      statement {
        actions   = ["secretsmanager:GetSecretValue"]
        resources = ["*"]
      }
    }
  }
  unknown {
    variable "bucket_arn" {
      type = string
    }
    data "aws_iam_policy_document" "reader" {
      statement {
        actions   = ["s3:GetObject"]
        resources = [var.bucket_arn]
      }
    }
  }
}

policy "aws-iam-no-permissions-management" {
  title    = "IAM policies do not manage permissions of everything"
  severity = "high"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data    = ["aws_iam_policy_document"]
  checkov = ["CKV_AWS_289", "CKV_AWS_109"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "These actions change who may do what: roles, policies, grants, shares, ACLs. Without limits their holder opens any resource to anybody."
  fix = "Name the resources, or add a condition such as aws:ResourceAccount or a tag."

  # What AWS classifies as permissions management and lets one limit to a resource, of the services that matter.
  condition = !anytrue([
    for s in iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy) :
    s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*") && covers(s, [
        "acm-pca:createpermission", "acm-pca:deletepermission", "acm-pca:deletepolicy", "acm-pca:putpolicy", "apigateway:setwebacl",
        "apigateway:updaterestapipolicy", "backup:deletebackupvaultaccesspolicy", "backup:putbackupvaultaccesspolicy",
        "cloudformation:setstackpolicy", "codeartifact:deletedomainpermissionspolicy", "codeartifact:deleterepositorypermissionspolicy",
        "codebuild:deleteresourcepolicy", "codebuild:putresourcepolicy", "cognito-identity:deleteidentitypool", "cognito-identity:updateidentitypool",
        "ds:createtrust", "ds:sharedirectory", "dynamodb:deleteresourcepolicy", "dynamodb:putresourcepolicy", "ec2:createnetworkinterfacepermission",
        "ec2:deletenetworkinterfacepermission", "ec2:modifysnapshotattribute", "ec2:modifyvpcendpointservicepermissions",
        "ec2:resetsnapshotattribute", "ecr-public:setrepositorypolicy", "ecr:deleterepositorypolicy", "ecr:setrepositorypolicy",
        "elasticfilesystem:deletefilesystempolicy", "elasticfilesystem:putfilesystempolicy", "es:createelasticsearchdomain",
        "es:updateelasticsearchdomainconfig", "glacier:deletevaultaccesspolicy", "glacier:setvaultaccesspolicy", "glue:deleteresourcepolicy",
        "glue:putresourcepolicy", "iam:addclientidtoopenidconnectprovider", "iam:addroletoinstanceprofile", "iam:addusertogroup",
        "iam:attachgrouppolicy", "iam:attachrolepolicy", "iam:attachuserpolicy", "iam:changepassword", "iam:createaccesskey", "iam:creategroup",
        "iam:createinstanceprofile", "iam:createloginprofile", "iam:createopenidconnectprovider", "iam:createpolicy", "iam:createpolicyversion",
        "iam:createrole", "iam:createsamlprovider", "iam:createservicelinkedrole", "iam:createservicespecificcredential", "iam:createuser",
        "iam:createvirtualmfadevice", "iam:deactivatemfadevice", "iam:deleteaccesskey", "iam:deletegroup", "iam:deletegrouppolicy",
        "iam:deleteinstanceprofile", "iam:deleteloginprofile", "iam:deleteopenidconnectprovider", "iam:deletepolicy", "iam:deletepolicyversion",
        "iam:deleterole", "iam:deleterolepermissionsboundary", "iam:deleterolepolicy", "iam:deletesamlprovider", "iam:deleteservercertificate",
        "iam:deleteservicelinkedrole", "iam:deletesshpublickey", "iam:deleteuser", "iam:deleteuserpermissionsboundary", "iam:deleteuserpolicy",
        "iam:deletevirtualmfadevice", "iam:detachgrouppolicy", "iam:detachrolepolicy", "iam:detachuserpolicy", "iam:enablemfadevice", "iam:passrole",
        "iam:putgrouppolicy", "iam:putrolepermissionsboundary", "iam:putrolepolicy", "iam:putuserpermissionsboundary", "iam:putuserpolicy",
        "iam:removerolefrominstanceprofile", "iam:removeuserfromgroup", "iam:resyncmfadevice", "iam:setdefaultpolicyversion", "iam:updateaccesskey",
        "iam:updateassumerolepolicy", "iam:updategroup", "iam:updateloginprofile", "iam:updateopenidconnectproviderthumbprint", "iam:updaterole",
        "iam:updateroledescription", "iam:updatesamlprovider", "iam:updateservercertificate", "iam:updateuser", "iam:uploadservercertificate",
        "iam:uploadsshpublickey", "iot:attachpolicy", "iot:attachprincipalpolicy", "iot:detachpolicy", "iot:detachprincipalpolicy",
        "iot:setdefaultpolicyversion", "kms:creategrant", "kms:putkeypolicy", "kms:retiregrant", "kms:revokegrant",
        "lambda:addlayerversionpermission", "lambda:addpermission", "lambda:disablereplication", "lambda:enablereplication",
        "lambda:removelayerversionpermission", "lambda:removepermission", "mediastore:deletecontainerpolicy", "mediastore:putcontainerpolicy",
        "quicksight:createadmin", "quicksight:createuser", "quicksight:deleteuser", "quicksight:registeruser", "quicksight:updateuser",
        "ram:acceptresourceshareinvitation", "ram:associateresourceshare", "ram:deleteresourceshare", "ram:disassociateresourceshare",
        "ram:rejectresourceshareinvitation", "ram:updateresourceshare", "rds-db:connect", "rds:authorizedbsecuritygroupingress",
        "rds:modifydbclustersnapshotattribute", "rds:modifydbsnapshotattribute", "redshift:authorizedatashare", "redshift:authorizesnapshotaccess",
        "redshift:createclusteruser", "redshift:joingroup", "redshift:modifyclusteriamroles", "redshift:revokesnapshotaccess",
        "route53resolver:putresolverrulepolicy", "s3-outposts:putbucketpolicy", "s3:bypassgovernanceretention", "s3:deleteaccesspointpolicy",
        "s3:deletebucketpolicy", "s3:objectowneroverridetobucketowner", "s3:putaccesspointpolicy", "s3:putbucketacl", "s3:putbucketpolicy",
        "s3:putbucketpublicaccessblock", "s3:putmultiregionaccesspointpolicy", "s3:putobjectacl", "s3:putobjectversionacl",
        "secretsmanager:deleteresourcepolicy", "secretsmanager:putresourcepolicy", "secretsmanager:validateresourcepolicy",
        "servicecatalog:createportfolioshare", "servicecatalog:deleteportfolioshare", "signer:addprofilepermission", "signer:removeprofilepermission",
        "sns:addpermission", "sns:createtopic", "sns:removepermission", "sns:settopicattributes", "sqs:addpermission", "sqs:createqueue",
        "sqs:removepermission", "sqs:setqueueattributes", "ssm:deleteresourcepolicy", "ssm:modifydocumentpermission", "ssm:putresourcepolicy",
        "sso:attachcustomermanagedpolicyreferencetopermissionset", "sso:attachmanagedpolicytopermissionset", "sso:createpermissionset",
        "sso:deletepermissionset", "sso:updatepermissionset", "vpc-lattice:putauthpolicy", "wafv2:putpermissionpolicy",
      ])
  ])
  message   = "a statement manages permissions of any resource"
  attribute = "policy"

  # A statement with principals is a resource's own policy: its "*" is that resource.
  pass {
    data "aws_iam_policy_document" "key" {
      statement {
        actions   = ["kms:*"]
        resources = ["*"]

        principals {
          type        = "AWS"
          identifiers = ["arn:aws:iam::123456789012:root"]
        }
      }
    }
  }
  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "grant" {
      name = "grant"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "kms:CreateGrant"
          Resource = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        }]
      })
    }
  }
  pass {
    data "aws_iam_policy_document" "lister" {
      statement {
        actions   = ["iam:List*", "iam:Get*"]
        resources = ["*"]
      }
    }
  }
  fail {
    resource "aws_iam_policy" "grant" {
      name = "grant"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "kms:CreateGrant"
          Resource = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "buckets" {
      statement {
        actions   = ["s3:PutBucket*"]
        resources = ["*"]
      }
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_iam_policy" "asked" {
      name = "asked"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = var.actions
          Resource = "*"
        }]
      })
    }
  }
}

policy "aws-iam-no-unlimited-write" {
  title    = "IAM policies do not write to everything"
  severity = "medium"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data    = ["aws_iam_policy_document"]
  checkov = ["CKV_AWS_290", "CKV_AWS_111"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "A statement that may create, change or delete any resource of a kind turns a small mistake, or a stolen session, into an outage."
  fix = "Name the resources of writing actions, or add a condition."

  # A statement writes if one of its actions does not begin with a verb of reading, does not manage permissions (another
  # policy's business) and can be limited to a resource at all. Checkov asks AWS's table of some 18,000 actions. This goes by verbs,
  # and agrees with the table on 93 of 100 actions of the usual services, on 86 of all. Where it differs it is nearly always the
  # stricter: actions that cannot be limited to a resource are listed for the usual services only.
  condition = !anytrue([
    for s in iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy) :
    s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*") && (length(s.not_actions) > 0 || anytrue([
      for spared in [[
        # Verbs of reading, tags, and what other policies look at.
        "*:batchcheck*", "*:batchdescribe*", "*:batchget*", "*:check*", "*:conditioncheck*", "*:count*", "*:describe*",
        "*:detect*", "*:discover*", "*:download*", "*:estimate*", "*:evaluate*", "*:get*", "*:head*", "*:list*",
        "*:lookup*", "*:partiqlselect*", "*:preview*", "*:query*", "*:read*", "*:resolve*", "*:scan*", "*:search*",
        "*:select*", "*:simulate*", "*:tag*", "*:untag*", "*:validate*", "*:view*", "*tags", "*tagging",
        "*tagsonresource", "*tagsforresource", "iam:*", "ram:*", "sso:*",
        # What cannot be limited to a resource.
        "acm:requestcertificate", "ce:*", "cloudformation:createstackset", "cloudformation:registertype", "cloudfront:create*key*",
        "cloudfront:createoriginaccesscontrol", "cloudwatch:putmetricdata", "codebuild:importsourcecredentials", "ec2messages:*",
        "ec2:createdefaultvpc", "ec2:enableebsencryptionbydefault", "ec2:modifyebsdefaultkmskeyid", "ecr:createpullthroughcacherule",
        "ecs:createtaskset", "ecs:deregistertaskdefinition", "ecs:discoverpollendpoint", "ecs:putaccountsetting*", "ecs:registertaskdefinition",
        "eks:createcluster", "elasticfilesystem:createfilesystem", "elasticloadbalancing:setwebacl", "events:putpermission",
        "glue:createclassifier", "glue:createcrawler", "glue:createsecurityconfiguration", "health:*", "iam:createaccountalias",
        "iam:generatecredentialreport", "iam:updateaccountpasswordpolicy", "kms:createcustomkeystore", "kms:createkey", "kms:generaterandom",
        "lambda:createcodesigningconfig", "lambda:createeventsourcemapping", "logs:*logdelivery", "logs:*queryd*", "logs:putresourcepolicy",
        "logs:deleteresourcepolicy", "logs:putaccountpolicy", "logs:putindexpolicy", "logs:stopquery", "logs:cancelexporttask",
        "mobileanalytics:*", "organizations:create*", "pricing:*", "rds:createdbproxy", "route53:createhealthcheck", "route53:createhostedzone",
        "s3:createjob", "s3:putaccountpublicaccessblock", "s3:putstoragelensconfiguration", "sns:*platform*", "sns:setsmsattributes",
        "sns:unsubscribe", "ssm:cancelcommand", "ssm:createactivation", "ssm:createopsitem", "ssm:putconfigurepackageresult", "ssm:putinventory",
        "ssm:registermanagedinstance", "ssmmessages:*", "states:sendtask*", "sts:decodeauthorizationmessage", "tag:*", "xray:put*",
      ]] : anytrue([
        for a in s.actions : !(covers(spared, a) || matches(lower(a), "^[a-z0-9-]+:(add|authorize|create|delete|modify|put|remove|retire|revoke|set).*(grant|permission|(bucket|resource|repository|key|filesystem|accesspoint)policy|acl|accessblock)$"))
      ])
    ]))
  ])
  message   = "a statement writes to any resource"
  attribute = "policy"

  # A statement with principals is a resource's own policy: its "*" is that resource.
  pass {
    data "aws_iam_policy_document" "key" {
      statement {
        actions   = ["kms:*"]
        resources = ["*"]

        principals {
          type        = "AWS"
          identifiers = ["arn:aws:iam::123456789012:root"]
        }
      }
    }
  }
  pass {
    resource "aws_iam_policy" "writer" {
      name = "writer"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:List*", "dynamodb:Describe*", "cloudwatch:PutMetricData", "xray:PutTraceSegments"]
          Resource = "*"
        }]
      })
    }
  }
  pass {
    data "aws_iam_policy_document" "tagged" {
      statement {
        actions   = ["ec2:TerminateInstances"]
        resources = ["*"]
        condition {
          test     = "StringEquals"
          variable = "aws:ResourceTag/team"
          values   = ["web"]
        }
      }
    }
  }
  fail {
    resource "aws_iam_policy" "writer" {
      name = "writer"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["dynamodb:PutItem", "dynamodb:GetItem"]
          Resource = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "logs" {
      statement {
        actions   = ["logs:CreateLogGroup", "logs:PutLogEvents"]
        resources = ["*"]
      }
    }
  }
  fail {
    data "aws_iam_policy_document" "whole" {
      statement {
        actions   = ["ecs:*"]
        resources = ["*"]
      }
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_iam_policy" "asked" {
      name = "asked"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = var.actions
          Resource = "*"
        }]
      })
    }
  }
}

policy "aws-iam-no-star-resources" {
  title    = "IAM policies name the resources of actions that have some"
  severity = "medium"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data    = ["aws_iam_policy_document"]
  checkov = ["CKV_AWS_355", "CKV_AWS_356"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "With resource * a permission that was meant for one bucket, key or queue holds for all of them, and for those to come."
  fix = "Put ARNs into resources. What can have none, such as cloudwatch:PutMetricData, goes into a statement of its own."

  # Checkov asks AWS's table of which action can be limited to what. This takes every action for one that can, except for those
  # in the list below and those that only list or describe, which Checkov fails where they could be limited: they show names and
  # settings, and ec2:Describe* alone would fail half of all roles. Listing the contents of buckets counts.
  condition = !anytrue([
    for s in iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy) :
    s.effect == "Allow" && length(s.principals) == 0 && length(s.conditions) == 0 && contains(s.resources, "*") && (length(s.not_actions) > 0 || anytrue([
      for spared in [[
        "acm:requestcertificate", "ce:*", "cloudformation:createstackset", "cloudformation:registertype", "cloudformation:validatetemplate",
        "cloudfront:create*key*", "cloudfront:createoriginaccesscontrol", "cloudwatch:getmetric*", "cloudwatch:putmetricdata",
        "codebuild:importsourcecredentials", "ec2messages:*", "ec2:createdefaultvpc", "ec2:enableebsencryptionbydefault",
        "ec2:modifyebsdefaultkmskeyid", "ecr:getauthorizationtoken", "ecr:createpullthroughcacherule", "ecr-public:getauthorizationtoken",
        "ecs:createtaskset", "ecs:deregistertaskdefinition", "ecs:discoverpollendpoint", "ecs:putaccountsetting*", "ecs:registertaskdefinition",
        "eks:createcluster", "elasticfilesystem:createfilesystem", "elasticloadbalancing:setwebacl", "events:putpermission",
        "glue:createclassifier", "glue:createcrawler", "glue:createsecurityconfiguration", "health:*", "iam:createaccountalias",
        "iam:getaccount*", "iam:getcredentialreport", "iam:generatecredentialreport", "iam:updateaccountpasswordpolicy",
        "kms:createcustomkeystore", "kms:createkey", "kms:generaterandom", "lambda:createcodesigningconfig", "lambda:createeventsourcemapping",
        "lambda:getaccountsettings", "logs:*logdelivery", "logs:*queryd*", "logs:putresourcepolicy", "logs:deleteresourcepolicy",
        "logs:putaccountpolicy", "logs:putindexpolicy", "logs:stopquery", "logs:cancelexporttask", "mobileanalytics:*", "organizations:create*",
        "pricing:*", "rds:createdbproxy", "route53:createhealthcheck", "route53:createhostedzone", "route53:gethostedzonecount", "s3:createjob",
        "s3:getaccesspoint", "s3:getaccountpublicaccessblock", "s3:putaccountpublicaccessblock", "s3:putstoragelensconfiguration",
        "secretsmanager:batchgetsecretvalue", "secretsmanager:getrandompassword", "sns:*platform*", "sns:setsmsattributes", "sns:unsubscribe",
        "ssm:cancelcommand", "ssm:createactivation", "ssm:createopsitem", "ssm:getcommandinvocation", "ssm:getmanifest",
        "ssm:getdeployablepatchsnapshotforinstance", "ssm:putconfigurepackageresult", "ssm:putinventory", "ssm:registermanagedinstance",
        "ssmmessages:*", "states:sendtask*", "sts:decodeauthorizationmessage", "sts:getaccesskeyinfo", "sts:getcalleridentity",
        "sts:getsessiontoken", "sts:getservicebearertoken", "tag:*", "xray:get*", "xray:batchget*", "xray:put*",
      ]] : anytrue([
        for a in s.actions : !(covers(spared, a) || (
          covers(["*:describe*", "*:list*"], a) && !startswith(lower(a), "s3:list*") && !startswith(lower(a), "s3:listbucket")
        ))
      ])
    ]))
  ])
  message   = "a statement names no resources although its actions have some"
  attribute = "policy"

  pass {
    resource "aws_iam_policy" "writer" {
      name = "writer"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "global" {
      name = "global"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["ec2:DescribeInstances", "ecr:GetAuthorizationToken", "ssmmessages:*", "sts:GetCallerIdentity"]
          Resource = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "queue" {
      name = "queue"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "sqs:ReceiveMessage"
          Resource = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "buckets" {
      statement {
        actions   = ["s3:ListBucket"]
        resources = ["*"]
      }
    }
  }
  unknown {
    variable "queue_arn" {
      type = string
    }
    resource "aws_iam_user_policy" "asked" {
      user = "sender"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "sqs:SendMessage"
          Resource = var.queue_arn
        }]
      })
    }
  }
}

policy "aws-iam-no-full-iam" {
  title    = "IAM policies do not allow all of IAM"
  severity = "high"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data    = ["aws_iam_policy_document"]
  checkov = ["CKV2_AWS_40"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
    cis_aws     = ["1.16"]
  }
  why = "Whoever may do anything in IAM may give themselves everything else."
  fix = "List the IAM actions that are needed and the users, roles or policies that they are for."

  condition = !anytrue([
    for s in iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy) :
    s.effect == "Allow" && anytrue([for a in s.actions : contains(["*", "iam:*"], lower(a))])
  ])
  message   = "a statement allows iam:*"
  attribute = "policy"

  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "lister" {
      name = "lister"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "iam:List*"
          Resource = "*"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_user_policy" "people" {
      name = "people"
      user = "people"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["iam:*"]
          Resource = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "people" {
      statement {
        actions   = ["iam:*"]
        resources = ["*"]
      }
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_iam_policy" "asked" {
      name = "asked"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = var.actions
          Resource = "*"
        }]
      })
    }
  }
}

policy "aws-iam-no-pass-any-role" {
  title    = "IAM policies do not pass any role to any service"
  severity = "high"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data = ["aws_iam_policy_document"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Who can pass any role can start a machine or function with the strongest one and act as it."
  fix = "Name the roles in resources, or add a condition on iam:PassedToService."

  condition = !anytrue([
    for s in iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy) :
    s.effect == "Allow" && contains(s.resources, "*") && !anytrue([
      for c in s.conditions : contains(["iam:passedtoservice", "iam:associatedresourcearn"], lower(c.variable))
    ]) && covers(s, "iam:passrole")
  ])
  message   = "a statement allows iam:PassRole for every role"
  attribute = "policy"

  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "pass" {
      name = "pass"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "iam:PassRole"
          Resource = "arn:aws:iam::111122223333:role/task"
        }]
      })
    }
  }
  pass {
    data "aws_iam_policy_document" "tasks" {
      statement {
        actions   = ["iam:PassRole"]
        resources = ["*"]
        condition {
          test     = "StringEquals"
          variable = "iam:PassedToService"
          values   = ["ecs-tasks.amazonaws.com"]
        }
      }
    }
  }
  fail {
    resource "aws_iam_policy" "pass" {
      name = "pass"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["ecs:RunTask", "iam:PassRole"]
          Resource = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "pass" {
      statement {
        actions   = ["iam:Pass*"]
        resources = ["*"]
      }
    }
  }
  unknown {
    variable "actions" {
      type = list(string)
    }
    resource "aws_iam_policy" "asked" {
      name = "asked"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = var.actions
          Resource = "*"
        }]
      })
    }
  }
}

policy "aws-iam-allow-lists" {
  title    = "IAM policies allow by list, not by exception"
  severity = "medium"
  resource = [
    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role",
    "aws_ssoadmin_permission_set_inline_policy",
  ]
  data = ["aws_iam_policy_document"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "NotAction and NotResource in an Allow grant all that is not named, and with it everything AWS invents later."
  fix = "Write the actions and resources that are meant. Exceptions belong into a Deny."

  condition = !anytrue([
    for s in iam(self, self.policy, self.inline_policy, self.inline_policy[*].policy) :
    s.effect == "Allow" && (length(s.not_actions) > 0 || length(s.not_resources) > 0)
  ])
  message   = "an Allow uses NotAction or NotResource"
  attribute = "policy"

  pass {
    resource "aws_iam_policy" "reader" {
      name = "reader"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = "arn:aws:s3:::example-reports/*"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_policy" "region" {
      name = "region"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Deny"
          NotAction = ["iam:*", "sts:*"]
          Resource  = "*"
          Condition = { StringNotEquals = { "aws:RequestedRegion" = "eu-central-1" } }
        }]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "power" {
      name = "power"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          NotAction = ["iam:*", "organizations:*"]
          Resource  = "*"
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "others" {
      statement {
        actions       = ["s3:*"]
        not_resources = ["arn:aws:s3:::example-secrets/*"]
      }
    }
  }
  unknown {
    variable "document" {
      type = string
    }
    resource "aws_iam_policy" "asked" {
      name   = "asked"
      policy = var.document
    }
  }
}

policy "aws-iam-document-no-any-principal" {
  title    = "Policy documents allow nothing to every AWS account"
  severity = "high"
  data     = ["aws_iam_policy_document"]
  checkov  = ["CKV_AWS_283"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["1.4.4", "7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "A document with principal * and no condition opens whatever it is attached to: a bucket, a queue, a key, a role."
  fix = "Name the accounts, roles or services, or add a condition on who asks."

  # The policy of a VPC endpoint grants nothing: it narrows what callers may do who were allowed it elsewhere, and "*" is the
  # usual principal there. A document that serves anything else too is judged.
  when = length(users(self)) == 0 || !alltrue([
    for u in users(self) : contains(["aws_vpc_endpoint", "aws_vpc_endpoint_policy"], u.type)
  ])

  # Checkov looks for type "AWS" only; type "*" is even wider.
  condition = !anytrue([
    for s in iam(self) : s.effect == "Allow" && length(s.conditions) == 0 && contains(s.principals, "*")
  ])
  message   = "a statement without a condition allows every principal"
  attribute = "statement"

  pass {
    data "aws_iam_policy_document" "named" {
      statement {
        actions   = ["sqs:SendMessage"]
        resources = ["*"]
        principals {
          type        = "Service"
          identifiers = ["events.amazonaws.com"]
        }
      }
    }
  }
  pass {
    data "aws_iam_policy_document" "organisation" {
      statement {
        actions   = ["sqs:SendMessage"]
        resources = ["*"]
        principals {
          type        = "AWS"
          identifiers = ["*"]
        }
        condition {
          test     = "StringEquals"
          variable = "aws:PrincipalOrgID"
          values   = ["o-abcd123456"]
        }
      }
    }
  }
  pass {
    data "aws_iam_policy_document" "named" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["*"]
        principals {
          type        = "AWS"
          identifiers = ["arn:aws:iam::111122223333:root"]
        }
      }
    }
    data "aws_iam_policy_document" "layers" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*"]
        principals {
          type        = "*"
          identifiers = ["*"]
        }
      }
    }
    data "aws_iam_policy_document" "endpoint" {
      source_policy_documents = [data.aws_iam_policy_document.layers.json, data.aws_iam_policy_document.named.json]
    }
    locals {
      policy = data.aws_iam_policy_document.endpoint.json
    }
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = "vpc-0123456789abcdef0"
      service_name = "com.amazonaws.eu-central-1.s3"
      policy       = local.policy
    }
    data "aws_iam_policy_document" "late" {
      statement {
        actions   = ["sqs:*"]
        resources = ["*"]
        principals {
          type        = "AWS"
          identifiers = ["*"]
        }
      }
    }
    resource "aws_vpc_endpoint" "sqs" {
      vpc_id            = "vpc-0123456789abcdef0"
      vpc_endpoint_type = "Interface"
      service_name      = "com.amazonaws.eu-central-1.sqs"
    }
    resource "aws_vpc_endpoint_policy" "sqs" {
      vpc_endpoint_id = aws_vpc_endpoint.sqs.id
      policy          = data.aws_iam_policy_document.late.json
    }
    resource "aws_sqs_queue_policy" "named" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/a"
      policy    = data.aws_iam_policy_document.named.json
    }
  }
  # It serves an endpoint, and a bucket as well.
  fail {
    data "aws_iam_policy_document" "shared" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::example-site/*"]
        principals {
          type        = "*"
          identifiers = ["*"]
        }
      }
    }
    locals {
      policies = { shared = data.aws_iam_policy_document.shared.json }
    }
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = "vpc-0123456789abcdef0"
      service_name = "com.amazonaws.eu-central-1.s3"
      policy       = local.policies.shared
    }
    resource "aws_s3_bucket_policy" "site" {
      bucket = "example-site"
      policy = local.policies.shared
    }
  }
  # The bucket's document includes it.
  fail {
    data "aws_iam_policy_document" "shared" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::example-site/*"]
        principals {
          type        = "*"
          identifiers = ["*"]
        }
      }
    }
    data "aws_iam_policy_document" "site" {
      source_policy_documents = [data.aws_iam_policy_document.shared.json]
    }
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = "vpc-0123456789abcdef0"
      service_name = "com.amazonaws.eu-central-1.s3"
      policy       = data.aws_iam_policy_document.shared.json
    }
    resource "aws_s3_bucket_policy" "site" {
      bucket = "example-site"
      policy = data.aws_iam_policy_document.site.json
    }
  }
  fail {
    data "aws_iam_policy_document" "open" {
      statement {
        actions   = ["sqs:SendMessage"]
        resources = ["*"]
        principals {
          type        = "AWS"
          identifiers = ["*"]
        }
      }
    }
  }
  fail {
    data "aws_iam_policy_document" "anonymous" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::example-site/*"]
        principals {
          type        = "*"
          identifiers = ["*"]
        }
      }
    }
  }
  unknown {
    variable "senders" {
      type = list(string)
    }
    data "aws_iam_policy_document" "asked" {
      statement {
        actions   = ["sqs:SendMessage"]
        resources = ["*"]
        principals {
          type        = "AWS"
          identifiers = var.senders
        }
      }
    }
  }
}

policy "aws-iam-no-allow-not-principal" {
  title    = "Policies do not allow everyone but some"
  severity = "high"
  resource = ["aws_iam_role", "aws_s3_bucket_policy", "aws_sns_topic_policy", "aws_sqs_queue_policy", "aws_kms_key_policy", "aws_secretsmanager_secret_policy"]
  data     = ["aws_iam_policy_document"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "NotPrincipal in an Allow means the whole world except those named, anonymous callers included."
  fix = "Name who may; use NotPrincipal in a Deny only."

  condition = !anytrue([
    for s in iam(self, self.policy, self.assume_role_policy) : s.effect == "Allow" && length(s.not_principals) > 0
  ])
  message   = "an Allow uses NotPrincipal"
  attribute = "policy"

  pass {
    data "aws_iam_policy_document" "named" {
      statement {
        actions   = ["sns:Publish"]
        resources = ["*"]
        principals {
          type        = "AWS"
          identifiers = ["arn:aws:iam::111122223333:role/app"]
        }
      }
    }
  }
  fail {
    data "aws_iam_policy_document" "others" {
      statement {
        actions   = ["sns:Publish"]
        resources = ["*"]
        not_principals {
          type        = "AWS"
          identifiers = ["arn:aws:iam::111122223333:role/app"]
        }
      }
    }
  }
  fail {
    resource "aws_sqs_queue_policy" "others" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/111122223333/inbox"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect       = "Allow"
          NotPrincipal = { AWS = "arn:aws:iam::444455556666:root" }
          Action       = "sqs:SendMessage"
          Resource     = "*"
        }]
      })
    }
  }
}

policy "aws-iam-role-not-public" {
  title    = "IAM roles cannot be assumed by everyone"
  severity = "critical"
  resource = ["aws_iam_role"]
  checkov  = ["CKV_AWS_60"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "8.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Anybody with any AWS account can take the role and do all that it may."
  fix = "Name the roles, accounts or services that may assume the role."

  # Checkov fails principal * also where a condition keeps it to an organisation or to certain ARNs, and misses the bare
  # Principal = "*".
  condition = !anytrue([
    for s in iam(self.assume_role_policy) : s.effect == "Allow" && contains(s.principals, "*") && !anytrue([
      for c in s.conditions : alltrue([
        matches(lower(c.test), "^(foranyvalue:)?(string(equals|like)|arn(equals|like))$"),
        contains(["aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:userid"], lower(c.variable)),
        alltrue([for v in c.values : !matches(v, "^(\\*|o-\\*|arn:[^:]*:[^:]*:[^:]*:\\*.*)$")]),
      ])
    ])
  ])
  message = "everyone may assume the role"

  pass {
    resource "aws_iam_role" "web" {
      name = "web"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "ec2.amazonaws.com" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_role" "organisation" {
      name = "organisation"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = "sts:AssumeRole"
          Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-abcd123456" } }
        }]
      })
    }
  }
  fail {
    resource "aws_iam_role" "open" {
      name = "open"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_role" "wide" {
      name = "wide"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "sts:AssumeRole"
          Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/deploy" } }
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "trust" {
      statement {
        actions = ["sts:AssumeRole"]
        principals {
          type        = "AWS"
          identifiers = ["*"]
        }
      }
    }
    resource "aws_iam_role" "open" {
      name               = "open"
      assume_role_policy = data.aws_iam_policy_document.trust.json
    }
  }
  unknown {
    variable "trusted" {
      type = string
    }
    resource "aws_iam_role" "asked" {
      name = "asked"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = var.trusted }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
}

policy "aws-iam-role-no-account-trust" {
  title    = "IAM roles do not trust a whole account"
  severity = "medium"
  resource = ["aws_iam_role"]
  checkov  = ["CKV_AWS_61"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "The ARN of an account's root stands for every user and role there that its administrators let in, not for the root user."
  fix = "Name the role in the other account, or narrow by a condition on aws:PrincipalArn."

  condition = !anytrue([
    for s in iam(self.assume_role_policy) : s.effect == "Allow" && anytrue([
      for p in s.principals : matches(p, "^AWS:([0-9]{12}|arn:aws[a-z-]*:iam::[0-9]{12}:root)$")
    ])
  ])
  message = "the role trusts all of an account"

  pass {
    resource "aws_iam_role" "web" {
      name = "web"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "ec2.amazonaws.com" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_role" "deploy" {
      name = "deploy"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::444455556666:role/deployer" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_role" "account" {
      name = "account"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::444455556666:root" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_role" "number" {
      name = "number"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = ["arn:aws:iam::111122223333:role/app", "444455556666"] }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  unknown {
    variable "trusted" {
      type = string
    }
    resource "aws_iam_role" "asked" {
      name = "asked"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = var.trusted }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
}

policy "aws-iam-role-mfa-or-external-id" {
  title    = "IAM roles for people and other accounts ask for more than a key"
  severity = "medium"
  resource = ["aws_iam_role"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.4.2"]
    iso27001    = ["A.8.5"]
    nist_800_53 = ["IA-2(1)"]
  }
  why = "A stolen access key is enough to assume a role that trusts users or a whole account, unless MFA, an external id or the organisation is asked for."
  fix = "Add a condition on aws:MultiFactorAuthPresent for people, on sts:ExternalId for third parties, on aws:PrincipalOrgID within a company."

  condition = !anytrue([
    for s in iam(self.assume_role_policy) : s.effect == "Allow" && anytrue([
      for p in s.principals : matches(p, "^AWS:([0-9]{12}|arn:aws[a-z-]*:iam::[0-9]{12}:(root|user/.*))$")
      ]) && !anytrue([
      for c in s.conditions : contains([
        "aws:multifactorauthage", "aws:multifactorauthpresent", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceip",
        "aws:sourcevpc", "aws:sourcevpce", "sts:externalid",
      ], lower(c.variable))
    ])
  ])
  message = "users or a whole account may assume the role with a key alone"

  pass {
    resource "aws_iam_role" "web" {
      name = "web"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "ec2.amazonaws.com" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_role" "people" {
      name = "people"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:root" }
          Action    = "sts:AssumeRole"
          Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
        }]
      })
    }
  }
  pass {
    resource "aws_iam_role" "vendor" {
      name = "vendor"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::444455556666:root" }
          Action    = "sts:AssumeRole"
          Condition = { StringEquals = { "sts:ExternalId" = "customer-17" } }
        }]
      })
    }
  }
  fail {
    resource "aws_iam_role" "people" {
      name = "people"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:root" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_role" "alice" {
      name = "alice"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::111122223333:user/alice" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  unknown {
    variable "trusted" {
      type = string
    }
    resource "aws_iam_role" "asked" {
      name = "asked"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = var.trusted }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
}

policy "aws-iam-github-oidc-subject" {
  title    = "Roles for GitHub Actions name the repository"
  severity = "critical"
  resource = ["aws_iam_role"]
  data     = ["aws_iam_policy_document"]
  checkov  = ["CKV_AWS_358", "CKV_AWS_393"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.5.21"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "IA-9"]
  }
  why = "GitHub signs tokens for every repository there is. Without a condition on the subject a workflow in anybody's repository can assume the role."
  fix = "Add StringEquals or StringLike on token.actions.githubusercontent.com:sub with a value such as repo:my-org/my-repo:ref:refs/heads/main."

  # What serves as another kind of policy is no role's trust.
  when = self.type == "aws_iam_role" || length(users(self)) == 0 || anytrue([
    for u in users(self) : !matches(u.type, "(_policy|aws_kms_(replica_)?key|aws_vpc_endpoint|aws_s3_bucket|aws_sqs_queue|aws_sns_topic)$")
  ])

  # Checkov looks at the first value of the first condition on the subject; here all of them have to be narrow. A statement is
  # about GitHub if its principal or one of its conditions says so. Where that is not known before the apply, what it comes from may
  # be: the provider has the URL, and clusters issue tokens of their own.
  condition = !anytrue([
    for s in iam(self, self.assume_role_policy) : alltrue([
      s.effect == "Allow",
      covers(s, "sts:AssumeRoleWithWebIdentity"),
      anytrue([
        for p in s.principals : startswith(p, "Federated:") && (
          length(behind(p, "aws_iam_openid_connect_provider")) == 0 ? matches(p, "oidc-provider/token\\.actions\\.githubusercontent\\.com") : anytrue([
            for o in behind(p, "aws_iam_openid_connect_provider") :
            matches(o.url, "^(https://)?token\\.actions\\.githubusercontent\\.com") && !exists(behind(o.url, "aws_eks_cluster"))
          ])
        )
        ]) || anytrue([
        for c in s.conditions : matches(lower(c.variable), "^token\\.actions\\.githubusercontent\\.com(/[a-z0-9_-]+)?:") && !exists(behind(c.variable, "aws_eks_cluster"))
        ]) && !anytrue([
        for p in s.principals : exists(behind(behind(p, "aws_iam_openid_connect_provider")[*].url, "aws_eks_cluster"))
      ]),
      !anytrue([
        for c in s.conditions : alltrue([
          matches(lower(c.variable), "^token\\.actions\\.githubusercontent\\.com(/[a-z0-9_-]+)?:sub$"),
          matches(lower(c.test), "^(foranyvalue:)?string(equals|like|equalsignorecase)$"),
          alltrue([
            for v in c.values : alltrue([
              matches(v, "^[^:*]+:[^:]+"),
              !matches(v, "^[^:]+:\\*(:|$)"),
              !matches(v, "^(workflow|environment|ref|context|head_ref|base_ref)"),
              !matches(v, "^repo:") || matches(v, "^repo:[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*(@[0-9]+)?/[^/]+"),
            ])
          ]),
        ])
      ]),
    ])
  ])
  message   = "workflows of any repository may assume the role"
  attribute = "assume_role_policy"

  # Subjects that name owner and repository by their numbers too, which stay when names change hands.
  pass {
    data "aws_iam_policy_document" "numbered" {
      statement {
        actions = ["sts:AssumeRoleWithWebIdentity"]

        principals {
          type        = "Federated"
          identifiers = ["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"]
        }

        condition {
          test     = "StringEquals"
          variable = "token.actions.githubusercontent.com:sub"
          values   = ["repo:octocat@123456/my-repo@456789:ref:refs/heads/main"]
        }
      }
    }
    resource "aws_iam_role" "numbered" {
      assume_role_policy = data.aws_iam_policy_document.numbered.json
    }
  }
  # The cluster's own provider, of which nothing is known before the apply.
  pass {
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/main"
      vpc_config {
        subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
      }
    }
    resource "aws_iam_openid_connect_provider" "main" {
      url            = aws_eks_cluster.main.identity[0].oidc[0].issuer
      client_id_list = ["sts.amazonaws.com"]
    }
    data "aws_iam_policy_document" "pod" {
      statement {
        actions = ["sts:AssumeRoleWithWebIdentity"]
        principals {
          type        = "Federated"
          identifiers = [aws_iam_openid_connect_provider.main.arn]
        }
        condition {
          test     = "StringEquals"
          variable = "${replace(aws_iam_openid_connect_provider.main.url, "https://", "")}:sub"
          values   = ["system:serviceaccount:kube-system:cni"]
        }
      }
    }
    resource "aws_iam_role" "pod" {
      assume_role_policy = data.aws_iam_policy_document.pod.json
    }
  }
  # Not about federation at all, whoever the principal will be; and a bucket's policy, whatever will be in it.
  pass {
    variable "key" {
      type = string
    }
    resource "aws_iam_role" "caller" {
      assume_role_policy = "{}"
    }
    data "aws_iam_policy_document" "assume" {
      statement {
        actions = ["sts:AssumeRole"]
        principals {
          type        = "AWS"
          identifiers = [aws_iam_role.caller.arn]
        }
      }
    }
    data "aws_iam_policy_document" "bucket" {
      dynamic "statement" {
        for_each = var.key == "" ? [] : [var.key]
        content {
          actions   = ["s3:GetObject"]
          resources = ["*"]
          principals {
            type        = "AWS"
            identifiers = [aws_iam_role.caller.arn]
          }
        }
      }
    }
    resource "aws_s3_bucket_policy" "data" {
      bucket = "example-data"
      policy = data.aws_iam_policy_document.bucket.json
    }
  }
  pass {
    resource "aws_iam_role" "web" {
      name = "web"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "ec2.amazonaws.com" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_role" "deploy" {
      name = "deploy"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
          Action    = "sts:AssumeRoleWithWebIdentity"
          Condition = {
            StringEquals = {
              "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
              "token.actions.githubusercontent.com:sub" = "repo:example-org/app:ref:refs/heads/main"
            }
          }
        }]
      })
    }
  }
  pass {
    data "aws_iam_policy_document" "deploy" {
      statement {
        actions = ["sts:AssumeRoleWithWebIdentity"]
        principals {
          type        = "Federated"
          identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
        }
        condition {
          test     = "StringLike"
          variable = "token.actions.githubusercontent.com:sub"
          values   = ["repo:example-org/*"]
        }
      }
    }
  }
  fail {
    resource "aws_iam_role" "audience" {
      name = "audience"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
          Action    = "sts:AssumeRoleWithWebIdentity"
          Condition = { StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" } }
        }]
      })
    }
  }
  fail {
    resource "aws_iam_role" "wide" {
      name = "wide"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
          Action    = "sts:AssumeRoleWithWebIdentity"
          Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = ["repo:example-org/app:*", "repo:*"] } }
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "workflow" {
      statement {
        actions = ["sts:AssumeRoleWithWebIdentity"]
        principals {
          type        = "Federated"
          identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
        }
        condition {
          test     = "StringEquals"
          variable = "token.actions.githubusercontent.com:sub"
          values   = ["workflow:deploy"]
        }
      }
    }
  }
  fail {
    # The provider is made in the same apply, so that its ARN is not known yet.
    resource "aws_iam_openid_connect_provider" "github" {
      url            = "https://token.actions.githubusercontent.com"
      client_id_list = ["sts.amazonaws.com"]
    }
    data "aws_iam_policy_document" "deploy" {
      statement {
        actions = ["sts:AssumeRoleWithWebIdentity"]
        principals {
          type        = "Federated"
          identifiers = [aws_iam_openid_connect_provider.github.arn]
        }
        condition {
          test     = "StringEquals"
          variable = "token.actions.githubusercontent.com:aud"
          values   = ["sts.amazonaws.com"]
        }
      }
    }
  }
  fail {
    # No condition at all, and a provider that is made in the same apply.
    resource "aws_iam_openid_connect_provider" "github" {
      url            = "https://token.actions.githubusercontent.com"
      client_id_list = ["sts.amazonaws.com"]
    }
    resource "aws_iam_role" "deploy" {
      name = "deploy"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
          Action    = "sts:AssumeRoleWithWebIdentity"
        }]
      })
    }
  }
  fail {
    # It serves a bucket as well.
    data "aws_iam_policy_document" "shared" {
      statement {
        actions = ["sts:*"]
        principals {
          type        = "Federated"
          identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
        }
      }
    }
    resource "aws_s3_bucket_policy" "data" {
      bucket = "example-data"
      policy = data.aws_iam_policy_document.shared.json
    }
    resource "aws_iam_role" "deploy" {
      assume_role_policy = data.aws_iam_policy_document.shared.json
    }
  }
  unknown {
    # Whose provider it is depends on an answer.
    variable "url" {
      type = string
    }
    resource "aws_iam_openid_connect_provider" "asked" {
      url            = var.url
      client_id_list = ["sts.amazonaws.com"]
    }
    data "aws_iam_policy_document" "asked" {
      statement {
        actions = ["sts:AssumeRoleWithWebIdentity"]
        principals {
          type        = "Federated"
          identifiers = [aws_iam_openid_connect_provider.asked.arn]
        }
      }
    }
  }
  unknown {
    variable "subject" {
      type = string
    }
    data "aws_iam_policy_document" "asked" {
      statement {
        actions = ["sts:AssumeRoleWithWebIdentity"]
        principals {
          type        = "Federated"
          identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
        }
        condition {
          test     = "StringLike"
          variable = "token.actions.githubusercontent.com:sub"
          values   = [var.subject]
        }
      }
    }
  }
}

policy "aws-iam-federation-narrowed" {
  title    = "Roles for federated identities say whose"
  severity = "high"
  resource = ["aws_iam_role"]
  data     = ["aws_iam_policy_document"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6", "IA-8"]
  }
  why = "A provider vouches for all its users: every pod of a cluster, every customer of an identity pool. Only a condition says which of them may have the role."
  fix = "Add a condition on the provider's :sub (or :aud for Cognito and Google); for SAML on SAML:aud."

  condition = !anytrue([
    for s in iam(self, self.assume_role_policy) : alltrue([
      s.effect == "Allow",
      anytrue([for a in s.actions : contains(["sts:assumerolewithwebidentity", "sts:assumerolewithsaml"], lower(a))]),
      anytrue([for p in s.principals : startswith(p, "Federated:")]),
      !anytrue([
        for c in s.conditions :
        matches(lower(c.variable), "^saml:|:sub$|^cognito-identity\\.amazonaws\\.com:(aud|amr)$|^accounts\\.google\\.com:(aud|oaud)$|:app_id$") && !contains(c.values, "*")
      ]),
    ])
  ])
  message   = "every identity of the provider may assume the role"
  attribute = "assume_role_policy"

  pass {
    resource "aws_iam_role" "web" {
      name = "web"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "ec2.amazonaws.com" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  pass {
    resource "aws_iam_role" "pods" {
      name = "pods"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE" }
          Action    = "sts:AssumeRoleWithWebIdentity"
          Condition = { StringEquals = { "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:sub" = "system:serviceaccount:web:app" } }
        }]
      })
    }
  }
  pass {
    resource "aws_iam_role" "saml" {
      name = "saml"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Federated = "arn:aws:iam::111122223333:saml-provider/staff" }
          Action    = "sts:AssumeRoleWithSAML"
          Condition = { StringEquals = { "SAML:aud" = "https://signin.aws.amazon.com/saml" } }
        }]
      })
    }
  }
  fail {
    resource "aws_iam_role" "pods" {
      name = "pods"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE" }
          Action    = "sts:AssumeRoleWithWebIdentity"
          Condition = { StringEquals = { "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:aud" = "sts.amazonaws.com" } }
        }]
      })
    }
  }
  fail {
    data "aws_iam_policy_document" "saml" {
      statement {
        actions = ["sts:AssumeRoleWithSAML"]
        principals {
          type        = "Federated"
          identifiers = ["arn:aws:iam::111122223333:saml-provider/staff"]
        }
      }
    }
  }
}

policy "aws-iam-no-administrator-access" {
  title    = "AdministratorAccess is not attached"
  severity = "high"
  resource = [
    "aws_iam_role", "aws_iam_policy_attachment", "aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive", "aws_iam_user_policy_attachments_exclusive", "aws_iam_group_policy_attachments_exclusive",
    "aws_ssoadmin_managed_policy_attachment",
  ]
  data    = ["aws_iam_policy"]
  checkov = ["CKV_AWS_274", "CKV_AWS_275"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
    cis_aws     = ["1.16"]
  }
  why = "The managed policy allows everything. What holds it, and whoever takes it over, owns the account."
  fix = "Attach policies that fit the task. Keep administrator rights to one role that people assume with MFA."

  # A policy of the configuration itself has an ARN that is not known yet, but is none of AWS's.
  condition = (self.policy_arn != null && exists(linked(self, "aws_iam_policy"))) || !anytrue([
    for arn in concat([self.policy_arn, self.managed_policy_arn, self.arn], [for a in self.managed_policy_arns : a], [for a in self.policy_arns : a]) :
    matches(arn, "^arn:aws[a-z-]*:iam::aws:policy/AdministratorAccess$")
  ]) && !(self.type == "aws_iam_policy" && self.name == "AdministratorAccess")
  message   = "AdministratorAccess is attached"
  attribute = "policy_arn"

  pass {
    resource "aws_iam_role_policy_attachment" "reader" {
      role       = "reader"
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
  }
  pass {
    resource "aws_iam_policy" "own" {
      name   = "own"
      policy = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    }
    resource "aws_iam_group_policy_attachment" "own" {
      group      = "developers"
      policy_arn = aws_iam_policy.own.arn
    }
  }
  fail {
    resource "aws_iam_role_policy_attachment" "strong" {
      role       = "strong"
      policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    }
  }
  fail {
    resource "aws_iam_role" "strong" {
      name                = "strong"
      managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AdministratorAccess"]
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "ec2.amazonaws.com" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "own" {
      name   = "own"
      policy = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    }
    resource "aws_iam_role_policy_attachments_exclusive" "both" {
      role_name   = "strong"
      policy_arns = [aws_iam_policy.own.arn, "arn:aws:iam::aws:policy/AdministratorAccess"]
    }
  }
  fail {
    resource "aws_ssoadmin_managed_policy_attachment" "strong" {
      instance_arn       = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
      permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
      managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    }
  }
  fail {
    data "aws_iam_policy" "strong" {
      name = "AdministratorAccess"
    }
  }
  unknown {
    variable "policy_arn" {
      type = string
    }
    resource "aws_iam_user_policy_attachment" "asked" {
      user       = "asked"
      policy_arn = var.policy_arn
    }
  }
}

policy "aws-iam-no-iam-full-access" {
  title    = "IAMFullAccess is not attached"
  severity = "high"
  resource = [
    "aws_iam_role", "aws_iam_policy_attachment", "aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive", "aws_iam_user_policy_attachments_exclusive", "aws_iam_group_policy_attachments_exclusive",
    "aws_ssoadmin_managed_policy_attachment",
  ]
  data    = ["aws_iam_policy"]
  checkov = ["CKV2_AWS_56"]
  frameworks = {
    soc2        = ["CC6.1", "CC6.3"]
    pci_dss     = ["7.2.1", "7.2.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.2"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "All rights in IAM are all rights in the account: the holder attaches the rest to themselves."
  fix = "Attach a policy with the IAM actions that are needed, and a permissions boundary."

  # A policy of the configuration itself has an ARN that is not known yet, but is none of AWS's.
  condition = (self.policy_arn != null && exists(linked(self, "aws_iam_policy"))) || !anytrue([
    for arn in concat([self.policy_arn, self.managed_policy_arn, self.arn], [for a in self.managed_policy_arns : a], [for a in self.policy_arns : a]) :
    matches(arn, "IAMFullAccess")
  ]) && !(self.type == "aws_iam_policy" && self.name == "IAMFullAccess")
  message   = "IAMFullAccess is attached"
  attribute = "policy_arn"

  pass {
    resource "aws_iam_role_policy_attachment" "reader" {
      role       = "reader"
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
  }
  pass {
    resource "aws_iam_policy" "own" {
      name   = "own"
      policy = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    }
    resource "aws_iam_group_policy_attachment" "own" {
      group      = "developers"
      policy_arn = aws_iam_policy.own.arn
    }
  }
  fail {
    resource "aws_iam_role_policy_attachment" "strong" {
      role       = "strong"
      policy_arn = "arn:aws:iam::aws:policy/IAMFullAccess"
    }
  }
  fail {
    resource "aws_iam_role" "strong" {
      name                = "strong"
      managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/IAMFullAccess"]
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "ec2.amazonaws.com" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "own" {
      name   = "own"
      policy = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    }
    resource "aws_iam_role_policy_attachments_exclusive" "both" {
      role_name   = "strong"
      policy_arns = [aws_iam_policy.own.arn, "arn:aws:iam::aws:policy/IAMFullAccess"]
    }
  }
  fail {
    resource "aws_ssoadmin_managed_policy_attachment" "strong" {
      instance_arn       = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
      permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
      managed_policy_arn = "arn:aws:iam::aws:policy/IAMFullAccess"
    }
  }
  fail {
    data "aws_iam_policy" "strong" {
      name = "IAMFullAccess"
    }
  }
  unknown {
    variable "policy_arn" {
      type = string
    }
    resource "aws_iam_user_policy_attachment" "asked" {
      user       = "asked"
      policy_arn = var.policy_arn
    }
  }
}

policy "aws-iam-no-cloudshell-full-access" {
  title    = "AWSCloudShellFullAccess is not attached"
  severity = "low"
  resource = [
    "aws_iam_role", "aws_iam_policy_attachment", "aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive", "aws_iam_user_policy_attachments_exclusive", "aws_iam_group_policy_attachments_exclusive",
    "aws_ssoadmin_managed_policy_attachment",
  ]
  data = ["aws_iam_policy"]
  frameworks = {
    cis_aws     = ["1.22"]
    nist_800_53 = ["AC-6"]
  }
  why = "Full CloudShell access includes uploads and downloads: a way to carry data out past every proxy."
  fix = "Attach a policy that denies cloudshell:GetFileUploadUrls and cloudshell:GetFileDownloadUrls."

  # A policy of the configuration itself has an ARN that is not known yet, but is none of AWS's.
  condition = (self.policy_arn != null && exists(linked(self, "aws_iam_policy"))) || !anytrue([
    for arn in concat([self.policy_arn, self.managed_policy_arn, self.arn], [for a in self.managed_policy_arns : a], [for a in self.policy_arns : a]) :
    matches(arn, "/AWSCloudShellFullAccess$")
  ]) && !(self.type == "aws_iam_policy" && self.name == "AWSCloudShellFullAccess")
  message   = "AWSCloudShellFullAccess is attached"
  attribute = "policy_arn"

  pass {
    resource "aws_iam_role_policy_attachment" "reader" {
      role       = "reader"
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
  }
  pass {
    resource "aws_iam_policy" "own" {
      name   = "own"
      policy = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    }
    resource "aws_iam_group_policy_attachment" "own" {
      group      = "developers"
      policy_arn = aws_iam_policy.own.arn
    }
  }
  fail {
    resource "aws_iam_role_policy_attachment" "strong" {
      role       = "strong"
      policy_arn = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"
    }
  }
  fail {
    resource "aws_iam_role" "strong" {
      name                = "strong"
      managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"]
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Service = "ec2.amazonaws.com" }
          Action    = "sts:AssumeRole"
        }]
      })
    }
  }
  fail {
    resource "aws_iam_policy" "own" {
      name   = "own"
      policy = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    }
    resource "aws_iam_role_policy_attachments_exclusive" "both" {
      role_name   = "strong"
      policy_arns = [aws_iam_policy.own.arn, "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"]
    }
  }
  fail {
    resource "aws_ssoadmin_managed_policy_attachment" "strong" {
      instance_arn       = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
      permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
      managed_policy_arn = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"
    }
  }
  fail {
    data "aws_iam_policy" "strong" {
      name = "AWSCloudShellFullAccess"
    }
  }
  unknown {
    variable "policy_arn" {
      type = string
    }
    resource "aws_iam_user_policy_attachment" "asked" {
      user       = "asked"
      policy_arn = var.policy_arn
    }
  }
}

policy "aws-iam-no-user-policies" {
  title    = "IAM policies are attached to groups and roles, not to users"
  severity = "low"
  resource = ["aws_iam_user_policy", "aws_iam_user_policy_attachment", "aws_iam_policy_attachment"]
  checkov  = ["CKV_AWS_40"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.2"]
    iso27001    = ["A.5.18"]
    cis_aws     = ["1.15"]
    nist_800_53 = ["AC-2", "AC-6"]
  }
  why = "Rights that hang on single users are forgotten when people change teams, and nobody sees who has what."
  fix = "Attach the policy to a group or role and put the user into it."

  condition = self.type == "aws_iam_policy_attachment" && length(self.users) == 0
  message   = "the policy is attached to a user"

  pass {
    resource "aws_iam_policy_attachment" "groups" {
      name       = "groups"
      groups     = ["developers"]
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
  }
  fail {
    resource "aws_iam_user_policy_attachment" "alice" {
      user       = "alice"
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
  }
  fail {
    resource "aws_iam_user" "alice" {
      name = "alice"
    }
    resource "aws_iam_policy_attachment" "alice" {
      name       = "alice"
      users      = [aws_iam_user.alice.name]
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
  }
  unknown {
    variable "users" {
      type = list(string)
    }
    resource "aws_iam_policy_attachment" "asked" {
      name       = "asked"
      users      = var.users
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
  }
}

policy "aws-iam-no-users" {
  title    = "People and programs use roles, not IAM users"
  severity = "low"
  resource = ["aws_iam_user", "aws_iam_role"]
  checkov  = ["CKV_AWS_273"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.2.1"]
    iso27001    = ["A.5.16"]
    cis_aws     = ["1.21"]
    nist_800_53 = ["AC-2", "IA-2"]
  }
  why = "IAM users live outside the company's directory: nobody locks them when somebody leaves, and their keys do not expire."
  fix = "Use IAM Identity Center for people, and roles for programs (OIDC for CI). Waive the few users that must stay."

  condition = self.type != "aws_iam_user"
  message   = "an IAM user"
  attribute = "name"

  pass {
    resource "aws_iam_role" "app" {
      name               = "app"
      assume_role_policy = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"Service\": \"ec2.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\"}]}"
    }
  }
  fail {
    resource "aws_iam_user" "alice" {
      name = "alice"
    }
  }
}

policy "aws-iam-user-no-console" {
  title    = "IAM users have no console password"
  severity = "low"
  resource = ["aws_iam_user"]
  checkov  = ["CKV2_AWS_22"]
  frameworks = {
    soc2        = ["CC6.1"]
    iso27001    = ["A.5.16"]
    cis_aws     = ["1.21"]
    nist_800_53 = ["AC-2", "IA-2"]
  }
  why = "A user with a password is one more login that the company's directory and its MFA do not cover."
  fix = "Remove the aws_iam_user_login_profile; let people in through IAM Identity Center or SAML."

  condition = !exists(linked(self, "aws_iam_user_login_profile"))
  message   = "the user has a login profile"
  attribute = "name"

  pass {
    resource "aws_iam_user" "sender" {
      name = "sender"
    }
  }
  fail {
    resource "aws_iam_user" "alice" {
      name = "alice"
    }
    resource "aws_iam_user_login_profile" "alice" {
      user = aws_iam_user.alice.name
    }
  }
  unknown {
    variable "user" {
      type = string
    }
    resource "aws_iam_user" "alice" {
      name = "alice"
    }
    resource "aws_iam_user_login_profile" "asked" {
      user = var.user
    }
  }
}

policy "aws-iam-user-in-group" {
  title    = "IAM users belong to a group"
  severity = "low"
  resource = ["aws_iam_user"]
  frameworks = {
    soc2        = ["CC6.3"]
    iso27001    = ["A.5.18"]
    cis_aws     = ["1.15"]
    nist_800_53 = ["AC-2"]
  }
  why = "Users outside groups collect rights of their own, which nobody reviews together."
  fix = "Add an aws_iam_user_group_membership, or name the user in an aws_iam_group_membership."

  condition = exists(linked(self, "aws_iam_user_group_membership", "aws_iam_group_membership"))
  message   = "the user is in no group"
  attribute = "name"

  pass {
    resource "aws_iam_user" "alice" {
      name = "alice"
    }
    resource "aws_iam_user_group_membership" "alice" {
      user   = aws_iam_user.alice.name
      groups = ["developers"]
    }
  }
  pass {
    resource "aws_iam_user" "bob" {
      name = "bob"
    }
    resource "aws_iam_group_membership" "developers" {
      name  = "developers"
      group = "developers"
      users = [aws_iam_user.bob.name]
    }
  }
  fail {
    resource "aws_iam_user" "lonely" {
      name = "lonely"
    }
  }
}

policy "aws-iam-group-has-users" {
  title    = "IAM group memberships name somebody"
  severity = "info"
  resource = ["aws_iam_group_membership"]
  checkov  = ["CKV2_AWS_14", "CKV2_AWS_21"]
  frameworks = {
    soc2        = ["CC6.3"]
    iso27001    = ["A.5.18"]
    nist_800_53 = ["AC-2"]
  }
  why = "A membership without users is left over, or its users are managed by hand where nobody sees it."
  fix = "Name the users, or remove the membership and the group."

  # Checkov wants the users and the group to be resources of the same configuration. Users who live elsewhere are users too.
  condition = length(self.users) > 0 && self.group != ""

  pass {
    resource "aws_iam_user" "alice" {
      name = "alice"
    }
    resource "aws_iam_group" "developers" {
      name = "developers"
    }
    resource "aws_iam_group_membership" "developers" {
      name  = "developers"
      group = aws_iam_group.developers.name
      users = [aws_iam_user.alice.name]
    }
  }
  fail {
    resource "aws_iam_group_membership" "empty" {
      name  = "empty"
      group = "developers"
      users = []
    }
  }
  unknown {
    variable "users" {
      type = list(string)
    }
    resource "aws_iam_group_membership" "asked" {
      name  = "asked"
      group = "developers"
      users = var.users
    }
  }
}

policy "aws-iam-no-root-access-key" {
  title    = "The root user has no access key"
  severity = "critical"
  resource = ["aws_iam_access_key"]
  checkov  = ["CKV_AWS_348"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.2.2"]
    iso27001    = ["A.8.2"]
    cis_aws     = ["1.4"]
    nist_800_53 = ["AC-2", "AC-6", "IA-2"]
  }
  why = "No policy limits the root user. A leaked key of it cannot be contained."
  fix = "Remove the key; use a role."

  condition = self.user != "root"

  pass {
    resource "aws_iam_access_key" "sender" {
      user = "sender"
    }
  }
  fail {
    resource "aws_iam_access_key" "root" {
      user = "root"
    }
  }
  unknown {
    variable "user" {
      type = string
    }
    resource "aws_iam_access_key" "asked" {
      user = var.user
    }
  }
}

policy "aws-iam-key-not-in-state" {
  title    = "Access keys and passwords of IAM users do not lie readable in the state"
  severity = "medium"
  resource = ["aws_iam_access_key", "aws_iam_user_login_profile"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.3.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.312(d)"]
    nist_800_53 = ["IA-5", "IA-5(7)"]
  }
  why = "Without a PGP key the secret stands in plain text in the state, where everyone who may plan can read it."
  fix = "Set pgp_key to the recipient's public key, or better use a role."

  condition = self.pgp_key != null && self.pgp_key != ""

  pass {
    resource "aws_iam_access_key" "sender" {
      user    = "sender"
      pgp_key = "keybase:example"
    }
    resource "aws_iam_user_login_profile" "alice" {
      user    = "alice"
      pgp_key = "keybase:example"
    }
  }
  fail {
    resource "aws_iam_access_key" "sender" {
      user = "sender"
    }
  }
  fail {
    resource "aws_iam_user_login_profile" "alice" {
      user = "alice"
    }
  }
  unknown {
    variable "pgp_key" {
      type = string
    }
    resource "aws_iam_access_key" "asked" {
      user    = "asked"
      pgp_key = var.pgp_key
    }
  }
}

policy "aws-iam-no-policy-attachment-for-all" {
  title    = "Policies are attached one by one"
  severity = "low"
  resource = ["aws_iam_policy_attachment", "aws_iam_group_policy_attachment", "aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"]
  frameworks = {
    soc2        = ["CC8.1"]
    nist_800_53 = ["CM-3"]
  }
  why = "An aws_iam_policy_attachment owns all attachments of its policy in the account and takes away those that others have made."
  fix = "Use aws_iam_role_policy_attachment, aws_iam_group_policy_attachment or aws_iam_user_policy_attachment."

  condition = self.type != "aws_iam_policy_attachment"
  message   = "it owns every attachment of the policy"
  attribute = "policy_arn"

  pass {
    resource "aws_iam_role_policy_attachment" "reader" {
      role       = "reader"
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
  }
  fail {
    resource "aws_iam_policy_attachment" "reader" {
      name       = "reader"
      roles      = ["reader"]
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
  }
}

policy "aws-iam-password-length" {
  title    = "IAM passwords have at least 14 characters"
  severity = "medium"
  resource = ["aws_iam_account_password_policy"]
  checkov  = ["CKV_AWS_10"]
  frameworks = {
    soc2        = ["CC6.1"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.308(a)(5)(ii)(D)"]
    nist_800_53 = ["IA-5(1)"]
    cis_aws     = ["1.8"]
    pci_dss     = ["8.3.6"]
  }
  why = "Length is what makes a password hard to guess; without a policy AWS asks for eight characters, and this resource for six."
  fix = "Set minimum_password_length = 14 or more."

  condition = self.minimum_password_length >= 14

  pass {
    resource "aws_iam_account_password_policy" "strict" {
      minimum_password_length = 14
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "lax" {
      minimum_password_length = 8
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "unset" {
      allow_users_to_change_password = true
    }
  }
  unknown {
    variable "answer" {
      type = number
    }
    resource "aws_iam_account_password_policy" "asked" {
      minimum_password_length = var.answer
    }
  }
}

policy "aws-iam-password-reuse" {
  title    = "The last 24 IAM passwords cannot be used again"
  severity = "low"
  resource = ["aws_iam_account_password_policy"]
  checkov  = ["CKV_AWS_13"]
  frameworks = {
    soc2        = ["CC6.1"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.308(a)(5)(ii)(D)"]
    nist_800_53 = ["IA-5(1)"]
    cis_aws     = ["1.9"]
    pci_dss     = ["8.3.7"]
  }
  why = "A changed password protects only as long as people cannot go back to the old one."
  fix = "Set password_reuse_prevention = 24."

  # Checkov passes 0, which remembers none.
  condition = self.password_reuse_prevention >= 24

  pass {
    resource "aws_iam_account_password_policy" "strict" {
      password_reuse_prevention = 24
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "lax" {
      password_reuse_prevention = 5
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "unset" {
      allow_users_to_change_password = true
    }
  }
  unknown {
    variable "answer" {
      type = number
    }
    resource "aws_iam_account_password_policy" "asked" {
      password_reuse_prevention = var.answer
    }
  }
}

policy "aws-iam-password-age" {
  title    = "IAM passwords expire within 90 days"
  severity = "low"
  resource = ["aws_iam_account_password_policy"]
  checkov  = ["CKV_AWS_9"]
  frameworks = {
    soc2        = ["CC6.1"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.308(a)(5)(ii)(D)"]
    nist_800_53 = ["IA-5(1)"]
    pci_dss     = ["8.3.9"]
  }
  why = "A password that somebody has found out works until it is changed. Where MFA is enforced, NIST and CIS no longer ask for this."
  fix = "Set max_password_age to 90 or less."

  condition = self.max_password_age > 0 && self.max_password_age <= 90

  pass {
    resource "aws_iam_account_password_policy" "strict" {
      max_password_age = 90
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "lax" {
      max_password_age = 365
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "unset" {
      allow_users_to_change_password = true
    }
  }
  unknown {
    variable "answer" {
      type = number
    }
    resource "aws_iam_account_password_policy" "asked" {
      max_password_age = var.answer
    }
  }
}

policy "aws-iam-password-lowercase" {
  title    = "IAM passwords contain a lower-case letter"
  severity = "low"
  resource = ["aws_iam_account_password_policy"]
  checkov  = ["CKV_AWS_11"]
  frameworks = {
    soc2        = ["CC6.1"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.308(a)(5)(ii)(D)"]
    nist_800_53 = ["IA-5(1)"]
    pci_dss     = ["8.3.6"]
  }
  why = "Passwords of one kind of character are found sooner. Length matters more, but audits ask for both."
  fix = "Set require_lowercase_characters = true."

  condition = self.require_lowercase_characters == true

  pass {
    resource "aws_iam_account_password_policy" "strict" {
      require_lowercase_characters = true
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "lax" {
      require_lowercase_characters = false
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "unset" {
      allow_users_to_change_password = true
    }
  }
  unknown {
    variable "answer" {
      type = bool
    }
    resource "aws_iam_account_password_policy" "asked" {
      require_lowercase_characters = var.answer
    }
  }
}

policy "aws-iam-password-number" {
  title    = "IAM passwords contain a digit"
  severity = "low"
  resource = ["aws_iam_account_password_policy"]
  checkov  = ["CKV_AWS_12"]
  frameworks = {
    soc2        = ["CC6.1"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.308(a)(5)(ii)(D)"]
    nist_800_53 = ["IA-5(1)"]
    pci_dss     = ["8.3.6"]
  }
  why = "Passwords of one kind of character are found sooner. Length matters more, but audits ask for both."
  fix = "Set require_numbers = true."

  condition = self.require_numbers == true

  pass {
    resource "aws_iam_account_password_policy" "strict" {
      require_numbers = true
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "lax" {
      require_numbers = false
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "unset" {
      allow_users_to_change_password = true
    }
  }
  unknown {
    variable "answer" {
      type = bool
    }
    resource "aws_iam_account_password_policy" "asked" {
      require_numbers = var.answer
    }
  }
}

policy "aws-iam-password-symbol" {
  title    = "IAM passwords contain a symbol"
  severity = "low"
  resource = ["aws_iam_account_password_policy"]
  checkov  = ["CKV_AWS_14"]
  frameworks = {
    soc2        = ["CC6.1"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.308(a)(5)(ii)(D)"]
    nist_800_53 = ["IA-5(1)"]
  }
  why = "Passwords of one kind of character are found sooner. Length matters more, but audits ask for both."
  fix = "Set require_symbols = true."

  condition = self.require_symbols == true

  pass {
    resource "aws_iam_account_password_policy" "strict" {
      require_symbols = true
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "lax" {
      require_symbols = false
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "unset" {
      allow_users_to_change_password = true
    }
  }
  unknown {
    variable "answer" {
      type = bool
    }
    resource "aws_iam_account_password_policy" "asked" {
      require_symbols = var.answer
    }
  }
}

policy "aws-iam-password-uppercase" {
  title    = "IAM passwords contain an upper-case letter"
  severity = "low"
  resource = ["aws_iam_account_password_policy"]
  checkov  = ["CKV_AWS_15"]
  frameworks = {
    soc2        = ["CC6.1"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.308(a)(5)(ii)(D)"]
    nist_800_53 = ["IA-5(1)"]
    pci_dss     = ["8.3.6"]
  }
  why = "Passwords of one kind of character are found sooner. Length matters more, but audits ask for both."
  fix = "Set require_uppercase_characters = true."

  condition = self.require_uppercase_characters == true

  pass {
    resource "aws_iam_account_password_policy" "strict" {
      require_uppercase_characters = true
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "lax" {
      require_uppercase_characters = false
    }
  }
  fail {
    resource "aws_iam_account_password_policy" "unset" {
      allow_users_to_change_password = true
    }
  }
  unknown {
    variable "answer" {
      type = bool
    }
    resource "aws_iam_account_password_policy" "asked" {
      require_uppercase_characters = var.answer
    }
  }
}

policy "aws-iam-login-profile-reset" {
  title    = "New console users change their first password"
  severity = "low"
  resource = ["aws_iam_user_login_profile"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.3.5"]
    iso27001    = ["A.5.17"]
    nist_800_53 = ["IA-5(1)"]
  }
  why = "The first password is known to Terraform's state and to whoever handed it over."
  fix = "Set password_reset_required = true."

  condition = self.password_reset_required == true

  pass {
    resource "aws_iam_user_login_profile" "alice" {
      user                    = "alice"
      password_reset_required = true
    }
  }
  fail {
    resource "aws_iam_user_login_profile" "alice" {
      user                    = "alice"
      password_reset_required = false
    }
  }
  unknown {
    variable "reset" {
      type = bool
    }
    resource "aws_iam_user_login_profile" "asked" {
      user                    = "asked"
      password_reset_required = var.reset
    }
  }
}
