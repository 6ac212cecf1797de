mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name               = "shop-dev"
  kubernetes_version = "1.33"
  subnet_ids         = ["subnet-1", "subnet-2"]
  kms_key_arn        = "arn:aws:kms:eu-central-1:111122223333:key/data"
  logs               = { kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/logs" }
  access_entries     = {}
  node_groups        = { main = { instance_types = ["m7i.large"] } }
}

run "api_for_the_internet" {
  command = plan

  variables {
    public_endpoint_cidr_blocks = ["0.0.0.0/0"]
  }

  expect_failures = [var.public_endpoint_cidr_blocks]
}

run "version_as_a_number" {
  command = plan

  variables {
    kubernetes_version = 1.30
  }

  expect_failures = [var.kubernetes_version]
}

run "one_subnet" {
  command = plan

  variables {
    subnet_ids = ["subnet-1"]
  }

  expect_failures = [var.subnet_ids]
}

run "key_by_alias" {
  command = plan

  variables {
    kms_key_arn = "alias/data"
  }

  expect_failures = [var.kms_key_arn]
}

run "entry_that_allows_nothing" {
  command = plan

  variables {
    access_entries = { operators = { principal_arn = "arn:aws:iam::111122223333:role/operators" } }
  }

  expect_failures = [var.access_entries]
}

run "entry_for_masters" {
  command = plan

  variables {
    access_entries = { operators = { principal_arn = "arn:aws:iam::111122223333:role/operators", kubernetes_groups = ["system:masters"] } }
  }

  expect_failures = [var.access_entries]
}

run "spot_of_one_type" {
  command = plan

  variables {
    node_groups = { main = { instance_types = ["m7i.large"], spot = true } }
  }

  expect_failures = [var.node_groups]
}

run "more_nodes_than_the_most" {
  command = plan

  variables {
    node_groups = { main = { instance_types = ["m7i.large"], max_size = 3, desired_size = 4 } }
  }

  expect_failures = [var.node_groups]
}

run "image_out_of_support" {
  command = plan

  variables {
    node_groups = { main = { instance_types = ["m7i.large"], ami_type = "AL2_x86_64" } }
  }

  expect_failures = [var.node_groups]
}

run "nodes_that_cannot_join" {
  command = plan

  variables {
    node_managed_policies = ["AmazonEKS_CNI_Policy"]
  }

  expect_failures = [var.node_managed_policies]
}

run "configuration_that_is_not_json" {
  command = plan

  variables {
    addons = { coredns = { configuration = "replicaCount: 2" } }
  }

  expect_failures = [var.addons]
}

run "addon_of_an_unknown_workload" {
  command = plan

  variables {
    addons = { vpc-cni = { irsa_workload = "cni" } }
  }

  expect_failures = [var.addons]
}

run "workload_of_every_namespace" {
  command = plan

  variables {
    workloads = { receipts = { namespace = "*", service_account = "receipts" } }
  }

  expect_failures = [var.workloads]
}

run "range_of_services_in_public" {
  command = plan

  variables {
    service_cidr_block = "8.8.0.0/16"
  }

  expect_failures = [var.service_cidr_block]
}

run "irsa_without_a_provider" {
  command = plan

  variables {
    workloads = { receipts = { namespace = "shop", service_account = "receipts", identity = "irsa" } }
  }

  expect_failures = [var.oidc_provider]
}
