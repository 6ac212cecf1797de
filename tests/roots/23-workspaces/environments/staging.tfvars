owner    = "checkout"
log_days = { staging = 14, prod = 365 }
