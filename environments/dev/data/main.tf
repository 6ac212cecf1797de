locals {
  name          = "${var.project}-${var.environment}-${var.stack}"
  bucket_prefix = coalesce(var.buckets.prefix, local.name)

  logs = {
    kms_key_arn    = aws_kms_key.logs.arn
    retention_days = var.log_retention_days
  }
}

# Known to the provider without asking AWS.
data "aws_partition" "current" {}

################################################################################
# Keys: those who may read logs or send alerts need not be able to read data
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
  description             = "Readings and metadata of ${local.name}"
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

  # Without it an alarm changes its state, and nobody hears of it.
  statement {
    sid       = "Alarms"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    # For alarms of this account only: the service acts for everybody's.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [module.network.account_id]
    }
  }
}

################################################################################
# Network: only the load balancer has a way to the Internet, all else to the services it uses
################################################################################

module "network" {
  source = "../../../modules/network"

  name              = local.name
  cidr_block        = var.network.cidr_block
  zones             = var.network.zones
  nat_gateways      = "none" # readings come by S3, and what is in the VPC reaches AWS by endpoints
  gateway_endpoints = { s3 = {}, dynamodb = {} }
  kms_key_arn       = aws_kms_key.logs.arn
  flow_logs         = { retention_days = var.log_retention_days }

  # For anomalies, for the tasks' images (whose layers come by S3) and logs, for their secrets, and for loading the
  # warehouse. Billed by zone and hour, so no more than are used.
  interface_endpoints = merge(
    { sns = {}, "ecr.api" = {}, "ecr.dkr" = {}, logs = {} },
    length(var.api.secrets) > 0 ? { ssm = {} } : {},
    var.enable_redshift ? { redshift-data = {} } : {},
  )
}

################################################################################
# Readings: as they came, and as they are used
################################################################################

module "raw" {
  source = "../../../modules/bucket"

  name            = "${local.bucket_prefix}-raw"
  kms_key_arn     = aws_kms_key.data.arn
  access_logs     = { bucket = var.buckets.access_logs_bucket }
  noncurrent_days = var.buckets.raw.noncurrent_days

  lifecycle_rules = {
    readings = {
      prefix          = "readings/"
      expiration_days = var.buckets.raw.expiration_days
      transitions     = [for class, days in var.buckets.raw.transitions : { storage_class = class, days = days }]
    }
  }

  events = {
    functions = { process = { arn = module.process.arn, prefix = "readings/" } }
  }
}

module "processed" {
  source = "../../../modules/bucket"

  name            = "${local.bucket_prefix}-processed"
  kms_key_arn     = aws_kms_key.data.arn
  access_logs     = { bucket = var.buckets.access_logs_bucket }
  noncurrent_days = var.buckets.processed.noncurrent_days

  lifecycle_rules = {
    readings = {
      prefix          = "readings/"
      expiration_days = var.buckets.processed.expiration_days
      transitions     = [for class, days in var.buckets.processed.transitions : { storage_class = class, days = days }]
    }
  }
}

module "metadata" {
  source = "../../../modules/table"

  name                = "${local.name}-metadata"
  key                 = { hash = "sensor_id", range = "recorded_at" }
  attributes          = { sensor_id = "S", recorded_at = "S" }
  ttl_attribute       = "expires_at"
  on_demand_limits    = var.table.on_demand_limits
  recovery_days       = var.table.recovery_days
  deletion_protection = var.deletion_protection
  kms_key_arn         = aws_kms_key.data.arn
}

################################################################################
# Processing
################################################################################

module "process" {
  source = "../../../modules/function"

  name                 = "${local.name}-process"
  description          = "Checks readings as they arrive, and stores them for use"
  code                 = var.function.code
  alias                = var.function.alias
  size                 = var.function.size
  reserved_concurrency = var.function.reserved_concurrency
  kms_key_arn          = aws_kms_key.data.arn
  logs                 = merge(local.logs, { level = var.function.log_level })

  environment = merge(
    {
      ENVIRONMENT      = var.environment
      PROCESSED_BUCKET = module.processed.name
      METADATA_TABLE   = module.metadata.name
      ANOMALIES_TOPIC  = module.monitoring.topic_arns["warning"]
    },
    var.enable_redshift ? {
      WAREHOUSE_CLUSTER   = module.warehouse.identifier
      WAREHOUSE_DATABASE  = module.warehouse.database_name
      WAREHOUSE_COPY_ROLE = aws_iam_role.copy[0].arn
    } : {},
  )

  vpc = {
    vpc_id     = module.network.vpc_id
    subnet_ids = module.network.private_subnet_ids
  }

  triggers = {
    raw = { service = "s3.amazonaws.com", source_arn = module.raw.arn, account_id = module.network.account_id }
  }

  statements = merge(
    {
      read-raw = {
        actions   = ["s3:GetObject"]
        resources = ["${module.raw.arn}/readings/*"]
      }
      write-processed = {
        actions   = ["s3:PutObject"]
        resources = ["${module.processed.arn}/readings/*"]
      }
      metadata = {
        actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
        resources = module.metadata.resources
      }
      tell-anomalies = {
        actions   = ["sns:Publish"]
        resources = [module.monitoring.topic_arns["warning"]]
      }
      # By way of the services that hold the data only.
      data-key = {
        actions    = ["kms:Decrypt", "kms:GenerateDataKey"]
        resources  = [aws_kms_key.data.arn]
        conditions = [{ test = "StringEquals", variable = "kms:ViaService", values = ["dynamodb.${var.region}.amazonaws.com", "s3.${var.region}.amazonaws.com"] }]
      }
      alerts-key = {
        actions    = ["kms:Decrypt", "kms:GenerateDataKey"]
        resources  = [aws_kms_key.alerts.arn]
        conditions = [{ test = "StringEquals", variable = "kms:ViaService", values = ["sns.${var.region}.amazonaws.com"] }]
      }
    },
    # By the Data API: no connection to keep, no password to know. The function's user in the database is its role's.
    var.enable_redshift ? {
      load-warehouse = {
        actions    = ["redshift-data:ExecuteStatement"]
        resources  = ["${local.redshift_arn_prefix}:cluster:${local.name}"]
        conditions = []
      }
      sign-in-to-warehouse = {
        actions    = ["redshift:GetClusterCredentialsWithIAM"]
        resources  = ["${local.redshift_arn_prefix}:dbname:${local.name}/${var.warehouse.database_name}"]
        conditions = []
      }
    } : {},
  )
}

################################################################################
# Warehouse
################################################################################

locals {
  redshift_arn_prefix = "arn:${data.aws_partition.current.partition}:redshift:${var.region}:${module.network.account_id}"
}

module "warehouse" {
  source = "../../../modules/warehouse"

  enabled       = var.enable_redshift
  name          = local.name
  nodes         = var.warehouse.nodes
  database_name = var.warehouse.database_name
  snapshots     = var.warehouse.snapshots
  role_arns     = aws_iam_role.copy[*].arn
  kms_key_arn   = aws_kms_key.data.arn
  logs          = local.logs

  vpc_id                 = module.network.vpc_id
  subnet_ids             = module.network.data_subnet_ids
  egress_prefix_list_ids = { s3 = module.network.gateway_endpoint_prefix_list_ids["s3"] }
}

# What the cluster itself may read, for COPY.
resource "aws_iam_role" "copy" {
  count = var.enable_redshift ? 1 : 0

  name               = "${local.name}-copy"
  description        = "What warehouse ${local.name} may read"
  assume_role_policy = data.aws_iam_policy_document.copy_trust.json
}

resource "aws_iam_role_policy" "copy" {
  count = var.enable_redshift ? 1 : 0

  name   = "copy"
  role   = aws_iam_role.copy[0].id
  policy = data.aws_iam_policy_document.copy.json
}

data "aws_iam_policy_document" "copy_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["redshift.amazonaws.com"]
    }

    # Redshift acts for everybody's clusters; here only for those of this account.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [module.network.account_id]
    }
  }
}

data "aws_iam_policy_document" "copy" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${module.processed.arn}/readings/*"]
  }

  statement {
    sid       = "Find"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [module.processed.arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.data.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }
}
