by_var_file        = "env/staging.tfvars"
by_later_var_file  = "env/staging.tfvars"
by_var_before_file = "env/staging.tfvars"
by_var             = "env/staging.tfvars"
instance           = { type = "t3.small", disk = "32" }
