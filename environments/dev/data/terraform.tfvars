project     = "plumbline"
environment = "dev"
stack       = "data"
owner       = "platform"
cost_centre = "engineering"
region      = "eu-west-1"

network = {
  cidr_block = "10.11.0.0/16"
  zones      = ["eu-west-1a", "eu-west-1b"]
}

# The access logs' bucket is yours (the account's, shared by its stacks), and must admit S3's log delivery and Elastic Load
# Balancing.
# Dev's readings are tests: nobody asks for last month's.
buckets = {
  access_logs_bucket = "plumbline-dev-access-logs"
  raw                = { transitions = {}, expiration_days = 30, noncurrent_days = 7 }
  processed          = { transitions = {}, expiration_days = 30, noncurrent_days = 7 }
}

# What an endless loop may cost.
table = {
  recovery_days    = 7
  on_demand_limits = { read = 100, write = 100 }
}

# The pipeline puts the zip file there, by version, before it plans: the bucket is yours.
function = {
  code = {
    s3      = { bucket = "plumbline-dev-artifacts", key = "data/process/1.0.0.zip" }
    handler = "process.handle"
    runtime = "python3.13"
  }
  size                 = { memory = 256, timeout = 30 }
  reserved_concurrency = 5
  log_level            = "DEBUG"
}

# Yours: the zone must exist.
domain = {
  name    = "dev.data.example.com"
  zone_id = "Z0123456789EXAMPLE"
}

load_balancer = {
  ingress_cidr_blocks = ["203.0.113.0/24"] # an example range (RFC 5737): the network of those who read, not the world
}

# Interruptions are cheap here and find out whether the API can bear them.
spot = { percent = 100 }

# Images are built in this account. Staging's and prod's, if they have accounts of their own, are admitted here:
#   registry = { pull_account_ids = ["<staging>", "<prod>"] }
registry = {}

# The image has to be there before the tasks: `terraform apply -target=module.images` makes its repository, the pipeline pushes
# to it, and then comes the whole apply.
api = {
  image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/plumbline/data-api:1.0.0"
  port  = 8080

  autoscaling = { min_tasks = 1, max_tasks = 2 }
}

# A cluster at rest costs as much as one at work: switched on here only to try a change of it.
enable_redshift = false
warehouse = {
  nodes     = { type = "ra3.large", count = 1 }
  snapshots = { retention_days = 1, final = false }
}

# Yours: a list rather than a person, who may be on holiday.
alert_email = "sensors-dev@example.com"

log_retention_days = 30
