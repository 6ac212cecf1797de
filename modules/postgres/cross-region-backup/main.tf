# In the region that keeps the copy: RDS pulls backups and the log of changes from the database's region.
resource "aws_db_instance_automated_backups_replication" "this" {
  count = var.enable_cross_region_backup ? 1 : 0

  source_db_instance_arn = var.source_arn
  kms_key_id             = var.kms_key_arn
  retention_period       = var.retention_days

  # A database that is gone while its copy is still being deleted makes RDS wait.
  timeouts {
    create = "120m"
    delete = "120m"
  }
}
