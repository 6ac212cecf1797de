//! Plans written by hand: whose failures and whose costs are whose.

use serde_json::{Value as Json, json};
use tf_model::{Options, Project};
use tf_policy::pack;
use tf_pricing::Sources;
use tf_report::Severity;

use super::*;
use crate::finding::Cost;

/// A resource of the root, as the state has it and as it is; null where it is gone.
struct Resource {
    address: &'static str,
    was: Json,
    is: Json,
}

fn resource(address: &'static str, was: Json, is: Json) -> Resource {
    Resource { address, was, is }
}

/// A plan that takes back everything that was changed.
fn plan(resources: &[Resource]) -> String {
    let part = |resource: &Resource| {
        let (ty, name) = resource.address.split_once('.').unwrap();
        json!({
            "address": resource.address, "mode": "managed", "type": ty, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
        })
    };
    let with = |resource: &Resource, change: Json| {
        let mut part = part(resource);
        part["change"] = change;
        part
    };
    let drifted: Vec<Json> = resources
        .iter()
        .filter(|resource| resource.was != resource.is)
        .map(|resource| {
            let actions = if resource.is.is_null() {
                ["delete"]
            } else {
                ["update"]
            };
            with(
                resource,
                json!({ "actions": actions, "before": resource.was, "after": resource.is }),
            )
        })
        .collect();
    let changes: Vec<Json> = resources
        .iter()
        .map(|resource| {
            let actions = match (resource.is.is_null(), resource.was == resource.is) {
                (true, _) => ["create"],
                (_, true) => ["no-op"],
                _ => ["update"],
            };
            with(
                resource,
                json!({ "actions": actions, "before": resource.is, "after": resource.was }),
            )
        })
        .collect();
    let configured: Vec<Json> = resources
        .iter()
        .map(|resource| {
            let mut part = part(resource);
            // Who names another one by its id refers to it.
            let named = resources.iter().filter(|other| {
                let id = &other.was["id"];
                other.address != resource.address
                    && resource
                        .was
                        .as_object()
                        .unwrap()
                        .values()
                        .any(|value| value == id)
            });
            let references: Vec<String> = named
                .flat_map(|other| [format!("{}.id", other.address), other.address.to_owned()])
                .collect();
            part["expressions"] = json!({ "other": { "references": references } });
            part
        })
        .collect();
    json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_drift": drifted,
        "resource_changes": changes,
        "configuration": { "root_module": { "resources": configured } },
    })
    .to_string()
}

/// What is said of a plan; `configuration` is what the blocks say beside their names.
fn said(resources: &[Resource], ignored: &[(&str, &str)]) -> RootReport {
    let dir = tempfile::tempdir().unwrap();
    let blocks: Vec<String> = resources
        .iter()
        .map(|resource| {
            let (ty, name) = resource.address.split_once('.').unwrap();
            let of = ignored.iter().filter(|(address, _)| *address == resource.address);
            let names: Vec<&str> = of.map(|(_, name)| *name).collect();
            let names = names.join(", ");
            format!(
                "resource \"{ty}\" \"{name}\" {{\n  lifecycle {{\n    ignore_changes = [{names}]\n  }}\n}}\n"
            )
        })
        .collect();
    std::fs::write(dir.path().join("main.tf"), blocks.join("\n")).unwrap();
    let project = Project::load_root(dir.path(), &Options::default()).unwrap();
    let written = project.graph(&project.roots()[0]);
    let policies: Vec<_> = pack::builtin().into_iter().collect();
    let pricing = Pricing::read(Sources {
        region: Some("eu-west-1".to_owned()),
        ..Sources::default()
    })
    .unwrap();
    let mut drift = tf_model::plan::drift(&plan(resources)).unwrap();
    report(
        &mut drift,
        &Reading {
            root: "r",
            written: &written,
            policies: &policies,
            pricing: &pricing,
            rules: &Rules {
                respect_ignore_changes: true,
                ..Rules::default()
            },
            mask: &Mask::new([]),
            prefix: "",
        },
    )
}

fn finding<'r>(report: &'r RootReport, address: &str) -> &'r Finding {
    let mut all = report.findings.iter();
    all.find(|finding| finding.address == address)
        .unwrap_or_else(|| panic!("{address}: {report:#?}"))
}

const SSH: &str = "aws-vpc-security-group-no-public-ssh";

fn rule(port: u16, cidr: &str) -> Json {
    json!({
        "cidr_blocks": [cidr], "description": "", "from_port": port, "to_port": port, "protocol": "tcp",
        "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false,
    })
}

fn group(id: &str, team: &str, ingress: &[Json]) -> Json {
    json!({
        "id": id, "name": id, "description": "of the shop", "vpc_id": "vpc-1", "egress": [], "ingress": ingress,
        "tags": { "Team": team }, "tags_all": { "Team": team },
    })
}

fn ingress(id: &str, port: u16, cidr: &str) -> Json {
    json!({
        "id": id, "security_group_rule_id": id, "security_group_id": "sg-a", "cidr_ipv4": cidr, "ip_protocol": "tcp",
        "from_port": port, "to_port": port, "description": "of the shop", "tags": {}, "tags_all": {},
    })
}

#[test]
fn a_failure_counts_for_what_causes_it_and_for_nothing_else() {
    let world = rule(22, "0.0.0.0/0");
    // Reported where nobody ignores it, so that the others say something.
    let told = said(
        &[resource(
            "aws_security_group.a",
            group("sg-a", "shop", &[]),
            group("sg-a", "other", std::slice::from_ref(&world)),
        )],
        &[],
    );
    let found = finding(&told, "aws_security_group.a");
    assert_eq!(found.severity, Severity::High);
    assert!(found.policies.iter().any(|id| id == SSH), "{found:?}");

    let only_info = |report: &RootReport, address: &str| {
        let found = finding(report, address);
        assert_eq!(
            (found.severity, found.policies.as_slice()),
            (Severity::Info, &[][..]),
            "{found:#?}"
        );
    };
    // The port is under ignore_changes, the tag is not.
    let told = said(
        &[resource(
            "aws_security_group.a",
            group("sg-a", "shop", &[]),
            group("sg-a", "other", std::slice::from_ref(&world)),
        )],
        &[("aws_security_group.a", "ingress")],
    );
    assert_eq!(told.ignored_by.get(&Reason::IgnoreChanges), Some(&1));
    only_info(&told, "aws_security_group.a");

    // The same, beside another resource that refers to it.
    let using = |team: &str| json!({ "id": "i-1", "security_group": "sg-a", "subnet_id": "s-1", "tags": { "Team": team }, "tags_all": { "Team": team } });
    let told = said(
        &[
            resource(
                "aws_security_group.a",
                group("sg-a", "shop", &[]),
                group("sg-a", "shop", std::slice::from_ref(&world)),
            ),
            resource("aws_network_interface.i", using("shop"), using("other")),
        ],
        &[("aws_security_group.a", "ingress")],
    );
    assert_eq!(told.findings.len(), 1);
    only_info(&told, "aws_network_interface.i");

    // The group shows late what a rule of its own, which nobody touched, has always let in.
    let told = said(
        &[
            resource(
                "aws_security_group.a",
                group("sg-a", "shop", &[]),
                group("sg-a", "other", std::slice::from_ref(&world)),
            ),
            resource(
                "aws_vpc_security_group_ingress_rule.r",
                ingress("sgr-1", 22, "0.0.0.0/0"),
                ingress("sgr-1", 22, "0.0.0.0/0"),
            ),
        ],
        &[],
    );
    assert_eq!(told.ignored_by.get(&Reason::BackReference), Some(&1));
    only_info(&told, "aws_security_group.a");

    // One rule was opened, another one described otherwise, and the group has another tag: only the first is high.
    let mut described = ingress("sgr-2", 443, "10.0.0.0/8");
    described["description"] = json!("other");
    let told = said(
        &[
            resource(
                "aws_security_group.a",
                group("sg-a", "shop", &[rule(22, "10.0.0.0/8"), rule(443, "10.0.0.0/8")]),
                group("sg-a", "other", &[world.clone(), rule(443, "10.0.0.0/8")]),
            ),
            resource(
                "aws_vpc_security_group_ingress_rule.r",
                ingress("sgr-1", 22, "10.0.0.0/8"),
                ingress("sgr-1", 22, "0.0.0.0/0"),
            ),
            resource(
                "aws_vpc_security_group_ingress_rule.s",
                ingress("sgr-2", 443, "10.0.0.0/8"),
                described,
            ),
        ],
        &[],
    );
    let found = finding(&told, "aws_vpc_security_group_ingress_rule.r");
    assert_eq!(found.severity, Severity::High);
    assert!(found.policies.iter().any(|id| id == SSH), "{found:?}");
    only_info(&told, "aws_security_group.a");
    only_info(&told, "aws_vpc_security_group_ingress_rule.s");
}

fn amount(text: &str) -> Option<tf_pricing::Decimal> {
    Some(text.parse().unwrap())
}

#[test]
fn drift_has_a_price() {
    let machine = |id: &str, ty: &str, team: &str| {
        json!({
            "id": id, "instance_type": ty, "ami": "ami-1", "tenancy": "default", "tags": { "Team": team }, "tags_all": { "Team": team },
            "root_block_device": [], "ebs_block_device": [], "credit_specification": [{ "cpu_credits": "standard" }],
        })
    };
    let volume = |size: u32| json!({ "id": "vol-1", "type": "gp3", "size": size, "iops": 3000, "throughput": 125, "availability_zone": "eu-west-1a", "tags": null });
    let gateway = || json!({ "id": "nat-1", "connectivity_type": "public", "subnet_id": "s-1", "allocation_id": "eip-1" });
    let told = said(
        &[
            resource(
                "aws_instance.larger",
                machine("larger", "t3.micro", "shop"),
                machine("larger", "t3.large", "shop"),
            ),
            resource(
                "aws_instance.odd",
                machine("odd", "m5.large", "shop"),
                machine("odd", "m9.huge", "shop"),
            ),
            resource(
                "aws_instance.tagged",
                machine("tagged", "t3.micro", "shop"),
                machine("tagged", "t3.micro", "other"),
            ),
            resource("aws_ebs_volume.v", volume(10), volume(100)),
            resource("aws_nat_gateway.n", gateway(), Json::Null),
            resource(
                "aws_vpc.v",
                json!({ "id": "vpc-1", "enable_dns_support": true }),
                json!({ "id": "vpc-1", "enable_dns_support": false }),
            ),
        ],
        &[],
    );
    let cost = |address: &str| -> Option<&Cost> { finding(&told, address).cost.as_ref() };
    // Prices of the list, in Ireland: 0.0114 and 0.0912 an hour.
    let larger = cost("aws_instance.larger").unwrap();
    assert_eq!((larger.before, larger.after), (amount("8.322"), amount("66.576")));
    assert_eq!(
        (larger.delta, larger.currency.as_str()),
        (amount("58.254"), "USD")
    );
    assert!(larger.unpriced.is_empty(), "{larger:?}");
    // 0.088 a GB.
    assert_eq!(cost("aws_ebs_volume.v").unwrap().delta, amount("7.92"));
    // 0.048 an hour; what went through it depends on usage.
    let gone = cost("aws_nat_gateway.n").unwrap();
    assert_eq!(
        (gone.delta, gone.before, gone.after),
        (amount("-35.04"), amount("35.04"), None)
    );
    assert!(
        gone.unpriced.iter().any(|line| line.contains("usage")),
        "{gone:?}"
    );
    // A type that is in no catalogue is not for free.
    let odd = cost("aws_instance.odd").unwrap();
    assert_eq!(odd.delta, None);
    assert!(!odd.unpriced.is_empty(), "{odd:?}");
    assert_eq!(cost("aws_instance.tagged"), None);
    assert_eq!(cost("aws_vpc.v"), None);
    let sum = told.cost.unwrap();
    assert_eq!((sum.delta, sum.unpriced), (amount("31.134").unwrap(), 2));
}

#[test]
fn of_two_findings_of_one_resource_each_has_its_own_price() {
    let volume = |size: u32, iops: u32| json!({ "id": "vol-1", "type": "gp3", "size": size, "iops": iops, "throughput": 125, "availability_zone": "eu-west-1a", "tags": null });
    let resources = [resource("aws_ebs_volume.v", volume(10, 3000), volume(100, 4000))];
    let mut plan: Json = serde_json::from_str(&plan(&resources)).unwrap();
    // The configuration says nothing of iops: they are taken into the state.
    plan["resource_changes"][0]["change"]["after"]["iops"] = json!(4000);
    let drift = tf_model::plan::drift(&plan.to_string()).unwrap();
    assert!(is_reverted(drift.review.steps.first(), "size"));
    assert!(!is_reverted(drift.review.steps.first(), "iops"));
    let step = &drift.changed[0];
    let (mask, rules) = (Mask::new([]), Rules::default());
    let subject = Subject {
        root: "r",
        step,
        block: None,
    };
    let recorded = drift.recorded(|_| false);
    let sifted = sift(
        &subject,
        &rules,
        &Owners::new([&recorded, &drift.review.before]),
        &mask,
    );
    let parts = HashMap::from([(&*step.address, sifted.parts)]);
    let (reverted, absorbed): (Vec<_>, Vec<_>) = sifted
        .kept
        .into_iter()
        .partition(|difference| difference.path == "size");
    let found =
        [(Class::Reverted, reverted), (Class::Absorbed, absorbed)].map(|(class, differences)| Found {
            step,
            class,
            differences,
        });
    let worlds = Worlds::new(&drift, &found, &parts);
    let pricing = Pricing::read(Sources {
        region: Some("eu-west-1".to_owned()),
        ..Sources::default()
    })
    .unwrap();
    let costs = cost::of(&worlds, &worlds.recorded(), &pricing);
    let deltas: Vec<_> = costs
        .findings
        .iter()
        .map(|cost| cost.as_ref().unwrap().delta)
        .collect();
    // 90 GB at 0.088, and 1,000 above the free 3,000 at 0.0055.
    assert_eq!(deltas, [amount("7.92"), amount("5.5")]);
    assert_eq!(costs.sum.unwrap().delta, amount("13.42").unwrap());
}
