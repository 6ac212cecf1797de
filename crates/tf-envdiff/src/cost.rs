//! What environments cost a month: estimates of their root modules, and the sums of these.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use tf_lang::{Number, Value};
use tf_policy::Relations;
use tf_pricing::{Amount, Decimal, Estimate, Pricing, State, money};

use crate::environment::{Environment, shown_stack};
use crate::layers::Related;
use crate::value::Held;

/// What something costs a month in one environment, and what of it has no price.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Monthly {
    /// The sum of what has a price, in the currency of the estimates.
    pub amount: Amount,
    /// Lines with a price.
    pub priced: usize,
    /// Lines without one, and resources of types that nothing is known about.
    pub unpriced: usize,
    /// Lines that wait for the usage file.
    pub usage: usize,
    /// Lines that depend on what is not known before apply.
    pub unknown: usize,
}

impl Monthly {
    /// What the lines of a resource cost.
    pub(crate) fn of(resource: &tf_pricing::Resource) -> Monthly {
        let mut out = Monthly {
            amount: resource.monthly,
            ..Monthly::default()
        };
        for line in resource.lines.iter() {
            match &line.state {
                State::Priced => out.priced += 1,
                State::DependsOnUsage(_) => out.usage += 1,
                // Between two ends it is known.
                State::DependsOn(_) if line.monthly.is_some() => out.priced += 1,
                State::DependsOn(_) => out.unknown += 1,
                State::Unpriced(_) => out.unpriced += 1,
            }
        }
        out
    }

    fn of_estimate(estimate: &Estimate) -> Monthly {
        let mut out = Monthly::default();
        for resource in &estimate.resources {
            out.add(&Monthly::of(resource));
        }
        out.unpriced += estimate
            .totals
            .not_priced
            .iter()
            .map(|(_, count)| count)
            .sum::<usize>();
        out
    }

    /// Adds what something else costs.
    pub(crate) fn add(&mut self, other: &Monthly) {
        self.amount += other.amount;
        self.priced += other.priced;
        self.unpriced += other.unpriced;
        self.usage += other.usage;
        self.unknown += other.unknown;
    }

    /// Whether it is known to cost nothing, or only waits for usage that nobody stated.
    pub(crate) fn is_nothing(&self) -> bool {
        self.amount == Amount::default() && self.unpriced == 0
    }

    /// As a value: a number, or why there is none. What has no price is never 0.
    pub(crate) fn held(&self) -> Held {
        let why = match self {
            Monthly { priced: 1.., .. } => None,
            Monthly { unpriced: 1.., .. } => Some("no price"),
            Monthly { unknown: 1.., .. } => Some("not known before apply"),
            Monthly { usage: 1.., .. } => Some("depends on usage"),
            _ => None,
        };
        Held::Has(match why {
            Some(why) => Value::from(why),
            None => number(self.amount.low),
        })
    }

    /// What its number leaves out.
    pub(crate) fn besides(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.amount.known().is_none() {
            parts.push(format!("up to {}", money::dollars(self.amount.high)));
        }
        for (count, one, many) in [
            (self.unpriced, "line has no price", "lines have no price"),
            (
                self.unknown,
                "line is not known before apply",
                "lines are not known before apply",
            ),
        ] {
            match count {
                0 => {}
                1 => parts.push(format!("1 {one}")),
                count => parts.push(format!("{count} {many}")),
            }
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// A sum as a value that rules can compare.
fn number(amount: Decimal) -> Value {
    Number::parse(&amount.normalize().to_string()).map_or(Value::NULL, Value::from)
}

/// The number of a value, where it is one.
pub(crate) fn decimal(held: &Held) -> Option<Decimal> {
    held.value()?.as_number()?.to_string().parse().ok()
}

/// Values of sums of several things.
pub(crate) fn held(cells: &[Cell]) -> Vec<Held> {
    cells
        .iter()
        .map(|cell| match cell {
            Cell::Out => Held::Out,
            Cell::Absent => Held::Absent,
            Cell::Costs(monthly) => monthly.held(),
        })
        .collect()
}

/// What something costs in one environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cell {
    /// It is not compared.
    Out,
    /// It is not there.
    Absent,
    /// It is there.
    Costs(Monthly),
}

impl Cell {
    /// The sum of this and what something else costs in the same environment.
    pub(crate) fn plus(self, other: Cell) -> Cell {
        match (self, other) {
            (Cell::Costs(mut one), Cell::Costs(other)) => {
                one.add(&other);
                Cell::Costs(one)
            }
            (Cell::Costs(one), _) | (_, Cell::Costs(one)) => Cell::Costs(one),
            (Cell::Absent, _) | (_, Cell::Absent) => Cell::Absent,
            (Cell::Out, Cell::Out) => Cell::Out,
        }
    }
}

/// Sums of the cells of two rows.
pub(crate) fn sum(one: &mut [Cell], other: &[Cell]) {
    for (cell, other) in one.iter_mut().zip(other) {
        *cell = cell.plus(*other);
    }
}

/// What an environment costs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cost {
    /// Everything together.
    pub total: Monthly,
    /// By root module.
    pub stacks: BTreeMap<Arc<str>, Monthly>,
    /// Types of resources that may cost something and that nothing is known about, with how many there are.
    pub not_priced: BTreeMap<String, usize>,
    /// Whether some of its root modules could not be read, so that the sum is not all of it.
    pub incomplete: bool,
}

/// What all environments cost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Costs {
    /// The currency: `USD`, or what the settings say.
    pub currency: String,
    /// By environment.
    pub environments: Vec<Cost>,
}

/// Estimates of all root modules of all environments.
///
/// What is reserved or committed counts for each environment as if it were the only one, so that the order in which they are
/// named changes nothing.
#[derive(Debug)]
pub(crate) struct Estimates {
    currency: String,
    environments: Vec<BTreeMap<String, Estimate>>,
}

impl Estimates {
    pub(crate) fn new(environments: &[Environment], related: &Related<'_>, pricing: &Pricing) -> Estimates {
        let environments = environments
            .par_iter()
            .zip(related)
            .with_max_len(1)
            .map(|(environment, related)| {
                let whole: Vec<(&str, &Relations<'_>)> = related
                    .iter()
                    .map(|(name, relations)| (*name, relations))
                    .filter(|(name, _)| environment.stacks.get(*name).is_some_and(|stack| !stack.broken))
                    .collect();
                let mut estimates: Vec<Estimate> = whole
                    .par_iter()
                    .with_max_len(1)
                    .map(|(_, relations)| pricing.list_related(relations))
                    .collect();
                pricing.settle(&mut estimates.iter_mut().collect::<Vec<_>>());
                whole
                    .into_iter()
                    .map(|(name, _)| name.to_owned())
                    .zip(estimates)
                    .collect()
            })
            .collect();
        Estimates {
            currency: pricing.terms().currency().to_owned(),
            environments,
        }
    }

    /// The estimate of one stack of an environment.
    pub(crate) fn of(&self, environment: usize, stack: &str) -> Option<&Estimate> {
        self.environments.get(environment)?.get(stack)
    }

    /// What a stack costs.
    pub(crate) fn monthly(&self, environment: usize, stack: &str) -> Option<Monthly> {
        self.of(environment, stack).map(Monthly::of_estimate)
    }

    /// The sums.
    pub(crate) fn costs(&self, environments: &[Environment]) -> Costs {
        let each = self.environments.iter().zip(environments);
        Costs {
            currency: self.currency.clone(),
            environments: each
                .map(|(estimates, environment)| {
                    let mut cost = Cost {
                        incomplete: environment.stacks.is_empty()
                            || environment.stacks.values().any(|stack| stack.broken),
                        ..Cost::default()
                    };
                    for (stack, estimate) in estimates {
                        let monthly = Monthly::of_estimate(estimate);
                        cost.total.add(&monthly);
                        cost.stacks.insert(shown_stack(stack).into(), monthly);
                        for (ty, count) in &estimate.totals.not_priced {
                            *cost.not_priced.entry(ty.to_string()).or_default() += count;
                        }
                    }
                    cost
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(amount: i64) -> Monthly {
        Monthly {
            amount: Amount::exactly(Decimal::from(amount)),
            priced: 1,
            ..Monthly::default()
        }
    }

    #[test]
    fn what_has_no_price_is_never_nothing() {
        let text = |monthly: &Monthly| monthly.held().text();
        let with = |priced, unpriced, usage, unknown| Monthly {
            priced,
            unpriced,
            usage,
            unknown,
            ..Monthly::default()
        };
        for (monthly, want) in [
            (costs(3), "3"),
            (with(0, 0, 0, 0), "0"),
            (with(0, 1, 1, 1), "\"no price\""),
            (with(0, 0, 1, 1), "\"not known before apply\""),
            (with(0, 0, 1, 0), "\"depends on usage\""),
            // Of several things one has a price.
            (with(1, 1, 0, 0), "0"),
        ] {
            assert_eq!(text(&monthly), want, "{monthly:?}");
        }
        assert_eq!(with(1, 1, 0, 0).besides().as_deref(), Some("1 line has no price"));
    }

    #[test]
    fn sums_keep_what_is_not_there_apart_from_what_is_not_compared() {
        let mut one = [Cell::Costs(costs(2)), Cell::Absent, Cell::Out];
        sum(&mut one, &[Cell::Costs(costs(3)), Cell::Out, Cell::Out]);
        assert_eq!(
            one,
            [
                Cell::Costs(Monthly {
                    priced: 2,
                    ..costs(5)
                }),
                Cell::Absent,
                Cell::Out
            ]
        );
    }
}
