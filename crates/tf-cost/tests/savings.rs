//! Savings that the price list proves, with figures worked out by hand from it.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod program;

use program::{folder, json, said, tf_cost};

const PROVIDER: &str = "provider \"aws\" {\n  region = \"us-east-1\"\n}\n";

/// The savings of a root: kind, what could be, and the figure.
fn savings(root: &str, configuration: &str, settings: &str) -> Vec<(String, String, String, String)> {
    let file = format!("{root}/main.tf");
    let configuration = format!("{PROVIDER}{configuration}");
    let settings = format!("cost {{\n{settings}\n}}\n");
    let dir = folder(&[(&file, &configuration), ("plumbline.hcl", &settings)]);
    let output = tf_cost(dir.path(), &["estimate", root, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let document = json(&output);
    let none = Vec::new();
    let list = document["savings"].as_array().unwrap_or(&none).iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    list.map(|saving| {
        (
            text(&saving["address"]),
            text(&saving["kind"]),
            text(&saving["to"]),
            text(&saving["monthly"]),
        )
    })
    .collect()
}

fn of(kind: &str, to: &str, monthly: &str, all: &[(String, String, String, String)]) -> bool {
    all.iter()
        .any(|saving| (saving.1.as_str(), saving.2.as_str(), saving.3.as_str()) == (kind, to, monthly))
}

fn volume(kind: &str, size: u32) -> String {
    format!(
        "resource \"aws_ebs_volume\" \"v\" {{\n  availability_zone = \"us-east-1a\"\n  type = \"{kind}\"\n  size = {size}\n}}\n"
    )
}

#[test]
fn gp3_is_counted_as_fast_as_gp2_was() {
    for (size, monthly) in [
        // 100 × (0.10 − 0.08).
        (100, Some("2")),
        // 200 × 0.02 = 4, and 125 MiB a second × 0.04 = 5 more: no saving.
        (200, None),
        // 500 × 0.02 − 5.
        (500, Some("5")),
        // 2,000 × 0.02 = 40; 6,000 IOPS are 3,000 × 0.005 = 15; and 5.
        (2000, Some("20")),
        // 10,000 × 0.02 = 200; at most 16,000 IOPS are 13,000 × 0.005 = 65; and 5.
        (10000, Some("130")),
    ] {
        let found = savings("root", &volume("gp2", size), "");
        match monthly {
            Some(monthly) => assert!(of("volume_type", "gp3", monthly, &found), "{size}: {found:?}"),
            None => assert!(found.is_empty(), "{size}: {found:?}"),
        }
    }
    assert!(savings("root", &volume("gp3", 100), "").is_empty());
    assert!(savings("root", &volume("io1", 100), "").is_empty());
}

fn instance(ty: &str) -> String {
    format!("resource \"aws_instance\" \"i\" {{\n  ami = \"a\"\n  instance_type = \"{ty}\"\n}}\n")
}

#[test]
fn newer_generations_and_graviton_are_of_the_same_class_and_size() {
    // m4.large 0.1, m5a.large 0.086: 730 × 0.014. m6g.large 0.077: 730 × 0.023.
    let found = savings("root", &instance("m4.large"), "");
    assert!(of("newer_generation", "m5a.large", "10.22", &found), "{found:?}");
    assert!(of("graviton", "m6g.large", "16.79", &found), "{found:?}");
    // Graviton itself: nothing newer costs less, and it is there already.
    let found = savings("root", &instance("m6g.large"), "");
    assert!(found.is_empty(), "{found:?}");
    // A discount counts on both: 10.22 × 0.9.
    let found = savings(
        "root",
        &instance("m4.large"),
        "discount \"d\" {\n percent = 10\n}",
    );
    assert!(of("newer_generation", "m5a.large", "9.198", &found), "{found:?}");
    // What is reserved or under a plan is left alone, and so is what has no twin.
    for settings in [
        "reserved \"r\" {\n instance_type = \"m4.large\"\n percent = 30\n}",
        "savings_plan \"p\" {\n type = \"compute\"\n percent = 30\n}",
    ] {
        assert!(
            savings("root", &instance("m4.large"), settings).is_empty(),
            "{settings}"
        );
    }
    assert!(savings("root", &instance("p3.2xlarge"), "").is_empty());
    let database = "resource \"aws_db_instance\" \"d\" {\n  engine = \"postgres\"\n  instance_class = \"db.m5.large\"\n  allocated_storage = 20\n}\n";
    let found = savings("root", database, "");
    assert!(
        found
            .iter()
            .any(|saving| saving.1 == "graviton" && saving.2 == "db.m6g.large"),
        "{found:?}"
    );
}

#[test]
fn programs_that_run_on_arm_cost_less() {
    let function = "resource \"aws_lambda_function\" \"f\" {\n  function_name = \"f\"\n  role = \"r\"\n  memory_size = 1024\n}\n";
    // Nothing is used, so nothing is saved.
    assert!(savings("root", function, "").is_empty());
    let service = "resource \"aws_ecs_task_definition\" \"t\" {\n  family = \"t\"\n  container_definitions = \"[]\"\n  cpu = \"1024\"\n  memory = \"2048\"\n}\n\
                   resource \"aws_ecs_service\" \"s\" {\n  name = \"s\"\n  launch_type = \"FARGATE\"\n  desired_count = 1\n  task_definition = aws_ecs_task_definition.t.arn\n}\n";
    let found = savings("root", service, "");
    // 730 × 2 × (0.004445 − 0.00356), and 730 × (0.04048 − 0.03238).
    assert!(
        of("graviton", "arm64", "1.2921", &found) && of("graviton", "arm64", "5.913", &found),
        "{found:?}"
    );
}

const GATEWAYS: &str =
    "resource \"aws_nat_gateway\" \"zone\" {\n  count = 3\n  subnet_id = \"subnet-${count.index}\"\n}\n";

#[test]
fn development_needs_one_nat_gateway() {
    for (root, count) in [
        ("environments/dev/net", 2),
        ("environments/prod/net", 0),
        ("net", 0),
    ] {
        let found = savings(root, GATEWAYS, "");
        assert_eq!(found.len(), count, "{root}: {found:?}");
        for saving in &found {
            // 730 × 0.045.
            assert_eq!(
                (saving.1.as_str(), saving.3.as_str()),
                ("shared_nat_gateway", "32.85")
            );
            assert_eq!(saving.2, "aws_nat_gateway.zone[0]");
        }
    }
    // A tag wins over the folder.
    let tagged = GATEWAYS.replace("  count = 3", "  count = 3\n  tags = { Environment = \"dev\" }");
    assert_eq!(savings("environments/prod/net", &tagged, "").len(), 2);
}

#[test]
fn spot_is_for_development_and_only_where_its_price_is_known() {
    let group = "resource \"aws_launch_template\" \"t\" {\n  image_id = \"a\"\n  instance_type = \"m6g.large\"\n}\n\
                 resource \"aws_autoscaling_group\" \"g\" {\n  min_size = 2\n  max_size = 2\n  launch_template {\n    id = aws_launch_template.t.id\n  }\n}\n";
    let spot = "spot {\n prices = { \"m6g.large\" = 0.03 }\n}";
    // 2 × 730 × (0.077 − 0.03).
    assert!(of(
        "spot",
        "Spot",
        "68.62",
        &savings("environments/dev/a", group, spot)
    ));
    assert!(savings("environments/prod/a", group, spot).is_empty());
    assert!(savings("environments/dev/a", group, "").is_empty());
}

#[test]
fn savings_are_shown_in_all_formats_for_people_and_change_nothing() {
    let configuration = format!("{PROVIDER}{}", volume("gp2", 100));
    let dir = folder(&[("main.tf", &configuration)]);
    for (format, parts) in [
        (
            "text",
            &["2.00 USD a month could be saved", "aws_ebs_volume.v: gp2 → gp3"][..],
        ),
        (
            "markdown",
            &[
                "Savings that the price list proves: 2.00 USD",
                "| gp2 | gp3 | 2.00 |",
            ],
        ),
        (
            "html",
            &[
                "Savings that the price list proves: 2.00 USD",
                "<td>gp2</td><td>gp3",
            ],
        ),
        ("json", &["\"savings\"", "\"volume_type\""]),
    ] {
        let output = tf_cost(dir.path(), &["estimate", "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        for part in parts {
            assert!(shown.contains(part), "{format}: {part}: {shown}");
        }
    }
    let output = tf_cost(dir.path(), &["estimate", "--format", "json"]);
    assert_eq!(json(&output)["total_monthly"], "10");
}
