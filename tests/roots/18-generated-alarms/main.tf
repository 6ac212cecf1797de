# Exercises: some hundreds of instances from setproduct, range and nested for; records and alarms with computed keys.

locals {
  services = [for index in range(60) : format("svc-%03d", index)]
  metrics = {
    cpu    = { name = "CPUUtilization", threshold = 80 }
    memory = { name = "MemoryUtilization", threshold = 75.5 }
    errors = { name = "HTTPCode_Target_5XX_Count", threshold = 10, statistic = "Sum" }
  }
  severities = { warning = 1, critical = 1.2 }

  alarms = {
    for item in setproduct(local.services, keys(local.metrics), keys(local.severities)) :
    "${item[0]}.${item[1]}[${item[2]}]" => merge(
      { statistic = "Average" },
      local.metrics[item[1]],
      { service = item[0], severity = item[2], threshold = local.metrics[item[1]].threshold * local.severities[item[2]] },
    )
    if !(item[1] == "errors" && item[2] == "warning")
  }

  # Services to their shards: a list grouped by a computed key, then turned over.
  shards   = { for index, service in local.services : "shard-${index % 5}" => service... }
  shard_of = transpose(local.shards)
  subnets  = cidrsubnets("10.96.0.0/12", [for service in local.services : 8]...)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = each.key
  alarm_description   = title("${each.value.severity} of ${each.value.service}")
  namespace           = "AWS/ECS"
  metric_name         = each.value.name
  statistic           = each.value.statistic
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = each.value.severity == "critical" ? 1 : 3
  period              = 60
  treat_missing_data  = "notBreaching"
  dimensions          = { ServiceName = each.value.service, ClusterName = local.shard_of[each.value.service][0] }
}

resource "aws_route53_zone" "internal" {
  name = "svc.example.com"

  vpc {
    vpc_id = "vpc-0123456789abcdef0"
  }
}

resource "aws_route53_record" "service" {
  for_each = toset(local.services)

  zone_id = aws_route53_zone.internal.zone_id
  name    = "${each.key}.${aws_route53_zone.internal.name}"
  type    = "A"
  ttl     = 60
  records = [for offset in [10, 11] : cidrhost(local.subnets[index(local.services, each.key)], offset)]
}

resource "aws_route53_record" "shard" {
  for_each = local.shards

  zone_id = aws_route53_zone.internal.zone_id
  name    = each.key
  type    = "TXT"
  ttl     = 300
  records = [for chunk in chunklist(each.value, 3) : join(" ", chunk)]
}

resource "aws_route53_record" "alias" {
  zone_id = aws_route53_zone.internal.zone_id
  name    = ""
  type    = "A"

  alias {
    name                   = "dualstack.example.elb.amazonaws.com"
    zone_id                = "Z0123456789ABCDEFGHIJ"
    evaluate_target_health = true
  }

  weighted_routing_policy {
    weight = 90
  }

  set_identifier = "main"
}

resource "aws_cloudwatch_composite_alarm" "shard" {
  for_each = local.shards

  alarm_name = each.key
  alarm_rule = join(" OR ", [for key, alarm in aws_cloudwatch_metric_alarm.this : "ALARM(\"${alarm.alarm_name}\")" if alarm.dimensions.ClusterName == each.key && endswith(key, "[critical]")])
}

output "counts" {
  value = {
    alarms    = length(aws_cloudwatch_metric_alarm.this)
    by_metric = { for name, metric in local.metrics : name => length([for alarm in aws_cloudwatch_metric_alarm.this : alarm if alarm.metric_name == metric.name]) }
    highest   = max([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.threshold]...)
    last      = reverse(sort(keys(aws_cloudwatch_metric_alarm.this)))[0]
    subnets   = slice(local.subnets, 58, 60)
  }
}
