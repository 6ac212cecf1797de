//! Which modules are called, from where and in which version.

use std::collections::{BTreeMap, BTreeSet};

use tf_lang::Value;
use tf_model::ModulePath;
use tf_model::graph::ModuleCall;

use super::View;
use crate::cause::BlockName;
use crate::finding::{Detail, Finding, Findings, Layer};
use crate::value::Held;

/// Module calls that are not in every environment, with the places of their findings; what is in them is told with them.
pub(super) type Covered = BTreeMap<ModulePath, Option<usize>>;

/// The path of a call, without the keys of those around it: instances of one call are one.
fn plain(path: &ModulePath) -> ModulePath {
    path.0.iter().fold(ModulePath::default(), |whole, step| {
        whole.child(step.name.clone(), None)
    })
}

pub(super) fn compare(view: &View<'_>, out: &mut Findings, told: bool) -> Covered {
    let mut covered = Covered::new();
    let mut calls: BTreeMap<ModulePath, Vec<Option<&ModuleCall>>> = BTreeMap::new();
    for (at, stack) in view.stacks.iter().enumerate() {
        let Some(stack) = stack.filter(|stack| stack.root.is_some()) else {
            continue;
        };
        for call in &stack.graph.modules {
            let row = calls
                .entry(plain(&call.path))
                .or_insert_with(|| vec![None; view.stacks.len()]);
            if let Some(slot) = row.get_mut(at) {
                slot.get_or_insert(call);
            }
        }
    }
    // Inside a module that is not everywhere, or that comes from elsewhere, others are no news.
    let mut parents: BTreeSet<ModulePath> = BTreeSet::new();
    for (path, row) in &calls {
        let inside = (1..path.0.len()).any(|length| {
            let above = ModulePath(path.0.iter().take(length).cloned().collect());
            parents.contains(&above)
        });
        if inside {
            continue;
        }
        let held = |value: &dyn Fn(&ModuleCall) -> Option<Value>| -> Vec<Held> {
            view.stacks
                .iter()
                .zip(row)
                .map(|(stack, call)| match (stack, call) {
                    (Some(stack), Some(call)) if stack.root.is_some() => {
                        value(call).map_or(Held::Absent, Held::Has)
                    }
                    (Some(stack), None) if stack.root.is_some() => Held::Absent,
                    _ => Held::Out,
                })
                .collect()
        };
        let Some(name) = path.0.last().map(|step| step.name.clone()) else {
            continue;
        };
        if told {
            out.count(Layer::Modules, 1);
        }
        let outer = ModulePath(path.0.iter().take(path.0.len() - 1).cloned().collect());
        let there = held(&|_| Some(Value::from(true)));
        if there.iter().any(Held::is_absent) {
            parents.insert(path.clone());
            covered.insert(path.clone(), told.then_some(out.found.len()));
            let source = |call: &ModuleCall| call.source.as_ref().map(|source| Value::from(&**source));
            if told {
                let covers = view
                    .stacks
                    .iter()
                    .flatten()
                    .map(|stack| {
                        let resources = stack.graph.resources.iter();
                        resources
                            .filter(|resource| {
                                let module = plain(&resource.address.module);
                                resource.mode() == tf_model::Mode::Managed && module.0.starts_with(&path.0)
                            })
                            .count()
                    })
                    .max();
                out.found.push(Finding {
                    layer: Layer::Modules,
                    stack: view.name.clone(),
                    subject: path.to_string(),
                    attribute: None,
                    values: held(&source),
                    causes: view
                        .tracer
                        .expansion(&outer, &BlockName::Module(name), None, &there),
                    missing: true,
                    note: None,
                    covers: covers.unwrap_or_default().max(1),
                    detail: Detail::None,
                });
            }
            continue;
        }
        for (argument, values) in [
            (
                "source",
                held(&|call| call.source.as_ref().map(|text| Value::from(&**text))),
            ),
            (
                "version",
                held(&|call| call.version.as_ref().map(|text| Value::from(&**text))),
            ),
        ] {
            let texts: BTreeSet<String> = values
                .iter()
                .filter(|held| !matches!(held, Held::Out))
                .map(Held::text)
                .collect();
            if texts.len() < 2 {
                continue;
            }
            parents.insert(path.clone());
            if told {
                let causes = view.tracer.module_argument(&outer, &name, argument, &values);
                out.found.push(Finding {
                    layer: Layer::Modules,
                    stack: view.name.clone(),
                    subject: path.to_string(),
                    attribute: Some(argument.to_owned()),
                    values,
                    causes,
                    missing: false,
                    note: None,
                    covers: 1,
                    detail: Detail::None,
                });
            }
        }
    }
    covered
}

/// The call that is covered in which a module instance is: the place of its finding, where it is told.
pub(super) fn covering(covered: &Covered, path: &ModulePath) -> Option<Option<usize>> {
    let path = plain(path);
    (1..=path.0.len()).find_map(|length| {
        let above = ModulePath(path.0.iter().take(length).cloned().collect());
        covered.get(&above).copied()
    })
}
