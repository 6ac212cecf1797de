//! How much a change can cost those who live with it, worst first.

use tf_lang::Value;
use tf_model::plan::{Action, Step};
use tf_policy::holds_data;

use crate::diff::Difference;

/// What may go wrong with a change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Risk {
    /// Data that cannot be made again is deleted.
    DataLoss,
    /// Somebody more may reach something.
    Exposure,
    /// Somebody may do more, or other things.
    Privilege,
    /// It costs more, or less.
    Cost,
    /// Everything else.
    Rest,
}

impl Risk {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Risk::DataLoss => "data-loss",
            Risk::Exposure => "exposure",
            Risk::Privilege => "privilege",
            Risk::Cost => "cost",
            Risk::Rest => "rest",
        }
    }

    /// The risk of a change with its differences.
    pub fn of(step: &Step, differences: &[Difference]) -> Risk {
        if matches!(step.action, Action::NoOp | Action::Read | Action::Forget) {
            return Risk::Rest;
        }
        let ty = &*step.ty;
        if step.action.destroys() && holds_data(ty) {
            return Risk::DataLoss;
        }
        // What is deleted opens nothing, unless it was what closed.
        let only_deletes = step.action == Action::Delete;
        let changed = |names: &[&str]| {
            differences.iter().any(|difference| {
                let mut steps = difference.path.split(['.', '[']);
                steps.any(|step| names.contains(&step))
            })
        };
        if (EXPOSES.contains(&ty) && !only_deletes)
            || (creates(step) && opens("", &step.after))
            || (CLOSES.contains(&ty) && !creates(step))
            || changed(EXPOSING)
        {
            return Risk::Exposure;
        }
        if is_privilege(ty) || changed(PRIVILEGING) {
            return Risk::Privilege;
        }
        if changed(SIZES) || (COSTS.contains(&ty) && (creates(step) || only_deletes)) {
            return Risk::Cost;
        }
        Risk::Rest
    }
}

/// Whether something new lets everybody in by its own attributes.
fn opens(name: &str, value: &Value) -> bool {
    if EXPOSING.contains(&name) {
        let everybody = ["0.0.0.0/0", "::/0", "public-read", "public-read-write"];
        return match value.as_bool() {
            // An internal load balancer is the closed one.
            Some(flag) => flag != (name == "internal"),
            None => holds(value, &everybody),
        };
    }
    match value.as_entries() {
        Some(entries) => entries.iter().any(|(name, inner)| opens(name, inner)),
        None => value
            .as_items()
            .is_some_and(|items| items.iter().any(|item| opens("", item))),
    }
}

fn holds(value: &Value, texts: &[&str]) -> bool {
    match value.as_str() {
        Some(text) => texts.contains(&text),
        None => value.children().any(|inner| holds(inner, texts)),
    }
}

fn creates(step: &Step) -> bool {
    step.action == Action::Create
}

fn is_privilege(ty: &str) -> bool {
    ty.starts_with("aws_iam_") || ty.starts_with("aws_ssoadmin_") || PRIVILEGES.contains(&ty)
}

/// Types that let somebody in.
const EXPOSES: &[&str] = &[
    "aws_api_gateway_rest_api_policy",
    "aws_apigatewayv2_route",
    "aws_ec2_client_vpn_authorization_rule",
    "aws_ecr_repository_policy",
    "aws_eip",
    "aws_eip_association",
    "aws_internet_gateway",
    "aws_lambda_function_url",
    "aws_lambda_permission",
    "aws_lb_listener",
    "aws_network_acl_rule",
    "aws_route",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_cors_configuration",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_website_configuration",
    "aws_secretsmanager_secret_policy",
    "aws_security_group_rule",
    "aws_sns_topic_policy",
    "aws_sqs_queue_policy",
    "aws_vpc_endpoint_service_allowed_principal",
    "aws_vpc_peering_connection",
    "aws_vpc_security_group_ingress_rule",
];

/// Types that keep somebody out, so that it is their going or changing that exposes.
const CLOSES: &[&str] = &[
    "aws_cloudtrail",
    "aws_guardduty_detector",
    "aws_network_acl",
    "aws_networkfirewall_firewall",
    "aws_s3_account_public_access_block",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_public_access_block",
    "aws_wafv2_web_acl",
    "aws_wafv2_web_acl_association",
];

/// Attributes and blocks that decide who reaches something.
const EXPOSING: &[&str] = &[
    "access_policies",
    "acl",
    "assign_public_ip",
    "associate_public_ip_address",
    "cidr_blocks",
    "endpoint_public_access",
    "ingress",
    "internal",
    "ipv6_cidr_blocks",
    "map_public_ip_on_launch",
    "public_access_cidrs",
    "publicly_accessible",
    "security_group_ids",
    "security_groups",
    "vpc_security_group_ids",
];

const PRIVILEGES: &[&str] = &[
    "aws_eks_access_entry",
    "aws_eks_access_policy_association",
    "aws_eks_pod_identity_association",
    "aws_kms_grant",
    "aws_kms_key_policy",
    "aws_lakeformation_permissions",
    "aws_organizations_policy",
    "aws_organizations_policy_attachment",
    "aws_ram_principal_association",
    "aws_redshift_cluster_iam_roles",
];

/// Attributes that decide what something may do.
const PRIVILEGING: &[&str] = &[
    "assume_role_policy",
    "execution_role_arn",
    "iam_instance_profile",
    "inline_policy",
    "managed_policy_arns",
    "permissions_boundary",
    "role",
    "role_arn",
    "service_role_arn",
    "task_role_arn",
];

/// Attributes that decide what something costs.
const SIZES: &[&str] = &[
    "allocated_storage",
    "billing_mode",
    "cpu",
    "desired_capacity",
    "desired_count",
    "desired_size",
    "instance_class",
    "instance_type",
    "instance_types",
    "iops",
    "max_size",
    "memory",
    "memory_size",
    "min_size",
    "multi_az",
    "node_type",
    "num_cache_clusters",
    "num_cache_nodes",
    "number_of_nodes",
    "provisioned_concurrent_executions",
    "read_capacity",
    "retention_in_days",
    "storage_type",
    "throughput",
    "volume_size",
    "volume_type",
    "write_capacity",
];

/// Types that cost by being there.
const COSTS: &[&str] = &[
    "aws_alb",
    "aws_autoscaling_group",
    "aws_db_instance",
    "aws_docdb_cluster_instance",
    "aws_ebs_volume",
    "aws_ecs_service",
    "aws_eks_cluster",
    "aws_eks_node_group",
    "aws_elasticache_cluster",
    "aws_elasticache_replication_group",
    "aws_elb",
    "aws_instance",
    "aws_lb",
    "aws_mq_broker",
    "aws_msk_cluster",
    "aws_nat_gateway",
    "aws_neptune_cluster_instance",
    "aws_networkfirewall_firewall",
    "aws_opensearch_domain",
    "aws_rds_cluster_instance",
    "aws_redshift_cluster",
    "aws_vpc_endpoint",
    "aws_vpn_connection",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Change, Shown};

    fn step(ty: &str, action: Action) -> Step {
        Step {
            address: format!("{ty}.x").into(),
            ty: ty.into(),
            previous_address: None,
            action,
            deposed: None,
            reason: None,
            replace_paths: Vec::new(),
            imports: false,
            before: Value::NULL,
            after: Value::NULL,
        }
    }

    #[test]
    fn risks_are_told_apart() {
        use Action::{Create, CreateThenDelete, Delete, Forget, NoOp, Update};
        for (ty, action, path, risk) in [
            ("aws_db_instance", Delete, "", Risk::DataLoss),
            ("aws_db_instance", CreateThenDelete, "engine", Risk::DataLoss),
            ("aws_db_instance", Create, "engine", Risk::Cost),
            ("aws_db_instance", Update, "publicly_accessible", Risk::Exposure),
            ("aws_db_instance", Update, "multi_az", Risk::Cost),
            ("aws_db_instance", Update, "tags.a", Risk::Rest),
            ("aws_db_instance", Forget, "", Risk::Rest),
            ("aws_kms_key", NoOp, "", Risk::Rest),
            (
                "aws_security_group",
                Update,
                "ingress[0].cidr_blocks[1]",
                Risk::Exposure,
            ),
            ("aws_vpc_security_group_ingress_rule", Create, "", Risk::Exposure),
            ("aws_vpc_security_group_ingress_rule", Delete, "", Risk::Rest),
            ("aws_s3_bucket_public_access_block", Delete, "", Risk::Exposure),
            ("aws_s3_bucket_public_access_block", Create, "", Risk::Rest),
            (
                "aws_iam_role_policy",
                Update,
                "policy.Statement[0].Action",
                Risk::Privilege,
            ),
            ("aws_lambda_function", Update, "role", Risk::Privilege),
            ("aws_lambda_function", Update, "memory_size", Risk::Cost),
            ("aws_nat_gateway", Delete, "", Risk::Cost),
        ] {
            let differences: Vec<Difference> = [path]
                .iter()
                .filter(|path| !path.is_empty())
                .map(|path| Difference {
                    path: (*path).to_owned(),
                    change: Change::Added(Shown::Sensitive),
                })
                .collect();
            assert_eq!(
                Risk::of(&step(ty, action), &differences),
                risk,
                "{ty} {action:?} {path}"
            );
        }
    }

    #[test]
    fn what_is_new_and_open_exposes() {
        for (ty, after, risk) in [
            (
                "aws_security_group",
                r#"{"ingress": [{"cidr_blocks": ["0.0.0.0/0"]}]}"#,
                Risk::Exposure,
            ),
            (
                "aws_security_group",
                r#"{"egress": [{"cidr_blocks": ["10.0.0.0/8"]}], "ingress": []}"#,
                Risk::Rest,
            ),
            (
                "aws_db_instance",
                r#"{"publicly_accessible": true}"#,
                Risk::Exposure,
            ),
            ("aws_db_instance", r#"{"publicly_accessible": false}"#, Risk::Cost),
            ("aws_lb", r#"{"internal": false}"#, Risk::Exposure),
            ("aws_lb", r#"{"internal": true}"#, Risk::Cost),
        ] {
            let step = Step {
                after: tf_model::plan::read_value(after).unwrap(),
                ..step(ty, Action::Create)
            };
            assert_eq!(Risk::of(&step, &[]), risk, "{ty} {after}");
        }
    }

    #[test]
    fn lists_are_in_order_and_name_types_that_exist() {
        let known = tf_model::schema::schema(tf_model::schema::Kind::Resource, "aws_s3_bucket");
        assert!(known.is_some());
        for list in [EXPOSES, CLOSES, PRIVILEGES, COSTS] {
            assert!(list.is_sorted(), "{list:?}");
            for ty in list {
                let known = tf_model::schema::schema(tf_model::schema::Kind::Resource, ty);
                assert!(known.is_some(), "the provider has no {ty}");
            }
        }
        for list in [EXPOSING, PRIVILEGING, SIZES] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }
}
