# Bucket, key, region and locking come at init, so that the same files serve every account:
#   terraform init -backend-config=<file>, with a key that no role of the pipeline has, such as account/terraform.tfstate.
terraform {
  backend "s3" {}
}
