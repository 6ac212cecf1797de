//! `format` and `formatlist`. Sources: `format.go` and `format_fsm.rl` in `cty/function/stdlib` of cty v1.16.0.

mod number;
mod verb;

use crate::convert::convert;
use crate::text::quote_go;
use crate::types::Type;
use crate::value::{Kind, Reason, Value};

use super::super::encoding::json_write;
use super::super::{CallError, CallResult, Host, text};
use super::{MAX_BYTES, check_bytes, check_items, clusters, safe_prefix};
use verb::Verb;

pub(super) fn format(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let (template, values) = (text(args, 0), args.get(1..).unwrap_or_default());
    if let Some(unknown) = untyped(values) {
        return Ok(unknown);
    }
    if values.iter().any(|value| !value.is_wholly_known()) {
        let reasons = values.iter().flat_map(Value::reasons);
        let unknown = Value::unknown_because(Type::String, reasons).not_null();
        return Ok(unknown.with_prefix(safe_prefix(template.split('%').next().unwrap_or_default())));
    }
    formatted(template, values).map(Value::from)
}

pub(super) fn formatlist(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let (template, values) = (text(args, 0), args.get(1..).unwrap_or_default());
    if let Some(unknown) = untyped(values) {
        return Ok(unknown);
    }
    if values.is_empty() {
        return Ok(Value::strings([formatted(template, &[])?]));
    }
    let Some(count) = iterations(values)? else {
        let reasons = values.iter().flat_map(Value::reasons);
        return Ok(Value::unknown_because(Type::list(Type::String), reasons).not_null());
    };
    check_items(count)?;
    let mut bytes = 0_usize;
    let mut results = Vec::with_capacity(count);
    for iteration in 0..count {
        let row: Vec<Value> = values.iter().map(|value| element(value, iteration)).collect();
        if row.iter().any(|value| !value.is_wholly_known()) {
            let reasons = row.iter().flat_map(Value::reasons);
            results.push(Value::unknown_because(Type::String, reasons).not_null());
            continue;
        }
        let result = formatted(template, &row).map_err(|error| {
            CallError::new(format!(
                "error on format iteration {iteration}: {}",
                error.message
            ))
        })?;
        bytes = bytes.saturating_add(result.len());
        check_bytes(bytes)?;
        results.push(result.into());
    }
    Ok(Value::list(Type::String, results))
}

/// Terraform does not look at a call with an argument whose type it does not know: not at a bare `null` either.
fn untyped(values: &[Value]) -> Option<Value> {
    let untyped = values.iter().find(|value| match value.kind() {
        Kind::Null(ty) => *ty == Type::Any,
        Kind::Unknown(unknown) => unknown.ty == Type::Any,
        Kind::Handle(_) => true,
        _ => false,
    })?;
    let mut reasons = untyped.reasons();
    if untyped.is_null() {
        reasons.push(Reason::Unsupported("a null without a type".into()));
    }
    Some(Value::unknown_because(Type::Any, reasons))
}

/// How many results there are; nothing if that is not known.
fn iterations(values: &[Value]) -> Result<Option<usize>, CallError> {
    let mut chosen: Option<(usize, usize)> = None;
    let mut known = true;
    for (index, value) in values.iter().enumerate().filter(|(_, value)| iterates(value)) {
        let Some(length) = length(value) else {
            known = false;
            continue;
        };
        match chosen {
            Some((chooser, wanted)) if wanted != length => {
                return Err(CallError::arg(
                    index + 1,
                    format!(
                        "argument {} has length {length}, which is inconsistent with argument {} of length {wanted}",
                        index + 1,
                        chooser + 1
                    ),
                ));
            }
            Some(_) => {}
            None => chosen = Some((index, length)),
        }
        known &= value.is_known();
    }
    Ok(known.then(|| chosen.map_or(1, |(_, length)| length)))
}

/// Whether each result takes an element of the argument, not the argument as a whole.
fn iterates(value: &Value) -> bool {
    match value.kind() {
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => true,
        Kind::Unknown(unknown) => matches!(unknown.ty, Type::List(_) | Type::Set(_) | Type::Tuple(_)),
        _ => false,
    }
}

/// How many elements there are, if that is known: unknown elements of a set may turn out to be the same one.
fn length(value: &Value) -> Option<usize> {
    match value.kind() {
        Kind::Set(..) if !value.is_wholly_known() => None,
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => Some(items.len()),
        Kind::Unknown(unknown) => match &unknown.ty {
            Type::Tuple(types) => Some(types.len()),
            _ => None,
        },
        _ => None,
    }
}

fn element(value: &Value, iteration: usize) -> Value {
    match value.as_items() {
        Some(items) => items.get(iteration).cloned().unwrap_or(Value::NULL),
        None => value.clone(),
    }
}

/// The template with its verbs replaced by the values, which must be known.
fn formatted(template: &str, values: &[Value]) -> Result<String, CallError> {
    let mut out = String::new();
    let mut next_argument = 1_i64;
    let mut highest = 0_i64;
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('%') {
        out.push_str(literal);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let offset = template.len() - after.len() - 1;
        let verb = Verb::scan(template, offset, next_argument).map_err(CallError::new)?;
        highest = highest.max(verb.argument);
        append(&verb, values, &mut out)?;
        next_argument = verb.argument.wrapping_add(1);
        rest = after.get(verb.raw.len() - 1..).unwrap_or_default();
        check_bytes(out.len())?;
    }
    out.push_str(rest);
    check_bytes(out.len())?;
    let used = usize::try_from(highest).unwrap_or_default();
    match (used < values.len(), used) {
        (false, _) => Ok(out),
        (true, 0) => Err(CallError::arg(1, "too many arguments; no verbs in format string")),
        (true, _) => Err(CallError::arg(
            used + 1,
            format!("too many arguments; only {used} used by format string"),
        )),
    }
}

fn append(verb: &Verb<'_>, values: &[Value], out: &mut String) -> Result<(), CallError> {
    let quoted = || quote_go(verb.raw);
    let Ok(at) = usize::try_from(verb.argument.wrapping_sub(1)) else {
        return Err(CallError::new(format!(
            "invalid argument index {} in {} at {}",
            verb.argument,
            quoted(),
            verb.offset
        )));
    };
    let Some(value) = values.get(at) else {
        return Err(CallError::new(format!(
            "not enough arguments for {} at {}: need index {} but have {} total",
            quoted(),
            verb.offset,
            verb.argument,
            values.len()
        )));
    };
    let unsupported = |why: &str| {
        CallError::new(format!(
            "unsupported value for {} at {}: {why}",
            quoted(),
            verb.offset
        ))
    };
    let converted = |ty: Type| convert(value, &ty).map_err(|error| unsupported(&error.to_string()));
    if verb.mode != 'v' && value.is_null() {
        return Err(unsupported("null value cannot be formatted"));
    }
    match verb.mode {
        'v' => append_any(verb, value, out).map_err(|error| match error {
            Failure::Unsupported(why) => unsupported(&why),
            Failure::Call(error) => error,
        }),
        't' => {
            let truth = converted(Type::Bool)?.as_bool().unwrap_or_default();
            out.push_str(if truth { "true" } else { "false" });
            Ok(())
        }
        'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' => {
            let converted = converted(Type::Number)?;
            let Some(number) = converted.as_number() else {
                return Ok(());
            };
            let fits = number::append(verb, number, MAX_BYTES, out).map_err(|why| unsupported(&why))?;
            if fits { Ok(()) } else { check_bytes(usize::MAX) }
        }
        's' | 'q' => {
            let converted = converted(Type::String)?;
            append_string(verb, converted.as_str().unwrap_or_default(), out)
        }
        mode => Err(CallError::new(format!(
            "unsupported format verb {} in {} at offset {}",
            verb::quote_char(mode),
            quoted(),
            verb.offset
        ))),
    }
}

/// What is wrong with a value, or with the call.
enum Failure {
    Unsupported(String),
    Call(CallError),
}

fn append_any(verb: &Verb<'_>, value: &Value, out: &mut String) -> Result<(), Failure> {
    let plain = match (value.as_str(), value.as_number()) {
        _ if verb.sharp => None,
        (Some(text), _) => Some(text.to_owned()),
        (_, Some(number)) => Some(number.format_g(false, None)),
        _ => None,
    };
    let shown = match plain {
        Some(plain) => plain,
        None => json_write::encode(value).map_err(Failure::Unsupported)?,
    };
    pad(verb, &shown, out).map_err(Failure::Call)
}

fn append_string(verb: &Verb<'_>, whole: &str, out: &mut String) -> Result<(), CallError> {
    // A precision of zero limits nothing.
    let limit = verb
        .precision
        .and_then(|limit| usize::try_from(limit).ok())
        .filter(|&limit| limit > 0);
    let end = limit.map_or(whole.len(), |limit| {
        clusters(whole).take(limit).map(str::len).sum()
    });
    let shown = whole.get(..end).unwrap_or(whole);
    if verb.mode != 'q' {
        return pad(verb, shown, out);
    }
    let mut quoted = String::new();
    json_write::write_string(&mut quoted, shown);
    pad(verb, &quoted, out)
}

/// Fills up to the width, which counts clusters.
fn pad(verb: &Verb<'_>, shown: &str, out: &mut String) -> Result<(), CallError> {
    let width = verb
        .width
        .and_then(|width| usize::try_from(width).ok())
        .unwrap_or_default();
    let missing = match width {
        0 => 0,
        _ => width.saturating_sub(clusters(shown).count()),
    };
    check_bytes(out.len().saturating_add(shown.len()).saturating_add(missing))?;
    let padding = if verb.zero { "0" } else { " " }.repeat(missing);
    let parts = if verb.minus {
        [shown, &padding]
    } else {
        [&padding, shown]
    };
    out.extend(parts);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(template: &str, values: &[Value]) -> String {
        formatted(template, values).unwrap_or_else(|error| match error.arg {
            Some(arg) => format!("argument {arg}: {}", error.message),
            None => error.message,
        })
    }

    #[test]
    fn verbs_format_as_in_terraform() {
        let object = Value::object([("a".into(), Value::from("<x>"))]);
        for (template, values, wanted) in [
            ("%% %%%d", vec![1.into()], "% %1"),
            (
                "%v %v",
                vec!["a".into(), object.clone()],
                r#"a {"a":"\u003cx\u003e"}"#,
            ),
            ("%#v %#q", vec!["a".into(), "b".into()], r#""a" "b""#),
            ("%v", vec![Value::null(Type::Number)], "null"),
            ("%5t|%v", vec!["true".into(), false.into()], "true|false"),
            (
                "%05s|%-5s|%-05s|%5.1s|",
                vec!["abc".into(), "d".into(), "e".into(), "xyz".into()],
                "00abc|d    |e0000|    x|",
            ),
            ("%.0s|%.s", vec!["abc".into(), "d".into()], "abc|d"),
            ("%3s|", vec!["🤷🏾‍♀️".into()], "  🤷🏾‍♀️|"),
            (
                "%[2]s %s %[1]s",
                vec!["a".into(), "b".into(), "c".into()],
                "b c a",
            ),
            ("%05v|%5v", vec![1.into(), true.into()], "00001| true"),
        ] {
            assert_eq!(show(template, &values), wanted, "{template}");
        }
    }

    #[test]
    fn errors_read_as_terraforms() {
        for (template, values, wanted) in [
            (
                "%d",
                vec![],
                "not enough arguments for \"%d\" at 0: need index 1 but have 0 total",
            ),
            (
                "a",
                vec![1.into()],
                "argument 1: too many arguments; no verbs in format string",
            ),
            (
                "%d",
                vec![1.into(), 2.into()],
                "argument 2: too many arguments; only 1 used by format string",
            ),
            (
                "%d",
                vec!["x".into()],
                "unsupported value for \"%d\" at 0: a number is required",
            ),
            (
                "é%s",
                vec![Value::null(Type::String)],
                "unsupported value for \"%s\" at 2: null value cannot be formatted",
            ),
            (
                "%z",
                vec![1.into()],
                "unsupported format verb 'z' in \"%z\" at offset 0",
            ),
            (
                "%1000000000s",
                vec!["".into()],
                "the result would be larger than 64 MB",
            ),
            (
                "%[9223372036854775809]s",
                vec!["".into()],
                "invalid argument index -9223372036854775807 in \"%[9223372036854775809]s\" at 0",
            ),
            (
                "%[9223372036854775808]s",
                vec!["".into()],
                "not enough arguments for \"%[9223372036854775808]s\" at 0: need index -9223372036854775808 but have \
                 1 total",
            ),
        ] {
            assert_eq!(show(template, &values), wanted, "{template}");
        }
    }
}
