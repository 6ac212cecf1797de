//! The arithmetic of tiers.

use rust_decimal::Decimal;
use tf_prices::Tier;

/// A part of a quantity and the tier that it falls into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Part {
    /// Index of the tier.
    pub(crate) tier: usize,
    /// How much of the quantity.
    pub(crate) quantity: Decimal,
}

/// A quantity by the tiers that it reaches. Nothing at all falls into the first.
pub(crate) fn split(tiers: &[Tier], quantity: Decimal) -> Vec<Part> {
    let mut parts = Vec::new();
    for (at, tier) in tiers.iter().enumerate() {
        let end = tiers.get(at + 1).map(|next| next.start);
        let reached = end.map_or(quantity, |end| quantity.min(end));
        let part = reached.saturating_sub(tier.start);
        if part > Decimal::ZERO || at == 0 {
            parts.push(Part {
                tier: at,
                quantity: part.max(Decimal::ZERO),
            });
        }
    }
    parts
}

/// What a quantity costs; `None` where the figures are too large for a decimal.
pub(crate) fn cost(tiers: &[Tier], quantity: Decimal) -> Option<Decimal> {
    split(tiers, quantity)
        .iter()
        .try_fold(Decimal::ZERO, |sum, part| {
            let usd = tiers.get(part.tier)?.usd;
            sum.checked_add(part.quantity.checked_mul(usd)?)
        })
}

/// What people call a tier: `first 10TB`, `next 40TB`, `over 150TB`; nothing where there is only one.
pub(crate) fn label(tiers: &[Tier], at: usize, gigabytes: bool) -> Option<String> {
    if tiers.len() < 2 {
        return None;
    }
    let start = tiers.get(at)?.start;
    let short = |number: Decimal| shorten(number, gigabytes);
    Some(match (at, tiers.get(at + 1)) {
        (0, Some(next)) => format!("first {}", short(next.start)),
        (_, Some(next)) => format!("next {}", short(next.start - start)),
        (_, None) => format!("over {}", short(start)),
    })
}

fn shorten(number: Decimal, gigabytes: bool) -> String {
    let steps: &[(i64, &str)] = match gigabytes {
        true => &[(1024 * 1024, "PB"), (1024, "TB"), (1, "GB")],
        false => &[(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"), (1, "")],
    };
    let fits = steps.iter().find(|(size, _)| {
        let part = number / Decimal::from(*size);
        part >= Decimal::ONE && part.scale() <= 3
    });
    match fits {
        Some((size, unit)) => format!("{}{unit}", (number / Decimal::from(*size)).normalize()),
        None => number.normalize().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiers(of: &[(i64, &str)]) -> Vec<Tier> {
        let tier = |(start, usd): &(i64, &str)| Tier {
            start: Decimal::from(*start),
            usd: usd.parse().unwrap(),
            rate_code: None,
        };
        of.iter().map(tier).collect()
    }

    #[test]
    fn a_quantity_fills_one_tier_after_the_other() {
        let storage = tiers(&[(0, "0.023"), (51200, "0.022"), (512000, "0.021")]);
        for (quantity, parts, usd) in [
            (0, vec![0], "0"),
            (100, vec![100], "2.3"),
            (51200, vec![51200], "1177.6"),
            (51201, vec![51200, 1], "1177.622"),
            (600000, vec![51200, 460800, 88000], "13163.2"),
        ] {
            let found: Vec<Decimal> = split(&storage, quantity.into())
                .iter()
                .map(|part| part.quantity)
                .collect();
            let parts: Vec<Decimal> = parts.into_iter().map(Decimal::from).collect();
            assert_eq!(found, parts, "{quantity}");
            assert_eq!(
                cost(&storage, quantity.into()),
                Some(usd.parse().unwrap()),
                "{quantity}"
            );
        }
    }

    #[test]
    fn tiers_are_called_as_people_call_them() {
        let labels = |of: &[(i64, &str)], gigabytes: bool| -> Vec<Option<String>> {
            let tiers = tiers(of);
            (0..tiers.len()).map(|at| label(&tiers, at, gigabytes)).collect()
        };
        let some = |texts: &[&str]| -> Vec<Option<String>> {
            texts.iter().map(|text| Some((*text).to_owned())).collect()
        };
        assert_eq!(labels(&[(0, "1")], true), [None]);
        assert_eq!(
            labels(&[(0, "1"), (10240, "1"), (51200, "1"), (5242880, "1")], true),
            some(&["first 10TB", "next 40TB", "next 5070TB", "over 5PB"])
        );
        assert_eq!(
            labels(&[(0, "1"), (333_000_000, "1"), (1_000_000_000, "1")], false),
            some(&["first 333M", "next 667M", "over 1B"])
        );
        assert_eq!(
            labels(&[(0, "1"), (25, "1")], false),
            some(&["first 25", "over 25"])
        );
    }

    #[test]
    fn figures_that_are_too_large_are_no_sum() {
        assert_eq!(cost(&tiers(&[(0, "1000")]), Decimal::MAX), None);
    }
}
