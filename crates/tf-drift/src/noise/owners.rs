//! Attributes that other resources set: a bucket shows the policy that `aws_s3_bucket_policy` gives it, a security group the rules that
//! are resources of their own.
//!
//! What such a resource sets would itself be reported if somebody changed it. What is left, when everything that a resource of the
//! root sets is taken out, is drift: a rule that somebody added to a group whose other rules are resources.

use std::collections::{BTreeMap, HashMap};

use tf_lang::Value;
use tf_model::Graph;
use tf_model::plan::Step;

use super::owned::{OWNED, Parts};

/// An attribute with what others set taken out.
#[derive(Debug)]
pub(crate) struct Rest {
    pub(crate) before: Value,
    pub(crate) after: Value,
    /// Who sets what was taken out; nobody, where nothing was.
    pub(crate) shares: Vec<Share>,
}

/// What one resource sets of an attribute of another one.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    pub(crate) owner: String,
    pub(crate) before: Value,
    pub(crate) after: Value,
}

/// The resources of a root that set attributes of others.
pub(crate) struct Owners<'g> {
    /// By type: address and values, as the state records them and as they are.
    by_type: HashMap<&'g str, Vec<(&'g str, &'g Value)>>,
}

impl<'g> Owners<'g> {
    /// Those of both worlds: what somebody deleted set something too.
    pub(crate) fn new(worlds: [&'g Graph; 2]) -> Owners<'g> {
        let mut by_type: HashMap<&str, Vec<(&str, &Value)>> = HashMap::new();
        for resource in worlds.into_iter().flat_map(|world| &world.resources) {
            let entry = by_type.entry(&*resource.address.ty).or_default();
            entry.push((&*resource.text, &resource.values));
        }
        Owners { by_type }
    }

    /// What is left of an attribute of a resource.
    pub(crate) fn of(&self, step: &Step, name: &str, was: &Value, is: &Value) -> Rest {
        let untouched = || Rest {
            before: was.clone(),
            after: is.clone(),
            shares: Vec::new(),
        };
        let table = OWNED
            .iter()
            .find(|(ty, attributes, ..)| *ty == &*step.ty && attributes.contains(&name));
        let Some((.., types, parts)) = table else {
            return untouched();
        };
        let owners: Vec<(&str, &Value)> = types
            .iter()
            .flat_map(|(ty, link)| {
                let all = self.by_type.get(ty).into_iter().flatten();
                all.filter(move |(_, values)| is_linked(step, values, link))
            })
            .filter(|(address, _)| *address != &*step.address)
            .copied()
            .collect();
        if owners.is_empty() {
            return untouched();
        }
        let rest = |value: &Value| part(value, &owners, parts, Of::Nobody);
        let (before, after) = (rest(was), rest(is));
        if before.equals_known(was) && after.equals_known(is) {
            return Rest {
                before,
                after,
                shares: Vec::new(),
            };
        }
        // One that stands in both worlds has two values.
        let mut by_address: BTreeMap<&str, Vec<(&str, &Value)>> = BTreeMap::new();
        for owner in owners {
            by_address.entry(owner.0).or_default().push(owner);
        }
        let shares = by_address.into_iter().map(|(address, values)| Share {
            owner: address.to_owned(),
            before: part(was, &values, parts, Of::Owners),
            after: part(is, &values, parts, Of::Owners),
        });
        Rest {
            before,
            after,
            shares: shares.collect(),
        }
    }
}

/// Whose part of a value is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// What none of the owners sets.
    Nobody,
    /// What they set.
    Owners,
}

/// The part of an attribute that owners set, or that they do not.
fn part(value: &Value, owners: &[(&str, &Value)], parts: &Parts, of: Of) -> Value {
    let some =
        |is_owned: &dyn Fn(&Value) -> bool| only(value, |element| is_owned(element) == (of == Of::Owners));
    match parts {
        Parts::Whole => match of {
            Of::Nobody => Value::NULL,
            Of::Owners => value.clone(),
        },
        Parts::Named(keys) => some(&|element| owners.iter().any(|(_, owner)| is_named(element, owner, keys))),
        Parts::Texts(attribute) => some(&|element| {
            owners
                .iter()
                .any(|(_, owner)| same(Some(element), attribute_of(owner, attribute)))
        }),
        Parts::Rules(direction) => rules(value, owners, direction, of),
    }
}

fn attribute_of<'v>(values: &'v Value, name: &str) -> Option<&'v Value> {
    values.as_entries()?.get(name)
}

fn text_of<'v>(values: &'v Value, name: &str) -> Option<&'v str> {
    attribute_of(values, name)?
        .as_str()
        .filter(|text| !text.is_empty())
}

/// Whether a resource names another one in an attribute, however deep.
fn is_linked(step: &Step, owner: &Value, link: &str) -> bool {
    let names: Vec<&str> = [&step.before, &step.after]
        .into_iter()
        .flat_map(|values| ["id", "arn", "name", "key_id", "url"].map(|name| text_of(values, name)))
        .flatten()
        .collect();
    fn holds(value: &Value, names: &[&str]) -> bool {
        match value.as_str() {
            Some(text) => names.contains(&text),
            None => value.children().any(|inner| holds(inner, names)),
        }
    }
    attribute_of(owner, link).is_some_and(|value| holds(value, &names))
}

fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if !a.is_null() && a.equals_known(b))
}

fn is_named(element: &Value, owner: &Value, keys: &[(&str, &str)]) -> bool {
    keys.iter().any(|(mine, its)| {
        let named = attribute_of(element, mine);
        let is_set = named.is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
        is_set && same(named, attribute_of(owner, its))
    })
}

/// A list with some of its elements.
fn only(value: &Value, is_kept: impl Fn(&Value) -> bool) -> Value {
    match value.as_items() {
        Some(items) => Value::tuple(items.iter().filter(|item| is_kept(item)).cloned().collect()),
        None => value.clone(),
    }
}

/// Where a rule lets in from, or out to: the attribute of a group's rule that holds it, and the value.
fn sources(owner: &Value) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (name, list) in [
        ("cidr_blocks", "cidr_blocks"),
        ("ipv6_cidr_blocks", "ipv6_cidr_blocks"),
        ("prefix_list_ids", "prefix_list_ids"),
        ("cidr_ipv4", "cidr_blocks"),
        ("cidr_ipv6", "ipv6_cidr_blocks"),
        ("prefix_list_id", "prefix_list_ids"),
        ("source_security_group_id", "security_groups"),
        ("referenced_security_group_id", "security_groups"),
    ] {
        let Some(value) = attribute_of(owner, name) else {
            continue;
        };
        let texts = value.as_str().into_iter();
        let texts = texts.chain(value.as_items().into_iter().flatten().filter_map(Value::as_str));
        found.extend(
            texts
                .filter(|text| !text.is_empty())
                .map(|text| (list, text.to_owned())),
        );
    }
    found
}

/// Protocol and ports; every protocol has all ports.
fn ports(values: &Value, protocol: &str) -> (String, String, String) {
    let protocol = match text_of(values, protocol).unwrap_or("-1") {
        "-1" | "all" => return ("-1".to_owned(), String::new(), String::new()),
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        other => other,
    };
    let number = |name: &str| {
        let number = attribute_of(values, name).and_then(Value::as_number);
        number.map(ToString::to_string).unwrap_or_default()
    };
    (protocol.to_lowercase(), number("from_port"), number("to_port"))
}

/// The rules of a group that resources of their own make, or that none of them makes. A rule that is made in part is divided.
fn rules(value: &Value, owners: &[(&str, &Value)], direction: &str, of: Of) -> Value {
    let owned: Vec<_> = owners
        .iter()
        .filter(|(_, owner)| text_of(owner, "type").is_none_or(|its| its == direction))
        .map(|(_, owner)| {
            let protocol = match attribute_of(owner, "ip_protocol") {
                Some(_) => "ip_protocol",
                None => "protocol",
            };
            let itself = attribute_of(owner, "self").and_then(Value::as_bool) == Some(true)
                || text_of(owner, "referenced_security_group_id")
                    .is_some_and(|other| text_of(owner, "security_group_id") == Some(other));
            (ports(owner, protocol), sources(owner), itself)
        })
        .collect();
    let Some(all) = value.as_items() else {
        return value.clone();
    };
    let mut left = Vec::new();
    for rule in all {
        let Some(entries) = rule.as_entries() else {
            if of == Of::Nobody {
                left.push(rule.clone());
            }
            continue;
        };
        let its = ports(rule, "protocol");
        let alike: Vec<_> = owned.iter().filter(|(ports, ..)| *ports == its).collect();
        let mut kept = 0;
        let reduced = entries.iter().map(|(name, value)| {
            let is_source = matches!(
                &**name,
                "cidr_blocks" | "ipv6_cidr_blocks" | "prefix_list_ids" | "security_groups"
            );
            if &**name == "self" {
                let is_owned = alike.iter().any(|(.., itself)| *itself);
                let is_kept = value.as_bool() == Some(true) && is_owned == (of == Of::Owners);
                kept += usize::from(is_kept);
                return (name.clone(), Value::from(is_kept));
            }
            if !is_source {
                return (name.clone(), value.clone());
            }
            let some = only(value, |element| {
                let text = element.as_str().unwrap_or_default();
                let is_owned = alike
                    .iter()
                    .any(|(_, sources, _)| sources.iter().any(|(list, its)| *list == &**name && its == text));
                is_owned == (of == Of::Owners)
            });
            kept += some.as_items().map_or(0, <[Value]>::len);
            (name.clone(), some)
        });
        let reduced = Value::object(reduced.collect::<Vec<_>>());
        if kept > 0 || (alike.is_empty() && of == Of::Nobody) {
            left.push(reduced);
        }
    }
    Value::tuple(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_model::schema::{Kind, schema};

    #[test]
    fn every_type_and_attribute_is_the_providers() {
        let mut wrong = Vec::new();
        for (ty, attributes, owners, _) in OWNED {
            let is_there = |ty: &str, name: &str| {
                let schema = schema(Kind::Resource, ty);
                schema.is_some_and(|schema| schema.attribute(name).is_some() || schema.block(name).is_some())
            };
            let mine = attributes.iter().map(|name| (ty, name));
            let theirs = owners.iter().map(|(owner, link)| (owner, link));
            wrong.extend(mine.chain(theirs).filter(|(ty, name)| !is_there(ty, name)));
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn what_resources_of_their_own_make_is_taken_out_of_a_group() {
        let read = |text: &str| tf_model::plan::read_value(text).unwrap();
        let rule = |cidrs: &str, from: u32| {
            format!(
                r#"{{"cidr_blocks": {cidrs}, "description": "", "from_port": {from}, "to_port": {from}, "protocol": "tcp",
                    "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false}}"#
            )
        };
        let apart = read(
            r#"{"security_group_id": "sg-1", "cidr_ipv4": "10.0.0.0/8", "from_port": 443, "to_port": 443, "ip_protocol": "tcp"}"#,
        );
        let classic = read(
            r#"{"security_group_id": "sg-1", "type": "ingress", "cidr_blocks": ["192.168.0.0/16"], "from_port": 443, "to_port": 443, "protocol": "tcp"}"#,
        );
        let owners = [("a", &apart), ("b", &classic)];
        let rest = |text: &str| rules(&read(text), &owners, "ingress", Of::Nobody);
        let cidrs = |value: &Value| -> Vec<String> {
            let rules = value.as_items().unwrap().iter();
            rules
                .flat_map(|rule| attribute_of(rule, "cidr_blocks").unwrap().as_items().unwrap())
                .map(|cidr| cidr.as_str().unwrap().to_owned())
                .collect()
        };
        let all = format!("[{}]", rule(r#"["10.0.0.0/8", "192.168.0.0/16"]"#, 443));
        assert!(cidrs(&rest(&all)).is_empty() && rest(&all).as_items().unwrap().is_empty());
        let more = format!(
            "[{}, {}]",
            rule(r#"["10.0.0.0/8", "0.0.0.0/0"]"#, 443),
            rule(r#"["10.0.0.0/8"]"#, 22)
        );
        assert_eq!(cidrs(&rest(&more)), ["0.0.0.0/0", "10.0.0.0/8"]);
        assert_eq!(rest(&more).as_items().unwrap().len(), 2);
        // What one of them makes of a rule that they make together.
        for (owner, its) in owners.iter().zip(["10.0.0.0/8", "192.168.0.0/16"]) {
            assert_eq!(
                cidrs(&rules(&read(&all), &[*owner], "ingress", Of::Owners)),
                [its]
            );
        }
        let outward = rules(&read(&all), &owners[1..], "egress", Of::Owners);
        assert!(outward.as_items().unwrap().is_empty());
    }
}
