//! What a provider's plan makes of what is written, where that is a rule and not one attribute's own.
//!
//! Source: plans of the provider; the rules come from the older of the two libraries that providers are made with.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use tf_lang::value::Kind;
use tf_lang::{Number, Type, Value};

use super::resource::join;
use crate::config::data;
use crate::schema::{AttributeSchema, BlockSchema, Nesting};

/// Makes an unset attribute of a path and a type: unknown until the apply.
pub(super) type Later<'a> = &'a dyn Fn(&str, Type) -> Value;

/// A resource's value as a plan has it.
pub(super) fn planned(ty: &str, value: Value, schema: &BlockSchema, later: Later<'_>) -> Value {
    let plan = Plan {
        ty,
        legacy: schema.is_legacy(),
        later,
    };
    plan.body(value, schema, "", false)
}

/// What an attribute that the provider computes is certain to begin with; empty where nothing is.
pub(super) fn prefix(ty: &str, path: &str) -> &'static str {
    let of_aws = ty.starts_with("aws_");
    match path {
        "arn" | "qualified_arn" | "invoke_arn" | "execution_arn" if of_aws => "arn:",
        "id" if ARN_IS_ID.contains(&ty) => "arn:",
        "id" => IDS
            .iter()
            .find(|(of, _)| *of == ty)
            .map_or("", |(_, prefix)| prefix),
        _ => "",
    }
}

/// Types whose `id` is their ARN.
///
/// Source: the provider's documentation of each.
const ARN_IS_ID: [&str; 18] = [
    "aws_acm_certificate",
    "aws_acmpca_certificate_authority",
    "aws_alb",
    "aws_alb_listener",
    "aws_alb_target_group",
    "aws_codebuild_project",
    "aws_ecs_cluster",
    "aws_iam_openid_connect_provider",
    "aws_iam_policy",
    "aws_iam_saml_provider",
    "aws_kinesis_stream",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_target_group",
    "aws_msk_cluster",
    "aws_secretsmanager_secret",
    "aws_sfn_state_machine",
    "aws_sns_topic",
];

/// What the ids of some types begin with.
///
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>.
const IDS: [(&str, &str); 11] = [
    ("aws_ebs_volume", "vol-"),
    ("aws_instance", "i-"),
    ("aws_internet_gateway", "igw-"),
    ("aws_launch_template", "lt-"),
    ("aws_nat_gateway", "nat-"),
    ("aws_network_interface", "eni-"),
    ("aws_route_table", "rtb-"),
    ("aws_security_group", "sg-"),
    ("aws_sqs_queue", "https://"),
    ("aws_subnet", "subnet-"),
    ("aws_vpc", "vpc-"),
];

struct Plan<'a> {
    ty: &'a str,
    legacy: bool,
    later: Later<'a>,
}

impl Plan<'_> {
    fn body(&self, value: Value, schema: &BlockSchema, path: &str, in_set: bool) -> Value {
        let (value, marks) = value.unmark();
        let Kind::Object(entries) = value.kind() else {
            return value.with_marks(marks);
        };
        let entries: Vec<(Arc<str>, Value)> = entries
            .iter()
            .map(|(name, value)| {
                let below = || join(path, name);
                let value = match (schema.attribute(name), schema.block(name)) {
                    (Some(attribute), _) => self.attribute(value.clone(), attribute, &below, in_set),
                    (None, Some(block)) if &*block.name != "timeouts" => {
                        let below = below();
                        let in_set = in_set || block.nesting == Nesting::Set;
                        map_items(value.clone(), &mut |item| {
                            self.body(item, &block.body, &below, in_set)
                        })
                    }
                    _ => value.clone(),
                };
                (name.clone(), value)
            })
            .collect();
        Value::object(entries)
            .open(value.as_entries().and_then(|entries| entries.beyond().cloned()))
            .with_marks(marks)
    }

    fn attribute(
        &self,
        value: Value,
        schema: &AttributeSchema,
        path: &dyn Fn() -> String,
        in_set: bool,
    ) -> Value {
        // Most of them: nothing is made of what is not there.
        if !in_set && !schema.write_only && (value.is_null() || !value.is_known()) {
            return value;
        }
        let ty = schema.ty.without_optional();
        if schema.write_only {
            let marks = value.marks_deep();
            return Value::null(ty).with_marks(marks);
        }
        let value = match (&*schema.name, value.as_str()) {
            ("policy", Some(text)) if self.ty == "aws_iam_role_policy" => {
                rewritten(&value, minified_policy(text))
            }
            ("policy" | "assume_role_policy" | "access_policy" | "inline_policy", Some(text))
                if self.legacy =>
            {
                rewritten(&value, normal_json(text))
            }
            ("container_definitions", Some(text)) => rewritten(&value, container_definitions(text)),
            ("maintenance_window" | "preferred_maintenance_window", Some(text)) if self.legacy => {
                rewritten(&value, Some(text.to_lowercase()))
            }
            _ => value,
        };
        if !self.legacy {
            return value;
        }
        if in_set {
            // Numbers and flags of such a block stay null.
            return match ty {
                Type::Number | Type::Bool => value,
                Type::Map(_) => self.collection(value, schema, path),
                _ => zero(value, &ty),
            };
        }
        let value = if ty
            .element()
            .is_some_and(|element| matches!(element, Type::Object(_)))
        {
            // A block that may be written as an attribute too.
            match ty {
                Type::Set(_) => map_items(value, &mut zeroes),
                _ => value,
            }
        } else {
            self.collection(value, schema, path)
        };
        let unset = schema.optional && schema.computed && value.as_str() == Some("");
        if unset {
            (self.later)(&path(), ty).with_marks(value.marks())
        } else {
            value
        }
    }

    /// An empty collection is as good as none, and so is a map's entry that is null.
    fn collection(&self, value: Value, schema: &AttributeSchema, path: &dyn Fn() -> String) -> Value {
        let (value, marks) = value.unmark();
        let value = match value.kind() {
            Kind::Map(element, entries) if entries.iter().any(|(_, entry)| entry.is_null()) => {
                let kept = entries.iter().filter(|(_, entry)| !entry.is_null()).cloned();
                Value::map(element.clone(), kept.collect::<Vec<_>>())
            }
            _ => value,
        };
        let empty = match value.kind() {
            Kind::Map(_, entries) => entries.is_empty(),
            Kind::List(_, items) | Kind::Set(_, items) => items.is_empty(),
            _ => false,
        };
        let ty = schema.ty.without_optional();
        let value = match (empty, schema.optional && schema.computed) {
            (true, true) => (self.later)(&path(), ty),
            (true, false) if schema.optional => Value::null(ty),
            _ => value,
        };
        value.with_marks(marks)
    }
}

fn rewritten(value: &Value, text: Option<String>) -> Value {
    match text {
        Some(text) => Value::from(text).with_marks(value.marks()),
        None => value.clone(),
    }
}

/// The elements of a collection of blocks, each changed; a single block is its own element.
fn map_items(value: Value, change: &mut dyn FnMut(Value) -> Value) -> Value {
    let (value, marks) = value.unmark();
    let value = match value.kind() {
        Kind::List(ty, items) => Value::list(ty.clone(), items.iter().cloned().map(change).collect()),
        Kind::Set(ty, items) => Value::set(ty.clone(), items.iter().cloned().map(change).collect()),
        Kind::Map(ty, entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(name, item)| (name.clone(), change(item.clone())))
                .collect();
            Value::map(ty.clone(), entries)
        }
        Kind::Object(_) => change(value),
        _ => value,
    };
    value.with_marks(marks)
}

/// Inside sets null and the type's empty value are the same.
fn zero(value: Value, ty: &Type) -> Value {
    if !value.is_null() {
        return value;
    }
    let marks = value.marks();
    let empty = match ty {
        Type::String => Value::from(""),
        Type::Number => Value::from(Number::from(0_i64)),
        Type::Bool => Value::from(false),
        Type::List(element) => Value::list((**element).clone(), Vec::new()),
        Type::Set(element) => Value::set((**element).clone(), Vec::new()),
        _ => value,
    };
    empty.with_marks(marks)
}

fn zeroes(value: Value) -> Value {
    let (value, marks) = value.unmark();
    let Kind::Object(entries) = value.kind() else {
        return value.with_marks(marks);
    };
    let entries: Vec<_> = entries
        .iter()
        .map(|(name, entry)| (name.clone(), zero(entry.clone(), &entry.ty())))
        .collect();
    Value::object(entries).with_marks(marks)
}

/// What becomes of the tags of a resource: `tags` and `tags_all`.
pub(super) fn all_tags(legacy: bool, own: &Value, defaults: &Value) -> Option<Value> {
    let mut all: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for source in [defaults, own] {
        for (name, tag) in source
            .as_entries()
            .map(|entries| entries.iter())
            .into_iter()
            .flatten()
        {
            match (tag.is_null(), legacy) {
                (false, _) => drop(all.insert(name.clone(), tag.clone())),
                (true, false) => drop(all.insert(name.clone(), Value::from("").with_marks(tag.marks()))),
                (true, true) => {}
            }
        }
    }
    // Without tags the older library leaves it to the answer of AWS.
    if legacy && all.is_empty() {
        return None;
    }
    Some(Value::map(Type::String, all).with_marks(own.marks().union(defaults.marks())))
}

/// JSON as Go writes it.
fn go_json(json: &Json) -> String {
    data::escaped(&serde_json::to_string(json).unwrap_or_default())
}

/// The same JSON with the members of all objects in order.
fn sorted(json: Json) -> Json {
    match json {
        Json::Object(members) => {
            let members: BTreeMap<String, Json> = members
                .into_iter()
                .map(|(name, member)| (name, sorted(member)))
                .collect();
            Json::Object(members.into_iter().collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// A JSON text with its members sorted and without white space; `None` where it is not JSON.
fn normal_json(text: &str) -> Option<String> {
    serde_json::from_str(text).ok().map(|json| go_json(&sorted(json)))
}

/// A policy with its members in the order of the documentation, what is inside of them sorted.
fn minified_policy(text: &str) -> Option<String> {
    let json: Json = serde_json::from_str(text).ok()?;
    let members = json.as_object()?;
    let mut out = serde_json::Map::new();
    for name in ["Version", "Id", "Statement"] {
        if let Some(member) = members.get(name) {
            out.insert(name.to_owned(), sorted(member.clone()));
        }
    }
    Some(go_json(&Json::Object(out)))
}

/// The containers of a task, as the provider writes them: environment by name, without what is null and without
/// a `cpu` of 0.
fn container_definitions(text: &str) -> Option<String> {
    let Json::Array(containers) = serde_json::from_str(text).ok()? else {
        return None;
    };
    let containers = containers.into_iter().map(|container| {
        let Json::Object(members) = container else {
            return container;
        };
        let mut members: BTreeMap<String, Json> = members
            .into_iter()
            .filter(|(_, member)| !member.is_null())
            .collect();
        if members.get("cpu").and_then(Json::as_i64) == Some(0) {
            members.remove("cpu");
        }
        if let Some(Json::Array(items)) = members.get_mut("environment") {
            items.sort_by_key(|item| item.get("name").and_then(Json::as_str).map(str::to_owned));
        }
        sorted(Json::Object(members.into_iter().collect()))
    });
    Some(go_json(&Json::Array(containers.collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_written_as_the_provider_does() {
        let text = r#"{ "Version": "2012-10-17", "Statement": [{ "Sid": "a<b", "Effect": "Allow" }] }"#;
        let normal = normal_json(text).unwrap();
        assert_eq!(
            normal,
            r#"{"Statement":[{"Effect":"Allow","Sid":"a\u003cb"}],"Version":"2012-10-17"}"#
        );
        let minified = minified_policy(text).unwrap();
        assert_eq!(
            minified,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Sid":"a\u003cb"}]}"#
        );
        assert_eq!(normal_json("no json"), None);
    }

    #[test]
    fn containers_lose_what_is_null() {
        let text = r#"[{"cpu":0,"user":null,"name":"a","environment":[{"name":"Z"},{"name":"A"}]}]"#;
        let normal = container_definitions(text).unwrap();
        assert_eq!(
            normal,
            r#"[{"environment":[{"name":"A"},{"name":"Z"}],"name":"a"}]"#
        );
    }
}
