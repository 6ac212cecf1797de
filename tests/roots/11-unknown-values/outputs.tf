# What the language itself still knows of a value that is only known after apply.
locals {
  id   = aws_vpc.main.id
  arn  = aws_kms_key.main.arn
  list = ["a", local.id, "c"]
  map  = { known = "x", unknown = local.id }
}

output "known" {
  value = {
    length         = length(local.list)
    member         = local.list[2]
    keys           = keys(local.map)
    attribute      = local.map.known
    lookup         = lookup(local.map, "known", "y")
    contains       = contains(local.list, "c")
    not_null       = "vpc-${local.id}" != null
    other_resource = aws_subnet.private[1].cidr_block
    tags           = aws_vpc.main.tags_all
    branch         = true ? "known" : local.id
    splat          = aws_subnet.private[*].availability_zone
    try            = try(local.map.missing, "fallback")
    merged         = merge({ a = local.id }, { a = "known" })
    through_module = module.wrapper.zone
    concat         = length(concat(local.list, aws_subnet.private[*].id))
    grouped        = { for s in aws_subnet.private : s.availability_zone => s.cidr_block... }
    one_of_set     = length(toset(["a", "a"]))
    slice          = slice(local.list, 2, 3)
    zip            = zipmap(["a", "b"], [1, 2])
  }
}

output "unknown_id" { value = local.id }
output "unknown_null_test" { value = local.id == null }
output "unknown_prefix" { value = startswith("vpc-${local.id}", "vpc-") }
output "unknown_length" { value = length(toset([local.id, "a"])) }
output "unknown_and" { value = false && local.id == "vpc-0" }
output "unknown_or" { value = true || local.id == "vpc-0" }
output "unknown_coalesce" { value = coalesce(local.id, "x") }
output "unknown_coalesce_first" { value = coalesce("x", local.id) }
output "unknown_can_add" { value = can(local.id + 1) }
output "unknown_try" { value = try(local.id, "fallback") }
output "unknown_can" { value = can(local.id) }
output "unknown_condition" { value = local.id == "vpc-0" ? "same" : "same" }
output "unknown_list" { value = local.list }
output "unknown_map" { value = local.map }
output "unknown_json" { value = jsonencode(local.map) }
output "unknown_filter" { value = [for item in local.list : item if item != "a"] }
output "unknown_element" { value = element(local.list, 4) }
output "unknown_index" { value = local.list[length(local.list) - 3] }
output "unknown_object_key" { value = { (local.arn) = 1 } }
output "unknown_time" { value = timestamp() }
output "unknown_uuid" { value = length(uuid()) }
output "unknown_compact" { value = compact(local.list) }
output "unknown_values" { value = values(local.map)[0] }
output "unknown_type" { value = tostring(local.id) }
output "unknown_number" { value = max(1, 2, length(local.id)) }
output "unknown_module" { value = module.wrapper.subnet.id }
output "unknown_whole_resource" { value = aws_subnet.private[0] }
output "unknown_distinct" { value = distinct([local.id, local.id]) }
output "unknown_setproduct" { value = length(setproduct(["a", "b"], local.list)) }
output "unknown_sensitive" {
  value     = "${local.id}-secret"
  sensitive = true
}
