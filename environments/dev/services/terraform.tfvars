project     = "plumbline"
environment = "dev"
stack       = "services"
owner       = "platform"
cost_centre = "engineering"
region      = "eu-west-1"

network = {
  cidr_block   = "10.10.0.0/16"
  zones        = ["eu-west-1a", "eu-west-1b"]
  nat_gateways = "single" # a zone's failure may cost dev an afternoon; a second gateway costs every month
}

# Yours: the zone must exist, and the bucket (the account's, shared by its stacks) must admit Elastic Load Balancing.
domain = {
  name    = "dev.services.example.com"
  zone_id = "Z0123456789EXAMPLE"
}

load_balancer = {
  ingress_cidr_blocks = ["203.0.113.0/24"] # an example range (RFC 5737): the office's or the VPN's, not the world
  access_logs_bucket  = "plumbline-dev-access-logs"
}

# Interruptions are cheap here and find out whether a service can bear them.
spot = { percent = 100 }

services = {
  api-gateway = {
    # Answers 200 to everything, until the pipeline has pushed the service's own image.
    image   = "docker.io/hashicorp/http-echo:1.0.0"
    command = ["-listen=:8000", "-text=api-gateway"]
    port    = 8000

    # Put its value there once, never here: aws ssm put-parameter --type SecureString --key-id alias/plumbline-dev-services-data
    #   --name /plumbline/dev/services/api-gateway/SESSION_KEY
    secrets  = ["SESSION_KEY"]
    database = true

    routing     = { priority = 100, paths = ["/api/*"] }
    autoscaling = { min_tasks = 1, max_tasks = 2 }
  }
}

database = {
  name           = "plumbline"
  instance_class = "db.t4g.small"
  multi_az       = false
  backup_days    = 7
}

# Dev can be rebuilt; an environment whose data cannot sets enable_cross_region_backup = true.
backup_region = "eu-central-1"

log_retention_days = 30
