//! The loader of plans: the JSON that `terraform show -json` prints of a saved plan.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/json-format>. The large parts, the values
//! before and after, stay raw until they are read side by side on all cores.

mod drift;
pub(crate) mod json;
mod references;
mod review;

pub use drift::{Drift, drift};
pub use json::read_value;
pub use review::{
    Action, OutputStep, PathStep, Review, Step, changes, path_text, review, secrets, secrets_of,
};

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use tf_lang::value::{Marks, Reason};
use tf_lang::{Type, Value};

use crate::address::Address;
use crate::graph::{Change, Graph, Resource};
use references::Configuration;

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

impl From<serde_json::Error> for PlanError {
    fn from(error: serde_json::Error) -> PlanError {
        PlanError::Syntax {
            line: error.line(),
            column: error.column(),
            message: error.to_string(),
        }
    }
}

#[derive(Deserialize)]
struct Plan {
    #[serde(default)]
    format_version: String,
    #[serde(default)]
    resource_changes: Vec<ResourceChange>,
    #[serde(default)]
    configuration: Raw,
    #[serde(default)]
    planned_values: Option<PlannedValues>,
    #[serde(default)]
    variables: HashMap<String, PlanVariable>,
    #[serde(default)]
    output_changes: HashMap<String, RawChange>,
    #[serde(default)]
    terraform_version: String,
    #[serde(default)]
    errored: bool,
}

/// A value that is not read yet. It is a copy, so that the text of the plan need not stay, and each goes as it is read: both would
/// take twice the room.
type Raw = Option<Box<RawValue>>;

#[derive(Deserialize)]
struct PlannedValues {
    #[serde(default)]
    outputs: HashMap<String, PlannedOutput>,
}

#[derive(Deserialize)]
struct PlannedOutput {
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    value: Raw,
}

#[derive(Deserialize)]
struct PlanVariable {
    #[serde(default)]
    value: Raw,
}

#[derive(Deserialize)]
struct ResourceChange {
    address: String,
    #[serde(default)]
    provider_name: String,
    change: RawChange,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    previous_address: Option<String>,
    #[serde(default)]
    action_reason: Option<String>,
}

#[derive(Deserialize)]
struct RawChange {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    before: Raw,
    #[serde(default)]
    after: Raw,
    #[serde(default)]
    after_unknown: Raw,
    #[serde(default)]
    before_sensitive: Raw,
    #[serde(default)]
    after_sensitive: Raw,
    #[serde(default)]
    replace_paths: Vec<Vec<serde_json::Value>>,
    #[serde(default)]
    importing: Raw,
}

/// The graph of a plan. Resources that the plan deletes are in it with a null value.
///
/// # Errors
/// Where the text is no plan.
pub fn load(text: &str) -> Result<Graph, PlanError> {
    let (plan, configuration) = parse(text)?;
    graph_of(plan, &configuration)
}

/// The parts of a plan, its values still raw.
fn parse(text: &str) -> Result<(Plan, Configuration), PlanError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut plan: Plan = serde_json::from_str(text)?;
    let version = plan.format_version.as_str();
    if !(version.starts_with("1.") || version == "0.2" || version == "0.1") {
        let shown = if version.is_empty() { "(none)" } else { version };
        return Err(PlanError::Version(shown.chars().take(40).collect()));
    }
    let configuration = match plan.configuration.take() {
        Some(raw) => serde_json::from_str(raw.get())?,
        None => Configuration::default(),
    };
    Ok((plan, configuration))
}

fn graph_of(plan: Plan, configuration: &Configuration) -> Result<Graph, PlanError> {
    let changes = plan.resource_changes.into_iter();
    let changes: Vec<ResourceChange> = changes.filter(|change| change.deposed.is_none()).collect();
    let addresses: HashSet<String> = changes.iter().map(|change| change.address.clone()).collect();
    let resources: Result<Vec<Resource>, PlanError> = changes
        .into_par_iter()
        .map(|change| resource(change, configuration, &addresses))
        .collect();
    let mut graph = Graph {
        root: ".".to_owned(),
        resources: resources?,
        ..Graph::default()
    };
    graph.resources.sort_by(|a, b| a.address.cmp(&b.address));
    graph.resources.dedup_by(|a, b| a.address == b.address);
    references::connect(&mut graph, configuration);
    for (name, output) in plan.planned_values.into_iter().flat_map(|values| values.outputs) {
        let value = match &output.value {
            Some(raw) => read_value(raw.get())?,
            None => Value::unknown(
                Type::Any,
                Reason::KnownAfterApply(format!("output.{name}").into()),
            ),
        };
        let marks = if output.sensitive {
            Marks::SENSITIVE
        } else {
            Marks::NONE
        };
        graph
            .outputs
            .insert(name.as_str().into(), value.with_marks(marks));
    }
    for (name, variable) in plan.variables {
        let value = read(&variable.value)?;
        let marks = match configuration.is_sensitive_variable(&name) {
            true => Marks::SENSITIVE,
            false => Marks::NONE,
        };
        graph
            .variables
            .insert(name.as_str().into(), value.with_marks(marks));
    }
    references::set_regions(&mut graph, configuration);
    Ok(graph)
}

fn read(raw: &Raw) -> Result<Value, serde_json::Error> {
    raw.as_ref().map_or(Ok(Value::NULL), |raw| read_value(raw.get()))
}

/// What an expression of a resource refers to, as an address of the whole plan. A plan names references as the module writes
/// them, and an instance chosen by the resource's own key without that key.
fn absolute(reference: &str, own: &Address, addresses: &HashSet<String>) -> Arc<str> {
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

fn resource(
    change: ResourceChange,
    configuration: &Configuration,
    addresses: &HashSet<String>,
) -> Result<Resource, PlanError> {
    let address: Address = change
        .address
        .parse()
        .map_err(|_| PlanError::Address(change.address.chars().take(200).collect()))?;
    let raw = change.change;
    let declared = configuration.resource(&address);
    let reason = |path: &str| -> Vec<Reason> {
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
                let whole = absolute(reference, &address, addresses);
                match reference.starts_with("data.") {
                    true => Reason::DataSource(whole),
                    false => Reason::KnownAfterApply(whole),
                }
            })
            .collect()
    };
    // Most resources of a large plan stay as they are: what is the same is one value.
    let is_same = |a: &Raw, b: &Raw| a.as_ref().map(|raw| raw.get()) == b.as_ref().map(|raw| raw.get());
    let same_values = is_same(&raw.before, &raw.after);
    let same_marks = is_same(&raw.before_sensitive, &raw.after_sensitive);
    let after = read(&raw.after)?;
    drop(raw.after);
    let before = match same_values {
        true => after.clone(),
        false => read(&raw.before)?,
    };
    drop(raw.before);
    let unknown = read(&raw.after_unknown)?;
    let after = with_unknown(after, &unknown, "", &reason);
    let after = with_sensitive(after, &read(&raw.after_sensitive)?);
    let before = match same_values && same_marks && !says_anything(&unknown) {
        true => after.clone(),
        // Of what changes, most attributes stay.
        false => with_sensitive(before, &read(&raw.before_sensitive)?).sharing(&after),
    };
    let actions: Vec<Arc<str>> = raw
        .actions
        .iter()
        .map(|action| Arc::from(action.as_str()))
        .collect();
    Ok(Resource {
        text: change.address.as_str().into(),
        address,
        provider: change.provider_name.as_str().into(),
        region: None,
        values: after,
        declaration: None,
        edges: Vec::new(),
        direct: Vec::new(),
        unexpanded: false,
        change: Some(Change { actions, before }),
    })
}

fn names_object(reason: &Reason) -> bool {
    let (Reason::KnownAfterApply(reference) | Reason::DataSource(reference)) = reason else {
        return false;
    };
    reference.ends_with(".arn") || reference.ends_with(".id")
}

/// Puts unknown values where `after_unknown` says so.
fn with_unknown(value: Value, unknown: &Value, path: &str, reason: &dyn Fn(&str) -> Vec<Reason>) -> Value {
    if !says_anything(unknown) {
        return value;
    }
    if unknown.as_bool() == Some(true) {
        let reasons = reason(path);
        let unknown = Value::unknown_because(Type::Any, reasons);
        // A plan does not tell a reference from what is made of it. Of an argument that refers to one ARN or id alone nobody makes
        // anything else.
        let is_reference = unknown.reasons().iter().all(names_object);
        return if is_reference { unknown.exact() } else { unknown };
    }
    if let Some(flags) = unknown.as_entries() {
        let mut entries: std::collections::BTreeMap<Arc<str>, Value> = value
            .as_entries()
            .map(|entries| entries.iter().cloned().collect())
            .unwrap_or_default();
        for (name, flag) in flags.iter().filter(|(_, flag)| says_anything(flag)) {
            let below = if path.is_empty() {
                name.to_string()
            } else {
                format!("{path}.{name}")
            };
            let inner = entries.remove(name).unwrap_or(Value::NULL);
            entries.insert(name.clone(), with_unknown(inner, flag, &below, reason));
        }
        return Value::object(entries);
    }
    if let Some(flags) = unknown.as_items() {
        let items = value.as_items().unwrap_or_default();
        let changed = flags.iter().enumerate().map(|(at, flag)| {
            let inner = items.get(at).cloned().unwrap_or(Value::NULL);
            with_unknown(inner, flag, &format!("{path}[{at}]"), reason)
        });
        return Value::tuple(changed.collect());
    }
    value
}

/// Whether a tree of flags has one that is set.
fn says_anything(flags: &Value) -> bool {
    flags.as_bool() == Some(true) || flags.children().any(says_anything)
}

/// Marks what `after_sensitive` or `before_sensitive` names.
pub(crate) fn with_sensitive(value: Value, sensitive: &Value) -> Value {
    if sensitive.as_bool() == Some(true) {
        return value.with_marks(Marks::SENSITIVE);
    }
    if !says_anything(sensitive) {
        return value;
    }
    let marks = value.marks();
    if let (Some(flags), Some(entries)) = (sensitive.as_entries(), value.as_entries()) {
        let changed = entries.iter().map(|(name, inner)| {
            let inner = match flags.get(name) {
                Some(flag) => with_sensitive(inner.clone(), flag),
                None => inner.clone(),
            };
            (name.clone(), inner)
        });
        return Value::object(changed).with_marks(marks);
    }
    if let (Some(flags), Some(items)) = (sensitive.as_items(), value.as_items()) {
        let changed = items.iter().enumerate().map(|(at, inner)| match flags.get(at) {
            Some(flag) => with_sensitive(inner.clone(), flag),
            None => inner.clone(),
        });
        return Value::tuple(changed.collect()).with_marks(marks);
    }
    value
}
