# Pipelines and queries. AWS MWAA, Glue and Athena pricing pages.

cost "aws_mwaa_environment" {
  usage {
    additional_workers    = "Workers beyond the first, on average"
    additional_schedulers = "Schedulers beyond the included ones, on average"
    meta_database_gb      = "GB of the metadata database"
  }
  locals {
    size = { mw1_small = "Small", mw1_medium = "Medium", mw1_large = "Large" }[replace(self.environment_class == null ? "mw1.small" : lower(self.environment_class), ".", "_")]
  }
  component "Environment" {
    name     = "Environment (${local.size})"
    price    = price("AmazonMWAA", "Airflow-${local.size}Environment")
    quantity = 730
    unit     = "hours"
  }
  component "Worker" {
    name     = "Worker (${local.size})"
    price    = price("AmazonMWAA", "Airflow-${local.size}Worker")
    quantity = usage.additional_workers * 730
    unit     = "hours"
  }
  component "Scheduler" {
    name     = "Scheduler (${local.size})"
    price    = price("AmazonMWAA", "Airflow-${local.size}Scheduler")
    quantity = usage.additional_schedulers * 730
    unit     = "hours"
  }
  component "Meta database" {
    price    = price("AmazonMWAA", "Airflow-StandardDatabaseStorage")
    quantity = usage.meta_database_gb
    unit     = "GB"
  }

  example {
    # 730 h: 0.74, 2 × 0.11, 1 × 0.11; 10 GB × 0.10.
    usage = { additional_workers = 2, additional_schedulers = 1, meta_database_gb = 10 }
    expected = {
      "Environment (Medium)" = "540.2"
      "Worker (Medium)"      = "160.6"
      "Scheduler (Medium)"   = "80.3"
      "Meta database"        = "1"
    }
    resource "aws_mwaa_environment" "main" {
      name               = "main"
      dag_s3_path        = "dags/"
      environment_class  = "mw1.medium"
      execution_role_arn = "arn:aws:iam::111122223333:role/x"
      source_bucket_arn  = "arn:aws:s3:::dags"
      network_configuration {
        security_group_ids = ["sg-1"]
        subnet_ids         = ["subnet-1", "subnet-2"]
      }
    }
  }
}

cost "aws_glue_job" {
  usage {
    monthly_hours = "Hours that the job runs"
  }
  locals {
    shell   = self.command.name == "pythonshell"
    flex    = self.execution_class == "FLEX"
    # DPUs of a worker of each type.
    workers = self.number_of_workers == null ? null : self.number_of_workers * lookup({ "Standard" = 1, "G.025X" = 0.25, "G.1X" = 1, "G.2X" = 2, "G.4X" = 4, "G.8X" = 8, "Z.2X" = 2 }, self.worker_type, 1)
    dpus    = local.workers == null ? (self.max_capacity == null ? (local.shell ? 0.0625 : 10) : self.max_capacity) : local.workers
  }
  component "Duration" {
    price    = price("AWSGlue", local.flex ? "ETL-Flex-DPU-Hour" : "ETL-DPU-Hour")
    quantity = usage.monthly_hours * local.dpus
    unit     = "hours (${local.dpus} ${local.dpus == 1 ? "DPU" : "DPUs"})"
    scale    = local.dpus
  }

  example {
    # 60 h × 10 DPUs × 0.44.
    usage    = { monthly_hours = 60 }
    expected = { "Duration" = "264" }
    resource "aws_glue_job" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/x"
      command {
        script_location = "s3://x/y"
      }
    }
  }
  example {
    # 60 h × 4 workers of 2 DPUs × 0.29.
    usage    = { monthly_hours = 60 }
    expected = { "Duration" = "139.2" }
    resource "aws_glue_job" "main" {
      name              = "main"
      role_arn          = "arn:aws:iam::111122223333:role/x"
      execution_class   = "FLEX"
      worker_type       = "G.2X"
      number_of_workers = 4
      command {
        script_location = "s3://x/y"
      }
    }
  }
}

cost "aws_glue_crawler" {
  usage {
    monthly_hours = "Hours that the crawler runs"
  }
  component "Duration" {
    price    = price("AWSGlue", "Crawler-DPU-Hour")
    quantity = usage.monthly_hours
    unit     = "hours"
  }

  example {
    usage    = { monthly_hours = 60 }
    expected = { "Duration" = "26.4" }
    resource "aws_glue_crawler" "main" {
      name          = "main"
      database_name = "main"
      role          = "arn:aws:iam::111122223333:role/x"
    }
  }
}

cost "aws_glue_catalog_database" {
  usage {
    monthly_objects  = "Objects beyond the free million"
    monthly_requests = "Requests beyond the free million"
  }
  component "Storage" {
    price    = price("AWSGlue", "Catalog-Storage")
    quantity = usage.monthly_objects
    unit     = "100k objects"
    scale    = 100000
  }
  component "Requests" {
    price    = price("AWSGlue", "Catalog-Request")
    quantity = usage.monthly_requests
    unit     = "1M requests"
    scale    = 1000000
  }

  example {
    # 200,000 × 1 a hundred thousand; a million × 1.
    usage    = { monthly_objects = 200000, monthly_requests = 1000000 }
    expected = { "Storage" = "2", "Requests" = "1" }
    resource "aws_glue_catalog_database" "main" {
      name = "main"
    }
  }
}

cost "aws_athena_workgroup" {
  usage {
    monthly_data_scanned_tb = "TB that queries scan"
  }
  component "Data scanned" {
    price    = price("AmazonAthena", "DataScannedInTB")
    quantity = usage.monthly_data_scanned_tb
    unit     = "TB"
  }

  example {
    # 2 TB × 5.
    usage    = { monthly_data_scanned_tb = 2 }
    expected = { "Data scanned" = "10" }
    resource "aws_athena_workgroup" "main" {
      name = "main"
    }
  }
}
