//! The loader of plans: the JSON that `terraform show -json` prints of a saved plan.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/json-format>.

mod drift;
pub(crate) mod json;
mod parts;
mod references;
mod review;
mod sides;

pub use drift::{Drift, drift};
pub use json::read_value;
pub use review::{
    Action, OutputStep, PathStep, Review, Step, changes, path_text, review, secrets, secrets_of,
};

use std::collections::HashSet;
use std::sync::Arc;

use rayon::prelude::*;
use tf_lang::value::Reason;

use crate::address::Address;
use crate::graph::{Change, Graph, Resource};
use parts::{Parts, Planned};
use references::Configuration;
use sides::Sides;

/// A text that is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Not JSON, or not of the shape of a plan.
    #[error(
        "this is not the JSON of a plan (line {line}, column {column}): {message}; make it with: terraform show -json PLANFILE"
    )]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A format that is not known.
    #[error("plan format {0} is not supported: it must be 1.x, or 0.2 of old Terraform versions")]
    Version(String),
    /// An address that is none.
    #[error("the plan has a resource with an address that cannot be read: {0}")]
    Address(String),
}

/// An error in a part of the text of a plan, by its place in the whole.
fn syntax_error(text: &str, part: &str, error: &serde_json::Error) -> PlanError {
    let begin = part.as_ptr().addr().checked_sub(text.as_ptr().addr());
    let before = begin.and_then(|begin| text.get(..begin)).unwrap_or_default();
    let indent = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
    let words = error.to_string();
    PlanError::Syntax {
        line: before.matches('\n').count() + error.line(),
        column: error.column() + if error.line() == 1 { indent } else { 0 },
        message: match words.rsplit_once(" at line ") {
            Some((message, _)) => message.to_owned(),
            None => words,
        },
    }
}

/// The graph of a plan. Resources that the plan deletes are in it with a null value.
///
/// # Errors
/// Where the text is no plan.
pub fn load(text: &str) -> Result<Graph, PlanError> {
    Ok(graph_of(parts::read(text, false)?).0)
}

/// The graph of a plan, and what the plan does to each resource instance; the values of the steps are in the graph already, but for
/// those of objects that a replacement left behind, which are in no graph.
fn graph_of(parts: Parts) -> (Graph, Vec<(Address, Step)>, Configuration) {
    let Parts {
        changes,
        configuration,
        outputs,
        variables,
        ..
    } = parts;
    let has_reasons = changes
        .iter()
        .any(|change| matches!(change.sides, Sides::Waiting(_)));
    let addresses: HashSet<Arc<str>> = changes
        .iter()
        .filter(|change| has_reasons && change.step.deposed.is_none())
        .map(|change| change.step.address.clone())
        .collect();
    let (steps, resources): (Vec<_>, Vec<Option<Resource>>) = changes
        .into_par_iter()
        .map(|change| step_and_resource(change, &configuration, &addresses))
        .unzip();
    let mut graph = Graph {
        root: ".".to_owned(),
        resources: resources.into_iter().flatten().collect(),
        outputs: outputs.into_iter().collect(),
        variables: variables.into_iter().collect(),
        ..Graph::default()
    };
    graph.resources.par_sort_by(|a, b| a.address.cmp(&b.address));
    graph.resources.dedup_by(|a, b| a.address == b.address);
    references::connect(&mut graph, &configuration);
    references::set_regions(&mut graph, &configuration);
    (graph, steps, configuration)
}

/// What an expression of a resource refers to, as an address of the whole plan. A plan names references as the module writes
/// them, and an instance chosen by the resource's own key without that key.
fn absolute(reference: &str, own: &Address, addresses: &HashSet<Arc<str>>) -> Arc<str> {
    let module = match own.module.is_root() || reference.starts_with("each.") {
        true => String::new(),
        false => format!("{}.", own.module),
    };
    let whole = format!("{module}{reference}");
    if let Some(key) = &own.key {
        let keyed = format!("{whole}{key}");
        if addresses.contains(&*keyed) {
            return keyed.into();
        }
    }
    whole.into()
}

/// Whether a reference is to what every plan knows.
fn is_known_in_plans(reference: &str) -> bool {
    ["each.key", "count.index", "path.", "terraform."]
        .iter()
        .any(|known| reference.starts_with(known))
}

fn step_and_resource(
    change: Planned,
    configuration: &Configuration,
    addresses: &HashSet<Arc<str>>,
) -> ((Address, Step), Option<Resource>) {
    let (address, mut step) = (change.address, change.step);
    let why = |path: &str| reasons(&address, path, configuration, addresses);
    let (before, after) = change.sides.settled(&why);
    if step.deposed.is_some() {
        step.before = before;
        return ((address, step), None);
    }
    let resource = Resource {
        text: step.address.clone(),
        address: address.clone(),
        provider: change.provider,
        region: None,
        values: after,
        declaration: None,
        edges: Vec::new(),
        direct: Vec::new(),
        unexpanded: false,
        change: Some(Change {
            actions: change.actions,
            before,
        }),
    };
    ((address, step), Some(resource))
}

/// Why an attribute of a resource is not known.
fn reasons(
    address: &Address,
    path: &str,
    configuration: &Configuration,
    addresses: &HashSet<Arc<str>>,
) -> Vec<Reason> {
    let declared = configuration.resource(address);
    let references = declared.map(|declared| declared.references_of(path));
    let mut references = references.unwrap_or_default();
    // What the configuration does not set is the provider's own decision.
    if references.is_empty() {
        return vec![Reason::KnownAfterApply(format!("{address}.{path}").into())];
    }
    if !references.iter().all(|reference| is_known_in_plans(reference)) {
        references.retain(|reference| !is_known_in_plans(reference));
    }
    // Few reasons are kept: those first that say most.
    let is_indirect = |reference: &Arc<str>| {
        ["var.", "local.", "each."]
            .iter()
            .any(|kind| reference.starts_with(kind))
    };
    references.sort_by_key(is_indirect);
    references
        .iter()
        .map(|reference| {
            let whole = absolute(reference, address, addresses);
            match reference.starts_with("data.") {
                true => Reason::DataSource(whole),
                false => Reason::KnownAfterApply(whole),
            }
        })
        .collect()
}
