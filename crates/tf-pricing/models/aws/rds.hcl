# Relational databases. AWS RDS and Aurora pricing pages. The price list shortens sizes: db.m5.xl, db.m5.2xl.

cost "aws_db_instance" {
  usage {
    monthly_standard_io_requests                     = "I/O requests of magnetic storage"
    additional_backup_storage_gb                     = "GB of backups beyond the size of the databases"
    monthly_additional_performance_insights_requests = "Performance Insights requests beyond the first million"
    reserved_instance_term                           = ["Term of a reserved instance", "1_year", "3_year"]
    reserved_instance_payment_option                 = ["Payment of a reserved instance", "no_upfront", "partial_upfront", "all_upfront"]
    monthly_cpu_credit_hrs                           = "Hours in which it bursts beyond its CPU credits"
    vcpu_count                                       = "vCPUs that burst; two where nothing is said"
  }
  locals {
    # A replica is what its source is.
    source  = self.replicate_source_db == null ? null : linked(self, "aws_db_instance")
    engine  = self.engine == null ? local.source.engine : self.engine
    class   = self.instance_class == null ? local.source.instance_class : self.instance_class
    size    = self.allocated_storage == null ? local.source.allocated_storage : self.allocated_storage
    type    = self.storage_type == null ? (self.iops == null ? "gp2" : "io1") : self.storage_type
    multi   = self.multi_az == true
    option  = local.multi ? "Multi-AZ" : "Single-AZ"
    short   = replace(local.class, "/xlarge$/", "xl")
    family  = split(".", local.class)[1]
    aurora  = startswith(local.engine, "aurora")
    io      = local.type == "aurora-iopt1"
    name = lookup({
      mysql             = "MySQL"
      mariadb           = "MariaDB"
      postgres          = "PostgreSQL"
      aurora            = "Aurora MySQL"
      aurora-mysql      = "Aurora MySQL"
      aurora-postgresql = "Aurora PostgreSQL"
    }, local.engine, startswith(local.engine, "oracle") ? "Oracle" : (startswith(local.engine, "sqlserver") ? "SQL Server" : local.engine))
    edition = {
      oracle-ee         = "Enterprise"
      oracle-ee-cdb     = "Enterprise"
      oracle-se1        = "Standard One"
      oracle-se2        = "Standard Two"
      oracle-se2-cdb    = "Standard Two"
      oracle-se         = "Standard"
      sqlserver-ee      = "Enterprise"
      sqlserver-se      = "Standard"
      sqlserver-ex      = "Express"
      sqlserver-web     = "Web"
    }[local.engine]
    license = self.license_model == "bring-your-own-license" || (startswith(local.engine, "oracle-ee") && self.license_model == null) ? "Bring your own license" : (local.edition == null ? "No license required" : "License included")
    reserved = usage_or(usage.reserved_instance_term, null) == null ? null : {
      termType            = "Reserved"
      LeaseContractLength = { "1_year" = "1yr", "3_year" = "3yr" }[usage.reserved_instance_term]
      PurchaseOption      = { no_upfront = "No Upfront", partial_upfront = "Partial Upfront", all_upfront = "All Upfront" }[usage_or(usage.reserved_instance_payment_option, "no_upfront")]
    }
    # gp3 includes 3,000 IOPS and 125 MiB/s, and striped volumes 12,000 and 500.
    striped   = (contains(["mysql", "mariadb", "postgres"], local.engine) && local.size >= 400) || (startswith(local.engine, "oracle") && local.size >= 200)
    prefix    = local.multi ? "RDS:Multi-AZ-" : "RDS:"
    size_name = split(".", local.class)[2]
    vcpus     = endswith(local.size_name, "xlarge") ? 4 * (local.size_name == "xlarge" ? 1 : tonumber(replace(local.size_name, "xlarge", ""))) : (local.family == "t2" && contains(["micro", "small"], local.size_name) ? 1 : 2)
    # Versions beyond their standard support in November 2026. The year is not taken from the clock: the same configuration costs the same.
    version = self.engine_version == null ? local.source.engine_version : self.engine_version
    major   = local.version == null ? "" : join(".", slice(split(".", "${local.version}.x"), 0, startswith(local.name, "Aurora MySQL") || local.name == "MySQL" ? 2 : 1))
    extended = {
      "MySQL 5.7"            = { year = 3, type = "Yr3:MySQL5.7" }
      "MySQL 8.0"            = { year = 1, type = "Yr1-Yr2:MySQL8" }
      "PostgreSQL 11"        = { year = 3, type = "Yr3:PostgreSQL11" }
      "PostgreSQL 12"        = { year = 1, type = "Yr1-Yr2:PostgreSQL12" }
      "PostgreSQL 13"        = { year = 1, type = "Yr1-Yr2:PostgreSQL13" }
      "Aurora MySQL 5.7"     = { year = 1, type = "Yr1-Yr2:AuroraMySQL2" }
      "Aurora PostgreSQL 11" = { year = 3, type = "Yr3:AuroraPostgreSQL11" }
      "Aurora PostgreSQL 12" = { year = 1, type = "Yr1-Yr2:AuroraPostgreSQL12" }
      "Aurora PostgreSQL 13" = { year = 1, type = "Yr1-Yr2:AuroraPostgreSQL13" }
    }["${local.name} ${local.major}"]
  }
  component "Database instance" {
    name = "Database instance (${local.reserved == null ? "on-demand" : "reserved"}, ${local.option}, ${local.class})"
    price = local.class == null ? undecided("the instance class is not in this configuration") : price(
      "AmazonRDS",
      "${local.multi ? "Multi-AZUsage" : (local.io ? "InstanceUsageIOOptimized" : "InstanceUsage")}:${local.short}",
      merge(
        { databaseEngine = local.name, deploymentOption = local.option, licenseModel = local.license },
        local.edition == null ? {} : { databaseEdition = local.edition },
        local.reserved == null ? {} : local.reserved
      )
    )
    quantity = 730
    unit     = "hours"
  }
  component "Extended support" {
    when     = local.extended != null && self.engine_lifecycle_support != "open-source-rds-extended-support-disabled"
    name     = "Extended support (year ${local.extended.year})"
    price    = price("AmazonRDS", "ExtendedSupport:${local.extended.type}")
    quantity = 730 * local.vcpus * (local.multi ? 2 : 1)
    unit     = "vCPU-hours"
  }
  component "Storage" {
    when = !local.aurora
    name = lookup({ gp2 = "Storage (general purpose SSD, gp2)", gp3 = "Storage (general purpose SSD, gp3)", io1 = "Storage (provisioned IOPS SSD, io1)", io2 = "Storage (provisioned IOPS SSD, io2)", standard = "Storage (magnetic)" }, local.type, local.type)
    price = price("AmazonRDS", join("", [local.prefix, { gp2 = "GP2-Storage", gp3 = "GP3-Storage", io1 = "PIOPS-Storage", io2 = "PIOPS-Storage-IO2", standard = "StorageUsage" }[local.type]]), { deploymentOption = local.option })
    quantity = local.size == null ? undecided("the size of the storage is that of a snapshot or of a source elsewhere") : local.size
    unit     = "GB"
  }
  component "Provisioned IOPS" {
    when     = local.type == "io1" || local.type == "io2"
    price    = price("AmazonRDS", "${local.prefix}${local.type == "io2" ? "PIOPS-IO2" : "PIOPS"}", { deploymentOption = local.option })
    quantity = self.iops
    unit     = "IOPS"
  }
  component "Provisioned GP3 IOPS" {
    when     = local.type == "gp3" && self.iops > (local.striped ? 12000 : 3000)
    name     = "Provisioned GP3 IOPS (above ${local.striped ? "12,000" : "3,000"})"
    price    = price("AmazonRDS", "${local.prefix}GP3-PIOPS", { deploymentOption = local.option })
    quantity = self.iops - (local.striped ? 12000 : 3000)
    unit     = "IOPS"
  }
  component "Provisioned GP3 throughput" {
    when     = local.type == "gp3" && self.storage_throughput > (local.striped ? 500 : 125)
    price    = price("AmazonRDS", "${local.prefix}GP3-Throughput", { deploymentOption = local.option })
    quantity = self.storage_throughput - (local.striped ? 500 : 125)
    unit     = "MBps"
  }
  component "I/O requests" {
    when     = local.type == "standard"
    price    = price("AmazonRDS", "RDS:StorageIOUsage")
    quantity = usage.monthly_standard_io_requests
    unit     = "1M requests"
    scale    = 1000000
  }
  component "Additional backup storage" {
    when     = !local.aurora && (self.backup_retention_period > 0 || usage_or(usage.additional_backup_storage_gb, null) != null)
    price    = price("AmazonRDS", "RDS:ChargedBackupUsage")
    quantity = usage.additional_backup_storage_gb
    unit     = "GB"
  }
  component "Additional backup storage" {
    when     = local.aurora && (self.backup_retention_period > 0 || usage_or(usage.additional_backup_storage_gb, null) != null)
    price    = price("AmazonRDS", "Aurora:BackupUsage", { databaseEngine = local.name })
    quantity = usage.additional_backup_storage_gb
    unit     = "GB"
  }
  component "CPU credits" {
    when     = contains(["t3", "t4g"], local.family)
    price    = price("AmazonRDS", "CPUCredits:db.${local.family}", { databaseEngine = local.name })
    quantity = usage.monthly_cpu_credit_hrs * usage_or(usage.vcpu_count, local.vcpus)
    unit     = "vCPU-hours"
  }
  component "Performance Insights Long Term Retention" {
    when     = self.performance_insights_enabled == true && self.performance_insights_retention_period > 7
    name     = "Performance Insights Long Term Retention (${local.class})"
    price    = price("AmazonRDS", "PI_LTR:${upper(local.family)}")
    quantity = local.vcpus
    unit     = "vCPU-month"
  }
  component "Performance Insights API" {
    when     = self.performance_insights_enabled == true
    price    = price("AmazonRDS", "PI_API")
    quantity = usage.monthly_additional_performance_insights_requests
    unit     = "1000 requests"
    scale    = 1000
  }

  example {
    # 730 h × 0.356 (db.m5.xlarge PostgreSQL); 100 GB × 0.115.
    expected = {
      "Database instance (on-demand, Single-AZ, db.m5.xlarge)" = "259.88"
      "Storage (general purpose SSD, gp2)"                     = "11.5"
    }
    resource "aws_db_instance" "main" {
      engine            = "postgres"
      instance_class    = "db.m5.xlarge"
      allocated_storage = 100
      username          = "a"
    }
  }
  example {
    # 730 h × 0.171 (db.m5.large MySQL), 100 GB × 0.115; MySQL 5.7 is in its third year: 2 vCPUs × 730 h × 0.20.
    expected = {
      "Database instance (on-demand, Single-AZ, db.m5.large)" = "124.83"
      "Extended support (year 3)"                             = "292"
      "Storage (general purpose SSD, gp2)"                    = "11.5"
    }
    resource "aws_db_instance" "main" {
      engine            = "mysql"
      engine_version    = "5.7.44"
      instance_class    = "db.m5.large"
      allocated_storage = 100
      username          = "a"
    }
  }
  example {
    # Multi-AZ doubles: 730 h × 0.342 (db.m5.large MySQL), 200 GB × 0.25, 1,000 IOPS × 0.20.
    expected = {
      "Database instance (on-demand, Multi-AZ, db.m5.large)" = "249.66"
      "Storage (provisioned IOPS SSD, io1)"                  = "50"
      "Provisioned IOPS"                                     = "200"
    }
    resource "aws_db_instance" "main" {
      engine            = "mysql"
      instance_class    = "db.m5.large"
      allocated_storage = 200
      iops              = 1000
      multi_az          = true
      username          = "a"
    }
  }
}

cost "aws_rds_cluster" {
  usage {
    capacity_units_per_hr        = "Aurora capacity units, on average (serverless v1)"
    storage_gb                   = "GB stored"
    write_requests_per_sec       = "Writes a second, on average"
    read_requests_per_sec        = "Reads a second, on average"
    backup_snapshot_size_gb      = "GB of one day's backup"
    average_statements_per_hr    = "Statements an hour (backtrack)"
    change_records_per_statement = "Records that a statement changes (backtrack)"
    backtrack_window_hrs         = "Hours that backtrack goes back"
    snapshot_export_size_gb      = "GB of snapshots exported to S3"
  }
  locals {
    engine     = self.engine == null ? "aurora-mysql" : self.engine
    aurora     = startswith(local.engine, "aurora")
    name       = { aurora = "Aurora MySQL", aurora-mysql = "Aurora MySQL", aurora-postgresql = "Aurora PostgreSQL" }[local.engine]
    io         = self.storage_type == "aurora-iopt1"
    serverless = self.engine_mode == "serverless"
    retention  = self.backup_retention_period == null ? 1 : self.backup_retention_period
    # Clusters of MySQL and PostgreSQL that are not Aurora have three instances of their own.
    multi = self.db_cluster_instance_class != null
    short = replace(self.db_cluster_instance_class, "/xlarge$/", "xl")
  }
  component "Aurora serverless" {
    when     = local.serverless
    price    = price("AmazonRDS", "Aurora:ServerlessUsage", { databaseEngine = local.name })
    quantity = usage.capacity_units_per_hr * 730
    unit     = "ACU-hours"
  }
  component "Cluster instances" {
    when     = local.multi
    name     = "Cluster instances (on-demand, ${self.db_cluster_instance_class})"
    price    = price("AmazonRDS", "Multi-AZClusterUsage:${local.short}", { databaseEngine = local.engine == "mysql" ? "MySQL" : "PostgreSQL" })
    quantity = 730
    unit     = "hours"
  }
  component "Cluster storage" {
    when     = local.multi
    price    = price("AmazonRDS", "RDS:Multi-AZCluster-${self.storage_type == "gp3" ? "GP3" : "PIOPS"}-Storage")
    quantity = self.allocated_storage
    unit     = "GB"
  }
  component "Cluster IOPS" {
    when     = local.multi && self.iops != null && self.storage_type != "gp3"
    price    = price("AmazonRDS", "RDS:Multi-AZCluster-PIOPS")
    quantity = self.iops
    unit     = "IOPS"
  }
  component "Storage" {
    when     = local.aurora
    name     = local.io ? "Storage (I/O-optimized)" : "Storage"
    price    = price("AmazonRDS", local.io ? "Aurora:IO-OptimizedStorageUsage" : "Aurora:StorageUsage", { databaseEngine = local.name })
    quantity = usage.storage_gb
    unit     = "GB"
  }
  component "I/O requests" {
    when     = local.aurora && !local.io
    price    = price("AmazonRDS", "Aurora:StorageIOUsage", { databaseEngine = local.name })
    # 730 hours of 3,600 seconds.
    quantity = (usage.write_requests_per_sec + usage.read_requests_per_sec) * 2628000
    unit     = "1M requests"
    scale    = 1000000
  }
  component "Backup storage" {
    # One day of backups is free.
    when     = local.aurora && local.retention > 1
    price    = price("AmazonRDS", "Aurora:BackupUsage", { databaseEngine = local.name })
    quantity = usage.backup_snapshot_size_gb * (local.retention - 1)
    unit     = "GB"
  }
  component "Backtrack" {
    when     = self.backtrack_window > 0 || usage_or(usage.backtrack_window_hrs, null) != null
    price    = price("AmazonRDS", "Aurora:BacktrackUsage", { databaseEngine = local.name })
    quantity = usage.average_statements_per_hr * usage.change_records_per_statement * 730 * usage_or(usage.backtrack_window_hrs, self.backtrack_window / 3600)
    unit     = "1M change-records"
    scale    = 1000000
  }
  component "Snapshot export" {
    when     = local.aurora
    price    = price("AmazonRDS", "Aurora:SnapshotExportToS3", { databaseEngine = local.name })
    quantity = usage.snapshot_export_size_gb
    unit     = "GB"
  }

  example {
    # 200 GB × 0.10; 100 + 50 requests a second are 394.2 million × 0.20; 6 further days × 20 GB × 0.021; 100 GB × 0.01.
    usage = { storage_gb = 200, write_requests_per_sec = 100, read_requests_per_sec = 50, backup_snapshot_size_gb = 20, snapshot_export_size_gb = 100 }
    expected = {
      "Storage"         = "20"
      "I/O requests"    = "78.84"
      "Backup storage"  = "2.52"
      "Snapshot export" = "1"
    }
    resource "aws_rds_cluster" "main" {
      engine                  = "aurora-postgresql"
      master_username         = "a"
      backup_retention_period = 7
    }
  }
  example {
    # I/O-optimized storage costs 0.225, and requests nothing.
    usage = { storage_gb = 200 }
    expected = {
      "Storage (I/O-optimized)" = "45"
      "Snapshot export"         = "usage"
    }
    resource "aws_rds_cluster" "main" {
      engine          = "aurora-mysql"
      storage_type    = "aurora-iopt1"
      master_username = "a"
    }
  }
}

cost "aws_rds_cluster_instance" {
  usage {
    monthly_cpu_credit_hrs                           = "Hours in which it bursts beyond its CPU credits"
    vcpu_count                                       = "vCPUs that burst; two where nothing is said"
    monthly_additional_performance_insights_requests = "Performance Insights requests beyond the first million"
    reserved_instance_term                           = ["Term of a reserved instance", "1_year", "3_year"]
    reserved_instance_payment_option                 = ["Payment of a reserved instance", "no_upfront", "partial_upfront", "all_upfront"]
    capacity_units_per_hr                            = "Aurora capacity units, on average (serverless v2)"
  }
  locals {
    cluster    = linked(self, "aws_rds_cluster")
    engine     = self.engine == null ? local.cluster.engine : self.engine
    name       = { aurora = "Aurora MySQL", aurora-mysql = "Aurora MySQL", aurora-postgresql = "Aurora PostgreSQL" }[local.engine]
    io         = local.cluster.storage_type == "aurora-iopt1"
    serverless = self.instance_class == "db.serverless"
    short      = replace(self.instance_class, "/xlarge$/", "xl")
    family     = split(".", self.instance_class)[1]
    scaling    = local.cluster.serverlessv2_scaling_configuration
    size_name  = split(".", self.instance_class)[2]
    vcpus      = endswith(local.size_name, "xlarge") ? 4 * (local.size_name == "xlarge" ? 1 : tonumber(replace(local.size_name, "xlarge", ""))) : 2
    # As of an aws_db_instance.
    version    = self.engine_version == null ? local.cluster.engine_version : self.engine_version
    major      = local.version == null ? "" : join(".", slice(split(".", "${local.version}.x"), 0, local.name == "Aurora MySQL" ? 2 : 1))
    extended = {
      "Aurora MySQL 5.7"     = { year = 1, type = "Yr1-Yr2:AuroraMySQL2" }
      "Aurora PostgreSQL 11" = { year = 3, type = "Yr3:AuroraPostgreSQL11" }
      "Aurora PostgreSQL 12" = { year = 1, type = "Yr1-Yr2:AuroraPostgreSQL12" }
      "Aurora PostgreSQL 13" = { year = 1, type = "Yr1-Yr2:AuroraPostgreSQL13" }
    }["${local.name} ${local.major}"]
    reserved = usage_or(usage.reserved_instance_term, null) == null ? null : {
      termType            = "Reserved"
      LeaseContractLength = { "1_year" = "1yr", "3_year" = "3yr" }[usage.reserved_instance_term]
      PurchaseOption      = { no_upfront = "No Upfront", partial_upfront = "Partial Upfront", all_upfront = "All Upfront" }[usage_or(usage.reserved_instance_payment_option, "no_upfront")]
    }
  }
  component "Aurora serverless v2" {
    when     = local.serverless
    name     = local.io ? "Aurora serverless v2 (I/O-optimized)" : "Aurora serverless v2"
    price    = price("AmazonRDS", local.io ? "Aurora:ServerlessV2IOOptimizedUsage" : "Aurora:ServerlessV2Usage", { databaseEngine = local.name })
    # Without usage it is somewhere between the ends of its scaling.
    quantity = usage_or(usage.capacity_units_per_hr, length(local.scaling) == 0 ? usage.capacity_units_per_hr : between(local.scaling.min_capacity, local.scaling.max_capacity)) * 730
    unit     = "ACU-hours"
  }
  component "Database instance" {
    when = !local.serverless
    name = "Database instance (${local.reserved == null ? "on-demand" : "reserved"}, ${self.instance_class})"
    price = price(
      "AmazonRDS",
      "${local.io ? "InstanceUsageIOOptimized" : "InstanceUsage"}:${local.short}",
      merge({ databaseEngine = local.name }, local.reserved == null ? {} : local.reserved)
    )
    quantity = 730
    unit     = "hours"
  }
  component "Extended support" {
    when     = local.extended != null && !local.serverless && local.cluster.engine_lifecycle_support != "open-source-rds-extended-support-disabled"
    name     = "Extended support (year ${local.extended.year})"
    price    = price("AmazonRDS", "ExtendedSupport:${local.extended.type}")
    quantity = 730 * local.vcpus
    unit     = "vCPU-hours"
  }
  component "CPU credits" {
    when     = contains(["t3", "t4g"], local.family)
    price    = price("AmazonRDS", "CPUCredits:db.${local.family}", { databaseEngine = local.name })
    quantity = usage.monthly_cpu_credit_hrs * usage_or(usage.vcpu_count, 2)
    unit     = "vCPU-hours"
  }
  component "Performance Insights Long Term Retention" {
    when     = self.performance_insights_enabled == true && self.performance_insights_retention_period > 7 && !local.serverless
    name     = "Performance Insights Long Term Retention (${self.instance_class})"
    price    = price("AmazonRDS", "PI_LTR:${upper(local.family)}")
    quantity = local.vcpus
    unit     = "vCPU-month"
  }
  component "Performance Insights API" {
    when     = self.performance_insights_enabled == true
    price    = price("AmazonRDS", "PI_API")
    quantity = usage.monthly_additional_performance_insights_requests
    unit     = "1000 requests"
    scale    = 1000
  }

  example {
    # 730 h × 1.16 (db.r5.2xlarge), and 8 vCPUs × 730 h × 0.10: version 12 has left its standard support.
    expected = {
      "Database instance (on-demand, db.r5.2xlarge)" = "846.8"
      "Extended support (year 1)"                    = "584"
    }
    resource "aws_rds_cluster" "main" {
      engine          = "aurora-postgresql"
      engine_version  = "12.22"
      master_username = "a"
    }
    resource "aws_rds_cluster_instance" "main" {
      cluster_identifier = aws_rds_cluster.main.id
      engine             = aws_rds_cluster.main.engine
      instance_class     = "db.r5.2xlarge"
    }
  }
  example {
    # 730 h × 0.29 (db.r5.large).
    expected = { "Database instance (on-demand, db.r5.large)" = "211.7" }
    resource "aws_rds_cluster" "main" {
      engine          = "aurora-postgresql"
      master_username = "a"
    }
    resource "aws_rds_cluster_instance" "main" {
      cluster_identifier = aws_rds_cluster.main.id
      engine             = aws_rds_cluster.main.engine
      instance_class     = "db.r5.large"
    }
  }
  example {
    # Between 0.5 and 8 capacity units × 730 h × 0.12.
    expected = { "Aurora serverless v2" = "43.8..700.8" }
    resource "aws_rds_cluster" "main" {
      engine          = "aurora-mysql"
      engine_mode     = "provisioned"
      master_username = "a"
      serverlessv2_scaling_configuration {
        min_capacity = 0.5
        max_capacity = 8
      }
    }
    resource "aws_rds_cluster_instance" "main" {
      cluster_identifier = aws_rds_cluster.main.id
      engine             = aws_rds_cluster.main.engine
      instance_class     = "db.serverless"
    }
  }
  example {
    # 10 capacity units × 730 h × 0.156, I/O-optimized.
    usage    = { capacity_units_per_hr = 10 }
    expected = { "Aurora serverless v2 (I/O-optimized)" = "1138.8" }
    resource "aws_rds_cluster" "main" {
      engine          = "aurora-mysql"
      storage_type    = "aurora-iopt1"
      master_username = "a"
    }
    resource "aws_rds_cluster_instance" "main" {
      cluster_identifier = aws_rds_cluster.main.id
      engine             = aws_rds_cluster.main.engine
      instance_class     = "db.serverless"
    }
  }
}

cost "aws_db_proxy" {
  usage {
    vcpu_count = "vCPUs of the databases behind it, at least two for each"
  }
  component "Proxy" {
    price    = price("AmazonRDS", "RDS:ProxyUsage")
    quantity = usage.vcpu_count * 730
    unit     = "vCPU-hours"
  }

  example {
    # 4 vCPUs × 730 h × 0.015.
    usage    = { vcpu_count = 4 }
    expected = { "Proxy" = "43.8" }
    resource "aws_db_proxy" "main" {
      name           = "main"
      engine_family  = "POSTGRESQL"
      role_arn       = "arn:aws:iam::111122223333:role/x"
      vpc_subnet_ids = ["subnet-1"]
      auth {
        secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:x"
      }
    }
  }
}
