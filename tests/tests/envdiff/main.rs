//! `tf-envdiff`: differences planted in copies of `environments/` are found, traced to their lines and judged, and nothing else
//! is reported.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod aws;
mod columns;
mod cost;
mod formats;
mod history;
mod laws;
mod plans;
mod plants;
mod policies;
mod rules;
mod unknown;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;
use tempfile::TempDir;

/// What a run of `tf-envdiff` ended with.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .find(|dir| dir.join("environments").is_dir())
        .unwrap()
        .to_path_buf()
}

fn tf_envdiff(dir: &Path, args: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_tf-envdiff"))
        .args(args)
        .current_dir(dir)
        .env_remove("TF_WORKSPACE")
        .env_remove("TF_ENVDIFF_FORMAT")
        .output()
        .unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The differences of environments, as JSON, with the exit code.
fn compared(dir: &Path, args: &[&str]) -> (Json, Option<i32>) {
    let run = tf_envdiff(dir, &[args, &["--format", "json"]].concat());
    (run.json(), run.code)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == ".terraform" => {}
            true => copy(&entry.path(), &target),
            false => {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

const LOCK: &str = r#"provider "registry.terraform.io/hashicorp/aws" {
  version = "5.100.0"
  hashes = [
    "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  ]
}
"#;

/// A repository with the modules, two more of them, and no environments.
fn repository() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let modules = dir.path().join("modules");
    copy(&workspace().join("modules"), &modules);
    copy(&modules.join("ecs-cluster"), &modules.join("ecs-cluster-next"));
    fs::create_dir(modules.join("tiny")).unwrap();
    fs::write(
        modules.join("tiny/main.tf"),
        "resource \"terraform_data\" \"this\" {\n  input = \"tiny\"\n}\n",
    )
    .unwrap();
    dir
}

/// Copies of prod under the names of environments.
fn copies(repository: &Path, folder: &str, names: &[&str], stacks: &[&str]) -> PathBuf {
    let environments = repository.join(folder);
    for name in names {
        for stack in stacks {
            let to = environments.join(name).join(stack);
            copy(&workspace().join("environments/prod").join(stack), &to);
            fs::write(to.join(".terraform.lock.hcl"), LOCK).unwrap();
        }
    }
    environments
}

fn name(difference: &Json) -> String {
    let subject = difference["subject"].as_str().unwrap();
    match difference["attribute"].as_str() {
        Some(attribute) if attribute.starts_with('[') => format!("{subject}{attribute}"),
        Some(attribute) => format!("{subject}.{attribute}"),
        None => subject.to_owned(),
    }
}

/// All names of a row, those that it covers too.
fn names(difference: &Json) -> Vec<String> {
    let covered = difference["covered"].as_array().into_iter().flatten();
    std::iter::once(name(difference))
        .chain(covered.map(name))
        .collect()
}
