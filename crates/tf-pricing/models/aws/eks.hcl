# Kubernetes. AWS EKS pricing page.

cost "aws_eks_cluster" {
  locals {
    # Versions beyond their standard support, for which an hour costs five times as much again.
    old = contains(["1.10", "1.11", "1.12", "1.13", "1.14", "1.15", "1.16", "1.17", "1.18", "1.19", "1.20", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33"], self.version)
    extended = local.old && self.upgrade_policy.support_type != "STANDARD"
  }
  component "EKS cluster" {
    price    = price("AmazonEKS", "AmazonEKS-Hours:perCluster")
    quantity = 730
    unit     = "hours"
  }
  component "EKS cluster (extended support)" {
    when     = local.extended
    price    = price("AmazonEKS", "AmazonEKS-Hours:extendedSupport")
    quantity = 730
    unit     = "hours"
  }

  example {
    # 730 h × 0.10.
    expected = { "EKS cluster" = "73" }
    resource "aws_eks_cluster" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::111122223333:role/x"
      vpc_config {
        subnet_ids = ["subnet-1", "subnet-2"]
      }
    }
  }
  example {
    # 730 h × 0.10 and × 0.50.
    expected = { "EKS cluster" = "73", "EKS cluster (extended support)" = "365" }
    resource "aws_eks_cluster" "main" {
      name     = "main"
      version  = "1.27"
      role_arn = "arn:aws:iam::111122223333:role/x"
      vpc_config {
        subnet_ids = ["subnet-1", "subnet-2"]
      }
    }
  }
}

cost "aws_eks_node_group" {
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
    template = length(self.launch_template) > 0 ? linked(self, "aws_launch_template") : []
    types    = distinct([for t in self.instance_types : t])
    type     = length(local.types) == 1 ? local.types[0] : (length(local.types) > 1 ? undecided("the node group chooses among ${join(", ", local.types)}") : (length(self.launch_template) == 0 ? "t3.medium" : local.template.instance_type))
    os       = usage_or(usage.operating_system, self.ami_type != null && startswith(self.ami_type, "WINDOWS") ? "windows" : "linux")
    hours    = 730
    reserved = usage_or(usage.reserved_instance_term, null) == null ? null : {
      termType            = "Reserved"
      LeaseContractLength = { "1_year" = "1yr", "3_year" = "3yr" }[usage.reserved_instance_term]
      OfferingClass       = usage_or(usage.reserved_instance_type, "standard")
      PurchaseOption      = { no_upfront = "No Upfront", partial_upfront = "Partial Upfront", all_upfront = "All Upfront" }[usage_or(usage.reserved_instance_payment_option, "no_upfront")]
    }
    count = usage_or(usage.instances, self.scaling_config.desired_size)
    machines = [{
      group         = length(local.template) > 0 ? local.template.address : null
      type          = local.type
      count         = local.count
      spot          = self.capacity_type == "SPOT"
      tenancy       = local.template.placement.tenancy
      monitoring    = local.template.monitoring.enabled == true
      ebs_optimized = local.template.ebs_optimized == true
      # T3 and later are unlimited unless they are told otherwise, T2 the other way round.
      unlimited = local.template.credit_specification.cpu_credits == null ? split(".", local.type)[0] != "t2" : local.template.credit_specification.cpu_credits == "unlimited"
    }]
    volumes = length(self.launch_template) == 0 ? [{
      group      = null
      type       = "gp2"
      size       = self.disk_size == null ? (local.os == "windows" ? 50 : 20) : self.disk_size
      iops       = null
      throughput = null
      count      = local.count
      }] : [for mapping in local.template.block_device_mappings : {
      group      = "${local.template.address} / block_device_mapping ${mapping.device_name}"
      type       = mapping.ebs.volume_type == null ? "gp2" : mapping.ebs.volume_type
      size       = mapping.ebs.volume_size == null ? undecided("the image or snapshot decides how large the volume is") : mapping.ebs.volume_size
      iops       = mapping.ebs.iops
      throughput = mapping.ebs.throughput
      count      = local.count
    } if length(mapping.ebs) > 0]
  }

  example {
    # Two × 730 h × 0.096; two × 20 GB × 0.10.
    expected = {
      "Instance usage (Linux/UNIX, on-demand, m5.large)" = "140.16"
      "Storage (general purpose SSD, gp2)"               = "4"
    }
    resource "aws_eks_node_group" "main" {
      cluster_name   = "main"
      node_role_arn  = "arn:aws:iam::111122223333:role/x"
      subnet_ids     = ["subnet-1"]
      instance_types = ["m5.large"]
      scaling_config {
        desired_size = 2
        min_size     = 1
        max_size     = 4
      }
    }
  }
}

cost "aws_eks_fargate_profile" {
  usage {
    vcpu      = "vCPUs of the pods that run, on average"
    memory_gb = "GB of memory of the pods that run, on average"
  }
  component "Per GB per hour" {
    price    = price("AmazonEKS", "Fargate-GB-Hours")
    quantity = usage.memory_gb * 730
    unit     = "GB"
    scale    = 730
  }
  component "Per vCPU per hour" {
    price    = price("AmazonEKS", "Fargate-vCPU-Hours:perCPU")
    quantity = usage.vcpu * 730
    unit     = "CPU"
    scale    = 730
  }

  example {
    # 730 h: 4 GB × 0.004445 and 2 vCPUs × 0.04048.
    usage    = { vcpu = 2, memory_gb = 4 }
    expected = { "Per GB per hour" = "12.9794", "Per vCPU per hour" = "59.1008" }
    resource "aws_eks_fargate_profile" "main" {
      cluster_name           = "main"
      fargate_profile_name   = "main"
      pod_execution_role_arn = "arn:aws:iam::111122223333:role/x"
      selector {
        namespace = "default"
      }
    }
  }
}
