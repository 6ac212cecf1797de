//! What the renderers ask of a finding.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use crate::{Finding, PolicyInfo, Report, Suppression, Verdict};

static NOTHING_SAID: PolicyInfo = PolicyInfo {
    title: String::new(),
    why: String::new(),
    fix: String::new(),
    checkov: Vec::new(),
    frameworks: BTreeMap::new(),
};

/// What is said of the finding's policy; nothing at all where the report knows nothing of it.
pub(super) fn info<'a>(report: &'a Report, finding: &Finding) -> &'a PolicyInfo {
    report.policies.get(&finding.policy).unwrap_or(&NOTHING_SAID)
}

/// Whether it is a failure that goes away with the plan.
pub(super) fn is_fixed(finding: &Finding) -> bool {
    finding.change.as_deref() == Some("fixed")
}

/// What holds in the end: a failure that the plan mends has passed.
pub(super) fn verdict(finding: &Finding) -> Verdict {
    if is_fixed(finding) {
        Verdict::Passed
    } else {
        finding.result
    }
}

/// Whether there is something to act on.
pub(super) fn is_open(finding: &Finding) -> bool {
    matches!(verdict(finding), Verdict::Failed | Verdict::Unknown)
}

/// Those with this verdict in the end, in the report's order.
pub(super) fn with_verdict(report: &Report, wanted: Verdict) -> impl Iterator<Item = &Finding> {
    report
        .findings
        .iter()
        .filter(move |finding| verdict(finding) == wanted)
}

/// One word for what became of it.
pub(super) fn label(finding: &Finding) -> &'static str {
    if is_fixed(finding) {
        "fixed"
    } else {
        finding.result.as_str()
    }
}

/// The address and, where there are several roots in which it might be, the root.
pub(super) fn subject(report: &Report, finding: &Finding) -> String {
    match report.roots.len() {
        0 | 1 => finding.address.clone(),
        _ => format!("{} (root {})", finding.address, finding.root),
    }
}

/// The policy's service: `rds` of `aws-rds-storage-encrypted`; `other` where an id names none.
pub(super) fn service(policy: &str) -> &str {
    let mut parts = policy.split('-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(service), Some(_)) if !service.is_empty() => service,
        _ => "other",
    }
}

/// What is open first, then by severity, the worst first, then by verdict; otherwise in the report's order.
pub(super) fn worst_first<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<&'a Finding> {
    let rank = |finding| match verdict(finding) {
        Verdict::Failed => 0,
        Verdict::Unknown => 1,
        Verdict::Skipped => 2,
        Verdict::Passed => 3,
    };
    let mut sorted: Vec<&Finding> = findings.collect();
    sorted.sort_by_key(|finding| (!is_open(finding), Reverse(finding.severity), rank(finding)));
    sorted
}

/// Gives every fingerprint once: the second of the same in a document gets `-2`, and so on.
#[derive(Default)]
pub(super) struct Fingerprints<'a> {
    seen: HashMap<&'a str, usize>,
}

impl<'a> Fingerprints<'a> {
    /// The finding's fingerprint, told apart from those given before.
    pub(super) fn distinct(&mut self, finding: &'a Finding) -> String {
        let times = self.seen.entry(&finding.fingerprint).or_default();
        *times += 1;
        match *times {
            1 => finding.fingerprint.clone(),
            times => format!("{}-{times}", finding.fingerprint),
        }
    }
}

/// `inline comment: reason (until 2027-01-31, owner platform)`.
pub(super) fn describe_suppression(suppression: &Suppression) -> String {
    let mut text = match suppression.kind {
        "inline" => "inline comment",
        kind => kind,
    }
    .to_owned();
    if let Some(reason) = &suppression.reason {
        text.push_str(": ");
        text.push_str(reason);
    }
    let terms: Vec<String> = [("until", &suppression.until), ("owner", &suppression.owner)]
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name} {value}")))
        .collect();
    if !terms.is_empty() {
        text.push_str(&format!(" ({})", terms.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn a_service_is_the_second_part_of_a_long_enough_id() {
        for (policy, expected) in [
            ("aws-rds-storage-encrypted", "rds"),
            ("aws-s3", "other"),
            ("tags", "other"),
            ("", "other"),
            ("a--b", "other"),
        ] {
            assert_eq!(service(policy), expected, "{policy}");
        }
    }

    #[test]
    fn fingerprints_are_told_apart() {
        let report = sample::rich();
        let mut fingerprints = Fingerprints::default();
        let first = &report.findings[0];
        assert_eq!(fingerprints.distinct(first), first.fingerprint);
        assert_eq!(fingerprints.distinct(first), format!("{}-2", first.fingerprint));
    }

    #[test]
    fn a_fixed_failure_is_not_open() {
        let mut finding = sample::rich().findings[0].clone();
        assert!(is_open(&finding));
        finding.change = Some("fixed".to_owned());
        assert!(!is_open(&finding));
        assert_eq!(label(&finding), "fixed");
    }
}
