project     = "plumbline"
environment = "prod"
stack       = "cluster"
owner       = "platform"
cost_centre = "engineering"
region      = "eu-west-1"

# Beside the stacks services (10.30.0.0/16) and data (10.31.0.0/16): ranges that overlap can never be peered.
network = {
  cidr_block   = "10.32.0.0/16"
  zones        = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  nat_gateways = "per_zone"
}

# Yours: the zone must exist.
domain = {
  name    = "cluster.example.com"
  zone_id = "Z0123456789EXAMPLE"
}

kubernetes = {
  version = "1.33"

  # Reached from inside the VPC only: runners and people come through a VPN or a peering, whose security groups
  # go into api_clients once they exist. public_endpoint_cidr_blocks would open it to networks outside.
  api_clients = {}
}

# Yours: the roles must exist.
access_entries = {
  # Not AmazonEKSClusterAdminPolicy, which controllers and ClusterRoles take to install: whoever does that is given it for
  # the hour (aws eks associate-access-policy), and loses it again.
  operators = {
    principal_arn = "arn:aws:iam::111122223333:role/operators"
    policies      = { AmazonEKSAdminPolicy = {} }
  }

  pipeline = {
    principal_arn = "arn:aws:iam::111122223333:role/plumbline-prod-apply"
    policies      = { AmazonEKSEditPolicy = { namespaces = ["gateway"] } }
  }
}

node_groups = {
  system = {
    instance_types = ["m7g.large"]
    min_size       = 3 # one a zone
    max_size       = 6
  }

  # On demand: here an interruption is somebody's request.
  work = {
    instance_types = ["m7g.xlarge"]
    min_size       = 3
    max_size       = 12
    labels         = { role = "work" }
  }
}

workloads = {
  gateway = {
    namespace       = "gateway"
    service_account = "gateway"
    database        = true
    cache           = {}
  }
}

database = {
  name           = "plumbline"
  instance_class = "db.m7g.large"
  multi_az       = true
  backup_days    = 30
  storage        = { size_gb = 100, max_size_gb = 500 }
}

cache = {
  node_type     = "cache.m7g.large"
  replicas      = 2
  snapshot_days = 14
}

# Daily backups for 30 days here, and a copy where the first region's misfortunes do not reach it.
enable_cross_region_backup = true
backup_region              = "eu-central-1"

deletion_protection = true

log_retention_days = 365
