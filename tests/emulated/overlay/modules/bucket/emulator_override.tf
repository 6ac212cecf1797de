# Not kept by PutBucketLogging.
resource "aws_s3_bucket_logging" "this" {
  lifecycle {
    ignore_changes = [target_object_key_format]
  }
}
