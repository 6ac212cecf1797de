//! Functions that put sequences in order, cut them, and compare them as sets. Sources: `sequence.go`,
//! `set.go`, `collection.go` and `string.go` in cty's `function/stdlib` (v1.16.0), `collection.go` in
//! Terraform's `internal/lang/funcs`.

use super::collection::support::{
    Key, any_unknown, arg, bounded, go_int, keys, known_length, list_of, marks, unknown, untyped,
};
use super::{CallError, CallResult, Function, Host, Param, Ty, items};
use crate::convert::{convert, unify};
use crate::number::Number;
use crate::types::Type;
use crate::value::{Kind, Value};

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
    Function::new("setintersection", &[set("first_set")], ANY_SET, setintersection)
        .with_rest(set("other_sets")),
    Function::new("setproduct", &[], Ty::Any, setproduct)
        .with_rest(Param::new("sets", Ty::Any).or_unknown().or_marked()),
    Function::new("setsubtract", &[set("a"), set("b")], ANY_SET, setsubtract),
    Function::new("setunion", &[set("first_set")], ANY_SET, setunion).with_rest(set("other_sets")),
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
        let following = next.add(&step);
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
        let position = match go_int(arg(args, index)) {
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
        return Ok(unknown(args, Type::list(Type::String)));
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
        total = Some(total.map_or_else(|| number.clone(), |total| total.add(number)));
    }
    Ok(total.unwrap_or_else(|| Number::from(0i64)).into())
}

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

fn setunion(_: &mut dyn Host, args: &[Value]) -> CallResult {
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

fn setintersection(_: &mut dyn Host, args: &[Value]) -> CallResult {
    on_sets(args, false, |sets| select(&sets, true))
}

fn setsubtract(_: &mut dyn Host, args: &[Value]) -> CallResult {
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

fn setproduct(_: &mut dyn Host, args: &[Value]) -> CallResult {
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
        None if certainly_empty(args) => 0,
        None => {
            let ty = if to_list {
                Type::list(element)
            } else {
                Type::set(element)
            };
            return Ok(unknown(args, ty));
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

/// Whether the product is empty although some set's elements may yet turn out to be equal. Up to a size
/// that cty finds worth the effort.
fn certainly_empty(args: &[Value]) -> bool {
    let most = |value: &Value| match value.kind() {
        Kind::Unknown(_) => known_length(value),
        _ => value.as_items().map(<[Value]>::len),
    };
    let mut product: usize = 1;
    for value in args {
        match most(value) {
            Some(length) if length <= 1024 => product = product.saturating_mul(length),
            _ => return false,
        }
        if product > 2048 {
            return false;
        }
    }
    product == 0
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

#[cfg(test)]
mod tests {
    use super::super::collection::support::testing::{call, later, list, secret, set, tuple};
    use super::*;

    fn numbers(values: &[i64]) -> Value {
        Value::list(
            Type::Number,
            values.iter().map(|number| (*number).into()).collect(),
        )
    }

    fn strings(values: &[&str]) -> Value {
        Value::strings(values.iter().copied())
    }

    #[test]
    fn results() {
        let pair = |a: &str, b: i64| tuple(&[a.into(), b.into()]);
        let pairs = Type::tuple([Type::String, Type::Number]);
        for (name, args, want) in [
            ("range", vec![3.into()], numbers(&[0, 1, 2])),
            ("range", vec![(-2).into()], numbers(&[0, -1])),
            ("range", vec![5.into(), 1.into(), (-2).into()], numbers(&[5, 3])),
            ("range", vec![0.into(), 0.into(), 0.into()], numbers(&[])),
            (
                "reverse",
                vec![tuple(&[1.into(), "a".into()])],
                tuple(&["a".into(), 1.into()]),
            ),
            ("reverse", vec![set(&["a", "b"])], strings(&["b", "a"])),
            (
                "reverse",
                vec![secret(numbers(&[1, 2]))],
                secret(numbers(&[2, 1])),
            ),
            (
                "slice",
                vec![tuple(&[1.into(), "a".into()]), 1.into(), 2.into()],
                tuple(&["a".into()]),
            ),
            ("slice", vec![numbers(&[1]), 1.into(), 1.into()], numbers(&[])),
            ("sort", vec![strings(&["b", "a", "B"])], strings(&["B", "a", "b"])),
            ("sum", vec![tuple(&["1".into(), 2.into()])], 3.into()),
            (
                "setunion",
                vec![tuple(&["a".into()]), tuple(&[1.into()])],
                set(&["1", "a"]),
            ),
            (
                "setintersection",
                vec![set(&["a", "b"]), set(&["b", "c"])],
                set(&["b"]),
            ),
            (
                "setsubtract",
                vec![set(&["a", "b"]), set(&["b", "c"])],
                set(&["a"]),
            ),
            (
                "setunion",
                vec![tuple(&[]), tuple(&[])],
                Value::set(Type::Any, vec![]),
            ),
            (
                "setproduct",
                vec![tuple(&["a".into()]), tuple(&[1.into(), 2.into()])],
                list(pairs.clone(), &[pair("a", 1), pair("a", 2)]),
            ),
            (
                "setproduct",
                vec![set(&["a"]), tuple(&[2.into()])],
                Value::set(pairs, vec![pair("a", 2)]),
            ),
        ] {
            assert_eq!(call(name, &args), Ok(want), "{name}({args:?})");
        }
    }

    #[test]
    fn unknown_results() {
        let text = || later(Type::String);
        for (name, args, want) in [
            (
                "range",
                vec![later(Type::Number)],
                later(Type::list(Type::Number)),
            ),
            (
                "reverse",
                vec![tuple(&[text(), 1.into()])],
                tuple(&[1.into(), text()]),
            ),
            (
                "slice",
                vec![tuple(&[text()]), 0.into(), later(Type::Number)],
                later(Type::Any),
            ),
            (
                "sort",
                vec![tuple(&[text(), "a".into()])],
                list(Type::String, &[text(), text()]),
            ),
            (
                "sum",
                vec![tuple(&[1.into(), later(Type::Number)])],
                later(Type::Number),
            ),
            (
                "setintersection",
                vec![set(&["a"]), tuple(&[text()])],
                later(Type::set(Type::String)),
            ),
            (
                "setunion",
                vec![set(&["a"]), tuple(&[text()])],
                Value::set(Type::String, vec!["a".into(), text()]),
            ),
        ] {
            assert_eq!(call(name, &args), Ok(want), "{name}({args:?})");
        }
    }

    #[test]
    fn errors() {
        for (name, args, arg, message) in [
            ("range", vec![], None, "must have one, two, or three arguments"),
            (
                "range",
                vec![0.into(), 1.into(), (-1).into()],
                Some(1),
                "end must be less than start when step is negative",
            ),
            (
                "reverse",
                vec!["a".into()],
                Some(0),
                "can only reverse list or tuple values, not string",
            ),
            (
                "slice",
                vec!["a".into(), 0.into(), 0.into()],
                Some(0),
                "must be a list or tuple value",
            ),
            (
                "slice",
                vec![tuple(&[]), (-1).into(), 0.into()],
                Some(1),
                "start index must not be less than zero",
            ),
            (
                "slice",
                vec![tuple(&[]), 0.into(), 1.into()],
                Some(2),
                "end index must not be greater than the length of the list",
            ),
            (
                "sort",
                vec![list(Type::String, &["a".into(), Value::null(Type::String)])],
                None,
                "given list element 1 is null; a null string cannot be sorted",
            ),
            ("sum", vec![tuple(&[])], Some(0), "cannot sum an empty list"),
            ("sum", vec!["a".into()], Some(0), "cannot sum noniterable"),
            (
                "setproduct",
                vec![tuple(&[])],
                None,
                "at least two arguments are required",
            ),
            (
                "setunion",
                vec![tuple(&["a".into()]), tuple(&[tuple(&[])])],
                None,
                "given sets must all have compatible element types",
            ),
        ] {
            let error = call(name, &args).unwrap_err();
            assert_eq!(
                (error.arg, error.message.as_str()),
                (arg, message),
                "{name}({args:?})"
            );
        }
        let thousand = Value::strings((0..1000).map(|n| n.to_string()));
        let error = call("setproduct", &vec![thousand; 7]).unwrap_err();
        assert_eq!(error.message, "the result would have more than 1000000 elements");
        assert!(call("range", &[2000.into()]).is_err());
    }
}
