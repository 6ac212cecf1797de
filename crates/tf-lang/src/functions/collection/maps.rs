//! Functions over maps and objects. Sources: `collection.go` in cty's `function/stdlib` (v1.16.0) and in
//! Terraform's `internal/lang/funcs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{CallError, CallResult, Host, items};
use super::support::{any_unknown, arg, bounded, list_of, marks, unknown, untyped};
use crate::types::{ObjectAttr, Type};
use crate::value::{Kind, Value};

pub(super) fn keys(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let map = arg(args, 0);
    let names = |entries: &[(Arc<str>, Value)]| -> Vec<Value> {
        entries
            .iter()
            .map(|(key, _)| Value::normal_string(key.clone()))
            .collect()
    };
    let result = match (map.kind(), map.ty()) {
        (Kind::Map(_, entries), _) => Value::list(Type::String, names(entries)),
        (_, Type::Map(_)) => return Ok(unknown(args, Type::list(Type::String))),
        // The names are a part of the type, which is known.
        (_, Type::Object(attrs)) => Value::tuple(
            attrs
                .iter()
                .map(|attr| Value::normal_string(attr.name.clone()))
                .collect(),
        ),
        _ => return Err(CallError::arg(0, "must have map or object type")),
    };
    Ok(result.with_marks(map.marks()))
}

pub(super) fn values(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let map = arg(args, 0);
    let ty = match map.ty() {
        Type::Map(element) => Type::List(element),
        Type::Object(attrs) => Type::tuple(attrs.iter().map(|attr| attr.ty.clone())),
        _ => return Err(CallError::new("values() requires a map as the first argument")),
    };
    if any_unknown(args) {
        return Ok(unknown(args, ty));
    }
    let values = map.children().cloned().collect();
    let result = match ty.element() {
        Some(element) => Value::list(element.clone(), values),
        None => Value::tuple(values),
    };
    Ok(result.with_marks(map.marks()))
}

pub(super) fn merge(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let ty = merge_type(args)?;
    if any_unknown(args) {
        return Ok(unknown(args, ty));
    }
    let size = args
        .iter()
        .filter_map(Value::as_entries)
        .map(|entries| entries.len());
    bounded(size.fold(0, usize::saturating_add))?;
    let mut merged: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for entries in args.iter().filter_map(Value::as_entries) {
        merged.extend(entries.iter().cloned());
    }
    let given: Vec<Value> = args.iter().filter(|value| !value.is_null()).cloned().collect();
    let result = match ty {
        Type::Map(element) => Value::map((*element).clone(), merged),
        _ => Value::object(merged),
    };
    Ok(result.with_marks(marks(&given)))
}

/// The type of what `merge` returns: that of its arguments if they agree, otherwise an object of all
/// their attributes.
fn merge_type(args: &[Value]) -> Result<Type, CallError> {
    let mut attrs: BTreeMap<Arc<str>, Type> = BTreeMap::new();
    let mut first: Option<Type> = None;
    let mut matching = true;
    let mut complete = true;
    for value in args {
        let ty = value.ty();
        match &ty {
            Type::Any => return Ok(Type::Any),
            Type::Object(_) if value.is_null() => {}
            Type::Object(own) => attrs.extend(own.iter().map(|attr| (attr.name.clone(), attr.ty.clone()))),
            Type::Map(element) => match value.as_entries() {
                Some(entries) => {
                    attrs.extend(entries.iter().map(|(key, _)| (key.clone(), (**element).clone())));
                }
                None => complete &= value.is_null(),
            },
            other => {
                let name = other.friendly_name();
                return Err(CallError::new(format!(
                    "arguments must be maps or objects, got \"{name}\""
                )));
            }
        }
        match &first {
            Some(first) => matching &= ty == *first,
            None => first = Some(ty),
        }
    }
    Ok(match first {
        Some(first) if matching => first,
        _ if !complete => Type::Any,
        _ => object_type(attrs),
    })
}

fn object_type(attrs: impl IntoIterator<Item = (Arc<str>, Type)>) -> Type {
    Type::object(attrs.into_iter().map(|(name, ty)| ObjectAttr {
        name,
        ty,
        optional: false,
    }))
}

pub(super) fn transpose(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let Some(map) = arg(args, 0).as_entries() else {
        return Ok(Value::NULL);
    };
    let lengths = map
        .iter()
        .filter_map(|(_, list)| list.as_items())
        .map(<[Value]>::len);
    bounded(lengths.fold(0, usize::saturating_add))?;
    let mut transposed: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in map.iter() {
        let Some(items) = list.as_items() else {
            return Err(CallError::new("input must not contain null list"));
        };
        for item in items {
            let Some(text) = item.as_shared_str() else {
                return Err(CallError::new("input list must not contain null string"));
            };
            transposed
                .entry(text.clone())
                .or_default()
                .push(Value::normal_string(key.clone()));
        }
    }
    let lists = transposed
        .into_iter()
        .map(|(key, keys)| (key, Value::list(Type::String, keys)));
    Ok(Value::map(Type::list(Type::String), lists))
}

pub(super) fn zipmap(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let (keys, values) = (arg(args, 0), arg(args, 1));
    let ty = match values.ty() {
        Type::List(element) => Type::Map(element),
        Type::Tuple(_) if !keys.is_wholly_known() => Type::Any,
        Type::Tuple(types) => zipmap_type(items(args, 0), &types)?,
        _ => return Err(CallError::new("values argument must be a list or tuple value")),
    };
    if any_unknown(args) || !keys.is_wholly_known() {
        return Ok(unknown(args, ty));
    }
    let (names, all) = (items(args, 0), items(args, 1));
    if names.len() != all.len() {
        return Err(unequal(names.len(), all.len()));
    }
    let mut marks = marks(args);
    let mut entries = Vec::with_capacity(names.len());
    for (name, value) in names.iter().zip(all) {
        // Terraform panics here.
        let Some(text) = name.as_shared_str() else {
            return Err(CallError::new("a key must not be null"));
        };
        // A key carries no mark of its own.
        marks = marks.union(name.marks());
        entries.push((text.clone(), value.clone()));
    }
    let result = match ty.element() {
        Some(element) => Value::map(map_element(element, all), entries),
        None => Value::object(entries),
    };
    Ok(result.with_marks(marks))
}

fn map_element(declared: &Type, values: &[Value]) -> Type {
    list_of(declared, values.get(..1).unwrap_or_default().to_vec())
        .ty()
        .element()
        .cloned()
        .unwrap_or(Type::Any)
}

fn zipmap_type(keys: &[Value], types: &[Type]) -> Result<Type, CallError> {
    if keys.len() != types.len() {
        return Err(unequal(keys.len(), types.len()));
    }
    let mut attrs = Vec::with_capacity(keys.len());
    for (index, (key, ty)) in keys.iter().zip(types).enumerate() {
        let Some(name) = key.as_shared_str() else {
            return Err(CallError::new(format!(
                "keys list has null value at index {index}"
            )));
        };
        attrs.push((name.clone(), ty.clone()));
    }
    Ok(object_type(attrs))
}

fn unequal(keys: usize, values: usize) -> CallError {
    CallError::new(format!(
        "number of keys ({keys}) does not match number of values ({values})"
    ))
}

/// Gone since Terraform 0.12, which is all it says.
pub(super) fn map(_: &mut dyn Host, _: &[Value]) -> CallResult {
    Err(CallError::new(
        "the \"map\" function was deprecated in Terraform v0.12 and is no longer available; use tomap({ ... }) \
         syntax to write a literal map",
    ))
}
