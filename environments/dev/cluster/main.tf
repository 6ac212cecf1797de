locals {
  name = "${var.project}-${var.environment}-${var.stack}"

  logs = {
    kms_key_arn    = aws_kms_key.logs.arn
    retention_days = var.log_retention_days
  }

  database_workloads = { for name, workload in var.workloads : name => workload if workload.database }
  cache_workloads    = { for name, workload in var.workloads : name => workload if workload.cache != null }
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

  # By these the load balancer controller finds where it may put what an Ingress asks for.
  subnet_tags = {
    public  = { "kubernetes.io/role/elb" = "1" }
    private = { "kubernetes.io/role/internal-elb" = "1" }
  }
}

# The wildcard is for previews: each pull request gets a name of its own, and none waits for a certificate.
module "certificate" {
  source = "../../../modules/certificate"

  domain_name       = var.domain.name
  alternative_names = ["*.${var.domain.name}"]
  zone_id           = var.domain.zone_id
}

################################################################################
# Kubernetes
################################################################################

module "kubernetes" {
  source = "../../../modules/kubernetes"

  name                        = local.name
  kubernetes_version          = var.kubernetes.version
  subnet_ids                  = module.network.private_subnet_ids
  service_cidr_block          = var.kubernetes.service_cidr_block
  public_endpoint_cidr_blocks = var.kubernetes.public_endpoint_cidr_blocks
  api_clients                 = var.kubernetes.api_clients
  access_entries              = var.access_entries
  node_groups                 = var.node_groups
  kms_key_arn                 = aws_kms_key.data.arn
  logs                        = local.logs

  addons = {
    coredns                = {}
    eks-pod-identity-agent = { before_nodes = true }
    kube-proxy             = { before_nodes = true }
    metrics-server         = {} # or horizontal autoscalers see nothing

    # Without network policies every preview could talk to every other one.
    vpc-cni = { before_nodes = true, configuration = jsonencode({ enableNetworkPolicy = "true" }) }
  }

  workloads = {
    for name, workload in var.workloads : name => {
      namespace        = workload.namespace
      service_account  = workload.service_account
      managed_policies = workload.managed_policies

      policies = merge(
        workload.policies,
        workload.database ? { database = data.aws_iam_policy_document.database[name].json } : {},
        workload.cache != null ? { cache = data.aws_iam_policy_document.cache[name].json } : {},
      )
    }
  }
}

################################################################################
# Database
################################################################################

module "postgres" {
  source = "../../../modules/postgres"

  name       = local.name
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.data_subnet_ids

  # Pods share the cluster's group: it is the role, not the network, that tells workloads apart.
  clients = { cluster = module.kubernetes.security_group_id }

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

# Workloads sign in with IAM tokens, each as a database user of its own name, which a migration makes:
#   create role "<workload>" login; grant rds_iam to "<workload>";
data "aws_iam_policy_document" "database" {
  for_each = local.database_workloads

  statement {
    actions   = ["rds-db:connect"]
    resources = ["${module.postgres.user_arn_prefix}/${each.key}"]
  }
}

################################################################################
# Redis
################################################################################

module "redis" {
  source = "../../../modules/redis"
  count  = length(local.cache_workloads) > 0 ? 1 : 0

  name        = local.name
  vpc_id      = module.network.vpc_id
  subnet_ids  = module.network.data_subnet_ids
  clients     = { cluster = module.kubernetes.security_group_id }
  node_type   = var.cache.node_type
  replicas    = var.cache.replicas
  snapshots   = { retention_days = var.cache.snapshot_days }
  users       = { for name, workload in local.cache_workloads : name => { access = workload.cache.access } }
  kms_key_arn = aws_kms_key.data.arn
  logs        = local.logs
}

data "aws_iam_policy_document" "cache" {
  for_each = local.cache_workloads

  statement {
    actions   = ["elasticache:Connect"]
    resources = [module.redis[0].arn, module.redis[0].users[each.key].arn]
  }
}
