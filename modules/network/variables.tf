variable "name" {
  description = "Prefix of every name in the network, for example `plumbline-dev`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 40 lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }
}

variable "cidr_block" {
  description = "IPv4 range of the VPC, /16 to /22. Each subnet gets a sixteenth of it."
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr_block))
    error_message = "cidr_block must be an IPv4 range such as 10.0.0.0/16."
  }

  validation {
    condition     = try(tonumber(split("/", var.cidr_block)[1]) >= 16 && tonumber(split("/", var.cidr_block)[1]) <= 22, false)
    error_message = "cidr_block must be between /16 (the largest VPC) and /22 (whose subnets, /26, still hold a load balancer)."
  }
}

variable "zones" {
  description = "Availability zones, two to four. Append new ones at the end: a zone's position decides its addresses."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4
    error_message = "zones must name two to four zones: load balancers and Multi-AZ databases need two, and the address plan has room for four."
  }

  validation {
    condition     = length(distinct(var.zones)) == length(var.zones)
    error_message = "zones must not name a zone twice."
  }
}

variable "nat_gateways" {
  description = "`per_zone` (survives the loss of a zone), `single` (cheaper, one zone's failure cuts all private subnets off) or `none`."
  type        = string
  default     = "per_zone"
  nullable    = false

  validation {
    condition     = contains(["per_zone", "single", "none"], var.nat_gateways)
    error_message = "nat_gateways must be per_zone, single or none."
  }
}

variable "subnet_tags" {
  description = "Further tags of each tier's subnets, such as those by which Kubernetes finds where its load balancers go."
  type = object({
    public  = optional(map(string), {})
    private = optional(map(string), {})
    data    = optional(map(string), {})
  })
  default  = {}
  nullable = false
}

variable "gateway_endpoints" {
  description = "Gateway endpoints, `s3` or `dynamodb`: free, and off the NAT gateways. `policy` (JSON) limits what may be reached through one."
  type        = map(object({ policy = optional(string) }))
  default     = { s3 = {} }
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.gateway_endpoints), ["s3", "dynamodb"])) == 0
    error_message = "gateway_endpoints may name s3 and dynamodb only; other services have interface endpoints."
  }
}

variable "interface_endpoints" {
  description = <<-EOT
    Interface endpoints in the private subnets, by the service's short name, such as `ecr.api`, `logs` or `ssm`. Each is
    billed by zone and hour. `policy` (JSON) limits what may be reached through one.
  EOT
  type        = map(object({ policy = optional(string) }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for service in keys(var.interface_endpoints) : can(regex("^[a-z0-9][a-z0-9.-]*$", service)) && !startswith(service, "com.amazonaws.")])
    error_message = "interface_endpoints must be named by the service without com.amazonaws.<region>, such as ecr.api or secretsmanager."
  }

  validation {
    condition     = length(setintersection(keys(var.interface_endpoints), ["s3", "dynamodb"])) == 0
    error_message = "interface_endpoints must not name s3 or dynamodb: gateway_endpoints reach both, free of charge."
  }
}

variable "kms_key_arn" {
  description = "KMS key for the flow logs. Its policy must let CloudWatch Logs use it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, not its id or an alias."
  }
}

variable "flow_logs" {
  description = "Days that flow logs are kept, which traffic they record, and the seconds they are gathered before being written."
  type = object({
    retention_days      = optional(number, 365)
    traffic_type        = optional(string, "ALL")
    aggregation_seconds = optional(number, 600)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.flow_logs.retention_days > 0
    error_message = "flow_logs.retention_days must be a period CloudWatch Logs offers, such as 30, 90, 365 or 731; it takes 0 for ever."
  }

  validation {
    condition     = contains(["ALL", "ACCEPT", "REJECT"], var.flow_logs.traffic_type)
    error_message = "flow_logs.traffic_type must be ALL, ACCEPT or REJECT."
  }

  validation {
    condition     = contains([60, 600], var.flow_logs.aggregation_seconds)
    error_message = "flow_logs.aggregation_seconds must be 60 or 600, the two intervals AWS offers."
  }
}
