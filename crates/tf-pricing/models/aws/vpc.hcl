# Networks. AWS VPC, PrivateLink, Transit Gateway and VPN pricing pages.

cost "aws_nat_gateway" {
  usage {
    monthly_data_processed_gb = "GB that the gateway processes"
  }
  component "NAT gateway" {
    price    = price("AmazonEC2", "NatGateway-Hours")
    quantity = 730
    unit     = "hours"
  }
  component "Data processed" {
    price    = price("AmazonEC2", "NatGateway-Bytes")
    quantity = usage.monthly_data_processed_gb
    unit     = "GB"
  }

  example {
    # 730 h × 0.045; 100 GB × 0.045.
    usage    = { monthly_data_processed_gb = 100 }
    expected = { "NAT gateway" = "32.85", "Data processed" = "4.5" }
    resource "aws_nat_gateway" "main" {
      subnet_id = "subnet-1"
    }
  }
  example {
    expected = { "NAT gateway" = "32.85", "Data processed" = "usage" }
    resource "aws_nat_gateway" "main" {
      subnet_id = "subnet-1"
    }
  }
}

# Since February 2024 every public IPv4 address costs the same, in use or idle.
cost "aws_eip" {
  # Addresses of the customer's own cost nothing.
  when = self.public_ipv4_pool == null || self.public_ipv4_pool == "amazon"
  locals {
    used = self.instance != null || self.network_interface != null || length(linked(self, "aws_nat_gateway", "aws_eip_association", "aws_lb", "aws_alb", "aws_instance", "aws_network_interface", "aws_globalaccelerator_accelerator")) > 0
  }
  component "IP address" {
    name     = local.used ? "IP address" : "IP address (if unused)"
    price    = price("AmazonVPC", local.used ? "PublicIPv4:InUseAddress" : "PublicIPv4:IdleAddress")
    quantity = 730
    unit     = "hours"
  }

  example {
    # 730 h × 0.005.
    expected = { "IP address (if unused)" = "3.65" }
    resource "aws_eip" "spare" {
    }
  }
  example {
    expected = { "IP address" = "3.65" }
    resource "aws_eip" "nat" {
    }
    resource "aws_nat_gateway" "main" {
      allocation_id = aws_eip.nat.id
      subnet_id     = "subnet-1"
    }
  }
}

cost "aws_vpc_endpoint" {
  usage {
    monthly_data_processed_gb = "GB that the endpoint processes"
  }
  locals {
    kind = self.vpc_endpoint_type == null ? "Gateway" : self.vpc_endpoint_type
    zones = max(1, size(self.subnet_ids), size(self.subnet_configuration))
  }
  # Gateway endpoints of S3 and DynamoDB cost nothing.
  when = local.kind != "Gateway"
  component "Endpoint" {
    name     = "Endpoint (${local.kind})"
    price    = price("AmazonVPC", local.kind == "GatewayLoadBalancer" ? "VpcEndpoint-GWLBE-Hours" : "VpcEndpoint-Hours")
    quantity = 730 * local.zones
    unit     = "hours"
  }
  component "Data processed" {
    price    = price("AmazonVPC", local.kind == "GatewayLoadBalancer" ? "VpcEndpoint-GWLBE-Bytes" : "VpcEndpoint-Bytes")
    quantity = usage.monthly_data_processed_gb
    unit     = "GB"
  }

  example {
    # Two zones × 730 h × 0.01; the first PB at 0.01, the rest of 1,200,000 GB at 0.006.
    usage = { monthly_data_processed_gb = 1200000 }
    expected = {
      "Endpoint (Interface)"       = "14.6"
      "Data processed (first 1PB)" = "10485.76"
      "Data processed (next 4PB)"  = "908.544"
    }
    resource "aws_vpc_endpoint" "ecr" {
      vpc_id            = "vpc-1"
      service_name      = "com.amazonaws.us-east-1.ecr.api"
      vpc_endpoint_type = "Interface"
      subnet_ids        = ["subnet-1", "subnet-2"]
    }
  }
  example {
    expected = {}
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = "vpc-1"
      service_name = "com.amazonaws.us-east-1.s3"
    }
  }
}

cost "aws_ec2_transit_gateway_vpc_attachment" {
  usage {
    monthly_data_processed_gb = "GB that go through the attachment"
  }
  component "Transit gateway attachment" {
    price    = price("AmazonVPC", "TransitGateway-Hours", { operation = "TransitGatewayVPC" })
    quantity = 730
    unit     = "hours"
  }
  component "Data processed" {
    price    = price("AmazonVPC", "TransitGateway-Bytes", { operation = "TransitGatewayVPC" })
    quantity = usage.monthly_data_processed_gb
    unit     = "GB"
  }

  example {
    # 730 h × 0.05; 100 GB × 0.02.
    usage    = { monthly_data_processed_gb = 100 }
    expected = { "Transit gateway attachment" = "36.5", "Data processed" = "2" }
    resource "aws_ec2_transit_gateway_vpc_attachment" "main" {
      subnet_ids         = ["subnet-1"]
      transit_gateway_id = "tgw-1"
      vpc_id             = "vpc-1"
    }
  }
}

cost "aws_ec2_transit_gateway_peering_attachment" {
  component "Transit gateway attachment" {
    price    = price("AmazonVPC", "TransitGateway-Hours", { operation = "TransitGatewayPeering" })
    quantity = 730
    unit     = "hours"
  }

  example {
    expected = { "Transit gateway attachment" = "36.5" }
    resource "aws_ec2_transit_gateway_peering_attachment" "main" {
      peer_region             = "us-west-2"
      peer_transit_gateway_id = "tgw-2"
      transit_gateway_id      = "tgw-1"
    }
  }
}

cost "aws_ec2_transit_gateway_connect" {
  component "Transit gateway attachment" {
    price    = price("AmazonVPC", "TransitGateway-Hours", { operation = "TransitGatewayConnect" })
    quantity = 730
    unit     = "hours"
  }

  example {
    expected = { "Transit gateway attachment" = "36.5" }
    resource "aws_ec2_transit_gateway_connect" "main" {
      transport_attachment_id = "tgw-attach-1"
      transit_gateway_id      = "tgw-1"
    }
  }
}

cost "aws_vpn_connection" {
  usage {
    monthly_data_processed_gb = "GB that go through the transit gateway's attachment"
  }
  component "VPN connection" {
    price    = price("AmazonVPC", "VPN-Usage-Hours:ipsec.1")
    quantity = 730
    unit     = "hours"
  }
  component "Transit gateway attachment" {
    when     = self.transit_gateway_id != null
    price    = price("AmazonVPC", "TransitGateway-Hours", { operation = "TransitGatewayVPN" })
    quantity = 730
    unit     = "hours"
  }
  component "Data processed" {
    when     = self.transit_gateway_id != null
    price    = price("AmazonVPC", "TransitGateway-Bytes", { operation = "TransitGatewayVPN" })
    quantity = usage.monthly_data_processed_gb
    unit     = "GB"
  }

  example {
    # 730 h × 0.05, twice; 100 GB × 0.02.
    usage    = { monthly_data_processed_gb = 100 }
    expected = { "VPN connection" = "36.5", "Transit gateway attachment" = "36.5", "Data processed" = "2" }
    resource "aws_vpn_connection" "office" {
      customer_gateway_id = "cgw-1"
      transit_gateway_id  = "tgw-1"
      type                = "ipsec.1"
    }
  }
  example {
    expected = { "VPN connection" = "36.5" }
    resource "aws_vpn_connection" "office" {
      customer_gateway_id = "cgw-1"
      vpn_gateway_id      = "vgw-1"
      type                = "ipsec.1"
    }
  }
}

cost "aws_ec2_client_vpn_endpoint" {
  usage {
    monthly_connection_hours = "Hours for which clients are connected, all together"
  }
  component "Connection" {
    price    = price("AmazonVPC", "ClientVPN-ConnectionHours")
    quantity = usage.monthly_connection_hours
    unit     = "hours"
  }

  example {
    # 100 h × 0.05.
    usage    = { monthly_connection_hours = 100 }
    expected = { "Connection" = "5" }
    resource "aws_ec2_client_vpn_endpoint" "main" {
      client_cidr_block      = "10.0.0.0/22"
      server_certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/x"
      authentication_options {
        type = "certificate-authentication"
      }
      connection_log_options {
        enabled = false
      }
    }
  }
}

cost "aws_ec2_client_vpn_network_association" {
  component "Endpoint association" {
    price    = price("AmazonVPC", "ClientVPN-EndpointHours")
    quantity = 730
    unit     = "hours"
  }

  example {
    # 730 h × 0.10.
    expected = { "Endpoint association" = "73" }
    resource "aws_ec2_client_vpn_network_association" "main" {
      client_vpn_endpoint_id = "cvpn-endpoint-1"
      subnet_id              = "subnet-1"
    }
  }
}

cost "aws_ec2_traffic_mirror_session" {
  component "Traffic mirror" {
    price    = price("AmazonVPC", "ENI-Mirror")
    quantity = 730
    unit     = "hours"
  }

  example {
    # 730 h × 0.015.
    expected = { "Traffic mirror" = "10.95" }
    resource "aws_ec2_traffic_mirror_session" "main" {
      network_interface_id     = "eni-1"
      session_number           = 1
      traffic_mirror_filter_id = "tmf-1"
      traffic_mirror_target_id = "tmt-1"
    }
  }
}

cost "aws_networkfirewall_firewall" {
  usage {
    monthly_data_processed_gb = "GB that the firewall processes"
  }
  component "Network Firewall Endpoint" {
    price    = price("AWSNetworkFirewall", "Endpoint-Hour")
    quantity = 730 * max(1, size(self.subnet_mapping))
    unit     = "hours"
  }
  component "Data Processed" {
    price    = price("AWSNetworkFirewall", "Traffic-GB-Processed")
    quantity = usage.monthly_data_processed_gb
    unit     = "GB"
  }

  example {
    # Two zones × 730 h × 0.395; 100 GB × 0.065.
    usage    = { monthly_data_processed_gb = 100 }
    expected = { "Network Firewall Endpoint" = "576.7", "Data Processed" = "6.5" }
    resource "aws_networkfirewall_firewall" "main" {
      name                = "main"
      firewall_policy_arn = "arn:aws:network-firewall:us-east-1:111122223333:firewall-policy/x"
      vpc_id              = "vpc-1"
      subnet_mapping {
        subnet_id = "subnet-1"
      }
      subnet_mapping {
        subnet_id = "subnet-2"
      }
    }
  }
}

# Associations with virtual private gateways cost nothing.
cost "aws_dx_gateway_association" {
  when = length(linked(self, "aws_vpn_gateway")) == 0
  usage {
    monthly_data_processed_gb = "GB sent to the transit gateway"
  }
  component "Transit gateway attachment" {
    price    = price("AmazonVPC", "TransitGateway-Hours", { operation = "TransitGatewayDirectConnect" })
    quantity = 730
    unit     = "hours"
  }
  component "Data processed" {
    price    = price("AmazonVPC", "TransitGateway-Bytes", { operation = "TransitGatewayDirectConnect" })
    quantity = usage.monthly_data_processed_gb
    unit     = "GB"
  }

  example {
    # 730 h × 0.05; 100 GB × 0.02.
    usage = { monthly_data_processed_gb = 100 }
    expected = {
      "Transit gateway attachment" = "36.5"
      "Data processed"             = "2"
    }
    resource "aws_ec2_transit_gateway" "main" {
    }
    resource "aws_dx_gateway_association" "main" {
      dx_gateway_id         = "dxgw-1"
      associated_gateway_id = aws_ec2_transit_gateway.main.id
    }
  }
  example {
    expected = {}
    resource "aws_vpn_gateway" "main" {
    }
    resource "aws_dx_gateway_association" "main" {
      dx_gateway_id         = "dxgw-1"
      associated_gateway_id = aws_vpn_gateway.main.id
    }
  }
}
