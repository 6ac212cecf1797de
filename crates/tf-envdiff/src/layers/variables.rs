//! Variables of root modules.

use std::collections::BTreeSet;
use std::sync::Arc;

use tf_lang::{Number, Value};

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
        let typed = if view.later { typed(&slots) } else { Vec::new() };
        for (slot, typed) in slots.iter_mut().zip(&typed) {
            if let Some(value) = typed {
                *slot = Slot::Has(value);
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

/// Texts beside numbers and truth values, as these: a plan knows no types, and has what the command line gave as texts.
fn typed(slots: &[Slot<'_>]) -> Vec<Option<Value>> {
    let has = |test: fn(&Value) -> bool| slots.iter().filter_map(|slot| slot.value()).any(test);
    let numbers = has(|value| value.as_number().is_some());
    let flags = has(|value| value.as_bool().is_some());
    slots
        .iter()
        .map(|slot| {
            let value = slot.value()?;
            let marks = value.marks();
            let typed = match value.as_str()? {
                "true" if flags => Value::from(true),
                "false" if flags => Value::from(false),
                text if numbers => Number::parse(text)?.into(),
                _ => return None,
            };
            Some(typed.with_marks(marks))
        })
        .collect()
}
