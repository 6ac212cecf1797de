mock_provider "aws" {}

variables {
  name        = "shop-dev"
  node_type   = "cache.t4g.small"
  vpc_id      = "vpc-1"
  subnet_ids  = ["subnet-1", "subnet-2"]
  users       = { api = { access = "~session:* +@read" } }
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1"
  logs        = { kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/2" }
}

run "safe_by_default" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true" && aws_elasticache_replication_group.this.kms_key_id == var.kms_key_arn
    error_message = "Disks must be encrypted with the given key."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    error_message = "TLS must be demanded."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.num_cache_clusters == 2
    error_message = "A replica in another zone must take over."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.snapshot_retention_limit == 7 && aws_elasticache_replication_group.this.final_snapshot_identifier == "shop-dev-final"
    error_message = "Snapshots must be kept."
  }

  assert {
    condition     = aws_elasticache_parameter_group.this.family == "valkey8" && length(aws_elasticache_parameter_group.this.parameter) == 0
    error_message = "The parameter group must be of the engine's family."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.client) == 0
    error_message = "Nobody may connect who is not named."
  }

  assert {
    condition     = length(aws_elasticache_replication_group.this.log_delivery_configuration) == 2 && alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.logs.kms_key_arn])
    error_message = "Both logs must be kept, encrypted."
  }
}

run "users_sign_in_by_iam" {
  command = plan

  assert {
    condition     = aws_elasticache_user.this["api"].authentication_mode[0].type == "iam" && aws_elasticache_user.this["api"].user_id == aws_elasticache_user.this["api"].user_name
    error_message = "IAM authentication wants one id and name."
  }

  assert {
    condition     = aws_elasticache_user.this["api"].access_string == "on ~session:* +@read"
    error_message = "The user must be on, and may do what was given."
  }

  assert {
    condition     = aws_elasticache_user_group.this[0].user_ids == toset(["shop-dev-api"]) && aws_elasticache_replication_group.this.user_group_ids == toset(["shop-dev"])
    error_message = "The group must have the user, and Valkey no default one."
  }
}

run "redis_has_a_default_user_that_is_off" {
  command = plan

  variables {
    engine         = "redis"
    engine_version = "7.1"
  }

  assert {
    condition     = startswith(aws_elasticache_user.default[0].access_string, "off ") && aws_elasticache_user_group.this[0].user_ids == toset(["shop-dev-api", "shop-dev-default"])
    error_message = "Clients that name no user must be refused."
  }

  assert {
    condition     = aws_elasticache_parameter_group.this.family == "redis7"
    error_message = "The parameter group must be of the engine's family."
  }
}

run "password_instead_of_users" {
  command = plan

  variables {
    users      = {}
    auth_token = "0123456789abcdefABCDEF"
  }

  assert {
    condition     = nonsensitive(aws_elasticache_replication_group.this.auth_token == var.auth_token) && aws_elasticache_replication_group.this.auth_token_update_strategy == "ROTATE"
    error_message = "The password must be set, and rotate."
  }

  assert {
    condition     = length(aws_elasticache_user_group.this) == 0 && aws_elasticache_replication_group.this.user_group_ids == null
    error_message = "There must be no user group beside it."
  }
}

run "cluster_mode" {
  command = plan

  variables {
    shards     = 3
    replicas   = 0
    parameters = { maxmemory-policy = "allkeys-lru" }
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_node_groups == 3 && aws_elasticache_replication_group.this.replicas_per_node_group == 0
    error_message = "Shards and replicas must be counted."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.automatic_failover_enabled && !aws_elasticache_replication_group.this.multi_az_enabled
    error_message = "Cluster mode insists on failover; several zones need replicas."
  }

  assert {
    condition     = { for parameter in aws_elasticache_parameter_group.this.parameter : parameter.name => parameter.value } == { cluster-enabled = "yes", maxmemory-policy = "allkeys-lru" }
    error_message = "The parameter group must switch cluster mode on."
  }
}

run "small_for_development" {
  command = plan

  variables {
    replicas  = 0
    snapshots = { retention_days = 0, final = false }
    clients   = { api = "sg-2" }
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 1 && !aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.final_snapshot_identifier == null
    error_message = "One node, without snapshots."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.client["api"].from_port == 6379 && aws_vpc_security_group_ingress_rule.client["api"].referenced_security_group_id == "sg-2"
    error_message = "The client must be let in."
  }
}

run "refuses_a_cache_without_proof" {
  command = plan

  variables {
    users = {}
  }

  expect_failures = [var.auth_token]
}

run "refuses_users_and_password" {
  command = plan

  variables {
    auth_token = "0123456789abcdefABCDEF"
  }

  expect_failures = [var.auth_token]
}

run "refuses_short_passwords" {
  command = plan

  variables {
    users      = {}
    auth_token = "short"
  }

  expect_failures = [var.auth_token]
}

run "refuses_passwords_in_access_strings" {
  command = plan

  variables {
    users = { api = { access = ">secret ~* +@all" } }
  }

  expect_failures = [var.users]
}

run "refuses_versions_of_the_other_engine" {
  command = plan

  variables {
    engine = "redis"
  }

  expect_failures = [var.engine_version]
}

run "refuses_classes_of_databases" {
  command = plan

  variables {
    node_type = "db.t4g.small"
  }

  expect_failures = [var.node_type]
}

run "refuses_a_single_subnet" {
  command = plan

  variables {
    subnet_ids = ["subnet-1"]
  }

  expect_failures = [var.subnet_ids]
}

run "refuses_too_many_replicas" {
  command = plan

  variables {
    replicas = 6
  }

  expect_failures = [var.replicas]
}
