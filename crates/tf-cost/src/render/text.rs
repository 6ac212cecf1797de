//! The table for people.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Padding, Style};
use tf_pricing::savings::Saving;
use tf_pricing::{ComponentDocument, Document, ResourceDocument, Summary, money};

use super::words::plural;
use super::{Options, words};

/// Lines in which no price is are listed up to this number; `--verbose` lists all.
const SHOWN: usize = 10;

pub(super) fn document(document: &Document, options: &Options) -> String {
    let mut out = String::new();
    if !options.quiet {
        let mut root = None;
        for resource in document
            .resources
            .iter()
            .filter(|resource| options.verbose || counts(resource))
        {
            if resource.root.is_some() && root != resource.root.as_ref() {
                root = resource.root.as_ref();
                out.push_str(&bold(root.map_or("", |root| root.as_str()), options));
                out.push_str("\n\n");
            }
            push_resource(&mut out, resource, options);
        }
    }
    for root in &document.roots {
        let sum = money::range(root.total_monthly, root.total_monthly_max);
        out.push_str(&format!("{:<60} {sum:>16}{}\n", root.root, short(&root.summary)));
    }
    let sum = money::range(document.total_monthly, document.total_monthly_max);
    out.push_str(&bold(
        &format!("Total a month, {}: {sum}", document.currency),
        options,
    ));
    out.push('\n');
    push_summary(&mut out, document, options);
    out
}

/// Whether a resource has a line that is in the sum, or one that should be and is not. What is all billed by use, without usage,
/// is listed in short.
fn counts(resource: &ResourceDocument) -> bool {
    let decided = |line: &ComponentDocument| {
        line.monthly.is_some() || line.unpriced.is_some() || !line.depends_on.is_empty()
    };
    resource.components.iter().any(decided)
}

fn bold(text: &str, options: &Options) -> String {
    match options.color {
        true => format!("\u{1b}[1m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

fn faint(text: &str, options: &Options) -> String {
    match options.color {
        true => format!("\u{1b}[2m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

/// What a root's sum does not count, in a few words.
fn short(summary: &Summary) -> String {
    let open = summary.unpriced_lines + summary.depends_on_unknown;
    match open {
        0 => String::new(),
        _ => format!("  + {open} not counted"),
    }
}

fn push_resource(out: &mut String, resource: &ResourceDocument, options: &Options) {
    let place = match (&resource.file, resource.lines) {
        (Some(file), Some([line, _])) => format!("  {file}:{line}"),
        _ => String::new(),
    };
    out.push_str(&bold(&resource.address, options));
    out.push_str(&faint(&place, options));
    out.push('\n');
    if resource.components.is_empty() {
        out.push_str("  costs nothing as it is configured\n\n");
        return;
    }
    let mut rows: Vec<[String; 4]> = Vec::new();
    let mut group = None;
    for line in &resource.components {
        if line.group.as_ref() != group {
            group = line.group.as_ref();
            if let Some(group) = group {
                rows.push([format!("  {group}"), String::new(), String::new(), String::new()]);
            }
        }
        let indent = if line.group.is_some() { "    " } else { "  " };
        let [quantity, price, monthly] = cells(line);
        rows.push([format!("{indent}{}", line.name), quantity, price, monthly]);
    }
    if let Some(monthly) = resource.monthly.filter(|_| resource.components.len() > 1) {
        let sum = money::range(monthly, resource.monthly_max);
        rows.push([String::new(), String::new(), String::new(), sum]);
    }
    // Names are broken, figures never.
    let figures: usize = (1..4)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            2 + cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        })
        .sum();
    let room = options.width.map(|width| width.saturating_sub(figures).max(24));
    let mut builder = Builder::default();
    for mut row in rows {
        if let Some(name) = row.first_mut() {
            *name = words::broken(name, room);
        }
        builder.push_record(row);
    }
    let mut table = builder.build();
    table
        .with(Style::empty())
        .with(Padding::new(0, 2, 0, 0))
        .modify(Columns::new(1..4), Alignment::right());
    for line in table.to_string().lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push('\n');
}

/// Quantity, price and sum of a line, or what is missing of them.
fn cells(line: &ComponentDocument) -> [String; 3] {
    let quantity = match (line.quantity, line.quantity_max) {
        (Some(low), Some(high)) => format!(
            "{} – {} {}",
            money::quantity(low),
            money::quantity(high),
            line.unit
        ),
        (Some(quantity), None) => format!("{} {}", money::quantity(quantity), line.unit),
        (None, _) => line.unit.clone(),
    };
    let price = line
        .price
        .map_or(String::new(), |price| format!("× {}", exact(price)));
    let monthly = match (line.monthly, &line.unpriced, line.depends_on.as_slice()) {
        (Some(monthly), ..) => money::range(monthly, line.monthly_max),
        (None, Some(_), _) => "unpriced".to_owned(),
        (None, None, [_, ..]) => "not known".to_owned(),
        (None, None, []) => "depends on usage".to_owned(),
    };
    [quantity, price, monthly]
}

/// A price with all its digits, and at least cents.
fn exact(price: Decimal) -> String {
    match price.scale() < 2 {
        true => format!("{price:.2}"),
        false => price.to_string(),
    }
}

/// Types with how many there are of each: `aws_a, aws_b (2)`.
fn counted<T: std::fmt::Display>(types: &BTreeMap<T, usize>) -> String {
    let types = types.iter().map(|(ty, count)| match count {
        1 => ty.to_string(),
        _ => format!("{ty} ({count})"),
    });
    types.collect::<Vec<_>>().join(", ")
}

/// Savings, the largest first.
fn push_savings(push: &mut impl FnMut(String), document: &Document, options: &Options) {
    if document.savings.is_empty() {
        return;
    }
    push(format!(
        "  {} {} a month could be saved, as the price list proves (nothing is changed by this):",
        money::dollars(document.savings_monthly()),
        document.currency
    ));
    let mut savings: Vec<&Saving> = document.savings.iter().collect();
    savings.sort_by_key(|saving| std::cmp::Reverse(saving.monthly));
    let most = if options.verbose { usize::MAX } else { SHOWN };
    for saving in savings.iter().take(most) {
        let root = saving.root.as_ref().map(|root| format!("{root}: "));
        push(format!(
            "    {:>10}  {}{}: {} → {} ({})",
            money::range(saving.monthly, saving.monthly_max),
            root.unwrap_or_default(),
            saving.address,
            saving.from,
            saving.to,
            saving.note
        ));
    }
    if savings.len() > most {
        push(format!("    … and {} more (--verbose)", savings.len() - most));
    }
}

fn push_summary(out: &mut String, document: &Document, options: &Options) {
    let summary = &document.summary;
    let mut push = |line: String| {
        out.push_str(&words::broken(&line, options.width));
        out.push('\n');
    };
    push(format!("  {}", words::resources(summary)));
    for (why, types) in words::in_no_sum(summary) {
        push(format!("  {why}: {}", counted(types)));
    }
    if summary.depends_on_usage > 0 {
        push(format!(
            "  {} by use, for which no usage is given (tf-cost usage init writes a usage file, --usage reads it)",
            plural(summary.depends_on_usage, "line is billed", "lines are billed")
        ));
        let silent = document
            .resources
            .iter()
            .filter(|resource| !counts(resource) && !resource.components.is_empty());
        let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
        for resource in silent {
            *by_type.entry(&resource.ty).or_default() += 1;
        }
        if !by_type.is_empty() && !options.verbose {
            push(format!(
                "  Billed by use alone, and not listed above: {} (--verbose)",
                counted(&by_type)
            ));
        }
    }
    for (count, title, unpriced) in [
        (summary.unpriced_lines, "without a price", true),
        (summary.depends_on_unknown, "not known", false),
    ] {
        if count == 0 {
            continue;
        }
        push(format!(
            "  {} {title}, and not counted:",
            plural(count, "line is", "lines are")
        ));
        let lines = document.resources.iter().flat_map(|resource| {
            resource.components.iter().filter_map(move |line| {
                let reason = match unpriced {
                    true => line.unpriced.clone()?,
                    false if !line.depends_on.is_empty() => line.depends_on.join("; "),
                    false => return None,
                };
                Some(format!("    {}, {}: {reason}", resource.address, line.name))
            })
        });
        let most = if options.verbose { usize::MAX } else { SHOWN };
        for line in lines.take(most) {
            push(line);
        }
        if count > most {
            push(format!("    … and {} more (--verbose)", count - most));
        }
    }
    push_savings(&mut push, document, options);
    for commitment in &document.commitments {
        push(format!("  {}", words::commitment(commitment)));
    }
    if !document.errors.is_empty() {
        push(format!(
            "  {} while reading: the sum is not complete",
            plural(document.errors.len(), "error", "errors")
        ));
    }
}
