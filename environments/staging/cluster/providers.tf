provider "aws" {
  region = var.region

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

# Keeps copies of backups, where the first region's misfortunes do not reach them.
provider "aws" {
  alias  = "backup"
  region = var.backup_region

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
