provider "aws" {
  region     = "eu-central-1"
  access_key = "mock_access_key"
  secret_key = "mock_secret"

  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
