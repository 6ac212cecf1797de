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

  # A workload that starts before its way out exists cannot pull its image.
  depends_on = [aws_route.private_nat, aws_route_table_association.private]
}

output "data_subnet_ids" {
  description = "Subnets of the data tier, in the order of `zones`."
  value       = [for zone in var.zones : aws_subnet.data[zone].id]
}

output "nat_public_ips" {
  description = "Addresses from which private workloads reach the Internet, by zone: what partners put on their allow lists."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}
