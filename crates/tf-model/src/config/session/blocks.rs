//! Blocks in a resource's body: lists, sets and maps of objects, dynamic ones expanded.

use std::collections::BTreeSet;
use std::sync::Arc;

use tf_lang::ast::{Block, Body, Expr, ExprKind};
use tf_lang::convert::convert;
use tf_lang::eval::elements;
use tf_lang::value::{Marks, Reason};
use tf_lang::{Diagnostic, Type, Value};

use super::Session;
use super::resolve::Context;
use super::resource::{Unset, unset_attribute, with_entries};
use crate::schema::{AttributeSchema, BlockSchema, NestedBlock, Nesting, Planned};

/// Blocks of a resource block that are not the provider's.
const META_BLOCKS: [&str; 3] = ["lifecycle", "provisioner", "connection"];

impl<'p> Session<'p> {
    pub(super) fn nested_blocks(
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
    pub(super) fn attribute_blocks(
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
    pub(super) fn block_items(
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

pub(super) fn unset_block(nested: &NestedBlock, path: &str, unset: Unset<'_>) -> Value {
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

/// Blocks in order of their first occurrence; a dynamic block counts under its label.
pub(super) fn blocks_by_name(body: &Body, top: bool) -> Vec<(Arc<str>, Vec<&Block>)> {
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
