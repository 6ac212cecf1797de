mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
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

################################################################################
# Who may sign in
################################################################################

run "defaults" {
  assert {
    condition     = aws_iam_openid_connect_provider.this[0].url == "https://token.actions.githubusercontent.com" && tolist(aws_iam_openid_connect_provider.this[0].client_id_list) == tolist(["sts.amazonaws.com"])
    error_message = "The provider must be GitHub's, for STS only."
  }

  assert {
    condition     = output.subjects == { plan = ["repo:example/shop:pull_request"], apply = ["repo:example/shop:environment:dev"] }
    error_message = "By default plans are for pull requests, and applies for nothing but what was named."
  }

  assert {
    condition = alltrue([
      for document in data.aws_iam_policy_document.trust : alltrue([
        for condition in document.statement[0].condition : condition.test == "StringEquals"
      ]) && length(document.statement[0].condition) == 2
    ])
    error_message = "Audience and subject must both be compared letter by letter."
  }

  assert {
    condition     = tolist(data.aws_iam_policy_document.trust["plan"].statement[0].principals)[0].identifiers == toset([output.oidc_provider_arn])
    error_message = "The roles must trust the account's provider."
  }

  assert {
    condition     = aws_iam_role.plan.name == "shop-dev-plan" && aws_iam_role.apply.name == "shop-dev-apply" && aws_iam_role.apply.max_session_duration == 3600 && aws_iam_role.apply.permissions_boundary == null
    error_message = "The roles must have the module's names, an hour, and no boundary that was not asked for."
  }

  assert {
    condition     = [for attachment in aws_iam_role_policy_attachment.plan : attachment.policy_arn] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"] && length(aws_iam_role_policy_attachment.apply) == 0
    error_message = "Plans read; an apply role may do only what was given."
  }
}

run "every_kind_of_subject" {
  command = plan

  variables {
    plan  = { pull_requests = false, branches = ["develop", "main"], environments = ["dev: europe"] }
    apply = { branches = ["main"], max_session_seconds = 7200 }

    oidc_provider            = { arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  }

  assert {
    condition = output.subjects == {
      plan = [
        "repo:example/shop:ref:refs/heads/develop",
        "repo:example/shop:ref:refs/heads/main",
        "repo:example/shop:environment:dev%3A europe",
      ]
      apply = ["repo:example/shop:ref:refs/heads/main"]
    }
    error_message = "Subjects must be GitHub's forms, with colons of environment names escaped."
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.this) == 0 && output.oidc_provider_arn == "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    error_message = "A provider that exists must be used, not made again."
  }

  assert {
    condition     = aws_iam_role.plan.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary" && aws_iam_role.apply.permissions_boundary == aws_iam_role.plan.permissions_boundary
    error_message = "The boundary must hold both roles."
  }

  assert {
    condition     = aws_iam_role.apply.max_session_duration == 7200
    error_message = "The apply role's session must be as long as asked."
  }
}

run "immutable_subject_claims" {
  command = plan

  variables {
    repository = "example@1234/shop@5678"
  }

  assert {
    condition     = output.subjects.apply == ["repo:example@1234/shop@5678:environment:dev"]
    error_message = "Ids of owner and repository must be part of the subject."
  }
}

################################################################################
# State
################################################################################

run "lock_file_only" {
  command = plan

  assert {
    condition     = [for statement in data.aws_iam_policy_document.state_read.statement : statement.sid] == ["FindState", "ReadState"]
    error_message = "Without a key and a table there is nothing to read but the state."
  }

  assert {
    condition     = data.aws_iam_policy_document.state_read.statement[1].resources == toset(["arn:aws:s3:::example-state/dev/shop.tfstate"])
    error_message = "Only the given keys may be read."
  }

  assert {
    condition     = tolist(data.aws_iam_policy_document.state_read.statement[0].condition)[0].values == tolist(["dev/shop.tfstate", "env:/"])
    error_message = "Only the given keys, and names of workspaces, may be listed."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.state_lock.statement : statement.sid] == ["LockFile"] && data.aws_iam_policy_document.state_lock.statement[0].resources == toset(["arn:aws:s3:::example-state/dev/shop.tfstate.tflock"])
    error_message = "The lock file beside the state is all that a lock needs."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.apply_state.statement : [statement.sid, statement.actions, statement.resources]] == [["WriteState", toset(["s3:PutObject"]), toset(["arn:aws:s3:::example-state/dev/shop.tfstate"])]]
    error_message = "An apply writes its state, and deletes none."
  }
}

run "table_and_key" {
  command = plan

  variables {
    state = {
      bucket         = "example-state"
      keys           = ["dev/shop.tfstate"]
      lock_file      = false
      lock_table_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/locks"
      kms_key_arn    = "arn:aws:kms:eu-central-1:111122223333:key/state"
    }
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.state_lock.statement : statement.sid] == ["LockItem", "EncryptState"]
    error_message = "Without a lock file only the table's item and the key are needed."
  }

  assert {
    condition     = tolist(data.aws_iam_policy_document.state_lock.statement[0].condition)[0].values == tolist(["example-state/dev/shop.tfstate"])
    error_message = "Who may lock may write the lock's item only, not the digest."
  }

  assert {
    condition     = tolist(data.aws_iam_policy_document.apply_state.statement[1].condition)[0].values == tolist(["example-state/dev/shop.tfstate-md5"])
    error_message = "An apply must be able to write the state's digest."
  }

  assert {
    condition     = data.aws_iam_policy_document.no_data.statement[1].not_resources == toset(["arn:aws:dynamodb:eu-central-1:111122223333:table/locks"])
    error_message = "Items are denied to plans, except those of the lock table."
  }
}

run "plan_without_lock" {
  variables {
    plan = { lock = false }
  }

  assert {
    condition     = length(data.aws_iam_policy_document.plan_state.source_policy_documents) == 1 && length(data.aws_iam_policy_document.apply_state.source_policy_documents) == 2
    error_message = "A plan with -lock=false must not be able to lock."
  }
}

run "plan_reads_no_data" {
  command = plan

  variables {
    plan = { readable_objects = ["artifacts/lambda/*"] }
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.no_data.statement : statement.effect == "Deny"])
    error_message = "This policy only denies."
  }

  assert {
    condition     = data.aws_iam_policy_document.no_data.statement[0].not_resources == toset(["arn:aws:s3:::example-state/dev/shop.tfstate", "arn:aws:s3:::example-state/dev/shop.tfstate.tflock", "arn:aws:s3:::artifacts/lambda/*"])
    error_message = "Of all objects only the state, its lock, and the ones named may be read."
  }

  assert {
    condition     = data.aws_iam_policy_document.no_data.statement[1].resources == toset(["*"])
    error_message = "Without a lock table, items are denied everywhere."
  }
}

run "managed_policies_by_name_or_arn" {
  command = plan

  variables {
    apply = {
      environments     = ["dev"]
      managed_policies = ["PowerUserAccess", "arn:aws:iam::111122223333:policy/own"]
      policies         = { own = "{}" }
    }
  }

  assert {
    condition     = toset([for attachment in aws_iam_role_policy_attachment.apply : attachment.policy_arn]) == toset(["arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::111122223333:policy/own"])
    error_message = "A bare name is AWS's policy, an ARN is taken as it is."
  }

  assert {
    condition     = keys(aws_iam_role_policy.apply) == ["own"]
    error_message = "Own policies must be attached by their names."
  }
}
