output "arn" {
  description = "ARN of the load balancer."
  value       = aws_lb.this.arn
}

output "arn_suffix" {
  description = "Load balancer as CloudWatch and autoscaling name it."
  value       = aws_lb.this.arn_suffix
}

output "dns_name" {
  description = "Name that AWS gave the load balancer: the target of an alias record."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Hosted zone of `dns_name`, which an alias record needs."
  value       = aws_lb.this.zone_id
}

output "security_group_id" {
  description = "Group of the load balancer: services admit it, and add their port to its egress."
  value       = aws_security_group.this.id
}

output "https_listener_arn" {
  description = "Listener to which services add their rules."
  value       = aws_lb_listener.https.arn
}

output "http_listener_arn" {
  description = "Listener that redirects to HTTPS; null without `redirect_http`."
  value       = one(aws_lb_listener.http[*].arn)
}

output "web_acl_arn" {
  description = "Web ACL in front of the load balancer; null if there is none."
  value       = local.web_acl_arn
}
