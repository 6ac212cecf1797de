//! Functions that put sequences in order, cut them, and compare them as sets. Sources: `sequence.go`,
//! `set.go`, `collection.go` and `string.go` in cty's `function/stdlib` (v1.16.0), `collection.go` in
//! Terraform's `internal/lang/funcs`.

mod sets;

use super::collection::support::{any_unknown, arg, known_length, list_of, marks, unknown, untyped};
use super::number::integer;
use super::{CallError, CallResult, Function, Host, Param, Ty, items};
use crate::convert::convert;
use crate::number::Number;
use crate::types::Type;
use crate::value::Value;

const NUMBERS: Ty = Ty::List(&Ty::Number);
const STRINGS: Ty = Ty::List(&Ty::String);
const ANY_SET: Ty = Ty::Set(&Ty::Any);

const fn set(name: &'static str) -> Param {
    Param::new(name, ANY_SET).or_unknown()
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("range", &[], NUMBERS, range).with_rest(Param::new("params", Ty::Number)),
    Function::new(
        "reverse",
        &[Param::new("list", Ty::Any).or_unknown().or_marked()],
        Ty::Any,
        reverse,
    ),
    Function::new(
        "slice",
        &[
            Param::new("list", Ty::Any).or_unknown().or_marked(),
            Param::new("start_index", Ty::Number).or_unknown(),
            Param::new("end_index", Ty::Number).or_unknown(),
        ],
        Ty::Any,
        slice,
    ),
    Function::new("sort", &[Param::new("list", STRINGS).or_unknown()], STRINGS, sort),
    Function::new(
        "sum",
        &[Param::new("list", Ty::Any).or_unknown()],
        Ty::Number,
        sum,
    ),
    Function::new(
        "setintersection",
        &[set("first_set")],
        ANY_SET,
        sets::setintersection,
    )
    .with_rest(set("other_sets")),
    Function::new("setproduct", &[], Ty::Any, sets::setproduct)
        .with_rest(Param::new("sets", Ty::Any).or_unknown().or_marked()),
    Function::new("setsubtract", &[set("a"), set("b")], ANY_SET, sets::setsubtract),
    Function::new("setunion", &[set("first_set")], ANY_SET, sets::setunion).with_rest(set("other_sets")),
];

/// How many numbers `range` makes.
const MAX_RANGE: usize = 1024;

fn range(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let numbers: Vec<&Number> = args.iter().filter_map(Value::as_number).collect();
    let zero = Number::from(0i64);
    let towards = |start: &Number, end: &Number| Number::from(if end < start { -1i64 } else { 1 });
    let (start, end, step) = match numbers.as_slice() {
        [end] => (&zero, *end, towards(&zero, end)),
        [start, end] => (*start, *end, towards(start, end)),
        [start, end, step] => (*start, *end, (*step).clone()),
        _ => return Err(CallError::new("must have one, two, or three arguments")),
    };
    let down = step < zero;
    if down && end > start {
        return Err(CallError::arg(
            1,
            "end must be less than start when step is negative",
        ));
    }
    if !down && end < start {
        return Err(CallError::arg(
            1,
            "end must be greater than start when step is positive",
        ));
    }
    let mut values = Vec::new();
    let mut next = start.clone();
    while if down { next > *end } else { next < *end } {
        if values.len() >= MAX_RANGE {
            return Err(CallError::new(
                "more than 1024 values were generated; either decrease the difference between start and end or \
                 use a smaller step",
            ));
        }
        let Some(following) = next.add(&step) else {
            return Err(CallError::new(
                "infinite steps from the other infinity lead nowhere",
            ));
        };
        values.push(Value::from(next));
        next = following;
    }
    Ok(Value::list(Type::Number, values))
}

fn reverse(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let ty = match arg(args, 0).ty() {
        Type::Tuple(types) => Type::tuple(types.iter().rev().cloned()),
        Type::List(element) | Type::Set(element) => Type::List(element),
        other => {
            let name = other.friendly_name();
            return Err(CallError::arg(
                0,
                format!("can only reverse list or tuple values, not {name}"),
            ));
        }
    };
    if any_unknown(args) {
        return Ok(unknown(args, ty));
    }
    let values = items(args, 0).iter().rev().cloned().collect();
    Ok(sequence(&ty, values).with_marks(marks(args)))
}

/// A list or tuple of values.
fn sequence(ty: &Type, values: Vec<Value>) -> Value {
    match ty.element() {
        Some(element) => list_of(element, values),
        None => Value::tuple(values),
    }
}

fn slice(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    let ty = arg(args, 0).ty();
    if matches!(ty, Type::Set(_)) {
        return Err(CallError::arg(
            0,
            "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the \
             ordering of the result is not important",
        ));
    }
    if !matches!(ty, Type::List(_) | Type::Tuple(_)) {
        return Err(CallError::arg(0, "must be a list or tuple value"));
    }
    let (start, end) = slice_bounds(args)?;
    let ty = match (ty, start, end) {
        (Type::Tuple(types), Some(start), Some(end)) => {
            Type::tuple(types.get(start..end).unwrap_or_default().iter().cloned())
        }
        (Type::Tuple(_), ..) => Type::Any,
        (list, ..) => list,
    };
    let (Some(start), Some(end), false) = (start, end, any_unknown(args)) else {
        return Ok(unknown(args, ty));
    };
    let values = items(args, 0).get(start..end).unwrap_or_default().to_vec();
    Ok(sequence(&ty, values).with_marks(arg(args, 0).marks()))
}

/// Where a slice starts and ends, as far as that is known.
fn slice_bounds(args: &[Value]) -> Result<(Option<usize>, Option<usize>), CallError> {
    let length = known_length(arg(args, 0));
    let bound = |index: usize, name: &str| -> Result<Option<usize>, CallError> {
        let wrong = |why: String| Err(CallError::arg(index, why));
        if !arg(args, index).is_known() {
            return Ok(None);
        }
        let position = match integer(args, index) {
            Ok(position) => position,
            Err(why) => return wrong(format!("invalid {name} index: {why}")),
        };
        let Ok(position) = usize::try_from(position) else {
            return wrong(format!("{name} index must not be less than zero"));
        };
        match length.is_some_and(|length| position > length) {
            true => wrong(format!(
                "{name} index must not be greater than the length of the list"
            )),
            false => Ok(Some(position)),
        }
    };
    let (start, end) = (bound(1, "start")?, bound(2, "end")?);
    match (start, end) {
        (Some(start), Some(end)) if start > end => Err(CallError::arg(
            1,
            "start index must not be greater than end index",
        )),
        bounds => Ok(bounds),
    }
}

fn sort(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if any_unknown(args) {
        return Ok(unknown(args, Type::list(Type::String)).with_bounds(arg(args, 0).bounds()));
    }
    let mut values = items(args, 0).to_vec();
    if !arg(args, 0).is_wholly_known() {
        // Their number is known, but not which is where.
        let any = Value::unknown_because(Type::String, arg(args, 0).reasons());
        return Ok(Value::list(Type::String, vec![any; values.len()]));
    }
    if let Some(index) = values.iter().position(Value::is_null) {
        let sentence = format!("given list element {index} is null; a null string cannot be sorted");
        return Err(CallError::new(sentence));
    }
    values.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(Value::list(Type::String, values))
}

fn sum(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(result) = untyped(args) {
        return Ok(result);
    }
    if any_unknown(args) {
        return Ok(unknown(args, Type::Number));
    }
    let value = arg(args, 0);
    if value.as_items().is_none() && value.as_entries().is_none() {
        return Err(CallError::arg(0, "cannot sum noniterable"));
    }
    if value.children().next().is_none() {
        return Err(CallError::arg(0, "cannot sum an empty list"));
    }
    let Some(items) = value.as_items() else {
        let name = value.ty().friendly_name();
        return Err(CallError::arg(
            0,
            format!("argument must be list, set, or tuple. Received {name}"),
        ));
    };
    if !value.is_wholly_known() {
        return Ok(unknown(args, Type::Number));
    }
    let mut total: Option<Number> = None;
    for item in items {
        let number = convert(item, &Type::Number).ok();
        let Some(number) = number.as_ref().and_then(Value::as_number) else {
            return Err(CallError::arg(
                0,
                "argument must be list, set, or tuple of number values",
            ));
        };
        let next = match total {
            Some(total) => total.add(number),
            None => Some(number.clone()),
        };
        total = Some(next.ok_or_else(|| CallError::new("can't compute sum of opposing infinities"))?);
    }
    Ok(total.unwrap_or(Number::ZERO).into())
}

#[cfg(test)]
mod tests;
