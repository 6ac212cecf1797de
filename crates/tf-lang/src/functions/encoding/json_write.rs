//! JSON as cty writes it (`cty/json` v1.16.0): without spaces, keys in order, strings as Go's
//! `encoding/json` escapes them for HTML.

use std::fmt::Write as _;

use crate::value::{Kind, Value};

/// How deep values nest.
const MAX_DEPTH: usize = 500;
/// How long a text becomes: values share their parts, so that little of them may mean very much text.
const MAX_LENGTH: usize = 64 << 20;

/// The JSON text of a value that is wholly known, marks left aside: what `jsonencode` gives.
///
/// # Errors
/// A sentence, where the value is too long or too deep, or is no JSON.
pub fn encode(value: &Value) -> Result<String, String> {
    if value.weight() > MAX_LENGTH as u64 / 2 {
        // Everything in it takes two characters at least.
        return Err(TOO_LONG.to_owned());
    }
    let mut out = String::new();
    write(&mut out, value, 0)?;
    Ok(out)
}

const TOO_LONG: &str = "the result would be longer than 64 MB";

fn write(out: &mut String, value: &Value, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err("the value is nested more than 500 levels deep".to_owned());
    }
    if out.len() > MAX_LENGTH {
        return Err(TOO_LONG.to_owned());
    }
    match value.kind() {
        Kind::Null(_) => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) if number.is_infinite() => {
            return Err("cannot serialize infinity as JSON".to_owned());
        }
        Kind::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Kind::String(text) => write_string(out, text),
        // Nobody sees it: its mark is on the whole text.
        Kind::Type(ty) => write_string(out, &ty.friendly_name()),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(out, item, depth + 1)?;
            }
            out.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(out, key);
                out.push(':');
                write(out, value, depth + 1)?;
            }
            out.push('}');
        }
        Kind::Unknown(_) | Kind::Handle(_) => return Err("value is not known".to_owned()),
    }
    Ok(())
}

/// A string as Go writes it: safe inside HTML and JavaScript.
pub(in crate::functions) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", letter as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_as_cty_does() {
        let object = Value::object([
            ("b".into(), Value::tuple(vec![Value::NULL, true.into(), 1.into()])),
            ("a<".into(), "\"\\\n\u{1}\u{8}<>&\u{2028}é😀\u{7f}".into()),
        ]);
        assert_eq!(
            encode(&object).unwrap(),
            "{\"a\\u003c\":\"\\\"\\\\\\n\\u0001\\b\\u003c\\u003e\\u0026\\u2028é😀\u{7f}\",\"b\":[null,true,1]}"
        );
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        let mut value = Value::tuple(vec![]);
        for _ in 0..60 {
            value = Value::tuple(vec![value.clone(), value]);
        }
        assert!(encode(&value).is_err());
        value = Value::tuple(vec![]);
        for _ in 0..600 {
            value = Value::tuple(vec![value]);
        }
        assert!(encode(&value).is_err());
    }
}
