//! Data sources that need no network, and Terraform's built-in resource.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use tf_lang::convert::unknown_from;
use tf_lang::value::Reason;
use tf_lang::{Type, Value};

type Entry = (Arc<str>, Value);

/// What a data source computes from its arguments; `None` where it asks AWS.
pub(super) fn compute(
    ty: &str,
    value: &Value,
    region: Option<Value>,
    default_tags: &dyn Fn() -> Option<Value>,
) -> Option<Vec<Entry>> {
    match ty {
        "aws_iam_policy_document" => Some(policy_document(value)),
        "aws_arn" => arn(value),
        "aws_partition" => partition(region?),
        "aws_region" => aws_region(value, region),
        "aws_elb_service_account" => elb_service_account(value, region),
        "aws_service_principal" => service_principal(value, region),
        "aws_default_tags" => {
            let tags = default_tags().unwrap_or_else(|| Value::map(Type::String, []));
            let tags = tf_lang::convert::convert(&tags, &Type::map(Type::String)).ok()?;
            Some(vec![entry("tags", tags)])
        }
        "null_data_source" => {
            let inputs = value.get("inputs").cloned().unwrap_or(Value::NULL);
            Some(vec![entry("outputs", inputs)])
        }
        _ => None,
    }
}

fn entry(name: &str, value: Value) -> Entry {
    (name.into(), value)
}

/// `terraform_data`: the output is the input once it is applied.
pub(super) fn terraform_data(value: &Value, address: &str) -> Value {
    let get = |name: &str| value.get(name).cloned().unwrap_or(Value::NULL);
    let after_apply = |name: &str, ty: Type| {
        Value::unknown(ty, Reason::KnownAfterApply(format!("{address}.{name}").into()))
    };
    let input = get("input");
    let output = match input.is_null() {
        true => Value::null(input.ty()),
        false => after_apply("output", input.ty()),
    };
    Value::object([
        entry("id", after_apply("id", Type::String).not_null()),
        entry("input", input),
        entry("output", output),
        entry("triggers_replace", get("triggers_replace")),
    ])
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

/// `arn:partition:service:region:account:resource`.
fn arn(value: &Value) -> Option<Vec<Entry>> {
    let arn = text(value, "arn")?;
    let mut parts = arn.splitn(6, ':').skip(1);
    let names = ["partition", "service", "region", "account", "resource"];
    let mut entries: Vec<Entry> = names
        .iter()
        .map(|name| parts.next().map(|part| entry(name, part.into())))
        .collect::<Option<_>>()?;
    entries.push(entry("id", arn.into()));
    Some(entries)
}

/// Partition, DNS suffix and reverse DNS prefix of a region.
fn partition_of(region: &str) -> (&'static str, &'static str, &'static str) {
    match region {
        region if region.starts_with("cn-") => ("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"),
        region if region.starts_with("us-gov-") => ("aws-us-gov", "amazonaws.com", "com.amazonaws"),
        region if region.starts_with("us-isob-") => ("aws-iso-b", "sc2s.sgov.gov", "gov.sgov.sc2s"),
        region if region.starts_with("us-iso-") => ("aws-iso", "c2s.ic.gov", "gov.ic.c2s"),
        _ => ("aws", "amazonaws.com", "com.amazonaws"),
    }
}

fn partition(region: Value) -> Option<Vec<Entry>> {
    let Some(region) = region.as_str() else {
        return Some(
            ["id", "partition", "dns_suffix", "reverse_dns_prefix"]
                .iter()
                .map(|name| entry(name, unknown_from(Type::String, &region).not_null()))
                .collect(),
        );
    };
    let (partition, suffix, prefix) = partition_of(region);
    Some(vec![
        entry("id", partition.into()),
        entry("partition", partition.into()),
        entry("dns_suffix", suffix.into()),
        entry("reverse_dns_prefix", prefix.into()),
    ])
}

/// The region is that of the provider; its description is not a thing that a policy reads.
fn aws_region(value: &Value, region: Option<Value>) -> Option<Vec<Entry>> {
    let named = value
        .get("name")
        .filter(|name| !name.is_null() && name.is_known())
        .cloned();
    let region = named.or(region)?;
    let endpoint = match region.as_str() {
        Some(name) => format!("ec2.{name}.{}", partition_of(name).1).into(),
        None => unknown_from(Type::String, &region),
    };
    Some(vec![
        entry("id", region.clone()),
        entry("name", region),
        entry("endpoint", endpoint),
    ])
}

/// Accounts of AWS's own that write the logs of load balancers, by region.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-access-logs.html>.
const ELB_ACCOUNTS: [(&str, &str); 26] = [
    ("af-south-1", "098369216593"),
    ("ap-east-1", "754344448648"),
    ("ap-northeast-1", "582318560864"),
    ("ap-northeast-2", "600734575887"),
    ("ap-northeast-3", "383597477331"),
    ("ap-south-1", "718504428378"),
    ("ap-southeast-1", "114774131450"),
    ("ap-southeast-2", "783225319266"),
    ("ap-southeast-3", "589379963580"),
    ("ca-central-1", "985666609251"),
    ("cn-north-1", "638102146993"),
    ("cn-northwest-1", "037604701340"),
    ("eu-central-1", "054676820928"),
    ("eu-north-1", "897822967062"),
    ("eu-south-1", "635631232127"),
    ("eu-west-1", "156460612806"),
    ("eu-west-2", "652711504416"),
    ("eu-west-3", "009996457667"),
    ("me-south-1", "076674570225"),
    ("sa-east-1", "507241528517"),
    ("us-east-1", "127311923021"),
    ("us-east-2", "033677994240"),
    ("us-gov-east-1", "190560391635"),
    ("us-gov-west-1", "048591011584"),
    ("us-west-1", "027434742980"),
    ("us-west-2", "797873946194"),
];

/// The account of a region; the partition is that of the provider, whatever region is asked for.
fn elb_service_account(value: &Value, region: Option<Value>) -> Option<Vec<Entry>> {
    let configured = region?;
    let (partition, _, _) = partition_of(configured.as_str()?);
    let asked = text(value, "region").or(configured.as_str())?;
    let (_, account) = ELB_ACCOUNTS.iter().find(|(name, _)| *name == asked)?;
    Some(vec![
        entry("id", (*account).into()),
        entry("region", asked.into()),
        entry("arn", format!("arn:{partition}:iam::{account}:root").into()),
    ])
}

fn service_principal(value: &Value, region: Option<Value>) -> Option<Vec<Entry>> {
    let service = text(value, "service_name")?;
    let region = text(value, "region").map(Value::from).or(region)?;
    let region = region.as_str()?;
    let (_, suffix, prefix) = partition_of(region);
    // Services have principals under amazonaws.com, but for a few in China.
    let in_china = ["codedeploy", "elasticmapreduce", "logs"].contains(&service);
    let suffix = if suffix == "amazonaws.com.cn" && !in_china {
        "amazonaws.com"
    } else {
        suffix
    };
    Some(vec![
        entry("id", format!("{prefix}.{region}.{service}").into()),
        entry("name", format!("{service}.{suffix}").into()),
        entry("suffix", suffix.into()),
        entry("region", region.into()),
    ])
}

/// `aws_iam_policy_document`: the JSON text that the provider makes of the blocks.
///
/// Source: the provider's documentation of the data source, and its plans.
fn policy_document(value: &Value) -> Vec<Entry> {
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
            vec![
                entry("json", made(pretty(&document))),
                entry(
                    "minified_json",
                    made(escaped(&serde_json::to_string(&document).unwrap_or_default())),
                ),
                entry(
                    "id",
                    Value::unknown(
                        Type::String,
                        Reason::DataSource("aws_iam_policy_document.id".into()),
                    ),
                ),
            ]
        }
        // A source that is no policy is an error that the provider reports when it plans.
        None => vec![],
    }
}

/// As Go writes JSON: `<`, `>`, `&` and two line separators escaped.
pub(super) fn escaped(text: &str) -> String {
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
        version: Some(text(value, "version").unwrap_or("2012-10-17").to_owned()),
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

fn principals(value: Option<&Value>) -> Option<Json> {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut any = false;
    for block in blocks(value) {
        any = true;
        let kind = text(block, "type").unwrap_or_default();
        let identifiers = strings(block.get("identifiers"))
            .into_iter()
            .map(|item| policy_variables(&item));
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
    let entries = kinds.into_iter().map(|(kind, mut identifiers)| {
        identifiers.sort_by(|a, b| b.cmp(a));
        (kind, string_or_list(identifiers))
    });
    Some(Json::Object(entries.collect()))
}

fn conditions(value: Option<&Value>) -> Option<Json> {
    let mut operators: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for block in blocks(value) {
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
        let entries = policy_document(&document);
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
