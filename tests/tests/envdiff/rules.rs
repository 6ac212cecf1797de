//! Rules, and what `init` proposes.

use std::fs;

use serde_json::Value as Json;

use super::{compared, copies, copy, repository, tf_envdiff, workspace};

#[test]
fn rules_judge() {
    let repository = repository();
    let folder = copies(repository.path(), "environments", &["dev", "prod"], &["services"]);
    let path = folder.join("prod/services/terraform.tfvars");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("backup_days    = 35", "backup_days    = 7")).unwrap();
    let rule = |rule: &str| {
        let body = rule.replace('}', "  reason = \"r\"\n  owner = \"o\"\n}");
        fs::write(
            repository.path().join("plumbline.hcl"),
            format!("envdiff {{\n  order = [\"dev\", \"prod\"]\n{body}\n}}\n"),
        )
        .unwrap();
        let (json, code) = compared(repository.path(), &["environments/dev", "environments/prod"]);
        let verdicts: Vec<String> = json["differences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|difference| difference["verdict"].as_str().unwrap().to_owned())
            .collect();
        let idle: Vec<String> = json["idle_rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["why"].as_str().unwrap().to_owned())
            .collect();
        (verdicts, code, idle.join("; "), json)
    };
    // The variable, and the attribute that comes of it.
    for (block, verdict, code, idle) in [
        ("expect \"backup_days\" {\n}", "expected", 0, ""),
        ("expect \"var.database.*\" {\n}", "expected", 0, ""),
        // A rule about what comes of a variable explains the variable.
        (
            "expect \"backup_retention_period\" \"retention_period\" {\n}",
            "expected",
            0,
            "",
        ),
        (
            "expect \"backup_days\" {\n  when = dev == 35\n}",
            "expected",
            0,
            "",
        ),
        (
            "expect \"backup_days\" {\n  when = prod == 35\n}",
            "unexplained",
            1,
            "",
        ),
        (
            "expect \"backup_days\" {\n  until = \"2999-12-31\"\n}",
            "expected",
            0,
            "",
        ),
        (
            "expect \"backup_days\" {\n  until = \"2020-01-31\"\n}",
            "unexplained",
            1,
            "expired on 2020-01-31",
        ),
        (
            "expect \"backup_days\" {\n  stacks = [\"data\"]\n}",
            "unexplained",
            1,
            "stale",
        ),
        (
            "expect \"other\" {\n}",
            "unexplained",
            1,
            "stale: there is no such difference",
        ),
        (
            "equal \"nothing_like_it\" {\n}",
            "unexplained",
            1,
            "stale: there is nothing of this name",
        ),
        ("equal \"multi_az\" {\n}", "unexplained", 1, ""),
        (
            "ordered \"backup_days\" {\n  order = dev >= prod\n}",
            "expected",
            0,
            "",
        ),
        (
            "ordered \"backup_days\" {\n  order = prod >= dev\n}",
            "forbidden",
            1,
            "",
        ),
        ("ordered \"backup_days\" {\n}", "forbidden", 1, ""),
        ("equal \"backup_days\" {\n}", "forbidden", 1, ""),
        ("forbid \"backup_days\" {\n}", "forbidden", 1, ""),
        (
            "forbid \"backup_days\" {\n  when = prod < 14\n}",
            "forbidden",
            1,
            "",
        ),
        (
            "forbid \"backup_days\" {\n  when = prod < 7\n}",
            "unexplained",
            1,
            "",
        ),
        // A waiver wins over a guard.
        (
            "equal \"backup_days\" {\n}\nexpect \"backup_days\" {\n}",
            "expected",
            0,
            "",
        ),
    ] {
        let (verdicts, found, why, json) = rule(block);
        assert_eq!(verdicts, [verdict, verdict], "{block}: {json:#}");
        assert_eq!(found, Some(code), "{block}");
        assert_eq!(why.is_empty(), idle.is_empty(), "{block}: {why}");
        assert!(why.contains(idle), "{block}: {why}");
    }
    // Without an order a rule cannot judge.
    let (verdicts, code, _, json) = rule("ordered \"backup_days\" {\n  order = tostring(prod) >= [dev]\n}");
    assert_eq!((verdicts[0].as_str(), code), ("unexplained", Some(2)), "{json:#}");
    assert!(
        json["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("have no order"),
        "{json:#}"
    );
}

#[test]
fn what_init_proposes_explains_everything() {
    let repository = repository();
    copy(
        &workspace().join("environments"),
        &repository.path().join("environments"),
    );
    let file = repository.path().join("environments/plumbline.hcl");
    fs::remove_file(&file).unwrap();
    let args = ["environments/dev", "environments/staging", "environments/prod"];
    assert_eq!(tf_envdiff(repository.path(), &args).code, Some(1));
    let run = tf_envdiff(
        repository.path(),
        &[&["init"], &args[..], &["--output", "environments/plumbline.hcl"]].concat(),
    );
    assert_eq!(run.code, Some(0), "{}", run.err);
    let rules = fs::read_to_string(&file).unwrap();
    assert!(rules.contains("ordered \"var.database.multi_az\""), "{rules}");
    let (json, code) = compared(repository.path(), &args);
    let open: Vec<&Json> = json["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|difference| difference["verdict"] != "expected")
        .collect();
    assert!(open.is_empty(), "{open:#?}\n{rules}");
    assert_eq!(code, Some(0), "{:#}", json["errors"]);
    // Somebody has yet to say why.
    assert!(json["idle_rules"][0]["why"].as_str().unwrap().contains("TODO"));
    let again = tf_envdiff(
        repository.path(),
        &[&["init"], &args[..], &["--output", "environments/plumbline.hcl"]].concat(),
    );
    assert_eq!(again.code, Some(2), "a file that is there is not overwritten");
}
