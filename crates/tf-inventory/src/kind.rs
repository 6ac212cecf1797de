//! What is listed, and by which service.

/// Things that one service lists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the types that each stands for say it")]
pub enum Kind {
    Instances,
    Volumes,
    SecurityGroups,
    Addresses,
    NatGateways,
    Vpcs,
    Subnets,
    InternetGateways,
    RouteTables,
    NetworkAcls,
    NetworkInterfaces,
    VpcEndpoints,
    LaunchTemplates,
    KeyPairs,
    AutoScalingGroups,
    Buckets,
    DbInstances,
    DbClusters,
    Functions,
    Roles,
    Users,
    Policies,
    Tables,
    EcsClusters,
    EcsServices,
    EksClusters,
    EksNodeGroups,
    LoadBalancers,
    ClassicLoadBalancers,
    TargetGroups,
    Keys,
    Topics,
    Queues,
    Secrets,
    LogGroups,
    Repositories,
    Zones,
}

impl Kind {
    /// All, in the order in which they are asked for.
    pub const ALL: &'static [Kind] = &[
        Kind::Instances,
        Kind::Volumes,
        Kind::SecurityGroups,
        Kind::Addresses,
        Kind::NatGateways,
        Kind::Vpcs,
        Kind::Subnets,
        Kind::InternetGateways,
        Kind::RouteTables,
        Kind::NetworkAcls,
        Kind::NetworkInterfaces,
        Kind::VpcEndpoints,
        Kind::LaunchTemplates,
        Kind::KeyPairs,
        Kind::AutoScalingGroups,
        Kind::Buckets,
        Kind::DbInstances,
        Kind::DbClusters,
        Kind::Functions,
        Kind::Roles,
        Kind::Users,
        Kind::Policies,
        Kind::Tables,
        Kind::EcsClusters,
        Kind::EcsServices,
        Kind::EksClusters,
        Kind::EksNodeGroups,
        Kind::LoadBalancers,
        Kind::ClassicLoadBalancers,
        Kind::TargetGroups,
        Kind::Keys,
        Kind::Topics,
        Kind::Queues,
        Kind::Secrets,
        Kind::LogGroups,
        Kind::Repositories,
        Kind::Zones,
    ];

    /// Terraform's types of what is listed.
    pub fn types(self) -> &'static [&'static str] {
        match self {
            Kind::Instances => &["aws_instance"],
            Kind::Volumes => &["aws_ebs_volume"],
            Kind::SecurityGroups => &["aws_security_group"],
            Kind::Addresses => &["aws_eip"],
            Kind::NatGateways => &["aws_nat_gateway"],
            Kind::Vpcs => &["aws_vpc"],
            Kind::Subnets => &["aws_subnet"],
            Kind::InternetGateways => &["aws_internet_gateway"],
            Kind::RouteTables => &["aws_route_table"],
            Kind::NetworkAcls => &["aws_network_acl"],
            Kind::NetworkInterfaces => &["aws_network_interface"],
            Kind::VpcEndpoints => &["aws_vpc_endpoint"],
            Kind::LaunchTemplates => &["aws_launch_template"],
            Kind::KeyPairs => &["aws_key_pair"],
            Kind::AutoScalingGroups => &["aws_autoscaling_group"],
            Kind::Buckets => &["aws_s3_bucket"],
            Kind::DbInstances => &[
                "aws_db_instance",
                "aws_rds_cluster_instance",
                "aws_docdb_cluster_instance",
                "aws_neptune_cluster_instance",
            ],
            Kind::DbClusters => &["aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster"],
            Kind::Functions => &["aws_lambda_function"],
            Kind::Roles => &["aws_iam_role"],
            Kind::Users => &["aws_iam_user"],
            Kind::Policies => &["aws_iam_policy"],
            Kind::Tables => &["aws_dynamodb_table"],
            Kind::EcsClusters => &["aws_ecs_cluster"],
            Kind::EcsServices => &["aws_ecs_service"],
            Kind::EksClusters => &["aws_eks_cluster"],
            Kind::EksNodeGroups => &["aws_eks_node_group"],
            Kind::LoadBalancers => &["aws_lb"],
            Kind::ClassicLoadBalancers => &["aws_elb"],
            Kind::TargetGroups => &["aws_lb_target_group"],
            Kind::Keys => &[
                "aws_kms_key",
                "aws_kms_external_key",
                "aws_kms_replica_key",
                "aws_kms_replica_external_key",
            ],
            Kind::Topics => &["aws_sns_topic"],
            Kind::Queues => &["aws_sqs_queue"],
            Kind::Secrets => &["aws_secretsmanager_secret"],
            Kind::LogGroups => &["aws_cloudwatch_log_group"],
            Kind::Repositories => &["aws_ecr_repository"],
            Kind::Zones => &["aws_route53_zone"],
        }
    }

    /// The kind that lists a type of Terraform's, which may be another name of it: `aws_default_vpc`, `aws_alb`.
    pub fn of_type(type_name: &str) -> Option<Kind> {
        let family = crate::states::family(type_name);
        Kind::ALL.iter().copied().find(|kind| {
            kind.types()
                .iter()
                .any(|known| crate::states::family(known) == family)
        })
    }

    /// Whether one call is for all regions.
    pub fn is_global(self) -> bool {
        matches!(
            self,
            Kind::Buckets | Kind::Roles | Kind::Users | Kind::Policies | Kind::Zones
        )
    }

    /// The service's name in `tag:GetResources`, for kinds whose own lists say nothing of tags.
    pub(crate) fn tagged_by(self) -> Option<&'static str> {
        Some(match self {
            Kind::Buckets => "s3",
            Kind::Functions => "lambda",
            Kind::Policies => "iam",
            Kind::Tables => "dynamodb",
            Kind::EcsServices => "ecs",
            Kind::LoadBalancers | Kind::ClassicLoadBalancers | Kind::TargetGroups => "elasticloadbalancing",
            Kind::Keys => "kms",
            Kind::Topics => "sns",
            Kind::Queues => "sqs",
            Kind::LogGroups => "logs",
            Kind::Repositories => "ecr",
            Kind::Zones => "route53",
            _ => return None,
        })
    }
}
