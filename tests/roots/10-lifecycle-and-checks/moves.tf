# What this state never held may be moved and removed all the same.
moved {
  from = aws_instance.server
  to   = aws_instance.app[0]
}

moved {
  from = module.api
  to   = module.service["api"]
}

moved {
  from = aws_iam_role.legacy["app"]
  to   = aws_iam_role.app
}

removed {
  from = aws_s3_bucket.legacy

  lifecycle {
    destroy = false
  }
}

removed {
  from = module.retired
}
