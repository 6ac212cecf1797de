//! What resources are like.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use tf_model::schema::{self, BlockSchema};
use tf_model::{Mode, Resource};

use super::View;
use super::resources::Matched;
use crate::compare::{Comparison, Part, Slot};
use crate::environment::Stack;
use crate::finding::{Findings, Layer, LeftOut};
use crate::normalise::{Category, Normaliser};
use crate::value::Seg;

/// What all resources of a portion have been found to differ in.
type Compared<'n> = (usize, Comparison<'n>);

pub(super) fn compare(view: &View<'_>, matched: &Matched, out: &mut Findings) {
    let (stacks, normaliser, later, states) = (&view.stacks, view.normaliser, view.later, &view.states);
    let compared: Vec<Compared<'_>> = matched
        .rows
        .par_iter()
        .enumerate()
        .with_min_len(16)
        .filter(|(_, row)| row.iter().flatten().count() > 1)
        .map(|(number, row)| (number, one(stacks, normaliser, later, states, row)))
        .collect();
    for (number, comparison) in compared {
        out.count(Layer::Attributes, comparison.compared);
        out.waiting += comparison.waiting;
        let Comparison { parts, left_out, .. } = comparison;
        if parts.is_empty() && left_out.is_empty() {
            continue;
        }
        let Some(row) = matched.rows.get(number) else {
            continue;
        };
        let resources = resources(stacks, row);
        let subject = resources
            .iter()
            .flatten()
            .map(|resource| resource.text.to_string())
            .min()
            .unwrap_or_default();
        let addresses: Vec<_> = resources
            .iter()
            .map(|resource| resource.map(|resource| &resource.address))
            .collect();
        for part in parts {
            let causes = view.tracer.attribute(&addresses, &part.path, &part.values);
            view.tell(Layer::Attributes, &subject, part, causes, out);
        }
        for (part, category) in left_out {
            out.left_out.push(LeftOut {
                layer: Layer::Attributes,
                stack: view.name.clone(),
                subject: subject.clone(),
                part,
                category,
            });
        }
    }
}

/// The resources of a row.
pub(super) fn resources<'e>(
    stacks: &[Option<&'e Stack>],
    row: &[Option<usize>],
) -> Vec<Option<&'e Resource>> {
    stacks
        .iter()
        .zip(row)
        .map(|(stack, place)| (*stack)?.graph.resources.get((*place)?))
        .collect()
}

fn one<'n>(
    stacks: &[Option<&Stack>],
    normaliser: &'n Normaliser,
    later: bool,
    states: &[bool],
    row: &[Option<usize>],
) -> Comparison<'n> {
    let resources = resources(stacks, row);
    let mut comparison = Comparison::new(normaliser, later);
    comparison.states = states.to_vec();
    let addresses: BTreeSet<&Arc<str>> = resources
        .iter()
        .flatten()
        .map(|resource| &resource.text)
        .collect();
    comparison.itself = resources
        .iter()
        .map(|resource| resource.map(|resource| resource.text.clone()))
        .collect();
    if addresses.len() > 1 {
        comparison.own = resources
            .iter()
            .map(|resource| resource.map(|resource| resource.text.to_string()))
            .collect();
    }
    let known = resources.iter().flatten().next().and_then(|resource| {
        let kind = match resource.mode() {
            Mode::Data => schema::Kind::Data,
            _ => schema::Kind::Resource,
        };
        schema::schema(kind, &resource.address.ty)
    });
    let data = resources
        .iter()
        .flatten()
        .any(|resource| resource.mode() == Mode::Data);
    let names: BTreeSet<&Arc<str>> = resources
        .iter()
        .flatten()
        .filter_map(|resource| resource.values.as_entries())
        .flat_map(|entries| entries.iter().map(|(name, _)| name))
        .collect();
    for name in names {
        // The tags of the resource and of its provider, which are both compared.
        if &**name == "tags_all" && normaliser.takes(Category::Tags) {
            continue;
        }
        let slots: Vec<Slot<'_>> = resources
            .iter()
            .map(|resource| match resource {
                // That it is not there is told by another layer.
                None => Slot::Out,
                Some(resource) => resource.values.get(name).map_or(Slot::Absent, Slot::Has),
            })
            .collect();
        // What data sources answer is in what is made of it.
        if data && is_computed(known, name) {
            continue;
        }
        comparison.below(Seg::Name(name.clone()), &slots);
        if later && (is_computed(known, name) || is_output(&resources, name)) {
            let found = std::mem::take(&mut comparison.parts);
            let (own, others): (Vec<Part>, Vec<Part>) = found
                .into_iter()
                .partition(|part| matches!(part.path.0.first(), Some(Seg::Name(first)) if first == name));
            comparison.parts = others;
            let left_out = own.into_iter().map(|part| (part, Category::Computed));
            comparison.left_out.extend(left_out);
        }
    }
    comparison
}

/// Whether nobody but the provider sets an attribute. Types without a schema have an `id`, which nobody sets.
fn is_computed(known: Option<&BlockSchema>, name: &str) -> bool {
    match known {
        Some(known) => known
            .attribute(name)
            .is_some_and(|attribute| attribute.computed && (!attribute.optional || name == "id")),
        None => name == "id",
    }
}

/// Whether it is what Terraform's own resource gives back of its input.
fn is_output(resources: &[Option<&Resource>], name: &str) -> bool {
    name == "output"
        && resources
            .iter()
            .flatten()
            .all(|resource| &*resource.address.ty == "terraform_data")
}
