# Exercises: YAML, JSON and CSV files decoded into resources; try, can, and the collection, string, date and hash functions.

locals {
  teams = {
    for file in fileset("${path.module}/config/teams", "*.{yaml,json}") :
    replace(file, "/\\.(yaml|json)$/", "") => endswith(file, ".yaml") ? yamldecode(file("${path.module}/config/teams/${file}")) : jsondecode(file("${path.module}/config/teams/${file}"))
  }

  rules = [for row in csvdecode(file("${path.module}/tables/rules.csv")) : merge(row, { ports = [for part in split("-", row.ports) : tonumber(part)] })]

  # Files leave things out, or write them in two ways.
  buckets = merge([
    for team, spec in local.teams : {
      for bucket in try(spec.buckets, []) : "${team}/${try(bucket.name, bucket)}" => {
        versioned = try(tobool(bucket.versioned), false)
        days      = try(bucket.retention.days, local.teams.defaults.retention.days, 30)
        tags      = try({ for key, value in spec.tags : key => tostring(value) }, {})
      }
    }
  ]...)

  members = distinct(sort(flatten([for team, spec in local.teams : try(spec.members, [])])))
}

resource "aws_s3_bucket" "team" {
  for_each = local.buckets

  bucket = lower(join("-", regexall("[[:alnum:]]+", each.key)))
  tags   = each.value.tags
}

resource "aws_s3_bucket_versioning" "team" {
  for_each = { for key, bucket in local.buckets : key => bucket if bucket.versioned }

  bucket = aws_s3_bucket.team[each.key].bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "team" {
  for_each = local.buckets

  bucket = aws_s3_bucket.team[each.key].bucket

  rule {
    id     = format("%s-%05.1f-days", sha1(each.key), each.value.days)
    status = "Enabled"

    filter {}

    expiration {
      days = ceil(each.value.days * 1.1)
    }
  }
}

resource "aws_security_group_rule" "csv" {
  for_each = { for index, rule in local.rules : format("%02d-%s", index, rule.name) => rule }

  security_group_id = "sg-0123456789abcdef0"
  type              = each.value.type
  protocol          = each.value.protocol
  from_port         = min(each.value.ports...)
  to_port           = max(each.value.ports...)
  cidr_blocks       = each.value.cidr == "" ? null : split(" ", each.value.cidr)
  self              = each.value.cidr == "" ? true : null
  description       = trimspace(each.value.note) == "" ? null : each.value.note
}

resource "aws_iam_user" "member" {
  for_each = toset(local.members)

  name = each.value
  path = "/${coalesce(one([for team, spec in local.teams : team if contains(try(spec.members, []), each.value)]), "nobody")}/"
}

output "teams" {
  value = local.teams
}

output "functions" {
  value = {
    strings = [
      substr("hello", 1, 3), strrev("äb"), title("a b-c"), trim("?!x!?", "!?"), trimprefix("aab", "a"), trimsuffix("baa", "a"),
      replace("a.b.c", ".", "-"), replace("v1.2", "/v(\\d+)\\.(\\d+)/", "$2-$1"), indent(2, "a\nb"), chomp("a\r\n\n"), split(",", "a,,b"),
      format("%-5s|%5.2f|%x|%t|%v|%q|%%", "ab", 3.14159, 255, true, [1, "b"], "q"), formatlist("%s=%d", ["a", "b"], [1, 2]),
      join(", ", toset(["b", "a"])), regex("(\\d+)-(\\w+)", "12-ab"), regexall("[a-z]+", "ab 1 cd"), startswith("ab", "a"), strcontains("abc", "b"),
    ]
    numbers = [abs(-3.5), ceil(1.2), floor(-1.2), log(8, 2), parseint("ff", 16), pow(2, 10), signum(-7), sum([1, 2.5]), max(1, 3), min([4, 2]...)]
    collections = [
      alltrue([true, "true"]), anytrue([]), chunklist([1, 2, 3], 2), coalesce("", "b"), coalescelist([], ["c"]), compact(["a", "", null]),
      concat([1], ["a"]), contains([1], 1), distinct(["b", "a", "b"]), element(["a", "b"], 3), flatten([[1, [2]], []]), index(["a", "b"], "b"),
      keys({ b = 1, a = 2 }), length("äö"), lookup({ a = 1 }, "z", 0), matchkeys(["x", "y"], ["a", "b"], ["b"]), merge({ a = 1 }, { a = "2" }, null),
      one([]), range(5, 0, -2), reverse([1, 2]), setintersection(["a", "b"], ["b"]), setproduct(["a"], [1, 2]), setsubtract(["a", "b"], ["b"]),
      setunion(["b"], ["a"]), slice([1, 2, 3], 1, 2), sort(["b", "A", "a"]), transpose({ a = ["x"], b = ["x"] }), values({ b = 1, a = 2 }), zipmap(["a"], [1]),
    ]
    dates    = [formatdate("EEEE, DD-MMM-YY hh:mm:ss ZZZ", "2024-02-29T12:05:09Z"), timeadd("2024-02-29T00:00:00Z", "24h30m"), timecmp("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00")]
    hashes   = [md5("a"), sha1("a"), sha256("a"), sha512("a"), base64sha256("a"), base64sha512("a"), uuidv5("dns", "example.com"), base64encode("ü"), base64decode("w7w="), textdecodebase64("/QA=", "UTF-16LE")]
    networks = [cidrhost("10.0.0.0/8", -2), cidrnetmask("172.16.0.0/12"), cidrsubnet("fd00::/48", 16, 162), cidrsubnets("10.0.0.0/16", 8, 4)]
    types    = [can(local.teams.defaults.nope), try(local.teams.nope.deep, "fallback"), tolist(toset(["b", "a"])), tomap({ a = 1 }), tonumber("1.50"), tostring(1.50)]
    encoded  = [jsonencode({ a = "<&>" }), yamlencode(["a", { b = null }]), urlencode("ä ~*"), jsondecode("[1.0, 1e2, null]"), yamldecode("{a: 0x1F, b: ~, c: 2024-01-01, d: yes}"), csvdecode("a,b\n1,\"x, \"\"y\"\"\"")]
  }
}
