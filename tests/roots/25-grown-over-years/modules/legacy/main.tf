variable "port" {}

variable "subnets" {
  type = list
}

variable "settings" {
  type    = map
  default = {}
}

resource "aws_lb_target_group" "this" {
  name     = "legacy-${var.port}"
  port     = "${var.port}"
  protocol = "${var.port == 443 || var.port == "443" ? "HTTPS" : "HTTP"}"
  vpc_id   = "vpc-0123456789abcdef0"
  tags     = "${merge(var.settings, { "Subnets" = "${join(",", var.subnets)}" })}"

  lifecycle {
    create_before_destroy = "true"
  }
}

output "name" {
  value = "${aws_lb_target_group.this.name}"
}
