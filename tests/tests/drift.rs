//! `tf-drift scan` with real Terraform: a table of changes made with another client, and what is said of each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod emulator;
mod terraform;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use emulator::{boto, emulator, environment};
use serde_json::{Value as Json, json};
use terraform::{Arguments, Terraform};

/// What the root keeps in a secret parameter, and what it is changed to.
const SECRETS: [&str; 2] = ["hunter2-correct-horse-battery", "hunter3-correct-horse-battery"];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("drift")
}

/// One entry of `changes.txt`.
struct Change {
    title: String,
    script: Vec<String>,
    expected: Vec<Expected>,
}

/// What is to be said of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Expected {
    Found {
        address: String,
        class: String,
        severity: String,
        policy: Option<String>,
    },
    Ignored {
        address: String,
        path: String,
        reason: String,
    },
    Nothing(String),
}

fn changes() -> Vec<Change> {
    let text = fs::read_to_string(folder().join("changes.txt")).unwrap();
    let mut changes: Vec<Change> = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let Some(inner) = line.strip_prefix("  ") else {
            changes.push(Change {
                title: line.to_owned(),
                script: Vec::new(),
                expected: Vec::new(),
            });
            continue;
        };
        let change = changes.last_mut().unwrap();
        let Some(expected) = inner.strip_prefix("= ") else {
            change.script.push(inner.to_owned());
            continue;
        };
        let words: Vec<String> = expected.split(' ').map(str::to_owned).collect();
        change.expected.push(match (words[0].as_str(), words.as_slice()) {
            ("nothing", [_, address]) => Expected::Nothing(address.clone()),
            ("ignored", [_, reason, address, path]) => Expected::Ignored {
                address: address.clone(),
                path: path.clone(),
                reason: reason.clone(),
            },
            ("reverted" | "absorbed" | "deleted", [class, severity, address, policy @ ..]) => {
                Expected::Found {
                    address: address.clone(),
                    class: class.clone(),
                    severity: severity.clone(),
                    policy: policy.first().cloned(),
                }
            }
            _ => panic!("{line}"),
        });
    }
    changes
}

/// Runs `tf-drift` in a folder; gives its exit code, standard output and standard error.
fn drift(dir: &Path, url: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tf-drift"))
        .args(args)
        .current_dir(dir)
        .envs(environment(url))
        .env_remove("CI")
        .env_remove("TF_WORKSPACE")
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn terraform(terraform: &Terraform, dir: &Path, arguments: &Arguments, args: &[&str]) {
    let output = terraform.command(dir, arguments).args(args).output().unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn each_change_from_outside_is_told_with_its_class_and_severity() {
    let program = Terraform::find().unwrap();
    let emulator = emulator();
    let dir = terraform::copy(&folder().join("table"), "drift", "table").unwrap();
    let arguments = Arguments {
        environment: environment(emulator.url()),
        plan: Vec::new(),
    };
    terraform(&program, &dir, &arguments, &["init"]);
    terraform(
        &program,
        &dir,
        &arguments,
        &["apply", "-auto-approve", "-parallelism=20"],
    );
    let state = fs::read(dir.join("terraform.tfstate")).unwrap();

    // Nobody changed anything, though what is there is not what the state says in dozens of places.
    let (code, out, err) = drift(&dir, emulator.url(), &["scan", ".", "--format", "json"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let clean: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(clean["schema"], "plumbline.drift/1");
    assert_eq!(clean["roots"][0]["status"], "clean");
    assert!(clean["roots"][0]["ignored"].as_u64().unwrap() > 50, "{out}");

    let changes = changes();
    assert!(changes.len() >= 40);
    let mut script = fs::read_to_string(folder().join("helpers.py")).unwrap();
    for change in &changes {
        script.push_str(&format!("\n# {}\n{}\n", change.title, change.script.join("\n")));
    }
    boto(emulator.url(), &script, &json!({}));

    let (code, out, err) = drift(
        &dir,
        emulator.url(),
        &[
            "scan",
            ".",
            "--format",
            "json",
            "--show-ignored",
            "--report",
            "text=drift.txt",
        ],
    );
    assert_eq!(code, Some(1), "{out}{err}");
    let document: Json = serde_json::from_str(&out).unwrap();
    let root = &document["roots"][0];
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let findings = root["findings"].as_array().unwrap();
    let mut found: BTreeSet<(String, String, String)> = findings
        .iter()
        .map(|finding| {
            (
                text(&finding["address"]),
                text(&finding["class"]),
                text(&finding["severity"]),
            )
        })
        .collect();
    let ignored: BTreeSet<(String, String, String)> = root["ignored_changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ignored| {
            (
                text(&ignored["address"]),
                text(&ignored["path"]),
                text(&ignored["reason"]),
            )
        })
        .collect();
    let mut wrong = Vec::new();
    for change in &changes {
        for expected in &change.expected {
            let is = match expected {
                Expected::Found {
                    address,
                    class,
                    severity,
                    policy,
                } => {
                    let is = found.remove(&(address.clone(), class.clone(), severity.clone()));
                    let finding = findings
                        .iter()
                        .find(|finding| finding["address"] == **address && finding["class"] == **class);
                    let named = finding.is_some_and(|finding| {
                        let policies = finding["policies"].as_array().unwrap();
                        match policy {
                            Some(policy) => policies.iter().any(|other| other == policy),
                            None => policies.is_empty(),
                        }
                    });
                    is && named
                }
                Expected::Ignored {
                    address,
                    path,
                    reason,
                } => ignored.contains(&(address.clone(), path.clone(), reason.clone())),
                Expected::Nothing(address) => findings.iter().all(|finding| finding["address"] != **address),
            };
            if !is {
                wrong.push(format!("{}: {expected:?}", change.title));
            }
        }
    }
    wrong.extend(found.iter().map(|more| format!("nobody expects {more:?}")));
    assert!(wrong.is_empty(), "{}\n{out}", wrong.join("\n"));

    for finding in findings {
        assert_eq!(finding["state"], "new", "{finding}");
        assert!(text(&finding["file"]).ends_with("main.tf"), "{finding}");
        assert_eq!(finding["fingerprint"].as_str().unwrap().len(), 16);
        assert!(finding["lines"][0].as_u64() < finding["lines"][1].as_u64());
        let remedy = &finding["remedy"];
        assert!(!text(&remedy["accept"]).is_empty() && !text(&remedy["revert"]).is_empty());
    }
    let shown = fs::read_to_string(dir.join("drift.txt")).unwrap();
    for secret in SECRETS {
        assert!(!out.contains(secret) && !shown.contains(secret) && !err.contains(secret));
    }
    assert!(shown.contains("(sensitive value) → (sensitive value)"), "{shown}");
    // Looking changed nothing.
    assert!(state == fs::read(dir.join("terraform.tfstate")).unwrap());
    // The second time, the same bytes.
    let again = [
        "scan",
        ".",
        "--format",
        "json",
        "--show-ignored",
        "--no-init",
        "--run",
        "a",
        "--at",
        "2026-01-31T06:00:00Z",
    ];
    let (_, first, _) = drift(&dir, emulator.url(), &again);
    let (_, second, _) = drift(&dir, emulator.url(), &again);
    assert!(first == second);
}

#[test]
fn drift_says_what_it_costs() {
    let program = Terraform::find().unwrap();
    let emulator = emulator();
    let dir = terraform::copy(&folder().join("prices"), "drift", "prices").unwrap();
    let arguments = Arguments {
        environment: environment(emulator.url()),
        plan: Vec::new(),
    };
    terraform(&program, &dir, &arguments, &["init"]);
    terraform(&program, &dir, &arguments, &["apply", "-auto-approve"]);
    let script = "ec2 = boto3.client('ec2')\n\
        def named(kind, name): return [{'Name': 'tag:Name', 'Values': [name]}]\n\
        machine = ec2.describe_instances(Filters=named('i', 'larger'))['Reservations'][0]['Instances'][0]['InstanceId']\n\
        ec2.modify_instance_attribute(InstanceId=machine, InstanceType={'Value': 't3.large'})\n\
        volume = lambda name: ec2.describe_volumes(Filters=named('v', name))['Volumes'][0]['VolumeId']\n\
        ec2.modify_volume(VolumeId=volume('enlarged'), Size=100)\n\
        ec2.create_tags(Resources=[volume('tagged')], Tags=[{'Key': 'Who', 'Value': 'me'}])\n\
        ec2.delete_volume(VolumeId=ec2.describe_volumes(Filters=[{'Name': 'size', 'Values': ['50']}])['Volumes'][0]['VolumeId'])\n";
    boto(emulator.url(), script, &json!({}));
    let formats = ["text", "markdown", "html", "openmetrics"];
    let reports: Vec<String> = formats
        .iter()
        .map(|format| format!("--report={format}=report.{format}"))
        .collect();
    let mut args = vec!["scan", ".", "--format", "json"];
    args.extend(reports.iter().map(String::as_str));
    let (code, out, err) = drift(&dir, emulator.url(), &args);
    assert_eq!(code, Some(1), "{out}{err}");
    let document: Json = serde_json::from_str(&out).unwrap();
    let root = &document["roots"][0];
    let cost = |address: &str| -> Json {
        let all = root["findings"].as_array().unwrap().iter();
        let mut its = all.filter(|finding| finding["address"] == address);
        let finding = its.find(|finding| finding["class"] != "absorbed" || finding["cost"] != Json::Null);
        finding.unwrap_or_else(|| panic!("{address}: {out}"))["cost"].clone()
    };
    // By the price list for Ireland: 0.0114 and 0.0912 an hour, and 0.088 for a GB.
    let larger = cost("aws_instance.larger");
    assert_eq!(
        (&larger["delta"], &larger["currency"]),
        (&json!("58.254"), &json!("USD")),
        "{out}"
    );
    assert_eq!(cost("aws_ebs_volume.enlarged")["delta"], "7.92", "{out}");
    assert_eq!(cost("aws_ebs_volume.deleted")["delta"], "-4.4", "{out}");
    assert_eq!(cost("aws_ebs_volume.tagged"), Json::Null, "{out}");
    assert_eq!(root["cost"]["delta"], "61.774", "{out}");
    assert_eq!(document["summary"]["cost"], root["cost"], "{out}");
    for (format, want) in [
        ("text", "    cost: +7.92 USD a month (0.88 → 8.80)\n"),
        ("text", "    cost: -4.40 USD a month\n"),
        ("text", "\ncost of the drift: +61.77 USD a month\n"),
        ("markdown", "**Cost of the drift:** +61.77 USD a month."),
        ("html", "<strong>+61.77 USD a month</strong>"),
        ("openmetrics", "currency=\"USD\",bound=\"least\"} 61.774\n"),
    ] {
        let text = fs::read_to_string(dir.join(format!("report.{format}"))).unwrap();
        assert!(text.contains(want), "{format}: {want}: {text}");
    }
}
