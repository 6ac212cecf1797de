//! Records of what was applied, in S3: beside the state, or where somebody asked for them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod emulator;
mod workshop;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use workshop::{BUCKET, Ended, Workshop};

const REVIEW: &str = "environments/dev/.terraform/plumbline/review";

/// All records of a bucket below a prefix, by key.
fn records(workshop: &Workshop, bucket: &str, prefix: &str) -> Vec<(String, Json)> {
    let script = format!(
        "result = {{o['Key']: json.loads(s3.get_object(Bucket='{bucket}', Key=o['Key'])['Body'].read())\n\
         \x20 for o in s3.list_objects_v2(Bucket='{bucket}', Prefix='{prefix}').get('Contents', [])}}"
    );
    let found = workshop.boto(&script);
    let found = found.as_object().unwrap();
    found
        .iter()
        .map(|(key, record)| (key.clone(), record.clone()))
        .collect()
}

fn bucket(workshop: &Workshop, name: &str) {
    workshop.boto(&format!(
        "s3.create_bucket(Bucket='{name}', CreateBucketConfiguration={{'LocationConstraint': 'eu-west-1'}})"
    ));
}

/// A root whose apply runs a command.
fn running(workshop: &Workshop, command: &str) {
    let block = format!(
        "\nresource \"terraform_data\" \"run\" {{\n  provisioner \"local-exec\" {{\n    command = {}\n  }}\n}}\n",
        serde_json::to_string(command).unwrap()
    );
    workshop.root("dev", &block);
    workshop.commit("run something");
}

fn own(workshop: &Workshop) -> Json {
    let file = workshop.path().join(REVIEW).join("audit.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn a_record_is_beside_the_state() {
    let workshop = Workshop::with(&["dev"]);
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    let applied = workshop.gate(&["apply", REVIEW, "--yes"]).with(0);
    assert!(!applied.err.contains("warning"), "{}", applied.err);
    let found = records(&workshop, BUCKET, "dev/terraform.tfstate.audit/");
    let [(key, record)] = found.as_slice() else {
        panic!("{found:?}");
    };
    // By time, and then by review.
    let name = key.rsplit('/').next().unwrap();
    assert_eq!(name.len(), "2026-11-21T200000Z-0123456789ab.json".len(), "{name}");
    assert!(name.starts_with(&record["begun"].as_str().unwrap().replace(':', "")));
    assert_eq!(record["schema"], "plumbline.audit/1");
    assert_eq!(record["result"], "applied");
    assert_eq!(record["planned_by"], "ann@example.com");
    assert_eq!(*record, own(&workshop));
    // A second apply has a record of its own.
    workshop.write("environments/dev/terraform.tfvars", "size = 30\n");
    workshop.commit("more");
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    workshop.gate(&["apply", REVIEW, "--yes", "-q"]).with(0);
    let found = records(&workshop, BUCKET, "dev/terraform.tfstate.audit/");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_record_goes_where_it_is_asked_for() {
    let workshop = Workshop::with(&["dev"]);
    bucket(&workshop, "records-of-all");
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    for (place, says) in [
        ("s3://", "s3:// names no bucket"),
        (
            "s3://nobody-has-this/x",
            "and nothing was applied: the record of this apply cannot be written",
        ),
    ] {
        let refused = workshop
            .gate(&["apply", REVIEW, "--yes", "--audit", place])
            .with(2);
        assert!(refused.err.contains(says), "{}", refused.err);
    }
    assert_eq!(records(&workshop, BUCKET, "").len(), 0);
    workshop
        .gate(&[
            "apply",
            REVIEW,
            "--yes",
            "-q",
            "--audit",
            "s3://records-of-all/team/",
        ])
        .with(0);
    let found = records(&workshop, "records-of-all", "team/environments/dev/");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].1["result"], "applied");
    assert_eq!(
        records(&workshop, BUCKET, "dev/terraform.tfstate.audit/").len(),
        0
    );
}

/// A proxy to the account that lets nobody write records, as the policy of a role does that may write the state and no more.
fn denying(workshop: &Workshop) -> String {
    let account = workshop.account();
    let (_, url) = account
        .iter()
        .find(|(name, _)| name == "AWS_ENDPOINT_URL")
        .unwrap();
    let account = url.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, account) = (stream.unwrap(), account.clone());
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                if head.starts_with("PUT ") && head.contains(".audit/") {
                    let body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
                    let answer = format!(
                        "HTTP/1.1 403 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = stream.write_all(answer.as_bytes());
                    return;
                }
                // One request a connection, so that each is seen.
                let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
                let mut there = TcpStream::connect(account).unwrap();
                there.write_all(head.as_bytes()).unwrap();
                let (mut from, mut to) = (stream.try_clone().unwrap(), there.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from, &mut to));
                let _ = std::io::copy(&mut there, &mut stream);
                let _ = stream.shutdown(Shutdown::Both);
            });
        }
    });
    proxy
}

#[test]
fn a_place_that_nobody_asked_for_does_not_stop_an_apply() {
    let workshop = Workshop::with(&["dev"]);
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    let proxy = denying(&workshop);
    let apply = |args: &[&str]| {
        let all = [&["apply", REVIEW, "--yes", "-q"], args].concat();
        let mut command = workshop.command(workshop.path(), &all);
        Ended::of(command.env("AWS_ENDPOINT_URL_S3", &proxy).output().unwrap())
    };
    let place = format!("s3://{BUCKET}/records.audit");
    let refused = apply(&["--audit", &place]).with(2);
    assert!(
        refused
            .err
            .contains("access denied: s3:PutObject on s3://workshop-states/records.audit/"),
        "{}",
        refused.err
    );
    assert!(!workshop.path().join(REVIEW).join("audit.json").exists());
    let applied = apply(&[]).with(0);
    assert!(
        applied
            .err
            .contains("warning: the record of this apply is kept in")
            && applied.err.contains("access denied: s3:PutObject"),
        "{}",
        applied.err
    );
    assert_eq!(own(&workshop)["result"], "applied");
}

#[test]
fn an_apply_that_fails_or_is_interrupted_leaves_its_record() {
    let workshop = Workshop::with(&["dev"]);
    running(&workshop, "exit 3");
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    let failed = workshop.gate(&["apply", REVIEW, "--yes", "-q"]).with(2);
    assert!(failed.err.contains("exit status 3"), "{}", failed.err);
    let found = records(&workshop, BUCKET, "dev/terraform.tfstate.audit/");
    assert_eq!(found[0].1["result"], "failed");
    assert!(found[0].1["error"].as_str().unwrap().contains("exit status 3"));
    assert_eq!(found[0].1, own(&workshop));

    running(&workshop, "sleep 60");
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    let apply = workshop
        .command(workshop.path(), &["apply", REVIEW, "--yes", "-q"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    // The beginning of the record is there before anything is applied.
    while !records(&workshop, BUCKET, "dev/terraform.tfstate.audit/")
        .iter()
        .any(|(_, record)| record["result"] == "started")
    {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not begin");
    }
    let pid = apply.id().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .unwrap();
    assert!(killed.success());
    let ended = Ended::of(apply.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    let found = records(&workshop, BUCKET, "dev/terraform.tfstate.audit/");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found.iter().any(|(_, record)| record["result"] == "interrupted"),
        "{found:?}"
    );
}

#[test]
fn a_record_whose_end_cannot_be_written_is_kept_here() {
    let workshop = Workshop::with(&["dev"]);
    bucket(&workshop, "records-of-all");
    // Somebody writes over the beginning, which the apply then leaves alone.
    let python = xtask::emulator::programs().unwrap().join("python");
    workshop.write(
        ".terraform-overwrite.py",
        "import boto3\ns3 = boto3.client('s3')\nfor o in s3.list_objects_v2(Bucket='records-of-all')['Contents']:\n    s3.put_object(Bucket='records-of-all', Key=o['Key'], Body=b'{\"result\": \"forged\"}')\n",
    );
    let script = workshop.path().join(".terraform-overwrite.py");
    running(&workshop, &format!("{} {}", python.display(), script.display()));
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    let ended = workshop
        .gate(&["apply", REVIEW, "--yes", "-q", "--audit", "s3://records-of-all"])
        .with(2);
    assert!(
        ended
            .err
            .contains("the end of the record of this apply cannot be written; it is kept in"),
        "{}",
        ended.err
    );
    assert_eq!(own(&workshop)["result"], "applied");
    assert_eq!(records(&workshop, "records-of-all", "")[0].1["result"], "forged");
}
