//! JSON as cty reads it (`cty/json` v1.16.0) by means of Go's token reader, whose sentences for what is wrong
//! are kept. Numbers keep all their digits.

use std::collections::HashMap;
use std::sync::Arc;

use crate::convert::convert;
use crate::number::Number;
use crate::text::quote_go;
use crate::types::{ObjectAttr, Type};
use crate::value::{Value, normalise};

use super::super::collection::support::MAX_ELEMENTS;

/// How deep arrays and objects nest.
const MAX_DEPTH: usize = 500;

/// A syntax tree.
enum Node {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Node>),
    /// In the order of the text, doubles included.
    Object(Vec<(String, Node)>),
}

/// The value of a text: objects and tuples of primitive values.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        nodes: 0,
    };
    let node = reader.value(" looking for beginning of value")?;
    // A closing bracket passes, as in Go.
    if reader.peek().is_ok_and(|byte| !matches!(byte, b']' | b'}')) {
        return Err("extraneous data after JSON object".to_owned());
    }
    build(&node)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    nodes: usize,
}

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Result<u8, String> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.byte().ok_or_else(|| "EOF".to_owned())
    }

    fn value(&mut self, context: &str) -> Result<Node, String> {
        self.nodes += 1;
        if self.nodes > MAX_ELEMENTS {
            return Err("the result would have more than 1000000 elements".to_owned());
        }
        match self.peek()? {
            b'[' => self.nested(Self::array),
            b'{' => self.nested(Self::object),
            b'"' => Ok(Node::String(self.string()?)),
            b't' => self.literal("true", Node::Bool(true)),
            b'f' => self.literal("false", Node::Bool(false)),
            b'n' => self.literal("null", Node::Null),
            b'-' | b'0'..=b'9' => self.number(),
            other => Err(unexpected(other, context)),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Node, String>) -> Result<Node, String> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn array(&mut self) -> Result<Node, String> {
        let mut items = Vec::new();
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(Node::Array(items));
        }
        loop {
            items.push(self.value(" looking for beginning of value")?);
            match self.peek()? {
                b']' => {
                    self.at += 1;
                    return Ok(Node::Array(items));
                }
                b',' => self.at += 1,
                other => return Err(unexpected(other, " after array element")),
            }
        }
    }

    fn object(&mut self) -> Result<Node, String> {
        let mut entries = Vec::new();
        let mut context = "";
        loop {
            match self.peek()? {
                b'}' if entries.is_empty() && context.is_empty() => {
                    self.at += 1;
                    return Ok(Node::Object(entries));
                }
                b'"' => {}
                other => return Err(unexpected(other, context)),
            }
            let key = self.string()?;
            match self.peek()? {
                b':' => self.at += 1,
                other => return Err(unexpected(other, " after object key")),
            }
            entries.push((key, self.value(" looking for beginning of value")?));
            match self.peek()? {
                b'}' => {
                    self.at += 1;
                    return Ok(Node::Object(entries));
                }
                b',' => self.at += 1,
                other => return Err(unexpected(other, " after object key:value pair")),
            }
            context = " looking for beginning of object key string";
        }
    }

    /// A byte inside a literal; the text must not end here.
    fn expect(&mut self, context: &str, wanted: impl Fn(u8) -> bool) -> Result<u8, String> {
        let byte = self.byte().ok_or_else(|| "unexpected EOF".to_owned())?;
        if !wanted(byte) {
            return Err(unexpected(byte, context));
        }
        self.at += 1;
        Ok(byte)
    }

    fn literal(&mut self, word: &str, node: Node) -> Result<Node, String> {
        for wanted in word.bytes() {
            let context = format!(" in literal {word} (expecting {})", quote_byte(wanted));
            self.expect(&context, |byte| byte == wanted)?;
        }
        Ok(node)
    }

    fn number(&mut self) -> Result<Node, String> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        let first = self.expect(" in numeric literal", |byte| byte.is_ascii_digit())?;
        if first != b'0' {
            self.digits();
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.expect(" after decimal point in numeric literal", |byte| {
                byte.is_ascii_digit()
            })?;
            self.digits();
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.expect(" in exponent of numeric literal", |byte| byte.is_ascii_digit())?;
            self.digits();
        }
        Ok(Node::Number(
            self.text.get(start..self.at).unwrap_or_default().to_owned(),
        ))
    }

    fn digits(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        // The first half of a character in UTF-16 that waits for the second.
        let mut half: Option<u16> = None;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(letter) = rest.chars().next() else {
                return Err("unexpected EOF".to_owned());
            };
            if letter == '\\' {
                self.at += 1;
                self.escape(&mut out, &mut half)?;
                continue;
            }
            flush(&mut out, &mut half);
            self.at += letter.len_utf8();
            match letter {
                '"' => return Ok(out),
                control if control < ' ' => return Err(unexpected(control as u8, " in string literal")),
                other => out.push(other),
            }
        }
    }

    fn escape(&mut self, out: &mut String, half: &mut Option<u16>) -> Result<(), String> {
        let known = |byte| {
            matches!(
                byte,
                b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' | b'u'
            )
        };
        let letter = match self.expect(" in string escape code", known)? {
            b'u' => return self.unicode(out, half),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            other => char::from(other),
        };
        flush(out, half);
        out.push(letter);
        Ok(())
    }

    fn unicode(&mut self, out: &mut String, half: &mut Option<u16>) -> Result<(), String> {
        let mut unit: u16 = 0;
        for _ in 0..4 {
            let digit = self.expect(" in \\u hexadecimal character escape", |byte| {
                byte.is_ascii_hexdigit()
            })?;
            unit = unit << 4 | char::from(digit).to_digit(16).unwrap_or_default() as u16;
        }
        if let Some(first) = half.take() {
            if let Some(Ok(letter)) = char::decode_utf16([first, unit]).next() {
                out.push(letter);
                return Ok(());
            }
            out.push(char::REPLACEMENT_CHARACTER);
        }
        match char::from_u32(u32::from(unit)) {
            Some(letter) => out.push(letter),
            None => *half = Some(unit),
        }
        Ok(())
    }
}

/// Half a character that stays alone.
fn flush(out: &mut String, half: &mut Option<u16>) {
    if half.take().is_some() {
        out.push(char::REPLACEMENT_CHARACTER);
    }
}

fn unexpected(byte: u8, context: &str) -> String {
    format!("invalid character {}{context}", quote_byte(byte))
}

/// Go's `quoteChar`, which takes each byte for a character.
fn quote_byte(byte: u8) -> String {
    match byte {
        b'\'' => "'\\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        other => {
            let quoted = quote_go(&char::from(other).to_string());
            format!("'{}'", quoted.trim_matches('"'))
        }
    }
}

fn number(digits: &str) -> Result<Number, String> {
    Number::parse(digits).ok_or_else(|| "a number is required".to_owned())
}

/// The value of a tree.
fn build(node: &Node) -> Result<Value, String> {
    Ok(match node {
        Node::Null => Value::NULL,
        Node::Bool(value) => (*value).into(),
        Node::Number(digits) => number(digits)?.into(),
        Node::String(text) => text.as_str().into(),
        Node::Array(items) => Value::tuple(items.iter().map(build).collect::<Result<_, _>>()?),
        Node::Object(entries) => Value::object(build_object(entries)?),
    })
}

fn build_object(entries: &[(String, Node)]) -> Result<Vec<(Arc<str>, Value)>, String> {
    let last = last_of_each(entries);
    let mut attrs = Vec::with_capacity(last.len());
    let mut types: HashMap<&str, Type> = HashMap::new();
    for (index, (key, node)) in entries.iter().enumerate() {
        let name = normalise(key);
        if *name != **key {
            // cty looks for the name as written among names in normal form.
            return Err(format!("unsupported attribute {}", quote_go(key)));
        }
        match last.get(key.as_str()) {
            Some(&(at, winner)) if at != index => {
                // Of doubles the last wins, but all of them must be of its type.
                fits(node, types.entry(key).or_insert_with(|| type_of(winner)))?;
            }
            _ => attrs.push((name, build(node)?)),
        }
    }
    Ok(attrs)
}

fn last_of_each(entries: &[(String, Node)]) -> HashMap<&str, (usize, &Node)> {
    entries
        .iter()
        .enumerate()
        .map(|(index, (key, node))| (key.as_str(), (index, node)))
        .collect()
}

fn type_of(node: &Node) -> Type {
    match node {
        Node::Null => Type::Any,
        Node::Bool(_) => Type::Bool,
        Node::Number(_) => Type::Number,
        Node::String(_) => Type::String,
        Node::Array(items) => Type::tuple(items.iter().map(type_of)),
        Node::Object(entries) => Type::object(entries.iter().map(|(key, node)| ObjectAttr {
            name: normalise(key),
            ty: type_of(node),
            optional: false,
        })),
    }
}

/// Checks a tree against a type, in cty's words.
fn fits(node: &Node, ty: &Type) -> Result<(), String> {
    let wrong = |why: &str| Err(why.to_owned());
    match (node, ty) {
        (Node::Null, _)
        | (Node::Bool(_), Type::Bool | Type::String)
        | (Node::Number(_) | Node::String(_), Type::String) => Ok(()),
        (Node::String(text), Type::Bool) => convert(&text.as_str().into(), ty)
            .map(|_| ())
            .map_err(|error| error.to_string()),
        (Node::Number(text) | Node::String(text), Type::Number) => number(text).map(|_| ()),
        (_, Type::Bool) => wrong("bool is required"),
        (_, Type::Number) => wrong("number is required"),
        (_, Type::String) => wrong("string is required"),
        (Node::Array(items), Type::Tuple(types)) => {
            for (index, item) in items.iter().enumerate() {
                let Some(ty) = types.get(index) else {
                    return Err(format!("too many tuple elements (need {})", types.len()));
                };
                fits(item, ty)?;
            }
            match items.len() < types.len() {
                true => Err(format!("not enough tuple elements (need {})", types.len())),
                false => Ok(()),
            }
        }
        (Node::Object(entries), Type::Object(_)) => {
            for (key, node) in entries {
                let Some(attr) = ty.attr(key) else {
                    return Err(format!("unsupported attribute {}", quote_go(key)));
                };
                fits(node, &attr.ty)?;
            }
            Ok(())
        }
        (_, Type::Tuple(_)) => wrong("missing expected ["),
        (Node::Object(entries), _) => match entries.iter().find(|(key, _)| key != "type" && key != "value") {
            Some((key, _)) => Err(format!(
                "invalid key {} in dynamically-typed value",
                quote_go(key)
            )),
            None => wrong("missing type in dynamically-typed value"),
        },
        _ => wrong("missing expected {"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_texts_are_told_in_go_s_words() {
        for (text, want) in [
            ("", "EOF"),
            ("1 2", "extraneous data after JSON object"),
            ("[1", "EOF"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            (
                "{\"a\":1,}",
                "invalid character '}' looking for beginning of object key string",
            ),
            ("{1:2}", "invalid character '1'"),
            ("trux", "invalid character 'x' in literal true (expecting 'e')"),
            ("-", "unexpected EOF"),
            (
                "1.x",
                "invalid character 'x' after decimal point in numeric literal",
            ),
            ("\"a\\x\"", "invalid character 'x' in string escape code"),
            (
                "\"\\u12g4\"",
                "invalid character 'g' in \\u hexadecimal character escape",
            ),
            ("\"a\nb\"", "invalid character '\\n' in string literal"),
            ("'", "invalid character '\\'' looking for beginning of value"),
            ("é", "invalid character 'Ã' looking for beginning of value"),
            ("{\"a\":\"x\",\"a\":1}", "a number is required"),
            ("{\"a\":{},\"a\":1}", "number is required"),
            ("{\"a\":[1,2],\"a\":[1]}", "too many tuple elements (need 1)"),
            ("{\"e\\u0301\":1}", "unsupported attribute \"e\u{301}\""),
        ] {
            assert_eq!(decode(text).unwrap_err(), want, "{text}");
        }
        assert_eq!(decode(&"[".repeat(100_000)).unwrap_err(), "exceeded max depth");
    }

    #[test]
    fn values() {
        for (text, want) in [
            ("1]", Value::from(1)),
            ("null", Value::NULL),
            (
                "\"\\ud83d\\ude00\\ud800x\\ud800\"",
                Value::from("😀\u{fffd}x\u{fffd}"),
            ),
            (
                "[1,\"a\",null]",
                Value::tuple(vec![1.into(), "a".into(), Value::NULL]),
            ),
            ("{\"a\":1,\"a\":\"x\"}", Value::object([("a".into(), "x".into())])),
            ("{}", Value::object([])),
        ] {
            assert_eq!(decode(text).unwrap(), want, "{text}");
        }
    }
}
