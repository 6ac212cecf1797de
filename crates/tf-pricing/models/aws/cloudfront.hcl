# Delivery. AWS CloudFront and Global Accelerator pricing pages. The groups of countries are CloudFront's.

cost "aws_cloudfront_distribution" {
  usage {
    monthly_data_transfer_to_internet_gb = {
      us            = "GB to the internet from US, Mexico, Canada"
      europe        = "GB to the internet from Europe, Israel"
      south_africa  = "GB to the internet from South Africa, Kenya, Middle East"
      south_america = "GB to the internet from South America"
      japan         = "GB to the internet from Japan"
      australia     = "GB to the internet from Australia, New Zealand"
      asia_pacific  = "GB to the internet from Hong Kong, Philippines, Asia Pacific"
      india         = "GB to the internet from India"
    }
    monthly_data_transfer_to_origin_gb = {
      us            = "GB to origins from US, Mexico, Canada"
      europe        = "GB to origins from Europe, Israel"
      south_africa  = "GB to origins from South Africa, Kenya, Middle East"
      south_america = "GB to origins from South America"
      japan         = "GB to origins from Japan"
      australia     = "GB to origins from Australia, New Zealand"
      asia_pacific  = "GB to origins from Hong Kong, Philippines, Asia Pacific"
      india         = "GB to origins from India"
    }
    monthly_http_requests = {
      us            = "HTTP requests in US, Mexico, Canada"
      europe        = "HTTP requests in Europe, Israel"
      south_africa  = "HTTP requests in South Africa, Kenya, Middle East"
      south_america = "HTTP requests in South America"
      japan         = "HTTP requests in Japan"
      australia     = "HTTP requests in Australia, New Zealand"
      asia_pacific  = "HTTP requests in Hong Kong, Philippines, Asia Pacific"
      india         = "HTTP requests in India"
    }
    monthly_https_requests = {
      us            = "HTTPS requests in US, Mexico, Canada"
      europe        = "HTTPS requests in Europe, Israel"
      south_africa  = "HTTPS requests in South Africa, Kenya, Middle East"
      south_america = "HTTPS requests in South America"
      japan         = "HTTPS requests in Japan"
      australia     = "HTTPS requests in Australia, New Zealand"
      asia_pacific  = "HTTPS requests in Hong Kong, Philippines, Asia Pacific"
      india         = "HTTPS requests in India"
    }
    monthly_shield_requests = {
      us            = "Requests to Origin Shield in US"
      europe        = "Requests to Origin Shield in Europe"
      south_america = "Requests to Origin Shield in South America"
      japan         = "Requests to Origin Shield in Japan"
      australia     = "Requests to Origin Shield in Australia"
      singapore     = "Requests to Origin Shield in Singapore"
      south_korea   = "Requests to Origin Shield in South Korea"
      india         = "Requests to Origin Shield in India"
    }
    monthly_invalidation_requests = "Paths invalidated"
    monthly_encryption_requests   = "Requests with field level encryption"
    monthly_log_lines             = "Lines of real-time logs"
    custom_ssl_certificates       = "Certificates with dedicated addresses"
  }
  locals {
    # The parts of the world in which Origin Shield is switched on.
    shields = [for origin in self.origin : lookup({
      eu-west-1      = "europe"
      eu-west-2      = "europe"
      eu-central-1   = "europe"
      sa-east-1      = "south_america"
      ap-northeast-1 = "japan"
      ap-northeast-2 = "south_korea"
      ap-southeast-1 = "singapore"
      ap-southeast-2 = "australia"
      ap-south-1     = "india"
    }, origin.origin_shield.origin_shield_region, "us") if origin.origin_shield.enabled == true]
    # Without any usage one line of each kind asks for it.
    silent = usage_or(usage.monthly_data_transfer_to_internet_gb, usage_or(usage.monthly_data_transfer_to_origin_gb, usage_or(usage.monthly_http_requests, usage_or(usage.monthly_https_requests, null)))) == null
  }
  component "Data transfer out to internet" {
    when     = local.silent || usage_or(usage.monthly_data_transfer_to_internet_gb.us, null) != null
    group    = "US, Mexico, Canada"
    price    = price("AmazonCloudFront", "US-DataTransfer-Out-Bytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_internet_gb.us
    unit     = "GB"
  }
  component "Data transfer out to origin" {
    when     = local.silent || usage_or(usage.monthly_data_transfer_to_origin_gb.us, null) != null
    group    = "US, Mexico, Canada"
    price    = price("AmazonCloudFront", "US-DataTransfer-Out-OBytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_origin_gb.us
    unit     = "GB"
  }
  component "HTTP requests" {
    when     = local.silent || usage_or(usage.monthly_http_requests.us, null) != null
    group    = "US, Mexico, Canada"
    price    = price("AmazonCloudFront", "US-Requests-Tier1")
    region   = "global"
    quantity = usage.monthly_http_requests.us
    unit     = "10k requests"
    scale    = 10000
  }
  component "HTTPS requests" {
    when     = local.silent || usage_or(usage.monthly_https_requests.us, null) != null
    group    = "US, Mexico, Canada"
    price    = price("AmazonCloudFront", "US-Requests-Tier2-HTTPS")
    region   = "global"
    quantity = usage.monthly_https_requests.us
    unit     = "10k requests"
    scale    = 10000
  }
  component "Data transfer out to internet" {
    when     = usage_or(usage.monthly_data_transfer_to_internet_gb.europe, null) != null
    group    = "Europe, Israel"
    price    = price("AmazonCloudFront", "EU-DataTransfer-Out-Bytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_internet_gb.europe
    unit     = "GB"
  }
  component "Data transfer out to origin" {
    when     = usage_or(usage.monthly_data_transfer_to_origin_gb.europe, null) != null
    group    = "Europe, Israel"
    price    = price("AmazonCloudFront", "EU-DataTransfer-Out-OBytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_origin_gb.europe
    unit     = "GB"
  }
  component "HTTP requests" {
    when     = usage_or(usage.monthly_http_requests.europe, null) != null
    group    = "Europe, Israel"
    price    = price("AmazonCloudFront", "EU-Requests-Tier1")
    region   = "global"
    quantity = usage.monthly_http_requests.europe
    unit     = "10k requests"
    scale    = 10000
  }
  component "HTTPS requests" {
    when     = usage_or(usage.monthly_https_requests.europe, null) != null
    group    = "Europe, Israel"
    price    = price("AmazonCloudFront", "EU-Requests-Tier2-HTTPS")
    region   = "global"
    quantity = usage.monthly_https_requests.europe
    unit     = "10k requests"
    scale    = 10000
  }
  component "Data transfer out to internet" {
    when     = usage_or(usage.monthly_data_transfer_to_internet_gb.south_africa, null) != null
    group    = "South Africa, Kenya, Middle East"
    price    = price("AmazonCloudFront", "ZA-DataTransfer-Out-Bytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_internet_gb.south_africa
    unit     = "GB"
  }
  component "Data transfer out to origin" {
    when     = usage_or(usage.monthly_data_transfer_to_origin_gb.south_africa, null) != null
    group    = "South Africa, Kenya, Middle East"
    price    = price("AmazonCloudFront", "ZA-DataTransfer-Out-OBytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_origin_gb.south_africa
    unit     = "GB"
  }
  component "HTTP requests" {
    when     = usage_or(usage.monthly_http_requests.south_africa, null) != null
    group    = "South Africa, Kenya, Middle East"
    price    = price("AmazonCloudFront", "ZA-Requests-Tier1")
    region   = "global"
    quantity = usage.monthly_http_requests.south_africa
    unit     = "10k requests"
    scale    = 10000
  }
  component "HTTPS requests" {
    when     = usage_or(usage.monthly_https_requests.south_africa, null) != null
    group    = "South Africa, Kenya, Middle East"
    price    = price("AmazonCloudFront", "ZA-Requests-Tier2-HTTPS")
    region   = "global"
    quantity = usage.monthly_https_requests.south_africa
    unit     = "10k requests"
    scale    = 10000
  }
  component "Data transfer out to internet" {
    when     = usage_or(usage.monthly_data_transfer_to_internet_gb.south_america, null) != null
    group    = "South America"
    price    = price("AmazonCloudFront", "SA-DataTransfer-Out-Bytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_internet_gb.south_america
    unit     = "GB"
  }
  component "Data transfer out to origin" {
    when     = usage_or(usage.monthly_data_transfer_to_origin_gb.south_america, null) != null
    group    = "South America"
    price    = price("AmazonCloudFront", "SA-DataTransfer-Out-OBytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_origin_gb.south_america
    unit     = "GB"
  }
  component "HTTP requests" {
    when     = usage_or(usage.monthly_http_requests.south_america, null) != null
    group    = "South America"
    price    = price("AmazonCloudFront", "SA-Requests-Tier1")
    region   = "global"
    quantity = usage.monthly_http_requests.south_america
    unit     = "10k requests"
    scale    = 10000
  }
  component "HTTPS requests" {
    when     = usage_or(usage.monthly_https_requests.south_america, null) != null
    group    = "South America"
    price    = price("AmazonCloudFront", "SA-Requests-Tier2-HTTPS")
    region   = "global"
    quantity = usage.monthly_https_requests.south_america
    unit     = "10k requests"
    scale    = 10000
  }
  component "Data transfer out to internet" {
    when     = usage_or(usage.monthly_data_transfer_to_internet_gb.japan, null) != null
    group    = "Japan"
    price    = price("AmazonCloudFront", "JP-DataTransfer-Out-Bytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_internet_gb.japan
    unit     = "GB"
  }
  component "Data transfer out to origin" {
    when     = usage_or(usage.monthly_data_transfer_to_origin_gb.japan, null) != null
    group    = "Japan"
    price    = price("AmazonCloudFront", "JP-DataTransfer-Out-OBytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_origin_gb.japan
    unit     = "GB"
  }
  component "HTTP requests" {
    when     = usage_or(usage.monthly_http_requests.japan, null) != null
    group    = "Japan"
    price    = price("AmazonCloudFront", "JP-Requests-Tier1")
    region   = "global"
    quantity = usage.monthly_http_requests.japan
    unit     = "10k requests"
    scale    = 10000
  }
  component "HTTPS requests" {
    when     = usage_or(usage.monthly_https_requests.japan, null) != null
    group    = "Japan"
    price    = price("AmazonCloudFront", "JP-Requests-Tier2-HTTPS")
    region   = "global"
    quantity = usage.monthly_https_requests.japan
    unit     = "10k requests"
    scale    = 10000
  }
  component "Data transfer out to internet" {
    when     = usage_or(usage.monthly_data_transfer_to_internet_gb.australia, null) != null
    group    = "Australia, New Zealand"
    price    = price("AmazonCloudFront", "AU-DataTransfer-Out-Bytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_internet_gb.australia
    unit     = "GB"
  }
  component "Data transfer out to origin" {
    when     = usage_or(usage.monthly_data_transfer_to_origin_gb.australia, null) != null
    group    = "Australia, New Zealand"
    price    = price("AmazonCloudFront", "AU-DataTransfer-Out-OBytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_origin_gb.australia
    unit     = "GB"
  }
  component "HTTP requests" {
    when     = usage_or(usage.monthly_http_requests.australia, null) != null
    group    = "Australia, New Zealand"
    price    = price("AmazonCloudFront", "AU-Requests-Tier1")
    region   = "global"
    quantity = usage.monthly_http_requests.australia
    unit     = "10k requests"
    scale    = 10000
  }
  component "HTTPS requests" {
    when     = usage_or(usage.monthly_https_requests.australia, null) != null
    group    = "Australia, New Zealand"
    price    = price("AmazonCloudFront", "AU-Requests-Tier2-HTTPS")
    region   = "global"
    quantity = usage.monthly_https_requests.australia
    unit     = "10k requests"
    scale    = 10000
  }
  component "Data transfer out to internet" {
    when     = usage_or(usage.monthly_data_transfer_to_internet_gb.asia_pacific, null) != null
    group    = "Hong Kong, Philippines, Asia Pacific"
    price    = price("AmazonCloudFront", "AP-DataTransfer-Out-Bytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_internet_gb.asia_pacific
    unit     = "GB"
  }
  component "Data transfer out to origin" {
    when     = usage_or(usage.monthly_data_transfer_to_origin_gb.asia_pacific, null) != null
    group    = "Hong Kong, Philippines, Asia Pacific"
    price    = price("AmazonCloudFront", "AP-DataTransfer-Out-OBytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_origin_gb.asia_pacific
    unit     = "GB"
  }
  component "HTTP requests" {
    when     = usage_or(usage.monthly_http_requests.asia_pacific, null) != null
    group    = "Hong Kong, Philippines, Asia Pacific"
    price    = price("AmazonCloudFront", "AP-Requests-Tier1")
    region   = "global"
    quantity = usage.monthly_http_requests.asia_pacific
    unit     = "10k requests"
    scale    = 10000
  }
  component "HTTPS requests" {
    when     = usage_or(usage.monthly_https_requests.asia_pacific, null) != null
    group    = "Hong Kong, Philippines, Asia Pacific"
    price    = price("AmazonCloudFront", "AP-Requests-Tier2-HTTPS")
    region   = "global"
    quantity = usage.monthly_https_requests.asia_pacific
    unit     = "10k requests"
    scale    = 10000
  }
  component "Data transfer out to internet" {
    when     = usage_or(usage.monthly_data_transfer_to_internet_gb.india, null) != null
    group    = "India"
    price    = price("AmazonCloudFront", "IN-DataTransfer-Out-Bytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_internet_gb.india
    unit     = "GB"
  }
  component "Data transfer out to origin" {
    when     = usage_or(usage.monthly_data_transfer_to_origin_gb.india, null) != null
    group    = "India"
    price    = price("AmazonCloudFront", "IN-DataTransfer-Out-OBytes")
    region   = "global"
    quantity = usage.monthly_data_transfer_to_origin_gb.india
    unit     = "GB"
  }
  component "HTTP requests" {
    when     = usage_or(usage.monthly_http_requests.india, null) != null
    group    = "India"
    price    = price("AmazonCloudFront", "IN-Requests-Tier1")
    region   = "global"
    quantity = usage.monthly_http_requests.india
    unit     = "10k requests"
    scale    = 10000
  }
  component "HTTPS requests" {
    when     = usage_or(usage.monthly_https_requests.india, null) != null
    group    = "India"
    price    = price("AmazonCloudFront", "IN-Requests-Tier2-HTTPS")
    region   = "global"
    quantity = usage.monthly_https_requests.india
    unit     = "10k requests"
    scale    = 10000
  }
  component "Origin shield HTTP requests" {
    when     = contains(local.shields, "us") || usage_or(usage.monthly_shield_requests.us, null) != null
    name     = "Origin shield HTTP requests (US)"
    price    = price("AmazonCloudFront", "US-Requests-HTTP-Proxy", { requestDescription = "Origin Shield Requests" })
    region   = "global"
    quantity = usage.monthly_shield_requests.us
    unit     = "10k requests"
    scale    = 10000
  }
  component "Origin shield HTTP requests" {
    when     = contains(local.shields, "europe") || usage_or(usage.monthly_shield_requests.europe, null) != null
    name     = "Origin shield HTTP requests (Europe)"
    price    = price("AmazonCloudFront", "EU-Requests-HTTP-Proxy", { requestDescription = "Origin Shield Requests" })
    region   = "global"
    quantity = usage.monthly_shield_requests.europe
    unit     = "10k requests"
    scale    = 10000
  }
  component "Origin shield HTTP requests" {
    when     = contains(local.shields, "south_america") || usage_or(usage.monthly_shield_requests.south_america, null) != null
    name     = "Origin shield HTTP requests (South America)"
    price    = price("AmazonCloudFront", "SA-Requests-HTTP-Proxy", { requestDescription = "Origin Shield Requests" })
    region   = "global"
    quantity = usage.monthly_shield_requests.south_america
    unit     = "10k requests"
    scale    = 10000
  }
  component "Origin shield HTTP requests" {
    when     = contains(local.shields, "japan") || usage_or(usage.monthly_shield_requests.japan, null) != null
    name     = "Origin shield HTTP requests (Japan)"
    price    = price("AmazonCloudFront", "JP-Requests-HTTP-Proxy", { requestDescription = "Origin Shield Requests" })
    region   = "global"
    quantity = usage.monthly_shield_requests.japan
    unit     = "10k requests"
    scale    = 10000
  }
  component "Origin shield HTTP requests" {
    when     = contains(local.shields, "australia") || usage_or(usage.monthly_shield_requests.australia, null) != null
    name     = "Origin shield HTTP requests (Australia)"
    price    = price("AmazonCloudFront", "AU-Requests-HTTP-Proxy", { requestDescription = "Origin Shield Requests" })
    region   = "global"
    quantity = usage.monthly_shield_requests.australia
    unit     = "10k requests"
    scale    = 10000
  }
  component "Origin shield HTTP requests" {
    when     = contains(local.shields, "singapore") || usage_or(usage.monthly_shield_requests.singapore, null) != null
    name     = "Origin shield HTTP requests (Singapore)"
    price    = price("AmazonCloudFront", "AP-Requests-HTTP-Proxy", { requestDescription = "Origin Shield Requests" })
    region   = "global"
    quantity = usage.monthly_shield_requests.singapore
    unit     = "10k requests"
    scale    = 10000
  }
  component "Origin shield HTTP requests" {
    when     = contains(local.shields, "south_korea") || usage_or(usage.monthly_shield_requests.south_korea, null) != null
    name     = "Origin shield HTTP requests (South Korea)"
    price    = price("AmazonCloudFront", "AP-Requests-HTTP-Proxy", { requestDescription = "Origin Shield Requests" })
    region   = "global"
    quantity = usage.monthly_shield_requests.south_korea
    unit     = "10k requests"
    scale    = 10000
  }
  component "Origin shield HTTP requests" {
    when     = contains(local.shields, "india") || usage_or(usage.monthly_shield_requests.india, null) != null
    name     = "Origin shield HTTP requests (India)"
    price    = price("AmazonCloudFront", "IN-Requests-HTTP-Proxy", { requestDescription = "Origin Shield Requests" })
    region   = "global"
    quantity = usage.monthly_shield_requests.india
    unit     = "10k requests"
    scale    = 10000
  }
  component "Invalidation requests" {
    # A thousand paths a month are free.
    when     = usage_or(usage.monthly_invalidation_requests, null) != null
    name     = "Invalidation requests (over 1k)"
    price    = price("AmazonCloudFront", "Invalidations")
    region   = "global"
    quantity = max(0, usage.monthly_invalidation_requests - 1000)
    unit     = "paths"
  }
  component "Field level encryption requests" {
    when     = usage_or(usage.monthly_encryption_requests, null) != null
    price    = price("AmazonCloudFront", "EU-Requests-HTTPS-Proxy-FLE")
    region   = "global"
    quantity = usage.monthly_encryption_requests
    unit     = "10k requests"
    scale    = 10000
  }
  component "Real-time log requests" {
    when     = usage_or(usage.monthly_log_lines, null) != null
    price    = price("AmazonCloudFront", "RealTimeLog-KinesisDataStream")
    region   = "global"
    quantity = usage.monthly_log_lines
    unit     = "1M lines"
    scale    = 1000000
  }
  component "Dedicated IP custom SSLs" {
    when     = self.viewer_certificate.ssl_support_method == "vip" || usage_or(usage.custom_ssl_certificates, 0) > 0
    price    = price("AmazonCloudFront", "SSL-Cert-Custom")
    region   = "global"
    quantity = usage_or(usage.custom_ssl_certificates, 1)
    unit     = "certificates"
  }

  example {
    # 20,000 GB: 10,240 × 0.085 and 9,760 × 0.080; ten million HTTPS requests × 0.01 ten thousand; 1,500 paths, 500 of them × 0.005.
    usage = { monthly_data_transfer_to_internet_gb = { us = 20000 }, monthly_https_requests = { us = 10000000 }, monthly_invalidation_requests = 1500 }
    expected = {
      "US, Mexico, Canada / Data transfer out to internet (first 10TB)" = "870.4"
      "US, Mexico, Canada / Data transfer out to internet (next 40TB)"  = "780.8"
      "US, Mexico, Canada / HTTPS requests"                             = "10"
      "Invalidation requests (over 1k)"                                 = "2.5"
    }
    resource "aws_cloudfront_distribution" "main" {
      enabled = true
      default_cache_behavior {
        allowed_methods        = ["GET", "HEAD"]
        cached_methods         = ["GET", "HEAD"]
        target_origin_id       = "a"
        viewer_protocol_policy = "https-only"
      }
      origin {
        domain_name = "example.com"
        origin_id   = "a"
      }
      restrictions {
        geo_restriction {
          restriction_type = "none"
        }
      }
      viewer_certificate {
        cloudfront_default_certificate = true
      }
    }
  }
  example {
    # 10,000 requests × 0.01 ten thousand; Origin Shield is switched on, and how many requests come to it is not said.
    usage = { monthly_https_requests = { us = 10000 } }
    expected = {
      "US, Mexico, Canada / HTTPS requests"             = "0.01"
      "Origin shield HTTP requests (South America)"    = "usage"
    }
    resource "aws_cloudfront_distribution" "shielded" {
      enabled = true
      default_cache_behavior {
        allowed_methods        = ["GET", "HEAD"]
        cached_methods         = ["GET", "HEAD"]
        target_origin_id       = "main"
        viewer_protocol_policy = "https-only"
      }
      origin {
        domain_name = "example.com"
        origin_id   = "main"
        origin_shield {
          enabled              = true
          origin_shield_region = "sa-east-1"
        }
      }
      restrictions {
        geo_restriction {
          restriction_type = "none"
        }
      }
      viewer_certificate {
        cloudfront_default_certificate = true
      }
    }
  }
}

cost "aws_cloudfront_function" {
  usage {
    monthly_requests = "Invocations"
  }
  component "Total number of invocations" {
    price    = price("AmazonCloudFront", "Executions-CloudFrontFunctions")
    region   = "global"
    quantity = usage.monthly_requests
    unit     = "1M invocations"
    scale    = 1000000
  }

  example {
    # Ten million × 0.10 a million.
    usage    = { monthly_requests = 10000000 }
    expected = { "Total number of invocations" = "1" }
    resource "aws_cloudfront_function" "main" {
      name    = "main"
      runtime = "cloudfront-js-2.0"
      code    = "x"
    }
  }
}

cost "aws_globalaccelerator_accelerator" "aws_globalaccelerator_custom_routing_accelerator" {
  component "Fixed fee" {
    price    = price("AWSGlobalAccelerator", "Accelerator-Fixed-Fee")
    region   = "global"
    quantity = 730
    unit     = "hours"
  }

  example {
    # 730 h × 0.025.
    expected = { "Fixed fee" = "18.25" }
    resource "aws_globalaccelerator_accelerator" "main" {
      name = "main"
    }
  }
}
