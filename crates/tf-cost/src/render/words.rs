//! Sentences that several formats have in common.

use rust_decimal::Decimal;
use tf_pricing::ComponentDocument;
use tf_pricing::terms::Commitment;

use crate::money;

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

/// An amount with its sign.
pub(super) fn signed(amount: Decimal) -> String {
    match amount.is_sign_negative() && !amount.is_zero() {
        true => money::dollars(amount),
        false => format!("+{}", money::dollars(amount.abs())),
    }
}

/// What is added, or between which two amounts that is.
pub(super) fn delta(low: Decimal, high: Option<Decimal>) -> String {
    match high.filter(|high| *high != low) {
        Some(high) => format!("{} – {}", signed(low.min(high)), signed(low.max(high))),
        None => signed(low),
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
