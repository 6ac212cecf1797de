################################################################################
# Parameters
################################################################################

resource "aws_ssm_parameter" "setting" {
  for_each = var.settings

  name           = "${var.prefix}/${each.key}"
  type           = "String"
  insecure_value = each.value
}

# Write-only: Terraform keeps no value, reads none back, and so neither sees nor reverts what is set outside.
resource "aws_ssm_parameter" "secret" {
  for_each = var.parameters

  name        = "${var.prefix}/${each.key}"
  description = each.value.description
  type        = "SecureString"
  tier        = each.value.large ? "Advanced" : "Standard"
  key_id      = var.kms_key_arn

  value_wo         = each.value.version == null ? "to be set outside Terraform" : var.values[each.key]
  value_wo_version = each.value.version == null ? 0 : each.value.version

  # SSM takes changes of a parameter only together with its value, which Terraform does not have: an apply would fail.
  lifecycle {
    ignore_changes = [description]
  }
}

################################################################################
# Secrets
################################################################################

resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  name                    = trimprefix("${var.prefix}/${each.key}", "/")
  description             = each.value.description
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = each.value.recovery_days

  dynamic "replica" {
    for_each = each.value.replicas

    content {
      region     = replica.key
      kms_key_id = replica.value
    }
  }
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each = { for name, secret in var.secrets : name => secret if secret.version != null }

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo         = var.values[each.key]
  secret_string_wo_version = each.value.version
}

resource "aws_secretsmanager_secret_rotation" "this" {
  for_each = { for name, secret in var.secrets : name => secret.rotation if secret.rotation != null }

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = each.value.function_arn
  rotate_immediately  = each.value.immediately

  rotation_rules {
    automatically_after_days = each.value.days
  }
}
