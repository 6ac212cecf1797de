//! Prices observed in published cost reports against what models and catalogue give for the same label and region.
//!
//! `price_facts.csv` has the figures: a label, and the interval in which rounding leaves the price. What differs stands in
//! `price_facts.misses.txt` with its reason; a miss that is mended must go from there.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tf_model::Project;
use tf_prices::{Catalogue, Decimal};
use tf_pricing::{Models, Options, Usage, estimate};

struct Fact {
    ty: String,
    component: String,
    region: String,
    group: String,
    low: Decimal,
    high: Decimal,
}

fn facts() -> Vec<Fact> {
    let mut reader = csv::Reader::from_reader(&include_bytes!("price_facts.csv")[..]);
    let records = reader.records().map(Result::unwrap);
    records
        .map(|record| {
            let field = |at: usize| record.get(at).unwrap().to_owned();
            Fact {
                ty: field(0),
                component: field(1),
                region: field(3),
                group: field(4),
                low: field(5).parse().unwrap(),
                high: field(6).parse().unwrap(),
            }
        })
        .collect()
}

/// Usage so large that every tier is reached, for every numeric key; and these words.
fn usage(words: &str) -> Usage {
    let models = Models::builtin();
    let mut text = String::from("version: 0.1\nresource_type_default_usage:\n");
    for model in models.all() {
        for ty in model.types.iter().filter(|_| !model.usage.is_empty()) {
            writeln!(text, "  {ty}:").unwrap();
            let mut path: Vec<&str> = Vec::new();
            for key in model.usage.iter() {
                let (name, groups) = key.path.split_last().unwrap();
                for (depth, group) in groups.iter().enumerate() {
                    if path.get(depth) != Some(&&**group) {
                        writeln!(text, "{}{group}:", "  ".repeat(depth + 2)).unwrap();
                        path.truncate(depth);
                        path.push(group);
                    }
                }
                path.truncate(groups.len());
                let value = match (key.words.as_slice(), &**name) {
                    ([], "request_size_kb" | "message_size_kb") => "1",
                    ([], "instances") => "1",
                    // Multiplied with each other they would be beyond any decimal.
                    ([], "memory_mb" | "workflow_duration_ms" | "request_duration_ms") => "1000",
                    ([], _) => "10000000000000",
                    (_, name) => words
                        .split(',')
                        .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
                        .map_or("", |(_, value)| value),
                };
                writeln!(text, "{}{name}: {value}", "  ".repeat(groups.len() + 2)).unwrap();
            }
        }
    }
    Usage::read("usage.yml", &text, models).unwrap()
}

/// The words in the brackets of a label, the last of which is often a type.
fn brackets(label: &str) -> Vec<&str> {
    let inside = label
        .split_once('(')
        .map_or("", |(_, inside)| inside.trim_end_matches(')'));
    inside.split(", ").collect()
}

const ENGINES: [&str; 11] = [
    "mysql",
    "mariadb",
    "postgres",
    "aurora-mysql",
    "aurora-postgresql",
    "oracle-se2",
    "oracle-ee",
    "sqlserver-ee",
    "sqlserver-se",
    "sqlserver-ex",
    "sqlserver-web",
];

/// Terraform whose estimate has the line of a label that names a type, as far as labels do.
fn terraform_of(ty: &str, label: &str, name: &str) -> String {
    let words = brackets(label);
    let last = *words.last().unwrap_or(&"");
    match ty {
        "aws_instance" => format!("resource \"aws_instance\" \"{name}\" {{\n  ami = \"a\"\n  instance_type = \"{last}\"\n}}\n"),
        "aws_autoscaling_group" => format!(
            "resource \"aws_launch_template\" \"{name}\" {{\n  image_id = \"a\"\n  instance_type = \"{last}\"\n}}\nresource \"aws_autoscaling_group\" \"{name}\" {{\n  min_size = 1\n  max_size = 1\n  launch_template {{\n    id = aws_launch_template.{name}.id\n  }}\n}}\n"
        ),
        "aws_eks_node_group" => format!(
            "resource \"aws_eks_node_group\" \"{name}\" {{\n  cluster_name = \"a\"\n  node_role_arn = \"a\"\n  subnet_ids = [\"a\"]\n  instance_types = [\"{last}\"]\n  scaling_config {{\n    desired_size = 1\n    max_size = 1\n    min_size = 1\n  }}\n}}\n"
        ),
        "aws_db_instance" => {
            let multi = words.contains(&"Multi-AZ");
            let each = ENGINES.iter().map(|engine| {
                format!("resource \"aws_db_instance\" \"{name}_{engine}\" {{\n  engine = \"{engine}\"\n  instance_class = \"{last}\"\n  multi_az = {multi}\n  allocated_storage = 100\n}}\n")
            });
            let licence = ["oracle-se2", "oracle-ee"].iter().map(|engine| {
                format!("resource \"aws_db_instance\" \"{name}_{engine}_own\" {{\n  engine = \"{engine}\"\n  license_model = \"bring-your-own-license\"\n  instance_class = \"{last}\"\n  multi_az = {multi}\n  allocated_storage = 100\n}}\n")
            });
            each.chain(licence).collect()
        }
        "aws_rds_cluster_instance" => ["aurora-mysql", "aurora-postgresql"]
            .iter()
            .map(|engine| format!("resource \"aws_rds_cluster_instance\" \"{name}_{engine}\" {{\n  cluster_identifier = \"a\"\n  engine = \"{engine}\"\n  instance_class = \"{last}\"\n  performance_insights_enabled = true\n  performance_insights_retention_period = 731\n}}\n"))
            .collect(),
        "aws_docdb_cluster_instance" | "aws_neptune_cluster_instance" => format!(
            "resource \"{ty}\" \"{name}\" {{\n  cluster_identifier = \"a\"\n  instance_class = \"{last}\"\n}}\n"
        ),
        "aws_elasticache_cluster" => ["redis", "memcached"]
            .iter()
            .map(|engine| format!("resource \"aws_elasticache_cluster\" \"{name}_{engine}\" {{\n  cluster_id = \"a\"\n  engine = \"{engine}\"\n  node_type = \"{}\"\n  num_cache_nodes = 1\n  snapshot_retention_limit = 5\n}}\n", words.get(1).unwrap_or(&"cache.m5.large")))
            .collect(),
        "aws_elasticache_replication_group" => format!(
            "resource \"aws_elasticache_replication_group\" \"{name}\" {{\n  replication_group_id = \"a\"\n  description = \"a\"\n  node_type = \"{}\"\n  snapshot_retention_limit = 5\n}}\n", words.get(1).unwrap_or(&"cache.m5.large")
        ),
        "aws_redshift_cluster" => format!(
            "resource \"aws_redshift_cluster\" \"{name}\" {{\n  cluster_identifier = \"a\"\n  node_type = \"{last}\"\n}}\n"
        ),
        "aws_opensearch_domain" | "aws_elasticsearch_domain" => ["gp2", "gp3", "io1", "standard"]
            .iter()
            .map(|volume| format!("resource \"{ty}\" \"{name}_{volume}\" {{\n  domain_name = \"a\"\n  cluster_config {{\n    instance_type = \"{last}\"\n    dedicated_master_enabled = true\n    dedicated_master_type = \"{last}\"\n    warm_enabled = true\n    warm_type = \"{last}\"\n    warm_count = 2\n  }}\n  ebs_options {{\n    ebs_enabled = true\n    volume_type = \"{volume}\"\n    volume_size = 100\n    iops = 4000\n    throughput = 400\n  }}\n}}\n"))
            .collect(),
        "aws_msk_cluster" => format!(
            "resource \"aws_msk_cluster\" \"{name}\" {{\n  cluster_name = \"a\"\n  kafka_version = \"3\"\n  number_of_broker_nodes = 1\n  broker_node_group_info {{\n    instance_type = \"{last}\"\n    client_subnets = [\"a\"]\n    security_groups = [\"a\"]\n    storage_info {{\n      ebs_storage_info {{\n        volume_size = 100\n      }}\n    }}\n  }}\n}}\n"
        ),
        "aws_mq_broker" => {
            let storage = if words.contains(&"EBS") { "ebs" } else { "efs" };
            let storage = if words.first() == Some(&"RabbitMQ") { "ebs" } else { storage };
            let mode = match words.len() {
                3 => last.to_uppercase(),
                _ => "SINGLE_INSTANCE".to_owned(),
            };
            format!("resource \"aws_mq_broker\" \"{name}\" {{\n  broker_name = \"a\"\n  engine_type = \"{}\"\n  engine_version = \"5\"\n  host_instance_type = \"{}\"\n  deployment_mode = \"{mode}\"\n  storage_type = \"{storage}\"\n  user {{\n    username = \"a\"\n    password = \"not-a-secret-1\"\n  }}\n}}\n", words.first().unwrap_or(&""), if words.len() == 3 { words[1] } else { "mq.m5.large" })
        }
        "aws_codebuild_project" => {
            let kind = label.split(' ').next().unwrap_or_default();
            let environment = match kind {
                "Windows" => "WINDOWS_SERVER_2019_CONTAINER",
                "ARM" => "ARM_CONTAINER",
                _ => "LINUX_CONTAINER",
            };
            let size = last.trim_start_matches("general1.").to_uppercase();
            format!("resource \"aws_codebuild_project\" \"{name}\" {{\n  name = \"a\"\n  service_role = \"a\"\n  artifacts {{\n    type = \"NO_ARTIFACTS\"\n  }}\n  environment {{\n    compute_type = \"BUILD_GENERAL1_{size}\"\n    image = \"a\"\n    type = \"{environment}\"\n  }}\n  source {{\n    type = \"NO_SOURCE\"\n  }}\n}}\n")
        }
        _ => String::new(),
    }
}

/// The name of a line without its tier and without what varies in words only.
fn normal(label: &str) -> String {
    let tier = ["(first ", "(next ", "(over "]
        .iter()
        .find_map(|begin| label.find(begin));
    let short = tier.map_or(label, |at| label.get(..at).unwrap_or(label));
    short
        .trim()
        .replace(", autoscaling)", ")")
        .replace(" (autoscaling)", "")
        .to_lowercase()
}

#[test]
fn prices_are_those_that_were_observed() {
    let facts = facts();
    let mut text = include_str!("price_facts.tf").to_owned();
    let labels: BTreeSet<(&str, &str)> = facts
        .iter()
        .map(|fact| (fact.ty.as_str(), fact.component.as_str()))
        .collect();
    for (at, (ty, label)) in labels.iter().enumerate() {
        text.push_str(&terraform_of(ty, label, &format!("of_label_{at}")));
    }
    let graph = Project::from_text("facts.tf", &text);
    let problems: Vec<String> = graph
        .problems
        .iter()
        .filter(|problem| problem.diagnostic.is_error())
        .map(|problem| problem.diagnostic.to_string())
        .collect();
    assert!(problems.is_empty(), "{problems:?}");
    let usages = [
        usage(""),
        usage(
            "operating_system=windows,endpoint_type=non_aws,instance_tier=advanced,architecture=arm64,api_throughput_limit=advanced",
        ),
        usage("api_throughput_limit=higher"),
    ];
    let regions: BTreeSet<&str> = facts.iter().map(|fact| fact.region.as_str()).collect();
    // By type, label and region: prices, each with the part of the resource it belongs to.
    let mut prices: BTreeMap<(String, String, String), Vec<(String, Decimal)>> = BTreeMap::new();
    for region in regions {
        // Data transfer has its region from the usage file.
        for (at, usage) in usages.iter().enumerate() {
            let options = Options {
                models: Models::builtin(),
                catalogue: Catalogue::embedded(),
                usage: Some(usage),
                region: Some(region),
                terms: None,
            };
            let estimate = estimate(&graph, &options);
            assert!(at > 0 || estimate.resources.len() > 200);
            for resource in &estimate.resources {
                for line in resource.lines.iter() {
                    if let Some(price) = line.price {
                        let key = (resource.ty.to_string(), normal(&line.name), region.to_owned());
                        let group = line.group.clone().unwrap_or_default();
                        prices.entry(key).or_default().push((group, price));
                    }
                }
            }
        }
    }
    let mut missed: BTreeSet<String> = BTreeSet::new();
    let (mut all, mut hit) = (0, 0);
    for fact in &facts {
        let key = (fact.ty.clone(), normal(&fact.component), fact.region.clone());
        let found = prices.get(&key).map(Vec::as_slice).unwrap_or_default();
        let fits = found.iter().any(|(group, price)| {
            (fact.group.is_empty() || fact.group == *group) && *price >= fact.low && *price <= fact.high
        });
        if fact.region == "us-east-1" {
            all += 1;
            hit += u32::from(fits);
        }
        if !fits {
            let mut near: Vec<String> = found.iter().map(|(_, price)| price.to_string()).collect();
            near.sort();
            near.dedup();
            near.truncate(6);
            missed.insert(format!(
                "{} | {} | {} | {}..{} | {}",
                fact.ty,
                fact.component,
                fact.region,
                fact.low.normalize(),
                fact.high.normalize(),
                near.join(" ")
            ));
        }
    }
    let listed: BTreeSet<String> = include_str!("price_facts.misses.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    if let Some(file) = std::env::var_os("TF_COST_MISSES") {
        let lines: Vec<&str> = missed.iter().map(String::as_str).collect();
        std::fs::write(file, lines.join("\n") + "\n").unwrap();
    }
    let share = f64::from(hit) / f64::from(all);
    let unlisted: Vec<&String> = missed.difference(&listed).collect();
    let mended: Vec<&String> = listed.difference(&missed).collect();
    assert!(
        unlisted.is_empty() && mended.is_empty(),
        "{hit} of {all} prices of us-east-1 ({:.1} %)\nmissed and not listed:\n{unlisted:#?}\nlisted and not missed:\n{mended:#?}",
        share * 100.0
    );
    assert!(share > 0.92, "{hit} of {all}");
}
