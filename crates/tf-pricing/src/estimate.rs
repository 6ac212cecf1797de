//! Estimates: what the resources of a graph cost a month.

use std::sync::Arc;

use rust_decimal::Decimal;
use tf_prices::Catalogue;

use crate::amount::Amount;
use crate::models::Models;
use crate::terms::{Adjustment, Terms};
use crate::usage::Usage;

/// What an estimate is made with.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// The models.
    pub models: &'o Models,
    /// The prices.
    pub catalogue: &'o Catalogue,
    /// The usage file.
    pub usage: Option<&'o Usage>,
    /// The region of resources whose provider names none.
    pub region: Option<&'o str>,
    /// What is paid other than the list price. Spot prices are looked up while models are evaluated; [`Terms::apply`] does the rest.
    pub terms: Option<&'o Terms>,
}

/// What the resources of a graph cost.
#[derive(Debug, Default)]
pub struct Estimate {
    /// Those that have a model, in order of the graph.
    pub resources: Vec<Resource>,
    /// The standing of every managed resource.
    pub totals: Totals,
}

/// Sums and counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// What everything that has a price costs a month, in USD.
    pub monthly: Amount,
    /// Lines without a price.
    pub unpriced: usize,
    /// Lines that wait for a key of the usage file.
    pub depends_on_usage: usize,
    /// Lines that depend on something else that is not known.
    pub depends_on_unknown: usize,
    /// Resources with a model.
    pub priced_resources: usize,
    /// Resources that cost nothing by themselves.
    pub free_resources: usize,
    /// Resources of types that have no model yet, by type.
    pub not_priced: Vec<(Arc<str>, usize)>,
    /// Resources that are not AWS's.
    pub foreign_resources: usize,
}

impl Totals {
    /// Adds another root's.
    pub fn add(&mut self, other: &Totals) {
        self.monthly += other.monthly;
        self.unpriced += other.unpriced;
        self.depends_on_usage += other.depends_on_usage;
        self.depends_on_unknown += other.depends_on_unknown;
        self.priced_resources += other.priced_resources;
        self.free_resources += other.free_resources;
        self.foreign_resources += other.foreign_resources;
        for (ty, count) in &other.not_priced {
            match self.not_priced.binary_search_by(|(known, _)| known.cmp(ty)) {
                Ok(at) => {
                    if let Some((_, known)) = self.not_priced.get_mut(at) {
                        *known += count;
                    }
                }
                Err(at) => self.not_priced.insert(at, (ty.clone(), *count)),
            }
        }
    }
}

/// A resource with a model.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Index into [`Graph::resources`](tf_model::Graph::resources).
    pub index: usize,
    /// Its address.
    pub address: Arc<str>,
    /// Its type.
    pub ty: Arc<str>,
    /// Its region, where it is known.
    pub region: Option<Arc<str>>,
    /// What it costs. Resources that cost the same share their lines.
    pub lines: Arc<[Line]>,
    /// The sum of the lines that have a price.
    pub monthly: Amount,
}

impl Resource {
    /// Whether each line of both is the same.
    pub(crate) fn costs_as(&self, other: &Resource) -> bool {
        let same_lines = || Arc::ptr_eq(&self.lines, &other.lines) || self.lines == other.lines;
        self.ty == other.ty && self.monthly == other.monthly && same_lines()
    }
}

/// A line of an estimate.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// The part of the resource that it belongs to.
    pub group: Option<String>,
    /// The unit of quantity and price.
    pub unit: String,
    /// How much of it a month, in the unit; `None` where it is not known.
    pub quantity: Option<Amount>,
    /// USD for one unit; `None` where there is no price, or several in a range.
    pub price: Option<Decimal>,
    /// USD a month.
    pub monthly: Option<Amount>,
    /// The keys of the usage file that the quantity is made of.
    pub usage_keys: Vec<Arc<str>>,
    /// Whether it counts.
    pub state: State,
    /// Where the price comes from.
    pub source: Option<PriceSource>,
    /// What made the price other than the list's, in order.
    pub adjustments: Vec<Adjustment>,
    /// Where the price of a line comes from that may not say so, as the product tells a sensitive value.
    pub(crate) hidden: Option<Box<PriceSource>>,
}

/// Whether a line counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// It has a price and a quantity.
    Priced,
    /// It waits for these keys of the usage file.
    DependsOnUsage(Vec<Arc<str>>),
    /// It depends on something that is not known: the reasons.
    DependsOn(Vec<String>),
    /// It has no price: the reason.
    Unpriced(String),
}

/// Where a price comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct PriceSource {
    /// AWS's offer code: `AmazonEC2`.
    pub service: Arc<str>,
    /// The region.
    pub region: Arc<str>,
    /// The usage type without its region's prefix.
    pub usage_type: Arc<str>,
    /// The SKU, where it is known.
    pub sku: Option<String>,
    /// The rate code of the tier, where it is known.
    pub rate_code: Option<String>,
    /// Since when the price holds.
    pub effective: String,
    /// The quantity of the catalogue's unit at which the tier begins.
    pub tier_start: Decimal,
    /// How many of the catalogue's units one that is shown has.
    pub scale: Decimal,
    /// The catalogue's unit.
    pub unit: String,
    /// What the resource says that the price was found by: attribute and value.
    pub attributes: Vec<(String, String)>,
}

impl Line {
    /// A line that says only why it has no sum.
    pub(crate) fn without_price(name: &str, state: State) -> Line {
        Line {
            name: name.to_owned(),
            group: None,
            unit: String::new(),
            quantity: None,
            price: None,
            monthly: None,
            usage_keys: Vec::new(),
            state,
            source: None,
            adjustments: Vec::new(),
            hidden: None,
        }
    }

    /// What is bought, whether it may be shown or not.
    pub(crate) fn sold(&self) -> Option<&PriceSource> {
        self.source.as_ref().or(self.hidden.as_deref())
    }
}

impl Estimate {
    /// Sums up the lines, and counts those that are in no sum.
    pub(crate) fn sum(&mut self) {
        let totals = &mut self.totals;
        totals.monthly = Amount::default();
        (
            totals.unpriced,
            totals.depends_on_usage,
            totals.depends_on_unknown,
        ) = (0, 0, 0);
        for resource in &mut self.resources {
            resource.monthly = Amount::default();
            for line in resource.lines.iter() {
                if let Some(monthly) = line.monthly {
                    resource.monthly += monthly;
                }
                match line.state {
                    State::Priced => {}
                    State::DependsOnUsage(_) => totals.depends_on_usage += 1,
                    State::DependsOn(_) => totals.depends_on_unknown += 1,
                    State::Unpriced(_) => totals.unpriced += 1,
                }
            }
            totals.monthly += resource.monthly;
        }
    }
}
