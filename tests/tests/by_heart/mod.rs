//! Many roots without Terraform: a program in its place that knows their plans by heart.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::workshop::write;

/// A Terraform that knows plans by heart: `show` prints the `plan.json` of the folder, once it was asked to plan. It writes down where it
/// planned.
pub(crate) const BY_HEART: &str = r#"#!/bin/sh
case "$1" in
  version) case "$2" in -json) echo '{"terraform_version": "1.11.4"}';; *) echo "Terraform v1.11.4";; esac;;
  init) ;;
  plan) for word in "$@"; do case "$word" in -out=*) : > "${word#-out=}";; esac; done
    case "$PWD" in *"$SLOW") sleep 600;; esac
    echo "$PWD" >> "$PLANNED"; exit 2;;
  show) cat plan.json;;
esac
"#;

/// Many roots with plans of their own: a third of them clean, and a few broken.
pub(crate) fn many(count: usize) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("by-heart");
    fs::write(&program, BY_HEART).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    for at in 0..count {
        let name = format!("environments/stack-{at:04}");
        write(
            dir.path(),
            &format!("{name}/main.tf"),
            "resource \"aws_sns_topic\" \"t\" {\n  name = \"t\"\n}\n\nresource \"aws_sqs_queue\" \"q\" {\n  name = \"q\"\n}\n",
        );
        let topic = |name: &str, key: &str| json!({"id": name, "arn": name, "name": "t", "kms_master_key_id": key, "tags": {"n": at.to_string()}});
        let queue = json!({"id": "q", "name": "q"});
        let change = |address: &str, ty: &str, actions: &[&str], before: Json, after: Json| {
            json!({"address": address, "mode": "managed", "type": ty, "name": "t", "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {"actions": actions, "before": before, "after": after, "after_unknown": {}}})
        };
        let drift = match at % 3 {
            0 => vec![],
            1 => vec![change(
                "aws_sns_topic.t",
                "aws_sns_topic",
                &["update"],
                topic("a", "k"),
                topic("a", ""),
            )],
            _ => vec![
                change(
                    "aws_sqs_queue.q",
                    "aws_sqs_queue",
                    &["delete"],
                    queue.clone(),
                    Json::Null,
                ),
                change(
                    "aws_sns_topic.t",
                    "aws_sns_topic",
                    &["update"],
                    topic("a", "k"),
                    topic("b", "k"),
                ),
            ],
        };
        let plan = json!({
            "format_version": "1.2", "terraform_version": "1.11.4", "resource_drift": drift,
            "resource_changes": [change("aws_sns_topic.t", "aws_sns_topic", &["update"], topic("a", ""), topic("a", "k"))],
        });
        let text = match at % 50 {
            49 => "{\"format_version\": ".to_owned(),
            _ => plan.to_string(),
        };
        write(dir.path(), &format!("{name}/plan.json"), &text);
    }
    (dir, program)
}

pub(crate) fn by_heart(dir: &Path, program: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tf-drift"));
    command
        .args(args.first())
        .arg("--quiet")
        .args(args.get(1..).unwrap_or_default())
        .current_dir(dir)
        .env("TF_DRIFT_TERRAFORM", program)
        .env("PLANNED", dir.join("planned.txt"))
        .env("SLOW", "/nowhere");
    for name in ["CI", "TF_WORKSPACE", "GITHUB_RUN_ID", "CI_PIPELINE_ID"] {
        command.env_remove(name);
    }
    command
}
