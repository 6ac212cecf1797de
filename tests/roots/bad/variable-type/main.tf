# Values that cannot become what the variables want.
variable "zones" {
  type = list(string)
}

variable "database" {
  type = object({
    class = string
    size  = optional(number, 20)
  })
}

variable "replicas" {
  type = number
}

output "all" {
  value = [var.zones, var.database, var.replicas]
}
