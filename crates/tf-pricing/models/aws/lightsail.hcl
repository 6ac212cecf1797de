# Lightsail. AWS Lightsail pricing page.

cost "aws_lightsail_instance" {
  locals {
    parts   = split("_", self.bundle_id)
    windows = contains(local.parts, "win")
    memory  = { nano = "0.5GB", micro = "1GB", small = "2GB", medium = "4GB", large = "8GB", xlarge = "16GB", "2xlarge" = "32GB", "4xlarge" = "64GB" }[local.parts[0]]
    # Bundles without a public IPv4 address are cheaper.
    ipv6 = contains(local.parts, "ipv6")
  }
  component "Virtual server" {
    name     = "Virtual server (${local.windows ? "Windows" : "Linux/UNIX"})"
    price    = price("AmazonLightsail", "BundleUsage:${local.memory}${local.windows ? "_win" : ""}${local.ipv6 ? "_IPv6" : ""}")
    quantity = 730
    unit     = "hours"
  }

  example {
    # 730 h × 0.01612, the bundle of $12 (2 GB) by the hour.
    expected = { "Virtual server (Linux/UNIX)" = "11.7676" }
    resource "aws_lightsail_instance" "main" {
      name              = "main"
      availability_zone = "us-east-1a"
      blueprint_id      = "amazon_linux_2023"
      bundle_id         = "small_3_0"
    }
  }
  example {
    # 730 h × 0.02956.
    expected = { "Virtual server (Windows)" = "21.5788" }
    resource "aws_lightsail_instance" "main" {
      name              = "main"
      availability_zone = "us-east-1a"
      blueprint_id      = "windows_server_2022"
      bundle_id         = "small_win_3_0"
    }
  }
}
