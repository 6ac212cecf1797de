locals {
  name = "${var.project}-${var.environment}-${var.stack}"

  logs = {
    kms_key_arn    = aws_kms_key.logs.arn
    retention_days = var.log_retention_days
  }

  database_services = { for name, service in var.services : name => service if service.database }
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

# tf-gate:ignore aws-iam-no-service-star until 2027-11-01: in a key's policy "*" is this key, and the account must be able to manage it
data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:a key's policy names the key by "*", and the account must be able to manage it
  #checkov:skip=CKV_AWS_111:as above
  #checkov:skip=CKV_AWS_356:as above

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

# tf-gate:ignore aws-iam-no-service-star,aws-iam-no-permissions-management,aws-iam-no-star-resources,aws-iam-no-unlimited-write until 2027-11-01: in a key's policy "*" is this key, and the account must be able to manage it
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

  egress = each.value.database ? {
    database = { security_group_id = module.postgres.security_group_id, port = 5432 }
  } : {}

  task_policies = each.value.database ? {
    database = data.aws_iam_policy_document.database[each.key].json
  } : {}
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
