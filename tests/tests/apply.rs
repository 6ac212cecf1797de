//! `tf-gate plan` and `tf-gate apply` with real Terraform and its S3 backend: what was reviewed is what is applied.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod emulator;
mod workshop;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use workshop::{Ended, SETTINGS, Workshop, git, write};

const REVIEW: &str = "environments/dev/.terraform/plumbline/review";

fn review(dir: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(dir.join(REVIEW).join("review.json")).unwrap()).unwrap()
}

fn put_review(dir: &Path, review: &Json) {
    let text = serde_json::to_string_pretty(review).unwrap();
    fs::write(dir.join(REVIEW).join("review.json"), text).unwrap();
}

/// Changes a review and makes the seal's digest right again, as somebody would who knows how.
fn forge(dir: &Path, change: impl FnOnce(&mut Json)) {
    let mut review = review(dir);
    change(&mut review);
    let seal = review["seal"].as_object_mut().unwrap();
    seal.insert("digest".to_owned(), json!(""));
    seal.shift_remove("signature");
    let digest = Sha256::digest(serde_json::to_vec(&*seal).unwrap());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    seal.insert("digest".to_owned(), json!(format!("sha256:{digest}")));
    put_review(dir, &review);
}

#[test]
fn a_review_is_applied_and_leaves_outputs_and_a_record() {
    let workshop = Workshop::new();
    let planned = workshop
        .gate(&["plan", "environments/dev", "--format", "json"])
        .with(0);
    let printed: Json = serde_json::from_str(&planned.out).unwrap();
    assert_eq!(printed, review(workshop.path()));
    assert_eq!(printed["schema"], "plumbline.review/1");
    assert_eq!(printed["root"], "environments/dev");
    assert_eq!(printed["summary"]["add"], 1);
    assert_eq!(
        printed["changes"][0]["address"],
        "module.store.terraform_data.store"
    );
    assert_eq!(printed["changes"][0]["actions"], json!(["create"]));
    assert_eq!(printed["seal"]["author"], "ann@example.com");
    assert_eq!(printed["seal"]["commit"], workshop.git(&["rev-parse", "HEAD"]));
    assert_eq!(printed["seal"]["state"], Json::Null);
    let files: Vec<&String> = printed["seal"]["configuration"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(
        files,
        [
            "environments/dev/main.tf",
            "environments/dev/terraform.tfvars",
            "modules/store/main.tf"
        ]
    );

    let asked = workshop.gate(&["apply", REVIEW]).with(2);
    assert!(asked.err.contains("confirm with --yes"), "{}", asked.err);
    assert_eq!(workshop.objects(), json!({}));

    let applied = workshop.gate(&["apply", REVIEW, "--yes"]).with(0);
    assert!(
        applied
            .out
            .contains("Applied environments/dev: 1 added, 0 changed, 0 destroyed")
    );
    assert!(
        applied.err.contains("module.store.terraform_data.store: done"),
        "{}",
        applied.err
    );
    let read = |name: &str| -> Json {
        serde_json::from_str(&fs::read_to_string(workshop.path().join(REVIEW).join(name)).unwrap()).unwrap()
    };
    assert_eq!(read("outputs.json")["size"]["value"], 20);
    let record = read("audit.json");
    assert_eq!(record["schema"], "plumbline.audit/1");
    assert_eq!(record["result"], "applied");
    assert_eq!(record["seal"], printed["seal"]["digest"]);
    assert_eq!(record["planned_by"], "ann@example.com");

    // It cannot be applied twice.
    let again = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
    assert!(again.err.contains("somebody applied meanwhile"), "{}", again.err);
    // Nothing is locked, and the next plan changes nothing.
    let next = workshop.gate(&["plan", "environments/dev"]).with(0);
    assert!(next.out.contains("no changes"), "{}", next.out);
}

/// One way in which something is not as it was reviewed.
struct Tampering {
    name: &'static str,
    change: Box<dyn Fn(&Path)>,
    args: &'static [&'static str],
    says: &'static str,
}

fn row(name: &'static str, says: &'static str, change: impl Fn(&Path) + 'static) -> Tampering {
    Tampering {
        name,
        change: Box::new(change),
        args: &[],
        says,
    }
}

/// A field of the seal that is set to something else.
fn field(name: &'static str, value: Json, says: &'static str) -> Tampering {
    row(name, says, move |dir| {
        let mut review = review(dir);
        review["seal"][name] = value.clone();
        put_review(dir, &review);
    })
}

/// The same, with the digest made right again.
fn forged(name: &'static str, value: Json, says: &'static str) -> Tampering {
    row(name, says, move |dir| {
        forge(dir, |review| review["seal"][name] = value.clone());
    })
}

fn tamperings() -> Vec<Tampering> {
    let other = json!("sha256:0000000000000000000000000000000000000000000000000000000000000000");
    let changed = "the seal was changed after it was made";
    let config = "environments/dev/main.tf (configuration)";
    vec![
        field("made", json!("2020-01-01T00:00:00Z"), changed),
        field("expires", json!("2099-01-01T00:00:00Z"), changed),
        field("author", json!("mallory"), changed),
        field(
            "root",
            json!("environments/prod"),
            "the review is of environments/prod, not of environments/dev",
        ),
        field("workspace", json!("other"), changed),
        field(
            "commit",
            json!("0000000000000000000000000000000000000000"),
            "the review is of commit 000000000000, and",
        ),
        field("uncommitted", json!(["x"]), changed),
        field(
            "terraform",
            json!("tofu 1.9.0"),
            "the plan was made by tofu 1.9.0, and this is terraform 1.",
        ),
        field(
            "plan",
            other.clone(),
            "the plan file is not the one that was reviewed",
        ),
        field(
            "configuration",
            json!({}),
            "environments/dev/main.tf (configuration) is new since the review",
        ),
        field("arguments", json!({"destroy": true, "variables": []}), changed),
        field("variables", other.clone(), changed),
        field("state", json!({"lineage": "x", "serial": 1}), changed),
        field(
            "rules",
            json!({"fail_on": null, "fail_on_existing": false, "fail_on_unknown": false, "only": [], "skip": [], "policy_dirs": []}),
            changed,
        ),
        field(
            "policies",
            other.clone(),
            "the policies, their settings or plumbline.hcl changed since the review",
        ),
        field("verdicts", other.clone(), changed),
        field(
            "review",
            other.clone(),
            "review.json was changed after the review",
        ),
        field("approvals", json!(["nobody"]), changed),
        field("digest", other.clone(), changed),
        forged(
            "expires",
            json!("2020-01-01T00:00:00Z"),
            "the review expired at 2020-01-01T00:00:00Z",
        ),
        forged(
            "made",
            json!("2099-01-01T00:00:00Z"),
            "the review was made in the future",
        ),
        forged(
            "variables",
            other.clone(),
            "the variables of the plan are not those that were reviewed",
        ),
        forged("state", json!({"lineage": "x", "serial": 1}), "the state is gone"),
        forged(
            "verdicts",
            other,
            "the verdicts on the plan are not those of the review",
        ),
        forged(
            "approvals",
            json!(["nobody"]),
            "the approvals that plumbline.hcl asks for are not those",
        ),
        row(
            "the plan file, one byte",
            "the plan file is not the one that was reviewed",
            |dir| {
                let plan = dir.join(REVIEW).join("plan.tfplan");
                let mut bytes = fs::read(&plan).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                fs::write(plan, bytes).unwrap();
            },
        ),
        row("no plan file", "the plan file cannot be read", |dir| {
            fs::remove_file(dir.join(REVIEW).join("plan.tfplan")).unwrap();
        }),
        row(
            "the plan of another root",
            "the plan file is not the one that was reviewed",
            |dir| {
                let prod = dir.join(REVIEW.replace("dev", "prod")).join("plan.tfplan");
                fs::copy(prod, dir.join(REVIEW).join("plan.tfplan")).unwrap();
            },
        ),
        row(
            "the folder of another root",
            "the review is of environments/prod, not of environments/dev",
            |dir| {
                fs::remove_dir_all(dir.join(REVIEW)).unwrap();
                fs::rename(dir.join(REVIEW.replace("dev", "prod")), dir.join(REVIEW)).unwrap();
            },
        ),
        row(
            "a finding taken out",
            "review.json was changed after the review",
            |dir| {
                let mut review = review(dir);
                review["findings"] = json!([]);
                review["summary"]["existing"] = json!(7);
                put_review(dir, &review);
            },
        ),
        row("a change of the root", config, |dir| {
            let main = dir.join("environments/dev/main.tf");
            let text = fs::read_to_string(&main).unwrap() + "\n# more\n";
            fs::write(main, text).unwrap();
        }),
        row(
            "a new file in the root",
            "environments/dev/more.tf (configuration) is new since the review",
            |dir| {
                write(
                    dir,
                    "environments/dev/more.tf",
                    "output \"x\" {\n  value = 1\n}\n",
                );
            },
        ),
        row(
            "a file of the root gone",
            "environments/dev/terraform.tfvars (variables) is gone since the review",
            |dir| {
                fs::remove_file(dir.join("environments/dev/terraform.tfvars")).unwrap();
            },
        ),
        row(
            "a module",
            "modules/store/main.tf (configuration) changed since the review",
            |dir| {
                write(
                    dir,
                    "modules/store/main.tf",
                    "variable \"size\" {}\noutput \"size\" {\n  value = 1\n}\n",
                );
            },
        ),
        row(
            "the variables",
            "environments/dev/terraform.tfvars (variables) changed since the review",
            |dir| {
                write(dir, "environments/dev/terraform.tfvars", "size = 21\n");
            },
        ),
        row(
            "the lock file",
            "environments/dev/.terraform.lock.hcl (lock file) is new since the review",
            |dir| {
                write(dir, "environments/dev/.terraform.lock.hcl", "");
            },
        ),
        row(
            "the settings",
            "the policies, their settings or plumbline.hcl changed",
            |dir| {
                write(dir, "plumbline.hcl", &format!("{SETTINGS}# more\n"));
            },
        ),
        row(
            "a policy",
            "the policies, their settings or plumbline.hcl changed",
            |dir| {
                let file = dir.join("policies/store.hcl");
                let text = fs::read_to_string(&file).unwrap().replace("high", "low");
                fs::write(file, text).unwrap();
            },
        ),
        row("another commit", "the review is of commit", |dir| {
            git(dir, &["commit", "-q", "--allow-empty", "-m", "later"]);
        }),
        row("a half-written review", "is not whole", |dir| {
            let file = dir.join(REVIEW).join("review.json");
            let text = fs::read_to_string(&file).unwrap();
            fs::write(file, &text[..text.len() / 2]).unwrap();
        }),
    ]
}

#[test]
fn whatever_moved_is_refused_with_its_own_words_and_nothing_is_applied() {
    let workshop = Workshop::new();
    workshop
        .gate(&["plan", "environments/dev", "environments/prod", "-q"])
        .with(0);
    let before = workshop.objects();
    for Tampering {
        name,
        change,
        args,
        says,
    } in tamperings()
    {
        let copy = workshop.copy();
        change(copy.path());
        let all = [&["apply", REVIEW, "--yes"], args].concat();
        let ended = Ended::of(workshop.command(copy.path(), &all).output().unwrap());
        let code = if name == "a half-written review" { 2 } else { 1 };
        assert_eq!(ended.code, Some(code), "{name}: {}{}", ended.out, ended.err);
        assert!(ended.err.contains(says), "{name}: {}", ended.err);
        assert!(!copy.path().join(REVIEW).join("audit.json").exists(), "{name}");
        assert_eq!(workshop.objects(), before, "{name}");
    }
    // As it was made, it is applied.
    let copy = workshop.copy();
    Ended::of(
        workshop
            .command(copy.path(), &["apply", REVIEW, "--yes", "-q"])
            .output()
            .unwrap(),
    )
    .with(0);
}

#[test]
fn a_signed_review_cannot_be_forged() {
    let workshop = Workshop::new();
    for name in ["ci", "other"] {
        openssl(
            workshop.path(),
            &["genpkey", "-algorithm", "ed25519", "-out", name],
        );
        openssl(
            workshop.path(),
            &["pkey", "-in", name, "-pubout", "-out", &format!("{name}.pub")],
        );
    }
    workshop.write(".gitignore", ".terraform/\nci\nother\n");
    workshop.write(
        "plumbline.hcl",
        "gate {\n  policy_dirs = [\"policies\"]\n  review {\n    signers = [\"ci.pub\"]\n  }\n}\n",
    );
    workshop.commit("keys");
    for (key, says) in [
        (None, Some("the review is not signed, and plumbline.hcl")),
        (
            Some("other"),
            Some("the signature of the review is of none of the keys"),
        ),
        (Some("ci"), None),
    ] {
        let mut args = vec!["plan", "environments/dev", "-q"];
        args.extend(key.iter().flat_map(|key| ["--sign-key", key]));
        workshop.gate(&args).with(0);
        if let Some(says) = says {
            let refused = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
            assert!(refused.err.contains(says), "{}", refused.err);
        }
    }
    let signed = review(workshop.path());
    forge(workshop.path(), |review| {
        review["seal"]["author"] = json!("mallory")
    });
    let mut forged = review(workshop.path());
    forged["seal"]["signature"] = signed["seal"]["signature"].clone();
    put_review(workshop.path(), &forged);
    let refused = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
    assert!(
        refused.err.contains("is of none of the keys that may sign"),
        "{}",
        refused.err
    );
    put_review(workshop.path(), &signed);
    workshop.gate(&["apply", REVIEW, "--yes", "-q"]).with(0);
}

fn openssl(dir: &Path, args: &[&str]) {
    let status = std::process::Command::new("openssl")
        .args(args)
        .current_dir(dir)
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn approvals_are_asked_for_and_checked() {
    let workshop = Workshop::new();
    for name in ["ann", "bob"] {
        openssl(
            workshop.path(),
            &["genpkey", "-algorithm", "ed25519", "-out", name],
        );
        openssl(
            workshop.path(),
            &["pkey", "-in", name, "-pubout", "-out", &format!("{name}.pub")],
        );
    }
    workshop.write(".gitignore", ".terraform/\nann\nbob\n");
    workshop.write(
        "plumbline.hcl",
        "gate {\n  policy_dirs = [\"policies\"]\n  approval \"development\" {\n    roots = [\"environments/dev\"]\n  }\n  \
         approver \"ann@example.com\" {\n    key = \"ann.pub\"\n  }\n  approver \"bob\" {\n    key = \"bob.pub\"\n  }\n}\n",
    );
    workshop.commit("keys");
    workshop
        .gate(&["plan", "environments/dev", "environments/prod", "-q"])
        .with(0);
    let refused = |says: &str| {
        let ended = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
        assert!(ended.err.contains(says), "{}", ended.err);
    };
    refused(
        "it lacks an approval: it has 0 for development: 1 of ann@example.com, bob, not who made the plan",
    );
    workshop.gate(&["approve", REVIEW, "--key", "ann"]).with(0);
    refused("ann@example.com made the plan and cannot approve it");
    let stranger = workshop
        .gate(&["approve", REVIEW, "--key", "ann", "--as", "bob"])
        .with(2);
    assert!(
        stranger.err.contains("ann is not the key of bob"),
        "{}",
        stranger.err
    );
    workshop.gate(&["approve", REVIEW, "--key", "bob"]).with(0);
    // An approval is for one review: of another plan it says nothing.
    let approvals = fs::read(workshop.path().join(REVIEW).join("approvals.json")).unwrap();
    workshop
        .gate(&["plan", "environments/dev", "-q", "--expires-after", "1h"])
        .with(0);
    fs::write(workshop.path().join(REVIEW).join("approvals.json"), approvals).unwrap();
    refused("the approval of bob is for another review");
    workshop.gate(&["approve", REVIEW, "--key", "bob"]).with(0);
    let record = workshop.path().join(REVIEW).join("audit.json");
    fs::remove_file(workshop.path().join(REVIEW).join("approvals.json")).unwrap();
    workshop.gate(&["approve", REVIEW, "--key", "bob"]).with(0);
    workshop.gate(&["apply", REVIEW, "--yes", "-q"]).with(0);
    let record: Json = serde_json::from_str(&fs::read_to_string(record).unwrap()).unwrap();
    assert_eq!(record["approved_by"], json!(["bob"]));
    // Another environment needs none.
    workshop
        .gate(&["apply", &REVIEW.replace("dev", "prod"), "--yes", "-q"])
        .with(0);
}

#[test]
fn a_failed_or_expired_review_is_not_applied() {
    let workshop = Workshop::new();
    workshop.write("environments/dev/terraform.tfvars", "size = 5\n");
    workshop.commit("small");
    let failed = workshop.gate(&["plan", "environments/dev"]).with(1);
    assert!(failed.out.contains("store-encrypted"), "{}", failed.out);
    // The line is that of the attribute in the module.
    assert!(failed.out.contains("modules/store/main.tf:7"), "{}", failed.out);
    let refused = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
    assert!(refused.err.contains("the review failed"), "{}", refused.err);
    workshop.write("environments/dev/terraform.tfvars", "size = 20\n");
    workshop.commit("large");
    workshop
        .gate(&["plan", "environments/dev", "-q", "--expires-after", "0s"])
        .with(0);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let refused = workshop.gate(&["apply", REVIEW, "--yes", "--replan"]).with(1);
    assert!(refused.err.contains("the review expired at"), "{}", refused.err);
    assert_eq!(workshop.objects(), json!({}));
}

#[test]
fn a_state_that_somebody_else_changed_needs_a_new_plan_that_is_the_same() {
    let workshop = Workshop::new();
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    workshop.gate(&["apply", REVIEW, "--yes", "-q"]).with(0);
    workshop.write("environments/dev/terraform.tfvars", "size = 30\n");
    workshop.commit("thirty");
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    // Somebody adds an output beside it: the state moves, and the plan is still right.
    let state = "import json as j\nb = s3.get_object(Bucket='workshop-states', Key='dev/terraform.tfstate')['Body'].read()\n\
                 state = j.loads(b)\nstate['serial'] += 1\ns3.put_object(Bucket='workshop-states', Key='dev/terraform.tfstate', Body=j.dumps(state))";
    workshop.boto(state);
    let refused = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
    assert!(
        refused
            .err
            .contains("the plan was made of serial 1, and now it is 2"),
        "{}",
        refused.err
    );
    let other = workshop.copy();
    let applied = workshop.gate(&["apply", REVIEW, "--yes", "--replan"]).with(0);
    assert!(
        applied.out.contains("0 added, 1 changed, 0 destroyed"),
        "{}",
        applied.out
    );
    // Now there is nothing to do any more: that is not what was reviewed.
    let late = workshop
        .command(other.path(), &["apply", REVIEW, "--yes", "--replan"])
        .output();
    let late = Ended::of(late.unwrap()).with(1);
    assert!(
        late.err
            .contains("the new plan is not what was reviewed: module.store.terraform_data.store does not change any more"),
        "{}",
        late.err
    );
    // Nor is another change.
    write(other.path(), "environments/dev/terraform.tfvars", "size = 40\n");
    let late = workshop
        .command(other.path(), &["apply", REVIEW, "--yes", "--replan"])
        .output();
    let late = Ended::of(late.unwrap()).with(1);
    assert!(
        late.err
            .contains("module.store.terraform_data.store changes otherwise"),
        "{}",
        late.err
    );
}

#[test]
fn what_the_command_line_gave_to_a_plan_is_given_to_the_next_one_too() {
    let workshop = Workshop::with(&[]);
    workshop.root(
        "dev",
        "variable \"token\" {\n  type      = string\n  sensitive = true\n}\n\nresource \"terraform_data\" \"token\" {\n  input = var.token\n}\n\n\
         variable \"names\" {\n  type = map(list(string))\n}\n\nresource \"terraform_data\" \"names\" {\n  input = var.names\n}\n",
    );
    let outside = tempfile::tempdir().unwrap();
    let names = outside.path().join("names.tfvars");
    fs::write(&names, "names = { a = [\"$${x}\", \"q\\\"\"] }\nsize = 41\n").unwrap();
    workshop.write("shared/size.tfvars", "size = 40\n");
    workshop.commit("token");
    let names_flag = format!("--var-file={}", names.display());
    let token = "--var=token=tr0ub4dor-and-3-more";
    let given = [names_flag.as_str(), "--var-file", "shared/size.tfvars", token];
    let plan = |more: &[&str]| {
        let args = [&["plan", "environments/dev", "-q"][..], &given, more].concat();
        workshop.gate(&args).with(0)
    };
    plan(&[]);
    let sealed = review(workshop.path());
    let names_file = names.canonicalize().unwrap();
    assert_eq!(
        sealed["seal"]["arguments"],
        json!({
            "destroy": false,
            "variables": [{"file": names_file}, {"file": "shared/size.tfvars"}, {"var": "token"}]
        })
    );
    // What moved: the files that were given, in the repository and outside of it.
    for (file, says) in [
        (
            workshop.path().join("shared/size.tfvars"),
            "shared/size.tfvars (variables) changed since the review".to_owned(),
        ),
        (
            names.clone(),
            format!("{} (variables) changed since the review", names_file.display()),
        ),
    ] {
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}# more\n")).unwrap();
        let refused = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
        assert!(refused.err.contains(&says), "{}", refused.err);
        fs::write(&file, text).unwrap();
    }
    assert_eq!(workshop.objects(), json!({}));
    // A comment changes nothing: the new plan has the same values, the secret too.
    let size = "size = 40 # for now\n";
    workshop.write("shared/size.tfvars", size);
    let applied = workshop.gate(&["apply", REVIEW, "--yes", "--replan"]).with(0);
    assert!(applied.out.contains("3 added"), "{}", applied.out);
    assert!(!(applied.out + &applied.err).contains("tr0ub4dor"));
    // Another value is not what was reviewed.
    plan(&["--var", "names={}"]);
    workshop.write("shared/size.tfvars", "size = 50\n");
    let refused = workshop.gate(&["apply", REVIEW, "--yes", "--replan"]).with(1);
    assert!(
        refused
            .err
            .contains("the new plan is not what was reviewed: module.store.terraform_data.store"),
        "{}",
        refused.err
    );
    workshop.write("shared/size.tfvars", size);
    // Nor is a plan that destroys forgotten to be one.
    plan(&["--destroy"]);
    assert_eq!(
        review(workshop.path())["seal"]["arguments"]["destroy"],
        json!(true)
    );
    workshop.commit("later");
    let destroyed = workshop.gate(&["apply", REVIEW, "--yes", "--replan"]).with(0);
    assert!(destroyed.out.contains("3 destroyed"), "{}", destroyed.out);
}

#[test]
fn an_apply_that_is_interrupted_or_killed_leaves_state_record_and_no_lock() {
    let workshop = Workshop::with(&[]);
    let mut steps = String::new();
    for at in 0..4 {
        let before = match at {
            0 => String::new(),
            _ => format!("  depends_on = [terraform_data.step{}]\n", at - 1),
        };
        steps.push_str(&format!(
            "resource \"terraform_data\" \"step{at}\" {{\n  input = {at}\n{before}\n  provisioner \"local-exec\" {{\n    command = \"sleep 1\"\n  }}\n}}\n\n"
        ));
    }
    workshop.root("dev", &steps);
    workshop.commit("steps");
    let made = || -> usize {
        let state = workshop.boto(
            "import json as j\ntry:\n  result = j.loads(s3.get_object(Bucket='workshop-states', Key='dev/terraform.tfstate')['Body'].read())\n\
             except s3.exceptions.NoSuchKey:\n  result = {'resources': []}",
        );
        state["resources"].as_array().unwrap().len()
    };
    let record = || -> Json {
        let file = workshop.path().join(REVIEW).join("audit.json");
        serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
    };
    let begin = || {
        workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
        let mut child = workshop
            .command(workshop.path(), &["apply", REVIEW, "--yes"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Something is being made: the first step says so.
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("step") {
            line.clear();
            assert_ne!(
                errors.read_line(&mut line).unwrap(),
                0,
                "it ended before it began"
            );
        }
        (child, errors)
    };

    // Ctrl-C: what is being made is finished, the rest is not begun.
    let (mut child, mut errors) = begin();
    let status = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2), "{rest}");
    assert!(rest.contains("gives its lock back"), "{rest}");
    workshop.wait_for_no_lock("interrupted");
    let after_interrupt = made();
    assert!((1..5).contains(&after_interrupt), "{after_interrupt}");
    let told = record();
    assert_eq!(told["result"], "interrupted", "{told}");
    assert!(told["ended"].is_string());

    // Killed: Terraform ends by itself, and the record of its beginning is there.
    let (mut child, errors) = begin();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(errors);
    let told = record();
    assert_eq!(
        (&told["result"], &told["ended"]),
        (&json!("started"), &Json::Null)
    );
    workshop.wait_for_no_lock("killed");
    assert!(made() >= after_interrupt);

    // The same plan is not applied twice, and a new one does the rest.
    let refused = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
    assert!(
        refused.err.contains("somebody applied meanwhile"),
        "{}",
        refused.err
    );
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    workshop.gate(&["apply", REVIEW, "--yes", "-q"]).with(0);
    assert_eq!(made(), 5);
    let nothing = workshop
        .gate(&["plan", "environments/dev", "--format", "json"])
        .with(0);
    let nothing: Json = serde_json::from_str(&nothing.out).unwrap();
    assert_eq!(nothing["changes"], json!([]));
}

#[test]
fn another_version_of_terraform_is_refused() {
    let workshop = Workshop::new();
    workshop.gate(&["plan", "environments/dev", "-q"]).with(0);
    let shim = workshop.path().join(".terraform-of-tomorrow");
    write(
        workshop.path(),
        ".terraform-of-tomorrow",
        "#!/bin/sh\ncase \"$*\" in version) echo 'Terraform v1.99.0';; *) exec terraform \"$@\";; esac\n",
    );
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&shim, mode).unwrap();
    let refused = workshop.gate(&["apply", REVIEW, "--yes", "--terraform", shim.to_str().unwrap()]);
    assert!(refused.with(1).err.contains("and this is terraform 1.99.0"));
}
