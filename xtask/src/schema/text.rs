//! `aws.txt`: the provider's schema as text, each part of it once.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::json::{flag, members, sorted, sorted_map, text_of};

/// Bodies with fewer lines than this are repeated wherever they occur: that reads better than a reference.
const WORTH_SHARING: usize = 4;

/// The schema as text.
pub(super) fn text(head: &str, release: &str, schema: &Value) -> Result<String> {
    let mut bodies = Bodies::default();
    let mut sections = Vec::new();
    let provider = schema
        .get("provider")
        .context("the schema has no provider block")?;
    sections.push(("provider aws".to_owned(), bodies.of_section(provider)?));
    for (kind, key) in [("resource", "resource_schemas"), ("data", "data_source_schemas")] {
        for (name, section) in sorted(
            schema
                .get(key)
                .with_context(|| format!("the schema has no {key}"))?,
        ) {
            let body = bodies
                .of_section(section)
                .with_context(|| format!("in {kind} {name}"))?;
            let deprecated = flag(section.get("block").unwrap_or(&Value::Null), "deprecated");
            let title = format!("{kind} {name}{}", if deprecated { " D" } else { "" });
            sections.push((title, body));
        }
    }

    let mut writer = Writer::new(&bodies);
    for (title, body) in &sections {
        writer.section(title, *body);
    }
    let sections = writer.text;
    let shared = Writer::shared(&bodies, writer.names);
    Ok(format!(
        "{head}\nsource hashicorp/aws {release}\n{shared}{sections}"
    ))
}

/// A body as text, without what is nested in it.
#[derive(PartialEq, Eq, Hash, Clone, Default)]
struct Body {
    /// One line each.
    attributes: Vec<String>,
    blocks: Vec<Nested>,
}

/// A nested block, or an attribute that is built like one.
#[derive(PartialEq, Eq, Hash, Clone)]
struct Nested {
    name: String,
    /// The line that announces it.
    line: String,
    /// Its body's place in [`Bodies`].
    body: usize,
}

/// All bodies, each different one once.
///
/// The statements of a web ACL and the visuals of a dashboard repeat the same blocks thousands of times; written
/// out they make up nine tenths of the schema.
#[derive(Default)]
struct Bodies {
    list: Vec<Body>,
    /// How many lines each body has, with all that is nested in it.
    lines: Vec<usize>,
    /// In how many places of *different* bodies each occurs.
    uses: Vec<usize>,
    numbers: HashMap<Body, usize>,
}

impl Bodies {
    /// The body of a resource type, a data source or the provider.
    fn of_section(&mut self, section: &Value) -> Result<usize> {
        self.of_block(section.get("block").context("a schema without a block")?)
    }

    /// The body of a block in Terraform's schema JSON.
    fn of_block(&mut self, block: &Value) -> Result<usize> {
        let mut body = Body::default();
        self.add_attributes(&mut body, block)?;
        for (name, nested) in members(block, "block_types") {
            let inner = nested
                .get("block")
                .with_context(|| format!("block {name} has no body"))?;
            let mut line = format!("{name}{{}} {}", text_of(nested, "nesting_mode")?);
            push_limits(&mut line, nested);
            if flag(inner, "deprecated") {
                line.push_str(" D");
            }
            let number = self.of_block(inner)?;
            body.blocks.push(Nested {
                name: name.to_owned(),
                line,
                body: number,
            });
        }
        Ok(self.number(body))
    }

    /// Adds the attributes of a block, or of an attribute's nested type, which has the same shape.
    fn add_attributes(&mut self, body: &mut Body, block: &Value) -> Result<()> {
        for (name, attribute) in members(block, "attributes") {
            let Some(nested) = attribute.get("nested_type") else {
                let ty = attribute
                    .get("type")
                    .with_context(|| format!("attribute {name} has no type"))?;
                let ty = type_text(ty).with_context(|| format!("in the type of {name}"))?;
                body.attributes.push(format!("{name} {ty} {}", flags(attribute)));
                continue;
            };
            let mut line = format!("{name}={{}} {}", text_of(nested, "nesting_mode")?);
            push_limits(&mut line, nested);
            let _ = write!(line, " {}", flags(attribute));
            let mut inner = Body::default();
            self.add_attributes(&mut inner, nested)?;
            let number = self.number(inner);
            body.blocks.push(Nested {
                name: name.to_owned(),
                line,
                body: number,
            });
        }
        Ok(())
    }

    /// The number of a body, which is a new one if there was no such body before.
    fn number(&mut self, body: Body) -> usize {
        if let Some(number) = self.numbers.get(&body) {
            return *number;
        }
        let number = self.list.len();
        let mut lines = body.attributes.len();
        for nested in &body.blocks {
            self.uses[nested.body] += 1;
            lines += 1 + self.lines[nested.body];
        }
        self.list.push(body.clone());
        self.lines.push(lines);
        self.uses.push(0);
        self.numbers.insert(body, number);
        number
    }

    /// Whether a body is written once, under a name.
    fn is_shared(&self, number: usize) -> bool {
        self.uses[number] > 1 && self.lines[number] >= WORTH_SHARING
    }
}

/// Writes bodies, and gives names to shared ones as it meets them.
struct Writer<'a> {
    bodies: &'a Bodies,
    text: String,
    names: Names,
}

/// The names of shared bodies.
#[derive(Default)]
struct Names {
    of: HashMap<usize, String>,
    /// How many bodies are called after the same block.
    counts: HashMap<String, usize>,
}

impl Names {
    /// The name of a shared body that is met in a block: the block's own, with a number if that is taken.
    fn name(&mut self, body: usize, block: &str) -> String {
        if let Some(name) = self.of.get(&body) {
            return name.clone();
        }
        let count = self.counts.entry(block.to_owned()).or_default();
        *count += 1;
        let name = if *count == 1 {
            block.to_owned()
        } else {
            format!("{block}-{count}")
        };
        self.of.insert(body, name.clone());
        name
    }
}

impl<'a> Writer<'a> {
    fn new(bodies: &'a Bodies) -> Writer<'a> {
        Writer {
            bodies,
            text: String::new(),
            names: Names::default(),
        }
    }

    /// All shared bodies, those that other shared bodies refer to among them, by name.
    fn shared(bodies: &'a Bodies, names: Names) -> String {
        let mut written = BTreeMap::new();
        let mut names = names;
        loop {
            let mut open: Vec<(usize, String)> = names
                .of
                .iter()
                .map(|(body, name)| (*body, name.clone()))
                .collect();
            open.retain(|(_, name)| !written.contains_key(name));
            if open.is_empty() {
                return written.into_values().collect();
            }
            // The order in which names are given must not be that of a hash map.
            open.sort_by(|(_, one), (_, other)| one.cmp(other));
            for (body, name) in open {
                let mut writer = Writer {
                    bodies,
                    text: String::new(),
                    names,
                };
                writer.section(&format!("@{name}"), body);
                written.insert(name, writer.text);
                names = writer.names;
            }
        }
    }

    /// A title and a body below it.
    fn section(&mut self, title: &str, body: usize) {
        self.text.push('\n');
        self.text.push_str(title);
        self.text.push('\n');
        self.body(body, 1);
    }

    fn body(&mut self, number: usize, depth: usize) {
        let body = &self.bodies.list[number];
        for attribute in &body.attributes {
            self.line(depth, attribute);
        }
        for nested in &body.blocks {
            if self.bodies.is_shared(nested.body) {
                let name = self.names.name(nested.body, &nested.name);
                self.line(depth, &format!("{} @{name}", nested.line));
            } else {
                self.line(depth, &nested.line);
                self.body(nested.body, depth + 1);
            }
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// How an attribute may be used.
fn flags(attribute: &Value) -> String {
    let letters = [
        ("required", 'R'),
        ("optional", 'O'),
        ("computed", 'C'),
        ("sensitive", 'S'),
        ("deprecated", 'D'),
        ("write_only", 'W'),
    ];
    letters
        .iter()
        .filter(|(key, _)| flag(attribute, key))
        .map(|(_, letter)| letter)
        .collect()
}

/// Appends how many of a nested block there may be.
fn push_limits(line: &mut String, nested: &Value) {
    for (key, word) in [("min_items", "min"), ("max_items", "max")] {
        if let Some(count) = nested.get(key).and_then(Value::as_u64).filter(|count| *count > 0) {
            let _ = write!(line, " {word}={count}");
        }
    }
}

/// A type of Terraform's JSON in the notation of its language.
fn type_text(ty: &Value) -> Result<String> {
    let parts = match ty {
        Value::String(name) if name == "dynamic" => return Ok("any".to_owned()),
        Value::String(name) => return Ok(name.clone()),
        Value::Array(parts) => parts.as_slice(),
        _ => &[],
    };
    match parts {
        [Value::String(kind), Value::Object(attributes), optional @ ..] if kind == "object" => {
            let optional = optional
                .first()
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            let attributes = sorted_map(attributes).map(|(name, ty)| {
                let text = type_text(ty)?;
                let is_optional = optional.iter().any(|other| other.as_str() == Some(name));
                Ok(if is_optional {
                    format!("{name}=optional({text})")
                } else {
                    format!("{name}={text}")
                })
            });
            Ok(format!(
                "object({{{}}})",
                attributes.collect::<Result<Vec<_>>>()?.join(",")
            ))
        }
        [Value::String(kind), Value::Array(elements)] if kind == "tuple" => {
            let elements: Vec<String> = elements.iter().map(type_text).collect::<Result<_>>()?;
            Ok(format!("tuple([{}])", elements.join(",")))
        }
        [Value::String(kind), element] => Ok(format!("{kind}({})", type_text(element)?)),
        _ => bail!("{ty} is no type of Terraform's"),
    }
}
