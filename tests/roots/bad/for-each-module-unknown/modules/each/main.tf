variable "key" {
  type = string
}
