//! `tf-envdiff`: differences planted in copies of `environments/` are found, traced to their lines and judged, and nothing else
//! is reported.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;
use tempfile::TempDir;

/// What a run of `tf-envdiff` ended with.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .find(|dir| dir.join("environments").is_dir())
        .unwrap()
        .to_path_buf()
}

fn tf_envdiff(dir: &Path, args: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_tf-envdiff"))
        .args(args)
        .current_dir(dir)
        .env_remove("TF_WORKSPACE")
        .env_remove("TF_ENVDIFF_FORMAT")
        .output()
        .unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The differences of environments, as JSON, with the exit code.
fn compared(dir: &Path, args: &[&str]) -> (Json, Option<i32>) {
    let run = tf_envdiff(dir, &[args, &["--format", "json"]].concat());
    (run.json(), run.code)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == ".terraform" => {}
            true => copy(&entry.path(), &target),
            false => {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

const LOCK: &str = r#"provider "registry.terraform.io/hashicorp/aws" {
  version = "5.100.0"
  hashes = [
    "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  ]
}
"#;

/// A repository with the modules, two more of them, and no environments.
fn repository() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let modules = dir.path().join("modules");
    copy(&workspace().join("modules"), &modules);
    copy(&modules.join("ecs-cluster"), &modules.join("ecs-cluster-next"));
    fs::create_dir(modules.join("tiny")).unwrap();
    fs::write(
        modules.join("tiny/main.tf"),
        "resource \"terraform_data\" \"this\" {\n  input = \"tiny\"\n}\n",
    )
    .unwrap();
    dir
}

/// Copies of prod under the names of environments.
fn copies(repository: &Path, folder: &str, names: &[&str], stacks: &[&str]) -> PathBuf {
    let environments = repository.join(folder);
    for name in names {
        for stack in stacks {
            let to = environments.join(name).join(stack);
            copy(&workspace().join("environments/prod").join(stack), &to);
            fs::write(to.join(".terraform.lock.hcl"), LOCK).unwrap();
        }
    }
    environments
}

/// A line of `envdiff/plants.txt`.
#[derive(Debug)]
struct Plant {
    stack: String,
    file: String,
    from: String,
    to: String,
    layer: String,
    name: String,
    verdict: String,
}

fn plants() -> Vec<Plant> {
    let text = fs::read_to_string(workspace().join("tests/envdiff/plants.txt")).unwrap();
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let parts: Vec<String> = line
                .split(" | ")
                .map(|part| part.trim().replace("\\n", "\n"))
                .collect();
            let [stack, file, from, to, layer, name, verdict] = <[String; 7]>::try_from(parts)
                .unwrap_or_else(|parts| panic!("{} parts: {line}", parts.len()));
            Plant {
                stack,
                file,
                from,
                to,
                layer,
                name,
                verdict,
            }
        })
        .collect()
}

impl Plant {
    /// Plants it, and tells its lines: where the text was, and where what took its place is.
    fn plant(&self, environment: &Path) -> (u64, u64) {
        let path = environment.join(&self.stack).join(&self.file);
        let text = fs::read_to_string(&path).unwrap();
        let line_of = |text: &str, at: usize| text[..at].matches('\n').count() as u64 + 1;
        if self.from == "+" {
            fs::write(&path, format!("{text}{}\n", self.to)).unwrap();
            let line = line_of(&text, text.len());
            return (line, line);
        }
        let at = text.find(&self.from).unwrap_or_else(|| panic!("{self:?}"));
        // The first letter that differs.
        let same = self
            .from
            .bytes()
            .zip(self.to.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let changed = text.replacen(&self.from, &self.to, 1);
        fs::write(&path, &changed).unwrap();
        (line_of(&text, at + same), line_of(&changed, at + same))
    }
}

fn name(difference: &Json) -> String {
    let subject = difference["subject"].as_str().unwrap();
    match difference["attribute"].as_str() {
        Some(attribute) if attribute.starts_with('[') => format!("{subject}{attribute}"),
        Some(attribute) => format!("{subject}.{attribute}"),
        None => subject.to_owned(),
    }
}

/// All names of a row, those that it covers too.
fn names(difference: &Json) -> Vec<String> {
    let covered = difference["covered"].as_array().into_iter().flatten();
    std::iter::once(name(difference))
        .chain(covered.map(name))
        .collect()
}

/// Whether a difference is traced to the planted line, in the environment where it is written.
fn is_traced(difference: &Json, plant: &Plant, lines: (u64, u64)) -> bool {
    let file = format!("{}/{}", plant.stack, plant.file);
    // What is planted may have several lines.
    let more = plant.to.matches('\n').count() as u64;
    let causes = std::iter::once(&difference["cause"])
        .chain(difference["more_causes"].as_array().into_iter().flatten());
    let covers = |place: &Json, environment: &str, line: u64, more: u64| {
        let (first, last) = (place["lines"][0].as_u64(), place["lines"][1].as_u64());
        place["file"]
            .as_str()
            .is_some_and(|found| found.ends_with(&format!("{environment}/{file}")))
            && first.is_some_and(|first| first <= line + more)
            && last.is_some_and(|last| line <= last && last - first.unwrap() < 16)
    };
    causes.into_iter().any(|cause| {
        covers(&cause["places"]["dev"], "dev", lines.0, 0)
            || covers(&cause["places"]["prod"], "prod", lines.1, more)
    })
}

/// Works on all of a list on a few threads: most of the time is that of the programs that are started.
fn each<T: Sync>(items: &[T], work: impl Fn(usize, &T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    work(at, item);
                }
            });
        }
    });
}

#[test]
fn planted_differences_are_found_traced_and_judged_and_nothing_else() {
    let plants = plants();
    assert!(plants.len() >= 60, "{}", plants.len());
    let repository = repository();
    let wrong = Mutex::new(Vec::new());
    each(&plants, |at, plant| {
        let folder = copies(
            repository.path(),
            &format!("case{at}"),
            &["dev", "prod"],
            &[&plant.stack],
        );
        let lines = plant.plant(&folder.join("prod"));
        let place = |environment: &str| format!("case{at}/{environment}/{}", plant.stack);
        let (json, code) = compared(repository.path(), &[&place("dev"), &place("prod")]);
        let say = |what: String| wrong.lock().unwrap().push(format!("{plant:?}\n  {what}"));
        if code != Some(1) || json["errors"].as_array().is_none_or(|errors| !errors.is_empty()) {
            say(format!("{code:?} {}", json["errors"]));
            return;
        }
        let all = json["differences"].as_array().unwrap();
        let found = all.iter().find(|difference| {
            difference["layer"] == plant.layer.as_str()
                && (plant.name == "*" || names(difference).contains(&plant.name))
        });
        match found {
            None => say(format!("is not found: {json:#}")),
            Some(found) if found["verdict"] != plant.verdict.as_str() => {
                say(format!("verdict {}", found["verdict"]))
            }
            Some(found) if !is_traced(found, plant, lines) => {
                say(format!("lines {lines:?}: {}", found["cause"]))
            }
            Some(_) => {}
        }
        for other in all {
            if !is_traced(other, plant, lines) {
                say(format!("besides: {other}"));
            }
        }
        fs::remove_dir_all(&folder).unwrap();
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn identical_environments_give_an_empty_report_and_0() {
    let repository = repository();
    copies(
        repository.path(),
        "environments",
        &["dev", "staging", "prod"],
        &["data", "services", "cluster"],
    );
    let args = ["environments/dev", "environments/staging", "environments/prod"];
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["differences"], Json::Array(Vec::new()));
    assert_eq!(json["score"], 100.0);
    assert_eq!(json["schema"], "plumbline.envdiff/1");
    assert_eq!(
        json["environments"],
        serde_json::json!(["dev", "staging", "prod"])
    );
    let text = tf_envdiff(repository.path(), &args);
    assert!(
        text.out.contains("no differences. Parity 100.0 %"),
        "{}",
        text.out
    );
}

/// What only names an environment is left out, and counted.
#[test]
fn names_are_no_differences() {
    let repository = repository();
    let folder = copies(repository.path(), "environments", &["dev", "prod"], &["services"]);
    let path = folder.join("dev/services/terraform.tfvars");
    let mut text = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("environment = \"prod\"", "environment = \"dev\""),
        ("\"eu-west-1", "\"eu-central-1"),
        (
            "backup_region              = \"eu-central-1\"",
            "backup_region = \"eu-west-1\"",
        ),
        ("10.30.0.0/16", "10.10.0.0/16"),
        ("services.example.com", "dev.services.example.com"),
        ("Z0123456789EXAMPLE", "Z9876543210EXAMPLE"),
        ("plumbline-prod-access-logs", "plumbline-dev-access-logs"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    fs::write(&path, text).unwrap();
    let args = ["environments/dev", "environments/prod"];
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(json["differences"], Json::Array(Vec::new()), "{json:#}");
    assert_eq!(code, Some(0));
    for category in ["names", "regions", "cidrs", "domains", "ids"] {
        assert!(
            json["left_out"][category].as_u64().is_some_and(|count| count > 0),
            "{category}: {}",
            json["left_out"]
        );
    }
    let (json, _) = compared(repository.path(), &[&args[..], &["--show-left-out"]].concat());
    let shown = json["left_out_details"].as_array().unwrap().len() as u64;
    let counted: u64 = json["left_out"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Json::as_u64)
        .sum();
    assert_eq!(shown, counted);
    // What is kept is compared as it is written.
    let rules = repository.path().join("plumbline.hcl");
    fs::write(&rules, "envdiff {\n  keep = [\"cidrs\"]\n}\n").unwrap();
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(code, Some(1));
    assert_eq!(
        name(&json["differences"][0]),
        "var.network.cidr_block",
        "{json:#}"
    );
}

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
fn the_order_of_arguments_changes_only_columns() {
    let root = workspace();
    let sorted = |order: [&str; 3]| {
        let args = order.map(|name| format!("environments/{name}"));
        let (json, _) = compared(&root, &[&args[0], &args[1], &args[2]]);
        let mut rows: Vec<String> = json["differences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|difference| {
                let names: std::collections::BTreeSet<String> = names(difference).into_iter().collect();
                let values: std::collections::BTreeMap<String, String> = difference["values"]
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name.clone(), value.to_string()))
                    .collect();
                format!(
                    "{} {} {names:?} {} {values:?} {} {}",
                    difference["layer"],
                    difference["stack"],
                    difference["verdict"],
                    difference["cause"]["name"],
                    difference["cause"]["file"]
                )
            })
            .collect();
        rows.sort();
        (rows, json["score"].clone(), json["left_out"].clone())
    };
    let first = sorted(["dev", "staging", "prod"]);
    assert!(first.0.len() > 50, "{}", first.0.len());
    for other in [["prod", "staging", "dev"], ["staging", "prod", "dev"]] {
        assert_eq!(sorted(other), first);
    }
}

#[test]
fn our_own_environments_pass() {
    let root = workspace();
    let run = tf_envdiff(
        &root,
        &["environments/dev", "environments/staging", "environments/prod"],
    );
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(!run.out.contains("rule:"), "{}", run.out);
    // One of them alone has nothing to differ from.
    assert_eq!(tf_envdiff(&root, &["environments/dev"]).code, Some(2));
}

#[test]
fn a_broken_environment_is_reported_and_the_others_are_compared() {
    let repository = repository();
    let folder = copies(
        repository.path(),
        "environments",
        &["dev", "staging", "prod"],
        &["services"],
    );
    let path = folder.join("prod/services/terraform.tfvars");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("replicas      = 2", "replicas      = 1")).unwrap();
    let args = ["environments/dev", "environments/staging", "environments/prod"];
    fs::write(folder.join("staging/services/broken.tf"), "locals {\n  a =\n}\n").unwrap();
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(code, Some(2));
    assert_eq!(json["errors"][0]["environment"], "staging");
    assert_eq!(
        json["errors"][0]["file"],
        "environments/staging/services/broken.tf"
    );
    assert_eq!(json["errors"][0]["lines"][0], 2);
    let first = &json["differences"][0];
    assert_eq!(name(first), "var.cache.replicas");
    assert_eq!(first["values"], serde_json::json!({ "dev": 2, "prod": 1 }));
    // Not there at all.
    fs::remove_dir_all(folder.join("staging")).unwrap();
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(code, Some(2));
    assert!(
        json["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("is not there"),
        "{json:#}"
    );
    assert_eq!(name(&json["differences"][0]), "var.cache.replicas");
    assert_eq!(
        json["environments"],
        serde_json::json!(["dev", "staging", "prod"])
    );
}

#[test]
fn a_stack_that_is_missing_is_one_difference() {
    let repository = repository();
    let folder = copies(
        repository.path(),
        "environments",
        &["dev", "prod"],
        &["services", "data"],
    );
    fs::remove_dir_all(folder.join("dev/data")).unwrap();
    let (json, code) = compared(repository.path(), &["environments/dev", "environments/prod"]);
    assert_eq!(code, Some(1));
    let all = json["differences"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{json:#}");
    assert_eq!(all[0]["verdict"], "missing");
    assert_eq!(all[0]["subject"], "stack data");
}

#[test]
fn secrets_differ_and_are_not_shown() {
    let repository = repository();
    let root = |name: &str, secret: &str, other: &str| {
        let dir = repository.path().join("s").join(name);
        fs::create_dir_all(&dir).unwrap();
        let text = format!(
            "variable \"secret\" {{\n  type      = string\n  sensitive = true\n  default   = \"{secret}\"\n}}\n\nresource \
             \"aws_db_instance\" \"d\" {{\n  password = \"{other}\"\n}}\n\nresource \"terraform_data\" \"d\" {{\n  input = \
             {{ a = var.secret, b = \"{name}\" }}\n}}\n\noutput \"o\" {{\n  value     = var.secret\n  sensitive = true\n}}\n"
        );
        fs::write(dir.join("main.tf"), text).unwrap();
    };
    root("dev", "hunter-one", "pass-one");
    root("prod", "hunter-two", "pass-two");
    for format in ["text", "json", "markdown", "html"] {
        let run = tf_envdiff(
            repository.path(),
            &[
                "s/dev",
                "s/prod",
                "--format",
                format,
                "--all",
                "--verbose",
                "--show-left-out",
            ],
        );
        assert_eq!(run.code, Some(1), "{}", run.err);
        for secret in ["hunter", "pass-one", "pass-two"] {
            assert!(
                !run.out.contains(secret) && !run.err.contains(secret),
                "{format}: {}",
                run.out
            );
        }
        assert!(run.out.contains("sensitive"), "{}", run.out);
    }
    let (json, _) = compared(repository.path(), &["s/dev", "s/prod"]);
    let all: Vec<String> = json["differences"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(names)
        .collect();
    for want in [
        "var.secret",
        "aws_db_instance.d.password",
        "terraform_data.d.input.a",
        "output.o",
    ] {
        assert!(all.iter().any(|name| name == want), "{want}: {all:?}");
    }
    // Equal ones are no difference.
    root("prod", "hunter-one", "pass-one");
    assert_eq!(compared(repository.path(), &["s/dev", "s/prod"]).1, Some(0));
}

fn git(dir: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A repository with git's own history, and two small environments in it.
fn with_history() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "-b", "main"]);
    for name in ["dev", "prod"] {
        write_root(dir.path(), name, "1", "same");
    }
    write_root(dir.path(), "dev", "0", "same");
    git(dir.path(), &["add", "-A"]);
    git(dir.path(), &["commit", "-q", "-m", "first"]);
    dir
}

fn write_root(dir: &Path, name: &str, size: &str, text: &str) {
    let root = dir.join("envs").join(name);
    fs::create_dir_all(&root).unwrap();
    fs::write(
        root.join("main.tf"),
        format!(
            "variable \"size\" {{\n  type = number\n}}\n\nresource \"terraform_data\" \"one\" {{\n  input = {{ size = var.size, \
             text = \"{text}\" }}\n}}\n"
        ),
    )
    .unwrap();
    fs::write(root.join("terraform.tfvars"), format!("size = {size}\n")).unwrap();
}

#[test]
fn only_what_a_change_adds_is_reported_with_a_base() {
    let dir = with_history();
    write_root(dir.path(), "prod", "1", "other");
    let args = ["envs/dev", "envs/prod"];
    let (json, code) = compared(dir.path(), &args);
    assert_eq!(code, Some(1));
    assert_eq!(json["differences"].as_array().unwrap().len(), 3, "{json:#}");
    let (json, code) = compared(dir.path(), &[&args[..], &["--base", "main"]].concat());
    assert_eq!(code, Some(1));
    let all = json["differences"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{json:#}");
    assert_eq!(name(&all[0]), "terraform_data.one.input.text");
    assert_eq!(json["base"]["before"], 2);
    // What the change takes away is counted, and nothing to act on.
    write_root(dir.path(), "prod", "0", "same");
    let (json, code) = compared(dir.path(), &[&args[..], &["--base", "main"]].concat());
    assert_eq!(
        (code, &json["base"]["resolved"]),
        (Some(0), &serde_json::json!(2))
    );
    let markdown = tf_envdiff(
        dir.path(),
        &[&args[..], &["--base", "main", "--format", "markdown"]].concat(),
    );
    assert!(markdown.out.contains("2 differences gone"), "{}", markdown.out);
    assert_eq!(
        tf_envdiff(dir.path(), &[&args[..], &["--base", "nowhere"]].concat()).code,
        Some(2)
    );
}

#[test]
fn commits_are_environments() {
    let dir = with_history();
    write_root(dir.path(), "prod", "5", "same");
    let (json, code) = compared(dir.path(), &["main:envs/prod", "envs/prod"]);
    assert_eq!(code, Some(1), "{json:#}");
    assert_eq!(json["environments"], serde_json::json!(["prod@main", "prod"]));
    let first = &json["differences"][0];
    assert_eq!(first["values"], serde_json::json!({ "prod@main": 1, "prod": 5 }));
    assert_eq!(
        first["cause"]["places"]["prod@main"]["file"],
        "main:envs/prod/terraform.tfvars"
    );
    // Files of commits are not left behind.
    let scratch = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tf-envdiff"))
        .args(["main:envs/prod", "envs/prod", "main:nowhere"])
        .current_dir(dir.path())
        .env("TMPDIR", scratch.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("there is no folder nowhere at main"), "{out}");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[test]
fn a_promotion_shows_what_would_reach_the_other() {
    let dir = with_history();
    write_root(dir.path(), "dev", "0", "next");
    let (json, code) = compared(dir.path(), &["envs/dev", "envs/prod", "--promote", "dev", "prod"]);
    assert_eq!(code, Some(1), "{json:#}");
    let all = json["differences"].as_array().unwrap();
    // The text comes with dev's configuration; its size stays where it is.
    assert_eq!(all.len(), 1, "{json:#}");
    assert_eq!(name(&all[0]), "terraform_data.one.input.text");
    assert_eq!(
        all[0]["values"],
        serde_json::json!({ "prod": "same", "prod+dev": "next" })
    );
    write_root(dir.path(), "dev", "0", "same");
    let (json, code) = compared(dir.path(), &["envs/dev", "envs/prod", "--promote", "dev", "prod"]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(
        tf_envdiff(
            dir.path(),
            &["envs/dev", "envs/prod", "--promote", "dev", "nowhere"]
        )
        .code,
        Some(2)
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

fn terraform(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("terraform")
        .args(args)
        .current_dir(dir)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The same roots as configurations, as plans, as what is shown of states and as state files.
#[test]
fn configurations_plans_and_states_agree() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let root = |name: &str, size: u32, keys: &str, extra: &str| {
        let root = dir.path().join(name);
        fs::create_dir_all(&root).unwrap();
        let text = format!(
            r#"variable "size" {{
  type    = number
  default = {size}
}}

variable "secret" {{
  type      = string
  sensitive = true
  default   = "hunter-{size}"
}}

resource "terraform_data" "one" {{
  input = {{ size = var.size, name = "app-{name}", same = true, list = [for n in range(2) : {{ n = n * var.size }}] }}
}}

resource "terraform_data" "each" {{
  for_each = toset({keys})
  input    = each.key
}}

resource "terraform_data" "hidden" {{
  input = var.secret
}}

module "inner" {{
  source = "./inner"
  size   = var.size
}}

output "size" {{
  value = var.size * 2
}}
{extra}"#
        );
        fs::write(root.join("main.tf"), text).unwrap();
        fs::create_dir_all(root.join("inner")).unwrap();
        fs::write(
            root.join("inner/main.tf"),
            "variable \"size\" {}\n\nresource \"terraform_data\" \"this\" {\n  count            = var.size > 1 ? 2 : 1\n  \
             triggers_replace = var.size\n}\n",
        )
        .unwrap();
        terraform(&root, &["init", "-input=false", "-no-color"]);
        terraform(&root, &["plan", "-input=false", "-no-color", "-out=p"]);
        fs::write(
            dir.path().join(format!("{name}.plan.json")),
            terraform(&root, &["show", "-json", "p"]),
        )
        .unwrap();
        terraform(&root, &["apply", "-input=false", "-no-color", "p"]);
        fs::write(
            dir.path().join(format!("{name}.state.json")),
            terraform(&root, &["show", "-json"]),
        )
        .unwrap();
        fs::copy(
            root.join("terraform.tfstate"),
            dir.path().join(format!("{name}.tfstate")),
        )
        .unwrap();
    };
    root("dev", 1, "[\"a\", \"b\"]", "");
    root(
        "prod",
        2,
        "[\"a\"]",
        "\nresource \"terraform_data\" \"more\" {\n  input = 1\n}\n",
    );
    let differences = |one: &str, other: &str| {
        let args = [
            format!("dev={one}"),
            format!("prod={other}"),
            "--layer".to_owned(),
            "resources,attributes,outputs".to_owned(),
        ];
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (json, code) = compared(dir.path(), &args);
        assert_eq!(code, Some(1), "{json:#}");
        assert!(!json.to_string().contains("hunter"), "{json:#}");
        let mut rows: Vec<String> = json["differences"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|difference| {
                let layer = difference["layer"].as_str().unwrap().to_owned();
                let first = format!("{layer} {} {}", name(difference), difference["values"]);
                let covered = difference["covered"].as_array().cloned().unwrap_or_default();
                let rest = covered
                    .into_iter()
                    .map(move |member| format!("{layer} {} {}", name(&member), member["values"]));
                std::iter::once(first).chain(rest)
            })
            .collect();
        rows.sort();
        rows.dedup();
        rows
    };
    let configuration = differences("dev", "prod");
    let want = [
        "attributes module.inner.terraform_data.this[0].triggers_replace",
        "attributes terraform_data.hidden.input",
        "attributes terraform_data.one.input.list[1].n",
        "attributes terraform_data.one.input.size",
        "outputs output.size",
        "resources module.inner.terraform_data.this.count",
        "resources terraform_data.each.for_each",
        "resources terraform_data.more",
    ];
    let found: Vec<&str> = configuration
        .iter()
        .map(|row| row.split(" {").next().unwrap())
        .collect();
    assert_eq!(found, want, "{configuration:#?}");
    for kind in ["plan.json", "state.json", "tfstate"] {
        let rows = differences(&format!("dev.{kind}"), &format!("prod.{kind}"));
        assert_eq!(rows, configuration, "{kind}");
    }
    // One of each is as good.
    assert_eq!(differences("dev", "prod.plan.json"), configuration);
    assert_eq!(differences("dev.state.json", "prod.tfstate"), configuration);
    assert_eq!(
        compared(dir.path(), &["a=dev.tfstate", "b=dev.tfstate"]).1,
        Some(0)
    );
    fs::write(dir.path().join("no.json"), "{\"a\": 1}").unwrap();
    assert_eq!(compared(dir.path(), &["dev.tfstate", "no.json"]).1, Some(2));
}

/// A small generator: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A root of a random size, whose parts are random too.
fn random_root(random: &mut Random) -> String {
    let mut out = String::new();
    for number in 0..1 + random.below(6) {
        let value = match random.below(6) {
            0 => format!("{}", random.below(3)),
            1 => format!(
                "\"{}\"",
                ["a", "b", "dev", "x-prod-y", "10.0.0.0/16"][random.below(5) as usize]
            ),
            2 => format!("[{}, {{ k = {} }}]", random.below(3), random.below(2)),
            3 => format!("{{ a = {}, b = local.l }}", random.below(3)),
            4 => "null".to_owned(),
            _ => format!("jsonencode({{ a = [{}] }})", random.below(3)),
        };
        let repetition = match random.below(4) {
            0 => format!("  count = {}\n", random.below(3)),
            1 => format!("  for_each = toset([\"a\", \"{}\"])\n", random.below(3)),
            _ => String::new(),
        };
        out.push_str(&format!(
            "resource \"terraform_data\" \"r{number}\" {{\n{repetition}  input = {value}\n}}\n\noutput \"o{number}\" {{\n  value = {value}\n}}\n"
        ));
    }
    out.push_str(&format!("locals {{\n  l = {}\n}}\n", random.below(2)));
    out
}

/// A comparison with itself is empty, and swapped columns are swapped in the report.
#[test]
fn comparisons_have_their_laws() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut different = 0;
    for round in 0..40 {
        for name in ["a", "b"] {
            let root = dir.path().join(name);
            fs::create_dir_all(&root).unwrap();
            fs::write(root.join("main.tf"), random_root(&mut random)).unwrap();
        }
        let text = || fs::read_to_string(dir.path().join("a/main.tf")).unwrap();
        let (json, code) = compared(dir.path(), &["a", "x=a"]);
        assert_eq!(
            (code, json["differences"].as_array().unwrap().len()),
            (Some(0), 0),
            "{round}: {}",
            text()
        );
        let rows = |one: &str, other: &str| {
            let (json, _) = compared(dir.path(), &[one, other]);
            assert_eq!(json["errors"], Json::Array(Vec::new()), "{round}");
            let mut rows: Vec<String> = json["differences"]
                .as_array()
                .unwrap()
                .iter()
                .map(|difference| {
                    let values = &difference["values"];
                    format!(
                        "{} {:?} {} a={} b={}",
                        difference["layer"],
                        names(difference),
                        difference["cause"]["name"],
                        values["a"],
                        values["b"]
                    )
                })
                .collect();
            rows.sort();
            (rows, json["score"].clone())
        };
        let (there, back) = (rows("a", "b"), rows("b", "a"));
        different += there.0.len();
        assert_eq!(there, back, "{round}");
    }
    assert!(different > 100, "{different}");
}

#[test]
fn every_format_can_be_read() {
    let root = workspace();
    let args = ["environments/dev", "environments/prod"];
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("plumbline.hcl");
    fs::write(&empty, "").unwrap();
    let settings = ["--settings", empty.to_str().unwrap()];
    let run = |more: &[&str]| tf_envdiff(&root, &[&args[..], &settings[..], more].concat());
    let text = run(&["--color", "never"]);
    assert_eq!(text.code, Some(1));
    // No line is wider than a terminal, and no column is cut.
    for line in text
        .out
        .lines()
        .filter(|line| line.starts_with(['│', '╭', '├', '╰']))
    {
        assert!(line.chars().count() <= 120, "{line}");
    }
    assert!(text.out.contains("var.database.multi_az"), "{}", text.out);
    let quiet = run(&["--quiet"]);
    assert!(
        quiet.out.lines().any(|line| line.starts_with("environments/")
            && line.contains("unexplained services var.database.multi_az: dev=false prod=true")),
        "{}",
        quiet.out
    );
    let markdown = run(&["--format", "markdown"]);
    assert!(markdown.out.len() < 65_536);
    let columns: std::collections::BTreeSet<usize> = markdown
        .out
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.replace("\\|", "").matches('|').count())
        .collect();
    assert_eq!(columns.len(), 1, "every row has as many cells: {columns:?}");
    let html = run(&["--format", "html"]);
    for part in [
        "Content-Security-Policy",
        "id=\"matrix\"",
        "data-verdict=\"unexplained\"",
        "prefers-color-scheme",
    ] {
        assert!(html.out.contains(part), "{part}");
    }
    assert!(
        !html.out.contains("http://") && !html.out.contains("src="),
        "nothing is loaded from elsewhere"
    );
    let file = dir.path().join("out.json");
    let report = format!("json={}", file.to_str().unwrap());
    assert_eq!(run(&["--report", &report]).code, Some(1));
    let json: Json = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(json["tool"], "tf-envdiff");
    // One layer alone.
    let (json, _) = compared(
        &root,
        &[&args[..], &settings[..], &["--layer", "outputs"]].concat(),
    );
    let layers: std::collections::BTreeSet<&str> = json["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|difference| difference["layer"].as_str())
        .collect();
    assert_eq!(layers.into_iter().collect::<Vec<_>>(), ["outputs"]);
    let twice = [run(&["--format", "json"]), run(&["--format", "json"])];
    assert_eq!(twice[0].out, twice[1].out, "same input, same bytes");
    assert_eq!(run(&["--layer", "cost"]).code, Some(2));
}
