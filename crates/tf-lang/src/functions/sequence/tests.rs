//! What Terraform 1.11.4 says.

use super::super::collection::support::testing::{assert_error, call, later, list, secret, set, tuple};
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
        assert_error(name, &args, arg, message);
    }
    let thousand = Value::strings((0..1000).map(|n| n.to_string()));
    let error = call("setproduct", &vec![thousand; 7]).unwrap_err();
    assert_eq!(error.message, "the result would have more than 1000000 elements");
    assert!(call("range", &[2000.into()]).is_err());
}
