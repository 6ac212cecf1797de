//! For people at a terminal: one row a cause, one column an environment.

use std::collections::BTreeMap;

use console::{Style, measure_text_width};
use tabled::builder::Builder;
use tabled::settings::{Padding, Style as Lines};

use super::{
    Shown, about, cause, cells, costs, effects, escape, percent, plural, problem, stack_of, summary, visible,
    waiting, without_causes,
};
use crate::report::{Report, Row};
use crate::rules::Verdict;

pub(super) fn render(report: &Report, shown: &Shown) -> String {
    let paint = |style: Style, text: &str| match shown.color {
        true => style.force_styling(true).apply_to(text).to_string(),
        false => text.to_owned(),
    };
    let mut out = String::new();
    // What is hidden is counted all the same.
    let (all, _) = visible(report, &Shown { all: true, ..*shown });
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
    for line in footer(report, &summary(&all), hidden).lines() {
        out.push_str(&match shown.terminal {
            true => wrap(line, shown.width),
            false => line.to_owned(),
        });
        out.push('\n');
    }
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
        .zip(cells(row.layer, &row.values))
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
    let widths = widths(report, rows, shown.width);
    let (first, each) = (widths.first, widths.each);
    // Nobody reads a policy document in a cell.
    let most = if shown.verbose { 2_000 } else { 4 * each };
    let mut builder = Builder::default();
    let header: Vec<String> = std::iter::once("difference".to_owned())
        .chain(
            report
                .environments
                .iter()
                .map(|name| wrap(&escape::one_line(name), each)),
        )
        .collect();
    builder.push_record(header);
    for row in rows {
        let mut lines = vec![format!("{}{}", stack_of(row), escape::one_line(&row.name()))];
        if let Some(effects) = effects(report, row) {
            lines.push(format!("→ {effects}"));
        }
        if let Some(cause) = cause(row) {
            lines.push(format!("from {}", escape::one_line(&cause)));
        }
        if let Some(rule) = &row.rule {
            let until = rule
                .until
                .as_ref()
                .map(|until| format!(", until {until}"))
                .unwrap_or_default();
            lines.push(format!(
                "{}: {} ({}{until})",
                rule.name,
                escape::one_line(&rule.reason),
                rule.owner
            ));
        }
        if let Some(note) = &row.note {
            lines.push(escape::one_line(note));
        }
        if shown.verbose && row.members.len() > 1 {
            lines.extend(
                row.members
                    .iter()
                    .map(|member| format!("- {}", escape::one_line(&member.name()))),
            );
        }
        let head: Vec<String> = lines.iter().map(|line| wrap(line, first)).collect();
        let record: Vec<String> = std::iter::once(head.join("\n"))
            .chain(
                cells(row.layer, &row.values)
                    .into_iter()
                    .map(|cell| wrap(&escape::shorten(&cell, most), each)),
            )
            .collect();
        builder.push_record(record);
    }
    let mut table = builder.build();
    table.with(Lines::modern_rounded()).with(Padding::new(1, 1, 0, 0));
    format!("{table}\n")
}

/// How wide the columns of a table are.
struct Widths {
    /// That of the differences.
    first: usize,
    /// The most that one of an environment may be.
    each: usize,
}

/// The columns of environments are as wide as what is in them, up to their share; the first column has the rest.
fn widths(report: &Report, rows: &[&Row], width: usize) -> Widths {
    let columns = report.environments.len();
    // Borders and padding take three characters a column.
    let room = width.saturating_sub(1 + 3 * (columns + 1)).max(20);
    let least = (room * 2 / 5)
        .clamp(10, 60)
        .min(room.saturating_sub(6 * columns).max(10));
    let share = ((room - least.min(room)) / columns.max(1)).max(4);
    let mut used: Vec<usize> = report
        .environments
        .iter()
        .map(|name| measure_text_width(&escape::one_line(name)).min(share))
        .collect();
    for row in rows {
        for (used, cell) in used.iter_mut().zip(cells(row.layer, &row.values)) {
            *used = (*used).max(measure_text_width(&cell).min(share));
        }
    }
    let rest = room.saturating_sub(used.iter().sum());
    Widths {
        first: rest.clamp(least, 90),
        each: share,
    }
}

/// The text in lines of so many columns, broken at spaces, and inside of words behind what joins their parts.
fn wrap(text: &str, width: usize) -> String {
    let width = width.max(4);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let gap = usize::from(!line.is_empty());
            if measure_text_width(&line) + gap + measure_text_width(word) <= width {
                if gap > 0 {
                    line.push(' ');
                }
                line.push_str(word);
                break;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let end = break_of(word, width);
            lines.push(word.get(..end).unwrap_or(word).to_owned());
            word = word.get(end..).unwrap_or_default();
        }
    }
    lines.push(line);
    lines.join("\n")
}

/// Where a word is broken that is too long for a line.
fn break_of(word: &str, width: usize) -> usize {
    let mut used = 0;
    let mut last = 0;
    let mut joint = 0;
    for (at, letter) in word.char_indices() {
        used += measure_text_width(letter.encode_utf8(&mut [0; 4]));
        if used > width {
            break;
        }
        last = at + letter.len_utf8();
        if matches!(letter, '.' | '/' | '_' | '-' | ',' | ':' | '[' | ']') {
            joint = last;
        }
    }
    match (joint * 2 > last, last) {
        (true, _) => joint,
        (false, 0) => word.chars().next().map_or(word.len(), char::len_utf8),
        (false, last) => last,
    }
}

fn left_out(report: &Report) -> String {
    let mut out = String::from("Left out, because it only names an environment:\n");
    for left in &report.left_out {
        let name = crate::finding::joined(&left.subject, Some(&left.part.path.to_string()));
        let values: Vec<String> = report
            .environments
            .iter()
            .zip(cells(left.layer, &left.part.values))
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

fn footer(report: &Report, summary: &str, hidden: usize) -> String {
    let mut out = String::new();
    let scores: Vec<String> = report
        .scores
        .iter()
        .map(|(layer, score)| format!("{} {}", layer.as_str(), percent(score.permille())))
        .collect();
    out.push_str(&format!(
        "{}: {}. Parity {} % ({}).\n",
        report.environments.join(", "),
        summary,
        percent(report.permille()),
        scores.join(", ")
    ));
    if let Some(all) = &report.costs {
        out.push_str(&format!("{}\n", costs(report, all)));
    }
    for hint in [waiting(report), without_causes(report)].into_iter().flatten() {
        out.push_str(&format!("{hint}\n"));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_never_wider_than_they_may_be() {
        for (text, want) in [
            ("one two three", "one two\nthree"),
            ("environments/dev/x", "environm\nents/\ndev/x"),
            ("a_very.long_name", "a_very.\nlong_\nname"),
            ("→ 3 resources", "→ 3\nresource\ns"),
            ("", ""),
        ] {
            assert_eq!(wrap(text, 8), want);
        }
    }
}
