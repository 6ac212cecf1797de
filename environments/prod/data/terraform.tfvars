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

# The access logs' bucket is yours (the account's, shared by its stacks), and must admit S3's log delivery.
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
