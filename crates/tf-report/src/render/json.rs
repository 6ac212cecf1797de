//! `plumbline.check/1`: what scripts may rely on. Keys are added, never renamed or dropped.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::Options;
use super::finding::{info, is_fixed, is_open};
use crate::{Compliance, Finding, Location, Problem, Report, Severity, Summary, Suppression, Verdict};

/// Name and version of the document's shape.
const SCHEMA: &str = "plumbline.check/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: &'a str,
    version: &'a str,
    summary: &'a Summary,
    findings: Vec<FindingEntry<'a>>,
    errors: Vec<ProblemEntry<'a>>,
    warnings: Vec<ProblemEntry<'a>>,
    roots: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    compliance: &'a [Compliance],
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    policy: &'a str,
    checkov: &'a [String],
    severity: Severity,
    result: Verdict,
    address: &'a str,
    #[serde(rename = "type")]
    ty: &'a str,
    #[serde(flatten)]
    place: PlaceEntry<'a>,
    attribute: Option<&'a str>,
    message: &'a str,
    fix: &'a str,
    called_from: &'a [Location],
    frameworks: &'a BTreeMap<String, Vec<String>>,
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    root: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<&'a Suppression>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<&'a str>,
}

#[derive(Serialize)]
struct ProblemEntry<'a> {
    #[serde(flatten)]
    place: PlaceEntry<'a>,
    message: &'a str,
}

/// Both null where it is nowhere in a file.
#[derive(Serialize)]
struct PlaceEntry<'a> {
    file: Option<&'a str>,
    lines: Option<(u32, u32)>,
}

/// The report as `plumbline.check/1`.
pub(super) fn render(report: &Report, options: &Options) -> String {
    let wanted = |finding: &&Finding| options.all || is_open(finding) || is_fixed(finding);
    let problems = |error: bool| {
        report
            .problems
            .iter()
            .filter(move |problem| problem.error == error)
    };
    document(&Document {
        schema: SCHEMA,
        tool: &report.tool,
        version: &report.version,
        summary: &report.summary,
        findings: report
            .findings
            .iter()
            .filter(wanted)
            .map(|finding| entry(report, finding))
            .collect(),
        errors: problems(true).map(problem_entry).collect(),
        warnings: problems(false).map(problem_entry).collect(),
        roots: &report.roots,
        compliance: &report.compliance,
    })
}

/// An entry of a list, as its own JSON.
pub type Entry = serde_json::Result<Box<RawValue>>;

/// The findings of a report as in `plumbline.check/1`, for documents that hold them too; each is made when it is asked for.
pub fn findings(report: &Report) -> impl Iterator<Item = Entry> {
    let findings = report.findings.iter();
    findings.map(|finding| to_raw_value(&entry(report, finding)))
}

/// Errors and warnings, in the same way.
pub fn problems(report: &Report) -> impl Iterator<Item = Entry> {
    let problems = report.problems.iter();
    problems.map(|problem| to_raw_value(&problem_entry(problem)))
}

fn entry<'a>(report: &'a Report, finding: &'a Finding) -> FindingEntry<'a> {
    let info = info(report, finding);
    FindingEntry {
        policy: &finding.policy,
        checkov: &info.checkov,
        severity: finding.severity,
        result: finding.result,
        address: &finding.address,
        ty: &finding.ty,
        place: place_entry(&finding.location),
        attribute: finding.attribute.as_deref(),
        message: &finding.message,
        fix: &info.fix,
        called_from: &finding.called_from,
        frameworks: &info.frameworks,
        fingerprint: &finding.fingerprint,
        reason: finding.reason.as_deref(),
        root: &finding.root,
        title: &info.title,
        suppression: finding.suppression.as_ref(),
        change: finding.change.as_deref(),
    }
}

fn problem_entry(problem: &Problem) -> ProblemEntry<'_> {
    ProblemEntry {
        place: place_entry(&problem.location),
        message: &problem.message,
    }
}

fn place_entry(location: &Location) -> PlaceEntry<'_> {
    let known = !location.file.is_empty();
    PlaceEntry {
        file: known.then_some(&location.file),
        lines: known.then_some(location.lines),
    }
}

/// A document in JSON, indented, ending with a line feed. What cannot be written (nothing here can: all keys
/// are strings) becomes a document that says so, never an empty one.
pub(super) fn document(document: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(document)
        .unwrap_or_else(|error| json!({ "errors": [{ "message": error.to_string() }] }).to_string());
    text + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::render::sample;

    fn parsed(report: &Report, all: bool) -> Value {
        serde_json::from_str(&render(
            report,
            &Options {
                all,
                ..Options::default()
            },
        ))
        .unwrap()
    }

    fn keys(value: &Value) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn keys_stand_in_the_promised_order() {
        let report = sample::rich();
        let document = parsed(&report, true);
        assert_eq!(
            keys(&document),
            [
                "schema",
                "tool",
                "version",
                "summary",
                "findings",
                "errors",
                "warnings",
                "roots",
                "compliance"
            ]
        );
        assert_eq!(
            keys(&document["summary"]),
            [
                "passed",
                "failed",
                "unknown",
                "skipped",
                "resources",
                "files",
                "policies",
                "errors"
            ]
        );
        let promised = [
            "policy",
            "checkov",
            "severity",
            "result",
            "address",
            "type",
            "file",
            "lines",
            "attribute",
            "message",
            "fix",
            "called_from",
            "frameworks",
            "fingerprint",
        ];
        for finding in document["findings"].as_array().unwrap() {
            assert_eq!(keys(finding)[..promised.len()], promised);
        }
        assert_eq!(keys(&document["errors"][0]), ["file", "lines", "message"]);
    }

    #[test]
    fn without_all_only_what_is_open_or_fixed_is_listed() {
        let report = sample::rich();
        for finding in parsed(&report, false)["findings"].as_array().unwrap() {
            let is_open = finding["result"] == "failed" || finding["result"] == "unknown";
            assert!(is_open || finding["change"] == "fixed", "{finding}");
        }
        assert_eq!(
            parsed(&report, true)["findings"].as_array().unwrap().len(),
            report.findings.len()
        );
    }

    #[test]
    fn what_is_nowhere_has_no_file() {
        let mut report = sample::rich();
        report.findings.truncate(1);
        report.findings[0].location.file.clear();
        report.findings[0].attribute = None;
        let document = parsed(&report, true);
        assert_eq!(document["findings"][0]["file"], Value::Null);
        assert_eq!(document["findings"][0]["lines"], Value::Null);
        assert_eq!(document["findings"][0]["attribute"], Value::Null);
    }
}
