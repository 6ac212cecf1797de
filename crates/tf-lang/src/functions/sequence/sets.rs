//! Functions over sets, and products of them. Sources: `set.go` and `collection.go` in cty's `function/stdlib`
//! (v1.16.0).

use super::super::collection::support::{
    Key, any_unknown, bounded, keys, known_length, marks, unknown, untyped,
};
use super::super::{CallError, CallResult, Host};
use crate::convert::{convert, unify};
use crate::number::Number;
use crate::types::Type;
use crate::value::{Bounds, Value};

/// The type that all sets are converted to before they are compared.
fn common_set(args: &[Value]) -> Result<Type, CallError> {
    let mut elements = Vec::with_capacity(args.len());
    for value in args {
        let element = value.ty().element().cloned().unwrap_or(Type::Any);
        // An empty set of nothing in particular converts to anything.
        let empty = value.as_items().is_some_and(<[Value]>::is_empty);
        if !(empty && element == Type::Any) {
            elements.push(element);
        }
    }
    if elements.is_empty() {
        return Ok(Type::set(Type::Any));
    }
    let common = unify(&elements, true);
    common
        .map(Type::set)
        .ok_or_else(|| CallError::new("given sets must all have compatible element types"))
}

/// Does the work of an operation on sets: finds their common type, and stops where they are not known.
fn on_sets(
    args: &[Value],
    unknown_elements: bool,
    work: fn(Vec<Value>) -> Result<Vec<Value>, CallError>,
) -> CallResult {
    let ty = common_set(args)?;
    if any_unknown(args) {
        return Ok(unknown(args, ty));
    }
    let mut sets = Vec::with_capacity(args.len());
    for (index, value) in args.iter().enumerate() {
        let set = convert(value, &ty).map_err(|error| CallError::arg(index, error.to_string()))?;
        if !set.is_known() || !unknown_elements && !set.is_wholly_known() {
            // Once all elements are known, there may be fewer or more.
            return Ok(unknown(args, ty));
        }
        sets.push(set);
    }
    let values = work(sets)?;
    let element = ty.element().cloned().unwrap_or(Type::Any);
    Ok(match values.first() {
        Some(first) if element.has_any() => Value::set(first.ty(), values),
        _ => Value::set(element, values),
    })
}

pub(super) fn setunion(_: &mut dyn Host, args: &[Value]) -> CallResult {
    on_sets(args, true, |sets| {
        let sizes = sets.iter().filter_map(Value::as_items).map(<[Value]>::len);
        bounded(sizes.fold(0, usize::saturating_add))?;
        Ok(sets
            .iter()
            .filter_map(Value::as_items)
            .flatten()
            .cloned()
            .collect())
    })
}

pub(super) fn setintersection(_: &mut dyn Host, args: &[Value]) -> CallResult {
    on_sets(args, false, |sets| select(&sets, true))
}

pub(super) fn setsubtract(_: &mut dyn Host, args: &[Value]) -> CallResult {
    on_sets(args, false, |sets| select(&sets, false))
}

/// The elements of the first set that all others have, or that none has.
fn select(sets: &[Value], wanted: bool) -> Result<Vec<Value>, CallError> {
    let Some((first, others)) = sets.split_first() else {
        return Ok(Vec::new());
    };
    let others: Vec<_> = others
        .iter()
        .map(|set| keys(set.as_items().unwrap_or_default()))
        .collect();
    let kept = |item: &&Value| others.iter().all(|other| other.contains(&Key(item)) == wanted);
    Ok(first
        .as_items()
        .unwrap_or_default()
        .iter()
        .filter(kept)
        .cloned()
        .collect())
}

pub(super) fn setproduct(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let (elements, to_list) = setproduct_types(args)?;
    let element = Type::tuple(elements.iter().cloned());
    let lengths: Option<Vec<usize>> = args
        .iter()
        .map(|value| known_length(value).filter(|_| value.is_known()))
        .collect();
    let total = match &lengths {
        Some(lengths) => lengths.iter().copied().fold(1, usize::saturating_mul),
        None => {
            let ty = if to_list {
                Type::list(element)
            } else {
                Type::set(element)
            };
            let product = unknown(args, ty);
            return Ok(match longest_product(args) {
                Some(0) => product.with_bounds(Bounds::exactly(Number::ZERO)),
                Some(most) => product.with_bounds(Bounds::between(Number::ONE, most.into())),
                None => product,
            });
        }
    };
    bounded(total.saturating_mul(if total == 0 { 0 } else { args.len() }))?;
    let values = if total == 0 {
        Vec::new()
    } else {
        product(args, &elements)?
    };
    let result = if to_list {
        Value::list(element, values)
    } else {
        Value::set(element, values)
    };
    Ok(result.with_marks(marks(args)))
}

/// How many elements a product has at most, where some of the lengths are not known. Like cty this does not say what
/// would be of no use.
fn longest_product(args: &[Value]) -> Option<i64> {
    args.iter().try_fold(1_i64, |product, value| {
        let most = match value.ty() {
            Type::Tuple(types) => i64::try_from(types.len()).ok()?,
            _ => value.bounds().high.at.to_i64()?,
        };
        let product = product.checked_mul(most)?;
        (most <= 1024 && product <= 2048).then_some(product)
    })
}

/// The element types of what `setproduct` multiplies, and whether all of it is in order.
fn setproduct_types(args: &[Value]) -> Result<(Vec<Type>, bool), CallError> {
    if args.len() < 2 {
        return Err(CallError::new("at least two arguments are required"));
    }
    let mut elements = Vec::with_capacity(args.len());
    let mut to_list = true;
    for (index, value) in args.iter().enumerate() {
        elements.push(match value.ty() {
            Type::Set(element) => {
                to_list = false;
                (*element).clone()
            }
            Type::List(element) => (*element).clone(),
            Type::Tuple(types) if types.is_empty() => Type::Any,
            Type::Tuple(types) => unify(&types, true)
                .ok_or_else(|| CallError::arg(index, "all elements must be of the same type"))?,
            _ => return Err(CallError::arg(index, "a set or a list is required")),
        });
    }
    Ok((elements, to_list))
}

/// All combinations; the last argument changes fastest.
fn product(args: &[Value], elements: &[Type]) -> Result<Vec<Value>, CallError> {
    let mut columns: Vec<Vec<Value>> = Vec::with_capacity(args.len());
    for (value, ty) in args.iter().zip(elements) {
        let column = value
            .as_items()
            .unwrap_or_default()
            .iter()
            .map(|item| convert(item, ty));
        let column: Result<Vec<Value>, _> = column.collect();
        columns.push(column.map_err(|error| CallError::new(error.to_string()))?);
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for column in &columns {
        let extended = rows.iter().flat_map(|row| {
            column.iter().map(move |value| {
                let mut row = row.clone();
                row.push(value.clone());
                row
            })
        });
        rows = extended.collect();
    }
    Ok(rows.into_iter().map(Value::tuple).collect())
}
