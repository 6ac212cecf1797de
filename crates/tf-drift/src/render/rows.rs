//! What renderers say of a finding in words.

use serde_json::Value as Json;
use tf_pricing::money;
use tf_report::render::escape;

use crate::finding::{Attribute, Cost, CostSum, Document, Finding, RootReport, State, Summary};

/// A value on one line: as JSON, short.
pub(super) fn value(value: &Json, limit: usize) -> String {
    let text = match value {
        Json::Null => "(not set)".to_owned(),
        // What stands in place of a value is no text.
        Json::String(text) if text.starts_with('(') && text.ends_with(')') => text.clone(),
        other => other.to_string(),
    };
    escape::shorten(&escape::one_line(&text), limit)
}

/// `path: before → after`.
pub(super) fn difference(attribute: &Attribute, limit: usize) -> String {
    format!(
        "{}: {} → {}",
        escape::one_line(&attribute.path),
        value(&attribute.before, limit),
        value(&attribute.after, limit)
    )
}

/// `new`, `since 2026-01-31`, `acknowledged by ann until 2026-02-28`.
pub(super) fn age(finding: &Finding) -> String {
    let since = finding.first_seen.get(..10).unwrap_or(&finding.first_seen);
    match (&finding.acknowledged, finding.state) {
        (Some(known), _) => format!("acknowledged by {} until {}", known.owner, known.until),
        (None, State::New) => "new".to_owned(),
        (None, State::Flapping) => format!("comes and goes since {since}"),
        (None, _) => format!("since {since}"),
    }
}

/// `+12.30 USD a month (8.76 → 21.06); not in it: Storage: no price for …`, or why it is not known.
pub(crate) fn cost(cost: &Cost) -> String {
    let without = cost.unpriced.join("; ");
    let Some(delta) = cost.delta else {
        return format!("not known: {without}");
    };
    let mut text = format!(
        "{} {} a month",
        money::delta(delta, cost.delta_max),
        cost.currency
    );
    if let (Some(before), Some(after)) = (cost.before, cost.after) {
        text.push_str(&format!(
            " ({} → {})",
            money::range(before, cost.before_max),
            money::range(after, cost.after_max)
        ));
    }
    if !without.is_empty() {
        text.push_str(&format!("; not in it: {without}"));
    }
    text
}

/// `+12.30 USD a month; 1 finding has parts without a price`.
pub(crate) fn cost_sum(sum: &CostSum) -> String {
    let delta = format!(
        "{} {} a month",
        money::delta(sum.delta, sum.delta_max),
        sum.currency
    );
    match (sum.unpriced, sum.delta.is_zero() && sum.delta_max.is_none()) {
        (0, _) => delta,
        (1, true) => "not known: what 1 finding costs has no price".to_owned(),
        (many, true) => format!("not known: what {many} findings cost has no price"),
        (1, false) => format!("{delta}; what 1 finding costs has no price, or not all of it"),
        (many, false) => format!("{delta}; what {many} findings cost has no price, or not all of it"),
    }
}

/// `environments/dev/main.tf:12`, or nothing.
pub(super) fn place(finding: &Finding) -> String {
    match (&finding.file, finding.lines) {
        (Some(file), Some((line, _))) => format!("{file}:{line}"),
        _ => String::new(),
    }
}

/// How many differences are left out.
pub(super) fn no_drift(count: usize) -> String {
    match count {
        1 => "1 difference is no drift".to_owned(),
        count => format!("{count} differences are no drift"),
    }
}

/// `3 roots: 1 clean, 1 with drift, 1 could not be read`.
pub(super) fn roots(summary: &Summary) -> String {
    let mut parts = Vec::new();
    for (count, what) in [
        (summary.clean, "clean"),
        (summary.drifted, "with drift"),
        (summary.failed, "could not be read"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    let roots = match summary.roots {
        1 => "1 root".to_owned(),
        many => format!("{many} roots"),
    };
    match parts.is_empty() {
        true => roots,
        false => format!("{roots}: {}", parts.join(", ")),
    }
}

/// `4 findings (1 critical, 3 low): 2 new, 1 ongoing, 1 acknowledged; 3 resolved`.
pub(crate) fn findings(summary: &Summary) -> String {
    let severities: Vec<String> = summary
        .severities
        .iter()
        .rev()
        .map(|(severity, count)| format!("{count} {}", severity.as_str()))
        .collect();
    let mut states = Vec::new();
    for (count, what) in [
        (summary.new, "new"),
        (summary.ongoing, "ongoing"),
        (summary.flapping, "flapping"),
        (summary.acknowledged, "acknowledged"),
    ] {
        if count > 0 {
            states.push(format!("{count} {what}"));
        }
    }
    let mut text = match summary.findings {
        0 => "no drift".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    if !severities.is_empty() {
        text.push_str(&format!(" ({})", severities.join(", ")));
    }
    if !states.is_empty() {
        text.push_str(&format!(": {}", states.join(", ")));
    }
    if summary.resolved > 0 {
        text.push_str(&format!("; {} resolved", summary.resolved));
    }
    text
}

/// How much of what exists is in states: `82.5 % of what exists is in states: 33 of 40`.
pub(super) fn coverage(root: &RootReport) -> Option<String> {
    let total = root.coverage.as_ref()?.total;
    let expected = total.managed + total.unmanaged;
    Some(match total.percent {
        Some(percent) => format!(
            "{percent} % of what exists is in states: {} of {expected}",
            total.managed
        ),
        None => "nothing exists that would be in a state".to_owned(),
    })
}

/// Who changed it: `changed by anna at 2026-01-31T06:00:00Z: PutParameter (ssm) from 192.0.2.7`.
pub(super) fn who(finding: &Finding) -> Option<String> {
    let who = finding.who.as_ref()?;
    let mut line = format!("changed by {}", who.by);
    if let Some(at) = &who.at {
        line.push_str(&format!(" at {at}"));
    }
    let service = who.source.strip_suffix(".amazonaws.com").unwrap_or(&who.source);
    line.push_str(&format!(": {} ({service})", who.event));
    if let Some(from) = &who.from {
        line.push_str(&format!(" from {from}"));
    }
    match who.others {
        0 => {}
        1 => line.push_str("; 1 change before"),
        others => line.push_str(&format!("; {others} changes before")),
    }
    Some(line)
}

/// What should be known of the roots, each once.
pub(super) fn notes(document: &Document) -> Vec<String> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for root in &document.roots {
        for note in &root.notes {
            match all.iter_mut().find(|(known, _)| known == note) {
                Some((_, roots)) => roots.push(&root.root),
                None => all.push((note, vec![&root.root])),
            }
        }
    }
    let told = all.into_iter().map(|(note, roots)| match roots.as_slice() {
        [root] if note.starts_with(root) => note.to_owned(),
        [root] => format!("{root}: {note}"),
        roots => format!("{} roots: {note}", roots.len()),
    });
    told.collect()
}

/// What it means that a root could not be read, as a sentence.
pub(super) fn unread(root: &RootReport) -> &'static str {
    match root.findings.is_empty() {
        true => "Nobody knows whether it has drifted",
        false => "It could be read in part only",
    }
}
