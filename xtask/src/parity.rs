//! `cargo xtask parity --checkov PATH...`: our verdicts beside Checkov's, by check, and both times.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tabled::builder::Builder;
use tabled::settings::Style;

use crate::shell::{self, Measured};

/// A check, a file and a resource block.
type Key = (String, String, String);

pub(crate) fn run(args: &[String]) -> Result<bool> {
    let (verbose, rest): (Vec<&String>, Vec<&String>) = args.iter().partition(|arg| *arg == "--verbose");
    let [flag, paths @ ..] = rest.as_slice() else {
        bail!("usage: cargo xtask parity --checkov [--verbose] PATH...");
    };
    if *flag != "--checkov" || paths.is_empty() {
        bail!("usage: cargo xtask parity --checkov [--verbose] PATH...");
    }
    let checkov = shell::checkov()?;
    let tf_gate = shell::tf_gate()?;
    let known = known_ids(&tf_gate)?;
    for path in paths {
        compare(Path::new(path), &checkov, &tf_gate, &known, !verbose.is_empty())?;
    }
    Ok(true)
}

/// Ids of Checkov that our policies know.
fn known_ids(tf_gate: &Path) -> Result<BTreeSet<String>> {
    let listed = shell::measure(Command::new(tf_gate).args(["policies", "list", "--format", "json"]))?;
    let json: Value = serde_json::from_str(&listed.output)?;
    let ids = json["policies"].as_array().into_iter().flatten();
    Ok(ids.flat_map(|policy| strings(&policy["checkov"])).collect())
}

fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Runs Checkov offline on a folder.
pub(crate) fn run_checkov(checkov: &Path, path: &Path) -> Result<Measured> {
    let mut command = Command::new(checkov);
    command.args([
        "--framework",
        "terraform",
        "--compact",
        "--skip-download",
        "-o",
        "json",
        "-d",
    ]);
    shell::measure(command.arg(path))
}

fn compare(
    path: &Path,
    checkov: &Path,
    tf_gate: &Path,
    known: &BTreeSet<String>,
    verbose: bool,
) -> Result<()> {
    let path = path
        .canonicalize()
        .with_context(|| format!("{} is not there", path.display()))?;
    println!(
        "\n{}",
        path.file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default()
    );
    let theirs_run = run_checkov(checkov, &path)?;
    let ours_run = shell::measure(
        Command::new(tf_gate)
            .args([
                "check",
                "--all",
                "--each-module",
                "--allow-missing-modules",
                "--format",
                "json",
            ])
            .arg(&path),
    )?;
    let theirs = checkov_verdicts(&theirs_run.output, known)?;
    let ours = our_verdicts(&ours_run.output)?;
    print_agreement(&theirs, &ours, verbose);
    println!(
        "time: Checkov {:.2} s, tf-gate {:.3} s: {:.0} times faster",
        theirs_run.time.as_secs_f64(),
        ours_run.time.as_secs_f64(),
        theirs_run.time.as_secs_f64() / ours_run.time.as_secs_f64()
    );
    Ok(())
}

fn checkov_verdicts(output: &str, known: &BTreeSet<String>) -> Result<BTreeMap<Key, BTreeSet<&'static str>>> {
    let json: Value = serde_json::from_str(output).context("Checkov's output is not JSON")?;
    // One document, or a list of one for each framework.
    let documents = match json {
        Value::Array(documents) => documents,
        other => vec![other],
    };
    let mut verdicts: BTreeMap<Key, BTreeSet<&'static str>> = BTreeMap::new();
    for document in &documents {
        for (list, verdict) in [
            ("passed_checks", "passed"),
            ("failed_checks", "failed"),
            ("skipped_checks", "skipped"),
        ] {
            for check in document["results"][list].as_array().into_iter().flatten() {
                let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
                let id = text("check_id");
                if known.contains(&id) {
                    let file = text("file_path").trim_start_matches('/').to_owned();
                    verdicts
                        .entry((id, file, block_of(&text("resource"))))
                        .or_default()
                        .insert(verdict);
                }
            }
        }
    }
    Ok(verdicts)
}

fn our_verdicts(output: &str) -> Result<BTreeMap<Key, BTreeSet<String>>> {
    let json: Value = serde_json::from_str(output).context("tf-gate's output is not JSON")?;
    let mut verdicts: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    for finding in json["findings"].as_array().into_iter().flatten() {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        for id in strings(&finding["checkov"]) {
            let key = (id, text("file"), block_of(&text("address")));
            verdicts.entry(key).or_default().insert(text("result"));
        }
    }
    Ok(verdicts)
}

/// The block of an address: without modules, keys and quotes, which both write in ways of their own.
fn block_of(address: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for character in address.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ if depth == 0 => out.push(character),
            _ => {}
        }
    }
    let parts: Vec<&str> = out.split('.').collect();
    let start = parts
        .iter()
        .rposition(|part| *part == "module")
        .map_or(0, |at| at + 2);
    // Checkov writes module calls, data sources and providers without saying what they are.
    match parts.get(start..) {
        Some([]) | None => parts.last().copied().unwrap_or_default().to_owned(),
        Some(["data", rest @ ..]) => rest.join("."),
        Some(["provider", name]) => format!("{name}.default"),
        Some(["provider", rest @ ..]) => rest.join("."),
        Some(rest) => rest.join("."),
    }
}

#[derive(Default)]
struct Tally {
    agree: usize,
    only_theirs: usize,
    unknown: usize,
    differ: Vec<String>,
}

fn print_agreement(
    theirs: &BTreeMap<Key, BTreeSet<&'static str>>,
    ours: &BTreeMap<Key, BTreeSet<String>>,
    verbose: bool,
) {
    let mut by_check: BTreeMap<&str, Tally> = BTreeMap::new();
    for (key, verdicts) in theirs {
        let tally = by_check.entry(&key.0).or_default();
        let Some(mine) = ours.get(key) else {
            tally.only_theirs += 1;
            tally.differ.push(format!(
                "{} {}: Checkov {verdicts:?}, we have no verdict",
                key.1, key.2
            ));
            continue;
        };
        // A block with several instances may have several verdicts: one in common is agreement.
        if mine.iter().any(|verdict| verdicts.contains(verdict.as_str())) {
            tally.agree += 1;
        } else if mine.iter().all(|verdict| verdict == "unknown") {
            tally.unknown += 1;
        } else {
            tally
                .differ
                .push(format!("{} {}: Checkov {verdicts:?}, we {mine:?}", key.1, key.2));
        }
    }
    let mut table = Builder::default();
    table.push_record([
        "check",
        "verdicts",
        "agree",
        "unknown to us",
        "no verdict",
        "differ",
    ]);
    let (mut total, mut agree) = (0, 0);
    for (check, tally) in &by_check {
        let differ = tally.differ.len() - tally.only_theirs;
        let count = tally.agree + tally.unknown + tally.differ.len();
        total += count;
        agree += tally.agree;
        let cells =
            [count, tally.agree, tally.unknown, tally.only_theirs, differ].map(|cell| cell.to_string());
        table.push_record(std::iter::once((*check).to_owned()).chain(cells));
    }
    println!("{}", table.build().with(Style::sharp()));
    if verbose {
        for (check, tally) in &by_check {
            tally.differ.iter().for_each(|line| println!("{check}: {line}"));
        }
    }
    println!("{agree} of {total} verdicts agree");
}
