//! The workflows that review pull requests and apply what was merged: their shell steps, read from the YAML, with the real binary, real
//! Terraform, an emulated account and a forge on this machine; and all workflows are clean under zizmor.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod emulator;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "comment/forge.rs"]
mod forge;
mod runner;
mod workshop;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use forge::{Fault, Forge, TOKEN};
use runner::Run;
use serde_json::{Value as Json, json};
use workshop::Workshop;

/// What no log, summary, comment or readable artifact may hold.
const SECRET: &str = "hunter2-correct-horse-battery";

/// What each root has beside what the workshop gives it.
const MORE: &str = r#"variable "password" {
  type      = string
  sensitive = true
  default   = "hunter2-correct-horse-battery"
}

resource "terraform_data" "login" {
  input = var.password
}

output "login" {
  value     = terraform_data.login.output
  sensitive = true
}
"#;

const WEB: &str = "environments/dev/web";
const NET: &str = "environments/dev/net";
const PROD: &str = "environments/prod/net";

#[test]
fn workflows_are_clean_under_zizmor() {
    let zizmor = xtask::python::programs("zizmor", &["zizmor>=1,<2"])
        .unwrap()
        .join("zizmor");
    let output = Command::new(zizmor)
        .args(["--offline", "--no-progress", "--persona", "auditor"])
        .arg(xtask::workspace().join(".github/workflows"))
        .env_remove("GH_TOKEN")
        .env_remove("GITHUB_TOKEN")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    for name in ["apply", "bootstrap", "drift", "plan-review"] {
        assert!(
            errors.contains(&format!("{name}.yml")),
            "{name} was not looked at: {errors}"
        );
    }
}

/// Whoever changes one stage changes all: they are the same but for their names, and for what comes before them.
#[test]
fn the_stages_of_apply_are_the_same() {
    let file = xtask::workspace().join(".github/workflows/apply.yml");
    let workflow: Json = serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let stage = |name: &str| -> Vec<String> {
        ["plan", "apply"]
            .iter()
            .map(|what| {
                let mut job = workflow["jobs"][format!("{what}-{name}")].clone();
                assert_eq!(job["concurrency"]["cancel-in-progress"], false);
                // Who plans needs no approval and holds no secret; who applies is behind the environment.
                match *what {
                    "plan" => {
                        assert!(job.get("environment").is_none() && !job.to_string().contains("secrets."));
                        job["needs"].take();
                        job["if"].take();
                    }
                    _ => assert_eq!(job["environment"], name),
                }
                let text = serde_json::to_string_pretty(&job).unwrap();
                text.replace(name, "<stage>")
                    .replace(&name.to_uppercase(), "<STAGE>")
            })
            .collect()
    };
    let dev = stage("dev");
    // A word that only looks like the name of a stage.
    let dev: Vec<String> = dev
        .iter()
        .map(|text| text.replace("/<stage>/null", "/dev/null"))
        .collect();
    for name in ["staging", "prod"] {
        assert_eq!(stage(name), dev, "{name}");
    }
}

/// Three roots, of which one of dev comes after the other.
fn repository() -> Workshop {
    let workshop = Workshop::with(&["dev/net", "dev/web", "prod/net"]);
    for root in ["dev/net", "dev/web", "prod/net"] {
        workshop.root(root, MORE);
    }
    workshop.write(
        "plumbline.hcl",
        &format!("gate {{\n  policy_dirs = [\"policies\"]\n\n  root \"{NET}\" {{\n    after = [\"{WEB}\"]\n  }}\n}}\n"),
    );
    workshop.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    workshop.commit("roots");
    workshop
}

fn size(workshop: &Workshop, root: &str, size: u32) {
    workshop.write(&format!("{root}/terraform.tfvars"), &format!("size = {size}\n"));
}

/// A run of a workflow on a commit, in which nothing of this machine's environment is left.
fn run(workflow: &str, workshop: &Workshop, forge: &Forge, commit: &str, reference: &str) -> Run {
    let mut run = Run::of(workflow);
    run.repository = workshop.path().to_owned();
    run.commit = commit.to_owned();
    run.account = workshop.account();
    for (name, value) in [
        ("CI", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_ACTOR", "ann"),
        ("GITHUB_API_URL", &*forge.url),
        ("GITHUB_REF", reference),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_RUN_ATTEMPT", "1"),
        ("GITHUB_RUN_ID", "1234"),
        ("LANG", "C.UTF-8"),
    ] {
        run.environment.insert(name.to_owned(), value.to_owned());
    }
    for (name, value) in [
        ("github.repository", "o/r"),
        ("github.ref", reference),
        ("github.run_id", "77"),
        ("github.run_attempt", "1"),
        ("github.token", TOKEN),
        ("runner.os", "Linux"),
        ("vars.CODE_SCANNING", ""),
        ("vars.PLAN_ROLE_ARN", "arn:aws:iam::111122223333:role/states-plan"),
        ("vars.PLAN_ROLE_ARN_DEV", ""),
        ("vars.PLAN_ROLE_ARN_STAGING", ""),
        (
            "vars.PLAN_ROLE_ARN_PROD",
            "arn:aws:iam::444455556666:role/states-plan",
        ),
    ] {
        run.values.insert(name, value.to_owned());
    }
    run
}

/// A pull request with everything that was committed on the branch `topic`, merged into `main` as GitHub does it, and reviewed.
fn review(workshop: &Workshop, forge: &Forge, from: &str) -> Run {
    workshop.git(&["checkout", "-q", "--detach", "main"]);
    workshop.git(&["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
    let commit = workshop.git(&["rev-parse", "HEAD"]);
    workshop.git(&["checkout", "-q", "topic"]);
    let mut run = run("plan-review.yml", workshop, forge, &commit, "refs/pull/5/merge");
    run.values
        .insert("github.event.pull_request.head.repo.full_name", from.to_owned());
    run.all();
    run
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[track_caller]
fn nothing_leaks(run: &Run, forge: &Forge) {
    let visible = run.visible();
    assert!(
        visible
            .iter()
            .all(|bytes| !holds(bytes, SECRET) && !holds(bytes, TOKEN))
    );
    assert!(forge.notes().iter().all(|(_, body)| !body.contains(SECRET)));
}

#[test]
fn a_pull_request_is_reviewed() {
    let workshop = repository();
    let forge = Forge::start();
    let notes = || -> Vec<String> { forge.notes().into_iter().map(|(_, body)| body).collect() };
    // What somebody else writes stays as it is.
    forge.write(forge::STRANGER, "Nice.");
    workshop.git(&["checkout", "-q", "-b", "topic"]);
    size(&workshop, WEB, 30);
    workshop.commit("more");

    let first = review(&workshop, &forge, "o/r");
    let changed = first.job("changed").with("success");
    let matrix: Json = serde_json::from_str(&changed.outputs["matrix"]).unwrap();
    assert_eq!(
        matrix,
        json!({ "include": [{ "root": WEB, "environment": "dev", "stack": "web" }] })
    );
    // The gate comes from the base, not from the pull request.
    assert!(
        changed
            .log
            .contains("/temp/base: cargo build --locked --release --package tf-gate"),
        "{}",
        changed.log
    );
    let planned = first.job("plan").with("success");
    assert_eq!(first.job("plan").each.len(), 1);
    assert_eq!(planned.roles, ["arn:aws:iam::111122223333:role/states-plan"]);
    assert!(planned.summary.contains(WEB), "{}", planned.summary);
    assert_eq!(planned.sarif[0].0, format!("tf-gate/{WEB}"));
    first.job("settle").with("success");
    first.job("static").with("skipped");
    let own = |name: &str| format!("review-environments+dev+web/{name}");
    let files = first.artifacts();
    for name in ["review.html", "review.json", "review.md", "review.sarif"] {
        assert!(files.contains(&own(name)), "{files:?}");
    }
    assert!(!files.iter().any(|file| file.ends_with(".tfplan")), "{files:?}");
    assert_eq!(first.artifact(&own("review.json"))["result"], "passed");
    assert_eq!(notes().len(), 2);
    assert_eq!(
        notes()[1],
        fs::read_to_string(first.artifacts.path().join(own("review.md"))).unwrap()
    );
    nothing_leaks(&first, &forge);
    // Looking changes nothing, and leaves no lock.
    assert_eq!(workshop.objects(), json!({}));

    size(&workshop, WEB, 40);
    workshop.commit("even more");
    let before = notes()[1].clone();
    review(&workshop, &forge, "o/r").job("plan").with("success");
    assert_eq!(notes().len(), 2);
    assert_ne!(notes()[1], before);

    // A policy that fails, in one root of two: the other one's job goes well.
    size(&workshop, WEB, 5);
    size(&workshop, PROD, 60);
    workshop.commit("less");
    let failing = review(&workshop, &forge, "o/r");
    let jobs = failing.job("plan");
    assert_eq!(jobs.result, "failure");
    let failed: Vec<bool> = jobs.each.iter().map(|one| one.failed).collect();
    assert_eq!(failed, [true, false]);
    assert_eq!(jobs.each[1].roles, ["arn:aws:iam::444455556666:role/states-plan"]);
    assert_eq!(failing.artifact(&own("review.json"))["result"], "failed");
    // All the same there are comment and findings, at the place of the file in the repository.
    assert_eq!(notes().len(), 3);
    assert!(notes()[1].contains("store-encrypted"), "{}", notes()[1]);
    let results = jobs.each[0].sarif[0].1["runs"][0]["results"].as_array().unwrap();
    let failure = results
        .iter()
        .find(|result| result["ruleId"] == "store-encrypted")
        .unwrap();
    let place = &failure["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert!(
        workshop.path().join(place.as_str().unwrap()).is_file(),
        "{failure}"
    );
    nothing_leaks(&failing, &forge);

    // A root that cannot be planned says so in its comment, and tells code scanning nothing.
    workshop.write(
        &format!("{WEB}/more.tf"),
        "output \"x\" {\n  value = missing.thing\n}\n",
    );
    workshop.commit("broken");
    let broken = review(&workshop, &forge, "o/r");
    assert_eq!(broken.job("plan").result, "failure");
    assert!(broken.job("plan").each[0].sarif.is_empty());
    assert!(
        notes()[1].contains("could not be planned") && notes()[1].contains("value = missing.thing"),
        "{}",
        notes()[1]
    );
    assert_eq!(notes().len(), 3);

    // A push that takes back what it did to a root says so in its comment.
    workshop.git(&["rm", "-q", &format!("{WEB}/more.tf")]);
    workshop.git(&["checkout", "-q", "main", "--", WEB]);
    workshop.commit("back");
    let settled = review(&workshop, &forge, "o/r");
    settled.job("settle").with("success");
    assert!(!notes()[1].contains("store-encrypted"), "{}", notes()[1]);
    assert_eq!(notes().len(), 3);
    // And where no root changes, nothing is planned.
    workshop.git(&["checkout", "-q", "main", "--", PROD]);
    workshop.commit("all back");
    review(&workshop, &forge, "o/r").job("plan").with("skipped");
    assert_eq!(notes()[0], "Nice.");
}

#[test]
fn a_fork_is_judged_without_credentials() {
    let workshop = repository();
    let forge = Forge::start();
    workshop.git(&["checkout", "-q", "-b", "topic"]);
    for (wanted, result) in [(30, "success"), (5, "failure")] {
        size(&workshop, NET, wanted);
        workshop.commit("size");
        let run = review(&workshop, &forge, "stranger/r");
        run.job("plan").with("skipped");
        run.job("settle").with("skipped");
        let judged = run.job("static").with(result);
        assert!(judged.summary.contains(NET), "{}{}", judged.log, judged.summary);
        assert_eq!(
            judged.summary.contains("store-encrypted"),
            wanted == 5,
            "{}",
            judged.summary
        );
        for job in ["changed", "static"] {
            let ended = &run.job(job).each[0];
            assert!(
                ended.environment.keys().all(|name| !name.starts_with("AWS_")),
                "{ended:?}"
            );
            assert!(
                ended.path.iter().all(|dir| !dir.join("terraform").exists()),
                "{ended:?}"
            );
        }
        nothing_leaks(&run, &forge);
    }
    // Nobody was asked anything.
    assert!(forge.with(|state| state.log.is_empty()));
}

/// A key and its certificate, as the README makes them.
fn key_pair() -> (String, String) {
    let dir = tempfile::tempdir().unwrap();
    let status = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:3072",
            "-nodes",
            "-days",
            "3650",
            "-subj",
            "/CN=reviews",
        ])
        .args(["-keyout", "key.pem", "-out", "certificate.pem"])
        .current_dir(dir.path())
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    (read("key.pem"), read("certificate.pem"))
}

struct Merged<'w> {
    workshop: &'w Workshop,
    forge: &'w Forge,
    key: String,
    certificate: String,
}

impl Merged<'_> {
    /// A run on what is in `main` now. The last one that succeeded was of this commit, if there was one.
    fn run(&self, last: Option<&str>, before: &str, root: &str) -> Run {
        let commit = self.workshop.git(&["rev-parse", "main"]);
        let runs: Vec<Json> = last.map(|sha| json!({ "head_sha": sha })).into_iter().collect();
        let answer = json!({ "workflow_runs": runs }).to_string();
        self.forge.fault("GET", [Fault::Answer(200, Vec::new(), answer)]);
        let mut run = run("apply.yml", self.workshop, self.forge, &commit, "refs/heads/main");
        for (name, value) in [
            ("github.event.before", before),
            ("inputs.root", root),
            ("vars.REVIEW_CERTIFICATE_DEV", ""),
            ("vars.REVIEW_CERTIFICATE_STAGING", ""),
            ("vars.REVIEW_CERTIFICATE_PROD", ""),
            ("vars.REVIEW_CERTIFICATE", &*self.certificate),
            ("secrets.REVIEW_KEY", &*self.key),
            (
                "vars.APPLY_ROLE_ARN",
                "arn:aws:iam::111122223333:role/states-apply",
            ),
        ] {
            run.values.insert(name, value.to_owned());
        }
        run
    }
}

/// The states that are in the bucket.
fn states(workshop: &Workshop) -> BTreeSet<String> {
    let objects = workshop.objects();
    let keys = objects.as_object().unwrap().keys();
    keys.filter(|key| key.ends_with(".tfstate")).cloned().collect()
}

#[test]
fn what_was_merged_is_applied() {
    let workshop = repository();
    let forge = Forge::start();
    let (key, certificate) = key_pair();
    let merged = Merged {
        workshop: &workshop,
        forge: &forge,
        key,
        certificate,
    };
    let begin = workshop.git(&["rev-parse", "main"]);
    for root in [WEB, NET, PROD] {
        size(&workshop, root, 30);
    }
    workshop.commit("more");

    // Nothing has succeeded yet: what was pushed is what changed.
    let mut first = merged.run(None, &begin, "");
    first.all();
    let asked = forge.with(|state| state.log[0].clone());
    assert!(
        asked
            .path
            .starts_with("/repos/o/r/actions/workflows/apply.yml/runs?"),
        "{}",
        asked.path
    );
    assert_eq!(asked.headers["authorization"], format!("Bearer {TOKEN}"));
    let changed = first.job("changed").with("success");
    let of = |name: &str| -> Json { serde_json::from_str(&changed.outputs[name]).unwrap() };
    assert_eq!(
        [of("dev"), of("staging"), of("prod")],
        [json!([WEB, NET]), json!([]), json!([PROD])]
    );
    let plans = first.job("plan-dev").with("success");
    assert_eq!(plans.roles, ["arn:aws:iam::111122223333:role/states-plan"]);
    let applied = first.job("apply-dev").with("success");
    assert_eq!(applied.roles, ["arn:aws:iam::111122223333:role/states-apply"]);
    let (web, net) = (
        applied.log.find(&format!("Applied {WEB}")).unwrap(),
        applied.log.find(&format!("Applied {NET}")).unwrap(),
    );
    assert!(web < net, "{}", applied.log);
    for job in ["plan-staging", "apply-staging"] {
        first.job(job).with("skipped");
    }
    first.job("plan-prod").with("success");
    first.job("apply-prod").with("success");
    let all: BTreeSet<String> = ["dev/web", "dev/net", "prod/net"]
        .map(|root| format!("{root}/terraform.tfstate"))
        .into();
    assert_eq!(states(&workshop), all);
    for (stage, root) in [("dev", WEB), ("dev", NET), ("prod", PROD)] {
        let outputs = first.artifact(&format!("applied-{stage}-1/{root}/outputs.json"));
        assert_eq!(outputs["size"]["value"], 30);
        assert_eq!(outputs["login"]["value"], Json::Null);
        let record = first.artifact(&format!("applied-{stage}-1/{root}/audit.json"));
        assert_eq!(
            (&record["result"], &record["root"]),
            (&json!("applied"), &json!(root))
        );
        let readable = first.artifact(&format!("review-{stage}/{root}/review.json"));
        assert_eq!(record["seal"], readable["seal"]["digest"]);
    }
    assert!(!first.artifacts().iter().any(|file| file.ends_with(".tfplan")));
    nothing_leaks(&first, &forge);

    // Not even the names of the files inside can be read.
    for stage in ["dev", "prod"] {
        let sealed = fs::read(first.artifacts.path().join(format!("sealed-{stage}/reviews.cms"))).unwrap();
        assert!(!holds(&sealed, "plan.tfplan") && !holds(&sealed, "review.json"));
    }

    // The same plans once more: refused, and nothing happens.
    let before = workshop.objects();
    first.values.insert("github.run_attempt", "2".to_owned());
    let refused = first.again("apply-dev").with("failure");
    assert!(
        refused.log.contains("somebody applied meanwhile"),
        "{}",
        refused.log
    );
    assert!(!refused.log.contains(&format!("Applied {NET}")));
    assert_eq!(workshop.objects(), before);

    // Since the last run that succeeded nothing changed, whatever was pushed.
    let now = workshop.git(&["rev-parse", "main"]);
    let mut none = merged.run(Some(&now), &begin, "");
    none.all();
    for job in ["plan-dev", "apply-dev", "plan-staging", "plan-prod", "apply-prod"] {
        none.job(job).with("skipped");
    }

    // What fails in dev does not go on to prod.
    size(&workshop, WEB, 5);
    size(&workshop, PROD, 70);
    workshop.commit("less");
    let mut failing = merged.run(Some(&now), &begin, "");
    failing.all();
    failing.job("plan-dev").with("failure");
    for job in ["apply-dev", "plan-prod", "apply-prod"] {
        failing.job(job).with("skipped");
    }
    assert_eq!(
        failing.artifact(&format!("review-dev/{WEB}/review.json"))["result"],
        "failed"
    );
    assert_eq!(workshop.objects(), before);

    // By hand, one root; and a plan that was changed on its way is no plan.
    let mut one = merged.run(None, "", PROD);
    for job in [
        "changed",
        "plan-dev",
        "apply-dev",
        "plan-staging",
        "apply-staging",
    ] {
        one.again(job);
    }
    one.job("plan-dev").with("skipped");
    one.again("plan-prod").with("success");
    let sealed = one.artifacts.path().join("sealed-prod/reviews.cms");
    let whole = fs::read(&sealed).unwrap();
    let mut other = whole.clone();
    let middle = other.len() / 2;
    other[middle] ^= 1;
    fs::write(&sealed, &other).unwrap();
    let broken = one.again("apply-prod").with("failure");
    assert!(!broken.log.contains("Applied"), "{}", broken.log);
    assert!(broken.roles.is_empty());
    assert_eq!(workshop.objects(), before);
    fs::write(&sealed, &whole).unwrap();
    // Nor does the key of another environment open it.
    let (others, _) = key_pair();
    let own = one.values.insert("secrets.REVIEW_KEY", others).unwrap();
    one.again("apply-prod").with("failure");
    assert_eq!(workshop.objects(), before);
    one.values.insert("secrets.REVIEW_KEY", own);
    one.values.insert("github.run_attempt", "2".to_owned());
    one.again("apply-prod").with("success");
    assert_eq!(
        one.artifact(&format!("applied-prod-2/{PROD}/outputs.json"))["size"]["value"],
        70
    );
    nothing_leaks(&one, &forge);

    // Where the settings ask for approvals, those of GitHub's environment count: not of another one, and not one's own.
    workshop.write(
        "plumbline.hcl",
        &format!(
            "gate {{\n  policy_dirs = [\"policies\"]\n\n  root \"{NET}\" {{\n    after = [\"{WEB}\"]\n  }}\n  approver \"Anna\" {{\n    github = \"ann\"\n  }}\n  \
             approver \"Ben\" {{\n    github = \"ben-at-work\"\n  }}\n  approval \"production\" {{\n    roots = [\"environments/prod/**\"]\n  }}\n}}\n"
        ),
    );
    size(&workshop, PROD, 80);
    workshop.commit("approvals");
    let mut asked = merged.run(None, "", PROD);
    for job in [
        "changed",
        "plan-dev",
        "apply-dev",
        "plan-staging",
        "apply-staging",
        "plan-prod",
    ] {
        asked.again(job);
    }
    // A run by hand does not ask for the last one that succeeded.
    forge.with(|state| state.faults.clear());
    let before = workshop.objects();
    let says = |reviews: &[(&str, &str, &str)]| {
        let reviews: Vec<Json> = reviews
            .iter()
            .map(|(login, state, environment)| {
                json!({ "state": state, "user": { "login": login }, "environments": [{ "name": environment }] })
            })
            .collect();
        Fault::Answer(200, Vec::new(), json!(reviews).to_string())
    };
    for (attempt, answer, refused) in [
        ("1", Some(says(&[])), "it has 0 for production: 1 of Anna, Ben"),
        (
            "1",
            Some(says(&[
                ("ben-at-work", "approved", "dev"),
                ("ben-at-work", "rejected", "prod"),
            ])),
            "it has 0 for production",
        ),
        (
            "1",
            Some(says(&[
                ("ann", "approved", "prod"),
                ("mallory", "approved", "prod"),
            ])),
            "Anna made the plan and cannot approve it",
        ),
        (
            "1",
            Some(Fault::Answer(403, Vec::new(), "{}".to_owned())),
            "needs the permission `actions: read`",
        ),
        ("2", None, "start a new run instead"),
    ] {
        if let Some(answer) = answer {
            forge.fault("GET", [answer]);
        }
        asked
            .environment
            .insert("GITHUB_RUN_ATTEMPT".to_owned(), attempt.to_owned());
        let job = asked.again("apply-prod").with("failure");
        assert!(job.log.contains(refused), "{refused}: {}", job.log);
        assert_eq!(workshop.objects(), before);
    }
    asked
        .environment
        .insert("GITHUB_RUN_ATTEMPT".to_owned(), "1".to_owned());
    forge.fault("GET", [says(&[("Ben-at-work", "approved", "prod")])]);
    asked.again("apply-prod").with("success");
    let path = forge.with(|state| state.log.last().unwrap().path.clone());
    assert_eq!(path, "/repos/o/r/actions/runs/1234/approvals");
    let record = asked.artifact(&format!("applied-prod-1/{PROD}/audit.json"));
    assert_eq!(record["approved_by"], json!(["Ben"]));

    for wrong in [
        "environments/dev/../prod/net",
        "environments/dev",
        "nowhere",
        "environments/prod/net/",
    ] {
        let mut run = merged.run(None, "", wrong);
        let refused = run.again("changed").with("failure");
        assert!(
            refused.log.contains("is not the folder of a root"),
            "{}",
            refused.log
        );
    }
}
