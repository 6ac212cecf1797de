# Load balancers. AWS Elastic Load Balancing pricing page.

cost "aws_lb" "aws_alb" {
  usage {
    new_connections    = "New connections a second, on average"
    active_connections = "Active connections a minute, on average"
    processed_bytes_gb = "GB that it processes a month"
    rule_evaluations   = "Evaluations of rules a second, on average"
  }
  locals {
    kind = self.load_balancer_type == null ? "application" : self.load_balancer_type
    operation = { application = "LoadBalancing:Application", network = "LoadBalancing:Network", gateway = "LoadBalancing:Gateway" }[local.kind]
    # What one capacity unit holds: new connections a second, active connections a minute, GB an hour, rules a second.
    new      = local.kind == "application" ? 25 : (local.kind == "network" ? 800 : 600)
    active   = local.kind == "application" ? 3000 : (local.kind == "network" ? 100000 : 60000)
    capacity = max(
      usage_or(usage.new_connections, 0) / local.new,
      usage_or(usage.active_connections, 0) / local.active,
      usage_or(usage.processed_bytes_gb, 0) / 730,
      local.kind == "application" ? usage_or(usage.rule_evaluations, 0) / 1000 : 0
    )
    # One of the four is enough.
    given = usage_or(usage.processed_bytes_gb, usage_or(usage.new_connections, usage_or(usage.active_connections, usage_or(usage.rule_evaluations, null))))
  }
  component "Load balancer" {
    name     = lookup({ application = "Application load balancer", network = "Network load balancer", gateway = "Gateway load balancer" }, local.kind, local.kind)
    price    = price("AWSELB", "LoadBalancerUsage", { operation = local.operation })
    quantity = 730
    unit     = "hours"
  }
  component "Load balancer capacity units" {
    price    = price("AWSELB", "LCUUsage", { operation = local.operation })
    quantity = local.given == null ? usage.processed_bytes_gb : local.capacity * 730
    unit     = "LCU"
    scale    = 730
  }

  example {
    # 730 h × 0.0225; 7,300 GB are 10 LCUs, 5,000 new connections 200: the most counts: 200 × 730 h × 0.008.
    usage = { processed_bytes_gb = 7300, new_connections = 5000 }
    expected = {
      "Application load balancer"    = "16.425"
      "Load balancer capacity units" = "1168"
    }
    resource "aws_lb" "web" {
      subnets = ["subnet-1", "subnet-2"]
    }
  }
  example {
    # A network load balancer's unit costs 0.006.
    usage = { processed_bytes_gb = 730 }
    expected = {
      "Network load balancer"        = "16.425"
      "Load balancer capacity units" = "4.38"
    }
    resource "aws_lb" "tcp" {
      load_balancer_type = "network"
      subnets            = ["subnet-1"]
    }
  }
  example {
    expected = {
      "Application load balancer"    = "16.425"
      "Load balancer capacity units" = "usage"
    }
    resource "aws_alb" "web" {
      subnets = ["subnet-1", "subnet-2"]
    }
  }
}

cost "aws_elb" {
  usage {
    monthly_data_processed_gb = "GB that it processes"
  }
  component "Classic load balancer" {
    price    = price("AWSELB", "LoadBalancerUsage", { operation = "LoadBalancing" })
    quantity = 730
    unit     = "hours"
  }
  component "Data processed" {
    price    = price("AWSELB", "DataProcessing-Bytes", { operation = "LoadBalancing" })
    quantity = usage.monthly_data_processed_gb
    unit     = "GB"
  }

  example {
    # 730 h × 0.025; 10,000 GB × 0.008.
    usage    = { monthly_data_processed_gb = 10000 }
    expected = { "Classic load balancer" = "18.25", "Data processed" = "80" }
    resource "aws_elb" "old" {
      subnets = ["subnet-1"]
      listener {
        instance_port     = 80
        instance_protocol = "http"
        lb_port           = 80
        lb_protocol       = "http"
      }
    }
  }
}
