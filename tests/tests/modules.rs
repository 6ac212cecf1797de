//! `modules/` and `environments/`: formatted, valid, tested with a mocked provider, and without failures of their own gate.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod terraform;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, Result, bail};
use terraform::{Arguments, Terraform};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// A copy of the modules: Terraform writes into the folders that it works in.
fn copy() -> Result<PathBuf> {
    terraform::copy(&workspace().join("modules"), "infrastructure", "modules")?;
    Ok(Path::new(env!("CARGO_TARGET_TMPDIR")).join("infrastructure/modules"))
}

/// The folders below one that hold `.tf` files themselves, in order.
fn roots(below: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![below.to_path_buf()];
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(&dir).with_context(|| dir.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with(".terraform") {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "tf") && !found.contains(&dir) {
                found.push(dir.clone());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn run(terraform: &Terraform, dir: &Path, args: &[&str]) -> Result<()> {
    let mut arguments = Arguments::default();
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        arguments.environment.push((name.to_owned(), "mock".to_owned()));
    }
    arguments
        .environment
        .push(("AWS_REGION".to_owned(), "eu-central-1".to_owned()));
    let output = terraform.command(dir, &arguments).args(args).output()?;
    if !output.status.success() {
        bail!(
            "terraform {} in {} fails:\n{}{}",
            args.join(" "),
            dir.display(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

#[test]
fn files_are_formatted() {
    let terraform = Terraform::find().unwrap();
    for folder in ["modules", "environments"] {
        run(
            &terraform,
            &workspace().join(folder),
            &["fmt", "-check", "-recursive", "-diff"],
        )
        .unwrap();
    }
}

/// What is tested or planned is valid: a `validate` of it would only start the provider once more. The roots of `environments/` are planned
/// by `environments.rs`.
#[test]
fn examples_are_valid_and_modules_pass_their_tests() {
    let terraform = Terraform::find().unwrap();
    let copy = copy().unwrap();
    let dirs = roots(&copy).unwrap();
    let next = AtomicUsize::new(0);
    let work = || -> Vec<String> {
        let mut failures = Vec::new();
        while let Some(dir) = dirs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let check = match dir.join("tests").is_dir() {
                true => "test",
                false => "validate",
            };
            let checks = [
                vec!["init", "-backend=false", "-input=false", "-no-color"],
                vec![check, "-no-color"],
            ];
            let failed = checks.iter().find_map(|args| run(&terraform, dir, args).err());
            failures.extend(failed.map(|error| format!("{error:#}")));
        }
        failures
    };
    let failures: Vec<String> = thread::scope(|scope| {
        let workers = [(); 3].map(|()| scope.spawn(work));
        workers.map(|worker| worker.join().unwrap()).concat()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn every_module_has_its_parts() {
    for entry in fs::read_dir(workspace().join("modules")).unwrap() {
        let module = entry.unwrap().path();
        for part in [
            "main.tf",
            "variables.tf",
            "outputs.tf",
            "versions.tf",
            "README.md",
            "examples/complete/main.tf",
        ] {
            assert!(module.join(part).is_file(), "{} lacks {part}", module.display());
        }
        let tests = fs::read_dir(module.join("tests")).unwrap();
        let has_test = tests
            .filter_map(Result::ok)
            .any(|entry| entry.file_name().to_string_lossy().ends_with(".tftest.hcl"));
        assert!(has_test, "{} has no test", module.display());
    }
}

#[test]
fn the_gate_fails_nothing_of_medium_severity_or_worse() {
    let output = Command::new(env!("CARGO_BIN_EXE_tf-gate"))
        .args(["check", "environments", "modules", "--fail-on", "medium"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
