provider "aws" {
  region = var.region

  # Roles and a trail made in the wrong account are worse than an error.
  allowed_account_ids = [var.account_id]

  # On everything, so that each line of the bill has an environment, a stack and somebody to ask.
  default_tags {
    tags = {
      project     = var.project
      environment = var.environment
      stack       = var.stack
      owner       = var.owner
      cost_centre = var.cost_centre
    }
  }
}
