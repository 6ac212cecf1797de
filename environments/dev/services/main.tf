locals {
  name = "${var.project}-${var.environment}-${var.stack}"

  logs = {
    kms_key_arn    = aws_kms_key.logs.arn
    retention_days = var.log_retention_days
  }

  database_services = { for name, service in var.services : name => service if service.database }
  cache_services    = { for name, service in var.services : name => service if service.cache }

  alert_publishers = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com", "events.amazonaws.com"]
}

# Known to the provider without asking AWS.
data "aws_partition" "current" {}

################################################################################
# Keys: those who may read logs need not be able to read data
################################################################################

resource "aws_kms_key" "logs" {
  description             = "Logs of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.logs_key.json
}

resource "aws_kms_alias" "logs" {
  name          = "alias/${local.name}-logs"
  target_key_id = aws_kms_key.logs.key_id
}

resource "aws_kms_key" "data" {
  description             = "Data and secrets of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "data" {
  name          = "alias/${local.name}-data"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_kms_key" "alerts" {
  description             = "Alerts of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.alerts_key.json
}

resource "aws_kms_alias" "alerts" {
  name          = "alias/${local.name}-alerts"
  target_key_id = aws_kms_key.alerts.key_id
}

data "aws_iam_policy_document" "key" {
  # The account's IAM policies decide who uses and manages the key. A key without this statement can be locked for good.
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"] # in a key's policy: this key

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${module.network.account_id}:root"]
    }
  }
}

data "aws_iam_policy_document" "logs_key" {
  source_policy_documents = [data.aws_iam_policy_document.key.json]

  statement {
    sid       = "CloudWatchLogs"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    # For log groups of this account only: the service acts for everybody's.
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${var.region}:${module.network.account_id}:log-group:*"]
    }
  }
}

data "aws_iam_policy_document" "alerts_key" {
  source_policy_documents = [data.aws_iam_policy_document.key.json]

  # Without this an alarm changes its state, and nobody hears of it.
  statement {
    sid       = "Publishers"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = local.alert_publishers
    }

    # For this account's alarms only: the services act for everybody's.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [module.network.account_id]
    }
  }
}

################################################################################
# Network
################################################################################

module "network" {
  source = "../../../modules/network"

  name         = local.name
  cidr_block   = var.network.cidr_block
  zones        = var.network.zones
  nat_gateways = var.network.nat_gateways
  kms_key_arn  = aws_kms_key.logs.arn
  flow_logs    = { retention_days = var.log_retention_days }
}

################################################################################
# Name, certificate and load balancer
################################################################################

module "certificate" {
  source = "../../../modules/certificate"

  domain_name = var.domain.name
  zone_id     = var.domain.zone_id

  expiry_alarm = { topic_arns = [module.monitoring.topic_arns["warning"]] }
}

resource "aws_route53_record" "this" {
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
    bucket = var.load_balancer.access_logs_bucket
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
  repositories      = { for name in keys(var.services) : name => {} }
  kms_key_arn       = aws_kms_key.data.arn
  pull_account_ids  = var.registry.pull_account_ids
  enhanced_scanning = var.registry.enhanced_scanning
}

################################################################################
# Services
################################################################################

module "cluster" {
  source = "../../../modules/ecs-cluster"

  name            = local.name
  execute_command = { kms_key_arn = aws_kms_key.data.arn }
  logs            = local.logs
}

module "service" {
  source   = "../../../modules/ecs-service"
  for_each = var.services

  name       = "${local.name}-${each.key}"
  cluster    = { arn = module.cluster.arn, name = module.cluster.name }
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids

  colours     = each.value.colours
  traffic     = each.value.traffic
  size        = each.value.size
  spot        = coalesce(each.value.spot, var.spot)
  autoscaling = each.value.autoscaling

  container = {
    image                     = each.value.image
    port                      = each.value.port
    command                   = each.value.command
    user                      = each.value.user
    read_only_root_filesystem = each.value.read_only_root_filesystem
    writable_paths            = each.value.writable_paths

    environment = merge(
      each.value.environment,
      { ENVIRONMENT = var.environment },
      each.value.database ? {
        DATABASE_HOST = module.postgres.address
        DATABASE_PORT = tostring(module.postgres.port)
        DATABASE_NAME = module.postgres.database_name
        DATABASE_USER = each.key
      } : {},
      # The name is what a token is signed for, beside the user.
      each.value.cache ? {
        REDIS_HOST       = module.redis[0].address
        REDIS_PORT       = tostring(module.redis[0].port)
        REDIS_NAME       = module.redis[0].name
        REDIS_USER       = module.redis[0].users[each.key].name
        REDIS_KEY_PREFIX = "${each.key}:"
      } : {},
    )

    # By convention rather than by list, so that the same services read each environment's own.
    secrets = {
      for name in each.value.secrets : name => "/${var.project}/${var.environment}/${var.stack}/${each.key}/${name}"
    }
  }

  secrets_kms_key_arn = aws_kms_key.data.arn
  logs                = local.logs

  load_balancer = {
    listener_arn      = module.load_balancer.https_listener_arn
    security_group_id = module.load_balancer.security_group_id
    arn_suffix        = module.load_balancer.arn_suffix
  }

  routing      = each.value.routing
  health_check = each.value.health_check

  # The pipeline's new version goes back by itself when requests fail.
  rollback = {
    errors_per_minute = var.alerts.errors_per_minute
    topic_arns        = [module.monitoring.topic_arns["warning"]]
  }

  egress = merge(
    each.value.database ? { database = { security_group_id = module.postgres.security_group_id, port = 5432 } } : {},
    each.value.cache ? { cache = { security_group_id = module.redis[0].security_group_id, port = 6379 } } : {},
  )

  task_policies = merge(
    each.value.database ? { database = data.aws_iam_policy_document.database[each.key].json } : {},
    each.value.cache ? { cache = data.aws_iam_policy_document.cache[each.key].json } : {},
  )
}

################################################################################
# Database
################################################################################

module "postgres" {
  source = "../../../modules/postgres"

  name                  = local.name
  vpc_id                = module.network.vpc_id
  subnet_ids            = module.network.data_subnet_ids
  clients               = { for name, _ in local.database_services : name => module.service[name].security_group_id }
  engine_version        = var.database.engine_version
  instance_class        = var.database.instance_class
  storage               = var.database.storage
  database_name         = var.database.name
  multi_az              = var.database.multi_az
  backup_retention_days = var.database.backup_days
  deletion_protection   = var.deletion_protection
  kms_key_arn           = aws_kms_key.data.arn
  logs                  = local.logs
}

module "postgres_backup" {
  source    = "../../../modules/postgres/cross-region-backup"
  count     = var.enable_cross_region_backup ? 1 : 0
  providers = { aws = aws.backup }

  source_arn     = module.postgres.arn
  kms_key_arn    = aws_kms_key.backup[0].arn
  retention_days = var.database.backup_days
}

# A key is known in its region only.
resource "aws_kms_key" "backup" {
  count    = var.enable_cross_region_backup ? 1 : 0
  provider = aws.backup

  description             = "Copied backups of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "backup" {
  count    = var.enable_cross_region_backup ? 1 : 0
  provider = aws.backup

  name          = "alias/${local.name}-backup"
  target_key_id = aws_kms_key.backup[0].key_id
}

# Services sign in with IAM tokens, each as a database user of its own name, which a migration makes:
#   create role "<service>" login; grant rds_iam to "<service>";
# The master password would not do: RDS rotates it, while ECS reads secrets only when a task starts.
data "aws_iam_policy_document" "database" {
  for_each = local.database_services

  statement {
    actions   = ["rds-db:connect"]
    resources = ["${module.postgres.user_arn_prefix}/${each.key}"]
  }
}

################################################################################
# Cache
################################################################################

module "redis" {
  source = "../../../modules/redis"
  count  = length(local.cache_services) > 0 ? 1 : 0

  # Without the stack: a user is named <name>-<service>, and ElastiCache allows 40 characters.
  name       = "${var.project}-${var.environment}"
  node_type  = var.cache.node_type
  replicas   = var.cache.replicas
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.data_subnet_ids
  clients    = { for name, _ in local.cache_services : name => module.service[name].security_group_id }

  # Keys and channels of its own: one service's mistake, or break-in, is not every service's.
  users = {
    for name, _ in local.cache_services : name => { access = "~${name}:* &${name}:* +@all -@admin -@dangerous" }
  }

  # What is cached can be computed again, but sessions are lost.
  snapshots   = { retention_days = var.cache.snapshot_days }
  kms_key_arn = aws_kms_key.data.arn
  logs        = local.logs
}

# Tokens here too: there is no password to rotate or to lose.
data "aws_iam_policy_document" "cache" {
  for_each = local.cache_services

  statement {
    actions   = ["elasticache:Connect"]
    resources = [module.redis[0].arn, module.redis[0].users[each.key].arn]
  }
}

################################################################################
# Alarms
################################################################################

module "monitoring" {
  source = "../../../modules/monitoring"

  name          = local.name
  kms_key_arn   = aws_kms_key.alerts.arn
  publishers    = local.alert_publishers
  subscribers   = var.alerts.subscribers
  slack_team_id = var.alerts.slack_team_id

  alarms = merge(
    {
      for name, service in module.service : "${name}-down" => {
        description  = "No healthy task of ${name} stands behind the load balancer."
        tier         = "critical"
        comparison   = "<"
        threshold    = 1
        statistic    = "Maximum" # a zone without a task is not an outage
        periods      = 3
        missing_data = "breaching"
        metric = {
          namespace  = "AWS/ApplicationELB"
          name       = "HealthyHostCount"
          dimensions = { LoadBalancer = module.load_balancer.arn_suffix, TargetGroup = service.target_group_arn_suffix }
        }
      }
    },
    {
      for name, service in module.service : "${name}-slow" => {
        description       = "One request in a hundred to ${name} takes longer than it should."
        tier              = "warning"
        threshold         = coalesce(var.services[name].slow_seconds, var.alerts.slow_seconds)
        statistic         = "p99"
        periods           = 10
        periods_breaching = 7
        missing_data      = "notBreaching"
        metric = {
          namespace  = "AWS/ApplicationELB"
          name       = "TargetResponseTime"
          dimensions = { LoadBalancer = module.load_balancer.arn_suffix, TargetGroup = service.target_group_arn_suffix }
        }
      }
    },
    {
      error-rate = {
        description  = "More than 5 % of all requests fail."
        tier         = "critical"
        threshold    = 5
        statistic    = "Sum"
        periods      = 3
        missing_data = "notBreaching"
        expression   = "IF(requests > 20, 100 * (FILL(errors, 0) + FILL(refused, 0)) / requests, 0)"
        metrics = {
          errors   = { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count", dimensions = { LoadBalancer = module.load_balancer.arn_suffix } }
          refused  = { namespace = "AWS/ApplicationELB", name = "HTTPCode_ELB_5XX_Count", dimensions = { LoadBalancer = module.load_balancer.arn_suffix } }
          requests = { namespace = "AWS/ApplicationELB", name = "RequestCount", dimensions = { LoadBalancer = module.load_balancer.arn_suffix } }
        }
      }

      database-busy = {
        description    = "The database is busy; worth a look at the slowest statements."
        tier           = "warning"
        threshold      = 80
        period_seconds = 300
        periods        = 3
        metric         = { namespace = "AWS/RDS", name = "CPUUtilization", dimensions = { DBInstanceIdentifier = module.postgres.identifier } }
      }

      # Storage grows by itself up to its limit: what this hears of is the limit.
      database-full = {
        description    = "The database has less than 2 GiB left, and stops when it has none."
        tier           = "critical"
        comparison     = "<"
        threshold      = 2 * 1024 * 1024 * 1024
        statistic      = "Minimum"
        period_seconds = 300
        periods        = 2
        metric         = { namespace = "AWS/RDS", name = "FreeStorageSpace", dimensions = { DBInstanceIdentifier = module.postgres.identifier } }
      }
    },
    {
      # ElastiCache counts by node: the first is always there.
      for redis in module.redis : "cache-full" => {
        description    = "The cache's memory is nearly full; soon it forgets what it has to hold."
        tier           = "warning"
        threshold      = 85
        period_seconds = 300
        periods        = 3
        metric         = { namespace = "AWS/ElastiCache", name = "DatabaseMemoryUsagePercentage", dimensions = { CacheClusterId = "${redis.name}-001" } }
      }
    },
  )

  dashboard = {
    text = "# ${local.name}\nhttps://${var.domain.name}"

    graphs = concat([
      {
        title     = "Requests and failures"
        statistic = "Sum"
        metrics = [for name in ["RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"] :
          { namespace = "AWS/ApplicationELB", name = name, dimensions = { LoadBalancer = module.load_balancer.arn_suffix } }
        ]
      },
      {
        title     = "Response time of each service (p99)"
        statistic = "p99"
        metrics = [for service in module.service :
          { namespace = "AWS/ApplicationELB", name = "TargetResponseTime", dimensions = { LoadBalancer = module.load_balancer.arn_suffix, TargetGroup = service.target_group_arn_suffix } }
        ]
      },
      {
        title          = "Database CPU"
        period_seconds = 300
        metrics        = [{ namespace = "AWS/RDS", name = "CPUUtilization", dimensions = { DBInstanceIdentifier = module.postgres.identifier } }]
      },
      ], [for redis in module.redis : {
        title          = "Cache memory"
        period_seconds = 300
        metrics        = [{ namespace = "AWS/ElastiCache", name = "DatabaseMemoryUsagePercentage", dimensions = { CacheClusterId = "${redis.name}-001" } }]
      }
    ])
  }
}
