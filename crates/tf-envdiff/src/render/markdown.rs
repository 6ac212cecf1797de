//! For a pull request: what needs somebody first, the rest folded, and never longer than a comment may be.

use super::{
    Shown, about, cause, cells, costs, effects, escape, percent, plural, problem, stack_of, summary, visible,
    waiting, without_causes,
};
use crate::report::{Report, Row};
use crate::rules::Verdict;

/// GitHub's limit for a comment is 65,536 characters.
const MAX: usize = 60_000;
/// Characters of a value.
const MAX_VALUE: usize = 80;

pub(super) fn render(report: &Report, shown: &Shown) -> String {
    let mut out = String::from("<!-- tf-envdiff -->\n");
    let (rows, _) = visible(report, &Shown { all: true, ..*shown });
    let names: Vec<String> = report
        .environments
        .iter()
        .map(|name| escape::markdown(name))
        .collect();
    out.push_str(&format!(
        "### Environments: {}\n\n**{}**, parity {} %.",
        names.join(", "),
        summary(&rows),
        percent(report.permille())
    ));
    if let Some(about) = about(report) {
        out.push_str(&format!(" {}", escape::markdown(&about)));
    }
    out.push_str("\n\n");
    for problem_ in &report.problems {
        out.push_str(&format!("- :x: {}\n", escape::markdown(&problem(problem_))));
    }
    if !report.problems.is_empty() {
        out.push('\n');
    }
    let (expected, open): (Vec<&Row>, Vec<&Row>) =
        rows.into_iter().partition(|row| row.verdict == Verdict::Expected);
    let mut left = 0;
    left += table(report, &open, &mut out, MAX);
    if !expected.is_empty() && out.len() < MAX {
        out.push_str(&format!(
            "<details><summary>{}</summary>\n\n",
            plural(expected.len(), "expected difference")
        ));
        left += table(report, &expected, &mut out, MAX);
        out.push_str("</details>\n\n");
    }
    if left > 0 {
        out.push_str(&format!(
            "{} not shown here; the JSON has them.\n\n",
            plural(left, "row")
        ));
    }
    for idle in &report.idle {
        out.push_str(&format!(
            "- Rule {} ({}:{}) {}\n",
            escape::code(&idle.rule),
            escape::markdown(&idle.file),
            idle.line,
            escape::markdown(&idle.why)
        ));
    }
    if let Some(all) = &report.costs {
        out.push_str(&format!("\n{}\n", escape::markdown(&costs(report, all))));
    }
    for hint in [waiting(report), without_causes(report)].into_iter().flatten() {
        out.push_str(&format!("\n{}\n", escape::markdown(&hint)));
    }
    if !report.left_out.is_empty() {
        out.push_str(&format!(
            "\n{} left out that only name an environment.\n",
            plural(report.left_out.len(), "difference")
        ));
    }
    out
}

/// A table of rows, and how many of them had no room.
fn table(report: &Report, rows: &[&Row], out: &mut String, most: usize) -> usize {
    if rows.is_empty() {
        return 0;
    }
    let names: Vec<String> = report
        .environments
        .iter()
        .map(|name| escape::markdown(name))
        .collect();
    out.push_str(&format!("| | Difference | {} | Why |\n", names.join(" | ")));
    out.push_str(&format!("| --- | --- |{} --- |\n", " --- |".repeat(names.len())));
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> = cells(row.layer, &row.values)
            .iter()
            .map(|cell| match cell.as_str() {
                nothing @ ("–" | "·") => nothing.to_owned(),
                cell => escape::code(&escape::shorten(cell, MAX_VALUE)),
            })
            .collect();
        let mut name = format!(
            "{}{}",
            escape::markdown(&stack_of(row)),
            escape::code(&escape::shorten(&row.name(), 120))
        );
        if let Some(effects) = effects(report, row) {
            name.push_str(&format!(" → {effects}"));
        }
        let mut why = Vec::new();
        if let Some(cause) = cause(row) {
            why.push(escape::markdown(&escape::shorten(&cause, 200)));
        }
        if let Some(rule) = &row.rule {
            why.push(format!(
                "{}: {}",
                escape::code(&rule.name),
                escape::markdown(&rule.reason)
            ));
        }
        if let Some(note) = &row.note {
            why.push(escape::markdown(note));
        }
        let line = format!(
            "| {} | {name} | {} | {} |\n",
            row.verdict.as_str(),
            cells.join(" | "),
            why.join("<br>")
        );
        if out.len() + line.len() > most {
            out.push('\n');
            return rows.len() - at;
        }
        out.push_str(&line);
    }
    out.push('\n');
    0
}
