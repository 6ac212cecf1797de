//! What environments have, side by side, and how that is shown without secrets.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use tf_lang::Value;
use tf_lang::text::quote_go;
use tf_lang::value::{Kind, Marks, Reason};

/// One step of the way to a part of a value.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Seg {
    /// An attribute, or a key that reads like one.
    Name(Arc<str>),
    /// An element.
    Index(usize),
}

/// The way to a part of a value, written as Terraform writes it: `a.b[0]["k v"]`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Path(pub Vec<Seg>);

impl Path {
    /// Whether it is the value itself.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names on the way, without indices.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|seg| match seg {
            Seg::Name(name) => Some(&**name),
            Seg::Index(_) => None,
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, seg) in self.0.iter().enumerate() {
            match seg {
                Seg::Index(index) => write!(f, "[{index}]")?,
                Seg::Name(name) if is_name(name) => {
                    let dot = if at == 0 { "" } else { "." };
                    write!(f, "{dot}{name}")?;
                }
                Seg::Name(name) => write!(f, "[{}]", quote_go(name))?,
            }
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
}

/// The part of a value that a path leads to.
pub fn at<'v>(value: &'v Value, path: &[Seg]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, seg| match seg {
        Seg::Name(name) => value.get(name),
        Seg::Index(index) => value.as_items()?.get(*index),
    })
}

/// What one environment has.
#[derive(Clone, Debug)]
pub enum Held {
    /// It is not compared: it could not be read, or has nothing that this belongs to.
    Out,
    /// Nothing.
    Absent,
    /// A value.
    Has(Value),
}

impl Held {
    /// The value.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Held::Has(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it has nothing, though it could.
    pub fn is_absent(&self) -> bool {
        matches!(self, Held::Absent)
    }

    /// Whether its value, or a part of it, must not be shown.
    pub fn is_secret(&self) -> bool {
        self.value().is_some_and(is_secret)
    }

    /// As a short text on one line.
    pub fn text(&self) -> String {
        match self {
            Held::Out => "·".to_owned(),
            Held::Absent => "–".to_owned(),
            Held::Has(value) => text(value),
        }
    }

    /// As JSON; nothing where it has nothing.
    pub fn json(&self) -> Option<Json> {
        self.value().map(json)
    }
}

/// What stands for a value that must not be shown.
pub const SECRET: &str = "(sensitive)";

fn is_secret(value: &Value) -> bool {
    let marks = value.marks_deep();
    marks.contains(Marks::SENSITIVE) || marks.contains(Marks::EPHEMERAL) || has_credential(value)
}

/// Nobody marked it, and yet it has the form of a credential.
fn has_credential(value: &Value) -> bool {
    match value.as_str() {
        Some(text) => tf_policy::looks_secret(text),
        None => value.children().any(has_credential),
    }
}

/// The value with what must not be shown replaced.
pub fn masked(value: &Value) -> Value {
    if is_secret(value) && value.children().next().is_none() {
        return Value::from(SECRET);
    }
    if value.marks().contains(Marks::SENSITIVE) || value.marks().contains(Marks::EPHEMERAL) {
        return Value::from(SECRET);
    }
    if !is_secret(value) {
        return value.clone();
    }
    match value.kind() {
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => {
            Value::tuple(value.children().map(masked).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            Value::object(entries.iter().map(|(name, inner)| (name.clone(), masked(inner))))
        }
        _ => Value::from(SECRET),
    }
}

/// The value as a short text on one line.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(&masked(value), &mut out);
    out
}

/// Why a value is not known: what it waits for is what may differ.
fn unknown(value: &Value) -> String {
    let reasons = value.reasons();
    let names: Vec<&str> = reasons
        .iter()
        .filter_map(|reason| match reason {
            Reason::KnownAfterApply(name) => Some(&**name),
            _ => None,
        })
        .collect();
    let exact = value.as_unknown().is_some_and(|unknown| unknown.exact);
    match (reasons.first(), names.as_slice()) {
        (Some(Reason::Variable(_)), _) => "(no value)".to_owned(),
        (Some(Reason::DataSource(_)), _) => "(read from AWS)".to_owned(),
        (_, []) => "(known after apply)".to_owned(),
        (_, [name]) if exact => format!("(known after apply: {name})"),
        (_, names) => format!("(known after apply: made of {})", names.join(", ")),
    }
}

fn write(value: &Value, out: &mut String) {
    match value.kind() {
        Kind::Null(_) => out.push_str("null"),
        Kind::Unknown(_) => out.push_str(&unknown(value)),
        Kind::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&number.to_string()),
        Kind::String(text) if &**text == SECRET => out.push_str(SECRET),
        Kind::String(text) => out.push_str(&quote_go(text)),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write(item, out);
            }
            out.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let shown: Vec<_> = entries.iter().filter(|(_, inner)| !inner.is_null()).collect();
            out.push('{');
            for (at, (name, inner)) in shown.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { " " });
                match is_name(name) {
                    true => out.push_str(name),
                    false => out.push_str(&quote_go(name)),
                }
                out.push_str(" = ");
                write(inner, out);
            }
            out.push_str(if shown.is_empty() { "}" } else { " }" });
        }
        Kind::Type(_) | Kind::Handle(_) => out.push('?'),
    }
}

fn json(value: &Value) -> Json {
    json_plain(&masked(value))
}

fn json_plain(value: &Value) -> Json {
    match value.kind() {
        Kind::Null(_) | Kind::Type(_) | Kind::Handle(_) => Json::Null,
        Kind::Unknown(_) => Json::String(unknown(value)),
        Kind::Bool(flag) => Json::Bool(*flag),
        Kind::Number(number) => {
            let text = number.to_string();
            match text.parse::<i64>() {
                Ok(whole) => json!(whole),
                Err(_) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
            }
        }
        Kind::String(text) => Json::String(text.to_string()),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            Json::Array(items.iter().map(json_plain).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(name, inner)| (name.to_string(), json_plain(inner)));
            Json::Object(entries.collect::<Map<String, Json>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_terraform_writes_them() {
        let name = |name: &str| Seg::Name(name.into());
        for (path, want) in [
            (
                vec![name("a"), name("b-c"), Seg::Index(0), name("d")],
                "a.b-c[0].d",
            ),
            (vec![name("tags"), name("a/b")], "tags[\"a/b\"]"),
            (vec![Seg::Index(1)], "[1]"),
        ] {
            assert_eq!(Path(path).to_string(), want);
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let secret = Value::from("hunter2").with_marks(Marks::SENSITIVE);
        let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
        let value = Value::object([
            ("a".into(), secret.clone()),
            ("b".into(), Value::from(&*token)),
            ("c".into(), Value::tuple(vec![secret, Value::from(1)])),
        ]);
        let shown = [text(&value), json(&value).to_string()].concat();
        assert!(!shown.contains("hunter2") && !shown.contains(&token), "{shown}");
        assert_eq!(
            text(&value),
            "{ a = (sensitive), b = (sensitive), c = [(sensitive), 1] }"
        );
    }
}
