//! `tf-gate plan` with real Terraform: several roots, broken ones, interrupted ones, large ones, and secrets everywhere.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod emulator;
mod workshop;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use serde_json::{Value as Json, json};
use workshop::{Ended, Workshop};

fn review(workshop: &Workshop, folder: &str) -> Json {
    let file = workshop.path().join(folder).join("review.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn several_roots_in_their_order_and_one_broken_one_does_not_stop_the_rest() {
    let workshop = Workshop::new();
    workshop.root(
        "test",
        "resource \"terraform_data\" \"broken\" {\n  input = missing.thing\n}\n",
    );
    workshop.write(
        "plumbline.hcl",
        "gate {\n  policy_dirs = [\"policies\"]\n  root \"environments/dev\" {\n    after = [\"environments/prod\"]\n  }\n}\n",
    );
    workshop.commit("three roots");
    let roots = ["environments/dev", "environments/prod", "environments/test"];
    let ended = workshop
        .gate(
            &[
                &["plan"],
                &roots[..],
                &["--out", "reviews", "--parallel", "3", "--format", "json"],
            ]
            .concat(),
        )
        .with(2);
    // Terraform's own words, whole.
    for part in [
        "Error: Reference to undeclared resource",
        "on main.tf line",
        "input = missing.thing",
        "has not been declared in the root module",
    ] {
        assert!(ended.err.contains(part), "{part}: {}", ended.err);
    }
    let printed: Json = serde_json::from_str(&ended.out).unwrap();
    let names: Vec<&str> = printed["reviews"]
        .as_array()
        .unwrap()
        .iter()
        .map(|review| review["root"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["environments/dev", "environments/prod"]);
    assert!(
        workshop
            .path()
            .join("reviews/environments/dev/plan.tfplan")
            .exists()
    );
    // The broken one's folder says so, for its comment.
    let told = review(&workshop, "reviews/environments/test");
    assert_eq!(told["result"], "error");
    assert!(
        told["error"]
            .as_str()
            .unwrap()
            .contains("Reference to undeclared resource")
    );
    let comment = workshop
        .gate(&["comment", "reviews/environments/test", "--dry-run"])
        .with(0);
    assert!(
        comment.out.contains("**It could not be planned**") && comment.out.contains("input = missing.thing"),
        "{}",
        comment.out
    );
    let refused = workshop
        .gate(&["apply", "reviews/environments/test", "--yes"])
        .with(2);
    assert!(refused.err.contains("could not be planned"), "{}", refused.err);
    // One that can be applied stays where a later plan fails.
    workshop.write(
        "environments/prod/more.tf",
        "output \"x\" {\n  value = missing.thing\n}\n",
    );
    workshop
        .gate(&[
            "plan",
            "environments/prod",
            "-q",
            "--out",
            "reviews/environments/prod",
        ])
        .with(2);
    assert_eq!(review(&workshop, "reviews/environments/prod")["result"], "passed");
    let at = |line: &str| {
        ended
            .err
            .find(line)
            .unwrap_or_else(|| panic!("{line}: {}", ended.err))
    };
    assert!(
        at("environments/prod: judging") < at("environments/dev: init"),
        "{}",
        ended.err
    );
}

#[test]
fn roots_in_a_circle_and_wrong_arguments_are_told() {
    let workshop = Workshop::new();
    workshop.write(
        "plumbline.hcl",
        "gate {\n  root \"environments/dev\" {\n    after = [\"environments/prod\"]\n  }\n  root \"environments/prod\" {\n    after = [\"environments/dev\"]\n  }\n}\n",
    );
    let circle = workshop
        .gate(&["plan", "environments/dev", "environments/prod"])
        .with(2);
    assert!(
        circle.err.contains("come after each other in a circle"),
        "{}",
        circle.err
    );
    let missing = workshop.gate(&["plan", "environments/none"]).with(2);
    assert!(
        missing.err.contains("environments/none is not a folder"),
        "{}",
        missing.err
    );
    workshop.write("thesis/chapter.txt", "x");
    workshop.write("plumbline.hcl", "gate {\n}\n");
    let taken = workshop
        .gate(&["plan", "environments/dev", "--out", "thesis"])
        .with(2);
    assert!(
        taken.err.contains("holds chapter.txt, which no review has"),
        "{}",
        taken.err
    );
    let none = workshop
        .gate(&["plan", "environments/dev", "--terraform", "no-such-terraform"])
        .with(2);
    assert!(
        none.err.contains("no-such-terraform is not on the PATH"),
        "{}",
        none.err
    );
}

#[test]
fn what_was_there_before_does_not_fail_a_review_unless_it_is_asked_to() {
    let workshop = Workshop::new();
    workshop.write("environments/dev/terraform.tfvars", "size = 5\n");
    workshop.commit("small");
    let folder = "environments/dev/.terraform/plumbline/review";
    workshop
        .gate(&["plan", "environments/dev", "--fail-on", "none", "-q"])
        .with(0);
    workshop.gate(&["apply", folder, "--yes", "-q"]).with(0);
    // The same failure, now that it is there: another change is not held up by it.
    workshop.root("dev", "output \"more\" {\n  value = 1\n}\n");
    workshop.write("environments/dev/terraform.tfvars", "size = 5\n");
    workshop.commit("more");
    let planned = workshop.gate(&["plan", "environments/dev"]).with(0);
    assert!(planned.out.contains("1 failure existing"), "{}", planned.out);
    let strict = workshop
        .gate(&["plan", "environments/dev", "--fail-on-existing"])
        .with(1);
    assert!(strict.out.contains("The review failed"), "{}", strict.out);
    // Mended, it is fixed.
    workshop.write("environments/dev/terraform.tfvars", "size = 50\n");
    workshop.gate(&["plan", "environments/dev"]).with(0);
    let json = review(&workshop, folder);
    assert_eq!(json["summary"]["fixed"], 1);
    assert_eq!(json["findings"][0]["change"], "fixed");
    // A replacement names what forces it.
    workshop.write("environments/dev/terraform.tfvars", "size = 500\n");
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    let json = review(&workshop, folder);
    assert_eq!(json["summary"]["replace"], 1);
    assert_eq!(json["changes"][0]["forced_by"], json!(["triggers_replace"]));
}

#[test]
fn a_configuration_alone_and_its_first_plan_agree() {
    let workshop = Workshop::new();
    let more = "resource \"terraform_data\" \"later\" {\n  input = { encrypted = terraform_data.first.output == \"x\" }\n}\n\
                resource \"terraform_data\" \"first\" {\n  input = \"x\"\n}\n";
    workshop.root("dev", more);
    workshop.write("environments/dev/terraform.tfvars", "size = 5\n");
    workshop.commit("later");
    let of = |args: &[&str], code: i32| -> Vec<(String, String, String, Json)> {
        let ended = workshop
            .gate(&[&["plan", "environments/dev", "--format", "json"], args].concat())
            .with(code);
        let json: Json = serde_json::from_str(&ended.out).unwrap();
        let mut found: Vec<_> = json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| {
                let text = |name: &str| finding[name].as_str().unwrap().to_owned();
                (
                    text("policy"),
                    text("address"),
                    text("result"),
                    finding["lines"].clone(),
                )
            })
            .collect();
        found.sort_by(|a, b| a.1.cmp(&b.1));
        found
    };
    let (planned, written) = (of(&[], 1), of(&["--static"], 1));
    assert_eq!(planned, written);
    let results: Vec<&str> = planned.iter().map(|found| found.2.as_str()).collect();
    // Nothing fails for being unknown.
    assert_eq!(results, ["failed", "unknown"]);
    workshop.write("environments/dev/terraform.tfvars", "size = 50\n");
    of(&[], 0);
    of(&["--unknown", "fail"], 1);
}

#[test]
fn without_a_plan_only_what_the_change_brings_fails() {
    let workshop = Workshop::new();
    workshop.write("environments/dev/terraform.tfvars", "size = 5\n");
    workshop.commit("small");
    let args = [
        "plan",
        "--static",
        "environments/dev",
        "environments/prod",
        "--base",
        "HEAD",
        "--format",
        "json",
    ];
    // No Terraform, no credentials.
    let run = |code: i32| -> Json {
        let mut command = workshop.command(workshop.path(), &args);
        let path = std::env::var("PATH").unwrap();
        let git = std::env::split_paths(&path)
            .find(|dir| dir.join("git").exists())
            .unwrap();
        let tools = workshop.path().join(".tools");
        if !tools.exists() {
            fs::create_dir(&tools).unwrap();
            std::os::unix::fs::symlink(git.join("git"), tools.join("git")).unwrap();
        }
        command
            .env_clear()
            .env("PATH", &tools)
            .env("HOME", workshop.path());
        let ended = Ended::of(command.output().unwrap()).with(code);
        serde_json::from_str(&ended.out).unwrap()
    };
    let existing = run(0);
    assert_eq!(existing["reviews"][0]["summary"]["existing"], 1);
    assert_eq!(existing["reviews"][0]["mode"], "static");
    assert_eq!(existing["reviews"][0]["seal"], Json::Null);
    workshop.write("environments/prod/terraform.tfvars", "size = 5\n");
    let introduced = run(1);
    assert_eq!(introduced["reviews"][0]["result"], "passed");
    assert_eq!(introduced["reviews"][1]["summary"]["introduced"], 1);
    let folder = "environments/prod/.terraform/plumbline/review";
    let refused = workshop.gate(&["apply", folder, "--yes"]).with(2);
    assert!(refused.err.contains("the review has no seal"), "{}", refused.err);
}

/// Plans of many resources: a comment has room for them all, or says what it leaves out.
#[test]
fn reviews_of_any_size_fit_a_comment() {
    let workshop = Workshop::new();
    for count in [1, 100, 5_000] {
        workshop.root(
            "dev",
            &format!(
                "resource \"terraform_data\" \"many\" {{\n  count = {count}\n  input = {{ name = \"n-${{count.index}}\" }}\n}}\n"
            ),
        );
        workshop
            .gate(&["plan", "environments/dev", "-q", "--out", "review"])
            .with(0);
        let text = fs::read_to_string(workshop.path().join("review/review.md")).unwrap();
        assert!(
            text.chars().count() <= 65_536,
            "{count}: {}",
            text.chars().count()
        );
        assert!(text.contains(&format!("{} to add", count + 1)), "{count}");
        assert_eq!(
            text.matches("<details>").count(),
            text.matches("</details>").count()
        );
        assert_eq!(text.lines().filter(|line| line.starts_with("```")).count() % 2, 0);
        let json = review(&workshop, "review");
        assert_eq!(json["changes"].as_array().unwrap().len(), count + 1);
    }
}

/// Killed at any moment, it leaves no review that is half written, and no lock that stays.
#[test]
fn a_plan_that_is_killed_leaves_an_older_review_or_none() {
    let workshop = Workshop::new();
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    let folder = workshop
        .path()
        .join("environments/dev/.terraform/plumbline/review");
    let older = fs::read_to_string(folder.join("review.json")).unwrap();
    workshop.write("environments/dev/terraform.tfvars", "size = 30\n");
    workshop.commit("thirty");
    let whole = Instant::now();
    let copy = workshop.copy();
    Ended::of(
        workshop
            .command(copy.path(), &["plan", "environments/dev", "-q"])
            .output()
            .unwrap(),
    )
    .with(0);
    let whole = whole.elapsed();
    for part in 1..=12 {
        let mut child = workshop
            .command(workshop.path(), &["plan", "environments/dev", "-q"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * part / 12);
        let _ = child.kill();
        child.wait().unwrap();
        let found = fs::read_to_string(folder.join("review.json")).unwrap_or(older.clone());
        assert!(serde_json::from_str::<Json>(&found).is_ok(), "{part}");
        workshop.wait_for_no_lock(&format!("killed at {part}/12"));
    }
    // The next one is whole.
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    workshop
        .gate(&[
            "apply",
            "environments/dev/.terraform/plumbline/review",
            "--yes",
            "-q",
        ])
        .with(0);
}

/// 100 and 200 GB of gp3 in us-east-1 at 0.08 USD, as its pricing page says.
#[test]
fn what_a_change_costs_is_said_everywhere() {
    let workshop = Workshop::with(&["dev"]);
    let volume = |size: u32| json!({ "availability_zone": "us-east-1a", "size": size, "type": "gp3" });
    let resource = |values: Json| {
        json!({ "address": "aws_ebs_volume.data", "mode": "managed", "type": "aws_ebs_volume", "name": "data",
                "provider_name": "registry.terraform.io/hashicorp/aws", "values": values })
    };
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "prior_state": { "format_version": "1.0", "terraform_version": "1.11.4",
            "values": { "root_module": { "resources": [resource(volume(100))] } } },
        "planned_values": { "root_module": { "resources": [resource(volume(200))] } },
        "resource_changes": [{ "address": "aws_ebs_volume.data", "mode": "managed", "type": "aws_ebs_volume", "name": "data",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": { "actions": ["update"], "before": volume(100), "after": volume(200), "after_unknown": {} } }],
        "configuration": { "provider_config": { "aws": { "name": "aws", "expressions": { "region": { "constant_value": "us-east-1" } } } },
            "root_module": {} },
    });
    workshop.write("plan.json", &plan.to_string());
    let args = [
        "plan",
        "environments/dev",
        "--plan",
        "plan.json",
        "--out",
        "review",
        "--fail-on",
        "none",
        "-q",
    ];
    workshop.gate(&args).with(0);
    let file = review(&workshop, "review");
    assert_eq!(file["cost"]["before"], "8");
    assert_eq!(file["cost"]["after"], "16");
    assert_eq!(
        file["cost"]["resources"],
        json!([{ "address": "aws_ebs_volume.data", "before": "8", "after": "16", "delta": "8" }])
    );
    assert_eq!(file["changes"][0]["risk"], "cost");
    for name in ["review.md", "review.html"] {
        let text = fs::read_to_string(workshop.path().join("review").join(name)).unwrap();
        for part in ["+8.00 USD a month (8.00 → 16.00)", "+8.00 USD a month"] {
            assert!(text.contains(part), "{name}: {text}");
        }
    }
    let shown = workshop.gate(&args[..8]).with(0);
    assert!(
        shown.out.contains("cost +8.00 USD a month (8.00 → 16.00)"),
        "{}",
        shown.out
    );
    // At what is paid, in the currency that is paid in.
    workshop.write(
        "plumbline.hcl",
        "cost {\n  currency      = \"EUR\"\n  exchange_rate = 0.5\n}\n",
    );
    workshop.gate(&args).with(0);
    let paid = review(&workshop, "review");
    assert_eq!(
        (&paid["cost"]["currency"], &paid["cost"]["delta"]),
        (&json!("EUR"), &json!("4"))
    );
    workshop.write("plumbline.hcl", "cost {\n  usage = \"none.yml\"\n}\n");
    let wrong = workshop.gate(&args).with(2);
    assert!(
        wrong.err.contains("cannot read the usage file") && wrong.err.contains("none.yml"),
        "{}",
        wrong.err
    );
}

/// What must not be seen, by the place where it is planted.
const SECRETS: &[(&str, &str)] = &[
    ("default of a sensitive variable", "plant-01-Kq8vTz2w"),
    ("sensitive variable from a file", "plant-02-Bn5xRj7y"),
    ("sensitive variable from the environment", "plant-03-Wd3mPc9k"),
    ("sensitive variable from the command line", "plant-04-Hs6tLf1z"),
    ("sensitive() in a local", "plant-05-Yg4bNq8v"),
    ("attribute that the provider marks", "plant-06-Zr7cVm2x"),
    ("part of a private key", "MIIEpAIBAAKCAQEA7plant07"),
    ("password in a connection string", "plant-08-Tf9kDs4h"),
    ("random value behind a suspicious name", "pL4nt09xQ7vK2mZ8wR3t"),
    ("number that is sensitive", "904117263855"),
    ("sensitive output", "plant-11-Jw2nXb6p"),
    ("value in a sensitive map", "plant-12-Lc8gRt5d"),
];

fn plant(workshop: &Workshop, old: &str, queue: &str) {
    let of = |at: usize| SECRETS[at - 1].1;
    let more = format!(
        r#"
terraform {{
  required_providers {{
    aws = {{
      source = "hashicorp/aws"
    }}
  }}
}}

provider "aws" {{
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}}

variable "one" {{
  type      = string
  sensitive = true
  default   = "{one}"
}}

variable "two" {{
  type      = string
  sensitive = true
}}

variable "three" {{
  type      = string
  sensitive = true
}}

variable "four" {{
  type      = string
  sensitive = true
}}

variable "pin" {{
  type      = number
  sensitive = true
  default   = {ten}
}}

variable "settings" {{
  type      = map(string)
  sensitive = true
  default   = {{ token = "{twelve}" }}
}}

locals {{
  five = sensitive("{five}")
}}

resource "terraform_data" "marked" {{
  input = [var.one, var.two, var.three, var.four, local.five, var.pin, var.settings, "{old}"]
}}

resource "terraform_data" "copied" {{
  input = {{
    plain    = nonsensitive(var.one)
    inside   = "user=a;password=${{nonsensitive(var.two)}};"
    document = jsonencode({{ key = nonsensitive(var.three) }})
    encoded  = base64encode("export P=${{nonsensitive(var.four)}}")
    url      = "https://x.example.com/?t=${{urlencode(nonsensitive(local.five))}}"
    pin      = tostring(nonsensitive(var.pin))
    token    = nonsensitive(var.settings["token"])
    old      = "{old}"
  }}
}}

resource "aws_ssm_parameter" "marked_by_the_provider" {{
  name  = "/x"
  type  = "SecureString"
  value = "{six}"
}}

resource "aws_sqs_queue" "failing" {{
  name = "{queue}"
  tags = {{
    copy     = "{six}"
    password = "{nine}"
    database = "postgres://app:{eight}@db.example.com/app"
    key      = "-----BEGIN RSA PRIVATE KEY-----\n{seven}\n-----END RSA PRIVATE KEY-----"
  }}
}}

output "eleven" {{
  value     = "{eleven}"
  sensitive = true
}}

output "eleven_again" {{
  value = "x {eleven} y"
}}
"#,
        one = of(1),
        five = of(5),
        six = of(6),
        seven = of(7),
        eight = of(8),
        nine = of(9),
        ten = of(10),
        eleven = of(11),
        twelve = of(12),
    );
    workshop.root("dev", &more);
    workshop.write(
        "environments/dev/terraform.tfvars",
        &format!("size = 20\ntwo = \"{}\"\n", of(2)),
    );
}

/// All that a person or a program gets to see of a run: both streams and every file but the plan itself.
fn seen(ended: &Ended, folder: &Path) -> Vec<(String, String)> {
    let mut all = vec![
        ("standard output".to_owned(), ended.out.clone()),
        ("standard error".to_owned(), ended.err.clone()),
    ];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if name != "plan.tfplan" {
            let bytes = fs::read(entry.path()).unwrap();
            all.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    all
}

fn assert_hidden(what: &str, seen: &[(String, String)]) {
    use base64::Engine as _;
    for (place, secret) in SECRETS {
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("export P={secret}"));
        for form in [*secret, encoded.as_str()] {
            for (name, text) in seen {
                if let Some(at) = text.find(form) {
                    let before: Vec<char> = text[..at].chars().rev().take(200).collect();
                    let before: String = before.into_iter().rev().collect();
                    panic!("{what}: {place} is in {name}: …{before}{form}");
                }
            }
        }
    }
}

#[test]
fn no_secret_is_ever_seen() {
    let workshop = Workshop::new();
    plant(&workshop, "plant-01-Kq8vTz2w", "queue");
    workshop.commit("secrets");
    let folder = workshop.path().join("review");
    let four = format!("four={}", SECRETS[3].1);
    let run = |args: &[&str]| {
        let mut command = workshop.command(workshop.path(), args);
        command.env("TF_VAR_three", SECRETS[2].1);
        Ended::of(command.output().unwrap())
    };
    let plan = [
        "plan",
        "environments/dev",
        "--out",
        "review",
        "--var",
        &four,
        "--fail-on",
        "none",
    ];
    let formats = ["json", "markdown", "html", "sarif", "junit", "github", "gitlab"];
    let reports = workshop.path().join("reports");
    fs::create_dir(&reports).unwrap();
    let given: Vec<String> = formats
        .iter()
        .map(|format| format!("--report={format}=reports/{format}"))
        .collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let planned = run(&[&plan[..], &given[..], &["--verbose"]].concat()).with(0);
    assert_hidden("plan", &seen(&planned, &folder));
    assert_hidden("reports", &seen(&planned, &reports));
    assert_eq!(fs::read_dir(&reports).unwrap().count(), formats.len());
    let comment = run(&["comment", "review", "--dry-run"]).with(0);
    assert!(comment.out.contains("environments/dev"), "{}", comment.out);
    assert_hidden("comment", &seen(&comment, &folder));
    let applied = run(&["apply", "review", "--yes"]).with(0);
    assert_hidden("apply", &seen(&applied, &folder));
    let outputs: Json =
        serde_json::from_str(&fs::read_to_string(folder.join("outputs.json")).unwrap()).unwrap();
    assert_eq!(outputs["eleven"], json!({"sensitive": true, "value": null}));
    // Both worlds: what was, and what will be.
    plant(&workshop, "other", "another-queue");
    workshop.write(
        "environments/dev/terraform.tfvars",
        "size = 20\ntwo = \"another-value-of-two\"\n",
    );
    let changed = run(&[&plan[..], &["--verbose"]].concat()).with(0);
    assert!(
        changed.out.contains("to change") || changed.out.contains("to replace"),
        "{}",
        changed.out
    );
    assert_hidden("changed", &seen(&changed, &folder));
    // Terraform's own errors.
    workshop.root(
        "dev",
        "variable \"two\" {\n  type      = string\n  sensitive = true\n}\n\nresource \"terraform_data\" \"checked\" {\n  lifecycle {\n    precondition {\n      \
         condition     = length(nonsensitive(var.two)) > 100\n      error_message = \"too short: ${nonsensitive(var.two)}\"\n    }\n  }\n}\n",
    );
    workshop.write(
        "environments/dev/terraform.tfvars",
        &format!("size = 20\ntwo = \"{}\"\n", SECRETS[1].1),
    );
    let failed = run(&["plan", "environments/dev", "--out", "review"]).with(2);
    assert!(failed.err.contains("too short"), "{}", failed.err);
    assert_hidden("an error", &seen(&failed, &folder));
}
