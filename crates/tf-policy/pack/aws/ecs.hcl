# Amazon ECS: clusters, services and task definitions.

policy "aws-ecs-container-insights" {
  title    = "ECS clusters have Container Insights"
  severity = "low"
  resource = ["aws_ecs_cluster"]
  checkov  = ["CKV_AWS_65"]
  frameworks = {
    soc2        = ["CC7.2"]
    iso27001    = ["A.8.16"]
    nist_800_53 = ["SI-4"]
  }
  why = "Without it there are no metrics of single tasks and containers when something goes wrong."
  fix = "Add a setting block with name = \"containerInsights\" and value = \"enhanced\" or \"enabled\"."

  condition = anytrue([
    for s in self.setting : s.name == "containerInsights" && contains(["enabled", "enhanced"], s.value)
  ])
  message = "Container Insights is not on"

  pass {
    resource "aws_ecs_cluster" "main" {
      name = "main"
      setting {
        name  = "containerInsights"
        value = "enhanced"
      }
    }
  }
  fail {
    resource "aws_ecs_cluster" "main" {
      name = "main"
    }
  }
  fail {
    resource "aws_ecs_cluster" "main" {
      name = "main"
      setting {
        name  = "containerInsights"
        value = "disabled"
      }
    }
  }
  unknown {
    variable "insights" {
      type = string
    }
    resource "aws_ecs_cluster" "main" {
      name = "main"
      setting {
        name  = "containerInsights"
        value = var.insights
      }
    }
  }
}

policy "aws-ecs-exec-logged" {
  title    = "Commands that people run in containers are logged"
  severity = "medium"
  resource = ["aws_ecs_cluster"]
  checkov  = ["CKV_AWS_223"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "With NONE nobody can say afterwards what was typed into a running container."
  fix = "Set logging to DEFAULT or OVERRIDE in execute_command_configuration."

  condition = self.configuration.execute_command_configuration.logging != "NONE"

  pass {
    resource "aws_ecs_cluster" "main" {
      name = "main"
      configuration {
        execute_command_configuration {
          logging = "DEFAULT"
        }
      }
    }
    resource "aws_ecs_cluster" "plain" {
      name = "plain"
    }
  }
  fail {
    resource "aws_ecs_cluster" "main" {
      name = "main"
      configuration {
        execute_command_configuration {
          logging = "NONE"
        }
      }
    }
  }
  unknown {
    variable "logging" {
      type = string
    }
    resource "aws_ecs_cluster" "main" {
      name = "main"
      configuration {
        execute_command_configuration {
          logging = var.logging
        }
      }
    }
  }
}

policy "aws-ecs-exec-encrypted" {
  title    = "Sessions in containers and their logs are encrypted with a key of your own"
  severity = "low"
  resource = ["aws_ecs_cluster"]
  checkov  = ["CKV_AWS_224"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.6.1"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "What people type into containers, and what they see there, holds secrets and data of customers."
  fix = "Set kms_key_id, and in log_configuration cloud_watch_encryption_enabled or s3_bucket_encryption_enabled."

  when = alltrue([
    length(self.configuration.execute_command_configuration) > 0,
    self.configuration.execute_command_configuration.logging != "NONE",
  ])
  condition = alltrue([
    self.configuration.execute_command_configuration.kms_key_id != null || exists(linked(self, "aws_kms_key")),
    anytrue([
      self.configuration.execute_command_configuration.log_configuration.cloud_watch_encryption_enabled == true,
      self.configuration.execute_command_configuration.log_configuration.s3_bucket_encryption_enabled == true,
    ]),
  ])
  attribute = "configuration.execute_command_configuration.kms_key_id"
  message   = "sessions or their logs are not encrypted with a key of your own"

  pass {
    resource "aws_kms_key" "exec" {
      enable_key_rotation = true
    }
    resource "aws_ecs_cluster" "main" {
      name = "main"
      configuration {
        execute_command_configuration {
          kms_key_id = aws_kms_key.exec.arn
          logging    = "OVERRIDE"
          log_configuration {
            cloud_watch_encryption_enabled = true
            cloud_watch_log_group_name     = "/ecs/exec"
          }
        }
      }
    }
  }
  fail {
    resource "aws_ecs_cluster" "main" {
      name = "main"
      configuration {
        execute_command_configuration {
          logging = "OVERRIDE"
          log_configuration {
            cloud_watch_encryption_enabled = true
            cloud_watch_log_group_name     = "/ecs/exec"
          }
        }
      }
    }
  }
  fail {
    resource "aws_ecs_cluster" "main" {
      name = "main"
      configuration {
        execute_command_configuration {
          kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        }
      }
    }
  }
}

policy "aws-ecs-service-no-public-ip" {
  title    = "ECS services ask for no public addresses"
  severity = "high"
  resource = ["aws_ecs_service"]
  checkov  = ["CKV_AWS_333"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Each task can be reached from the internet as soon as its security group is opened too far."
  fix = "Leave assign_public_ip out and reach the tasks through a load balancer."

  condition = self.network_configuration.assign_public_ip != true

  pass {
    resource "aws_ecs_service" "api" {
      name            = "api"
      task_definition = "api:1"
      network_configuration {
        subnets = ["subnet-0123456789abcdef0"]
      }
    }
  }
  fail {
    resource "aws_ecs_service" "api" {
      name            = "api"
      task_definition = "api:1"
      network_configuration {
        subnets          = ["subnet-0123456789abcdef0"]
        assign_public_ip = true
      }
    }
  }
  unknown {
    variable "public" {
      type = bool
    }
    resource "aws_ecs_service" "api" {
      name            = "api"
      task_definition = "api:1"
      network_configuration {
        subnets          = ["subnet-0123456789abcdef0"]
        assign_public_ip = var.public
      }
    }
  }
}

policy "aws-ecs-fargate-latest" {
  title    = "Fargate services run on the latest platform version"
  severity = "low"
  resource = ["aws_ecs_service"]
  checkov  = ["CKV_AWS_332"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["6.3.1", "6.3.3"]
    iso27001    = ["A.8.8"]
    nist_800_53 = ["RA-5", "SI-2"]
  }
  why = "A pinned platform version gets no patches of its kernel and runtime once it is out of support."
  fix = "Leave platform_version out, or set it to LATEST."

  when      = self.launch_type == "FARGATE"
  condition = self.platform_version == null || self.platform_version == "LATEST"

  pass {
    resource "aws_ecs_service" "api" {
      name            = "api"
      task_definition = "api:1"
      launch_type     = "FARGATE"
    }
    resource "aws_ecs_service" "latest" {
      name             = "latest"
      task_definition  = "api:1"
      launch_type      = "FARGATE"
      platform_version = "LATEST"
    }
  }
  fail {
    resource "aws_ecs_service" "api" {
      name             = "api"
      task_definition  = "api:1"
      launch_type      = "FARGATE"
      platform_version = "1.3.0"
    }
  }
  unknown {
    variable "platform" {
      type = string
    }
    resource "aws_ecs_service" "api" {
      name             = "api"
      task_definition  = "api:1"
      launch_type      = "FARGATE"
      platform_version = var.platform
    }
  }
}

policy "aws-ecs-task-efs-encrypted" {
  title    = "Tasks talk to EFS over TLS"
  severity = "medium"
  resource = ["aws_ecs_task_definition"]
  checkov  = ["CKV_AWS_97"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "Files go through the network in plain text otherwise."
  fix = "Set transit_encryption = \"ENABLED\" in each efs_volume_configuration."

  # Checkov looks at the first such volume only.
  condition = alltrue([
    for efs in flatten(self.volume[*].efs_volume_configuration) : efs.transit_encryption == "ENABLED"
  ])
  message = "an EFS volume is mounted without TLS"

  pass {
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
      volume {
        name = "scratch"
      }
      volume {
        name = "shared"
        efs_volume_configuration {
          file_system_id     = "fs-0123456789abcdef0"
          transit_encryption = "ENABLED"
        }
      }
    }
    resource "aws_ecs_task_definition" "plain" {
      family                = "plain"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  fail {
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
      volume {
        name = "shared"
        efs_volume_configuration {
          file_system_id = "fs-0123456789abcdef0"
        }
      }
    }
  }
  unknown {
    variable "encryption" {
      type = string
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
      volume {
        name = "shared"
        efs_volume_configuration {
          file_system_id     = "fs-0123456789abcdef0"
          transit_encryption = var.encryption
        }
      }
    }
  }
}

policy "aws-ecs-task-not-privileged" {
  title    = "Containers are not privileged"
  severity = "high"
  resource = ["aws_ecs_task_definition"]
  checkov  = ["CKV_AWS_334"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "A privileged container is root on the machine that it runs on, and reaches all others there."
  fix = "Remove privileged from the container definition, and add single capabilities where one is needed."

  # Checkov reads a field "privilege", which ECS does not have, and so never fails.
  condition = alltrue([for c in try(jsondecode(self.container_definitions), []) : c.privileged != true])
  attribute = "container_definitions"
  message   = "a container is privileged"

  pass {
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  fail {
    resource "aws_ecs_task_definition" "api" {
      family = "api"
      container_definitions = jsonencode([
        { name = "api", image = "api:1" },
        { name = "agent", image = "agent:1", privileged = true },
      ])
    }
  }
  unknown {
    variable "containers" {
      type = string
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      container_definitions = var.containers
    }
  }
}

policy "aws-ecs-task-own-process-namespace" {
  title    = "Tasks do not see the processes of the host"
  severity = "high"
  resource = ["aws_ecs_task_definition"]
  checkov  = ["CKV_AWS_335"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "With the processes of the host a container reads the memory and environment of all others there, or stops them."
  fix = "Remove pid_mode = \"host\"."

  # The mode is an argument of the task; Checkov looks for it in the containers only.
  condition = self.pid_mode != "host" && alltrue([for c in try(jsondecode(self.container_definitions), []) : c.pidMode != "host"])
  message   = "the task shares the process namespace of the host"

  pass {
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      pid_mode              = "task"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  fail {
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      pid_mode              = "host"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  fail {
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      container_definitions = jsonencode([{ name = "api", image = "api:1", pidMode = "host" }])
    }
  }
  unknown {
    variable "mode" {
      type = string
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      pid_mode              = var.mode
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
}

policy "aws-ecs-task-read-only-root" {
  title    = "Containers cannot write to their root file system"
  severity = "medium"
  resource = ["aws_ecs_task_definition"]
  checkov  = ["CKV_AWS_336"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["2.2.1"]
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-6"]
  }
  why = "Whoever gets into the container can replace programs and leave tools behind."
  fix = "Set readonlyRootFilesystem = true in each container definition and mount volumes for what is written."

  # Windows has no such setting; Checkov fails it.
  when      = !matches(self.runtime_platform.operating_system_family, "^WINDOWS")
  condition = alltrue([for c in try(jsondecode(self.container_definitions), []) : c.readonlyRootFilesystem == true])
  attribute = "container_definitions"
  message   = "a container may write to its root file system"

  pass {
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      container_definitions = jsonencode([{ name = "api", image = "api:1", readonlyRootFilesystem = true }])
    }
  }
  fail {
    resource "aws_ecs_task_definition" "api" {
      family = "api"
      container_definitions = jsonencode([
        { name = "api", image = "api:1", readonlyRootFilesystem = true },
        { name = "agent", image = "agent:1" },
      ])
    }
  }
  unknown {
    variable "containers" {
      type = string
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      container_definitions = var.containers
    }
  }
}

policy "aws-ecs-task-separate-roles" {
  title    = "Tasks have another role than the one that starts them"
  severity = "medium"
  resource = ["aws_ecs_task_definition"]
  checkov  = ["CKV_AWS_249"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "The execution role may read the secrets and images of the task; the application need not."
  fix = "Make two roles: execution_role_arn for ECS, task_role_arn for the application."

  condition = self.execution_role_arn == null || self.task_role_arn == null || !same(self.execution_role_arn, self.task_role_arn)
  message   = "one role starts the task and is used by it"

  pass {
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      execution_role_arn    = "arn:aws:iam::111122223333:role/api-execution"
      task_role_arn         = "arn:aws:iam::111122223333:role/api"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
    resource "aws_ecs_task_definition" "plain" {
      family                = "plain"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  # Neither ARN is known before the roles are made, but that they are two is.
  pass {
    resource "aws_iam_role" "execution" {
      assume_role_policy = "{}"
    }
    resource "aws_iam_role" "task" {
      assume_role_policy = "{}"
    }
    locals {
      role = aws_iam_role.task.arn
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      execution_role_arn    = aws_iam_role.execution.arn
      task_role_arn         = local.role
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  pass {
    resource "aws_iam_role" "task" {
      for_each           = toset(["api", "worker"])
      assume_role_policy = "{}"
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      execution_role_arn    = aws_iam_role.task["worker"].arn
      task_role_arn         = aws_iam_role.task["api"].arn
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  fail {
    resource "aws_iam_role" "task" {
      assume_role_policy = "{}"
    }
    locals {
      role = aws_iam_role.task.arn
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      execution_role_arn    = aws_iam_role.task.arn
      task_role_arn         = local.role
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  fail {
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      execution_role_arn    = "arn:aws:iam::111122223333:role/api"
      task_role_arn         = "arn:aws:iam::111122223333:role/api"
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  # What is made of a role's ARN may be another's.
  unknown {
    resource "aws_iam_role" "task" {
      assume_role_policy = "{}"
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      execution_role_arn    = aws_iam_role.task.arn
      task_role_arn         = replace(aws_iam_role.task.arn, "task", "execution")
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  # A role that this root makes and one that it reads may be one.
  unknown {
    data "aws_iam_role" "task" {
      name = "task"
    }
    resource "aws_iam_role" "task" {
      assume_role_policy = "{}"
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      execution_role_arn    = aws_iam_role.task.arn
      task_role_arn         = data.aws_iam_role.task.arn
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
  unknown {
    variable "role" {
      type = string
    }
    resource "aws_ecs_task_definition" "api" {
      family                = "api"
      execution_role_arn    = "arn:aws:iam::111122223333:role/api"
      task_role_arn         = var.role
      container_definitions = jsonencode([{ name = "api", image = "api:1" }])
    }
  }
}

policy "aws-ecs-task-no-secrets" {
  title    = "Container definitions hold no credentials"
  severity = "high"
  resource = ["aws_ecs_task_definition"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.6.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.312(d)"]
    nist_800_53 = ["IA-5"]
  }
  why = "Everyone who may describe the task reads them; they stay in each revision and in the state."
  fix = "Put the value in Secrets Manager or SSM, name it under secrets, and revoke the one written here."

  condition = length(secrets(try(jsondecode(self.container_definitions), []))) == 0
  attribute = "container_definitions"
  message   = "a credential is written at ${join(", ", secrets(try(jsondecode(self.container_definitions), [])))}"

  pass {
    resource "aws_ecs_task_definition" "api" {
      family = "api"
      container_definitions = jsonencode([{
        name        = "api"
        image       = "api:1"
        environment = [{ name = "STAGE", value = "production" }]
        secrets     = [{ name = "DB_PASSWORD", valueFrom = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db" }]
      }])
    }
  }
  fail {
    resource "aws_ecs_task_definition" "api" {
      family = "api"
      container_definitions = jsonencode([{
        name        = "api"
        image       = "api:1"
        environment = [{ name = "DATABASE_URL", value = "postgres://app:not-a-real-one@db.internal/app" }]
      }])
    }
  }
}
