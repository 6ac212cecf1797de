//! The workflow that looks for drift: its shell steps, read from the YAML, with the real binary, real Terraform, an emulated account and a
//! forge on this machine. And the issue and the webhook, when answers are lost and strangers write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod emulator;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "comment/forge.rs"]
mod forge;
#[allow(dead_code, reason = "other tests use more of it")]
mod runner;
mod workshop;

use std::process::Command;

use forge::{Fault, Forge, ME, STRANGER, TOKEN, Ticket};
use runner::Run;
use serde_json::{Value as Json, json};
use workshop::{Ended, Workshop};

/// What no log, summary or artifact may hold: the address of a webhook is a secret.
const HOOK: &str = "/hook/T0PSECRETPATH";

fn parameter(name: &str) -> String {
    format!(
        "provider \"aws\" {{\n  region                      = \"eu-west-1\"\n  skip_credentials_validation = true\n  \
         skip_metadata_api_check     = true\n  skip_requesting_account_id  = true\n}}\n\nresource \"aws_ssm_parameter\" \"size\" {{\n  \
         name        = \"/{name}/size\"\n  description = \"10\"\n  type        = \"String\"\n  value       = \"x\"\n}}\n"
    )
}

fn night(workshop: &Workshop, forge: &Forge, id: &str) -> Run {
    let mut run = Run::of("drift.yml");
    run.repository = workshop.path().to_owned();
    run.commit = workshop.git(&["rev-parse", "HEAD"]);
    run.account = workshop.account();
    run.cache = Some(workshop.path().join(".git/cache-of-runs"));
    for (name, value) in [
        ("CI", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_API_URL", &*forge.url),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_RUN_ID", id),
        ("LANG", "C.UTF-8"),
    ] {
        run.environment.insert(name.to_owned(), value.to_owned());
    }
    for (name, value) in [
        ("github.run_id", id.to_owned()),
        ("github.run_attempt", "1".to_owned()),
        ("github.token", TOKEN.to_owned()),
        ("runner.os", "Linux".to_owned()),
        ("secrets.DRIFT_WEBHOOK", format!("{}{HOOK}", forge.url)),
        ("vars.DRIFT_ROLE_ARN", String::new()),
        (
            "vars.PLAN_ROLE_ARN",
            "arn:aws:iam::111122223333:role/states-plan".to_owned(),
        ),
        ("vars.DRIFT_SHARDS", "2".to_owned()),
    ] {
        run.values.insert(name, value);
    }
    run.all();
    run
}

fn hooks(forge: &Forge) -> Vec<Json> {
    forge.with(|state| {
        let sent = state.log.iter().filter(|request| request.path == HOOK);
        sent.map(|request| serde_json::from_str(&request.body).unwrap())
            .collect()
    })
}

fn tickets(forge: &Forge) -> Vec<Ticket> {
    forge.with(|state| state.tickets.clone())
}

#[test]
fn every_night_is_reported_in_one_issue() {
    let workshop = Workshop::with(&["dev", "prod", "test"]);
    for root in ["dev", "prod"] {
        workshop.root(root, &parameter(root));
    }
    workshop.write("plumbline.hcl", "");
    workshop.commit("roots");
    let configured =
        tf_terraform::Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
    let mirror = tf_terraform::Mirror::find(&configured).unwrap();
    let search = std::env::var_os("PATH");
    let program = tf_terraform::Program::find(None, search.as_deref(), mirror.as_ref()).unwrap();
    for root in ["dev", "prod", "test"] {
        let dir = workshop.path().join("environments").join(root);
        for args in [
            &["init", "-input=false"][..],
            &["apply", "-auto-approve", "-input=false"],
        ] {
            let output = program
                .command(&dir)
                .args(args)
                .envs(workshop.account())
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    // The lock files of providers are committed, as they are for a scan that may not change them.
    workshop.commit("lock files");
    let set = |root: &str, value: &str| {
        workshop.boto(&format!(
            "boto3.client('ssm').put_parameter(Name='/{root}/size', Value='x', Description='{value}', Type='String', Overwrite=True)"
        ))
    };
    let forge = Forge::start();
    let before = workshop.objects();

    let first = night(&workshop, &forge, "1");
    let scanned = first.job("scan");
    assert_eq!(
        (scanned.result, scanned.each.len()),
        ("success", 2),
        "{:?}",
        scanned.each
    );
    assert_eq!(
        first.job("report").result,
        "success",
        "{:?} {:?}",
        first.job("prepare").each,
        first.job("report").each
    );
    assert!(tickets(&forge).is_empty() && hooks(&forge).is_empty());

    set("dev", "20");
    let second = night(&workshop, &forge, "2");
    let reported = second.job("report").with("success");
    assert!(
        reported.summary.contains("`aws_ssm_parameter.size`"),
        "{}",
        reported.summary
    );
    let [opened] = tickets(&forge).try_into().unwrap();
    assert_eq!(opened.title, "Drift: 1 finding (1 info): 1 new");
    assert!(
        opened.open && opened.body.starts_with("<!-- plumbline:drift -->\n"),
        "{opened:?}"
    );
    let [news] = hooks(&forge).try_into().unwrap();
    assert_eq!(news["findings"][0]["address"], "aws_ssm_parameter.size");
    assert_eq!(news["findings"][0]["root"], "environments/dev");

    // Nothing is new: the issue says so, and nobody is woken.
    let third = night(&workshop, &forge, "3");
    third.job("report").with("success");
    assert_eq!(tickets(&forge).len(), 1);
    assert_eq!(tickets(&forge)[0].title, "Drift: 1 finding (1 info): 1 ongoing");
    assert_eq!(hooks(&forge).len(), 1);
    assert_eq!(
        third.artifact("reports/drift.json")["roots"]
            .as_array()
            .unwrap()
            .len(),
        3
    );

    // A root that cannot be read fails the run, and the issue stays.
    workshop.root(
        "test",
        "resource \"terraform_data\" \"broken\" {\n  input = missing.thing\n}\n",
    );
    workshop.commit("broken");
    set("dev", "10");
    let fourth = night(&workshop, &forge, "4");
    assert_eq!(fourth.job("report").result, "failure");
    assert!(tickets(&forge)[0].open);
    assert!(
        tickets(&forge)[0].body.contains("could not be read"),
        "{}",
        tickets(&forge)[0].body
    );

    workshop.root("test", "");
    workshop.commit("mended");
    night(&workshop, &forge, "5").job("report").with("success");
    assert_eq!(tickets(&forge).len(), 1);
    assert!(!tickets(&forge)[0].open);
    assert_eq!(before, workshop.objects(), "no state and no lock is written");
    for run in [&first, &second, &third, &fourth] {
        for bytes in run.visible() {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(TOKEN) && !text.contains(HOOK), "{text}");
        }
    }
}

/// A report to tell of.
fn report(dir: &std::path::Path, new: bool) -> std::path::PathBuf {
    let finding = json!({"address": "aws_vpc.v", "type": "aws_vpc", "class": "reverted", "severity": "high", "why": "because",
        "attributes": [], "policies": [], "fingerprint": "f", "subject": "s", "first_seen": "2026-01-01T00:00:00Z",
        "last_seen": "2026-01-02T00:00:00Z", "state": "new", "file": null, "lines": null, "remedy": {"accept": "a", "revert": "b"}});
    let findings = if new { vec![finding] } else { vec![] };
    let status = if new { "drifted" } else { "clean" };
    let document = json!({"schema": "plumbline.drift/1", "tool": "tf-drift", "version": "0.1.0", "run": "r", "at": "2026-01-02T00:00:00Z",
        "summary": {"roots": 1, "clean": 0, "drifted": 1, "failed": 0, "findings": 1, "new": 1, "ongoing": 0, "flapping": 0,
            "acknowledged": 0, "resolved": 0, "ignored": 0, "waiting": 0, "severities": {}},
        "roots": [{"root": "environments/dev", "status": status, "ignored": 0, "findings": findings}]});
    let file = dir.join(format!("{status}.json"));
    std::fs::write(&file, document.to_string()).unwrap();
    file
}

fn tell(forge: &Forge, dir: &std::path::Path, new: bool, token: &str) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_tf-drift"))
        .arg("merge")
        .arg(report(dir, new))
        .args(["--issue", "o/r", "--quiet"])
        .current_dir(dir)
        .env("GITHUB_API_URL", &forge.url)
        .env("GITHUB_TOKEN", token)
        .env_remove("GH_TOKEN")
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .env("TF_DRIFT_WEBHOOK", "")
        .output()
        .unwrap();
    Ended::of(output)
}

#[test]
fn there_is_one_issue_whatever_happens() {
    let dir = tempfile::tempdir().unwrap();
    let forge = Forge::start();
    let ticket = |number: u64, author: u64, body: &str| Ticket {
        number,
        author,
        title: "old".to_owned(),
        body: body.to_owned(),
        open: true,
    };
    let marked = "<!-- plumbline:drift -->\nsomething";
    // A stranger's with our marker, on the first of several pages.
    forge.with(|state| state.tickets = (1..=4).map(|number| ticket(number, STRANGER, marked)).collect());
    // The answer is lost: it is looked for before it is opened again.
    forge.fault("POST", [Fault::DoneThenDrop]);
    tell(&forge, dir.path(), true, TOKEN).with(1);
    let ours = |forge: &Forge| -> Vec<Ticket> {
        tickets(forge)
            .into_iter()
            .filter(|ticket| ticket.author == ME)
            .collect()
    };
    assert_eq!(ours(&forge).len(), 1, "{:?}", ours(&forge));
    // Two runs at the same time opened one each: the older stays.
    forge.with(|state| state.tickets.push(ticket(900, ME, marked)));
    tell(&forge, dir.path(), true, TOKEN).with(1);
    let open: Vec<bool> = ours(&forge).iter().map(|ticket| ticket.open).collect();
    assert_eq!(open, [true, false]);
    tell(&forge, dir.path(), false, TOKEN).with(0);
    assert!(ours(&forge).iter().all(|ticket| !ticket.open));
    let strangers: Vec<Ticket> = tickets(&forge)
        .into_iter()
        .filter(|ticket| ticket.author == STRANGER)
        .collect();
    assert!(
        strangers
            .iter()
            .all(|ticket| ticket.open && ticket.title == "old")
    );
    // Who may not is told what is missing, and the exit code says that not all was done.
    let refused = tell(&forge, dir.path(), true, "ghs_another").with(2);
    assert!(refused.err.contains("the token is not valid"), "{}", refused.err);
}
