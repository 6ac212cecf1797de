//! The report in its formats, one file each.

mod escape;
mod html;
mod json;
mod markdown;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use tf_pricing::money;

use crate::cost::{Cell, Costs, Monthly, decimal};
use crate::environment::Problem;
use crate::finding::Layer;
use crate::report::{About, Report, Row};
use crate::rules::Verdict;
use crate::value::Held;

/// A format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people at a terminal
    Text,
    /// plumbline.envdiff/1
    Json,
    /// For a pull request
    Markdown,
    /// A page with filters, which needs nothing else
    Html,
}

/// What is shown, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    /// Expected differences too.
    pub(crate) all: bool,
    /// What is left out.
    pub(crate) left_out: bool,
    /// One line a difference.
    pub(crate) quiet: bool,
    /// Everything that a row stands for.
    pub(crate) verbose: bool,
    /// Colours.
    pub(crate) color: bool,
    /// Columns of the terminal.
    pub(crate) width: usize,
    /// Whether it is one: lines are broken at spaces there, and left to programs elsewhere.
    pub(crate) terminal: bool,
}

/// `FORMAT=FILE`
pub(crate) fn parse_report(text: &str) -> Result<(Format, PathBuf), String> {
    const HOW: &str = "give it as FORMAT=FILE, for example html=envdiff.html";
    let (format, file) = text.split_once('=').ok_or(HOW)?;
    if file.is_empty() {
        return Err(HOW.to_owned());
    }
    let format = <Format as clap::ValueEnum>::from_str(format, true)
        .map_err(|_| "the format is text, json, markdown or html".to_owned())?;
    Ok((format, file.into()))
}

/// The report in a format.
pub(crate) fn render(report: &Report, format: Format, shown: &Shown) -> String {
    match format {
        Format::Text => text::render(report, shown),
        Format::Json => json::render(report, shown),
        Format::Markdown => markdown::render(report, shown),
        Format::Html => html::render(report),
    }
}

/// A problem on one line.
pub(crate) fn problem(problem: &Problem) -> String {
    let mut out = String::new();
    if let Some(environment) = &problem.environment {
        out.push_str(&format!("{environment}: "));
    }
    if let Some(file) = &problem.file {
        match problem.lines {
            Some((line, _)) => out.push_str(&format!("{file}:{line}: ")),
            None => out.push_str(&format!("{file}: ")),
        }
    }
    out.push_str(&problem.message.replace('\n', " "));
    out
}

/// Thousandths as a percentage: `97.4`.
fn percent(permille: usize) -> String {
    format!("{}.{}", permille / 10, permille % 10)
}

fn plural(count: usize, one: &str) -> String {
    match (count, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {one}s"),
    }
}

/// What the verdicts are of rows that are shown, in one line.
fn summary(rows: &[&Row]) -> String {
    let counts: Vec<String> = [
        Verdict::Forbidden,
        Verdict::Missing,
        Verdict::Unexplained,
        Verdict::Expected,
    ]
    .into_iter()
    .map(|verdict| (verdict, rows.iter().filter(|row| row.verdict == verdict).count()))
    .filter(|(_, count)| *count > 0)
    .map(|(verdict, count)| format!("{count} {}", verdict.as_str()))
    .collect();
    match counts.is_empty() {
        true => "no differences".to_owned(),
        false => counts.join(", "),
    }
}

/// What the report is about, where that is not everything.
fn about(report: &Report) -> Option<String> {
    match &report.about {
        About::All => None,
        About::Since {
            base,
            resolved,
            before,
        } => Some(format!(
            "Only what differs since {base}: {} there before, {} gone.",
            plural(*before, "difference"),
            plural(*resolved, "difference"),
        )),
        About::Promotion { from, to } => Some(format!(
            "What would reach {to} if {from} were promoted now, with {to}'s own variables."
        )),
    }
}

/// What is said of values that nobody knows yet.
fn waiting(report: &Report) -> Option<String> {
    (report.waiting > 0).then(|| {
        format!(
            "{} known only after apply: in each environment for the same thing, and taken as equal.",
            match report.waiting {
                1 => "1 value is".to_owned(),
                count => format!("{count} values are"),
            }
        )
    })
}

/// What is said where no causes were looked for.
fn without_causes(report: &Report) -> Option<String> {
    let names = &report.without_causes;
    (!names.is_empty() && !report.rows.is_empty()).then(|| {
        format!(
            "No causes are looked for in {}: give the root modules, --root {}=DIR.",
            names.join(", "),
            names.first().map_or("NAME", String::as_str)
        )
    })
}

/// The stack before a name, where there are stacks: `data: `.
fn stack_of(row: &Row) -> String {
    match &*row.stack {
        "." => String::new(),
        stack => format!("{}: ", escape::one_line(stack)),
    }
}

/// What a row stands for: `→ 14 attributes, 2 resources`.
fn effects(report: &Report, row: &Row) -> Option<String> {
    let noun = |layer: Layer| match layer {
        Layer::Variables => "variable",
        Layer::Modules => "module",
        Layer::Providers => "provider setting",
        Layer::Resources => "resource",
        Layer::Attributes => "attribute",
        Layer::Outputs => "output",
        Layer::Policies => "policy",
        Layer::Cost => "resource",
    };
    if row.layer == Layer::Variables {
        let parts: Vec<String> = row
            .effects
            .iter()
            .map(|(layer, count)| plural(*count, noun(*layer)))
            .chain(amounts(report, row))
            .collect();
        return (!parts.is_empty()).then(|| parts.join(", "));
    }
    let covered = match row.layer {
        Layer::Modules => "resource",
        layer => noun(layer),
    };
    (row.covers > 1).then(|| plural(row.covers, covered))
}

/// What comes of a variable in money: `54.20 / 398.00 USD a month`.
fn amounts(report: &Report, row: &Row) -> Option<String> {
    let cells = row.cost.as_ref()?;
    let parts: Vec<String> = cells
        .iter()
        .map(|cell| match cell {
            Cell::Out => Held::Out.text(),
            Cell::Absent => Held::Absent.text(),
            Cell::Costs(monthly) => dollars(&monthly.held()),
        })
        .collect();
    Some(format!(
        "{} {} a month",
        parts.join(" / "),
        report.costs.as_ref()?.currency
    ))
}

/// An amount of money as people read it; why there is none otherwise.
fn dollars(held: &Held) -> String {
    match (decimal(held), held.value().and_then(tf_lang::Value::as_str)) {
        (Some(amount), _) => money::dollars(amount),
        (None, Some(why)) => format!("({why})"),
        (None, None) => held.text(),
    }
}

/// What all environments cost, and what is not in these sums: `Monthly cost in USD: dev 54.20, prod 398.00.`
fn costs(report: &Report, costs: &Costs) -> String {
    let each = || report.environments.iter().zip(&costs.environments);
    let sums: Vec<String> = each()
        .map(|(name, cost)| match cost.incomplete {
            true => format!("{name} (not read)"),
            false => format!("{name} {}", sum(&cost.total)),
        })
        .collect();
    let mut out = format!("Monthly cost in {}: {}.", costs.currency, sums.join(", "));
    type Count = fn(&Monthly) -> usize;
    let kinds: [(Count, &str); 3] = [
        (|monthly| monthly.unpriced, "without a price"),
        (|monthly| monthly.usage, "that depend on usage"),
        (|monthly| monthly.unknown, "not known before apply"),
    ];
    let mut besides = Vec::new();
    for (count, what) in kinds {
        let counts: Vec<String> = each().map(|(_, cost)| count(&cost.total).to_string()).collect();
        if counts.iter().any(|count| count != "0") {
            besides.push(format!("{} {what}", counts.join(" / ")));
        }
    }
    if !besides.is_empty() {
        out.push_str(&format!(" Not in it: lines {}.", besides.join(", ")));
    }
    out
}

/// A sum, or between which two it lies.
fn sum(monthly: &Monthly) -> String {
    match (monthly.amount.known(), &monthly.held()) {
        (None, _) => money::range(monthly.amount.low, Some(monthly.amount.high)),
        (Some(_), held) => dollars(held),
    }
}

/// Where a row comes from: `var.multi_az (environments/dev/terraform.tfvars:12)`.
fn cause(row: &Row) -> Option<String> {
    let mut parts = Vec::new();
    for cause in &row.causes {
        let place = cause
            .place()
            .map(|place| format!("{}:{}", place.file, place.first));
        let name = (cause.name != row.name()).then_some(cause.name.as_str());
        match (name, place) {
            (Some(name), Some(place)) => parts.push(format!("{name} ({place})")),
            (Some(name), None) => parts.push(name.to_owned()),
            (None, Some(place)) => parts.push(place),
            (None, None) => {}
        }
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Values as texts, of a layer; of secrets only whether they are equal.
pub(crate) fn cells(layer: Layer, values: &[Held]) -> Vec<String> {
    let secret = values.iter().any(Held::is_secret);
    values
        .iter()
        .map(|held| match held {
            Held::Has(_) if layer == Layer::Cost => dollars(held),
            // Verdicts are words, and no texts of a configuration.
            Held::Has(value) if layer == Layer::Policies => {
                value.as_str().map_or_else(|| held.text(), str::to_owned)
            }
            Held::Has(_) if secret && held.is_secret() => "(sensitive, differs)".to_owned(),
            held => escape::one_line(&held.text()),
        })
        .collect()
}

/// The rows that are shown, and how many are not: what only tells of variables that have rows, and what is expected.
fn visible<'r>(report: &'r Report, shown: &Shown) -> (Vec<&'r Row>, usize) {
    let mut variables: BTreeMap<(&str, Verdict), BTreeSet<String>> = BTreeMap::new();
    for row in report.rows.iter().filter(|row| row.layer == Layer::Variables) {
        let names = variables.entry((&*row.stack, row.verdict)).or_default();
        names.insert(row.name());
    }
    let told = |row: &Row| {
        row.is_effect()
            && (row.layer != Layer::Cost || row.causes.len() == 1)
            && variables.get(&(&*row.stack, row.verdict)).is_some_and(|names| {
                row.causes
                    .iter()
                    .all(|cause| has_part_or_whole(names, &cause.name))
            })
    };
    let mut rows: Vec<&Row> = report.rows.iter().filter(|row| !told(row)).collect();
    let before = rows.len();
    rows.retain(|row| shown.all || row.verdict != Verdict::Expected);
    let hidden = before - rows.len();
    rows.sort_by_key(|row| row.verdict);
    (rows, hidden)
}

/// Whether a name is among others, or a part of it, or something that it is a part of: `var.a` or `var.a.b.c` for `var.a.b`.
fn has_part_or_whole(names: &BTreeSet<String>, name: &str) -> bool {
    let ends = name
        .char_indices()
        .filter(|(_, letter)| matches!(letter, '.' | '['))
        .map(|(at, _)| at);
    let mut wholes = ends.chain([name.len()]).filter_map(|end| name.get(..end));
    wholes.any(|whole| names.contains(whole))
        || ['.', '['].into_iter().any(|joint| {
            let begin = format!("{name}{joint}");
            let next = names.range(begin.clone()..).next();
            next.is_some_and(|next| next.starts_with(&begin))
        })
}
