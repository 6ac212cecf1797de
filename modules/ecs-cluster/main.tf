################################################################################
# Cluster
################################################################################

# ECS would make this group itself at the first metric: unencrypted, and kept for ever.
resource "aws_cloudwatch_log_group" "container_insights" {
  count = var.container_insights == "disabled" ? 0 : 1

  name              = "/aws/ecs/containerinsights/${var.name}/performance"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }

  # What people type into containers, and what they see, is kept where they cannot change it.
  configuration {
    execute_command_configuration {
      kms_key_id = var.execute_command.kms_key_arn
      logging    = "OVERRIDE"

      log_configuration {
        cloud_watch_encryption_enabled = true
        cloud_watch_log_group_name     = aws_cloudwatch_log_group.execute_command.name
      }
    }

    dynamic "managed_storage_configuration" {
      for_each = var.ephemeral_storage_kms_key_arn[*]

      content {
        fargate_ephemeral_storage_kms_key_id = managed_storage_configuration.value
      }
    }
  }

  dynamic "service_connect_defaults" {
    for_each = var.service_connect_namespace_arn[*]

    content {
      namespace = service_connect_defaults.value
    }
  }

  depends_on = [aws_cloudwatch_log_group.container_insights]
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  # For tasks started by hand, such as migrations, which must not be interrupted. Services state their own mix.
  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }
}

################################################################################
# Sessions (ECS Exec)
################################################################################

resource "aws_cloudwatch_log_group" "execute_command" {
  name              = "/aws/ecs/exec/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}
