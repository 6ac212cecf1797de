mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name       = "shop-dev"
  repository = "example/shop"
  apply      = { environments = ["dev"] }

  state = {
    bucket = "example-state"
    keys   = ["dev/shop.tfstate"]
  }
}

run "every_repository_of_an_owner" {
  command = plan

  variables {
    repository = "example/*"
  }

  expect_failures = [var.repository]
}

run "any_branch" {
  command = plan

  variables {
    apply = { branches = ["release/*"] }
  }

  expect_failures = [var.apply]
}

run "apply_for_nobody" {
  command = plan

  variables {
    apply = {}
  }

  expect_failures = [var.apply]
}

run "plan_for_nobody" {
  command = plan

  variables {
    plan = { pull_requests = false }
  }

  expect_failures = [var.plan]
}

run "plan_as_administrator" {
  command = plan

  variables {
    plan = { managed_policies = ["AdministratorAccess"] }
  }

  expect_failures = [var.plan]
}

run "session_too_long" {
  command = plan

  variables {
    apply = { environments = ["dev"], max_session_seconds = 86400 }
  }

  expect_failures = [var.apply]
}

run "every_state" {
  command = plan

  variables {
    state = { bucket = "example-state", keys = ["*"] }
  }

  expect_failures = [var.state]
}

run "state_without_lock" {
  command = plan

  variables {
    state = { bucket = "example-state", keys = ["dev/shop.tfstate"], lock_file = false }
  }

  expect_failures = [var.state]
}

run "key_by_alias" {
  command = plan

  variables {
    state = { bucket = "example-state", keys = ["dev/shop.tfstate"], kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:alias/state" }
  }

  expect_failures = [var.state]
}

run "another_issuer" {
  command = plan

  variables {
    oidc_provider = { arn = "arn:aws:iam::111122223333:oidc-provider/accounts.google.com" }
  }

  expect_failures = [var.oidc_provider]
}

run "boundary_by_name" {
  command = plan

  variables {
    permissions_boundary_arn = "boundary"
  }

  expect_failures = [var.permissions_boundary_arn]
}
