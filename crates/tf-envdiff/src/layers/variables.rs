//! Variables of root modules.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::View;
use crate::compare::{Part, Slot};
use crate::finding::{Findings, Layer};
use crate::value::{Held, Path};

pub(super) fn compare(view: &View<'_>, out: &mut Findings) {
    let names: BTreeSet<&Arc<str>> = view
        .stacks
        .iter()
        .flatten()
        .flat_map(|stack| stack.graph.variables.keys())
        .collect();
    // A state does not know of variables.
    let knows: Vec<bool> = view
        .stacks
        .iter()
        .map(|stack| stack.is_some_and(|stack| stack.root.is_some() || !stack.graph.variables.is_empty()))
        .collect();
    for name in names {
        let mut slots = view.slots(|_, stack| stack.graph.variables.get(name));
        for (slot, knows) in slots.iter_mut().zip(&knows) {
            if !knows {
                *slot = Slot::Out;
            }
        }
        let mut comparison = view.comparison();
        comparison.values(&slots);
        // Null and not declared are two things here.
        let declared = slots.iter().filter(|slot| slot.value().is_some()).count();
        let undeclared = slots.iter().filter(|slot| matches!(slot, Slot::Absent)).count();
        if comparison.parts.is_empty() && declared > 0 && undeclared > 0 {
            comparison.parts.push(Part {
                path: Path::default(),
                values: slots
                    .iter()
                    .map(|slot| match slot {
                        Slot::Out => Held::Out,
                        Slot::Absent => Held::Absent,
                        Slot::Has(value) => Held::Has((*value).clone()),
                    })
                    .collect(),
            });
        }
        view.take(
            comparison,
            Layer::Variables,
            &format!("var.{name}"),
            out,
            |path, values| view.tracer.variable(name, path, values),
        );
    }
}
