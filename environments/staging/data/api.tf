################################################################################
# Name, certificate and load balancer of the API, through which readings are asked for
################################################################################

module "certificate" {
  source = "../../../modules/certificate"

  domain_name = var.domain.name
  zone_id     = var.domain.zone_id

  expiry_alarm = { topic_arns = [module.monitoring.topic_arns["warning"]] }
}

resource "aws_route53_record" "api" {
  zone_id = var.domain.zone_id
  name    = var.domain.name
  type    = "A"

  alias {
    name                   = module.load_balancer.dns_name
    zone_id                = module.load_balancer.zone_id
    evaluate_target_health = true
  }
}

module "load_balancer" {
  source = "../../../modules/load-balancer"

  name                = local.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  ingress_cidr_blocks = var.load_balancer.ingress_cidr_blocks
  certificate_arn     = module.certificate.arn
  idle_timeout        = var.load_balancer.idle_timeout
  deletion_protection = var.deletion_protection
  waf                 = var.load_balancer.waf
  logs                = local.logs

  access_logs = {
    bucket = var.buckets.access_logs_bucket
    prefix = local.name
  }
}

################################################################################
# Images
################################################################################

# In the environment whose account builds, and in no other: an image is scanned once, and the same digest goes from there to
# prod, so that what was tested is what runs.
module "images" {
  source = "../../../modules/container-registry"
  count  = var.registry == null ? 0 : 1

  name              = var.project
  kms_key_arn       = aws_kms_key.data.arn
  pull_account_ids  = var.registry.pull_account_ids
  enhanced_scanning = var.registry.enhanced_scanning

  repositories = {
    (local.api_repository) = {
      keep_releases = var.registry.keep_releases
      keep_images   = var.registry.keep_images
      untagged_days = var.registry.untagged_days
    }
  }
}

locals {
  api_repository = "${var.stack}-api"
}

################################################################################
# API
################################################################################

module "cluster" {
  source = "../../../modules/ecs-cluster"

  name            = local.name
  execute_command = { kms_key_arn = aws_kms_key.data.arn }
  logs            = local.logs
}

module "api" {
  source = "../../../modules/ecs-service"

  name       = "${local.name}-api"
  cluster    = { arn = module.cluster.arn, name = module.cluster.name }
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids

  colours     = var.api.colours
  traffic     = var.api.traffic
  size        = var.api.size
  spot        = var.spot
  autoscaling = var.api.autoscaling

  container = {
    image                     = var.api.image
    port                      = var.api.port
    command                   = var.api.command
    user                      = var.api.user
    read_only_root_filesystem = var.api.read_only_root_filesystem
    writable_paths            = var.api.writable_paths

    environment = merge(var.api.environment, {
      ENVIRONMENT      = var.environment
      PROCESSED_BUCKET = module.processed.name
      METADATA_TABLE   = module.metadata.name
    })

    # By convention rather than by list, so that the same program reads each environment's own.
    secrets = { for name in var.api.secrets : name => "/${var.project}/${var.environment}/${var.stack}/api/${name}" }
  }

  secrets_kms_key_arn = aws_kms_key.data.arn
  logs                = local.logs

  load_balancer = {
    listener_arn      = module.load_balancer.https_listener_arn
    security_group_id = module.load_balancer.security_group_id
    arn_suffix        = module.load_balancer.arn_suffix
  }

  # What asks for another name, as scanners of addresses do, never reaches the program.
  routing      = { priority = 100, hosts = [var.domain.name] }
  health_check = var.api.health_check

  # The pipeline's new version goes back by itself when requests fail.
  rollback = {
    errors_per_minute = var.alarms.api.errors_per_minute
    topic_arns        = [module.monitoring.topic_arns["warning"]]
  }

  task_policies = { readings = data.aws_iam_policy_document.api.json }
}

# Which readings there are, the table says: the program need not list the bucket, nor scan the table.
data "aws_iam_policy_document" "api" {
  statement {
    sid       = "ReadReadings"
    actions   = ["s3:GetObject"]
    resources = ["${module.processed.arn}/readings/*"]
  }

  statement {
    sid       = "FindReadings"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
    resources = module.metadata.resources
  }

  # By way of the services that hold the data only.
  statement {
    sid       = "DataKey"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.data.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["dynamodb.${var.region}.amazonaws.com", "s3.${var.region}.amazonaws.com"]
    }
  }
}

################################################################################
# Alarms and graphs, which monitoring.tf adds to those of the other parts
################################################################################

locals {
  balancer_dimensions = { LoadBalancer = module.load_balancer.arn_suffix }
  api_dimensions      = merge(local.balancer_dimensions, { TargetGroup = module.api.target_group_arn_suffix })

  api_alarms = {
    api-down = {
      description  = "No healthy task of the API stands behind the load balancer."
      tier         = "critical"
      comparison   = "<"
      threshold    = 1
      statistic    = "Maximum" # a zone without a task is not an outage
      periods      = 3
      missing_data = "breaching"
      metric       = { namespace = "AWS/ApplicationELB", name = "HealthyHostCount", dimensions = local.api_dimensions }
    }

    api-failing = {
      description  = "More than 5 % of the requests for readings fail."
      tier         = "critical"
      threshold    = 5
      statistic    = "Sum"
      periods      = 3
      missing_data = "notBreaching"
      expression   = "IF(requests > 20, 100 * (FILL(errors, 0) + FILL(refused, 0)) / requests, 0)"
      metrics = {
        errors   = { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count", dimensions = local.balancer_dimensions }
        refused  = { namespace = "AWS/ApplicationELB", name = "HTTPCode_ELB_5XX_Count", dimensions = local.balancer_dimensions }
        requests = { namespace = "AWS/ApplicationELB", name = "RequestCount", dimensions = local.balancer_dimensions }
      }
    }

    api-slow = {
      description       = "One request for readings in a hundred takes longer than it should."
      tier              = "warning"
      threshold         = var.alarms.api.slow_seconds
      statistic         = "p99"
      periods           = 10
      periods_breaching = 7
      missing_data      = "notBreaching"
      metric            = { namespace = "AWS/ApplicationELB", name = "TargetResponseTime", dimensions = local.api_dimensions }
    }

    metadata-reads-throttled = {
      description    = "The table refuses reads: too many of one sensor's items, or above table.on_demand_limits."
      tier           = "warning"
      threshold      = 0
      statistic      = "Sum"
      period_seconds = 300
      periods        = 3
      missing_data   = "notBreaching"
      metric         = { namespace = "AWS/DynamoDB", name = "ReadThrottleEvents", dimensions = local.table_dimensions }
    }
  }

  api_graphs = [
    {
      title          = "Requests for readings, and failures"
      statistic      = "Sum"
      period_seconds = 60
      metrics = [
        for metric in ["RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"] :
        { namespace = "AWS/ApplicationELB", name = metric, dimensions = local.balancer_dimensions }
      ]
    },
    {
      title          = "Time a request takes (p99, s)"
      statistic      = "p99"
      period_seconds = 60
      metrics        = [{ namespace = "AWS/ApplicationELB", name = "TargetResponseTime", dimensions = local.api_dimensions }]
    },
    {
      title          = "API: CPU and memory (%)"
      statistic      = "Average"
      period_seconds = 60
      metrics = [
        for metric in ["CPUUtilization", "MemoryUtilization"] :
        { namespace = "AWS/ECS", name = metric, dimensions = { ClusterName = module.cluster.name, ServiceName = module.api.name } }
      ]
    },
    {
      title          = "API: tasks that are healthy, and that are not"
      statistic      = "Maximum"
      period_seconds = 60
      metrics = [
        for metric in ["HealthyHostCount", "UnHealthyHostCount"] :
        { namespace = "AWS/ApplicationELB", name = metric, dimensions = local.api_dimensions }
      ]
    },
  ]
}
