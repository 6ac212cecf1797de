environment = "prod"
account     = "444455556666"
cidr        = "10.2.0.0/16"
subnets     = { a = 1, b = 2, c = 3 }
retention   = 365
replicas    = 2
open        = ["0.0.0.0/0", "10.9.0.0/16"]
services    = { cart = { memory = 1024 }, mail = { memory = 512, fifo = true }, search = { memory = 512 } }
password    = "hunter-prod-2"
