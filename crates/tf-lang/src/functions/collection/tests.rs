//! What Terraform 1.11.4 says.

use super::support::testing::{assert_error, call, later, list, object, secret, set, tuple};
use crate::types::Type;
use crate::value::Value;

fn map(entries: &[(&str, i64)]) -> Value {
    Value::map(
        Type::Number,
        entries
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into())),
    )
}

#[test]
fn known_values() {
    let strings = |values: &[&str]| {
        list(
            Type::String,
            &values.iter().map(|text| (*text).into()).collect::<Vec<_>>(),
        )
    };
    for (name, args, want) in [
        (
            "alltrue",
            vec![tuple(&[true.into(), "true".into()])],
            Value::from(true),
        ),
        (
            "alltrue",
            vec![list(Type::Bool, &[Value::null(Type::Bool)])],
            false.into(),
        ),
        (
            "anytrue",
            vec![list(Type::Bool, &[Value::null(Type::Bool), true.into()])],
            true.into(),
        ),
        (
            "chunklist",
            vec![strings(&["a", "b", "c"]), 2.into()],
            list(Type::list(Type::String), &[strings(&["a", "b"]), strings(&["c"])]),
        ),
        (
            "chunklist",
            vec![strings(&["a"]), 0.into()],
            list(Type::list(Type::String), &[strings(&["a"])]),
        ),
        ("coalesce", vec!["".into(), 1.into(), true.into()], "1".into()),
        (
            "coalescelist",
            vec![tuple(&[]), tuple(&["a".into()])],
            tuple(&["a".into()]),
        ),
        ("compact", vec![strings(&["a", "", "b"])], strings(&["a", "b"])),
        (
            "concat",
            vec![tuple(&["a".into()]), tuple(&[1.into()])],
            tuple(&["a".into(), 1.into()]),
        ),
        (
            "concat",
            vec![strings(&["a"]), list(Type::Number, &[1.into()])],
            strings(&["a", "1"]),
        ),
        ("contains", vec![tuple(&[1.into()]), "1".into()], false.into()),
        (
            "distinct",
            vec![tuple(&[1.into(), "1".into(), 2.into()])],
            strings(&["1", "2"]),
        ),
        ("element", vec![strings(&["a", "b"]), (-1).into()], "b".into()),
        (
            "element",
            vec![tuple(&["a".into(), 2.into()]), 3.into()],
            2.into(),
        ),
        (
            "flatten",
            vec![tuple(&[tuple(&["a".into()]), tuple(&[set(&["b"])]), tuple(&[])])],
            tuple(&["a".into(), "b".into()]),
        ),
        (
            "index",
            vec![tuple(&[1.into(), "1".into()]), "1".into()],
            1.into(),
        ),
        (
            "keys",
            vec![object(&[("b", 1.into()), ("a", 2.into())])],
            tuple(&["a".into(), "b".into()]),
        ),
        ("keys", vec![map(&[("b", 1), ("a", 2)])], strings(&["a", "b"])),
        ("length", vec!["नमस्ते".into()], 4.into()),
        ("length", vec![object(&[("a", 1.into())])], 1.into()),
        ("lookup", vec![map(&[("a", 1)]), "b".into(), "2".into()], 2.into()),
        (
            "lookup",
            vec![object(&[("a", 1.into())]), "b".into(), "x".into()],
            "x".into(),
        ),
        (
            "matchkeys",
            vec![strings(&["a", "b"]), strings(&["x", "y"]), strings(&["y"])],
            strings(&["b"]),
        ),
        ("merge", vec![], object(&[])),
        (
            "merge",
            vec![map(&[("a", 1)]), map(&[("a", 2), ("b", 3)])],
            map(&[("a", 2), ("b", 3)]),
        ),
        (
            "merge",
            vec![Value::NULL, map(&[("a", 1)])],
            object(&[("a", 1.into())]),
        ),
        ("one", vec![tuple(&[])], Value::NULL),
        ("one", vec![set(&["a"])], "a".into()),
        (
            "values",
            vec![object(&[("b", 1.into()), ("a", "x".into())])],
            tuple(&["x".into(), 1.into()]),
        ),
        (
            "zipmap",
            vec![strings(&["b", "a"]), tuple(&[1.into(), "x".into()])],
            object(&[("a", "x".into()), ("b", 1.into())]),
        ),
        (
            "zipmap",
            vec![strings(&["a"]), list(Type::Number, &[1.into()])],
            map(&[("a", 1)]),
        ),
    ] {
        assert_eq!(call(name, &args), Ok(want), "{name}({args:?})");
    }
}

#[test]
fn marks_stay_where_they_belong() {
    let hidden = || secret("h".into());
    for (name, args, want) in [
        (
            "concat",
            vec![tuple(&[hidden()]), tuple(&[1.into()])],
            tuple(&[hidden(), 1.into()]),
        ),
        (
            "element",
            vec![secret(tuple(&[1.into()])), 0.into()],
            secret(1.into()),
        ),
        (
            "flatten",
            vec![tuple(&[secret(tuple(&[1.into()]))])],
            secret(tuple(&[1.into()])),
        ),
        ("keys", vec![object(&[("a", hidden())])], tuple(&["a".into()])),
        ("length", vec![tuple(&[hidden()])], 1.into()),
        (
            "contains",
            vec![tuple(&[hidden()]), "a".into()],
            secret(false.into()),
        ),
        (
            "lookup",
            vec![object(&[("a", hidden()), ("b", 1.into())]), "b".into()],
            1.into(),
        ),
        (
            "lookup",
            vec![object(&[("b", 1.into())]), secret("b".into())],
            secret(1.into()),
        ),
        (
            "merge",
            vec![secret(object(&[])), object(&[("a", 1.into())])],
            secret(object(&[("a", 1.into())])),
        ),
        ("values", vec![object(&[("a", hidden())])], tuple(&[hidden()])),
    ] {
        assert_eq!(call(name, &args), Ok(want), "{name}({args:?})");
    }
}

#[test]
fn unknown_values() {
    let text = || later(Type::String);
    for (name, args, want) in [
        (
            "alltrue",
            vec![tuple(&[false.into(), later(Type::Bool)])],
            Value::from(false),
        ),
        (
            "alltrue",
            vec![tuple(&[true.into(), later(Type::Bool)])],
            later(Type::Bool),
        ),
        (
            "anytrue",
            vec![tuple(&[later(Type::Bool), true.into()])],
            true.into(),
        ),
        ("coalesce", vec!["a".into(), text()], "a".into()),
        ("coalesce", vec![text(), "a".into()], text()),
        (
            "concat",
            vec![tuple(&[text()]), tuple(&[1.into()])],
            tuple(&[text(), 1.into()]),
        ),
        (
            "concat",
            vec![later(Type::list(Type::String)), tuple(&[])],
            later(Type::Any),
        ),
        (
            "contains",
            vec![tuple(&[text(), "a".into()]), "a".into()],
            true.into(),
        ),
        ("contains", vec![tuple(&[text()]), "a".into()], later(Type::Bool)),
        ("element", vec![tuple(&[text(), 1.into()]), 1.into()], 1.into()),
        ("flatten", vec![tuple(&[tuple(&[text()])])], tuple(&[text()])),
        (
            "flatten",
            vec![tuple(&[later(Type::list(Type::String))])],
            later(Type::Any),
        ),
        ("keys", vec![object(&[("a", text())])], tuple(&["a".into()])),
        (
            "keys",
            vec![later(Type::map(Type::String))],
            later(Type::list(Type::String)),
        ),
        ("length", vec![tuple(&[text()])], 1.into()),
        ("length", vec![later(Type::tuple([Type::String]))], 1.into()),
        (
            "length",
            vec![later(Type::list(Type::String))],
            later(Type::Number),
        ),
        (
            "length",
            vec![Value::set(Type::String, vec![text(), "a".into()])],
            later(Type::Number),
        ),
        (
            "lookup",
            vec![object(&[("a", text()), ("b", 1.into())]), "b".into()],
            1.into(),
        ),
        (
            "merge",
            vec![object(&[("a", text())]), object(&[("b", 1.into())])],
            object(&[("a", text()), ("b", 1.into())]),
        ),
        ("one", vec![later(Type::list(Type::String))], text()),
        ("values", vec![object(&[("a", text())])], tuple(&[text()])),
        (
            "zipmap",
            vec![list(Type::String, &[text()]), list(Type::Number, &[1.into()])],
            later(Type::map(Type::Number)),
        ),
    ] {
        assert_eq!(call(name, &args), Ok(want), "{name}({args:?})");
    }
}

#[test]
fn errors() {
    for (name, args, arg, message) in [
        (
            "chunklist",
            vec![tuple(&[]), (-1).into()],
            None,
            "the size argument must be positive",
        ),
        (
            "coalesce",
            vec![1.into(), true.into()],
            None,
            "all arguments must have the same type",
        ),
        (
            "coalesce",
            vec![Value::NULL],
            None,
            "no non-null, non-empty-string arguments",
        ),
        ("coalescelist", vec![tuple(&[])], None, "no non-null arguments"),
        ("concat", vec![], None, "at least one argument is required"),
        (
            "concat",
            vec![tuple(&[]), "a".into()],
            Some(1),
            "all arguments must be lists or tuples; got string",
        ),
        (
            "contains",
            vec![object(&[]), "a".into()],
            None,
            "argument must be list, tuple, or set",
        ),
        (
            "contains",
            vec![tuple(&[]), Value::NULL],
            Some(1),
            "argument must not be null",
        ),
        (
            "element",
            vec![tuple(&[]), 0.into()],
            None,
            "cannot use element function with an empty list",
        ),
        (
            "element",
            vec![tuple(&[1.into()]), "0.5".into()],
            None,
            "invalid index: value must be a whole number, between -9223372036854775808 and 9223372036854775807",
        ),
        (
            "element",
            vec![object(&[]), 0.into()],
            None,
            "cannot read elements from object",
        ),
        (
            "flatten",
            vec!["a".into()],
            None,
            "can only flatten lists, sets and tuples",
        ),
        (
            "index",
            vec![tuple(&[1.into()]), 2.into()],
            None,
            "item not found",
        ),
        (
            "index",
            vec![tuple(&[]), 2.into()],
            None,
            "cannot search an empty list",
        ),
        ("keys", vec!["a".into()], Some(0), "must have map or object type"),
        (
            "length",
            vec![1.into()],
            None,
            "argument must be a string, a collection type, or a structural type",
        ),
        (
            "lookup",
            vec![object(&[]), "b".into()],
            Some(0),
            "the given object has no attribute \"b\"",
        ),
        (
            "lookup",
            vec![map(&[]), "b".into()],
            None,
            "lookup failed to find key \"b\"",
        ),
        (
            "lookup",
            vec![map(&[]), secret("b".into())],
            None,
            "lookup failed to find key (sensitive value)",
        ),
        (
            "lookup",
            vec![map(&[]), "b".into(), tuple(&[])],
            Some(2),
            "the default value must have the same type as the map elements",
        ),
        (
            "merge",
            vec!["a".into()],
            None,
            "arguments must be maps or objects, got \"string\"",
        ),
        (
            "one",
            vec![tuple(&[1.into(), 2.into()])],
            Some(0),
            "must be a list, set, or tuple value with either zero or one elements",
        ),
        (
            "zipmap",
            vec![tuple(&["a".into()]), tuple(&[1.into(), 2.into()])],
            None,
            "number of keys (1) does not match number of values (2)",
        ),
    ] {
        assert_error(name, &args, arg, message);
    }
}

#[test]
fn results_are_bounded() {
    let mut value = tuple(&[1.into(), 2.into()]);
    for _ in 0..60 {
        value = tuple(&[value.clone(), value]);
    }
    assert!(call("flatten", &[value]).unwrap_err().message.contains("1000000"));
    let mut empty = tuple(&[]);
    for _ in 0..60 {
        empty = tuple(&[empty.clone(), empty]);
    }
    assert!(call("flatten", &[empty]).unwrap_err().message.contains("1000000"));
    let thousand = Value::strings((0..2000).map(|n| n.to_string()));
    let many = Value::map(
        Type::list(Type::String),
        (0..2000).map(|n| (n.to_string().into(), thousand.clone())),
    );
    assert!(
        call("transpose", &[many])
            .unwrap_err()
            .message
            .contains("1000000")
    );
}
