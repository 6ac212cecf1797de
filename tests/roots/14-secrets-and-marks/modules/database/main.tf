variable "password" {
  type      = string
  sensitive = true
}

variable "settings" {
  type = object({ open = string, secret = string })
}

resource "aws_db_instance" "this" {
  identifier          = "app"
  engine              = "mysql"
  engine_version      = "8.0"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  username            = var.settings.open
  password_wo         = var.password
  password_wo_version = 1
  db_name             = "app"
  skip_final_snapshot = true
  tags                = var.settings
}

output "connection" {
  value     = { endpoint = aws_db_instance.this.endpoint, password = var.password, name = aws_db_instance.this.db_name }
  sensitive = true
}
