project     = "plumbline"
stack       = "account"
owner       = "platform"
cost_centre = "engineering"
region      = "eu-west-1"

# Yours. With one account an environment (better: prod's limits are then the account's), each gets its own copy of this
# file with its own environment only.
account_id = "111122223333"
repository = "example/plumbline"

environments = {
  dev = {
    monthly_budget = 500
    plan           = { pull_requests = true, branches = ["develop", "main"] }
  }

  staging = {
    monthly_budget = 1000
    plan           = { pull_requests = true }
  }

  # Not for pull requests: whoever opens one decides what its plan runs, and a plan reads the state.
  prod = {
    monthly_budget = 3000
  }
}

# What tf-bootstrap create has made; the name of a bucket is the world's, so it is yours to choose.
state = {
  bucket         = "plumbline-111122223333-tfstate"
  kms_key_arn    = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  lock_table_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/plumbline-tflock"
}

audit = {
  # A year in which nobody deletes what happened, except by a right that is itself recorded.
  bucket = {
    access_logs_bucket = "plumbline-dev-access-logs"
    lock               = { days = 365, mode = "governance" }
  }

  findings = { min_severity = 4, emails = ["security@example.com"] }
}

budget = {
  monthly_limit = 5000
  emails        = ["platform@example.com"]
}
