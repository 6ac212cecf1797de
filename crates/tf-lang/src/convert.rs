//! Conversion between types, and the common type of several, by cty's rules.
//!
//! Two grades, as in cty: *safe* conversions cannot fail by value (number to string), *unsafe* ones can
//! (string to number). Source: <https://pkg.go.dev/github.com/zclconf/go-cty/cty/convert>.

mod unify;

use std::sync::Arc;

use crate::number::Number;
use crate::types::{ObjectAttr, Type};
use crate::value::{Bounds, Kind, Reason, Unknown, Value};

pub use unify::unify;

/// Why a value cannot have a type: the path below the value, and Terraform's sentence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct ConvertError {
    /// Where in the value, as Terraform writes paths: `.name`, `[0]`, `["key"]`; empty for the value itself.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl ConvertError {
    fn new(message: impl Into<String>) -> ConvertError {
        ConvertError {
            path: String::new(),
            message: message.into(),
        }
    }

    fn below(mut self, step: &str) -> ConvertError {
        self.path.insert_str(0, step);
        self
    }
}

/// Converts a value to a type constraint.
///
/// # Errors
/// Where no conversion exists between the types, or the value does not allow it.
pub fn convert(value: &Value, want: &Type) -> Result<Value, ConvertError> {
    if fits(value, want) {
        return Ok(value.clone());
    }
    if let (Kind::Tuple(items), Type::List(element)) = (value.kind(), want)
        && !element.has_any()
        && items.iter().all(|item| fits(item, element))
    {
        // The elements of most lists that expressions make are what is wanted: they stay as they are.
        let list = Value::from(Kind::List((**element).clone(), items.clone()));
        return Ok(list.with_marks(value.marks()));
    }
    let have = value.ty();
    if !convertible(&have, want, true) {
        return Err(ConvertError::new(mismatch(&have, want)));
    }
    apply(value, want, true)
}

/// Whether a value has a type already, without building the value's type.
fn fits(value: &Value, want: &Type) -> bool {
    match (value.kind(), want) {
        (_, Type::Any)
        | (Kind::Bool(_), Type::Bool)
        | (Kind::Number(_), Type::Number)
        | (Kind::String(_), Type::String)
        | (Kind::Type(_), Type::Type) => true,
        (Kind::List(have, _), Type::List(want))
        | (Kind::Set(have, _), Type::Set(want))
        | (Kind::Map(have, _), Type::Map(want)) => have == &**want && !want.has_any(),
        (Kind::Null(have), want) => have == want && !want.has_any(),
        (Kind::Unknown(unknown), want) => unknown.ty == *want,
        _ => false,
    }
}

/// Whether a conversion between two types exists; `unsafe_too` admits those that can fail by value.
pub fn convertible(have: &Type, want: &Type, unsafe_too: bool) -> bool {
    if have == want {
        return true;
    }
    match (have, want) {
        (_, Type::Any) => true,
        (Type::Any, _) => unsafe_too,
        (Type::Number | Type::Bool, Type::String) => true,
        (Type::String, Type::Number | Type::Bool) => unsafe_too,
        (Type::List(have), Type::List(want))
        | (Type::Set(have), Type::List(want) | Type::Set(want))
        | (Type::Map(have), Type::Map(want)) => convertible(have, want, unsafe_too),
        (Type::List(have), Type::Set(want)) => unsafe_too && convertible(have, want, true),
        (Type::Tuple(elements), Type::List(want) | Type::Set(want)) => {
            all_convertible(elements.iter(), want, unsafe_too)
        }
        (Type::Object(attrs), Type::Map(want)) => {
            all_convertible(attrs.iter().map(|attr| &attr.ty), want, unsafe_too)
        }
        (Type::Map(element), Type::Object(attrs)) => {
            unsafe_too
                && attrs
                    .iter()
                    .all(|attr| attr.optional || convertible(element, &attr.ty, true))
        }
        (Type::Object(_), Type::Object(wanted)) => wanted.iter().all(|want| match have.attr(&want.name) {
            Some(attr) => convertible(&attr.ty, &want.ty, unsafe_too),
            None => want.optional,
        }),
        (Type::Tuple(have), Type::Tuple(want)) => {
            have.len() == want.len()
                && have
                    .iter()
                    .zip(want.iter())
                    .all(|(a, b)| convertible(a, b, unsafe_too))
        }
        _ => false,
    }
}

fn all_convertible<'a>(types: impl Iterator<Item = &'a Type>, want: &Type, unsafe_too: bool) -> bool {
    if *want != Type::Any {
        return types.into_iter().all(|ty| convertible(ty, want, unsafe_too));
    }
    let types: Vec<Type> = types.cloned().collect();
    match unify(&types, unsafe_too) {
        None => types.is_empty(),
        Some(Type::Any) => types.iter().all(|ty| *ty == Type::Any),
        Some(_) => true,
    }
}

fn apply(value: &Value, want: &Type, unsafe_too: bool) -> Result<Value, ConvertError> {
    if *want == Type::Any || fits(value, want) {
        return Ok(value.clone());
    }
    let marks = value.marks();
    let converted = match (value.kind(), want) {
        (Kind::Unknown(unknown), _) => {
            let ty = fill_any(&unknown.ty, &want.without_optional());
            let mut out = Value::unknown_because(ty, unknown.reasons.iter().cloned());
            if unknown.not_null {
                out = out.not_null();
            }
            match converted_bounds(value, unknown, want) {
                Some(bounds) => out.with_bounds(bounds),
                None => out,
            }
        }
        (Kind::Null(have), _) => Value::null(fill_any(have, &want.without_optional())),
        (Kind::Number(number), Type::String) => number.to_string().into(),
        (Kind::Bool(value), Type::String) => value.to_string().into(),
        (Kind::String(text), Type::Number) => parse_number(text)?.into(),
        (Kind::String(text), Type::Bool) => parse_bool(text)?.into(),
        (Kind::List(..) | Kind::Set(..) | Kind::Tuple(_), Type::List(element) | Type::Set(element)) => {
            apply_sequence(value, element, want, unsafe_too)?
        }
        (Kind::Map(..) | Kind::Object(_), Type::Map(element)) => apply_map(value, element, unsafe_too)?,
        (Kind::Map(..) | Kind::Object(_), Type::Object(attrs)) => apply_object(value, attrs, unsafe_too)?,
        (Kind::Tuple(items), Type::Tuple(types)) => {
            let elements = items
                .iter()
                .zip(types.iter())
                .enumerate()
                .map(|(index, (item, ty))| {
                    apply(item, ty, unsafe_too).map_err(|error| error.below(&format!("[{index}]")))
                });
            Value::tuple(elements.collect::<Result<_, _>>()?)
        }
        _ => return Err(ConvertError::new(mismatch(&value.ty(), want))),
    };
    Ok(converted.with_marks(marks))
}

/// How many elements a collection has that is made of an unknown value. In a set equal ones count once.
fn converted_bounds(value: &Value, unknown: &Unknown, want: &Type) -> Option<Bounds> {
    let into_set = matches!(want, Type::Set(_));
    let exact = match (&unknown.ty, want) {
        (Type::Object(attrs), Type::Map(_)) => Bounds::exactly(attrs.len().into()),
        (Type::Tuple(types), Type::List(_) | Type::Set(_)) => Bounds::exactly(types.len().into()),
        (have, want) if have.is_collection() && want.is_collection() => value.bounds(),
        _ => return None,
    };
    let some = exact.low.at.signum() > 0;
    Some(match into_set && some {
        true => Bounds {
            low: Bounds::exactly(Number::ONE).low,
            ..exact
        },
        false => exact,
    })
}

fn parse_number(text: &str) -> Result<Number, ConvertError> {
    Number::parse(text).ok_or_else(|| ConvertError::new("a number is required"))
}

fn parse_bool(text: &str) -> Result<bool, ConvertError> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(ConvertError::new(match text.to_lowercase().as_str() {
            "true" => "a bool is required; to convert from string, use lowercase \"true\"",
            "false" => "a bool is required; to convert from string, use lowercase \"false\"",
            _ => "a bool is required",
        })),
    }
}

/// The element type of a converted collection: `any` becomes the common type of the elements.
fn element_type<'a>(
    want: &Type,
    elements: impl Iterator<Item = &'a Value>,
    unsafe_too: bool,
) -> Result<Type, ConvertError> {
    if !want.has_any() {
        return Ok(want.clone());
    }
    let types: Vec<Type> = elements.map(Value::ty).collect();
    if types.is_empty() {
        return Ok(want.without_optional());
    }
    if *want == Type::Any {
        return unify(&types, unsafe_too)
            .ok_or_else(|| ConvertError::new("cannot find a common base type for all elements"));
    }
    Ok(want.clone())
}

fn apply_sequence(
    value: &Value,
    element: &Type,
    want: &Type,
    unsafe_too: bool,
) -> Result<Value, ConvertError> {
    let items = value.as_items().unwrap_or_default();
    let to_set = matches!(want, Type::Set(_));
    if matches!(value.kind(), Kind::Set(..)) && !to_set && !value.is_wholly_known() {
        // Elements may coalesce once they are known, so the length is unknown too.
        return Ok(
            Value::unknown_because(Type::list(element.without_optional()), value.reasons()).not_null(),
        );
    }
    let empty_element = match (value.kind(), element) {
        (Kind::List(have, _) | Kind::Set(have, _), Type::Any) => have.clone(),
        _ => element.without_optional(),
    };
    let common = match (value.kind(), element) {
        (Kind::List(have, _) | Kind::Set(have, _), Type::Any) => have.clone(),
        _ => element_type(element, items.iter(), unsafe_too)?,
    };
    let convert_all = |ty: &Type| -> Result<Vec<Value>, ConvertError> {
        let each = items.iter().enumerate().map(|(index, item)| {
            apply(item, ty, unsafe_too).map_err(|error| error.below(&format!("[{index}]")))
        });
        each.collect()
    };
    let mut converted = convert_all(&common)?;
    let ty = if converted.is_empty() {
        empty_element
    } else {
        settle(&mut converted, &common)?
    };
    Ok(if to_set {
        Value::set(ty, converted)
    } else {
        Value::list(ty, converted)
    })
}

/// Makes elements, each converted on its own to a constraint with `any` in it, agree on one type.
fn settle(elements: &mut [Value], constraint: &Type) -> Result<Type, ConvertError> {
    if !constraint.has_any() {
        return Ok(constraint.without_optional());
    }
    let types: Vec<Type> = elements.iter().map(Value::ty).collect();
    let common = unify(&types, true)
        .ok_or_else(|| ConvertError::new("cannot find a common base type for all elements"))?;
    for element in elements.iter_mut() {
        *element = apply(element, &common, true)?;
    }
    Ok(common)
}

fn apply_map(value: &Value, element: &Type, unsafe_too: bool) -> Result<Value, ConvertError> {
    let Some(entries) = value.as_entries() else {
        return Ok(value.clone());
    };
    let common = match (value.kind(), element) {
        (Kind::Map(have, _), Type::Any) => have.clone(),
        _ => element_type(element, entries.iter().map(|(_, value)| value), unsafe_too)?,
    };
    let mut keys = Vec::with_capacity(entries.len());
    let mut converted = Vec::with_capacity(entries.len());
    for (key, value) in entries.iter() {
        keys.push(key.clone());
        converted.push(
            apply(value, &common, unsafe_too).map_err(|error| error.below(&format!("[{:?}]", &**key)))?,
        );
    }
    let ty = if converted.is_empty() {
        common.without_optional()
    } else {
        settle(&mut converted, &common)?
    };
    Ok(Value::map(ty, keys.into_iter().zip(converted)))
}

fn apply_object(value: &Value, attrs: &[ObjectAttr], unsafe_too: bool) -> Result<Value, ConvertError> {
    let from_map = matches!(value.kind(), Kind::Map(..));
    let mut out: Vec<(Arc<str>, Value)> = Vec::with_capacity(attrs.len());
    for attr in attrs {
        let converted = match value.get(&attr.name) {
            Some(inner) if from_map && !convertible(&inner.ty(), &attr.ty, true) => {
                return Err(ConvertError::new(format!(
                    "map element type is incompatible with attribute \"{}\": {}",
                    attr.name,
                    mismatch(&inner.ty(), &attr.ty)
                )));
            }
            Some(inner) => apply(inner, &attr.ty, unsafe_too).map_err(|error| {
                error.below(&match from_map {
                    true => format!("[\"{}\"]", attr.name),
                    false => format!(".{}", attr.name),
                })
            })?,
            None if attr.optional => Value::null(attr.ty.without_optional()),
            None if from_map => {
                return Err(ConvertError::new(format!(
                    "map has no element for required attribute \"{}\"",
                    attr.name
                )));
            }
            None => {
                return Err(ConvertError::new(mismatch(
                    &value.ty(),
                    &Type::Object(attrs.into()),
                )));
            }
        };
        out.push((attr.name.clone(), converted));
    }
    Ok(Value::object(out))
}

/// The constraint with its `any` parts taken from the type that a value has.
fn fill_any(have: &Type, want: &Type) -> Type {
    match (have, want) {
        (have, Type::Any) => have.clone(),
        (_, want) if !want.has_any() => want.clone(),
        (Type::List(have) | Type::Set(have), Type::List(want)) => Type::list(fill_any(have, want)),
        (Type::List(have) | Type::Set(have), Type::Set(want)) => Type::set(fill_any(have, want)),
        (Type::Map(have), Type::Map(want)) => Type::map(fill_any(have, want)),
        (Type::Tuple(have), Type::Tuple(want)) => {
            Type::tuple(have.iter().zip(want.iter()).map(|(a, b)| fill_any(a, b)))
        }
        (Type::Object(_), Type::Object(want)) => Type::object(want.iter().map(|attr| {
            ObjectAttr {
                name: attr.name.clone(),
                ty: have
                    .attr(&attr.name)
                    .map_or_else(|| attr.ty.clone(), |have| fill_any(&have.ty, &attr.ty)),
                optional: attr.optional,
            }
        })),
        (_, want) => want.clone(),
    }
}

/// Terraform's sentence on why one type does not convert to another.
pub fn mismatch(have: &Type, want: &Type) -> String {
    match (have, want) {
        (Type::Object(_), Type::Object(wanted)) => mismatch_objects(have, wanted),
        (Type::Tuple(_), Type::List(element)) if **element == Type::Any => {
            "all list elements must have the same type".to_owned()
        }
        (Type::Tuple(_), Type::Set(element)) if **element == Type::Any => {
            "all set elements must have the same type".to_owned()
        }
        (Type::Object(_), Type::Map(element)) if **element == Type::Any => {
            "all map elements must have the same type".to_owned()
        }
        (Type::Tuple(elements), Type::List(element) | Type::Set(element)) => {
            let bad = elements
                .iter()
                .enumerate()
                .find(|(_, ty)| !convertible(ty, element, true));
            match bad {
                Some((index, ty)) => format!("element {index}: {}", mismatch(ty, element)),
                None => format!("all elements must be {}", element.friendly_constraint()),
            }
        }
        (Type::Object(attrs), Type::Map(element)) => {
            let bad = attrs.iter().find(|attr| !convertible(&attr.ty, element, true));
            match bad {
                Some(attr) => format!("element \"{}\": {}", attr.name, mismatch(&attr.ty, element)),
                None => format!("all elements must be {}", element.friendly_constraint()),
            }
        }
        (Type::Tuple(_) | Type::Object(_), want) if want.is_collection() => {
            format!("{} required", want.friendly_constraint())
        }
        (Type::List(have) | Type::Set(have), Type::List(want)) => {
            format!("incorrect list element type: {}", mismatch(have, want))
        }
        (Type::List(have) | Type::Set(have), Type::Set(want)) => {
            format!("incorrect set element type: {}", mismatch(have, want))
        }
        (Type::Map(have), Type::Map(want)) => format!("incorrect map element type: {}", mismatch(have, want)),
        (have, want) if have.is_collection() && want.is_collection() => {
            format!("{} required", want.friendly_constraint())
        }
        (_, want) => format!("{} required", want.friendly_constraint()),
    }
}

fn mismatch_objects(have: &Type, wanted: &[ObjectAttr]) -> String {
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|want| !want.optional && have.attr(&want.name).is_none())
        .map(|want| &*want.name)
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return format!("attribute \"{one}\" is required"),
        [one, two] => return format!("attributes \"{one}\" and \"{two}\" are required"),
        [init @ .., last] => {
            let init: String = init.iter().map(|name| format!("\"{name}\", ")).collect();
            return format!("attributes {init}and \"{last}\" are required");
        }
    }
    for safe in [false, true] {
        for want in wanted {
            if let Some(attr) = have.attr(&want.name)
                && !convertible(&attr.ty, &want.ty, !safe)
            {
                return format!("attribute \"{}\": {}", want.name, mismatch(&attr.ty, &want.ty));
            }
        }
    }
    "incorrect object attributes".to_owned()
}

/// An unknown of a type for the reasons of a value that is unknown in part.
pub fn unknown_from(ty: Type, value: &Value) -> Value {
    let reasons = value.reasons();
    match reasons.is_empty() {
        true => Value::unknown(ty, Reason::Error("not known".into())),
        false => Value::unknown_because(ty, reasons),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primitives_convert_both_ways() {
        assert_eq!(
            convert(&Value::from("1.50"), &Type::Number).unwrap().ty(),
            Type::Number
        );
        assert_eq!(
            convert(&Value::from(true), &Type::String).unwrap(),
            Value::from("true")
        );
        assert_eq!(
            convert(&Value::from("x"), &Type::Bool).unwrap_err().message,
            "a bool is required"
        );
        assert_eq!(
            convert(&Value::from(1), &Type::Bool).unwrap_err().message,
            "bool required"
        );
    }

    #[test]
    fn tuples_become_lists_of_their_common_type() {
        let tuple = Value::tuple(vec![Value::from(1), Value::from("a"), Value::NULL]);
        let list = convert(&tuple, &Type::list(Type::Any)).unwrap();
        assert_eq!(list.ty(), Type::list(Type::String));
    }

    #[test]
    fn objects_with_other_attributes_unify_to_a_map_of_strings() {
        let attr = |name: &str, ty| ObjectAttr {
            name: name.into(),
            ty,
            optional: false,
        };
        let a = Type::object([attr("a", Type::String)]);
        let b = Type::object([attr("b", Type::Number)]);
        assert_eq!(unify(&[a, b], true), Some(Type::map(Type::String)));
    }
}
