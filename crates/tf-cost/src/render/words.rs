//! Sentences that several formats have in common.

use tf_pricing::ComponentDocument;
use tf_pricing::Difference;
use tf_pricing::terms::Commitment;

use tf_pricing::money;

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
