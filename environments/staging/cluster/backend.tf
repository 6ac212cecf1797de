# Bucket, key, region and locking come at init, so that the same files serve every account:
#   terraform init -backend-config=<file>, where tf-bootstrap backend-config <environment>/cluster writes the file.
terraform {
  backend "s3" {}
}
