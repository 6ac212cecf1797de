locals {
  repositories = { for name, settings in var.repositories : name => merge(settings, { full_name = "${var.name}/${name}" }) }
}

# Known to the provider without asking AWS.
data "aws_partition" "current" {}

################################################################################
# Repositories
################################################################################

resource "aws_ecr_repository" "this" {
  for_each = local.repositories

  name         = each.value.full_name
  force_delete = false # a repository with images in it is deleted by hand, if at all

  # What was reviewed under a tag is what runs under it.
  image_tag_mutability = each.value.immutable_tags ? "IMMUTABLE" : "MUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn
  }
}

################################################################################
# Retention
################################################################################

locals {
  # ECR gives each image to the first rule that matches it: releases are out of the reach of the last rule.
  lifecycle_rules = {
    for name, settings in local.repositories : name => concat(
      length(settings.release_tags) == 0 ? [] : [{
        description = "The last ${settings.keep_releases} releases"
        selection   = { tagStatus = "tagged", tagPatternList = sort(settings.release_tags), countType = "imageCountMoreThan", countNumber = settings.keep_releases }
      }],
      [{
        description = "Untagged images for ${settings.untagged_days} days"
        selection   = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = settings.untagged_days }
      }],
      [{
        description = "The last ${settings.keep_images} of all other images"
        selection   = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = settings.keep_images }
      }],
    )
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = local.repositories

  repository = aws_ecr_repository.this[each.key].name

  policy = jsonencode({
    rules = [
      for index, rule in local.lifecycle_rules[each.key] : {
        rulePriority = index + 1
        description  = rule.description
        selection    = rule.selection
        action       = { type = "expire" }
      }
    ]
  })
}

################################################################################
# Who else may pull
################################################################################

locals {
  shared_repositories = {
    for name, settings in local.repositories : name => setunion(var.pull_account_ids, settings.pull_account_ids)
    if length(setunion(var.pull_account_ids, settings.pull_account_ids)) + length(var.lambda_pull_account_ids) > 0
  }
}

data "aws_iam_policy_document" "this" {
  for_each = local.shared_repositories

  # The other account still decides which of its roles may pull.
  dynamic "statement" {
    for_each = length(each.value) > 0 ? [each.value] : []

    content {
      sid     = "Pull"
      actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

      principals {
        type        = "AWS"
        identifiers = [for account in sort(statement.value) : "arn:${data.aws_partition.current.partition}:iam::${account}:root"]
      }
    }
  }

  # Lambda pulls images itself, for functions of these accounts.
  dynamic "statement" {
    for_each = length(var.lambda_pull_account_ids) > 0 ? [var.lambda_pull_account_ids] : []

    content {
      sid     = "LambdaPull"
      actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

      principals {
        type        = "Service"
        identifiers = ["lambda.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = sort(statement.value)
      }
    }
  }
}

resource "aws_ecr_repository_policy" "this" {
  for_each = local.shared_repositories

  repository = aws_ecr_repository.this[each.key].name
  policy     = data.aws_iam_policy_document.this[each.key].json
}

################################################################################
# Scanning of the whole registry
################################################################################

# One for the account and region: other repositories in it are scanned by the same rules.
resource "aws_ecr_registry_scanning_configuration" "this" {
  count = var.enhanced_scanning ? 1 : 0

  scan_type = "ENHANCED"

  # Again whenever a new vulnerability becomes known, not only on the day of the push.
  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "${var.name}/*"
      filter_type = "WILDCARD"
    }
  }

  rule {
    scan_frequency = "SCAN_ON_PUSH"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
}
