//! For an issue or a job's summary, in GitHub's Markdown. It never grows beyond what a forge takes: what does not fit is counted.

use tf_report::render::escape::{html, lines, one_line, shorten};

use super::rows;
use crate::finding::{Document, Finding, RootReport, Status};

/// Characters that GitHub and GitLab take, less some for what others add.
pub(crate) const LIMIT: usize = 60_000;

/// The document in Markdown, of at most so many characters.
pub(crate) fn markdown(document: &Document, limit: usize) -> String {
    let mut out = format!(
        "## Drift: {}\n\n{}, at {}.\n\n",
        rows::findings(&document.summary),
        rows::roots(&document.summary),
        document.at
    );
    if let Some(sum) = &document.summary.cost {
        out.push_str(&format!(
            "**Cost of the drift:** {}.\n\n",
            text(&rows::cost_sum(sum))
        ));
    }
    let mut rest = 0;
    let mut parts: Vec<String> = Vec::new();
    for root in document.roots.iter().filter(|root| root.status == Status::Failed) {
        parts.push(failed(root));
    }
    parts.extend(
        document
            .errors
            .iter()
            .map(|error| format!("**{}**\n\n", text(error))),
    );
    let said = |root: &&RootReport| !root.findings.is_empty() || root.coverage.is_some();
    for root in document.roots.iter().filter(said) {
        parts.push(format!("### `{}`\n\n", code(&root.root)));
        parts.extend(rows::coverage(root).map(|line| format!("{line}.\n\n")));
        if let Some(sum) = &root.cost {
            parts.push(format!("Cost of the drift: {}.\n\n", text(&rows::cost_sum(sum))));
        }
        parts.extend(root.findings.iter().map(finding));
    }
    let resolved: Vec<String> = document
        .roots
        .iter()
        .flat_map(|root| root.resolved.iter().map(move |resolved| (root, resolved)))
        .map(|(root, resolved)| format!("- ~~`{}`~~ in `{}`\n", code(&resolved.address), code(&root.root)))
        .collect();
    if !resolved.is_empty() {
        parts.push("### Resolved\n\n".to_owned());
        parts.extend(resolved);
        parts.push("\n".to_owned());
    }
    let ignored: Vec<&RootReport> = document
        .roots
        .iter()
        .filter(|root| !root.ignored_changes.is_empty())
        .collect();
    if !ignored.is_empty() {
        parts.push("### No drift\n\n".to_owned());
        for root in ignored {
            parts.extend(root.ignored_changes.iter().map(|change| {
                format!(
                    "- `{} {}`: {}\n",
                    code(&change.address),
                    code(&change.path),
                    change.reason.meaning()
                )
            }));
        }
        parts.push("\n".to_owned());
    }
    parts.extend(
        document
            .warnings
            .iter()
            .map(|warning| format!("Warning: {}\n\n", text(warning))),
    );
    let notes = rows::notes(document);
    parts.extend(notes.iter().map(|note| format!("Note: {}\n\n", text(note))));
    // Room for the line that counts what is left out.
    let room = limit.saturating_sub(200);
    let mut length = out.chars().count();
    for part in parts {
        let more = part.chars().count();
        match length + more <= room {
            true => {
                length += more;
                out.push_str(&part);
            }
            false => rest += 1,
        }
    }
    if rest > 0 {
        let entries = if rest == 1 { "entry does" } else { "entries do" };
        out.push_str(&format!(
            "\n{rest} {entries} not fit here: see the report as a page.\n"
        ));
    }
    if document.summary.ignored > 0 {
        out.push_str(&format!(
            "{}, and left out.\n",
            rows::no_drift(document.summary.ignored)
        ));
    }
    out
}

fn failed(root: &RootReport) -> String {
    let error = shorten(root.error.as_deref().unwrap_or_default(), 2_000);
    format!(
        "### ⛔ `{}` could not be read\n\n{}.\n\n{}\n\n",
        code(&root.root),
        rows::unread(root),
        fenced("", &error)
    )
}

fn finding(finding: &Finding) -> String {
    let place = rows::place(finding);
    let place = if place.is_empty() {
        place
    } else {
        format!(" · `{}`", code(&place))
    };
    let mut out = format!(
        "#### {} {}: `{}`\n\n{} · {}{place}\n\n",
        mark(finding),
        finding.severity.as_str(),
        code(&finding.address),
        finding.class.meaning(),
        text(&rows::age(finding)),
    );
    out.push_str(&format!("{}\n\n", text(&finding.why)));
    if let Some(cost) = &finding.cost {
        out.push_str(&format!("Cost: {}\n\n", text(&rows::cost(cost))));
    }
    if let Some(who) = rows::who(finding) {
        out.push_str(&format!("{}\n\n", text(&who)));
    }
    if !finding.attributes.is_empty() {
        let lines: Vec<String> = finding
            .attributes
            .iter()
            .take(20)
            .map(|attribute| rows::difference(attribute, 160))
            .collect();
        out.push_str(&fenced("", &lines.join("\n")));
        out.push_str("\n\n");
        if finding.attributes.len() > 20 {
            out.push_str(&format!("and {} more\n\n", finding.attributes.len() - 20));
        }
    }
    out.push_str(&format!(
        "<details><summary>What to do</summary>\n\n**Accept.**\n\n{}\n\n**Revert.**\n\n{}\n\n</details>\n\n",
        fenced("diff", &shorten(&finding.remedy.accept, 2_000)),
        fenced("", &shorten(&finding.remedy.revert, 2_000))
    ));
    out
}

fn mark(finding: &Finding) -> &'static str {
    use tf_report::Severity;
    match finding.severity {
        Severity::Critical => "🟥",
        Severity::High => "🟧",
        Severity::Medium => "🟨",
        Severity::Low => "🟦",
        Severity::Info => "⬜",
    }
}

/// A block that its content cannot end.
fn fenced(language: &str, content: &str) -> String {
    let content = lines(content);
    let mut fence = "```".to_owned();
    while content.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{}\n{fence}", content.trim_end())
}

/// Somebody else's text between backquotes.
fn code(text: &str) -> String {
    one_line(text).replace('`', "'")
}

/// Somebody else's text as text: it makes no markup, links nothing and calls nobody.
fn text(text: &str) -> String {
    let mut out = String::new();
    for letter in html(&one_line(text)).chars() {
        match letter {
            '*' | '_' | '`' | '[' | ']' | '|' | '#' | '~' | '\\' => out.extend(['\\', letter]),
            '@' => out.push_str("@\u{200b}"),
            other => out.push(other),
        }
    }
    out
}
