output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "cidr_block" {
  description = "IPv4 range of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "account_id" {
  description = "Account that owns the VPC, for policies that name it; known without a call to STS."
  value       = aws_vpc.this.owner_id
}

output "public_subnet_ids" {
  description = "Subnets of the public tier, in the order of `zones`."
  value       = [for zone in var.zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "Subnets of the private tier, in the order of `zones`."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]

  # A workload that starts before its way out exists, by NAT or by endpoints, cannot pull its image.
  depends_on = [
    aws_route.private_nat,
    aws_route_table_association.private,
    aws_vpc_endpoint.gateway,
    aws_vpc_endpoint.interface,
    aws_vpc_security_group_ingress_rule.endpoints,
  ]
}

output "data_subnet_ids" {
  description = "Subnets of the data tier, in the order of `zones`."
  value       = [for zone in var.zones : aws_subnet.data[zone].id]
}

output "nat_public_ips" {
  description = "Addresses from which private workloads reach the Internet, by zone: what partners put on their allow lists."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}

output "private_route_table_ids" {
  description = "Route tables of the private tier, in the order of `zones`, for routes to peers and transit gateways."
  value       = [for zone in var.zones : aws_route_table.private[zone].id]
}

output "data_route_table_id" {
  description = "Route table of the data tier, which all its subnets share."
  value       = aws_route_table.data.id
}

output "endpoint_ids" {
  description = "VPC endpoints by service, for policies that admit requests from them only (`aws:SourceVpce`)."
  value       = merge({ for service, endpoint in aws_vpc_endpoint.gateway : service => endpoint.id }, { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id })
}

output "gateway_endpoint_prefix_list_ids" {
  description = "Prefix lists of the gateway endpoints by service, for the egress of security groups that may reach nothing else."
  value       = { for service, endpoint in aws_vpc_endpoint.gateway : service => endpoint.prefix_list_id }
}

output "flow_log_group_name" {
  description = "Log group of the flow logs, for metric filters and queries."
  value       = aws_cloudwatch_log_group.flow_logs.name
}
