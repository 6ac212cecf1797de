//! `regex`, `regexall` and the pattern form of `replace`. Sources: `cty/function/stdlib/regexp.go` of cty
//! v1.16.0, `internal/lang/funcs/string.go` of Terraform 1.11, and Go's package `regexp` for what follows what.
//!
//! Go's expressions are RE2's. [`parser`] reads them, with RE2's errors, and writes them down for the crate
//! `regex`, which prefers the same match: the leftmost, and of those the one that Perl would find.

mod class;
mod limits;
mod parser;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use regex::Regex;
use regex::bytes::RegexBuilder;

use self::parser::{SyntaxError, Translation};
use super::super::{CallError, CallResult, Host, text};
use super::{check_bytes, check_items};
use crate::types::{ObjectAttr, Type};
use crate::value::Value;

/// The most memory that a compiled pattern may take.
const MAX_COMPILED: usize = 32 << 20;
/// How many compiled patterns a thread keeps.
const KEPT: usize = 8;

/// A compiled pattern.
struct Pattern {
    /// On bytes, because on text the crate has no `\B` between ASCII words.
    regex: regex::bytes::Regex,
    /// The names of the groups, in order; those without are empty.
    names: Vec<String>,
}

/// Where a match and its groups are; the whole match comes first.
type Places = Vec<Option<Range<usize>>>;

impl Pattern {
    fn compile(pattern: &str) -> Result<Pattern, SyntaxError> {
        let Translation { translated, names } = parser::translate(pattern)?;
        let regex = RegexBuilder::new(&translated)
            .size_limit(MAX_COMPILED)
            .nest_limit(limits::MAX_NESTING)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => SyntaxError::large(pattern),
                _ => SyntaxError::internal(pattern),
            })?;
        Ok(Pattern { regex, names })
    }

    /// The leftmost match that starts at an offset or after it.
    fn find(&self, subject: &str, mut from: usize) -> Option<Places> {
        loop {
            let found = self.regex.captures_at(subject.as_bytes(), from)?;
            let places: Places = (0..=self.names.len())
                .map(|at| found.get(at).map(|m| m.range()))
                .collect();
            let whole = places.first()?.clone()?;
            if subject.is_char_boundary(whole.start) {
                return Some(places);
            }
            // An empty match inside a character, which Go would not see: nothing else starts there.
            from = next_boundary(subject, whole.start);
        }
    }
}

fn next_boundary(text: &str, at: usize) -> usize {
    (at + 1..=text.len())
        .find(|&next| text.is_char_boundary(next))
        .unwrap_or(text.len())
}

/// The length of the character at an offset; zero at the end.
fn width(text: &str, at: usize) -> usize {
    text.get(at..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8)
}

/// The compiled pattern, from those kept if it is among them: expressions repeat the same few.
fn compiled(pattern: &str) -> Result<Rc<Pattern>, SyntaxError> {
    thread_local! {
        static PATTERNS: RefCell<VecDeque<(String, Rc<Pattern>)>> = const { RefCell::new(VecDeque::new()) };
    }
    PATTERNS.with_borrow_mut(|kept| {
        if let Some(at) = kept.iter().position(|(source, _)| source == pattern)
            && let Some(entry) = kept.remove(at)
        {
            let found = entry.1.clone();
            kept.push_front(entry);
            return Ok(found);
        }
        let fresh = Rc::new(Pattern::compile(pattern)?);
        kept.truncate(KEPT - 1);
        kept.push_front((pattern.to_owned(), fresh.clone()));
        Ok(fresh)
    })
}

/// The compiled pattern of `regex` and `regexall`, and the type of a match.
fn pattern_and_type(pattern: &str) -> Result<(Rc<Pattern>, Type), CallError> {
    let invalid = |why: &str| CallError::arg(0, format!("invalid regexp pattern: {why}"));
    let pattern =
        compiled(pattern).map_err(|error| invalid(&format!("{} in {}", error.code, error.expression)))?;
    let named = pattern.names.iter().filter(|name| !name.is_empty()).count();
    let ty = match (pattern.names.len(), named) {
        (0, _) => Type::String,
        (all, 0) => Type::tuple(vec![Type::String; all]),
        (all, named) if named == all => Type::object(pattern.names.iter().map(|name| ObjectAttr {
            name: Arc::from(name.as_str()),
            ty: Type::String,
            optional: false,
        })),
        _ => return Err(invalid("cannot mix both named and unnamed capture groups")),
    };
    Ok((pattern, ty))
}

/// What a match is as a value of the type that belongs to the pattern.
fn match_value(pattern: &Pattern, subject: &str, places: &Places) -> Value {
    let at = |place: &Option<Range<usize>>| {
        let found = place.clone().and_then(|place| subject.get(place));
        found.map_or(Value::null(Type::String), Value::from)
    };
    let whole = || places.first().map_or(Value::null(Type::String), at);
    let groups = places.iter().skip(1).map(at);
    match pattern.names.first() {
        None => whole(),
        Some(name) if name.is_empty() => Value::tuple(groups.collect()),
        Some(_) => Value::object(
            pattern
                .names
                .iter()
                .map(|name| Arc::from(name.as_str()))
                .zip(groups),
        ),
    }
}

fn unknown(ty: Type, args: &[Value]) -> Value {
    Value::unknown_because(ty, args.iter().flat_map(Value::reasons))
}

pub(super) fn regex(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let Some(pattern) = args.first().and_then(Value::as_str) else {
        return Ok(unknown(Type::Any, args));
    };
    let (pattern, ty) = pattern_and_type(pattern)?;
    let Some(subject) = args.get(1).and_then(Value::as_str) else {
        return Ok(unknown(ty, args).not_null());
    };
    match pattern.find(subject, 0) {
        Some(places) => Ok(match_value(&pattern, subject, &places)),
        None => Err(CallError::new(
            "pattern did not match any part of the given string",
        )),
    }
}

pub(super) fn regexall(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let Some(pattern) = args.first().and_then(Value::as_str) else {
        return Ok(unknown(Type::list(Type::Any), args).not_null());
    };
    let (pattern, ty) = pattern_and_type(pattern)?;
    if args.get(1).and_then(Value::as_str).is_none() {
        return Ok(unknown(Type::list(ty), args).not_null());
    }
    let subject = text(args, 1);
    let mut matches = Vec::new();
    let mut values = 0_usize;
    let mut from = 0;
    let mut previous_end = None;
    while from <= subject.len() {
        let Some(places) = pattern.find(subject, from) else {
            break;
        };
        let Some(Some(whole)) = places.first().cloned() else {
            break;
        };
        // An empty match right after another match does not count.
        let counts = whole.end != from || Some(whole.start) != previous_end;
        from = match whole.end == from {
            true => from + width(subject, from).max(1),
            false => whole.end,
        };
        previous_end = Some(whole.end);
        if counts {
            values = values.saturating_add(places.len());
            check_items(values)?;
            matches.push(match_value(&pattern, subject, &places));
        }
    }
    Ok(Value::list(ty, matches))
}

/// Replaces every match; the replacement may name groups as `$1` and `${name}`.
pub(super) fn replace(subject: &str, pattern: &str, replacement: &str) -> Result<String, CallError> {
    let pattern = compiled(pattern).map_err(|error| {
        CallError::new(format!(
            "error parsing regexp: {}: `{}`",
            error.code, error.expression
        ))
    })?;
    let pieces = pieces(replacement, &pattern.names);
    let mut out = String::new();
    let (mut from, mut copied) = (0, 0);
    // A piece that adds nothing costs time all the same.
    let mut work = 0_usize;
    while from <= subject.len() {
        let Some(places) = pattern.find(subject, from) else {
            break;
        };
        let Some(Some(whole)) = places.first().cloned() else {
            break;
        };
        out.push_str(subject.get(copied..whole.start).unwrap_or_default());
        // An empty match right after another match is not replaced.
        if whole.end > copied || whole.start == 0 {
            for piece in &pieces {
                out.push_str(piece.shown(subject, &places));
                work = work.saturating_add(1);
                check_bytes(out.len().max(work))?;
            }
        }
        check_bytes(out.len())?;
        copied = whole.end;
        from = whole.end.max(from + width(subject, from).max(1));
    }
    out.push_str(subject.get(copied..).unwrap_or_default());
    check_bytes(out.len())?;
    Ok(out)
}

/// A part of a replacement.
enum Piece<'a> {
    /// Stands for itself.
    Literal(&'a str),
    /// What the first of these groups matched that matched something; zero is the whole match.
    Group(Vec<usize>),
}

impl Piece<'_> {
    fn shown<'a>(&'a self, subject: &'a str, places: &Places) -> &'a str {
        match self {
            Piece::Literal(text) => text,
            Piece::Group(numbers) => {
                let place = numbers
                    .iter()
                    .find_map(|&number| places.get(number).cloned().flatten());
                place.and_then(|place| subject.get(place)).unwrap_or_default()
            }
        }
    }
}

/// Takes a replacement apart as Go's `Regexp.Expand` does. A dollar sign that names nothing stands for itself.
fn pieces<'a>(replacement: &'a str, names: &[String]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut rest = replacement;
    while let Some((literal, after)) = rest.split_once('$') {
        pieces.push(Piece::Literal(literal));
        rest = after;
        if let Some((name, after)) = reference(rest) {
            rest = after;
            pieces.push(Piece::Group(match group_number(name) {
                Some(number) => vec![number],
                None => (1..)
                    .zip(names)
                    .filter(|(_, own)| *own == name)
                    .map(|(number, _)| number)
                    .collect(),
            }));
        } else {
            pieces.push(Piece::Literal("$"));
            rest = rest.strip_prefix('$').unwrap_or(rest);
        }
    }
    pieces.push(Piece::Literal(rest));
    pieces
}

/// The name of a group at the start of a text, with or without braces, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A[\p{L}\p{Nd}_]+").ok());
    let (braced, bare) = text.strip_prefix('{').map_or((false, text), |bare| (true, bare));
    let (name, rest) = bare.split_at_checked(NAME.as_ref()?.find(bare)?.end())?;
    match braced {
        true => Some((name, rest.strip_prefix('}')?)),
        false => Some((name, rest)),
    }
}

/// The number that a name of a group is, if it is one: without leading zeros, and not very long.
fn group_number(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    name.parse().ok().filter(|_| plain && name.len() <= 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: &str, subject: &str) -> Vec<Value> {
        let found = super::super::tests::call("regexall", vec![pattern.into(), subject.into()]).unwrap();
        found.as_items().unwrap().to_vec()
    }

    #[test]
    fn matches_are_found_as_in_go() {
        for (pattern, subject, wanted) in [
            ("a", "banana", vec!["a", "a", "a"]),
            ("", "ab", vec!["", "", ""]),
            ("x*", "axb", vec!["", "x", ""]),
            ("é|", "aé", vec!["", "é"]),
            (r"\B", "aéb", vec![]),
            (r"\B", "éé ab", vec!["", "", "", ""]),
            ("a|ab", "ab", vec!["a"]),
            (r"\w+", "añb", vec!["a", "b"]),
            (r"(?i)straße|k", "STRASSE \u{212a}K", vec!["K", "K"]),
            (r"(?U)a+", "aa", vec!["a", "a"]),
            (r"(?s).", "\n", vec!["\n"]),
            (r".", "\n", vec![]),
            (r"(?m)^a$", "b\na\n", vec!["a"]),
            (r"a$", "a\n", vec![]),
            (r"\Qa.b\E+", "a.bb", vec!["a.bb"]),
            (r"[[:alpha:]-]+", "a-b1", vec!["a-b"]),
            (r"\pL\PL", "é1", vec!["é1"]),
            (r"\x41\x{42}\103", "ABC", vec!["ABC"]),
            ("a{,2}", "a{,2}", vec!["a{,2}"]),
        ] {
            let wanted: Vec<Value> = wanted.into_iter().map(Value::from).collect();
            assert_eq!(all(pattern, subject), wanted, "{pattern} in {subject}");
        }
    }

    #[test]
    fn replacements_expand_as_in_go() {
        for (subject, pattern, replacement, wanted) in [
            ("abc", "b", "[$0]", "a[b]c"),
            (
                "abc",
                "(b)(?P<n>c)",
                "$1x ${1}x $n ${n}x $$ $ $2",
                "a bx c cx $ $ c",
            ),
            ("abc", "", "-", "-a-b-c-"),
            ("aéb", "x*", "-", "-a-é-b-"),
            ("abc", "b", "$", "a$c"),
            ("abc", "(b)", "$1é ${1 $1_ ${} $01 $x", "a ${1  ${}  c"),
            ("baaac", "a*", "x", "xbxcx"),
            ("abc", "(b)", "${1}$99999999999", "abc"),
        ] {
            assert_eq!(
                replace(subject, pattern, replacement).unwrap(),
                wanted,
                "{subject} {pattern} {replacement}"
            );
        }
        let error = replace("a", "(", "").unwrap_err();
        assert_eq!(error.message, "error parsing regexp: missing closing ): `(`");
    }

    #[test]
    fn the_type_of_a_match_follows_the_groups() {
        for (pattern, wanted) in [
            ("a", Ok("string")),
            ("(a)(b)", Ok("tuple([string, string])")),
            ("(?P<x>a)(?<y>b)", Ok("object({x = string, y = string})")),
            (
                "(?P<x>a)(b)",
                Err("invalid regexp pattern: cannot mix both named and unnamed capture groups"),
            ),
            ("(", Err("invalid regexp pattern: missing closing ) in (")),
        ] {
            let found = pattern_and_type(pattern)
                .map(|(_, ty)| ty.to_string())
                .map_err(|error| error.message);
            assert_eq!(
                found,
                wanted.map(str::to_owned).map_err(str::to_owned),
                "{pattern}"
            );
        }
    }
}
