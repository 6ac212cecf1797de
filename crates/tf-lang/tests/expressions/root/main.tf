# What the expressions of the tables may refer to. It needs no provider and no module, so that `terraform console`
# answers in it without `terraform init`.

# --- Variables -------------------------------------------------------------------------------------------------------

variable "text" {
  type    = string
  default = "hello"
}

variable "untyped" {
  default = { a = 1, b = "two", c = [true, null] }
}

variable "any" {
  type    = any
  default = ["x", 1, true]
}

variable "number_from_text" {
  type    = number
  default = "42.50"
}

variable "text_from_number" {
  type    = string
  default = 1.50
}

variable "flag_from_text" {
  type    = bool
  default = "true"
}

variable "names" {
  type    = list(string)
  default = ["b", "a", "c", "a"]
}

variable "names_set" {
  type    = set(string)
  default = ["b", "a", "c", "a"]
}

variable "ports" {
  type    = map(number)
  default = { http = 80, https = "443", alt = 8080 }
}

variable "pair" {
  type    = tuple([string, number, bool])
  default = [1, "2", "false"]
}

variable "service" {
  type = object({
    name     = string
    port     = optional(number, 80)
    owner    = optional(string)
    replicas = optional(number, "3")
    health = optional(object({
      path     = optional(string, "/")
      interval = optional(number, 30)
    }), {})
    labels = optional(map(string), { team = "none" })
    hosts  = optional(list(string), [])
  })
  default = {
    name    = "api"
    dropped = "not an attribute of the type"
    health  = { path = "/up" }
  }
}

variable "services" {
  type = map(object({
    port = number
    tls  = optional(bool, true)
    tags = optional(set(string), ["x", "y"])
  }))
  default = {
    web = { port = 80, tls = null }
    api = { port = "8080", tls = false, tags = [] }
  }
}

variable "nothing" {
  default = null
}

variable "no_text" {
  type    = string
  default = null
}

variable "never_null" {
  type     = string
  default  = "set"
  nullable = false
}

variable "any_map" {
  type    = map(any)
  default = { a = 1, b = "two", c = true }
}

variable "any_list" {
  type    = list(any)
  default = [{ a = 1 }, { a = "two" }]
}

variable "secret" {
  type      = string
  default   = "hunter2"
  sensitive = true
}

variable "secret_settings" {
  type      = map(string)
  default   = { user = "admin", password = "hunter2" }
  sensitive = true
}

variable "token" {
  type      = string
  default   = "short-lived"
  ephemeral = true
}

variable "größe" {
  default = "a name outside ASCII"
}

variable "with-dash" {
  default = "a name with a dash"
}

# Variables without a default are unknown to the console.

variable "unknown" {}

variable "unknown_text" {
  type = string
}

variable "unknown_text_never_null" {
  type     = string
  nullable = false
}

variable "unknown_number" {
  type = number
}

variable "unknown_flag" {
  type = bool
}

variable "unknown_list" {
  type = list(string)
}

variable "unknown_set" {
  type = set(string)
}

variable "unknown_map" {
  type = map(string)
}

variable "unknown_object" {
  type = object({ name = string, ports = list(number) })
}

variable "unknown_tuple" {
  type = tuple([string, number])
}

variable "unknown_secret" {
  type      = string
  sensitive = true
}

# --- Numbers ---------------------------------------------------------------------------------------------------------

locals {
  zero        = 0
  one         = 1
  minus_five  = -5
  half        = 0.5
  pi          = 3.14159265358979323846264338327950288419716939937510582097494459230781640628620899
  third       = 1 / 3
  big         = 10000000000000000000001
  huge        = 1e100
  tiny        = 1e-100
  max_int64   = 9223372036854775807
  over_int64  = 9223372036854775808
  min_int64   = -9223372036854775808
  max_float53 = 9007199254740993
}

# --- Strings ---------------------------------------------------------------------------------------------------------

locals {
  empty      = ""
  name       = "web"
  key        = "dynamic"
  digits     = "0123456789"
  sentence   = "The quick brown fox jumps over the lazy dog"
  spaces     = "  padded\t\n"
  lines      = "one\ntwo\nthree"
  lines_end  = "one\ntwo\n"
  lines_crlf = "one\r\ntwo\r\n"
  quoted     = "say \"hi\" \\ back"
  brackets   = "<a href=\"?x=1&y=2\">"
  combining  = "e\u0301te\u0301" # composed when it is read, as all strings are
  umlauts    = "Grüße, Ärger, Öl, ß"
  dotted_i   = "İstanbul ılık"
  family     = "👨‍👩‍👧‍👦"
  flags      = "🇩🇪🇫🇷"
  skin       = "👍🏽"
  devanagari = "नमस्ते"
  hangul     = "한국어"
  mixed      = "a👨‍👩‍👧‍👦é🇩🇪z"
  zalgo      = "z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍a"
  pattern    = "[a-z]+"
}

# --- Heredocs: the console reads one line, so they cannot be written there -------------------------------------------

locals {
  heredoc = <<EOT
first
  second
third
EOT

  heredoc_indented = <<-EOT
    first
      second
    third
  EOT

  heredoc_indented_least_is_later = <<-EOT
        eight
      six
    four
          ten
  EOT

  heredoc_indented_blank_lines = <<-EOT
    one

    two
  
    three
  EOT

  heredoc_indented_tabs = <<-EOT
	one
		two
	EOT

  heredoc_not_indented_at_all = <<-EOT
one
    two
  EOT

  heredoc_interpolated = <<-EOT
    name = ${local.name}
      sum = ${1 + 2}
    lines = ${local.lines}
  EOT

  heredoc_interpolation_first = <<-EOT
    ${local.name} begins
      ${local.name} is moved in
  EOT

  heredoc_escapes = <<EOT
a\nb "quoted" $${not} %%{not} $ % $$ \ \\ \u00e9
EOT

  heredoc_empty = <<EOT
EOT

  heredoc_one_blank = <<EOT

EOT

  heredoc_if = <<-EOT
    %{if local.name == "web"}
    web
    %{else}
    other
    %{endif}
    end
  EOT

  heredoc_if_stripped = <<-EOT
    start
    %{~if local.name == "web"~}
    web
    %{~else~}
    other
    %{~endif~}
    end
  EOT

  heredoc_for = <<-EOT
    %{for name in var.names~}
    - ${name}
    %{endfor~}
  EOT

  heredoc_for_left = <<-EOT
    names:
    %{~for index, name in var.names}
      ${index}: ${name}
    %{~endfor}
    done
  EOT

  heredoc_nested = <<-EOT
    %{for key, port in var.ports~}
    %{if port < 1000~}
    ${key} = ${port}
    %{else~}
    ${key} is high
    %{endif~}
    %{endfor~}
  EOT

  heredoc_strip_interpolation = <<-EOT
    a
    ${~"b"~}
    c
      ${"d"~}
      e
  EOT

  heredoc_marker_inside = <<EOT
EOT inside
 not EOT
EOT

  heredoc_other_marker = <<END_OF-text
text
END_OF-text

  heredoc_unicode = <<-EOT
    é e${"\u0301"}
      ${local.family}
  EOT

  heredoc_in_list = [<<-EOT
    a
    EOT
    , <<-EOT
    b
    EOT
  ]

  heredoc_in_call = upper(<<-EOT
    shout
  EOT
  )

  heredoc_object = {
    text  = <<-EOT
      in an object
    EOT
    after = 1
  }

  heredoc_is_number = <<EOT
${12}
EOT

  heredoc_one_part = <<-EOT
    ${"only"}
  EOT
}

# --- Collections -----------------------------------------------------------------------------------------------------

locals {
  empty_tuple  = []
  empty_object = {}
  empty_list   = tolist([])
  empty_set    = toset([])
  empty_map    = tomap({})
  typed_list   = tolist([for value in [] : tostring(value)])

  tuple       = [1, "two", true, null, [3, 4], { five = 5 }]
  list        = tolist(["a", "b", "c"])
  numbers     = tolist([3, 1, 2])
  flags_list  = tolist([true, false])
  set         = toset(["c", "a", "b", "a"])
  number_set  = toset([10, 9, 1, 2.5, -1])
  bool_set    = toset([true, false])
  object_set  = toset([{ n = 1, s = "x" }, { n = 2, s = "y" }, { n = 3, s = "z" }])
  list_set    = toset([tolist(["b"]), tolist(["a"]), tolist(["a", "b"])])
  map         = tomap({ one = 1, two = 2, three = 3 })
  text_map    = tomap({ a = "x", b = "y", "c d" = "z" })
  object      = { name = "web", port = 80, tags = ["a", "b"], nested = { deep = { deeper = "bottom" } } }
  list_nested = [["a", "b"], ["c"], [], ["d", ["e", ["f"]]]]
  matrix      = tolist([tolist([1, 2, 3]), tolist([4, 5, 6])])

  users = [
    { name = "ann", age = 30, roles = ["admin", "dev"], active = true },
    { name = "bob", age = 25, roles = ["dev"], active = false },
    { name = "cy", age = 41, roles = [], active = true },
  ]
  users_map  = { for user in local.users : user.name => user }
  users_list = tolist([for user in local.users : { name = user.name, age = user.age }])

  strange_keys = { "" = "empty", " " = "space", "a.b" = "dot", "ü" = "umlaut", "1" = "one", "true" = "yes", "Z" = 1, "a" = 2 }
}

# --- Nulls -----------------------------------------------------------------------------------------------------------

locals {
  null_any       = null
  null_text      = tostring(null)
  null_number    = tonumber(null)
  null_flag      = tobool(null)
  null_list      = tolist(null)
  null_list_text = true ? null : tolist([""])
  null_map_text  = true ? null : tomap({ a = "" })
  null_set_text  = true ? null : toset([""])
  null_object    = true ? null : { a = 1, b = "x" }
  null_tuple     = true ? null : [1, "x"]
  with_null      = { a = null, b = [null, 1] }
  list_with_null = tolist(["a", null, "b"])
}

# --- Sensitive values ------------------------------------------------------------------------------------------------

locals {
  secret         = sensitive("s3cr3t")
  secret_number  = sensitive(7)
  secret_flag    = sensitive(true)
  secret_list    = sensitive(["a", "b"])
  secret_map     = sensitive({ user = "u", password = "p" })
  secret_inside  = { open = "o", hidden = sensitive("h") }
  secret_element = ["open", sensitive("hidden")]
  secret_in_set  = toset(["open", sensitive("hidden")])
  secret_null    = sensitive(null)
}

# --- Templates for templatestring(), which takes them only from a reference ------------------------------------------

locals {
  template               = "Hello, $${name}!"
  template_for           = "%%{for name in names~}\n- $${name}\n%%{endfor~}\n"
  template_if            = "%%{if on}on%%{else}off%%{endif}"
  template_call          = "$${upper(name)} $${jsonencode({ a = [name] })}"
  template_nested        = "$${templatestring(name, {})}"
  template_file          = "$${templatefile(\"templates/greeting.tftpl\", { name = name })}"
  template_value         = "$${value}"
  template_bad_syntax    = "one\n$${"
  template_bad_function  = "$${nosuchfunction()}"
  template_bad_reference = "$${local.name}"
  template_list          = [local.template]
  templates              = { greeting = local.template }
}
