//! A repository with small roots whose states are in an emulated bucket, to plan and apply in. The roots need no provider but the
//! one that is part of Terraform, so that a plan takes a second.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::emulator::{Emulator, REGION, boto, emulator, environment};

/// The bucket with the states.
pub(crate) const BUCKET: &str = "workshop-states";

/// A module that says what it got.
const MODULE: &str = r#"variable "size" {
  type = number
}

resource "terraform_data" "store" {
  triggers_replace = [var.size > 100]
  input = {
    size      = var.size
    encrypted = var.size > 10
  }
}

output "size" {
  value = terraform_data.store.input.size
}
"#;

/// A policy of a team's own.
const POLICY: &str = r#"policy "store-encrypted" {
  title     = "Stores are encrypted"
  severity  = "high"
  resource  = ["terraform_data"]
  why       = "Anyone who gets at the disk reads the data."
  fix       = "Set a size above 10."
  when      = self.input.encrypted != null
  condition = self.input.encrypted == true

  pass {
    resource "terraform_data" "good" {
      input = { encrypted = true }
    }
  }
  fail {
    resource "terraform_data" "bad" {
      input = { encrypted = false }
    }
  }
}
"#;

/// The settings that each repository begins with.
pub(crate) const SETTINGS: &str = "gate {\n  policy_dirs = [\"policies\"]\n}\n";

/// A repository and its account.
pub(crate) struct Workshop {
    pub(crate) dir: tempfile::TempDir,
    emulator: Emulator,
}

impl Workshop {
    /// One with the roots `environments/dev` and `environments/prod`.
    pub(crate) fn new() -> Workshop {
        Workshop::with(&["dev", "prod"])
    }

    /// One with these roots below `environments`.
    pub(crate) fn with(roots: &[&str]) -> Workshop {
        let workshop = Workshop {
            dir: tempfile::tempdir().unwrap(),
            emulator: emulator(),
        };
        let script = format!(
            "s3.create_bucket(Bucket='{BUCKET}', CreateBucketConfiguration={{'LocationConstraint': '{REGION}'}})"
        );
        workshop.boto(&script);
        workshop.write("modules/store/main.tf", MODULE);
        workshop.write("policies/store.hcl", POLICY);
        workshop.write("plumbline.hcl", SETTINGS);
        workshop.write(".gitignore", ".terraform/\n");
        for name in roots {
            workshop.root(name, "");
        }
        workshop.git(&["init", "-q", "-b", "main"]);
        workshop.git(&["config", "user.email", "ann@example.com"]);
        workshop.git(&["config", "user.name", "Ann"]);
        workshop.commit("begin");
        workshop
    }

    /// Writes a root with something of its own.
    pub(crate) fn root(&self, name: &str, more: &str) {
        let up = "../".repeat(2 + name.matches('/').count());
        let main = format!(
            r#"terraform {{
  backend "s3" {{
    bucket                      = "{BUCKET}"
    key                         = "{name}/terraform.tfstate"
    region                      = "{REGION}"
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_requesting_account_id  = true
  }}
}}

variable "size" {{
  type = number
}}

module "store" {{
  source = "{up}modules/store"
  size   = var.size
}}

output "size" {{
  value = module.store.size
}}
{more}"#
        );
        self.write(&format!("environments/{name}/main.tf"), &main);
        self.write(&format!("environments/{name}/terraform.tfvars"), "size = 20\n");
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        write(self.path(), file, text);
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        git(self.path(), args)
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// The environment of clients of the account.
    pub(crate) fn account(&self) -> Vec<(String, String)> {
        environment(self.emulator.url())
    }

    /// Looks at the account, or changes it, with another client.
    pub(crate) fn boto(&self, script: &str) -> Json {
        boto(self.emulator.url(), script, &json!({}))
    }

    /// The digest of every object in the bucket. A lock may go between the list and the look.
    pub(crate) fn objects(&self) -> Json {
        let script = format!(
            "result = {{}}\n\
             for o in s3.list_objects_v2(Bucket='{BUCKET}').get('Contents', []):\n\
             \x20 try:\n\
             \x20   body = s3.get_object(Bucket='{BUCKET}', Key=o['Key'])['Body'].read()\n\
             \x20   result[o['Key']] = hashlib.sha256(body).hexdigest()\n\
             \x20 except s3.exceptions.NoSuchKey:\n\
             \x20   pass\n"
        );
        self.boto(&script)
    }

    /// A Terraform that goes on without us gives its lock back by itself.
    pub(crate) fn wait_for_no_lock(&self, when: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let objects = self.objects();
            let locks: Vec<&String> = objects
                .as_object()
                .unwrap()
                .keys()
                .filter(|key| key.ends_with(".tflock"))
                .collect();
            if locks.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{when}: {locks:?}");
        }
    }

    /// `tf-gate` in a copy of the repository, or in the repository itself.
    pub(crate) fn command(&self, dir: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tf-gate"));
        command
            .args(args)
            .current_dir(dir)
            .envs(environment(self.emulator.url()))
            .env_remove("CI")
            .env_remove("GITHUB_ACTOR")
            .env_remove("TF_WORKSPACE");
        command
    }

    /// Runs `tf-gate` in the repository.
    pub(crate) fn gate(&self, args: &[&str]) -> Ended {
        Ended::of(self.command(self.path(), args).output().unwrap())
    }

    /// Runs Terraform as somebody else would.
    pub(crate) fn terraform(&self, root: &str, args: &[&str]) -> Output {
        Command::new("terraform")
            .args(args)
            .current_dir(self.path().join(root))
            .envs(environment(self.emulator.url()))
            .env("TF_IN_AUTOMATION", "1")
            .output()
            .unwrap()
    }

    /// A copy of the repository with all that Terraform left in it.
    pub(crate) fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_all(self.path(), copy.path());
        copy
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Ended {
        Ended {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The standard output of a run that ended so.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }
}

/// Writes a file below a folder.
pub(crate) fn write(dir: &Path, file: &str, text: &str) {
    let path = dir.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn git(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(args)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Copies a folder with its links and permissions.
pub(crate) fn copy_all(from: &Path, to: &Path) {
    let mut source: PathBuf = from.to_path_buf();
    source.push(".");
    let status = Command::new("cp").arg("-a").arg(source).arg(to).status().unwrap();
    assert!(status.success());
}
