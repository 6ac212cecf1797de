//! `tf-drift` and what lies in buckets: states without a root, results of scans, and who changed what.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod by_heart;
#[path = "../../crates/tf-inventory/tests/double/mod.rs"]
mod double;
mod emulator;
mod workshop;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use by_heart::{by_heart, many};
use double::Double;
use emulator::{Emulator, REGION, boto, environment};
use serde_json::{Value as Json, json};
use workshop::{BUCKET, Ended, Workshop};

fn parameter(name: &str) -> String {
    format!(
        "provider \"aws\" {{\n  region                      = \"eu-west-1\"\n  skip_credentials_validation = true\n  \
         skip_metadata_api_check     = true\n}}\n\nresource \"aws_ssm_parameter\" \"size\" {{\n  \
         name        = \"/{name}/size\"\n  description = \"10\"\n  type        = \"SecureString\"\n  value       = \"s3cr3t-of-{name}\"\n}}\n\n\
         resource \"aws_sqs_queue\" \"gone\" {{\n  name = \"gone\"\n}}\n"
    )
}

fn scan(workshop: &Workshop, args: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tf-drift"));
    command
        .args(args)
        .current_dir(workshop.path())
        .envs(workshop.account());
    for name in ["CI", "TF_WORKSPACE", "GITHUB_RUN_ID", "CI_PIPELINE_ID"] {
        command.env_remove(name);
    }
    Ended::of(command.output().unwrap())
}

fn apply(workshop: &Workshop, root: &str) {
    let dir = workshop.path().join("environments").join(root);
    let configured =
        tf_terraform::Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
    let mirror = tf_terraform::Mirror::find(&configured).unwrap();
    let search = std::env::var_os("PATH");
    let program = tf_terraform::Program::find(None, search.as_deref(), mirror.as_ref()).unwrap();
    for args in [
        &["init", "-input=false", "-backend-config=backend.hcl"][..],
        &["apply", "-auto-approve", "-input=false"],
    ] {
        let output = program
            .command(&dir)
            .args(args)
            .envs(workshop.account())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
}

fn root<'j>(document: &'j Json, name: &str) -> &'j Json {
    let roots = document["roots"].as_array().unwrap();
    let found = roots.iter().find(|root| root["root"] == name);
    found.unwrap_or_else(|| panic!("{name}: {document}"))
}

/// `address class path`, one a finding.
fn told(root: &Json) -> Vec<String> {
    let findings = root["findings"].as_array().unwrap();
    let told = findings.iter().map(|finding| {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        let path = finding["attributes"][0]["path"].as_str().unwrap_or("-");
        format!("{} {} {path}", text("address"), text("class"))
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

/// One state of a root, that of a workspace, one that lost its root, one that lost it with a provider that nobody knows and with things in
/// another account; and what is no state.
#[test]
fn states_are_planned_in_their_roots_and_without_them() {
    let workshop = Workshop::with(&["dev"]);
    workshop.root("dev", &parameter("dev"));
    // What the backend leaves open stands in the file beside it, which nobody names.
    let main = workshop.path().join("environments/dev/main.tf");
    let text = fs::read_to_string(&main).unwrap();
    let key = "    key                         = \"dev/terraform.tfstate\"\n";
    assert!(text.contains(key));
    fs::write(&main, text.replace(key, "")).unwrap();
    workshop.write(
        "environments/dev/backend.hcl",
        "key = \"dev/terraform.tfstate\"\n",
    );
    apply(&workshop, "dev");
    workshop.boto(&format!(
        r#"
state = s3.get_object(Bucket='{BUCKET}', Key='dev/terraform.tfstate')['Body'].read()
put = lambda key, body: s3.put_object(Bucket='{BUCKET}', Key=key, Body=body)
put('env:/blue/dev/terraform.tfstate', state)
put('old/terraform.tfstate', state)
put('renamed', state)
put('dev/terraform.tfstate.tflock', b'{{"ID": "x"}}')
put('dev/terraform.tfstate.audit/2026.json', b'{{"serial": 1, "lineage": "x", "version": 1}}')
put('readme.md', b'# states')
part = json.loads(state)
queue = [it for it in part['resources'] if it['type'] == 'aws_sqs_queue'][0]
there = json.loads(json.dumps(queue).replace(':123456789012:', ':999988887777:'))
there.update(name='there', provider=queue['provider'] + '.other')
monitor = dict(queue, type='datadog_monitor', name='m', provider='provider["registry.terraform.io/datadog/datadog"]')
part['resources'] += [there, monitor]
put('part/terraform.tfstate', json.dumps(part))
put('broken/terraform.tfstate', b'{{"version": 4, ')
boto3.client('ssm').put_parameter(Name='/dev/size', Value='s3cr3t-of-dev', Description='20', Type='SecureString', Overwrite=True)
sqs = boto3.client('sqs')
sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName='gone')['QueueUrl'])
s3.create_bucket(Bucket='workshop-history', CreateBucketConfiguration={{'LocationConstraint': '{REGION}'}})
"#
    ));
    let before = workshop.objects();
    let place = format!("s3://{BUCKET}");
    let args = [
        "scan",
        "--state",
        &place,
        "--history",
        "s3://workshop-history/drift",
        "--format",
        "json",
        "--report",
        "text=drift.txt",
    ];
    let ended = scan(&workshop, &args).with(2);
    let document: Json = serde_json::from_str(&ended.out).unwrap();
    let names: Vec<&str> = document["roots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|root| root["root"].as_str().unwrap())
        .collect();
    let of = |key: &str| format!("s3://{BUCKET}/{key}");
    let (old, renamed, part, broken) = (
        of("old/terraform.tfstate"),
        of("renamed"),
        of("part/terraform.tfstate"),
        of("broken/terraform.tfstate"),
    );
    assert_eq!(
        names,
        [
            "environments/dev",
            "environments/dev (workspace blue)",
            &broken,
            &old,
            &part,
            &renamed
        ],
    );
    // With a configuration, what an apply would do is known.
    for name in ["environments/dev", "environments/dev (workspace blue)"] {
        assert_eq!(
            told(root(&document, name)),
            [
                "aws_sqs_queue.gone deleted -",
                "aws_ssm_parameter.size reverted description"
            ],
            "{name}"
        );
    }
    let without = [
        "aws_sqs_queue.gone deleted -",
        "aws_ssm_parameter.size absorbed description",
    ];
    for name in [&old, &renamed] {
        let root = root(&document, name);
        assert_eq!(
            (told(root), &root["status"]),
            (without.map(str::to_owned).to_vec(), &json!("drifted")),
            "{name}"
        );
        assert!(
            root["notes"][0]
                .as_str()
                .unwrap()
                .contains("no root here has this state"),
            "{root}"
        );
    }
    // What could be looked at is told, and what could not is loud.
    let half = root(&document, &part);
    assert_eq!(
        (told(half), &half["status"]),
        (without.map(str::to_owned).to_vec(), &json!("failed"))
    );
    let error = half["error"].as_str().unwrap();
    for part in [
        "datadog_monitor.m: how the provider registry.terraform.io/datadog/datadog is configured is in no state",
        "aws_sqs_queue.there: they are in account 999988887777, and the credentials here are of 123456789012",
    ] {
        assert!(error.contains(part), "{error}");
    }
    let error = root(&document, &broken)["error"].as_str().unwrap();
    assert!(error.contains("no state of Terraform"), "{error}");
    let text = fs::read_to_string(workshop.path().join("drift.txt")).unwrap();
    assert!(
        text.contains(&format!("FAILED {part}: it could be read in part only")),
        "{text}"
    );
    for said in [&ended.out, &ended.err, &text] {
        assert!(!said.contains("s3cr3t"), "{said}");
    }
    assert_eq!(
        before,
        workshop.objects(),
        "states are only read, and nothing is locked"
    );

    // The history has what roots have: the age, and the findings of what could be read in part.
    let again = scan(
        &workshop,
        &[
            "report",
            "--history",
            "s3://workshop-history/drift",
            "--format",
            "json",
        ],
    )
    .with(2);
    assert_eq!(again.out, ended.out);
    // A prefix is a part of it; a new scan of it knows the old one.
    let args = [
        "scan",
        "--state",
        &of("old/"),
        "--history",
        "s3://workshop-history/drift",
        "--format",
        "json",
    ];
    let next: Json = serde_json::from_str(&scan(&workshop, &args).with(1).out).unwrap();
    assert_eq!(next["summary"]["roots"], 1);
    assert_eq!(next["summary"]["ongoing"], 2);
    assert_eq!(
        next["roots"][0]["findings"][0]["fingerprint"],
        root(&document, &old)["findings"][0]["fingerprint"]
    );
}

#[test]
fn wrong_places_are_explained() {
    let (dir, program) = many(1);
    let account = Emulator::bare().unwrap();
    let keys = environment(account.url());
    boto(
        account.url(),
        &format!(
            "s3.create_bucket(Bucket='empty-bucket', CreateBucketConfiguration={{'LocationConstraint': '{REGION}'}})"
        ),
        &json!({}),
    );
    for (args, with_keys, parts) in [
        (
            &["scan", "--state", "gs://x"][..],
            true,
            &["is no place in S3: give it as s3://BUCKET/PREFIX"][..],
        ),
        (
            &["scan", "--state", "s3://no-such-bucket/a"],
            true,
            &["s3://no-such-bucket/a cannot be listed"],
        ),
        (
            &["scan", "--state", "s3://empty-bucket/a"],
            true,
            &["there is no state in s3://empty-bucket/a"],
        ),
        (
            &["scan", "--state", "s3://empty-bucket/a"],
            false,
            &["s3://empty-bucket/a cannot be listed", "credentials"],
        ),
        (
            &["scan", "--state", "s3://empty-bucket/a", "--workspace", "blue"],
            true,
            &["not with --workspace"],
        ),
        (
            &["scan", "--history", "s3://no-such-bucket/a"],
            true,
            &["the history cannot be used", "no-such-bucket"],
        ),
        (
            &["scan", "--history", "s3://empty-bucket/a"],
            false,
            &["the history cannot be used", "credentials"],
        ),
        (
            &["report", "--history", "s3://empty-bucket/a"],
            true,
            &["the history has no results yet"],
        ),
        (&["merge", "--history", "ftp://a"], true, &["is no place in S3"]),
    ] {
        let mut command = by_heart(dir.path(), &program, args);
        command.envs(keys.iter().map(|(name, value)| (name, value)));
        if !with_keys {
            command
                .env_remove("AWS_ACCESS_KEY_ID")
                .env_remove("AWS_SECRET_ACCESS_KEY");
        }
        let ended = Ended::of(command.output().unwrap());
        assert_eq!(ended.code, Some(2), "{args:?}: {}{}", ended.out, ended.err);
        for part in parts {
            assert!(ended.err.contains(part), "{args:?}: {}", ended.err);
        }
    }
}

/// Runs the program over roots known by heart, with an account.
fn with_account(dir: &Path, program: &Path, url: &str, args: &[&str]) -> Command {
    let mut command = by_heart(dir, program, args);
    command.envs(environment(url));
    command
}

#[test]
fn a_bucket_keeps_results_as_a_folder_does() {
    let (dir, program) = many(12);
    let account = Emulator::bare().unwrap();
    let url = account.url();
    boto(
        url,
        &format!(
            "s3.create_bucket(Bucket='results', CreateBucketConfiguration={{'LocationConstraint': '{REGION}'}})"
        ),
        &json!({}),
    );
    let run = |args: &[&str]| Ended::of(with_account(dir.path(), &program, url, args).output().unwrap());
    let keys = || {
        let script = "result = [o['Key'] for o in s3.list_objects_v2(Bucket='results').get('Contents', [])]";
        let keys = boto(url, script, &json!({}));
        keys.as_array()
            .unwrap()
            .iter()
            .map(|key| key.as_str().unwrap().to_owned())
            .collect::<Vec<String>>()
    };
    let day = |day: u32| format!("2026-02-{day:02}T06:00:00Z");
    // Whatever the place, the same is said.
    let places = ["folder", "s3://results/team/drift/"];
    let both = |args: &[&str]| {
        let [one, other] = places.map(|place| {
            let all = [args, &["--history", place, "--format", "json"][..]].concat();
            run(&all).with(1).out
        });
        assert!(one == other, "{args:?}: {one}\n{other}");
        one
    };
    both(&["scan", "--no-init", "--run", "1", "--at", &day(1)]);
    // How roots are divided depends on how long they took.
    for (place, shard) in [
        (places[0], "1/2"),
        (places[0], "2/2"),
        (places[1], "1/2"),
        (places[1], "2/2"),
    ] {
        let at = day(2);
        run(&[
            "scan",
            "--no-init",
            "--run",
            "2",
            "--at",
            &at,
            "--shard",
            shard,
            "--history",
            place,
        ])
        .with(1);
    }
    let merged = both(&["merge", "--run", "2"]);
    let document: Json = serde_json::from_str(&merged).unwrap();
    assert_eq!(
        (&document["summary"]["roots"], &document["summary"]["new"]),
        (&json!(12), &json!(0))
    );
    both(&["report"]);
    both(&["report", "--report", "html=trend.html"]);
    let trend = fs::read_to_string(dir.path().join("trend.html")).unwrap();
    assert_eq!(trend.matches("<th scope=\"row\">2026-02-").count(), 2);
    assert_eq!(keys().len(), 3, "{:?}", keys());
    assert!(
        keys()
            .iter()
            .all(|key| key.starts_with("team/drift/results/2026")),
        "{:?}",
        keys()
    );

    // Two scans at once, in the same second and without a name: neither loses what the other one found.
    let at = day(3);
    let children: Vec<_> = ["environments/stack-0001", "environments/stack-0002"]
        .iter()
        .map(|root| {
            let args = [
                "scan",
                root,
                "--no-init",
                "--at",
                &at,
                "--history",
                "s3://results/team/drift",
            ];
            with_account(dir.path(), &program, url, &args)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(1));
    }
    assert_eq!(keys().len(), 5, "{:?}", keys());
    let report = [
        "report",
        "--history",
        "s3://results/team/drift",
        "--format",
        "json",
    ];
    let document: Json = serde_json::from_str(&run(&report).with(1).out).unwrap();
    assert_eq!(document["summary"]["roots"], 2, "{document}");

    // One that was killed is gone on with.
    let at = day(4);
    let args = [
        "scan",
        "--no-init",
        "--run",
        "night",
        "--at",
        &at,
        "--history",
        "s3://results/team/drift",
        "--parallel",
        "2",
    ];
    let mut child = with_account(dir.path(), &program, url, &args)
        .env("SLOW", "/stack-0007")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = || {
        keys()
            .iter()
            .filter(|key| key.contains("/running/night/"))
            .count()
    };
    let begin = std::time::Instant::now();
    while running() < 11 {
        assert!(
            begin.elapsed() < Duration::from_secs(120),
            "the other roots do not end"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let planned = || {
        fs::read_to_string(dir.path().join("planned.txt"))
            .unwrap()
            .lines()
            .count()
    };
    let before = planned();
    run(&[
        "scan",
        "--no-init",
        "--resume",
        "--history",
        "s3://results/team/drift",
    ])
    .with(1);
    assert_eq!(planned(), before + 1, "only what was missing is planned");
    assert_eq!(running(), 0);

    // What is older than was said goes, and what is open keeps its age.
    fs::write(
        dir.path().join("plumbline.hcl"),
        "drift {\n  history = \"s3://results/team/drift\"\n  keep    = \"2d\"\n}\n",
    )
    .unwrap();
    let last: Json = serde_json::from_str(
        &run(&["scan", "--no-init", "--at", &day(5), "--format", "json"])
            .with(1)
            .out,
    )
    .unwrap();
    let left = keys();
    assert!(
        left.iter()
            .all(|key| !key.contains("/20260201T") && !key.contains("/20260202T")),
        "{left:?}"
    );
    assert!(left.iter().any(|key| key.contains("/20260203T")), "{left:?}");
    let seen = &root(&last, "environments/stack-0001")["findings"][0]["first_seen"];
    assert_eq!(seen, "2026-02-01T06:00:00Z");
}

/// What CloudTrail has of a topic: an apply before the state was written, somebody after it, and a call that failed.
fn history_of_events(now: f64) -> String {
    let event = |id: &str, name: &str, ago: f64, details: Json| {
        json!({"EventId": id, "EventName": name, "ReadOnly": "false", "EventTime": now - ago, "EventSource": "sns.amazonaws.com",
            "Username": "x", "CloudTrailEvent": details.to_string()})
    };
    let by = |agent: &str, more: Json| {
        let mut details = json!({
            "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/admin/anna@example.com",
                "accessKeyId": "ASIASECRETKEYID00000"},
            "sourceIPAddress": "198.51.100.7", "userAgent": agent,
            "requestParameters": {"attributeValue": "s3cr3t-in-the-body"},
        });
        details
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        details
    };
    let events = json!([
        event(
            "e3",
            "SetTopicAttributes",
            60.0,
            by("console.amazonaws.com", json!({}))
        ),
        event(
            "e4",
            "DeleteTopic",
            30.0,
            by("console.amazonaws.com", json!({"errorCode": "AccessDenied"}))
        ),
        event("e2", "TagResource", 120.0, by("aws-cli/2", json!({}))),
        event(
            "e1",
            "CreateTopic",
            7_200.0,
            by("HashiCorp Terraform/1.11.4", json!({}))
        ),
    ]);
    json!({ "Events": events }).to_string()
}

#[test]
fn who_changed_it_is_told_where_cloudtrail_may_be_asked() {
    let (dir, program) = many(3);
    let now = SystemTime::now();
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
    // The state was written an hour ago.
    for at in 0..3 {
        let state = dir
            .path()
            .join(format!("environments/stack-{at:04}/terraform.tfstate"));
        let file = fs::File::create(state).unwrap();
        file.set_modified(now - Duration::from_secs(3_600)).unwrap();
    }
    let trail = Double::new(move |asked| match asked.text.contains("\"t\"") {
        true => (200, history_of_events(seconds)),
        false => (200, "{\"Events\": []}".to_owned()),
    });
    let scan = |url: &str, more: &[&str]| {
        let args = [
            &[
                "scan",
                "--no-init",
                "--who",
                "--history",
                "past",
                "--format",
                "json",
                "--report",
                "text=who.txt",
                "--report",
                "markdown=who.md",
                "--report",
                "html=who.html",
            ][..],
            more,
        ]
        .concat();
        let mut command = with_account(dir.path(), &program, "http://127.0.0.1:1", &args);
        command.env("AWS_ENDPOINT_URL_CLOUDTRAIL", url);
        Ended::of(command.output().unwrap())
    };
    let ended = scan(&trail.url, &[]).with(1);
    let document: Json = serde_json::from_str(&ended.out).unwrap();
    let finding = |root: &str, ty: &str| {
        let all = self::root(&document, &format!("environments/{root}"))["findings"]
            .as_array()
            .unwrap();
        all.iter().find(|finding| finding["type"] == ty).unwrap().clone()
    };
    let who = finding("stack-0001", "aws_sns_topic")["who"].clone();
    assert_eq!(
        (
            &who["by"],
            &who["event"],
            &who["source"],
            &who["from"],
            &who["id"],
            &who["others"]
        ),
        (
            &json!("anna@example.com as role admin"),
            &json!("SetTopicAttributes"),
            &json!("sns.amazonaws.com"),
            &json!("198.51.100.7"),
            &json!("e3"),
            // What Terraform did is older than the state.
            &json!(1)
        ),
        "{who}"
    );
    assert!(finding("stack-0002", "aws_sqs_queue").get("who").is_none());
    let note = root(&document, "environments/stack-0002")["notes"][0]
        .as_str()
        .unwrap();
    assert!(
        note.contains("CloudTrail has no change of aws_sqs_queue.q since its state was written at 20"),
        "{note}"
    );
    // One look-up a name, however many findings have it.
    let looked_up = trail.asked();
    assert!(
        looked_up
            .iter()
            .all(|asked| asked.what == "cloudtrail.LookupEvents")
    );
    let of_topic = looked_up.iter().filter(|asked| asked.says("\"t\"")).count();
    assert_eq!(of_topic, 1);
    let line = "changed by anna@example.com as role admin at 20";
    for (file, line) in [
        ("who.txt", line),
        ("who.html", line),
        (
            "who.md",
            "changed by anna@\u{200b}example.com as role admin at 20",
        ),
    ] {
        let text = fs::read_to_string(dir.path().join(file)).unwrap();
        assert!(text.contains(line), "{file}: {text}");
        assert!(
            text.contains("SetTopicAttributes (sns) from 198.51.100.7"),
            "{file}: {text}"
        );
        for secret in ["s3cr3t", "ASIASECRETKEYID00000"] {
            assert!(!text.contains(secret) && !ended.out.contains(secret), "{file}");
        }
    }
    // It stays with the result.
    let report = Ended::of(
        by_heart(
            dir.path(),
            &program,
            &["report", "--history", "past", "--format", "json"],
        )
        .output()
        .unwrap(),
    );
    assert_eq!(report.with(1).out, ended.out);

    // Who may not ask, and where nobody answers as CloudTrail does, is told so, and nothing fails.
    let denied = json!({"__type": "AccessDeniedException", "Message": "User is not authorized to perform: cloudtrail:LookupEvents"});
    let closed = Double::new(move |_| (400, denied.to_string()));
    let ended = scan(&closed.url, &[]).with(1);
    let document: Json = serde_json::from_str(&ended.out).unwrap();
    let note = root(&document, "environments/stack-0001")["notes"][0]
        .as_str()
        .unwrap();
    assert!(
        note.starts_with("who changed things is not known: ") && note.contains("cloudtrail:LookupEvents"),
        "{note}"
    );
    assert_eq!(closed.asked().len(), 1, "who is denied once is not asked again");
    assert_eq!(document["summary"]["failed"], 0);
    let text = fs::read_to_string(dir.path().join("who.txt")).unwrap();
    assert!(
        text.contains("note: ") && text.contains("who changed things is not known"),
        "{text}"
    );
}
