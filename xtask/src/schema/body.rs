//! What is written in a probe.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::{flag, members, sorted};

/// Texts by names of attributes.
const TEXTS: &str = include_str!("../../../crates/tf-model/schema/probe/texts.txt");

/// Names from the outermost block to what is meant.
pub(super) type Path = Vec<String>;

/// Which of the two sorts of values a probe has. A planned value that differs between them is no default: it was made
/// from what is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Variant {
    A,
    B,
}

impl Variant {
    /// One of two values.
    pub(super) fn of<T>(self, a: T, b: T) -> T {
        match self {
            Variant::A => a,
            Variant::B => b,
        }
    }

    /// A text of `probe/`, where `{x}` stands for a letter and `{n}` for a digit.
    fn text(self, text: &str) -> String {
        let text = text.replace("{x}", self.of("a", "b"));
        text.replace("{n}", self.of("1", "2"))
    }

    /// A text that an attribute of a name is likely to accept.
    pub(super) fn text_for(self, name: &str) -> String {
        let mut lines = TEXTS.lines().filter_map(|line| line.split_once(' '));
        let line = lines.find(|(part, _)| *part != "#" && name.contains(part));
        self.text(line.map_or("", |(_, text)| text))
    }

    /// A value of a type for an attribute of a name.
    fn value(self, name: &str, ty: &Value) -> Value {
        let inner = ty.get(1).unwrap_or(&Value::Null);
        match ty.get(0).unwrap_or(ty).as_str().unwrap_or_default() {
            "number" => json!(self.of(1, 2)),
            "bool" => json!(self.of(true, false)),
            "list" | "set" => json!([self.value(name.strip_suffix('s').unwrap_or(name), inner)]),
            "map" => json!({ (self.text("probe{x}")): self.value("", inner) }),
            "object" => {
                let members = sorted(inner).map(|(name, ty)| (name.to_owned(), self.value(name, ty)));
                members.collect()
            }
            _ => json!(self.text_for(name)),
        }
    }

    /// A value that is written by hand, in this variant.
    fn by_hand(self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.by_hand(item)).collect(),
            other => other.clone(),
        }
    }
}

/// What is written in a resource or in a nested block.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Body {
    pub(super) attributes: BTreeMap<String, Value>,
    pub(super) blocks: BTreeMap<String, Body>,
    /// How many there must be of a block, if not one.
    pub(super) copies: u64,
}

impl Body {
    /// What a block of the schema requires.
    pub(super) fn required(schema: &Value, variant: Variant) -> Body {
        let mut body = Body::default();
        for (name, attribute) in members(schema, "attributes").filter(|(_, it)| flag(it, "required")) {
            let value = variant.value(name, &attribute["type"]);
            body.attributes.insert(name.to_owned(), value);
        }
        for (name, nested) in members(schema, "block_types") {
            if let Some(copies) = nested["min_items"].as_u64() {
                let required = Body::required(&nested["block"], variant);
                body.blocks.insert(name.to_owned(), Body { copies, ..required });
            }
        }
        body
    }

    /// Overwrites with what is written by hand.
    pub(super) fn put(&mut self, schema: &Value, by_hand: &Value, variant: Variant) {
        for (name, value) in sorted(by_hand) {
            if let Some(inner) = inner_block(schema, name) {
                let block = self.blocks.entry(name.to_owned()).or_default();
                block.put(inner, value, variant);
            } else {
                self.attributes.insert(name.to_owned(), variant.by_hand(value));
            }
        }
    }

    /// Writes what is at a path, and the blocks around it, if they are not there.
    pub(super) fn add(&mut self, schema: &Value, path: &[String], variant: Variant) {
        let [name, rest @ ..] = path else { return };
        if let Some(attribute) = schema.pointer(&format!("/attributes/{name}")) {
            let value = || variant.value(name, &attribute["type"]);
            self.attributes.entry(name.clone()).or_insert_with(value);
        } else if let Some(inner) = inner_block(schema, name) {
            let block = self.blocks.entry(name.clone());
            let block = block.or_insert_with(|| Body::required(inner, variant));
            block.add(inner, rest, variant);
        }
    }

    /// The body of the block at a path.
    pub(super) fn block(&self, path: &[String]) -> Option<&Body> {
        path.iter().try_fold(self, |body, name| body.blocks.get(name))
    }

    /// The value of the attribute at a path.
    pub(super) fn attribute(&self, path: &[String]) -> Option<&Value> {
        let (name, blocks) = path.split_last()?;
        self.block(blocks)?.attributes.get(name)
    }

    /// The value of the attribute at a path, to be changed.
    pub(super) fn attribute_mut(&mut self, path: &[String]) -> Option<&mut Value> {
        let (name, blocks) = path.split_last()?;
        let block = blocks
            .iter()
            .try_fold(self, |body, name| body.blocks.get_mut(name));
        block?.attributes.get_mut(name)
    }

    /// Whether there is a block or an attribute at a path.
    pub(super) fn has(&self, path: &[String]) -> bool {
        self.block(path).is_some() || self.attribute(path).is_some()
    }

    /// The path of a written attribute of a name. The provider loses the way to what is deep inside of sets.
    pub(super) fn find(&self, name: &str) -> Option<Path> {
        let mut blocks = self.blocks.iter();
        let deep = blocks.find_map(|(block, body)| Some([vec![block.clone()], body.find(name)?].concat()));
        deep.or_else(|| self.attributes.contains_key(name).then(|| vec![name.to_owned()]))
    }

    /// Takes away the attribute at a path.
    pub(super) fn remove(&mut self, path: &[String]) {
        match path {
            [] => {}
            [name] => drop(self.attributes.remove(name)),
            [name, rest @ ..] => {
                if let Some(block) = self.blocks.get_mut(name) {
                    block.remove(rest);
                }
            }
        }
    }

    /// The paths of all blocks.
    pub(super) fn block_paths(&self) -> Vec<Path> {
        let paths = self.blocks.iter().flat_map(|(name, body)| {
            let below = body.block_paths().into_iter();
            [Vec::new()]
                .into_iter()
                .chain(below)
                .map(|path| [vec![name.clone()], path].concat())
        });
        paths.collect()
    }

    /// All texts that are written.
    pub(super) fn texts(&self) -> Vec<String> {
        let own = self.attributes.values().flat_map(texts);
        own.chain(self.blocks.values().flat_map(Body::texts)).collect()
    }
}

/// All texts in a value.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(items) => items.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// What the schema says of the inside of a nested block.
pub(super) fn inner_block<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    schema.pointer(&format!("/block_types/{name}/block"))
}

/// Whether something may be written at a path.
pub(super) fn may_be_written(schema: &Value, path: &[String]) -> bool {
    let [name, rest @ ..] = path else { return false };
    if let Some(inner) = inner_block(schema, name) {
        return rest.is_empty() || may_be_written(inner, rest);
    }
    let attribute = schema.pointer(&format!("/attributes/{name}"));
    rest.is_empty() && attribute.is_some_and(|it| flag(it, "optional") || flag(it, "required"))
}
