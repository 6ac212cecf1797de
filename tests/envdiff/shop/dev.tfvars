environment = "dev"
account     = "111122223333"
cidr        = "10.1.0.0/16"
subnets     = { a = 1, b = 2 }
retention   = 7
replicas    = 1
open        = ["0.0.0.0/0"]
services    = { cart = { memory = 512 }, mail = { memory = 512, fifo = true } }
password    = "hunter-dev-1"
