//! One page that needs nothing else, with the style and the charts that all reports share.

use tf_report::Severity;
use tf_report::render::escape::{html, lines};
use tf_report::render::html::chart::{Part, bars, columns};
use tf_report::render::html::{head, section, table_head};

use super::rows;
use crate::finding::{Document, Finding, Status};
use crate::trend::Trend;

/// The document as a page.
pub(super) fn render(document: &Document, trend: &Trend) -> String {
    let summary = &document.summary;
    let mut out = head(&format!("Drift: {}", rows::findings(summary)));
    let class = match document.is_incomplete() || !summary.severities.is_empty() {
        true => "bad",
        false => "good",
    };
    out.push_str(&format!(
        "<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n<h1>Drift <span class=\"{class}\">{}</span></h1>\n\
         <p class=\"roots\">{}, at {}</p>\n</header>\n<main id=\"main\">\n",
        html(&rows::findings(summary)),
        html(&rows::roots(summary)),
        html(&document.at)
    ));
    out.push_str(&charts(document, trend));
    out.push_str(&failed(document));
    out.push_str(&findings(document));
    out.push_str(&resolved(document));
    out.push_str(&ignored(document));
    out.push_str(&warnings(document));
    out.push_str(&notes(document));
    out.push_str(&format!(
        "</main>\n<footer><p>{} {}</p></footer>\n</body>\n</html>\n",
        html(&document.tool),
        html(&document.version)
    ));
    out
}

fn parts(count: impl Fn(Severity) -> usize) -> Vec<Part<'static>> {
    Severity::ALL
        .iter()
        .map(|severity| Part {
            name: severity.as_str(),
            count: count(*severity),
            class: severity.as_str(),
        })
        .collect()
}

fn charts(document: &Document, trend: &Trend) -> String {
    let severities = &document.summary.severities;
    let by_severity = parts(|severity| severities.get(&severity).copied().unwrap_or_default());
    let moments: Vec<(&str, Vec<Part<'_>>)> = trend
        .points
        .iter()
        .map(|point| (point.at.as_str(), parts(|severity| point.of(severity))))
        .collect();
    let mut rows = String::new();
    for point in trend.points.iter().rev() {
        rows.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr>\n",
            html(&point.at),
            point.open(),
            point.summary.new,
            point.summary.resolved,
            point.summary.failed
        ));
    }
    let cost = document.summary.cost.as_ref().map(|sum| {
        format!(
            "<p>Cost of the drift: <strong>{}</strong>.</p>\n",
            html(&rows::cost_sum(sum))
        )
    });
    let body = format!(
        "{}<div class=\"charts\">\n<figure><figcaption>Open by severity</figcaption>{}</figure>\n\
         <figure><figcaption>Open from scan to scan</figcaption>{}</figure>\n</div>\n<details><summary>The scans in numbers</summary>\n\
         <table>{}<tbody>\n{rows}</tbody></table></details>\n",
        cost.unwrap_or_default(),
        bars("Open by severity", &by_severity),
        columns("Open from scan to scan", &moments),
        table_head(&["Scan", "Open", "New", "Resolved", "Could not be read"])
    );
    section("trend", "Overview", None, &body)
}

fn failed(document: &Document) -> String {
    let mut body = String::new();
    let mut count = document.errors.len();
    for root in document.roots.iter().filter(|root| root.status == Status::Failed) {
        count += 1;
        body.push_str(&format!(
            "<article><p><span class=\"verdict failed\">could not be read</span> <code>{}</code>. {}.</p>\n\
             <pre><code>{}</code></pre></article>\n",
            html(&root.root),
            html(rows::unread(root)),
            block(root.error.as_deref().unwrap_or_default())
        ));
    }
    for error in &document.errors {
        body.push_str(&format!("<article><p>{}</p></article>\n", html(error)));
    }
    match count {
        0 => String::new(),
        count => section("failed", "Not read", Some(count), &body),
    }
}

fn findings(document: &Document) -> String {
    let mut body = String::new();
    for root in document.roots.iter().filter(|root| !root.findings.is_empty()) {
        body.push_str(&format!("<h3><code>{}</code></h3>\n", html(&root.root)));
        body.extend(rows::coverage(root).map(|line| format!("<p>{}.</p>\n", html(&line))));
        body.extend(
            root.cost
                .as_ref()
                .map(|sum| format!("<p>Cost of the drift: {}.</p>\n", html(&rows::cost_sum(sum)))),
        );
        body.extend(root.findings.iter().map(finding));
    }
    match document.summary.findings {
        0 => String::new(),
        count => section("findings", "Findings", Some(count), &body),
    }
}

fn finding(finding: &Finding) -> String {
    let severity = finding.severity.as_str();
    let mut out = format!(
        "<article id=\"{}\"><p><span class=\"badge {severity}\">{severity}</span> <code>{}</code> {} · {}</p>\n<p>{}</p>\n",
        html(&finding.fingerprint),
        html(&finding.address),
        html(finding.class.meaning()),
        html(&rows::age(finding)),
        html(&finding.why)
    );
    if let Some(cost) = &finding.cost {
        out.push_str(&format!("<p>Cost: {}</p>\n", html(&rows::cost(cost))));
    }
    if let Some(who) = rows::who(finding) {
        out.push_str(&format!("<p>{}</p>\n", html(&who)));
    }
    if !finding.attributes.is_empty() {
        out.push_str(&format!(
            "<table>{}<tbody>\n",
            table_head(&["Attribute", "Was", "Is"])
        ));
        for attribute in &finding.attributes {
            out.push_str(&format!(
                "<tr><th scope=\"row\"><code>{}</code></th><td><code>{}</code></td><td><code>{}</code></td></tr>\n",
                html(&attribute.path),
                html(&rows::value(&attribute.before, 2_000)),
                html(&rows::value(&attribute.after, 2_000))
            ));
        }
        out.push_str("</tbody></table>\n");
    }
    let place = rows::place(finding);
    if !place.is_empty() {
        out.push_str(&format!("<p><code>{}</code></p>\n", html(&place)));
    }
    out.push_str(&format!(
        "<details><summary>What to do</summary><p>Accept.</p><pre><code>{}</code></pre><p>Revert.</p><pre><code>{}</code></pre>\
         </details></article>\n",
        block(&finding.remedy.accept),
        block(&finding.remedy.revert)
    ));
    out
}

fn resolved(document: &Document) -> String {
    let mut body = String::new();
    for root in &document.roots {
        for resolved in &root.resolved {
            body.push_str(&format!(
                "<li><code>{}</code> in <code>{}</code>, {} since {}</li>\n",
                html(&resolved.address),
                html(&root.root),
                resolved.class.as_str(),
                html(&resolved.first_seen)
            ));
        }
    }
    match document.summary.resolved {
        0 => String::new(),
        count => section(
            "resolved",
            "Resolved",
            Some(count),
            &format!("<ul>\n{body}</ul>\n"),
        ),
    }
}

fn ignored(document: &Document) -> String {
    let mut rows = String::new();
    let mut count = 0;
    for root in &document.roots {
        for change in &root.ignored_changes {
            count += 1;
            rows.push_str(&format!(
                "<tr><th scope=\"row\"><code>{}</code></th><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
                html(&change.address),
                html(&change.path),
                html(change.reason.meaning()),
                html(&change.detail)
            ));
        }
    }
    match count {
        0 => String::new(),
        count => {
            let head = table_head(&["Resource", "Attribute", "Why it is no drift", ""]);
            let table = format!("<table>{head}<tbody>\n{rows}</tbody></table>\n");
            section("ignored", "No drift", Some(count), &table)
        }
    }
}

fn notes(document: &Document) -> String {
    let notes = rows::notes(document);
    let items: String = notes
        .iter()
        .map(|note| format!("<li>{}</li>\n", html(note)))
        .collect();
    match notes.len() {
        0 => String::new(),
        count => section("notes", "Notes", Some(count), &format!("<ul>\n{items}</ul>\n")),
    }
}

fn warnings(document: &Document) -> String {
    match document.warnings.as_slice() {
        [] => String::new(),
        warnings => {
            let items: String = warnings
                .iter()
                .map(|warning| format!("<li>{}</li>\n", html(warning)))
                .collect();
            section(
                "warnings",
                "Warnings",
                Some(warnings.len()),
                &format!("<ul>\n{items}</ul>\n"),
            )
        }
    }
}

/// A text of several lines inside of `pre`.
fn block(text: &str) -> String {
    let shown = lines(text);
    let escaped: Vec<String> = shown.lines().map(html).collect();
    escaped.join("\n")
}
