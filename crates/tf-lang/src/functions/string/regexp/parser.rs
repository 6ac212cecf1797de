//! Reads RE2's syntax as Go does and writes it down for the crate `regex`.
//!
//! What looks alike in both does not always mean the same, so nothing is passed through: flags are applied to
//! what they govern, characters are written by number, and names of groups are dropped. The errors are Go's.
//! Source: <https://go.dev/src/regexp/syntax/parse.go> of Go 1.23.

use std::fmt::Write as _;

use super::class;
use super::limits::{Group, Last, MAX_REPEAT, Part, counts};

/// Longer patterns are refused.
const MAX_LENGTH: usize = 1 << 20;

/// Why a pattern is refused: Go's words, and the part of the pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SyntaxError {
    /// What is wrong.
    pub(super) code: &'static str,
    /// Where.
    pub(super) expression: String,
}

impl SyntaxError {
    pub(super) fn new(code: &'static str, expression: impl Into<String>) -> SyntaxError {
        SyntaxError {
            code,
            expression: expression.into(),
        }
    }

    pub(super) fn large(pattern: &str) -> SyntaxError {
        SyntaxError::new("expression too large", pattern)
    }

    pub(super) fn internal(pattern: &str) -> SyntaxError {
        SyntaxError::new("regexp/syntax: internal error", pattern)
    }
}

/// A pattern for the crate `regex`.
#[derive(Debug)]
pub(super) struct Translation {
    /// The pattern.
    pub(super) translated: String,
    /// The names of its groups, in order; those without are empty.
    pub(super) names: Vec<String>,
}

/// Flags that can be set inside a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Flags {
    /// `i`: letters match without regard to case.
    pub(super) fold: bool,
    /// `m`: `^` and `$` match at lines, too.
    pub(super) lines: bool,
    /// `s`: `.` matches a line break, too.
    pub(super) dot_all: bool,
    /// `U`: repetitions take as little as they can, unless followed by `?`.
    pub(super) lazy: bool,
}

/// Reads a pattern and writes it for the crate `regex`.
///
/// # Errors
/// Go's, if the pattern is wrong.
pub(super) fn translate(pattern: &str) -> Result<Translation, SyntaxError> {
    if pattern.len() > MAX_LENGTH {
        return Err(SyntaxError::large(pattern));
    }
    let mut parser = Parser {
        pattern,
        rest: pattern,
        out: String::with_capacity(pattern.len() * 2),
        flags: Flags::default(),
        names: Vec::new(),
        outer: Vec::new(),
        group: Group::default(),
        previous_repeat: None,
    };
    while !parser.rest.is_empty() {
        let repeat = parser.step()?;
        parser.previous_repeat = repeat;
    }
    if !parser.outer.is_empty() {
        return Err(SyntaxError::new("missing closing )", pattern));
    }
    std::mem::take(&mut parser.group).finish().check(pattern)?;
    Ok(Translation {
        translated: parser.out,
        names: parser.names,
    })
}

struct Parser<'a> {
    pattern: &'a str,
    rest: &'a str,
    out: String,
    flags: Flags,
    names: Vec<String>,
    outer: Vec<Group>,
    group: Group,
    /// What follows from the repetition on that was just read, if one was.
    previous_repeat: Option<&'a str>,
}

impl<'a> Parser<'a> {
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Reads one thing; gives what followed from there on if it was a repetition.
    fn step(&mut self) -> Result<Option<&'a str>, SyntaxError> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        match first {
            '(' => self.open()?,
            '|' => {
                self.group.finish_branch();
                self.out.push('|');
                self.skip(1);
            }
            ')' => self.close()?,
            '^' => self.assertion(1, if self.flags.lines { "(?m:^)" } else { r"\A" }),
            '$' => self.assertion(1, if self.flags.lines { "(?m:$)" } else { r"\z" }),
            '.' => self.assertion(1, if self.flags.dot_all { "(?s:.)" } else { r"[^\n]" }),
            '[' => self.class()?,
            '*' | '+' | '?' => return self.repeat_simple(first).map(Some),
            '{' => return self.repeat_counted(),
            '\\' => self.escape()?,
            other => {
                self.skip(other.len_utf8());
                self.literal(u32::from(other));
            }
        }
        Ok(None)
    }

    /// Starts an element.
    fn element(&mut self, literal: bool) {
        self.group.settle();
        self.group.last = Some(Last {
            start: self.out.len(),
            repeated: false,
            literal,
            part: Part::LEAF,
        });
    }

    fn assertion(&mut self, bytes: usize, translated: &str) {
        self.element(false);
        self.out.push_str(translated);
        self.skip(bytes);
    }

    fn literal(&mut self, code: u32) {
        self.element(true);
        match char::from_u32(code) {
            None => self.out.push_str(class::NOTHING),
            Some(char) => {
                let fold = self.flags.fold && !matches!(char, '\0'..='@' | '['..='`' | '{'..='\u{7f}');
                self.out.push_str(if fold { "(?i:" } else { "" });
                push_char(char, &mut self.out);
                self.out.push_str(if fold { ")" } else { "" });
            }
        }
    }

    fn class(&mut self) -> Result<(), SyntaxError> {
        let (class, rest) = class::parse(self.rest, self.flags)?;
        self.element(false);
        self.out.push_str(&class);
        self.rest = rest;
        Ok(())
    }

    fn open(&mut self) -> Result<(), SyntaxError> {
        if self.rest.starts_with("(?") {
            return self.open_special();
        }
        self.skip(1);
        self.open_group(Some(String::new()), self.flags);
        Ok(())
    }

    /// Opens a group, which captures if it has a name, be it an empty one.
    fn open_group(&mut self, name: Option<String>, flags: Flags) {
        self.group.settle();
        let group = Group::new(self.out.len(), name.is_some(), self.flags);
        self.out.push_str(if name.is_some() { "(" } else { "(?:" });
        self.outer.push(std::mem::replace(&mut self.group, group));
        self.names.extend(name);
        self.flags = flags;
    }

    /// `(?P<name>`, `(?<name>`, `(?flags:` or `(?flags)`.
    fn open_special(&mut self) -> Result<(), SyntaxError> {
        let whole = self.rest;
        let named = match whole.strip_prefix("(?P<").filter(|rest| !rest.is_empty()) {
            Some(rest) => Some(rest),
            None => whole.strip_prefix("(?<").filter(|rest| !rest.is_empty()),
        };
        if let Some(rest) = named {
            const INVALID: &str = "invalid named capture";
            let (name, after) = rest
                .split_once('>')
                .ok_or_else(|| SyntaxError::new(INVALID, whole))?;
            let valid = |char: char| char.is_ascii_alphanumeric() || char == '_';
            if name.is_empty() || !name.chars().all(valid) {
                let capture = whole.get(..whole.len() - after.len()).unwrap_or_default();
                return Err(SyntaxError::new(INVALID, capture));
            }
            self.open_group(Some(name.to_owned()), self.flags);
            self.rest = after;
            return Ok(());
        }
        self.set_flags(whole)
    }

    fn set_flags(&mut self, whole: &'a str) -> Result<(), SyntaxError> {
        let mut flags = self.flags;
        let (mut on, mut seen) = (true, false);
        for (at, char) in whole.char_indices().skip(2) {
            let after = || whole.get(at + char.len_utf8()..).unwrap_or_default();
            match char {
                'i' => flags.fold = on,
                'm' => flags.lines = on,
                's' => flags.dot_all = on,
                'U' => flags.lazy = on,
                '-' if on => {
                    (on, seen) = (false, false);
                    continue;
                }
                ':' | ')' if on || seen => {
                    if char == ':' {
                        self.open_group(None, flags);
                    }
                    self.flags = flags;
                    self.rest = after();
                    return Ok(());
                }
                _ => {
                    let read = whole.get(..whole.len() - after().len()).unwrap_or(whole);
                    return Err(SyntaxError::new("invalid or unsupported Perl syntax", read));
                }
            }
            seen = true;
        }
        Err(SyntaxError::new("invalid or unsupported Perl syntax", whole))
    }

    fn close(&mut self) -> Result<(), SyntaxError> {
        let Some(outer) = self.outer.pop() else {
            return Err(SyntaxError::new("unexpected )", self.pattern));
        };
        let group = std::mem::replace(&mut self.group, outer);
        self.flags = group.flags_outside;
        let start = group.start;
        let part = group.finish();
        part.check(self.pattern)?;
        self.group.last = Some(Last {
            start,
            repeated: false,
            literal: false,
            part,
        });
        self.out.push(')');
        self.skip(1);
        Ok(())
    }

    fn repeat_simple(&mut self, operator: char) -> Result<&'a str, SyntaxError> {
        let before = self.rest;
        self.skip(1);
        self.repeat(before, operator.encode_utf8(&mut [0; 4]))?;
        if let Some(Last { part, .. }) = self.group.last.as_mut() {
            part.repeat_by(operator);
            part.check(self.pattern)?;
        }
        Ok(before)
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else is no repetition.
    fn repeat_counted(&mut self) -> Result<Option<&'a str>, SyntaxError> {
        let before = self.rest;
        let Some((min, max, after)) = counts(before) else {
            self.skip(1);
            self.literal(u32::from('{'));
            return Ok(None);
        };
        let read = |after: &str| before.get(..before.len() - after.len()).unwrap_or(before);
        let invalid = |after: &str| SyntaxError::new("invalid repeat count", read(after));
        let in_range = |count: i64| (0..=MAX_REPEAT).contains(&count);
        if !in_range(min) || max.is_some_and(|max| !in_range(max) || max < min) {
            return Err(invalid(after));
        }
        self.rest = after;
        let operator = match max {
            Some(max) => format!("{{{min},{max}}}"),
            None => format!("{{{min},}}"),
        };
        self.repeat(before, &operator)?;
        let Some(Last { part, .. }) = self.group.last.as_mut() else {
            return Ok(Some(before));
        };
        part.repeat(min, max);
        part.check(self.pattern)?;
        if (min >= 2 || max.is_some_and(|max| max >= 2)) && !part.product_fits() {
            return Err(invalid(self.rest));
        }
        Ok(Some(before))
    }

    /// Repeats the last element. The operator has been read, but not the `?` that may follow it.
    fn repeat(&mut self, before: &'a str, operator: &str) -> Result<(), SyntaxError> {
        let mut lazy = self.flags.lazy;
        if self.rest.starts_with('?') {
            self.skip(1);
            lazy = !lazy;
        }
        let read = |from: &'a str| from.get(..from.len() - self.rest.len()).unwrap_or(from);
        if let Some(previous) = self.previous_repeat {
            return Err(SyntaxError::new(
                "invalid nested repetition operator",
                read(previous),
            ));
        }
        let Some(last) = self.group.last.as_mut() else {
            return Err(SyntaxError::new(
                "missing argument to repetition operator",
                read(before),
            ));
        };
        if last.repeated {
            self.out.insert_str(last.start, "(?:");
            self.out.push(')');
        }
        self.out.push_str(operator);
        self.out.push_str(if lazy { "?" } else { "" });
        last.repeated = true;
        last.literal = false;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), SyntaxError> {
        match self.rest.as_bytes().get(1) {
            Some(b'A') => self.assertion(2, r"\A"),
            Some(b'b') => self.assertion(2, r"(?-u:\b)"),
            Some(b'B') => self.assertion(2, r"(?-u:\B)"),
            Some(b'z') => self.assertion(2, r"\z"),
            // Any byte, which Go does not support.
            Some(b'C') => return Err(SyntaxError::new(class::INVALID_ESCAPE, r"\C")),
            Some(b'Q') => {
                self.skip(2);
                let (literal, rest) = self.rest.split_once(r"\E").unwrap_or((self.rest, ""));
                self.rest = rest;
                literal.chars().for_each(|char| self.literal(u32::from(char)));
            }
            _ => match class::parse_group(self.rest)? {
                Some((group, rest)) => {
                    self.element(false);
                    self.out.push_str(if self.flags.fold { "(?i:[" } else { "[" });
                    self.out.push_str(&group);
                    self.out.push_str(if self.flags.fold { "])" } else { "]" });
                    self.rest = rest;
                }
                None => {
                    let (code, rest) = class::parse_escape(self.rest)?;
                    self.rest = rest;
                    self.literal(code);
                }
            },
        }
        Ok(())
    }
}

/// A character that stands for itself, in a class or outside.
pub(super) fn push_char(char: char, out: &mut String) {
    match char.is_ascii_alphanumeric() {
        true => out.push(char),
        false => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{{{:X}}}", u32::from(char));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_gos() {
        let deep = format!("{}{}", "(".repeat(300), ")".repeat(300));
        for (pattern, wanted) in [
            ("(", "missing closing ) in ("),
            ("a)", "unexpected ) in a)"),
            ("[", "missing closing ] in ["),
            ("x[a", "missing closing ] in [a"),
            ("[]", "missing closing ] in []"),
            ("*", "missing argument to repetition operator in *"),
            ("(?i)+?", "missing argument to repetition operator in +?"),
            ("a|*b", "missing argument to repetition operator in *"),
            ("({2}", "missing argument to repetition operator in {2}"),
            ("a**", "invalid nested repetition operator in **"),
            ("a*?{2}b", "invalid nested repetition operator in *?{2}"),
            ("a{1001}", "invalid repeat count in {1001}"),
            ("a{2,1}", "invalid repeat count in {2,1}"),
            ("a{99999999999}", "invalid repeat count in {99999999999}"),
            ("((a{100}){100}){100}", "invalid repeat count in {100}"),
            ("(a{32}){32}?", "invalid repeat count in {32}?"),
            ("\\", "trailing backslash at end of expression in "),
            ("\\q", "invalid escape sequence in \\q"),
            ("\\8", "invalid escape sequence in \\8"),
            ("\\1", "invalid escape sequence in \\1"),
            ("\\C", "invalid escape sequence in \\C"),
            ("\\é", "invalid escape sequence in \\é"),
            ("\\x4", "invalid escape sequence in \\x4"),
            ("\\xg0", "invalid escape sequence in \\xg0"),
            ("\\x{110000}", "invalid escape sequence in \\x{110000"),
            ("\\x{}", "invalid escape sequence in \\x{}"),
            ("[\\q]", "invalid escape sequence in \\q"),
            ("[b-a]", "invalid character class range in b-a"),
            ("[a-\\d]", "invalid escape sequence in \\d"),
            ("[[:foo:]]", "invalid character class range in [:foo:]"),
            ("\\pX", "invalid character class range in \\pX"),
            ("\\p", "invalid character class range in \\p"),
            ("\\p{Foo}", "invalid character class range in \\p{Foo}"),
            ("\\p{Greek", "invalid character class range in \\p{Greek"),
            ("(?=a)", "invalid or unsupported Perl syntax in (?="),
            ("(?!a)", "invalid or unsupported Perl syntax in (?!"),
            ("(?<=a)", "invalid named capture in (?<=a)"),
            ("(?<=a>)", "invalid named capture in (?<=a>"),
            ("(?P=n)", "invalid or unsupported Perl syntax in (?P"),
            ("(?P<n", "invalid named capture in (?P<n"),
            ("(?P<>a)", "invalid named capture in (?P<>"),
            ("(?P<n-1>a)", "invalid named capture in (?P<n-1>"),
            ("(?i", "invalid or unsupported Perl syntax in (?i"),
            ("(?i-)", "invalid or unsupported Perl syntax in (?i-)"),
            ("(?i--m)", "invalid or unsupported Perl syntax in (?i--"),
            ("(?", "invalid or unsupported Perl syntax in (?"),
            (&deep, &format!("expression nests too deeply in {deep}")),
        ] {
            let error = translate(pattern).unwrap_err();
            assert_eq!(format!("{} in {}", error.code, error.expression), wanted);
        }
    }

    #[test]
    fn patterns_are_written_for_the_other_crate() {
        for (pattern, wanted) in [
            ("ab-1", r"ab\x{2D}1"),
            ("^a$|.", r"\Aa\z|[^\n]"),
            ("(?m)^(?s:.)$.", r"(?m:^)(?:(?s:.))(?m:$)[^\n]"),
            ("(?P<n>a)(b)(?:c)", "(a)(b)(?:c)"),
            ("a*b+?(?U)c*d?", "a*b+?c*?d??"),
            ("(?i)aé1(?-i)b", r"(?i:a)(?i:\x{E9})1b"),
            ("a(?i)*", "a*"),
            ("a*(?i)*", "(?:a*)*"),
            ("a{2}b{2,}c{2,3}?", "a{2,2}b{2,}c{2,3}?"),
            ("a{,2}", r"a\x{7B}\x{2C}2\x{7D}"),
            ("a{02}", r"a\x{7B}02\x{7D}"),
            (r"\bx\B", r"(?-u:\b)x(?-u:\B)"),
            (r"\Qa*\E*", r"a\x{2A}*"),
            (r"\d[^\D]", r"[0-9][^[^0-9]]"),
        ] {
            assert_eq!(translate(pattern).unwrap().translated, wanted, "{pattern}");
        }
    }
}
