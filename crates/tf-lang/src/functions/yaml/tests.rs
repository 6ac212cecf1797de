//! What Terraform 1.11.4 says.

use super::{emit, parse};
use crate::number::Number;
use crate::types::Type;
use crate::value::Value;

fn object(entries: &[(&str, Value)]) -> Value {
    Value::object(entries.iter().map(|(key, value)| ((*key).into(), value.clone())))
}

fn tuple(values: &[Value]) -> Value {
    Value::tuple(values.to_vec())
}

#[test]
fn decodes() {
    let number = |text: &str| Value::from(Number::parse(text).unwrap());
    let ab = object(&[("a", "b".into())]);
    for (text, want) in [
        ("null", Value::NULL),
        ("--- |\n a\n", "a\n".into()),
        ("a: b", ab.clone()),
        ("\u{feff}a: b", ab.clone()),
        ("{a: b}", ab.clone()),
        ("{\"a\":b}", ab.clone()),
        ("? a\n: b\n", ab.clone()),
        ("{? a : b}", ab.clone()),
        ("!!map {a: b}", ab.clone()),
        ("%TAG !x! tag:yaml.org,2002:\n---\na: !x!str b", ab),
        ("{a:1}", object(&[("a:1", Value::NULL)])),
        ("- a\n b", tuple(&["a b".into()])),
        ("[a: b, c]", tuple(&[object(&[("a", "b".into())]), "c".into()])),
        ("[-]", tuple(&["-".into()])),
        (
            "- - 1\n  - 2\n- 3",
            tuple(&[tuple(&[1.into(), 2.into()]), 3.into()]),
        ),
        (
            "a:\n- 1\nb:\n  - 2",
            object(&[("a", tuple(&[1.into()])), ("b", tuple(&[2.into()]))]),
        ),
        ("- &a b\n- *a", tuple(&["b".into(), "b".into()])),
        ("a: 1\na: 2", object(&[("a", 2.into())])),
        (
            "<<: {a: 1, b: 2}\na: 3",
            object(&[("a", 3.into()), ("b", 2.into())]),
        ),
        ("a: 3\n<<: {a: 1}", object(&[("a", 1.into())])),
        ("a: <<", object(&[("a", "<<".into())])),
        (
            "yes: on\n1.50: x\n0x1F: z",
            object(&[("true", true.into()), ("1.5", "x".into()), ("31", "z".into())]),
        ),
        (
            "a: |-\n  1.50\nb: |-\n  yes\nc: |-\n  ~\nd: '1.50'",
            object(&[
                ("a", "1.5".into()),
                ("b", "true".into()),
                ("c", Value::null(Type::String)),
                ("d", "1.50".into()),
            ]),
        ),
        (
            "a: >\n  x\n  y\n\n  z\n   w\n\n",
            object(&[("a", "x y\nz\n w\n".into())]),
        ),
        ("a: |2\n   x\n  y\n", object(&[("a", " x\ny\n".into())])),
        (
            "a: |+\n  x\n\nb: 1.5",
            object(&[("a", "x\n\n".into()), ("b", number("1.5"))]),
        ),
        ("a: \"x\\\n  y\n  z\\u00e9\"", object(&[("a", "xy zé".into())])),
        ("a: 'it''s\n  b'", object(&[("a", "it's b".into())])),
        (".inf: |-\n  -.inf", object(&[("+Inf", "-Inf".into())])),
        (
            "a: b #c\nd: e#f",
            object(&[("a", "b".into()), ("d", "e#f".into())]),
        ),
    ] {
        assert_eq!(parse::decode(text).unwrap(), want, "{text}");
    }
}

#[test]
fn tells_what_is_wrong() {
    for (text, want) in [
        ("", "on line 1, column 1: missing start of document"),
        ("# c", "on line 1, column 1: missing start of document"),
        ("a: b: c", "mapping values are not allowed in this context"),
        (
            "a: 1\n b: 2",
            "on line 2, column 1: mapping values are not allowed in this context",
        ),
        ("\ta: 1", "found character that cannot start any token"),
        (
            "a: 1\nb: @x",
            "on line 2, column 1: found character that cannot start any token",
        ),
        ("a: 1\nb", "on line 3, column 1: could not find expected ':'"),
        (
            "a: 1\nb: \"x",
            "on line 2, column 1: found unexpected end of stream",
        ),
        (
            "a: 1\nb: \"\\q\"",
            "on line 2, column 1: found unknown escape character",
        ),
        (
            "a: 1\nb: [1, 2",
            "on line 2, column 1: did not find expected ',' or ']'",
        ),
        (
            "a: 1\nb: {x: 1 y: 2}",
            "on line 1, column 11: did not find expected ',' or '}'",
        ),
        (
            "a: 1\nb: ]",
            "on line 1, column 4: did not find expected node content",
        ),
        (
            "a: 1\nb: - x",
            "on line 2, column 1: block sequence entries are not allowed in this context",
        ),
        ("%YAML 1.2\n---\na: 1", "found incompatible YAML document"),
        (
            "a: 1\n---\nb: 2",
            "on line 1, column 1: unexpected extra content after value",
        ),
        (
            "a: 1\n...\nb",
            "on line 2, column 1: did not find expected <document start>",
        ),
        (
            "x: 1\na: *x",
            "on line 1, column 4: reference to undefined anchor \"x\"",
        ),
        (
            "x: 1\na: &y [*y]",
            "on line 1, column 8: cannot refer to anchor \"y\" from inside its own definition",
        ),
        (
            "x: 1\n? [a]\n: 1",
            "on line 1, column 3: only strings are allowed as mapping keys",
        ),
        ("x: 1\n~: 1", "on line 1, column 1: mapping key cannot be null"),
        ("a: {<<: [1]}", "cannot merge tuple into mapping"),
        ("a: !foo 1", "unsupported tag \"!foo\""),
        ("a: ! 1", "unsupported tag \"!\""),
        ("!!set {a}", "can't interpret mapping as tag:yaml.org,2002:set"),
        ("a: \u{1}", "control characters are not allowed"),
        (".nan", "floating point NaN is not supported"),
    ] {
        assert_eq!(parse::decode(text).unwrap_err().to_string(), want, "{text}");
    }
}

#[test]
fn hostile_texts_end() {
    // As all that recurses over trees: on a thread with a large stack.
    let work = std::thread::Builder::new()
        .stack_size(16 << 20)
        .spawn(hostile_texts)
        .unwrap();
    work.join().unwrap();
}

fn hostile_texts() {
    let deep = "exceeded max depth";
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
        assert_eq!(parse::decode(&text).unwrap_err().to_string(), deep);
    }
    let laughs: String = (1..60)
        .map(|n| format!("- &a{n} [*a{0}, *a{0}]\n", n - 1))
        .collect();
    assert!(
        parse::decode(&format!("- &a0 [a, a]\n{laughs}"))
            .unwrap_err()
            .message
            .contains("more than")
    );
    let nested = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    assert!(parse::decode(&nested).is_ok());
}

#[test]
fn encodes() {
    let long = "lorem ipsum ".repeat(8);
    let folded = format!("\"{}\n  lorem ipsum \"\n", long.get(..83).unwrap());
    for (value, want) in [
        (Value::NULL, "null\n...\n"),
        (5.into(), "5\n...\n"),
        ("a".into(), "\"a\"\n"),
        (tuple(&[]), "[]\n"),
        (object(&[]), "{}\n"),
        (
            tuple(&[1.into(), "a".into(), Value::NULL]),
            "- 1\n- \"a\"\n- null\n",
        ),
        (
            tuple(&[tuple(&[1.into(), 2.into()]), tuple(&[3.into()])]),
            "- - 1\n  - 2\n- - 3\n",
        ),
        (
            tuple(&[object(&[("a", 1.into()), ("b", tuple(&[true.into()]))])]),
            "- \"a\": 1\n  \"b\":\n  - true\n",
        ),
        (
            object(&[("a", object(&[("b", tuple(&[]))]))]),
            "\"a\":\n  \"b\": []\n",
        ),
        ("a\nb".into(), "|-\n  a\n  b\n"),
        (
            object(&[("t", " a\nb\n".into()), ("u", "x\n\n".into())]),
            "\"t\": |2\n   a\n  b\n\"u\": |+\n  x\n\n",
        ),
        ("a\nb ".into(), "\"a\\nb \"\n"),
        ("a\tb\u{85}👍é\"".into(), "\"a\\tb\\N\\U0001F44Dé\\\"\"\n"),
        ("\u{feff}a b".into(), "\"\\uFEFF\\x61\\x20\\x62\"\n"),
        (object(&[("a\nb", 1.into())]), "? |-\n  a\n  b\n: 1\n"),
        (long.as_str().into(), &folded),
    ] {
        assert_eq!(emit::encode(&value).unwrap(), want);
    }
}
