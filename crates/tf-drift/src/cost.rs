//! What drift adds to what is paid a month: resources as the last apply left them, and as they are.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tf_model::Graph;
use tf_pricing::{
    Change, ComponentDifference, ComponentDocument, Decimal, Difference, Models, Pricing, ResourceDifference,
    Standing,
};

use crate::classify::Found;
use crate::finding::Class;
use crate::worlds::Worlds;

/// The most findings that are priced one by one.
const MOST: usize = 64;

/// What a finding adds to what is paid.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// `USD`, or what the settings say.
    pub currency: String,
    /// What it adds a month, or the least; null where nothing that differs has a price on both sides.
    pub delta: Option<Decimal>,
    /// The most that it adds, where that is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta_max: Option<Decimal>,
    /// What the resource cost as the last apply left it; null where nothing of it had a price.
    pub before: Option<Decimal>,
    /// The most that it cost, where that is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_max: Option<Decimal>,
    /// What it costs now; null where nothing of it has a price, and where it is gone.
    pub after: Option<Decimal>,
    /// The most that it costs, where that is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_max: Option<Decimal>,
    /// What differs and has no price, each with the reason: it is in no sum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unpriced: Vec<String>,
}

/// What the drift of a root, or of all, adds to what is paid.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CostSum {
    /// `USD`, or what the settings say.
    pub currency: String,
    /// What it adds a month, or the least.
    pub delta: Decimal,
    /// The most that it adds, where that is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta_max: Option<Decimal>,
    /// Findings that change something without a price: what they add is not in the sum, or not all of it.
    pub unpriced: usize,
}

impl CostSum {
    /// The sum of two; none where they are in different currencies.
    pub fn add(&self, other: &CostSum) -> Option<CostSum> {
        let is_range = self.delta_max.is_some() || other.delta_max.is_some();
        let most = |sum: &CostSum| sum.delta_max.unwrap_or(sum.delta);
        (self.currency == other.currency).then(|| CostSum {
            currency: self.currency.clone(),
            delta: self.delta.saturating_add(other.delta).normalize(),
            delta_max: is_range.then(|| most(self).saturating_add(most(other)).normalize()),
            unpriced: self.unpriced + other.unpriced,
        })
    }

    /// The sum of many; none where there are none, and where they are in different currencies.
    pub fn of<'c>(mut sums: impl Iterator<Item = &'c CostSum>) -> Option<CostSum> {
        let first = sums.next()?.clone();
        sums.try_fold(first, |sum, other| sum.add(other))
    }
}

/// The costs of a root's findings, in their order, and what all of them add together.
pub(crate) struct Costs {
    pub(crate) findings: Vec<Option<Cost>>,
    pub(crate) sum: Option<CostSum>,
}

/// Prices findings.
pub(crate) fn of(worlds: &Worlds<'_>, recorded: &Graph, pricing: &Pricing) -> Costs {
    let found = worlds.found;
    if found.iter().all(Found::only_describes) {
        return Costs {
            findings: found.iter().map(|_| None).collect(),
            sum: None,
        };
    }
    let document = |graph: &Graph| pricing.costs("tf-drift", env!("CARGO_PKG_VERSION"), &[(".", graph)]);
    let before = document(recorded);
    let difference = |graph: &Graph| {
        let after = document(graph);
        without_guesses(Difference::new(
            "tf-drift",
            env!("CARGO_PKG_VERSION"),
            &before,
            &after,
        ))
    };
    let all = difference(&worlds.with(|_| true));
    let priced: BTreeSet<&str> = all.resources.iter().map(|it| it.address.as_str()).collect();
    let count = |address: &str| {
        let same = found.iter().filter(|found| &*found.step.address == address);
        same.count()
    };
    // A resource whose price differs for one reason only: its own finding.
    let is_plain = priced.iter().all(|address| count(address) == 1);
    let findings: Vec<Option<Cost>> = found
        .iter()
        .enumerate()
        .map(|(at, one)| {
            if one.only_describes() {
                return None;
            }
            let address = &*one.step.address;
            let alone = match (priced.is_empty(), is_plain || found.len() > MOST) {
                (true, _) => None,
                (false, true) => Some(only(&all, address)),
                (false, false) => Some(difference(&worlds.with(|other| other == at))),
            };
            cost(one, alone.as_ref(), &all.currency)
        })
        .collect();
    let unpriced = findings
        .iter()
        .flatten()
        .filter(|cost| !cost.unpriced.is_empty())
        .count();
    let sum = findings.iter().any(Option::is_some).then(|| CostSum {
        currency: all.currency.clone(),
        delta: all.delta,
        delta_max: all.delta_max.filter(|most| *most != all.delta),
        unpriced,
    });
    Costs { findings, sum }
}

/// The part of a difference that is one resource's.
fn only(all: &Difference, address: &str) -> Difference {
    let mut part = all.clone();
    part.resources.retain(|resource| resource.address == address);
    without_guesses(part)
}

/// Whether what a resource costs is known before and after. A line names what is sold: where a machine becomes one of a type that has no
/// price, its line is gone and another one has come, and the old price alone would be no saving.
fn is_comparable(resource: &ResourceDifference) -> bool {
    let is_there = !matches!(resource.change, Change::Added | Change::Removed);
    let guessed = |line: &ComponentDifference| match (&line.before, &line.after) {
        (Some(side), None) | (None, Some(side)) => side.monthly.is_none() && side.unpriced.is_some(),
        _ => false,
    };
    !(is_there && resource.components.iter().any(guessed))
}

/// The sum of the resources that can be compared.
fn without_guesses(mut difference: Difference) -> Difference {
    for resource in &mut difference.resources {
        if !is_comparable(resource) {
            resource.delta = Decimal::ZERO;
            resource.delta_max = None;
        }
    }
    let resources = difference.resources.iter();
    difference.delta = resources.clone().map(|resource| resource.delta).sum();
    let is_range = resources.clone().any(|resource| resource.delta_max.is_some());
    let most = resources.map(|resource| resource.delta_max.unwrap_or(resource.delta));
    difference.delta_max = is_range.then(|| most.sum());
    difference
}

/// What a finding adds, by the difference that it makes alone.
fn cost(found: &Found<'_>, alone: Option<&Difference>, currency: &str) -> Option<Cost> {
    let address = &*found.step.address;
    let resources = alone.map(|alone| alone.resources.as_slice()).unwrap_or_default();
    let own = resources.iter().find(|resource| resource.address == address);
    let mut unpriced: Vec<String> = Vec::new();
    let mut has_price = false;
    for resource in resources {
        for line in &resource.components {
            let sides = [&line.before, &line.after];
            let known = sides.map(|side| side.as_ref().map(|side| side.monthly.is_some()));
            has_price |= !known.contains(&Some(false)) && is_comparable(resource);
            for side in sides.into_iter().flatten().filter(|side| side.monthly.is_none()) {
                let mut reason = reason(side);
                if resource.address != address {
                    reason = format!("{}: {reason}", resource.address);
                }
                if !unpriced.contains(&reason) {
                    unpriced.push(reason);
                }
            }
        }
    }
    let ty = &*found.step.ty;
    let is_known = !matches!(
        Models::builtin().standing(ty),
        Standing::NotPriced | Standing::NotKnown
    );
    if !is_known && resources.is_empty() {
        unpriced.push(format!("there is no cost model of {ty}"));
    }
    let delta = alone.filter(|_| has_price).map(|alone| alone.delta);
    let delta_max = alone
        .filter(|_| has_price)
        .and_then(|alone| alone.delta_max)
        .filter(|most| Some(*most) != delta);
    let is_nothing = delta.is_none_or(|delta| delta.is_zero()) && delta_max.is_none();
    if is_nothing && unpriced.is_empty() {
        return None;
    }
    let still = own.filter(|own| found.class != Class::Deleted && is_comparable(own));
    Some(Cost {
        currency: currency.to_owned(),
        // Nothing, beside something that has no price, would be no answer.
        delta: delta.filter(|_| !is_nothing),
        delta_max,
        before: own.and_then(|own| own.before),
        before_max: own.and_then(|own| own.before_max),
        after: still.and_then(|own| own.after),
        after_max: still.and_then(|own| own.after_max),
        unpriced,
    })
}

/// Why a line has no price.
fn reason(line: &ComponentDocument) -> String {
    let why = match (&line.unpriced, &line.usage_key, line.depends_on.as_slice()) {
        (Some(reason), ..) => reason.clone(),
        (None, Some(key), _) => format!("depends on usage ({key})"),
        (None, None, []) => "has no price".to_owned(),
        (None, None, reasons) => format!("depends on {}", reasons.join(", ")),
    };
    format!("{}: {why}", line.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(currency: &str, delta: &str, most: Option<&str>, unpriced: usize) -> CostSum {
        CostSum {
            currency: currency.to_owned(),
            delta: delta.parse().unwrap(),
            delta_max: most.map(|most| most.parse().unwrap()),
            unpriced,
        }
    }

    #[test]
    fn sums_keep_ranges_and_what_has_no_price() {
        let all = [
            sum("USD", "10.50", None, 1),
            sum("USD", "-2", Some("3"), 0),
            sum("USD", "0", None, 2),
        ];
        assert_eq!(CostSum::of(all.iter()), Some(sum("USD", "8.5", Some("13.5"), 3)));
        assert_eq!(CostSum::of([].iter()), None);
        assert_eq!(
            CostSum::of([sum("USD", "1", None, 0), sum("EUR", "1", None, 0)].iter()),
            None
        );
    }
}
