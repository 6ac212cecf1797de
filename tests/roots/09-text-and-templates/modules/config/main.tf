output "paths" {
  value = { module = path.module, root = path.root }
}

output "shared" {
  value = chomp(file("${path.root}/files/shared.txt"))
}

resource "aws_ssm_parameter" "template" {
  name  = "/config/template"
  type  = "StringList"
  value = templatefile("${path.module}/list.tftpl", { items = setunion(["b", "a"], ["c"]) })
}
