# APIs. AWS API Gateway pricing page.

cost "aws_api_gateway_rest_api" {
  usage {
    monthly_requests = "Requests"
  }
  component "Requests" {
    price    = price("AmazonApiGateway", "ApiGatewayRequest")
    quantity = usage.monthly_requests
    unit     = "1M requests"
    scale    = 1000000
  }

  example {
    # 400 million: the first 333 × 3.50, the rest × 2.80 a million.
    usage    = { monthly_requests = 400000000 }
    expected = { "Requests (first 333M)" = "1165.5", "Requests (next 667M)" = "187.6" }
    resource "aws_api_gateway_rest_api" "main" {
      name = "main"
    }
  }
}

cost "aws_api_gateway_stage" {
  when = self.cache_cluster_enabled == true
  component "Cache memory" {
    name     = "Cache memory (${self.cache_cluster_size} GB)"
    price    = price("AmazonApiGateway", "ApiGatewayCacheUsage:${self.cache_cluster_size}GB")
    quantity = 730
    unit     = "hours"
  }

  example {
    # 730 h × 0.02.
    expected = { "Cache memory (0.5 GB)" = "14.6" }
    resource "aws_api_gateway_stage" "main" {
      rest_api_id           = "a"
      deployment_id         = "b"
      stage_name            = "main"
      cache_cluster_enabled = true
      cache_cluster_size    = "0.5"
    }
  }
  example {
    expected = {}
    resource "aws_api_gateway_stage" "main" {
      rest_api_id   = "a"
      deployment_id = "b"
      stage_name    = "main"
    }
  }
}

cost "aws_apigatewayv2_api" {
  usage {
    monthly_requests        = "Requests (HTTP)"
    request_size_kb         = "KB of a request; each 512 KB begun count as one (HTTP)"
    monthly_messages        = "Messages (WebSocket)"
    message_size_kb         = "KB of a message; each 32 KB begun count as one (WebSocket)"
    monthly_connection_mins = "Minutes of connections (WebSocket)"
  }
  locals {
    http = self.protocol_type == "HTTP"
  }
  component "Requests" {
    when     = local.http
    price    = price("AmazonApiGateway", "ApiGatewayHttpRequest")
    quantity = usage.monthly_requests * ceil(usage_or(usage.request_size_kb, 512) / 512)
    unit     = "1M requests"
    scale    = 1000000
  }
  component "Messages" {
    when     = !local.http
    price    = price("AmazonApiGateway", "ApiGatewayMessage")
    quantity = usage.monthly_messages * ceil(usage_or(usage.message_size_kb, 32) / 32)
    unit     = "1M messages"
    scale    = 1000000
  }
  component "Connection duration" {
    when     = !local.http
    price    = price("AmazonApiGateway", "ApiGatewayMinute")
    quantity = usage.monthly_connection_mins
    unit     = "1M minutes"
    scale    = 1000000
  }

  example {
    # 400 million: the first 300 × 1, the rest × 0.90 a million.
    usage    = { monthly_requests = 400000000 }
    expected = { "Requests (first 300M)" = "300", "Requests (over 300M)" = "90" }
    resource "aws_apigatewayv2_api" "main" {
      name          = "main"
      protocol_type = "HTTP"
    }
  }
  example {
    # 10 million messages of 40 KB count as 20; × 1 a million; 100 million minutes × 0.25.
    usage    = { monthly_messages = 10000000, message_size_kb = 40, monthly_connection_mins = 100000000 }
    expected = { "Messages (first 1B)" = "20", "Connection duration" = "25" }
    resource "aws_apigatewayv2_api" "main" {
      name          = "main"
      protocol_type = "WEBSOCKET"
    }
  }
}
