variable "name" {
  type = string
}

variable "records" {
  type = map(string)
}

resource "aws_ssm_parameter" "record" {
  for_each = var.records

  name        = "/zones/${md5(var.name)}/${md5(each.key)}"
  description = "${var.name}: ${each.key}"
  type        = "String"
  value       = each.value
}

output "names" {
  value = { for key, parameter in aws_ssm_parameter.record : key => parameter.description }
}
