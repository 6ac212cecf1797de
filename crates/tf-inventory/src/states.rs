//! What Terraform's states know, ready to be asked.

use std::collections::HashMap;
use std::sync::Arc;

use tf_lang::Value;
use tf_model::{Graph, Mode};

use crate::resource::{Origin, Resource};

/// The resources of many states.
#[derive(Debug, Default)]
pub struct States {
    holders: Vec<Holder>,
    /// By id. Ids are one's own in a family.
    by_id: HashMap<Box<str>, Vec<Claim>>,
}

/// A resource of a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The root, or the state, as the caller calls it.
    pub root: Arc<str>,
    /// The resource's address in it.
    pub address: Arc<str>,
    /// Its region, where the state says one.
    region: Option<Arc<str>>,
    /// Its account, where the state says one.
    account: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
struct Claim {
    family: Arc<str>,
    holder: usize,
    /// Whether the holder is the thing itself, and not something that it is a part of.
    whole: bool,
}

/// The type that stands for all that are other names of it, or are listed by the same call. What two types of a family share is the id.
pub(crate) fn family(type_name: &str) -> &str {
    match type_name {
        "aws_default_vpc" => "aws_vpc",
        "aws_default_subnet" => "aws_subnet",
        "aws_default_security_group" => "aws_security_group",
        "aws_default_route_table" => "aws_route_table",
        "aws_default_network_acl" => "aws_network_acl",
        "aws_alb" => "aws_lb",
        "aws_alb_target_group" => "aws_lb_target_group",
        "aws_rds_cluster_instance" | "aws_docdb_cluster_instance" | "aws_neptune_cluster_instance" => {
            "aws_db_instance"
        }
        "aws_docdb_cluster" | "aws_neptune_cluster" => "aws_rds_cluster",
        "aws_kms_external_key" | "aws_kms_replica_key" | "aws_kms_replica_external_key" => "aws_kms_key",
        "aws_iam_service_linked_role" => "aws_iam_role",
        "aws_dynamodb_table_replica" => "aws_dynamodb_table",
        // Cloud Control's provider calls some things otherwise.
        "awscc_ec2_instance" => "aws_instance",
        "awscc_ec2_volume" => "aws_ebs_volume",
        "awscc_ec2_eip" => "aws_eip",
        "awscc_ec2_vpc" => "aws_vpc",
        "awscc_ec2_subnet" => "aws_subnet",
        "awscc_ec2_security_group" => "aws_security_group",
        "awscc_ec2_nat_gateway" => "aws_nat_gateway",
        "awscc_ec2_internet_gateway" => "aws_internet_gateway",
        "awscc_ec2_route_table" => "aws_route_table",
        "awscc_ec2_launch_template" => "aws_launch_template",
        "awscc_elasticloadbalancingv2_load_balancer" => "aws_lb",
        "awscc_elasticloadbalancingv2_target_group" => "aws_lb_target_group",
        "awscc_logs_log_group" => "aws_cloudwatch_log_group",
        "awscc_rds_db_instance" => "aws_db_instance",
        "awscc_rds_db_cluster" => "aws_rds_cluster",
        "awscc_route53_hosted_zone" => "aws_route53_zone",
        "awscc_iam_managed_policy" => "aws_iam_policy",
        "awscc_autoscaling_auto_scaling_group" => "aws_autoscaling_group",
        "awscc_eks_nodegroup" => "aws_eks_node_group",
        "awscc_s3_bucket" => "aws_s3_bucket",
        "awscc_lambda_function" => "aws_lambda_function",
        "awscc_iam_role" => "aws_iam_role",
        "awscc_iam_user" => "aws_iam_user",
        "awscc_dynamodb_table" => "aws_dynamodb_table",
        "awscc_ecs_cluster" => "aws_ecs_cluster",
        "awscc_ecs_service" => "aws_ecs_service",
        "awscc_eks_cluster" => "aws_eks_cluster",
        "awscc_kms_key" => "aws_kms_key",
        "awscc_sns_topic" => "aws_sns_topic",
        "awscc_sqs_queue" => "aws_sqs_queue",
        "awscc_secretsmanager_secret" => "aws_secretsmanager_secret",
        "awscc_ecr_repository" => "aws_ecr_repository",
        other => other,
    }
}

/// What a resource of a type is known by, beside `id` and `arn`.
const IDS: &[(&str, &str)] = &[
    // The id is one that AWS draws since version 5 of the provider.
    ("aws_db_instance", "identifier"),
    ("aws_db_instance", "db_instance_identifier"),
    ("aws_rds_cluster", "cluster_identifier"),
    ("aws_rds_cluster", "db_cluster_identifier"),
    ("aws_kms_key", "key_id"),
    ("aws_sqs_queue", "url"),
    ("aws_sqs_queue", "queue_url"),
    ("aws_eip", "allocation_id"),
    ("aws_route53_zone", "zone_id"),
    ("aws_cloudformation_stack", "name"),
    ("aws_s3_bucket", "bucket"),
    // Cloud Control's provider.
    ("aws_iam_role", "role_name"),
    ("aws_iam_user", "user_name"),
    ("aws_lb", "load_balancer_arn"),
    ("aws_lb_target_group", "target_group_arn"),
    ("aws_iam_policy", "policy_arn"),
    ("aws_sns_topic", "topic_arn"),
    ("aws_cloudwatch_log_group", "log_group_name"),
];

/// What comes with a resource: its type, where its state says so, and the type of the part.
const PARTS: &[(&str, &str, &str)] = &[
    ("aws_instance", "root_block_device.volume_id", "aws_ebs_volume"),
    ("aws_instance", "ebs_block_device.volume_id", "aws_ebs_volume"),
    (
        "aws_instance",
        "primary_network_interface_id",
        "aws_network_interface",
    ),
    ("aws_spot_instance_request", "spot_instance_id", "aws_instance"),
    (
        "aws_spot_instance_request",
        "root_block_device.volume_id",
        "aws_ebs_volume",
    ),
    (
        "aws_spot_instance_request",
        "ebs_block_device.volume_id",
        "aws_ebs_volume",
    ),
    (
        "aws_spot_instance_request",
        "primary_network_interface_id",
        "aws_network_interface",
    ),
    ("aws_nat_gateway", "allocation_id", "aws_eip"),
    ("aws_nat_gateway", "secondary_allocation_ids", "aws_eip"),
    ("aws_nat_gateway", "network_interface_id", "aws_network_interface"),
    ("aws_lb", "subnet_mapping.allocation_id", "aws_eip"),
    (
        "aws_eks_cluster",
        "vpc_config.cluster_security_group_id",
        "aws_security_group",
    ),
    (
        "aws_eks_node_group",
        "resources.autoscaling_groups.name",
        "aws_autoscaling_group",
    ),
    (
        "aws_eks_node_group",
        "resources.remote_access_security_group_id",
        "aws_security_group",
    ),
    ("aws_dynamodb_table", "replica.arn", "aws_dynamodb_table"),
    (
        "aws_db_instance",
        "master_user_secret.secret_arn",
        "aws_secretsmanager_secret",
    ),
    (
        "aws_rds_cluster",
        "master_user_secret.secret_arn",
        "aws_secretsmanager_secret",
    ),
    (
        "aws_efs_mount_target",
        "network_interface_id",
        "aws_network_interface",
    ),
    (
        "aws_vpc_endpoint",
        "network_interface_ids",
        "aws_network_interface",
    ),
    ("aws_elastic_beanstalk_environment", "instances", "aws_instance"),
    (
        "aws_elastic_beanstalk_environment",
        "autoscaling_groups",
        "aws_autoscaling_group",
    ),
    ("aws_elastic_beanstalk_environment", "load_balancers", "aws_lb"),
    (
        "aws_elastic_beanstalk_environment",
        "launch_configurations",
        "aws_launch_template",
    ),
    (
        "aws_batch_compute_environment",
        "ecs_cluster_arn",
        "aws_ecs_cluster",
    ),
    (
        "aws_service_discovery_private_dns_namespace",
        "hosted_zone",
        "aws_route53_zone",
    ),
    (
        "aws_service_discovery_public_dns_namespace",
        "hosted_zone",
        "aws_route53_zone",
    ),
    (
        "aws_directory_service_directory",
        "security_group_id",
        "aws_security_group",
    ),
];

impl States {
    /// Adds the resources of a state. `root` is what the state is called; data sources manage nothing.
    pub fn add(&mut self, root: &str, state: &Graph) {
        let root: Arc<str> = root.into();
        for resource in &state.resources {
            let type_name: &str = &resource.address.ty;
            if resource.address.mode != Mode::Managed
                || !(type_name.starts_with("aws_") || type_name.starts_with("awscc_"))
            {
                continue;
            }
            let values = &resource.values;
            let arn = one(values, "arn").filter(|arn| arn.starts_with("arn:"));
            let id = one(values, "id");
            let from_arn = |at: usize| {
                let named = [arn, id.filter(|id| id.starts_with("arn:"))];
                named
                    .into_iter()
                    .flatten()
                    .find_map(|arn| part_of_arn(arn, at))
                    .map(Arc::from)
            };
            let named = one(values, "region").or(resource.region.as_ref().and_then(Value::as_str));
            self.holders.push(Holder {
                root: root.clone(),
                address: resource.text.clone(),
                region: from_arn(3).or_else(|| named.map(Arc::from)),
                account: from_arn(4),
            });
            let holder = self.holders.len() - 1;
            let family = family(type_name);
            let mut claim = |family: &str, id: &str, whole: bool| {
                let family = family.into();
                let claims = self.by_id.entry(id.trim_end_matches(":*").into()).or_default();
                claims.push(Claim {
                    family,
                    holder,
                    whole,
                });
            };
            let own = IDS.iter().filter(|(of, _)| *of == family);
            let mut ids: Vec<&str> = own.filter_map(|(_, name)| one(values, name)).collect();
            ids.extend(arn);
            ids.extend(id);
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                claim(family, id, true);
            }
            let mut parts = Vec::new();
            for (_, path, part) in PARTS.iter().filter(|(of, ..)| *of == family) {
                texts_at(values, path, &mut parts);
                for id in parts.drain(..) {
                    claim(part, id, false);
                }
            }
        }
    }

    /// How many resources of AWS's providers there are.
    pub fn len(&self) -> usize {
        self.holders.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.holders.is_empty()
    }

    /// Which resource of a state a listed one is, and whether it is that and no part of it. One that manages it comes before one that
    /// has it as a part.
    pub(crate) fn holder_of(&self, resource: &Resource, account: &str) -> Option<(&Holder, bool)> {
        let ids = [Some(&resource.import_id), resource.arn.as_ref()];
        let region = resource.region.as_deref();
        ids.into_iter()
            .flatten()
            .filter_map(|id| self.claim(resource.type_name, id, region, account))
            .max_by_key(|(_, whole)| *whole)
    }

    /// The resource of a state that holds the whole that a listed one comes and goes with.
    pub(crate) fn holder_of_whole(&self, resource: &Resource, account: &str) -> Option<&Holder> {
        let (type_name, id) = match &resource.origin {
            Origin::PartOf { type_name, id } => (*type_name, id.as_str()),
            Origin::Stack(name) => ("aws_cloudformation_stack", name.as_str()),
            _ => return None,
        };
        // An ARN has its own region, which need not be that of the part.
        let region = resource.region.as_deref().filter(|_| !id.starts_with("arn:"));
        let claim = self.claim(type_name, id, region, account);
        claim.map(|(holder, _)| holder)
    }

    fn claim(
        &self,
        type_name: &str,
        id: &str,
        region: Option<&str>,
        account: &str,
    ) -> Option<(&Holder, bool)> {
        // Names are one's own in a region, and in an account.
        let fits = |ours: Option<&str>, theirs: Option<&str>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        let family = family(type_name);
        let claims = self.by_id.get(id)?;
        claims
            .iter()
            .filter(|claim| &*claim.family == family)
            .filter_map(|claim| Some((self.holders.get(claim.holder)?, claim.whole)))
            // The region of a whole says nothing of a part whose id is an ARN with another region: a table's replica.
            .filter(|(holder, whole)| {
                let far = !whole && id.starts_with("arn:");
                (far || fits(holder.region.as_deref(), region))
                    && fits(holder.account.as_deref(), Some(account))
            })
            .max_by_key(|(_, whole)| *whole)
    }
}

/// A part of an ARN that is not empty: 3 is the region, 4 the account.
fn part_of_arn(arn: &str, at: usize) -> Option<&str> {
    arn.split(':').nth(at).filter(|part| !part.is_empty())
}

/// A text of an object that is there and not empty.
fn one<'v>(values: &'v Value, name: &str) -> Option<&'v str> {
    values.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The texts at a path, through all elements of lists.
fn texts_at<'v>(value: &'v Value, path: &str, found: &mut Vec<&'v str>) {
    if let Some(items) = value.as_items() {
        for item in items {
            texts_at(item, path, found);
        }
        return;
    }
    if path.is_empty() {
        found.extend(value.as_str().filter(|text| !text.is_empty()));
        return;
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(inner) = value.get(name) {
        texts_at(inner, rest, found);
    }
}
