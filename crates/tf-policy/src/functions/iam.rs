//! IAM policies as lists of statements, whatever they were written as.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use std::sync::Arc;

use tf_lang::eval::UNKNOWN_PART;
use tf_lang::functions::CallResult;
use tf_lang::value::{Kind, Reason};
use tf_lang::{Type, Value};

use super::Read;

/// The statements of a document.
pub(crate) fn statements(document: &Value, read: Read<'_>) -> CallResult {
    let mut out = Vec::new();
    document_statements(document, read, &mut out);
    Ok(Value::tuple(out))
}

fn unknown(reasons: Vec<Reason>) -> Value {
    Value::unknown_because(Type::Any, reasons)
}

fn document_statements(document: &Value, read: Read<'_>, out: &mut Vec<Value>) {
    match document.kind() {
        Kind::Null(_) => {}
        Kind::String(text) => json_text(text, &[], out),
        Kind::Unknown(value) => match &value.source {
            // The text is unknown in part, but what it is made of is not.
            Some(source) => match source.as_str() {
                Some(outline) => json_text(outline, &value.reasons, out),
                None => document_statements(source, read, out),
            },
            None => out.push(unknown(value.reasons.to_vec())),
        },
        Kind::Handle(handle) => {
            let statement = read(*handle, "statement");
            if statement.is_null() {
                return;
            }
            let get = |name: &str| read(*handle, name);
            block_document(&get, read, out);
        }
        Kind::Object(entries) | Kind::Map(_, entries) => {
            if entries.get("statement").is_some() {
                let get = |name: &str| entries.get(name).cloned().unwrap_or(Value::NULL);
                return block_document(&get, read, out);
            }
            match entries.get("Statement") {
                Some(statements) => each(statements, &mut |statement| out.push(json_statement(statement))),
                None if entries.get("Effect").is_some() => out.push(json_statement(document)),
                None => {}
            }
        }
        _ => each(document, &mut |item| {
            // A list of documents, or of statements.
            match item.get("effect").is_some() {
                true => out.push(block_statement(item)),
                false => document_statements(item, read, out),
            }
        }),
    }
}

/// A value, or each of its elements.
fn each(value: &Value, visit: &mut dyn FnMut(&Value)) {
    match value.as_items() {
        Some(items) => items.iter().for_each(visit),
        None => visit(value),
    }
}

/// Attributes of an `aws_iam_policy_document` that hold other documents.
pub(crate) const INCLUDED: [&str; 2] = ["source_policy_documents", "override_policy_documents"];

/// An `aws_iam_policy_document` and the documents that it includes.
fn block_document(get: &dyn Fn(&str) -> Value, read: Read<'_>, out: &mut Vec<Value>) {
    for name in INCLUDED {
        each(&get(name), &mut |document| {
            document_statements(document, read, out)
        });
    }
    let statements = get("statement");
    match statements.as_unknown() {
        Some(value) => out.push(unknown(value.reasons.to_vec())),
        None => statements
            .as_items()
            .unwrap_or_default()
            .iter()
            .for_each(|statement| {
                out.push(match statement.as_unknown() {
                    Some(value) => unknown(value.reasons.to_vec()),
                    None => block_statement(statement),
                });
            }),
    }
}

/// A document as JSON text. Strings with [`UNKNOWN_PART`] in them are unknown for the given reasons.
fn json_text(text: &str, reasons: &[Reason], out: &mut Vec<Value>) {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => {
            let document = json_value(&json, reasons);
            match document.get("Statement") {
                Some(statements) => each(statements, &mut |statement| out.push(json_statement(statement))),
                None => {
                    if let serde_json::Value::Array(_) = json {
                        each(&document, &mut |statement| out.push(json_statement(statement)));
                    }
                }
            }
        }
        // A text that is no JSON, as where a whole statement is interpolated, says nothing for certain.
        Err(_) if !reasons.is_empty() => out.push(unknown(reasons.to_vec())),
        // An empty text is as good as none.
        Err(_) if text.trim().is_empty() => {}
        Err(_) => out.push(unknown(vec![Reason::Error(
            "the text of the IAM policy is not JSON".into(),
        )])),
    }
}

fn json_value(json: &serde_json::Value, reasons: &[Reason]) -> Value {
    match json {
        serde_json::Value::Null => Value::NULL,
        serde_json::Value::Bool(flag) => Value::from(*flag),
        serde_json::Value::Number(number) => Value::from(number.to_string()),
        serde_json::Value::String(text) if text.contains(UNKNOWN_PART) => {
            let known = text.split(UNKNOWN_PART).next().unwrap_or_default();
            Value::unknown_because(Type::String, reasons.iter().cloned())
                .not_null()
                .with_prefix(known)
        }
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => {
            Value::tuple(items.iter().map(|item| json_value(item, reasons)).collect())
        }
        serde_json::Value::Object(entries) => Value::object(
            entries
                .iter()
                .map(|(key, value)| (Arc::from(key.as_str()), json_value(value, reasons))),
        ),
    }
}

fn entry(name: &str, value: Value) -> (Arc<str>, Value) {
    (name.into(), value)
}

/// A list of strings from one or many.
fn list(value: Option<&Value>) -> Value {
    let value = value.unwrap_or(&Value::NULL);
    match value.kind() {
        Kind::Null(_) => Value::tuple(Vec::new()),
        Kind::Unknown(inner) => match inner.ty {
            // One unknown string, against a list of unknown length.
            Type::String => Value::tuple(vec![value.clone()]),
            _ => Value::tuple(vec![unknown(inner.reasons.to_vec())]),
        },
        _ => match value.as_items() {
            Some(items) => Value::tuple(items.to_vec()),
            None => Value::tuple(vec![value.clone()]),
        },
    }
}

fn json_statement(statement: &Value) -> Value {
    if let Some(value) = statement.as_unknown() {
        return unknown(value.reasons.to_vec());
    }
    let get = |name: &str| statement.get(name);
    Value::object([
        entry("sid", get("Sid").cloned().unwrap_or(Value::NULL)),
        entry("effect", get("Effect").cloned().unwrap_or(Value::NULL)),
        entry("actions", list(get("Action"))),
        entry("not_actions", list(get("NotAction"))),
        entry("resources", list(get("Resource"))),
        entry("not_resources", list(get("NotResource"))),
        entry("principals", json_principals(get("Principal"))),
        entry("not_principals", json_principals(get("NotPrincipal"))),
        entry("conditions", json_conditions(get("Condition"))),
    ])
}

/// `"*"`, `"AWS:arn:…"`, `"Service:…"`.
fn principal(kind: &str, identifier: &Value) -> Value {
    match identifier.as_str() {
        Some("*") if matches!(kind, "AWS" | "*") => Value::from("*"),
        Some(identifier) => Value::from(format!("{kind}:{identifier}")),
        None => {
            let unknown = Value::unknown_because(Type::String, identifier.reasons()).not_null();
            let begins = identifier
                .as_unknown()
                .and_then(|unknown| unknown.prefix.clone())
                .unwrap_or_default();
            // An account that is not known at all may turn out to be everyone.
            match matches!(kind, "AWS" | "*") && begins.is_empty() {
                true => unknown,
                false => unknown.with_prefix(&format!("{kind}:{begins}")),
            }
        }
    }
}

fn json_principals(value: Option<&Value>) -> Value {
    let value = value.unwrap_or(&Value::NULL);
    if let Some(inner) = value.as_unknown() {
        return Value::tuple(vec![unknown(inner.reasons.to_vec())]);
    }
    let mut out = Vec::new();
    match value.as_entries() {
        Some(kinds) => {
            for (kind, identifiers) in kinds.iter() {
                each(&list(Some(identifiers)), &mut |identifier| {
                    out.push(principal(kind, identifier))
                });
            }
        }
        None => each(&list(Some(value)), &mut |identifier| {
            out.push(principal("*", identifier))
        }),
    }
    Value::tuple(out)
}

fn condition(test: Value, variable: Value, values: Value) -> Value {
    Value::object([
        entry("test", test),
        entry("variable", variable),
        entry("values", values),
    ])
}

fn json_conditions(value: Option<&Value>) -> Value {
    let value = value.unwrap_or(&Value::NULL);
    if let Some(inner) = value.as_unknown() {
        return Value::tuple(vec![unknown(inner.reasons.to_vec())]);
    }
    let mut out = Vec::new();
    for (test, variables) in value
        .as_entries()
        .map(|entries| entries.to_vec())
        .unwrap_or_default()
    {
        for (variable, values) in variables
            .as_entries()
            .map(|entries| entries.to_vec())
            .unwrap_or_default()
        {
            out.push(condition(
                Value::from(&*test),
                Value::from(&*variable),
                list(Some(&values)),
            ));
        }
    }
    Value::tuple(out)
}

fn block_statement(statement: &Value) -> Value {
    let get = |name: &str| statement.get(name);
    let effect = match get("effect") {
        Some(effect) if !effect.is_null() => effect.clone(),
        _ => Value::from("Allow"),
    };
    let blocks = |name: &str, make: &dyn Fn(&Value, &mut Vec<Value>)| {
        let value = get(name).cloned().unwrap_or(Value::NULL);
        let mut out = Vec::new();
        match value.as_unknown() {
            Some(inner) => out.push(unknown(inner.reasons.to_vec())),
            None => value
                .as_items()
                .unwrap_or_default()
                .iter()
                .for_each(|block| match block.as_unknown() {
                    Some(inner) => out.push(unknown(inner.reasons.to_vec())),
                    None => make(block, &mut out),
                }),
        }
        Value::tuple(out)
    };
    let principals = |block: &Value, out: &mut Vec<Value>| {
        let kind = block
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("AWS")
            .to_owned();
        each(&list(block.get("identifiers")), &mut |identifier| {
            out.push(principal(&kind, identifier))
        });
    };
    let conditions = |block: &Value, out: &mut Vec<Value>| {
        let part = |name: &str| block.get(name).cloned().unwrap_or(Value::NULL);
        out.push(condition(
            part("test"),
            part("variable"),
            list(block.get("values")),
        ));
    };
    Value::object([
        entry("sid", get("sid").cloned().unwrap_or(Value::NULL)),
        entry("effect", effect),
        entry("actions", list(get("actions"))),
        entry("not_actions", list(get("not_actions"))),
        entry("resources", list(get("resources"))),
        entry("not_resources", list(get("not_resources"))),
        entry("principals", blocks("principals", &principals)),
        entry("not_principals", blocks("not_principals", &principals)),
        entry("conditions", blocks("condition", &conditions)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        statements(&Value::from(text), &|_, _| Value::NULL).unwrap()
    }

    #[test]
    fn one_and_many_are_read_alike() {
        let document = read(
            r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":["a","b"],"Principal":{"AWS":"*"}}}"#,
        );
        let statement = &document.as_items().unwrap()[0];
        assert_eq!(statement.get("actions").unwrap().as_items().unwrap().len(), 1);
        assert_eq!(statement.get("resources").unwrap().as_items().unwrap().len(), 2);
        assert_eq!(
            statement.get("principals").unwrap().as_items().unwrap()[0].as_str(),
            Some("*")
        );
    }

    #[test]
    fn an_unknown_resource_leaves_the_action_known() {
        let outline =
            format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"*","Resource":"{UNKNOWN_PART}/x"}}]}}"#);
        let reason = Reason::KnownAfterApply("aws_s3_bucket.b.arn".into());
        let text = Value::unknown(Type::String, reason).with_source(Value::from(outline));
        let document = statements(&text, &|_, _| Value::NULL).unwrap();
        let statement = &document.as_items().unwrap()[0];
        assert_eq!(
            statement.get("actions").unwrap().as_items().unwrap()[0].as_str(),
            Some("*")
        );
        assert!(!statement.get("resources").unwrap().is_wholly_known());
    }

    #[test]
    fn an_arn_that_is_not_known_yet_is_not_everyone() {
        let reason = Reason::KnownAfterApply("aws_iam_role.app.arn".into());
        let arn = Value::unknown(Type::String, reason).with_prefix("arn:");
        let begins = |value: &Value| value.as_unknown().and_then(|unknown| unknown.prefix.clone());
        assert_eq!(begins(&principal("AWS", &arn)).as_deref(), Some("AWS:arn:"));
        // Without a beginning it may be "*".
        let anything = Value::unknown(Type::String, Reason::Variable("var.trusted".into()));
        assert_eq!(begins(&principal("AWS", &anything)), None);
    }

    #[test]
    fn what_is_no_policy_has_no_statements() {
        assert!(read(" ").as_items().unwrap().is_empty());
        let document = read("not json");
        let reasons = document.as_items().unwrap()[0].reasons();
        assert_eq!(reasons[0].to_string(), "the text of the IAM policy is not JSON");
        assert!(
            statements(&Value::NULL, &|_, _| Value::NULL)
                .unwrap()
                .as_items()
                .unwrap()
                .is_empty()
        );
    }
}
