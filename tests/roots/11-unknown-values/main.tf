# Exercises: values known after apply inside conditionals, for, merge, templates, collections and nested blocks.

resource "aws_vpc" "main" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "main" }
}

resource "aws_kms_key" "main" {
  description = "Everything"
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = "eu-central-1${["a", "b"][count.index]}"
}

resource "aws_security_group" "app" {
  name   = "app-${aws_vpc.main.tags.Name}"
  vpc_id = aws_vpc.main.id

  # One block of the set is known, two in part.
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = [aws_vpc.main.cidr_block]
  }

  ingress {
    description     = "from ${aws_kms_key.main.key_id}"
    protocol        = "tcp"
    from_port       = 5432
    to_port         = 5432
    security_groups = [aws_security_group.clients.id, "sg-0123456789abcdef0"]
  }

  ingress {
    protocol    = "tcp"
    from_port   = 9100
    to_port     = 9100
    cidr_blocks = ["192.0.2.0/24", aws_vpc.main.main_route_table_id]
  }

  # The list has unknown members, but there are two of them.
  dynamic "egress" {
    for_each = aws_subnet.private[*].id
    content {
      description = "subnet ${egress.key} ${egress.value}"
      protocol    = "-1"
      from_port   = 0
      to_port     = 0
      cidr_blocks = [cidrsubnet(aws_vpc.main.cidr_block, 8, egress.key)]
    }
  }
}

resource "aws_security_group" "clients" {
  name_prefix = "clients-"
  vpc_id      = aws_vpc.main.id

  # How many blocks there will be is itself unknown.
  dynamic "ingress" {
    for_each = toset(split(",", aws_kms_key.main.policy))
    content {
      protocol    = "tcp"
      from_port   = 22
      to_port     = 22
      cidr_blocks = [ingress.value]
    }
  }
}

resource "aws_db_subnet_group" "main" {
  name       = "main"
  subnet_ids = aws_subnet.private[*].id
}

resource "aws_lambda_function" "worker" {
  function_name = "worker"
  role          = "arn:aws:iam::123456789012:role/worker"
  image_uri     = "${aws_ecr_repository.worker.repository_url}:latest"
  package_type  = "Image"

  environment {
    variables = merge(local.known, { KEY = aws_kms_key.main.arn, KEY_ID = aws_kms_key.main.key_id })
  }

  vpc_config {
    subnet_ids         = concat(aws_subnet.private.*.id, ["subnet-0123456789abcdef0"])
    security_group_ids = [aws_security_group.app.id]
  }

  tags = merge({ Key = aws_kms_key.main.arn }, { Name = "worker" })
}

resource "aws_ecr_repository" "worker" {
  name = "worker"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.main.arn
  }
}

# No telling whether there is a block at all.
resource "aws_instance" "app" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private[1].id
  vpc_security_group_ids = ["sg-0123456789abcdef0", aws_security_group.app.id]
  user_data              = "vpc=${aws_vpc.main.id}"

  dynamic "ebs_block_device" {
    for_each = aws_kms_key.main.multi_region ? ["/dev/sdf"] : []
    content {
      device_name = ebs_block_device.value
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = "example-logs"

  dynamic "rule" {
    for_each = aws_kms_key.main.multi_region ? ["all"] : []
    content {
      id     = rule.value
      status = "Enabled"
    }
  }
}

data "aws_iam_policy_document" "readers" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]

    dynamic "principals" {
      for_each = aws_kms_key.main.multi_region ? ["*"] : []
      content {
        type        = "AWS"
        identifiers = [principals.value]
      }
    }
  }
}

# A whole map from an unknown, and a conditional whose condition is unknown.
resource "aws_ssm_parameter" "derived" {
  name   = "/derived"
  type   = aws_kms_key.main.key_id == "" ? "String" : "SecureString"
  value  = jsonencode({ arn = aws_kms_key.main.arn })
  key_id = var.own_key ? aws_kms_key.main.arn : "alias/aws/ssm"
  tags   = { for name in ["a", "b"] : name => name == "a" ? aws_kms_key.main.arn : "known" }
}

module "wrapper" {
  source = "./modules/wrapper"
  subnet = aws_subnet.private[0]
  key    = aws_kms_key.main.arn
}

variable "own_key" {
  default = false
}

locals {
  known = { MODE = "batch", DEBUG = 0 }
}
