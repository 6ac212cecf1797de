//! JSON with the place of every value, for `.tf.json` files.
//!
//! `serde_json` knows no places. Errors are worded as HCL words them (`json/parser.go`).

use std::sync::Arc;

use crate::ast::Ident;
use crate::diagnostic::Diagnostic;
use crate::number::Number;
use crate::source::{FileId, Span};
use crate::text::{quote_go, suggestion};
use crate::value::normalise;

/// A JSON value with its place.
#[derive(Clone, PartialEq, Debug)]
pub struct JsonNode {
    /// What it is.
    pub value: Json,
    /// Where it stands.
    pub span: Span,
}

/// A JSON value.
#[derive(Clone, PartialEq, Debug)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, escapes resolved, in Unicode normal form C.
    String(Arc<str>),
    /// `[a, b]`
    Array(Vec<JsonNode>),
    /// `{"a": b}` in the order of the text; names may repeat.
    Object(Vec<(Ident, JsonNode)>),
}

/// How deeply arrays and objects may nest.
const MAX_DEPTH: u32 = super::reduce::MAX_DEPTH;

/// Parses a `.tf.json` file. It is an object, or an array of objects that are read one after the other.
///
/// # Errors
/// The first syntax error.
pub fn parse_json_body(file: FileId, text: &str) -> Result<JsonNode, Box<Diagnostic>> {
    let mut reader = Reader {
        file,
        text,
        at: text.len() - text.trim_start_matches('\u{feff}').len(),
        depth: 0,
    };
    let node = reader.value()?;
    if reader.peek().is_some() {
        let detail = "Extra characters appear after the JSON value.";
        return Err(reader.error("Extraneous data after value", detail, reader.at, reader.at + 1));
    }
    match node.value {
        Json::Object(_) | Json::Array(_) => Ok(node),
        _ => {
            let detail = "The root value in a JSON-based configuration must be either a JSON object or a JSON array \
                          of objects.";
            Err(Box::new(Diagnostic::error(
                "Root value must be object",
                detail,
                node.span,
            )))
        }
    }
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    depth: u32,
}

type Read<T> = Result<T, Box<Diagnostic>>;

impl Reader<'_> {
    /// The next byte that is not white space, to which it moves.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let blanks = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.at += blanks.count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn error(&self, summary: &str, detail: impl Into<String>, start: usize, end: usize) -> Box<Diagnostic> {
        // Whatever is pointed at, it ends with a whole character.
        let end = (end..self.text.len())
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(self.text.len());
        Box::new(Diagnostic::error(
            summary,
            detail,
            Span::new(self.file, start, end),
        ))
    }

    fn here(&self, summary: &str, detail: impl Into<String>) -> Box<Diagnostic> {
        self.error(summary, detail, self.at, self.at + 1)
    }

    fn value(&mut self) -> Read<JsonNode> {
        const START: &str =
            "A JSON value must start with a brace, a bracket, a number, a string, or a keyword.";
        let first = self.peek();
        let start = self.at;
        let value = match first {
            Some(b'{' | b'[') if self.depth == MAX_DEPTH => {
                let detail = format!("Arrays and objects may be nested {MAX_DEPTH} deep.");
                return Err(self.here("Expression nested too deeply", detail));
            }
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => Json::String(self.string()?),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number()?,
            Some(byte) if byte.is_ascii_alphabetic() => self.keyword()?,
            Some(b'}') => return Err(self.here("Missing JSON value", START)),
            Some(b']') => return Err(self.here("Missing array element value", START)),
            Some(_) => return Err(self.here("Invalid start of value", START)),
            None => return Err(self.here("Missing value", "The JSON data ends prematurely.")),
        };
        Ok(JsonNode {
            value,
            span: Span::new(self.file, start, self.at),
        })
    }

    fn object(&mut self) -> Read<Json> {
        let open = self.at;
        self.at += 1;
        self.depth += 1;
        let mut members = Vec::new();
        while self.peek() != Some(b'}') {
            let name_start = self.at;
            let JsonNode {
                value: Json::String(name),
                span,
            } = self.value()?
            else {
                let detail = "A JSON object property name must be a string";
                return Err(self.error("Invalid object property name", detail, name_start, self.at));
            };
            match self.peek() {
                Some(b':') => self.at += 1,
                Some(b'}' | b',') => {
                    let detail = "A JSON object attribute must have a value, introduced by a colon.";
                    return Err(self.here("Missing object value", detail));
                }
                Some(b'=') => {
                    let detail = "JSON uses a colon as its name/value delimiter, not an equals sign.";
                    return Err(self.here("Missing property value colon", detail));
                }
                _ => {
                    let detail = "A colon must appear between an object property's name and its value.";
                    return Err(self.here("Missing property value colon", detail));
                }
            }
            members.push((Ident { name, span }, self.value()?));
            match self.peek() {
                Some(b',') => {
                    let comma = self.at;
                    self.at += 1;
                    if self.peek() == Some(b'}') {
                        let detail =
                            "JSON does not permit a trailing comma after the final property in an object.";
                        return Err(self.error("Trailing comma in object", detail, comma, comma + 1));
                    }
                }
                Some(b'}') => {}
                Some(b']') => {
                    let detail = "A JSON object must be closed with a brace, not a bracket.";
                    return Err(self.here("Mismatched braces", detail));
                }
                Some(_) => {
                    let detail = "A comma must appear between each property definition in an object.";
                    return Err(self.here("Missing attribute seperator comma", detail));
                }
                None => {
                    let detail = "No closing brace was found for this JSON object.";
                    return Err(self.error("Unclosed object", detail, open, open + 1));
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Json::Object(members))
    }

    fn array(&mut self) -> Read<Json> {
        let open = self.at;
        self.at += 1;
        self.depth += 1;
        let mut items = Vec::new();
        while self.peek() != Some(b']') {
            items.push(self.value()?);
            match self.peek() {
                Some(b',') => {
                    let comma = self.at;
                    self.at += 1;
                    if self.peek() == Some(b']') {
                        let detail =
                            "JSON does not permit a trailing comma after the final value in an array.";
                        return Err(self.error("Trailing comma in array", detail, comma, comma + 1));
                    }
                }
                Some(b']') => {}
                Some(b':') => {
                    let detail = "A colon is not used to introduce values in a JSON array.";
                    return Err(self.here("Invalid array value", detail));
                }
                Some(b'}') => {
                    let detail = "A JSON array must be closed with a bracket, not a brace.";
                    return Err(self.here("Mismatched brackets", detail));
                }
                Some(_) => {
                    let detail = "A comma must appear between each value in an array.";
                    return Err(self.here("Missing attribute seperator comma", detail));
                }
                None => {
                    let detail = "No closing bracket was found for this JSON array.";
                    return Err(self.error("Unclosed object", detail, open, open + 1));
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Json::Array(items))
    }

    fn token(&mut self, belongs: impl Fn(u8) -> bool) -> &str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| belongs(*byte)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn number(&mut self) -> Read<Json> {
        let start = self.at;
        let token = self.token(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
        let number = Some(token)
            .filter(|token| is_number(token))
            .and_then(Number::parse);
        number.map(Json::Number).ok_or_else(|| {
            let detail = "There is a syntax error in the given JSON number.";
            self.error("Invalid JSON number", detail, start, self.at)
        })
    }

    fn keyword(&mut self) -> Read<Json> {
        let start = self.at;
        let token = self.token(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        let detail = match token {
            "null" => return Ok(Json::Null),
            "true" => return Ok(Json::Bool(true)),
            "false" => return Ok(Json::Bool(false)),
            "undefined" | "NaN" | "Infinity" => {
                format!(
                    "The JavaScript identifier {} cannot be used in JSON.",
                    quote_go(token)
                )
            }
            other => {
                let meant = suggestion(other, ["true", "false", "null"]);
                let hint = meant
                    .map(|meant| format!(" Did you mean \"{meant}\"?"))
                    .unwrap_or_default();
                format!("{} is not a valid JSON keyword.{hint}", quote_go(other))
            }
        };
        Err(self.error("Invalid JSON keyword", detail, start, self.at))
    }

    fn string(&mut self) -> Read<Arc<str>> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest
                .bytes()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
                .unwrap_or(rest.len());
            let literal = rest.get(..plain).unwrap_or_default();
            self.at += plain;
            match rest.as_bytes().get(plain) {
                Some(b'"') => {
                    self.at += 1;
                    if out.is_empty() {
                        return Ok(normalise(literal));
                    }
                    out.push_str(literal);
                    return Ok(normalise(&out));
                }
                Some(b'\\') => {
                    out.push_str(literal);
                    out.push(self.escape()?);
                }
                _ => {
                    return Err(self.here(
                        "Invalid JSON string",
                        "There is a syntax error in the given JSON string.",
                    ));
                }
            }
        }
    }

    /// Reads a backslash sequence; halves of a pair of surrogates on their own become U+FFFD, as in Go.
    fn escape(&mut self) -> Read<char> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let (character, length) = match rest.get(1) {
            Some(plain @ (b'"' | b'\\' | b'/')) => (Some(char::from(*plain)), 2),
            Some(b'b') => (Some('\u{8}'), 2),
            Some(b'f') => (Some('\u{c}'), 2),
            Some(b'n') => (Some('\n'), 2),
            Some(b'r') => (Some('\r'), 2),
            Some(b't') => (Some('\t'), 2),
            Some(b'u') => match (unit(rest), rest.get(6..).and_then(unit)) {
                (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => (
                    char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)),
                    12,
                ),
                (Some(code), _) => (
                    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
                    6,
                ),
                (None, _) => (None, 0),
            },
            _ => (None, 0),
        };
        let Some(character) = character else {
            let detail = "There is a syntax error in the given JSON string.";
            return Err(self.error("Invalid JSON string", detail, self.at, self.at + 2));
        };
        self.at += length;
        Ok(character)
    }
}

/// The code unit of the `\uXXXX` at the start.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(text.strip_prefix(b"\\u")?.get(..4)?).ok()?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(digits, 16).ok())?
}

/// Whether JSON calls it a number.
fn is_number(token: &str) -> bool {
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    let (decimal, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((decimal, exponent)) => (decimal, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && digits(exponent) && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(node: &JsonNode) -> String {
        let inner = match &node.value {
            Json::Null => "null".to_owned(),
            Json::Bool(value) => value.to_string(),
            Json::Number(number) => number.to_string(),
            Json::String(text) => quote_go(text),
            Json::Array(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
            Json::Object(members) => {
                let member = |(name, value): &(Ident, JsonNode)| {
                    format!(
                        "{}@{}-{}:{}",
                        name.name,
                        name.span.start,
                        name.span.end,
                        show(value)
                    )
                };
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(" "))
            }
        };
        format!("{inner}@{}-{}", node.span.start, node.span.end)
    }

    #[test]
    fn values_have_their_places() {
        for (text, expected) in [
            (
                r#"{"a": [1, true, null]}"#,
                "{a@1-4:[1@7-8 true@10-14 null@16-20]@6-21}@0-22",
            ),
            ("\u{feff} {}\r\n", "{}@4-6"),
            (
                r#"{"a":"\u00e9\n\ud83d\ude00\ud800x\/"}"#,
                "{a@1-4:\"é\\n😀�x/\"@5-36}@0-37",
            ),
            (r#"{"a":1,"a":-2.5e3}"#, "{a@1-4:1@5-6 a@7-10:-2500@11-17}@0-18"),
            (
                "[123456789012345678901234567890]",
                "[123456789012345678901234567890@1-31]@0-32",
            ),
        ] {
            assert_eq!(show(&parse_json_body(FileId(0), text).expect(text)), expected);
        }
    }

    #[test]
    fn errors_are_those_of_hcl() {
        for (text, summary, start, end) in [
            ("", "Missing value", 0, 0),
            ("1", "Root value must be object", 0, 1),
            ("{", "Missing value", 1, 1),
            ("{} x", "Extraneous data after value", 3, 4),
            (r#"{"a"}"#, "Missing object value", 4, 5),
            (r#"{"a" = 1}"#, "Missing property value colon", 5, 6),
            (r#"{"a": 1,}"#, "Trailing comma in object", 7, 8),
            (r#"{"a": 1 "b": 2}"#, "Missing attribute seperator comma", 8, 9),
            (r#"{"a": [1}"#, "Mismatched brackets", 8, 9),
            (r#"{"a": 1]"#, "Mismatched braces", 7, 8),
            (r#"{"a": 1"#, "Unclosed object", 0, 1),
            (r#"{"a": True}"#, "Invalid JSON keyword", 6, 10),
            (r#"{"a": 01}"#, "Invalid JSON number", 6, 8),
            (r#"{"a": "\q"}"#, "Invalid JSON string", 7, 9),
            ("{\"a\": \"\n\"}", "Invalid JSON string", 7, 8),
            (r#"{1: 2}"#, "Invalid object property name", 1, 2),
            ("{é", "Invalid start of value", 1, 3),
        ] {
            let error = parse_json_body(FileId(0), text).expect_err(text);
            let span = error.span.expect("a place");
            assert_eq!(
                (error.summary.as_str(), span.start, span.end),
                (summary, start, end),
                "{text}"
            );
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse_json_body(FileId(0), &nested(500)).is_ok());
        let error = parse_json_body(FileId(0), &nested(100_000)).expect_err("too deep");
        assert_eq!(
            (error.summary.as_str(), error.span.expect("a place").start),
            ("Expression nested too deeply", 500)
        );
    }
}
