//! What policies say.

use tf_policy::Since;
use tf_report::{Severity, Verdict};

use super::{Page, broken, code, html};
use crate::markdown::Finding;

/// Findings of a group that is open from the beginning.
const OPEN: usize = 50;

struct Group {
    title: &'static str,
    about: &'static str,
    class: &'static str,
    verdict: Verdict,
    since: Option<Since>,
    open: bool,
}

const GROUPS: [Group; 5] = [
    Group {
        title: "Introduced by this change",
        about: "",
        class: "failed",
        verdict: Verdict::Failed,
        since: Some(Since::Introduced),
        open: true,
    },
    Group {
        title: "There before",
        about: "This change neither brings nor mends them.",
        class: "skipped",
        verdict: Verdict::Failed,
        since: Some(Since::Existing),
        open: false,
    },
    Group {
        title: "Fixed by this change",
        about: "",
        class: "passed",
        verdict: Verdict::Failed,
        since: Some(Since::Fixed),
        open: false,
    },
    Group {
        title: "Not known before apply",
        about: "Each depends on something that only the apply will tell.",
        class: "unknown",
        verdict: Verdict::Unknown,
        since: None,
        open: false,
    },
    Group {
        title: "Accepted",
        about: "Somebody said that these may be so.",
        class: "skipped",
        verdict: Verdict::Skipped,
        since: None,
        open: false,
    },
];

fn groups(page: &Page<'_>) -> String {
    let mut out = String::new();
    for group in &GROUPS {
        let findings = page.with(group.verdict, group.since);
        if findings.is_empty() {
            continue;
        }
        let open = if group.open || findings.len() <= 5 {
            " open"
        } else {
            ""
        };
        let about = match group.about {
            "" => String::new(),
            about => format!("<p class=\"about\">{about}</p>\n"),
        };
        let items: String = findings.iter().map(|finding| item(page, finding)).collect();
        out.push_str(&format!(
            "<details class=\"group\"{open}>\n<summary><h3 class=\"{}\">{} <small>{}</small></h3></summary>\n{about}<ul class=\"findings{}\">\n{items}</ul>\n</details>\n",
            group.class,
            group.title,
            findings.iter().map(|finding| finding.count()).sum::<usize>(),
            if findings.len() > OPEN { " many" } else { "" },
        ));
    }
    out
}

pub(super) fn section(page: &Page<'_>) -> String {
    if page.findings.is_empty() {
        return String::new();
    }
    let count = page.findings.iter().map(|finding| finding.count()).sum();
    super::section("findings", "Findings", count, &groups(page))
}

pub(super) fn badge(severity: Severity) -> String {
    let name = severity.as_str();
    format!("<span class=\"badge {name}\">{name}</span>")
}

fn item(page: &Page<'_>, finding: &Finding) -> String {
    let place = match &finding.place {
        Some((file, line)) => format!(
            " <span class=\"place\">{}</span>",
            broken(&format!("{file}:{line}"))
        ),
        None => String::new(),
    };
    let fix =
        match finding.fix.is_empty() || finding.verdict != Verdict::Failed || finding.since == Since::Fixed {
            true => String::new(),
            false => format!("<p class=\"fix\"><b>Fix</b> {}</p>\n", html(&finding.fix)),
        };
    let waits = match finding.verdict {
        Verdict::Unknown => "<b>Waits for</b> ",
        _ => "",
    };
    let alike = match finding.alike.len() {
        0 => String::new(),
        count => format!(
            " <span class=\"place\" title=\"{}\">and {count} like it</span>",
            html(&finding.alike.join(", "))
        ),
    };
    format!(
        "<li class=\"finding item\">\n<p class=\"head\">{} {} {}{alike}{place}</p>\n<p class=\"message\">{waits}{}</p>\n{fix}</li>\n",
        badge(finding.severity),
        page.address(&finding.address),
        code(&finding.policy).replacen("<code>", "<code class=\"policy\">", 1),
        html(&finding.message),
    )
}
