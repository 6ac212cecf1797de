locals {
  # This file has CRLF line ends, which heredocs keep.
  crlf_heredoc = <<-EOT
    first
      second ${local.one_line}
  EOT
  crlf_quoted  = "one\r\ntwo"
  crlf_file    = file("${path.module}/crlf.txt")
  crlf_template = templatefile("${path.module}/crlf.txt", {
    name = "x" })
}
