# Object storage. AWS S3 pricing page. What a bucket costs is all a matter of use; the classes that its lifecycle moves objects to,
# and those that the usage file names, are listed.

cost "aws_s3_bucket" {
  usage {
    object_tags = "Tags on objects"
    standard = {
      storage_gb                      = "GB stored"
      monthly_tier_1_requests         = "PUT, COPY, POST and LIST requests"
      monthly_tier_2_requests         = "GET, SELECT and all other requests"
      monthly_select_data_scanned_gb  = "GB that S3 Select scans"
      monthly_select_data_returned_gb = "GB that S3 Select returns"
    }
    intelligent_tiering = {
      frequent_access_storage_gb            = "GB in the frequent access tier"
      infrequent_access_storage_gb          = "GB in the infrequent access tier"
      archive_access_storage_gb             = "GB in the archive access tier"
      deep_archive_access_storage_gb        = "GB in the deep archive access tier"
      monitored_objects                     = "Objects that are monitored"
      monthly_tier_1_requests               = "PUT, COPY, POST and LIST requests"
      monthly_tier_2_requests               = "GET, SELECT and all other requests"
      monthly_lifecycle_transition_requests = "Transitions into the class"
      monthly_select_data_scanned_gb        = "GB that S3 Select scans"
      monthly_select_data_returned_gb       = "GB that S3 Select returns"
      early_delete_gb                       = "GB deleted within 30 days"
    }
    standard_infrequent_access = {
      storage_gb                            = "GB stored"
      monthly_tier_1_requests               = "PUT, COPY, POST and LIST requests"
      monthly_tier_2_requests               = "GET, SELECT and all other requests"
      monthly_lifecycle_transition_requests = "Transitions into the class"
      monthly_data_retrieval_gb             = "GB retrieved"
      monthly_select_data_scanned_gb        = "GB that S3 Select scans"
      monthly_select_data_returned_gb       = "GB that S3 Select returns"
    }
    one_zone_infrequent_access = {
      storage_gb                            = "GB stored"
      monthly_tier_1_requests               = "PUT, COPY, POST and LIST requests"
      monthly_tier_2_requests               = "GET, SELECT and all other requests"
      monthly_lifecycle_transition_requests = "Transitions into the class"
      monthly_data_retrieval_gb             = "GB retrieved"
      monthly_select_data_scanned_gb        = "GB that S3 Select scans"
      monthly_select_data_returned_gb       = "GB that S3 Select returns"
    }
    glacier_flexible_retrieval = {
      storage_gb                                = "GB stored"
      monthly_tier_1_requests                   = "PUT, COPY, POST and LIST requests"
      monthly_tier_2_requests                   = "GET, SELECT and all other requests"
      monthly_lifecycle_transition_requests     = "Transitions into the class"
      monthly_standard_data_retrieval_requests  = "Standard retrieval requests"
      monthly_standard_data_retrieval_gb        = "GB retrieved at the standard speed"
      monthly_standard_select_data_scanned_gb   = "GB that Select scans at the standard speed"
      monthly_standard_select_data_returned_gb  = "GB that Select returns at the standard speed"
      monthly_expedited_data_retrieval_requests = "Expedited retrieval requests"
      monthly_expedited_data_retrieval_gb       = "GB retrieved at the expedited speed"
      monthly_expedited_select_data_scanned_gb  = "GB that Select scans at the expedited speed"
      monthly_expedited_select_data_returned_gb = "GB that Select returns at the expedited speed"
      monthly_bulk_select_data_scanned_gb       = "GB that Select scans in bulk"
      monthly_bulk_select_data_returned_gb      = "GB that Select returns in bulk"
      early_delete_gb                           = "GB deleted within 90 days"
    }
    glacier_deep_archive = {
      storage_gb                               = "GB stored"
      monthly_tier_1_requests                  = "PUT, COPY, POST and LIST requests"
      monthly_tier_2_requests                  = "GET, SELECT and all other requests"
      monthly_lifecycle_transition_requests    = "Transitions into the class"
      monthly_standard_data_retrieval_requests = "Standard retrieval requests"
      monthly_standard_data_retrieval_gb       = "GB retrieved at the standard speed"
      monthly_bulk_data_retrieval_requests     = "Bulk retrieval requests"
      monthly_bulk_data_retrieval_gb           = "GB retrieved in bulk"
      early_delete_gb                          = "GB deleted within 180 days"
    }
  }
  locals {
    lifecycle = concat(flatten([for c in linked(self, "aws_s3_bucket_lifecycle_configuration") : c.rule[*].transition[*].storage_class]), flatten(self.lifecycle_rule[*].transition[*].storage_class))
  }
  component "Storage" {
    group    = "Standard"
    price    = price("AmazonS3", "TimedStorage-ByteHrs", { volumeType = "Standard" })
    quantity = usage.standard.storage_gb
    unit     = "GB"
  }
  component "PUT, COPY, POST, LIST requests" {
    group    = "Standard"
    price    = price("AmazonS3", "Requests-Tier1")
    quantity = usage.standard.monthly_tier_1_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "GET, SELECT, and all other requests" {
    group    = "Standard"
    price    = price("AmazonS3", "Requests-Tier2")
    quantity = usage.standard.monthly_tier_2_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Select data scanned" {
    group    = "Standard"
    price    = price("AmazonS3", "Select-Scanned-Bytes")
    quantity = usage.standard.monthly_select_data_scanned_gb
    unit     = "GB"
  }
  component "Select data returned" {
    group    = "Standard"
    price    = price("AmazonS3", "Select-Returned-Bytes")
    quantity = usage.standard.monthly_select_data_returned_gb
    unit     = "GB"
  }
  component "Storage (frequent access)" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "TimedStorage-INT-FA-ByteHrs")
    quantity = usage.intelligent_tiering.frequent_access_storage_gb
    unit     = "GB"
  }
  component "Storage (infrequent access)" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "TimedStorage-INT-IA-ByteHrs")
    quantity = usage.intelligent_tiering.infrequent_access_storage_gb
    unit     = "GB"
  }
  component "Storage (archive access)" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "TimedStorage-INT-AA-ByteHrs")
    quantity = usage.intelligent_tiering.archive_access_storage_gb
    unit     = "GB"
  }
  component "Storage (deep archive access)" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "TimedStorage-INT-DAA-ByteHrs")
    quantity = usage.intelligent_tiering.deep_archive_access_storage_gb
    unit     = "GB"
  }
  component "Monitoring and automation" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "Monitoring-Automation-INT")
    quantity = usage.intelligent_tiering.monitored_objects
    unit     = "1k objects"
    scale    = 1000
  }
  component "PUT, COPY, POST, LIST requests" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "Requests-INT-Tier1")
    quantity = usage.intelligent_tiering.monthly_tier_1_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "GET, SELECT, and all other requests" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "Requests-INT-Tier2")
    quantity = usage.intelligent_tiering.monthly_tier_2_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Lifecycle transition" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "Requests-Tier4", { operation = "S3-INTTransition" })
    quantity = usage.intelligent_tiering.monthly_lifecycle_transition_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Select data scanned" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "Select-Scanned-INT-Bytes")
    quantity = usage.intelligent_tiering.monthly_select_data_scanned_gb
    unit     = "GB"
  }
  component "Select data returned" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "Select-Returned-INT-Bytes")
    quantity = usage.intelligent_tiering.monthly_select_data_returned_gb
    unit     = "GB"
  }
  component "Early delete (within 30 days)" {
    when     = contains(local.lifecycle, "INTELLIGENT_TIERING") || usage_or(usage.intelligent_tiering, null) != null
    group    = "Intelligent tiering"
    price    = price("AmazonS3", "EarlyDelete-INT")
    quantity = usage.intelligent_tiering.early_delete_gb
    unit     = "GB"
  }
  component "Storage" {
    when     = contains(local.lifecycle, "STANDARD_IA") || usage_or(usage.standard_infrequent_access, null) != null
    group    = "Standard - infrequent access"
    price    = price("AmazonS3", "TimedStorage-SIA-ByteHrs")
    quantity = usage.standard_infrequent_access.storage_gb
    unit     = "GB"
  }
  component "PUT, COPY, POST, LIST requests" {
    when     = contains(local.lifecycle, "STANDARD_IA") || usage_or(usage.standard_infrequent_access, null) != null
    group    = "Standard - infrequent access"
    price    = price("AmazonS3", "Requests-SIA-Tier1")
    quantity = usage.standard_infrequent_access.monthly_tier_1_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "GET, SELECT, and all other requests" {
    when     = contains(local.lifecycle, "STANDARD_IA") || usage_or(usage.standard_infrequent_access, null) != null
    group    = "Standard - infrequent access"
    price    = price("AmazonS3", "Requests-SIA-Tier2")
    quantity = usage.standard_infrequent_access.monthly_tier_2_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Lifecycle transition" {
    when     = contains(local.lifecycle, "STANDARD_IA") || usage_or(usage.standard_infrequent_access, null) != null
    group    = "Standard - infrequent access"
    price    = price("AmazonS3", "Requests-Tier4", { operation = "S3-SIATransition" })
    quantity = usage.standard_infrequent_access.monthly_lifecycle_transition_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Retrievals" {
    when     = contains(local.lifecycle, "STANDARD_IA") || usage_or(usage.standard_infrequent_access, null) != null
    group    = "Standard - infrequent access"
    price    = price("AmazonS3", "Retrieval-SIA")
    quantity = usage.standard_infrequent_access.monthly_data_retrieval_gb
    unit     = "GB"
  }
  component "Select data scanned" {
    when     = contains(local.lifecycle, "STANDARD_IA") || usage_or(usage.standard_infrequent_access, null) != null
    group    = "Standard - infrequent access"
    price    = price("AmazonS3", "Select-Scanned-SIA-Bytes")
    quantity = usage.standard_infrequent_access.monthly_select_data_scanned_gb
    unit     = "GB"
  }
  component "Select data returned" {
    when     = contains(local.lifecycle, "STANDARD_IA") || usage_or(usage.standard_infrequent_access, null) != null
    group    = "Standard - infrequent access"
    price    = price("AmazonS3", "Select-Returned-SIA-Bytes")
    quantity = usage.standard_infrequent_access.monthly_select_data_returned_gb
    unit     = "GB"
  }
  component "Storage" {
    when     = contains(local.lifecycle, "ONEZONE_IA") || usage_or(usage.one_zone_infrequent_access, null) != null
    group    = "One zone - infrequent access"
    price    = price("AmazonS3", "TimedStorage-ZIA-ByteHrs")
    quantity = usage.one_zone_infrequent_access.storage_gb
    unit     = "GB"
  }
  component "PUT, COPY, POST, LIST requests" {
    when     = contains(local.lifecycle, "ONEZONE_IA") || usage_or(usage.one_zone_infrequent_access, null) != null
    group    = "One zone - infrequent access"
    price    = price("AmazonS3", "Requests-ZIA-Tier1")
    quantity = usage.one_zone_infrequent_access.monthly_tier_1_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "GET, SELECT, and all other requests" {
    when     = contains(local.lifecycle, "ONEZONE_IA") || usage_or(usage.one_zone_infrequent_access, null) != null
    group    = "One zone - infrequent access"
    price    = price("AmazonS3", "Requests-ZIA-Tier2")
    quantity = usage.one_zone_infrequent_access.monthly_tier_2_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Lifecycle transition" {
    when     = contains(local.lifecycle, "ONEZONE_IA") || usage_or(usage.one_zone_infrequent_access, null) != null
    group    = "One zone - infrequent access"
    price    = price("AmazonS3", "Requests-Tier4", { operation = "S3-ZIATransition" })
    quantity = usage.one_zone_infrequent_access.monthly_lifecycle_transition_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Retrievals" {
    when     = contains(local.lifecycle, "ONEZONE_IA") || usage_or(usage.one_zone_infrequent_access, null) != null
    group    = "One zone - infrequent access"
    price    = price("AmazonS3", "Retrieval-ZIA")
    quantity = usage.one_zone_infrequent_access.monthly_data_retrieval_gb
    unit     = "GB"
  }
  component "Select data scanned" {
    when     = contains(local.lifecycle, "ONEZONE_IA") || usage_or(usage.one_zone_infrequent_access, null) != null
    group    = "One zone - infrequent access"
    price    = price("AmazonS3", "Select-Scanned-ZIA-Bytes")
    quantity = usage.one_zone_infrequent_access.monthly_select_data_scanned_gb
    unit     = "GB"
  }
  component "Select data returned" {
    when     = contains(local.lifecycle, "ONEZONE_IA") || usage_or(usage.one_zone_infrequent_access, null) != null
    group    = "One zone - infrequent access"
    price    = price("AmazonS3", "Select-Returned-ZIA-Bytes")
    quantity = usage.one_zone_infrequent_access.monthly_select_data_returned_gb
    unit     = "GB"
  }
  component "Storage" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "TimedStorage-GlacierByteHrs")
    quantity = usage.glacier_flexible_retrieval.storage_gb
    unit     = "GB"
  }
  component "PUT, COPY, POST, LIST requests" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Requests-GLACIER-Tier1", { operation = "PutObject" })
    quantity = usage.glacier_flexible_retrieval.monthly_tier_1_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "GET, SELECT, and all other requests" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Requests-GLACIER-Tier2")
    quantity = usage.glacier_flexible_retrieval.monthly_tier_2_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Lifecycle transition" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Requests-Tier3", { operation = "S3-GlacierTransition" })
    quantity = usage.glacier_flexible_retrieval.monthly_lifecycle_transition_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Retrieval requests (standard)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Requests-Tier3", { operation = "RestoreObject" })
    quantity = usage.glacier_flexible_retrieval.monthly_standard_data_retrieval_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Retrievals (standard)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Standard-Retrieval-Bytes", { operation = "RestoreObject" })
    quantity = usage.glacier_flexible_retrieval.monthly_standard_data_retrieval_gb
    unit     = "GB"
  }
  component "Select data scanned (standard)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Std-Select-Scanned-Bytes")
    quantity = usage.glacier_flexible_retrieval.monthly_standard_select_data_scanned_gb
    unit     = "GB"
  }
  component "Select data returned (standard)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Std-Select-Returned-Bytes")
    quantity = usage.glacier_flexible_retrieval.monthly_standard_select_data_returned_gb
    unit     = "GB"
  }
  component "Retrieval requests (expedited)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Requests-Tier5", { operation = "RestoreObject" })
    quantity = usage.glacier_flexible_retrieval.monthly_expedited_data_retrieval_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Retrievals (expedited)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Expedited-Retrieval-Bytes", { operation = "RestoreObject" })
    quantity = usage.glacier_flexible_retrieval.monthly_expedited_data_retrieval_gb
    unit     = "GB"
  }
  component "Select data scanned (expedited)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Exp-Select-Scanned-Bytes")
    quantity = usage.glacier_flexible_retrieval.monthly_expedited_select_data_scanned_gb
    unit     = "GB"
  }
  component "Select data returned (expedited)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Exp-Select-Returned-Bytes")
    quantity = usage.glacier_flexible_retrieval.monthly_expedited_select_data_returned_gb
    unit     = "GB"
  }
  component "Select data scanned (bulk)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Bulk-Select-Scanned-Bytes")
    quantity = usage.glacier_flexible_retrieval.monthly_bulk_select_data_scanned_gb
    unit     = "GB"
  }
  component "Select data returned (bulk)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "Bulk-Select-Returned-Bytes")
    quantity = usage.glacier_flexible_retrieval.monthly_bulk_select_data_returned_gb
    unit     = "GB"
  }
  component "Early delete (within 90 days)" {
    when     = contains(local.lifecycle, "GLACIER") || usage_or(usage.glacier_flexible_retrieval, null) != null
    group    = "Glacier flexible retrieval"
    price    = price("AmazonS3", "EarlyDelete-GlacierByteHrs")
    quantity = usage.glacier_flexible_retrieval.early_delete_gb
    unit     = "GB"
  }
  component "Storage" {
    when     = contains(local.lifecycle, "DEEP_ARCHIVE") || usage_or(usage.glacier_deep_archive, null) != null
    group    = "Glacier deep archive"
    price    = price("AmazonS3GlacierDeepArchive", "TimedStorage-GDA-ByteHrs")
    quantity = usage.glacier_deep_archive.storage_gb
    unit     = "GB"
  }
  component "PUT, COPY, POST, LIST requests" {
    when     = contains(local.lifecycle, "DEEP_ARCHIVE") || usage_or(usage.glacier_deep_archive, null) != null
    group    = "Glacier deep archive"
    price    = price("AmazonS3GlacierDeepArchive", "Requests-GDA-Tier1", { operation = "PostObject" })
    quantity = usage.glacier_deep_archive.monthly_tier_1_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "GET, SELECT, and all other requests" {
    when     = contains(local.lifecycle, "DEEP_ARCHIVE") || usage_or(usage.glacier_deep_archive, null) != null
    group    = "Glacier deep archive"
    price    = price("AmazonS3", "Requests-GDA-Tier2")
    quantity = usage.glacier_deep_archive.monthly_tier_2_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Lifecycle transition" {
    when     = contains(local.lifecycle, "DEEP_ARCHIVE") || usage_or(usage.glacier_deep_archive, null) != null
    group    = "Glacier deep archive"
    price    = price("AmazonS3", "Requests-Tier3", { operation = "S3-GDATransition" })
    quantity = usage.glacier_deep_archive.monthly_lifecycle_transition_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Retrieval requests (standard)" {
    when     = contains(local.lifecycle, "DEEP_ARCHIVE") || usage_or(usage.glacier_deep_archive, null) != null
    group    = "Glacier deep archive"
    price    = price("AmazonS3GlacierDeepArchive", "Requests-GDA-Tier3")
    quantity = usage.glacier_deep_archive.monthly_standard_data_retrieval_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Retrievals (standard)" {
    when     = contains(local.lifecycle, "DEEP_ARCHIVE") || usage_or(usage.glacier_deep_archive, null) != null
    group    = "Glacier deep archive"
    price    = price("AmazonS3GlacierDeepArchive", "Standard-Retrieval-Bytes")
    quantity = usage.glacier_deep_archive.monthly_standard_data_retrieval_gb
    unit     = "GB"
  }
  component "Retrieval requests (bulk)" {
    when     = contains(local.lifecycle, "DEEP_ARCHIVE") || usage_or(usage.glacier_deep_archive, null) != null
    group    = "Glacier deep archive"
    price    = price("AmazonS3GlacierDeepArchive", "Requests-GDA-Tier5")
    quantity = usage.glacier_deep_archive.monthly_bulk_data_retrieval_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "Retrievals (bulk)" {
    when     = contains(local.lifecycle, "DEEP_ARCHIVE") || usage_or(usage.glacier_deep_archive, null) != null
    group    = "Glacier deep archive"
    price    = price("AmazonS3GlacierDeepArchive", "Bulk-Retrieval-Bytes")
    quantity = usage.glacier_deep_archive.monthly_bulk_data_retrieval_gb
    unit     = "GB"
  }
  component "Early delete (within 180 days)" {
    when     = contains(local.lifecycle, "DEEP_ARCHIVE") || usage_or(usage.glacier_deep_archive, null) != null
    group    = "Glacier deep archive"
    price    = price("AmazonS3GlacierDeepArchive", "EarlyDelete-GDA")
    quantity = usage.glacier_deep_archive.early_delete_gb
    unit     = "GB"
  }
  component "Object tagging" {
    when     = usage_or(usage.object_tags, null) != null
    price    = price("AmazonS3", "TagStorage-TagHrs")
    # The price list counts tags and hours.
    quantity = usage.object_tags
    unit     = "10k tags"
    scale    = 10000
  }

  example {
    # 60,000 GB: 51,200 × 0.023 and 8,800 × 0.022; a million puts × 0.005 and ten million gets × 0.0004 a thousand.
    usage = { standard = { storage_gb = 60000, monthly_tier_1_requests = 1000000, monthly_tier_2_requests = 10000000, monthly_select_data_scanned_gb = 0, monthly_select_data_returned_gb = 0 } }
    expected = {
      "Standard / Storage (first 50TB)"                = "1177.6"
      "Standard / Storage (next 450TB)"                = "193.6"
      "Standard / PUT, COPY, POST, LIST requests"      = "5"
      "Standard / GET, SELECT, and all other requests" = "4"
      "Standard / Select data scanned"                 = "0"
      "Standard / Select data returned"                = "0"
    }
    resource "aws_s3_bucket" "data" {
      bucket = "data"
    }
  }
  example {
    # The lifecycle moves objects to the infrequent access class: 1,000 GB × 0.0125, 100 GB retrieved × 0.01, 10,000 transitions × 0.01
    # a thousand.
    usage = { standard_infrequent_access = { storage_gb = 1000, monthly_data_retrieval_gb = 100, monthly_lifecycle_transition_requests = 10000 } }
    expected = {
      "Standard / Storage (first 50TB)"                                    = "usage"
      "Standard / PUT, COPY, POST, LIST requests"                          = "usage"
      "Standard / GET, SELECT, and all other requests"                     = "usage"
      "Standard / Select data scanned"                                     = "usage"
      "Standard / Select data returned"                                    = "usage"
      "Standard - infrequent access / Storage"                             = "12.5"
      "Standard - infrequent access / PUT, COPY, POST, LIST requests"      = "usage"
      "Standard - infrequent access / GET, SELECT, and all other requests" = "usage"
      "Standard - infrequent access / Lifecycle transition"                = "0.1"
      "Standard - infrequent access / Retrievals"                          = "1"
      "Standard - infrequent access / Select data scanned"                 = "usage"
      "Standard - infrequent access / Select data returned"                = "usage"
    }
    resource "aws_s3_bucket" "data" {
      bucket = "data"
    }
    resource "aws_s3_bucket_lifecycle_configuration" "data" {
      bucket = aws_s3_bucket.data.id
      rule {
        id     = "old"
        status = "Enabled"
        transition {
          days          = 30
          storage_class = "STANDARD_IA"
        }
      }
    }
  }
}

cost "aws_s3_bucket_analytics_configuration" {
  usage {
    monthly_monitored_objects = "Objects that are analysed"
  }
  component "Objects monitored" {
    price    = price("AmazonS3", "StorageAnalytics-ObjCount")
    quantity = usage.monthly_monitored_objects
    unit     = "1M objects"
    scale    = 1000000
  }

  example {
    # Ten million × 0.10 a million.
    usage    = { monthly_monitored_objects = 10000000 }
    expected = { "Objects monitored" = "1" }
    resource "aws_s3_bucket_analytics_configuration" "all" {
      bucket = "data"
      name   = "all"
    }
  }
}

cost "aws_s3_bucket_inventory" {
  usage {
    monthly_listed_objects = "Objects that are listed"
  }
  component "Objects listed" {
    price    = price("AmazonS3", "Inventory-ObjectsListed")
    quantity = usage.monthly_listed_objects
    unit     = "1M objects"
    scale    = 1000000
  }

  example {
    # A hundred million × 0.0025 a million.
    usage    = { monthly_listed_objects = 100000000 }
    expected = { "Objects listed" = "0.25" }
    resource "aws_s3_bucket_inventory" "all" {
      bucket                   = "data"
      name                     = "all"
      included_object_versions = "All"
      schedule {
        frequency = "Daily"
      }
      destination {
        bucket {
          format     = "CSV"
          bucket_arn = "arn:aws:s3:::inventory"
        }
      }
    }
  }
}
