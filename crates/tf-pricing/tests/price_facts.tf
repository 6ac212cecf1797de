# One of each kind, for the lines whose labels name no type.

resource "aws_instance" "monitored" {
  ami           = "a"
  instance_type = "t3.medium"
  monitoring    = true
  root_block_device {
    volume_type = "gp2"
    volume_size = 10
  }
  ebs_block_device {
    device_name = "/dev/sdb"
    volume_type = "gp3"
    volume_size = 10
    iops        = 4000
    throughput  = 200
  }
  ebs_block_device {
    device_name = "/dev/sdc"
    volume_type = "io1"
    volume_size = 10
    iops        = 100
  }
  ebs_block_device {
    device_name = "/dev/sdd"
    volume_type = "st1"
    volume_size = 10
  }
  ebs_block_device {
    device_name = "/dev/sde"
    volume_type = "sc1"
    volume_size = 10
  }
  ebs_block_device {
    device_name = "/dev/sdf"
    volume_type = "standard"
    volume_size = 10
  }
  ebs_block_device {
    device_name = "/dev/sdg"
    volume_type = "io2"
    volume_size = 10
    iops        = 100
  }
}
resource "aws_instance" "old" {
  ami           = "a"
  instance_type = "r3.xlarge"
  ebs_optimized = true
}
resource "aws_launch_template" "fleet" {
  image_id      = "a"
  instance_type = "t3.medium"
  monitoring {
    enabled = true
  }
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_type = "gp2"
      volume_size = 10
    }
  }
  block_device_mappings {
    device_name = "/dev/xvdb"
    ebs {
      volume_type = "gp3"
      volume_size = 10
    }
  }
  block_device_mappings {
    device_name = "/dev/xvdc"
    ebs {
      volume_type = "io1"
      volume_size = 10
      iops        = 100
    }
  }
}
resource "aws_launch_template" "old_fleet" {
  image_id      = "a"
  instance_type = "r3.xlarge"
  ebs_optimized = true
}
resource "aws_autoscaling_group" "fleet" {
  min_size = 1
  max_size = 1
  launch_template {
    id = aws_launch_template.fleet.id
  }
}
resource "aws_autoscaling_group" "old_fleet" {
  min_size = 1
  max_size = 1
  launch_template {
    id = aws_launch_template.old_fleet.id
  }
}
resource "aws_eks_node_group" "fleet" {
  cluster_name  = "a"
  node_role_arn = "a"
  subnet_ids    = ["a"]
  launch_template {
    id      = aws_launch_template.fleet.id
    version = "1"
  }
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}
resource "aws_ebs_volume" "each" {
  for_each          = toset(["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"])
  availability_zone = "a"
  type              = each.key
  size              = 10
  iops              = contains(["gp3", "io1", "io2"], each.key) ? 4000 : null
  throughput        = each.key == "gp3" ? 200 : null
}
resource "aws_ebs_snapshot" "one" {
  volume_id = aws_ebs_volume.each["gp2"].id
}
resource "aws_ebs_snapshot_copy" "one" {
  source_region      = "us-east-1"
  source_snapshot_id = aws_ebs_snapshot.one.id
}
resource "aws_eip" "spare" {
}
resource "aws_nat_gateway" "one" {
  subnet_id = "a"
}
resource "aws_vpc_endpoint" "each" {
  for_each          = toset(["Interface", "GatewayLoadBalancer"])
  vpc_id            = "a"
  service_name      = "a"
  vpc_endpoint_type = each.key
}
resource "aws_lb" "each" {
  for_each           = toset(["application", "network"])
  load_balancer_type = each.key
  subnets            = ["a"]
}
resource "aws_alb" "one" {
  subnets = ["a"]
}
resource "aws_elb" "one" {
  subnets = ["a"]
  listener {
    instance_port     = 80
    instance_protocol = "http"
    lb_port           = 80
    lb_protocol       = "http"
  }
}
resource "aws_ec2_transit_gateway_vpc_attachment" "one" {
  subnet_ids         = ["a"]
  transit_gateway_id = "a"
  vpc_id             = "a"
}
resource "aws_ec2_transit_gateway_peering_attachment" "one" {
  peer_region             = "us-west-2"
  peer_transit_gateway_id = "a"
  transit_gateway_id      = "a"
}
resource "aws_vpn_connection" "one" {
  customer_gateway_id = "a"
  transit_gateway_id  = "a"
  type                = "ipsec.1"
}
resource "aws_ec2_client_vpn_endpoint" "one" {
  client_cidr_block      = "10.0.0.0/22"
  server_certificate_arn = "a"
  authentication_options {
    type = "certificate-authentication"
  }
  connection_log_options {
    enabled = false
  }
}
resource "aws_ec2_client_vpn_network_association" "one" {
  client_vpn_endpoint_id = "a"
  subnet_id              = "a"
}
resource "aws_ec2_traffic_mirror_session" "one" {
  network_interface_id     = "a"
  session_number           = 1
  traffic_mirror_filter_id = "a"
  traffic_mirror_target_id = "a"
}
resource "aws_networkfirewall_firewall" "one" {
  name                = "a"
  firewall_policy_arn = "a"
  vpc_id              = "a"
  subnet_mapping {
    subnet_id = "a"
  }
}
resource "aws_route53_zone" "one" {
  name = "a"
}
resource "aws_route53_record" "one" {
  zone_id = "a"
  name    = "a"
  type    = "A"
  ttl     = 1
  records = ["192.0.2.1"]
}
resource "aws_route53_health_check" "one" {
  type             = "HTTPS"
  fqdn             = "a"
  request_interval = 10
}
resource "aws_route53_resolver_endpoint" "one" {
  direction          = "INBOUND"
  security_group_ids = ["a"]
  ip_address {
    subnet_id = "a"
  }
}
resource "aws_cloudfront_distribution" "one" {
  enabled = true
  default_cache_behavior {
    allowed_methods        = ["GET"]
    cached_methods         = ["GET"]
    target_origin_id       = "a"
    viewer_protocol_policy = "https-only"
  }
  origin {
    domain_name = "a"
    origin_id   = "a"
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
resource "aws_cloudfront_function" "one" {
  name    = "a"
  runtime = "cloudfront-js-2.0"
  code    = "a"
}
resource "aws_globalaccelerator_accelerator" "one" {
  name = "a"
}
resource "aws_ecs_task_definition" "one" {
  family                = "a"
  container_definitions = "[]"
  cpu                   = "1024"
  memory                = "2048"
}
resource "aws_ecs_service" "one" {
  name            = "a"
  launch_type     = "FARGATE"
  desired_count   = 1
  task_definition = aws_ecs_task_definition.one.arn
}
resource "aws_eks_cluster" "each" {
  for_each = toset(["1.27", "1.40"])
  name     = "a"
  version  = each.key
  role_arn = "a"
  vpc_config {
    subnet_ids = ["a", "b"]
  }
}
resource "aws_eks_fargate_profile" "one" {
  cluster_name           = "a"
  fargate_profile_name   = "a"
  pod_execution_role_arn = "a"
  selector {
    namespace = "a"
  }
}
resource "aws_lambda_function" "each" {
  for_each      = toset(["x86_64", "arm64"])
  function_name = each.key
  role          = "arn:aws:iam::111122223333:role/x"
  architectures = [each.key]
  memory_size   = 1024
  ephemeral_storage {
    size = 1024
  }
}
resource "aws_lambda_provisioned_concurrency_config" "one" {
  function_name                     = "elsewhere"
  provisioned_concurrent_executions = 1
  qualifier                         = "a"
}
resource "aws_db_instance" "each" {
  for_each                              = toset(["gp2", "gp3", "io1", "standard"])
  engine                                = "mysql"
  instance_class                        = "db.t3.large"
  storage_type                          = each.key
  allocated_storage                     = 100
  iops                                  = contains(["gp3", "io1"], each.key) ? 15000 : null
  backup_retention_period               = 5
  performance_insights_enabled          = true
  performance_insights_retention_period = 731
}
resource "aws_db_instance" "large" {
  for_each                = toset(["true", "false"])
  engine                  = "mysql"
  instance_class          = "db.t3.large"
  storage_type            = "gp3"
  allocated_storage       = 500
  iops                    = 15000
  multi_az                = each.key
  backup_retention_period = 5
}
resource "aws_rds_cluster" "each" {
  for_each                = toset(["aurora-mysql", "aurora-postgresql"])
  engine                  = each.key
  engine_mode             = "serverless"
  master_username         = "a"
  backup_retention_period = 5
  backtrack_window        = each.key == "aurora-mysql" ? 3600 : null
}
resource "aws_rds_cluster" "io" {
  engine          = "aurora-mysql"
  storage_type    = "aurora-iopt1"
  master_username = "a"
}
resource "aws_rds_cluster_instance" "serverless" {
  cluster_identifier                    = aws_rds_cluster.each["aurora-mysql"].id
  engine                                = "aurora-mysql"
  instance_class                        = "db.serverless"
  performance_insights_enabled          = true
  performance_insights_retention_period = 731
}
resource "aws_rds_cluster_instance" "serverless_io" {
  cluster_identifier = aws_rds_cluster.io.id
  engine             = "aurora-mysql"
  instance_class     = "db.serverless"
}
resource "aws_rds_cluster_instance" "burst" {
  cluster_identifier = aws_rds_cluster.each["aurora-mysql"].id
  engine             = "aurora-mysql"
  instance_class     = "db.t3.medium"
}
resource "aws_dynamodb_table" "each" {
  for_each         = toset(["PROVISIONED", "PAY_PER_REQUEST"])
  name             = each.key
  billing_mode     = each.key
  hash_key         = "id"
  read_capacity    = each.key == "PROVISIONED" ? 1 : null
  write_capacity   = each.key == "PROVISIONED" ? 1 : null
  stream_enabled   = true
  stream_view_type = "KEYS_ONLY"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled = true
  }
  replica {
    region_name = "us-east-2"
  }
  replica {
    region_name = "us-west-1"
  }
}
resource "aws_docdb_cluster" "one" {
}
resource "aws_docdb_cluster_snapshot" "one" {
  db_cluster_identifier          = "a"
  db_cluster_snapshot_identifier = "a"
}
resource "aws_neptune_cluster" "one" {
  cluster_identifier      = "a"
  backup_retention_period = 5
}
resource "aws_neptune_cluster_snapshot" "one" {
  db_cluster_identifier          = "a"
  db_cluster_snapshot_identifier = "a"
}
resource "aws_docdb_cluster_instance" "burst" {
  cluster_identifier = "a"
  instance_class     = "db.t3.medium"
}
resource "aws_neptune_cluster_instance" "burst" {
  cluster_identifier = "a"
  instance_class     = "db.t3.medium"
}
resource "aws_dms_replication_instance" "each" {
  for_each                   = toset(["true", "false"])
  replication_instance_id    = "a"
  replication_instance_class = "dms.t2.micro"
  allocated_storage          = 500
  multi_az                   = each.key
}
resource "aws_s3_bucket" "one" {
  bucket = "facts"
}
resource "aws_s3_bucket_analytics_configuration" "one" {
  bucket = "elsewhere"
  name   = "a"
}
resource "aws_s3_bucket_inventory" "one" {
  bucket                   = "elsewhere"
  name                     = "a"
  included_object_versions = "All"
  schedule {
    frequency = "Daily"
  }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = "a"
    }
  }
}
resource "aws_efs_file_system" "each" {
  for_each                        = toset(["", "us-east-1a"])
  availability_zone_name          = each.key == "" ? null : each.key
  throughput_mode                 = "provisioned"
  provisioned_throughput_in_mibps = 100
  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }
}
resource "aws_fsx_windows_file_system" "each" {
  for_each            = toset(["SSD", "HDD"])
  deployment_type     = "MULTI_AZ_1"
  storage_type        = each.key
  subnet_ids          = ["a", "b"]
  storage_capacity    = 2000
  throughput_capacity = 32
}
resource "aws_fsx_openzfs_file_system" "one" {
  deployment_type     = "SINGLE_AZ_1"
  subnet_ids          = ["a"]
  storage_capacity    = 100
  throughput_capacity = 64
  disk_iops_configuration {
    mode = "USER_PROVISIONED"
    iops = 4000
  }
}
resource "aws_backup_vault" "one" {
  name = "a"
}
resource "aws_ecr_repository" "one" {
  name = "a"
}
resource "aws_sqs_queue" "each" {
  for_each   = toset(["true", "false"])
  fifo_queue = each.key
}
resource "aws_sns_topic" "each" {
  for_each   = toset(["true", "false"])
  fifo_topic = each.key
}
resource "aws_sns_topic_subscription" "one" {
  topic_arn = "a"
  protocol  = "https"
  endpoint  = "a"
}
resource "aws_kinesis_stream" "each" {
  for_each         = toset(["PROVISIONED", "ON_DEMAND"])
  name             = each.key
  shard_count      = each.key == "PROVISIONED" ? 1 : null
  retention_period = 400
  stream_mode_details {
    stream_mode = each.key
  }
}
resource "aws_kinesis_firehose_delivery_stream" "one" {
  name        = "a"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn   = "a"
    bucket_arn = "a"
    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          hive_json_ser_de {}
        }
      }
      output_format_configuration {
        serializer {
          orc_ser_de {}
        }
      }
      schema_configuration {
        database_name = "a"
        role_arn      = "a"
        table_name    = "a"
      }
    }
  }
}
resource "aws_kinesis_firehose_delivery_stream" "vpc" {
  name        = "b"
  destination = "elasticsearch"
  elasticsearch_configuration {
    index_name = "a"
    role_arn   = "a"
    s3_configuration {
      role_arn   = "a"
      bucket_arn = "a"
    }
    vpc_config {
      role_arn           = "a"
      security_group_ids = ["a"]
      subnet_ids         = ["a"]
    }
  }
}
resource "aws_cloudwatch_event_bus" "one" {
  name = "a"
}
resource "aws_sfn_state_machine" "each" {
  for_each   = toset(["STANDARD", "EXPRESS"])
  name       = each.key
  type       = each.key
  role_arn   = "a"
  definition = "{}"
}
resource "aws_api_gateway_rest_api" "one" {
  name = "a"
}
resource "aws_api_gateway_stage" "each" {
  for_each              = toset(["0.5", "237"])
  rest_api_id           = "a"
  deployment_id         = "b"
  stage_name            = each.key
  cache_cluster_enabled = true
  cache_cluster_size    = each.key
}
resource "aws_apigatewayv2_api" "each" {
  for_each      = toset(["HTTP", "WEBSOCKET"])
  name          = each.key
  protocol_type = each.key
}
resource "aws_mwaa_environment" "each" {
  for_each           = toset(["small", "medium", "large"])
  name               = each.key
  dag_s3_path        = "a"
  environment_class  = "mw1.${each.key}"
  execution_role_arn = "a"
  source_bucket_arn  = "a"
  network_configuration {
    security_group_ids = ["a"]
    subnet_ids         = ["a", "b"]
  }
}
resource "aws_glue_job" "each" {
  for_each     = toset(["0.0625", "1", "10", "20"])
  name         = each.key
  role_arn     = "a"
  max_capacity = each.key
  command {
    script_location = "a"
  }
}
resource "aws_glue_crawler" "one" {
  name          = "a"
  database_name = "a"
  role          = "a"
}
resource "aws_glue_catalog_database" "one" {
  name = "a"
}
resource "aws_cloudwatch_log_group" "one" {
  name = "a"
}
resource "aws_cloudwatch_dashboard" "one" {
  dashboard_name = "a"
  dashboard_body = "{}"
}
resource "aws_cloudwatch_metric_alarm" "each" {
  for_each            = toset(["10", "300"])
  alarm_name          = each.key
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "a"
  namespace           = "a"
  period              = each.key
  statistic           = "Average"
  threshold           = 1
}
resource "aws_cloudwatch_metric_alarm" "band" {
  alarm_name          = "band"
  comparison_operator = "GreaterThanUpperThreshold"
  evaluation_periods  = 1
  threshold_metric_id = "e1"
  metric_query {
    id          = "e1"
    expression  = "ANOMALY_DETECTION_BAND(m1)"
    return_data = true
  }
  metric_query {
    id = "m1"
    metric {
      metric_name = "a"
      namespace   = "a"
      period      = 10
      stat        = "Average"
    }
  }
}
resource "aws_kms_key" "each" {
  for_each                 = toset(["SYMMETRIC_DEFAULT", "RSA_2048", "ECC_NIST_P256"])
  customer_master_key_spec = each.key
}
resource "aws_kms_external_key" "one" {
}
resource "aws_secretsmanager_secret" "one" {
  name = "a"
}
resource "aws_ssm_parameter" "one" {
  name  = "a"
  type  = "String"
  tier  = "Advanced"
  value = "a"
}
resource "aws_ssm_activation" "one" {
  iam_role = "a"
}
resource "aws_cloudtrail" "one" {
  name           = "a"
  s3_bucket_name = "elsewhere"
}
resource "aws_config_config_rule" "one" {
  name = "a"
  source {
    owner             = "AWS"
    source_identifier = "A"
  }
}
resource "aws_config_organization_custom_rule" "one" {
  name                = "a"
  lambda_function_arn = "a"
  trigger_types       = ["ScheduledNotification"]
}
resource "aws_config_organization_managed_rule" "one" {
  name            = "a"
  rule_identifier = "a"
}
resource "aws_config_configuration_recorder" "one" {
  role_arn = "a"
}
resource "aws_wafv2_web_acl" "one" {
  name  = "a"
  scope = "REGIONAL"
  default_action {
    allow {}
  }
  rule {
    name     = "a"
    priority = 1
    statement {
      geo_match_statement {
        country_codes = ["US"]
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = false
      metric_name                = "a"
      sampled_requests_enabled   = false
    }
  }
  rule {
    name     = "b"
    priority = 2
    statement {
      rule_group_reference_statement {
        arn = "a"
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = false
      metric_name                = "b"
      sampled_requests_enabled   = false
    }
  }
  rule {
    name     = "c"
    priority = 3
    statement {
      managed_rule_group_statement {
        name        = "a"
        vendor_name = "AWS"
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = false
      metric_name                = "c"
      sampled_requests_enabled   = false
    }
  }
  visibility_config {
    cloudwatch_metrics_enabled = false
    metric_name                = "a"
    sampled_requests_enabled   = false
  }
}
resource "aws_waf_web_acl" "one" {
  name        = "a"
  metric_name = "a"
  default_action {
    type = "ALLOW"
  }
  rules {
    priority = 1
    rule_id  = "a"
    type     = "REGULAR"
    action {
      type = "BLOCK"
    }
  }
  rules {
    priority = 2
    rule_id  = "b"
    type     = "GROUP"
    override_action {
      type = "NONE"
    }
  }
}
resource "aws_acmpca_certificate_authority" "each" {
  for_each   = toset(["GENERAL_PURPOSE", "SHORT_LIVED_CERTIFICATE"])
  usage_mode = each.key
  certificate_authority_configuration {
    key_algorithm     = "RSA_4096"
    signing_algorithm = "SHA512WITHRSA"
    subject {
      common_name = "a"
    }
  }
}
resource "aws_acm_certificate" "one" {
  domain_name               = "a"
  certificate_authority_arn = "a"
}
resource "aws_transfer_server" "one" {
  protocols = ["SFTP", "FTPS", "FTP"]
}
resource "aws_directory_service_directory" "microsoft" {
  for_each = toset(["Standard", "Enterprise"])
  name     = "a"
  password = "not-a-secret-1"
  edition  = each.key
  type     = "MicrosoftAD"
}
resource "aws_directory_service_directory" "simple" {
  for_each = toset(["Small", "Large"])
  name     = "a"
  password = "not-a-secret-1"
  size     = each.key
  type     = "SimpleAD"
}
resource "aws_directory_service_directory" "connector" {
  for_each = toset(["Small", "Large"])
  name     = "a"
  password = "not-a-secret-1"
  size     = each.key
  type     = "ADConnector"
}
resource "aws_data_transfer" "one" {
}
resource "aws_sns_topic_subscription" "fifo" {
  topic_arn = aws_sns_topic.each["true"].arn
  protocol  = "sqs"
  endpoint  = "a"
}
resource "aws_db_instance" "aurora" {
  engine                  = "aurora-mysql"
  instance_class          = "db.t3.large"
  backup_retention_period = 5
}
resource "aws_msk_cluster" "scaled" {
  cluster_name           = "a"
  kafka_version          = "3"
  number_of_broker_nodes = 1
  broker_node_group_info {
    instance_type   = "kafka.t3.small"
    client_subnets  = ["a"]
    security_groups = ["a"]
    storage_info {
      ebs_storage_info {
        volume_size = 100
      }
    }
  }
}
resource "aws_appautoscaling_target" "scaled" {
  max_capacity       = 200
  min_capacity       = 1
  resource_id        = aws_msk_cluster.scaled.arn
  scalable_dimension = "kafka:broker-storage:VolumeSize"
  service_namespace  = "kafka"
}
resource "aws_instance" "dedicated" {
  ami           = "a"
  instance_type = "t3.medium"
  tenancy       = "dedicated"
}
resource "aws_launch_template" "dedicated" {
  image_id      = "a"
  instance_type = "t3.medium"
  placement {
    tenancy = "dedicated"
  }
}
resource "aws_autoscaling_group" "dedicated" {
  min_size = 1
  max_size = 1
  launch_template {
    id = aws_launch_template.dedicated.id
  }
}
resource "aws_launch_template" "dedicated_old" {
  image_id      = "a"
  instance_type = "m3.medium"
  placement {
    tenancy = "dedicated"
  }
}
resource "aws_autoscaling_group" "dedicated_old" {
  min_size = 1
  max_size = 1
  launch_template {
    id = aws_launch_template.dedicated_old.id
  }
}
resource "aws_launch_template" "optimized" {
  image_id      = "a"
  instance_type = "r3.xlarge"
  ebs_optimized = true
}
resource "aws_autoscaling_group" "optimized" {
  min_size = 1
  max_size = 1
  launch_template {
    id = aws_launch_template.optimized.id
  }
}
resource "aws_db_instance" "extended" {
  engine            = "postgres"
  engine_version    = "12.22"
  instance_class    = "db.t3.large"
  allocated_storage = 20
}
resource "aws_rds_cluster_instance" "extended" {
  cluster_identifier = "a"
  engine             = "aurora-postgresql"
  engine_version     = "12.22"
  instance_class     = "db.t3.large"
}
resource "aws_cloudhsm_v2_hsm" "one" {
  cluster_id = "a"
  subnet_id  = "a"
}
resource "aws_dx_gateway_association" "one" {
  dx_gateway_id         = "a"
  associated_gateway_id = "a"
}
resource "aws_ec2_host" "c5" {
  instance_family   = "c5"
  availability_zone = "a"
}
resource "aws_ec2_host" "mac" {
  instance_type     = "mac1.metal"
  availability_zone = "a"
}
resource "aws_grafana_workspace" "one" {
  account_access_type      = "CURRENT_ACCOUNT"
  authentication_providers = ["SAML"]
  permission_type          = "SERVICE_MANAGED"
}
resource "aws_lightsail_instance" "linux" {
  name              = "a"
  availability_zone = "a"
  blueprint_id      = "a"
  bundle_id         = "xlarge_3_0"
}
resource "aws_lightsail_instance" "windows" {
  name              = "a"
  availability_zone = "a"
  blueprint_id      = "a"
  bundle_id         = "small_win_3_0"
}
