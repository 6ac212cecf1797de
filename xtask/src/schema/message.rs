//! What the provider's messages say of what they want.

use serde_json::{Value, json};

use super::body::{Path, Variant, texts};

/// What a message says of a text, and the line of `texts.txt` that has such a text.
const MESSAGES: &str = include_str!("../../../crates/tf-model/schema/probe/messages.txt");

/// Words of messages about something that is not written.
const MISSING: &[&str] = &[
    "specified",
    "required",
    "missing",
    "configured",
    "must have",
    "must set",
    "provided",
];

/// Words before the least and the most of something.
const LIMITS: &[&str] = &[
    "range",
    "between",
    "at least",
    "at most",
    "divisible by",
    "length",
];

/// Words of messages about collections with too little in them.
const TOO_FEW: &[&str] = &["not enough", "item minimum", "at least 2 elements"];

/// Whether a message is about something that is not written.
pub(super) fn is_of_missing(message: &str) -> bool {
    has_any(&message.to_lowercase(), MISSING)
}

/// Whether a message is about things that exclude each other.
pub(super) fn is_of_conflict(message: &str) -> bool {
    has_any(message, &["conflicts with", "only one of"])
}

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// What a message lists, in brackets or in backticks. A bracket inside of a word belongs to a path.
pub(super) fn listed(message: &str) -> Option<&str> {
    let in_quotes = message.split_once('`').and_then(|(_, rest)| rest.split_once('`'));
    let in_brackets = || {
        message
            .rsplit_once(" [")
            .and_then(|(_, rest)| rest.rsplit_once(']'))
    };
    Some(in_quotes.or_else(in_brackets)?.0)
}

/// Everything in a text that looks like the path of an attribute, without numbers of list elements.
pub(super) fn paths(text: &str) -> Vec<Path> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "_.[]".contains(c)));
    let paths = words.map(|word| {
        let names = word.split(['.', '[', ']']);
        names
            .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
            .map(str::to_owned)
            .collect::<Path>()
    });
    paths.filter(|path| !path.is_empty()).collect()
}

/// Changes the value of an attribute as a message demands, if it says anything of use.
pub(super) fn obey(message: &str, name: &str, value: &mut Value, variant: Variant) {
    let text = message.to_lowercase();
    match value {
        Value::Array(items) if has_any(&text, TOO_FEW) => {
            // The text that is there and another of its length.
            let first = items
                .first()
                .and_then(Value::as_str)
                .and_then(|first| first.get(..first.len() - 1));
            items.extend(first.map(|start| json!(format!("{start}c"))));
        }
        _ => {
            let wanted = chosen(message, &text, variant)
                .or_else(|| within_limits(value, &text, variant))
                .or_else(|| hinted(&text, name, variant));
            if let Some(wanted) = wanted {
                replace(value, wanted);
            }
        }
    }
}

/// One of the values that a message lists.
fn chosen(message: &str, text: &str, variant: Variant) -> Option<Value> {
    if !has_any(text, &["one of", "valid values", "supported"]) {
        return None;
    }
    // Go prints them as `["A" "B"]` or `[A B]`.
    let list = listed(message)?.replace("\\\"", "\"");
    let words: Vec<&str> = match list.contains('"') {
        true => list.split('"').skip(1).step_by(2).collect(),
        false => list.split([' ', ',']).collect(),
    };
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    let first = words.next()?;
    Some(json!(variant.of(first, words.next_back().unwrap_or(first))))
}

/// A number, or a text of a length, between the two numbers that a message says.
fn within_limits(value: &Value, text: &str, variant: Variant) -> Option<Value> {
    let numbers = LIMITS.iter().find_map(|word| {
        let rest = text.get(text.find(word)?..)?;
        let numbers = rest
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|number| number.parse::<usize>().ok());
        Some(numbers.collect::<Vec<_>>()).filter(|numbers| !numbers.is_empty())
    })?;
    let least = *numbers.first()?;
    let most = numbers.get(1).copied().unwrap_or(least).max(least);
    if value.is_number() {
        return Some(json!(variant.of(least, most)));
    }
    let old = texts(value)
        .into_iter()
        .next()
        .filter(|_| text.contains("length"))?;
    let padded = old.chars().chain(std::iter::repeat(variant.of('a', 'b')));
    Some(json!(
        padded.take(old.len().clamp(least, most)).collect::<String>()
    ))
}

/// A text of the sort that a message names.
fn hinted(text: &str, name: &str, variant: Variant) -> Option<Value> {
    // The sort may be in the attribute's name too, as in `source_arn`.
    let text = text.replace(&format!("{}\"", name.to_lowercase()), "");
    let mut lines = MESSAGES.lines().filter_map(|line| line.split_once(": "));
    let (_, part) = lines.find(|(words, _)| text.contains(words))?;
    Some(json!(variant.text_for(part)))
}

/// Puts a value in place of another, into its collection if it is in one.
fn replace(old: &mut Value, new: Value) {
    match old {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, new.clone())),
        Value::Object(items) => items.values_mut().for_each(|item| replace(item, new.clone())),
        Value::Number(_) => {
            let number = new.as_str().and_then(|text| text.parse::<i64>().ok());
            *old = number.map_or(new, |number| json!(number));
        }
        _ => *old = new,
    }
}
