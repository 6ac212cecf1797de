# Defaults that are not of the variable's type.
variable "replicas" {
  type    = number
  default = "three"
}

variable "tags" {
  type    = map(string)
  default = ["a"]
}

variable "database" {
  type    = object({ class = string, size = optional(number, "big") })
  default = { class = "db.t4g.micro" }
}
