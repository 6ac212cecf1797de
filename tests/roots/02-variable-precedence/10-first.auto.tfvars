by_auto_a    = "10-first.auto.tfvars"
by_auto_b    = "10-first.auto.tfvars"
by_auto_json = "10-first.auto.tfvars"
by_var_file  = "10-first.auto.tfvars"
zones        = ["eu-north-1a", "eu-north-1b"]
