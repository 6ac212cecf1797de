project     = "plumbline"
environment = "staging"
stack       = "cluster"
owner       = "platform"
cost_centre = "engineering"
region      = "eu-west-1"

# Beside the stacks services (10.20.0.0/16) and data (10.21.0.0/16): ranges that overlap can never be peered.
network = {
  cidr_block   = "10.22.0.0/16"
  zones        = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  nat_gateways = "per_zone" # as in prod: what a zone's failure breaks should break here first
}

# Yours: the zone must exist.
domain = {
  name    = "staging.cluster.example.com"
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
    principal_arn = "arn:aws:iam::111122223333:role/plumbline-staging-apply"
    policies      = { AmazonEKSEditPolicy = { namespaces = ["gateway"] } }
  }
}

node_groups = {
  system = {
    instance_types = ["t4g.large"]
    min_size       = 2
    max_size       = 4
  }

  # As prod's, but on Spot: what cannot bear an interruption should show it before production.
  work = {
    instance_types = ["m7g.large", "m6g.large", "t4g.large"]
    spot           = true
    min_size       = 2
    max_size       = 6
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
  instance_class = "db.t4g.medium"
  multi_az       = true
  backup_days    = 14
}

cache = {
  node_type     = "cache.t4g.small"
  replicas      = 1
  snapshot_days = 3
}

# Staging's data comes from seeds and can be made again; prod sets enable_cross_region_backup = true.
backup_region = "eu-central-1"

deletion_protection = true

log_retention_days = 90
