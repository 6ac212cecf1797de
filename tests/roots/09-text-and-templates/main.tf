# Exercises: heredocs, template directives, escapes, templatefile, templatestring, file functions, path.*, workspace.

locals {
  name  = "text-${terraform.workspace}"
  hosts = { b = "10.0.0.2", a = "10.0.0.1" }
  empty = []

  indented = <<-EOT
      deepest
    shallowest ${local.name}
    	tab after spaces
      %{if length(local.hosts) > 1~}
      many
      %{else~}
      one
      %{endif~}
    %{for name, ip in local.hosts~}
    ${ip} ${name}
    %{endfor~}
  EOT

  plain = <<EOT
  kept indentation
"quotes" need no escape, nor does a \ backslash: \n \t
$${not.a.template} %%{nor} $$ %% $ % {}
${"nested ${"template ${1 + 1}"}"}
EOT

  # Interpolations and directives in quoted strings, with and without the strip markers.
  quoted = "a\tb\\c\"d\u00e9\U0001F600 ${~ "stripped" ~} end %{if true}yes%{else}no%{endif} %{for i in [1, 2]}${i},%{endfor}"
  single = "${local.hosts}"
  list   = ["${1}", "${true}x", "${local.name}"]
  nulls  = "${jsonencode(null)}${1.0}${1e21}${0.1 + 0.2}${true}"

  inline = templatestring(local.greeting, { name = "World", hosts = local.hosts })
  # Made of pieces, so that Terraform does not read it as a template here.
  greeting = "Hello $${upper(name)}%%{ for n, ip in hosts } $${n}=$${ip}%%{ endfor }!"

  user_data = templatefile("${path.module}/templates/boot.sh.tftpl", {
    name     = local.name
    packages = ["nginx", "jq"]
    env      = { PORT = 8080, DEBUG = false, "with space" = "it's" }
    extra    = null
  })
}

resource "aws_instance" "app" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  user_data     = local.user_data

  tags = {
    Hash      = filemd5("${path.module}/files/app.conf")
    Workspace = terraform.workspace
  }
}

resource "aws_launch_template" "app" {
  name      = local.name
  user_data = base64encode(local.user_data)
}

resource "aws_ssm_parameter" "file" {
  for_each = fileset(path.module, "files/**/*.{conf,json,txt}")

  name        = "/${local.name}/${trimsuffix(basename(each.value), ".conf")}"
  description = dirname(each.key)
  type        = "String"
  value       = file("${path.module}/${each.value}")
}

resource "aws_s3_object" "file" {
  bucket       = "example-text"
  key          = "app.conf"
  source       = "${path.root}/files/app.conf"
  etag         = filemd5("${path.root}/files/app.conf")
  content_type = lookup({ conf = "text/plain" }, reverse(split(".", "app.conf"))[0], "application/octet-stream")
  metadata     = { sha = filesha256("files/app.conf"), size = length(file("files/app.conf")) }
}

resource "aws_cloudwatch_dashboard" "main" {
  dashboard_name = local.name
  dashboard_body = jsonencode({
    widgets = [for index, host in keys(local.hosts) : {
      type       = "metric"
      x          = index * 12
      width      = 12
      properties = { title = "<${host}> & co", stat = "p99", metrics = [["AWS/EC2", "CPUUtilization", { host = host }]] }
    }]
  })
}

module "config" {
  source = "./modules/config"
}

output "texts" {
  value = {
    indented = local.indented
    plain    = local.plain
    quoted   = local.quoted
    single   = local.single
    list     = local.list
    nulls    = local.nulls
    inline   = local.inline
    argument = trimspace(<<-EOT
      an argument
        of a call
    EOT
    )
    empty = <<-EOT
    EOT
  }
}

output "encodings" {
  value = {
    json    = jsonencode({ z = 1, a = [true, null, 1.5, 1e30, "<>&\u2028ü"], "k e y" = {} })
    yaml    = yamlencode({ z = 1, a = [true, null, "1.50", "yes", "a: b"], nested = { list = [{ k = "v" }] }, text = "two\nlines\n" })
    base64  = filebase64("${path.module}/files/nested/data.json")
    decoded = jsondecode(file("files/nested/data.json"))
    url     = urlencode("a b/ü?&=")
    gzip    = length(base64gzip("text")) > 10
    utf16   = textencodebase64("hé", "UTF-16LE")
  }
}

output "paths" {
  value = {
    root       = path.root
    module     = path.module
    in_module  = module.config.paths
    cwd        = abspath(path.module) == path.cwd
    exists     = [fileexists("${path.cwd}/files/app.conf"), fileexists("nope")]
    from_child = module.config.shared
    set        = fileset("${path.module}/files", "*")
  }
}
