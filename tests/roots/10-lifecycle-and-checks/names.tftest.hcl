# Terraform's own tests are no part of a configuration, although they lie beside it.
run "names" {
  command = plan

  assert {
    condition     = output.names["api"] == "/services/api"
    error_message = "Another name."
  }
}
