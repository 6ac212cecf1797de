# Exercises: conversions between string, number and bool, null and empty values in attributes and in nested blocks.

locals {
  text_number = "0443"
  text_bool   = "true"
  nothing     = null
  big         = 12345678901234567890
  exact       = 0.30000000000000004
  exponent    = 1.5e3
}

# Numbers and bools where strings are wanted, and the other way round.
resource "aws_sqs_queue" "strings" {
  name                       = 4711
  delay_seconds              = "30"
  max_message_size           = local.exponent * 4
  fifo_queue                 = "false"
  visibility_timeout_seconds = "1e2"
  tags                       = { Number = 1.50, Bool = !true, Big = local.big, Exact = local.exact, Negative = -0.0, Text = local.text_number }
}

# Null is as if the attribute were not there: defaults and computed values stay.
resource "aws_sqs_queue" "nulls" {
  name                       = null
  delay_seconds              = null
  visibility_timeout_seconds = local.nothing
  kms_master_key_id          = ""
  policy                     = null
  tags                       = null
}

resource "aws_sqs_queue" "empties" {
  name = "empties"
  tags = { Kept = "", Gone = null }

  redrive_policy = jsonencode({
    deadLetterTargetArn = "arn:aws:sqs:eu-central-1:123456789012:dead"
    maxReceiveCount     = "4"
  })
}

resource "aws_instance" "web" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = var.instance_type
  vpc_security_group_ids = []
  monitoring             = local.text_bool
  ebs_optimized          = 1 == 1
  iam_instance_profile   = ""
  private_ip             = null
  tags                   = {}

  root_block_device {
    volume_size           = "20"
    iops                  = null
    encrypted             = null
    delete_on_termination = "false"
    kms_key_id            = ""
    tags                  = {}
  }

  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 10
    snapshot_id = null
    encrypted   = "true"
  }

  metadata_options {}
}

resource "aws_lb_target_group" "app" {
  name                 = "app"
  port                 = local.text_number
  protocol             = "HTTP"
  vpc_id               = "vpc-0123456789abcdef0"
  deregistration_delay = 30
  slow_start           = null

  health_check {
    enabled             = true
    port                = 8080
    healthy_threshold   = "3"
    unhealthy_threshold = null
    matcher             = 200
  }

  stickiness {
    type    = "lb_cookie"
    enabled = false
  }
}

resource "aws_lb_listener" "app" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/app/0123456789abcdef"
  port              = "80"

  default_action {
    type             = "redirect"
    target_group_arn = null
    order            = null

    redirect {
      status_code = "HTTP_301"
      port        = 443
      protocol    = upper("https")
      host        = null
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = true
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = "2"
  threshold           = "80.50"
  metric_name         = "CPUUtilization"
  namespace           = "AWS/EC2"
  period              = 60.0
  statistic           = "Average"
  dimensions          = null
  alarm_actions       = []
  ok_actions          = null
}

module "typed" {
  source = "./modules/typed"

  text    = 10
  number  = "-7.50"
  flag    = "false"
  list    = toset(["b", "a", 3])
  set     = ["x", "x", 1, true]
  map     = { a = 1, b = true, c = null }
  object  = { name = 1, extra = "dropped", nested = [["1", 2], []] }
  tuple   = [1, "2", null]
  untyped = { any = [1, "a", true] }
  anys    = [1, "a", true]
}

variable "instance_type" {
  type    = string
  default = "t3.micro"
}

output "typed" {
  value = module.typed.all
}

output "language" {
  value = {
    equal       = [1 == "1", "a" == "a", null == null, [1] == [1], { a = 1 } == { a = 1 }, true == "true", tolist([1]) == [1]]
    arithmetic  = [1 / 3, 7 % 3, -7 % 3, 10 / 4, 2 - -1, "3" + "4", 1e100, 0.1 + 0.2, local.big + 1]
    unified     = [true ? 1 : "a", false ? [1] : ["a"], true ? { a = 1 } : { a = "x", b = 2 }, true ? null : 5]
    collections = [toset([1, "1", 2.0]), tolist(["a", 1, true]), tomap({ a = 1, b = "x" })]
    strings     = [tostring(1.0), tostring(1e6), tostring(true), "${1.10}", "${-0.0}", tostring(null)]
    numbers     = [tonumber("0x10" == "16" ? "1" : "016"), tonumber("1e3"), tonumber(" 1" == "1" ? "2" : "3")]
    bools       = [tobool("true"), tobool("1" == "1"), !false && (true || false)]
  }
}
