# Exercises: EKS, node groups, autoscaling and volumes: setproduct, index, splats, tags as blocks, legacy splat and index.

locals {
  cluster = "fleet"
  zones   = ["eu-central-1a", "eu-central-1b"]
  pools = {
    general = { types = ["m7g.large", "m6g.large"], min = 2, max = 10, labels = { tier = "general" } }
    gpu     = { types = ["g5.xlarge"], min = 0, max = 4, labels = { tier = "gpu" }, taints = ["nvidia.com/gpu=true:NoSchedule"] }
  }

  # Every pool in every zone.
  pool_zones = { for pair in setproduct(keys(local.pools), local.zones) : join("/", pair) => { pool = pair[0], zone = pair[1] } }

  asg_tags = merge(
    { for key in ["Cluster", "Name"] : key => local.cluster },
    { "kubernetes.io/cluster/${local.cluster}" = "owned" },
  )
}

resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "node" {
  count = length(local.zones)

  vpc_id            = aws_vpc.main.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnets(aws_vpc.main.cidr_block, 4, 4, 8)[count.index]
  tags              = { "kubernetes.io/role/internal-elb" = 1 }
}

resource "aws_eip" "nat" {
  count  = min(length(local.zones), 1)
  domain = "vpc"
}

resource "aws_nat_gateway" "main" {
  count         = length(aws_eip.nat)
  allocation_id = aws_eip.nat.0.id
  subnet_id     = element(aws_subnet.node.*.id, count.index)
}

resource "aws_route_table" "node" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = one(aws_nat_gateway.main[*].id)
  }
}

resource "aws_iam_role" "eks" {
  for_each = { cluster = "eks", node = "ec2" }

  name = "${local.cluster}-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sts:AssumeRole", "sts:TagSession"], Principal = { Service = "${each.value}.amazonaws.com" } }]
  })
  managed_policy_arns = each.key == "node" ? formatlist("arn:aws:iam::aws:policy/%s", ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"]) : null
}

resource "aws_eks_cluster" "main" {
  name     = local.cluster
  version  = 1.31
  role_arn = aws_iam_role.eks["cluster"].arn

  enabled_cluster_log_types = ["audit", "api", "authenticator"]

  vpc_config {
    subnet_ids              = aws_subnet.node[*].id
    endpoint_private_access = true
    public_access_cidrs     = ["192.0.2.0/24"]
  }

  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    }
  }
}

resource "aws_eks_node_group" "pool" {
  for_each = local.pool_zones

  cluster_name    = aws_eks_cluster.main.name
  node_group_name = replace(each.key, "/", "-")
  node_role_arn   = aws_iam_role.eks["node"].arn
  subnet_ids      = [aws_subnet.node[index(local.zones, each.value.zone)].id]
  instance_types  = local.pools[each.value.pool].types
  labels          = merge(local.pools[each.value.pool].labels, { zone = substr(each.value.zone, -1, 1) })

  scaling_config {
    desired_size = max(local.pools[each.value.pool].min, 1)
    min_size     = local.pools[each.value.pool].min
    max_size     = local.pools[each.value.pool].max
  }

  dynamic "taint" {
    for_each = [for text in try(local.pools[each.value.pool].taints, []) : regex("^(?P<key>[^=]+)=(?P<value>[^:]*):(?P<effect>.+)$", text)]
    content {
      key    = taint.value.key
      value  = taint.value["value"]
      effect = { NoSchedule = "NO_SCHEDULE", NoExecute = "NO_EXECUTE" }[taint.value.effect]
    }
  }
}

resource "aws_launch_template" "spot" {
  name          = "${local.cluster}-spot"
  image_id      = "ami-0123456789abcdef0"
  user_data     = base64encode("#!/bin/sh\necho ${aws_eks_cluster.main.endpoint}\n")
  ebs_optimized = true

  instance_market_options {
    market_type = "spot"
  }
}

resource "aws_autoscaling_group" "spot" {
  name                = "${local.cluster}-spot"
  min_size            = 0
  max_size            = 3
  vpc_zone_identifier = aws_subnet.node[*].id

  mixed_instances_policy {
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.spot.id
        version            = aws_launch_template.spot.latest_version
      }

      dynamic "override" {
        for_each = distinct(flatten(values(local.pools)[*].types))
        content {
          instance_type     = override.value
          weighted_capacity = override.key + 1
        }
      }
    }

    instances_distribution {
      on_demand_base_capacity = 0
    }
  }

  dynamic "tag" {
    for_each = local.asg_tags
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
}

resource "aws_ebs_volume" "data" {
  count = 3

  availability_zone = element(local.zones, count.index)
  size              = pow(2, count.index + 3)
  type              = count.index % 2 == 0 ? "gp3" : "io2"
  iops              = count.index % 2 == 0 ? null : 3000
  throughput        = count.index == 2 ? 250 : null
}

output "volumes" {
  value = zipmap(formatlist("data-%d", range(3)), [for volume in aws_ebs_volume.data : "${volume.type}:${volume.size}@${volume.availability_zone}"])
}

output "node_groups" {
  value = [for key, group in aws_eks_node_group.pool : "${key}: ${join(",", group.instance_types)} ${group.scaling_config[0].max_size} ${length(group.taint)}"]
}

output "subnets" {
  value = { cidrs = aws_subnet.node.*.cidr_block, first = aws_subnet.node.0.availability_zone, sum = sum(aws_ebs_volume.data[*].size) }
}
