//! What scalars mean: go-cty-yaml's mixture of YAML 1.1 (`yes`, `on`) and 1.2 (`0o17`, no `_` in numbers).

use crate::number::Number;
use crate::text::quote_go;
use crate::value::Value;

use super::timestamp;
use super::token::Style;

/// A scalar's meaning.
pub(super) enum Resolved {
    Value(Value),
    /// `<<` as a key.
    Merge,
}

impl From<Value> for Resolved {
    fn from(value: Value) -> Resolved {
        Resolved::Value(value)
    }
}

/// What the tag says, or what the first character suggests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    None,
    Str,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
}

impl Tag {
    fn parse(tag: &str) -> Option<Tag> {
        Some(match tag {
            "" => Tag::None,
            _ => match tag.strip_prefix("tag:yaml.org,2002:")? {
                "str" => Tag::Str,
                "bool" => Tag::Bool,
                "int" => Tag::Int,
                "float" => Tag::Float,
                "null" => Tag::Null,
                "timestamp" => Tag::Timestamp,
                "binary" => Tag::Binary,
                _ => return None,
            },
        })
    }

    fn name(self) -> String {
        let short = match self {
            Tag::None => return String::new(),
            Tag::Str => "str",
            Tag::Bool => "bool",
            Tag::Int => "int",
            Tag::Float => "float",
            Tag::Null => "null",
            Tag::Timestamp => "timestamp",
            Tag::Binary => "binary",
        };
        format!("tag:yaml.org,2002:{short}")
    }
}

/// The meaning of a scalar.
///
/// # Errors
/// Go-cty-yaml's sentence, where it cannot have the meaning that its tag demands.
pub(super) fn resolve(tag: &str, text: &str, style: Style) -> Result<Resolved, String> {
    let Some(mut kind) = Tag::parse(tag) else {
        return Err(format!("unsupported tag {}", quote_go(tag)));
    };
    // Only these can begin something that is not just text.
    let first = text.chars().next();
    let hint = first.is_none_or(|first| {
        matches!(first, '+' | '-' | '0'..='9' | '.' | '~')
            || matches!(first, 'y' | 'Y' | 'n' | 'N' | 't' | 'T' | 'f' | 'F' | 'o' | 'O')
    });
    if hint && !matches!(kind, Tag::Str | Tag::Binary) {
        if style == Style::Quoted {
            return Ok(Value::from(text).into());
        }
        if let Some(value) = word(text) {
            return Ok(value.into());
        }
        if kind == Tag::None && matches!(text, ".nan" | ".NaN" | ".NAN") {
            return Err("floating point NaN is not supported".to_owned());
        }
        match first {
            Some('.') => {
                if let Some(number) = Number::parse(text) {
                    return Ok(Value::from(number).into());
                }
            }
            Some('+' | '-' | '0'..='9') => {
                if matches!(kind, Tag::None | Tag::Timestamp)
                    && let Some(time) = timestamp::parse(text)
                {
                    return Ok(Value::from(time).into());
                }
                if is_integer(text) {
                    kind = Tag::Int;
                } else if is_float(text) {
                    kind = Tag::Float;
                }
            }
            _ => {}
        }
    }
    tagged(kind, text)
}

/// The meaning that a tag gives a text.
fn tagged(tag: Tag, text: &str) -> Result<Resolved, String> {
    let cannot = |why: &str| Err(format!("cannot parse {} as {}{why}", quote_go(text), tag.name()));
    Ok(match tag {
        Tag::None if text == "<<" => Resolved::Merge,
        Tag::None | Tag::Str => Value::from(text).into(),
        Tag::Binary => match super::super::encoding::decode_base64(text) {
            Some(_) => Value::from(text).into(),
            None => return cannot(": not valid base64"),
        },
        Tag::Bool => match word(text) {
            Some(value) if value.as_bool().is_some() => value.into(),
            _ => return cannot(""),
        },
        Tag::Int | Tag::Float => match number(&text.replace('_', "")) {
            Some(number) => Value::from(number).into(),
            None => return cannot(""),
        },
        Tag::Timestamp => match timestamp::parse(text) {
            Some(time) => Value::from(time).into(),
            None => return cannot(""),
        },
        Tag::Null => Value::NULL.into(),
    })
}

/// Words with a meaning.
fn word(text: &str) -> Option<Value> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => true.into(),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => false.into(),
        "" | "~" | "null" | "Null" | "NULL" => Value::NULL,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Number::infinity(false).into(),
        "-.inf" | "-.Inf" | "-.INF" => Number::infinity(true).into(),
        _ => return None,
    })
}

/// `[-+]?[0-9]+`, `0o[0-7]+` or `0x[0-9a-fA-F]+`
fn is_integer(text: &str) -> bool {
    let all = |digits: &str, test: fn(&char) -> bool| {
        !digits.is_empty() && digits.chars().all(|digit| test(&digit))
    };
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |digit| digit.is_digit(8));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, char::is_ascii_hexdigit);
    }
    all(
        text.strip_prefix(['+', '-']).unwrap_or(text),
        char::is_ascii_digit,
    )
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        ),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(part)
        && !(whole.is_empty() && part.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// A decimal number, or an integer with a prefix as Go's `strconv` reads it.
fn number(text: &str) -> Option<Number> {
    if let Some(number) = Number::parse(text) {
        return Some(number);
    }
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, radix) = match digits.get(..2)? {
        "0x" | "0X" => (digits.get(2..)?, 16),
        "0o" | "0O" => (digits.get(2..)?, 8),
        "0b" | "0B" => (digits.get(2..)?, 2),
        _ => return None,
    };
    let plain = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let magnitude = plain.then(|| u64::from_str_radix(digits, radix).ok()).flatten()?;
    match (negative, i64::try_from(magnitude)) {
        (false, _) => Number::parse(&magnitude.to_string()),
        (true, Ok(magnitude)) => Some(Number::from(-magnitude)),
        (true, Err(_)) if magnitude == 1 << 63 => Some(Number::from(i64::MIN)),
        (true, Err(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars() {
        let number = |text: &str| Value::from(Number::parse(text).unwrap());
        for (text, want) in [
            ("", Value::NULL),
            ("~", Value::NULL),
            ("yes", true.into()),
            ("Off", false.into()),
            ("oN", "oN".into()),
            ("0o17", 15.into()),
            ("017", 17.into()),
            ("0x1F", 31.into()),
            ("+5", 5.into()),
            ("1_000", "1_000".into()),
            ("1e3", 1000.into()),
            (".5", number("0.5")),
            ("5.", 5.into()),
            ("-.5", number("-0.5")),
            ("0b11", "0b11".into()),
            ("1:30", "1:30".into()),
            ("-", "-".into()),
            ("1e", "1e".into()),
            ("2001-12-15", "2001-12-15T00:00:00Z".into()),
            ("a", "a".into()),
        ] {
            match resolve("", text, Style::Plain) {
                Ok(Resolved::Value(value)) => assert_eq!(value, want, "{text}"),
                _ => panic!("{text}"),
            }
        }
    }

    #[test]
    fn tags() {
        let long = |short: &str| format!("tag:yaml.org,2002:{short}");
        for (tag, text, want) in [
            ("int", "0b11", Ok(Value::from(3))),
            ("int", "1_000", Ok(1000.into())),
            ("int", "-0x10", Ok((-16).into())),
            ("int", "abc", Err("cannot parse \"abc\" as tag:yaml.org,2002:int")),
            ("bool", "x", Err("cannot parse \"x\" as tag:yaml.org,2002:bool")),
            ("bool", "5", Ok(5.into())),
            ("str", "5", Ok("5".into())),
            ("null", "x", Ok(Value::NULL)),
            ("binary", "aGk=", Ok("aGk=".into())),
            (
                "binary",
                "%",
                Err("cannot parse \"%\" as tag:yaml.org,2002:binary: not valid base64"),
            ),
            (
                "timestamp",
                "x",
                Err("cannot parse \"x\" as tag:yaml.org,2002:timestamp"),
            ),
            ("set", "x", Err("unsupported tag \"tag:yaml.org,2002:set\"")),
        ] {
            let got = match resolve(&long(tag), text, Style::Plain) {
                Ok(Resolved::Value(value)) => Ok(value),
                Ok(_) => panic!("{tag} {text}"),
                Err(why) => Err(why),
            };
            assert_eq!(
                got.as_ref().map_err(String::as_str),
                want.as_ref().map_err(|why| *why),
                "{tag} {text}"
            );
        }
    }
}
