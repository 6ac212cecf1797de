//! The loader of states: what `terraform show -json` prints of one, or the file `terraform.tfstate` itself.
//!
//! Sources: <https://developer.hashicorp.com/terraform/internals/json-format#state-representation>, and for the file
//! version 4 of Terraform's own `internal/states/statefile`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tf_lang::Value;
use tf_lang::value::Marks;

use crate::address::{Address, Key, Mode, ModulePath};
use crate::graph::{Graph, Resource};
use crate::plan::read_value;
use crate::schema::{self, BlockSchema};

/// A text that is no state.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Not JSON, or not of the shape of a state.
    #[error(
        "this is not a state (line {line}, column {column}): {message}; make it with: terraform show -json, or terraform state pull"
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
        "state format {0} is not supported: it must be 1.x of terraform show -json, or version 4 of a state file"
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

/// Both kinds at once: `format_version` and `values` of the one, `version` and `resources` of the other.
#[derive(Deserialize)]
struct State<'j> {
    #[serde(borrow, default)]
    format_version: Option<Cow<'j, str>>,
    #[serde(borrow, default)]
    values: Option<Values<'j>>,
    #[serde(default)]
    version: Option<u64>,
    #[serde(borrow, default)]
    outputs: BTreeMap<Cow<'j, str>, Output<'j>>,
    #[serde(borrow, default)]
    resources: Vec<Stored<'j>>,
}

#[derive(Deserialize)]
struct Values<'j> {
    #[serde(borrow, default)]
    outputs: BTreeMap<Cow<'j, str>, Output<'j>>,
    #[serde(borrow, default)]
    root_module: ModuleValues<'j>,
}

#[derive(Deserialize)]
struct Output<'j> {
    #[serde(default)]
    sensitive: bool,
    #[serde(borrow, default)]
    value: Option<&'j RawValue>,
}

#[derive(Deserialize, Default)]
struct ModuleValues<'j> {
    #[serde(borrow, default)]
    resources: Vec<Shown<'j>>,
    #[serde(borrow, default)]
    child_modules: Vec<ModuleValues<'j>>,
}

/// A resource of `terraform show -json`.
#[derive(Deserialize)]
struct Shown<'j> {
    #[serde(borrow)]
    address: Cow<'j, str>,
    #[serde(borrow, default)]
    provider_name: Cow<'j, str>,
    #[serde(borrow, default)]
    values: Option<&'j RawValue>,
    #[serde(borrow, default)]
    sensitive_values: Option<&'j RawValue>,
    #[serde(default)]
    deposed_key: Option<String>,
}

/// A resource of a state file.
#[derive(Deserialize)]
struct Stored<'j> {
    #[serde(borrow, default)]
    module: Option<Cow<'j, str>>,
    #[serde(borrow)]
    mode: Cow<'j, str>,
    #[serde(borrow, rename = "type")]
    ty: Cow<'j, str>,
    #[serde(borrow)]
    name: Cow<'j, str>,
    #[serde(borrow, default)]
    provider: Cow<'j, str>,
    #[serde(borrow, default)]
    instances: Vec<StoredInstance<'j>>,
}

#[derive(Deserialize)]
struct StoredInstance<'j> {
    #[serde(default)]
    index_key: Option<serde_json::Value>,
    #[serde(borrow, default)]
    attributes: Option<&'j RawValue>,
    #[serde(default)]
    sensitive_attributes: Vec<Vec<PathStep>>,
    #[serde(default)]
    deposed: Option<String>,
}

#[derive(Deserialize)]
struct PathStep {
    #[serde(default)]
    value: serde_json::Value,
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

/// The graph of a state. It has no places in files, and no edges.
///
/// # Errors
/// Where the text is no state.
pub fn load(text: &str) -> Result<Graph, StateError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let state: State<'_> = serde_json::from_str(text)?;
    let mut graph = Graph {
        root: ".".to_owned(),
        ..Graph::default()
    };
    let outputs = match (&state.format_version, state.version) {
        (Some(version), _) if version.starts_with("1.") || version.starts_with("0.") => {
            let values = state.values.unwrap_or(Values {
                outputs: BTreeMap::new(),
                root_module: ModuleValues::default(),
            });
            shown(&values.root_module, &mut graph)?;
            values.outputs
        }
        (None, Some(4)) => {
            for resource in &state.resources {
                stored(resource, &mut graph)?;
            }
            state.outputs
        }
        (Some(version), _) => return Err(StateError::Version(version.chars().take(40).collect())),
        (None, Some(version)) => return Err(StateError::Version(version.to_string())),
        (None, None) => return Err(StateError::Version("(none)".to_owned())),
    };
    for (name, output) in outputs {
        let value = output
            .value
            .map_or(Ok(Value::NULL), |raw| read_value(raw.get()))?;
        let marks = if output.sensitive {
            Marks::SENSITIVE
        } else {
            Marks::NONE
        };
        graph
            .outputs
            .insert(name.as_ref().into(), value.with_marks(marks));
    }
    graph.resources.sort_by(|a, b| a.address.cmp(&b.address));
    graph.resources.dedup_by(|a, b| a.address == b.address);
    Ok(graph)
}

fn shown(module: &ModuleValues<'_>, graph: &mut Graph) -> Result<(), StateError> {
    for resource in module
        .resources
        .iter()
        .filter(|resource| resource.deposed_key.is_none())
    {
        let address: Address = resource
            .address
            .parse()
            .map_err(|_| StateError::Address(resource.address.chars().take(200).collect()))?;
        let read = |raw: Option<&RawValue>| raw.map_or(Ok(Value::NULL), |raw| read_value(raw.get()));
        let values = mark(read(resource.values)?, &read(resource.sensitive_values)?);
        graph
            .resources
            .push(made(address, resource.provider_name.as_ref().into(), values));
    }
    module
        .child_modules
        .iter()
        .try_for_each(|child| shown(child, graph))
}

fn stored(resource: &Stored<'_>, graph: &mut Graph) -> Result<(), StateError> {
    let mode = match resource.mode.as_ref() {
        "data" => Mode::Data,
        _ => Mode::Managed,
    };
    let module = match &resource.module {
        None => ModulePath::default(),
        // An address of a resource in it is parsed: a module has no notation of its own here.
        Some(module) => {
            format!("{module}.a.b")
                .parse::<Address>()
                .map_err(|_| StateError::Address(module.chars().take(200).collect()))?
                .module
        }
    };
    // provider["registry.terraform.io/hashicorp/aws"].alias
    let provider: Arc<str> = resource
        .provider
        .split('"')
        .nth(1)
        .unwrap_or(&resource.provider)
        .into();
    for instance in resource
        .instances
        .iter()
        .filter(|instance| instance.deposed.is_none())
    {
        let key = match &instance.index_key {
            Some(serde_json::Value::String(name)) => Some(Key::Name(name.as_str().into())),
            Some(serde_json::Value::Number(index)) => index.as_u64().map(Key::Index),
            _ => None,
        };
        let mut values = instance
            .attributes
            .map_or(Ok(Value::NULL), |raw| read_value(raw.get()))?;
        if &*resource.ty == "terraform_data" {
            values = with_each(values, &mut |_, inner| typed(inner));
        }
        for path in &instance.sensitive_attributes {
            values = mark_path(values, path);
        }
        let address = Address {
            module: module.clone(),
            mode,
            ty: resource.ty.as_ref().into(),
            name: resource.name.as_ref().into(),
            key,
        };
        graph.resources.push(made(address, provider.clone(), values));
    }
    Ok(())
}

/// An attribute of any type is stored with its type: `{"value": …, "type": …}`.
fn typed(value: Value) -> Value {
    match (
        value.get("value"),
        value.get("type"),
        value.as_entries().map(|entries| entries.len()),
    ) {
        (Some(inner), Some(_), Some(2)) => inner.clone(),
        _ => value,
    }
}

fn made(address: Address, provider: Arc<str>, values: Value) -> Resource {
    let kind = match address.mode {
        Mode::Data => schema::Kind::Data,
        _ => schema::Kind::Resource,
    };
    let values = match schema::schema(kind, &address.ty) {
        Some(known) => mark_by_schema(values, known),
        None => values,
    };
    Resource {
        text: address.to_string().into(),
        address,
        provider,
        region: None,
        values,
        declaration: None,
        edges: Vec::new(),
        direct: Vec::new(),
        unexpanded: false,
        change: None,
    }
}

/// Rebuilds an object's entries.
fn with_each(value: Value, change: &mut dyn FnMut(&Arc<str>, Value) -> Value) -> Value {
    let marks = value.marks();
    let Some(entries) = value.as_entries() else {
        return value;
    };
    let changed: Vec<_> = entries
        .iter()
        .map(|(name, inner)| (name.clone(), change(name, inner.clone())))
        .collect();
    Value::object(changed).with_marks(marks)
}

fn with_items(value: Value, change: &mut dyn FnMut(usize, Value) -> Value) -> Value {
    let marks = value.marks();
    let Some(items) = value.as_items() else {
        return value;
    };
    let changed = items
        .iter()
        .enumerate()
        .map(|(at, inner)| change(at, inner.clone()))
        .collect();
    Value::tuple(changed).with_marks(marks)
}

/// Marks what a tree of flags says.
fn mark(value: Value, flags: &Value) -> Value {
    if flags.as_bool() == Some(true) {
        return value.with_marks(Marks::SENSITIVE);
    }
    if value.as_entries().is_some() && flags.as_entries().is_some_and(|flags| !flags.is_empty()) {
        return with_each(value, &mut |name, inner| match flags.get(name) {
            Some(flag) => mark(inner, flag),
            None => inner,
        });
    }
    match flags.as_items() {
        Some(flags) if !flags.is_empty() => with_items(value, &mut |at, inner| match flags.get(at) {
            Some(flag) => mark(inner, flag),
            None => inner,
        }),
        _ => value,
    }
}

/// Marks what a path leads to; all of it where the path cannot be followed.
fn mark_path(value: Value, path: &[PathStep]) -> Value {
    let Some((first, rest)) = path.split_first() else {
        return value.with_marks(Marks::SENSITIVE);
    };
    match &first.value {
        serde_json::Value::String(name) if value.as_entries().is_some() => {
            with_each(value, &mut |key, inner| {
                if **key == **name {
                    mark_path(inner, rest)
                } else {
                    inner
                }
            })
        }
        // An index is an object of a value and its type: {"value": 0, "type": "number"}.
        serde_json::Value::Object(index) => match index.get("value") {
            Some(serde_json::Value::String(name)) => with_each(value, &mut |key, inner| {
                if **key == **name {
                    mark_path(inner, rest)
                } else {
                    inner
                }
            }),
            Some(serde_json::Value::Number(number)) => {
                let wanted = number.as_u64().and_then(|at| usize::try_from(at).ok());
                with_items(value, &mut |at, inner| {
                    if Some(at) == wanted {
                        mark_path(inner, rest)
                    } else {
                        inner
                    }
                })
            }
            _ => value.with_marks(Marks::SENSITIVE),
        },
        _ => value.with_marks(Marks::SENSITIVE),
    }
}

/// State files leave out what the provider's schema says is sensitive.
fn mark_by_schema(value: Value, known: &BlockSchema) -> Value {
    if !has_secret(known) {
        return value;
    }
    with_each(value, &mut |name, inner| {
        if known.attribute(name).is_some_and(|attribute| attribute.sensitive) {
            return inner.with_marks(Marks::SENSITIVE);
        }
        match known.block(name) {
            Some(nested) if inner.as_items().is_some() => {
                with_items(inner, &mut |_, item| mark_by_schema(item, &nested.body))
            }
            Some(nested) => mark_by_schema(inner, &nested.body),
            None => inner,
        }
    })
}

fn has_secret(block: &BlockSchema) -> bool {
    block.attributes.iter().any(|attribute| attribute.sensitive)
        || block.blocks.iter().any(|nested| has_secret(&nested.body))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
  "version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x",
  "outputs": { "a": { "value": 1, "type": "number" }, "s": { "value": "x", "type": "string", "sensitive": true } },
  "resources": [
    { "module": "module.m[\"k\"]", "mode": "managed", "type": "aws_db_instance", "name": "d",
      "provider": "module.m.provider[\"registry.terraform.io/hashicorp/aws\"]",
      "instances": [ { "index_key": 0, "attributes": { "password": "p", "engine": "e", "x": { "y": [1, 2] } },
        "sensitive_attributes": [ [ { "type": "get_attr", "value": "x" }, { "type": "get_attr", "value": "y" } ] ] } ] }
  ]
}"#;

    const SHOWN: &str = r#"{
  "format_version": "1.0", "terraform_version": "1.11.4",
  "values": {
    "outputs": { "a": { "value": 1, "sensitive": false } },
    "root_module": { "child_modules": [ { "address": "module.m[\"k\"]", "resources": [
      { "address": "module.m[\"k\"].aws_db_instance.d[0]", "provider_name": "registry.terraform.io/hashicorp/aws",
        "values": { "engine": "e", "password": "p", "x": { "y": [1, 2] } }, "sensitive_values": { "x": { "y": true } } } ] } ] }
  }
}"#;

    #[test]
    fn a_file_and_what_is_shown_of_it_are_the_same() {
        for text in [FILE, SHOWN] {
            let graph = load(text).unwrap();
            let resource = graph.resources.first().unwrap();
            assert_eq!(&*resource.text, "module.m[\"k\"].aws_db_instance.d[0]");
            assert_eq!(&*resource.provider, "registry.terraform.io/hashicorp/aws");
            let sensitive = |name: &str| resource.values.get(name).unwrap().has_sensitive();
            assert!(sensitive("password"), "by the schema");
            assert!(sensitive("x"), "by the state");
            assert!(!sensitive("engine"));
            assert_eq!(graph.outputs.get("a").unwrap(), &Value::from(1));
        }
        assert!(load(FILE).unwrap().outputs.get("s").unwrap().has_sensitive());
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, want) in [
            ("{}", "format (none)"),
            ("{\"version\": 3}", "format 3"),
            ("{\"format_version\": \"2.0\"}", "format 2.0"),
            ("[", "not a state"),
        ] {
            let error = load(text).unwrap_err().to_string();
            assert!(error.contains(want), "{error}");
        }
    }
}
