//! Resources that are probably the same one under another name.

use std::collections::{BTreeMap, BTreeSet};

use tf_model::{Address, Key, Mode, ModulePath, Resource};

use super::View;
use super::resources::{Keys, subject};
use crate::cause::BlockName;

/// How many of a hundred things that are set must be the same.
const LIKE: usize = 60;
/// More blocks of a type without counterpart are not compared with each other.
const MAX_BLOCKS: usize = 40;

type Group = (ModulePath, BlockName);
type Shapes = BTreeMap<Group, Vec<Option<Keys>>>;

/// Two blocks that are one.
#[derive(Debug)]
pub(super) struct Rename {
    /// Both.
    pub(super) groups: [Group; 2],
    /// By environment: what it is called.
    pub(super) names: Vec<Option<String>>,
    /// By environment: its block.
    pub(super) blocks: Vec<Option<Address>>,
    /// Resources that belong together.
    pub(super) rows: Vec<Vec<Option<usize>>>,
    /// In percent.
    pub(super) likeness: usize,
}

/// Pairs of blocks of one type, of which every environment has exactly one, and which are alike.
pub(super) fn find(view: &View<'_>, shapes: &Shapes) -> Vec<Rename> {
    let mut by_type: BTreeMap<&str, Vec<&Group>> = BTreeMap::new();
    for (group, shape) in shapes {
        let absent = shape.iter().flatten().any(Keys::is_empty);
        if let (BlockName::Resource(Mode::Managed, ty, _), true) = (&group.1, absent) {
            by_type.entry(ty).or_default().push(group);
        }
    }
    let mut out: Vec<Rename> = Vec::new();
    for groups in by_type.values().filter(|groups| groups.len() <= MAX_BLOCKS) {
        let mut pairs: Vec<(usize, &Group, &Group)> = Vec::new();
        for (at, one) in groups.iter().enumerate() {
            for other in groups.iter().skip(at + 1) {
                if complementary(shapes, one, other)
                    && let Some(likeness) = likeness(view, one, other)
                {
                    pairs.push((likeness, *one, *other));
                }
            }
        }
        // The likest first; each block once.
        pairs.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
        let mut used: BTreeSet<&Group> = BTreeSet::new();
        for (likeness, one, other) in pairs {
            if likeness >= LIKE && !used.contains(one) && !used.contains(other) {
                used.extend([one, other]);
                out.push(make(view, one, other, likeness));
            }
        }
    }
    out
}

/// Whether each environment has one of the two, and the keys are the same.
fn complementary(shapes: &Shapes, one: &Group, other: &Group) -> bool {
    let (Some(one), Some(other)) = (shapes.get(one), shapes.get(other)) else {
        return false;
    };
    let each = one.iter().flatten().zip(other.iter().flatten());
    let mut keys: BTreeSet<Vec<&Option<Key>>> = BTreeSet::new();
    for (one, other) in each {
        match (one.is_empty(), other.is_empty()) {
            (false, true) => keys.insert(one.keys().collect()),
            (true, false) => keys.insert(other.keys().collect()),
            _ => return false,
        };
    }
    keys.len() == 1
}

fn instances<'e>(view: &View<'e>, at: usize, group: &Group) -> Vec<(usize, &'e Resource)> {
    let Some(stack) = view.stacks.get(at).copied().flatten() else {
        return Vec::new();
    };
    let (outer, BlockName::Resource(mode, ty, name)) = group else {
        return Vec::new();
    };
    let resources = stack.graph.resources.iter().enumerate();
    resources
        .filter(|(_, resource)| {
            let address = &resource.address;
            address.module == *outer && address.mode == *mode && address.ty == *ty && address.name == *name
        })
        .collect()
}

/// How much of what is set in either is the same, in percent.
fn likeness(view: &View<'_>, one: &Group, other: &Group) -> Option<usize> {
    let first = |group: &Group| {
        (0..view.stacks.len()).find_map(|at| Some((at, instances(view, at, group).first()?.1)))
    };
    let ((at, one), (beside, other)) = (first(one)?, first(other)?);
    let comparison = view.comparison();
    let texts = |at: usize, resource: &Resource| -> BTreeMap<String, String> {
        let entries = resource.values.as_entries();
        entries
            .into_iter()
            .flat_map(|entries| entries.iter())
            .filter(|(_, value)| {
                value.is_known() && !value.is_null() && value.as_items().is_none_or(|items| !items.is_empty())
            })
            .map(|(name, value)| {
                (
                    name.to_string(),
                    comparison.canonical(at, value, &mut BTreeSet::new()),
                )
            })
            .collect()
    };
    let (one, other) = (texts(at, one), texts(beside, other));
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let same = names
        .iter()
        .filter(|name| one.get(**name) == other.get(**name))
        .count();
    (!names.is_empty()).then(|| same * 100 / names.len())
}

fn make(view: &View<'_>, one: &Group, other: &Group, likeness: usize) -> Rename {
    let mut names = Vec::new();
    let mut blocks = Vec::new();
    let mut by_key: BTreeMap<Option<Key>, Vec<Option<usize>>> = BTreeMap::new();
    for at in 0..view.stacks.len() {
        let group = if instances(view, at, one).is_empty() {
            other
        } else {
            one
        };
        let found = instances(view, at, group);
        names.push((!found.is_empty()).then(|| subject(group)));
        blocks.push(found.first().map(|(_, resource)| resource.address.clone()));
        for (place, resource) in found {
            let row = by_key
                .entry(resource.address.key.clone())
                .or_insert_with(|| vec![None; view.stacks.len()]);
            if let Some(slot) = row.get_mut(at) {
                *slot = Some(place);
            }
        }
    }
    Rename {
        groups: [one.clone(), other.clone()],
        names,
        blocks,
        rows: by_key.into_values().collect(),
        likeness,
    }
}
