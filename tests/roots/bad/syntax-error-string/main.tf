# A string that nobody ends, which Terraform complains of on each line that follows.
locals {
  name = "app
}
