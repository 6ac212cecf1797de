//! Reading JSON whose shape is Terraform's to say.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// The members of an object by name. Whether `serde_json` keeps their order is the workspace's choice.
pub(super) fn sorted(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(sorted_map)
}

/// The members of an object by name.
pub(super) fn sorted_map(map: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    map.iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
}

/// The members of an object inside an object, by name; none if it is not there.
pub(super) fn members<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    value.get(key).into_iter().flat_map(sorted)
}

/// Whether a member is there and true.
pub(super) fn flag(value: &Value, key: &str) -> bool {
    value.get(key) == Some(&Value::Bool(true))
}

/// A member that must be text.
pub(super) fn text_of<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value
        .get(key)
        .and_then(Value::as_str)
        .with_context(|| format!("no {key} in {value}"))
}
