variable "vpc_id" {
  default = "vpc-0123456789abcdef0"
}

variable "rules" {
  type = map(object({
    port     = number
    to_port  = optional(number)
    protocol = optional(string)
    cidrs    = optional(list(string), [])
    self     = optional(bool)
  }))

  default = {
    https   = { port = 443, cidrs = ["0.0.0.0/0", "192.0.2.0/24"] }
    metrics = { port = 9000, to_port = 9100, cidrs = ["10.0.0.0/8"] }
    gossip  = { port = 7946, protocol = "udp", self = true }
    peers   = { port = 7946, protocol = "tcp", self = true }
  }
}

variable "disks" {
  type = map(object({ size = number, type = optional(string, "gp3") }))

  default = {
    "/dev/xvda" = { size = 20 }
    "/dev/xvdf" = { size = 200, type = "io2" }
    "/dev/xvdz" = null
  }
}

variable "block_by_default" {
  type    = bool
  default = false
}

variable "managed_rules" {
  type = list(object({ name = string, count_only = optional(set(string), []) }))

  default = [
    { name = "AWSManagedRulesCommonRuleSet", count_only = ["SizeRestrictions_BODY", "NoUserAgent_HEADER"] },
    { name = "AWSManagedRulesKnownBadInputsRuleSet" },
  ]
}
