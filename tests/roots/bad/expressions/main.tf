# Expressions that fail, each on its own line.
locals {
  index      = ["a"][1]
  key        = { a = 1 }["b"]
  map_key    = tomap({ a = 1 })["b"]
  types      = true ? { a = 1 } : ["x"]
  added      = "a" + 1
  function   = uper("a")
  arguments  = substr("a", 1)
  wrong      = cidrsubnet("10.0.0.0", 8, 1)
  file       = file("missing.txt")
  number     = tonumber("one")
  null_text  = "x${null}"
  duplicates = { for item in ["a", "a"] : item => 1 }
  not_list   = [for item in 5 : item]
  text_map   = "${{ a = 1 }} text"
  many       = one([1, 2])
  try        = try({ a = 1 }.b, ["a"][2])
  condition  = "maybe" ? 1 : 2
  ordered    = "a" < "b"
  set_index  = toset(["a"])[0]
  null_attr  = null.name
  too_many   = upper("a", "b")
  decoded    = jsondecode("{")
  pattern    = regex("^b", "a")
  expanded   = max({ a = 1 }...)
  self       = self.id
  counted    = count.index
  each       = each.key
  path       = path.modul
  terraform  = terraform.env
}
