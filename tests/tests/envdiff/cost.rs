//! What environments cost: by resource, traced to what makes it, judged with it, and by rules about sums.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use tempfile::TempDir;

use super::{compared, tf_envdiff};

/// A root with a volume, a task that a service runs, a queue that nobody knows the use of, and what is added to it.
fn root(dir: &Path, name: &str, variables: &str, more: &str) {
    let root = dir.join(name);
    fs::create_dir_all(&root).unwrap();
    fs::write(
        root.join("main.tf"),
        format!(
            r#"variable "size" {{
  type    = number
  default = 100
}}

variable "count_of" {{
  type    = number
  default = 1
}}

variable "cpu" {{
  type    = number
  default = 256
}}

variable "label" {{
  type    = string
  default = "same"
}}

variable "region" {{
  type    = string
  default = "eu-west-1"
}}

variable "type" {{
  type    = string
  default = "gp3"
}}

provider "aws" {{
  region = var.region
}}

resource "aws_ebs_volume" "disk" {{
  count             = var.count_of
  availability_zone = "${{var.region}}a"
  type              = var.type
  size              = var.size
  snapshot_id       = var.label
}}

resource "aws_ecs_task_definition" "api" {{
  family                   = "api"
  container_definitions    = "[]"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = 1024
}}

resource "aws_ecs_service" "api" {{
  name            = "api"
  launch_type     = "FARGATE"
  desired_count   = 2
  task_definition = aws_ecs_task_definition.api.arn
}}

resource "aws_sqs_queue" "jobs" {{
  message_retention_seconds = var.size * 60
}}
{more}"#
        ),
    )
    .unwrap();
    fs::write(root.join("terraform.tfvars"), variables).unwrap();
}

fn roots(dev: &str, prod: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    root(dir.path(), "dev", dev, "");
    root(dir.path(), "prod", prod, "");
    dir
}

fn settings(dir: &Path, text: &str) {
    let text = text.replace('}', "  reason = \"r\"\n  owner = \"o\"\n}");
    fs::write(dir.join("plumbline.hcl"), format!("envdiff {{\n{text}\n}}\n")).unwrap();
}

/// The differences in cost, by name.
fn costs(json: &Json) -> BTreeMap<String, Json> {
    let all = json["differences"].as_array().unwrap().iter();
    all.filter(|difference| difference["layer"] == "cost")
        .map(|difference| {
            let name = format!(
                "{}.{}",
                difference["subject"].as_str().unwrap(),
                difference["attribute"].as_str().unwrap()
            );
            (name, difference.clone())
        })
        .collect()
}

fn causes(difference: &Json) -> Vec<String> {
    let more = difference["more_causes"].as_array().into_iter().flatten();
    std::iter::once(&difference["cause"])
        .chain(more)
        .filter_map(|cause| Some(cause["name"].as_str()?.to_owned()))
        .collect()
}

fn amount(value: &Json) -> f64 {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .parse()
        .unwrap()
}

/// Each difference is one row, with what makes it and nothing else that differs; and it is what tf-cost says.
#[test]
fn amounts_are_traced_to_what_makes_them() {
    type Row<'r> = (&'r str, &'r [&'r str]);
    let cases: [(&str, &str, &[Row<'_>]); 6] = [
        // A volume's size, which is also how long messages are kept: of this nothing is paid.
        (
            "",
            "size = 200\n",
            &[("aws_ebs_volume.disk[0].monthly", &["var.size"])],
        ),
        (
            "",
            "size = 200\ntype = \"gp2\"\nlabel = \"other\"\n",
            &[("aws_ebs_volume.disk[0].monthly", &["var.size", "var.type"])],
        ),
        // What only another resource has that the model looks at.
        (
            "",
            "cpu = 512\n",
            &[("aws_ecs_service.api.monthly", &["var.cpu"])],
        ),
        // More of them: one row.
        (
            "",
            "count_of = 3\n",
            &[("aws_ebs_volume.disk[1].monthly", &["var.count_of"])],
        ),
        // What is not priced is not noise.
        ("", "label = \"other\"\n", &[]),
        // That a region is dearer is no other difference than that the regions are others.
        ("", "region = \"eu-central-1\"\n", &[]),
    ];
    for (dev, prod, want) in cases {
        let dir = roots(dev, prod);
        let (json, _) = compared(dir.path(), &["dev", "prod"]);
        assert_eq!(json["errors"], Json::Array(Vec::new()), "{json:#}");
        let found = costs(&json);
        let names: Vec<&String> = found.keys().collect();
        let wanted: Vec<&str> = want.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, wanted, "{prod}: {json:#}");
        for (name, makes) in want {
            let row = &found[*name];
            assert_eq!(causes(row), *makes, "{prod}: {row:#}");
            assert_eq!(
                row["verdict"],
                if prod.contains("count") {
                    "missing"
                } else {
                    "unexplained"
                }
            );
            let places = &row["cause"]["places"]["prod"];
            assert_eq!(places["file"], "prod/terraform.tfvars", "{row:#}");
            assert_eq!(places["lines"][0], 1, "{row:#}");
        }
    }
    // gp3 in Ireland: 0.088 USD a GB.
    let dir = roots("", "size = 200\n");
    let (json, _) = compared(dir.path(), &["dev", "prod"]);
    let row = &costs(&json)["aws_ebs_volume.disk[0].monthly"];
    assert_eq!(row["values"], serde_json::json!({ "dev": "8.8", "prod": "17.6" }));
    assert_eq!(row["amounts"]["prod"]["monthly"], "17.6");
    let of = |name: &str| amount(&json["cost"]["environments"][name]["monthly"]);
    assert!((of("prod") - of("dev") - 8.8).abs() < 1e-9, "{}", json["cost"]);
    // The queue's requests are in no sum, and said.
    assert_eq!(
        json["cost"]["environments"]["dev"]["depends_on_usage"], 1,
        "{}",
        json["cost"]
    );
    assert_eq!(json["cost"]["currency"], "USD");
    let variable = json["differences"]
        .as_array()
        .unwrap()
        .iter()
        .find(|difference| difference["layer"] == "variables")
        .unwrap();
    assert_eq!(
        variable["monthly_cost"],
        serde_json::json!({ "dev": "8.8", "prod": "17.6" })
    );
    // In the text the variable's row tells it all.
    let text = tf_envdiff(dir.path(), &["dev", "prod", "--color", "never"]).out;
    let flat: String = text
        .split(['│', '\n'])
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ");
    assert!(flat.contains("8.80 / 17.60 USD a month"), "{text}");
    assert!(text.contains("Monthly cost in USD: dev "), "{text}");
    assert!(!text.contains(".monthly"), "{text}");
}

/// Regions are left out with the others, and compared where the settings keep them.
#[test]
fn regions_have_prices() {
    let dir = roots("", "region = \"eu-central-1\"\n");
    let (json, code) = compared(dir.path(), &["dev", "prod", "--show-left-out"]);
    assert_eq!(code, Some(0), "{json:#}");
    let left_out = json["left_out_details"].as_array().unwrap().iter();
    let subjects: Vec<&str> = left_out
        .filter(|left| left["layer"] == "cost")
        .map(|left| left["subject"].as_str().unwrap())
        .collect();
    assert_eq!(
        subjects,
        ["aws_ebs_volume.disk[0]", "aws_ecs_service.api"],
        "{json:#}"
    );
    fs::write(
        dir.path().join("plumbline.hcl"),
        "envdiff {\n  keep = [\"regions\"]\n}\n",
    )
    .unwrap();
    let (json, _) = compared(dir.path(), &["dev", "prod", "--layer", "cost"]);
    assert_eq!(costs(&json).len(), 2, "{json:#}");
}

/// What is meant is meant with its price; and sums have rules of their own.
#[test]
fn rules_are_about_what_makes_a_cost_and_about_sums() {
    let dir = roots("", "size = 200\n");
    let judged = |rules: &str| {
        settings(dir.path(), rules);
        let (json, code) = compared(dir.path(), &["dev", "prod"]);
        let verdicts: BTreeMap<String, String> = costs(&json)
            .into_iter()
            .map(|(name, row)| (name, row["verdict"].as_str().unwrap().to_owned()))
            .collect();
        let text: Vec<String> = verdicts
            .iter()
            .map(|(name, verdict)| format!("{name} {verdict}"))
            .collect();
        (text.join(", "), code, json)
    };
    const DISK: &str = "aws_ebs_volume.disk[0].monthly";
    const MEANT: &str = "  expect \"size\" \"message_retention_seconds\" {\n}\n";
    for (rules, want, code) in [
        ("", format!("{DISK} unexplained"), 1),
        // By the variable, by the attribute that makes it, by its own name.
        (MEANT, format!("{DISK} expected"), 0),
        (
            "  expect \"aws_ebs_volume.disk.size\" \"message_retention_seconds\" {\n}\n",
            format!("{DISK} expected"),
            0,
        ),
        ("  expect \"disk.monthly\" {\n}\n", format!("{DISK} expected"), 1),
        ("  equal \"size\" {\n}\n", format!("{DISK} forbidden"), 1),
        // Sums: an order, a limit that holds and one that does not.
        (
            &format!("{MEANT}  ordered \"environment.monthly\" {{\n  order = prod >= dev\n}}\n"),
            format!("{DISK} expected, environment.monthly expected"),
            0,
        ),
        (
            &format!("{MEANT}  ordered \"environment.monthly\" {{\n  order = dev >= prod\n}}\n"),
            format!("{DISK} expected, environment.monthly forbidden"),
            1,
        ),
        (
            &format!("{MEANT}  forbid \"environment.monthly\" {{\n  when = prod > 2 * dev\n}}\n"),
            format!("{DISK} expected"),
            0,
        ),
        (
            &format!("{MEANT}  forbid \"environment.monthly\" {{\n  when = prod > 1.2 * dev\n}}\n"),
            format!("{DISK} expected, environment.monthly forbidden"),
            1,
        ),
        (
            &format!("{MEANT}  expect \"stack.monthly\" {{\n  when = prod < 2 * dev\n}}\n"),
            format!("{DISK} expected, stack.monthly expected"),
            0,
        ),
        (
            &format!("{MEANT}  expect \"stack.monthly\" {{\n  when = prod < 1.1 * dev\n}}\n"),
            format!("{DISK} expected, stack.monthly unexplained"),
            1,
        ),
    ] {
        let (found, exit, json) = judged(rules);
        assert_eq!((found, exit), (want, Some(code)), "{rules}: {json:#}");
        // A rule that is used is not stale.
        assert_eq!(json["idle_rules"], Json::Array(Vec::new()), "{rules}");
    }
    // What is most of a sum is named, with its place.
    let (_, _, json) = judged(&format!(
        "{MEANT}  ordered \"environment.monthly\" {{\n  order = dev >= prod\n}}\n"
    ));
    let total = &costs(&json)["environment.monthly"];
    assert_eq!(causes(total), ["var.size"], "{total:#}");
    assert!(
        total["note"].as_str().unwrap().contains("aws_ebs_volume.disk[0]"),
        "{total:#}"
    );
    // A limit counts where nothing differs.
    let same = roots("", "");
    settings(
        same.path(),
        "  forbid \"environment.monthly\" {\n  when = dev > prod / 2\n}\n",
    );
    let (json, code) = compared(same.path(), &["dev", "prod"]);
    assert_eq!(code, Some(1), "{json:#}");
    assert_eq!(json["differences"].as_array().unwrap().len(), 1);
    settings(
        same.path(),
        "  ordered \"environment.monthly\" {\n  order = dev <= prod\n}\n",
    );
    let (json, code) = compared(same.path(), &["dev", "prod"]);
    assert_eq!(
        (code, json["differences"].as_array().unwrap().len()),
        (Some(0), 0)
    );
}

/// What has no price is said, and never 0.
#[test]
fn what_has_no_price_is_not_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    root(dir.path(), "dev", "type = \"gp3\"\n", "");
    root(dir.path(), "prod", "type = \"gp9\"\n", "");
    let (json, _) = compared(dir.path(), &["dev", "prod", "--layer", "cost"]);
    let found = costs(&json);
    let row = &found["aws_ebs_volume.disk[0].monthly"];
    assert_eq!(
        row["values"],
        serde_json::json!({ "dev": "8.8", "prod": "no price" }),
        "{json:#}"
    );
    assert_eq!(row["amounts"]["prod"]["monthly"], Json::Null);
    assert_eq!(
        json["cost"]["environments"]["prod"]["unpriced"], 1,
        "{}",
        json["cost"]
    );
    assert_eq!(causes(row), ["var.type"]);
    // Money and what is none cannot be compared: the rule says so.
    settings(
        dir.path(),
        "  ordered \"disk.monthly\" {\n  order = prod >= dev\n}\n",
    );
    let (json, code) = compared(dir.path(), &["dev", "prod", "--layer", "cost"]);
    assert_eq!(code, Some(2), "{json:#}");
    assert!(
        json["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("have no order"),
        "{json:#}"
    );
    // A usage file makes amounts of what depends on usage.
    fs::write(
        dir.path().join("usage.yml"),
        "version: 0.1\nresource_usage:\n  aws_sqs_queue.jobs:\n    monthly_requests: 100000000\n",
    )
    .unwrap();
    fs::write(
        dir.path().join("plumbline.hcl"),
        "cost {\n  usage = \"usage.yml\"\n}\n",
    )
    .unwrap();
    let (json, _) = compared(dir.path(), &["dev", "prod", "--layer", "cost"]);
    assert_eq!(
        json["cost"]["environments"]["dev"]["depends_on_usage"], 0,
        "{}",
        json["cost"]
    );
    fs::write(
        dir.path().join("plumbline.hcl"),
        "cost {\n  usage = \"nowhere.yml\"\n}\n",
    )
    .unwrap();
    let run = tf_envdiff(dir.path(), &["dev", "prod", "--layer", "cost"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("nowhere.yml"), "{}", run.err);
}

/// A stack that only some have costs what it costs, in one row; a broken one is in no sum.
#[test]
fn stacks_that_are_missing_or_broken_are_told() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    for name in ["dev/a", "dev/b", "prod/a"] {
        root(dir.path(), name, "", "");
    }
    let (json, code) = compared(dir.path(), &["dev", "prod"]);
    assert_eq!(code, Some(1));
    let found = costs(&json);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["stack b.monthly"], "{json:#}");
    let row = &found["stack b.monthly"];
    assert_eq!(row["verdict"], "missing");
    assert_eq!(
        row["values"]["dev"],
        json["cost"]["environments"]["dev"]["stacks"]["b"]["monthly"]
    );
    assert!(row["values"].get("prod").is_none());
    fs::write(dir.path().join("prod/a/broken.tf"), "locals {\n  a =\n}\n").unwrap();
    let (json, code) = compared(dir.path(), &["dev", "prod", "x=dev"]);
    assert_eq!(code, Some(2));
    assert_eq!(
        json["cost"]["environments"]["prod"]["incomplete"], true,
        "{}",
        json["cost"]
    );
    assert!(amount(&json["cost"]["environments"]["x"]["monthly"]) > 0.0);
}
