//! Sentences that several formats have in common.

use std::collections::BTreeMap;

use tf_pricing::money;
use tf_pricing::terms::Commitment;
use tf_pricing::{ComponentDifference, ComponentDocument, Difference, Summary};

/// The resources of an estimate by what is known of their cost, as a sentence.
pub(super) fn resources(summary: &Summary) -> String {
    let mut out = format!(
        "{} with a model, {} free of charge, {} without a model yet",
        plural(summary.priced_resources, "resource", "resources"),
        summary.free_resources,
        summary.not_priced_resources,
    );
    if summary.not_known_resources > 0 {
        out.push_str(&format!(
            ", {} of types that are not known",
            summary.not_known_resources
        ));
    }
    if summary.foreign_resources > 0 {
        out.push_str(&format!(", {} of other providers", summary.foreign_resources));
    }
    out
}

/// The types that are in no sum: why, and which with how many resources.
pub(super) fn in_no_sum(summary: &Summary) -> Vec<(&'static str, &BTreeMap<String, usize>)> {
    let both = [
        ("No model yet", &summary.not_priced_types),
        (
            "Not known (types newer than this program; whether they cost anything is not known)",
            &summary.not_known_types,
        ),
    ];
    both.into_iter().filter(|(_, types)| !types.is_empty()).collect()
}

/// A line broken between words where it is longer than `width`; what follows is indented by two columns more than its beginning.
pub(super) fn broken(line: &str, width: Option<usize>) -> String {
    let Some(width) = width.filter(|width| line.chars().count() > *width) else {
        return line.to_owned();
    };
    let text = line.trim_start();
    let indent = line.chars().count() - text.chars().count();
    let mut out = " ".repeat(indent);
    let mut column = indent;
    for word in text.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if column > indent && column + length > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
            column = indent + 2;
        }
        out.push_str(word);
        column += word.chars().count();
    }
    out
}

pub(super) fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// How much of a commitment is used.
pub(super) fn commitment(commitment: &Commitment) -> String {
    let unused = commitment.committed - commitment.used;
    let amount = |amount| format!("{} {}", money::quantity(amount), commitment.unit);
    let rest = match unused.is_zero() {
        true => String::new(),
        false => format!(
            "; {} are not, and are paid all the same, in no sum here",
            amount(unused)
        ),
    };
    format!(
        "{} \"{}\": {} of {} a month are used{rest}",
        commitment.kind,
        commitment.name,
        money::quantity(commitment.used),
        amount(commitment.committed)
    )
}

/// How many lines have a price on one side only, as a sentence; none where there are none.
pub(super) fn one_sided(difference: &Difference) -> Option<String> {
    match difference.one_sided {
        0 => None,
        1 => Some("1 line has a price on one side only, and is not in what is added".to_owned()),
        many => Some(format!(
            "{many} lines have a price on one side only, and are not in what is added"
        )),
    }
}

/// The sum of a line, or why it has none.
pub(super) fn sum(line: Option<&ComponentDocument>) -> String {
    match line {
        None => "nothing".to_owned(),
        Some(line) => match (line.monthly, &line.unpriced) {
            (Some(monthly), _) => money::range(monthly, line.monthly_max),
            (None, Some(_)) => "unpriced".to_owned(),
            (None, None) if !line.depends_on.is_empty() => "not known".to_owned(),
            (None, None) => "depends on usage".to_owned(),
        },
    }
}

/// What a line adds, or that this is not known: a price that is missing on one side is not nothing.
pub(super) fn added(line: &ComponentDifference) -> String {
    let sides = [line.before.as_ref(), line.after.as_ref()];
    let mut there = sides.into_iter().flatten();
    if there.clone().any(|side| side.monthly.is_none()) && line.delta.is_zero() {
        return "not known".to_owned();
    }
    let [before, after] = sides.map(|side| {
        side.and_then(|side| side.monthly_max.or(side.monthly))
            .unwrap_or_default()
    });
    let is_range = there.any(|side| side.monthly_max.is_some());
    money::delta(line.delta, is_range.then_some(after - before))
}

/// What became of something.
pub(super) fn change(change: tf_pricing::Change) -> &'static str {
    match change {
        tf_pricing::Change::Added => "added",
        tf_pricing::Change::Removed => "removed",
        tf_pricing::Change::Configuration => "configuration changed",
        tf_pricing::Change::Price => "price changed",
        tf_pricing::Change::Both => "configuration and price changed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        for (line, width, lines) in [
            ("  short", Some(10), "  short"),
            ("  one two three four", None, "  one two three four"),
            ("  one two three four", Some(12), "  one two\n    three\n    four"),
            ("  averyverylongword x", Some(8), "  averyverylongword\n    x"),
            ("a – b × c", Some(5), "a – b\n  × c"),
        ] {
            assert_eq!(broken(line, width), lines);
        }
    }
}
