//! Usage files, in Infracost's format: how much of what is billed by use.
//!
//! Source: <https://www.infracost.io/docs/features/usage_based_resources/>. `version: 0.1`, `resource_type_default_usage` by type,
//! `resource_usage` by address, in which `[*]` stands for any key. Key by key, an address wins over a wildcard, and that over the
//! type's default.

mod yaml;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tf_lang::value::Bounds;
use tf_lang::{Number, Type, Value};
use tf_model::Address;

use crate::model::UsageKey;
use crate::models::{Models, Standing};
use yaml::{Kind, Node, Place};

/// Types that no provider has: they stand in usage files alone.
const ONLY_IN_FILES: [&str; 1] = ["aws_data_transfer"];

/// The largest file that is read.
const MAX_BYTES: usize = 32 << 20;

/// A usage file.
#[derive(Debug, Default)]
pub struct Usage {
    types: HashMap<String, Value>,
    addresses: HashMap<String, (Value, usize)>,
    /// With the most wildcards first.
    wildcards: Vec<(String, Value, usize)>,
    /// What is ignored, and why.
    pub warnings: Vec<String>,
}

/// A usage file that cannot be used: everything that is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.problems.join("\n"))]
pub struct UsageError {
    /// Each with file, line and column.
    pub problems: Vec<String>,
}

impl Usage {
    /// Reads the text of a usage file. `file` is how people see its name.
    ///
    /// # Errors
    /// Where it is no YAML, or something in it is wrong: a key that the model does not have, a negative number, a word where a
    /// number belongs.
    pub fn read(file: &str, text: &str, models: &Models) -> Result<Usage, UsageError> {
        let mut reader = Reader {
            file,
            models,
            usage: Usage::default(),
            problems: Vec::new(),
        };
        if text.len() > MAX_BYTES {
            reader.wrong(
                Place { line: 1, column: 1 },
                "the file is too large for a usage file",
            );
        } else {
            match yaml::read(text.strip_prefix('\u{feff}').unwrap_or(text)) {
                Ok(Some(document)) => reader.document(&document),
                Ok(None) => reader.wrong(
                    Place { line: 1, column: 1 },
                    "the file is empty; a usage file begins with: version: 0.1",
                ),
                Err((place, problem)) => reader.wrong(place, &format!("this is not YAML: {problem}")),
            }
        }
        let Reader {
            mut usage, problems, ..
        } = reader;
        if !problems.is_empty() {
            return Err(UsageError { problems });
        }
        usage
            .wildcards
            .sort_by_key(|(pattern, ..)| std::cmp::Reverse(pattern.matches("[*]").count()));
        Ok(usage)
    }

    /// The same usage for all resources of some types: of examples.
    pub(crate) fn of_types(types: &[Arc<str>], value: &Value) -> Usage {
        Usage {
            types: types.iter().map(|ty| (ty.to_string(), value.clone())).collect(),
            ..Usage::default()
        }
    }

    /// What the file says of a resource: an object, or null.
    pub fn of(&self, address: &str, ty: &str) -> Value {
        let mut merged = self.types.get(ty).cloned().unwrap_or(Value::NULL);
        for (pattern, value, _) in &self.wildcards {
            if matches(pattern, address) {
                merged = over(merged, value);
            }
        }
        match self.addresses.get(address) {
            Some((value, _)) => over(merged, value),
            None => merged,
        }
    }

    /// Resources that stand in no configuration, only in the file: its `aws_data_transfer`, each with the region it is given.
    pub fn resources(&self) -> Vec<tf_model::Resource> {
        let own = self.addresses.iter().filter_map(|(text, (value, _))| {
            let address: Address = text.parse().ok()?;
            let of_file = ONLY_IN_FILES.contains(&&*address.ty);
            let region = value.get("region").cloned();
            of_file.then(|| tf_model::Resource {
                text: text.as_str().into(),
                address,
                provider: "registry.terraform.io/hashicorp/aws".into(),
                region,
                values: Value::object([]),
                declaration: None,
                edges: Vec::new(),
                direct: Vec::new(),
                unexpanded: false,
                change: None,
            })
        });
        let mut own: Vec<tf_model::Resource> = own.collect();
        own.sort_by(|a, b| a.address.cmp(&b.address));
        own
    }

    /// The addresses and wildcards of the file that name none of these resources, with their lines.
    pub fn unmatched<'a>(&self, addresses: impl Iterator<Item = &'a str> + Clone) -> Vec<(String, usize)> {
        let known: std::collections::HashSet<&str> = addresses.clone().collect();
        let mut unmatched: Vec<(String, usize)> = self
            .addresses
            .iter()
            .filter(|(address, _)| !known.contains(address.as_str()))
            .filter(|(address, _)| !ONLY_IN_FILES.iter().any(|ty| address.starts_with(ty)))
            .map(|(address, (_, line))| (address.clone(), *line))
            .collect();
        for (pattern, _, line) in &self.wildcards {
            if !addresses.clone().any(|address| matches(pattern, address)) {
                unmatched.push((pattern.clone(), *line));
            }
        }
        unmatched.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        unmatched
    }
}

/// Two levels of usage as one: key by key the upper wins.
fn over(below: Value, above: &Value) -> Value {
    let (Some(lower), Some(upper)) = (below.as_entries(), above.as_entries()) else {
        return above.clone();
    };
    let mut merged: BTreeMap<Arc<str>, Value> = lower.iter().cloned().collect();
    for (name, value) in upper.iter() {
        let value = match merged.remove(name) {
            Some(under) => over(under, value),
            None => value.clone(),
        };
        merged.insert(name.clone(), value);
    }
    Value::object(merged)
}

/// Whether an address fits a pattern, in which `[*]` stands for one key.
fn matches(pattern: &str, address: &str) -> bool {
    let mut parts = pattern.split("[*]");
    let Some(mut rest) = parts.next().and_then(|first| address.strip_prefix(first)) else {
        return false;
    };
    for part in parts {
        let Some(behind) = key_end(rest).and_then(|end| rest.get(end..)) else {
            return false;
        };
        let Some(behind) = behind.strip_prefix(part) else {
            return false;
        };
        rest = behind;
    }
    rest.is_empty()
}

/// Where the key with which a text begins ends: behind `[0]` or `["a]b"]`.
fn key_end(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[')?;
    let Some(quoted) = inside.strip_prefix('"') else {
        return inside.find(']').map(|end| end + 2);
    };
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return quoted.get(at + 1..)?.starts_with(']').then_some(at + 4),
            _ => escaped = false,
        }
    }
    None
}

struct Reader<'f> {
    file: &'f str,
    models: &'f Models,
    usage: Usage,
    problems: Vec<String>,
}

/// The top of a usage file.
const TOP: [&str; 3] = ["version", "resource_type_default_usage", "resource_usage"];

impl Reader<'_> {
    fn wrong(&mut self, place: Place, message: &str) {
        if self.problems.len() < 50 {
            let Place { line, column } = place;
            self.problems
                .push(format!("{}:{line},{column}: {message}", self.file));
        }
    }

    fn warn(&mut self, place: Place, message: &str) {
        self.usage
            .warnings
            .push(format!("{}:{}: {message}", self.file, place.line));
    }

    fn document(&mut self, document: &Node) {
        let Kind::Mapping(entries) = &document.kind else {
            self.wrong(document.place, "a usage file begins with: version: 0.1");
            return;
        };
        let mut version = None;
        for (key, value) in entries {
            let Some(name) = self.key(key) else { continue };
            match name {
                "version" => {
                    version = Some(());
                    if !matches!(&value.kind, Kind::Scalar(text, _) if matches!(text.as_str(), "0.1" | "0.1.0"))
                    {
                        self.wrong(value.place, "usage files of version 0.1 are read, no others");
                    }
                }
                "resource_type_default_usage" => self.each(value, Self::of_type),
                "resource_usage" => self.each(value, Self::of_address),
                other => {
                    let hint = did_you_mean(other, TOP.iter().copied());
                    let message = format!(
                        "\"{other}\" is not a part of a usage file{hint}; there are {}",
                        TOP.join(", ")
                    );
                    self.wrong(key.place, &message);
                }
            }
        }
        if version.is_none() {
            self.wrong(
                document.place,
                "the version is missing: begin the file with: version: 0.1",
            );
        }
    }

    fn key<'n>(&mut self, key: &'n Node) -> Option<&'n str> {
        match &key.kind {
            Kind::Scalar(text, _) => Some(text),
            _ => {
                self.wrong(key.place, "a key is a word");
                None
            }
        }
    }

    fn each(&mut self, node: &Node, read: fn(&mut Self, &str, Place, &Node)) {
        if node.is_null() {
            return;
        }
        let Kind::Mapping(entries) = &node.kind else {
            self.wrong(
                node.place,
                "this is a mapping: NAME, a colon, and keys with values below it",
            );
            return;
        };
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (key, value) in entries {
            let Some(name) = self.key(key) else { continue };
            if let Some(line) = seen.insert(name, key.place.line) {
                self.wrong(key.place, &format!("{name} is there twice; first in line {line}"));
            }
            read(self, name, key.place, value);
        }
    }

    fn of_type(&mut self, ty: &str, place: Place, value: &Node) {
        if let Some(value) = self.values(ty, place, value) {
            self.usage.types.insert(ty.to_owned(), value);
        }
    }

    fn of_address(&mut self, address: &str, place: Place, value: &Node) {
        let plain = address.replace("[*]", "[0]");
        let Ok(parsed) = plain.parse::<Address>() else {
            // Infracost's own example has an address of Google's that is none.
            let ty = address.split('.').next().unwrap_or_default();
            if ty.contains('_') && self.models.standing(ty) == Standing::Foreign {
                return;
            }
            self.wrong(
                place,
                &format!("\"{address}\" is no address of a resource, such as aws_lambda_function.api or module.a.aws_sqs_queue.jobs[*]"),
            );
            return;
        };
        let Some(value) = self.values(&parsed.ty, place, value) else {
            return;
        };
        if address.contains("[*]") {
            self.usage.wildcards.push((address.to_owned(), value, place.line));
        } else {
            self.usage
                .addresses
                .insert(address.to_owned(), (value, place.line));
        }
    }

    /// The values of a resource type's keys.
    fn values(&mut self, ty: &str, place: Place, node: &Node) -> Option<Value> {
        let models = self.models;
        let Some(model) = models.of(ty) else {
            let known = models
                .all()
                .iter()
                .flat_map(|model| model.types.iter().map(|ty| &**ty));
            let similar = did_you_mean(ty, known);
            match models.standing(ty) {
                Standing::Foreign => {}
                Standing::NotKnown if !similar.is_empty() && !is_real(ty) => {
                    self.wrong(place, &format!("there is no resource type {ty}{similar}"));
                }
                Standing::Free => self.warn(
                    place,
                    &format!("{ty} costs nothing by itself: its usage is ignored"),
                ),
                _ => self.warn(
                    place,
                    &format!("{ty} has no cost model yet: its usage is ignored"),
                ),
            }
            return None;
        };
        if node.is_null() {
            return None;
        }
        self.keys(ty, &model.usage, &mut Vec::new(), node)
    }

    fn keys(&mut self, ty: &str, known: &[UsageKey], path: &mut Vec<String>, node: &Node) -> Option<Value> {
        let Kind::Mapping(entries) = &node.kind else {
            self.wrong(node.place, "this is a mapping of keys to values");
            return None;
        };
        let mut out: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (key, value) in entries {
            let Some(name) = self.key(key) else { continue };
            path.push(name.to_owned());
            let depth = path.len();
            let fits = |usage: &&UsageKey| {
                usage.path.len() >= depth && usage.path.iter().zip(path.iter()).all(|(a, b)| **a == **b)
            };
            match known.iter().find(fits) {
                None => {
                    let siblings = known.iter().filter_map(|usage| {
                        let same = usage.path.len() >= depth
                            && usage
                                .path
                                .iter()
                                .zip(path.iter())
                                .take(depth - 1)
                                .all(|(a, b)| **a == **b);
                        same.then(|| usage.path.get(depth - 1).map(|name| &**name))?
                    });
                    let mut listed: Vec<&str> = siblings.collect();
                    listed.sort_unstable();
                    listed.dedup();
                    let hint = did_you_mean(name, listed.iter().copied());
                    let message = match listed.is_empty() {
                        true => format!("{ty} has no usage key \"{name}\": nothing of it is billed by use"),
                        false => format!(
                            "{ty} has no usage key \"{name}\"{hint}; it has {}",
                            listed.join(", ")
                        ),
                    };
                    self.wrong(key.place, &message);
                }
                Some(_) if value.is_null() => {}
                Some(usage) if usage.path.len() > depth => {
                    // A group without any value is not given.
                    let inner = self.keys(ty, known, path, value);
                    let inner = inner.filter(|inner| inner.as_entries().is_some_and(|keys| !keys.is_empty()));
                    if let Some(inner) = inner {
                        out.insert(name.into(), inner);
                    }
                }
                Some(usage) => {
                    if let Some(value) = self.scalar(name, usage, value) {
                        out.insert(name.into(), value);
                    }
                }
            }
            path.pop();
        }
        Some(Value::object(out))
    }

    fn scalar(&mut self, name: &str, usage: &UsageKey, node: &Node) -> Option<Value> {
        let Kind::Scalar(text, _) = &node.kind else {
            self.wrong(
                node.place,
                &format!("{name} is a single value, not a list or mapping"),
            );
            return None;
        };
        if !usage.words.is_empty() {
            // A star stands for any text.
            if usage.words.iter().any(|word| word == text || word == "*") {
                return Some(Value::from(text.as_str()));
            }
            let hint = did_you_mean(text, usage.words.iter().map(String::as_str));
            let message = format!(
                "\"{text}\" is not a value of {name}{hint}: {}",
                usage.words.join(", ")
            );
            self.wrong(node.place, &message);
            return None;
        }
        if let Some((low, high)) = text.split_once("..") {
            let (low, high) = (
                self.number(name, node, low.trim())?,
                self.number(name, node, high.trim())?,
            );
            if high.compare(&low).is_lt() {
                self.wrong(
                    node.place,
                    &format!("{name}: the range {text} ends before it begins"),
                );
                return None;
            }
            let between = Value::unknown_because(Type::Number, []).not_null();
            return Some(between.with_bounds(Bounds::between(low, high)));
        }
        self.number(name, node, text).map(Value::from)
    }

    fn number(&mut self, name: &str, node: &Node, text: &str) -> Option<Number> {
        let number = Number::parse(text).filter(|number| !number.is_infinite());
        match number {
            Some(number) if number.signum() < 0 => {
                self.wrong(node.place, &format!("{name} is negative: {text}"));
                None
            }
            Some(number) => Some(number),
            None => {
                let message = format!("{name} is a number, or a range such as 100..200, not \"{text}\"");
                self.wrong(node.place, &message);
                None
            }
        }
    }
}

fn is_real(ty: &str) -> bool {
    tf_model::schema::schema(tf_model::schema::Kind::Resource, ty).is_some()
}

/// `; did you mean "…"?`, where something is similar.
fn did_you_mean<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let similar = known
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(similarity, _)| *similarity > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    similar.map_or_else(String::new, |(_, other)| format!("; did you mean \"{other}\"?"))
}
