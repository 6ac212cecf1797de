//! From a plan to findings.
//!
//! An ordinary plan tells three things apart: what was changed outside and is changed back, what was changed outside and is not, and
//! what is changed though nobody touched it, which waits in the configuration and is no drift. It tells so for each attribute: one
//! resource can have all three.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tf_lang::Value;
use tf_model::Graph;
use tf_model::plan::{Action, Drift, Step};
use tf_policy::Policy;
use tf_pricing::Pricing;
use tf_review::{Change, Difference, Line, Mask, Places, Shown, differences};

use crate::finding::{Attribute, Class, Finding, Identifiers, Ignored, Reason, RootReport, Status, Waiting};
use crate::noise::owners::Owners;
use crate::noise::parts::Part;
use crate::noise::{Rules, Subject, sift};
use crate::worlds::Worlds;
use crate::{cost, remedy, severity};

/// What a root's plan is looked at with.
pub(crate) struct Reading<'a> {
    /// The root's name.
    pub(crate) root: &'a str,
    /// The configuration, as evaluated without Terraform: places come from it.
    pub(crate) written: &'a Graph,
    pub(crate) policies: &'a [std::sync::Arc<Policy>],
    pub(crate) pricing: &'a Pricing,
    pub(crate) rules: &'a Rules<'a>,
    pub(crate) mask: &'a Mask,
    /// Before the names of the configuration's files, to make them names in the repository.
    pub(crate) prefix: &'a str,
}

/// Drift of one resource and class, before anything else is known of it.
pub(crate) struct Found<'d> {
    pub(crate) step: &'d Step,
    pub(crate) class: Class,
    pub(crate) differences: Vec<Difference>,
}

impl Found<'_> {
    /// The attributes that differ, some more than once.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.differences.iter().map(|difference| first(&difference.path))
    }

    /// Whether only what describes a resource differs: tags, names for people.
    pub(crate) fn only_describes(&self) -> bool {
        self.class != Class::Deleted && self.names().all(severity::describes)
    }
}

/// Everything that a plan says of drift.
pub(crate) fn report(drift: &mut Drift, reading: &Reading<'_>) -> RootReport {
    let places = Places::new(reading.written);
    places.give(&mut drift.review.before);
    places.give(&mut drift.review.after);
    let drift = &*drift;
    let recorded = drift.recorded(|_| false);
    let owners = Owners::new([&recorded, &drift.review.before]);
    let planned: HashMap<&str, &Step> = drift
        .review
        .steps
        .iter()
        .filter(|step| step.deposed.is_none())
        .map(|step| (&*step.address, step))
        .collect();
    let mut found = Vec::new();
    let mut ignored: Vec<Ignored> = Vec::new();
    let mut parts: HashMap<&str, Vec<Part>> = HashMap::new();
    let mut touched: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for step in &drift.changed {
        let address = recorded
            .resources
            .iter()
            .find(|resource| resource.text == step.address);
        let block = address.and_then(|resource| resource.declaration.as_ref());
        let subject = Subject {
            root: reading.root,
            step,
            block: block.map(|declaration| &*declaration.block),
        };
        if let Some(rule) = reading.rules.whole(&subject) {
            touched.entry(&*step.address).or_default();
            ignored.push(rule);
            continue;
        }
        if step.after.is_null() {
            // What a replacement left behind was to go anyway.
            if step.deposed.is_none() {
                touched.entry(&*step.address).or_default();
                found.push(Found {
                    step,
                    class: Class::Deleted,
                    differences: Vec::new(),
                });
            } else {
                ignored.push(Ignored {
                    address: step.address.to_string(),
                    path: String::new(),
                    reason: Reason::BackReference,
                    detail: "an object that a replacement left behind is gone".to_owned(),
                });
            }
            continue;
        }
        let sifted = sift(&subject, reading.rules, &owners, reading.mask);
        if step.deposed.is_none() {
            parts.insert(&*step.address, sifted.parts);
        }
        ignored.extend(sifted.ignored);
        let names = touched.entry(&*step.address).or_default();
        names.extend(
            sifted
                .kept
                .iter()
                .map(|difference| first(&difference.path).to_owned()),
        );
        let plan = planned.get(&*step.address).copied();
        let (reverted, absorbed): (Vec<Difference>, Vec<Difference>) = sifted
            .kept
            .into_iter()
            .partition(|difference| is_reverted(plan, first(&difference.path)));
        for (class, differences) in [(Class::Reverted, reverted), (Class::Absorbed, absorbed)] {
            if !differences.is_empty() {
                found.push(Found {
                    step,
                    class,
                    differences,
                });
            }
        }
    }
    let worlds = Worlds::new(drift, &found, &parts);
    let worse = severity::judge(&worlds, &recorded, reading.policies);
    let costs = cost::of(&worlds, &recorded, reading.pricing);
    let mut findings: Vec<Finding> = found
        .iter()
        .zip(worse)
        .zip(costs.findings)
        .map(|((found, judged), cost)| {
            let declared = recorded
                .resources
                .iter()
                .find(|resource| resource.text == found.step.address)
                .and_then(|resource| resource.declaration.as_ref());
            let place = declared.map(|declaration| {
                let span = declaration.block.span;
                let name = recorded.sources.name(span.file);
                (joined(reading.prefix, name), recorded.sources.lines(span))
            });
            let attributes: Vec<Attribute> = found.differences.iter().map(attribute).collect();
            let (subject, fingerprint) = identity(reading.root, found, &attributes);
            Finding {
                address: found.step.address.to_string(),
                ty: found.step.ty.to_string(),
                class: found.class,
                severity: judged.severity,
                why: reading.mask.text("", &judged.why).into_owned(),
                remedy: remedy::of(reading, found, declared, &recorded.sources, &attributes),
                attributes,
                policies: judged.policies,
                cost,
                fingerprint,
                subject,
                first_seen: String::new(),
                last_seen: String::new(),
                state: Default::default(),
                file: place.as_ref().map(|(file, _)| file.clone()),
                lines: place.map(|(_, lines)| lines),
                acknowledged: None,
                resource: identifiers(&found.step.before, reading.mask),
                who: None,
            }
        })
        .collect();
    findings.sort_by(|a, b| {
        (b.severity, &a.address, a.class, &a.subject).cmp(&(a.severity, &b.address, b.class, &b.subject))
    });
    ignored.sort();
    let mut by_reason: BTreeMap<Reason, usize> = BTreeMap::new();
    for change in &ignored {
        *by_reason.entry(change.reason).or_default() += 1;
    }
    RootReport {
        root: reading.root.to_owned(),
        status: match findings.is_empty() {
            true => Status::Clean,
            false => Status::Drifted,
        },
        error: None,
        ignored: ignored.len(),
        ignored_by: by_reason,
        findings,
        resolved: Vec::new(),
        waiting: waiting(drift, &touched, reading.mask),
        ignored_changes: ignored,
        coverage: None,
        cost: costs.sum,
        notes: Vec::new(),
    }
}

/// What AWS calls a resource; nothing where something of it is secret.
fn identifiers(values: &Value, mask: &Mask) -> Option<Identifiers> {
    let text = |name: &str| {
        let text = values.get(name)?.as_str().filter(|text| !text.is_empty())?;
        (!values.get(name)?.has_sensitive() && mask.text(name, text) == text).then(|| text.to_owned())
    };
    let arn = text("arn").filter(|arn| arn.starts_with("arn:"));
    let of_arn = arn.as_deref().and_then(|arn| arn.split(':').nth(3));
    let region = of_arn.filter(|region| !region.is_empty()).map(str::to_owned);
    Some(Identifiers {
        id: text("id")?,
        region: region.or_else(|| text("region")),
        name: [
            "name",
            "bucket",
            "identifier",
            "cluster_identifier",
            "function_name",
        ]
        .iter()
        .find_map(|name| text(name)),
        arn,
    })
}

/// The name of a file of the configuration in its repository.
fn joined(prefix: &str, name: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in prefix.split('/').chain(name.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    parts.join("/")
}

fn first(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or_default()
}

/// Whether the plan changes an attribute that was changed outside.
fn is_reverted(plan: Option<&Step>, name: &str) -> bool {
    let Some(plan) = plan else {
        return false;
    };
    match plan.action {
        Action::NoOp | Action::Read | Action::Forget => false,
        // All of it is made anew, or goes.
        Action::Create | Action::Delete | Action::DeleteThenCreate | Action::CreateThenDelete => true,
        Action::Update => changes(plan, name),
    }
}

/// Whether a planned update gives an attribute another value. What is not known yet is another one.
fn changes(plan: &Step, name: &str) -> bool {
    let value = |side: &Value| side.as_entries().and_then(|entries| entries.get(name)).cloned();
    let whole = |value: Option<Value>| Value::object([("value".into(), value.unwrap_or(Value::NULL))]);
    let (is, will) = (whole(value(&plan.before)), whole(value(&plan.after)));
    !differences(&is, &will, &Mask::new([])).is_empty()
}

/// What the plan does beside taking drift back.
fn waiting(drift: &Drift, touched: &HashMap<&str, BTreeSet<String>>, mask: &Mask) -> Vec<Waiting> {
    let waits = |step: &&Step| match (step.action, touched.get(&*step.address)) {
        (Action::NoOp | Action::Read, _) => false,
        _ if step.deposed.is_some() => true,
        (_, None) => true,
        (Action::Create, Some(_)) => false,
        (Action::Update, Some(names)) => {
            differences(&step.before, &step.after, mask)
                .iter()
                .any(|difference| {
                    let name = first(&difference.path);
                    let is_told = names.contains(name) || (name == "tags_all" && names.contains("tags"));
                    let unknown = matches!(
                        &difference.change,
                        Change::Added(Shown::Unknown(_)) | Change::Changed(_, Shown::Unknown(_))
                    );
                    !(is_told || unknown)
                })
        }
        (_, Some(names)) => names.is_empty(),
    };
    let steps = drift.review.steps.iter().filter(waits);
    steps
        .map(|step| Waiting {
            address: step.address.to_string(),
            actions: step
                .action
                .words()
                .iter()
                .map(|word| (*word).to_owned())
                .collect(),
        })
        .collect()
}

fn attribute(difference: &Difference) -> Attribute {
    let json = |shown: &Shown| match shown {
        Shown::Value(text) => serde_json::from_str(text).unwrap_or_else(|_| Json::from(text.as_str())),
        other => Json::from(other.to_string()),
    };
    let lines = |lines: &[Line], is_this: fn(&Line) -> Option<&str>| {
        let text: Vec<&str> = lines.iter().filter_map(is_this).collect();
        Json::from(text.join("\n"))
    };
    let (before, after) = match &difference.change {
        Change::Added(new) => (Json::Null, json(new)),
        Change::Removed(old) => (json(old), Json::Null),
        Change::Changed(old, new) => (json(old), json(new)),
        // Of a long text, the lines that differ.
        Change::Lines(all) => (
            lines(all, |line| match line {
                Line::Removed(text) => Some(text),
                _ => None,
            }),
            lines(all, |line| match line {
                Line::Added(text) => Some(text),
                _ => None,
            }),
        ),
    };
    Attribute {
        path: difference.path.clone(),
        before,
        after,
    }
}

/// What is remembered of a finding, and what stands for it with its values. Places in lists are left out: they shift. Secrets are
/// hidden before a digest is made of them.
fn identity(root: &str, found: &Found<'_>, attributes: &[Attribute]) -> (String, String) {
    let digest = |text: &str| -> String {
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    };
    let mut names: Vec<String> = attributes
        .iter()
        .map(|attribute| without_places(&attribute.path))
        .collect();
    let mut values: Vec<String> = attributes
        .iter()
        .zip(&names)
        .map(|(attribute, name)| format!("{name}\0{}\0{}", attribute.before, attribute.after))
        .collect();
    names.sort();
    names.dedup();
    values.sort();
    let subject = format!(
        "{root}\0{}\0{}\0{}",
        found.step.address,
        found.class.as_str(),
        names.join("\0")
    );
    (
        digest(&subject),
        digest(&format!("{subject}\u{1}{}", values.join("\u{1}"))),
    )
}

fn without_places(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('[') {
        out.push_str(before);
        let inside = behind.split(']').next().unwrap_or_default();
        match inside.bytes().all(|byte| byte.is_ascii_digit()) && !inside.is_empty() {
            true => rest = behind.get(inside.len() + 1..).unwrap_or_default(),
            false => {
                out.push('[');
                rest = behind;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod plans;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_lists_are_no_part_of_a_name() {
        for (path, name) in [
            ("ingress[0].cidr_blocks[12]", "ingress.cidr_blocks"),
            ("tags[\"a b\"]", "tags[\"a b\"]"),
            ("tags[\"1\"].x[3]", "tags[\"1\"].x"),
            ("name", "name"),
        ] {
            assert_eq!(without_places(path), name);
        }
    }

    #[test]
    fn files_of_modules_are_named_from_the_top() {
        assert_eq!(joined("environments/dev", "main.tf"), "environments/dev/main.tf");
        assert_eq!(
            joined("environments/dev", "../../modules/a/main.tf"),
            "modules/a/main.tf"
        );
        assert_eq!(joined("", "main.tf"), "main.tf");
        assert_eq!(joined("", "../x.tf"), "../x.tf");
    }
}
