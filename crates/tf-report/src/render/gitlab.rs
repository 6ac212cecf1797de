//! [GitLab's code quality
//! report](https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format): what fails, what is
//! not known and what could not be read, in the files where it is.

use serde::Serialize;

use super::finding::{Fingerprints, info, is_open, subject};
use super::json;
use super::place::Place;
use crate::{Finding, Problem, Report, Severity, Verdict};

/// GitLab shows nothing without a path; this is the repository.
const NOWHERE: &str = ".";

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: IssueLocation<'a>,
}

#[derive(Serialize)]
struct IssueLocation<'a> {
    path: &'a str,
    lines: IssueLines,
}

#[derive(Serialize)]
struct IssueLines {
    begin: u32,
    end: u32,
}

/// The report for GitLab's merge request widget.
pub(super) fn render(report: &Report) -> String {
    let mut fingerprints = Fingerprints::default();
    let open = report.findings.iter().filter(|finding| is_open(finding));
    let findings = open.map(|finding| of_finding(report, finding, fingerprints.distinct(finding)));
    let findings: Vec<Issue<'_>> = findings.collect();
    let problems = report
        .problems
        .iter()
        .enumerate()
        .map(|(index, problem)| of_problem(index, problem));
    json::document(&findings.into_iter().chain(problems).collect::<Vec<_>>())
}

fn of_finding<'a>(report: &'a Report, finding: &'a Finding, fingerprint: String) -> Issue<'a> {
    let subject = subject(report, finding);
    let mut parts = vec![info(report, finding).title.as_str(), &subject, &finding.message];
    parts.extend(finding.reason.as_deref());
    parts.retain(|part| !part.trim().is_empty());
    Issue {
        description: parts.join(": "),
        check_name: &finding.policy,
        fingerprint,
        severity: severity(finding),
        location: location(Place::of_finding(finding)),
    }
}

fn of_problem(index: usize, problem: &Problem) -> Issue<'_> {
    let check_name = if problem.error { "error" } else { "warning" };
    Issue {
        description: problem.message.clone(),
        check_name,
        fingerprint: format!("{check_name}-{}", index + 1),
        severity: if problem.error { "critical" } else { "minor" },
        location: location(Place::of_problem(problem)),
    }
}

/// What is not known is information, however bad it were.
fn severity(finding: &Finding) -> &'static str {
    match (finding.result, finding.severity) {
        (Verdict::Unknown, _) | (_, Severity::Info) => "info",
        (_, Severity::Low) => "minor",
        (_, Severity::Medium) => "major",
        (_, Severity::High) => "critical",
        (_, Severity::Critical) => "blocker",
    }
}

fn location(place: Option<Place<'_>>) -> IssueLocation<'_> {
    let (begin, end) = place.and_then(|place| place.lines).unwrap_or((1, 1));
    IssueLocation {
        path: place.map_or(NOWHERE, |place| place.in_repository),
        lines: IssueLines { begin, end },
    }
}
