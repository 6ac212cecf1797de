//! Functions that write values as text and read them again, YAML apart. Sources: `encoding.go` in Terraform's
//! `internal/lang/funcs`, `json.go` and `csv.go` in cty's `function/stdlib` (v1.16.0).

mod base64_go;
mod charset;
mod charset_tables;
mod csv;
mod json_read;
pub(super) mod json_write;
mod multibyte;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::collection::support::{any_unknown, arg, bounded, marks, maybe_null, unknown};
use super::{CallError, CallResult, Function, Host, Param, Ty, text};
use crate::text::quote_go;
use crate::types::{ObjectAttr, Type};
use crate::value::{Marks, Value, normalise};

const STR: Param = Param::new("str", Ty::String);
const ENCODING: Param = Param::new("encoding", Ty::String);

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "base64decode",
        &[STR.or_unknown().or_marked()],
        Ty::String,
        base64decode,
    ),
    Function::new("base64encode", &[STR], Ty::String, base64encode),
    Function::new("base64gzip", &[STR], Ty::String, base64gzip),
    Function::new("csvdecode", &[STR.or_unknown()], Ty::Any, csvdecode),
    Function::new("jsondecode", &[STR.or_unknown()], Ty::Any, jsondecode).maybe_null(),
    Function::new(
        "jsonencode",
        &[Param::new("val", Ty::Any).or_null().or_unknown()],
        Ty::String,
        jsonencode,
    ),
    Function::new(
        "textdecodebase64",
        &[Param::new("source", Ty::String), ENCODING],
        Ty::String,
        textdecodebase64,
    ),
    Function::new(
        "textencodebase64",
        &[Param::new("string", Ty::String), ENCODING],
        Ty::String,
        textencodebase64,
    ),
    Function::new("urlencode", &[STR], Ty::String, urlencode),
];

/// A text of ASCII alone.
fn ascii(text: String) -> CallResult {
    Ok(Value::normal_string(text.into()))
}

fn base64decode(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if any_unknown(args) {
        return Ok(unknown(args, Type::String));
    }
    let marks = marks(args);
    let bytes = base64_go::decode(text(args, 0)).map_err(|_| {
        let shown = match marks.contains(Marks::SENSITIVE) {
            true => "(sensitive value)".to_owned(),
            false => quote_go(text(args, 0)),
        };
        CallError::new(format!("failed to decode base64 data {shown}"))
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Value::from(text).with_marks(marks)),
        Err(_) => Err(CallError::new(
            "the result of decoding the provided string is not valid UTF-8",
        )),
    }
}

fn base64encode(_: &mut dyn Host, args: &[Value]) -> CallResult {
    ascii(STANDARD.encode(text(args, 0)))
}

fn base64gzip(_: &mut dyn Host, args: &[Value]) -> CallResult {
    ascii(STANDARD.encode(crate::gzip::gzip(text(args, 0).as_bytes())))
}

fn charset_of(args: &[Value]) -> Result<&'static charset::Charset, CallError> {
    let name = text(args, 1);
    charset::find(name).ok_or_else(|| {
        let name = quote_go(name);
        CallError::arg(
            1,
            format!("{name} is not a supported IANA encoding name or alias in this Terraform version"),
        )
    })
}

fn textencodebase64(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let charset = charset_of(args)?;
    match charset.encode(text(args, 0)) {
        Some(bytes) => ascii(STANDARD.encode(bytes)),
        None => Err(CallError::arg(
            0,
            format!(
                "the given string contains characters that cannot be represented in {}",
                charset.name
            ),
        )),
    }
}

fn textdecodebase64(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let charset = charset_of(args)?;
    let bytes = base64_go::decode(text(args, 0)).map_err(|offset| {
        CallError::arg(
            0,
            format!("the given value is has an invalid base64 symbol at offset {offset}"),
        )
    })?;
    match charset.decode(&bytes) {
        Some(text) => Ok(text.into()),
        None => Err(CallError::arg(
            0,
            format!(
                "the given string contains symbols that are not defined for {}",
                charset.name
            ),
        )),
    }
}

fn urlencode(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let mut out = String::new();
    for byte in text(args, 0).bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    ascii(out)
}

fn jsonencode(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let value = arg(args, 0);
    if value.is_wholly_known() {
        return json_write::encode(value).map(Value::from).map_err(CallError::new);
    }
    let result = unknown(args, Type::String);
    if value.as_unknown().is_some_and(|unknown| !unknown.not_null) {
        // It may yet be `null`.
        return Ok(result);
    }
    Ok(match value.ty() {
        Type::String => result.with_prefix("\""),
        Type::Object(_) | Type::Map(_) => result.with_prefix("{"),
        Type::Tuple(_) | Type::List(_) | Type::Set(_) => result.with_prefix("["),
        _ => result,
    })
}

fn jsondecode(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if let Some(unknown) = arg(args, 0).as_unknown() {
        let ty = type_by_prefix(unknown.prefix.as_deref().unwrap_or_default())?;
        return Ok(maybe_null(args, ty));
    }
    json_read::decode(text(args, 0)).map_err(CallError::new)
}

/// What the beginning of a JSON text says about its type.
fn type_by_prefix(prefix: &str) -> Result<Type, CallError> {
    Ok(match prefix.trim().chars().next() {
        None | Some('{' | '[' | 'n') => Type::Any,
        Some('"') => Type::String,
        Some('t' | 'f') => Type::Bool,
        Some('-' | '.' | '0'..='9') => Type::Number,
        Some(other) => {
            let shown = match other {
                '\'' => "'\\''".to_owned(),
                other => format!("'{}'", quote_go(&other.to_string()).trim_matches('"')),
            };
            return Err(CallError::arg(
                0,
                format!("a JSON document cannot begin with the character {shown}"),
            ));
        }
    })
}

fn csvdecode(_: &mut dyn Host, args: &[Value]) -> CallResult {
    if any_unknown(args) {
        return Ok(unknown(args, Type::Any));
    }
    let wrong = |error: csv::CsvError| {
        CallError::new(format!("CSV parse error on line {}: {}", error.line, error.why))
    };
    let mut reader = csv::Reader::new(text(args, 0));
    let header = match reader.record(None) {
        Some(header) => header.map_err(wrong)?,
        None => return Err(CallError::new("missing header line")),
    };
    let mut seen = std::collections::HashSet::new();
    if let Some(double) = header.iter().find(|name| !seen.insert(name.as_str())) {
        return Err(CallError::new(format!(
            "duplicate column name {}",
            quote_go(double)
        )));
    }
    let names: Vec<std::sync::Arc<str>> = header.iter().map(|name| normalise(name)).collect();
    let mut rows = Vec::new();
    while let Some(record) = reader.record(Some(names.len())) {
        let record = record.map_err(wrong)?;
        bounded(rows.len().saturating_mul(names.len()))?;
        rows.push(Value::object(
            names.iter().cloned().zip(record.into_iter().map(Value::from)),
        ));
    }
    let columns = names.into_iter().map(|name| ObjectAttr {
        name,
        ty: Type::String,
        optional: false,
    });
    Ok(Value::list(Type::object(columns), rows))
}

/// The bytes of Base64 as Go reads it.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    base64_go::decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::collection::support::testing::{assert_error, call, later, object, secret, tuple};
    use super::*;

    #[test]
    fn results() {
        let row = |a: &str, b: &str| object(&[("a", a.into()), ("b", b.into())]);
        for (name, args, want) in [
            ("base64encode", vec!["é".into()], Value::from("w6k=")),
            ("base64decode", vec![secret("w6k=".into())], secret("é".into())),
            (
                "textencodebase64",
                vec!["é".into(), "utf-16LE".into()],
                "6QA=".into(),
            ),
            (
                "textdecodebase64",
                vec!["6Q==".into(), "Latin1".into()],
                "é".into(),
            ),
            ("urlencode", vec!["a b/é~*".into()], "a+b%2F%C3%A9~%2A".into()),
            (
                "jsonencode",
                vec![tuple(&[1.into(), Value::NULL])],
                "[1,null]".into(),
            ),
            (
                "jsonencode",
                vec![secret("<".into())],
                secret("\"\\u003c\"".into()),
            ),
            ("jsondecode", vec!["[1]".into()], tuple(&[1.into()])),
            (
                "csvdecode",
                vec!["b,a\n1,2\n".into()],
                Value::list(row("", "").ty(), vec![row("2", "1")]),
            ),
            (
                "csvdecode",
                vec!["b,a".into()],
                Value::list(row("", "").ty(), vec![]),
            ),
        ] {
            assert_eq!(call(name, &args), Ok(want), "{name}({args:?})");
        }
    }

    #[test]
    fn errors() {
        for (name, args, arg, message) in [
            (
                "base64decode",
                vec!["YQ".into()],
                None,
                "failed to decode base64 data \"YQ\"",
            ),
            (
                "base64decode",
                vec![secret("YQ".into())],
                None,
                "failed to decode base64 data (sensitive value)",
            ),
            (
                "base64decode",
                vec!["/w==".into()],
                None,
                "the result of decoding the provided string is not valid UTF-8",
            ),
            (
                "textencodebase64",
                vec!["€".into(), "latin1".into()],
                Some(0),
                "the given string contains characters that cannot be represented in ISO_8859-1:1987",
            ),
            (
                "textencodebase64",
                vec!["a".into(), "nope".into()],
                Some(1),
                "\"nope\" is not a supported IANA encoding name or alias in this Terraform version",
            ),
            (
                "textdecodebase64",
                vec!["x".into(), "latin1".into()],
                Some(0),
                "the given value is has an invalid base64 symbol at offset 0",
            ),
            ("csvdecode", vec!["".into()], None, "missing header line"),
            (
                "csvdecode",
                vec!["a,a".into()],
                None,
                "duplicate column name \"a\"",
            ),
            (
                "csvdecode",
                vec!["a\n1,2".into()],
                None,
                "CSV parse error on line 2: wrong number of fields",
            ),
            ("jsondecode", vec!["".into()], None, "EOF"),
            (
                "jsondecode",
                vec![later(Type::String).with_prefix("x")],
                Some(0),
                "a JSON document cannot begin with the character 'x'",
            ),
        ] {
            assert_error(name, &args, arg, message);
        }
    }

    #[test]
    fn what_is_known_of_unknown_json() {
        let prefix = |value: Value| value.as_unknown().and_then(|unknown| unknown.prefix.clone());
        let encoded = call("jsonencode", &[tuple(&[later(Type::String)])]).unwrap();
        assert_eq!(prefix(encoded).as_deref(), Some("["));
        assert_eq!(prefix(call("jsonencode", &[later(Type::String)]).unwrap()), None);
        let decoded = call("jsondecode", &[later(Type::String).with_prefix(" \"")]).unwrap();
        assert_eq!(decoded, later(Type::String));
    }
}
