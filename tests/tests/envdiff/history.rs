//! Commits as columns, `--base` and `--promote`.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{compared, name, tf_envdiff};

fn git(dir: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A repository with git's own history, and two small environments in it.
fn with_history() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "-b", "main"]);
    for name in ["dev", "prod"] {
        write_root(dir.path(), name, "1", "same");
    }
    write_root(dir.path(), "dev", "0", "same");
    git(dir.path(), &["add", "-A"]);
    git(dir.path(), &["commit", "-q", "-m", "first"]);
    dir
}

fn write_root(dir: &Path, name: &str, size: &str, text: &str) {
    let root = dir.join("envs").join(name);
    fs::create_dir_all(&root).unwrap();
    fs::write(
        root.join("main.tf"),
        format!(
            "variable \"size\" {{\n  type = number\n}}\n\nresource \"terraform_data\" \"one\" {{\n  input = {{ size = var.size, \
             text = \"{text}\" }}\n}}\n"
        ),
    )
    .unwrap();
    fs::write(root.join("terraform.tfvars"), format!("size = {size}\n")).unwrap();
}

#[test]
fn only_what_a_change_adds_is_reported_with_a_base() {
    let dir = with_history();
    write_root(dir.path(), "prod", "1", "other");
    let args = ["envs/dev", "envs/prod"];
    let (json, code) = compared(dir.path(), &args);
    assert_eq!(code, Some(1));
    assert_eq!(json["differences"].as_array().unwrap().len(), 3, "{json:#}");
    let (json, code) = compared(dir.path(), &[&args[..], &["--base", "main"]].concat());
    assert_eq!(code, Some(1));
    let all = json["differences"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{json:#}");
    assert_eq!(name(&all[0]), "terraform_data.one.input.text");
    assert_eq!(json["base"]["before"], 2);
    // What the change takes away is counted, and nothing to act on.
    write_root(dir.path(), "prod", "0", "same");
    let (json, code) = compared(dir.path(), &[&args[..], &["--base", "main"]].concat());
    assert_eq!(
        (code, &json["base"]["resolved"]),
        (Some(0), &serde_json::json!(2))
    );
    let markdown = tf_envdiff(
        dir.path(),
        &[&args[..], &["--base", "main", "--format", "markdown"]].concat(),
    );
    assert!(markdown.out.contains("2 differences gone"), "{}", markdown.out);
    assert_eq!(
        tf_envdiff(dir.path(), &[&args[..], &["--base", "nowhere"]].concat()).code,
        Some(2)
    );
}

#[test]
fn commits_are_environments() {
    let dir = with_history();
    write_root(dir.path(), "prod", "5", "same");
    let (json, code) = compared(dir.path(), &["main:envs/prod", "envs/prod"]);
    assert_eq!(code, Some(1), "{json:#}");
    assert_eq!(json["environments"], serde_json::json!(["prod@main", "prod"]));
    let first = &json["differences"][0];
    assert_eq!(first["values"], serde_json::json!({ "prod@main": 1, "prod": 5 }));
    assert_eq!(
        first["cause"]["places"]["prod@main"]["file"],
        "main:envs/prod/terraform.tfvars"
    );
    // Files of commits are not left behind.
    let scratch = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tf-envdiff"))
        .args(["main:envs/prod", "envs/prod", "main:nowhere"])
        .current_dir(dir.path())
        .env("TMPDIR", scratch.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("there is no folder nowhere at main"), "{out}");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[test]
fn a_promotion_shows_what_would_reach_the_other() {
    let dir = with_history();
    write_root(dir.path(), "dev", "0", "next");
    let (json, code) = compared(dir.path(), &["envs/dev", "envs/prod", "--promote", "dev", "prod"]);
    assert_eq!(code, Some(1), "{json:#}");
    let all = json["differences"].as_array().unwrap();
    // The text comes with dev's configuration; its size stays where it is.
    assert_eq!(all.len(), 1, "{json:#}");
    assert_eq!(name(&all[0]), "terraform_data.one.input.text");
    assert_eq!(
        all[0]["values"],
        serde_json::json!({ "prod": "same", "prod+dev": "next" })
    );
    write_root(dir.path(), "dev", "0", "same");
    let (json, code) = compared(dir.path(), &["envs/dev", "envs/prod", "--promote", "dev", "prod"]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(
        tf_envdiff(
            dir.path(),
            &["envs/dev", "envs/prod", "--promote", "dev", "nowhere"]
        )
        .code,
        Some(2)
    );
}
