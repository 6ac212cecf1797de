//! What becomes of resources and outputs.

use tf_model::plan::Action;

use super::{Page, broken, code, findings, html, one_line, section};
use crate::changes::{OutputChange, ResourceChange};
use crate::diff::{Change, Difference, Line, Shown};
use crate::markdown::{becomes, done};
use crate::risk::Risk;
use tf_report::Severity;

/// Characters of one value that are shown; who wants more has `review.json` and the plan.
const VALUE: usize = 4_000;
/// Differences of one change that are shown.
const DIFFERENCES: usize = 300;
/// Lines of one text that are shown.
const LINES: usize = 400;
/// As many changes of a risk that matters are open from the beginning.
const OPEN: usize = 10;

const RISKS: [(Risk, &str, &str); 5] = [
    (
        Risk::DataLoss,
        "Data loss",
        "Data that cannot be made again is deleted.",
    ),
    (Risk::Exposure, "Exposure", "Somebody more may reach something."),
    (
        Risk::Privilege,
        "Privilege",
        "Somebody may do more, or other things.",
    ),
    (Risk::Cost, "Cost", "It costs more, or less."),
    (Risk::Rest, "Other changes", ""),
];

fn risks(page: &Page<'_>) -> String {
    let mut out = String::new();
    for (risk, title, about) in RISKS {
        let changes: Vec<(usize, &ResourceChange)> = page
            .document
            .changes
            .resources
            .iter()
            .enumerate()
            .filter(|(_, change)| change.risk == risk)
            .collect();
        if changes.is_empty() {
            continue;
        }
        let instances: usize = changes.iter().map(|(_, change)| change.addresses.len()).sum();
        let open = matches!(risk, Risk::DataLoss | Risk::Exposure | Risk::Privilege) && changes.len() <= OPEN;
        let items: String = changes
            .iter()
            .map(|(at, change)| resource(page, *at, change, open))
            .collect();
        let about = match about {
            "" => String::new(),
            about => format!("<p class=\"about\">{about}</p>\n"),
        };
        out.push_str(&format!(
            "<div class=\"risk {}\">\n<h3>{title} <small>{instances}</small></h3>\n{about}{items}</div>\n",
            risk.as_str()
        ));
    }
    out
}

pub(super) fn resources(page: &Page<'_>) -> String {
    let changes = &page.document.changes.resources;
    if changes.is_empty() {
        return "<p class=\"clear\">No resource changes.</p>\n".to_owned();
    }
    let instances = changes.iter().map(|change| change.addresses.len()).sum();
    section("changes", "Changes", instances, &risks(page))
}

pub(super) fn outputs(page: &Page<'_>) -> String {
    let outputs = &page.document.changes.outputs;
    if outputs.is_empty() {
        return String::new();
    }
    let items: String = outputs.iter().map(output).collect();
    section("outputs", "Outputs", outputs.len(), &items)
}

/// The class of an action, its sign, and its name for those who hear the page.
fn sign(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::NoOp | Action::Read => ("keep", "="),
        Action::Create => ("create", "+"),
        Action::Update => ("update", "~"),
        Action::Delete => ("delete", "−"),
        Action::DeleteThenCreate => ("replace", "−/+"),
        Action::CreateThenDelete => ("replace", "+/−"),
        Action::Forget => ("keep", "·"),
    }
}

fn resource(page: &Page<'_>, at: usize, change: &ResourceChange, open: bool) -> String {
    let (class, sign) = sign(change.action);
    let mut title = match change.addresses.as_slice() {
        [] => String::new(),
        [one] => broken(one),
        [first, ..] => format!(
            "{} <span class=\"like\">and {} like it</span>",
            broken(first),
            change.addresses.len() - 1
        ),
    };
    title.push_str(&format!(" <span class=\"done\">{}</span>", done(change.action)));
    if !change.forced_by.is_empty() {
        let paths: Vec<String> = change.forced_by.iter().map(|path| broken(path)).collect();
        title.push_str(&format!(
            "<span class=\"forced\">, forced by {}</span>",
            paths.join(", ")
        ));
    }
    if change.imports {
        title.push_str("<span class=\"note\">, imported</span>");
    }
    if let [previous] = change.previous.as_slice() {
        title.push_str(&format!(
            "<span class=\"note\">, moved from {}</span>",
            broken(previous)
        ));
    }
    if let Some(deposed) = &change.deposed {
        title.push_str(&format!(
            "<span class=\"note\">: {} was left behind by a replacement</span>",
            code(deposed)
        ));
    }
    if let Some(cost) = &change.cost {
        title.push_str(&format!("<span class=\"note\">: {}</span>", html(cost)));
    }
    let failures = change
        .addresses
        .iter()
        .filter_map(|address| page.failures.get(address.as_str()));
    let failures = failures.fold(None, |sum: Option<(usize, Severity)>, (count, worst)| match sum {
        None => Some((*count, *worst)),
        Some((sum, worse)) => Some((sum + count, worse.max(*worst))),
    });
    if let Some((count, worst)) = failures {
        let s = if count == 1 { "" } else { "s" };
        title.push_str(&format!(
            " {} <span class=\"failures\">{count} failure{s}</span>",
            findings::badge(worst)
        ));
    }
    let mut body = String::new();
    if let Some(reason) = &change.reason {
        body.push_str(&match explained(reason) {
            Some(sentence) => format!("<p class=\"reason\">{sentence}</p>\n"),
            None => format!("<p class=\"reason\">Terraform’s reason: {}</p>\n", code(reason)),
        });
    }
    if change.addresses.len() > 1 {
        body.push_str("<ul class=\"addresses\">");
        for (at, address) in change.addresses.iter().enumerate() {
            let from = change.previous.get(at);
            let from = from.map(|from| format!(" <span class=\"note\">from {}</span>", broken(from)));
            body.push_str(&format!(
                "<li>{}{}</li>",
                broken(address),
                from.unwrap_or_default()
            ));
        }
        body.push_str("</ul>\n");
    }
    body.push_str(&differences(&change.differences));
    folded(&format!("change-{at}"), class, sign, &title, &body, open)
}

/// Terraform's [`action_reason`](https://developer.hashicorp.com/terraform/internals/json-format#change-representation) in a sentence.
fn explained(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "delete_because_no_resource_config" => "It is in the configuration no more.",
        "delete_because_no_module" => "Its module is called no more.",
        "delete_because_wrong_repetition" => "Its block has count or for_each now, or has it no more.",
        "delete_because_count_index" => "Its index is not below count any more.",
        "delete_because_each_key" => "Its key is not in for_each any more.",
        "delete_because_no_move_target" => "It moves to where nothing is declared.",
        "replace_because_tainted" => "It is tainted: an earlier apply did not make it whole.",
        "replace_because_cannot_update" => "What changes cannot be changed in place.",
        "replace_by_request" => "The plan was told to replace it.",
        "replace_by_triggers" => "What replace_triggered_by names has changed.",
        _ => return None,
    })
}

fn output(change: &OutputChange) -> String {
    let (class, sign) = sign(change.action);
    let title = format!(
        "{} <span class=\"done\">{}</span>",
        broken(&change.name),
        becomes(change.action)
    );
    // An anchor's name may not hold every character, and outputs are few: nothing points at them.
    folded("", class, sign, &title, &differences(&change.differences), true)
}

/// Something that opens on a click, or a line where there is nothing to open.
fn folded(id: &str, class: &str, sign: &str, title: &str, body: &str, open: bool) -> String {
    let id = match id {
        "" => String::new(),
        id => format!(" id=\"{id}\""),
    };
    let title = format!(
        "<span class=\"sign\" aria-hidden=\"true\">{sign}</span> <span class=\"title\">{title}</span>"
    );
    match body.is_empty() {
        true => format!("<div{id} class=\"change item {class}\" data-action=\"{class}\">{title}</div>\n"),
        false => {
            let open = if open { " open" } else { "" };
            format!(
                "<details{id} class=\"change item {class}\" data-action=\"{class}\"{open}>\n<summary>{title}</summary>\n{body}</details>\n"
            )
        }
    }
}

fn differences(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let mut out = String::from("<dl class=\"diff\">\n");
    for difference in differences.iter().take(DIFFERENCES) {
        let path = match difference.path.as_str() {
            "" => "<span class=\"note\">value</span>".to_owned(),
            path => broken(path),
        };
        out.push_str(&format!(
            "<div><dt>{path}</dt><dd>{}</dd></div>\n",
            change(&difference.change)
        ));
    }
    out.push_str("</dl>\n");
    if differences.len() > DIFFERENCES {
        out.push_str(&format!(
            "<p class=\"note\">and {} more attributes</p>\n",
            differences.len() - DIFFERENCES
        ));
    }
    out
}

fn change(change: &Change) -> String {
    match change {
        Change::Added(new) => value("ins", new),
        Change::Removed(old) => value("del", old),
        Change::Changed(old, new) => format!("{}{}", value("del", old), value("ins", new)),
        Change::Lines(lines) => {
            let mut out = String::from("<pre tabindex=\"0\">");
            for line in lines.iter().take(LINES) {
                out.push_str(&match line {
                    Line::Added(text) => format!("<ins>{}\n</ins>", shortened(text)),
                    Line::Removed(text) => format!("<del>{}\n</del>", shortened(text)),
                    Line::Kept(text) => format!("<span>{}\n</span>", shortened(text)),
                    Line::Left(1) => "<i>1 line\n</i>".to_owned(),
                    Line::Left(count) => format!("<i>{count} lines\n</i>"),
                });
            }
            if lines.len() > LINES {
                out.push_str(&format!("<i>and {} more\n</i>", lines.len() - LINES));
            }
            out.push_str("</pre>");
            out
        }
    }
}

fn value(element: &str, value: &Shown) -> String {
    match value {
        Shown::Value(text) => format!("<{element}>{}</{element}>", shortened(text)),
        Shown::Sensitive => format!("<{element} class=\"hidden-value\">{value}</{element}>"),
        Shown::Unknown(waits) if waits.is_empty() => {
            format!("<{element} class=\"later\">{value}</{element}>")
        }
        Shown::Unknown(waits) => format!(
            "<{element} class=\"later\">{value} <small>{}</small></{element}>",
            html(waits)
        ),
    }
}

/// A value, as much of it as a person reads.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(VALUE) {
        None => keep_tabs(text),
        Some((end, _)) => {
            let (shown, rest) = text.split_at(end);
            format!(
                "{}<i>… {} characters more</i>",
                keep_tabs(shown),
                rest.chars().count()
            )
        }
    }
}

fn keep_tabs(text: &str) -> String {
    let parts: Vec<String> = text.split('\t').map(one_line).collect();
    parts.join("\t")
}
