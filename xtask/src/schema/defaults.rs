//! `aws-defaults.txt`: what a plan has in places of which a configuration says nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::Value;

use super::batch::{self, Planned};
use super::body::{Body, Variant, texts};
use super::json::{flag, members, sorted};
use super::probe::Probe;
use super::terraform::Terraform;

/// What stands for a value that is only known after apply. It is no JSON, so that no value can be mistaken for it.
const UNKNOWN: &str = "?";

/// The region of `probe/provider.tf`: one that is nobody's default.
const REGION: &str = "ap-south-1";

/// Plans probes of all resource types and writes down where a plan is not what the schema alone predicts.
pub(super) fn text(head: &str, terraform: &Terraform, schema: &Value, by_hand: &Value) -> Result<String> {
    let kinds = schema
        .get("resource_schemas")
        .context("the schema has no resources")?;
    let mut probes = Vec::new();
    for (kind, section) in sorted(kinds) {
        let block = section
            .get("block")
            .context("a resource schema without a block")?;
        let by_hand = by_hand.get(kind).unwrap_or(&Value::Null);
        probes.push([Variant::A, Variant::B].map(|variant| Probe::new(kind, block, variant, by_hand)));
    }
    let (first, second): (Vec<_>, Vec<_>) = probes.into_iter().map(|[a, b]| (a, b)).unzip();
    let mut refused = BTreeMap::new();
    let mut planned = batch::plan(terraform, first, &mut refused)?;
    let seen = observe(&planned);
    // What looks as if it were made from a probe's own texts is looked at again with others.
    let is_suspicious = |probe: &Probe<'_>| {
        let places = seen.get(probe.kind);
        places.is_some_and(|places| places.values().any(|place| place.may_be_derived))
    };
    let again = second.into_iter().filter(is_suspicious).collect();
    planned.extend(batch::plan(terraform, again, &mut refused)?);
    let seen = observe(&planned);

    let mut text = format!("{head}\n");
    for (kind, places) in &seen {
        for (path, place) in places {
            if let Some(default) = place.default() {
                writeln!(text, "{kind} {path} = {default}")?;
            }
        }
    }
    let not_probed: Vec<&str> = sorted(kinds)
        .map(|(kind, _)| kind)
        .filter(|kind| !seen.contains_key(kind))
        .collect();
    for kind in &not_probed {
        eprintln!("{kind}: {}", refused.get(kind).map_or("", String::as_str));
    }
    if !not_probed.is_empty() {
        text.push_str("\n# Not probed, for the provider wants more than what is required:\n");
        for kind in not_probed {
            writeln!(text, "# {kind}")?;
        }
    }
    Ok(text)
}

/// What the probes of each resource type show.
fn observe<'s>(planned: &[Planned<'s>]) -> BTreeMap<&'s str, Seen> {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for (probe, change) in planned {
        let look = Look {
            legacy: flag(&probe.schema["attributes"]["id"], "optional"),
            probe,
            written: probe.body.texts(),
        };
        let part = Part {
            written: &probe.body,
            planned: &change["after"],
            unknown: &change["after_unknown"],
        };
        look.body(probe.schema, part, "", false, seen.entry(probe.kind).or_default());
    }
    seen
}

/// What the probes of a resource type show, by path.
type Seen = BTreeMap<String, Place>;

/// What is planned in a place where nothing is written.
#[derive(Default)]
struct Place {
    /// What the schema predicts.
    predicted: String,
    planned: BTreeSet<String>,
    variants: BTreeSet<Variant>,
    /// Some probe has a part of the value among its own texts.
    may_be_derived: bool,
}

impl Place {
    /// The default, if there is one and the schema does not predict it.
    fn default(&self) -> Option<&str> {
        let mut planned = self.planned.iter();
        let only = planned.next()?;
        if planned.next().is_some() {
            // It depends on something. Of what is not computed the schema would say that it is null.
            return (self.predicted != UNKNOWN).then_some(UNKNOWN);
        }
        let is_derived = self.may_be_derived && self.variants.len() < 2;
        (*only != self.predicted && !is_derived).then_some(only)
    }
}

/// One part of a resource: what is written, and what is planned.
#[derive(Clone, Copy)]
struct Part<'a> {
    written: &'a Body,
    planned: &'a Value,
    /// `true` where a value is unknown.
    unknown: &'a Value,
}

/// How a probe is looked at.
struct Look<'a> {
    probe: &'a Probe<'a>,
    /// Whether the resource type is of the older of the two libraries that providers are made with: in its sets null
    /// and empty are the same.
    legacy: bool,
    written: Vec<String>,
}

impl Look<'_> {
    fn body(&self, schema: &Value, part: Part<'_>, path: &str, in_set: bool, seen: &mut Seen) {
        for (name, attribute) in members(schema, "attributes") {
            // Tags are the sum of the resource's and the provider's.
            let is_known_otherwise = path.is_empty() && name == "tags_all";
            if part.written.attributes.contains_key(name)
                || is_known_otherwise
                || flag(attribute, "write_only")
            {
                continue;
            }
            let computed = flag(attribute, "computed");
            let mut planned = literal(&part.planned[name], &part.unknown[name]);
            let ty = &attribute["type"];
            let is_empty = match ty.get(0).unwrap_or(ty).as_str() {
                Some("string") => planned == "\"\"",
                Some("list" | "set") => planned == "[]",
                _ => false,
            };
            if self.legacy && in_set && is_empty && !computed {
                planned = "null".to_owned();
            }
            self.see(
                seen,
                join(path, name),
                planned,
                if computed { UNKNOWN } else { "null" },
                &part.planned[name],
            );
        }
        for (name, nested) in members(schema, "block_types").filter(|(name, _)| *name != "timeouts") {
            let path = join(path, name);
            let mode = nested["nesting_mode"].as_str().unwrap_or_default();
            let below = |planned, unknown, written| Part {
                written,
                planned,
                unknown,
            };
            let (planned, unknown) = (&part.planned[name], &part.unknown[name]);
            let Some(written) = part.written.blocks.get(name) else {
                let predicted = if mode == "single" { "null" } else { "[]" };
                let literal = Some(literal(planned, unknown)).filter(|literal| literal != "null");
                self.see(
                    seen,
                    path,
                    literal.unwrap_or_else(|| predicted.to_owned()),
                    predicted,
                    planned,
                );
                continue;
            };
            if planned.is_object() {
                self.body(
                    &nested["block"],
                    below(planned, unknown, written),
                    &path,
                    in_set,
                    seen,
                );
            } else if planned
                .as_array()
                .is_some_and(|blocks| blocks.len() == 1 || (mode == "list" && !blocks.is_empty()))
            {
                let part = below(&planned[0], &unknown[0], written);
                self.body(&nested["block"], part, &path, in_set || mode == "set", seen);
            }
        }
    }

    fn see(&self, seen: &mut Seen, path: String, planned: String, predicted: &str, value: &Value) {
        if value == REGION {
            // Made from the provider's own configuration.
            return;
        }
        let place = seen.entry(path).or_default();
        place.planned.insert(planned);
        place.variants.insert(self.probe.variant);
        place.predicted = predicted.to_owned();
        // Letters are in everything.
        let is_part = |one: &str, other: &str| one.len() > 2 && other.contains(one);
        let is_written = |text: &String| {
            let mut written = self.written.iter();
            written.any(|written| is_part(text, written) || is_part(written, text))
        };
        place.may_be_derived |= texts(value).iter().any(is_written);
    }
}

/// A value as JSON, or [`UNKNOWN`] where any of it is.
fn literal(value: &Value, unknown: &Value) -> String {
    if is_unknown(unknown) {
        UNKNOWN.to_owned()
    } else {
        value.to_string()
    }
}

fn is_unknown(unknown: &Value) -> bool {
    match unknown {
        Value::Bool(unknown) => *unknown,
        Value::Array(items) => items.iter().any(is_unknown),
        Value::Object(items) => items.values().any(is_unknown),
        _ => false,
    }
}

/// A path and a name below it.
fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
