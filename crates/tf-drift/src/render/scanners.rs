//! A scan as a report of policies, for what code scanners and test pages read: each kind of drift is a rule.

use std::collections::BTreeMap;

use tf_report::report::{PolicyInfo, Problem, Suppression};
use tf_report::{Finding as Shown, Location, Report, Summary, Verdict};

use super::rows;
use crate::finding::{Class, Document, Finding, RootReport, State, Status};

/// The document as such a report.
pub(super) fn report(document: &Document) -> Report {
    let mut report = Report {
        tool: document.tool.clone(),
        version: document.version.clone(),
        summary: Summary {
            failed: document.summary.findings - document.summary.acknowledged,
            skipped: document.summary.acknowledged,
            errors: document.summary.failed + document.errors.len(),
            ..Summary::default()
        },
        unread: document.summary.failed,
        policies: rules(),
        ..Report::default()
    };
    for root in &document.roots {
        report.roots.push(root.root.clone());
        report
            .findings
            .extend(root.findings.iter().map(|finding| shown(root, finding)));
        if root.status == Status::Failed {
            let error = root.error.as_deref().unwrap_or_default();
            report.problems.push(problem(
                &format!("{} could not be read: {error}", root.root),
                &root.root,
            ));
        }
    }
    for error in &document.errors {
        report.problems.push(problem(error, ""));
    }
    report
}

fn rule(class: Class) -> &'static str {
    match class {
        Class::Reverted => "drift-reverted",
        Class::Absorbed => "drift-absorbed",
        Class::Deleted => "drift-deleted",
        Class::Unmanaged => "drift-unmanaged",
    }
}

fn rules() -> BTreeMap<String, PolicyInfo> {
    let info = |class: Class, title: &str, fix: &str| {
        let info = PolicyInfo {
            title: title.to_owned(),
            why: format!("Somebody changed it outside of Terraform; {}.", class.meaning()),
            fix: fix.to_owned(),
            ..PolicyInfo::default()
        };
        (rule(class).to_owned(), info)
    };
    BTreeMap::from([
        info(
            Class::Reverted,
            "Resources are what their configuration says",
            "Apply, or change the configuration.",
        ),
        info(
            Class::Absorbed,
            "Resources are what the state says",
            "Say in the configuration what it should be, or take it into the state.",
        ),
        info(
            Class::Deleted,
            "Resources are there",
            "Apply, or remove the block.",
        ),
    ])
}

fn nowhere() -> Location {
    Location {
        file: String::new(),
        in_repository: String::new(),
        lines: (0, 0),
    }
}

fn shown(root: &RootReport, finding: &Finding) -> Shown {
    let location = match (&finding.file, finding.lines) {
        (Some(file), Some(lines)) => Location {
            file: file.clone(),
            in_repository: file.clone(),
            lines,
        },
        _ => nowhere(),
    };
    let differences: Vec<String> = finding
        .attributes
        .iter()
        .take(10)
        .map(|attribute| rows::difference(attribute, 120))
        .collect();
    let mut message = format!("{}: {}", finding.address, finding.why);
    if !differences.is_empty() {
        message.push_str(&format!(" [{}]", differences.join("; ")));
    }
    if let Some(cost) = &finding.cost {
        message.push_str(&format!(" (cost: {})", rows::cost(cost)));
    }
    Shown {
        policy: rule(finding.class).to_owned(),
        severity: finding.severity,
        result: match finding.state {
            State::Acknowledged => Verdict::Skipped,
            _ => Verdict::Failed,
        },
        address: finding.address.clone(),
        ty: finding.ty.clone(),
        root: root.root.clone(),
        location,
        attribute: finding.attributes.first().map(|attribute| attribute.path.clone()),
        attribute_location: None,
        message,
        reason: None,
        called_from: Vec::new(),
        fingerprint: finding.fingerprint.clone(),
        suppression: finding.acknowledged.as_ref().map(|known| Suppression {
            kind: "waiver",
            reason: Some(known.reason.clone()),
            until: Some(known.until.clone()),
            owner: Some(known.owner.clone()),
        }),
        change: None,
        snippet: None,
    }
}

fn problem(message: &str, root: &str) -> Problem {
    Problem {
        error: true,
        location: Location {
            file: String::new(),
            in_repository: root.to_owned(),
            lines: (0, 0),
        },
        column: 0,
        message: message.to_owned(),
        snippet: None,
        called_from: Vec::new(),
    }
}
