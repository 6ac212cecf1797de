project         = "orders"
default_timeout = null

buckets = {
  raw = {
    force_destroy = true
    lifecycle_rules = [
      {
        id          = "expire"
        expire_days = 30
        transitions = [{ days = "7" }, { days = 14, class = "GLACIER_IR" }, { days = 7 }]
      },
      { id = "keep-audit", enabled = false, prefix = "audit/", expire_days = null },
    ]
  }
  curated = {
    suffix = "v2"
    tags   = { Tier = 1 }
    owner  = { team = "analytics" }
    extra  = "attributes that the type does not name are dropped"
  }
  scratch = { tags = null, owner = { team = null, pager = "none" } }
}

database = {
  instance_class = "db.t4g.medium"
  multi_az       = "true"
}

database_password = "not-a-real-password"
