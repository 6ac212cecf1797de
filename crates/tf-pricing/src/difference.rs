//! What a change adds to the cost, and whether prices or the configuration did it. The JSON is `plumbline.cost-diff/1`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::document::{ComponentDocument, Document, ResourceDocument};

/// The schema's name.
const SCHEMA: &str = "plumbline.cost-diff/1";

/// What became of a resource, or of a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its configuration, or its usage, changed what it costs.
    Configuration,
    /// The price of the same thing changed.
    Price,
    /// Both did.
    Both,
}

/// The difference between two estimates.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Difference {
    /// `plumbline.cost-diff/1`
    pub schema: String,
    /// The program.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// `USD`
    pub currency: String,
    /// The sum before; its least where it is a range.
    pub before: Decimal,
    /// The sum after; its least where it is a range.
    pub after: Decimal,
    /// What the change adds a month, of lines that have a price on both sides or are new or gone: a price that is missing on one side is
    /// not nothing.
    pub delta: Decimal,
    /// Lines that are on both sides and have a price on one of them only: they are in one of the two sums, and not in `delta`.
    #[serde(default)]
    pub one_sided: usize,
    /// The most that the sum was, where it was a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_max: Option<Decimal>,
    /// The most that the sum is, where it is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_max: Option<Decimal>,
    /// The difference of the greatest sums, where one of them is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta_max: Option<Decimal>,
    /// The part of it that new prices of the same things make.
    pub delta_price: Decimal,
    /// The part of it that the configuration makes.
    pub delta_configuration: Decimal,
    /// Lines without a price, before and after.
    pub unpriced: [usize; 2],
    /// The resources that differ, in order.
    pub resources: Vec<ResourceDifference>,
}

/// A resource that differs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ResourceDifference {
    /// Its root, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Its address.
    pub address: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// What became of it.
    pub change: Change,
    /// USD a month before; null where nothing of it had a price.
    pub before: Option<Decimal>,
    /// USD a month after; null where nothing of it has a price.
    pub after: Option<Decimal>,
    /// What it adds: the difference of the least sums.
    pub delta: Decimal,
    /// The most that it was, where it was a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_max: Option<Decimal>,
    /// The most that it is, where it is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_max: Option<Decimal>,
    /// The difference of the greatest sums, where one of them is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta_max: Option<Decimal>,
    /// The lines that differ.
    pub components: Vec<ComponentDifference>,
}

/// A line that differs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ComponentDifference {
    /// What it is.
    pub name: String,
    /// The part of the resource that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What became of it.
    pub change: Change,
    /// What it was.
    pub before: Option<ComponentDocument>,
    /// What it is.
    pub after: Option<ComponentDocument>,
    /// What it adds.
    pub delta: Decimal,
}

/// The parts of a difference.
#[derive(Clone, Copy, Default)]
struct Parts {
    one_sided: usize,
    /// What those would add at most.
    one_sided_most: Decimal,
    price: Decimal,
    configuration: Decimal,
}

impl Difference {
    /// Compares two documents: the least with the least, and the most with the most.
    pub fn new(tool: &str, version: &str, before: &Document, after: &Document) -> Difference {
        let mut pairs: BTreeMap<(Option<&str>, &str), [Option<&ResourceDocument>; 2]> = BTreeMap::new();
        // A document of one root names none: then there is nothing to tell apart.
        let roots = !before.roots.is_empty() && !after.roots.is_empty();
        for (side, document) in [before, after].into_iter().enumerate() {
            for resource in &document.resources {
                let root = resource.root.as_deref().filter(|_| roots);
                let pair = pairs.entry((root, resource.address.as_str())).or_default();
                if let Some(slot) = pair.get_mut(side) {
                    *slot = Some(resource);
                }
            }
        }
        let mut parts = Parts::default();
        let mut resources = Vec::new();
        for ((root, _), [before, after]) in pairs {
            if let Some(mut difference) = of_resources(before, after, &mut parts) {
                difference.root = root.map(str::to_owned);
                resources.push(difference);
            }
        }
        Difference {
            schema: SCHEMA.to_owned(),
            tool: tool.to_owned(),
            version: version.to_owned(),
            currency: after.currency.clone(),
            before: before.total_monthly,
            after: after.total_monthly,
            delta: (parts.price + parts.configuration).normalize(),
            one_sided: parts.one_sided,
            before_max: before.total_monthly_max,
            after_max: after.total_monthly_max,
            delta_max: delta_max(
                (before.total_monthly, before.total_monthly_max),
                (after.total_monthly, after.total_monthly_max),
            )
            .map(|most| (most - parts.one_sided_most).normalize()),
            delta_price: parts.price.normalize(),
            delta_configuration: parts.configuration.normalize(),
            unpriced: [before.unpriced, after.unpriced],
            resources,
        }
    }

    /// By how many percent the sum grew; `None` where there was nothing before.
    pub fn percent(&self) -> Option<Decimal> {
        let hundred = Decimal::ONE_HUNDRED;
        self.delta.checked_mul(hundred)?.checked_div(self.before)
    }

    /// What the change adds at most: of ranges the larger of both differences.
    pub fn most(&self) -> Decimal {
        self.delta_max.map_or(self.delta, |most| most.max(self.delta))
    }

    /// By how many percent the sum grows at most; `None` where there was nothing before.
    pub fn most_percent(&self) -> Option<Decimal> {
        let of =
            |delta: Decimal, before: Decimal| delta.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(before);
        let least = of(self.delta, self.before)?;
        let before = self.before_max.unwrap_or(self.before);
        match self.delta_max {
            Some(delta) => Some(least.max(of(delta, before)?)),
            None => Some(least),
        }
    }
}

/// The difference of the greatest sums, where one side is a range.
fn delta_max(before: (Decimal, Option<Decimal>), after: (Decimal, Option<Decimal>)) -> Option<Decimal> {
    (before.1.is_some() || after.1.is_some())
        .then(|| (after.1.unwrap_or(after.0) - before.1.unwrap_or(before.0)).normalize())
}

fn of_resources(
    before: Option<&ResourceDocument>,
    after: Option<&ResourceDocument>,
    parts: &mut Parts,
) -> Option<ResourceDifference> {
    let one = after.or(before)?;
    let one_sided_most = parts.one_sided_most;
    fn lines(resource: Option<&ResourceDocument>) -> Vec<&ComponentDocument> {
        resource
            .map(|resource| resource.components.iter().collect())
            .unwrap_or_default()
    }
    let mut earlier = lines(before);
    let mut components = Vec::new();
    for line in lines(after) {
        let same = |other: &&ComponentDocument| other.name == line.name && other.group == line.group;
        let was = earlier.iter().position(same).map(|at| earlier.remove(at));
        components.extend(of_lines(was, Some(line), parts));
    }
    for line in earlier {
        components.extend(of_lines(Some(line), None, parts));
    }
    let change = match (before, after) {
        (None, _) => Change::Added,
        (_, None) => Change::Removed,
        _ => {
            let mut changes = components.iter().map(|component| match component.change {
                Change::Price => Change::Price,
                Change::Both => Change::Both,
                _ => Change::Configuration,
            });
            let first = changes.next()?;
            match changes.all(|change| change == first) {
                true => first,
                false => Change::Both,
            }
        }
    };
    // What costs nothing neither adds nor takes away anything.
    if components.is_empty() {
        return None;
    }
    let monthly = |resource: Option<&ResourceDocument>| resource.and_then(|resource| resource.monthly);
    let most = |resource: Option<&ResourceDocument>| resource.and_then(|resource| resource.monthly_max);
    let sums = |resource| (monthly(resource).unwrap_or_default(), most(resource));
    let delta: Decimal = components.iter().map(|component| component.delta).sum();
    Some(ResourceDifference {
        root: None,
        address: one.address.clone(),
        ty: one.ty.clone(),
        change,
        before: monthly(before),
        after: monthly(after),
        delta: delta.normalize(),
        before_max: most(before),
        after_max: most(after),
        delta_max: delta_max(sums(before), sums(after))
            .map(|most| (most - (parts.one_sided_most - one_sided_most)).normalize()),
        components,
    })
}

/// The difference of two lines of one name. It is the price's as far as the same thing of the price list costs something else now.
fn of_lines(
    before: Option<&ComponentDocument>,
    after: Option<&ComponentDocument>,
    parts: &mut Parts,
) -> Option<ComponentDifference> {
    let monthly = |line: Option<&ComponentDocument>| line.and_then(|line| line.monthly).unwrap_or_default();
    let mut delta = monthly(after) - monthly(before);
    if let (Some(was), Some(is)) = (before, after)
        && was.monthly.is_some() != is.monthly.is_some()
    {
        delta = Decimal::ZERO;
        let most = |line: &ComponentDocument| line.monthly_max.or(line.monthly).unwrap_or_default();
        parts.one_sided += 1;
        parts.one_sided_most += most(is) - most(was);
    }
    let change = match (before, after) {
        (None, None) => return None,
        (None, Some(_)) => Change::Added,
        (Some(_), None) => Change::Removed,
        (Some(was), Some(is)) => {
            let sold = |line: &ComponentDocument| {
                let source = line.source.as_ref();
                source.map(|source| {
                    (
                        source.service.clone(),
                        source.region.clone(),
                        source.usage_type.clone(),
                    )
                })
            };
            let same_thing = sold(was) == sold(is) && was.unit == is.unit;
            let price = was.price != is.price && same_thing && was.price.is_some() && is.price.is_some();
            let other = was.quantity != is.quantity
                || was.quantity_max != is.quantity_max
                || was.unpriced != is.unpriced
                || was.depends_on != is.depends_on
                || (was.price != is.price && !price);
            match (price, other) {
                (false, false) if delta.is_zero() && was.monthly_max == is.monthly_max => return None,
                (true, false) => Change::Price,
                (false, _) => Change::Configuration,
                (true, true) => Change::Both,
            }
        }
    };
    let of_price = match (change, before, after) {
        (Change::Price, ..) => delta,
        // At the quantity of before, so that the parts add up to the whole.
        (Change::Both, Some(was), Some(is)) => {
            let grown = is.price.unwrap_or_default() - was.price.unwrap_or_default();
            grown.saturating_mul(was.quantity.unwrap_or_default())
        }
        _ => Decimal::ZERO,
    };
    parts.price += of_price;
    parts.configuration += delta - of_price;
    let one = after.or(before)?;
    Some(ComponentDifference {
        name: one.name.clone(),
        group: one.group.clone(),
        change,
        delta: delta.normalize(),
        before: before.cloned(),
        after: after.cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::SourceDocument;

    fn line(name: &str, quantity: i64, price: &str) -> ComponentDocument {
        let price: Decimal = price.parse().unwrap();
        ComponentDocument {
            name: name.to_owned(),
            group: None,
            unit: "hours".to_owned(),
            quantity: Some(quantity.into()),
            quantity_max: None,
            price: Some(price),
            monthly: Some(price * Decimal::from(quantity)),
            monthly_max: None,
            usage_key: None,
            unpriced: None,
            depends_on: Vec::new(),
            source: Some(SourceDocument {
                service: "AmazonEC2".to_owned(),
                region: "us-east-1".to_owned(),
                usage_type: name.to_owned(),
                sku: None,
                rate_code: None,
                effective: "2026-01-01".to_owned(),
                tier_start: Decimal::ZERO,
                unit: "Hrs".to_owned(),
                scale: Decimal::ONE,
            }),
            adjustments: Vec::new(),
        }
    }

    fn document(resources: &[(&str, Vec<ComponentDocument>)]) -> Document {
        let resources: Vec<ResourceDocument> = resources
            .iter()
            .map(|(address, components)| ResourceDocument {
                root: None,
                address: (*address).to_owned(),
                ty: "aws_x".to_owned(),
                region: None,
                environment: None,
                tags: BTreeMap::new(),
                file: None,
                lines: None,
                monthly: Some(components.iter().filter_map(|line| line.monthly).sum()),
                monthly_max: None,
                components: components.clone(),
            })
            .collect();
        Document {
            total_monthly: resources.iter().filter_map(|resource| resource.monthly).sum(),
            resources,
            ..Document::default()
        }
    }

    #[test]
    fn a_price_that_is_missing_on_one_side_is_not_nothing() {
        let unpriced = ComponentDocument {
            price: None,
            monthly: None,
            unpriced: Some("no price".to_owned()),
            source: None,
            ..line("hours", 730, "1")
        };
        let mut parts = Parts::default();
        let found = of_lines(Some(&unpriced), Some(&line("hours", 730, "2")), &mut parts).unwrap();
        assert_eq!((found.delta, parts.one_sided), (Decimal::ZERO, 1));
        let gone = of_lines(Some(&line("hours", 730, "2")), Some(&unpriced), &mut parts).unwrap();
        assert_eq!((gone.delta, parts.one_sided), (Decimal::ZERO, 2));
        assert_eq!(parts.price + parts.configuration, Decimal::ZERO);
        let new = of_lines(None, Some(&line("hours", 10, "2")), &mut parts).unwrap();
        assert_eq!((new.delta, parts.one_sided), (Decimal::from(20), 2));
    }

    #[test]
    fn prices_and_configuration_are_told_apart() {
        let before = document(&[
            ("aws_x.dearer", vec![line("a", 10, "1")]),
            ("aws_x.larger", vec![line("a", 10, "1")]),
            ("aws_x.both", vec![line("a", 10, "1")]),
            ("aws_x.other", vec![line("a", 10, "1")]),
            ("aws_x.gone", vec![line("a", 10, "1")]),
            ("aws_x.same", vec![line("a", 10, "1")]),
        ]);
        let after = document(&[
            ("aws_x.dearer", vec![line("a", 10, "1.5")]),
            ("aws_x.larger", vec![line("a", 20, "1")]),
            ("aws_x.both", vec![line("a", 20, "1.5")]),
            ("aws_x.other", vec![line("b", 10, "3")]),
            ("aws_x.new", vec![line("a", 1, "1")]),
            ("aws_x.same", vec![line("a", 10, "1")]),
        ]);
        let difference = Difference::new("t", "1", &before, &after);
        let found: Vec<(&str, Change, String)> = difference
            .resources
            .iter()
            .map(|resource| {
                (
                    resource.address.as_str(),
                    resource.change,
                    resource.delta.to_string(),
                )
            })
            .collect();
        let expected = [
            ("aws_x.both", Change::Both, "20"),
            ("aws_x.dearer", Change::Price, "5"),
            ("aws_x.gone", Change::Removed, "-10"),
            ("aws_x.larger", Change::Configuration, "10"),
            ("aws_x.new", Change::Added, "1"),
            ("aws_x.other", Change::Configuration, "20"),
        ];
        let expected = expected.map(|(address, change, delta)| (address, change, delta.to_owned()));
        assert_eq!(found, expected);
        // 10 hours at 0.50 more, twice.
        assert_eq!(difference.delta_price, Decimal::TEN);
        assert_eq!(
            difference.delta,
            difference.delta_price + difference.delta_configuration
        );
        assert_eq!(difference.delta, Decimal::from(46));
    }
}
