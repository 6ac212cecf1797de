project     = "plumbline"
environment = "staging"
stack       = "data"
owner       = "platform"
cost_centre = "engineering"
region      = "eu-west-1"

network = {
  cidr_block = "10.21.0.0/16"
  zones      = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
}

# The access logs' bucket is yours (the account's, shared by its stacks), and must admit S3's log delivery and Elastic Load
# Balancing.
# Long enough to compare a release's results with those of the one before.
buckets = {
  access_logs_bucket = "plumbline-staging-access-logs"
  raw                = { transitions = { STANDARD_IA = 30 }, expiration_days = 90, noncurrent_days = 30 }
  processed          = { transitions = {}, expiration_days = 90, noncurrent_days = 30 }
}

# What an endless loop may cost.
table = {
  recovery_days    = 14
  on_demand_limits = { read = 1000, write = 1000 }
}

# The pipeline puts the zip file there, by version, before it plans: the bucket is yours.
function = {
  code = {
    s3      = { bucket = "plumbline-staging-artifacts", key = "data/process/1.0.0.zip" }
    handler = "process.handle"
    runtime = "python3.13"
  }
  size                 = { memory = 512, timeout = 30 }
  reserved_concurrency = 20
}

# Yours: the zone must exist.
domain = {
  name    = "staging.data.example.com"
  zone_id = "Z0123456789EXAMPLE"
}

load_balancer = {
  ingress_cidr_blocks = ["203.0.113.0/24"] # an example range (RFC 5737): the network of those who read, not the world
}

# Production-like, but paid less: one task outlives any interruption.
spot = { percent = 50, on_demand_tasks = 1 }

# From the account that builds (dev's), where it has been scanned.
api = {
  image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/plumbline/data-api:1.0.0"
  port  = 8080

  autoscaling = { min_tasks = 2, max_tasks = 4 }
}

# As in production, but smaller, and without a standby: what loads it is tried here.
enable_redshift = true
warehouse = {
  nodes     = { type = "ra3.large", count = 2 }
  snapshots = { retention_days = 7 }
}

# Yours: a list rather than a person, who may be on holiday.
alert_email = "sensors-staging@example.com"

log_retention_days = 90
