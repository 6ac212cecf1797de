mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_ecr_repository" {
    defaults = { registry_id = "111122223333" }
  }
}

variables {
  name         = "shop"
  repositories = { api = {}, "edge/agent" = {} }
  kms_key_arn  = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"
}

run "by_default" {
  command = plan

  assert {
    condition     = { for key, repository in aws_ecr_repository.this : key => repository.name } == { api = "shop/api", "edge/agent" = "shop/edge/agent" }
    error_message = "Repositories are below the common name."
  }

  assert {
    condition = alltrue([
      for repository in aws_ecr_repository.this : (
        repository.image_tag_mutability == "IMMUTABLE" &&
        repository.image_scanning_configuration[0].scan_on_push &&
        repository.encryption_configuration[0].encryption_type == "KMS" &&
        repository.encryption_configuration[0].kms_key == var.kms_key_arn &&
        !repository.force_delete
      )
    ])
    error_message = "Tags are immutable, images scanned and encrypted, and a full repository is not deleted."
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["api"].policy).rules : "${rule.rulePriority} ${rule.selection.tagStatus} ${rule.selection.countNumber}"] == ["1 tagged 100", "2 untagged 7", "3 any 50"]
    error_message = "Releases are counted apart, untagged images go after a week, 50 others stay."
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this["api"].policy).rules[0].selection.tagPatternList == ["v*"]
    error_message = "Releases are tagged v*."
  }

  assert {
    condition     = length(aws_ecr_repository_policy.this) == 0 && length(aws_ecr_registry_scanning_configuration.this) == 0
    error_message = "Nobody else pulls, and the registry's scanning is left alone."
  }
}

run "settings_of_a_repository" {
  command = plan

  variables {
    repositories = {
      cache = { immutable_tags = false, release_tags = [], keep_images = 10, untagged_days = 1 }
      api   = { release_tags = ["v*", "hotfix-*"], keep_releases = 200 }
    }
  }

  assert {
    condition     = aws_ecr_repository.this["cache"].image_tag_mutability == "MUTABLE" && aws_ecr_repository.this["api"].image_tag_mutability == "IMMUTABLE"
    error_message = "Only the cache's tags may move."
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["cache"].policy).rules : rule.selection.tagStatus] == ["untagged", "any"]
    error_message = "Without release tags there is no rule for releases."
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this["api"].policy).rules[0].selection == { tagStatus = "tagged", tagPatternList = ["hotfix-*", "v*"], countType = "imageCountMoreThan", countNumber = 200 }
    error_message = "The rule for releases is the one asked for."
  }
}

run "other_accounts_pull" {
  command = plan

  variables {
    repositories     = { api = {}, "edge/agent" = { pull_account_ids = ["444455556666"] } }
    pull_account_ids = ["222233334444"]
  }

  assert {
    condition     = one(data.aws_iam_policy_document.this["edge/agent"].statement[0].principals).identifiers == toset(["arn:aws:iam::222233334444:root", "arn:aws:iam::444455556666:root"])
    error_message = "A repository admits the module's accounts and its own."
  }

  assert {
    condition     = one(data.aws_iam_policy_document.this["api"].statement[0].principals).identifiers == toset(["arn:aws:iam::222233334444:root"])
    error_message = "Another repository's accounts are not admitted."
  }

  assert {
    condition     = data.aws_iam_policy_document.this["api"].statement[0].actions == toset(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])
    error_message = "They may pull, and nothing else."
  }
}

run "one_repository_is_shared" {
  command = plan

  variables {
    repositories = { api = {}, "edge/agent" = { pull_account_ids = ["444455556666"] } }
  }

  assert {
    condition     = keys(aws_ecr_repository_policy.this) == ["edge/agent"]
    error_message = "Only the shared repository has a policy."
  }
}

run "lambda_pulls" {
  command = plan

  variables {
    lambda_pull_account_ids = ["111122223333"]
  }

  assert {
    condition = (
      one(data.aws_iam_policy_document.this["api"].statement[0].principals).identifiers == toset(["lambda.amazonaws.com"]) &&
      one(data.aws_iam_policy_document.this["api"].statement[0].condition).variable == "aws:SourceAccount"
    )
    error_message = "Lambda pulls for functions of this account."
  }
}

run "enhanced_scanning" {
  command = plan

  variables {
    enhanced_scanning = true
  }

  assert {
    condition     = aws_ecr_registry_scanning_configuration.this[0].scan_type == "ENHANCED" && length(aws_ecr_registry_scanning_configuration.this[0].rule) == 2
    error_message = "Inspector scans these repositories continuously, others on push."
  }
}

run "what_it_gives" {
  command = apply

  assert {
    condition     = output.registry_id == "111122223333" && keys(output.repository_urls) == ["api", "edge/agent"]
    error_message = "Addresses are by repository."
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name                    = "Shop"
    repositories            = { "API" = {} }
    kms_key_arn             = "alias/data"
    pull_account_ids        = ["prod"]
    lambda_pull_account_ids = ["1111-2222-3333"]
  }

  expect_failures = [var.name, var.repositories, var.kms_key_arn, var.pull_account_ids, var.lambda_pull_account_ids]
}

run "refuses_to_keep_nothing" {
  command = plan

  variables {
    repositories = { api = { keep_images = 0 } }
  }

  expect_failures = [var.repositories]
}

run "refuses_that_everything_is_a_release" {
  command = plan

  variables {
    repositories = { api = { release_tags = ["*"] } }
  }

  expect_failures = [var.repositories]
}

run "refuses_no_repository" {
  command = plan

  variables {
    repositories = {}
  }

  expect_failures = [var.repositories]
}
