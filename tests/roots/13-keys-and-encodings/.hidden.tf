# Terraform reads no file whose name begins with a dot: were this read, the name would be there twice.
locals {
  from_bom_file = "hidden"
}
