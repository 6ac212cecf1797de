//! What a change adds to what is paid a month.

use std::collections::HashMap;

use serde::Serialize;
use tf_policy::Worlds;
use tf_pricing::{Decimal, Pricing, money};

use crate::changes::Changes;
use crate::risk::Risk;

/// The cost of all resources before and after a change.
#[derive(Clone, Debug, Serialize)]
pub struct Cost {
    /// `USD`, or what the settings say.
    pub currency: String,
    /// The sum before, a month.
    pub before: Decimal,
    /// The sum after, a month.
    pub after: Decimal,
    /// What the change adds, without lines that have a price on one side only.
    pub delta: Decimal,
    /// The most that each of the three may be, where it is a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_max: Option<Decimal>,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_max: Option<Decimal>,
    /// What is added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta_max: Option<Decimal>,
    /// How many lines have a price on one side only.
    pub one_sided: usize,
    /// Lines without a price, after the change: they are in no sum.
    pub unpriced: usize,
    /// Lines that depend on usage that nobody stated.
    pub depends_on_usage: usize,
    /// Lines that depend on what is not known before apply.
    pub depends_on_unknown: usize,
    /// The resources whose cost changes, in order of their addresses.
    pub resources: Vec<ResourceCost>,
}

/// What a resource costs a month.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceCost {
    /// Its address.
    pub address: String,
    /// Before; null where nothing of it had a price.
    pub before: Option<Decimal>,
    /// After; null where nothing of it has a price.
    pub after: Option<Decimal>,
    /// What it adds.
    pub delta: Decimal,
}

impl Cost {
    /// What the step from one world to the other adds.
    pub fn of(pricing: &Pricing, worlds: &Worlds<'_>) -> Cost {
        let (difference, summary) = pricing.step("tf-gate", env!("CARGO_PKG_VERSION"), worlds);
        Cost {
            currency: difference.currency,
            before: difference.before,
            after: difference.after,
            delta: difference.delta,
            before_max: difference.before_max,
            after_max: difference.after_max,
            delta_max: difference.delta_max,
            one_sided: difference.one_sided,
            unpriced: summary.unpriced_lines,
            depends_on_usage: summary.depends_on_usage,
            depends_on_unknown: summary.depends_on_unknown,
            resources: difference
                .resources
                .into_iter()
                .filter(|resource| !resource.delta.is_zero())
                .map(|resource| ResourceCost {
                    address: resource.address,
                    before: resource.before,
                    after: resource.after,
                    delta: resource.delta,
                })
                .collect(),
        }
    }

    /// `+12.30 USD a month (100.00 → 112.30); 2 lines have no price`.
    pub(crate) fn sentence(&self) -> String {
        let currency = &self.currency;
        let after = money::range(self.after, self.after_max);
        let same = self.delta.is_zero() && self.delta_max.is_none_or(|most| most.is_zero());
        let mut text = match same && self.one_sided == 0 {
            true => format!("stays at {after} {currency} a month"),
            false => format!(
                "{} {currency} a month ({} → {after})",
                money::delta(self.delta, self.delta_max),
                money::range(self.before, self.before_max)
            ),
        };
        for (count, one, many) in [
            (
                self.one_sided,
                "1 line has a price on one side only and is not in it",
                "lines have a price on one side only and are not in it",
            ),
            (self.unpriced, "1 line has no price", "lines have no price"),
            (
                self.depends_on_unknown,
                "1 line is not known before apply",
                "lines are not known before apply",
            ),
            (
                self.depends_on_usage,
                "1 line depends on usage",
                "lines depend on usage",
            ),
        ] {
            match count {
                0 => {}
                1 => text.push_str(&format!("; {one}")),
                count => text.push_str(&format!("; {count} {many}")),
            }
        }
        text
    }
}

impl Changes {
    /// Says of each change what it adds to the cost. One that is of no greater risk is ranked with those that cost.
    pub fn price(&mut self, cost: &Cost) {
        let deltas: HashMap<&str, Decimal> = cost
            .resources
            .iter()
            .map(|resource| (resource.address.as_str(), resource.delta))
            .collect();
        for change in &mut self.resources {
            let known = change
                .addresses
                .iter()
                .filter_map(|address| deltas.get(address.as_str()));
            let sum: Decimal = known.sum();
            if sum.is_zero() {
                continue;
            }
            change.cost = Some(format!("{} {} a month", money::signed(sum), cost.currency));
            change.risk = change.risk.min(Risk::Cost);
        }
        self.sort();
    }
}

#[cfg(test)]
mod tests {
    use tf_model::plan::Action;

    use super::*;
    use crate::changes::ResourceChange;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn what_costs_is_ranked_with_what_costs_and_nothing_is_ranked_down() {
        let change = |addresses: &[&str], risk: Risk| ResourceChange {
            addresses: addresses.iter().map(|&address| address.to_owned()).collect(),
            ty: "aws_x".to_owned(),
            action: Action::Update,
            risk,
            forced_by: Vec::new(),
            previous: Vec::new(),
            imports: false,
            deposed: None,
            reason: None,
            differences: Vec::new(),
            cost: None,
        };
        let mut changes = Changes {
            resources: vec![
                change(&["aws_x.open"], Risk::Exposure),
                change(&["aws_x.free"], Risk::Rest),
                change(&["aws_x.many[0]", "aws_x.many[1]"], Risk::Rest),
            ],
            ..Changes::default()
        };
        let resource = |address: &str, delta: &str| ResourceCost {
            address: address.to_owned(),
            before: None,
            after: Some(decimal(delta)),
            delta: decimal(delta),
        };
        let cost = Cost {
            currency: "USD".to_owned(),
            before: decimal("1000"),
            after: decimal("1012.345"),
            delta: decimal("12.345"),
            before_max: None,
            after_max: None,
            delta_max: None,
            one_sided: 0,
            unpriced: 1,
            depends_on_usage: 0,
            depends_on_unknown: 2,
            resources: vec![
                resource("aws_x.many[0]", "6"),
                resource("aws_x.many[1]", "6.5"),
                resource("aws_x.open", "-0.155"),
            ],
        };
        changes.price(&cost);
        let seen: Vec<(&str, &str, Option<&str>)> = changes
            .resources
            .iter()
            .map(|change| {
                let first = change.addresses[0].as_str();
                (first, change.risk.as_str(), change.cost.as_deref())
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("aws_x.open", "exposure", Some("-0.16 USD a month")),
                ("aws_x.many[0]", "cost", Some("+12.50 USD a month")),
                ("aws_x.free", "rest", None),
            ]
        );
        assert_eq!(
            cost.sentence(),
            "+12.35 USD a month (1,000.00 → 1,012.35); 1 line has no price; 2 lines are not known before apply"
        );
        let range = Cost {
            after_max: Some(decimal("1100")),
            delta_max: Some(decimal("100")),
            ..cost.clone()
        };
        assert!(
            range
                .sentence()
                .starts_with("+12.35 – +100.00 USD a month (1,000.00 → 1,012.35 – 1,100.00);"),
            "{}",
            range.sentence()
        );
        let half = Cost {
            delta: Decimal::ZERO,
            one_sided: 2,
            unpriced: 0,
            depends_on_unknown: 0,
            ..cost.clone()
        };
        assert_eq!(
            half.sentence(),
            "+0.00 USD a month (1,000.00 → 1,012.35); 2 lines have a price on one side only and are not in it"
        );
        let same = Cost {
            delta: Decimal::ZERO,
            unpriced: 0,
            depends_on_unknown: 0,
            ..cost
        };
        assert_eq!(same.sentence(), "stays at 1,012.35 USD a month");
    }
}
