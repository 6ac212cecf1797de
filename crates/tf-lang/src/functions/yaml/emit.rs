//! YAML as go-cty-yaml v1.1.0 writes it by means of libyaml's emitter: blocks, strings in double quotes or as
//! literal blocks where they have several lines, keys in order.

use std::fmt::Write as _;

use crate::value::{Kind, Value};

use super::scan::MAX_DEPTH;
use super::token::is_break;

/// Quoted strings are broken at spaces after this column.
const WIDTH: usize = 80;
/// How long a text becomes: values share their parts, so that little of them may mean very much text.
const MAX_LENGTH: usize = 64 << 20;

/// The text of a value that is wholly known.
pub(super) fn encode(value: &Value) -> Result<String, String> {
    if value.weight() > MAX_LENGTH as u64 / 2 {
        return Err(TOO_LONG.to_owned());
    }
    let mut emitter = Emitter {
        out: String::new(),
        column: 0,
        indent: -1,
        depth: 0,
        whitespace: true,
        indention: true,
    };
    emitter.node(value, false)?;
    // A plain scalar alone has no end of its own.
    let open_ended = matches!(value.kind(), Kind::Null(_) | Kind::Bool(_) | Kind::Number(_));
    emitter.write_indent();
    if open_ended {
        emitter.indicator("...", true, false, false);
        emitter.write_indent();
    }
    Ok(emitter.out)
}

const TOO_LONG: &str = "the result would be longer than 64 MB";

struct Emitter {
    out: String,
    column: usize,
    /// Column of the collection that is open; -1 outside of all.
    indent: isize,
    depth: usize,
    /// Whether the last character was white space.
    whitespace: bool,
    /// Whether the line has nothing but indentation and indicators so far.
    indention: bool,
}

impl Emitter {
    fn put(&mut self, letter: char) {
        self.out.push(letter);
        self.column += 1;
    }

    fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn write_indent(&mut self) {
        let indent = usize::try_from(self.indent).unwrap_or_default();
        if !self.indention || self.column > indent || self.column == indent && !self.whitespace {
            self.put_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn indicator(&mut self, text: &str, apart: bool, whitespace: bool, indention: bool) {
        if apart && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|letter| self.put(letter));
        self.whitespace = whitespace;
        self.indention &= indention;
    }

    /// The indentation inside of what is open.
    fn deeper(&self, flow: bool) -> isize {
        match self.indent {
            ..0 if flow => 2,
            ..0 => 0,
            indent => indent + 2,
        }
    }

    fn node(&mut self, value: &Value, in_mapping: bool) -> Result<(), String> {
        if self.out.len() > MAX_LENGTH {
            return Err(TOO_LONG.to_owned());
        }
        match value.kind() {
            Kind::Null(_) => self.plain("null"),
            Kind::Bool(value) => self.plain(if *value { "true" } else { "false" }),
            Kind::Number(number) => self.plain(&number.to_string()),
            Kind::String(text) => self.string(text, false),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => match items.is_empty() {
                true => self.empty("[", "]"),
                false => return self.nested(|emitter| emitter.sequence(items, in_mapping)),
            },
            Kind::Map(_, entries) | Kind::Object(entries) => match entries.is_empty() {
                true => self.empty("{", "}"),
                false => {
                    return self.nested(|emitter| {
                        entries
                            .iter()
                            .try_for_each(|(key, value)| emitter.entry(key, value))
                    });
                }
            },
            Kind::Type(_) => return Err("can't marshal type as YAML".to_owned()),
            Kind::Unknown(_) | Kind::Handle(_) => {
                return Err("cannot serialize unknown value as YAML".to_owned());
            }
        }
        Ok(())
    }

    fn nested(&mut self, write: impl FnOnce(&mut Emitter) -> Result<(), String>) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("the value is nested more than 500 levels deep".to_owned());
        }
        let outer = self.indent;
        // A sequence below a key stays at the key's column; it corrects this itself.
        self.indent = self.deeper(false);
        write(self)?;
        self.indent = outer;
        self.depth -= 1;
        Ok(())
    }

    fn empty(&mut self, open: &str, close: &str) {
        self.indicator(open, true, true, false);
        self.indicator(close, false, false, false);
    }

    fn sequence(&mut self, items: &[Value], in_mapping: bool) -> Result<(), String> {
        if in_mapping && !self.indention && self.indent >= 2 {
            self.indent -= 2;
        }
        for item in items {
            self.write_indent();
            self.indicator("-", true, false, true);
            self.node(item, false)?;
        }
        Ok(())
    }

    fn entry(&mut self, key: &str, value: &Value) -> Result<(), String> {
        self.write_indent();
        let simple = key.len() <= 128 && !key.contains(is_break);
        if simple {
            self.string(key, true);
            self.indicator(":", false, false, false);
        } else {
            self.indicator("?", true, false, true);
            self.string(key, false);
            self.write_indent();
            self.indicator(":", true, false, true);
        }
        self.node(value, true)
    }

    fn plain(&mut self, text: &str) {
        if !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|letter| self.put(letter));
        self.whitespace = false;
        self.indention = false;
    }

    fn string(&mut self, text: &str, simple_key: bool) {
        let outer = self.indent;
        self.indent = self.deeper(true);
        match text.contains('\n') && !simple_key && literal_allowed(text) {
            true => self.literal(text),
            false => self.quoted(text, !simple_key),
        }
        self.indent = outer;
    }

    fn quoted(&mut self, text: &str, may_break: bool) {
        self.indicator("\"", true, false, false);
        let mut after_space = false;
        // As there: a text that begins with a byte-order mark is escaped as a whole.
        let escape_all = text.starts_with('\u{feff}');
        let mut letters = text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            if letter == ' ' && !escape_all {
                let inside = at > 0 && at + 1 < text.len();
                if may_break && !after_space && self.column > WIDTH && inside {
                    self.write_indent();
                    if letters.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                after_space = true;
                continue;
            }
            after_space = false;
            let plain = is_printable(letter) && !is_break(letter) && !matches!(letter, '"' | '\\');
            if plain && !escape_all {
                self.put(letter);
            } else {
                escape(letter).chars().for_each(|letter| self.put(letter));
            }
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn literal(&mut self, text: &str) {
        self.indicator("|", true, false, false);
        if text.starts_with(|first: char| first == ' ' || is_break(first)) {
            self.indicator("2", false, false, false);
        }
        let mut last = text.chars().rev().map(is_break);
        match (last.next(), last.next()) {
            (Some(true), Some(false)) => {}
            (Some(true), _) => self.indicator("+", false, false, false),
            _ => self.indicator("-", false, false, false),
        }
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let mut at_start = true;
        for letter in text.chars() {
            if is_break(letter) {
                match letter {
                    '\n' => self.put_break(),
                    other => {
                        self.out.push(other);
                        self.column = 0;
                    }
                }
                self.indention = true;
                at_start = true;
            } else {
                if at_start {
                    self.write_indent();
                }
                self.put(letter);
                self.indention = false;
                at_start = false;
            }
        }
    }
}

/// Whether a text can be a literal block: every character prints, and no line ends in a space.
fn literal_allowed(text: &str) -> bool {
    let mut after_space = false;
    for letter in text.chars() {
        if !is_printable(letter) || after_space && is_break(letter) {
            return false;
        }
        after_space = letter == ' ';
    }
    !after_space
}

/// What libyaml's emitter takes for printable: characters outside the basic plane are not.
fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn escape(letter: char) -> String {
    let short = match letter {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0b' => 'v',
        '\x0c' => 'f',
        '\r' => 'r',
        '\x1b' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        other => {
            let mut out = String::new();
            let _ = match other as u32 {
                code @ ..=0xff => write!(out, "\\x{code:02X}"),
                code @ ..=0xffff => write!(out, "\\u{code:04X}"),
                code => write!(out, "\\U{code:08X}"),
            };
            return out;
        }
    };
    format!("\\{short}")
}
