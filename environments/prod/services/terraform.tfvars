project     = "plumbline"
environment = "prod"
stack       = "services"
owner       = "platform"
cost_centre = "engineering"
region      = "eu-west-1"

network = {
  cidr_block   = "10.30.0.0/16"
  zones        = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  nat_gateways = "per_zone" # a zone's failure is that zone's only
}

# Yours: the zone must exist, and the bucket (the account's, shared by its stacks) must admit Elastic Load Balancing.
domain = {
  name    = "services.example.com"
  zone_id = "Z0123456789EXAMPLE"
}

load_balancer = {
  ingress_cidr_blocks = ["0.0.0.0/0"] # customers are anywhere; the firewall stands before them
  access_logs_bucket  = "plumbline-prod-access-logs"
  idle_timeout        = 300 # a language model may think for minutes before its next word
}

# On demand: an interruption here is a customer's.
spot = { percent = 0 }

# Each image answers 200 to everything, until the pipeline has pushed the service's own.
# Secrets: put each value there once, never here, after `terraform apply -target=aws_kms_alias.data` (the key) and before
# the whole apply, for a task whose parameter is missing does not start:
#   aws ssm put-parameter --type SecureString --key-id alias/plumbline-prod-services-data --name /plumbline/prod/services/<service>/<name>
services = {
  frontend = {
    image   = "docker.io/hashicorp/http-echo:1.0.0"
    command = ["-listen=:3000", "-text=frontend"]
    port    = 3000

    routing     = { priority = 900, paths = ["/*"] } # what no other service takes
    size        = { cpu = 512, memory = 1024 }
    autoscaling = { min_tasks = 3, max_tasks = 12 }
  }

  api-gateway = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8000", "-text=api-gateway"]
    port     = 8000
    secrets  = ["SESSION_KEY"]
    database = true
    cache    = true

    routing     = { priority = 100, paths = ["/api/*"] }
    size        = { cpu = 1024, memory = 2048 }
    autoscaling = { min_tasks = 3, max_tasks = 12 }
  }

  mcp-server = {
    image   = "docker.io/hashicorp/http-echo:1.0.0"
    command = ["-listen=:8001", "-text=mcp-server"]
    port    = 8001
    cache   = true

    routing     = { priority = 200, paths = ["/mcp", "/mcp/*"] }
    size        = { cpu = 512, memory = 1024 }
    autoscaling = { min_tasks = 3, max_tasks = 10 }
  }

  table-gateway = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8002", "-text=table-gateway"]
    port     = 8002
    database = true
    cache    = true

    routing     = { priority = 300, paths = ["/tables/*"] }
    size        = { cpu = 512, memory = 1024 }
    autoscaling = { min_tasks = 3, max_tasks = 10 }
  }

  llm-orchestrator = {
    image        = "docker.io/hashicorp/http-echo:1.0.0"
    command      = ["-listen=:8003", "-text=llm-orchestrator"]
    port         = 8003
    secrets      = ["LLM_API_KEY"]
    cache        = true
    slow_seconds = 60 # a model answers no faster

    routing     = { priority = 400, paths = ["/llm/*"] }
    size        = { cpu = 1024, memory = 2048 }
    autoscaling = { min_tasks = 3, max_tasks = 10 }
  }

  document-service = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8004", "-text=document-service"]
    port     = 8004
    database = true

    routing     = { priority = 500, paths = ["/documents/*"] }
    size        = { cpu = 1024, memory = 2048 }
    autoscaling = { min_tasks = 3, max_tasks = 10 }
  }

  automation-services = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8006", "-text=automation-services"]
    port     = 8006
    database = true
    cache    = true

    routing     = { priority = 600, paths = ["/automation/*"] }
    size        = { cpu = 512, memory = 1024 }
    autoscaling = { min_tasks = 3, max_tasks = 10 }
  }

  platform-services = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8007", "-text=platform-services"]
    port     = 8007
    database = true

    routing     = { priority = 700, paths = ["/platform/*"] }
    size        = { cpu = 512, memory = 1024 }
    autoscaling = { min_tasks = 3, max_tasks = 10 }
  }
}

database = {
  name           = "plumbline"
  instance_class = "db.m7g.large"
  multi_az       = true
  backup_days    = 35
  storage        = { size_gb = 100, max_size_gb = 1000 }
}

cache = {
  node_type     = "cache.m7g.large"
  replicas      = 2
  snapshot_days = 7
}

# The one environment whose data cannot be made again.
enable_cross_region_backup = true
backup_region              = "eu-central-1"

# Yours. Slack: slack_team_id, and slack_channels beside emails; SMS: phone_numbers of critical.
alerts = {
  subscribers = {
    info     = { emails = ["platform@example.com"] }
    warning  = { emails = ["platform@example.com"] }
    critical = { emails = ["platform@example.com", "on-call@example.com"] }
  }
}

log_retention_days = 365
