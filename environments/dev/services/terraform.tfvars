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
  idle_timeout        = 300 # a language model may think for minutes before its next word
}

# Interruptions are cheap here and find out whether a service can bear them.
spot = { percent = 100 }

# Images are built in this account. Staging's and prod's, if they have accounts of their own, are admitted here:
#   registry = { pull_account_ids = ["<staging>", "<prod>"] }
registry = {}

# Each image answers 200 to everything, until the pipeline has pushed the service's own.
# Secrets: put each value there once, never here, after `terraform apply -target=aws_kms_alias.data` (the key) and before
# the whole apply, for a task whose parameter is missing does not start:
#   aws ssm put-parameter --type SecureString --key-id alias/plumbline-dev-services-data --name /plumbline/dev/services/<service>/<name>
services = {
  frontend = {
    image   = "docker.io/hashicorp/http-echo:1.0.0"
    command = ["-listen=:3000", "-text=frontend"]
    port    = 3000

    routing     = { priority = 900, paths = ["/*"] } # what no other service takes
    autoscaling = { min_tasks = 1, max_tasks = 2 }
  }

  api-gateway = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8000", "-text=api-gateway"]
    port     = 8000
    secrets  = ["SESSION_KEY"]
    database = true
    cache    = true

    routing     = { priority = 100, paths = ["/api/*"] }
    autoscaling = { min_tasks = 1, max_tasks = 2 }
  }

  mcp-server = {
    image   = "docker.io/hashicorp/http-echo:1.0.0"
    command = ["-listen=:8001", "-text=mcp-server"]
    port    = 8001
    cache   = true

    routing     = { priority = 200, paths = ["/mcp", "/mcp/*"] }
    autoscaling = { min_tasks = 1, max_tasks = 2 }
  }

  table-gateway = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8002", "-text=table-gateway"]
    port     = 8002
    database = true
    cache    = true

    routing     = { priority = 300, paths = ["/tables/*"] }
    autoscaling = { min_tasks = 1, max_tasks = 2 }
  }

  llm-orchestrator = {
    image        = "docker.io/hashicorp/http-echo:1.0.0"
    command      = ["-listen=:8003", "-text=llm-orchestrator"]
    port         = 8003
    secrets      = ["LLM_API_KEY"]
    cache        = true
    slow_seconds = 60 # a model answers no faster

    routing     = { priority = 400, paths = ["/llm/*"] }
    autoscaling = { min_tasks = 1, max_tasks = 2 }
  }

  document-service = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8004", "-text=document-service"]
    port     = 8004
    database = true

    routing     = { priority = 500, paths = ["/documents/*"] }
    autoscaling = { min_tasks = 1, max_tasks = 2 }
  }

  automation-services = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8006", "-text=automation-services"]
    port     = 8006
    database = true
    cache    = true

    routing     = { priority = 600, paths = ["/automation/*"] }
    autoscaling = { min_tasks = 1, max_tasks = 2 }
  }

  platform-services = {
    image    = "docker.io/hashicorp/http-echo:1.0.0"
    command  = ["-listen=:8007", "-text=platform-services"]
    port     = 8007
    database = true

    routing     = { priority = 700, paths = ["/platform/*"] }
    autoscaling = { min_tasks = 1, max_tasks = 2 }
  }
}

database = {
  name           = "plumbline"
  instance_class = "db.t4g.small"
  multi_az       = false
  backup_days    = 7
}

cache = {
  node_type     = "cache.t4g.micro"
  replicas      = 0 # an afternoon without cache costs less than a second node
  snapshot_days = 1
}

# Dev can be rebuilt; an environment whose data cannot sets enable_cross_region_backup = true.
backup_region = "eu-central-1"

# Yours. Slack: slack_team_id, and slack_channels beside emails; SMS: phone_numbers of critical. Nobody is woken for dev.
alerts = {
  subscribers = {
    warning  = { emails = ["platform@example.com"] }
    critical = { emails = ["platform@example.com"] }
  }
}

log_retention_days = 30
