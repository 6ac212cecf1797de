# Containers on Fargate. AWS Fargate pricing page.

cost "aws_ecs_service" {
  usage {
    tasks = "Tasks that run, on average; those that the service wants where nothing is said"
  }
  locals {
    # Without a launch type and strategies of its own those of the cluster hold.
    defaults   = linked(linked(self, "aws_ecs_cluster"), "aws_ecs_cluster_capacity_providers").default_capacity_provider_strategy
    strategies = self.launch_type == null && length(self.capacity_provider_strategy) == 0 && local.defaults != null ? local.defaults : self.capacity_provider_strategy
    providers  = [for s in local.strategies : s.capacity_provider]
    fargate    = self.launch_type == "FARGATE" || contains(local.providers, "FARGATE") || contains(local.providers, "FARGATE_SPOT")
    # The weights share the tasks out; what the bases of the strategies take first is a matter of a few tasks.
    weight     = sum(concat([0], [for s in local.strategies : s.weight == null ? 0 : s.weight]))
    spot       = sum(concat([0], [for s in local.strategies : s.weight == null ? 0 : s.weight if s.capacity_provider == "FARGATE_SPOT"]))
    definition = linked(self, "aws_ecs_task_definition")
    system     = local.definition.runtime_platform.operating_system_family
    windows    = local.system != null && startswith(local.system, "WINDOWS")
    arm        = local.definition.runtime_platform.cpu_architecture == "ARM64"
    infix      = local.windows ? "Windows-" : (local.arm ? "ARM-" : "")
    # 256 or ".25 vCPU", 512 or "0.5 GB".
    cpu        = length(local.definition) == 0 ? undecided("the task definition is not in this configuration") : (local.definition.cpu == null ? undecided("the task definition does not say how much CPU it gets") : (endswith(lower(local.definition.cpu), "vcpu") ? tonumber(trimspace(replace(lower(local.definition.cpu), "vcpu", ""))) : local.definition.cpu / 1024))
    memory     = length(local.definition) == 0 ? undecided("the task definition is not in this configuration") : (local.definition.memory == null ? undecided("the task definition does not say how much memory it gets") : (endswith(lower(local.definition.memory), "gb") ? tonumber(trimspace(replace(lower(local.definition.memory), "gb", ""))) : local.definition.memory / 1024))
    storage    = local.definition.ephemeral_storage.size_in_gib
    scaling    = linked(self, "aws_appautoscaling_target")
    wanted     = self.scheduling_strategy == "DAEMON" ? undecided("a daemon runs on every machine of the cluster") : (length(local.scaling) > 0 ? between(local.scaling.min_capacity, local.scaling.max_capacity) : (self.desired_count == null ? 0 : self.desired_count))
    tasks      = usage_or(usage.tasks, local.wanted)
    on_demand  = local.weight == 0 ? (contains(local.providers, "FARGATE_SPOT") && !contains(local.providers, "FARGATE") ? 0 : 1) : (local.weight - local.spot) / local.weight
    shares = concat(
      local.on_demand > 0 ? [{ group = null, prefix = "", share = local.on_demand }] : [],
      local.on_demand < 1 ? [{ group = "Spot", prefix = "SpotUsage-", share = 1 - local.on_demand }] : []
    )
  }
  # On machines of one's own a service costs what these do.
  when = local.fargate
  component "Per GB per hour" {
    for_each = local.shares
    group    = each.value.group
    price    = price("AmazonECS", "${each.value.prefix}Fargate-${local.infix}GB-Hours")
    quantity = local.tasks * local.memory * each.value.share * 730
    unit     = "GB"
    scale    = 730
  }
  component "Per vCPU per hour" {
    for_each = local.shares
    group    = each.value.group
    price    = price("AmazonECS", "${each.value.prefix}Fargate-${local.infix}vCPU-Hours:perCPU")
    quantity = local.tasks * local.cpu * each.value.share * 730
    unit     = "CPU"
    scale    = 730
  }
  component "Windows licence per vCPU per hour" {
    for_each = local.windows ? local.shares : []
    group    = each.value.group
    price    = price("AmazonECS", "Fargate-Windows-OS-Hours:perCPU")
    quantity = local.tasks * local.cpu * each.value.share * 730
    unit     = "CPU"
    scale    = 730
  }
  component "Ephemeral storage" {
    # 20 GB are included.
    when     = local.storage > 20
    price    = price("AmazonECS", "Fargate-EphemeralStorage-GB-Hours")
    quantity = local.tasks * (local.storage - 20) * 730
    unit     = "GB-hours"
  }

  example {
    # The cluster's strategy: half on demand, half on Spot. 2 × 0.5 × 0.25 vCPU × 730 × 0.04048, 2 × 0.5 × 0.5 GB × 730 × 0.004445.
    expected = {
      "Per vCPU per hour"        = "7.3876"
      "Per GB per hour"          = "1.622425"
      "Spot / Per vCPU per hour" = "unpriced"
      "Spot / Per GB per hour"   = "unpriced"
    }
    resource "aws_ecs_cluster" "main" {
      name = "main"
    }
    resource "aws_ecs_cluster_capacity_providers" "main" {
      cluster_name       = aws_ecs_cluster.main.name
      capacity_providers = ["FARGATE", "FARGATE_SPOT"]
      default_capacity_provider_strategy {
        capacity_provider = "FARGATE"
        weight            = 1
      }
      default_capacity_provider_strategy {
        capacity_provider = "FARGATE_SPOT"
        weight            = 1
      }
    }
    resource "aws_ecs_task_definition" "main" {
      family                = "main"
      cpu                   = 256
      memory                = 512
      container_definitions = "[]"
    }
    resource "aws_ecs_service" "main" {
      name            = "main"
      cluster         = aws_ecs_cluster.main.id
      task_definition = aws_ecs_task_definition.main.arn
      desired_count   = 2
    }
  }
  example {
    # Three tasks × 730 h: 2 GB × 0.004445 and 1 vCPU × 0.04048.
    expected = { "Per GB per hour" = "19.4691", "Per vCPU per hour" = "88.6512" }
    resource "aws_ecs_task_definition" "api" {
      family                   = "api"
      container_definitions    = "[]"
      requires_compatibilities = ["FARGATE"]
      network_mode             = "awsvpc"
      cpu                      = "1024"
      memory                   = "2048"
    }
    resource "aws_ecs_service" "api" {
      name            = "api"
      launch_type     = "FARGATE"
      desired_count   = 3
      task_definition = aws_ecs_task_definition.api.arn
    }
  }
  example {
    # ARM, four tasks × 730 h: 1 GB × 0.00356, 0.5 vCPU × 0.03238; 30 GB beyond the 20 × 0.000111.
    expected = {
      "Per GB per hour"   = "10.3952"
      "Per vCPU per hour" = "47.2748"
      "Ephemeral storage" = "9.7236"
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      container_definitions = "[]"
      cpu                   = "0.5 vCPU"
      memory                = "1 GB"
      runtime_platform {
        cpu_architecture = "ARM64"
      }
      ephemeral_storage {
        size_in_gib = 50
      }
    }
    resource "aws_ecs_service" "api" {
      name            = "api"
      launch_type     = "FARGATE"
      desired_count   = 4
      task_definition = aws_ecs_task_definition.api.arn
    }
  }
  example {
    expected = {}
    resource "aws_ecs_service" "api" {
      name            = "api"
      launch_type     = "EC2"
      task_definition = "api"
    }
  }
}
