//! `environments/`: alike but for what is meant to differ, planned offline, and applied to an emulated account.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod terraform;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;
use terraform::{Arguments, Terraform};
use tf_model::Options;
use tf_model::config::Project;
use xtask::emulator::{self, Emulator};
use xtask::workspace;

const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
const STACKS: [&str; 3] = ["services", "data", "cluster"];

/// Variables in which environments may differ, as patterns of paths, and why.
const MEANT_TO_DIFFER: &[(&str, &str)] = &[
    ("environment", "its name"),
    ("domain.name", "its name"),
    ("network.cidr_block", "ranges that overlap can never be peered"),
    ("network.zones", "count: a third zone costs"),
    ("network.nat_gateways", "count: a gateway a zone costs"),
    ("load_balancer.access_logs_bucket", "an account's own bucket"),
    ("load_balancer.ingress_cidr_blocks", "only prod is for the world"),
    ("buckets.access_logs_bucket", "an account's own bucket"),
    ("function.code.s3.bucket", "an account's own bucket"),
    ("access_entries.pipeline.principal_arn", "an account's own role"),
    (
        "access_entries.pipeline.kubernetes_groups",
        "previews are made in dev",
    ),
    (
        "access_entries.pipeline.policies.*.namespaces",
        "previews are made in dev",
    ),
    ("registry", "images are built in one account"),
    ("alerts.subscribers.*", "nobody is woken for dev"),
    (
        "alarms.silence_minutes",
        "silence means something where sensors always send",
    ),
    ("alert_email", "nobody is woken for dev"),
    ("spot.*", "Spot"),
    ("node_groups.*.spot", "Spot"),
    ("node_groups.*.instance_types", "size"),
    ("node_groups.*.min_size", "count"),
    ("node_groups.*.max_size", "count"),
    ("services.*.autoscaling.*", "count"),
    ("services.*.size.*", "size"),
    ("api.autoscaling.*", "count"),
    ("api.size.*", "size"),
    ("cache.node_type", "size"),
    ("cache.replicas", "count"),
    ("cache.snapshot_days", "retention"),
    ("database.instance_class", "size"),
    ("database.storage.*", "size"),
    ("database.multi_az", "Multi-AZ"),
    ("database.backup_days", "retention"),
    ("enable_cross_region_backup", "retention"),
    ("log_retention_days", "retention"),
    ("buckets.raw.*", "retention"),
    ("buckets.processed.*", "retention"),
    ("function.log_level", "details are for those who develop"),
    (
        "function.reserved_concurrency",
        "size: what an endless loop may cost",
    ),
    ("function.size.*", "size"),
    ("table.on_demand_limits.*", "size: what an endless loop may cost"),
    ("table.recovery_days", "retention"),
    (
        "enable_redshift",
        "a cluster at rest costs as much as one at work",
    ),
    ("warehouse.nodes.*", "size and Multi-AZ"),
    ("warehouse.snapshots.*", "retention"),
];

fn root(environment: &str, stack: &str) -> PathBuf {
    workspace().join("environments").join(environment).join(stack)
}

/// The `.tf` files of a folder, by name.
fn configuration(dir: &Path) -> BTreeMap<String, String> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The values of a root's variables, defaults included, by path.
fn variables(dir: &Path) -> BTreeMap<String, Json> {
    let project = Project::load_root(dir, &Options::default()).unwrap();
    let console = project.console();
    let mut leaves = BTreeMap::new();
    for line in configuration(dir)["variables.tf"].lines() {
        let Some(name) = line
            .strip_prefix("variable \"")
            .and_then(|rest| rest.split('"').next())
        else {
            continue;
        };
        let printed = console.eval(&format!("jsonencode(var.{name})")).unwrap();
        let text: String = serde_json::from_str(&printed).unwrap();
        flatten(serde_json::from_str(&text).unwrap(), name.to_owned(), &mut leaves);
    }
    leaves
}

fn flatten(value: Json, path: String, leaves: &mut BTreeMap<String, Json>) {
    match value {
        Json::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                flatten(member, format!("{path}.{name}"), leaves);
            }
        }
        leaf => drop(leaves.insert(path, leaf)),
    }
}

/// Whether a path has a pattern's beginning; `*` stands for one name.
fn covers(pattern: &str, path: &str) -> bool {
    let mut names = path.split('.');
    pattern
        .split('.')
        .all(|wanted| names.next().is_some_and(|name| wanted == "*" || wanted == name))
}

#[test]
fn environments_have_the_same_configuration() {
    for stack in STACKS {
        let dev = configuration(&root("dev", stack));
        assert!(!dev.is_empty());
        for environment in ENVIRONMENTS {
            let other = configuration(&root(environment, stack));
            let names: BTreeSet<&String> = dev.keys().chain(other.keys()).collect();
            for name in names {
                assert!(
                    dev.get(name) == other.get(name),
                    "{environment}/{stack}/{name} is not the one of dev"
                );
            }
        }
    }
}

#[test]
fn environments_differ_only_where_it_is_meant() {
    let mut used = BTreeSet::new();
    let mut unmeant = Vec::new();
    for stack in STACKS {
        let columns = ENVIRONMENTS.map(|environment| variables(&root(environment, stack)));
        let paths: BTreeSet<&String> = columns.iter().flat_map(BTreeMap::keys).collect();
        for path in paths {
            let values = columns.each_ref().map(|column| column.get(path));
            if values.iter().all(|value| *value == values[0]) {
                continue;
            }
            match MEANT_TO_DIFFER.iter().find(|(pattern, _)| covers(pattern, path)) {
                Some((pattern, _)) => drop(used.insert(*pattern)),
                None => unmeant.push(format!("{stack}: {path}: {values:?}")),
            }
        }
    }
    assert!(unmeant.is_empty(), "{}", unmeant.join("\n"));
    let idle: Vec<&str> = MEANT_TO_DIFFER
        .iter()
        .map(|(pattern, _)| *pattern)
        .filter(|pattern| !used.contains(pattern))
        .collect();
    assert!(idle.is_empty(), "nothing differs in {idle:?}");
}

#[test]
fn waivers_have_a_reason_and_an_end() {
    let mut pending = ["modules", "environments"]
        .map(|folder| workspace().join(folder))
        .to_vec();
    let mut seen = 0;
    while let Some(dir) = pending.pop() {
        for path in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            for line in fs::read_to_string(&path).unwrap().lines() {
                assert!(
                    !line.contains("checkov:skip"),
                    "{}: {line}: it never ends",
                    path.display()
                );
                let Some((_, waiver)) = line.split_once("tf-gate:ignore ") else {
                    continue;
                };
                seen += 1;
                let (head, reason) = waiver.split_once(": ").unwrap_or((waiver, ""));
                let until = head.split_once(" until ").map(|(_, date)| date.len());
                assert!(
                    until == Some(10) && reason.len() > 20,
                    "{}: {line}",
                    path.display()
                );
            }
        }
    }
    assert!(seen > 0, "the search finds none");
}

/// A copy of modules and environments, as in the repository.
fn copies(group: &str) -> Result<PathBuf> {
    for folder in ["modules", "environments"] {
        terraform::copy(&workspace().join(folder), group, folder)?;
    }
    Ok(Path::new(env!("CARGO_TARGET_TMPDIR")).join(group))
}

fn run(terraform: &Terraform, dir: &Path, arguments: &Arguments, args: &[&str]) -> Result<String> {
    let mut all = args.to_vec();
    all.push("-no-color");
    if args[0] != "output" {
        all.push("-input=false");
    }
    if matches!(args[0], "plan" | "apply" | "destroy") {
        all.extend(arguments.plan.iter().map(String::as_str));
    }
    let output = terraform.command(dir, arguments).args(&all).output()?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "terraform {} in {}:\n{stdout}{stderr}",
            all.join(" "),
            dir.display()
        );
    }
    Ok(stdout)
}

/// Every root plans without AWS: nothing has to exist first, and nobody is asked who we are.
#[test]
fn every_root_plans_offline() {
    let terraform = Terraform::find().unwrap();
    let copy = copies("offline").unwrap();
    let stacks = ENVIRONMENTS.iter().flat_map(|environment| {
        STACKS.map(|stack| (format!("{environment}/{stack}"), root(environment, stack)))
    });
    let account = ("account".to_owned(), workspace().join("environments/account"));
    let roots: Vec<(String, PathBuf)> = stacks.chain([account]).collect();
    let plan = |name: &str, source: &Path| -> Result<()> {
        let dir = copy.join("environments").join(name);
        let aliases: Vec<String> = configuration(source)["providers.tf"]
            .lines()
            .filter_map(|line| line.trim().strip_prefix("alias")?.trim().strip_prefix('='))
            .map(|alias| format!("alias = {}", alias.trim()))
            .collect();
        let mut text = "terraform {\n  backend \"local\" {}\n}\n".to_owned();
        for alias in [String::new()].iter().chain(&aliases) {
            // Asking for the account's id is what allowed_account_ids is for; it is the one thing that needs AWS.
            let account = if name == "account" {
                "allowed_account_ids = null"
            } else {
                ""
            };
            text.push_str(&format!(
                "provider \"aws\" {{\n  {alias}\n  {account}\n  skip_credentials_validation = true\n  \
                 skip_metadata_api_check = true\n  skip_requesting_account_id = true\n}}\n"
            ));
        }
        fs::write(dir.join("offline_override.tf"), text)?;
        // Nobody listens there: a call of AWS would fail.
        let arguments = Arguments {
            environment: emulator::environment("http://127.0.0.1:9"),
            plan: Vec::new(),
        };
        run(&terraform, &dir, &arguments, &["init"])?;
        let shown = run(&terraform, &dir, &arguments, &["plan"])?;
        let summary = shown.lines().find(|line| line.starts_with("Plan: "));
        let summary = summary.with_context(|| format!("{name}: no plan"))?;
        match summary.ends_with(" to add, 0 to change, 0 to destroy.") {
            true => Ok(()),
            false => bail!("{name}: {summary}"),
        }
    };
    let (even, odd): (Vec<_>, Vec<_>) = roots.iter().enumerate().partition(|(index, _)| index % 2 == 0);
    thread::scope(|scope| {
        let halves = [even, odd].map(|half| {
            let plan = &plan;
            scope.spawn(move || half.iter().try_for_each(|(_, (name, source))| plan(name, source)))
        });
        for half in halves {
            half.join().unwrap().unwrap();
        }
    });
}

/// `dev/<stack>` in an account of its own: made, planned again without a change, and gone. What the emulator cannot hold is
/// left out by the files in `tests/emulated/overlay`, which say why.
fn lives_in_an_account(stack: &str) -> Result<()> {
    let terraform = Terraform::find()?;
    let emulator = Emulator::start()?;
    let group = format!("emulated-{stack}");
    let copy = copies(&group)?;
    let emulated = workspace().join("tests/emulated");
    terraform::copy_folder(&emulated.join("overlay"), &copy)?;
    let prerequisites = terraform::copy(&emulated.join("prerequisites"), &group, "prerequisites")?;
    let mut arguments = Arguments {
        environment: emulator::environment(emulator.url()),
        plan: Vec::new(),
    };
    run(&terraform, &prerequisites, &arguments, &["init"])?;
    run(
        &terraform,
        &prerequisites,
        &arguments,
        &["apply", "-auto-approve"],
    )?;
    let zone = run(
        &terraform,
        &prerequisites,
        &arguments,
        &["output", "-raw", "zone_id"],
    )?;
    let dir = copy.join("environments/dev").join(stack);
    if configuration(&dir)["variables.tf"].contains("variable \"domain\"") {
        let domain = format!("domain={{name=\"dev.{stack}.example.com\",zone_id=\"{zone}\"}}");
        arguments.plan = vec!["-var".to_owned(), domain];
    }
    run(&terraform, &dir, &arguments, &["init"])?;
    run(&terraform, &dir, &arguments, &["apply", "-auto-approve"])?;
    // 2, a failure, would be a change.
    let again = run(&terraform, &dir, &arguments, &["plan", "-detailed-exitcode"])?;
    if !again.contains("No changes.") {
        bail!("{stack} changes when it is planned again:\n{again}");
    }
    nothing_has_drifted(&dir, &arguments).with_context(|| stack.to_owned())?;
    run(&terraform, &dir, &arguments, &["destroy", "-auto-approve"])?;
    let state: Json = serde_json::from_slice(&fs::read(dir.join("terraform.tfstate"))?)?;
    match state["resources"].as_array().is_some_and(Vec::is_empty) {
        true => Ok(()),
        false => bail!("{stack} leaves {}", state["resources"]),
    }
}

/// Straight after an apply, nobody changed anything, whatever AWS says otherwise than the state. What the emulator loses is under
/// `ignore_changes` in the overlay.
fn nothing_has_drifted(dir: &Path, arguments: &Arguments) -> Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tf-drift"));
    command
        .args([
            "scan",
            ".",
            "--no-init",
            "--verbose",
            "--show-ignored",
            "--respect-ignore-changes",
        ])
        .current_dir(dir)
        .envs(arguments.environment.iter().map(|(name, value)| (name, value)));
    for value in arguments.plan.iter().filter(|argument| *argument != "-var") {
        command.args(["--var", value]);
    }
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) if text.contains("no drift") => Ok(()),
        code => bail!("tf-drift ends with {code:?}:\n{text}{errors}"),
    }
}

/// Side by side: most of their time is waiting, for a database above all.
#[test]
fn the_stacks_of_dev_live_in_an_account() {
    thread::scope(|scope| {
        let stacks = STACKS.map(|stack| scope.spawn(move || lives_in_an_account(stack)));
        for stack in stacks {
            stack.join().unwrap().unwrap();
        }
    });
}
