# Exercises: configuration that began with Terraform 0.11: "${}" around everything, quoted references, splats, lists by hand.

locals {
  name   = "legacy"
  ports  = "${split(",", "80,443")}"
  count  = "${length(local.ports)}"
  tags   = "${merge(
    var.default_tags,
    tomap({ "Name" = "${local.name}", "Ports" = "${join("/", local.ports)}" }),
  )}"
  enabled = "${var.create == "true" ? 1 : 0}"
}

variable "default_tags" {
  type    = map(string)
  default = {
    "Team": "ops",
    CostCenter: "12",
  }
}

variable "create" {
  type    = string
  default = "true"
}

variable "subnets" {
  type    = list(map(string))
  default = [{ cidr = "10.0.1.0/24", az = "a" }, { cidr = "10.0.2.0/24", az = "b", public = 1 }]
}

resource aws_vpc "main" {
  cidr_block           = "${cidrsubnet("10.0.0.0/8", 8, 0)}"
  enable_dns_hostnames = "${var.create}"
  tags                 = "${local.tags}"
}

resource "aws_subnet" "main" {
  count = "${length(var.subnets) * local.enabled}"

  vpc_id                  = "${aws_vpc.main.id}"
  cidr_block              = "${lookup(var.subnets[count.index], "cidr")}"
  availability_zone       = "eu-central-1${lookup(var.subnets[count.index], "az", "a")}"
  map_public_ip_on_launch = "${lookup(var.subnets[count.index], "public", 0)}"

  tags = "${merge(local.tags, { "Name" = "${format("%s-%s", local.name, count.index + 1)}" })}"

  lifecycle { ignore_changes = ["tags"] }
}

resource "aws_security_group" "web" {
  name        = "${local.name}-web"
  vpc_id      = "${aws_vpc.main.id}"
  depends_on  = ["aws_subnet.main"]

  ingress {
    from_port   = "${local.ports.0}"
    to_port     = "${local.ports[1]}"
    protocol    = "tcp"
    cidr_blocks = ["${aws_vpc.main.cidr_block}"]
  }
}

resource "aws_route" "internet" {
  count = "${local.enabled == 1 ? 1 : 0}"

  route_table_id         = "${aws_vpc.main.main_route_table_id}"
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = "${element(concat(aws_internet_gateway.main.*.id, [""]), 0)}"
}

resource "aws_internet_gateway" "main" {
  count  = "${var.create ? "1" : "0"}"
  vpc_id = "${aws_vpc.main.id}"
}

module "legacy" {
  source = "./modules/legacy"
  count  = "${local.count}"

  port    = "${element(local.ports, count.index)}"
  subnets = "${aws_subnet.main.*.cidr_block}"
}

output "subnet_cidrs" {
  value = ["${aws_subnet.main.*.cidr_block}", "${aws_subnet.main.0.cidr_block}", "${aws_subnet.main.*.tags.Name[1]}"]
}

output "azs" {
  value = "${zipmap(aws_subnet.main.*.cidr_block, aws_subnet.main.*.availability_zone)}"
}

output "first_or_none" {
  value = "${element(concat(aws_subnet.main.*.availability_zone, [""]), 0)} ${join(",", module.legacy.*.name)} ${local.enabled == "1" ? "text" : "number"}"
}
