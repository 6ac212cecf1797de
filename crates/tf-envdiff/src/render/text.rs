//! For people at a terminal: one row a cause, one column an environment.

use std::collections::BTreeMap;

use console::Style;
use tabled::builder::Builder;
use tabled::settings::{Padding, Style as Lines, Width, object::Columns};

use super::{Shown, about, cause, cells, effects, escape, percent, plural, problem, summary, visible};
use crate::report::{Report, Row};
use crate::rules::Verdict;

pub(super) fn render(report: &Report, shown: &Shown) -> String {
    let paint = |style: Style, text: &str| match shown.color {
        true => style.force_styling(true).apply_to(text).to_string(),
        false => text.to_owned(),
    };
    let mut out = String::new();
    let (rows, hidden) = visible(report, shown);
    if shown.quiet {
        for row in &rows {
            out.push_str(&line(report, row));
        }
        return out;
    }
    if let Some(about) = about(report) {
        out.push_str(&format!("{about}\n\n"));
    }
    for problem_ in &report.problems {
        out.push_str(&format!(
            "{} {}\n",
            paint(Style::new().red().bold(), "error:"),
            escape::one_line(&problem(problem_))
        ));
    }
    if !report.problems.is_empty() {
        out.push('\n');
    }
    let mut verdicts: BTreeMap<Verdict, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        verdicts.entry(row.verdict).or_default().push(row);
    }
    for (verdict, rows) in verdicts {
        let style = match verdict {
            Verdict::Forbidden => Style::new().red().bold(),
            Verdict::Missing | Verdict::Unexplained => Style::new().yellow().bold(),
            Verdict::Expected => Style::new().green().bold(),
        };
        out.push_str(&paint(style, &format!("{} ({})", title(verdict), rows.len())));
        out.push('\n');
        out.push_str(&table(report, &rows, shown));
        out.push('\n');
    }
    if shown.left_out {
        out.push_str(&left_out(report));
    }
    for idle in &report.idle {
        out.push_str(&format!(
            "{} {}:{}: {} {}\n",
            paint(Style::new().yellow(), "rule:"),
            idle.file,
            idle.line,
            idle.rule,
            idle.why
        ));
    }
    out.push_str(&footer(report, hidden));
    out
}

fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Forbidden => "Forbidden",
        Verdict::Missing => "Missing",
        Verdict::Unexplained => "Unexplained",
        Verdict::Expected => "Expected",
    }
}

/// A row on one line, for `--quiet`.
fn line(report: &Report, row: &Row) -> String {
    let values: Vec<String> = report
        .environments
        .iter()
        .zip(cells(&row.values))
        .map(|(name, cell)| format!("{name}={cell}"))
        .collect();
    let place = row
        .place()
        .map(|place| format!("{}:{}: ", place.file, place.first))
        .unwrap_or_default();
    format!(
        "{place}{} {} {}: {}\n",
        row.verdict.as_str(),
        escape::one_line(&row.stack),
        escape::one_line(&row.name()),
        values.join(" ")
    )
}

/// The matrix, as wide as the terminal: a column of an environment gets its share, and what is longer is wrapped.
fn table(report: &Report, rows: &[&Row], shown: &Shown) -> String {
    let columns = report.environments.len();
    // Borders and padding take three characters a column.
    let room = shown.width.saturating_sub(1 + 3 * (columns + 1)).max(20);
    let first = (room * 2 / 5).clamp(10, 60).min(room.saturating_sub(6 * columns).max(10));
    let each = ((room - first.min(room)) / columns.max(1)).max(4);
    // Nobody reads a policy document in a cell.
    let most = if shown.verbose { 2_000 } else { 4 * each };
    let mut builder = Builder::default();
    let header: Vec<String> = std::iter::once("difference".to_owned())
        .chain(report.environments.iter().map(|name| escape::one_line(name)))
        .collect();
    builder.push_record(header);
    for row in rows {
        let mut lines = vec![format!("{}: {}", escape::one_line(&row.stack), escape::one_line(&row.name()))];
        if let Some(effects) = effects(row) {
            lines.push(format!("→ {effects}"));
        }
        if let Some(cause) = cause(row) {
            lines.push(format!("from {}", escape::one_line(&cause)));
        }
        if let Some(rule) = &row.rule {
            let until = rule.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
            lines.push(format!("{}: {} ({}{until})", rule.name, escape::one_line(&rule.reason), rule.owner));
        }
        if let Some(note) = &row.note {
            lines.push(escape::one_line(note));
        }
        if shown.verbose && row.members.len() > 1 {
            lines.extend(row.members.iter().map(|member| format!("- {}", escape::one_line(&member.name()))));
        }
        let record: Vec<String> = std::iter::once(lines.join("\n"))
            .chain(cells(&row.values).into_iter().map(|cell| escape::shorten(&cell, most)))
            .collect();
        builder.push_record(record);
    }
    let mut table = builder.build();
    table.with(Lines::modern_rounded()).with(Padding::new(1, 1, 0, 0));
    table.modify(Columns::first(), Width::wrap(first).keep_words(true));
    table.modify(Columns::new(1..), Width::wrap(each).keep_words(true));
    format!("{table}\n")
}

fn left_out(report: &Report) -> String {
    let mut out = String::from("Left out, because it only names an environment:\n");
    for left in &report.left_out {
        let name = crate::finding::joined(&left.subject, Some(&left.part.path.to_string()));
        let values: Vec<String> = report
            .environments
            .iter()
            .zip(cells(&left.part.values))
            .map(|(name, cell)| format!("{name}={}", escape::shorten(&cell, 60)))
            .collect();
        out.push_str(&format!(
            "  {:<9} {}: {}: {}\n",
            left.category.as_str(),
            escape::one_line(&left.stack),
            escape::one_line(name.trim_end_matches('.')),
            values.join(" ")
        ));
    }
    out.push('\n');
    out
}

fn footer(report: &Report, hidden: usize) -> String {
    let mut out = String::new();
    let scores: Vec<String> = report
        .scores
        .iter()
        .map(|(layer, score)| format!("{} {}", layer.as_str(), percent(score.permille())))
        .collect();
    out.push_str(&format!(
        "{}: {}. Parity {} % ({}).\n",
        report.environments.join(", "),
        summary(report),
        percent(report.permille()),
        scores.join(", ")
    ));
    if hidden > 0 {
        out.push_str(&format!("{} not shown: --all.\n", plural(hidden, "expected row")));
    }
    let count = report.left_out.len();
    if count > 0 {
        let mut by: BTreeMap<&str, usize> = BTreeMap::new();
        for left in &report.left_out {
            *by.entry(left.category.as_str()).or_default() += 1;
        }
        let parts: Vec<String> = by.iter().map(|(name, count)| format!("{name} {count}")).collect();
        out.push_str(&format!(
            "{} left out that only name an environment ({}): --show-left-out.\n",
            plural(count, "difference"),
            parts.join(", ")
        ));
    }
    out
}
