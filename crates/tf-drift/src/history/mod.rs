//! What is known of findings from the scans before.
//!
//! Each scan, or shard of one, writes one file of its own and changes no other: shards that run side by side cannot harm each other.
//! A root's entry carries on what is remembered of it, so that the newest file with the root is enough.

mod bucket;
mod file;
mod prune;
pub(crate) mod store;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tf_cli::settings::Settings;
use tf_cli::settings::place::Place;
use tf_report::Severity;

use self::bucket::Objects;
use crate::finding::{Class, Finding, Resolved, RootReport, State, Status};
pub(crate) use file::{Entry, Header, Past, Result, finished, headers, leave, past, results_of};
pub(crate) use prune::prune;
pub(crate) use store::{Folder, Store};

/// How long results are kept, and how long is remembered that something was there which is gone, where nobody says otherwise.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long something is kept.
pub(crate) fn kept(settings: &Settings) -> SignedDuration {
    let own = settings
        .drift
        .keep
        .and_then(|keep| SignedDuration::try_from(keep).ok());
    own.unwrap_or(KEPT)
}

/// Where results are kept: what a flag names, else what the settings say; `None` where neither does.
///
/// # Errors
/// Where it is in S3, and there is no region.
pub(crate) fn open(named: Option<&Place>, settings: &Settings) -> anyhow::Result<Option<Box<dyn Store>>> {
    Ok(match named.or(settings.drift.history.as_ref()) {
        None => None,
        Some(Place::Folder(dir)) => Some(Box::new(Folder::new(dir))),
        Some(Place::S3(place)) => {
            let objects =
                Objects::open(place).with_context(|| format!("the history in {place} cannot be used"))?;
            Some(Box::new(objects))
        }
    })
}

/// How often something must come back to be flapping.
const RETURNS: u32 = 2;

/// What is remembered of a finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub(crate) subject: String,
    pub(crate) fingerprint: String,
    pub(crate) address: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) class: Class,
    pub(crate) severity: Severity,
    pub(crate) first_seen: String,
    pub(crate) last_seen: String,
    /// Whether the last scan that could look had it.
    pub(crate) there: bool,
    /// How often it came back.
    pub(crate) returns: u32,
}

/// Puts a root's findings beside what is remembered; gives what is to be remembered now.
pub(crate) fn compare(
    report: &mut RootReport,
    remembered: &[Remembered],
    at: &str,
    kept: SignedDuration,
) -> Vec<Remembered> {
    let before: BTreeMap<&str, &Remembered> = remembered
        .iter()
        .map(|entry| (entry.subject.as_str(), entry))
        .collect();
    let mut now = Vec::new();
    for finding in &mut report.findings {
        let entry = entry(finding, before.get(finding.subject.as_str()).copied(), at);
        now.push(entry);
    }
    let there: BTreeSet<&str> = report
        .findings
        .iter()
        .map(|finding| finding.subject.as_str())
        .collect();
    report.resolved = Vec::new();
    for gone in remembered
        .iter()
        .filter(|entry| !there.contains(entry.subject.as_str()))
    {
        if report.status == Status::Failed {
            // Nobody looked, or not everywhere: what was not seen is not resolved.
            now.push(gone.clone());
            continue;
        }
        if gone.there {
            report.resolved.push(Resolved {
                address: gone.address.clone(),
                ty: gone.ty.clone(),
                class: gone.class,
                severity: gone.severity,
                subject: gone.subject.clone(),
                first_seen: gone.first_seen.clone(),
                last_seen: gone.last_seen.clone(),
            });
        }
        if !is_forgotten(&gone.last_seen, at, kept) {
            now.push(Remembered {
                there: false,
                ..gone.clone()
            });
        }
    }
    report
        .resolved
        .sort_by(|a, b| (&a.address, &a.subject).cmp(&(&b.address, &b.subject)));
    now.sort_by(|a, b| a.subject.cmp(&b.subject));
    now
}

fn entry(finding: &mut Finding, before: Option<&Remembered>, at: &str) -> Remembered {
    let came_back = before.is_some_and(|before| !before.there);
    let returns = before.map_or(0, |before| before.returns) + u32::from(came_back);
    let same = before.is_some_and(|before| before.there && before.fingerprint == finding.fingerprint);
    finding.first_seen = before.map_or(at, |before| before.first_seen.as_str()).to_owned();
    finding.last_seen = at.to_owned();
    finding.state = match same {
        _ if returns >= RETURNS => State::Flapping,
        true => State::Ongoing,
        false => State::New,
    };
    Remembered {
        subject: finding.subject.clone(),
        fingerprint: finding.fingerprint.clone(),
        address: finding.address.clone(),
        ty: finding.ty.clone(),
        class: finding.class,
        severity: finding.severity,
        first_seen: finding.first_seen.clone(),
        last_seen: finding.last_seen.clone(),
        there: true,
        returns,
    }
}

fn is_forgotten(last_seen: &str, at: &str, kept: SignedDuration) -> bool {
    match (last_seen.parse::<Timestamp>(), at.parse::<Timestamp>()) {
        (Ok(seen), Ok(now)) => now.duration_since(seen) > kept,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Remedy;

    fn finding(subject: &str, fingerprint: &str) -> Finding {
        Finding {
            address: format!("aws_vpc.{subject}"),
            ty: "aws_vpc".to_owned(),
            class: Class::Reverted,
            severity: Severity::Low,
            why: String::new(),
            attributes: Vec::new(),
            policies: Vec::new(),
            cost: None,
            fingerprint: fingerprint.to_owned(),
            subject: subject.to_owned(),
            first_seen: String::new(),
            last_seen: String::new(),
            state: State::New,
            file: None,
            lines: None,
            remedy: Remedy::default(),
            acknowledged: None,
            resource: None,
            who: None,
        }
    }

    /// The days' findings as `subject=fingerprint`, `!` for a scan that failed; what is said of each.
    #[test]
    fn days_go_by() {
        let days: &[(&str, &str)] = &[
            ("a=1", "a new 1"),
            ("a=1", "a ongoing 1"),
            ("a=2", "a new 1"),
            ("!", ""),
            ("a=2 b=1", "a ongoing 1 b new 5"),
            ("b=1", "b ongoing 5 -a"),
            ("b=1", "b ongoing 5"),
            ("a=2 b=1", "a new 1 b ongoing 5"),
            ("", "-a -b"),
            ("a=2", "a flapping 1"),
            ("!", ""),
            ("a=2", "a flapping 1"),
        ];
        let mut remembered = Vec::new();
        for (day, (found, want)) in (1..).zip(days) {
            let at = format!("2026-01-{day:02}T06:00:00Z");
            let mut report = RootReport::failed("r", "gone".to_owned());
            if *found != "!" {
                report.status = Status::Drifted;
                report.findings = found
                    .split_whitespace()
                    .filter_map(|word| word.split_once('='))
                    .map(|(subject, fingerprint)| finding(subject, fingerprint))
                    .collect();
            }
            remembered = compare(&mut report, &remembered, &at, KEPT);
            let mut said: Vec<String> = report
                .findings
                .iter()
                .map(|finding| {
                    let day: u32 = finding.first_seen[8..10].parse().unwrap();
                    assert_eq!(finding.last_seen, at);
                    format!("{} {} {day}", finding.subject, finding.state.as_str())
                })
                .collect();
            said.extend(report.resolved.iter().map(|gone| format!("-{}", gone.subject)));
            assert_eq!(said.join(" "), *want, "day {day}");
        }
        let mut report = RootReport::failed("r", String::new());
        report.status = Status::Clean;
        let mut again = report.clone();
        let later = compare(&mut report, &remembered, "2026-06-01T06:00:00Z", KEPT);
        assert_eq!((report.resolved.len(), later.len()), (1, 0));
        let longer = KEPT.saturating_mul(4);
        let later = compare(&mut again, &remembered, "2026-06-01T06:00:00Z", longer);
        assert_eq!((again.resolved.len(), later.len()), (1, 2));
    }

    #[test]
    fn what_could_be_read_in_part_has_an_age_and_resolves_nothing() {
        let mut report = RootReport::failed("r", String::new());
        report.status = Status::Drifted;
        report.findings = vec![finding("a", "1"), finding("b", "1")];
        let remembered = compare(&mut report, &[], "2026-01-01T06:00:00Z", KEPT);
        let mut part = RootReport::failed("r", "half of it".to_owned());
        part.findings = vec![finding("a", "1")];
        let remembered = compare(&mut part, &remembered, "2026-01-02T06:00:00Z", KEPT);
        assert_eq!(part.findings[0].state, State::Ongoing);
        assert_eq!(part.findings[0].first_seen, "2026-01-01T06:00:00Z");
        assert!(part.resolved.is_empty() && remembered.iter().all(|entry| entry.there));
        assert_eq!(remembered.len(), 2);
    }
}
