//! Values of resource instances, as the provider's schema has them.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::{Attribute, Block, Body};
use tf_lang::convert::convert;
use tf_lang::text::quote_go;
use tf_lang::value::{Marks, Reason};
use tf_lang::{Diagnostic, Type, Value};

use super::Session;
use super::blocks::{blocks_by_name, unset_block};
use super::expand::Expansion;
use super::instance::{Instance, ResourceName};
use super::planned;
use super::resolve::{Context, Own};
use crate::address::{Address, Key, Mode};
use crate::config::data;
use crate::schema::{self, AttributeSchema, BlockSchema, Planned};

/// A resource instance's value and what it depends on.
pub(super) struct Built {
    pub(super) value: Value,
    pub(super) all: Vec<u32>,
    pub(super) direct: Vec<u32>,
}

/// What an attribute is that the configuration does not set: by its path below the resource, whether the
/// provider computes it, and its type.
pub(super) type Unset<'a> = &'a mut dyn FnMut(&str, bool, Type) -> Value;

/// Arguments of a resource block that are not the provider's.
const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "provider", "depends_on"];
/// Types of Terraform's own, whose attributes are known for good. Any other provider may be newer than its schema here.
const BUILT_IN: [&str; 2] = ["terraform_data", "terraform_remote_state"];

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

    pub(super) fn nested_value(
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
        let mut set: Vec<Arc<str>> = entries.iter().map(|(name, _)| name.clone()).collect();
        set.sort_unstable();
        let is_set = |name: &Arc<str>| set.binary_search(name).is_ok();
        entries.reserve(known.attributes.len() + known.blocks.len());
        for attribute in known
            .attributes
            .iter()
            .filter(|attribute| !is_set(&attribute.name))
        {
            entries.push((attribute.name.clone(), unset_attribute(attribute, path, unset)));
        }
        for nested in known.blocks.iter().filter(|nested| !is_set(&nested.name)) {
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

pub(super) fn unset_attribute(attribute: &AttributeSchema, path: &str, unset: Unset<'_>) -> Value {
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

/// An object with some entries replaced or added.
pub(super) fn with_entries(value: Value, changed: Vec<(Arc<str>, Value)>) -> Value {
    if changed.is_empty() {
        return value;
    }
    let marks = value.marks();
    let (mut entries, beyond) = match value.as_entries() {
        Some(entries) => (entries.to_vec(), entries.beyond().cloned()),
        None => (Vec::new(), None),
    };
    for (name, new) in changed {
        match entries.binary_search_by(|(known, _)| known.cmp(&name)) {
            Ok(at) => {
                if let Some((_, old)) = entries.get_mut(at) {
                    *old = new;
                }
            }
            Err(at) => entries.insert(at, (name, new)),
        }
    }
    Value::object(entries).open(beyond).with_marks(marks)
}
