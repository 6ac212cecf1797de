# Exercises: for_each keys with Unicode, quotes, dots and brackets; comments of all kinds; CRLF and BOM files; keyword names.

// A comment of the other kind.
/* And a block of comment,
   over /* two lines, which does not nest. */

locals { one_line = "block" }

locals {
  zones = {
    "example.com"    = { records = { "*" = "192.0.2.1", "@" = "192.0.2.2" } }
    "bücher.example" = { records = { "www" = "192.0.2.3" } }
    "例え.jp"          = { records = {} }
    "quote\"d"       = { records = { "a[0]" = "192.0.2.4", "it's" = "192.0.2.5" } }
    "back\\slash"    = { records = { "$${dollar}" = "192.0.2.6", "%%{percent}" = "192.0.2.7" } }
    "new\nline\ttab" = { records = {} }
    "😀"              = { records = { "e\u0301" = "decomposed is composed" } }
    ""               = { records = { "" = "192.0.2.8" } }
  }

  # Attributes of objects may be called anything; only `for` may not come first.
  keywords = { if = 2, for = 1, in = 3, null = 4, true = 5, each = 6, count = 7, self = 8, "quoted" : 9, (local.one_line) = 10, 11 = 11, "${local.one_line}-t" = 12, endfor = 13 }
  repeated = { key = "first", key = "last wins" } // trailing comment
  trailing = [1, 2, 3, ]                          # trailing comma
  spread = max([
    3, # comment inside
    /* and */ 9,
  ]...)
  parens = (
    1
    + 2
  )
}

module "zone" {
  source   = "./modules/zone"
  for_each = local.zones

  name    = each.key
  records = each.value.records
}

resource "aws_cloudwatch_log_group" "order" {
  # Keys sort by their bytes, not by any alphabet.
  for_each = toset(["Zebra", "apple", "10", "9", "Äpfel", "_x", "a.b", "a-b", "a b", "été"])

  name = "keys/${replace(replace(each.key, "/[^A-Za-z0-9]/", "_"), "__", "-")}"
  tags = { Key = each.key, Upper = upper(each.key), Title = title(each.key), Length = length(each.key), Reversed = strrev(each.key) }
}

output "addressed" {
  value = {
    dotted  = module.zone["example.com"].names["*"]
    quoted  = module.zone["quote\"d"].names["a[0]"]
    unicode = module.zone["😀"].names["é"]
    dollar  = keys(module.zone["back\\slash"].names)
    sorted  = keys(aws_cloudwatch_log_group.order)
    objects = sort(keys(local.zones))
  }
}

output "keywords" { value = local.keywords }
output "for" { value = [local.keywords.for, local.keywords["if"], local.keywords.null, local.keywords.11, local.keywords["11"]] }
output "repeated" { value = local.repeated }
output "spread" { value = [local.spread, local.parens, length(local.trailing)] }
output "crlf" { value = { heredoc = local.crlf_heredoc, quoted = local.crlf_quoted, file = local.crlf_file, template = local.crlf_template } }
output "bom" { value = local.from_bom_file }
