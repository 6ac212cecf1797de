terraform {
  backend "local" {}
}

# The endpoint and the keys come by environment variables. What the emulator lacks it answers with an error that the
# provider would retry for many minutes.
provider "aws" {
  max_retries                 = 4
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

provider "aws" {
  alias                       = "backup"
  max_retries                 = 4
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
