//! Which resources there are: matched by address, then by the blocks that make several of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tf_lang::Value;
use tf_model::address::ModuleStep;
use tf_model::{Address, Key, Mode, ModulePath, Resource};

use super::View;
use super::modules::{Covered, covering};
use super::rename::{self, Rename};
use crate::cause::{BlockName, key_seg};
use crate::compare::Part;
use crate::environment::Stack;
use crate::finding::{Detail, Finding, Findings, Layer, LeftOut};
use crate::normalise::Category;
use crate::value::{Held, Path};

/// Resources of several environments that are the same one.
#[derive(Debug)]
pub(super) struct Matched {
    /// By environment: places in the graphs.
    pub(super) rows: Vec<Vec<Option<usize>>>,
    /// Of rows that are not everywhere: the place of the finding that tells it.
    pub(super) origins: Vec<Option<usize>>,
}

/// The block whose instances differ, and the module instance that it is in.
type Group = (ModulePath, BlockName);

/// Keys of a block's instances without what names the environment, and as they are.
pub(super) type Keys = BTreeMap<Option<Key>, Option<Key>>;

/// What a group lacks.
#[derive(Default)]
struct Lacking {
    /// Addresses that some environment has not.
    addresses: BTreeSet<Address>,
}

pub(super) fn compare(view: &View<'_>, covered: &Covered, out: &mut Findings, told: bool) -> Matched {
    let mut rows: BTreeMap<Address, Vec<Option<usize>>> = BTreeMap::new();
    let mut modules: Vec<BTreeSet<&[ModuleStep]>> = vec![BTreeSet::new(); view.stacks.len()];
    for (at, stack) in view.stacks.iter().enumerate() {
        let Some(stack) = stack else { continue };
        let addresses = plain_addresses(view, at, stack, out);
        for (place, resource) in stack.graph.resources.iter().enumerate() {
            if !is_built(resource, view.later) {
                continue;
            }
            let address = addresses.get(&place).unwrap_or(&resource.address);
            let row = rows
                .entry(address.clone())
                .or_insert_with(|| vec![None; view.stacks.len()]);
            if let Some(slot) = row.get_mut(at) {
                *slot = Some(place);
            }
            if let Some(seen) = modules.get_mut(at) {
                let steps = &resource.address.module.0;
                (1..=steps.len()).for_each(|length| {
                    seen.extend(steps.get(..length));
                });
            }
        }
    }
    let mut groups: BTreeMap<Group, Lacking> = BTreeMap::new();
    let mut origins: BTreeMap<Address, Option<usize>> = BTreeMap::new();
    for (address, row) in &rows {
        let lacks: Vec<usize> = row
            .iter()
            .zip(&view.stacks)
            .enumerate()
            .filter(|(_, (place, stack))| place.is_none() && stack.is_some())
            .map(|(at, _)| at)
            .collect();
        if lacks.is_empty() || address.mode != Mode::Managed {
            continue;
        }
        if let Some(told) = covering(covered, &address.module) {
            origins.insert(address.clone(), told);
            continue;
        }
        let group = lacks
            .iter()
            .map(|at| group_of(view, *at, address, modules.get(*at)))
            .min_by_key(|(module, block)| (module.0.len(), matches!(block, BlockName::Resource(..))));
        if let Some(group) = group {
            groups.entry(group).or_default().addresses.insert(address.clone());
        }
    }
    let shapes: BTreeMap<Group, Vec<Option<Keys>>> = groups
        .keys()
        .map(|group| {
            let shape = view
                .stacks
                .iter()
                .enumerate()
                .map(|(at, stack)| Some(keys(view, at, group, (*stack)?)))
                .collect();
            (group.clone(), shape)
        })
        .collect();
    let renames = rename::find(view, &shapes);
    if told {
        out.count(
            Layer::Resources,
            rows.keys()
                .filter(|address| address.mode == Mode::Managed)
                .count(),
        );
        for (group, lacking) in &groups {
            if let Some(shape) = shapes.get(group)
                && !renames.iter().any(|rename| rename.groups.contains(group))
            {
                let place = out.found.len();
                origins.extend(
                    lacking
                        .addresses
                        .iter()
                        .map(|address| (address.clone(), Some(place))),
                );
                out.found.push(finding(view, group, lacking, shape));
            }
        }
        for rename in &renames {
            out.found.push(renamed(view, rename));
        }
    }
    // What has two names is one row, and not two halves of it.
    for lacking in renames
        .iter()
        .flat_map(|rename| &rename.groups)
        .filter_map(|group| groups.get(group))
    {
        rows.retain(|address, _| !lacking.addresses.contains(address));
    }
    let mut matched = Matched {
        rows: Vec::with_capacity(rows.len()),
        origins: Vec::with_capacity(rows.len()),
    };
    for (address, row) in rows {
        matched.rows.push(row);
        matched.origins.push(origins.get(&address).copied().flatten());
    }
    for row in renames.iter().flat_map(|rename| &rename.rows) {
        matched.rows.push(row.clone());
        matched.origins.push(None);
    }
    matched
}

/// Addresses whose keys name the environment, without what names it; where two would become one, as they are.
fn plain_addresses(
    view: &View<'_>,
    at: usize,
    stack: &Stack,
    out: &mut Findings,
) -> BTreeMap<usize, Address> {
    let mut changed: BTreeMap<usize, (Address, BTreeSet<Category>)> = BTreeMap::new();
    // Many resources have the same few keys.
    let mut known: HashMap<Arc<str>, (Arc<str>, Option<Category>)> = HashMap::new();
    for (place, resource) in stack.graph.resources.iter().enumerate() {
        let mut taken = BTreeSet::new();
        let mut plain = |key: &Option<Key>| match key {
            Some(Key::Name(name)) => {
                let (text, category) = known.entry(name.clone()).or_insert_with(|| {
                    let mut taken = BTreeSet::new();
                    let text = view.normaliser.text(at, name, &mut taken);
                    (text.as_ref().into(), taken.first().copied())
                });
                taken.extend(*category);
                Some(Key::Name(text.clone()))
            }
            other => other.clone(),
        };
        let mut address = resource.address.clone();
        address.key = plain(&address.key);
        for step in &mut address.module.0 {
            step.key = plain(&step.key);
        }
        if !taken.is_empty() {
            changed.insert(place, (address, taken));
        }
    }
    let mut seen: BTreeMap<&Address, usize> = BTreeMap::new();
    for (address, _) in changed.values() {
        *seen.entry(address).or_default() += 1;
    }
    let single: Vec<usize> = changed
        .iter()
        .filter(|(_, (address, _))| seen.get(address) == Some(&1) && stack.graph.find(address).is_none())
        .map(|(place, _)| *place)
        .collect();
    let mut addresses = BTreeMap::new();
    for place in single {
        let Some((address, taken)) = changed.remove(&place) else {
            continue;
        };
        if let (Some(resource), Some(category)) = (stack.graph.resources.get(place), taken.first())
            && resource.mode() == Mode::Managed
        {
            let mut values = vec![Held::Out; view.stacks.len()];
            if let Some(slot) = values.get_mut(at) {
                *slot = Held::Has(Value::from(&*resource.text));
            }
            out.left_out.push(LeftOut {
                layer: Layer::Resources,
                stack: view.name.clone(),
                subject: address.to_string(),
                part: Part {
                    path: Path::default(),
                    values,
                },
                category: *category,
            });
        }
        addresses.insert(place, address);
    }
    addresses
}

/// What a plan deletes is not there. What data sources read is nothing that is built; of configurations their arguments are
/// compared all the same.
fn is_built(resource: &Resource, later: bool) -> bool {
    match resource.mode() {
        Mode::Managed => !resource.values.is_null(),
        Mode::Data => !later,
        Mode::Ephemeral => false,
    }
}

/// The outermost block that has an instance more than an environment with these module instances.
fn group_of(
    view: &View<'_>,
    at: usize,
    address: &Address,
    modules: Option<&BTreeSet<&[ModuleStep]>>,
) -> Group {
    let steps = &address.module.0;
    for (depth, step) in steps.iter().enumerate() {
        let path = steps.get(..=depth).unwrap_or_default();
        // Of a plan or a state only those are known that have resources.
        let there = modules.is_some_and(|modules| modules.contains(path))
            || view.tracer.has_module(at, &ModulePath(path.to_vec())) == Some(true);
        if !there {
            let outer = ModulePath(steps.iter().take(depth).cloned().collect());
            return (outer, BlockName::Module(step.name.clone()));
        }
    }
    let block = BlockName::Resource(address.mode, address.ty.clone(), address.name.clone());
    (address.module.clone(), block)
}

/// The keys of a block's instances in an environment.
fn keys(view: &View<'_>, at: usize, group: &Group, stack: &Stack) -> Keys {
    let (outer, block) = group;
    let depth = outer.0.len();
    let plain = |key: &Option<Key>| match key {
        Some(Key::Name(name)) => {
            let text = view.normaliser.text(at, name, &mut BTreeSet::new());
            Some(Key::Name(text.as_ref().into()))
        }
        other => other.clone(),
    };
    let resources = stack
        .graph
        .resources
        .iter()
        .filter(|resource| is_built(resource, false));
    resources
        .filter_map(|resource| {
            let address = &resource.address;
            match block {
                BlockName::Module(name) => {
                    let step = address.module.0.get(depth)?;
                    (address.module.0.starts_with(&outer.0) && step.name == *name)
                        .then(|| (plain(&step.key), step.key.clone()))
                }
                BlockName::Resource(mode, ty, name) => {
                    let same = address.module == *outer
                        && address.mode == *mode
                        && address.ty == *ty
                        && address.name == *name;
                    same.then(|| (plain(&address.key), address.key.clone()))
                }
            }
        })
        .collect()
}

pub(super) fn subject((outer, block): &Group) -> String {
    let name = match block {
        BlockName::Module(name) => format!("module.{name}"),
        BlockName::Resource(Mode::Managed, ty, name) => format!("{ty}.{name}"),
        BlockName::Resource(mode, ty, name) => format!("{}.{ty}.{name}", mode.as_str()),
    };
    match outer.is_root() {
        true => name,
        false => format!("{outer}.{name}"),
    }
}

fn finding(view: &View<'_>, group: &Group, lacking: &Lacking, shape: &[Option<Keys>]) -> Finding {
    let all: BTreeSet<&Option<Key>> = shape.iter().flatten().flat_map(Keys::keys).collect();
    let named = all.iter().any(|key| matches!(key, Some(Key::Name(_))));
    let counted = all.iter().any(|key| matches!(key, Some(Key::Index(_))));
    let value = |keys: &Keys| -> Option<Value> {
        if keys.is_empty() {
            return None;
        }
        Some(match (named, counted) {
            (true, _) => Value::tuple(
                keys.values()
                    .map(|key| match key {
                        Some(Key::Name(name)) => Value::normal_string(name.clone()),
                        Some(Key::Index(index)) => Value::from(*index as i64),
                        None => Value::NULL,
                    })
                    .collect(),
            ),
            _ => Value::count(keys.len()),
        })
    };
    let values: Vec<Held> = shape
        .iter()
        .map(|keys| match keys {
            None => Held::Out,
            Some(keys) => value(keys).map_or(Held::Absent, Held::Has),
        })
        .collect();
    // The one instance that is not everywhere.
    let mut partial = all
        .iter()
        .filter(|key| shape.iter().flatten().any(|keys| !keys.contains_key(**key)));
    let key = match (partial.next(), partial.next()) {
        (Some(Some(key)), None) => Some(key_seg(key)),
        _ => None,
    };
    let attribute = match (named, counted) {
        (true, _) => Some("for_each".to_owned()),
        (false, true) => Some("count".to_owned()),
        (false, false) => None,
    };
    Finding {
        layer: Layer::Resources,
        stack: view.name.clone(),
        subject: subject(group),
        attribute,
        causes: view.tracer.expansion(&group.0, &group.1, key, &values),
        values,
        missing: true,
        note: None,
        covers: lacking.addresses.len().max(1),
        detail: Detail::None,
    }
}

fn renamed(view: &View<'_>, rename: &Rename) -> Finding {
    let values = view
        .stacks
        .iter()
        .zip(&rename.names)
        .map(|(stack, name)| match (stack, name) {
            (None, _) => Held::Out,
            (Some(_), None) => Held::Absent,
            (Some(_), Some(name)) => Held::Has(Value::from(name.as_str())),
        })
        .collect();
    Finding {
        layer: Layer::Resources,
        stack: view.name.clone(),
        subject: rename.names.iter().flatten().min().cloned().unwrap_or_default(),
        attribute: None,
        values,
        causes: view.tracer.renamed(&rename.blocks),
        missing: false,
        note: Some(format!(
            "probably one resource under two names: {} % of what is set is the same",
            rename.likeness
        )),
        covers: rename.rows.len().max(1),
        detail: Detail::None,
    }
}
