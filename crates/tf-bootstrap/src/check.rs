//! `tf-bootstrap check`: what is weak in the backend, how much it matters, and how it is mended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tf_cli::exit::Exit;
use tf_report::render::{Format, Options, render};
use tf_report::{Finding, Location, PolicyInfo, Problem, Report, Severity, Summary, Suppression, Verdict};

use crate::backend::desired::{BackendArgs, Desired};
use crate::backend::documents;
use crate::backend::item::{Item, RULES, Status, items};
use crate::backend::kind::{Kind, Place};
use crate::backend::observe::{Observed, observe};
use crate::backend::roots;
use crate::create::differences;
use crate::error::Error;
use crate::output::parse_format;
use crate::target::Context;

/// Judge the backend: what is weak, and how it is mended
///
/// Reads everything and changes nothing. Exits with 1 where something of at least the severity of --fail-on is weak, and with 2 where
/// something could not be read.
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) backend: BackendArgs,
    /// Fail on this severity and above; `none` never fails
    #[arg(long, value_name = "SEVERITY", env = "TF_BOOTSTRAP_FAIL_ON", value_parser = ["critical", "high", "medium", "low", "info", "none"], default_value = "low")]
    pub(crate) fail_on: String,
    /// Report what is right too
    #[arg(long)]
    pub(crate) all: bool,
    /// Write one more report, as FORMAT=FILE; may be given several times, for one account
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub(crate) reports: Vec<(Format, PathBuf)>,
}

fn parse_report(text: &str) -> Result<(Format, PathBuf), String> {
    match text.split_once('=') {
        Some((format, file)) if !file.is_empty() => Ok((parse_format(format)?, file.into())),
        _ => Err("give it as FORMAT=FILE, for example sarif=backend.sarif".to_owned()),
    }
}

pub(crate) async fn run(args: CheckArgs, context: &Context) -> Result<Exit, Error> {
    let roots = roots::find(context)?;
    let desired = Desired::new(&args.backend, context, &roots)?;
    let observed = observe(&desired, &context.connection).await?;
    let report = judge(&desired, &observed, &context.title(), args.all);
    let output = &context.output;
    for (format, file) in &args.reports {
        let options = Options {
            color: false,
            width: 100,
            quiet: false,
            verbose: true,
            all: args.all,
        };
        std::fs::write(file, render(&report, *format, &options)).map_err(|source| Error::File {
            doing: "cannot write",
            path: file.clone(),
            source,
        })?;
    }
    let options = Options {
        color: output.color,
        width: 100,
        quiet: output.args.quiet,
        verbose: output.args.verbose,
        all: args.all,
    };
    output.add(&render(&report, output.args.format, &options));
    if report.summary.errors > 0 {
        return Ok(Exit::Failed);
    }
    let Some(least) = Severity::parse(&args.fail_on) else {
        return Ok(Exit::Clean);
    };
    let weak = report
        .findings
        .iter()
        .any(|finding| finding.result == Verdict::Failed && finding.severity >= least);
    Ok(if weak { Exit::Findings } else { Exit::Clean })
}

/// The verdicts on a backend. What a place that is not there lacks is not counted beside its absence.
fn judge(desired: &Desired, observed: &Observed, title: &str, all: bool) -> Report {
    let mut findings = Vec::new();
    let items = items(desired, observed);
    for item in &items {
        let absent = item.kind != Kind::Exists && !observed.exists(item.place);
        if absent || is_unread(observed, item) {
            continue;
        }
        findings.push(verdict(item));
        findings.extend(others(item));
    }
    findings.extend(dangerous_rules(desired, observed));
    if !desired.bucket_policy {
        findings.push(left_out(desired));
    }
    let places: BTreeSet<Place> = items.iter().map(|item| item.place).collect();
    let count = |verdict| {
        findings
            .iter()
            .filter(|(finding, _)| finding.result == verdict)
            .count()
    };
    let summary = Summary {
        passed: count(Verdict::Passed),
        failed: count(Verdict::Failed),
        unknown: 0,
        skipped: count(Verdict::Skipped),
        resources: places.len(),
        files: 0,
        policies: findings
            .iter()
            .map(|(finding, _)| &finding.policy)
            .collect::<BTreeSet<_>>()
            .len(),
        errors: observed.unread.len(),
    };
    findings.retain(|(finding, _)| all || finding.result == Verdict::Failed);
    findings.sort_by(|(a, _), (b, _)| (&a.address, &a.policy).cmp(&(&b.address, &b.policy)));
    let (findings, policies): (Vec<Finding>, Vec<PolicyInfo>) = findings.into_iter().unzip();
    Report {
        tool: "tf-bootstrap".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary,
        roots: vec![title.to_owned()],
        unread: observed.unread.len(),
        policies: findings
            .iter()
            .zip(policies)
            .map(|(finding, info)| (finding.policy.clone(), info))
            .collect::<BTreeMap<_, _>>(),
        findings,
        problems: observed
            .unread
            .iter()
            .map(|error| Problem {
                error: true,
                location: nowhere(),
                column: 0,
                message: error.to_string(),
                snippet: None,
                called_from: Vec::new(),
            })
            .collect(),
        compliance: Vec::new(),
    }
}

/// A part about which we were told nothing, or not with what it is to be compared: no verdict then.
fn is_unread(observed: &Observed, item: &Item) -> bool {
    let closed = |subject: &str| observed.unread.iter().any(|error| error.resource == subject);
    let hidden_key = item.awaits_key()
        && observed
            .unread
            .iter()
            .any(|error| error.operation == "DescribeKey");
    let told = observed.fact(item.place, item.kind).is_some();
    hidden_key
        || match item.kind {
            Kind::Exists => item.status() == Status::Missing && closed(&item.subject),
            _ => !told && !observed.unread.is_empty(),
        }
}

fn nowhere() -> Location {
    Location {
        file: String::new(),
        in_repository: String::new(),
        lines: (0, 0),
    }
}

fn finding(item: &Item, policy: String, severity: Severity, result: Verdict, message: String) -> Finding {
    let fingerprint: String = Sha256::digest(format!("{policy} {}", item.subject).as_bytes())
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Finding {
        policy,
        severity,
        result,
        address: item.subject.clone(),
        ty: item.place.resource_type().to_owned(),
        root: ".".to_owned(),
        location: nowhere(),
        attribute: None,
        attribute_location: None,
        message,
        reason: None,
        called_from: Vec::new(),
        fingerprint,
        suppression: None,
        change: None,
        snippet: None,
    }
}

fn verdict(item: &Item) -> (Finding, PolicyInfo) {
    let words = item.kind.words(item.place);
    let status = item.status();
    let message = match (status, item.kind) {
        (Status::Right, _) => format!("{}: as it is to be", words.name),
        (Status::Missing, Kind::Exists) => format!("the {} is missing", item.place.noun()),
        (Status::Missing, _) => format!("{}: there is none", words.name),
        (Status::Differs, _) => format!("{}: {}", words.name, differences(item)),
    };
    let result = match status {
        Status::Right => Verdict::Passed,
        _ => Verdict::Failed,
    };
    let info = PolicyInfo {
        title: format!("{}: {}", item.place.noun(), words.name),
        why: words.why.to_owned(),
        fix: remedy(item),
        ..PolicyInfo::default()
    };
    (
        finding(item, item.kind.id(item.place), words.severity, result, message),
        info,
    )
}

fn remedy(item: &Item) -> String {
    let differences = item.differences();
    let lacks = |name: &str| differences.iter().any(|one| one.path == name && one.is.is_null());
    let what = match (item.kind, item.status()) {
        (Kind::Exists, _) => "makes it",
        (_, Status::Missing) => "adds it",
        (Kind::Policy | Kind::Trust, _) if differences.iter().all(|one| one.is.is_null()) => {
            "adds what is missing"
        }
        _ => "puts it right",
    };
    let first = match item.kind {
        Kind::KeyState => "At once, before the key is gone: ",
        // What older versions made has no such statement.
        Kind::Policy if lacks(documents::WRITE_RECORDS) => {
            "Without WriteRecords `tf-gate apply` cannot write its records beside the states: "
        }
        _ => "",
    };
    format!("{first}tf-bootstrap create {what}; --dry-run shows the steps.")
}

/// What somebody else has written beside what is asked for.
fn others(item: &Item) -> Option<(Finding, PolicyInfo)> {
    if item.kind != Kind::Policy || item.notes.is_empty() {
        return None;
    }
    let info = PolicyInfo {
        title: format!("statements of others in the policy of the {}", item.place.noun()),
        why: "A statement that nobody remembers may let in whom nobody expects.".to_owned(),
        fix: "Look whether each is still needed, and remove it where it is not: tf-bootstrap keeps what it did not write.".to_owned(),
        ..PolicyInfo::default()
    };
    let policy = format!("{}-others", item.kind.id(item.place));
    Some((
        finding(
            item,
            policy,
            Severity::Low,
            Verdict::Failed,
            item.notes.join("; "),
        ),
        info,
    ))
}

/// Rules of others that remove current objects: states among them.
fn dangerous_rules(desired: &Desired, observed: &Observed) -> Vec<(Finding, PolicyInfo)> {
    let rules = observed
        .fact(Place::State, Kind::Lifecycle)
        .and_then(Value::as_array);
    let dangerous: Vec<&str> = rules
        .into_iter()
        .flatten()
        .filter(|rule| {
            rule["status"] == "Enabled"
                && (rule.get("expire_days").is_some() || rule.get("expire_date").is_some())
        })
        .filter_map(|rule| rule.get("id").and_then(Value::as_str))
        .filter(|id| !id.starts_with(RULES))
        .collect();
    let Some(item) = items(desired, observed)
        .into_iter()
        .find(|item| (item.place, item.kind) == (Place::State, Kind::Lifecycle))
        .filter(|_| !dangerous.is_empty())
    else {
        return Vec::new();
    };
    let info = PolicyInfo {
        title: "no rule removes states".to_owned(),
        why: "A state that is not written for a while is not out of use: the rule removes it, and the next plan makes everything anew.".to_owned(),
        fix: format!(
            "Remove the rule: aws s3api get-bucket-lifecycle-configuration --bucket {}, and put it back without it.",
            desired.bucket
        ),
        ..PolicyInfo::default()
    };
    let message = format!("lifecycle rules remove current objects: {}", dangerous.join(", "));
    vec![(
        finding(
            &item,
            "state-lifecycle-removes-states".to_owned(),
            Severity::Critical,
            Verdict::Failed,
            message,
        ),
        info,
    )]
}

/// The bucket policy was not to be there: that is said, and is not a pass.
fn left_out(desired: &Desired) -> (Finding, PolicyInfo) {
    let item = Item {
        place: Place::State,
        kind: Kind::Policy,
        subject: format!("bucket {}", desired.bucket),
        wanted: Value::Null,
        seen: None,
        notes: Vec::new(),
    };
    let words = item.kind.words(item.place);
    let mut finding = finding(
        &item,
        item.kind.id(item.place),
        words.severity,
        Verdict::Skipped,
        "the policy was not judged".to_owned(),
    );
    finding.suppression = Some(Suppression {
        kind: "flag",
        reason: Some("--no-bucket-policy".to_owned()),
        until: None,
        owner: None,
    });
    let info = PolicyInfo {
        title: format!("policy of the {}", item.place.noun()),
        why: words.why.to_owned(),
        fix: "Leave --no-bucket-policy out.".to_owned(),
        ..PolicyInfo::default()
    };
    (finding, info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::documents_tests::github;
    use crate::backend::item::role_documents;

    /// The role that a version made which knew no records.
    #[test]
    fn a_statement_that_an_older_version_did_not_write_is_named_and_who_adds_it() {
        let (desired, _) = github();
        let mut observed = Observed::default();
        let (_, mut policy) = role_documents(&desired, &observed, Place::ApplyRole).unwrap();
        let statements = policy["Statement"].as_array_mut().unwrap();
        statements.retain(|statement| statement["Sid"] != documents::WRITE_RECORDS);
        for (kind, value) in [(Kind::Exists, true.into()), (Kind::Policy, policy)] {
            observed.facts.insert((Place::ApplyRole, kind), value);
        }
        let report = judge(&desired, &observed, "account", false);
        let id = Kind::Policy.id(Place::ApplyRole);
        let finding = report
            .findings
            .iter()
            .find(|finding| finding.policy == id)
            .unwrap();
        assert_eq!(finding.message, "policy: WriteRecords: is missing");
        let fix = &report.policies[&id].fix;
        assert!(
            fix.starts_with("Without WriteRecords")
                && fix.contains("tf-bootstrap create adds what is missing"),
            "{fix}"
        );
    }
}
