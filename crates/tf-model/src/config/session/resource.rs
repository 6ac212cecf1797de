//! Values of resource instances, as the provider's schema has them.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::{Attribute, Block, Body, Expr, ExprKind};
use tf_lang::convert::convert;
use tf_lang::eval::elements;
use tf_lang::text::quote_go;
use tf_lang::value::{Marks, Reason};
use tf_lang::{Diagnostic, Type, Value};

use super::Session;
use super::expand::Expansion;
use super::instance::{Instance, ResourceName};
use super::planned;
use super::resolve::{Context, Own};
use crate::address::{Address, Key, Mode};
use crate::config::data;
use crate::schema::{self, AttributeSchema, BlockSchema, NestedBlock, Nesting, Planned};

/// A resource instance's value and what it depends on.
pub(super) struct Built {
    pub(super) value: Value,
    pub(super) all: Vec<u32>,
    pub(super) direct: Vec<u32>,
}

/// What an attribute is that the configuration does not set: by its path below the resource, whether the
/// provider computes it, and its type.
type Unset<'a> = &'a mut dyn FnMut(&str, bool, Type) -> Value;

/// Arguments of a resource block that are not the provider's.
const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "provider", "depends_on"];
/// Types of Terraform's own, whose attributes are known for good. Any other provider may be newer than its schema here.
const BUILT_IN: [&str; 2] = ["terraform_data", "terraform_remote_state"];
/// Blocks of a resource block that are not the provider's.
const META_BLOCKS: [&str; 3] = ["lifecycle", "provisioner", "connection"];

impl<'p> Session<'p> {
    pub(super) fn address(&self, instance: &Instance<'p>, name: &ResourceName, key: Option<Key>) -> Address {
        Address {
            module: instance.path.clone(),
            mode: name.0,
            ty: name.1.clone(),
            name: name.2.clone(),
            key,
        }
    }

    /// The value of a resource instance as other expressions see it.
    pub(super) fn resource(
        &self,
        instance: &Rc<Instance<'p>>,
        name: &ResourceName,
        block: &'p Arc<Block>,
        key: Option<Key>,
    ) -> Value {
        let number = self.number(&self.address(instance, name, key.clone()));
        let built = self.build(instance, name, block, key);
        self.depend([number], true);
        built.value.clone()
    }

    /// The value of a resource with all its instances.
    pub(super) fn whole_resource(
        &self,
        instance: &Rc<Instance<'p>>,
        name: &ResourceName,
        block: &'p Arc<Block>,
        expansion: &Expansion,
    ) -> Value {
        self.remember(
            &instance.wholes,
            name.clone(),
            || format!("{}{}.{}", instance.prefix(), name.1, name.2),
            (instance, block.header),
            |reason| Value::unknown(Type::Any, reason),
            || {
                let values = expansion
                    .instances()
                    .into_iter()
                    .map(|(key, _)| (key.clone(), self.resource(instance, name, block, key)));
                match expansion {
                    Expansion::Each(_) => Value::object(values.filter_map(|(key, value)| match key {
                        Some(Key::Name(name)) => Some((name, value)),
                        _ => None,
                    })),
                    _ => Value::tuple(values.map(|(_, value)| value).collect()),
                }
            },
        )
    }

    /// Evaluates a resource instance, once.
    pub(super) fn build(
        &self,
        instance: &Rc<Instance<'p>>,
        name: &ResourceName,
        block: &'p Arc<Block>,
        key: Option<Key>,
    ) -> Rc<Built> {
        let address = self.address(instance, name, key.clone());
        self.remember(
            &instance.resources,
            (name.clone(), key.clone()),
            || address.to_string(),
            (instance, block.header),
            |reason| {
                Rc::new(Built {
                    value: Value::unknown(Type::Any, reason),
                    all: Vec::new(),
                    direct: Vec::new(),
                })
            },
            || {
                let (value, all, direct) = self.observe(address.to_string(), || {
                    let expansion = self.expansion(instance, name, block);
                    match expansion.repetition(&key) {
                        Some(repetition) => {
                            let own = own(name, &address);
                            let context = Context::new(self, instance)
                                .with_repetition(repetition)
                                .inside(own);
                            self.evaluate(&context, &address, block)
                        }
                        None => Value::NULL,
                    }
                });
                let sorted = |set: BTreeSet<u32>| set.into_iter().collect();
                Rc::new(Built {
                    value,
                    all: sorted(all),
                    direct: sorted(direct),
                })
            },
        )
    }

    fn evaluate(&self, context: &Context<'_, 'p>, address: &Address, block: &'p Arc<Block>) -> Value {
        let known = provider_schema(address.mode, &address.ty);
        let local = address.to_string();
        let value = self.body_value(context, &block.body, known, &mut |path, computed, ty| {
            if !computed {
                return Value::null(ty);
            }
            let reference: Arc<str> = format!("{local}.{path}").into();
            Value::unknown(
                ty,
                match address.mode {
                    Mode::Data => Reason::DataSource(reference),
                    _ => Reason::KnownAfterApply(reference),
                },
            )
            .with_prefix(planned::prefix(&address.ty, path))
            .exact()
        });
        if &*address.ty == "terraform_data" {
            return data::terraform_data(&value, &local);
        }
        match address.mode {
            Mode::Data if &*address.ty == "terraform_remote_state" => {
                let outputs = self.remote_state(&value);
                with_entries(
                    value,
                    outputs
                        .map(|outputs| ("outputs".into(), outputs))
                        .into_iter()
                        .collect(),
                )
            }
            Mode::Data => {
                let region = self.region(&context.instance, block, &address.ty);
                let tags = || self.default_tags(&context.instance, block, &address.ty);
                let deferred = is_deferred(&context.instance, block);
                match data::compute(&address.ty, &value, deferred, region, &tags) {
                    Some(computed) => with_entries(value, computed),
                    None => value,
                }
            }
            Mode::Managed => {
                let later = |path: &str, ty: Type| {
                    Value::unknown(ty, Reason::KnownAfterApply(format!("{local}.{path}").into()))
                };
                let value = match known {
                    Some(known) => planned::planned(&address.ty, value, known, &later),
                    None => value,
                };
                let legacy = known.is_none_or(BlockSchema::is_legacy);
                self.with_all_tags(context, address, block, value, legacy, &later)
            }
            // What is ephemeral must not end up in a report.
            Mode::Ephemeral => value.with_marks(Marks::EPHEMERAL),
        }
    }

    /// `tags_all`: the provider's default tags and over them the resource's own.
    fn with_all_tags(
        &self,
        context: &Context<'_, 'p>,
        address: &Address,
        block: &Block,
        value: Value,
        legacy: bool,
        later: planned::Later<'_>,
    ) -> Value {
        if value.get("tags_all").is_none() || value.get("tags").is_none() {
            return value;
        }
        let own = value.get("tags").cloned().unwrap_or(Value::NULL);
        let defaults = self
            .default_tags(&context.instance, block, &address.ty)
            .unwrap_or(Value::NULL);
        let strings = Type::map(Type::String);
        let (Ok(own), Ok(defaults)) = (convert(&own, &strings), convert(&defaults, &strings)) else {
            return value;
        };
        let all = match own.is_known() && defaults.is_known() {
            true => planned::all_tags(legacy, &own, &defaults).unwrap_or_else(|| later("tags_all", strings)),
            false => {
                let marks = own.marks_deep().union(defaults.marks_deep());
                let reasons = own.reasons().into_iter().chain(defaults.reasons());
                Value::unknown_because(strings, reasons).with_marks(marks)
            }
        };
        with_entries(value, vec![("tags_all".into(), all)])
    }

    /// The value of a body by its schema; without one everything is taken as it is written.
    pub(super) fn body_value(
        &self,
        context: &Context<'_, 'p>,
        body: &Body,
        known: Option<&BlockSchema>,
        unset: Unset<'_>,
    ) -> Value {
        self.nested_value(context, body, known, "", unset)
    }

    fn nested_value(
        &self,
        context: &Context<'_, 'p>,
        body: &Body,
        known: Option<&BlockSchema>,
        path: &str,
        unset: Unset<'_>,
    ) -> Value {
        let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
        let is_meta = |name: &str| path.is_empty() && META_ARGUMENTS.contains(&name);
        for attribute in body
            .attributes
            .iter()
            .filter(|attribute| !is_meta(&attribute.name.name))
        {
            let schema = known.and_then(|known| known.attribute(&attribute.name.name));
            let value = self.attribute_value(context, attribute, schema, path, unset);
            // Another version of the provider has this argument; null leaves it to the provider there too.
            let value = match known.is_some() && schema.is_none() && value.is_null() {
                true => unset(&join(path, &attribute.name.name), true, Type::Any),
                false => value,
            };
            entries.push((attribute.name.name.clone(), value));
        }
        for (name, blocks) in blocks_by_name(body, path.is_empty()) {
            let below = join(path, &name);
            let attribute = known.and_then(|known| known.attribute(&name));
            let value = match (known.and_then(|known| known.block(&name)), attribute) {
                (Some(nested), _) => self.nested_blocks(context, &blocks, nested, &below, unset),
                (None, Some(attribute)) => self.attribute_blocks(context, &blocks, attribute, &below, unset),
                (None, None) => {
                    let items = self.block_items(context, &blocks, None, &below, unset);
                    match items {
                        Ok(items) => Value::tuple(items.into_iter().map(|(_, item)| item).collect()),
                        Err(reasons) => Value::unknown_because(Type::Any, reasons),
                    }
                }
            };
            entries.push((name, value));
        }
        if let Some(known) = known {
            self.fill_in(known, path, &mut entries, unset);
        }
        Value::object(entries).open(context.own.as_ref().and_then(|own| own.beyond.clone()))
    }

    fn fill_in(
        &self,
        known: &BlockSchema,
        path: &str,
        entries: &mut Vec<(Arc<str>, Value)>,
        unset: Unset<'_>,
    ) {
        let set: BTreeSet<Arc<str>> = entries.iter().map(|(name, _)| name.clone()).collect();
        for attribute in known
            .attributes
            .iter()
            .filter(|attribute| !set.contains(&attribute.name))
        {
            entries.push((attribute.name.clone(), unset_attribute(attribute, path, unset)));
        }
        for nested in known.blocks.iter().filter(|nested| !set.contains(&nested.name)) {
            let value = unset_block(nested, &join(path, &nested.name), unset);
            entries.push((nested.name.clone(), value));
        }
    }

    fn attribute_value(
        &self,
        context: &Context<'_, 'p>,
        attribute: &Attribute,
        known: Option<&AttributeSchema>,
        path: &str,
        unset: Unset<'_>,
    ) -> Value {
        let value = self.eval(context, &attribute.value);
        if value.marks_deep().contains(Marks::EPHEMERAL) {
            self.check_ephemeral(context, attribute, known, path);
        }
        let Some(known) = known else { return value };
        let value = match convert(&value, &known.ty) {
            Ok(value) => value,
            Err(error) => {
                let detail = format!(
                    "Inappropriate value for attribute {}: {error}.",
                    quote_go(&attribute.name.name)
                );
                let summary = "Incorrect attribute value type";
                self.report(
                    &context.instance,
                    Diagnostic::error(summary, detail, attribute.value.span),
                );
                Value::unknown(known.ty.without_optional(), Reason::Error(summary.into()))
            }
        };
        // Null asks for what an attribute is when it is not set.
        let value = if value.is_null() {
            let marks = value.marks();
            unset_attribute(known, path, unset).with_marks(marks)
        } else {
            value
        };
        if known.sensitive {
            value.with_marks(Marks::SENSITIVE)
        } else {
            value
        }
    }

    /// What is ephemeral may not be stored. Where an attribute is not known to us it may be one that is not.
    fn check_ephemeral(
        &self,
        context: &Context<'_, 'p>,
        attribute: &Attribute,
        known: Option<&AttributeSchema>,
        path: &str,
    ) {
        let Some(own) = context.own.as_ref().filter(|own| own.stored) else {
            return;
        };
        if known.map_or(own.beyond.is_none(), |known| !known.write_only) {
            let detail = format!(
                "Ephemeral values are not valid for {}, because it is not a write-only attribute and must be persisted \
                 to state.",
                quote_go(&join(path, &attribute.name.name))
            );
            self.report(
                &context.instance,
                Diagnostic::error("Invalid use of ephemeral value", detail, attribute.value.span),
            );
        }
    }

    fn nested_blocks(
        &self,
        context: &Context<'_, 'p>,
        blocks: &[&Block],
        nested: &NestedBlock,
        path: &str,
        unset: Unset<'_>,
    ) -> Value {
        let items = match self.block_items(context, blocks, Some(&nested.body), path, unset) {
            Ok(items) => items,
            Err(reasons) => {
                return Value::unknown_because(nested.nesting.of(nested.ty.clone()), reasons);
            }
        };
        if items.is_empty() {
            return unset_block(nested, path, unset);
        }
        let ty = nested.ty.clone();
        match nested.nesting {
            Nesting::Single => items.into_iter().next().map_or(Value::null(ty), |(_, item)| item),
            Nesting::List => Value::list(ty, items.into_iter().map(|(_, item)| item).collect()),
            Nesting::Set => Value::set(ty, items.into_iter().map(|(_, item)| item).collect()),
            Nesting::Map => Value::map(ty, items),
        }
    }

    /// Attributes that are lists of objects, written as blocks, as the AWS provider still allows for some.
    fn attribute_blocks(
        &self,
        context: &Context<'_, 'p>,
        blocks: &[&Block],
        attribute: &AttributeSchema,
        path: &str,
        unset: Unset<'_>,
    ) -> Value {
        let mut nothing = |_: &str, _: bool, ty: Type| Value::null(ty);
        let items = self.block_items(context, blocks, None, &attribute.name, &mut nothing);
        let value = match items {
            Ok(items) if items.is_empty() => return unset_attribute(attribute, path, unset),
            Ok(items) => {
                let element = attribute.ty.element().cloned().unwrap_or(Type::Any);
                let fill = |item: Value| match &element {
                    Type::Object(attrs) => {
                        let missing = attrs
                            .iter()
                            .filter(|attr| item.get(&attr.name).is_none())
                            .map(|attr| (attr.name.clone(), Value::null(attr.ty.clone())))
                            .collect();
                        with_entries(item, missing)
                    }
                    _ => item,
                };
                Value::tuple(items.into_iter().map(|(_, item)| fill(item)).collect())
            }
            Err(reasons) => unknown_blocks(blocks, &attribute.ty, &reasons),
        };
        let value = convert(&value, &attribute.ty).unwrap_or(value);
        if attribute.sensitive {
            value.with_marks(Marks::SENSITIVE)
        } else {
            value
        }
    }

    /// The values of blocks of one name, dynamic ones expanded, with their labels; or why it is not known how
    /// many there are.
    fn block_items(
        &self,
        context: &Context<'_, 'p>,
        blocks: &[&Block],
        known: Option<&BlockSchema>,
        path: &str,
        unset: Unset<'_>,
    ) -> Result<Vec<(Arc<str>, Value)>, Vec<Reason>> {
        let mut items = Vec::new();
        for block in blocks {
            if &*block.kind.name != "dynamic" {
                let label = block.label(0).unwrap_or_default().into();
                items.push((label, self.nested_value(context, &block.body, known, path, unset)));
                continue;
            }
            self.dynamic_items(context, block, known, path, unset, &mut items)?;
        }
        Ok(items)
    }

    fn dynamic_items(
        &self,
        context: &Context<'_, 'p>,
        block: &Block,
        known: Option<&BlockSchema>,
        path: &str,
        unset: Unset<'_>,
        items: &mut Vec<(Arc<str>, Value)>,
    ) -> Result<(), Vec<Reason>> {
        let (Some(for_each), Some(content)) = (
            block.body.attribute("for_each"),
            block.body.blocks_of("content").next(),
        ) else {
            self.report(
                &context.instance,
                Diagnostic::error(
                    "Missing required argument",
                    "A \"dynamic\" block needs the argument \"for_each\" and a nested block \"content\".",
                    block.header,
                ),
            );
            return Ok(());
        };
        let iterator = match block
            .body
            .attribute("iterator")
            .map(|attribute| &attribute.value.kind)
        {
            Some(ExprKind::Traversal(name, _)) => name.name.clone(),
            _ => block.label(0).unwrap_or_default().into(),
        };
        let (value, marks) = self.eval(context, &for_each.value).unmark();
        if value.is_null() {
            let detail = "Cannot use a null value in for_each.";
            self.report(
                &context.instance,
                Diagnostic::error("Invalid dynamic for_each value", detail, for_each.value.span),
            );
            return Ok(());
        }
        let Some(elements) = elements(&value) else {
            if value.is_known() {
                let detail = format!(
                    "Cannot use a {} value in for_each. An iterable collection is required.",
                    value.ty().friendly_name()
                );
                self.report(
                    &context.instance,
                    Diagnostic::error("Invalid dynamic for_each value", detail, for_each.value.span),
                );
                return Ok(());
            }
            return Err(value.reasons());
        };
        for (key, element) in elements {
            let each = Value::object([
                ("key".into(), key.with_marks(marks)),
                ("value".into(), element.with_marks(marks)),
            ]);
            let inner = context.bind(iterator.clone(), each);
            let label = match block.body.attribute("labels") {
                Some(labels) => self.first_label(&inner, &labels.value),
                None => "".into(),
            };
            items.push((
                label,
                self.nested_value(&inner, &content.body, known, path, unset),
            ));
        }
        Ok(())
    }

    fn first_label(&self, context: &Context<'_, 'p>, labels: &Expr) -> Arc<str> {
        let value = self.eval(context, labels);
        let first = value
            .as_items()
            .and_then(|items| items.first())
            .and_then(Value::as_shared_str);
        first.cloned().unwrap_or_default()
    }
}

/// Whether a data source waits, by itself or with its module, for something that is named and that every first
/// plan creates.
fn is_deferred(instance: &Instance<'_>, block: &Block) -> bool {
    block.body.attribute("depends_on").is_some()
        || instance
            .caller
            .as_ref()
            .is_some_and(|caller| is_deferred(&caller.instance, caller.block))
}

/// The schema of a resource type, where it is known.
pub(super) fn provider_schema(mode: Mode, ty: &str) -> Option<&'static BlockSchema> {
    let kind = match mode {
        Mode::Data => schema::Kind::Data,
        _ => schema::Kind::Resource,
    };
    schema::schema(kind, ty)
}

/// What a resource's own arguments have to know of it.
fn own(name: &ResourceName, address: &Address) -> Own {
    let text = || Arc::from(address.to_string());
    Own {
        stored: address.mode != Mode::Ephemeral,
        beyond: match address.mode {
            _ if BUILT_IN.contains(&&*address.ty) => None,
            Mode::Data => Some(Reason::DataSource(text())),
            _ => Some(Reason::KnownAfterApply(text())),
        },
        ..Own::new(name)
    }
}

/// What stands for blocks of which nobody knows how many there will be, where they are an attribute: one, of which
/// nothing is known that is written.
fn unknown_blocks(blocks: &[&Block], ty: &Type, reasons: &[Reason]) -> Value {
    let Some(Type::Object(attrs)) = ty.element() else {
        return Value::unknown_because(Type::Any, reasons.to_vec());
    };
    let bodies = blocks.iter().flat_map(|block| match &*block.kind.name {
        "dynamic" => block
            .body
            .blocks_of("content")
            .map(|content| &content.body)
            .collect::<Vec<_>>(),
        _ => vec![&block.body],
    });
    let written: BTreeSet<&str> = bodies
        .flat_map(|body| body.attributes.iter().map(|attribute| &*attribute.name.name))
        .collect();
    let entries = attrs.iter().map(|attr| {
        let value = match written.contains(&*attr.name) {
            true => Value::unknown_because(attr.ty.without_optional(), reasons.to_vec()),
            false => Value::null(attr.ty.without_optional()),
        };
        (attr.name.clone(), value)
    });
    Value::tuple(vec![Value::object(entries.collect::<Vec<_>>())])
}

fn unset_block(nested: &NestedBlock, path: &str, unset: Unset<'_>) -> Value {
    let ty = nested.ty.clone();
    match (&nested.default, nested.nesting) {
        (Some(Planned::Value(default)), _) => default.clone(),
        (Some(Planned::Unknown), nesting) => unset(path, true, nesting.of(ty)),
        (None, Nesting::Single) => Value::null(ty),
        (None, Nesting::List) => Value::list(ty, Vec::new()),
        (None, Nesting::Set) => Value::set(ty, Vec::new()),
        (None, Nesting::Map) => Value::map(ty, []),
    }
}

fn unset_attribute(attribute: &AttributeSchema, path: &str, unset: Unset<'_>) -> Value {
    let value = match &attribute.default {
        Some(Planned::Value(default)) => default.clone(),
        planned => unset(
            &join(path, &attribute.name),
            attribute.computed || planned.is_some(),
            attribute.ty.without_optional(),
        ),
    };
    if attribute.sensitive {
        value.with_marks(Marks::SENSITIVE)
    } else {
        value
    }
}

/// The path of what is below a path.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// Blocks in order of their first occurrence; a dynamic block counts under its label.
fn blocks_by_name(body: &Body, top: bool) -> Vec<(Arc<str>, Vec<&Block>)> {
    let mut groups: Vec<(Arc<str>, Vec<&Block>)> = Vec::new();
    for block in &body.blocks {
        let name = match &*block.kind.name {
            "dynamic" => match block.labels.first() {
                Some(label) => label.name.clone(),
                None => continue,
            },
            name if top && META_BLOCKS.contains(&name) => continue,
            _ => block.kind.name.clone(),
        };
        match groups.iter_mut().find(|(existing, _)| *existing == name) {
            Some((_, blocks)) => blocks.push(block),
            None => groups.push((name, vec![block])),
        }
    }
    groups
}

/// An object with some entries replaced or added.
fn with_entries(value: Value, changed: Vec<(Arc<str>, Value)>) -> Value {
    if changed.is_empty() {
        return value;
    }
    let marks = value.marks();
    let (entries, beyond) = match value.as_entries() {
        Some(entries) => (entries.to_vec(), entries.beyond().cloned()),
        None => (Vec::new(), None),
    };
    Value::object(entries.into_iter().chain(changed))
        .open(beyond)
        .with_marks(marks)
}
