//! An emulated account, what `tf-bootstrap` does to it, and what boto3 says of it.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use xtask::emulator::{Emulator, REGION, environment, programs};

/// Names of the backend, and the emulator's account.
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const BUCKET: &str = "plumbline-test-state";
pub(crate) const LOGS: &str = "plumbline-test-state-logs";
pub(crate) const REPLICA: &str = "plumbline-test-state-replica";
pub(crate) const TABLE: &str = "plumbline-test-locks";

/// Everything that a backend can have.
const SETTINGS: &str = r#"bootstrap {
  region = "eu-west-1"
  bucket = "plumbline-test-state"
  table  = "plumbline-test-locks"
  tags   = { owner = "platform" }

  replication {
    region = "eu-central-1"
  }

  object_lock {
    mode = "governance"
    days = 2
  }

  github {
    repository    = "acme/infra"
    pull_requests = true
  }
}
"#;

/// A Python with boto3 that waits for scripts; see `account.py`.
struct Boto {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Boto {
    fn start(url: &str) -> Boto {
        let mut process = Command::new(programs().unwrap().join("python"))
            .arg("-c")
            .arg(include_str!("account.py"))
            .envs(environment(url))
            .env("AWS_DEFAULT_REGION", REGION)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Boto {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    #[track_caller]
    fn ask(&mut self, script: &str, args: &Json) -> Json {
        writeln!(self.input, "{}", json!({ "script": script, "args": args })).unwrap();
        self.input.flush().unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let mut answer: Json = serde_json::from_str(&line).unwrap();
        assert!(
            answer.get("error").is_none(),
            "{script}\n{}",
            answer["error"].as_str().unwrap_or_default()
        );
        answer["result"].take()
    }
}

impl Drop for Boto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An emulated account, and a folder with settings and one root.
pub(crate) struct Account {
    pub(crate) emulator: Emulator,
    pub(crate) dir: TempDir,
    boto: Mutex<Boto>,
}

/// A run that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Run {
        assert!(
            self.err.contains(text) || self.out.contains(text),
            "no {text:?} in {}{}",
            self.out,
            self.err
        );
        self
    }
}

/// `tf-bootstrap` without this machine's settings.
pub(crate) fn tf_bootstrap(url: &str, dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tf-bootstrap"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TF_") || text.starts_with("AWS_") {
            command.env_remove(&name);
        }
    }
    command
        .envs(environment(url))
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn finished(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Account {
    pub(crate) fn new() -> Account {
        Account::with(SETTINGS)
    }

    /// An account whose `plumbline.hcl` is this.
    pub(crate) fn with(settings: &str) -> Account {
        let emulator = Emulator::bare().unwrap();
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("plumbline.hcl"), settings).unwrap();
        let root = dir.path().join("environments/dev/app");
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("main.tf"), "variable \"size\" {\n  type = number\n}\n").unwrap();
        Account {
            boto: Mutex::new(Boto::start(emulator.url())),
            emulator,
            dir,
        }
    }

    pub(crate) fn url(&self) -> &str {
        self.emulator.url()
    }

    /// A script with boto3; see `account.py`.
    #[track_caller]
    pub(crate) fn boto(&self, script: &str) -> Json {
        let args = json!({ "bucket": BUCKET, "logs": LOGS, "replica": REPLICA, "table": TABLE });
        self.boto.lock().unwrap().ask(script, &args)
    }

    /// All that is in the account.
    pub(crate) fn everything(&self) -> Json {
        self.boto("result = everything()")
    }

    /// As new.
    pub(crate) fn reset(&self) {
        self.boto("reset()");
        let root = self.dir.path().join("environments/dev/app");
        for file in ["backend.tf", "backend.hcl"] {
            let _ = fs::remove_file(root.join(file));
        }
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.command_at(self.url(), args)
    }

    /// The same by way of a proxy.
    pub(crate) fn command_at(&self, url: &str, args: &[&str]) -> Command {
        tf_bootstrap(url, self.dir.path(), args)
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        finished(&mut self.command(args))
    }

    #[track_caller]
    pub(crate) fn create(&self) -> Run {
        self.run(&["create", "--yes"]).exits(0)
    }

    /// What `check` says of everything, right or wrong.
    pub(crate) fn check(&self) -> Run {
        self.run(&["check", "--all", "--format", "json"])
    }
}

/// The same with the ids that AWS draws replaced, so that two accounts can be compared.
pub(crate) fn without_ids(found: &Json) -> Json {
    let mut text = found.to_string();
    for region in ["eu-west-1", "eu-central-1"] {
        for key in found["keys"][region].as_array().into_iter().flatten() {
            let arn = key["arn"].as_str().unwrap();
            text = text.replace(arn, &format!("<key in {region}>"));
        }
    }
    serde_json::from_str(&text).unwrap()
}

/// What is in one and not in the other, short enough to be read.
#[track_caller]
pub(crate) fn same(found: &Json, expected: &Json, what: &str) {
    let mut different = Vec::new();
    differences(found, expected, String::new(), &mut different);
    assert!(different.is_empty(), "{what}:\n{}", different.join("\n"));
}

fn differences(found: &Json, expected: &Json, path: String, different: &mut Vec<String>) {
    match (found, expected) {
        (Json::Object(a), Json::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let of = |map: &serde_json::Map<String, Json>| map.get(name).cloned().unwrap_or_default();
                differences(&of(a), &of(b), format!("{path}/{name}"), different);
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, format!("{path}/{at}"), different);
            }
        }
        (a, b) if a == b => {}
        (a, b) => different.push(format!("{path} is {a} and not {b}")),
    }
}
