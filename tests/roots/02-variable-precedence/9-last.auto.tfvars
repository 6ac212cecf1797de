# "9" sorts after "10": the order is lexical.
by_auto_b    = "9-last.auto.tfvars"
by_auto_json = "9-last.auto.tfvars"
tags = {
  From = "9-last.auto.tfvars"
}
