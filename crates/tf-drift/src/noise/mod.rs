//! What differs and is not drift, each with its reason.
//!
//! A filter never looks at how bad something is: it says that nothing was changed ([`equivalence`]), that something else would be
//! reported instead ([`owners`]), or that nobody changed it ([`volatile`]).

pub(crate) mod driftignore;
pub(crate) mod equivalence;
mod owned;
pub(crate) mod owners;
pub(crate) mod parts;
pub(crate) mod volatile;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tf_cli::settings::drift::Ignore;
use tf_lang::Value;
use tf_lang::ast::{Block, ExprKind};
use tf_model::plan::Step;
use tf_review::{Difference, Mask, differences};

use crate::finding::{Ignored, Reason};
use driftignore::Driftignore;
use owners::Owners;
use parts::Part;

/// What a team said that it does not want to hear of.
#[derive(Debug, Default)]
pub(crate) struct Rules<'s> {
    /// Of plumbline.hcl.
    pub(crate) ignores: &'s [Ignore],
    /// Of `.driftignore`.
    pub(crate) driftignore: Driftignore,
    /// Whether `ignore_changes` counts.
    pub(crate) respect_ignore_changes: bool,
}

/// A resource of a root that is not what the state says.
pub(crate) struct Subject<'d> {
    pub(crate) root: &'d str,
    pub(crate) step: &'d Step,
    /// Its block, where it is known.
    pub(crate) block: Option<&'d Block>,
}

/// What is left of a resource's differences, and what was taken out.
#[derive(Debug, Default)]
pub(crate) struct Sifted {
    pub(crate) kept: Vec<Difference>,
    pub(crate) ignored: Vec<Ignored>,
    /// The attributes that differ, with what of each is reported.
    pub(crate) parts: Vec<Part>,
}

impl Rules<'_> {
    /// The rule that ignores a resource as a whole.
    pub(crate) fn whole(&self, subject: &Subject<'_>) -> Option<Ignored> {
        self.named(subject, "")
    }

    fn named(&self, subject: &Subject<'_>, path: &str) -> Option<Ignored> {
        let address = &*subject.step.address;
        let because = |reason: Reason, detail: String| Ignored {
            address: address.to_owned(),
            path: path.to_owned(),
            reason,
            detail,
        };
        let rule = self.ignores.iter().find(|rule| {
            let about = rule.subject.is_about(subject.root, address);
            about
                && match path.is_empty() {
                    true => rule.subject.attributes.is_empty(),
                    false => rule.subject.covers(path),
                }
        });
        if let Some(rule) = rule {
            let detail = format!("plumbline.hcl:{}: {}", rule.line, rule.reason);
            return Some(because(Reason::Rule, detail));
        }
        let line = self
            .driftignore
            .line(&subject.step.ty, id(&subject.step.before), path)?;
        Some(because(Reason::Driftignore, format!(".driftignore:{line}")))
    }
}

fn id(value: &Value) -> &str {
    let id = value.as_entries().and_then(|entries| entries.get("id"));
    id.and_then(Value::as_str).unwrap_or_default()
}

/// Takes out of a resource's differences what is none.
pub(crate) fn sift(subject: &Subject<'_>, rules: &Rules<'_>, owners: &Owners<'_>, mask: &Mask) -> Sifted {
    let mut sifted = Sifted::default();
    let step = subject.step;
    let (Some(before), Some(after)) = (step.before.as_entries(), step.after.as_entries()) else {
        return sifted;
    };
    let names: BTreeSet<&Arc<str>> = before.iter().chain(after.iter()).map(|(name, _)| name).collect();
    let ignored_by_configuration = match rules.respect_ignore_changes {
        true => ignore_changes(subject.block),
        false => Vec::new(),
    };
    let mut ignore = |path: &str, reason: Reason, detail: String| {
        sifted.ignored.push(Ignored {
            address: step.address.to_string(),
            path: path.to_owned(),
            reason,
            detail,
        });
    };
    let mut left = Vec::new();
    let mut parts: BTreeMap<Arc<str>, Part> = BTreeMap::new();
    for name in names {
        let null = Value::NULL;
        let was = before.get(name).unwrap_or(&null);
        let is = after.get(name).unwrap_or(&null);
        if was.equals_known(is) {
            continue;
        }
        if let Some(reason) = equivalence::reason(was, is) {
            ignore(name, reason, String::new());
            continue;
        }
        if volatile::is_volatile(&step.ty, name) {
            ignore(name, Reason::Volatile, String::new());
            continue;
        }
        if &**name == "tags_all" && repeats_tags(before.get("tags"), after.get("tags"), was, is) {
            ignore(name, Reason::Repeated, "tags".to_owned());
            parts.insert(name.clone(), Part::repeating("tags", name, was, is));
            continue;
        }
        let owned = owners.of(step, name, was, is);
        if !owned.shares.is_empty() {
            let owners: Vec<&str> = owned.shares.iter().map(|share| &*share.owner).collect();
            ignore(name, Reason::BackReference, owners.join(", "));
        }
        let part = Part::new(name, was, is, &owned);
        parts.insert(name.clone(), part);
        let (was, is) = (owned.before, owned.after);
        if was.equals_known(&is) || equivalence::reason(&was, &is).is_some() {
            continue;
        }
        let whole = |value: Value| Value::object([(name.clone(), value)]);
        left.extend(differences(&whole(was), &whole(is), mask));
    }
    for difference in left {
        let first = difference.path.split(['.', '[']).next().unwrap_or_default();
        if ignored_by_configuration
            .iter()
            .any(|name| name == first || name == "all")
        {
            leave_out(&mut parts, first, &difference.path, true);
            sifted.ignored.push(Ignored {
                address: step.address.to_string(),
                path: difference.path,
                reason: Reason::IgnoreChanges,
                detail: String::new(),
            });
        } else if equivalence::is_zero(&difference.change) {
            leave_out(&mut parts, first, &difference.path, false);
            sifted.ignored.push(Ignored {
                address: step.address.to_string(),
                path: difference.path,
                reason: Reason::NullEmpty,
                detail: String::new(),
            });
        } else if let Some(ignored) = rules.named(subject, &difference.path) {
            leave_out(&mut parts, first, &difference.path, true);
            sifted.ignored.push(ignored);
        } else {
            if let Some(part) = parts.get_mut(first) {
                part.is_reported = true;
            }
            sifted.kept.push(difference);
        }
    }
    sifted.parts = parts.into_values().collect();
    sifted
}

/// One of an attribute's differences is not reported; `chosen` where that is somebody's choice, and it is drift all the same.
fn leave_out(parts: &mut BTreeMap<Arc<str>, Part>, name: &str, path: &str, chosen: bool) {
    if let Some(part) = parts.get_mut(name) {
        part.leave_out(path.strip_prefix(name).unwrap_or_default());
        part.is_left_out |= chosen;
    }
}

/// Whether `tags_all` says no more than `tags` does: what changed in both is the same.
fn repeats_tags(tags_were: Option<&Value>, tags_are: Option<&Value>, was: &Value, is: &Value) -> bool {
    let null = Value::NULL;
    let (tags_were, tags_are) = (tags_were.unwrap_or(&null), tags_are.unwrap_or(&null));
    let value = |map: &Value, key: &str| map.as_entries().and_then(|entries| entries.get(key)).cloned();
    let keys: BTreeSet<Arc<str>> = [was, is]
        .iter()
        .filter_map(|map| map.as_entries())
        .flat_map(|entries| entries.iter().map(|(key, _)| key.clone()))
        .collect();
    let same = |a: &Option<Value>, b: &Option<Value>| match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.equals_known(b),
        _ => false,
    };
    keys.iter().all(|key| {
        let (old, new) = (value(was, key), value(is, key));
        let (tag_was, tag_is) = (value(tags_were, key), value(tags_are, key));
        same(&old, &new) || !same(&tag_was, &tag_is)
    })
}

/// The attributes that a block's `lifecycle` says to ignore; `all` for all.
pub(crate) fn ignore_changes(block: Option<&Block>) -> Vec<String> {
    let Some(block) = block else {
        return Vec::new();
    };
    let lists = block
        .body
        .blocks_of("lifecycle")
        .filter_map(|lifecycle| lifecycle.body.attribute("ignore_changes"));
    let mut names = Vec::new();
    for list in lists {
        match &list.value.kind {
            ExprKind::Tuple(items) => names.extend(items.iter().filter_map(|item| match &item.kind {
                ExprKind::Traversal(name, _) => Some(name.name.to_string()),
                // Old configurations write the names as texts.
                ExprKind::String(text) => text.split(['.', '[']).next().map(str::to_owned),
                _ => None,
            })),
            ExprKind::Traversal(name, _) if &*name.name == "all" => names.push("all".to_owned()),
            _ => {}
        }
    }
    names
}
