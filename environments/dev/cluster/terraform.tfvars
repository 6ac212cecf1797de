project     = "plumbline"
environment = "dev"
stack       = "cluster"
owner       = "platform"
cost_centre = "engineering"
region      = "eu-west-1"

# Beside the stacks services (10.10.0.0/16) and data (10.11.0.0/16): ranges that overlap can never be peered.
network = {
  cidr_block   = "10.12.0.0/16"
  zones        = ["eu-west-1a", "eu-west-1b"]
  nat_gateways = "single" # a zone's failure may cost dev an afternoon; a second gateway costs every month
}

# Yours: the zone must exist.
domain = {
  name    = "dev.cluster.example.com"
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

  # Makes and removes the namespaces of previews by a ClusterRole, which the manifests bind to the group.
  pipeline = {
    principal_arn     = "arn:aws:iam::111122223333:role/plumbline-dev-apply"
    kubernetes_groups = ["preview-makers"]
    policies          = { AmazonEKSEditPolicy = { namespaces = ["gateway", "preview-*"] } }
  }
}

node_groups = {
  system = {
    instance_types = ["t4g.medium"]
    min_size       = 1
    max_size       = 2
  }

  # Interruptions are cheap here and find out whether a workload can bear them.
  work = {
    instance_types = ["t4g.large", "m7g.large", "m6g.large"]
    spot           = true
    min_size       = 1
    max_size       = 4
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
  instance_class = "db.t4g.small"
  multi_az       = false
  backup_days    = 7
}

cache = {
  node_type     = "cache.t4g.micro"
  replicas      = 0
  snapshot_days = 1
}

# Dev can be rebuilt; an environment whose data cannot sets enable_cross_region_backup = true.
backup_region = "eu-central-1"

log_retention_days = 30
