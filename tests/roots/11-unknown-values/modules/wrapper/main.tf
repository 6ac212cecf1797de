variable "subnet" {
  type = object({ id = string, availability_zone = string, cidr_block = optional(string), outpost_arn = optional(any) })
}

variable "key" {
  type = string

  validation {
    # Nothing is known of the key yet, so that Terraform leaves this for the apply.
    condition     = startswith(var.key, "arn:")
    error_message = "Not an ARN."
  }
}

resource "aws_sns_topic" "this" {
  name              = "wrapper-${var.subnet.availability_zone}"
  kms_master_key_id = var.key
  display_name      = var.key != null ? "encrypted" : "plain"
}

output "zone" {
  value = var.subnet.availability_zone
}

output "subnet" {
  value = var.subnet
}
