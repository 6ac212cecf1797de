variable "name" { type = string }
variable "memory" { type = number }
variable "fifo" { type = bool }
variable "retention" { type = number }
variable "key_arn" { type = string }
variable "topic_arn" { type = string }

resource "aws_sqs_queue" "dead" {
  name              = "${var.name}-dead${var.fifo ? ".fifo" : ""}"
  fifo_queue        = var.fifo
  kms_master_key_id = var.key_arn
}

resource "aws_sqs_queue" "main" {
  name                       = "${var.name}${var.fifo ? ".fifo" : ""}"
  fifo_queue                 = var.fifo
  kms_master_key_id          = var.key_arn
  visibility_timeout_seconds = var.memory > 512 ? 60 : 30
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sns_topic_subscription" "alarms" {
  count     = var.fifo ? 0 : 1
  topic_arn = var.topic_arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.dead.arn
}

resource "aws_cloudwatch_log_group" "main" {
  name              = "/${var.name}"
  retention_in_days = var.retention
  kms_key_id        = var.key_arn
}

output "queue_url" { value = aws_sqs_queue.main.url }
output "queue_name" { value = aws_sqs_queue.main.name }
