# This file starts with a byte-order mark.
locals {
  from_bom_file = "read"
}
