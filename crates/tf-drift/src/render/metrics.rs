//! OpenMetrics, for Prometheus: a text file that node_exporter's textfile collector reads.
//!
//! Source: <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md>.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tf_report::Severity;

use crate::finding::{Class, Document, State, Status};

/// The document as gauges.
pub(super) fn render(document: &Document) -> String {
    let mut out = String::new();
    family(
        &mut out,
        "plumbline_drift_findings",
        "Resources that are not what the last apply left.",
    );
    for root in &document.roots {
        let mut counts: BTreeMap<(Severity, Class, &str), usize> = BTreeMap::new();
        for finding in &root.findings {
            let key = (finding.severity, finding.class, finding.state.as_str());
            *counts.entry(key).or_default() += 1;
        }
        for ((severity, class, state), count) in counts {
            out.push_str(&format!(
                "plumbline_drift_findings{{root=\"{}\",severity=\"{}\",class=\"{}\",state=\"{state}\"}} {count}\n",
                label(&root.root),
                severity.as_str(),
                class.as_str()
            ));
        }
    }
    family(
        &mut out,
        "plumbline_drift_root_status",
        "How the scan of a root ended: one of them is 1.",
    );
    for root in &document.roots {
        for status in [Status::Clean, Status::Drifted, Status::Failed] {
            out.push_str(&format!(
                "plumbline_drift_root_status{{root=\"{}\",status=\"{}\"}} {}\n",
                label(&root.root),
                status.as_str(),
                u8::from(root.status == status)
            ));
        }
    }
    family(
        &mut out,
        "plumbline_drift_ignored",
        "Differences that are no drift.",
    );
    for root in &document.roots {
        out.push_str(&format!(
            "plumbline_drift_ignored{{root=\"{}\"}} {}\n",
            label(&root.root),
            root.ignored
        ));
    }
    costs(&mut out, document);
    family(
        &mut out,
        "plumbline_drift_oldest_seconds",
        "When the oldest open finding was first seen, as a Unix time.",
    );
    let oldest = document
        .roots
        .iter()
        .flat_map(|root| &root.findings)
        .filter(|finding| finding.state != State::Acknowledged)
        .filter_map(|finding| finding.first_seen.parse::<Timestamp>().ok())
        .min();
    if let Some(oldest) = oldest {
        out.push_str(&format!(
            "plumbline_drift_oldest_seconds {}\n",
            oldest.as_second()
        ));
    }
    family(
        &mut out,
        "plumbline_drift_scan_seconds",
        "When the scan began, as a Unix time.",
    );
    if let Ok(at) = document.at.parse::<Timestamp>() {
        out.push_str(&format!("plumbline_drift_scan_seconds {}\n", at.as_second()));
    }
    out.push_str("# EOF\n");
    out
}

/// What drift adds to what is paid, of roots where it adds something.
fn costs(out: &mut String, document: &Document) {
    let costs = || {
        document
            .roots
            .iter()
            .filter_map(|root| Some((label(&root.root), root.cost.as_ref()?)))
    };
    family(
        out,
        "plumbline_drift_cost_monthly",
        "What drift adds to what is paid a month: the least and the most.",
    );
    for (root, cost) in costs() {
        for (bound, amount) in [
            ("least", cost.delta),
            ("most", cost.delta_max.unwrap_or(cost.delta)),
        ] {
            out.push_str(&format!(
                "plumbline_drift_cost_monthly{{root=\"{root}\",currency=\"{}\",bound=\"{bound}\"}} {amount}\n",
                label(&cost.currency)
            ));
        }
    }
    family(
        out,
        "plumbline_drift_cost_unpriced",
        "Findings whose cost is not known, or not all of it: it is in no sum.",
    );
    for (root, cost) in costs() {
        out.push_str(&format!(
            "plumbline_drift_cost_unpriced{{root=\"{root}\"}} {}\n",
            cost.unpriced
        ));
    }
}

fn family(out: &mut String, name: &str, help: &str) {
    out.push_str(&format!("# TYPE {name} gauge\n"));
    if name.ends_with("_seconds") {
        out.push_str(&format!("# UNIT {name} seconds\n"));
    }
    out.push_str(&format!("# HELP {name} {help}\n"));
}

/// A label's value: three characters are escaped.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
