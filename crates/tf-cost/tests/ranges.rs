//! What is known between two ends only: usage given as a range, and machines that scale, in every command and format.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod program;

use program::{folder, json, said, tf_cost};
use serde_json::Value as Json;

/// A NAT gateway with 100 to 200 GB: 32.85 + 4.5 to 9. A group of 2 to 4: 730 × 0.096 each, 140.16 to 280.32.
const ROOT: &str = "provider \"aws\" {\n  region = \"us-east-1\"\n}\n\
resource \"aws_nat_gateway\" \"main\" {\n  subnet_id = \"subnet-1\"\n}\n\
resource \"aws_launch_template\" \"t\" {\n  image_id      = \"a\"\n  instance_type = \"m5.large\"\n}\n\
resource \"aws_autoscaling_group\" \"g\" {\n  min_size = 2\n  max_size = 4\n  launch_template {\n    id = aws_launch_template.t.id\n  }\n}\n";

const USAGE: &str =
    "version: 0.1\nresource_usage:\n  aws_nat_gateway.main:\n    monthly_data_processed_gb: 100..200\n";

fn dir() -> tempfile::TempDir {
    folder(&[
        ("main.tf", ROOT),
        ("usage.yml", USAGE),
        ("plumbline.hcl", "cost {\n  usage = \"usage.yml\"\n}\n"),
    ])
}

fn shown(dir: &tempfile::TempDir, args: &[&str]) -> String {
    let output = tf_cost(dir.path(), args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn an_estimate_says_both_ends() {
    let dir = dir();
    let document: Json = serde_json::from_str(&shown(&dir, &["estimate", "--format", "json"])).unwrap();
    assert_eq!(document["total_monthly"], "177.51");
    assert_eq!(document["total_monthly_max"], "322.17");
    let gateway = &document["resources"][1];
    assert_eq!(gateway["address"], "aws_nat_gateway.main");
    assert_eq!(
        (&gateway["monthly"], &gateway["monthly_max"]),
        (&"37.35".into(), &"41.85".into())
    );
    let data = &gateway["components"][1];
    assert_eq!(
        (&data["quantity"], &data["quantity_max"]),
        (&"100".into(), &"200".into())
    );
    assert_eq!(
        (&data["monthly"], &data["monthly_max"]),
        (&"4.5".into(), &"9".into())
    );
    for (format, parts) in [
        ("text", &["100 – 200 GB", "4.50 – 9.00", "177.51 – 322.17"][..]),
        ("markdown", &["100 – 200 GB", "4.50 – 9.00", "177.51 – 322.17"]),
        ("html", &["100 – 200 GB", "4.50 – 9.00", "177.51 – 322.17"]),
        ("csv", &["GB,100,200,0.045,4.5,9,priced"]),
        // The format has no place for ranges: it gets the least.
        (
            "infracost",
            &["\"totalMonthlyCost\": \"177.51\"", "\"monthlyCost\": \"4.5\""],
        ),
    ] {
        let shown = shown(&dir, &["estimate", "--format", format]);
        for part in parts {
            assert!(shown.contains(part), "{format}: {part}: {shown}");
        }
    }
    let explained = shown(&dir, &["explain", "aws_nat_gateway.main"]);
    for part in [
        "100 to 200 GB × 0.045 USD = 4.5 to 9 USD",
        "37.35 – 41.85 USD a month",
    ] {
        assert!(explained.contains(part), "{part}: {explained}");
    }
}

#[test]
fn terms_count_for_both_ends() {
    for (settings, low, high) in [
        ("discount \"d\" {\n percent = 10\n}", "159.759", "289.953"),
        // Three are reserved: 2 to 3 at half the price, and nothing to one at the whole: 70.08 to 105.12 + 70.08.
        (
            "reserved \"r\" {\n instance_type = \"m5.large\"\n count = 3\n percent = 50\n}",
            "107.43",
            "217.05",
        ),
        (
            "savings_plan \"p\" {\n type = \"compute\"\n percent = 50\n}",
            "107.43",
            "182.01",
        ),
        ("currency = \"EUR\"\nexchange_rate = 0.5", "88.755", "161.085"),
    ] {
        let dir = dir();
        let settings = format!("cost {{\nusage = \"usage.yml\"\n{settings}\n}}\n");
        std::fs::write(dir.path().join("plumbline.hcl"), &settings).unwrap();
        let output = tf_cost(dir.path(), &["estimate", "--format", "json"]);
        let document = json(&output);
        assert_eq!(document["total_monthly"], low, "{settings}");
        assert_eq!(document["total_monthly_max"], high, "{settings}");
    }
}

#[test]
fn a_difference_says_both_ends_and_limits_count_with_the_most() {
    let dir = folder(&[
        ("base/main.tf", &ROOT.replace("max_size = 4", "max_size = 2")),
        ("head/main.tf", ROOT),
    ]);
    // 140.16 before, and 140.16 to 280.32 after: 0 to 140.16 more.
    let output = tf_cost(dir.path(), &["diff", "base", "head", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let difference = json(&output);
    assert_eq!(
        (&difference["delta"], &difference["delta_max"]),
        (&"0".into(), &"140.16".into())
    );
    assert_eq!(difference["after_max"], "313.17");
    assert_eq!(difference["resources"][0]["delta_max"], "140.16");
    for format in ["text", "markdown", "html"] {
        let output = tf_cost(dir.path(), &["diff", "base", "head", "--format", format]);
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            shown.contains("+0.00 – +140.16") && shown.contains("173.01 – 313.17"),
            "{shown}"
        );
    }
    for (limit, code) in [("140", 1), ("141", 0), ("80%", 1), ("82%", 0)] {
        let output = tf_cost(dir.path(), &["diff", "base", "head", "--fail-on-increase", limit]);
        assert_eq!(output.status.code(), Some(code), "{limit}: {}", said(&output));
    }
}

#[test]
fn a_budget_is_kept_only_if_it_is_certain() {
    let dir = dir();
    for (limit, code) in [("322", 1), ("322.17", 0)] {
        let settings =
            format!("cost {{\n usage = \"usage.yml\"\n budget \"b\" {{\n  monthly = {limit}\n }}\n}}\n");
        std::fs::write(dir.path().join("plumbline.hcl"), &settings).unwrap();
        let output = tf_cost(dir.path(), &["estimate", "-q", "--fail-over-budget"]);
        assert_eq!(output.status.code(), Some(code), "{limit}: {}", said(&output));
    }
}
