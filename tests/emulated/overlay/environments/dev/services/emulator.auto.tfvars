# Else nothing could be destroyed.
deletion_protection = false
