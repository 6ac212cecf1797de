//! `tf-bootstrap` beside real Terraform, on an emulated account that is looked at with boto3: states, locks, history, restore,
//! fsck and migrate; and what is left when they die at any call.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod emulator;
mod proxy;

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use emulator::{Emulator, REGION, boto, emulator, environment};
use proxy::{Fault, Proxy};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tf_terraform::CliConfiguration;

const BUCKET: &str = "plumbline-test-state";
const TABLE: &str = "plumbline-test-locks";
const KEY: &str = "dev/app/terraform.tfstate";

/// An emulated account with a bucket and a table, and a folder for roots.
struct Account {
    emulator: Emulator,
    dir: TempDir,
    config: CliConfiguration,
}

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    #[track_caller]
    fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }
}

/// A program without this machine's settings.
fn program(name: &str, url: &str) -> Command {
    let mut command = Command::new(name);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TF_") || text.starts_with("AWS_") {
            command.env_remove(&name);
        }
    }
    command.envs(environment(url)).env("USER", "tester");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn tf_bootstrap(url: &str, dir: &Path, args: &[&str]) -> Command {
    let mut command = program(env!("CARGO_BIN_EXE_tf-bootstrap"), url);
    command
        .args(args)
        .args(["--bucket", BUCKET, "--table", TABLE])
        .current_dir(dir);
    command
}

fn finished(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A script with boto3 and the names of bucket and table; see [`boto`].
fn script(url: &str, script: &str, mut args: Json) -> Json {
    args["bucket"] = json!(BUCKET);
    args["table"] = json!(TABLE);
    args["region"] = json!(REGION);
    boto(url, script, &args)
}

fn put_lock(url: &str, key: &str, kinds: &str, id: &str, minutes: u32) {
    script(
        url,
        "import datetime\n\
             created = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=args['minutes'])\n\
             info = json.dumps({'ID': args['id'], 'Operation': 'OperationTypeApply', 'Info': '', 'Who': 'ci@runner',\n\
             \x20 'Version': '1.11.4', 'Created': created.strftime('%Y-%m-%dT%H:%M:%S.123456789Z'),\n\
             \x20 'Path': args['bucket'] + '/' + args['key']})\n\
             if 'i' in args['kinds']:\n\
             \x20 dynamodb.put_item(TableName=args['table'], Item={'LockID': {'S': args['bucket'] + '/' + args['key']}, 'Info': {'S': info}})\n\
             if 'f' in args['kinds']:\n\
             \x20 s3.put_object(Bucket=args['bucket'], Key=args['key'] + '.tflock', Body=info.encode())\n",
        json!({ "key": key, "kinds": kinds, "id": id, "minutes": minutes }),
    );
}

impl Account {
    fn new() -> Account {
        let account = Account {
            emulator: emulator(),
            dir: tempfile::tempdir().unwrap(),
            config: CliConfiguration::new(None).unwrap(),
        };
        // As `create` makes them, but for the policy: the emulator takes its conditions for always true.
        account.boto(
            "s3.create_bucket(Bucket=args['bucket'], CreateBucketConfiguration={'LocationConstraint': args['region']})\n\
             s3.put_bucket_versioning(Bucket=args['bucket'], VersioningConfiguration={'Status': 'Enabled'})\n\
             dynamodb.create_table(TableName=args['table'], BillingMode='PAY_PER_REQUEST',\n\
             \x20 KeySchema=[{'AttributeName': 'LockID', 'KeyType': 'HASH'}],\n\
             \x20 AttributeDefinitions=[{'AttributeName': 'LockID', 'AttributeType': 'S'}])\n",
            json!({}),
        );
        account
    }

    /// A script with boto3; see [`boto`].
    fn boto(&self, text: &str, args: Json) -> Json {
        script(self.emulator.url(), text, args)
    }

    fn run(&self, args: &[&str]) -> Run {
        finished(&mut tf_bootstrap(self.emulator.url(), self.dir.path(), args))
    }

    fn json(&self, args: &[&str]) -> Json {
        let args = [args, &["--format", "json"]].concat();
        self.run(&args).json()
    }

    fn terraform(&self, root: &str, args: &[&str]) -> Command {
        let mut command = program("terraform", self.emulator.url());
        command
            .arg(format!("-chdir={}", self.dir.path().join(root).display()))
            .args(args)
            .arg("-no-color")
            .env("TF_CLI_CONFIG_FILE", self.config.path())
            .env("TF_INPUT", "0");
        command
    }

    /// A root with these backend settings, initialised.
    fn root(&self, root: &str, backend: &str) {
        let dir = self.dir.path().join(root);
        fs::create_dir_all(&dir).unwrap();
        fs::write(
            dir.join("main.tf"),
            format!("terraform {{\n{backend}}}\n\n{RESOURCES}"),
        )
        .unwrap();
        finished(&mut self.terraform(root, &["init"])).exits(0);
    }

    fn apply(&self, root: &str, count: u32) {
        finished(&mut self.terraform(root, &["apply", "-auto-approve", "-var", &format!("n={count}")]))
            .exits(0);
    }

    /// A plan that finds nothing to do.
    #[track_caller]
    fn plan_is_empty(&self, root: &str, count: u32) {
        let args = ["plan", "-detailed-exitcode", "-var", &format!("n={count}")];
        finished(&mut self.terraform(root, &args)).exits(0);
    }

    /// Every version of every object with its hash, and every item: all there is of states and locks.
    fn everything(&self) -> Json {
        self.boto(
            "versions = []\n\
             for page in s3.get_paginator('list_object_versions').paginate(Bucket=args['bucket']):\n\
             \x20 for v in page.get('Versions', []):\n\
             \x20   body = s3.get_object(Bucket=args['bucket'], Key=v['Key'], VersionId=v['VersionId'])['Body'].read()\n\
             \x20   versions.append([v['Key'], v['VersionId'], v['IsLatest'], hashlib.sha256(body).hexdigest()])\n\
             \x20 for v in page.get('DeleteMarkers', []):\n\
             \x20   versions.append([v['Key'], v['VersionId'], v['IsLatest'], 'deleted'])\n\
             items = dynamodb.scan(TableName=args['table'])['Items']\n\
             result = [sorted(versions), sorted(items, key=lambda i: i['LockID']['S'])]\n",
            json!({}),
        )
    }

    /// A state as it is: its text, and whether the digest in the table is that of these bytes; and the locks of it.
    fn state(&self, key: &str) -> State {
        let found = self.boto(
            "body = s3.get_object(Bucket=args['bucket'], Key=args['key'])['Body'].read()\n\
             id = args['bucket'] + '/' + args['key']\n\
             item = lambda id: dynamodb.get_item(TableName=args['table'], Key={'LockID': {'S': id}}).get('Item')\n\
             digest = item(id + '-md5')\n\
             files = s3.list_objects_v2(Bucket=args['bucket'], Prefix=args['key'] + '.tflock').get('KeyCount')\n\
             result = {'text': body.decode(), 'locks': files + (item(id) is not None),\n\
             \x20 'digest': digest and digest['Digest']['S'], 'md5': hashlib.md5(body).hexdigest()}\n",
            json!({ "key": key }),
        );
        State {
            text: found["text"].as_str().unwrap().to_owned(),
            locks: found["locks"].as_u64().unwrap(),
            digest: found["digest"].as_str().map(str::to_owned),
            md5: found["md5"].as_str().unwrap().to_owned(),
        }
    }

    /// A lock as Terraform writes it, `minutes` old; kinds are `i` for the item, `f` for the file.
    fn lock(&self, key: &str, kinds: &str, id: &str, minutes: u32) {
        put_lock(self.emulator.url(), key, kinds, id, minutes);
    }

    /// The versions that a state has, by serial; boto3's words.
    fn version(&self, key: &str, serial: u64) -> String {
        let versions = self.json(&["history", key, "--limit", "0"]);
        let versions = versions["versions"].as_array().unwrap();
        let found = versions.iter().find(|version| version["serial"] == serial);
        found.unwrap()["version"].as_str().unwrap().to_owned()
    }
}

struct State {
    text: String,
    locks: u64,
    digest: Option<String>,
    md5: String,
}

impl State {
    fn serial(&self) -> u64 {
        serde_json::from_str::<Json>(&self.text).unwrap()["serial"]
            .as_u64()
            .unwrap()
    }

    #[track_caller]
    fn is_sound(&self) {
        assert_eq!(self.digest.as_deref(), Some(&*self.md5));
        assert_eq!(self.locks, 0);
    }
}

/// Secrets are in the state, and must not come out of it.
const RESOURCES: &str = r#"variable "n" {
  type    = number
  default = 1
}

resource "terraform_data" "app" {
  count = var.n
  input = "hunter2-${var.n}"
}

output "serial" {
  value = "hunter2 \"serial\": 99 ${var.n}"
}
"#;

fn backend(settings: &str) -> String {
    format!(
        "  backend \"s3\" {{\n    bucket         = \"{BUCKET}\" # of this account\n    key            = \"{KEY}\"\n    \
         region         = \"{REGION}\"\n    use_path_style = true\n{settings}  }}\n"
    )
}

fn both() -> String {
    backend(&format!(
        "    dynamodb_table = \"{TABLE}\"\n    use_lockfile   = true\n"
    ))
}

#[test]
fn looking_tells_all_and_changes_nothing() {
    let account = Account::new();
    account.root("app", &both());
    account.apply("app", 1);
    account.apply("app", 3);
    finished(&mut account.terraform("app", &["workspace", "new", "blue"])).exits(0);
    account.apply("app", 2);
    account.boto(
        "s3.put_object(Bucket=args['bucket'], Key='notes.txt', Body=b'{}')\n\
         s3.put_object(Bucket=args['bucket'], Key='old/terraform.tfstate', Body=b'{\"version\": 3, \"serial\": 1}')\n",
        json!({}),
    );
    let before = account.everything();

    let states = account.run(&["states", "--format", "json"]).exits(1).json();
    assert_eq!(states["schema"], "plumbline.states/1");
    assert_eq!(states["other_objects"], 1);
    let list = states["states"].as_array().unwrap();
    let keys: Vec<&str> = list.iter().map(|state| state["key"].as_str().unwrap()).collect();
    let blue = format!("env:/blue/{KEY}");
    assert_eq!(keys, [KEY, &blue, "old/terraform.tfstate"]);
    let truth: Json = serde_json::from_str(&account.state(KEY).text).unwrap();
    assert_eq!(list[0]["serial"], truth["serial"]);
    assert_eq!(list[0]["lineage"], truth["lineage"]);
    assert_eq!(
        (&list[0]["resources"], &list[1]["resources"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(list[1]["workspace"], "blue");
    assert_eq!(list[0]["size"], account.state(KEY).text.len());
    // Terraform asks the system for the user's name and not the environment.
    let writer = &list[0]["last_writer"];
    assert_eq!(writer["operation"], "OperationTypeApply");
    assert!(writer["who"].as_str().unwrap().contains('@'), "{writer}");
    assert!(list[2]["problem"].as_str().unwrap().contains("format 3"));

    let history = account
        .run(&["history", "dev/app", "--format", "json"])
        .exits(0)
        .json();
    let serials: Vec<u64> = history["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["serial"].as_u64().unwrap())
        .collect();
    assert_eq!(serials.len(), 2);
    assert!(serials[0] > serials[1], "{serials:?}");
    assert_eq!(history["versions"][0]["current"], true);
    let few = account.json(&["history", "dev/app", "-n", "1"]);
    assert_eq!(
        (few["versions"].as_array().unwrap().len(), &few["older"]),
        (1, &json!(1))
    );

    assert_eq!(
        account.run(&["locks", "--format", "json"]).exits(0).json()["locks"],
        json!([])
    );
    let fsck = account.run(&["fsck", "--format", "json"]).exits(1).json();
    let findings: Vec<&Json> = fsck["states"]
        .as_array()
        .unwrap()
        .iter()
        .map(|state| &state["findings"])
        .collect();
    assert_eq!((findings[0], findings[1]), (&json!([]), &json!([])));
    assert_eq!(findings[2][0]["rule"], "state-format");
    account.run(&["fsck", KEY]).exits(0);

    let old = account.version(KEY, serials[1]);
    let dry = account.run(&["restore", "dev/app", &old, "--dry-run"]).exits(0);
    assert!(dry.out.contains("- terraform_data.app[2]"), "{}", dry.out);
    assert!(
        dry.out.contains("~ terraform_data.app[0]: input, output"),
        "{}",
        dry.out
    );
    account
        .run(&["migrate", "app", "--to", "lock-file", "--dry-run"])
        .exits(0);
    account
        .run(&["migrate", "app", "--to", "local", "--dry-run"])
        .exits(0);
    for command in [&["states"][..], &["history", KEY], &["locks"], &["fsck"]] {
        let run = account.run(command);
        assert!(
            !run.out.contains("hunter2") && !run.err.contains("hunter2"),
            "{}",
            run.out
        );
    }
    account.run(&["history", "nowhere"]).exits(2);
    assert_eq!(account.everything(), before);
}

#[test]
fn lists_are_read_to_their_end() {
    let account = Account::new();
    account.boto(
        "state = lambda n: json.dumps({'version': 4, 'terraform_version': '1', 'serial': n, 'lineage': 'l', 'outputs': {}, 'resources': []})\n\
         for n in range(7):\n\
         \x20 s3.put_object(Bucket=args['bucket'], Key='many/%d' % n, Body=state(1).encode())\n\
         for n in range(1, 10):\n\
         \x20 s3.put_object(Bucket=args['bucket'], Key='one/terraform.tfstate', Body=state(n).encode())\n\
         s3.delete_object(Bucket=args['bucket'], Key='one/terraform.tfstate')\n\
         s3.put_object(Bucket=args['bucket'], Key='one/terraform.tfstate', Body=state(10).encode())\n\
         s3.put_object(Bucket=args['bucket'], Key='one/terraform.tfstate-2', Body=state(99).encode())\n",
        json!({}),
    );
    for n in 0..7 {
        account.lock(&format!("many/{n}"), "if", &format!("id-{n}"), 1);
    }
    let proxy = Proxy::with_small_pages(account.emulator.url());
    let json = |args: &[&str]| {
        let args = [args, &["--format", "json"]].concat();
        let (_, out, err) = proxy.run(&mut tf_bootstrap(&proxy.url, account.dir.path(), &args));
        serde_json::from_str::<Json>(&out).unwrap_or_else(|error| panic!("{error}: {err}"))
    };
    let count = |all: &Json| all.as_array().unwrap().len();
    assert_eq!(count(&json(&["states"])["states"]), 9);
    assert_eq!(count(&json(&["states", "many/"])["states"]), 7);
    let history = json(&["history", "one", "--limit", "0"]);
    let serials: Vec<Option<u64>> = history["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["serial"].as_u64())
        .collect();
    let expected: Vec<Option<u64>> = [Some(10), None]
        .into_iter()
        .chain((1..=9).rev().map(Some))
        .collect();
    assert_eq!(serials, expected);
    assert_eq!(count(&json(&["locks"])["locks"]), 7);
    let fsck = json(&["fsck"]);
    assert_eq!(count(&fsck["states"]), 9);
    // The small pages were asked for: seven items, and a digest for none of them, are four.
    let scans = proxy
        .names()
        .iter()
        .filter(|name| name.ends_with(".Scan"))
        .count();
    assert_eq!(scans, 8);
}

#[test]
fn locks_are_seen_while_terraform_holds_them() {
    let account = Account::new();
    account.root("app", &both());
    account.apply("app", 1);
    // The apply waits in a provisioner until we have looked.
    let pipe = |name: &str| {
        let path = account.dir.path().join(name);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    };
    let (begun, go_on) = (pipe("begun"), pipe("go-on"));
    fs::write(
        account.dir.path().join("app/wait.tf"),
        format!(
            "resource \"terraform_data\" \"wait\" {{\n  provisioner \"local-exec\" {{\n    command = \"echo > {} && cat {}\"\n  }}\n}}\n",
            begun.display(),
            go_on.display()
        ),
    )
    .unwrap();
    let apply = account
        .terraform("app", &["apply", "-auto-approve"])
        .spawn()
        .unwrap();
    fs::File::open(&begun)
        .unwrap()
        .read_to_string(&mut String::new())
        .unwrap();

    let locks = account.run(&["locks", "--format", "json"]).exits(0).json();
    let locks = locks["locks"].as_array().unwrap();
    assert_eq!(locks.len(), 1, "{locks:?}");
    let lock = &locks[0];
    assert_eq!((&lock["key"], &lock["half"]), (&json!(KEY), &json!(null)));
    assert_eq!(lock["held_by"], json!(["table", "lock-file"]));
    assert_eq!(lock["operation"], "OperationTypeApply");
    let id = lock["id"].as_str().unwrap();
    let shown = account.run(&["locks"]).exits(0).out;
    assert!(
        shown.contains(id) && shown.contains("apply") && shown.contains(KEY),
        "{shown}"
    );

    // A second Terraform is kept out, and so are we.
    let plan = finished(&mut account.terraform("app", &["plan"])).exits(1);
    assert!(plan.err.contains(id), "{}", plan.err);
    let refused = account.run(&["locks", "break", id]).exits(2);
    assert!(refused.err.contains("--force"), "{}", refused.err);
    account.apply_is_refused(id);
    let migrate = account.run(&["migrate", "app", "--to", "lock-file"]).exits(2);
    assert!(migrate.err.contains("locked"), "{}", migrate.err);

    fs::File::options()
        .write(true)
        .open(&go_on)
        .unwrap()
        .write_all(b"\n")
        .unwrap();
    let applied = apply.wait_with_output().unwrap();
    assert!(
        applied.status.success(),
        "{}",
        String::from_utf8_lossy(&applied.stderr)
    );
    assert_eq!(account.json(&["locks"])["locks"], json!([]));
    account.state(KEY).is_sound();
}

impl Account {
    /// A restore that meets a lock of that id names it, and changes nothing.
    fn apply_is_refused(&self, id: &str) {
        let history = self.json(&["history", KEY]);
        let current = history["versions"][0]["version"].as_str().unwrap();
        let bytes = self.state(KEY).text;
        // The version that is current needs no write, so a new one is put below it.
        self.boto(
            "body = s3.get_object(Bucket=args['bucket'], Key=args['key'])['Body'].read()\n\
             s3.put_object(Bucket=args['bucket'], Key=args['key'], Body=body.replace(b'hunter2-1', b'hunter2-0'))\n\
             s3.put_object(Bucket=args['bucket'], Key=args['key'], Body=body)\n",
            json!({ "key": KEY }),
        );
        let versions = self.json(&["history", KEY]);
        let other = versions["versions"][1]["version"].as_str().unwrap();
        assert_ne!(current, other);
        let run = self.run(&["restore", KEY, other]).exits(2);
        assert!(
            run.err.contains(id) && run.err.contains("is locked by"),
            "{}",
            run.err
        );
        assert_eq!(self.state(KEY).text, bytes);
    }
}

#[test]
fn a_lock_is_broken_as_it_was_seen_or_not_at_all() {
    let account = Account::new();
    account.root("app", &both());
    account.apply("app", 1);
    let digest = account.state(KEY).digest;
    for kinds in ["i", "f", "if"] {
        account.lock(KEY, kinds, "old", 60);
        let listed = account.json(&["locks"]);
        let half = &listed["locks"][0]["half"];
        assert_eq!(half.is_null(), kinds == "if", "{listed}");
        account.run(&["locks"]).exits(if kinds == "if" { 0 } else { 1 });
        let findings = account.json(&["fsck"])["states"][0]["findings"].clone();
        assert_eq!(
            findings.as_array().unwrap().len(),
            usize::from(kinds != "if"),
            "{findings}"
        );
        account.run(&["locks", "break", "another"]).exits(2);
        assert!(account.state(KEY).locks > 0);
        account.run(&["locks", "break", "old"]).exits(0);
        account.state(KEY).is_sound();
    }
    // Items of digests are no locks.
    assert_eq!(account.state(KEY).digest, digest);

    // A young one is left alone, unless somebody knows better.
    account.lock(KEY, "if", "young", 3);
    let refused = account.run(&["locks", "break", "young"]).exits(2);
    assert!(refused.err.contains("3m"), "{}", refused.err);
    assert_eq!(account.state(KEY).locks, 2);
    account.run(&["locks", "break", "young", "--force"]).exits(0);

    // Between looking and deleting, the holder goes and another comes: the other one stays.
    account.lock(KEY, "if", "gone", 60);
    let url = account.emulator.url().to_owned();
    let other = url.clone();
    let proxy = Proxy::with_hook(&url, move |call| {
        if call.starts_with("DELETE ") {
            put_lock(&other, KEY, "if", "newcomer", 0);
        }
    });
    let mut command = tf_bootstrap(&proxy.url, account.dir.path(), &["locks", "break", "gone"]);
    let (code, out, err) = proxy.run(&mut command);
    assert_eq!(code, Some(2), "{out}{err}");
    assert!(
        err.contains("belongs to another lock") && err.contains("nothing was changed"),
        "{err}"
    );
    let left = account.json(&["locks"]);
    assert_eq!(left["locks"][0]["id"], "newcomer");
    assert_eq!(left["locks"][0]["held_by"], json!(["table", "lock-file"]));
}

#[test]
fn a_version_is_restored_and_terraform_goes_on_from_it() {
    let account = Account::new();
    account.root("app", &both());
    for count in [1, 4, 2] {
        account.apply("app", count);
    }
    let history = account.json(&["history", KEY]);
    let versions = history["versions"].as_array().unwrap();
    let newest = versions[0]["serial"].as_u64().unwrap();
    let oldest = versions.last().unwrap();
    let (old_version, old_serial) = (
        oldest["version"].as_str().unwrap(),
        oldest["serial"].as_u64().unwrap(),
    );
    let old_text = account.boto(
        "result = s3.get_object(Bucket=args['bucket'], Key=args['key'], VersionId=args['version'])['Body'].read().decode()",
        json!({ "key": KEY, "version": old_version }),
    );
    let before = account.everything();

    let restored = account
        .run(&["restore", "dev/app", old_version, "--format", "json"])
        .exits(0);
    assert!(!restored.out.contains("hunter2"));
    let restored = restored.json();
    assert_eq!(restored["serial"], newest + 1);
    assert_eq!(
        restored["difference"]["removed"],
        json!(["terraform_data.app[1]"])
    );
    let state = account.state(KEY);
    state.is_sound();
    assert_eq!(state.serial(), newest + 1);
    // Only the digits of the serial are other ones.
    let expected = old_text.as_str().unwrap().replacen(
        &format!("\"serial\": {old_serial},"),
        &format!("\"serial\": {},", newest + 1),
        1,
    );
    assert_eq!(state.text, expected);
    // All versions before are still there.
    let after = account.everything();
    let ids = |all: &Json| -> Vec<Json> {
        let versions = all[0].as_array().unwrap().iter();
        versions
            .map(|version| json!([version[0], version[1], version[3]]))
            .collect()
    };
    let (before, after) = (ids(&before), ids(&after));
    assert!(before.iter().all(|version| after.contains(version)));

    account.plan_is_empty("app", 1);
    let again = account.json(&["restore", "dev/app", old_version]);
    assert_eq!(again["action"], "none");
    assert_eq!(account.state(KEY).text, expected);
    account.apply("app", 2);
    account.run(&["fsck"]).exits(0);

    // Back from a deletion past Terraform, which leaves the digest.
    account.boto(
        "s3.delete_object(Bucket=args['bucket'], Key=args['key'])",
        json!({ "key": KEY }),
    );
    let fsck = account.run(&["fsck", "--format", "json"]).exits(1).json();
    assert_eq!(fsck["states"][0]["findings"][0]["rule"], "digest-without-state");
    let marker = account.json(&["history", KEY])["versions"][0].clone();
    assert_eq!(
        (&marker["deleted"], &marker["current"]),
        (&json!(true), &json!(true))
    );
    account
        .run(&["restore", KEY, marker["version"].as_str().unwrap()])
        .exits(2);
    account.run(&["restore", KEY, old_version]).exits(0);
    account.state(KEY).is_sound();
    account.plan_is_empty("app", 1);

    // The state of another root is refused.
    account.boto(
        "body = s3.get_object(Bucket=args['bucket'], Key=args['key'])['Body'].read()\n\
         lineage = json.loads(body)['lineage'].encode()\n\
         s3.put_object(Bucket=args['bucket'], Key=args['key'], Body=body.replace(lineage, b'another'))\n\
         s3.put_object(Bucket=args['bucket'], Key=args['key'], Body=body)\n",
        json!({ "key": KEY }),
    );
    let foreign = account.json(&["history", KEY])["versions"][1]["version"].clone();
    let before = account.everything();
    let refused = account.run(&["restore", KEY, foreign.as_str().unwrap()]).exits(2);
    assert!(refused.err.contains("another root"), "{}", refused.err);
    assert_eq!(account.everything(), before);
}

#[test]
fn a_stale_digest_is_repaired_over_a_sound_state_only() {
    let account = Account::new();
    account.root("app", &both());
    account.apply("app", 1);
    let stale = |account: &Account| {
        account.boto(
            "dynamodb.put_item(TableName=args['table'], Item={'LockID': {'S': args['bucket'] + '/' + args['key'] + '-md5'},\n\
             \x20 'Digest': {'S': '0' * 32}})",
            json!({ "key": KEY }),
        );
    };
    stale(&account);
    let fsck = account.run(&["fsck", "--format", "json"]).exits(1).json();
    assert_eq!(fsck["states"][0]["findings"][0]["rule"], "digest-mismatch");
    let repaired = account
        .run(&["fsck", "--repair-digest", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(repaired["states"][0]["repaired"], "digest");
    account.state(KEY).is_sound();
    account.plan_is_empty("app", 1);
    // An old state over a newer one: the digest is what protects.
    stale(&account);
    account.boto(
        "body = s3.get_object(Bucket=args['bucket'], Key=args['key'])['Body'].read()\n\
         state = json.loads(body)\n\
         state['serial'] = 0\n\
         s3.put_object(Bucket=args['bucket'], Key=args['key'], Body=json.dumps(state).encode())\n",
        json!({ "key": KEY }),
    );
    let left = account.run(&["fsck", "--repair-digest"]).exits(1);
    assert!(left.err.contains("serial-fell"), "{}", left.err);
    assert_eq!(account.state(KEY).digest.unwrap(), "0".repeat(32));
}

/// A history of three versions with a digest, made in one go; gives the id of the first version.
fn history(account: &Account, key: &str) -> String {
    let id = account.boto(
        "for n in (1, 2, 5):\n\
         \x20 body = json.dumps({'version': 4, 'terraform_version': '1.11.4', 'serial': n, 'lineage': 'l', 'outputs': {},\n\
         \x20   'resources': [{'mode': 'managed', 'type': 't', 'name': 'n%d' % n, 'provider': 'p', 'instances': [{'attributes': {'serial': n}}]}]}, indent=2)\n\
         \x20 version = s3.put_object(Bucket=args['bucket'], Key=args['key'], Body=body.encode())['VersionId']\n\
         \x20 result = result or version\n\
         dynamodb.put_item(TableName=args['table'], Item={'LockID': {'S': args['bucket'] + '/' + args['key'] + '-md5'},\n\
         \x20 'Digest': {'S': hashlib.md5(body.encode()).hexdigest()}})\n",
        json!({ "key": key }),
    );
    id.as_str().unwrap().to_owned()
}

/// What a restore of a [`history`] leads to, however it came about.
#[track_caller]
fn is_restored(account: &Account, key: &str, at: &dyn std::fmt::Debug) {
    let state = account.state(key);
    assert_eq!(state.digest.as_deref(), Some(&*state.md5), "{at:?}");
    assert_eq!(state.locks, 0, "{at:?}");
    assert!(
        state.text.contains("\"n1\"") && state.text.contains("\"serial\": 6,"),
        "{at:?}: {}",
        state.text
    );
    assert!(
        state
            .text
            .contains("\"attributes\": {\n            \"serial\": 1"),
        "{at:?}: {}",
        state.text
    );
}

/// How many calls a restore makes.
fn calls_of_a_restore(account: &Account) -> usize {
    let version = history(account, "count");
    let proxy = Proxy::new(account.emulator.url(), None);
    let args = ["restore", "count", &version, "--locking", "both"];
    let (code, out, err) = proxy.run(&mut tf_bootstrap(&proxy.url, account.dir.path(), &args));
    assert_eq!(code, Some(0), "{out}{err}");
    is_restored(account, "count", &"whole");
    let names = proxy.names();
    assert!(names.iter().any(|name| name.ends_with("PutItem")), "{names:?}");
    proxy.calls()
}

#[test]
fn a_restore_that_dies_at_any_call_is_completed_by_the_next() {
    let account = Account::new();
    let calls = calls_of_a_restore(&account);
    assert!(calls > 10, "{calls}");
    for n in 1..=calls {
        for fault in [Fault::KillBefore, Fault::KillAfter] {
            let at = (n, fault);
            let key = format!("killed/{n}/{fault:?}");
            let version = history(&account, &key);
            let proxy = Proxy::new(account.emulator.url(), Some(at));
            let args = ["restore", &key, &version, "--locking", "both"];
            let (code, out, _) = proxy.run(&mut tf_bootstrap(&proxy.url, account.dir.path(), &args));
            assert_eq!(code, None, "{at:?}: {out}");
            // Whatever lock is left is ours, says what it was doing, and is one.
            let locks = account.json(&["locks"]);
            for lock in locks["locks"].as_array().unwrap() {
                assert_eq!(lock["operation"], "tf-bootstrap restore", "{at:?}");
                assert!(lock["info"].as_str().unwrap().contains(&version), "{lock}");
                assert_eq!(lock["key"], json!(key), "{at:?}");
                let id = lock["id"].as_str().unwrap();
                account.run(&["locks", "break", id, "--force"]).exits(0);
            }
            assert!(locks["locks"].as_array().unwrap().len() < 2, "{at:?}: {locks}");
            account
                .run(&["restore", &key, &version, "--locking", "both"])
                .exits(0);
            is_restored(&account, &key, &at);
            // Nothing was written twice: one version more than before.
            let versions = account.json(&["history", &key])["versions"]
                .as_array()
                .unwrap()
                .len();
            assert_eq!(versions, 4, "{at:?}");
        }
    }
    account.run(&["fsck"]).exits(0);
}

#[test]
fn a_restore_gets_over_lost_answers_and_errors_of_aws() {
    let account = Account::new();
    let calls = calls_of_a_restore(&account);
    for n in 1..=calls {
        for fault in [Fault::LoseAnswer, Fault::Internal] {
            let at = (n, fault);
            let key = format!("lost/{n}/{fault:?}");
            let version = history(&account, &key);
            let proxy = Proxy::new(account.emulator.url(), Some(at));
            let args = ["restore", &key, &version, "--locking", "both"];
            let (code, out, err) = proxy.run(&mut tf_bootstrap(&proxy.url, account.dir.path(), &args));
            assert_eq!(code, Some(0), "{at:?} {:?}: {out}{err}", proxy.names());
            is_restored(&account, &key, &at);
            let versions = account.json(&["history", &key])["versions"]
                .as_array()
                .unwrap()
                .len();
            assert_eq!(versions, 4, "{at:?}");
        }
    }
}

#[test]
fn a_restore_that_is_interrupted_or_denied_leaves_no_lock_that_it_does_not_name() {
    let account = Account::new();
    let calls = calls_of_a_restore(&account);
    for n in 1..=calls {
        let key = format!("interrupted/{n}");
        let version = history(&account, &key);
        let proxy = Proxy::new(account.emulator.url(), Some((n, Fault::Interrupt)));
        let args = ["restore", &key, &version, "--locking", "both"];
        let (code, out, err) = proxy.run(&mut tf_bootstrap(&proxy.url, account.dir.path(), &args));
        // Before anybody listens for it, the signal ends the process, which has done nothing yet.
        assert!(
            matches!(code, Some(0 | 2)) || (n == 1 && code.is_none()),
            "{n}: {code:?} {out}{err}"
        );
        let state = account.state(&key);
        assert_eq!(state.locks, 0, "{n}: {err}");
        assert_eq!(state.digest.as_deref(), Some(&*state.md5), "{n}");
        if code != Some(0) {
            assert_eq!(state.serial(), 5, "{n}");
        }

        let key = format!("denied/{n}");
        let version = history(&account, &key);
        let proxy = Proxy::new(account.emulator.url(), Some((n, Fault::Deny)));
        let args = ["restore", &key, &version, "--locking", "both"];
        let (code, out, err) = proxy.run(&mut tf_bootstrap(&proxy.url, account.dir.path(), &args));
        // Who may not read how the bucket encrypts writes as the version before was written.
        if proxy.names()[n - 1].contains("?encryption") {
            assert_eq!(code, Some(0), "{n}: {out}{err}");
            is_restored(&account, &key, &n);
            continue;
        }
        assert_eq!(code, Some(2), "{n}: {out}{err}");
        assert!(
            ["s3:", "dynamodb:", "sts:"]
                .iter()
                .any(|service| err.contains(service)),
            "{n}: {err}"
        );
        for lock in account.json(&["locks"])["locks"].as_array().unwrap() {
            let id = lock["id"].as_str().unwrap();
            assert!(err.contains(&format!("locks break {id}")), "{n}: {err}");
            account.run(&["locks", "break", id, "--force"]).exits(0);
        }
        account
            .run(&["restore", &key, &version, "--locking", "both"])
            .exits(0);
        is_restored(&account, &key, &n);
    }
}

#[test]
fn somebody_elses_write_is_never_lost() {
    let account = Account::new();
    let calls = calls_of_a_restore(&account);
    for n in 1..=calls {
        let key = format!("race/{n}");
        let version = history(&account, &key);
        // The address alone: what a proxy holds lives as long as this process, and the emulator must not.
        let (other, its_key) = (account.emulator.url().to_owned(), key.clone());
        let count = std::sync::atomic::AtomicUsize::new(0);
        // At call n somebody without a lock, or who broke ours, writes serial 9.
        let proxy = Proxy::with_hook(account.emulator.url(), move |_| {
            if count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1 == n {
                script(
                    &other,
                    "body = s3.get_object(Bucket=args['bucket'], Key=args['key'])['Body'].read()\n\
                     state = json.loads(body)\n\
                     state['serial'] = 9\n\
                     state['terraform_version'] = 'theirs'\n\
                     s3.put_object(Bucket=args['bucket'], Key=args['key'], Body=json.dumps(state).encode())\n",
                    json!({ "key": its_key }),
                );
            }
        });
        let args = ["restore", &key, &version, "--locking", "both"];
        let (code, out, err) = proxy.run(&mut tf_bootstrap(&proxy.url, account.dir.path(), &args));
        let history = account.json(&["history", &key]);
        let serials: Vec<u64> = history["versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|version| version["serial"].as_u64().unwrap())
            .collect();
        // Either we saw it and went above it, or it stands where it was written.
        match serials[0] {
            10 => assert_eq!(code, Some(0), "{n}: {out}{err}"),
            9 => assert!(code == Some(2) || serials[1] == 6, "{n}: {serials:?} {out}{err}"),
            _ => panic!("{n}: {serials:?}: {out}{err}"),
        }
        assert_eq!(account.state(&key).locks, 0, "{n}");
    }
}

#[test]
fn locks_are_migrated_through_a_stage_with_both_and_back() {
    let account = Account::new();
    let table_only = backend(&format!("    dynamodb_table = \"{TABLE}\" # since 2019\n"));
    account.root("app", &table_only);
    account.apply("app", 2);
    let text = || fs::read_to_string(account.dir.path().join("app/main.tf")).unwrap();
    let original = text();
    let refused = account.run(&["migrate", "app", "--to", "lock-file"]).exits(2);
    assert!(refused.err.contains("--to both"), "{}", refused.err);
    assert_eq!(text(), original);
    let step = |to: &str| {
        let run = account.run(&["migrate", "app", "--to", to]).exits(0);
        finished(&mut account.terraform("app", &["init", "-reconfigure"])).exits(0);
        account.plan_is_empty("app", 2);
        assert_eq!(account.state(KEY).locks, 0);
        run
    };
    let shown = step("both");
    assert!(shown.err.contains("+     use_lockfile   = true"), "{}", shown.err);
    let line = "    use_lockfile   = true\n";
    assert_eq!(
        text(),
        original.replace("# since 2019\n", &format!("# since 2019\n{line}"))
    );
    account.state(KEY).is_sound();
    step("lock-file");
    assert!(
        text().contains(line) && !text().contains("dynamodb_table"),
        "{}",
        text()
    );
    // Nobody keeps the digest up to date from now on.
    assert_eq!(account.state(KEY).digest, None);
    account.apply("app", 1);
    account.apply("app", 2);
    step("both");
    account.apply("app", 1);
    account.apply("app", 2);
    account.state(KEY).is_sound();
    step("table");
    account.state(KEY).is_sound();
    assert_eq!(text(), original.replace(" # since 2019", ""));
    let again = account.run(&["migrate", "app", "--to", "table"]).exits(0);
    assert!(again.out.contains("already"), "{}", again.out);
}

#[test]
fn states_are_migrated_to_the_bucket_and_back() {
    let account = Account::new();
    let root = "environments/dev/app";
    account.root(root, "");
    account.apply(root, 2);
    finished(&mut account.terraform(root, &["workspace", "new", "blue"])).exits(0);
    account.apply(root, 1);
    finished(&mut account.terraform(root, &["workspace", "select", "default"])).exits(0);
    let dir = account.dir.path().join(root);
    let local = fs::read_to_string(dir.join("terraform.tfstate")).unwrap();
    let before = account.everything();
    account
        .run(&["migrate", root, "--to", "s3", "--dry-run"])
        .exits(0);
    assert_eq!(account.everything(), before);
    assert!(!dir.join("backend.tf").exists());

    let moved = account.run(&["migrate", root, "--to", "s3"]).exits(0);
    assert!(
        moved.err.contains("backend.hcl is made") && !moved.err.contains("hunter2"),
        "{}",
        moved.err
    );
    let state = account.state(KEY);
    assert_eq!(state.text, local);
    state.is_sound();
    account.state(&format!("env:/blue/{KEY}")).is_sound();
    assert!(!dir.join("terraform.tfstate").exists());
    assert_eq!(
        fs::read_to_string(dir.join("terraform.tfstate.migrated")).unwrap(),
        local
    );
    let init = ["init", "-reconfigure", "-backend-config=backend.hcl"];
    finished(&mut account.terraform(root, &init)).exits(0);
    account.plan_is_empty(root, 2);
    finished(&mut account.terraform(root, &["workspace", "select", "blue"])).exits(0);
    account.plan_is_empty(root, 1);
    finished(&mut account.terraform(root, &["workspace", "select", "default"])).exits(0);
    let again = account.run(&["migrate", root, "--to", "s3"]).exits(0);
    assert!(again.out.contains("already"), "{}", again.out);
    account.apply(root, 3);

    account.run(&["migrate", root, "--to", "local"]).exits(0);
    assert_eq!(
        fs::read_to_string(dir.join("terraform.tfstate")).unwrap(),
        account.state(KEY).text
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(dir.join("terraform.tfstate"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = account.run(&["migrate", root, "--to", "local"]).exits(0);
    assert!(again.out.contains("already"), "{}", again.out);
    finished(&mut account.terraform(root, &["init"])).exits(0);
    account.plan_is_empty(root, 3);
    account.apply(root, 1);

    // There once more, over the older state of the same lineage.
    account.run(&["migrate", root, "--to", "s3"]).exits(0);
    finished(&mut account.terraform(root, &init)).exits(0);
    account.plan_is_empty(root, 1);
    account.run(&["fsck"]).exits(0);

    // Another root does not get this key, and a newer state in the bucket stays.
    account.root("other", "");
    account.apply("other", 1);
    let before = account.everything();
    let refused = account
        .run(&["migrate", "other", "--to", "s3", "--key", KEY])
        .exits(2);
    assert!(refused.err.contains("another root"), "{}", refused.err);
    account.root("old", "");
    fs::write(account.dir.path().join("old/terraform.tfstate"), &local).unwrap();
    let refused = account
        .run(&["migrate", "old", "--to", "s3", "--key", KEY])
        .exits(2);
    assert!(refused.err.contains("not the newer one"), "{}", refused.err);
    assert!(account.dir.path().join("old/terraform.tfstate").exists());
    assert_eq!(account.everything(), before);
}

#[test]
fn a_migration_that_dies_at_any_call_is_completed_by_the_next() {
    let account = Account::new();
    let seed = |root: &str| {
        let dir = account.dir.path().join(root);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("main.tf"), RESOURCES).unwrap();
        let state = format!(
            "{{\"version\": 4, \"terraform_version\": \"1.11.4\", \"serial\": 3, \"lineage\": \"{root}\", \"outputs\": {{}}, \"resources\": []}}"
        );
        fs::write(dir.join("terraform.tfstate"), state).unwrap();
        dir
    };
    seed("count");
    let proxy = Proxy::new(account.emulator.url(), None);
    let args = ["migrate", "count", "--to", "s3", "--key", "count"];
    let (code, out, err) = proxy.run(&mut tf_bootstrap(&proxy.url, account.dir.path(), &args));
    assert_eq!(code, Some(0), "{out}{err}");
    for n in 1..=proxy.calls() {
        for fault in [Fault::KillBefore, Fault::KillAfter] {
            let root = format!("root-{n}-{fault:?}");
            let dir = seed(&root);
            let text = fs::read_to_string(dir.join("terraform.tfstate")).unwrap();
            let proxy = Proxy::new(account.emulator.url(), Some((n, fault)));
            let args = ["migrate", &root, "--to", "s3", "--key", &root];
            proxy.run(&mut tf_bootstrap(&proxy.url, account.dir.path(), &args));
            for lock in account.json(&["locks"])["locks"].as_array().unwrap() {
                assert_eq!(lock["operation"], "tf-bootstrap migrate");
                account
                    .run(&["locks", "break", lock["id"].as_str().unwrap(), "--force"])
                    .exits(0);
            }
            account.run(&args).exits(0);
            let state = account.state(&root);
            state.is_sound();
            assert_eq!(state.text, text, "{root}");
            assert!(!dir.join("terraform.tfstate").exists(), "{root}");
            assert!(
                fs::read_to_string(dir.join("backend.tf"))
                    .unwrap()
                    .contains("backend \"s3\" {}")
            );
            assert!(dir.join("backend.hcl").exists());
        }
    }
    account.run(&["fsck"]).exits(0);
}
