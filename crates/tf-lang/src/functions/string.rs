//! Functions over strings. Sources: `string.go`, `format.go`, `regexp.go` in `cty/function/stdlib` of cty
//! v1.16.0, and `internal/lang/funcs/string.go` of Terraform 1.11 for `endswith`, `replace`, `startswith`,
//! `strcontains` and `templatestring`.

mod case;
mod clusters;
mod format;
mod regexp;
mod template;

use std::collections::HashSet;

use super::number::integer;
use super::{CallError, CallResult, Function, Host, Param, Ty, items, text};
use crate::types::Type;
use crate::value::Value;

pub(super) use clusters::clusters;
pub(crate) use clusters::safe_prefix;

const STR: Param = Param::new("str", Ty::String);
const SUBSTR: Param = Param::new("substr", Ty::String);
const PATTERN: Param = Param::new("pattern", Ty::String).or_unknown();
const SUBJECT: Param = Param::new("string", Ty::String).or_unknown();
const FORMAT: Param = Param::new("format", Ty::String);
const FORMAT_ARGS: Param = Param::new("args", Ty::Any).or_null().or_unknown();

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("chomp", &[STR], Ty::String, chomp),
    Function::new(
        "endswith",
        &[STR, Param::new("suffix", Ty::String)],
        Ty::Bool,
        endswith,
    ),
    Function::new("format", &[FORMAT], Ty::String, format::format).with_rest(FORMAT_ARGS),
    Function::new("formatlist", &[FORMAT], Ty::List(&Ty::String), format::formatlist).with_rest(FORMAT_ARGS),
    Function::new(
        "indent",
        &[Param::new("spaces", Ty::Number), STR],
        Ty::String,
        indent,
    ),
    Function::new("join", &[Param::new("separator", Ty::String)], Ty::String, join)
        .with_rest(Param::new("lists", Ty::List(&Ty::String))),
    Function::new("lower", &[STR], Ty::String, lower),
    Function::new("regex", &[PATTERN, SUBJECT], Ty::Any, regexp::regex).maybe_null(),
    Function::new(
        "regexall",
        &[PATTERN, SUBJECT],
        Ty::List(&Ty::Any),
        regexp::regexall,
    ),
    Function::new(
        "replace",
        &[STR, SUBSTR, Param::new("replace", Ty::String)],
        Ty::String,
        replace,
    ),
    Function::new(
        "split",
        &[Param::new("separator", Ty::String), STR],
        Ty::List(&Ty::String),
        split,
    ),
    Function::new(
        "startswith",
        &[STR.or_unknown(), Param::new("prefix", Ty::String)],
        Ty::Bool,
        startswith,
    ),
    Function::new("strcontains", &[STR, SUBSTR], Ty::Bool, strcontains).maybe_null(),
    Function::new("strrev", &[STR], Ty::String, strrev),
    Function::new(
        "substr",
        &[
            STR,
            Param::new("offset", Ty::Number),
            Param::new("length", Ty::Number),
        ],
        Ty::String,
        substr,
    ),
    Function::new(
        "templatestring",
        &[
            Param::new("template", Ty::Any).or_null().or_unknown(),
            Param::new("vars", Ty::Any).or_unknown(),
        ],
        Ty::String,
        template::templatestring,
    ),
    Function::new("title", &[STR], Ty::String, title),
    Function::new("trim", &[STR, Param::new("cutset", Ty::String)], Ty::String, trim),
    Function::new(
        "trimprefix",
        &[STR, Param::new("prefix", Ty::String)],
        Ty::String,
        trimprefix,
    ),
    Function::new("trimspace", &[STR], Ty::String, trimspace),
    Function::new(
        "trimsuffix",
        &[STR, Param::new("suffix", Ty::String)],
        Ty::String,
        trimsuffix,
    ),
    Function::new("upper", &[STR], Ty::String, upper),
];

/// Longer strings are not built.
const MAX_BYTES: usize = 64 << 20;

/// Lists with more strings are not built: an element takes some sixty bytes, whatever it holds.
const MAX_ITEMS: usize = MAX_BYTES / 64;

/// Refuses a result of so many bytes, if they are too many.
fn check_bytes(length: usize) -> Result<(), CallError> {
    match length <= MAX_BYTES {
        true => Ok(()),
        false => Err(CallError::new("the result would be larger than 64 MB")),
    }
}

/// Refuses a list of so many elements, if they are too many.
fn check_items(count: usize) -> Result<(), CallError> {
    check_bytes(count.saturating_mul(MAX_BYTES / MAX_ITEMS))
}

fn chomp(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(text(args, 0).trim_end_matches(['\r', '\n']).into())
}

fn endswith(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(text(args, 0).ends_with(text(args, 1)).into())
}

fn indent(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let spaces = integer(args, 0).map_err(CallError::new)?;
    let Ok(spaces) = usize::try_from(spaces) else {
        return Err(CallError::new("the number of spaces must not be negative"));
    };
    let lines = text(args, 1);
    let breaks = lines.matches('\n').count();
    if breaks == 0 {
        return Ok(lines.into());
    }
    check_bytes(spaces.saturating_mul(breaks).saturating_add(lines.len()))?;
    let indented = format!("\n{}", " ".repeat(spaces));
    Ok(lines.replace('\n', &indented).into())
}

fn join(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let lists = args.get(1..).unwrap_or_default();
    if lists.is_empty() {
        return Err(CallError::new("at least one list is required"));
    }
    let separator = text(args, 0);
    let mut joined = String::new();
    let mut first = true;
    for index in 1..args.len() {
        for (at, item) in items(args, index).iter().enumerate() {
            let Some(item) = item.as_str() else {
                return Err(CallError::arg(
                    index,
                    match lists.len() {
                        1 => format!("element {at} is null; cannot concatenate null values"),
                        _ => format!("element {at} of list {index} is null; cannot concatenate null values"),
                    },
                ));
            };
            if !std::mem::take(&mut first) {
                joined.push_str(separator);
            }
            joined.push_str(item);
            check_bytes(joined.len())?;
        }
    }
    Ok(joined.into())
}

fn lower(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(case::lower(text(args, 0)).into())
}

fn upper(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(case::upper(text(args, 0)).into())
}

fn title(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(case::title(text(args, 0)).into())
}

fn replace(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let (subject, wanted, replacement) = (text(args, 0), text(args, 1), text(args, 2));
    let pattern = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    if let Some(pattern) = pattern {
        return regexp::replace(subject, pattern, replacement).map(Value::from);
    }
    let found = subject.matches(wanted).count();
    check_bytes(
        found
            .saturating_mul(replacement.len())
            .saturating_add(subject.len()),
    )?;
    Ok(subject.replace(wanted, replacement).into())
}

fn split(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let (separator, whole) = (text(args, 0), text(args, 1));
    if separator.is_empty() {
        check_items(whole.chars().count())?;
        let mut buffer = [0; 4];
        return Ok(Value::strings(
            whole
                .chars()
                .map(|char| Value::from(&*char.encode_utf8(&mut buffer))),
        ));
    }
    check_items(whole.matches(separator).count())?;
    Ok(Value::strings(whole.split(separator)))
}

fn startswith(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let prefix = text(args, 1);
    let Some(unknown) = args.first().and_then(Value::as_unknown) else {
        return Ok(text(args, 0).starts_with(prefix).into());
    };
    if prefix.is_empty() {
        return Ok(true.into());
    }
    match unknown.prefix.as_deref() {
        Some(known) if known.starts_with(prefix) => Ok(true.into()),
        Some(known) if !known.is_empty() && known.len() >= prefix.len() => Ok(false.into()),
        _ => Ok(Value::unknown_because(Type::Bool, unknown.reasons.iter().cloned()).not_null()),
    }
}

fn strcontains(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(text(args, 0).contains(text(args, 1)).into())
}

fn strrev(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let mut parts: Vec<&str> = clusters(text(args, 0)).collect();
    parts.reverse();
    Ok(parts.concat().into())
}

fn substr(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let whole = text(args, 0);
    let offset = integer(args, 1).map_err(CallError::new)?;
    let length = integer(args, 2).map_err(CallError::new)?;
    Ok(part(whole, offset, length).into())
}

/// The clusters from an offset on, as many as given; a negative offset counts from the end, and a negative
/// length means the rest. As in cty, an offset before the beginning means the beginning, and a length of zero
/// after a negative offset means the rest too.
fn part(whole: &str, offset: i64, length: i64) -> &str {
    if offset >= 0 && length == 0 {
        return "";
    }
    let offset = match offset < 0 {
        true => offset.saturating_add(clusters(whole).count().try_into().unwrap_or(i64::MAX)),
        false => offset,
    };
    let end_of = |text: &str, count: i64| {
        let count = usize::try_from(count).unwrap_or_default();
        clusters(text).take(count).map(str::len).sum::<usize>()
    };
    let rest = whole.get(end_of(whole, offset)..).unwrap_or_default();
    match length > 0 {
        true => rest.get(..end_of(rest, length)).unwrap_or_default(),
        false => rest,
    }
}

fn trim(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let cutset: HashSet<char> = text(args, 1).chars().collect();
    Ok(text(args, 0).trim_matches(|char| cutset.contains(&char)).into())
}

fn trimprefix(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let whole = text(args, 0);
    Ok(whole.strip_prefix(text(args, 1)).unwrap_or(whole).into())
}

fn trimspace(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(text(args, 0).trim().into())
}

fn trimsuffix(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let whole = text(args, 0);
    Ok(whole.strip_suffix(text(args, 1)).unwrap_or(whole).into())
}

#[cfg(test)]
mod tests {
    use super::super::{Files, NoFiles, find};
    use super::*;
    use crate::value::{Entries, Marks, Reason};

    /// Renders every template as itself.
    struct Verbatim;

    impl Host for Verbatim {
        fn files(&self) -> &dyn Files {
            &NoFiles
        }

        fn render(&mut self, _: &str, template: &str, _: &Entries) -> CallResult {
            Ok(template.into())
        }
    }

    pub(super) fn call(name: &str, args: Vec<Value>) -> CallResult {
        find(name).unwrap().call(&mut Verbatim, args)
    }

    fn unknown(ty: Type) -> Value {
        Value::unknown(ty, Reason::Variable("var.x".into()))
    }

    #[test]
    fn unknown_arguments_leave_as_much_known_as_in_terraform() {
        let text = || unknown(Type::String);
        let prefixed = || text().with_prefix("arn:aws");
        for (name, args, wanted) in [
            ("upper", vec![text()], Ok(Type::String)),
            (
                "regex",
                vec!["(?P<a>.)".into(), text()],
                Ok(Type::object([crate::types::ObjectAttr {
                    name: "a".into(),
                    ty: Type::String,
                    optional: false,
                }])),
            ),
            ("regex", vec![text(), "a".into()], Ok(Type::Any)),
            ("regexall", vec![text(), "a".into()], Ok(Type::list(Type::Any))),
            (
                "regexall",
                vec!["(.)".into(), text()],
                Ok(Type::list(Type::tuple([Type::String]))),
            ),
            (
                "regex",
                vec!["(".into(), text()],
                Err("invalid regexp pattern: missing closing ) in ("),
            ),
            (
                "format",
                vec!["a-%s".into(), Value::tuple(vec![text()])],
                Ok(Type::String),
            ),
            ("format", vec!["%v".into(), Value::NULL], Ok(Type::Any)),
            (
                "formatlist",
                vec!["%s".into(), unknown(Type::list(Type::String))],
                Ok(Type::list(Type::String)),
            ),
            (
                "join",
                vec![",".into(), Value::list(Type::String, vec![text()])],
                Ok(Type::String),
            ),
            ("startswith", vec![text(), "a".into()], Ok(Type::Bool)),
            (
                "templatestring",
                vec![text(), Value::object([])],
                Ok(Type::String),
            ),
            (
                "templatestring",
                vec!["x".into(), unknown(Type::Any)],
                Ok(Type::String),
            ),
            (
                "templatestring",
                vec![1.into(), Value::object([])],
                Err("invalid template value: a string is required"),
            ),
            (
                "templatestring",
                vec!["x".into(), "y".into()],
                Err("invalid vars value: must be a map"),
            ),
            ("parseint", vec![text(), 10.into()], Ok(Type::Number)),
            (
                "parseint",
                vec![1.into(), unknown(Type::Number)],
                Err("first argument must be a string, not number"),
            ),
        ] {
            let found = call(name, args).map_err(|error| error.message);
            assert!(
                found.as_ref().map_or(true, |value| !value.is_known()),
                "{name}: {found:?}"
            );
            assert_eq!(
                found.map(|value| value.ty()),
                wanted.map_err(str::to_owned),
                "{name}"
            );
        }
        for (args, wanted) in [
            (vec![text(), "".into()], true),
            (vec![prefixed(), "arn:".into()], true),
            (vec![prefixed(), "http".into()], false),
        ] {
            assert_eq!(call("startswith", args).unwrap(), wanted.into());
        }
        let lists = vec!["%s".into(), Value::tuple(vec!["a".into(), text()])];
        let formatted = call("formatlist", lists).unwrap();
        assert_eq!(formatted.as_items().unwrap().first(), Some(&Value::from("a")));
    }

    #[test]
    fn marks_stay_on() {
        let secret = Value::from("a").with_marks(Marks::SENSITIVE);
        for (name, args) in [
            ("upper", vec![secret.clone()]),
            ("format", vec!["%s".into(), secret.clone()]),
            ("regex", vec!["a".into(), secret]),
        ] {
            assert!(call(name, args).unwrap().has_sensitive(), "{name}");
        }
    }

    #[test]
    fn parts_are_measured_in_clusters() {
        for (whole, offset, length, wanted) in [
            ("hello", 1, 3, "ell"),
            ("hello", -3, 2, "ll"),
            ("hello", -10, 3, "hel"),
            ("hello", -10, -1, "hello"),
            ("hello", 1, -5, "ello"),
            ("hello", 0, 0, ""),
            ("hello", -2, 0, "lo"),
            ("hello", 5, 2, ""),
            ("hello", 10, 2, ""),
            ("hello", 0, i64::MAX, "hello"),
            ("hello", i64::MIN, i64::MIN, "hello"),
            ("", -1, 1, ""),
            ("🤷🏾‍♀️abc", 1, 2, "ab"),
            ("🤷🏾‍♀️abc", 0, 1, "🤷🏾‍♀️"),
        ] {
            assert_eq!(part(whole, offset, length), wanted, "{whole} {offset} {length}");
        }
    }

    #[test]
    fn results_are_bounded() {
        assert!(check_bytes(MAX_BYTES).is_ok());
        assert!(check_bytes(MAX_BYTES + 1).is_err());
        assert!(check_items(MAX_ITEMS + 1).is_err());
        assert!(check_items(usize::MAX).is_err());
    }
}
