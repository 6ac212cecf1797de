//! Functions that make lists of lists. Sources: `collection.go` and `sequence.go` in cty's
//! `function/stdlib` (v1.16.0), `collection.go` in Terraform's `internal/lang/funcs`.

use std::collections::HashSet;

use super::super::number::integer;
use super::super::{CallError, CallResult, Host, items};
use super::support::{
    Key, any_unknown, arg, bounded, is_sequence, keys, known_length, list_of, marks, unknown, untyped,
};
use crate::convert::{convert, unify};
use crate::types::Type;
use crate::value::{Marks, Value};

pub(super) fn chunklist(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let list = arg(args, 0);
    let ty = list.ty();
    if any_unknown(args) {
        return Ok(unknown(args, Type::list(ty)));
    }
    let size = integer(args, 1).map_err(|why| CallError::new(format!("invalid size: {why}")))?;
    let size = usize::try_from(size).map_err(|_| CallError::new("the size argument must be positive"))?;
    let items = items(args, 0);
    let element = ty.element().cloned().unwrap_or(Type::Any);
    // Of size 0 there is one chunk.
    let size = if size == 0 { items.len().max(1) } else { size };
    let chunks = items
        .chunks(size)
        .map(|chunk| Value::list(element.clone(), chunk.to_vec()))
        .collect();
    Ok(Value::list(ty, chunks).with_marks(marks(args)))
}

pub(super) fn compact(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let kept = items(args, 0)
        .iter()
        .filter(|item| item.as_str().is_some_and(|text| !text.is_empty()));
    Ok(Value::list(Type::String, kept.cloned().collect()))
}

pub(super) fn concat(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if args.is_empty() {
        return Err(CallError::new("at least one argument is required"));
    }
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    if types.iter().all(|ty| matches!(ty, Type::List(_)))
        && let Some(common) = unify(&types, true)
    {
        return concat_lists(args, common);
    }
    let mut elements: Vec<Type> = Vec::new();
    for (index, (value, ty)) in args.iter().zip(&types).enumerate() {
        match ty {
            Type::Tuple(types) => elements.extend(types.iter().cloned()),
            // How many there are makes a part of the result's type.
            Type::List(_) if !value.is_known() => return Ok(unknown(args, Type::Any)),
            Type::List(element) => {
                let count = known_length(value).unwrap_or_default();
                bounded(elements.len().saturating_add(count))?;
                elements.extend(std::iter::repeat_n((**element).clone(), count));
            }
            other => {
                let name = other.friendly_name();
                return Err(CallError::arg(
                    index,
                    format!("all arguments must be lists or tuples; got {name}"),
                ));
            }
        }
        bounded(elements.len())?;
    }
    if any_unknown(args) {
        return Ok(unknown(args, Type::tuple(elements)));
    }
    let values = args
        .iter()
        .filter_map(Value::as_items)
        .flatten()
        .cloned()
        .collect();
    Ok(Value::tuple(values).with_marks(marks(args)))
}

fn concat_lists(args: &[Value], common: Type) -> CallResult {
    if any_unknown(args) {
        return Ok(unknown(args, common));
    }
    bounded(
        args.iter()
            .filter_map(Value::as_items)
            .map(<[Value]>::len)
            .fold(0, usize::saturating_add),
    )?;
    let mut values = Vec::new();
    for (index, list) in args.iter().enumerate() {
        let list = convert(list, &common).map_err(|error| CallError::arg(index, error.to_string()))?;
        values.extend(list.as_items().unwrap_or_default().iter().cloned());
    }
    let element = common.element().cloned().unwrap_or(Type::Any);
    Ok(list_of(&element, values).with_marks(marks(args)))
}

pub(super) fn distinct(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let ty = arg(args, 0).ty();
    if !arg(args, 0).is_wholly_known() {
        return Ok(unknown(args, ty));
    }
    let mut seen = HashSet::new();
    let kept = items(args, 0)
        .iter()
        .filter(|item| seen.insert(Key(item)))
        .cloned()
        .collect();
    Ok(list_of(ty.element().unwrap_or(&Type::Any), kept))
}

pub(super) fn flatten(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let value = arg(args, 0);
    if !value.is_known() {
        return Ok(unknown(args, Type::Any));
    }
    if value.as_items().is_none() {
        return Err(CallError::new("can only flatten lists, sets and tuples"));
    }
    let mut flat = Flat::default();
    flat.add(value)?;
    Ok(match flat.open {
        true => unknown(args, Type::Any).with_marks(flat.marks),
        false => Value::tuple(flat.values).with_marks(flat.marks),
    })
}

#[derive(Default)]
struct Flat {
    values: Vec<Value>,
    marks: Marks,
    /// Whether something is not known that may add any number of elements.
    open: bool,
}

impl Flat {
    /// Adds the elements of a sequence and of those in it; without recursion, since nesting is the
    /// configuration's choice.
    fn add(&mut self, sequence: &Value) -> Result<(), CallError> {
        let mut steps: usize = 0;
        let mut stack = vec![self.enter(sequence).iter()];
        while let Some(rest) = stack.last_mut() {
            let Some(item) = rest.next() else {
                stack.pop();
                continue;
            };
            // Empty lists add nothing but take time.
            steps += 1;
            bounded(self.values.len().max(steps / 4))?;
            if item.is_null() || !is_sequence_value(item) {
                self.open |= item.as_unknown().is_some_and(|unknown| unknown.ty == Type::Any);
                self.values.push(item.clone());
            } else {
                stack.push(self.enter(item).iter());
            }
        }
        bounded(self.values.len())
    }

    fn enter<'a>(&mut self, sequence: &'a Value) -> &'a [Value] {
        self.marks = self.marks.union(sequence.marks());
        if !sequence.is_known() || known_length(sequence).is_none() {
            self.open = true;
            return &[];
        }
        sequence.as_items().unwrap_or_default()
    }
}

fn is_sequence_value(value: &Value) -> bool {
    match value.as_unknown() {
        Some(unknown) => is_sequence(&unknown.ty),
        None => value.as_items().is_some(),
    }
}

pub(super) fn matchkeys(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let result = arg(args, 0).ty();
    let Some(common) = unify(&[arg(args, 1).ty(), arg(args, 2).ty()], true) else {
        return Err(CallError::new("keys and searchset must be of the same type"));
    };
    if any_unknown(args) {
        return Ok(unknown(args, result));
    }
    let values = items(args, 0);
    if values.len() != items(args, 1).len() {
        return Err(CallError::new("length of keys and values should be equal"));
    }
    let convert = |value: &Value| convert(value, &common).map_err(|error| CallError::new(error.to_string()));
    let wanted = convert(arg(args, 1))?;
    let searched = convert(arg(args, 2))?;
    let element = result.element().cloned().unwrap_or(Type::Any);
    let searched = searched.as_items().unwrap_or_default();
    if searched.is_empty() {
        return Ok(Value::list(element, Vec::new()));
    }
    if !arg(args, 0).is_wholly_known() || !wanted.is_wholly_known() {
        return Ok(unknown(args, result));
    }
    let known = searched
        .iter()
        .position(|item| !item.is_wholly_known())
        .unwrap_or(searched.len());
    let (before, after) = searched.split_at(known);
    let before = keys(before);
    let mut kept = Vec::new();
    for (value, key) in values.iter().zip(wanted.as_items().unwrap_or_default()) {
        let found = if before.contains(&Key(key)) {
            Some(true)
        } else {
            search(key, after)
        };
        match found {
            Some(true) => kept.push(value.clone()),
            Some(false) => {}
            // So Terraform has it, although the element may well match once it is known.
            None => return Ok(Value::list(element, Vec::new())),
        }
    }
    Ok(list_of(&element, kept))
}

/// The first answer that is not "no".
fn search(key: &Value, values: &[Value]) -> Option<bool> {
    values
        .iter()
        .map(|value| key.equals(value))
        .find(|answer| *answer != Some(false))
        .unwrap_or(Some(false))
}

/// Gone since Terraform 0.12, which is all it says.
pub(super) fn list(_: &mut dyn Host, _: &[Value]) -> CallResult {
    Err(CallError::new(
        "the \"list\" function was deprecated in Terraform v0.12 and is no longer available; use tolist([ ... ]) \
         syntax to write a literal list",
    ))
}
