//! Bodies of blocks in all environments at once.

use std::rc::Rc;
use std::sync::Arc;

use tf_lang::Span;
use tf_lang::Value;
use tf_lang::ast::{Block, Body, ExprKind};
use tf_lang::eval::elements;
use tf_model::config::Place;
use tf_model::{Address, Key, ModulePath};

use super::BlockName;
use super::names::{label_of, prefix};
use super::trace::{Binding, Role, Spot, Spots, Trace};
use crate::value::Seg;

/// Arguments that say nothing of what is built.
const META: [&str; 5] = ["count", "for_each", "provider", "depends_on", "providers"];

/// A body and where it stands.
#[derive(Clone)]
pub(super) struct Written<'p> {
    place: Place<'p>,
    body: &'p Body,
    bound: Vec<Binding<'p>>,
    label: String,
}

impl<'p> Written<'p> {
    pub(super) fn new(place: Place<'p>, body: &'p Body, label: String) -> Written<'p> {
        Written {
            place,
            body,
            bound: Vec::new(),
            label,
        }
    }

    fn spot(&self, name: &str) -> Option<Spot<'p>> {
        let attribute = self.body.attribute(name)?;
        Some(Spot {
            place: self.place.clone(),
            expr: &attribute.value,
            bound: self.bound.clone(),
            label: format!("{}.{name}", self.label),
        })
    }

    /// The argument that makes several of it.
    pub(super) fn repeated(&self) -> Option<Spot<'p>> {
        let attribute = self
            .body
            .attribute("count")
            .or_else(|| self.body.attribute("for_each"))?;
        let label = format!("{}.{}", self.label, attribute.name.name);
        Some(Spot::new(self.place.outside(), &attribute.value, label))
    }

    /// The blocks of a name, or those that make them.
    fn blocks(&self, name: &str) -> impl Iterator<Item = &'p Block> {
        let name = name.to_owned();
        self.body.blocks.iter().filter(move |block| {
            *block.kind.name == *name || (&*block.kind.name == "dynamic" && block.label(0) == Some(&*name))
        })
    }
}

type Bodies<'p> = [Option<Written<'p>>];

impl<'a> Trace<'_, 'a> {
    /// The bodies of resources.
    pub(super) fn bodies(&self, addresses: &[Option<&Address>]) -> Vec<Option<Written<'a>>> {
        (0..self.active.len())
            .map(|at| {
                let address = addresses.get(*self.active.get(at)?).copied().flatten()?;
                let inspector = self.inspector(at)?;
                let place = inspector.module(&address.module)?;
                let name = (address.mode, address.ty.clone(), address.name.clone());
                let (place, block) = inspector.resource(&place, &name, address.key.as_ref())?;
                let label = format!("{}{}", prefix(&place), label_of(block));
                Some(Written::new(place, &block.body, label))
            })
            .collect()
    }

    /// The bodies of `provider` blocks of the root module, and of the `terraform` block.
    pub(super) fn provider_bodies(&self, blocks: &[Option<Span>], name: &str) -> Vec<Option<Written<'a>>> {
        (0..self.active.len())
            .map(|at| {
                let span = blocks.get(*self.active.get(at)?).copied().flatten()?;
                let place = self.inspector(at)?.root();
                let module = place.module();
                let body = body_at(module.providers.iter().map(|block| &**block), span)
                    .or_else(|| body_at(module.settings.iter(), span))?;
                Some(Written::new(place, body, name.to_owned()))
            })
            .collect()
    }

    /// Follows a part of a resource; what is not found in it may be made of all of it.
    pub(super) fn attribute(&mut self, bodies: &Bodies<'a>, path: &[Seg]) {
        self.body(bodies, path, 0);
        if self.found() == 0 {
            self.body(bodies, path.get(..1).unwrap_or_default(), 0);
        }
    }

    /// Follows what a reference reads of a block: an argument, or what the provider makes of all of them.
    pub(super) fn block(&mut self, bodies: &Bodies<'a>, path: &[Seg], depth: usize) {
        if bodies.iter().any(Option::is_none) {
            return;
        }
        if !self.body(bodies, path, depth + 1) {
            self.whole(bodies, depth + 1);
        }
    }

    /// Follows a part of bodies, and says whether it is written in any of them.
    fn body(&mut self, bodies: &Bodies<'a>, path: &[Seg], depth: usize) -> bool {
        let Some((Seg::Name(name), rest)) = path.split_first() else {
            self.whole(bodies, depth);
            return true;
        };
        let spots: Spots<'a> = bodies
            .iter()
            .map(|body| body.as_ref().and_then(|body| body.spot(name)))
            .collect();
        if spots.iter().any(Option::is_some) {
            self.trace(spots, rest, depth);
            return true;
        }
        let any = bodies
            .iter()
            .flatten()
            .any(|body| body.blocks(name).next().is_some());
        if any {
            self.nested(bodies, name, rest, depth);
        }
        any
    }

    fn whole(&mut self, bodies: &Bodies<'a>, depth: usize) {
        let mut attributes: Vec<&'a str> = Vec::new();
        let mut blocks: Vec<&'a str> = Vec::new();
        for body in bodies.iter().flatten() {
            for attribute in &body.body.attributes {
                let name: &'a str = &attribute.name.name;
                if !META.contains(&name) && !attributes.contains(&name) {
                    attributes.push(name);
                }
            }
            for block in &body.body.blocks {
                let name = match &*block.kind.name {
                    "dynamic" => block.label(0).unwrap_or_default(),
                    "lifecycle" | "provisioner" | "connection" => continue,
                    name => name,
                };
                if !blocks.contains(&name) {
                    blocks.push(name);
                }
            }
        }
        for name in attributes {
            let spots = bodies
                .iter()
                .map(|body| body.as_ref().and_then(|body| body.spot(name)))
                .collect();
            self.trace(spots, &[], depth);
        }
        for name in blocks {
            self.nested(bodies, name, &[], depth);
        }
    }

    fn nested(&mut self, bodies: &Bodies<'a>, name: &str, path: &[Seg], depth: usize) {
        let lists: Vec<Vec<Written<'a>>> = bodies
            .iter()
            .enumerate()
            .map(|(at, body)| {
                body.as_ref()
                    .map_or(Vec::new(), |body| self.items(at, body, name))
            })
            .collect();
        let (index, rest) = match path.split_first() {
            Some((Seg::Index(index), rest)) => (Some(*index), rest),
            Some(_) => (Some(0), path),
            None => (None, path),
        };
        let shortest = lists.iter().map(Vec::len).min().unwrap_or_default();
        let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
        let whole = rest.is_empty();
        if shortest != longest && (whole || index.is_some_and(|index| index >= shortest)) {
            let before = self.found();
            self.repeated(bodies, name, depth);
            if self.found() == before {
                self.block_written(bodies, name);
            }
            return;
        }
        let before = self.found();
        let at = |at: usize| -> Vec<Option<Written<'a>>> {
            lists.iter().map(|list| list.get(at).cloned()).collect()
        };
        if let Some(index) = index.filter(|index| *index < shortest) {
            self.inside(&at(index), rest, depth);
            if self.found() > before {
                return;
            }
        }
        // The elements of a set have an order of their own.
        for other in 0..shortest {
            self.inside(&at(other), rest, depth);
        }
    }

    fn inside(&mut self, bodies: &Bodies<'a>, path: &[Seg], depth: usize) {
        match path.is_empty() {
            true => self.whole(bodies, depth + 1),
            false => {
                self.body(bodies, path, depth + 1);
            }
        }
    }

    /// The blocks of a name, those that `dynamic` makes among them.
    fn items(&self, at: usize, body: &Written<'a>, name: &str) -> Vec<Written<'a>> {
        let mut out = Vec::new();
        for block in body.blocks(name) {
            let label = format!("{}.{name}", body.label);
            if &*block.kind.name != "dynamic" {
                out.push(Written {
                    body: &block.body,
                    label,
                    ..body.clone()
                });
                continue;
            }
            let (Some(source), Some(content)) =
                (dynamic(body, block), block.body.blocks_of("content").next())
            else {
                continue;
            };
            let iterator: Arc<str> = match block.body.attribute("iterator").map(|named| &named.value.kind) {
                Some(ExprKind::Traversal(root, _)) => root.name.clone(),
                _ => name.into(),
            };
            let (collection, _) = self.eval(at, &source).unmark();
            let source = Rc::new(source);
            for (key, value) in elements(&collection).unwrap_or_default() {
                let mut bound = body.bound.clone();
                bound.push(Binding {
                    name: iterator.clone(),
                    seg: seg_of(&collection, &key),
                    value: Value::object([("key".into(), key), ("value".into(), value)]),
                    role: Role::Iterator,
                    source: source.clone(),
                });
                out.push(Written {
                    place: body.place.clone(),
                    body: &content.body,
                    bound,
                    label: label.clone(),
                });
            }
        }
        out
    }

    /// What repeats blocks differs.
    fn repeated(&mut self, bodies: &Bodies<'a>, name: &str, depth: usize) {
        let lists: Vec<Vec<Spot<'a>>> = bodies
            .iter()
            .map(|body| {
                let Some(body) = body else { return Vec::new() };
                let blocks = body.blocks(name).filter(|block| &*block.kind.name == "dynamic");
                blocks.filter_map(|block| dynamic(body, block)).collect()
            })
            .collect();
        for at in 0..lists.iter().map(Vec::len).max().unwrap_or_default() {
            let spots = lists.iter().map(|list| list.get(at).cloned()).collect();
            self.trace(spots, &[], depth + 1);
        }
    }

    /// Blocks are written in some environments only.
    fn block_written(&mut self, bodies: &Bodies<'a>, name: &str) {
        let places: Vec<_> = bodies
            .iter()
            .zip(&self.active)
            .map(|(body, environment)| {
                let block = body.as_ref()?.blocks(name).last()?;
                self.tracer.locate(*environment, block.span)
            })
            .collect();
        let Some(label) = bodies
            .iter()
            .flatten()
            .map(|body| format!("{}.{name}", body.label))
            .min()
        else {
            return;
        };
        self.push_written(label, places);
    }

    pub(super) fn push_written(&mut self, name: String, places: Vec<Option<crate::environment::Location>>) {
        let held = places.iter().map(|place| match place {
            Some(_) => crate::value::Held::Has(Value::from(true)),
            None => crate::value::Held::Absent,
        });
        let values = self.spread(crate::value::Held::Out, held.collect::<Vec<_>>());
        let places = self.spread(None, places);
        self.push(super::Cause {
            kind: super::CauseKind::Written,
            name,
            places,
            values,
        });
    }

    /// What `count` or `for_each` of a block is made of; or the block itself, where it is not in all environments.
    pub(super) fn expansion(&mut self, module: &ModulePath, name: &BlockName, key: Option<Seg>) {
        let blocks: Vec<Option<(Place<'a>, &'a Block)>> = (0..self.active.len())
            .map(|at| {
                let place = self.inspector(at)?.module(module)?;
                let declared = place.module();
                let block: &'a Block = match name {
                    BlockName::Module(name) => declared.calls.get(name)?,
                    BlockName::Resource(mode, ty, name) => {
                        declared.resources.get(&(*mode, ty.clone(), name.clone()))?
                    }
                };
                Some((place, block))
            })
            .collect();
        if blocks.iter().any(Option::is_none) {
            let places: Vec<_> = blocks
                .iter()
                .zip(&self.active)
                .map(|(block, environment)| self.tracer.locate(*environment, block.as_ref()?.1.header))
                .collect();
            let label = blocks
                .iter()
                .flatten()
                .map(|(place, block)| format!("{}{}", prefix(place), label_of(block)))
                .min();
            if let Some(label) = label {
                self.push_written(label, places);
            }
            return;
        }
        let spots: Spots<'a> = blocks
            .iter()
            .map(|block| {
                let (place, block) = block.as_ref()?;
                let attribute = block
                    .body
                    .attribute("count")
                    .or_else(|| block.body.attribute("for_each"))?;
                let label = format!("{}{}.{}", prefix(place), label_of(block), attribute.name.name);
                Some(Spot::new(place.clone(), &attribute.value, label))
            })
            .collect();
        // With the argument in some environments only, its blocks are what differs.
        let path: Vec<Seg> = key
            .into_iter()
            .filter(|seg| matches!(seg, Seg::Name(_)))
            .collect();
        self.presence = !path.is_empty();
        self.enter(spots, &path);
    }
}

/// The argument that repeats a `dynamic` block.
fn dynamic<'p>(body: &Written<'p>, block: &'p Block) -> Option<Spot<'p>> {
    let attribute = block.body.attribute("for_each")?;
    Some(Spot {
        place: body.place.clone(),
        expr: &attribute.value,
        bound: body.bound.clone(),
        label: format!("{}.{}", body.label, block.label(0).unwrap_or_default()),
    })
}

/// The step that leads to an element; nothing for sets, whose elements have no place.
pub(super) fn seg_of(collection: &Value, key: &Value) -> Option<Seg> {
    if matches!(collection.kind(), tf_lang::value::Kind::Set(..)) {
        return None;
    }
    match key.as_number() {
        Some(number) => number
            .to_i64()
            .and_then(|at| usize::try_from(at).ok())
            .map(Seg::Index),
        None => key.as_shared_str().map(|name| Seg::Name(name.clone())),
    }
}

/// The body of the block that has a span.
fn body_at<'p>(blocks: impl Iterator<Item = &'p Block>, span: Span) -> Option<&'p Body> {
    for block in blocks {
        if block.span == span {
            return Some(&block.body);
        }
        let inside = block.body.blocks.iter().find(|inner| inner.span == span);
        if let Some(inner) = inside {
            return Some(&inner.body);
        }
    }
    None
}

/// The key of an instance as a step.
pub(crate) fn key_seg(key: &Key) -> Seg {
    match key {
        Key::Index(index) => Seg::Index(usize::try_from(*index).unwrap_or(usize::MAX)),
        Key::Name(name) => Seg::Name(name.clone()),
    }
}
