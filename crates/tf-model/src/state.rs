//! The loader of states: the JSON that `terraform show -json` prints of a state, and a state file itself.
//!
//! Sources: <https://developer.hashicorp.com/terraform/internals/json-format> and Terraform's
//! `internal/states/statefile/version4.go`. Everything in a state is known.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use tf_lang::Value;
use tf_lang::value::Marks;

use crate::address::Address;
use crate::graph::{Graph, Resource};
use crate::plan::read_value;

/// A text that is no state.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Not JSON, or not of the shape of a state.
    #[error(
        "this is not a state (line {line}, column {column}): {message}; make its JSON with: terraform show -json"
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
    #[error(
        "a state of version {0} is not supported: state files have version 4, and the JSON of `terraform show` has 1.x"
    )]
    Version(String),
    /// An address that is none.
    #[error("the state has a resource with an address that cannot be read: {0}")]
    Address(String),
}

impl From<serde_json::Error> for StateError {
    fn from(error: serde_json::Error) -> StateError {
        StateError::Syntax {
            line: error.line(),
            column: error.column(),
            message: error.to_string(),
        }
    }
}

#[derive(Deserialize)]
struct State<'j> {
    #[serde(borrow, default)]
    format_version: Option<Cow<'j, str>>,
    #[serde(borrow, default)]
    values: Option<Values<'j>>,
    /// State files.
    #[serde(default)]
    version: Option<u64>,
    #[serde(borrow, default)]
    resources: Vec<FileResource<'j>>,
}

#[derive(Deserialize)]
struct Values<'j> {
    #[serde(borrow, default)]
    root_module: Module<'j>,
}

#[derive(Deserialize, Default)]
struct Module<'j> {
    #[serde(borrow, default)]
    resources: Vec<ShownResource<'j>>,
    #[serde(borrow, default)]
    child_modules: Vec<Module<'j>>,
}

#[derive(Deserialize)]
struct ShownResource<'j> {
    #[serde(borrow)]
    address: Cow<'j, str>,
    #[serde(borrow, default)]
    provider_name: Cow<'j, str>,
    #[serde(borrow, default)]
    values: Option<&'j RawValue>,
    #[serde(borrow, default)]
    sensitive_values: Option<&'j RawValue>,
    #[serde(default)]
    depends_on: Vec<String>,
    #[serde(default)]
    deposed_key: Option<String>,
}

#[derive(Deserialize)]
struct FileResource<'j> {
    #[serde(borrow, default)]
    module: Cow<'j, str>,
    #[serde(borrow)]
    mode: Cow<'j, str>,
    #[serde(borrow, rename = "type")]
    ty: Cow<'j, str>,
    #[serde(borrow)]
    name: Cow<'j, str>,
    #[serde(borrow, default)]
    provider: Cow<'j, str>,
    #[serde(borrow, default)]
    instances: Vec<FileInstance<'j>>,
}

#[derive(Deserialize)]
struct FileInstance<'j> {
    #[serde(default)]
    index_key: serde_json::Value,
    #[serde(borrow, default)]
    attributes: Option<&'j RawValue>,
    #[serde(default)]
    sensitive_attributes: Vec<Vec<serde_json::Value>>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    deposed: Option<String>,
}

/// Whether a text looks like a state rather than a plan: its outermost members say so.
pub fn is_state(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Outline {
        #[serde(default)]
        values: Option<serde::de::IgnoredAny>,
        #[serde(default)]
        planned_values: Option<serde::de::IgnoredAny>,
        #[serde(default)]
        resource_changes: Option<serde::de::IgnoredAny>,
        #[serde(default)]
        lineage: Option<serde::de::IgnoredAny>,
        #[serde(default)]
        serial: Option<serde::de::IgnoredAny>,
    }
    let outline: Result<Outline, _> = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    outline.is_ok_and(|outline| {
        let planned = outline.planned_values.is_some() || outline.resource_changes.is_some();
        !planned && (outline.values.is_some() || outline.lineage.is_some() || outline.serial.is_some())
    })
}

/// The graph of a state.
///
/// # Errors
/// Where the text is no state.
pub fn load(text: &str) -> Result<Graph, StateError> {
    let state: State<'_> = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    let mut gathered = Vec::new();
    match (&state.format_version, state.version) {
        (Some(version), _) if version.starts_with("1.") || version == "0.2" || version == "0.1" => {
            if let Some(values) = state.values {
                shown(values.root_module, &mut gathered)?;
            }
        }
        (None, Some(4)) => {
            for resource in state.resources {
                stored(&resource, &mut gathered)?;
            }
        }
        (Some(version), _) => return Err(StateError::Version(version.chars().take(40).collect())),
        (None, Some(version)) => return Err(StateError::Version(version.to_string())),
        (None, None) => return Err(StateError::Version("(none)".to_owned())),
    }
    Ok(connect(gathered))
}

/// A resource and the addresses of what it depends on.
type Gathered = (Resource, Vec<String>);

fn resource(address: &str, provider: &str, values: Value) -> Result<Resource, StateError> {
    let parsed: Address = address
        .parse()
        .map_err(|_| StateError::Address(address.chars().take(200).collect()))?;
    Ok(Resource {
        text: address.into(),
        address: parsed,
        provider: provider.into(),
        region: None,
        values,
        declaration: None,
        edges: Vec::new(),
        direct: Vec::new(),
        unexpanded: false,
        change: None,
    })
}

fn shown(module: Module<'_>, out: &mut Vec<Gathered>) -> Result<(), StateError> {
    let mut pending = vec![module];
    while let Some(module) = pending.pop() {
        for each in module.resources {
            if each.deposed_key.is_some() {
                continue;
            }
            let read = |raw: Option<&RawValue>| raw.map_or(Ok(Value::NULL), |raw| read_value(raw.get()));
            let values = crate::plan::with_sensitive(read(each.values)?, &read(each.sensitive_values)?);
            out.push((
                resource(&each.address, &each.provider_name, values)?,
                each.depends_on,
            ));
        }
        pending.extend(module.child_modules);
    }
    Ok(())
}

fn stored(block: &FileResource<'_>, out: &mut Vec<Gathered>) -> Result<(), StateError> {
    let mode = if block.mode == "data" { "data." } else { "" };
    let module = if block.module.is_empty() { "" } else { "." };
    let local = format!("{}{module}{mode}{}.{}", block.module, block.ty, block.name);
    // provider["registry.terraform.io/hashicorp/aws"].east
    let provider = block.provider.split('"').nth(1).unwrap_or(&block.provider);
    for instance in &block.instances {
        if instance.deposed.is_some() {
            continue;
        }
        let address = match &instance.index_key {
            serde_json::Value::Number(index) => format!("{local}[{index}]"),
            serde_json::Value::String(name) => format!("{local}[{}]", tf_lang::text::quote_go(name)),
            _ => local.clone(),
        };
        let mut values = match instance.attributes {
            Some(raw) => read_value(raw.get())?,
            None => Value::NULL,
        };
        for path in &instance.sensitive_attributes {
            values = mask(values, path);
        }
        out.push((
            resource(&address, provider, values)?,
            instance.dependencies.clone(),
        ));
    }
    Ok(())
}

/// Marks what a path of a state file names, as far as it can be followed: the last part that is found is marked.
fn mask(value: Value, path: &[serde_json::Value]) -> Value {
    let step = path.first().and_then(|step| step.get("value"));
    let key = step.map(|step| step.get("value").unwrap_or(step));
    let index = key.and_then(serde_json::Value::as_u64);
    let name = key.and_then(serde_json::Value::as_str);
    let rest = path.get(1..).unwrap_or_default();
    let marks = value.marks();
    if let (Some(name), Some(entries)) = (name, value.as_entries())
        && entries.get(name).is_some()
    {
        let changed = entries.iter().map(|(key, inner)| match &**key == name {
            true => (key.clone(), mask(inner.clone(), rest)),
            false => (key.clone(), inner.clone()),
        });
        return Value::object(changed).with_marks(marks);
    }
    if let (Some(index), Some(items)) = (index, value.as_items()) {
        let changed = items
            .iter()
            .enumerate()
            .map(|(at, inner)| match at as u64 == index {
                true => mask(inner.clone(), rest),
                false => inner.clone(),
            });
        return Value::tuple(changed.collect()).with_marks(marks);
    }
    value.with_marks(Marks::SENSITIVE)
}

/// The graph, with edges to everything that a resource is said to depend on: blocks, that is, all of their instances.
fn connect(mut gathered: Vec<Gathered>) -> Graph {
    gathered.sort_by(|(a, _), (b, _)| a.address.cmp(&b.address));
    gathered.dedup_by(|(a, _), (b, _)| a.address == b.address);
    let mut blocks: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, (resource, _)) in gathered.iter().enumerate() {
        let address = &resource.address;
        let module = match address.module.is_root() {
            true => String::new(),
            false => format!("{}.", address.module),
        };
        for name in [resource.text.to_string(), format!("{module}{}", address.local())] {
            let instances = blocks.entry(name).or_default();
            if instances.last() != Some(&at) {
                instances.push(at);
            }
        }
    }
    let mut graph = Graph {
        root: ".".to_owned(),
        ..Graph::default()
    };
    for (own, (mut resource, dependencies)) in gathered.into_iter().enumerate() {
        let mut edges: Vec<usize> = dependencies
            .iter()
            .filter_map(|name| blocks.get(name))
            .flatten()
            .copied()
            .filter(|other| *other != own)
            .collect();
        edges.sort_unstable();
        edges.dedup();
        resource.edges = edges;
        graph.resources.push(resource);
    }
    graph
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = r#"{"format_version":"1.0","values":{"root_module":{
        "resources":[{"address":"aws_eip.a","mode":"managed","type":"aws_eip","name":"a","provider_name":"registry.terraform.io/hashicorp/aws","values":{"domain":"vpc"},"depends_on":["module.m.aws_x.y"]}],
        "child_modules":[{"address":"module.m","resources":[{"address":"module.m.aws_x.y[0]","values":{"n":1,"s":"t"},"sensitive_values":{"s":true}}]}]}}}"#;
    const STORED: &str = r#"{"version":4,"serial":3,"lineage":"l","resources":[
        {"mode":"managed","type":"aws_eip","name":"a","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"attributes":{"domain":"vpc"},"dependencies":["module.m.aws_x.y"]}]},
        {"module":"module.m","mode":"managed","type":"aws_x","name":"y","provider":"p","instances":[{"index_key":0,"attributes":{"n":1,"s":"t"},"sensitive_attributes":[[{"type":"get_attr","value":"s"}]]}]}]}"#;

    #[test]
    fn both_forms_of_a_state_give_the_same_graph() {
        for text in [SHOWN, STORED] {
            assert!(is_state(text));
            let graph = load(text).unwrap();
            let addresses: Vec<&str> = graph.resources.iter().map(|resource| &*resource.text).collect();
            assert_eq!(addresses, ["aws_eip.a", "module.m.aws_x.y[0]"]);
            assert_eq!(graph.resources[0].edges, [1]);
            assert_eq!(
                &*graph.resources[0].provider,
                "registry.terraform.io/hashicorp/aws"
            );
            assert!(graph.resources[1].values.get("s").unwrap().has_sensitive());
            assert!(!graph.resources[1].values.get("n").unwrap().has_sensitive());
        }
    }

    #[test]
    fn what_is_no_state_is_refused() {
        assert!(!is_state(
            r#"{"format_version":"1.2","planned_values":{},"resource_changes":[]}"#
        ));
        assert!(load("{").unwrap_err().to_string().contains("line 1"));
        assert!(
            load(r#"{"version":3}"#)
                .unwrap_err()
                .to_string()
                .contains("version 3")
        );
        assert!(load("[]").is_err());
    }
}
