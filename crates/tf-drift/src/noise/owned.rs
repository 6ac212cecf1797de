//! Which attributes other resources set, and which these are.
//!
//! Source: the provider's documentation, which warns of the two ways in each of these types.

/// How an attribute is divided among those that set it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Parts {
    /// One resource sets all of it.
    Whole,
    /// Elements with a name, in the attribute and in the resource that sets one.
    Named(&'static [(&'static str, &'static str)]),
    /// Texts, each of them an attribute of the resource that sets it.
    Texts(&'static str),
    /// Rules of a security group in one direction, which AWS puts together by port.
    Rules(&'static str),
}

/// A type, its attribute, the types that set it with their attribute that names the resource, and how it is divided.
pub(super) type Owned = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
    Parts,
);

const ROUTES: Parts = Parts::Named(&[
    ("cidr_block", "destination_cidr_block"),
    ("ipv6_cidr_block", "destination_ipv6_cidr_block"),
    ("destination_prefix_list_id", "destination_prefix_list_id"),
]);

/// All that is known to be set by others.
pub(super) const OWNED: &[Owned] = &[
    (
        "aws_s3_bucket",
        &["policy"],
        &[("aws_s3_bucket_policy", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["versioning"],
        &[("aws_s3_bucket_versioning", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["server_side_encryption_configuration"],
        &[("aws_s3_bucket_server_side_encryption_configuration", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["lifecycle_rule"],
        &[("aws_s3_bucket_lifecycle_configuration", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["logging"],
        &[("aws_s3_bucket_logging", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["cors_rule"],
        &[("aws_s3_bucket_cors_configuration", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["acl", "grant"],
        &[("aws_s3_bucket_acl", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["website", "website_domain", "website_endpoint"],
        &[("aws_s3_bucket_website_configuration", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["replication_configuration"],
        &[("aws_s3_bucket_replication_configuration", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["object_lock_configuration"],
        &[("aws_s3_bucket_object_lock_configuration", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["acceleration_status"],
        &[("aws_s3_bucket_accelerate_configuration", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_s3_bucket",
        &["request_payer"],
        &[("aws_s3_bucket_request_payment_configuration", "bucket")],
        Parts::Whole,
    ),
    (
        "aws_iam_role",
        &["inline_policy"],
        &[("aws_iam_role_policy", "role")],
        Parts::Named(&[("name", "name")]),
    ),
    (
        "aws_iam_role",
        &["managed_policy_arns"],
        &[
            ("aws_iam_role_policy_attachment", "role"),
            ("aws_iam_policy_attachment", "roles"),
        ],
        Parts::Texts("policy_arn"),
    ),
    (
        "aws_iam_policy",
        &["attachment_count"],
        &[
            ("aws_iam_role_policy_attachment", "policy_arn"),
            ("aws_iam_user_policy_attachment", "policy_arn"),
            ("aws_iam_group_policy_attachment", "policy_arn"),
            ("aws_iam_policy_attachment", "policy_arn"),
        ],
        Parts::Whole,
    ),
    (
        "aws_security_group",
        &["ingress"],
        &[
            ("aws_security_group_rule", "security_group_id"),
            ("aws_vpc_security_group_ingress_rule", "security_group_id"),
        ],
        Parts::Rules("ingress"),
    ),
    (
        "aws_security_group",
        &["egress"],
        &[
            ("aws_security_group_rule", "security_group_id"),
            ("aws_vpc_security_group_egress_rule", "security_group_id"),
        ],
        Parts::Rules("egress"),
    ),
    (
        "aws_route_table",
        &["route"],
        &[("aws_route", "route_table_id")],
        ROUTES,
    ),
    (
        "aws_default_route_table",
        &["route"],
        &[("aws_route", "route_table_id")],
        ROUTES,
    ),
    (
        "aws_route_table",
        &["propagating_vgws"],
        &[("aws_vpn_gateway_route_propagation", "route_table_id")],
        Parts::Texts("vpn_gateway_id"),
    ),
    (
        "aws_network_acl",
        &["ingress", "egress"],
        &[("aws_network_acl_rule", "network_acl_id")],
        Parts::Named(&[("rule_no", "rule_number")]),
    ),
    (
        "aws_network_acl",
        &["subnet_ids"],
        &[("aws_network_acl_association", "network_acl_id")],
        Parts::Texts("subnet_id"),
    ),
    (
        "aws_vpc",
        &["main_route_table_id"],
        &[("aws_main_route_table_association", "vpc_id")],
        Parts::Whole,
    ),
    (
        "aws_vpc",
        &["dhcp_options_id"],
        &[("aws_vpc_dhcp_options_association", "vpc_id")],
        Parts::Whole,
    ),
    (
        "aws_vpc",
        &["ipv6_association_id", "ipv6_cidr_block"],
        &[("aws_vpc_ipv6_cidr_block_association", "vpc_id")],
        Parts::Whole,
    ),
    (
        "aws_vpc_endpoint",
        &["route_table_ids"],
        &[("aws_vpc_endpoint_route_table_association", "vpc_endpoint_id")],
        Parts::Texts("route_table_id"),
    ),
    (
        "aws_vpc_endpoint",
        &["subnet_ids"],
        &[("aws_vpc_endpoint_subnet_association", "vpc_endpoint_id")],
        Parts::Texts("subnet_id"),
    ),
    (
        "aws_vpc_endpoint",
        &["security_group_ids"],
        &[("aws_vpc_endpoint_security_group_association", "vpc_endpoint_id")],
        Parts::Texts("security_group_id"),
    ),
    (
        "aws_vpc_endpoint",
        &["policy"],
        &[("aws_vpc_endpoint_policy", "vpc_endpoint_id")],
        Parts::Whole,
    ),
    (
        "aws_eip",
        &[
            "association_id",
            "instance",
            "network_interface",
            "private_ip",
            "private_dns",
        ],
        &[
            ("aws_eip_association", "allocation_id"),
            ("aws_nat_gateway", "allocation_id"),
        ],
        Parts::Whole,
    ),
    (
        "aws_instance",
        &["public_ip", "public_dns"],
        &[("aws_eip", "instance"), ("aws_eip_association", "instance_id")],
        Parts::Whole,
    ),
    (
        "aws_instance",
        &["ebs_block_device"],
        &[("aws_volume_attachment", "instance_id")],
        Parts::Named(&[("volume_id", "volume_id")]),
    ),
    (
        "aws_autoscaling_group",
        &["target_group_arns"],
        &[("aws_autoscaling_attachment", "autoscaling_group_name")],
        Parts::Texts("lb_target_group_arn"),
    ),
    (
        "aws_autoscaling_group",
        &["load_balancers"],
        &[("aws_autoscaling_attachment", "autoscaling_group_name")],
        Parts::Texts("elb"),
    ),
    (
        "aws_autoscaling_group",
        &["traffic_source"],
        &[
            (
                "aws_autoscaling_traffic_source_attachment",
                "autoscaling_group_name",
            ),
            ("aws_autoscaling_attachment", "autoscaling_group_name"),
        ],
        Parts::Whole,
    ),
    (
        "aws_lb_target_group",
        &["load_balancer_arns"],
        &[
            ("aws_lb_listener", "default_action"),
            ("aws_lb_listener_rule", "action"),
            ("aws_alb_listener", "default_action"),
            ("aws_alb_listener_rule", "action"),
        ],
        Parts::Whole,
    ),
    (
        "aws_sqs_queue",
        &["policy"],
        &[("aws_sqs_queue_policy", "queue_url")],
        Parts::Whole,
    ),
    (
        "aws_sqs_queue",
        &["redrive_policy"],
        &[("aws_sqs_queue_redrive_policy", "queue_url")],
        Parts::Whole,
    ),
    (
        "aws_sqs_queue",
        &["redrive_allow_policy"],
        &[("aws_sqs_queue_redrive_allow_policy", "queue_url")],
        Parts::Whole,
    ),
    (
        "aws_sns_topic",
        &["policy"],
        &[("aws_sns_topic_policy", "arn")],
        Parts::Whole,
    ),
    (
        "aws_kms_key",
        &["policy"],
        &[("aws_kms_key_policy", "key_id")],
        Parts::Whole,
    ),
    (
        "aws_secretsmanager_secret",
        &["policy"],
        &[("aws_secretsmanager_secret_policy", "secret_arn")],
        Parts::Whole,
    ),
    (
        "aws_rds_cluster",
        &["cluster_members"],
        &[("aws_rds_cluster_instance", "cluster_identifier")],
        Parts::Texts("identifier"),
    ),
    (
        "aws_rds_cluster",
        &["iam_roles"],
        &[("aws_rds_cluster_role_association", "db_cluster_identifier")],
        Parts::Texts("role_arn"),
    ),
    (
        "aws_db_instance",
        &["replicas"],
        &[("aws_db_instance", "replicate_source_db")],
        Parts::Whole,
    ),
    (
        "aws_route53_zone",
        &["vpc"],
        &[("aws_route53_zone_association", "zone_id")],
        Parts::Named(&[("vpc_id", "vpc_id")]),
    ),
    (
        "aws_api_gateway_rest_api",
        &["policy"],
        &[("aws_api_gateway_rest_api_policy", "rest_api_id")],
        Parts::Whole,
    ),
];
