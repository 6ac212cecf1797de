locals {
  names = setunion([var.domain_name], var.alternative_names)

  # A wildcard and the name below it (*.example.com and example.com) are proved by the same record: one for both.
  proved_names = toset([for name in local.names : trimprefix(name, "*.")])

  # Every name's record, once AWS has told it. The names are known beforehand, so that a plan shows which records come.
  proofs = {
    for option in aws_acm_certificate.this.domain_validation_options : trimprefix(option.domain_name, "*.") => option...
  }
}

################################################################################
# Certificate
################################################################################

resource "aws_acm_certificate" "this" {
  domain_name               = var.domain_name
  subject_alternative_names = var.alternative_names
  validation_method         = "DNS"
  key_algorithm             = var.key_algorithm

  options {
    # Browsers refuse certificates that are in no public log; the names become known by it.
    certificate_transparency_logging_preference = "ENABLED"
  }

  tags = { Name = var.domain_name }

  # Listeners change over to the new one before the old one goes.
  lifecycle {
    create_before_destroy = true
  }
}

################################################################################
# Proof of the names
################################################################################

# They stay: ACM looks them up again at each renewal.
resource "aws_route53_record" "proof" {
  for_each = local.proved_names

  zone_id = lookup(var.zone_ids, each.key, var.zone_id)
  name    = local.proofs[each.key][0].resource_record_name
  type    = local.proofs[each.key][0].resource_record_type
  records = [local.proofs[each.key][0].resource_record_value]
  ttl     = 300

  # The record of a name is the same for every certificate of the account: another one's is no obstacle.
  allow_overwrite = true
}

# Exists once the certificate can be used.
resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.proof : record.fqdn]

  timeouts {
    create = var.validation_timeout
  }
}

################################################################################
# Expiry
################################################################################

resource "aws_cloudwatch_metric_alarm" "expiry" {
  count = var.expiry_alarm == null ? 0 : 1

  alarm_name        = "certificate-${replace(var.domain_name, "*", "wildcard")}-expires"
  alarm_description = "The certificate of ${var.domain_name} expires in fewer than ${var.expiry_alarm.days} days: ACM could not renew it. Are its DNS records still there, and is it in use?"

  namespace   = "AWS/CertificateManager"
  metric_name = "DaysToExpiry"
  statistic   = "Minimum"
  period      = 86400

  dimensions = {
    CertificateArn = aws_acm_certificate.this.arn
  }

  comparison_operator = "LessThanThreshold"
  threshold           = var.expiry_alarm.days
  evaluation_periods  = 1

  # ACM says it twice a day, from the day after; a gap says nothing.
  treat_missing_data = "ignore"

  alarm_actions = var.expiry_alarm.topic_arns
  ok_actions    = var.expiry_alarm.topic_arns
}
