# Loaded first of the files.
by_tfvars          = "terraform.tfvars"
by_tfvars_json     = "terraform.tfvars"
by_auto_a          = "terraform.tfvars"
by_auto_b          = "terraform.tfvars"
by_auto_json       = "terraform.tfvars"
by_var_file        = "terraform.tfvars"
by_later_var_file  = "terraform.tfvars"
by_var             = "terraform.tfvars"
by_var_before_file = "terraform.tfvars"
by_repeated_var    = "terraform.tfvars"

zones = ["eu-central-1a"]

tags = {
  From = "terraform.tfvars"
}
