# Not named on the command line, and not in the root's own folder: never read.
by_default = "env/ignored.tfvars"
