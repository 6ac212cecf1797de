# A managed resource, a data source and a module that nobody declares.
resource "terraform_data" "app" {
  input = {
    resource = terraform_data.ap.output
    data     = data.aws_region.current.name
    module   = module.network.id
  }
}

output "type" {
  value = aws_instance.app.id
}
