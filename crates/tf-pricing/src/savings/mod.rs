//! Savings that the catalogue proves: the price of what is there and of what could be are both in it. Nothing is applied.
//!
//! The figure of each is at the quantity of the line and with the discounts of the account. What is reserved, under a savings plan or
//! on Spot already is left alone.

mod gateways;
mod instances;
mod volumes;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tf_model::Graph;
use tf_prices::Catalogue;

use crate::amount::Amount;
use crate::estimate::{Estimate, Line, PriceSource, Resource, State};
use crate::terms::{AdjustmentKind, Terms};

/// What could be done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavingKind {
    /// Another type of volume, as fast.
    VolumeType,
    /// The same size of a newer generation.
    NewerGeneration,
    /// AWS's own processors, for programs that run on ARM.
    Graviton,
    /// Spot capacity, in a development environment.
    Spot,
    /// One NAT gateway for all zones, in a development environment.
    SharedNatGateway,
}

/// A saving, and what it is a month.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Saving {
    /// The root, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The resource.
    pub address: String,
    /// The line that becomes cheaper, with its group.
    pub component: String,
    /// What could be done.
    pub kind: SavingKind,
    /// What is there.
    pub from: String,
    /// What could be.
    pub to: String,
    /// What is saved a month, or the least.
    pub monthly: Decimal,
    /// The most, where it is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_max: Option<Decimal>,
    /// What to know before it is done.
    pub note: String,
}

/// Whether an environment is one to develop in, by its name.
pub(crate) fn is_development(environment: &str) -> bool {
    let name = environment.to_lowercase();
    let mut words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| matches!(word, "dev" | "develop" | "development" | "sandbox" | "playground"))
}

/// What savings are looked for with.
pub(crate) struct Finder<'f> {
    pub(crate) catalogue: &'f Catalogue,
    pub(crate) terms: &'f Terms,
    pub(crate) graph: &'f Graph,
    /// The environment of each resource of the estimate.
    pub(crate) environments: &'f [Option<String>],
    /// What each product could be instead: a fleet asks the same again and again.
    pub(crate) known: Known,
}

/// Products with what they could be instead.
pub(crate) type Known = RefCell<HashMap<Product, Rc<Vec<Alternative>>>>;

/// Region, service, usage type, attributes, where the tier begins, and the units that one has.
type Product = (
    Arc<str>,
    Arc<str>,
    Arc<str>,
    Vec<(String, String)>,
    Decimal,
    Decimal,
);

/// Another product in the place of one.
pub(crate) struct Alternative {
    kind: SavingKind,
    from: String,
    to: String,
    /// What a unit costs, discounts counted.
    price: Decimal,
    note: &'static str,
}

impl Finder<'_> {
    /// The savings of an estimate that is settled, in its order.
    pub(crate) fn find(&self, estimate: &Estimate) -> Vec<Saving> {
        let mut found = Vec::new();
        for (at, resource) in estimate.resources.iter().enumerate() {
            let development = self.development(at);
            for line in resource.lines.iter() {
                let Some(bought) = bought(line) else { continue };
                volumes::find(self, resource, &bought, &mut found);
                instances::find(self, resource, &bought, development, &mut found);
            }
        }
        gateways::find(self, estimate, &mut found);
        found
    }

    fn development(&self, resource: usize) -> bool {
        let environment = self.environments.get(resource).and_then(Option::as_deref);
        environment.is_some_and(is_development)
    }

    /// What a quantity of another product costs a month, tiers and discounts counted. `None` where the catalogue does not have it.
    fn cost(
        &self,
        source: &PriceSource,
        usage_type: &str,
        attributes: &[(&str, &str)],
        quantity: Amount,
    ) -> Option<Amount> {
        times(quantity, self.price(source, usage_type, attributes)?)
    }

    /// What a unit of another product costs, discounts counted.
    fn price(&self, source: &PriceSource, usage_type: &str, attributes: &[(&str, &str)]) -> Option<Decimal> {
        let found = self
            .catalogue
            .find_if_there(&source.region, &source.service, usage_type, attributes)?;
        // A tier of a price falls together with that of another that begins where it does.
        let mut tiers = found.tiers.iter();
        let usd = tiers.find(|tier| tier.start == source.tier_start)?.usd;
        self.terms.unit_price(source, usd.checked_mul(source.scale)?)
    }
}

fn times(quantity: Amount, price: Decimal) -> Option<Amount> {
    Some(Amount {
        low: quantity.low.checked_mul(price)?,
        high: quantity.high.checked_mul(price)?,
    })
}

/// A line that is bought on demand.
struct Bought<'l> {
    line: &'l Line,
    source: &'l PriceSource,
    quantity: Amount,
    monthly: Amount,
}

fn bought(line: &Line) -> Option<Bought<'_>> {
    let on_demand = line
        .adjustments
        .iter()
        .all(|step| matches!(step.kind, AdjustmentKind::Discount | AdjustmentKind::Currency));
    // What is hidden stays so.
    let source = line.source.as_ref()?;
    let reserved = source.attributes.iter().any(|(name, _)| name == "termType");
    (on_demand && !reserved && line.state == State::Priced).then_some(())?;
    Some(Bought {
        line,
        source,
        quantity: line.quantity?,
        monthly: line.monthly?,
    })
}

impl Bought<'_> {
    /// The saving, if the other costs less whatever the quantity is.
    fn saving(
        &self,
        resource: &Resource,
        kind: SavingKind,
        [from, to]: [&str; 2],
        other: Amount,
        note: &str,
    ) -> Option<Saving> {
        let low = self.monthly.low.checked_sub(other.low)?.normalize();
        let high = self.monthly.high.checked_sub(other.high)?.normalize();
        let saves = low >= Decimal::ZERO && high > Decimal::ZERO;
        saves.then(|| Saving {
            root: None,
            address: resource.address.to_string(),
            component: component(self.line),
            kind,
            from: from.to_owned(),
            to: to.to_owned(),
            monthly: low,
            monthly_max: (low != high).then_some(high),
            note: note.to_owned(),
        })
    }
}

fn component(line: &Line) -> String {
    match &line.group {
        Some(group) => format!("{group}: {}", line.name),
        None => line.name.clone(),
    }
}

/// What all savings come to, if of those of one line the best is taken.
pub(crate) fn total(savings: &[Saving]) -> Decimal {
    let mut best: std::collections::BTreeMap<(Option<&str>, &str, &str), Decimal> = Default::default();
    for saving in savings {
        let key = (
            saving.root.as_deref(),
            saving.address.as_str(),
            saving.component.as_str(),
        );
        let sum = best.entry(key).or_default();
        *sum = (*sum).max(saving.monthly);
    }
    best.values().sum::<Decimal>().normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_to_develop_in_are_known_by_name() {
        for name in ["dev", "Development", "team-dev", "dev_eu", "sandbox"] {
            assert!(is_development(name), "{name}");
        }
        for name in ["prod", "staging", "devices", "production", "test", ""] {
            assert!(!is_development(name), "{name}");
        }
    }
}
