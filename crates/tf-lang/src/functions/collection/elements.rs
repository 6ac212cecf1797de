//! Functions that look for something in a collection, or pick from it. Sources: `collection.go` in cty's
//! `function/stdlib` (v1.16.0) and in Terraform's `internal/lang/funcs`.

use super::super::number::integer;
use super::super::{CallError, CallResult, Host, items};
use super::graphemes;
use super::support::{any_unknown, arg, known_length, marks, maybe_null, unknown, untyped};
use crate::convert::{convert, unify};
use crate::number::Number;
use crate::types::Type;
use crate::value::{Bounds, Kind, Marks, Value};

pub(super) fn alltrue(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if any_unknown(args) {
        return Ok(unknown(args, Type::Bool));
    }
    for item in items(args, 0) {
        match item.as_bool() {
            Some(true) => {}
            _ if !item.is_known() => return Ok(unknown(args, Type::Bool)),
            _ => return Ok(false.into()),
        }
    }
    Ok(true.into())
}

pub(super) fn anytrue(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if any_unknown(args) {
        return Ok(unknown(args, Type::Bool));
    }
    let all = items(args, 0);
    if all.iter().any(|item| item.as_bool() == Some(true)) {
        return Ok(true.into());
    }
    Ok(if any_unknown(all) {
        unknown(args, Type::Bool)
    } else {
        false.into()
    })
}

pub(super) fn length(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let value = arg(args, 0);
    let ty = value.ty();
    let count = match (value.kind(), &ty) {
        (Kind::Unknown(_), Type::Any | Type::String) => None,
        (Kind::Unknown(_), Type::Object(attrs)) => Some(attrs.len()),
        (Kind::String(text), _) => Some(graphemes::count(text)),
        (_, Type::Object(_) | Type::Tuple(_) | Type::List(_) | Type::Set(_) | Type::Map(_)) => {
            known_length(value)
        }
        _ => {
            return Err(CallError::new(
                "argument must be a string, a collection type, or a structural type",
            ));
        }
    };
    if let Some(count) = count {
        return Ok(Value::count(count).with_marks(value.marks()));
    }
    let length = unknown(args, Type::Number);
    Ok(match (value.as_unknown(), value.as_items()) {
        (Some(text), _) if ty == Type::String => {
            let known = graphemes::count(text.prefix.as_deref().unwrap_or_default());
            length.with_bounds(Bounds::at_least(known.into()))
        }
        (Some(_), _) if ty.is_collection() => length.with_bounds(value.bounds()),
        // A set: what is unknown in it may turn out to be another of its elements.
        (None, Some(items)) => length.with_bounds(Bounds::between(Number::ONE, items.len().into())),
        _ => length,
    })
}

pub(super) fn coalesce(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    let Some(common) = unify(&types, true) else {
        return Err(CallError::new("all arguments must have the same type"));
    };
    for value in args {
        // As there: what does not convert after all is passed over.
        let Ok(value) = convert(value, &common) else {
            continue;
        };
        if !value.is_known() {
            return Ok(unknown(std::slice::from_ref(&value), common));
        }
        if !value.is_null() && (common != Type::String || value.as_str() != Some("")) {
            return Ok(value);
        }
    }
    Err(CallError::new("no non-null, non-empty-string arguments"))
}

pub(super) fn coalescelist(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let ty = coalescelist_type(args)?;
    for value in args {
        if !value.is_known() {
            return Ok(unknown(args, ty));
        }
        if value.as_items().is_some_and(|items| !items.is_empty()) {
            return Ok(value.clone());
        }
    }
    Err(CallError::new("no non-null arguments"))
}

fn coalescelist_type(args: &[Value]) -> Result<Type, CallError> {
    let mut types = Vec::with_capacity(args.len());
    for value in args {
        if !value.is_known() {
            return Ok(Type::Any);
        }
        let ty = value.ty();
        if !matches!(ty, Type::List(_) | Type::Tuple(_)) {
            return Err(CallError::new("coalescelist arguments must be lists or tuples"));
        }
        types.push(ty);
    }
    let first = types
        .first()
        .ok_or_else(|| CallError::new("at least one argument is required"))?;
    Ok(if types.iter().all(|ty| ty == first) {
        first.clone()
    } else {
        Type::Any
    })
}

pub(super) fn contains(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    if any_unknown(args) {
        return Ok(unknown(args, Type::Bool));
    }
    let Some(items) = arg(args, 0).as_items() else {
        return Err(CallError::new("argument must be list, tuple, or set"));
    };
    let mut open = false;
    for item in items {
        match arg(args, 1).equals(item) {
            Some(true) => return Ok(true.into()),
            Some(false) => {}
            None => open = true,
        }
    }
    Ok(if open {
        unknown(args, Type::Bool)
    } else {
        false.into()
    })
}

pub(super) fn index(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    if any_unknown(args) {
        return Ok(unknown(args, Type::Number));
    }
    let list = arg(args, 0);
    if !matches!(list.kind(), Kind::List(..) | Kind::Tuple(_)) {
        return Err(CallError::new("argument must be a list or tuple"));
    }
    let items = items(args, 0);
    if items.is_empty() {
        return Err(CallError::new("cannot search an empty list"));
    }
    for (position, item) in items.iter().enumerate() {
        match item.equals(arg(args, 1)) {
            Some(true) => return Ok(Value::count(position)),
            Some(false) => {}
            None => return Ok(unknown(args, Type::Number)),
        }
    }
    Err(CallError::new("item not found"))
}

pub(super) fn element(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let list = arg(args, 0);
    let ty = match list.ty() {
        Type::List(element) => (*element).clone(),
        Type::Tuple(_) if !arg(args, 1).is_known() => Type::Any,
        Type::Tuple(types) => {
            let position = wrapped(args, types.len(), false)?;
            types.get(position).cloned().unwrap_or(Type::Any)
        }
        other => {
            return Err(CallError::new(format!(
                "cannot read elements from {}",
                other.friendly_name()
            )));
        }
    };
    if any_unknown(args) {
        return Ok(maybe_null(args, ty));
    }
    let items = items(args, 0);
    let position = wrapped(args, items.len(), true)?;
    let found = items.get(position).cloned().unwrap_or(Value::NULL);
    Ok(found.with_marks(list.marks()))
}

/// An index that starts again at the end.
fn wrapped(args: &[Value], length: usize, from_the_end: bool) -> Result<usize, CallError> {
    let index = integer(args, 1).map_err(|why| CallError::new(format!("invalid index: {why}")))?;
    let Some(length) = i64::try_from(length).ok().filter(|length| *length > 0) else {
        return Err(CallError::new("cannot use element function with an empty list"));
    };
    if index % length < 0 && !from_the_end {
        // The cty of Terraform 1.11 counts from the end in lists alone, and panics here.
        return Err(CallError::new(
            "a tuple has no element before its first one; tolist() makes a list of it, whose elements also count \
             from the end",
        ));
    }
    usize::try_from(index.rem_euclid(length)).map_err(|_| CallError::new("invalid index"))
}

pub(super) fn lookup(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if args.len() > 3 {
        let given = args.len();
        return Err(CallError::new(format!(
            "lookup() takes two or three arguments, got {given}"
        )));
    }
    let map = arg(args, 0);
    if let Some(result) = untyped(std::slice::from_ref(map)) {
        return Ok(result.with_marks(arg(args, 1).marks()));
    }
    let ty = lookup_type(args)?;
    let given = args.get(..2).unwrap_or(args);
    let marks = marks(given);
    if any_unknown(given) {
        return Ok(maybe_null(given, ty));
    }
    let key = arg(args, 1).as_str().unwrap_or_default();
    if let Some(found) = map.get(key) {
        return Ok(found.clone().with_marks(marks));
    }
    if let Some(default) = args.get(2) {
        let default = convert(default, &ty).map_err(|error| CallError::new(error.to_string()))?;
        return Ok(default.with_marks(marks));
    }
    let shown = match arg(args, 1).marks().contains(Marks::SENSITIVE) {
        true => "(sensitive value)".to_owned(),
        false => crate::text::quote_go(key),
    };
    Err(CallError::new(format!("lookup failed to find key {shown}")))
}

fn lookup_type(args: &[Value]) -> Result<Type, CallError> {
    let key = arg(args, 1);
    match arg(args, 0).ty() {
        Type::Object(_) if !key.is_known() => Ok(Type::Any),
        ty @ Type::Object(_) => {
            let key = key.as_str().unwrap_or_default();
            match (ty.attr(key), args.get(2)) {
                (Some(attr), _) => Ok(attr.ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(CallError::arg(
                    0,
                    format!("the given object has no attribute {}", crate::text::quote_go(key)),
                )),
            }
        }
        Type::Map(element) => {
            let fits = args
                .get(2)
                .is_none_or(|default| convert(default, &element).is_ok());
            match fits {
                true => Ok((*element).clone()),
                false => Err(CallError::arg(
                    2,
                    "the default value must have the same type as the map elements",
                )),
            }
        }
        _ => Err(CallError::arg(0, "lookup() requires a map as the first argument")),
    }
}

pub(super) fn one(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let wrong = || {
        CallError::arg(
            0,
            "must be a list, set, or tuple value with either zero or one elements",
        )
    };
    let value = arg(args, 0);
    let ty = match value.ty() {
        Type::List(element) | Type::Set(element) => (*element).clone(),
        Type::Tuple(types) if types.len() <= 1 => types.first().cloned().unwrap_or(Type::Any),
        _ => return Err(wrong()),
    };
    if any_unknown(args) || known_length(value).is_none() {
        return Ok(maybe_null(args, ty));
    }
    match items(args, 0) {
        [] => Ok(Value::null(ty)),
        [only] => Ok(only.clone()),
        _ => Err(wrong()),
    }
}
