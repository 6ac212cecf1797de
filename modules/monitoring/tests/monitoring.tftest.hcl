mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:111122223333:topic" }
  }

  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:alarm" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/chat" }
  }
}

variables {
  name        = "shop-dev"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/alerts"
  subscribers = {}

  alarms = {
    busy = {
      description = "Busy"
      tier        = "warning"
      threshold   = 80
      metric      = { namespace = "AWS/RDS", name = "CPUUtilization", dimensions = { DBInstanceIdentifier = "shop" } }
    }
    errors = {
      description = "Errors"
      tier        = "critical"
      threshold   = 5
      metric      = { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count" }
    }
  }
}

################################################################################
# Topics and who hears them
################################################################################

run "a_topic_for_each_tier" {
  command = plan

  assert {
    condition     = { for tier, topic in aws_sns_topic.this : tier => topic.name } == { info = "shop-dev-info", warning = "shop-dev-warning", critical = "shop-dev-critical" }
    error_message = "Each tier must have its topic, with or without listeners."
  }

  assert {
    condition     = alltrue([for topic in aws_sns_topic.this : topic.kms_master_key_id == "arn:aws:kms:eu-central-1:111122223333:key/alerts"])
    error_message = "Every topic must be encrypted with the given key."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.this) == 0 && length(aws_chatbot_slack_channel_configuration.this) == 0 && length(aws_iam_role.chat) == 0
    error_message = "Without subscribers nobody is told, and no role is made."
  }
}

run "services_publish_for_this_account_only" {
  assert {
    condition = alltrue([
      for document in data.aws_iam_policy_document.topic :
      one(document.statement[0].condition).variable == "aws:SourceAccount" && one(document.statement[0].condition).values == tolist(["111122223333"])
    ])
    error_message = "The account must be the key's."
  }

  assert {
    condition     = alltrue([for document in data.aws_iam_policy_document.topic : document.statement[1].effect == "Deny" && one(document.statement[1].condition).variable == "aws:SecureTransport"])
    error_message = "Messages without TLS must be refused."
  }
}

run "mail_sms_and_slack" {
  variables {
    slack_team_id = "T0123ABCD"
    subscribers = {
      info     = { slack_channels = ["C0123ABCD"] }
      warning  = { emails = ["team@example.com"] }
      critical = { emails = ["team@example.com"], slack_channels = ["C0123ABCD", "C9876WXYZ"], phone_numbers = ["+491701234567"] }
    }
  }

  assert {
    condition = { for name, subscription in aws_sns_topic_subscription.this : name => subscription.protocol } == {
      "critical/email/team@example.com" = "email"
      "critical/sms/+491701234567"      = "sms"
      "warning/email/team@example.com"  = "email"
    }
    error_message = "Each address must hear its tiers."
  }

  assert {
    condition     = keys(aws_chatbot_slack_channel_configuration.this) == ["C0123ABCD", "C9876WXYZ"] && local.slack_channels == { C0123ABCD = tolist(["critical", "info"]), C9876WXYZ = tolist(["critical"]) }
    error_message = "A channel must have one configuration, for all its tiers."
  }

  assert {
    condition     = aws_chatbot_slack_channel_configuration.this["C0123ABCD"].slack_team_id == "T0123ABCD" && tolist(aws_chatbot_slack_channel_configuration.this["C0123ABCD"].guardrail_policy_arns) == tolist(["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"])
    error_message = "Nobody in a channel may do more than read metrics."
  }

  assert {
    condition     = length(aws_iam_role.chat) == 1 && one(data.aws_iam_policy_document.chat_trust.statement[0].condition).values == tolist(["111122223333"])
    error_message = "Slack needs the role, for this account only."
  }
}

################################################################################
# Alarms
################################################################################

run "alarm_on_a_metric" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["busy"].alarm_name == "shop-dev-busy" && aws_cloudwatch_metric_alarm.this["busy"].metric_name == "CPUUtilization" && aws_cloudwatch_metric_alarm.this["busy"].statistic == "Average" && aws_cloudwatch_metric_alarm.this["busy"].comparison_operator == "GreaterThanThreshold"
    error_message = "The alarm must be on the metric's average."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["busy"].evaluation_periods == 5 && aws_cloudwatch_metric_alarm.this["busy"].datapoints_to_alarm == 5 && length(aws_cloudwatch_metric_alarm.this["busy"].metric_query) == 0
    error_message = "By default all of five minutes must breach."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["busy"].alarm_actions == toset([aws_sns_topic.this["warning"].arn]) && aws_cloudwatch_metric_alarm.this["busy"].ok_actions == aws_cloudwatch_metric_alarm.this["busy"].alarm_actions
    error_message = "The tier must hear when it begins, and when it is over."
  }
}

run "alarm_on_a_percentile" {
  command = plan

  variables {
    alarms = {
      slow = {
        description       = "Slow"
        tier              = "info"
        comparison        = ">="
        threshold         = 1
        statistic         = "p99.9"
        periods           = 10
        periods_breaching = 7
        missing_data      = "notBreaching"
        tell_when_ok      = false
        metric            = { namespace = "AWS/ApplicationELB", name = "TargetResponseTime" }
      }
    }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["slow"].extended_statistic == "p99.9" && aws_cloudwatch_metric_alarm.this["slow"].statistic == null
    error_message = "Percentiles are CloudWatch's extended statistics."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["slow"].datapoints_to_alarm == 7 && aws_cloudwatch_metric_alarm.this["slow"].treat_missing_data == "notBreaching" && length(aws_cloudwatch_metric_alarm.this["slow"].ok_actions) == 0
    error_message = "Periods, missing data and silence at the end must be as given."
  }
}

run "alarm_on_an_expression" {
  command = plan

  variables {
    alarms = {
      rate = {
        description = "Rate"
        tier        = "critical"
        threshold   = 5
        statistic   = "Sum"
        expression  = "100 * errors / requests"
        metrics = {
          errors   = { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count" }
          requests = { namespace = "AWS/ApplicationELB", name = "RequestCount", statistic = "SampleCount" }
        }
      }
    }
  }

  assert {
    condition     = { for query in aws_cloudwatch_metric_alarm.this["rate"].metric_query : query.id => query.return_data } == { errors = false, requests = false, result = true }
    error_message = "Only the expression's result is compared."
  }

  assert {
    condition     = { for query in aws_cloudwatch_metric_alarm.this["rate"].metric_query : query.id => query.metric[0].stat if query.id != "result" } == { errors = "Sum", requests = "SampleCount" }
    error_message = "A metric's own statistic goes before the alarm's."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["rate"].metric_name == null && aws_cloudwatch_metric_alarm.this["rate"].period == null && aws_cloudwatch_metric_alarm.this["rate"].statistic == null
    error_message = "CloudWatch refuses a metric beside an expression."
  }
}

run "composite_alarms" {
  variables {
    composite_alarms = {
      outage = { description = "Both", tier = "critical", alarms = ["busy", "errors"] }
      hint   = { description = "One", tier = "info", alarms = ["busy"], when = "any", suppressed_by = "errors", tell_when_ok = false }
    }
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.this["outage"].alarm_rule == "ALARM(\"shop-dev-busy\") AND ALARM(\"shop-dev-errors\")"
    error_message = "All named alarms must ring."
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.this["hint"].actions_suppressor[0].alarm == "shop-dev-errors" && length(aws_cloudwatch_composite_alarm.this["outage"].actions_suppressor) == 0
    error_message = "The suppressor must be the named alarm."
  }

  assert {
    condition     = keys(output.alarm_names) == ["busy", "errors", "hint", "outage"]
    error_message = "Composite alarms are alarms to their users."
  }
}

################################################################################
# Dashboard
################################################################################

run "dashboard" {
  variables {
    dashboard = {
      text = "# shop"
      graphs = [
        { title = "CPU", metrics = [{ namespace = "AWS/RDS", name = "CPUUtilization", dimensions = { DBInstanceIdentifier = "shop" } }] },
        { title = "Requests", statistic = "Sum", metrics = [{ namespace = "AWS/ApplicationELB", name = "RequestCount" }] },
        { title = "Third", metrics = [{ namespace = "AWS/ApplicationELB", name = "RequestCount" }] },
      ]
    }
  }

  assert {
    condition     = [for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : widget.type] == ["text", "alarm", "alarm", "metric", "metric", "metric"]
    error_message = "The dashboard must show the text, the two tiers that have alarms, and the graphs."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets[3].properties.metrics == [["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "shop"]]
    error_message = "A metric must be in CloudWatch's form."
  }

  assert {
    condition     = [for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : [widget.x, widget.y] if widget.type == "metric"] == [[0, 12], [12, 12], [0, 18]]
    error_message = "Graphs must stand two in a row."
  }

  assert {
    condition     = [for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : widget.y if widget.type != "metric"] == [0, 3, 6]
    error_message = "Nothing above the graphs may cover something else."
  }
}

run "no_dashboard" {
  command = plan

  variables {
    dashboard = null
  }

  assert {
    condition     = length(aws_cloudwatch_dashboard.this) == 0 && output.dashboard_name == null
    error_message = "No dashboard must be made."
  }
}

run "nothing_to_show" {
  command = plan

  variables {
    alarms = {}
  }

  assert {
    condition     = length(aws_cloudwatch_dashboard.this) == 0 && length(aws_sns_topic.this) == 3
    error_message = "Topics alone must not need an empty dashboard."
  }
}
