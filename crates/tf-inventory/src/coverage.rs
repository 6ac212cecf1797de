//! How much of what exists is in states.

use std::collections::{BTreeMap, HashMap};

use crate::inventory::Inventory;
use crate::resource::{Class, Origin, Resource};
use crate::states::{Holder, States, family};

/// What exists, sorted by who looks after it. Indices are into [`Inventory::resources`], in their order.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// What is in a state, and where.
    pub managed: Vec<Managed>,
    /// What nobody looks after.
    pub unmanaged: Vec<usize>,
    /// What is in no state, and is not expected to be.
    pub left_out: Vec<LeftOut>,
    /// The counts, by Terraform's type.
    pub by_type: BTreeMap<&'static str, Count>,
    /// All counts together.
    pub total: Count,
    /// Whether everything could be listed. Otherwise something may be missing.
    pub complete: bool,
}

/// A resource that is in a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Managed {
    /// Which resource.
    pub resource: usize,
    /// Where it is.
    pub holder: Holder,
    /// Whether the state knows it only as a part of what [`Managed::holder`] is.
    pub as_part: bool,
}

/// A resource that is in no state, and is not expected to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// Which resource.
    pub resource: usize,
    /// The class, to count by.
    pub class: Class,
    /// Why, as a person reads it.
    pub reason: String,
}

/// How many.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Count {
    /// In a state.
    pub managed: usize,
    /// In none.
    pub unmanaged: usize,
    /// In none, and not expected to be.
    pub left_out: usize,
}

impl Count {
    /// How much of what is expected to be in a state is in one, in per cent; none where nothing is expected to be.
    pub fn percent(&self) -> Option<f64> {
        let expected = self.managed + self.unmanaged;
        #[allow(clippy::cast_precision_loss, reason = "nobody has so many resources")]
        (expected > 0).then(|| self.managed as f64 * 100.0 / expected as f64)
    }
}

impl Coverage {
    /// How many were left out, by class.
    pub fn left_out_by_class(&self) -> BTreeMap<Class, usize> {
        let mut counts = BTreeMap::new();
        for left_out in &self.left_out {
            *counts.entry(left_out.class).or_default() += 1;
        }
        counts
    }
}

/// Wholes may be parts themselves: a volume of an instance of an Auto Scaling group of a node group.
const DEEPEST: usize = 8;

/// Says which of the things that exist are in states.
pub fn compare(inventory: &Inventory, states: &States) -> Coverage {
    let mut coverage = Coverage {
        managed: Vec::new(),
        unmanaged: Vec::new(),
        left_out: Vec::new(),
        by_type: BTreeMap::new(),
        total: Count::default(),
        complete: inventory.unlisted.is_empty(),
    };
    let wholes = Wholes::of(inventory);
    for (at, resource) in inventory.resources.iter().enumerate() {
        let count = coverage.by_type.entry(resource.type_name).or_default();
        let account = &inventory.account;
        if let Some((holder, whole)) = states.holder_of(resource, account) {
            count.managed += 1;
            coverage.managed.push(Managed {
                resource: at,
                holder: holder.clone(),
                as_part: !whole,
            });
        } else if let Some(holder) = wholes.holder(resource, states, account) {
            count.managed += 1;
            coverage.managed.push(Managed {
                resource: at,
                holder: holder.clone(),
                as_part: true,
            });
        } else if let Some(class) = resource.origin.class() {
            count.left_out += 1;
            coverage.left_out.push(LeftOut {
                resource: at,
                class,
                reason: resource.origin.to_string(),
            });
        } else {
            count.unmanaged += 1;
            coverage.unmanaged.push(at);
        }
    }
    for count in coverage.by_type.values() {
        coverage.total.managed += count.managed;
        coverage.total.unmanaged += count.unmanaged;
        coverage.total.left_out += count.left_out;
    }
    coverage
}

/// What others may be parts of, by family, region and id.
struct Wholes<'i>(HashMap<(&'static str, Option<&'i str>, &'i str), &'i Resource>);

impl<'i> Wholes<'i> {
    fn of(inventory: &'i Inventory) -> Wholes<'i> {
        let known = inventory.resources.iter();
        Wholes(
            known
                .map(|it| {
                    let key = (family(it.type_name), it.region.as_deref(), it.import_id.as_str());
                    (key, it)
                })
                .collect(),
        )
    }

    /// The resource of a state with which this one comes and goes, by way of others that exist.
    fn holder<'s>(&self, resource: &'i Resource, states: &'s States, account: &str) -> Option<&'s Holder> {
        let mut resource = resource;
        for _ in 0..DEEPEST {
            if let Some(holder) = states.holder_of_whole(resource, account) {
                return Some(holder);
            }
            let Origin::PartOf { type_name, id } = &resource.origin else {
                return None;
            };
            let key = (family(type_name), resource.region.as_deref(), id.as_str());
            resource = self.0.get(&key)?;
        }
        None
    }
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
