# Instances, volumes, snapshots. AWS EC2 and EBS pricing pages; on-demand prices, 730 hours a month.

# Machines that run all month. A model gives `local.machines`, objects with `group`, `type`, `count`, `spot`, `tenancy`,
# `monitoring`, `ebs_optimized` and `unlimited` (CPU credits), and `local.os`, `local.hours`, `local.reserved`.
shared "machines" {
  component "Instance usage" {
    for_each = local.machines
    when     = each.value.tenancy != "host"
    group    = each.value.group
    name = join("", [
      "Instance usage (",
      lookup({ linux = "Linux/UNIX", rhel = "Red Hat Enterprise Linux", suse = "SUSE", windows = "Windows", windows_sql_web = "Windows with SQL Server Web", windows_sql_standard = "Windows with SQL Server Standard", windows_sql_enterprise = "Windows with SQL Server Enterprise" }, local.os, local.os),
      each.value.spot == true ? ", spot, " : (local.reserved == null ? ", on-demand, " : ", reserved, "),
      each.value.type == null ? "type not known" : each.value.type,
      ")",
    ])
    price = each.value.spot == true ? unpriced("Spot prices change from hour to hour and are not in the price list") : (
      each.value.type == null ? undecided("the instance type is not in this configuration") : price(
        "AmazonEC2",
        join(":", [each.value.tenancy == "dedicated" ? "DedicatedUsage" : "BoxUsage", each.value.type]),
        merge({
          operatingSystem = lookup({ linux = "Linux", rhel = "RHEL", suse = "SUSE" }, local.os, "Windows")
          preInstalledSw  = lookup({ windows_sql_web = "SQL Web", windows_sql_standard = "SQL Std", windows_sql_enterprise = "SQL Ent" }, local.os, "NA")
          licenseModel    = "No License required"
          capacitystatus  = "Used"
          tenancy         = each.value.tenancy == "dedicated" ? "Dedicated" : "Shared"
        }, local.reserved == null ? {} : local.reserved)
      )
    )
    quantity = local.hours * each.value.count
    unit     = "hours"
  }
  component "EBS-optimized usage" {
    for_each = local.machines
    # Newer families include it.
    when     = each.value.ebs_optimized == true && contains(["c1", "c3", "g2", "i2", "m1", "m2", "m3", "r3"], split(".", each.value.type)[0])
    group    = each.value.group
    price    = price("AmazonEC2", "EBSOptimized:${each.value.type}")
    quantity = local.hours * each.value.count
    unit     = "hours"
  }
  component "EC2 detailed monitoring" {
    for_each = local.machines
    when     = each.value.monitoring == true
    group    = each.value.group
    price    = price("AmazonCloudWatch", "CW:MetricMonitorUsage")
    quantity = 7 * each.value.count
    unit     = "metrics"
  }
  component "CPU credits" {
    for_each = local.machines
    when     = each.value.unlimited == true && contains(["t2", "t3", "t3a", "t4g"], split(".", each.value.type)[0])
    group    = each.value.group
    price    = price("AmazonEC2", "CPUCredits:${split(".", each.value.type)[0]}", { operatingSystem = startswith(local.os, "windows") ? "Windows" : "Linux" })
    quantity = usage.monthly_cpu_credit_hrs * each.value.count * usage_or(usage.vcpu_count, (
      split(".", each.value.type)[0] == "t2" ? { nano = 1, micro = 1, small = 1, medium = 2, large = 2, xlarge = 4, "2xlarge" = 8 } : { nano = 2, micro = 2, small = 2, medium = 2, large = 2, xlarge = 4, "2xlarge" = 8 }
    )[split(".", each.value.type)[1]])
    unit = "vCPU-hours"
  }
}

# EBS volumes. A model gives `local.volumes`, objects with `group`, `type`, `size`, `iops`, `throughput`, `count`, where a type or
# size that is not set is undecided().
shared "volumes" {
  component "Storage" {
    for_each = local.volumes
    group    = each.value.group
    name     = "Storage (${lookup({ gp2 = "general purpose SSD, gp2", gp3 = "general purpose SSD, gp3", io1 = "provisioned IOPS SSD, io1", io2 = "provisioned IOPS SSD, io2", st1 = "throughput optimized HDD, st1", sc1 = "cold HDD, sc1", standard = "magnetic" }, each.value.type, each.value.type)})"
    price = price("AmazonEC2", {
      gp2      = "EBS:VolumeUsage.gp2"
      gp3      = "EBS:VolumeUsage.gp3"
      io1      = "EBS:VolumeUsage.piops"
      io2      = "EBS:VolumeUsage.io2"
      st1      = "EBS:VolumeUsage.st1"
      sc1      = "EBS:VolumeUsage.sc1"
      standard = "EBS:VolumeUsage"
    }[each.value.type])
    quantity = each.value.size * each.value.count
    unit     = "GB"
  }
  component "Provisioned IOPS" {
    for_each = local.volumes
    when     = known(each.value.type) && (each.value.type == "io1" || each.value.type == "io2" || (each.value.type == "gp3" && each.value.iops > 3000))
    group    = each.value.group
    price = price("AmazonEC2", {
      gp3 = "EBS:VolumeP-IOPS.gp3"
      io1 = "EBS:VolumeP-IOPS.piops"
      io2 = "EBS:VolumeP-IOPS.io2"
    }[each.value.type])
    quantity = (each.value.type == "gp3" ? each.value.iops - 3000 : (each.value.type == "io2" ? min(each.value.iops, 32000) : each.value.iops)) * each.value.count
    unit     = "IOPS"
  }
  component "Provisioned IOPS (32,001 to 64,000)" {
    for_each = local.volumes
    when     = known(each.value.type) && each.value.type == "io2" && each.value.iops > 32000
    group    = each.value.group
    price    = price("AmazonEC2", "EBS:VolumeP-IOPS.io2.tier2")
    quantity = (min(each.value.iops, 64000) - 32000) * each.value.count
    unit     = "IOPS"
  }
  component "Provisioned IOPS (over 64,000)" {
    for_each = local.volumes
    when     = known(each.value.type) && each.value.type == "io2" && each.value.iops > 64000
    group    = each.value.group
    price    = price("AmazonEC2", "EBS:VolumeP-IOPS.io2.tier3")
    quantity = (each.value.iops - 64000) * each.value.count
    unit     = "IOPS"
  }
  component "Provisioned throughput" {
    for_each = local.volumes
    when     = known(each.value.type) && each.value.type == "gp3" && each.value.throughput > 125
    group    = each.value.group
    price    = price("AmazonEC2", "EBS:VolumeP-Throughput.gp3")
    # The price list counts GiB a second, people count MiB.
    quantity = (each.value.throughput - 125) / 1024 * each.value.count
    unit     = "Mbps"
    scale    = 1 / 1024
  }
  component "I/O requests" {
    for_each = local.volumes
    when     = known(each.value.type) && each.value.type == "standard"
    group    = each.value.group
    price    = price("AmazonEC2", "EBS:VolumeIOUsage")
    quantity = usage.monthly_standard_io_requests * each.value.count
    unit     = "1M requests"
    scale    = 1000000
  }
}

cost "aws_instance" "aws_spot_instance_request" {
  use = ["machines", "volumes"]
  usage {
    monthly_hrs                      = "Hours that the instance runs; 730 where nothing is said"
    operating_system                 = ["Operating system of its image", "linux", "windows", "suse", "rhel", "windows_sql_web", "windows_sql_standard", "windows_sql_enterprise"]
    reserved_instance_type           = ["Offering class of a reserved instance", "convertible", "standard"]
    reserved_instance_term           = ["Term of a reserved instance", "1_year", "3_year"]
    reserved_instance_payment_option = ["Payment of a reserved instance", "no_upfront", "partial_upfront", "all_upfront"]
    monthly_cpu_credit_hrs           = "Hours in which it bursts beyond its CPU credits"
    vcpu_count                       = "vCPUs that burst; those of its type where nothing is said"
    monthly_standard_io_requests     = "I/O requests of magnetic volumes"
  }
  locals {
    template = length(self.launch_template) > 0 ? linked(self, "aws_launch_template") : []
    type     = self.instance_type == null ? local.template.instance_type : self.instance_type
    os       = usage_or(usage.operating_system, "linux")
    hours    = usage_or(usage.monthly_hrs, 730)
    reserved = usage_or(usage.reserved_instance_term, null) == null ? null : {
      termType            = "Reserved"
      LeaseContractLength = { "1_year" = "1yr", "3_year" = "3yr" }[usage.reserved_instance_term]
      OfferingClass       = usage_or(usage.reserved_instance_type, "standard")
      PurchaseOption      = { no_upfront = "No Upfront", partial_upfront = "Partial Upfront", all_upfront = "All Upfront" }[usage_or(usage.reserved_instance_payment_option, "no_upfront")]
    }
    credits = self.credit_specification.cpu_credits == null ? local.template.credit_specification.cpu_credits : self.credit_specification.cpu_credits
    machines = [{
      group         = null
      type          = local.type
      count         = 1
      spot          = self.type == "aws_spot_instance_request" || self.instance_market_options.market_type == "spot" || local.template.instance_market_options.market_type == "spot"
      tenancy       = self.tenancy == null ? local.template.placement.tenancy : self.tenancy
      monitoring    = self.monitoring == true || local.template.monitoring.enabled == true
      ebs_optimized = self.ebs_optimized == true || local.template.ebs_optimized == true
      # T3 and later are unlimited unless they are told otherwise, T2 the other way round.
      unlimited = local.credits == null ? split(".", local.type)[0] != "t2" : local.credits == "unlimited"
    }]
    root_in_template = length([for m in local.template.block_device_mappings : m if contains(["/dev/xvda", "/dev/sda1"], m.device_name)]) > 0
    volumes = concat(
      local.root_in_template && length(self.root_block_device) == 0 ? [] : [{
        group      = "root_block_device"
        type       = self.root_block_device.volume_type == null ? undecided("the image decides which type of root volume it gets") : self.root_block_device.volume_type
        size       = self.root_block_device.volume_size == null ? undecided("the image decides how large the root volume is") : self.root_block_device.volume_size
        iops       = self.root_block_device.iops
        throughput = self.root_block_device.throughput
        count      = 1
      }],
      [for device in self.ebs_block_device : {
        group      = "ebs_block_device ${device.device_name}"
        type       = device.volume_type == null ? "gp2" : device.volume_type
        size       = device.volume_size == null ? undecided("the snapshot decides how large the volume is") : device.volume_size
        iops       = device.iops
        throughput = device.throughput
        count      = 1
      }],
      [for mapping in local.template.block_device_mappings : {
        group      = "block_device_mapping ${mapping.device_name}"
        type       = mapping.ebs.volume_type == null ? "gp2" : mapping.ebs.volume_type
        size       = mapping.ebs.volume_size == null ? undecided("the image or snapshot decides how large the volume is") : mapping.ebs.volume_size
        iops       = mapping.ebs.iops
        throughput = mapping.ebs.throughput
        count      = 1
        # A device of the instance's own takes the place of the template's.
      } if length(mapping.ebs) > 0 && !contains([for device in self.ebs_block_device : device.device_name], mapping.device_name)]
    )
  }

  example {
    # 730 h × 0.096; 50 GB × 0.08; 100 GB × 0.08, 1,000 IOPS above 3,000 × 0.005, 75 MiBps above 125 × 0.04.
    expected = {
      "Instance usage (Linux/UNIX, on-demand, m5.large)"                            = "70.08"
      "root_block_device / Storage (general purpose SSD, gp3)"                      = "4"
      "ebs_block_device /dev/sdf / Storage (general purpose SSD, gp3)"              = "8"
      "ebs_block_device /dev/sdf / Provisioned IOPS"                                = "5"
      "ebs_block_device /dev/sdf / Provisioned throughput"                          = "3"
    }
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "m5.large"
      root_block_device {
        volume_type = "gp3"
        volume_size = 50
      }
      ebs_block_device {
        device_name = "/dev/sdf"
        volume_type = "gp3"
        volume_size = 100
        iops        = 4000
        throughput  = 200
      }
    }
  }
  example {
    # 730 h × 0.668: Windows, 0.188, and SQL Server Standard for four vCPUs, the fewest that it is sold for, 4 × 0.12.
    usage = { operating_system = "windows_sql_standard" }
    expected = {
      "Instance usage (Windows with SQL Server Standard, on-demand, m5.large)" = "487.64"
      "root_block_device / Storage (general purpose SSD, gp3)"                 = "4"
    }
    resource "aws_instance" "db" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "m5.large"
      root_block_device {
        volume_type = "gp3"
        volume_size = 50
      }
    }
  }
  example {
    # 730 h × 0.484.
    usage = { operating_system = "suse" }
    expected = {
      "Instance usage (SUSE, on-demand, m5.2xlarge)"           = "353.32"
      "root_block_device / Storage (general purpose SSD, gp3)" = "4"
    }
    resource "aws_instance" "sap" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "m5.2xlarge"
      root_block_device {
        volume_type = "gp3"
        volume_size = 50
      }
    }
  }
  example {
    # A t3 bursts: 20 h × 2 vCPUs × 0.05. 730 × 0.0416 + 7 metrics × 0.30. What the image decides is not guessed.
    usage = { monthly_cpu_credit_hrs = 20 }
    expected = {
      "Instance usage (Linux/UNIX, on-demand, t3.medium)" = "30.368"
      "EC2 detailed monitoring (first 10K)"               = "2.1"
      "CPU credits"                                       = "2"
      "root_block_device / Storage"                       = "unknown"
    }
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.medium"
      monitoring    = true
    }
  }
  example {
    expected = {
      "Instance usage (Linux/UNIX, spot, m5.large)" = "unpriced"
      "root_block_device / Storage (general purpose SSD, gp2)" = "0.8"
    }
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "m5.large"
      instance_market_options {
        market_type = "spot"
      }
      root_block_device {
        volume_type = "gp2"
        volume_size = 8
      }
    }
  }
}

cost "aws_autoscaling_group" {
  use = ["machines", "volumes"]
  usage {
    instances                        = "Instances that run"
    operating_system                 = ["Operating system of the image", "linux", "windows", "suse", "rhel", "windows_sql_web", "windows_sql_standard", "windows_sql_enterprise"]
    reserved_instance_type           = ["Offering class of reserved instances", "convertible", "standard"]
    reserved_instance_term           = ["Term of reserved instances", "1_year", "3_year"]
    reserved_instance_payment_option = ["Payment of reserved instances", "no_upfront", "partial_upfront", "all_upfront"]
    monthly_cpu_credit_hrs           = "Hours in which an instance bursts beyond its CPU credits"
    vcpu_count                       = "vCPUs that burst; those of the type where nothing is said"
    monthly_standard_io_requests     = "I/O requests of magnetic volumes, an instance"
  }
  locals {
    template = linked(self, "aws_launch_template", "aws_launch_configuration")
    mixed    = self.mixed_instances_policy
    types    = distinct([for o in local.mixed.launch_template.override : o.instance_type if o.instance_type != null])
    # On demand the first override is taken as long as there is any, Spot chooses; a machine may count for several of the capacity.
    first    = local.mixed.instances_distribution.on_demand_allocation_strategy == null || local.mixed.instances_distribution.on_demand_allocation_strategy == "prioritized"
    chosen   = undecided("the mixed instances policy chooses among ${join(", ", local.types)}")
    type     = length(local.types) == 0 ? local.template.instance_type : (length(local.types) == 1 || local.first ? local.types[0] : local.chosen)
    weights  = [for o in local.mixed.launch_template.override : o.weighted_capacity == null ? 1 : tonumber(o.weighted_capacity)]
    weight   = length(local.weights) == 0 ? 1 : local.weights[0]
    os       = usage_or(usage.operating_system, "linux")
    hours    = 730
    reserved = usage_or(usage.reserved_instance_term, null) == null ? null : {
      termType            = "Reserved"
      LeaseContractLength = { "1_year" = "1yr", "3_year" = "3yr" }[usage.reserved_instance_term]
      OfferingClass       = usage_or(usage.reserved_instance_type, "standard")
      PurchaseOption      = { no_upfront = "No Upfront", partial_upfront = "Partial Upfront", all_upfront = "All Upfront" }[usage_or(usage.reserved_instance_payment_option, "no_upfront")]
    }
    # Without a desired capacity the group scales between its ends.
    capacity  = self.desired_capacity == null ? (self.min_size == self.max_size ? self.min_size : between(self.min_size, self.max_size)) : self.desired_capacity
    count     = usage_or(usage.instances, local.weight == 1 ? local.capacity : ceil(local.capacity / local.weight))
    all_spot  = local.template.instance_market_options.market_type == "spot" || local.template.spot_price != null
    base      = local.mixed.instances_distribution.on_demand_base_capacity == null ? 0 : local.mixed.instances_distribution.on_demand_base_capacity
    share     = local.mixed.instances_distribution.on_demand_percentage_above_base_capacity == null ? 100 : local.mixed.instances_distribution.on_demand_percentage_above_base_capacity
    has_spot  = local.all_spot || local.share < 100
    on_demand = local.all_spot ? 0 : (!local.has_spot ? local.count : min(local.count, local.base + ceil(max(0, local.count - local.base) * local.share / 100)))
    machine = {
      group         = local.template.address
      type          = local.type
      tenancy       = local.template.placement_tenancy == null ? local.template.placement.tenancy : local.template.placement_tenancy
      monitoring    = local.template.type == "aws_launch_configuration" ? local.template.enable_monitoring != false : local.template.monitoring.enabled == true
      ebs_optimized = local.template.ebs_optimized == true
      # T3 and later are unlimited unless they are told otherwise, T2 the other way round.
      unlimited = local.template.credit_specification.cpu_credits == null ? split(".", local.type)[0] != "t2" : local.template.credit_specification.cpu_credits == "unlimited"
    }
    machines = concat(
      local.all_spot || (local.share == 0 && local.base == 0) ? [] : [merge(local.machine, { count = local.on_demand, spot = false })],
      !local.has_spot ? [] : [merge(local.machine, { count = local.count - local.on_demand, spot = true, type = length(local.types) > 1 ? local.chosen : local.type })]
    )
    volumes = concat(
      [for device in local.template.root_block_device : {
        group      = "${local.template.address} / root_block_device"
        type       = device.volume_type == null ? undecided("the image decides which type of root volume it gets") : device.volume_type
        size       = device.volume_size == null ? undecided("the image decides how large the root volume is") : device.volume_size
        iops       = device.iops
        throughput = device.throughput
        count      = local.count
      }],
      [for device in local.template.ebs_block_device : {
        group      = "${local.template.address} / ebs_block_device ${device.device_name}"
        type       = device.volume_type == null ? "gp2" : device.volume_type
        size       = device.volume_size == null ? undecided("the snapshot decides how large the volume is") : device.volume_size
        iops       = device.iops
        throughput = device.throughput
        count      = local.count
      }],
      [for mapping in local.template.block_device_mappings : {
        group      = "${local.template.address} / block_device_mapping ${mapping.device_name}"
        type       = mapping.ebs.volume_type == null ? "gp2" : mapping.ebs.volume_type
        size       = mapping.ebs.volume_size == null ? undecided("the image or snapshot decides how large the volume is") : mapping.ebs.volume_size
        iops       = mapping.ebs.iops
        throughput = mapping.ebs.throughput
        count      = local.count
      } if length(mapping.ebs) > 0]
    )
  }

  example {
    # 3 × 730 h × 0.0416; 3 × 20 GB × 0.08.
    expected = {
      "aws_launch_template.web / Instance usage (Linux/UNIX, on-demand, t3.medium)"                              = "91.104"
      "aws_launch_template.web / CPU credits"                                                                    = "usage"
      "aws_launch_template.web / block_device_mapping /dev/xvda / Storage (general purpose SSD, gp3)" = "4.8"
    }
    resource "aws_launch_template" "web" {
      image_id      = "ami-0123456789abcdef0"
      instance_type = "t3.medium"
      block_device_mappings {
        device_name = "/dev/xvda"
        ebs {
          volume_type = "gp3"
          volume_size = 20
        }
      }
    }
    resource "aws_autoscaling_group" "web" {
      min_size         = 1
      max_size         = 5
      desired_capacity = 3
      launch_template {
        id = aws_launch_template.web.id
      }
    }
  }
  example {
    # Between 1 and 4 instances: 730 × 0.096 each. The launch configuration monitors in detail unless it is told not to.
    expected = {
      "aws_launch_configuration.web / Instance usage (Linux/UNIX, on-demand, m5.large)" = "70.08..280.32"
      "aws_launch_configuration.web / EC2 detailed monitoring"                          = "2.1..8.4"
    }
    resource "aws_launch_configuration" "web" {
      image_id      = "ami-0123456789abcdef0"
      instance_type = "m5.large"
    }
    resource "aws_autoscaling_group" "web" {
      min_size             = 1
      max_size             = 4
      launch_configuration = aws_launch_configuration.web.name
    }
  }
}

cost "aws_ebs_volume" {
  use = ["volumes"]
  usage {
    monthly_standard_io_requests = "I/O requests of a magnetic volume"
  }
  locals {
    volumes = [{
      group      = null
      type       = self.type == null ? "gp2" : self.type
      size       = self.size == null ? undecided("the snapshot decides how large the volume is") : self.size
      iops       = self.iops
      throughput = self.throughput
      count      = 1
    }]
  }

  example {
    # 100 GB × 0.10.
    expected = { "Storage (general purpose SSD, gp2)" = "10" }
    resource "aws_ebs_volume" "data" {
      availability_zone = "us-east-1a"
      size              = 100
    }
  }
  example {
    # 500 GB × 0.125; 10,000 IOPS × 0.065.
    expected = {
      "Storage (provisioned IOPS SSD, io1)" = "62.5"
      "Provisioned IOPS"                    = "650"
    }
    resource "aws_ebs_volume" "data" {
      availability_zone = "us-east-1a"
      type              = "io1"
      size              = 500
      iops              = 10000
    }
  }
  example {
    # 40,000 IOPS of io2: 32,000 × 0.065 and 8,000 × 0.0455.
    expected = {
      "Storage (provisioned IOPS SSD, io2)" = "125"
      "Provisioned IOPS"                    = "2080"
      "Provisioned IOPS (32,001 to 64,000)" = "364"
    }
    resource "aws_ebs_volume" "data" {
      availability_zone = "us-east-1a"
      type              = "io2"
      size              = 1000
      iops              = 40000
    }
  }
  example {
    # 100 GB × 0.05; 10 million requests × 0.05 a million.
    usage = { monthly_standard_io_requests = 10000000 }
    expected = {
      "Storage (magnetic)" = "5"
      "I/O requests"       = "0.5"
    }
    resource "aws_ebs_volume" "data" {
      availability_zone = "us-east-1a"
      type              = "standard"
      size              = 100
    }
  }
}

cost "aws_ebs_snapshot" "aws_ebs_snapshot_copy" {
  usage {
    monthly_list_block_requests = "ListChangedBlocks and ListSnapshotBlocks requests"
    monthly_get_block_requests  = "GetSnapshotBlock requests, of 512 KiB"
    monthly_put_block_requests  = "PutSnapshotBlock requests, of 512 KiB"
    fast_snapshot_restore_hours = "DSU-hours of fast snapshot restore"
  }
  locals {
    volume = self.volume_id == null ? linked(linked(self, "aws_ebs_snapshot"), "aws_ebs_volume") : linked(self, "aws_ebs_volume")
    size   = self.volume_size == null ? local.volume.size : self.volume_size
  }
  component "EBS snapshot storage" {
    price = price("AmazonEC2", "EBS:SnapshotUsage")
    # The first snapshot is at most the volume; what is written to the volume is not known.
    quantity = local.size == null ? undecided("the size of the volume is not in this configuration") : local.size
    unit     = "GB"
  }
  component "Fast snapshot restore" {
    price    = price("AmazonEC2", "EBS:FastSnapshotRestore")
    quantity = usage.fast_snapshot_restore_hours
    unit     = "DSU-hours"
  }
  component "ListChangedBlocks & ListSnapshotBlocks API requests" {
    price    = price("AmazonEC2", "EBS:directAPI.snapshot.List")
    quantity = usage.monthly_list_block_requests
    unit     = "1k requests"
    scale    = 1000
  }
  component "GetSnapshotBlock API requests" {
    price    = price("AmazonEC2", "EBS:directAPI.snapshot.Get")
    quantity = usage.monthly_get_block_requests
    unit     = "1k SnapshotAPIUnits"
    scale    = 1000
  }
  component "PutSnapshotBlock API requests" {
    price    = price("AmazonEC2", "EBS:directAPI.snapshot.Put")
    quantity = usage.monthly_put_block_requests
    unit     = "1k SnapshotAPIUnits"
    scale    = 1000
  }

  example {
    # 10 GB × 0.05; 100 h × 0.75; a million lists × 0.0006 a thousand; 100,000 gets × 0.003 and puts × 0.006 a thousand.
    usage = { fast_snapshot_restore_hours = 100, monthly_list_block_requests = 1000000, monthly_get_block_requests = 100000, monthly_put_block_requests = 100000 }
    expected = {
      "EBS snapshot storage"                                = "0.5"
      "Fast snapshot restore"                               = "75"
      "ListChangedBlocks & ListSnapshotBlocks API requests" = "0.6"
      "GetSnapshotBlock API requests"                       = "0.3"
      "PutSnapshotBlock API requests"                       = "0.6"
    }
    resource "aws_ebs_volume" "data" {
      availability_zone = "us-east-1a"
      size              = 10
    }
    resource "aws_ebs_snapshot" "data" {
      volume_id = aws_ebs_volume.data.id
    }
  }
}

# Its instances cost nothing besides.
cost "aws_ec2_host" {
  usage {
    reserved_instance_term           = ["Term of a reservation", "1_year", "3_year"]
    reserved_instance_payment_option = ["Payment of a reservation", "no_upfront", "partial_upfront", "all_upfront"]
  }
  locals {
    family = self.instance_family == null ? split(".", self.instance_type)[0] : self.instance_family
    reserved = usage_or(usage.reserved_instance_term, null) == null ? null : {
      termType            = "Reserved"
      LeaseContractLength = { "1_year" = "1yr", "3_year" = "3yr" }[usage.reserved_instance_term]
      PurchaseOption      = { no_upfront = "No Upfront", partial_upfront = "Partial Upfront", all_upfront = "All Upfront" }[usage_or(usage.reserved_instance_payment_option, "no_upfront")]
    }
  }
  component "EC2 Dedicated Host" {
    name     = "EC2 Dedicated Host (${local.reserved == null ? "on-demand" : "reserved"}, ${local.family})"
    price    = price("AmazonEC2", "HostUsage:${local.family}", merge({ tenancy = "Host" }, local.reserved == null ? {} : local.reserved))
    quantity = 730
    unit     = "hours"
  }

  example {
    # 730 h × 3.366.
    expected = { "EC2 Dedicated Host (on-demand, c5)" = "2457.18" }
    resource "aws_ec2_host" "main" {
      instance_type     = "c5.18xlarge"
      availability_zone = "us-east-1a"
    }
  }
}

cost "aws_ebs_fast_snapshot_restore" {
  component "Fast snapshot restore" {
    price    = price("AmazonEC2", "EBS:FastSnapshotRestore")
    quantity = 730
    unit     = "hours"
  }

  example {
    # One zone: 730 h × 0.75.
    expected = { "Fast snapshot restore" = "547.5" }
    resource "aws_ebs_fast_snapshot_restore" "main" {
      availability_zone = "us-east-1a"
      snapshot_id       = "snap-1"
    }
  }
}
