variable "by_default" {
  type    = string
  default = "default"
}

variable "by_env" {
  type    = string
  default = "default"
}

variable "by_tfvars" {
  type    = string
  default = "default"
}

variable "by_tfvars_json" {
  type    = string
  default = "default"
}

variable "by_auto_a" {
  type    = string
  default = "default"
}

variable "by_auto_b" {
  type    = string
  default = "default"
}

variable "by_auto_json" {
  type    = string
  default = "default"
}

variable "by_var_file" {
  type    = string
  default = "default"
}

variable "by_later_var_file" {
  type    = string
  default = "default"
}

variable "by_var" {
  type    = string
  default = "default"
}

variable "by_var_before_file" {
  type    = string
  default = "default"
}

variable "by_repeated_var" {
  type    = string
  default = "default"
}

variable "by_env_looks_number" {
  type    = string
  default = "default"
}

variable "by_env_tuple" {
  type = tuple([string, number, bool])
}

variable "region" {
  type = string
}

variable "instance_count" {
  type = number
}

variable "instance" {
  type = object({
    type       = string
    disk       = optional(number, 8)
    monitoring = optional(bool)
  })
}

variable "zones" {
  type = list(string)
}

variable "tags" {
  type    = map(string)
  default = { From = "default", Lost = "maps are not merged" }
}

variable "encrypt" {
  type = bool
}

variable "ports" {
  type = set(number)
}

# Without a type, -var and TF_VAR_ give a string, files give what they say.
variable "untyped" {}
