# Names. AWS Route 53 pricing page.

cost "aws_route53_zone" {
  component "Hosted zone" {
    price    = price("AmazonRoute53", "HostedZone")
    region   = "global"
    quantity = 1
    unit     = "months"
  }

  example {
    # The first 25 of an account 0.50 each.
    expected = { "Hosted zone (first 25)" = "0.5" }
    resource "aws_route53_zone" "main" {
      name = "example.com"
    }
  }
}

# A namespace is a hosted zone.
cost "aws_service_discovery_private_dns_namespace" "aws_service_discovery_public_dns_namespace" {
  component "Hosted zone" {
    price    = price("AmazonRoute53", "HostedZone")
    region   = "global"
    quantity = 1
    unit     = "months"
  }

  example {
    expected = { "Hosted zone (first 25)" = "0.5" }
    resource "aws_service_discovery_private_dns_namespace" "main" {
      name = "internal"
      vpc  = "vpc-1"
    }
  }
}

cost "aws_route53_record" {
  # Queries of records that are aliases of AWS's own resources cost nothing.
  when = length(self.alias) == 0
  usage {
    monthly_standard_queries      = "Standard queries"
    monthly_latency_based_queries = "Queries with latency based routing"
    monthly_geo_queries           = "Queries with geolocation or geoproximity routing"
  }
  locals {
    latency = length(self.latency_routing_policy) > 0
    geo     = length(self.geolocation_routing_policy) > 0 || length(self.geoproximity_routing_policy) > 0
  }
  component "Standard queries" {
    when     = !local.latency && !local.geo
    price    = price("AmazonRoute53", "DNS-Queries")
    region   = "global"
    quantity = usage.monthly_standard_queries
    unit     = "1M queries"
    scale    = 1000000
  }
  component "Latency based routing queries" {
    when     = local.latency || usage_or(usage.monthly_latency_based_queries, 0) > 0
    price    = price("AmazonRoute53", "LBR-Queries")
    region   = "global"
    quantity = usage.monthly_latency_based_queries
    unit     = "1M queries"
    scale    = 1000000
  }
  component "Geo DNS queries" {
    when     = local.geo || usage_or(usage.monthly_geo_queries, 0) > 0
    price    = price("AmazonRoute53", "Geo-Queries")
    region   = "global"
    quantity = usage.monthly_geo_queries
    unit     = "1M queries"
    scale    = 1000000
  }

  example {
    # 1.2 thousand million: the first × 0.40 a million, the rest × 0.20.
    usage    = { monthly_standard_queries = 1200000000 }
    expected = { "Standard queries (first 1B)" = "400", "Standard queries (over 1B)" = "40" }
    resource "aws_route53_record" "www" {
      zone_id = "Z1"
      name    = "www"
      type    = "A"
      ttl     = 300
      records = ["192.0.2.1"]
    }
  }
  example {
    expected = {}
    resource "aws_route53_record" "www" {
      zone_id = "Z1"
      name    = "www"
      type    = "A"
      alias {
        name                   = "lb.example.com"
        zone_id                = "Z2"
        evaluate_target_health = true
      }
    }
  }
}

cost "aws_route53_health_check" {
  # A calculated check, or one of an alarm, is like one of an AWS endpoint.
  usage {
    endpoint_type = ["Where the endpoint is", "aws", "non_aws"]
  }
  locals {
    suffix = usage_or(usage.endpoint_type, "aws") == "aws" ? "AWS" : "Non-AWS"
    options = (startswith(self.type, "HTTPS") ? 1 : 0) + (self.request_interval == 10 ? 1 : 0) + (self.measure_latency == true ? 1 : 0) + (endswith(self.type, "STR_MATCH") ? 1 : 0)
  }
  component "Health check" {
    price    = price("AmazonRoute53", "Health-Check-${local.suffix}")
    region   = "global"
    quantity = 1
    unit     = "months"
  }
  component "Optional features" {
    when     = local.options > 0
    price    = price("AmazonRoute53", "Health-Check-Option-${local.suffix}")
    region   = "global"
    quantity = local.options
    unit     = "months"
  }

  example {
    # 0.50, and 1 each for HTTPS and for the fast interval.
    expected = { "Health check" = "0.5", "Optional features" = "2" }
    resource "aws_route53_health_check" "web" {
      fqdn              = "example.com"
      type              = "HTTPS"
      port              = 443
      request_interval  = 10
      failure_threshold = 3
    }
  }
}

cost "aws_route53_resolver_endpoint" {
  usage {
    monthly_queries = "Queries that go through it"
  }
  component "Resolver endpoints" {
    price    = price("AmazonRoute53", "ResolverNetworkInterface")
    quantity = size(self.ip_address) * 730
    unit     = "hours"
  }
  component "DNS queries" {
    price    = price("AmazonRoute53", "DNS-Queries")
    quantity = usage.monthly_queries
    unit     = "1M queries"
    scale    = 1000000
  }

  example {
    # Two addresses × 730 h × 0.125; 100 million × 0.40 a million.
    usage    = { monthly_queries = 100000000 }
    expected = { "Resolver endpoints" = "182.5", "DNS queries (first 1B)" = "40" }
    resource "aws_route53_resolver_endpoint" "in" {
      direction          = "INBOUND"
      security_group_ids = ["sg-1"]
      ip_address {
        subnet_id = "subnet-1"
      }
      ip_address {
        subnet_id = "subnet-2"
      }
    }
  }
}
