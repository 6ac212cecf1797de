//! One page that needs nothing else: no request leaves it, and its content security policy allows only the style and the script
//! that are in it. Without script everything shows; with it the matrix can be narrowed.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::escape::html;
use super::{
    about, cause, cells, costs, effects, percent, plural, problem, sum, summary, waiting, without_causes,
};
use crate::finding::Layer;
use crate::report::{Report, Row};
use crate::rules::Verdict;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// The digest by which a content security policy names a style or a script.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

pub(super) fn render(report: &Report) -> String {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let names = report.environments.join(", ");
    let headline = summary(&report.rows.iter().collect::<Vec<_>>());
    let class = if report.acts() { "bad" } else { "good" };
    let mut out = format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>tf-envdiff: {title}</title>
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the matrix</a>
<header>
<h1>tf-envdiff <span class="{class}">{headline}</span></h1>
<p>{title}</p>
</header>
<main id="main">
"##,
        title = html(&names),
        headline = html(&headline),
    );
    if let Some(about) = about(report) {
        out.push_str(&format!("<p>{}</p>\n", html(&about)));
    }
    out.push_str(&cards(report));
    out.push_str(&problems(report));
    out.push_str(&matrix(report));
    out.push_str(&cost(report));
    out.push_str(&idle(report));
    for hint in [waiting(report), without_causes(report)].into_iter().flatten() {
        out.push_str(&format!("<p>{}</p>\n", html(&hint)));
    }
    out.push_str(&left_out(report));
    out.push_str(&format!(
        "</main>\n<footer><p>tf-envdiff {}</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    ));
    out
}

fn cards(report: &Report) -> String {
    let mut cards = vec![(
        "Parity".to_owned(),
        format!("{} %", percent(report.permille())),
        "",
    )];
    for (verdict, class) in [
        (Verdict::Forbidden, "forbidden"),
        (Verdict::Missing, "missing"),
        (Verdict::Unexplained, "unexplained"),
        (Verdict::Expected, "expected"),
    ] {
        let count = report.count(verdict);
        let class = if count > 0 { class } else { "" };
        cards.push((verdict.as_str().to_owned(), count.to_string(), class));
    }
    for (layer, score) in &report.scores {
        cards.push((
            layer.as_str().to_owned(),
            format!("{} %", percent(score.permille())),
            "",
        ));
    }
    let cards: String = cards
        .iter()
        .map(|(name, value, class)| {
            format!("<div class=\"card {class}\"><dt>{name}</dt><dd>{value}</dd></div>\n")
        })
        .collect();
    format!("<dl class=\"cards\">\n{cards}</dl>\n")
}

fn problems(report: &Report) -> String {
    if report.problems.is_empty() {
        return String::new();
    }
    let items: String = report
        .problems
        .iter()
        .map(|one| format!("<li>{}</li>\n", html(&problem(one))))
        .collect();
    format!("<section><h2>Not read</h2>\n<ul class=\"problems\">\n{items}</ul></section>\n")
}

fn choice(id: &str, name: &str, values: &[String]) -> String {
    let options: String = values
        .iter()
        .map(|value| format!("<option value=\"{0}\">{0}</option>", html(value)))
        .collect();
    format!("<label>{name} <select id=\"{id}\"><option value=\"\">all</option>{options}</select></label>\n")
}

fn matrix(report: &Report) -> String {
    let mut rows: Vec<&Row> = report.rows.iter().collect();
    rows.sort_by_key(|row| row.verdict);
    if rows.is_empty() {
        return "<p>The environments do not differ.</p>\n".to_owned();
    }
    let verdicts: BTreeSet<Verdict> = rows.iter().map(|row| row.verdict).collect();
    let layers: BTreeSet<Layer> = rows.iter().map(|row| row.layer).collect();
    let stacks: BTreeSet<String> = rows.iter().map(|row| row.stack.to_string()).collect();
    let texts = |names: Vec<&str>| -> Vec<String> { names.into_iter().map(str::to_owned).collect() };
    let filters = [
        choice("verdict", "Verdict", &texts(verdicts.into_iter().map(Verdict::as_str).collect())),
        choice("layer", "Layer", &texts(layers.into_iter().map(Layer::as_str).collect())),
        choice("stack", "Stack", &stacks.into_iter().collect::<Vec<_>>()),
        "<label>Text <input id=\"text\" type=\"search\" autocomplete=\"off\"></label>\n<output id=\"count\"></output>\n"
            .to_owned(),
    ]
    .concat();
    let heads: String = ["Verdict", "Layer", "Stack", "Difference"]
        .into_iter()
        .map(str::to_owned)
        .chain(report.environments.iter().map(|name| html(name)))
        .chain(std::iter::once("Why".to_owned()))
        .map(|name| format!("<th scope=\"col\">{name}</th>"))
        .collect();
    let body: String = rows.iter().map(|row| tr(report, row)).collect();
    format!(
        "<form id=\"filters\" hidden>\n{filters}</form>\n<div class=\"scroll\"><table id=\"matrix\">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )
}

fn tr(report: &Report, row: &Row) -> String {
    let verdict = row.verdict.as_str();
    let mut name = format!("<code>{}</code>", breakable(&row.name()));
    if let Some(effects) = effects(report, row) {
        name.push_str(&format!(" <small>→ {}</small>", html(&effects)));
    }
    if row.members.len() > 1 {
        let members: String = row
            .members
            .iter()
            .map(|member| format!("<li><code>{}</code></li>", html(&member.name())))
            .collect();
        name.push_str(&format!(
            "<details><summary>which</summary><ul>{members}</ul></details>"
        ));
    }
    let mut why = Vec::new();
    why.extend(cause(row).map(|cause| breakable(&cause)));
    why.extend(row.rule.as_ref().map(|rule| {
        let until = rule
            .until
            .as_ref()
            .map(|until| format!(", until {until}"))
            .unwrap_or_default();
        format!(
            "<code>{}</code>: {} ({}{})",
            html(&rule.name),
            html(&rule.reason),
            html(&rule.owner),
            html(&until)
        )
    }));
    why.extend(row.note.as_ref().map(|note| html(note)));
    let values: String = cells(row.layer, &row.values)
        .iter()
        .map(|cell| match cell.as_str() {
            "–" | "·" => format!("<td class=\"value\">{cell}</td>"),
            // Short ones are not broken at all.
            cell if cell.chars().count() <= 14 => {
                format!("<td class=\"value short\"><code>{}</code></td>", html(cell))
            }
            cell => format!("<td class=\"value\"><code>{}</code></td>", html(cell)),
        })
        .collect();
    format!(
        "<tr data-verdict=\"{verdict}\" data-layer=\"{layer}\" data-stack=\"{stack}\"><td><span class=\"verdict {verdict}\">{verdict}</span></td><td>{layer}</td><td>{stack}</td><td>{name}</td>{values}<td>{why}</td></tr>\n",
        layer = row.layer.as_str(),
        stack = html(&row.stack),
        why = why.join("<br>"),
    )
}

/// Names and files, which a browser may break behind what joins their parts.
fn breakable(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive(['.', '/', '_']) {
        out.push_str(&html(part));
        if part.ends_with(['.', '/', '_']) {
            out.push_str("<wbr>");
        }
    }
    out
}

/// What each environment costs, in all and by root module.
fn cost(report: &Report) -> String {
    let Some(all) = &report.costs else {
        return String::new();
    };
    let stacks: BTreeSet<&std::sync::Arc<str>> = all
        .environments
        .iter()
        .flat_map(|cost| cost.stacks.keys())
        .collect();
    let heads: String = report
        .environments
        .iter()
        .map(|name| format!("<th scope=\"col\">{}</th>", html(name)))
        .collect();
    let tr = |name: &str, cells: Vec<String>| {
        let cells: String = cells
            .iter()
            .map(|cell| format!("<td class=\"money\">{}</td>", html(cell)))
            .collect();
        format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", html(name))
    };
    let mut body: String = stacks
        .iter()
        .filter(|_| stacks.len() > 1)
        .map(|stack| {
            let cells = all.environments.iter();
            let cells = cells.map(|cost| cost.stacks.get(*stack).map_or_else(|| "–".to_owned(), sum));
            tr(stack, cells.collect())
        })
        .collect();
    let totals = all.environments.iter();
    let totals = totals.map(|cost| match cost.incomplete {
        true => "not read".to_owned(),
        false => sum(&cost.total),
    });
    body.push_str(&tr("all", totals.collect()));
    format!(
        "<section><h2>Monthly cost, {}</h2>\n<div class=\"scroll\"><table id=\"cost\">\n<thead><tr><th scope=\"col\">Stack</th>{heads}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n<p><small>{}</small></p></section>\n",
        html(&all.currency),
        html(&costs(report, all))
    )
}

fn idle(report: &Report) -> String {
    if report.idle.is_empty() {
        return String::new();
    }
    let items: String = report
        .idle
        .iter()
        .map(|idle| {
            format!(
                "<li><code>{}</code> ({}:{}) {}</li>\n",
                html(&idle.rule),
                html(&idle.file),
                idle.line,
                html(&idle.why)
            )
        })
        .collect();
    format!("<section><h2>Rules to look at</h2>\n<ul>\n{items}</ul></section>\n")
}

fn left_out(report: &Report) -> String {
    if report.left_out.is_empty() {
        return String::new();
    }
    let rows: String = report
        .left_out
        .iter()
        .map(|left| {
            let name = crate::finding::joined(&left.subject, Some(&left.part.path.to_string()));
            let values: String = cells(left.layer, &left.part.values)
                .iter()
                .map(|cell| format!("<td><code>{}</code></td>", html(cell)))
                .collect();
            format!(
                "<tr><td>{}</td><td>{}</td><td><code>{}</code></td>{values}</tr>\n",
                left.category.as_str(),
                html(&left.stack),
                html(name.trim_end_matches('.'))
            )
        })
        .collect();
    format!(
        "<details><summary>{} left out that only name an environment</summary>\n<div class=\"scroll\"><table><tbody>\n{rows}</tbody></table></div></details>\n",
        plural(report.left_out.len(), "difference")
    )
}
