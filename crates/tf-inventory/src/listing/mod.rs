//! The list calls: one file for services that belong together.

mod compute;
mod containers;
mod data;
mod ec2;
mod identity;
mod messages;

use tf_aws::AwsError;

use crate::kind::Kind;
use crate::place::Place;
use crate::resource::Resource;

/// What a list gave.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) resources: Vec<Resource>,
    /// What is missing of it: calls about single things that failed.
    pub(crate) problems: Vec<AwsError>,
}

impl Found {
    pub(crate) fn push(&mut self, resource: Resource) {
        self.resources.push(resource);
    }
}

/// How many calls about single things a list has under way.
const SIDE_BY_SIDE: usize = 8;

/// Lists a kind. What was found before an error stays.
///
/// # Errors
/// Where a list ends early.
pub(crate) async fn list(kind: Kind, place: &Place, found: &mut Found) -> Result<(), AwsError> {
    match kind {
        Kind::Instances
        | Kind::Volumes
        | Kind::SecurityGroups
        | Kind::Addresses
        | Kind::NatGateways
        | Kind::Vpcs
        | Kind::Subnets
        | Kind::InternetGateways
        | Kind::RouteTables
        | Kind::NetworkAcls
        | Kind::NetworkInterfaces
        | Kind::VpcEndpoints
        | Kind::LaunchTemplates
        | Kind::KeyPairs => ec2::list(kind, place, found).await,
        Kind::AutoScalingGroups => compute::groups(place, found).await,
        Kind::Functions => compute::functions(place, found).await,
        Kind::LoadBalancers => compute::load_balancers(place, found).await,
        Kind::ClassicLoadBalancers => compute::classic_load_balancers(place, found).await,
        Kind::TargetGroups => compute::target_groups(place, found).await,
        Kind::Zones => compute::zones(place, found).await,
        Kind::Buckets => data::buckets(place, found).await,
        Kind::DbInstances => data::instances(place, found).await,
        Kind::DbClusters => data::clusters(place, found).await,
        Kind::Tables => data::tables(place, found).await,
        Kind::Roles => identity::roles(place, found).await,
        Kind::Users => identity::users(place, found).await,
        Kind::Policies => identity::policies(place, found).await,
        Kind::Keys => identity::keys(place, found).await,
        Kind::Secrets => identity::secrets(place, found).await,
        Kind::EcsClusters => containers::ecs_clusters(place, found).await,
        Kind::EcsServices => containers::ecs_services(place, found).await,
        Kind::EksClusters => containers::eks_clusters(place, found).await,
        Kind::EksNodeGroups => containers::eks_node_groups(place, found).await,
        Kind::Repositories => containers::repositories(place, found).await,
        Kind::Topics => messages::topics(place, found).await,
        Kind::Queues => messages::queues(place, found).await,
        Kind::LogGroups => messages::log_groups(place, found).await,
    }
}
