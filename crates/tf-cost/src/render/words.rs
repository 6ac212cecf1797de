//! Sentences that several formats have in common.

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
