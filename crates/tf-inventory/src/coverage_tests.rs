//! Which listed resource is which of a state.

use serde_json::{Value as Json, json};

use super::*;

const ACCOUNT: &str = "111122223333";

/// A state file with these resources: type and attributes.
fn state(resources: &[(&str, Json)]) -> tf_model::Graph {
    let resources: Vec<Json> = resources
        .iter()
        .enumerate()
        .map(|(at, (type_name, attributes))| {
            json!({
                "mode": if type_name.starts_with("data.") { "data" } else { "managed" },
                "type": type_name.trim_start_matches("data."), "name": format!("r{at}"),
                "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                "instances": [{ "schema_version": 0, "attributes": attributes }],
            })
        })
        .collect();
    let text = json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": {}, "resources": resources });
    tf_model::state::load(&text.to_string()).unwrap()
}

fn inventory(resources: Vec<Resource>) -> Inventory {
    Inventory {
        account: ACCOUNT.to_owned(),
        regions: vec!["eu-west-1".to_owned()],
        resources,
        unlisted: Vec::new(),
    }
}

fn listed(type_name: &'static str, id: &str) -> Resource {
    Resource {
        region: Some("eu-west-1".to_owned()),
        ..Resource::new(type_name, id)
    }
}

/// What each is: `managed ADDRESS`, `part of ADDRESS`, `left out: REASON`, `unmanaged`.
fn verdicts(resources: Vec<Resource>, known: &[(&str, Json)]) -> Vec<String> {
    let mut states = States::default();
    states.add("root", &state(known));
    let inventory = inventory(resources);
    let coverage = compare(&inventory, &states);
    let mut verdicts = vec![String::new(); inventory.resources.len()];
    for managed in &coverage.managed {
        let how = if managed.as_part { "part of" } else { "managed" };
        verdicts[managed.resource] = format!("{how} {}", managed.holder.address);
    }
    for left_out in &coverage.left_out {
        verdicts[left_out.resource] = format!("left out: {}", left_out.reason);
    }
    for at in &coverage.unmanaged {
        verdicts[*at] = "unmanaged".to_owned();
    }
    verdicts
}

fn part_of(resource: Resource, type_name: &'static str, id: &str) -> Resource {
    let id = id.to_owned();
    resource.made_by(Origin::PartOf { type_name, id })
}

#[test]
fn states_know_things_by_many_names() {
    let balancer = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1";
    let topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
    let group = "arn:aws:logs:eu-west-1:111122223333:log-group:/app";
    let service = "arn:aws:ecs:eu-west-1:111122223333:service/app/web";
    let default = Origin::Default("the default VPC of the region".to_owned());
    for (resource, known, verdict) in [
        (
            listed("aws_vpc", "vpc-1"),
            ("aws_vpc", json!({ "id": "vpc-1" })),
            "managed aws_vpc.r0",
        ),
        (
            listed("aws_vpc", "vpc-1"),
            ("aws_vpc", json!({ "id": "vpc-2" })),
            "unmanaged",
        ),
        (
            listed("aws_vpc", "vpc-1"),
            ("data.aws_vpc", json!({ "id": "vpc-1" })),
            "unmanaged",
        ),
        (
            listed("aws_vpc", "vpc-1").made_by(default.clone()),
            ("aws_default_vpc", json!({ "id": "vpc-1" })),
            "managed aws_default_vpc.r0",
        ),
        (
            listed("aws_vpc", "vpc-1").made_by(default),
            ("aws_vpc", json!({ "id": "vpc-2" })),
            "left out: the default VPC of the region",
        ),
        (
            listed("aws_lb", balancer).arn(balancer),
            ("aws_alb", json!({ "id": balancer, "arn": balancer })),
            "managed aws_alb.r0",
        ),
        // It has the topic's ARN, and manages its policy.
        (
            listed("aws_sns_topic", topic).arn(topic),
            ("aws_sns_topic_policy", json!({ "id": topic, "arn": topic })),
            "unmanaged",
        ),
        (
            listed("aws_cloudwatch_log_group", "/app").arn(group),
            (
                "aws_cloudwatch_log_group",
                json!({ "id": "/app", "arn": format!("{group}:*") }),
            ),
            "managed aws_cloudwatch_log_group.r0",
        ),
        (
            listed("aws_ecs_service", "app/web").arn(service),
            ("aws_ecs_service", json!({ "id": service, "name": "web" })),
            "managed aws_ecs_service.r0",
        ),
        (
            listed("aws_db_instance", "main"),
            ("aws_db_instance", json!({ "id": "db-ABC", "identifier": "main" })),
            "managed aws_db_instance.r0",
        ),
        (
            listed("aws_rds_cluster_instance", "a-1"),
            (
                "aws_rds_cluster_instance",
                json!({ "id": "a-1", "identifier": "a-1" }),
            ),
            "managed aws_rds_cluster_instance.r0",
        ),
        // The same name elsewhere is another thing.
        (
            listed("aws_dynamodb_table", "t").arn("arn:aws:dynamodb:eu-west-1:111122223333:table/t"),
            (
                "aws_dynamodb_table",
                json!({ "id": "t", "arn": "arn:aws:dynamodb:us-east-1:111122223333:table/t" }),
            ),
            "unmanaged",
        ),
        (
            Resource::named("aws_iam_role", "web"),
            (
                "aws_iam_role",
                json!({ "id": "web", "arn": "arn:aws:iam::999988887777:role/web" }),
            ),
            "unmanaged",
        ),
        // A table's replica is a table there.
        (
            listed("aws_dynamodb_table", "t").arn("arn:aws:dynamodb:eu-west-1:111122223333:table/t"),
            (
                "aws_dynamodb_table",
                json!({
                    "id": "t", "arn": "arn:aws:dynamodb:us-east-1:111122223333:table/t",
                    "replica": [{ "arn": "arn:aws:dynamodb:eu-west-1:111122223333:table/t" }],
                }),
            ),
            "part of aws_dynamodb_table.r0",
        ),
        (
            Resource::named("aws_iam_role", "AWSServiceRoleForECS")
                .arn("arn:aws:iam::111122223333:role/x/AWSServiceRoleForECS"),
            (
                "aws_iam_service_linked_role",
                json!({ "id": "arn:aws:iam::111122223333:role/x/AWSServiceRoleForECS" }),
            ),
            "managed aws_iam_service_linked_role.r0",
        ),
        (
            listed("aws_sqs_queue", "https://q"),
            ("awscc_sqs_queue", json!({ "queue_url": "https://q" })),
            "managed awscc_sqs_queue.r0",
        ),
    ] {
        let what = format!("{} and {known:?}", resource.import_id);
        assert_eq!(verdicts(vec![resource], &[known]), [verdict], "{what}");
    }
}

#[test]
fn parts_of_what_a_state_has_are_managed_with_it() {
    let instance = (
        "aws_instance",
        json!({
            "id": "i-1", "primary_network_interface_id": "eni-1",
            "root_block_device": [{ "volume_id": "vol-1" }],
            "ebs_block_device": [{ "volume_id": "vol-2" }, { "volume_id": "vol-3" }],
        }),
    );
    let nat = (
        "aws_nat_gateway",
        json!({ "id": "nat-1", "allocation_id": "eipalloc-1" }),
    );
    let nodes = (
        "aws_eks_node_group",
        json!({ "id": "main:blue", "resources": [{ "autoscaling_groups": [{ "name": "eks-blue" }] }] }),
    );
    let stack = (
        "aws_cloudformation_stack",
        json!({ "id": "arn:aws:cloudformation:eu-west-1:111122223333:stack/app/1", "name": "app" }),
    );
    let secret = (
        "aws_secretsmanager_secret",
        json!({ "id": "arn:aws:secretsmanager:us-east-1:111122223333:secret:api-1" }),
    );
    let found = verdicts(
        vec![
            listed("aws_ebs_volume", "vol-1"),
            listed("aws_ebs_volume", "vol-3"),
            listed("aws_ebs_volume", "vol-9"),
            listed("aws_network_interface", "eni-1"),
            listed("aws_eip", "eipalloc-1"),
            // The group is the node group's, an instance is the group's, and a volume is the instance's.
            listed("aws_autoscaling_group", "eks-blue"),
            part_of(listed("aws_instance", "i-7"), "aws_autoscaling_group", "eks-blue"),
            part_of(listed("aws_ebs_volume", "vol-7"), "aws_instance", "i-7"),
            // Those of a group that no state has.
            part_of(listed("aws_instance", "i-8"), "aws_autoscaling_group", "own"),
            part_of(listed("aws_ebs_volume", "vol-8"), "aws_instance", "i-8"),
            part_of(
                listed(
                    "aws_secretsmanager_secret",
                    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:api-1",
                ),
                "aws_secretsmanager_secret",
                "arn:aws:secretsmanager:us-east-1:111122223333:secret:api-1",
            ),
            listed("aws_s3_bucket", "of-app").made_by(Origin::Stack("app".to_owned())),
            listed("aws_s3_bucket", "of-cdk").made_by(Origin::Stack("CDKToolkit".to_owned())),
        ],
        &[instance, nat, nodes, stack, secret],
    );
    assert_eq!(
        found,
        [
            "part of aws_instance.r0",
            "part of aws_instance.r0",
            "unmanaged",
            "part of aws_instance.r0",
            "part of aws_nat_gateway.r1",
            "part of aws_eks_node_group.r2",
            "part of aws_eks_node_group.r2",
            "part of aws_eks_node_group.r2",
            "left out: comes and goes with aws_autoscaling_group own",
            "left out: comes and goes with aws_instance i-8",
            "part of aws_secretsmanager_secret.r4",
            "part of aws_cloudformation_stack.r3",
            "left out: made by the CloudFormation stack CDKToolkit",
        ]
    );
}

#[test]
fn parts_that_go_round_in_circles_end() {
    let found = verdicts(
        vec![
            part_of(listed("aws_instance", "i-1"), "aws_instance", "i-2"),
            part_of(listed("aws_instance", "i-2"), "aws_instance", "i-1"),
        ],
        &[],
    );
    assert!(found.iter().all(|verdict| verdict.starts_with("left out")));
}

#[test]
fn coverage_is_of_what_is_expected() {
    let inventory = inventory(vec![
        listed("aws_vpc", "vpc-1"),
        listed("aws_vpc", "vpc-2"),
        listed("aws_vpc", "vpc-3"),
        listed("aws_vpc", "vpc-d").made_by(Origin::Default("default".to_owned())),
        listed("aws_kms_key", "k").made_by(Origin::Service("AWS".to_owned())),
        listed("aws_sqs_queue", "q"),
    ]);
    let mut states = States::default();
    states.add("a", &state(&[("aws_vpc", json!({ "id": "vpc-1" }))]));
    states.add(
        "b",
        &state(&[
            ("aws_vpc", json!({ "id": "vpc-2" })),
            ("null_resource", json!({ "id": "q" })),
        ]),
    );
    assert_eq!(states.len(), 2);
    let coverage = compare(&inventory, &states);
    let roots: Vec<&str> = coverage
        .managed
        .iter()
        .map(|managed| &*managed.holder.root)
        .collect();
    assert_eq!(roots, ["a", "b"]);
    assert_eq!(
        coverage.total,
        Count {
            managed: 2,
            unmanaged: 2,
            left_out: 2
        }
    );
    assert_eq!(coverage.total.percent(), Some(50.0));
    assert_eq!(coverage.by_type["aws_kms_key"].percent(), None);
    assert_eq!(coverage.by_type["aws_sqs_queue"].percent(), Some(0.0));
    let classes: Vec<(&str, usize)> = coverage
        .left_out_by_class()
        .into_iter()
        .map(|(class, count)| (class.as_str(), count))
        .collect();
    assert_eq!(classes, [("default", 1), ("service", 1)]);
    assert!(coverage.complete);
}
