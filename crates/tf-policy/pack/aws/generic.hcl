# What belongs to no single service: secrets in code, provider settings, modules from elsewhere. Secrets in user data and in
# container definitions are with EC2 and ECS.

policy "aws-provider-no-keys" {
  title    = "The AWS provider has no access keys in its configuration"
  severity = "critical"
  provider = ["aws"]
  checkov  = ["CKV_AWS_41"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.6.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.17", "A.8.4"]
    cis_aws     = ["1.14"]
    hipaa       = ["164.312(d)"]
    nist_800_53 = ["IA-5(7)"]
  }
  why = "Whoever reads the repository, or any copy of it, has the rights of the deployment: usually all of them."
  fix = "Remove access_key and secret_key and revoke that key. Use OIDC in CI, and profiles or IAM Identity Center elsewhere."

  condition = !matches(self.access_key, "^[A-Z0-9]{20}$") && !matches(self.secret_key, "^[A-Za-z0-9/+=]{40}$")
  message   = "an access key is written in the provider's configuration"

  pass {
    provider "aws" {
      region = "eu-central-1"
    }
    provider "aws" {
      alias      = "emulated"
      region     = "eu-central-1"
      access_key = "test"
      secret_key = "test"
    }
  }
  fail {
    provider "aws" {
      region     = "eu-central-1"
      access_key = "AKIAIOSFODNN7EXAMPLE"
      secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    }
  }
  fail {
    # A default is written down as well.
    variable "secret" {
      type    = string
      default = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    }
    provider "aws" {
      alias      = "second"
      secret_key = var.secret
    }
  }
  unknown {
    variable "secret" {
      type = string
    }
    provider "aws" {
      access_key = "test"
      secret_key = var.secret
    }
  }
}

policy "aws-provider-tls" {
  title    = "The AWS provider talks TLS and checks certificates"
  severity = "high"
  provider = ["aws"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    iso27001    = ["A.8.24"]
    nist_800_53 = ["SC-8", "SC-8(1)"]
  }
  why = "Everything that is deployed, secrets included, passes through this connection."
  fix = "Remove insecure = true, and use https:// endpoints. An emulator on this machine is left alone."

  condition = self.insecure != true && !anytrue([
    for e in self.endpoints : anytrue([
      for service, url in e : matches(url, "^http://") && !matches(url, "^http://(localhost|127\\.|\\[::1\\]|host\\.docker\\.internal|localstack|moto)")
    ])
  ])

  pass {
    provider "aws" {
      region = "eu-central-1"
    }
    provider "aws" {
      alias = "emulated"
      endpoints {
        s3  = "http://localhost:5000"
        sqs = "http://localhost:5000"
      }
    }
    provider "aws" {
      alias = "private"
      endpoints {
        s3 = "https://bucket.vpce-0123456789abcdef0-example.s3.eu-central-1.vpce.amazonaws.com"
      }
    }
  }
  fail {
    provider "aws" {
      region   = "eu-central-1"
      insecure = true
    }
  }
  fail {
    provider "aws" {
      endpoints {
        sts = "http://gateway.example.net"
      }
    }
  }
  unknown {
    variable "insecure" {
      type = bool
    }
    provider "aws" {
      insecure = var.insecure
    }
  }
}

policy "aws-provider-account" {
  title    = "The AWS provider is bound to an account"
  severity = "info"
  provider = ["aws"]
  frameworks = {
    soc2        = ["CC8.1"]
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-3"]
  }
  why = "With the wrong profile in the shell, an apply changes the wrong account. The provider can refuse."
  fix = "Set allowed_account_ids."

  # A role's ARN names the account as well.
  condition = length(self.allowed_account_ids) > 0 || matches(self.assume_role.role_arn, "^arn:aws[a-z-]*:iam::[0-9]{12}:role/")
  attribute = "allowed_account_ids"

  pass {
    provider "aws" {
      region              = "eu-central-1"
      allowed_account_ids = ["111122223333"]
    }
    provider "aws" {
      alias = "shared"
      assume_role {
        role_arn = "arn:aws:iam::444455556666:role/deploy"
      }
    }
  }
  fail {
    provider "aws" {
      region = "eu-central-1"
    }
  }
  unknown {
    variable "accounts" {
      type = list(string)
    }
    provider "aws" {
      allowed_account_ids = var.accounts
    }
  }
}

policy "aws-provider-default-tags" {
  title    = "The AWS provider tags what it makes"
  severity = "info"
  provider = ["aws"]
  frameworks = {
    soc2        = ["CC6.1"]
    iso27001    = ["A.5.9"]
    nist_800_53 = ["CM-8"]
  }
  why = "Without tags nobody knows after a year whose a resource is, what it costs whom, and whether it may go."
  fix = "Add default_tags with at least an owner."

  condition = length(self.default_tags.tags) > 0
  attribute = "default_tags"

  pass {
    provider "aws" {
      region = "eu-central-1"
      default_tags {
        tags = {
          owner = "web"
        }
      }
    }
  }
  fail {
    provider "aws" {
      region = "eu-central-1"
    }
  }
}

policy "aws-lambda-environment-no-secrets" {
  title    = "Environment variables of Lambda functions hold no secrets"
  severity = "high"
  resource = ["aws_lambda_function"]
  checkov  = ["CKV_AWS_45"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.6.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.17", "A.8.4"]
    hipaa       = ["164.312(d)"]
    nist_800_53 = ["IA-5(7)"]
  }
  why = "Variables are shown in the console and by lambda:GetFunctionConfiguration, and stand in the code and in the state."
  fix = "Store the secret in Secrets Manager or Parameter Store, give the function its name, and change the one that was written here."

  condition = !exists(secrets(self.environment))
  message   = "credentials are written at ${join(", ", secrets(self.environment))}"
  attribute = "environment.variables"

  pass {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      filename      = "api.zip"
      environment {
        variables = {
          TABLE      = "orders"
          SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-AbCdEf"
        }
      }
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      filename      = "api.zip"
      environment {
        variables = {
          TABLE       = "orders"
          DB_PASSWORD = "not-a-real-one"
        }
      }
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      filename      = "api.zip"
      environment {
        variables = {
          UPSTREAM = "https://api:${"not-a-real"}-one@upstream.example.com/v1"
        }
      }
    }
  }
}

policy "aws-codebuild-environment-no-secrets" {
  title    = "Environment variables of CodeBuild projects hold no secrets"
  severity = "high"
  resource = ["aws_codebuild_project"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.6.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.17", "A.8.4"]
    hipaa       = ["164.312(d)"]
    nist_800_53 = ["IA-5(7)"]
  }
  why = "Plain variables are shown in the console and in build logs, and every build script can send them away."
  fix = "Set the variable's type to SECRETS_MANAGER or PARAMETER_STORE and its value to the name, and change the one that was written here."

  condition = !exists(secrets([
    for v in self.environment.environment_variable : { name = v.name, value = v.value } if !contains(["PARAMETER_STORE", "SECRETS_MANAGER"], v.type)
  ]))
  message   = "a credential is written in a plain environment variable"
  attribute = "environment"

  pass {
    resource "aws_codebuild_project" "app" {
      name         = "app"
      service_role = "arn:aws:iam::111122223333:role/build"
      artifacts {
        type = "NO_ARTIFACTS"
      }
      environment {
        compute_type = "BUILD_GENERAL1_SMALL"
        image        = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
        type         = "LINUX_CONTAINER"
        environment_variable {
          name  = "NPM_AUTH_TOKEN"
          type  = "SECRETS_MANAGER"
          value = "build:npm-token"
        }
        environment_variable {
          name  = "STAGE"
          value = "production"
        }
      }
      source {
        type = "NO_SOURCE"
      }
    }
  }
  fail {
    resource "aws_codebuild_project" "app" {
      name         = "app"
      service_role = "arn:aws:iam::111122223333:role/build"
      artifacts {
        type = "NO_ARTIFACTS"
      }
      environment {
        compute_type = "BUILD_GENERAL1_SMALL"
        image        = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
        type         = "LINUX_CONTAINER"
        environment_variable {
          name  = "NPM_AUTH_TOKEN"
          value = "not-a-real-one"
        }
      }
      source {
        type = "NO_SOURCE"
      }
    }
  }
}

policy "aws-secret-version-not-in-code" {
  title    = "Contents of secrets are not written in the configuration"
  severity = "high"
  resource = ["aws_secretsmanager_secret_version", "aws_ssm_parameter"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.6.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.17", "A.8.4"]
    hipaa       = ["164.312(d)"]
    nist_800_53 = ["IA-5(7)"]
  }
  why = "A vault is of no use to a secret that stands beside it in the repository."
  fix = "Write the secret by other means, or as secret_string_wo or value_wo from an ephemeral value, and change the one that was written here."

  condition = !exists(secrets([
    self.secret_string,
    self.value,
    self.insecure_value,
    { variables = try(jsondecode(self.secret_string), null) },
    { variables = try(jsondecode(self.value), null) },
  ]))
  message   = "a credential is written in the configuration"
  attribute = "secret_string"

  pass {
    variable "password" {
      type      = string
      sensitive = true
    }
    resource "aws_secretsmanager_secret_version" "given" {
      secret_id     = "database"
      secret_string = jsonencode({ username = "app", password = var.password })
    }
    resource "aws_ssm_parameter" "setting" {
      name  = "/app/colour"
      type  = "String"
      value = "blue"
    }
  }
  fail {
    resource "aws_secretsmanager_secret_version" "written" {
      secret_id     = "database"
      secret_string = jsonencode({ username = "app", password = "not-a-real-one" })
    }
  }
  fail {
    resource "aws_ssm_parameter" "written" {
      name  = "/app/database-url"
      type  = "SecureString"
      value = "postgres://app:${"not-a-real"}-one@db.internal/app"
    }
  }
}

policy "aws-no-secrets-in-code" {
  title    = "No attribute holds a credential in plain text"
  severity = "high"
  resource = ["*"]
  data     = ["external", "http"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.6.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.17", "A.8.4"]
    hipaa       = ["164.312(d)"]
    nist_800_53 = ["IA-5(7)"]
  }
  why = "What is written in code is in every clone, in the history, in the state and in the plan's output, for good."
  fix = "Take it from Secrets Manager, Parameter Store or a sensitive variable, and revoke what was written here: it counts as known."

  # Policies of their own look after the first of these; the others make keys, which a plan or state then shows.
  when = !matches(self.address, join("", ["(^|\\.)(", join("|", [
    "aws_codebuild_project", "aws_ecs_task_definition", "aws_instance", "aws_lambda_function", "aws_launch_configuration", "aws_launch_template",
    "aws_secretsmanager_secret_version", "aws_spot_instance_request", "aws_ssm_parameter",
    "acme_certificate", "acme_registration", "aws_iam_access_key", "aws_iam_service_specific_credential", "tls_private_key",
  ]), ")\\."]))
  condition = !exists(secrets(self))
  message   = "credentials are written at ${join(", ", secrets(self))}"
  attribute = "address"

  pass {
    resource "aws_sns_topic" "orders" {
      name = "orders"
    }
    data "aws_secretsmanager_secret_version" "token" {
      secret_id = "token"
    }
    resource "aws_amplify_app" "site" {
      name         = "site"
      access_token = data.aws_secretsmanager_secret_version.token.secret_string
    }
  }
  fail {
    resource "aws_amplify_app" "site" {
      name         = "site"
      access_token = "${"ghp_"}fakefakefakefakefakefakefakefake0000"
    }
  }
  fail {
    data "http" "status" {
      url = "https://monitor:${"not-a-real"}-one@status.example.com/"
    }
  }
}

policy "aws-http-data-tls" {
  title    = "Data from the web is fetched by HTTPS"
  severity = "medium"
  data     = ["http"]
  frameworks = {
    soc2        = ["CC6.7"]
    iso27001    = ["A.5.21", "A.8.24"]
    nist_800_53 = ["SC-8", "SR-3"]
  }
  why = "What comes over plain HTTP can be changed on the way, and the plan is built on it."
  fix = "Use an https:// address, and do not set insecure."

  condition = !matches(self.url, "^http://") && self.insecure != true

  pass {
    data "http" "ranges" {
      url = "https://ip-ranges.amazonaws.com/ip-ranges.json"
    }
  }
  fail {
    data "http" "ranges" {
      url = "http://ip-ranges.example.com/ip-ranges.json"
    }
  }
  unknown {
    variable "url" {
      type = string
    }
    data "http" "asked" {
      url = var.url
    }
  }
}

policy "terraform-module-pinned" {
  title    = "Modules from elsewhere are pinned to a version"
  severity = "medium"
  module   = true
  checkov  = ["CKV_TF_2"]
  frameworks = {
    soc2        = ["CC8.1"]
    pci_dss     = ["6.3.2"]
    iso27001    = ["A.5.21", "A.8.9"]
    nist_800_53 = ["CM-2", "SR-3"]
  }
  why = "A module without a version is whatever its author published last: tomorrow's plan may differ from today's, or do harm."
  fix = "Add version for a registry module, or ?ref= with a tag or commit for a git source."

  when = !matches(self.source, "^\\.{1,2}/")
  condition = anytrue([
    matches(self.source, "[?&]ref=[0-9a-f]{7,40}(&|$)"),
    matches(self.source, "[?&]ref=[^&]*[0-9]\\.[0-9]"),
    self.version != null && !matches(self.source, "^(git@|git::|github\\.com/|bitbucket\\.org/)"),
  ])
  message   = "${self.source} has no version"
  attribute = "source"

  pass {
    module "network" {
      source  = "terraform-aws-modules/vpc/aws"
      version = "~> 6.0"
    }
    module "tagged" {
      source = "git::https://github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=v6.5.0"
    }
    module "committed" {
      source = "github.com/terraform-aws-modules/terraform-aws-vpc?ref=6bc1ba3f6cc4ca7a6bc8a7bca8b5d0e5e0a4f2c1"
    }
  }
  fail {
    module "network" {
      source = "terraform-aws-modules/vpc/aws"
    }
  }
  fail {
    module "network" {
      source = "git::https://github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=main"
    }
  }
}

policy "terraform-module-commit" {
  title    = "Modules from git are pinned to a commit"
  severity = "low"
  module   = true
  checkov  = ["CKV_TF_1"]
  frameworks = {
    soc2        = ["CC8.1"]
    pci_dss     = ["6.3.2"]
    iso27001    = ["A.5.21", "A.8.9"]
    nist_800_53 = ["CM-2", "SI-7", "SR-3"]
  }
  why = "A tag can be moved to other code. A commit cannot."
  fix = "Use ?ref= with the full commit hash, and the tag in a comment."

  # Checkov fails registry modules as well, whose sources cannot name a commit.
  when      = matches(self.source, "^(git@|git::|github\\.com/|bitbucket\\.org/|[^?]*\\.git(\\?|$|//))")
  condition = matches(self.source, "[?&]ref=[0-9a-f]{7,40}(&|$)")
  message   = "${self.source} names no commit"
  attribute = "source"

  pass {
    module "network" {
      source = "git::https://github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=6bc1ba3f6cc4ca7a6bc8a7bca8b5d0e5e0a4f2c1"
    }
    module "registry" {
      source  = "terraform-aws-modules/vpc/aws"
      version = "6.5.0"
    }
  }
  fail {
    module "network" {
      source = "git::https://github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=v6.5.0"
    }
  }
}

policy "terraform-module-exact-version" {
  title    = "Registry modules have an exact version"
  severity = "low"
  module   = true
  frameworks = {
    soc2        = ["CC8.1"]
    pci_dss     = ["6.3.2"]
    iso27001    = ["A.5.21", "A.8.9"]
    nist_800_53 = ["CM-2", "SR-3"]
  }
  why = "The lock file covers providers, not modules. With a range, two machines can plan with different code."
  fix = "Write version = \"6.5.0\", and let a bot propose updates."

  when = (
    matches(self.source, "^([a-z0-9.-]+\\.[a-z]+/)?[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/[a-z0-9]+(//.*)?$") &&
    !matches(self.source, "^(github\\.com|bitbucket\\.org)/")
  )
  condition = matches(self.version, "^\\s*=?\\s*[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?\\s*$")
  message   = "${self.source} has no exact version"
  attribute = "version"

  pass {
    module "network" {
      source  = "terraform-aws-modules/vpc/aws"
      version = "6.5.0"
    }
    module "part" {
      source  = "app.terraform.io/example/vpc/aws//modules/endpoints"
      version = "= 1.0.2"
    }
  }
  fail {
    module "network" {
      source  = "terraform-aws-modules/vpc/aws"
      version = "~> 6.0"
    }
  }
  fail {
    module "network" {
      source = "terraform-aws-modules/vpc/aws"
    }
  }
}

policy "terraform-module-encrypted-source" {
  title    = "Modules are fetched encrypted"
  severity = "high"
  module   = true
  frameworks = {
    soc2        = ["CC6.7"]
    iso27001    = ["A.5.21", "A.8.24"]
    nist_800_53 = ["SC-8", "SI-7", "SR-3"]
  }
  why = "Whoever is on the way can put other code into the module, and it runs with the rights of the deployment."
  fix = "Use https:// or SSH."

  condition = !matches(self.source, "^(git::|hg::|s3::)?(http|git)://")
  message   = "${self.source} is fetched in plain text"
  attribute = "source"

  pass {
    module "secure" {
      source = "git::ssh://git@git.example.com/network.git?ref=v1.2.0"
    }
    module "archive" {
      source = "https://modules.example.com/network-1.2.0.zip"
    }
  }
  fail {
    module "plain" {
      source = "git::http://git.example.com/network.git?ref=v1.2.0"
    }
  }
  fail {
    module "archive" {
      source = "http://modules.example.com/network-1.2.0.zip"
    }
  }
}
