# Exercises: sensitive values through expressions and modules, nonsensitive(), ephemeral values, write-only attributes.

provider "aws" {
  region     = "eu-central-1"
  access_key = "mock_access_key"
  secret_key = local.session.secret

  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variable "master_password" {
  type      = string
  sensitive = true
}

variable "session_token" {
  type      = string
  ephemeral = true
}

variable "users" {
  type = map(object({ password = string, admin = optional(bool, false) }))

  sensitive = true
}

locals {
  # Ephemeral because a part of it is.
  session = { secret = "mock_secret", token = var.session_token }

  url        = "postgres://app:${var.master_password}@db.example.com/app"
  user_names = nonsensitive(keys(var.users))
  admins     = nonsensitive([for name, user in var.users : name if user.admin])
  partly     = { open = "seen", secret = sensitive("hidden") }
}

resource "aws_secretsmanager_secret" "user" {
  for_each = toset(local.user_names)

  name                    = "users/${each.value}"
  description             = contains(local.admins, each.value) ? "administrator" : "user"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "user" {
  for_each = aws_secretsmanager_secret.user

  secret_id     = each.value.id
  secret_string = jsonencode({ user = each.key, password = var.users[each.key].password })
}

# Write-only: never in a plan.
resource "aws_secretsmanager_secret_version" "session" {
  secret_id                = aws_secretsmanager_secret.user["ada"].id
  secret_string_wo         = var.session_token
  secret_string_wo_version = 3
}

# Opened when its secret exists: nothing of it is in the plan, nor of what it feeds.
ephemeral "aws_secretsmanager_secret_version" "ada" {
  secret_id = aws_secretsmanager_secret.user["ada"].id
}

resource "aws_db_instance" "restored" {
  identifier          = "restored"
  instance_class      = "db.t4g.micro"
  engine              = "postgres"
  allocated_storage   = 20
  username            = "app"
  password_wo         = ephemeral.aws_secretsmanager_secret_version.ada.secret_string
  password_wo_version = 1
}

resource "aws_ssm_parameter" "url" {
  name             = "/app/url"
  type             = "SecureString"
  value_wo         = local.url
  value_wo_version = 1
  description      = "Length ${nonsensitive(length(local.url))}"
}

resource "aws_lambda_function" "app" {
  function_name = "app"
  role          = "arn:aws:iam::123456789012:role/app"
  s3_bucket     = "example-artifacts"
  s3_key        = "app.zip"
  runtime       = "python3.13"
  handler       = "app.handler"

  environment {
    variables = {
      DATABASE_URL = local.url
      LOG_LEVEL    = "info"
    }
  }

  tags = { Hash = sha256(var.master_password), Open = local.partly.open, Secret = local.partly.secret }
}

module "database" {
  source   = "./modules/database"
  password = var.master_password
  settings = local.partly
}

# A secret count or condition marks the result, not the resource.
resource "aws_sns_topic" "alarm" {
  count = nonsensitive(length(var.master_password) > 8) ? 1 : 0
  name  = var.master_password == "" ? "open" : "closed"
}

output "url" {
  value     = local.url
  sensitive = true
}

output "database" {
  value     = module.database.connection
  sensitive = true
}

output "names" {
  value = local.user_names
}

output "marks" {
  value = {
    url      = issensitive(local.url)
    open     = issensitive(local.partly.open)
    secret   = issensitive(local.partly.secret)
    partly   = issensitive(local.partly)
    length   = issensitive(length(var.users))
    element  = issensitive([sensitive("a"), "b"][1])
    cleared  = issensitive(nonsensitive(local.partly.secret))
    no_token = ephemeralasnull(var.session_token) == null
  }
}
