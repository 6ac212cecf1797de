# Functions. AWS Lambda pricing page; the free tier of an account is not counted.

cost "aws_lambda_function" {
  usage {
    monthly_requests    = "Requests"
    request_duration_ms = "Milliseconds that a request takes, on average"
  }
  locals {
    arm     = contains(self.architectures, "arm64")
    gb      = (self.memory_size == null ? 128 : self.memory_size) / 1024
    storage = self.ephemeral_storage.size == null ? 512 : self.ephemeral_storage.size
    seconds = usage.monthly_requests * usage.request_duration_ms / 1000
  }
  component "Requests" {
    price    = price("AWSLambda", local.arm ? "Request-ARM" : "Request")
    quantity = usage.monthly_requests
    unit     = "1M requests"
    scale    = 1000000
  }
  component "Duration" {
    price    = price("AWSLambda", local.arm ? "Lambda-GB-Second-ARM" : "Lambda-GB-Second")
    quantity = local.seconds * local.gb
    unit     = "GB-seconds"
  }
  component "Ephemeral storage" {
    # 512 MB are included.
    when     = local.storage > 512
    price    = price("AWSLambda", local.arm ? "Lambda-Storage-GB-Second-ARM" : "Lambda-Storage-GB-Second")
    quantity = local.seconds * (local.storage - 512) / 1024
    unit     = "GB-seconds"
  }

  example {
    # Ten million × 0.20 a million; × 0.5 s × 0.5 GB = 2,500,000 GB-seconds × 0.0000166667.
    usage    = { monthly_requests = 10000000, request_duration_ms = 500 }
    expected = { "Requests" = "2", "Duration (first 6B)" = "41.66675" }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/x"
      memory_size   = 512
    }
  }
  example {
    # ARM: a thousand million requests of 10 s in 1 GB: 7.5 thousand million GB-seconds × 0.0000133334, the rest × 0.0000120001.
    usage = { monthly_requests = 1000000000, request_duration_ms = 10000 }
    expected = {
      "Requests"               = "200"
      "Duration (first 7.5B)"  = "100000.5"
      "Duration (next 11.25B)" = "30000.25"
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/x"
      memory_size   = 1024
      architectures = ["arm64"]
    }
  }
  example {
    expected = { "Requests" = "usage", "Duration (first 6B)" = "usage" }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/x"
    }
  }
}

cost "aws_lambda_provisioned_concurrency_config" {
  usage {
    monthly_duration_hrs = "Hours for which the concurrency is provisioned; 730 where nothing is said"
    monthly_requests     = "Requests"
    request_duration_ms  = "Milliseconds that a request takes, on average"
    architecture         = ["Architecture of a function elsewhere", "x86_64", "arm64"]
    memory_mb            = "MB of memory of a function elsewhere"
  }
  locals {
    function = linked(self, "aws_lambda_function")
    arm      = length(local.function) > 0 ? contains(local.function.architectures, "arm64") : usage_or(usage.architecture, "x86_64") == "arm64"
    memory   = length(local.function) > 0 ? (local.function.memory_size == null ? 128 : local.function.memory_size) : usage.memory_mb
    suffix   = local.arm ? "-ARM" : ""
  }
  component "Requests" {
    price    = price("AWSLambda", "Request${local.suffix}")
    quantity = usage.monthly_requests
    unit     = "1M requests"
    scale    = 1000000
  }
  component "Provisioned Concurrency" {
    price    = price("AWSLambda", "Lambda-Provisioned-Concurrency${local.suffix}")
    quantity = self.provisioned_concurrent_executions * usage_or(usage.monthly_duration_hrs, 730) * 3600 * local.memory / 1024
    unit     = "GB-seconds"
  }
  component "Duration" {
    price    = price("AWSLambda", "Lambda-Provisioned-GB-Second${local.suffix}")
    quantity = usage.monthly_requests * usage.request_duration_ms / 1000 * local.memory / 1024
    unit     = "GB-seconds"
  }

  example {
    # Ten × 730 h × 3,600 s × 1 GB = 26,280,000 GB-seconds × 0.0000041667; a million requests of 100 ms × 0.0000097222.
    usage = { monthly_requests = 1000000, request_duration_ms = 100 }
    expected = {
      "Requests"                = "0.2"
      "Provisioned Concurrency" = "109.500876"
      "Duration"                = "0.97222"
    }
    resource "aws_lambda_function" "api" {
      function_name = "api"
      role          = "arn:aws:iam::111122223333:role/x"
      memory_size   = 1024
      publish       = true
    }
    resource "aws_lambda_provisioned_concurrency_config" "api" {
      function_name                     = aws_lambda_function.api.function_name
      provisioned_concurrent_executions = 10
      qualifier                         = aws_lambda_function.api.version
    }
  }
}
