//! `tf-drift` over several roots: faults that stay alone, results that get an age, shards that equal one process, and scans that are
//! killed and gone on with.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod by_heart;
mod emulator;
mod workshop;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use by_heart::{by_heart, many};
use serde_json::{Value as Json, json};
use workshop::{BUCKET, Ended, Workshop};

/// A root with something that another client can change.
fn parameter(name: &str) -> String {
    format!(
        r#"terraform {{
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

resource "aws_ssm_parameter" "size" {{
  name        = "/{name}/size"
  description = "10"
  type        = "String"
  value       = "x"
}}
"#
    )
}

fn command(workshop: &Workshop, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tf-drift"));
    command
        .args(args)
        .current_dir(workshop.path())
        .envs(workshop.account());
    for name in ["CI", "TF_WORKSPACE", "GITHUB_RUN_ID", "CI_PIPELINE_ID"] {
        command.env_remove(name);
    }
    command
}

fn scan(workshop: &Workshop, args: &[&str]) -> Ended {
    Ended::of(command(workshop, args).output().unwrap())
}

fn json_of(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A Terraform with something in front of it.
fn wrapper(dir: &Path, before: &str) -> PathBuf {
    let file = dir.join("terraform-in-front");
    fs::write(&file, format!("#!/bin/sh\n{before}\nexec terraform \"$@\"\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    file
}

fn set(workshop: &Workshop, root: &str, value: &str) {
    workshop.boto(&format!(
        "boto3.client('ssm').put_parameter(Name='/{root}/size', Value='x', Description='{value}', Type='String', Overwrite=True)"
    ));
}

fn apply(workshop: &Workshop, root: &str) {
    let dir = workshop.path().join("environments").join(root);
    let configured =
        tf_terraform::Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
    let mirror = tf_terraform::Mirror::find(&configured).unwrap();
    let search = std::env::var_os("PATH");
    let program = tf_terraform::Program::find(None, search.as_deref(), mirror.as_ref()).unwrap();
    for args in [
        &["init", "-input=false"][..],
        &["apply", "-auto-approve", "-input=false"],
    ] {
        let mut command = program.command(&dir);
        let output = command.args(args).envs(workshop.account()).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// One root of each kind, of which only the first two can be read without help.
fn faulty() -> Workshop {
    let workshop = Workshop::with(&["dev", "prod", "broken", "locked", "hangs"]);
    for root in ["dev", "prod"] {
        workshop.root(root, &parameter(root));
        apply(&workshop, root);
    }
    workshop.root(
        "broken",
        "resource \"terraform_data\" \"broken\" {\n  input = missing.thing\n}\n",
    );
    let lock = json!({"ID": "11112222-3333-4444-5555-666677778888", "Operation": "OperationTypeApply", "Info": "", "Who": "ann@host",
        "Version": "1.11.4", "Created": "2026-01-31T06:00:00Z", "Path": format!("{BUCKET}/locked/terraform.tfstate")});
    workshop.boto(&format!(
        "s3.put_object(Bucket='{BUCKET}', Key='locked/terraform.tfstate.tflock', Body={:?})",
        lock.to_string()
    ));
    workshop
}

fn root<'j>(document: &'j Json, name: &str) -> &'j Json {
    let roots = document["roots"].as_array().unwrap();
    let found = roots
        .iter()
        .find(|root| root["root"] == format!("environments/{name}"));
    found.unwrap_or_else(|| panic!("{name}: {document}"))
}

#[test]
fn what_cannot_be_read_is_loud_and_alone() {
    let workshop = faulty();
    set(&workshop, "dev", "20");
    let program = wrapper(
        workshop.path(),
        "case \"$PWD\" in */hangs) trap '' INT; sleep 600;; esac",
    );
    let before = workshop.objects();
    let begin = Instant::now();
    let ended = scan(
        &workshop,
        &[
            "scan",
            "--terraform",
            program.to_str().unwrap(),
            "--timeout",
            "150s",
            "--parallel",
            "3",
            "--format",
            "json",
            "--report",
            "text=drift.txt",
            "--report",
            "junit=drift.xml",
            "--report",
            "sarif=drift.sarif",
            "--report",
            "html=drift.html",
            "--report",
            "markdown=drift.md",
            "--report",
            "openmetrics=drift.prom",
        ],
    )
    .with(2);
    assert!(begin.elapsed() < Duration::from_secs(480));
    let document = json_of(&ended.out);
    assert_eq!(document["summary"]["failed"], 2, "{}", ended.out);
    let dev = root(&document, "dev");
    assert_eq!(
        (&dev["status"], &dev["findings"][0]["class"]),
        (&json!("drifted"), &json!("reverted"))
    );
    assert_eq!(dev["findings"][0]["file"], "environments/dev/main.tf");
    assert_eq!(
        dev["findings"][0]["attributes"],
        json!([{"path": "description", "before": "10", "after": "20"}])
    );
    assert_eq!(root(&document, "prod")["status"], "clean");
    // Nobody who only looks waits for a lock.
    assert_eq!(root(&document, "locked")["status"], "clean");
    let error = |name: &str| root(&document, name)["error"].as_str().unwrap().to_owned();
    assert!(
        error("broken").contains("Reference to undeclared resource"),
        "{}",
        error("broken")
    );
    assert!(
        error("hangs").contains("took longer than 150 s"),
        "{}",
        error("hangs")
    );
    let read = |name: &str| fs::read_to_string(workshop.path().join(name)).unwrap();
    for (name, parts) in [
        (
            "drift.txt",
            &[
                "FAILED environments/broken",
                "FAILED environments/hangs",
                "aws_ssm_parameter.size",
            ][..],
        ),
        (
            "drift.xml",
            &["<testsuites", "environments/broken", "aws_ssm_parameter.size"],
        ),
        (
            "drift.sarif",
            &["\"2.1.0\"", "drift-reverted", "environments/dev/main.tf"],
        ),
        (
            "drift.html",
            &["<svg", "could not be read", "aws_ssm_parameter.size"],
        ),
        ("drift.md", &["could not be read", "`aws_ssm_parameter.size`"]),
        (
            "drift.prom",
            &[
                "plumbline_drift_findings{root=\"environments/dev\",severity=\"info\",class=\"reverted\",state=\"new\"} 1",
                "plumbline_drift_root_status{root=\"environments/broken\",status=\"failed\"} 1",
                "# EOF",
            ],
        ),
    ] {
        for part in parts {
            assert!(read(name).contains(part), "{name} has no {part}:\n{}", read(name));
        }
    }
    assert_eq!(before, workshop.objects(), "a scan writes no state and no lock");

    let ended = scan(
        &workshop,
        &[
            "scan",
            "environments/locked",
            "environments/prod",
            "--lock-timeout",
            "1s",
            "--format",
            "json",
        ],
    )
    .with(2);
    let document = json_of(&ended.out);
    let locked = root(&document, "locked")["error"].as_str().unwrap();
    assert!(
        locked.contains("11112222-3333-4444-5555-666677778888"),
        "{locked}"
    );
    assert_eq!(root(&document, "prod")["status"], "clean");
    assert_eq!(before, workshop.objects(), "locks are given back");
}

#[test]
fn findings_have_an_age_and_an_owner() {
    let workshop = Workshop::with(&["dev"]);
    workshop.root("dev", &parameter("dev"));
    apply(&workshop, "dev");
    let on = |day: u32, code: i32| {
        let at = format!("2026-01-{day:02}T06:00:00Z");
        let ended = scan(
            &workshop,
            &[
                "scan",
                "--history",
                "past",
                "--at",
                &at,
                "--format",
                "json",
                "--no-init",
            ],
        );
        json_of(&ended.with(code).out)
    };
    let first = |document: &Json| {
        let finding = &document["roots"][0]["findings"][0];
        (
            finding["state"].as_str().unwrap_or("none").to_owned(),
            finding["first_seen"]
                .as_str()
                .unwrap_or_default()
                .get(..10)
                .unwrap_or_default()
                .to_owned(),
        )
    };
    assert_eq!(first(&on(1, 0)).0, "none");
    set(&workshop, "dev", "20");
    assert_eq!(first(&on(2, 1)), ("new".to_owned(), "2026-01-02".to_owned()));
    let document = on(3, 1);
    assert_eq!(first(&document), ("ongoing".to_owned(), "2026-01-02".to_owned()));

    let fingerprint = document["roots"][0]["findings"][0]["fingerprint"]
        .as_str()
        .unwrap();
    let settings = |expires: &str| {
        workshop.write(
            "plumbline.hcl",
            &format!(
                "drift {{\n  acknowledge \"aws_ssm_parameter.size\" {{\n    fingerprint = \"{fingerprint}\"\n    owner = \"ann\"\n    \
                 reason = \"a test of size\"\n    expires = \"{expires}\"\n  }}\n}}\n"
            ),
        );
    };
    settings("2026-01-04");
    let known = on(4, 0);
    assert_eq!(
        first(&known),
        ("acknowledged".to_owned(), "2026-01-02".to_owned())
    );
    assert_eq!(known["roots"][0]["findings"][0]["acknowledged"]["owner"], "ann");
    // On the next day it counts again, and somebody is told why.
    let ended = on(5, 1);
    assert_eq!(first(&ended).0, "ongoing");
    assert!(
        ended["warnings"][0]
            .as_str()
            .unwrap()
            .contains("ann acknowledged aws_ssm_parameter.size")
    );
    // Another value is not what was acknowledged.
    settings("2026-12-31");
    set(&workshop, "dev", "30");
    assert_eq!(first(&on(6, 1)), ("new".to_owned(), "2026-01-02".to_owned()));
    set(&workshop, "dev", "10");
    let gone = on(7, 0);
    assert_eq!(
        gone["roots"][0]["resolved"][0]["address"],
        "aws_ssm_parameter.size"
    );
    assert!(gone["warnings"][0].as_str().unwrap().contains("matches no drift"));
    for (day, value, code, state) in [
        (8, "20", 1, "new"),
        (9, "10", 0, "none"),
        (10, "20", 1, "flapping"),
    ] {
        set(&workshop, "dev", value);
        if state == "flapping" {
            workshop.write("plumbline.hcl", "");
        }
        if state == "new" {
            workshop.write("plumbline.hcl", "");
        }
        assert_eq!(first(&on(day, code)).0, state, "day {day}");
    }
    workshop.write("plumbline.hcl", "drift {\n  history = \"past\"\n}\n");
    let report = scan(&workshop, &["report", "--report", "html=trend.html"]).with(1);
    for part in [
        "comes and goes since 2026-01-02",
        "2026-01-01T06:00:00Z",
        "1 open, 1 new, 0 resolved",
    ] {
        assert!(report.out.contains(part), "{part}: {}", report.out);
    }
    let page = fs::read_to_string(workshop.path().join("trend.html")).unwrap();
    assert_eq!(page.matches("<th scope=\"row\">2026-01-").count(), 10);

    // What a rule says is nobody's business is counted, and listed on request.
    workshop.write(
        "plumbline.hcl",
        "drift {\n  ignore \"aws_ssm_parameter.*\" {\n    attributes = [\"description\"]\n    reason = \"set by hand\"\n  }\n}\n",
    );
    let ended = scan(&workshop, &["scan", "--no-init", "--show-ignored"]).with(0);
    assert!(
        ended.out.contains(
            "ignored aws_ssm_parameter.size description: ignored by a rule (plumbline.hcl:2: set by hand)"
        ),
        "{}",
        ended.out
    );
    workshop.write("plumbline.hcl", "");
    workshop.write(".driftignore", "# by hand\naws_ssm_parameter./dev/size\n");
    let ended = scan(&workshop, &["scan", "--no-init", "--show-ignored"]).with(0);
    assert!(
        ended
            .out
            .contains("ignored aws_ssm_parameter.size: ignored by .driftignore (.driftignore:2)"),
        "{}",
        ended.out
    );
}

/// Two documents, byte by byte.
#[track_caller]
fn same(one: &str, other: &str) {
    let differs = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    assert!(
        one == other,
        "{differs:?}, {} and {} bytes",
        one.len(),
        other.len()
    );
}

#[test]
fn shards_of_separate_processes_equal_one() {
    let (dir, program) = many(200);
    let day = |day: u32| format!("2026-02-{day:02}T06:00:00Z");
    let run = |args: &[&str]| Ended::of(by_heart(dir.path(), &program, args).output().unwrap());
    // What both know of before.
    run(&[
        "scan",
        "--history",
        "one",
        "--run",
        "first",
        "--at",
        &day(1),
        "--no-init",
    ])
    .with(2);
    let mut files: Vec<PathBuf> = Vec::new();
    fs::create_dir(dir.path().join("many")).unwrap();
    workshop::copy_all(&dir.path().join("one"), &dir.path().join("many"));

    let whole = run(&[
        "scan",
        "--history",
        "one",
        "--run",
        "second",
        "--at",
        &day(2),
        "--no-init",
        "--format",
        "json",
    ])
    .with(2);
    let children: Vec<_> = (1..=4)
        .map(|index| {
            let file = dir.path().join(format!("shard-{index}.json"));
            files.push(file.clone());
            let at = day(2);
            let mut command = by_heart(
                dir.path(),
                &program,
                &[
                    "scan",
                    "--history",
                    "many",
                    "--run",
                    "second",
                    "--at",
                    &at,
                    "--no-init",
                    "--format",
                    "json",
                    "--output",
                ],
            );
            // Each system tells it in its own way.
            match index {
                1 => command.arg(&file).args(["--shard", "1/4"]),
                2 => command
                    .arg(&file)
                    .args(["--shard", "auto"])
                    .env("CI_NODE_INDEX", "2")
                    .env("CI_NODE_TOTAL", "4"),
                3 => command
                    .arg(&file)
                    .args(["--shard", "auto"])
                    .env("AWS_BATCH_JOB_ARRAY_INDEX", "2")
                    .env("AWS_BATCH_JOB_ARRAY_SIZE", "4"),
                _ => command
                    .arg(&file)
                    .args(["--shard", "auto"])
                    .env("JOB_COMPLETION_INDEX", "3")
                    .env("TF_DRIFT_SHARD_TOTAL", "4"),
            };
            command
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        // Not every one has a root that cannot be read.
        assert!(matches!(child.wait().unwrap().code(), Some(1 | 2)));
    }
    let merged = run(&[
        "merge",
        "--history",
        "many",
        "--run",
        "second",
        "--format",
        "json",
    ])
    .with(2);
    same(&whole.out, &merged.out);
    let mut args = vec!["merge", "--format", "json"];
    args.extend(files.iter().rev().map(|file| file.to_str().unwrap()));
    let merged = run(&args).with(2);
    same(&whole.out, &merged.out);

    let document = json_of(&whole.out);
    assert_eq!(document["summary"]["roots"], 200);
    assert_eq!(document["summary"]["failed"], 4);
    assert_eq!(document["summary"]["new"], 0);
    assert!(document["summary"]["ongoing"].as_u64().unwrap() > 150);
    let sizes: Vec<usize> = files
        .iter()
        .map(|file| {
            json_of(&fs::read_to_string(file).unwrap())["roots"]
                .as_array()
                .unwrap()
                .len()
        })
        .collect();
    assert_eq!(sizes.iter().sum::<usize>(), 200);
    assert!(sizes.iter().all(|size| *size > 0), "{sizes:?}");

    // A shard that left nothing is missed.
    let left = fs::read_dir(dir.path().join("many/results")).unwrap();
    let third = left
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("3-of-4"));
    fs::remove_file(third.unwrap()).unwrap();
    let merged = run(&[
        "merge",
        "--history",
        "many",
        "--run",
        "second",
        "--format",
        "json",
    ])
    .with(2);
    let error = json_of(&merged.out)["errors"][0].as_str().unwrap().to_owned();
    assert!(error.contains("shard 3/4 left no result"), "{error}");
}

#[test]
fn a_scan_that_was_killed_is_gone_on_with() {
    let (dir, program) = many(12);
    let planned = || -> usize {
        fs::read_to_string(dir.path().join("planned.txt"))
            .unwrap_or_default()
            .lines()
            .count()
    };
    let at = "2026-02-01T06:00:00Z";
    let args = [
        "scan",
        "--history",
        "past",
        "--run",
        "night",
        "--at",
        at,
        "--no-init",
        "--parallel",
        "2",
        "--format",
        "json",
    ];
    let mut child = by_heart(dir.path(), &program, &args)
        .env("SLOW", "/stack-0007")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = dir.path().join("past/running/night");
    let begin = Instant::now();
    let done = || {
        let entries = fs::read_dir(&running).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "json"))
            .count()
    };
    while done() < 11 {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "the other roots do not end"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(planned(), 11);
    assert!(
        !dir.path().join("past/results").exists(),
        "what was killed has no result"
    );

    let ended = Ended::of(
        by_heart(
            dir.path(),
            &program,
            &[
                "scan",
                "--history",
                "past",
                "--resume",
                "--no-init",
                "--format",
                "json",
            ],
        )
        .output()
        .unwrap(),
    )
    .with(1);
    assert_eq!(planned(), 12, "only what was missing is planned");
    assert!(!running.exists(), "what was kept meanwhile goes");
    let fresh = Ended::of(
        by_heart(
            dir.path(),
            &program,
            &[
                "scan",
                "--run",
                "night",
                "--at",
                at,
                "--no-init",
                "--format",
                "json",
            ],
        )
        .output()
        .unwrap(),
    )
    .with(1);
    assert!(ended.out == fresh.out, "{}\n{}", ended.out, fresh.out);
    // The next scan knows all of it.
    let next = Ended::of(
        by_heart(
            dir.path(),
            &program,
            &["scan", "--history", "past", "--no-init", "--format", "json"],
        )
        .output()
        .unwrap(),
    )
    .with(1);
    assert_eq!(json_of(&next.out)["summary"]["new"], 0);
}

#[test]
fn wrong_use_is_explained() {
    let (dir, program) = many(1);
    for (args, part) in [
        (&["scan", "--shard", "5/4"][..], "is no shard"),
        (&["scan", "--shard", "auto"], "the environment names no shard"),
        (&["scan", "--resume"], "--resume needs --history"),
        (&["scan", "nowhere"], "nowhere is not a folder"),
        (&["scan", ".git"], "there is no root module"),
        (&["merge"], "give the JSON reports of the shards, or --history"),
        (&["merge", "--history", "nothing"], "has no results yet"),
        (
            &["merge", "environments/stack-0000/plan.json"],
            "is no report of tf-drift",
        ),
        (&["report"], "give --history"),
        (&["scan", "--timeout", "soon"], "such as 20m"),
        (&["scan", "--at", "today"], "2026-01-31T06:00:00Z"),
    ] {
        let ended = Ended::of(by_heart(dir.path(), &program, args).output().unwrap());
        assert_eq!(ended.code, Some(2), "{args:?}: {}{}", ended.out, ended.err);
        assert!(ended.err.contains(part), "{args:?}: {}", ended.err);
    }
}
