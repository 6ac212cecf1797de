project     = "plumbline"
environment = "prod"
stack       = "data"
owner       = "platform"
cost_centre = "engineering"
region      = "eu-west-1"

network = {
  cidr_block = "10.31.0.0/16"
  zones      = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
}

# The access logs' bucket is yours (the account's, shared by its stacks), and must admit S3's log delivery and Elastic Load
# Balancing.
# Readings cannot be taken again: none is deleted, and what nobody reads any more gets cheaper.
buckets = {
  access_logs_bucket = "plumbline-prod-access-logs"
  raw                = { transitions = { STANDARD_IA = 30, GLACIER_IR = 90 }, noncurrent_days = 90 }
  processed          = { transitions = { STANDARD_IA = 90 }, noncurrent_days = 90 }
}

# What an endless loop may cost.
table = {
  recovery_days    = 35
  on_demand_limits = { read = 10000, write = 10000 }
}

# The pipeline puts the zip file there, by version, before it plans: the bucket is yours.
function = {
  code = {
    s3      = { bucket = "plumbline-prod-artifacts", key = "data/process/1.0.0.zip" }
    handler = "process.handle"
    runtime = "python3.13"
  }
  size                 = { memory = 1024, timeout = 30 }
  reserved_concurrency = 100
}

# Yours: the zone must exist.
domain = {
  name    = "data.example.com"
  zone_id = "Z0123456789EXAMPLE"
}

load_balancer = {
  ingress_cidr_blocks = ["203.0.113.0/24"] # an example range (RFC 5737): the network of those who read, not the world
}

# On demand: an interruption here is a customer's.
spot = { percent = 0 }

# From the account that builds (dev's), where it has been scanned: the one that staging has tried.
api = {
  image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/plumbline/data-api:1.0.0"
  port  = 8080

  size        = { cpu = 512, memory = 1024 }
  autoscaling = { min_tasks = 3, max_tasks = 10 }
}

# The smallest class that can stand by in another zone.
enable_redshift = true
warehouse = {
  nodes     = { type = "ra3.xlplus", count = 2, multi_az = true }
  snapshots = { retention_days = 35 }
}

# Yours: a list rather than a person, who may be on holiday.
alert_email = "sensors-prod@example.com"

# Sensors send all the time: half an hour without one is a fault, of theirs or of what uploads for them.
alarms = { silence_minutes = 30 }

log_retention_days = 365
