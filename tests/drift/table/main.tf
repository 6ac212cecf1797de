# What changes.txt changes from outside: each line has a resource of its own.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = { Team = "shop" }
  }
}

locals {
  tls_only = {
    for name in ["policy", "spaces", "unpolicied"] : name => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "Tls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::drift-${name}", "arn:aws:s3:::drift-${name}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }]
    })
  }
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  read = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = "arn:aws:s3:::drift-policy/*" }]
  })
}

resource "aws_s3_bucket" "b" {
  for_each = toset(["tag", "untagged", "policy", "spaces", "unpolicied", "newpolicy", "gone", "versions", "cipher", "open", "unblocked", "told"])
  bucket   = "drift-${each.key}"
  tags     = { Name = each.key }
}

resource "aws_s3_bucket_policy" "b" {
  for_each = local.tls_only
  bucket   = aws_s3_bucket.b[each.key].id
  policy   = each.value
}

resource "aws_s3_bucket_versioning" "versions" {
  bucket = aws_s3_bucket.b["versions"].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "cipher" {
  bucket = aws_s3_bucket.b["cipher"].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.k["rotation"].arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "b" {
  for_each                = toset(["open", "unblocked"])
  bucket                  = aws_s3_bucket.b[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_kms_key" "k" {
  for_each            = toset(["rotation", "description", "steady"])
  description         = each.key
  enable_key_rotation = true
}

resource "aws_vpc" "v" {
  for_each             = toset(["dns", "main"])
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "s" {
  for_each   = { public = "10.20.1.0/24", gone = "10.20.2.0/24", workers = "10.20.3.0/24" }
  vpc_id     = aws_vpc.v["main"].id
  cidr_block = each.value
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.v["main"].id
}

resource "aws_route_table" "t" {
  for_each = toset(["unrouted", "rerouted"])
  vpc_id   = aws_vpc.v["main"].id
  tags     = { Name = each.key }
}

resource "aws_route" "out" {
  for_each               = aws_route_table.t
  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_security_group" "inline" {
  for_each    = toset(["added", "removed"])
  name        = "inline-${each.key}"
  description = "Rules inside"
  vpc_id      = aws_vpc.v["main"].id

  ingress {
    description = "From the network"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

resource "aws_security_group" "apart" {
  for_each    = toset(["added", "removed", "changed"])
  name        = "apart-${each.key}"
  description = "Rules apart"
  vpc_id      = aws_vpc.v["main"].id
}

resource "aws_vpc_security_group_ingress_rule" "apart" {
  for_each          = aws_security_group.apart
  security_group_id = each.value.id
  description       = "From the network"
  cidr_ipv4         = "10.0.0.0/8"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_iam_role" "r" {
  for_each           = toset(["trust", "spaces", "inline", "attached", "detached", "again", "own"])
  name               = "drift-${each.key}"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "own" {
  role   = aws_iam_role.r["own"].id
  name   = "read"
  policy = local.read
}

resource "aws_iam_policy" "p" {
  for_each = toset(["version", "attached"])
  name     = "drift-${each.key}"
  policy   = local.read
}

resource "aws_iam_role_policy_attachment" "detached" {
  role       = aws_iam_role.r["detached"].name
  policy_arn = aws_iam_policy.p["attached"].arn
}

resource "aws_sns_topic" "t" {
  for_each          = toset(["plain", "untagged", "policy"])
  name              = "drift-${each.key}"
  kms_master_key_id = aws_kms_key.k["steady"].arn
  tags              = { Name = each.key }
}

resource "aws_dynamodb_table" "d" {
  for_each                    = toset(["recovery", "protection", "tag"])
  name                        = "drift-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_ssm_parameter" "p" {
  for_each = { value = "eu", gone = "eu", again = "eu", document = "{\"a\":1,\"b\":[true]}" }
  name     = "/drift/${each.key}"
  type     = "String"
  value    = each.value
}

resource "aws_ssm_parameter" "secret" {
  name  = "/drift/secret"
  type  = "SecureString"
  value = "hunter2-correct-horse-battery"
}

resource "aws_secretsmanager_secret" "db" {
  name        = "drift-db"
  description = "Login of the database"
}

resource "aws_cloudwatch_log_group" "l" {
  for_each          = toset(["shorter", "forever", "gone"])
  name              = "/drift/${each.key}"
  retention_in_days = 365
  kms_key_id        = aws_kms_key.k["steady"].arn
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  for_each            = toset(["threshold", "silenced"])
  alarm_name          = each.key
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  metric_name         = "CPUUtilization"
  namespace           = "AWS/ECS"
  period              = 60
  statistic           = "Average"
  threshold           = 80
  alarm_actions       = [aws_sns_topic.t["plain"].arn]
}

resource "aws_ecr_repository" "e" {
  for_each             = toset(["scan", "mutable"])
  name                 = "drift-${each.key}"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ebs_volume" "v" {
  availability_zone = "eu-west-1a"
  size              = 10
  encrypted         = true
}

resource "aws_ecs_cluster" "c" {
  name = "drift"

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_launch_template" "workers" {
  name          = "drift"
  image_id      = "ami-12c6146b"
  instance_type = "t3.micro"
}

resource "aws_autoscaling_group" "g" {
  for_each            = toset(["desired", "most"])
  name                = "drift-${each.key}"
  min_size            = 1
  max_size            = 3
  desired_capacity    = 1
  vpc_zone_identifier = [aws_subnet.s["workers"].id]

  launch_template {
    id      = aws_launch_template.workers.id
    version = "$Latest"
  }

  lifecycle {
    ignore_changes = [desired_capacity]
  }
}

resource "aws_sqs_queue" "q" {
  for_each                   = toset(["policy", "slower"])
  name                       = "drift-${each.key}"
  visibility_timeout_seconds = 30
  sqs_managed_sse_enabled    = true
}

resource "aws_s3_bucket_notification" "told" {
  bucket = aws_s3_bucket.b["told"].id

  queue {
    id        = "first"
    queue_arn = aws_sqs_queue.q["policy"].arn
    events    = ["s3:ObjectCreated:*"]
  }

  queue {
    id        = "second"
    queue_arn = aws_sqs_queue.q["slower"].arn
    events    = ["s3:ObjectRemoved:*"]
  }
}
