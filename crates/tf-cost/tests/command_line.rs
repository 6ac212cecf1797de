//! The binary as scripts meet it: JSON, exit codes, messages.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod program;

use std::fs;
use std::path::Path;
use std::process::Command;

use program::{folder, json, repository, said, tf_cost};
use serde_json::Value as Json;

const ROOT: &str = "provider \"aws\" {\n  region = \"us-east-1\"\n}\n\nresource \"aws_nat_gateway\" \"main\" {\n  subnet_id = \"subnet-1\"\n}\n\nresource \"aws_iam_role\" \"x\" {\n  assume_role_policy = \"{}\"\n}\n\nresource \"aws_dx_connection\" \"line\" {\n  name      = \"a\"\n  bandwidth = \"1Gbps\"\n  location  = \"b\"\n}\n";

#[test]
fn the_json_is_what_scripts_rely_on() {
    let dir = folder(&[
        ("main.tf", ROOT),
        (
            "usage.yml",
            "version: 0.1\nresource_usage:\n  aws_nat_gateway.main:\n    monthly_data_processed_gb: 100.5\n",
        ),
    ]);
    let output = tf_cost(
        dir.path(),
        &["estimate", ".", "--usage", "usage.yml", "--format", "json"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let document = json(&output);
    let text = |path: &str| document.pointer(path).unwrap_or(&Json::Null).clone();
    assert_eq!(text("/schema"), "plumbline.cost/1");
    assert_eq!(text("/tool"), "tf-cost");
    assert_eq!(text("/currency"), "USD");
    // 730 h × 0.045 and 100.5 GB × 0.045.
    assert_eq!(text("/total_monthly"), "37.3725");
    assert_eq!(text("/unpriced"), 0);
    assert_eq!(text("/summary/free_resources"), 1);
    assert_eq!(text("/summary/not_priced_types/aws_dx_connection"), 1);
    assert_eq!(text("/resources/0/address"), "aws_nat_gateway.main");
    assert_eq!(text("/resources/0/type"), "aws_nat_gateway");
    assert_eq!(text("/resources/0/file"), "main.tf");
    assert_eq!(text("/resources/0/lines/0"), 5);
    assert_eq!(text("/resources/0/monthly"), "37.3725");
    assert_eq!(text("/resources/0/components/1/name"), "Data processed");
    assert_eq!(text("/resources/0/components/1/unit"), "GB");
    assert_eq!(text("/resources/0/components/1/quantity"), "100.5");
    assert_eq!(text("/resources/0/components/1/price"), "0.045");
    assert_eq!(text("/resources/0/components/1/monthly"), "4.5225");
    assert_eq!(
        text("/resources/0/components/1/usage_key"),
        "monthly_data_processed_gb"
    );
    let members: Vec<&String> = document.as_object().unwrap().keys().take(3).collect();
    assert_eq!(members, ["schema", "tool", "version"]);
    let again = tf_cost(
        dir.path(),
        &["estimate", ".", "--usage", "usage.yml", "--format", "json"],
    );
    assert_eq!(output.stdout, again.stdout);
}

#[test]
fn a_plan_costs_what_its_configuration_costs() {
    // Plans of the real Terraform with the real provider, of the same roots.
    for root in [
        "15-container-service",
        "16-compute-fleet",
        "19-event-pipeline",
        "20-databases",
    ] {
        let folder = repository().join("tests/roots").join(root);
        let plan = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/plans")
            .join(format!("{root}.json"));
        let estimated = |path: &Path| {
            let output = tf_cost(
                &repository(),
                &["estimate", path.to_str().unwrap(), "--format", "json"],
            );
            assert_eq!(output.status.code(), Some(0), "{root}: {}", said(&output));
            json(&output)
        };
        let (configuration, plan) = (estimated(&folder), estimated(&plan));
        for member in [
            "/total_monthly",
            "/total_monthly_max",
            "/unpriced",
            "/summary/depends_on_usage",
        ] {
            assert_eq!(
                configuration.pointer(member),
                plan.pointer(member),
                "{root} {member}"
            );
        }
        // Line by line, but for what a plan leaves to the provider.
        let lines = |document: &Json| -> Vec<String> {
            let resources = document["resources"].as_array().unwrap().iter();
            let mut lines: Vec<String> = resources
                .flat_map(|resource| {
                    let components = resource["components"].as_array().unwrap().iter();
                    components
                        .filter(|line| line.get("depends_on").is_none())
                        .map(|line| {
                            let parts = ["group", "name", "quantity", "price", "monthly", "unpriced"];
                            let parts = parts.map(|part| line.get(part).unwrap_or(&Json::Null).to_string());
                            format!("{} {}", resource["address"], parts.join(" "))
                        })
                        .collect::<Vec<_>>()
                })
                .collect();
            lines.sort();
            lines
        };
        assert_eq!(lines(&configuration), lines(&plan), "{root}");
    }
}

#[test]
fn what_is_wrong_exits_with_two_and_says_why() {
    let dir = folder(&[
        ("main.tf", ROOT),
        ("empty/readme.txt", "x"),
        ("broken/main.tf", "resource \"aws_eip\" \"x\" {\n"),
        ("plan.json", "{\"format_version\": \"9.0\"}"),
        (
            "negative.yml",
            "version: 0.1\nresource_usage:\n  aws_nat_gateway.main:\n    monthly_data_processed_gb: -5\n",
        ),
        (
            "wrong.yml",
            "version: 0.1\nresource_usage:\n  aws_nat_gateway.main:\n    monthly_data_procesed_gb: 5\n",
        ),
        ("prices.bin", "no catalogue"),
        ("settings/plumbline.hcl", "cost {\n  usages = \"x\"\n}\n"),
        ("settings/main.tf", ROOT),
    ]);
    let cases: [(&[&str], &str, &str); 9] = [
        (&["estimate", "nowhere"], "", "nowhere is not there"),
        (&["estimate", "empty"], "", "there are no Terraform files"),
        (&["estimate", "broken"], "", "main.tf:"),
        (&["estimate", "plan.json"], "", "plan format 9.0 is not supported"),
        (
            &["estimate", "--usage", "negative.yml"],
            "",
            "negative.yml:4,32: monthly_data_processed_gb is negative: -5",
        ),
        (
            &["estimate", "--usage", "wrong.yml"],
            "",
            "did you mean \"monthly_data_processed_gb\"?",
        ),
        (&["estimate", "--catalogue", "prices.bin"], "", "prices.bin"),
        (&["estimate"], "settings", "plumbline.hcl:2,3"),
        (
            &["explain", "aws_eip.nothing"],
            "",
            "there is no resource aws_eip.nothing",
        ),
    ];
    for (args, below, message) in cases {
        let output = tf_cost(&dir.path().join(below), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        assert!(said(&output).contains(message), "{args:?}: {}", said(&output));
    }
}

#[test]
fn a_region_that_is_not_known_is_no_price() {
    let dir = folder(&[(
        "main.tf",
        "resource \"aws_nat_gateway\" \"main\" {\n  subnet_id = \"subnet-1\"\n}\n",
    )]);
    let output = tf_cost(dir.path(), &["estimate", "--format", "json"]);
    let document = json(&output);
    assert_eq!(document["total_monthly"], "0");
    let line = &document["resources"][0]["components"][0];
    assert_eq!(line["monthly"], Json::Null);
    assert_eq!(line["depends_on"][0], "the region of its provider has no value");
    let output = tf_cost(
        dir.path(),
        &["estimate", "--format", "json", "--region", "us-east-1"],
    );
    assert_eq!(json(&output)["total_monthly"], "32.85");
    let output = tf_cost(
        dir.path(),
        &[
            "estimate",
            "--format",
            "json",
            "--region",
            "af-south-1",
            "--fail-on-unpriced",
        ],
    );
    assert_eq!(output.status.code(), Some(1));
    let document = json(&output);
    assert_eq!(document["unpriced"], 2);
    assert!(
        document["resources"][0]["components"][0]["unpriced"]
            .as_str()
            .unwrap()
            .contains("af-south-1")
    );
}

#[test]
fn differences_are_found_between_all_kinds_of_inputs() {
    let larger = format!("{ROOT}resource \"aws_eip\" \"spare\" {{\n}}\n");
    let dir = folder(&[("base/main.tf", ROOT), ("head/main.tf", &larger)]);
    let saved = tf_cost(
        dir.path(),
        &["estimate", "base", "--format", "json", "-o", "base.json"],
    );
    assert_eq!(saved.status.code(), Some(0), "{}", said(&saved));
    for base in ["base", "base.json"] {
        let output = tf_cost(dir.path(), &["diff", base, "head", "--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let difference = json(&output);
        assert_eq!(difference["schema"], "plumbline.cost-diff/1");
        assert_eq!(difference["delta"], "3.65");
        assert_eq!(difference["delta_price"], "0");
        assert_eq!(difference["resources"][0]["address"], "aws_eip.spare");
        assert_eq!(difference["resources"][0]["change"], "added");
        assert_eq!(difference["resources"].as_array().unwrap().len(), 1);
    }
    for (limit, code) in [("10%", 1), ("12%", 0), ("3", 1), ("4", 0)] {
        let output = tf_cost(dir.path(), &["diff", "base", "head", "--fail-on-increase", limit]);
        assert_eq!(output.status.code(), Some(code), "{limit}");
    }
    // Another price of the same thing is no change of the configuration.
    let text = fs::read_to_string(dir.path().join("base.json")).unwrap();
    let dearer = text
        .replace("\"price\": \"0.045\"", "\"price\": \"0.05\"")
        .replace("\"32.85\"", "\"36.5\"");
    fs::write(dir.path().join("dearer.json"), dearer).unwrap();
    let output = tf_cost(dir.path(), &["diff", "dearer.json", "base", "--format", "json"]);
    let difference = json(&output);
    assert_eq!(difference["resources"][0]["change"], "price");
    assert_eq!(difference["delta"], difference["delta_price"]);
    let output = tf_cost(dir.path(), &["diff", "no-such-revision", "head"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_revision_of_git_is_compared_with_what_is_there() {
    let dir = folder(&[
        ("root/main.tf", "module \"m\" {\n  source = \"../m\"\n}\n"),
        ("m/main.tf", ROOT),
    ]);
    let git = |args: &[&str]| {
        let settings = [
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "-c",
            "commit.gpgsign=false",
        ];
        let output = Command::new("git")
            .current_dir(dir.path())
            .args(settings)
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {}", said(&output));
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "x"]);
    fs::write(
        dir.path().join("m/main.tf"),
        format!("{ROOT}resource \"aws_eip\" \"spare\" {{\n}}\n"),
    )
    .unwrap();
    let output = tf_cost(dir.path(), &["diff", "HEAD:root", "root", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(json(&output)["delta"], "3.65");
}

#[test]
fn budgets_are_kept_or_not() {
    let settings = |limit: &str| {
        format!(
            "cost {{\n  fail_over_budget = true\n  budget \"network\" {{\n    monthly = {limit}\n    address = \"aws_nat_*\"\n  }}\n}}\n"
        )
    };
    for (limit, code) in [("30", 1), ("40", 0)] {
        let dir = folder(&[("main.tf", ROOT), ("plumbline.hcl", &settings(limit))]);
        let output = tf_cost(dir.path(), &["estimate", "-q"]);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert_eq!(
            said(&output).contains("over budget: network may cost 30.00"),
            code == 1
        );
    }
}

#[test]
fn a_sensitive_value_is_not_shown() {
    let text = "provider \"aws\" {\n  region = \"us-east-1\"\n}\nvariable \"kind\" {\n  default   = \"m5.4xlarge\"\n  sensitive = true\n}\nresource \"aws_instance\" \"x\" {\n  ami           = \"a\"\n  instance_type = var.kind\n}\n";
    let dir = folder(&[("main.tf", text)]);
    for format in ["text", "json", "csv", "markdown", "html", "infracost"] {
        let output = tf_cost(dir.path(), &["estimate", "--verbose", "--format", format]);
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            !shown.contains("m5.4xlarge") && !shown.contains("m5"),
            "{format}: {shown}"
        );
    }
    let output = tf_cost(dir.path(), &["explain", "aws_instance.x"]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("m5"));
}
