//! The layers in which environments are compared, one file each.

mod attributes;
mod cost;
mod modules;
mod outputs;
mod policies;
mod providers;
mod rename;
mod resources;
mod variables;

pub use policies::Accepted;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use tf_lang::Value;
use tf_model::Mode;
use tf_policy::{Policy, Relations};
use tf_pricing::Pricing;

use crate::cause::{Cause, CauseKind, Tracer};
use crate::compare::{Comparison, Part, Slot};
use crate::cost::{Cell, Estimates, Monthly};
use crate::environment::{Environment, Origin, Stack, shown_stack};
use crate::finding::{Detail, Finding, Findings, Layer, LeftOut};
use crate::normalise::{Category, Normaliser};
use crate::value::{Held, Path};

/// What is to be compared.
#[derive(Debug)]
pub struct Comparing<'p> {
    /// The layers.
    pub layers: BTreeSet<Layer>,
    /// What the layer `policies` judges by.
    pub policies: &'p [Arc<Policy>],
    /// What is accepted of that.
    pub accepted: &'p Accepted,
    /// What the layer `cost` is made with.
    pub pricing: Option<&'p Pricing>,
}

/// One stack of all environments.
struct View<'e> {
    name: Arc<str>,
    stacks: Vec<Option<&'e Stack>>,
    normaliser: &'e Normaliser,
    /// Whether plans or states are among them.
    later: bool,
    /// By environment, where states and others are compared: whether it is a state.
    states: Vec<bool>,
    tracer: Tracer<'e>,
}

impl<'e> View<'e> {
    /// What each environment has.
    fn slots<'v>(&self, value: impl Fn(usize, &'e Stack) -> Option<&'v Value>) -> Vec<Slot<'v>> {
        self.stacks
            .iter()
            .enumerate()
            .map(|(at, stack)| match stack {
                Some(stack) => value(at, stack).map_or(Slot::Absent, Slot::Has),
                None => Slot::Out,
            })
            .collect()
    }

    fn comparison(&self) -> Comparison<'e> {
        Comparison::new(self.normaliser, self.later)
    }

    /// A part that differs; or does in nothing but names.
    fn tell(&self, layer: Layer, subject: &str, part: Part, causes: Vec<Cause>, out: &mut Findings) {
        let naming = !causes.is_empty() && causes.iter().all(|cause| cause.kind == CauseKind::Naming);
        if naming && self.normaliser.takes(Category::Names) {
            out.left_out.push(LeftOut {
                layer,
                stack: self.name.clone(),
                subject: subject.to_owned(),
                part,
                category: Category::Names,
            });
            return;
        }
        out.found.push(Finding {
            layer,
            stack: self.name.clone(),
            subject: subject.to_owned(),
            attribute: (!part.path.is_empty()).then(|| part.path.to_string()),
            missing: part.path.is_empty() && part.values.iter().any(Held::is_absent),
            causes,
            values: part.values,
            note: None,
            covers: 1,
            detail: Detail::None,
        });
    }

    /// Puts what a comparison has found under a subject.
    fn take(
        &self,
        comparison: Comparison<'_>,
        layer: Layer,
        subject: &str,
        out: &mut Findings,
        causes: impl Fn(&Path, &[Held]) -> Vec<Cause>,
    ) {
        out.count(layer, comparison.compared);
        out.waiting += comparison.waiting;
        for part in comparison.parts {
            let causes = causes(&part.path, &part.values);
            self.tell(layer, subject, part, causes, out);
        }
        for (part, category) in comparison.left_out {
            out.left_out.push(LeftOut {
                layer,
                stack: self.name.clone(),
                subject: subject.to_owned(),
                part,
                category,
            });
        }
    }
}

/// A stack with the name that it has in its environment.
type Named<'e> = (&'e str, &'e Stack);

/// The stacks of all environments by name; where each has a single one, these belong together whatever their names are.
fn stacks_of(environments: &[Environment]) -> BTreeMap<&str, Vec<Option<Named<'_>>>> {
    let names: BTreeSet<&String> = environments
        .iter()
        .flat_map(|environment| environment.stacks.keys())
        .collect();
    let single = names.len() > 1
        && environments
            .iter()
            .all(|environment| environment.stacks.len() <= 1);
    let mut out: BTreeMap<&str, Vec<Option<Named<'_>>>> = BTreeMap::new();
    for (at, environment) in environments.iter().enumerate() {
        for (name, stack) in &environment.stacks {
            let shared = if single { "" } else { name.as_str() };
            let row = out
                .entry(shared)
                .or_insert_with(|| vec![None; environments.len()]);
            if let Some(slot) = row.get_mut(at) {
                *slot = Some((name.as_str(), stack));
            }
        }
    }
    out
}

/// By environment, the relations of its stacks' resources to each other: what several layers ask for is worked out once.
pub(crate) type Related<'e> = Vec<BTreeMap<&'e str, Relations<'e>>>;

fn related(environments: &[Environment]) -> Related<'_> {
    let each = environments.iter();
    each.map(|environment| {
        let stacks = environment.stacks.iter();
        stacks
            .map(|(name, stack)| (name.as_str(), Relations::new(&stack.graph)))
            .collect()
    })
    .collect()
}

/// Compares environments.
pub fn compare(environments: &[Environment], normaliser: &Normaliser, comparing: &Comparing<'_>) -> Findings {
    let stacks: Vec<(&str, Vec<Option<Named<'_>>>)> = stacks_of(environments).into_iter().collect();
    let pricing = comparing
        .pricing
        .filter(|_| comparing.layers.contains(&Layer::Cost));
    let related = related(environments);
    let estimates = pricing.map(|pricing| Estimates::new(environments, &related, pricing));
    let parts: Vec<Findings> = stacks
        .into_par_iter()
        .with_max_len(1)
        .map(|(name, row)| {
            let mut found = stack(
                environments,
                &related,
                normaliser,
                comparing,
                estimates.as_ref(),
                name,
                &row,
            );
            found.keep(&comparing.layers);
            found
        })
        .collect();
    let mut all = Findings::default();
    for part in parts {
        all.extend(part);
    }
    if let Some(estimates) = &estimates {
        all.costs = Some(estimates.costs(environments));
        let total = cost::environment_total(environments, estimates, &all.found);
        all.found.extend(total);
    }
    all.found.sort_by(|a, b| a.key().cmp(&b.key()));
    all
}

fn stack(
    environments: &[Environment],
    related: &Related<'_>,
    normaliser: &Normaliser,
    comparing: &Comparing<'_>,
    estimates: Option<&Estimates>,
    name: &str,
    named: &[Option<Named<'_>>],
) -> Findings {
    let mut out = Findings::default();
    let name: Arc<str> = shown_stack(name).into();
    let row: Vec<Option<&Stack>> = named.iter().map(|named| named.map(|(_, stack)| stack)).collect();
    // An environment that has other stacks, and not this one.
    let lacks: Vec<bool> = environments
        .iter()
        .zip(&row)
        .map(|(environment, stack)| stack.is_none() && !environment.stacks.is_empty())
        .collect();
    let needed = needed(&comparing.layers);
    let has = |layer: Layer| needed.contains(&layer);
    let monthly: Vec<Option<Monthly>> = named
        .iter()
        .enumerate()
        .map(|(at, named)| estimates?.monthly(at, (*named)?.0))
        .collect();
    if has(Layer::Resources) {
        out.count(Layer::Resources, 1);
        if lacks.contains(&true) {
            let missing = missing_stack(&name, &row, &lacks);
            let cells = monthly
                .iter()
                .zip(&lacks)
                .map(|(monthly, lacks)| match (monthly, lacks) {
                    (Some(monthly), _) => Cell::Costs(*monthly),
                    (None, true) => Cell::Absent,
                    (None, false) => Cell::Out,
                })
                .collect();
            out.found.extend(cost::missing_stack(&name, cells, &missing));
            out.found.push(missing);
        }
    }
    let usable: Vec<Option<&Stack>> = row
        .into_iter()
        .map(|stack| stack.filter(|stack| !stack.broken))
        .collect();
    if usable.iter().flatten().count() < 2 {
        return out;
    }
    let inspectors = environments
        .iter()
        .zip(&usable)
        .map(|(environment, stack)| environment.project.as_ref()?.inspect((*stack)?.folder()?))
        .collect();
    let kinds: Vec<Origin> = environments
        .iter()
        .zip(&usable)
        .filter(|(_, stack)| stack.is_some())
        .map(|(environment, _)| environment.kind)
        .collect();
    let mixed = kinds.contains(&Origin::State) && kinds.iter().any(|kind| *kind != Origin::State);
    let view = View {
        name,
        normaliser,
        states: match mixed {
            true => environments
                .iter()
                .map(|environment| environment.kind == Origin::State)
                .collect(),
            false => Vec::new(),
        },
        later: kinds.iter().any(|kind| *kind != Origin::Configuration),
        tracer: Tracer::new(normaliser, usable.clone(), inspectors),
        stacks: usable,
    };
    if has(Layer::Variables) {
        variables::compare(&view, &mut out);
    }
    let covered = modules::compare(&view, &mut out, has(Layer::Modules));
    if has(Layer::Providers) {
        providers::compare(&view, &mut out);
    }
    let matched = resources::compare(&view, &covered, &mut out, has(Layer::Resources));
    if has(Layer::Attributes) {
        attributes::compare(&view, &matched, &mut out);
    }
    if has(Layer::Outputs) {
        outputs::compare(&view, &mut out);
    }
    if has(Layer::Policies) {
        let relations: Vec<Option<&Relations<'_>>> = related
            .iter()
            .zip(named)
            .map(|(related, named)| related.get((*named)?.0))
            .collect();
        policies::compare(&view, &relations, &matched, comparing, &mut out);
    }
    if let Some(estimates) = estimates {
        let estimates: Vec<Option<&tf_pricing::Estimate>> = named
            .iter()
            .zip(&view.stacks)
            .enumerate()
            .map(|(at, (named, stack))| {
                stack.as_ref()?;
                estimates.of(at, (*named)?.0)
            })
            .collect();
        cost::compare(&view, &matched, &estimates, &mut out);
        let total = cost::total(&view.name, "stack", cost::cells(&view, &monthly), &out.found);
        out.found.extend(total);
    }
    out
}

/// The layers that were asked for, and those that explain what these find.
fn needed(layers: &BTreeSet<Layer>) -> BTreeSet<Layer> {
    let mut out = layers.clone();
    if layers.contains(&Layer::Cost) {
        out.extend([Layer::Modules, Layer::Resources, Layer::Attributes]);
    }
    if layers.contains(&Layer::Policies) {
        out.insert(Layer::Attributes);
    }
    out
}

fn missing_stack(name: &Arc<str>, row: &[Option<&Stack>], lacks: &[bool]) -> Finding {
    let managed = |stack: &Stack| {
        let resources = stack.graph.resources.iter();
        resources
            .filter(|resource| resource.mode() == Mode::Managed)
            .count()
    };
    let values = row
        .iter()
        .zip(lacks)
        .map(|(stack, lacks)| match (stack, lacks) {
            (Some(stack), _) => Held::Has(Value::count(managed(stack))),
            (None, true) => Held::Absent,
            (None, false) => Held::Out,
        })
        .collect();
    let covers = row.iter().flatten().map(|stack| managed(stack)).max();
    Finding {
        layer: Layer::Resources,
        stack: name.clone(),
        subject: format!("stack {name}"),
        attribute: None,
        values,
        causes: Vec::new(),
        missing: true,
        note: Some("numbers of resources; some environments have no such root module".to_owned()),
        covers: covers.unwrap_or_default(),
        detail: Detail::None,
    }
}
