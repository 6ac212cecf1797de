//! Comparing policy documents by what they mean. AWS and people write the same statement in many ways: one action as a string
//! or as a list, lists in any order, an account as its number or as the ARN of its root.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A document's statements in one form, by their Sids (or places, where they have none): lists are sorted and without
/// repetitions, service prefixes and condition operators are in one case, principals are spelled out, and Sids are left out.
pub(crate) fn canonical(document: &Value) -> Vec<(String, Value)> {
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement @ Value::Object(_)) => vec![statement.clone()],
        _ => Vec::new(),
    };
    statements
        .iter()
        .enumerate()
        .map(|(at, statement)| {
            let sid = statement.get("Sid").and_then(Value::as_str).unwrap_or_default();
            let name = match sid.is_empty() {
                true => format!("statement {}", at + 1),
                false => sid.to_owned(),
            };
            (name, canonical_statement(statement))
        })
        .collect()
}

fn canonical_statement(statement: &Value) -> Value {
    let mut sorted: BTreeMap<&str, Value> = BTreeMap::new();
    for (key, value) in statement.as_object().into_iter().flatten() {
        let value = match key.as_str() {
            "Sid" => continue,
            "Action" | "NotAction" => list(value, str::to_ascii_lowercase),
            "Resource" | "NotResource" => list(value, str::to_owned),
            "Principal" | "NotPrincipal" => principal(value),
            "Condition" => condition(value),
            _ => value.clone(),
        };
        if !is_empty(&value) {
            sorted.insert(key, value);
        }
    }
    sorted
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect::<Map<_, _>>()
        .into()
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Object(map) if map.is_empty())
}

fn list(value: &Value, spell: impl Fn(&str) -> String) -> Value {
    let mut items: Vec<String> = match value {
        Value::Array(items) => items.iter().map(|item| spell(&scalar(item))).collect(),
        other => vec![spell(&scalar(other))],
    };
    items.sort();
    items.dedup();
    items.into()
}

/// Booleans and numbers are strings too in a policy: `"true"` and `true` are the same.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `"*"` and `{"AWS": "*"}` are the same; an account's number is the ARN of its root.
fn principal(value: &Value) -> Value {
    let spelled = match value {
        Value::String(all) => json!({ "AWS": all }),
        other => other.clone(),
    };
    let mut sorted = BTreeMap::new();
    for (kind, names) in spelled.as_object().into_iter().flatten() {
        let names = list(names, |name| {
            match name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()) {
                true => format!("arn:aws:iam::{name}:root"),
                false => name.to_owned(),
            }
        });
        sorted.insert(kind.clone(), names);
    }
    sorted.into_iter().collect::<Map<_, _>>().into()
}

fn condition(value: &Value) -> Value {
    let mut operators: BTreeMap<String, Value> = BTreeMap::new();
    for (operator, keys) in value.as_object().into_iter().flatten() {
        let mut sorted = BTreeMap::new();
        for (key, values) in keys.as_object().into_iter().flatten() {
            // Names of condition keys are compared without case; values of most operators with it.
            let bool_like =
                ["bool", "boolifexists", "null"].contains(&operator.to_ascii_lowercase().as_str());
            let spell = |text: &str| match bool_like {
                true => text.to_ascii_lowercase(),
                false => text.to_owned(),
            };
            sorted.insert(key.to_ascii_lowercase(), list(values, spell));
        }
        operators.insert(
            operator.to_ascii_lowercase(),
            sorted.into_iter().collect::<Map<_, _>>().into(),
        );
    }
    operators.into_iter().collect::<Map<_, _>>().into()
}

/// What a document says of the wanted statements, and what else it says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Compared {
    /// By Sid of the wanted document: what it asks for.
    pub(crate) wanted: Map<String, Value>,
    /// By the same Sids: the same where the document has such a statement under any Sid, what it has under that Sid where that
    /// is another one, and nothing where it has neither.
    pub(crate) seen: Map<String, Value>,
    /// Names of statements that nobody asked for.
    pub(crate) others: Vec<String>,
}

/// Compares what is there with what is wanted.
pub(crate) fn compare(wanted: &Value, seen: &Value) -> Compared {
    let (wanted, seen) = (canonical(wanted), canonical(seen));
    let mut compared = Compared::default();
    let mut used = vec![false; seen.len()];
    for (sid, statement) in &wanted {
        compared.wanted.insert(sid.clone(), statement.clone());
        let same = seen.iter().position(|(_, other)| other == statement);
        let found = same.or_else(|| seen.iter().position(|(name, _)| name == sid));
        if let Some(at) = found {
            used[at] = true;
            compared.seen.insert(sid.clone(), seen[at].1.clone());
        }
    }
    for ((name, statement), used) in seen.iter().zip(used) {
        let wanted_twice = wanted.iter().any(|(_, other)| other == statement);
        if !used && !wanted_twice {
            compared.others.push(name.clone());
        }
    }
    compared
}

/// The document to write: the wanted statements, and those of `seen` that are neither the same nor under one of their Sids.
pub(crate) fn merge(wanted: &Value, seen: Option<&Value>) -> Value {
    let mut document = wanted.clone();
    let Some(seen) = seen else { return document };
    let others = compare(wanted, seen).others;
    let kept: Vec<Value> = canonical(seen)
        .into_iter()
        .zip(raw(seen))
        .filter(|((name, _), _)| others.contains(name))
        .map(|(_, statement)| statement)
        .collect();
    if let Some(Value::Array(statements)) = document.get_mut("Statement") {
        statements.extend(kept);
    }
    document
}

fn raw(document: &Value) -> Vec<Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wanted() -> Value {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
              "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": { "Bool": { "aws:SecureTransport": "false" } } },
            { "Sid": "Own", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*" },
        ] })
    }

    #[test]
    fn spellings_of_the_same_statement_are_the_same() {
        let seen = json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "Other", "Effect": "Allow", "Principal": { "AWS": ["111122223333"] }, "Action": ["S3:PutObject", "s3:GetObject", "s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"] },
            { "Effect": "Deny", "Principal": { "AWS": "*" }, "Action": ["s3:*"],
              "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b"], "Condition": { "bool": { "aws:securetransport": [false] } } },
        ] });
        let compared = compare(&wanted(), &seen);
        assert_eq!(compared.wanted, compared.seen);
        assert!(compared.others.is_empty(), "{:?}", compared.others);
    }

    #[test]
    fn bodies_count_and_not_only_sids() {
        for (from, to) in [
            ("Deny", "Allow"),
            ("aws:SecureTransport", "aws:MultiFactorAuthPresent"),
            ("\"s3:*\"", "\"s3:PutObject\""),
            ("\"false\"", "\"true\""),
            ("\"Bool\"", "\"BoolIfExists\""),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*"),
            ("111122223333", "444455556666"),
        ] {
            let text = wanted().to_string();
            assert!(text.contains(from), "{from}");
            let seen: Value = serde_json::from_str(&text.replace(from, to)).unwrap();
            let compared = compare(&wanted(), &seen);
            assert_ne!(compared.wanted, compared.seen, "{from} → {to}");
            assert_eq!(merge(&wanted(), Some(&seen)), wanted(), "{from} → {to}");
        }
    }

    #[test]
    fn what_others_have_written_is_kept_and_named() {
        let mut seen = wanted();
        let other = json!({ "Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::b" });
        seen["Statement"].as_array_mut().unwrap().insert(0, other.clone());
        assert_eq!(compare(&wanted(), &seen).others, ["Theirs"]);
        let merged = merge(&wanted(), Some(&seen));
        assert_eq!(merged["Statement"].as_array().unwrap().len(), 3);
        assert!(merged["Statement"].as_array().unwrap().contains(&other));
        assert_eq!(merge(&wanted(), None), wanted());
    }
}
