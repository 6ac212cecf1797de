//! Values as the JSON that `format` writes. Source: `cty/json/marshal.go` of cty, and Go's `encoding/json` for
//! strings.

use std::fmt::Write as _;

use crate::value::{Entries, Kind, Value};

/// The JSON of a value that is wholly known; nothing if it is longer than the limit.
///
/// # Errors
/// Where a value has no JSON.
pub(super) fn to_json(value: &Value, limit: usize) -> Result<Option<String>, String> {
    let mut out = String::new();
    write(value, limit, &mut out)?;
    Ok((out.len() <= limit).then_some(out))
}

fn write(value: &Value, limit: usize, out: &mut String) -> Result<(), String> {
    // What is longer is thrown away, so it need not be finished.
    if out.len() > limit {
        return Ok(());
    }
    match value.kind() {
        Kind::Null(_) => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&number.format_f(None)),
        Kind::String(text) => write_string(text, out),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => write_items(items, limit, out)?,
        Kind::Map(_, entries) | Kind::Object(entries) => write_entries(entries, limit, out)?,
        Kind::Unknown(_) | Kind::Handle(_) => return Err("value is not known".to_owned()),
    }
    Ok(())
}

fn write_items(items: &[Value], limit: usize, out: &mut String) -> Result<(), String> {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, limit, out)?;
    }
    out.push(']');
    Ok(())
}

fn write_entries(entries: &Entries, limit: usize, out: &mut String) -> Result<(), String> {
    out.push('{');
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(key, out);
        out.push(':');
        write(value, limit, out)?;
    }
    out.push('}');
    Ok(())
}

/// A string as Go writes it: safe inside HTML and JavaScript.
pub(super) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Type;

    #[test]
    fn writes_json_as_go_does() {
        let object = Value::object([
            (
                "b".into(),
                Value::tuple(vec![Value::from(1), Value::NULL, true.into()]),
            ),
            (
                "a".into(),
                Value::from("<x> & \"y\"\u{1}\u{2028}é\u{7f}\u{8}\u{c}"),
            ),
            ("c".into(), Value::set(Type::String, vec!["y".into(), "x".into()])),
        ]);
        let wanted = "{\"a\":\"\\u003cx\\u003e \\u0026 \\\"y\\\"\\u0001\\u2028é\u{7f}\\b\\f\",\"b\":[1,null,true],\
                      \"c\":[\"x\",\"y\"]}";
        assert_eq!(to_json(&object, 1000).unwrap().unwrap(), wanted);
        assert_eq!(to_json(&object, 10).unwrap(), None);
    }
}
