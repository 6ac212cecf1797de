//! `aws_iam_policy_document`: policies made of blocks.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use tf_lang::value::{Kind, Reason};
use tf_lang::{Type, Value};

use super::{Entry, entry, text};

/// The version of the language of policies that is meant where none is given.
const DEFAULT_VERSION: &str = "2012-10-17";

/// `aws_iam_policy_document`: the JSON text that the provider makes of the blocks.
///
/// Source: the provider's documentation of the data source, and its plans.
pub(super) fn policy_document(value: &Value, deferred: bool) -> Vec<Entry> {
    let (plain, marks) = value.clone().unmark_deep();
    // What the provider computes does not count.
    let inputs = [
        "policy_id",
        "version",
        "statement",
        "source_policy_documents",
        "override_policy_documents",
    ];
    let unknown: Vec<&Value> = inputs
        .iter()
        .filter_map(|name| plain.get(name))
        .filter(|input| !input.is_wholly_known())
        .collect();
    if !unknown.is_empty() {
        let reasons: Vec<Reason> = unknown.iter().flat_map(|input| input.reasons()).collect();
        let later = Value::unknown_because(Type::String, reasons)
            .not_null()
            .with_source(plain.clone())
            .with_prefix("{")
            .with_marks(marks);
        return ["json", "minified_json", "id"]
            .iter()
            .map(|name| entry(name, later.clone()))
            .collect();
    }
    match render(&plain) {
        Some(document) => {
            let made = |text: String| Value::from(text).with_marks(marks);
            let json = pretty(&document);
            let id = crc32fast::hash(json.as_bytes()).to_string();
            let minified = escaped(&serde_json::to_string(&document).unwrap_or_default());
            let mut entries = vec![entry("json", made(json)), entry("minified_json", made(minified))];
            match deferred {
                // The text is what it will be. What else the reading adds nobody asks for before.
                true => {
                    let reason = Reason::DataSource("aws_iam_policy_document.id".into());
                    entries.push(entry("id", Value::unknown(Type::String, reason).not_null()));
                }
                false => {
                    entries.push(entry("id", made(id)));
                    entries.extend(as_read(value));
                }
            }
            entries
        }
        // A source that is no policy is an error that the provider reports when it plans.
        None => vec![],
    }
}

/// What reading the data source makes of arguments that are not set.
fn as_read(value: &Value) -> Vec<Entry> {
    let statement = |statement: &Value| {
        let entries = statement
            .as_entries()
            .map(|entries| entries.to_vec())
            .unwrap_or_default();
        let entries = entries.into_iter().map(|(name, value)| {
            let value = match (&*name, value.kind()) {
                ("effect", Kind::Null(_)) => Value::from("Allow"),
                ("sid", Kind::Null(_)) => Value::from(""),
                (_, Kind::Null(Type::Set(element))) => Value::set((**element).clone(), Vec::new()),
                _ => value,
            };
            (name, value)
        });
        Value::object(entries).with_marks(statement.marks())
    };
    let mut entries = Vec::new();
    if let Some(statements) = value.get("statement")
        && let Kind::List(ty, items) = statements.kind()
    {
        let items = items.iter().map(statement).collect();
        let read = Value::list(ty.clone(), items).with_marks(statements.marks());
        entries.push(entry("statement", read));
    }
    if value.get("version").is_some_and(Value::is_null) {
        entries.push(entry("version", DEFAULT_VERSION.into()));
    }
    entries
}

/// As Go writes JSON: `<`, `>`, `&` and two line separators escaped.
pub(in crate::config) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
    out
}

fn pretty(document: &Json) -> String {
    escaped(&serde_json::to_string_pretty(document).unwrap_or_default())
}

/// One statement by its `Sid`, in the order in which it came.
#[derive(Default)]
struct Document {
    version: Option<String>,
    id: Option<String>,
    statements: Vec<Map<String, Json>>,
}

impl Document {
    /// As the provider merges: a statement with the `Sid` of an earlier one takes its place.
    fn merge(&mut self, other: Document) {
        if let Some(version) = other.version {
            self.version = Some(version);
        }
        if let Some(id) = other.id.filter(|id| !id.is_empty()) {
            self.id = Some(id);
        }
        for statement in other.statements {
            let sid = statement
                .get("Sid")
                .and_then(Json::as_str)
                .filter(|sid| !sid.is_empty());
            let existing = sid.and_then(|sid| {
                self.statements
                    .iter_mut()
                    .find(|old| old.get("Sid").and_then(Json::as_str) == Some(sid))
            });
            match existing {
                Some(slot) => *slot = statement,
                None => self.statements.push(statement),
            }
        }
    }

    fn parse(text: &str) -> Option<Document> {
        let json: Json = serde_json::from_str(text).ok()?;
        let string = |name: &str| json.get(name).and_then(Json::as_str).map(str::to_owned);
        let statements = match json.get("Statement") {
            Some(Json::Array(items)) => items
                .iter()
                .filter_map(Json::as_object)
                .map(normal_statement)
                .collect(),
            Some(Json::Object(one)) => vec![normal_statement(one)],
            _ => Vec::new(),
        };
        Some(Document {
            version: string("Version"),
            id: string("Id"),
            statements,
        })
    }
}

/// A statement with its members in the provider's order.
fn normal_statement(statement: &Map<String, Json>) -> Map<String, Json> {
    let mut out = Map::new();
    for name in [
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    ] {
        let Some(member) = statement.get(name) else {
            continue;
        };
        let empty = matches!(member, Json::String(text) if text.is_empty());
        if empty && name == "Sid" {
            continue;
        }
        let member = match (name, member) {
            ("Principal" | "NotPrincipal", Json::Object(kinds)) => normal_principals(kinds),
            ("Condition", Json::Object(operators)) => normal_conditions(operators),
            (_, other) => other.clone(),
        };
        out.insert(name.to_owned(), member);
    }
    out
}

fn normal_principals(kinds: &Map<String, Json>) -> Json {
    let sorted: BTreeMap<&String, &Json> = kinds.iter().collect();
    let entries = sorted.into_iter().map(|(kind, identifiers)| {
        let identifiers = match identifiers {
            Json::Array(items) => {
                let mut items: Vec<String> =
                    items.iter().filter_map(Json::as_str).map(str::to_owned).collect();
                items.sort_by(|a, b| b.cmp(a));
                string_or_list(items)
            }
            other => other.clone(),
        };
        (kind.clone(), identifiers)
    });
    Json::Object(entries.collect())
}

fn normal_conditions(operators: &Map<String, Json>) -> Json {
    let sorted: BTreeMap<&String, &Json> = operators.iter().collect();
    let entries = sorted.into_iter().map(|(operator, variables)| {
        let variables = match variables {
            Json::Object(variables) => {
                let sorted: BTreeMap<&String, &Json> = variables.iter().collect();
                Json::Object(
                    sorted
                        .into_iter()
                        .map(|(name, values)| (name.clone(), values.clone()))
                        .collect(),
                )
            }
            other => other.clone(),
        };
        (operator.clone(), variables)
    });
    Json::Object(entries.collect())
}

fn string_or_list(mut items: Vec<String>) -> Json {
    match items.len() {
        1 => Json::String(items.remove(0)),
        _ => Json::Array(items.into_iter().map(Json::String).collect()),
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_items)
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The provider's own variables are written `&{…}`, because `${…}` would be Terraform's.
fn policy_variables(text: &str) -> String {
    text.replace("&{", "${")
}

fn render(value: &Value) -> Option<Json> {
    let mut merged = Document::default();
    for source in strings(value.get("source_policy_documents")) {
        merged.merge(Document::parse(&source)?);
    }
    let own = Document {
        version: Some(text(value, "version").unwrap_or(DEFAULT_VERSION).to_owned()),
        id: text(value, "policy_id").map(str::to_owned),
        statements: blocks(value.get("statement")).map(statement).collect(),
    };
    merged.merge(own);
    for source in strings(value.get("override_policy_documents")) {
        merged.merge(Document::parse(&source)?);
    }
    let mut out = Map::new();
    out.insert("Version".to_owned(), Json::String(merged.version?));
    if let Some(id) = merged.id {
        out.insert("Id".to_owned(), Json::String(id));
    }
    if !merged.statements.is_empty() {
        let statements = merged.statements.into_iter().map(Json::Object).collect();
        out.insert("Statement".to_owned(), Json::Array(statements));
    }
    Some(Json::Object(out))
}

fn blocks(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_items).unwrap_or_default().iter()
}

fn statement(block: &Value) -> Map<String, Json> {
    let mut out = Map::new();
    if let Some(sid) = text(block, "sid").filter(|sid| !sid.is_empty()) {
        out.insert("Sid".to_owned(), Json::String(sid.to_owned()));
    }
    out.insert(
        "Effect".to_owned(),
        Json::String(text(block, "effect").unwrap_or("Allow").to_owned()),
    );
    for (name, member) in [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ] {
        let mut items = strings(block.get(name));
        if items.is_empty() {
            continue;
        }
        items.sort_by(|a, b| b.cmp(a));
        let items = items.iter().map(|item| match name {
            "resources" | "not_resources" => policy_variables(item),
            _ => item.clone(),
        });
        out.insert(member.to_owned(), string_or_list(items.collect()));
    }
    for (name, member) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        if let Some(principals) = principals(block.get(name)) {
            out.insert(member.to_owned(), principals);
        }
    }
    if let Some(conditions) = conditions(block.get("condition")) {
        out.insert("Condition".to_owned(), conditions);
    }
    out
}

/// The blocks of a set in the provider's order: that of the decimal digits of a checksum of each, written out.
///
/// Source: plans of the provider.
fn in_hash_order(value: Option<&Value>, written: impl Fn(&Value) -> String) -> Vec<&Value> {
    let mut blocks: Vec<&Value> = blocks(value).collect();
    if blocks.len() > 1 {
        blocks.sort_by_cached_key(|block| hash(&written(block)));
    }
    blocks
}

fn hash(written: &str) -> String {
    crc32fast::hash(written.as_bytes()).to_string()
}

/// The items with a semicolon behind each.
fn terminated(items: &[String]) -> String {
    items.iter().map(|item| format!("{item};")).collect()
}

fn principals(value: Option<&Value>) -> Option<Json> {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut any = false;
    for block in in_hash_order(value, |block| {
        let mut identifiers = strings(block.get("identifiers"));
        identifiers.sort_by_key(|identifier| hash(&format!("{identifier};")));
        let kind = text(block, "type").unwrap_or_default();
        format!("identifiers:{{{}}};type:{kind};", terminated(&identifiers))
    }) {
        any = true;
        let kind = text(block, "type").unwrap_or_default();
        let mut identifiers: Vec<String> = strings(block.get("identifiers"))
            .iter()
            .map(|item| policy_variables(item))
            .collect();
        identifiers.sort_by(|a, b| b.cmp(a));
        kinds.entry(kind.to_owned()).or_default().extend(identifiers);
    }
    if !any {
        return None;
    }
    if let Some(everyone) = kinds.get("*").filter(|_| kinds.len() == 1)
        && everyone.as_slice() == ["*"]
    {
        return Some(Json::String("*".to_owned()));
    }
    let entries = kinds
        .into_iter()
        .map(|(kind, identifiers)| (kind, string_or_list(identifiers)));
    Some(Json::Object(entries.collect()))
}

fn conditions(value: Option<&Value>) -> Option<Json> {
    let mut operators: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for block in in_hash_order(value, |block| {
        let part = |name: &str| text(block, name).unwrap_or_default();
        let values = terminated(&strings(block.get("values")));
        format!(
            "test:{};values:({values});variable:{};",
            part("test"),
            part("variable")
        )
    }) {
        let (operator, variable) = (text(block, "test")?, text(block, "variable")?);
        let values = strings(block.get("values"))
            .into_iter()
            .map(|item| policy_variables(&item));
        operators
            .entry(operator.to_owned())
            .or_default()
            .entry(variable.to_owned())
            .or_default()
            .extend(values);
    }
    if operators.is_empty() {
        return None;
    }
    let entries = operators.into_iter().map(|(operator, variables)| {
        let variables = variables
            .into_iter()
            .map(|(name, values)| (name, string_or_list(values)));
        (operator, Json::Object(variables.collect()))
    });
    Some(Json::Object(entries.collect()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn list(items: &[&str]) -> Value {
        Value::set(
            Type::String,
            items.iter().map(|item| Value::from(*item)).collect(),
        )
    }

    #[test]
    fn a_document_has_the_provider_s_layout() {
        let statement = Value::object([
            entry("sid", "A".into()),
            entry("effect", "Allow".into()),
            entry("actions", list(&["s3:GetObject", "s3:ListBucket"])),
            entry("resources", list(&["arn:aws:s3:::b/&{aws:username}"])),
            entry(
                "principals",
                Value::tuple(vec![Value::object([
                    entry("type", "*".into()),
                    entry("identifiers", list(&["*"])),
                ])]),
            ),
        ]);
        let document = Value::object([entry("statement", Value::tuple(vec![statement]))]);
        let entries = policy_document(&document, false);
        let json = entries
            .iter()
            .find(|(name, _)| &**name == "json")
            .map(|(_, value)| value)
            .unwrap();
        let expected = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Sid\": \"A\",\n      \
                        \"Effect\": \"Allow\",\n      \"Action\": [\n        \"s3:ListBucket\",\n        \
                        \"s3:GetObject\"\n      ],\n      \"Resource\": \"arn:aws:s3:::b/${aws:username}\",\n      \
                        \"Principal\": \"*\"\n    }\n  ]\n}";
        assert_eq!(json.as_str(), Some(expected));
    }

    #[test]
    fn principals_come_in_the_order_of_their_checksums() {
        let block = |name: &str| {
            let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
            let both = [role(name), role(&format!("x{name}"))];
            Value::object([
                entry("type", "AWS".into()),
                entry("identifiers", list(&[&both[0], &both[1]])),
            ])
        };
        let blocks = Value::tuple(["alpha", "beta", "mid", "omega", "zeta"].map(block).to_vec());
        let principals = principals(Some(&blocks)).unwrap();
        let names: Vec<&str> = principals["AWS"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|role| role.as_str()?.rsplit('/').next())
            .collect();
        // As the provider has it.
        let expected = [
            "zeta", "xzeta", "xalpha", "alpha", "xbeta", "beta", "xmid", "mid", "xomega", "omega",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn reading_fills_in_what_is_not_set() {
        let statement = Type::object(
            [("effect", Type::String), ("sid", Type::String)].map(|(name, ty)| tf_lang::types::ObjectAttr {
                name: name.into(),
                ty,
                optional: false,
            }),
        );
        let written = Value::object([
            entry("effect", Value::null(Type::String)),
            entry("sid", Value::null(Type::String)),
        ]);
        let document = Value::object([
            entry("statement", Value::list(statement, vec![written])),
            entry("version", Value::null(Type::String)),
        ]);
        let names = |deferred| -> Vec<Arc<str>> {
            let entries = policy_document(&document, deferred);
            entries.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(true), ["json", "minified_json", "id"].map(Arc::from));
        let read = Value::object(policy_document(&document, false));
        assert_eq!(read.get("version").and_then(Value::as_str), Some("2012-10-17"));
        let statement = &read.get("statement").unwrap().as_items().unwrap()[0];
        assert_eq!(statement.get("effect").and_then(Value::as_str), Some("Allow"));
    }

    #[test]
    fn later_documents_replace_statements_of_the_same_sid() {
        let mut document = Document::parse(r#"{"Statement":[{"Sid":"A","Effect":"Allow"}]}"#).unwrap();
        document.merge(Document::parse(r#"{"Statement":{"Sid":"A","Effect":"Deny"}}"#).unwrap());
        assert_eq!(document.statements.len(), 1);
        assert_eq!(
            document.statements[0].get("Effect").and_then(Json::as_str),
            Some("Deny")
        );
    }
}
