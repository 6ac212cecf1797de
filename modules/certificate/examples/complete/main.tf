# One certificate for a load balancer with names in two zones, and one for CloudFront.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# CloudFront takes certificates from this region only.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}

variable "zone_ids" {
  description = "Public Route 53 zones: of shop.example.com and of example.net."
  type        = object({ shop = string, partner = string })
  default     = { shop = "Z0123456789EXAMPLE", partner = "Z9876543210EXAMPLE" }
}

variable "alarm_topic_arns" {
  description = "SNS topics of those on call, in each region: an alarm reaches only topics of its own."
  type        = object({ eu_central_1 = string, us_east_1 = string })
  default = {
    eu_central_1 = "arn:aws:sns:eu-central-1:111122223333:shop-prod-warning"
    us_east_1    = "arn:aws:sns:us-east-1:111122223333:shop-prod-warning"
  }
}

module "load_balancer_certificate" {
  source = "../.."

  domain_name       = "shop.example.com"
  alternative_names = ["*.shop.example.com", "shop.example.net"]
  zone_id           = var.zone_ids.shop
  zone_ids          = { "shop.example.net" = var.zone_ids.partner }
  key_algorithm     = "EC_prime256v1"

  validation_timeout = "30m"
  expiry_alarm       = { days = 40, topic_arns = [var.alarm_topic_arns.eu_central_1] }
}

module "cloudfront_certificate" {
  source    = "../.."
  providers = { aws = aws.us_east_1 }

  domain_name  = "assets.shop.example.com"
  zone_id      = var.zone_ids.shop
  expiry_alarm = { topic_arns = [var.alarm_topic_arns.us_east_1] }
}

output "load_balancer_certificate" {
  description = "Everything the module gives."
  value       = module.load_balancer_certificate
}

output "cloudfront_certificate_arn" {
  description = "What a distribution's viewer_certificate takes."
  value       = module.cloudfront_certificate.arn
}
