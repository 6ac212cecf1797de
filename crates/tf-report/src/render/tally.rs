//! Counts that several renderers show.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::finding::{info, is_fixed, service, verdict, with_verdict};
use crate::{Compliance, Control, Finding, Report, Severity, Summary, Verdict};

/// Verdicts of one severity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SeverityCounts {
    pub(super) severity: Severity,
    pub(super) failed: usize,
    pub(super) unknown: usize,
    pub(super) skipped: usize,
}

/// One entry for each severity that has a failed, unknown or skipped finding, the worst first.
pub(super) fn by_severity(report: &Report) -> Vec<SeverityCounts> {
    let mut counts = Severity::ALL.map(|severity| SeverityCounts {
        severity,
        failed: 0,
        unknown: 0,
        skipped: 0,
    });
    for finding in &report.findings {
        let Some(of_severity) = counts.iter_mut().find(|of| of.severity == finding.severity) else {
            continue;
        };
        match verdict(finding) {
            Verdict::Failed => of_severity.failed += 1,
            Verdict::Unknown => of_severity.unknown += 1,
            Verdict::Skipped => of_severity.skipped += 1,
            Verdict::Passed => {}
        }
    }
    counts
        .into_iter()
        .filter(|of| of.failed + of.unknown + of.skipped > 0)
        .collect()
}

/// Failures that have something in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Failures<'a> {
    /// What they have in common: a policy's id, a service, a framework.
    pub(super) name: &'a str,
    pub(super) count: usize,
    /// The worst of them.
    pub(super) severity: Severity,
}

/// Failures by policy, the most failing first.
pub(super) fn by_policy(report: &Report) -> Vec<Failures<'_>> {
    failures_by(report, |finding| [finding.policy.as_str()])
}

/// Failures by their policy's service, the most failing first.
pub(super) fn by_service(report: &Report) -> Vec<Failures<'_>> {
    failures_by(report, |finding| [service(&finding.policy)])
}

/// Failures by framework, the most failing first; one whose policy stands for several frameworks counts in
/// each.
pub(super) fn by_framework(report: &Report) -> Vec<Failures<'_>> {
    failures_by(report, |finding| {
        info(report, finding).frameworks.keys().map(String::as_str)
    })
}

fn failures_by<'a, Names>(report: &'a Report, names: impl Fn(&'a Finding) -> Names) -> Vec<Failures<'a>>
where
    Names: IntoIterator<Item = &'a str>,
{
    let mut counts: BTreeMap<&str, Failures<'a>> = BTreeMap::new();
    for finding in with_verdict(report, Verdict::Failed) {
        for name in names(finding) {
            let none = Failures {
                name,
                count: 0,
                severity: finding.severity,
            };
            let failures = counts.entry(name).or_insert(none);
            failures.count += 1;
            failures.severity = failures.severity.max(finding.severity);
        }
    }
    let mut sorted: Vec<Failures<'_>> = counts.into_values().collect();
    sorted.sort_by_key(|failures| (Reverse(failures.count), Reverse(failures.severity)));
    sorted
}

/// How a control stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Standing {
    /// A policy that stands for it fails.
    Fails,
    /// None fails, but something is not known.
    Unknown,
    /// All that fails is accepted.
    Accepted,
    /// All hold.
    Holds,
    /// Nothing was judged.
    NotJudged,
}

impl Standing {
    /// All, what needs attention first.
    pub(super) const ALL: [Standing; 5] = [
        Standing::Fails,
        Standing::Unknown,
        Standing::Accepted,
        Standing::Holds,
        Standing::NotJudged,
    ];

    /// How the control stands.
    pub(super) fn of(control: &Control) -> Standing {
        match control {
            Control { failed: 1.., .. } => Standing::Fails,
            Control { unknown: 1.., .. } => Standing::Unknown,
            Control { skipped: 1.., .. } => Standing::Accepted,
            Control { passed: 1.., .. } => Standing::Holds,
            _ => Standing::NotJudged,
        }
    }

    /// For people: `fails`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Standing::Fails => "fails",
            Standing::Unknown => "not known",
            Standing::Accepted => "accepted",
            Standing::Holds => "holds",
            Standing::NotJudged => "not judged",
        }
    }
}

/// How many of the framework's controls stand how, in the order of [`Standing::ALL`].
pub(super) fn standings(compliance: &Compliance) -> [(Standing, usize); 5] {
    Standing::ALL.map(|standing| {
        (
            standing,
            compliance
                .controls
                .iter()
                .filter(|control| Standing::of(control) == standing)
                .count(),
        )
    })
}

/// `12 controls: 2 fails, 9 holds, 1 not judged`, without those that are none.
pub(super) fn describe_standings(compliance: &Compliance) -> String {
    let counts: Vec<String> = standings(compliance)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(standing, count)| match (standing, count) {
            (Standing::Fails, 2..) => format!("{count} fail"),
            (Standing::Holds, 2..) => format!("{count} hold"),
            _ => format!("{count} {}", standing.as_str()),
        })
        .collect();
    let controls = count(compliance.controls.len(), "control", "controls");
    if counts.is_empty() {
        controls
    } else {
        format!("{controls}: {}", counts.join(", "))
    }
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What was looked at and what came of it, in one line.
pub(super) fn coverage(report: &Report) -> String {
    let Summary {
        passed,
        failed,
        unknown,
        skipped,
        resources,
        files,
        policies,
        errors: _,
    } = report.summary;
    let looked_at = format!(
        "{}, {} judged against {}",
        count(files, "file", "files"),
        count(resources, "resource", "resources"),
        count(policies, "policy", "policies"),
    );
    let mut line =
        format!("{looked_at}: {passed} passed, {failed} failed, {unknown} unknown, {skipped} skipped");
    if report.unread > 0 {
        line.push_str(&format!("; {} not read", report.unread));
    }
    line
}

/// `2 failed, 1 unknown, 1 error` for a heading; `None` where there is nothing to act on. What is counted and
/// what is listed should agree; where they do not, the worse is believed.
pub(super) fn headline(report: &Report) -> Option<String> {
    let listed = |wanted| with_verdict(report, wanted).count();
    let errors = report
        .problems
        .iter()
        .filter(|problem| problem.error)
        .count()
        .max(report.summary.errors);
    let parts: Vec<String> = [
        (listed(Verdict::Failed).max(report.summary.failed), "failed"),
        (listed(Verdict::Unknown).max(report.summary.unknown), "unknown"),
        (errors, if errors == 1 { "error" } else { "errors" }),
        (if errors == 0 { report.unread } else { 0 }, "not read"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What to say where nothing failed, nothing is unknown and everything could be read.
pub(super) fn all_clear(report: &Report) -> &'static str {
    let judged = report.summary.passed + report.summary.skipped > 0;
    match (
        report.summary.resources,
        judged,
        report.findings.iter().any(is_fixed),
    ) {
        (0, false, _) => "Nothing was judged: there are no resources here.",
        (_, false, false) => "Nothing was judged: no policy is about what was found here.",
        _ => "All clear: nothing failed, and nothing is unknown.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn failures_are_counted_by_what_they_share() {
        let report = sample::rich();
        let policies: Vec<(&str, usize)> = by_policy(&report)
            .iter()
            .map(|failures| (failures.name, failures.count))
            .collect();
        assert_eq!(
            policies[0].1,
            policies.iter().map(|(_, count)| *count).max().unwrap()
        );
        let failed = report
            .findings
            .iter()
            .filter(|finding| finding.result == Verdict::Failed)
            .count();
        assert_eq!(policies.iter().map(|(_, count)| count).sum::<usize>(), failed);
        assert_eq!(
            by_service(&report)
                .iter()
                .map(|failures| failures.count)
                .sum::<usize>(),
            failed
        );
        assert!(
            by_framework(&report)
                .iter()
                .any(|failures| failures.name == "soc2")
        );
    }

    #[test]
    fn a_control_fails_before_it_is_unknown_before_it_holds() {
        let control = |passed, failed, unknown, skipped| Control {
            control: "CC6.1".to_owned(),
            policies: Vec::new(),
            passed,
            failed,
            unknown,
            skipped,
        };
        for (control, expected) in [
            (control(1, 1, 1, 1), Standing::Fails),
            (control(1, 0, 1, 1), Standing::Unknown),
            (control(1, 0, 0, 1), Standing::Accepted),
            (control(1, 0, 0, 0), Standing::Holds),
            (control(0, 0, 0, 0), Standing::NotJudged),
        ] {
            assert_eq!(Standing::of(&control), expected);
        }
    }

    #[test]
    fn what_was_not_read_is_never_all_clear() {
        let mut report = sample::empty();
        assert_eq!(headline(&report), None);
        report.unread = 2;
        assert_eq!(headline(&report).as_deref(), Some("2 not read"));
        report.summary.errors = 1;
        assert_eq!(headline(&report).as_deref(), Some("1 error"));
    }

    #[test]
    fn coverage_is_one_line() {
        let mut report = sample::empty();
        assert_eq!(
            coverage(&report),
            "12 files, 48 resources judged against 118 policies: 301 passed, 0 failed, 0 unknown, 0 skipped"
        );
        report.unread = 1;
        report.summary = Summary {
            files: 1,
            resources: 1,
            policies: 1,
            ..Summary::default()
        };
        assert_eq!(
            coverage(&report),
            "1 file, 1 resource judged against 1 policy: 0 passed, 0 failed, 0 unknown, 0 skipped; 1 not read"
        );
    }
}
