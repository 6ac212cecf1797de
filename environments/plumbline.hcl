# In what dev, staging and prod are meant to differ: tf-envdiff environments/dev environments/staging environments/prod
# Everything else that differs is a mistake until somebody adds it here and says why.

envdiff {
  order = ["dev", "staging", "prod"]

  ################################################################################
  # Sizes: production has no less of anything
  ################################################################################

  ordered "instance_class" "node_type" "nodes.type" "storage.size_gb" "storage.max_size_gb" {
    order  = prod >= staging >= dev
    reason = "Databases and caches are as large as what uses them."
    owner  = "platform"
  }

  ordered "min_tasks" "max_tasks" "min_size" "max_size" "size.cpu" "size.memory" "reserved_concurrency" {
    order  = prod >= staging >= dev
    reason = "Services and functions are as large as their load."
    owner  = "platform"
  }

  ordered "on_demand_limits.*" "warehouse.nodes.count" {
    order  = prod >= staging >= dev
    reason = "What an endless loop may cost, and what the warehouse has to carry."
    owner  = "platform"
  }

  # Lists of several classes, for Spot to choose from, have no order.
  expect "node_groups.*.instance_types" {
    reason = "Burstable nodes do where nobody waits; production's are steady."
    owner  = "platform"
  }

  ################################################################################
  # Availability
  ################################################################################

  ordered "multi_az" "replicas" "network.zones" {
    order  = prod >= staging >= dev
    reason = "A zone's failure may cost dev an afternoon, and prod nothing."
    owner  = "platform"
  }

  ordered "nat_gateways" {
    order = (
      index(["none", "single", "per_zone"], prod) >= index(["none", "single", "per_zone"], staging) &&
      index(["none", "single", "per_zone"], staging) >= index(["none", "single", "per_zone"], dev)
    )
    reason = "A second gateway costs every month; without it a zone's failure is that of all."
    owner  = "platform"
  }

  expect "var.spot.*" {
    reason = "Interruptions are cheap in dev, tried in staging, and a customer's in prod."
    owner  = "platform"
  }

  # Staging keeps one task on demand, dev and prod none: prod has nothing that could be interrupted.
  expect "node_groups.work.spot" {
    when   = !prod
    reason = "Production's nodes are not interrupted."
    owner  = "platform"
  }

  ################################################################################
  # Retention
  ################################################################################

  ordered "backup_days" "snapshot_days" "recovery_days" "snapshots.retention_days" "snapshots.final" {
    order  = prod >= staging >= dev
    reason = "Backups are kept as long as somebody may ask for them."
    owner  = "platform"
  }

  ordered "log_retention_days" "noncurrent_days" "enable_cross_region_backup" {
    order  = prod >= staging >= dev
    reason = "Production's logs are evidence for a year; only its data cannot be made again."
    owner  = "platform"
  }

  expect "buckets.raw.expiration_days" "buckets.processed.expiration_days" {
    when   = prod == null
    reason = "Readings cannot be taken again: production deletes none, the others do after some time."
    owner  = "platform"
  }

  expect "buckets.raw.transitions" "buckets.processed.transitions" "buckets.*.transitions.*" {
    reason = "Production's old readings get cheaper; the others' are gone before."
    owner  = "platform"
  }

  ################################################################################
  # What only some have
  ################################################################################

  expect "registry" {
    when   = prod == null && staging == null
    reason = "Images are built in dev's account and nowhere else, so that what was tested is what runs."
    owner  = "platform"
  }

  ordered "enable_redshift" {
    order  = prod >= staging >= dev
    reason = "A cluster at rest costs as much as one at work: dev has none."
    owner  = "platform"
  }

  expect "access_entries.pipeline.*" {
    layers = ["variables", "attributes"]
    reason = "Previews of pull requests are made in dev only, in namespaces of their own."
    owner  = "platform"
  }

  expect "load_balancer.ingress_cidr_blocks" {
    reason = "Customers are anywhere; dev and staging are for the office."
    owner  = "platform"
  }

  expect "alerts.subscribers.*.emails" "alarms.silence_minutes" {
    reason = "Nobody is woken for dev or staging, and their sensors do not send all the time."
    owner  = "platform"
  }

  expect "function.log_level" {
    when   = prod == "INFO" && staging == prod
    reason = "Dev is where a function is looked into."
    owner  = "platform"
  }

  ################################################################################
  # What must never differ
  ################################################################################

  equal "engine_version" "kubernetes_version" "function.code.runtime" {
    reason = "What was tested on one version runs on that version."
    owner  = "platform"
  }

  equal "*encrypted" "*encryption*" "enable_key_rotation" "kms_key_id" "kms_key_arn" {
    reason = "Dev's data is as secret as prod's."
    owner  = "security"
  }

  equal "required_version" "required_providers.*" "lock file *" "source" "module.*.version" {
    layers = ["providers", "modules"]
    reason = "Promotion changes values, never versions."
    owner  = "platform"
  }

  ################################################################################
  # Policies that hold in production only
  ################################################################################

  expect "aws-cloudwatch-log-retention-year" "aws-rds-multi-az" "aws-elasticache-failover" {
    layers = ["policies"]
    when   = prod == "passed"
    reason = "Follows from the sizes and retention above."
    owner  = "platform"
  }
}
