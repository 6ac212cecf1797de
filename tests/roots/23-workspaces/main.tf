# Exercises: a workspace chosen by TF_WORKSPACE, settings looked up by it, conditional resources, -var-file by environment.

terraform {
  backend "local" {
    path = "terraform.tfstate"
  }
}

provider "aws" {
  region     = local.settings.region
  access_key = "mock_access_key"
  secret_key = "mock_secret"

  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = local.tags
  }
}

locals {
  environment = terraform.workspace == "default" ? "dev" : terraform.workspace
  is_prod     = local.environment == "prod"

  all_settings = {
    default = { region = "eu-central-1", azs = 1, instance = "t3.micro", alarms = false }
    staging = { azs = 2, instance = "t3.small" }
    prod    = { azs = 3, instance = "m7i.large", alarms = true, region = "eu-west-1" }
  }

  settings = merge(local.all_settings.default, lookup(local.all_settings, local.environment, {}))
  zones    = slice(["a", "b", "c"], 0, local.settings.azs)

  # Only what has a value becomes a tag.
  tags = { for key, value in { Environment = local.environment, Owner = var.owner, Ticket = var.ticket } : key => value if value != null && value != "" }
}

variable "owner" {
  type    = string
  default = null
}

variable "ticket" {
  type    = string
  default = ""
}

variable "log_days" {
  type = map(number)
}

resource "aws_vpc" "main" {
  cidr_block = cidrsubnet("10.0.0.0/8", 8, index(sort(keys(local.all_settings)), local.environment))
}

resource "aws_subnet" "zone" {
  for_each = { for index, zone in local.zones : "${local.settings.region}${zone}" => index }

  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, each.value)
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/${local.environment}/app"
  retention_in_days = try(var.log_days[local.environment], 1)
}

resource "aws_sns_topic" "alarm" {
  count = local.settings.alarms ? 1 : 0
  name  = "${local.environment}-alarm"
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  count = local.settings.alarms || !local.is_prod ? 1 : 0

  alarm_name          = "${local.environment}-cpu"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = local.is_prod ? 2 : 5
  metric_name         = "CPUUtilization"
  namespace           = "AWS/EC2"
  period              = 300
  statistic           = "Average"
  threshold           = 90
  alarm_actions       = aws_sns_topic.alarm[*].arn
}

resource "aws_instance" "app" {
  for_each = aws_subnet.zone

  ami           = "ami-0123456789abcdef0"
  instance_type = local.settings.instance
  subnet_id     = each.value.id
  tags          = { Name = "app-${trimprefix(each.key, local.settings.region)}", Owner = "app" }
}

output "summary" {
  value = {
    workspace = terraform.workspace
    settings  = local.settings
    tags      = local.tags
    topic     = one(aws_sns_topic.alarm[*].name)
    zones     = keys(aws_subnet.zone)
  }
}
