variable "text" {
  type = string
}

variable "number" {
  type = number
}

variable "flag" {
  type = bool
}

variable "list" {
  type = list(string)
}

variable "set" {
  type = set(string)
}

variable "map" {
  type = map(string)
}

variable "object" {
  type = object({
    name   = string
    nested = list(list(number))
    left   = optional(map(any))
  })
}

variable "tuple" {
  type = tuple([string, number, bool])
}

variable "untyped" {}

variable "anys" {
  type = list(any)
}

variable "shorthand_list" {
  type    = list
  default = [1, "two"]
}

variable "shorthand_map" {
  type    = map
  default = { a = 1, b = "x" }
}

output "all" {
  value = {
    text    = var.text
    number  = var.number
    flag    = var.flag
    list    = var.list
    set     = var.set
    map     = var.map
    object  = var.object
    tuple   = var.tuple
    untyped = var.untyped
    anys    = var.anys
    short   = [var.shorthand_list, var.shorthand_map]
  }
}
