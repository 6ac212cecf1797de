//! The table of findings: a row that says what and where, and a row of details. Without script both rows
//! show; with it the details open, and the form above narrows the table.

use std::collections::BTreeMap;

use super::{broken, called_from, code, codes, place_code, source, table_head};
use crate::render::escape::html;
use crate::render::finding::{describe_suppression, info, is_open, label, service, worst_first};
use crate::render::place::Place;
use crate::render::prose::said;
use crate::render::tally;
use crate::{Finding, PolicyInfo, Report, Severity, Verdict};

/// The section, all findings in it, the worst first.
pub(super) fn section(report: &Report) -> String {
    let body = if report.findings.is_empty() {
        format!("<p class=\"clear\">{}</p>\n", clear(report))
    } else {
        filters(report) + &table(report)
    };
    super::section("findings", "Findings", Some(report.findings.len()), &body)
}

fn table(report: &Report) -> String {
    let columns = ["Severity", "Verdict", "Policy", "Resource", "Where", "Root"];
    let columns = &columns[..column_count(report)];
    let mut out = format!("<table class=\"findings\">\n{}", table_head(columns));
    for (index, finding) in worst_first(report.findings.iter()).into_iter().enumerate() {
        out.push_str(&entry(report, finding, index));
    }
    out.push_str("</table>\n");
    out
}

/// A single root needs no column.
fn column_count(report: &Report) -> usize {
    if report.roots.len() > 1 { 6 } else { 5 }
}

fn clear(report: &Report) -> &'static str {
    match tally::headline(report) {
        None => tally::all_clear(report),
        Some(_) => "No finding is listed here.",
    }
}

/// Shown by the script, without which it would do nothing.
fn filters(report: &Report) -> String {
    let mut values: [BTreeMap<String, usize>; 5] = Default::default();
    for finding in &report.findings {
        let info = info(report, finding);
        let keys = [
            vec![finding.severity.as_str()],
            vec![label(finding)],
            vec![finding.root.as_str()],
            vec![service(&finding.policy)],
            info.frameworks.keys().map(String::as_str).collect(),
        ];
        for (counts, keys) in values.iter_mut().zip(keys) {
            keys.into_iter()
                .for_each(|key| *counts.entry(key.to_owned()).or_default() += 1);
        }
    }
    let [severities, verdicts, roots, services, frameworks] = values;
    let severities = Severity::ALL
        .into_iter()
        .filter_map(|severity| Some((severity.as_str().to_owned(), *severities.get(severity.as_str())?)));
    let selects = [
        select("severity", "Severity", severities.collect()),
        select("verdict", "Verdict", verdicts.into_iter().collect()),
        select("root", "Root", roots.into_iter().collect()),
        select("service", "Service", services.into_iter().collect()),
        select("frameworks", "Framework", frameworks.into_iter().collect()),
    ];
    let selects = selects.concat();
    format!(
        r#"<form id="filters" role="search" aria-label="Filter findings" hidden>
<label class="wide">Text
<input type="search" name="text" placeholder="policy, resource, file …" autocomplete="off"></label>
{selects}<div class="actions"><button type="reset">Clear</button>
<button type="button" id="toggle-all" aria-expanded="false">Open all</button>
<output id="shown" aria-live="polite"></output></div>
</form>
"#
    )
}

/// Nothing where there is nothing to choose.
fn select(name: &str, title: &str, values: Vec<(String, usize)>) -> String {
    if values.len() < 2 {
        return String::new();
    }
    let options: String = values
        .iter()
        .map(|(value, count)| {
            let value = html(value);
            format!("<option value=\"{value}\">{value} ({count})</option>")
        })
        .collect();
    format!(
        "<label>{title} <select name=\"{name}\"><option value=\"\">all</option>{options}</select></label>\n"
    )
}

fn entry(report: &Report, finding: &Finding, index: usize) -> String {
    let info = info(report, finding);
    let details = details(info, finding);
    let head = row(report, info, finding, (!details.is_empty()).then_some(index));
    let details = if details.is_empty() {
        String::new()
    } else {
        let columns = column_count(report);
        format!("<tr class=\"details\" id=\"d{index}\"><td colspan=\"{columns}\">\n{details}</td></tr>\n")
    };
    let (severity, verdict) = (finding.severity.as_str(), label(finding));
    let (root, service) = (html(&finding.root), html(service(&finding.policy)));
    let frameworks = info
        .frameworks
        .keys()
        .map(|name| html(name))
        .collect::<Vec<_>>()
        .join("\n");
    format!(
        r#"<tbody class="finding" data-severity="{severity}" data-verdict="{verdict}" data-root="{root}"
data-service="{service}" data-frameworks="{frameworks}">
{head}{details}</tbody>
"#
    )
}

/// What and where; `opens` is the number of the details that belong to it.
fn row(report: &Report, info: &PolicyInfo, finding: &Finding, opens: Option<usize>) -> String {
    let (severity, verdict) = (finding.severity.as_str(), label(finding));
    let opens = opens
        .map(|index| format!(" data-opens=\"d{index}\""))
        .unwrap_or_default();
    let title = said(&info.title).map(|title| format!("<span class=\"title\">{}</span> ", html(&title)));
    let title = title.unwrap_or_default();
    let (policy, address) = (code(&finding.policy), broken(&finding.address, '.'));
    let place = Place::of_finding(finding)
        .map(|place| place_code(&place))
        .unwrap_or_default();
    let root = match report.roots.len() {
        0 | 1 => String::new(),
        _ => format!("\n<td data-label=\"Root\">{}</td>", broken(&finding.root, '/')),
    };
    format!(
        r#"<tr><td data-label="Severity"><span class="badge {severity}">{severity}</span></td>
<td data-label="Verdict"><span class="verdict {verdict}">{verdict}</span></td>
<th scope="row" class="policy"{opens}>{title}{policy}</th>
<td data-label="Resource">{address}</td>
<td data-label="Where">{place}</td>{root}</tr>
"#
    )
}

/// Empty for what has passed, of which there is nothing more to say.
fn details(info: &PolicyInfo, finding: &Finding) -> String {
    if !is_open(finding) && finding.result != Verdict::Skipped {
        return String::new();
    }
    let mut out = String::new();
    if !finding.message.is_empty() {
        out.push_str(&format!("<p class=\"message\">{}</p>\n", html(&finding.message)));
    }
    out.push_str(&finding.snippet.as_ref().map(source).unwrap_or_default());
    let suppression = finding
        .suppression
        .as_ref()
        .map(|suppression| html(&describe_suppression(suppression)));
    let attribute = finding.attribute.as_ref().map(|attribute| code(attribute));
    let entries = [
        ("Attribute", attribute),
        (
            "Unknown because",
            finding.reason.as_ref().map(|reason| html(reason)),
        ),
        ("Skipped by", suppression),
        ("Called from", said(&called_from(&finding.called_from))),
        ("By this plan", finding.change.as_ref().map(|change| html(change))),
        ("Why", said(&html(&info.why))),
        ("Fix", said(&html(&info.fix))),
        ("Stands for", said(&controls(info))),
        ("Also known as", said(&codes(&info.checkov))),
        ("Fingerprint", Some(code(&finding.fingerprint))),
    ];
    out.push_str("<dl>\n");
    for (name, value) in entries {
        if let Some(value) = value {
            out.push_str(&format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n"));
        }
    }
    out.push_str("</dl>\n");
    out
}

fn controls(info: &PolicyInfo) -> String {
    let frameworks = info.frameworks.iter();
    codes(frameworks.flat_map(|(framework, controls)| {
        controls
            .iter()
            .map(move |control| format!("{framework} {control}"))
    }))
}
