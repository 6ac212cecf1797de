//! A small IAM, for tests: which requests a document allows and which it denies. By
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

use std::collections::BTreeMap;

use serde_json::Value;

/// A request, with what IAM knows of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    action: String,
    resource: String,
    principal: BTreeMap<&'static str, String>,
    context: BTreeMap<String, Vec<String>>,
}

/// What a document says of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    Denied,
    Allowed,
    Silent,
}

impl Request {
    pub(crate) fn new(action: &str, resource: &str) -> Request {
        Request {
            action: action.to_owned(),
            resource: resource.to_owned(),
            ..Request::default()
        }
    }

    /// Signed by somebody of an account, over TLS 1.3.
    pub(crate) fn by_account(self, account: &str) -> Request {
        let mut request = self
            .with("aws:SecureTransport", "true")
            .with("s3:TlsVersion", "1.3")
            .with("aws:PrincipalAccount", account)
            .with("aws:PrincipalIsAWSService", "false");
        request
            .principal
            .insert("AWS", format!("arn:aws:iam::{account}:role/somebody"));
        request
    }

    /// By a service of AWS on its own.
    pub(crate) fn by_service(self, service: &str) -> Request {
        let mut request = self
            .with("aws:SecureTransport", "true")
            .with("s3:TlsVersion", "1.3")
            .with("aws:PrincipalIsAWSService", "true");
        request.principal.insert("Service", service.to_owned());
        request
    }

    /// With a web identity's token.
    pub(crate) fn by_token(mut self, provider: &str) -> Request {
        self.principal.insert("Federated", provider.to_owned());
        self
    }

    pub(crate) fn with(mut self, key: &str, value: &str) -> Request {
        self.context
            .entry(key.to_ascii_lowercase())
            .or_default()
            .push(value.to_owned());
        self
    }

    pub(crate) fn without(mut self, key: &str) -> Request {
        self.context.remove(&key.to_ascii_lowercase());
        self
    }
}

/// What the document says.
pub(crate) fn decide(document: &Value, request: &Request) -> Decision {
    let matching = |effect: &str| {
        document["Statement"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|statement| statement["Effect"] == effect && applies(statement, request))
    };
    match (matching("Deny"), matching("Allow")) {
        (true, _) => Decision::Denied,
        (false, true) => Decision::Allowed,
        (false, false) => Decision::Silent,
    }
}

fn applies(statement: &Value, request: &Request) -> bool {
    for key in statement.as_object().unwrap().keys() {
        let known = [
            "Sid",
            "Effect",
            "Principal",
            "Action",
            "Resource",
            "NotResource",
            "Condition",
        ];
        assert!(known.contains(&key.as_str()), "the evaluator does not know {key}");
    }
    let action = texts(&statement["Action"]).iter().any(|pattern| {
        like(
            &pattern.to_ascii_lowercase(),
            &request.action.to_ascii_lowercase(),
        )
    });
    let resource = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(patterns), None) => texts(patterns)
            .iter()
            .any(|pattern| like(pattern, &request.resource)),
        (None, Some(patterns)) => !texts(patterns)
            .iter()
            .any(|pattern| like(pattern, &request.resource)),
        // Trust policies have none.
        (None, None) => true,
        both => panic!("{both:?}"),
    };
    let principal = match statement.get("Principal") {
        None => true,
        Some(principal) => principal.as_object().unwrap().iter().any(|(kind, names)| {
            let names = texts(names);
            (kind == "AWS" && names.iter().any(|name| name == "*"))
                || request.principal.get(kind.as_str()).is_some_and(|who| {
                    names.iter().any(|name| {
                        name == who
                            || name
                                .strip_suffix(":root")
                                .is_some_and(|account| who.starts_with(account))
                    })
                })
        }),
    };
    let conditions = statement.get("Condition").and_then(Value::as_object);
    let held = conditions.into_iter().flatten().all(|(operator, keys)| {
        keys.as_object().unwrap().iter().all(|(key, values)| {
            holds(
                operator,
                request.context.get(&key.to_ascii_lowercase()),
                &texts(values),
            )
        })
    });
    action && resource && principal && held
}

fn holds(operator: &str, seen: Option<&Vec<String>>, wanted: &[String]) -> bool {
    if operator == "Null" {
        return wanted.iter().any(|wanted| (wanted == "true") == seen.is_none());
    }
    if let Some(inner) = operator.strip_prefix("ForAllValues:") {
        return seen
            .into_iter()
            .flatten()
            .all(|seen| one(inner, Some(seen), wanted));
    }
    if let Some(inner) = operator.strip_suffix("IfExists") {
        return seen.is_none() || holds(inner, seen, wanted);
    }
    assert!(
        seen.is_none_or(|seen| seen.len() == 1),
        "{operator} on several values"
    );
    one(operator, seen.and_then(|seen| seen.first()), wanted)
}

fn one(operator: &str, seen: Option<&String>, wanted: &[String]) -> bool {
    let any = |test: &dyn Fn(&str, &str) -> bool| {
        seen.is_some_and(|seen| wanted.iter().any(|wanted| test(wanted, seen)))
    };
    match operator {
        "StringEquals" => any(&|wanted, seen| wanted == seen),
        "Bool" => any(&|wanted, seen| wanted.eq_ignore_ascii_case(seen)),
        "StringLike" | "ArnLike" => any(&like),
        // What is not there is not equal.
        "StringNotEquals" => !any(&|wanted, seen| wanted == seen),
        "NumericLessThan" => {
            any(&|wanted, seen| seen.parse::<f64>().unwrap() < wanted.parse::<f64>().unwrap())
        }
        other => panic!("the evaluator does not know {other}"),
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().unwrap().to_owned())
            .collect(),
        other => panic!("{other}"),
    }
}

/// `*` is anything, `?` one character.
fn like(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            like(&pattern[1..], text)
                || text
                    .chars()
                    .next()
                    .is_some_and(|first| like(pattern, &text[first.len_utf8()..]))
        }
        (Some('?'), Some(first)) => like(&pattern[1..], &text[first.len_utf8()..]),
        (Some(one), Some(other)) if one == other => {
            like(&pattern[one.len_utf8()..], &text[other.len_utf8()..])
        }
        _ => false,
    }
}
