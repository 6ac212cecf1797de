//! Expansion of `count` and `for_each`.

use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::{Block, Expr};
use tf_lang::convert::convert;
use tf_lang::value::{Kind, Reason};
use tf_lang::{Diagnostic, Type, Value};

use super::Session;
use super::instance::{Instance, ResourceName};
use super::provider::missing_configurations;
use super::resolve::{Context, Own, Repetition};
use crate::address::Key;

/// More instances than any provider's API would take.
const MAX_INSTANCES: u64 = 50_000;

/// Which instances a block has.
#[derive(Debug)]
pub(super) enum Expansion {
    /// Neither `count` nor `for_each`.
    Single,
    /// `count`
    Count(u64),
    /// `for_each`
    Each(Vec<(Arc<str>, Value)>),
    /// Not known how many.
    Unknown(UnknownExpansion),
}

/// An expansion that is not known.
#[derive(Debug)]
pub(super) struct UnknownExpansion {
    /// Whether by `count`; else by `for_each`.
    pub(super) counted: bool,
    /// Why.
    pub(super) reasons: Vec<Reason>,
    /// The type of `each.value`.
    pub(super) element: Type,
}

impl Expansion {
    /// The argument that repeats the block.
    pub(super) fn argument(&self) -> Option<&'static str> {
        match self {
            Expansion::Single => None,
            Expansion::Count(_) => Some("count"),
            Expansion::Each(_) => Some("for_each"),
            Expansion::Unknown(unknown) => Some(if unknown.counted { "count" } else { "for_each" }),
        }
    }

    /// The keys of the instances with what `count.index`, `each.key` and `each.value` are in them.
    pub(super) fn instances(&self) -> Vec<(Option<Key>, Repetition)> {
        match self {
            Expansion::Single => vec![(None, Repetition::None)],
            Expansion::Count(count) => (0..*count)
                .map(|index| {
                    (
                        Some(Key::Index(index)),
                        Repetition::Count(Value::from(index as i64)),
                    )
                })
                .collect(),
            Expansion::Each(entries) => entries
                .iter()
                .map(|(key, value)| {
                    let each = Repetition::Each(Value::normal_string(key.clone()), value.clone());
                    (Some(Key::Name(key.clone())), each)
                })
                .collect(),
            Expansion::Unknown(unknown) => {
                let value = |ty: Type| Value::unknown_because(ty, unknown.reasons.iter().cloned());
                let repetition = match unknown.counted {
                    true => Repetition::Count(value(Type::Number).not_null()),
                    false => Repetition::Each(value(Type::String).not_null(), value(unknown.element.clone())),
                };
                vec![(None, repetition)]
            }
        }
    }

    /// What is repeated under a key.
    pub(super) fn repetition(&self, key: &Option<Key>) -> Option<Repetition> {
        match (self, key) {
            (Expansion::Single, None) => Some(Repetition::None),
            (Expansion::Count(count), Some(Key::Index(index))) if index < count => {
                Some(Repetition::Count(Value::from(*index as i64)))
            }
            (Expansion::Each(entries), Some(Key::Name(name))) => {
                let at = entries.binary_search_by(|(key, _)| key.cmp(name)).ok()?;
                let (key, value) = entries.get(at)?;
                Some(Repetition::Each(Value::normal_string(key.clone()), value.clone()))
            }
            (Expansion::Unknown(_), None) => self
                .instances()
                .into_iter()
                .next()
                .map(|(_, repetition)| repetition),
            _ => None,
        }
    }
}

/// The instances of a called module.
pub(super) enum Children<'p> {
    /// The module is not there: why.
    Missing,
    /// By `count` or `for_each`, or a single one.
    Instances(Expansion, Vec<(Option<Key>, Rc<Instance<'p>>)>),
}

impl<'p> Session<'p> {
    pub(super) fn expansion(
        &self,
        instance: &Rc<Instance<'p>>,
        name: &ResourceName,
        block: &Block,
    ) -> Rc<Expansion> {
        self.remember(
            &instance.expansions,
            name.clone(),
            || format!("{}{}.{} (expand)", instance.prefix(), name.1, name.2),
            (instance, block.header),
            |reason| Rc::new(unknown(true, vec![reason], Type::Any)),
            || {
                let context = Context::new(self, instance).inside(Own::new(name));
                Rc::new(self.expand(&context, block))
            },
        )
    }

    fn expand(&self, context: &Context<'_, 'p>, block: &Block) -> Expansion {
        match (block.body.attribute("count"), block.body.attribute("for_each")) {
            (Some(count), None) => self.expand_count(context, &count.value),
            (None, Some(for_each)) => self.expand_for_each(context, &for_each.value),
            // Both at once are a problem of the module's files.
            (None, None) | (Some(_), Some(_)) => Expansion::Single,
        }
    }

    fn bad(&self, context: &Context<'_, 'p>, summary: &str, detail: String, expr: &Expr) -> Vec<Reason> {
        self.report(&context.instance, Diagnostic::error(summary, detail, expr.span));
        vec![Reason::Error(summary.into())]
    }

    fn expand_count(&self, context: &Context<'_, 'p>, expr: &Expr) -> Expansion {
        const SUMMARY: &str = "Invalid count argument";
        let (value, _) = self.eval(context, expr).unmark_deep();
        let fail = |detail: String| unknown(true, self.bad(context, SUMMARY, detail, expr), Type::Any);
        if value.is_null() {
            return fail("The given \"count\" argument value is null. An integer is required.".to_owned());
        }
        let number = match convert(&value, &Type::Number) {
            Ok(number) => number,
            Err(error) => {
                let detail = format!("Invalid expression value: {error}.");
                let reasons = self.bad(context, "Incorrect value type", detail, expr);
                return unknown(true, reasons, Type::Any);
            }
        };
        let Some(number) = number.as_number() else {
            return unknown(true, value.reasons(), Type::Any);
        };
        if number.signum() < 0 {
            return fail(
                "The given \"count\" argument value is unsuitable: must be greater than or equal to zero."
                    .to_owned(),
            );
        }
        match number.to_i64().and_then(|count| u64::try_from(count).ok()) {
            Some(count) if count <= MAX_INSTANCES => Expansion::Count(count),
            Some(_) => fail(format!(
                "A static reader makes no more than {MAX_INSTANCES} instances of a block."
            )),
            None => fail(format!(
                "The given \"count\" argument value is unsuitable: value must be a whole number, between {} and {}.",
                i64::MIN,
                i64::MAX
            )),
        }
    }

    fn expand_for_each(&self, context: &Context<'_, 'p>, expr: &Expr) -> Expansion {
        const SUMMARY: &str = "Invalid for_each argument";
        const UNSUITABLE: &str = "The given \"for_each\" argument value is unsuitable:";
        let raw = self.eval(context, expr);
        let fail = |summary: &str, detail: String| {
            unknown(false, self.bad(context, summary, detail, expr), Type::Any)
        };
        let key_sensitive = match raw.kind() {
            Kind::Set(..) => raw.has_sensitive(),
            _ => raw.marks().contains(tf_lang::value::Marks::SENSITIVE),
        };
        if key_sensitive {
            return fail(
                SUMMARY,
                "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If \
                 used, the sensitive value could be exposed as a resource instance key."
                    .to_owned(),
            );
        }
        let (value, _) = raw.unmark();
        if value.is_null() {
            return fail(
                SUMMARY,
                format!(
                    "{UNSUITABLE} the given \"for_each\" argument value is null. A map, or set of strings is allowed."
                ),
            );
        }
        let ty = value.ty();
        if !matches!(ty, Type::Map(_) | Type::Set(_) | Type::Object(_) | Type::Any) {
            return fail(
                SUMMARY,
                format!(
                    "{UNSUITABLE} the \"for_each\" argument must be a map, or set of strings, and you have provided a \
                     value of type {}.",
                    ty.friendly_name()
                ),
            );
        }
        match value.kind() {
            Kind::Map(_, entries) | Kind::Object(entries) => match entries.len() as u64 > MAX_INSTANCES {
                true => fail(
                    SUMMARY,
                    format!("A static reader makes no more than {MAX_INSTANCES} instances of a block."),
                ),
                false => Expansion::Each(entries.iter().cloned().collect()),
            },
            Kind::Set(element, items) => {
                if *element != Type::String && !items.is_empty() {
                    return fail(
                        "Invalid for_each set argument",
                        format!(
                            "{UNSUITABLE} \"for_each\" supports maps and sets of strings, but you have provided a set \
                             containing type {}.",
                            element.friendly_name()
                        ),
                    );
                }
                if !value.is_wholly_known() {
                    return unknown(false, value.reasons(), Type::String);
                }
                if items.iter().any(Value::is_null) {
                    return fail(
                        "Invalid for_each set argument",
                        format!("{UNSUITABLE} \"for_each\" sets must not contain null values."),
                    );
                }
                if items.len() as u64 > MAX_INSTANCES {
                    return fail(
                        SUMMARY,
                        format!("A static reader makes no more than {MAX_INSTANCES} instances of a block."),
                    );
                }
                let entries = items
                    .iter()
                    .filter_map(|item| Some((item.as_shared_str()?.clone(), item.clone())));
                Expansion::Each(entries.collect())
            }
            _ => {
                let element = ty.element().cloned().unwrap_or(Type::Any);
                unknown(false, value.reasons(), element)
            }
        }
    }

    /// The instances of a module that is called.
    pub(super) fn children(&self, instance: &Rc<Instance<'p>>, name: &Arc<str>) -> Option<Rc<Children<'p>>> {
        let block = instance.module.calls.get(name)?;
        Some(self.remember(
            &instance.children,
            name.clone(),
            || format!("{}module.{name} (expand)", instance.prefix()),
            (instance, block.header),
            |_| Rc::new(Children::Missing),
            || Rc::new(self.make_children(instance, name, block)),
        ))
    }

    fn make_children(
        &self,
        instance: &Rc<Instance<'p>>,
        name: &Arc<str>,
        block: &'p Arc<Block>,
    ) -> Children<'p> {
        let module = match self.find_module(instance, name, block) {
            Ok(module) => module,
            Err(problem) => {
                self.report(instance, *problem);
                return Children::Missing;
            }
        };
        // A module that calls itself would never end; Terraform refuses it too.
        if self.calls_itself(instance, module) {
            self.report(
                instance,
                Diagnostic::error(
                    "Module calls itself",
                    format!(
                        "The module in {} calls itself, directly or through others. Terraform cannot load it.",
                        module.shown
                    ),
                    block.header,
                ),
            );
            return Children::Missing;
        }
        for problem in missing_configurations(module, block) {
            self.report(instance, problem);
        }
        let expansion = self.expand(&Context::new(self, instance), block);
        let made = expansion
            .instances()
            .into_iter()
            .map(|(key, repetition)| {
                let child = Instance::child(module, instance, name, key.clone(), block, repetition);
                (key, Rc::new(child))
            })
            .collect();
        Children::Instances(expansion, made)
    }

    fn calls_itself(&self, instance: &Instance<'p>, module: &super::super::module::Module) -> bool {
        let mut at = Some(instance);
        while let Some(current) = at {
            if current.module.dir == module.dir {
                return true;
            }
            at = current.caller.as_ref().map(|caller| &*caller.instance);
        }
        false
    }
}

fn unknown(counted: bool, reasons: Vec<Reason>, element: Type) -> Expansion {
    Expansion::Unknown(UnknownExpansion {
        counted,
        reasons,
        element,
    })
}
