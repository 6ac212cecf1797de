# AWS Lambda: functions, their URLs and permissions.

policy "aws-lambda-environment-customer-key" {
  title    = "Environment variables are encrypted with a key of your own"
  severity = "low"
  resource = ["aws_lambda_function"]
  checkov  = ["CKV_AWS_173"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.6.1"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "With the key of AWS everyone who may describe the function sees the variables."
  fix = "Set kms_key_arn to the ARN of an aws_kms_key."

  # Checkov fails a function that has a key and no variables; the key encrypts SnapStart snapshots and the package, too.
  when      = length(self.environment) > 0
  condition = (self.kms_key_arn != null && self.kms_key_arn != "") || exists(linked(self, "aws_kms_key", "aws_kms_alias"))
  attribute = "kms_key_arn"

  pass {
    resource "aws_kms_key" "api" {
      enable_key_rotation = true
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      kms_key_arn   = aws_kms_key.api.arn
      environment {
        variables = {
          STAGE = "production"
        }
      }
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      environment {
        variables = {
          STAGE = "production"
        }
      }
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      kms_key_arn   = var.key
      environment {
        variables = {
          STAGE = "production"
        }
      }
    }
  }
}

policy "aws-lambda-tracing" {
  title    = "Functions are traced with X-Ray"
  severity = "low"
  resource = ["aws_lambda_function"]
  checkov  = ["CKV_AWS_50"]
  frameworks = {
    soc2        = ["CC7.2"]
    iso27001    = ["A.8.16"]
    nist_800_53 = ["SI-4"]
  }
  why = "Without traces nobody sees which of the called services was slow or failed."
  fix = "Add a tracing_config block with mode = \"Active\"."

  condition = contains(["Active", "PassThrough"], self.tracing_config.mode)

  pass {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      tracing_config {
        mode = "Active"
      }
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
    }
  }
  unknown {
    variable "mode" {
      type = string
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      tracing_config {
        mode = var.mode
      }
    }
  }
}

policy "aws-lambda-concurrency-limit" {
  title    = "Functions have a limit of their own on concurrency"
  severity = "low"
  resource = ["aws_lambda_function"]
  checkov  = ["CKV_AWS_115"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    nist_800_53 = ["SC-5", "SI-13"]
  }
  why = "One function that is flooded takes the whole account's concurrency from all the others."
  fix = "Set reserved_concurrent_executions."

  condition = self.reserved_concurrent_executions >= 0
  message   = "no concurrency is reserved"

  pass {
    resource "aws_lambda_function" "api" {
      function_name                  = "api"
      role                           = "arn:aws:iam::111122223333:role/api"
      filename                       = "api.zip"
      handler                        = "index.handler"
      runtime                        = "nodejs22.x"
      reserved_concurrent_executions = 20
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name                  = "api"
      role                           = "arn:aws:iam::111122223333:role/api"
      filename                       = "api.zip"
      handler                        = "index.handler"
      runtime                        = "nodejs22.x"
      reserved_concurrent_executions = -1
    }
  }
  unknown {
    variable "limit" {
      type = number
    }
    resource "aws_lambda_function" "api" {
      function_name                  = "api"
      role                           = "arn:aws:iam::111122223333:role/api"
      filename                       = "api.zip"
      handler                        = "index.handler"
      runtime                        = "nodejs22.x"
      reserved_concurrent_executions = var.limit
    }
  }
}

policy "aws-lambda-dead-letter-queue" {
  title    = "Functions have a dead letter queue"
  severity = "low"
  resource = ["aws_lambda_function"]
  checkov  = ["CKV_AWS_116"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    nist_800_53 = ["SC-5", "SI-13"]
  }
  why = "Events that fail repeatedly are thrown away, and nobody notices."
  fix = "Add a dead_letter_config block with the ARN of a queue or topic."

  condition = self.dead_letter_config.target_arn != null || exists(linked(self, "aws_sqs_queue", "aws_sns_topic")) && length(self.dead_letter_config) > 0

  pass {
    resource "aws_sqs_queue" "failed" {
      name = "failed"
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      dead_letter_config {
        target_arn = aws_sqs_queue.failed.arn
      }
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
    }
  }
  unknown {
    variable "queue" {
      type = string
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      dead_letter_config {
        target_arn = var.queue
      }
    }
  }
}

policy "aws-lambda-in-vpc" {
  title    = "Functions run inside a VPC"
  severity = "low"
  resource = ["aws_lambda_function"]
  checkov  = ["CKV_AWS_117"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Outside a VPC nothing limits where a function sends data to, and it cannot reach private services."
  fix = "Add a vpc_config block with subnets and security groups, where the function needs either."

  condition = length(self.vpc_config) > 0

  pass {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      vpc_config {
        subnet_ids         = ["subnet-0123456789abcdef0"]
        security_group_ids = ["sg-0123456789abcdef0"]
      }
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
    }
  }
  unknown {
    variable "subnets" {
      type = list(string)
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
      dynamic "vpc_config" {
        for_each = var.subnets
        content {
          subnet_ids         = [vpc_config.value]
          security_group_ids = ["sg-0123456789abcdef0"]
        }
      }
    }
  }
}

policy "aws-lambda-code-signed" {
  title    = "Functions run signed code only"
  severity = "low"
  resource = ["aws_lambda_function"]
  checkov  = ["CKV_AWS_272"]
  frameworks = {
    soc2        = ["CC8.1"]
    pci_dss     = ["6.3.2"]
    iso27001    = ["A.5.21"]
    nist_800_53 = ["SI-7", "SR-11"]
  }
  why = "Whoever may update the function can run any code with its role."
  fix = "Set code_signing_config_arn to an aws_lambda_code_signing_config."

  # Images cannot be signed this way; Checkov fails them.
  when      = self.package_type != "Image"
  condition = self.code_signing_config_arn != null || exists(linked(self, "aws_lambda_code_signing_config"))
  attribute = "code_signing_config_arn"

  pass {
    resource "aws_lambda_function" "api" {
      function_name           = "api"
      role                    = "arn:aws:iam::111122223333:role/api"
      filename                = "api.zip"
      handler                 = "index.handler"
      runtime                 = "nodejs22.x"
      code_signing_config_arn = "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
    }
  }
  unknown {
    variable "signing" {
      type = string
    }
    resource "aws_lambda_function" "api" {
      function_name           = "api"
      role                    = "arn:aws:iam::111122223333:role/api"
      filename                = "api.zip"
      handler                 = "index.handler"
      runtime                 = "nodejs22.x"
      code_signing_config_arn = var.signing
    }
  }
}

policy "aws-lambda-supported-runtime" {
  title    = "Functions use a supported runtime"
  severity = "medium"
  resource = ["aws_lambda_function"]
  checkov  = ["CKV_AWS_363"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["6.3.1", "6.3.3"]
    iso27001    = ["A.8.8"]
    nist_800_53 = ["RA-5", "SI-2"]
  }
  why = "A runtime out of support gets no patches, and AWS stops letting you update the function."
  fix = "Set runtime to a current version and test the function with it."

  # nodejs18.x, out of support since September 2025, is not in the list of Checkov yet.
  condition = !contains([
    "dotnet5.0", "dotnet6", "dotnet7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "go1.x",
    "java8", "nodejs", "nodejs10.x", "nodejs12.x", "nodejs14.x", "nodejs16.x", "nodejs18.x", "nodejs4.3",
    "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "provided", "python2.7", "python3.6", "python3.7", "python3.9",
    "ruby2.5", "ruby2.7",
  ], self.runtime)
  message = "${self.runtime} is out of support"

  pass {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "python3.13"
    }
  }
  pass {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      package_type  = "Image"
      image_uri     = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/api:1"
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "python3.7"
    }
  }
  unknown {
    variable "runtime" {
      type = string
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = var.runtime
    }
  }
}

policy "aws-lambda-url-authorized" {
  title    = "URLs of functions demand authorization"
  severity = "high"
  resource = ["aws_lambda_function_url"]
  checkov  = ["CKV_AWS_258"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Everyone on the internet who finds the URL runs the function, with its role and at your cost."
  fix = "Set authorization_type = \"AWS_IAM\"."

  condition = self.authorization_type != "NONE"

  pass {
    resource "aws_lambda_function_url" "api" {
      function_name      = "api"
      authorization_type = "AWS_IAM"
    }
  }
  fail {
    resource "aws_lambda_function_url" "api" {
      function_name      = "api"
      authorization_type = "NONE"
    }
  }
  unknown {
    variable "authorization" {
      type = string
    }
    resource "aws_lambda_function_url" "api" {
      function_name      = "api"
      authorization_type = var.authorization
    }
  }
}

policy "aws-lambda-url-cors-limited" {
  title    = "URLs of functions are not open to every web site"
  severity = "medium"
  resource = ["aws_lambda_function"]
  checkov  = ["CKV2_AWS_75"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["2.2.1"]
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-6"]
  }
  why = "Any page that a user visits can call the function with every method from the user's browser."
  fix = "List the origins in allow_origins, or at least the methods in allow_methods."

  condition = alltrue([
    for u in linked(self, "aws_lambda_function_url") : !contains(u.cors.allow_origins, "*") || !contains(u.cors.allow_methods, "*")
  ])
  message = "its URL allows every origin and every method"

  pass {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
    }
    resource "aws_lambda_function_url" "api" {
      function_name      = aws_lambda_function.api.function_name
      authorization_type = "AWS_IAM"
      cors {
        allow_origins = ["https://www.example.com"]
        allow_methods = ["*"]
      }
    }
  }
  pass {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
    }
  }
  fail {
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
    }
    resource "aws_lambda_function_url" "api" {
      function_name      = aws_lambda_function.api.function_name
      authorization_type = "AWS_IAM"
      cors {
        allow_origins = ["*"]
        allow_methods = ["*"]
      }
    }
  }
  unknown {
    variable "origins" {
      type = list(string)
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/api"
      filename      = "api.zip"
      handler       = "index.handler"
      runtime       = "nodejs22.x"
    }
    resource "aws_lambda_function_url" "api" {
      function_name      = aws_lambda_function.api.function_name
      authorization_type = "AWS_IAM"
      cors {
        allow_origins = var.origins
        allow_methods = ["*"]
      }
    }
  }
}

policy "aws-lambda-not-public" {
  title    = "Functions cannot be called by everyone"
  severity = "critical"
  resource = ["aws_lambda_permission"]
  checkov  = ["CKV_AWS_301"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Every AWS account can run the function, with its role and at your cost."
  fix = "Name an account, a role or a service as principal, or set principal_org_id."

  # With principal_org_id "*" means the organization; Checkov fails that, too.
  condition = self.principal != "*" || self.principal_org_id != null

  pass {
    resource "aws_lambda_permission" "call" {
      action        = "lambda:InvokeFunction"
      function_name = "api"
      principal     = "111122223333"
    }
  }
  pass {
    resource "aws_lambda_permission" "call" {
      action           = "lambda:InvokeFunction"
      function_name    = "api"
      principal        = "*"
      principal_org_id = "o-123example"
    }
  }
  fail {
    resource "aws_lambda_permission" "call" {
      action        = "lambda:InvokeFunction"
      function_name = "api"
      principal     = "*"
    }
  }
  unknown {
    variable "caller" {
      type = string
    }
    resource "aws_lambda_permission" "call" {
      action        = "lambda:InvokeFunction"
      function_name = "api"
      principal     = var.caller
    }
  }
}

policy "aws-lambda-service-permission-bound" {
  title    = "Services may call functions for one source only"
  severity = "high"
  resource = ["aws_lambda_permission"]
  checkov  = ["CKV_AWS_364"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Otherwise the same service calls the function on behalf of any other customer of AWS."
  fix = "Set source_arn to what calls the function, or source_account."

  when      = matches(self.principal, "^[^.]+\\.amazonaws\\.com")
  condition = self.source_arn != null || self.source_account != null

  pass {
    resource "aws_lambda_permission" "call" {
      action        = "lambda:InvokeFunction"
      function_name = "api"
      principal     = "events.amazonaws.com"
      source_arn    = "arn:aws:events:eu-west-1:111122223333:rule/nightly"
    }
  }
  pass {
    resource "aws_sns_topic" "orders" {
      name = "orders"
    }
    resource "aws_lambda_permission" "call" {
      action        = "lambda:InvokeFunction"
      function_name = "api"
      principal     = "sns.amazonaws.com"
      source_arn    = aws_sns_topic.orders.arn
    }
  }
  pass {
    resource "aws_lambda_permission" "call" {
      action         = "lambda:InvokeFunction"
      function_name  = "api"
      principal      = "s3.amazonaws.com"
      source_account = "111122223333"
    }
  }
  fail {
    resource "aws_lambda_permission" "call" {
      action        = "lambda:InvokeFunction"
      function_name = "api"
      principal     = "s3.amazonaws.com"
    }
  }
  unknown {
    variable "rule_arn" {
      type = string
    }
    resource "aws_lambda_permission" "call" {
      action        = "lambda:InvokeFunction"
      function_name = "api"
      principal     = "s3.amazonaws.com"
      source_arn    = var.rule_arn
    }
  }
}

policy "aws-lambda-layer-not-public" {
  title    = "Layers are not shared with everyone"
  severity = "high"
  resource = ["aws_lambda_layer_version_permission"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Every AWS account can download the layer and read the code in it."
  fix = "Name an account as principal, or set organization_id."

  condition = self.principal != "*" || self.organization_id != null

  pass {
    resource "aws_lambda_layer_version_permission" "use" {
      layer_name     = "tools"
      version_number = 1
      statement_id   = "use"
      action         = "lambda:GetLayerVersion"
      principal      = "111122223333"
    }
  }
  pass {
    resource "aws_lambda_layer_version_permission" "use" {
      layer_name      = "tools"
      version_number  = 1
      statement_id    = "use"
      action          = "lambda:GetLayerVersion"
      principal       = "*"
      organization_id = "o-123example"
    }
  }
  fail {
    resource "aws_lambda_layer_version_permission" "use" {
      layer_name     = "tools"
      version_number = 1
      statement_id   = "use"
      action         = "lambda:GetLayerVersion"
      principal      = "*"
    }
  }
  unknown {
    variable "account" {
      type = string
    }
    resource "aws_lambda_layer_version_permission" "use" {
      layer_name     = "tools"
      version_number = 1
      statement_id   = "use"
      action         = "lambda:GetLayerVersion"
      principal      = var.account
    }
  }
}
