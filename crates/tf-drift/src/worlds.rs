//! What there would be if only some of what is reported had happened: what policies and prices say of a finding is asked there.
//!
//! What is left out, as noise or because somebody wants it to be, has happened in none of them. Otherwise its consequences would be
//! laid at the door of whatever else the root reports.

use std::collections::{BTreeSet, HashMap};

use tf_lang::Value;
use tf_model::Graph;
use tf_model::plan::{Drift, Step};

use crate::classify::Found;
use crate::finding::Class;
use crate::noise::parts::Part;

/// The worlds of a root.
pub(crate) struct Worlds<'d> {
    drift: &'d Drift,
    pub(crate) found: &'d [Found<'d>],
    /// Of resources that are there, by address: their attributes that differ.
    parts: &'d HashMap<&'d str, Vec<Part>>,
}

impl<'d> Worlds<'d> {
    pub(crate) fn new(
        drift: &'d Drift,
        found: &'d [Found<'d>],
        parts: &'d HashMap<&'d str, Vec<Part>>,
    ) -> Worlds<'d> {
        Worlds { drift, found, parts }
    }

    /// The world that the last apply left, but for the findings at some places.
    pub(crate) fn with(&self, happened: impl Fn(usize) -> bool) -> Graph {
        let mut deleted: BTreeSet<&str> = BTreeSet::new();
        let mut changed: BTreeSet<(&str, &str)> = BTreeSet::new();
        for (_, found) in self.found.iter().enumerate().filter(|(at, _)| happened(*at)) {
            let address = &*found.step.address;
            if found.class == Class::Deleted {
                deleted.insert(address);
            }
            changed.extend(found.names().map(|name| (address, name)));
        }
        let touched: BTreeSet<&str> = changed.iter().map(|(address, _)| *address).collect();
        // A resource that was changed in ways that nobody wants to hear of too is no cause of what others show of it.
        let was_changed = |address: &str| {
            let is_pure = || {
                let parts = self.parts.get(address);
                parts.is_none_or(|parts| parts.iter().all(|part| !part.is_left_out))
            };
            deleted.contains(address) || (touched.contains(address) && is_pure())
        };
        let steps: HashMap<&str, &Step> = self
            .drift
            .changed
            .iter()
            .filter(|step| step.deposed.is_none())
            .map(|step| (&*step.address, step))
            .collect();
        let mut world = self.drift.recorded(|address| deleted.contains(address));
        for resource in &mut world.resources {
            let address = &*resource.text;
            let (Some(step), Some(parts)) = (steps.get(address), self.parts.get(address)) else {
                continue;
            };
            let value = |part: &Part| {
                let name = part.repeats.unwrap_or(&part.name);
                part.value(changed.contains(&(address, name)), was_changed)
            };
            resource.values = replaced(step, parts, &value);
        }
        world
    }

    /// The world that the last apply left.
    pub(crate) fn recorded(&self) -> Graph {
        self.with(|_| false)
    }
}

fn replaced(step: &Step, parts: &[Part], value: &dyn Fn(&Part) -> Value) -> Value {
    let Some(entries) = step.before.as_entries() else {
        return step.before.clone();
    };
    let is_part = |name: &str| parts.iter().any(|part| &*part.name == name);
    let same = entries.iter().filter(|(name, _)| !is_part(name));
    let same = same.map(|(name, value)| (name.clone(), value.clone()));
    let changed = parts.iter().map(|part| (part.name.clone(), value(part)));
    Value::object(same.chain(changed).collect::<Vec<_>>()).with_marks(step.before.marks())
}
