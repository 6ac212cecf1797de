# Data transfer. AWS EC2 on-demand pricing page, section data transfer. No resource stands for it: the usage file names it.

cost "aws_data_transfer" {
  usage {
    region                                 = ["Region that the data leaves", "*"]
    monthly_intra_region_gb                = "GB between zones of the region; both ends pay"
    monthly_outbound_us_east_to_us_east_gb = "GB from one region of US East to the other"
    monthly_outbound_other_regions_gb      = "GB to other regions"
    monthly_outbound_internet_gb           = "GB to the internet"
  }
  component "Intra-region data transfer" {
    when  = usage_or(usage.monthly_intra_region_gb, null) != null
    price = price("AWSDataTransfer", "DataTransfer-Regional-Bytes")
    # Each GB is paid for going out and coming in.
    quantity = usage.monthly_intra_region_gb * 2
    unit     = "GB"
  }
  component "Outbound data transfer to Internet" {
    when     = usage_or(usage.monthly_outbound_internet_gb, null) != null
    price    = price("AWSDataTransfer", "DataTransfer-Out-Bytes")
    quantity = usage.monthly_outbound_internet_gb
    unit     = "GB"
  }
  component "Outbound data transfer to US East regions" {
    when     = usage_or(usage.monthly_outbound_us_east_to_us_east_gb, null) != null
    price    = startswith(region, "us-east") ? price("AWSDataTransfer", region == "us-east-1" ? "USE2-AWS-Out-Bytes" : "USE1-AWS-Out-Bytes") : unpriced("only a region of US East has this price")
    quantity = usage.monthly_outbound_us_east_to_us_east_gb
    unit     = "GB"
  }
  component "Outbound data transfer to other regions" {
    when     = usage_or(usage.monthly_outbound_other_regions_gb, null) != null
    # The price list has one for each pair of regions; a far one stands for all.
    price    = price("AWSDataTransfer", region == "us-west-1" ? "EU-AWS-Out-Bytes" : "USW1-AWS-Out-Bytes")
    quantity = usage.monthly_outbound_other_regions_gb
    unit     = "GB"
  }

  example {
    # 1,000 GB twice × 0.01; 20,000 GB: 10,240 × 0.09 and 9,760 × 0.085; 100 GB × 0.01; 100 GB × 0.02.
    usage = { region = "us-east-1", monthly_intra_region_gb = 1000, monthly_outbound_internet_gb = 20000, monthly_outbound_us_east_to_us_east_gb = 100, monthly_outbound_other_regions_gb = 100 }
    expected = {
      "Intra-region data transfer"                      = "20"
      "Outbound data transfer to Internet (first 10TB)" = "921.6"
      "Outbound data transfer to Internet (next 40TB)"  = "829.6"
      "Outbound data transfer to US East regions"       = "1"
      "Outbound data transfer to other regions"         = "2"
    }
    resource "aws_data_transfer" "main" {
    }
  }
}
