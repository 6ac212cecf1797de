//! What the expressions of a cost model see.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use tf_lang::ast::{Ident, Step};
use tf_lang::eval::{Evaluator, Scope};
use tf_lang::functions::{CallError, CallResult, Files, NoFiles};
use tf_lang::value::{Bounds, Reason};
use tf_lang::{Diagnostic, Type, Value};
use tf_policy::{Trace, View, Worlds};

use crate::model::Rule;

/// Functions of cost models beyond Terraform's. `models/README.md` documents them.
const FUNCTIONS: [&str; 9] = [
    "all",
    "between",
    "known",
    "linked",
    "price",
    "size",
    "undecided",
    "unpriced",
    "usage_or",
];

/// The beginning of the name of a usage key in the reason of an unknown value.
pub(crate) const USAGE: &str = "usage.";

/// The scope of one resource and its model.
pub(crate) struct CostScope<'s, 'r, 'g> {
    pub(crate) view: &'s View<'r, 'g>,
    pub(crate) handle: u32,
    pub(crate) rule: &'s Rule,
    /// The resource's part of the usage file, an object.
    pub(crate) usage: Value,
    pub(crate) region: Value,
    /// By the index of the local value.
    pub(crate) locals: RefCell<Vec<Option<Value>>>,
    /// The two worlds, where this is the later one of them.
    pub(crate) worlds: Option<&'s Worlds<'g>>,
    /// Whether anything was looked at that may not be the same in the other world.
    pub(crate) beyond: Cell<bool>,
    /// What is asked of the resource.
    pub(crate) trace: Trace,
}

impl CostScope<'_, '_, '_> {
    fn local(&self, evaluator: &mut Evaluator<'_>, name: &Ident) -> Result<Value, Box<Diagnostic>> {
        let known = self.rule.locals.iter().position(|(local, _)| *local == name.name);
        let Some((at, (_, expr))) = known.and_then(|at| Some((at, self.rule.locals.get(at)?))) else {
            let detail = format!("The model has no local value \"{}\".", name.name);
            return Err(Box::new(Diagnostic::error(
                "Invalid reference",
                detail,
                name.span,
            )));
        };
        if let Some(value) = self.locals.borrow().get(at).and_then(Clone::clone) {
            return Ok(value);
        }
        // A local value reads those before it only: reading the model has made sure of that.
        let value = evaluator.eval(expr);
        let mut locals = self.locals.borrow_mut();
        if locals.len() <= at {
            locals.resize(at + 1, None);
        }
        if let Some(slot) = locals.get_mut(at) {
            *slot = Some(value.clone());
        }
        Ok(value)
    }

    /// A key of the usage file; what is not there is unknown, and its reason names the key.
    fn usage_key(&self, steps: &[Step]) -> (Value, usize) {
        let names: Vec<&Arc<str>> = steps
            .iter()
            .map_while(|step| match step {
                Step::Attr(name) => Some(&name.name),
                Step::Index(..) | Step::Splat(_) => None,
            })
            .collect();
        let found = names.iter().try_fold(&self.usage, |value, name| {
            value.get(name).filter(|inner| !inner.is_null())
        });
        let value = match found {
            Some(value) => value.clone(),
            None => {
                let path: Vec<&str> = names.iter().map(|name| &***name).collect();
                let reason = Reason::Variable(format!("{USAGE}{}", path.join(".")).into());
                Value::unknown(Type::Any, reason)
            }
        };
        (value, names.len())
    }
}

/// Whether a value is unknown because the usage file does not give it.
fn is_absent_usage(value: &Value) -> bool {
    let Some(unknown) = value.as_unknown() else {
        return false;
    };
    !unknown.reasons.is_empty()
        && unknown
            .reasons
            .iter()
            .all(|reason| matches!(reason, Reason::Variable(name) if name.starts_with(USAGE)))
}

/// `price(service, usage_type, attributes…)`: a question to the catalogue.
fn price(args: &[Value]) -> CallResult {
    let [service, usage_type, rest @ ..] = args else {
        return Err(CallError::new(
            "price takes a service, a usage type and, at will, attributes",
        ));
    };
    let attributes = match rest {
        [] => Value::object([]),
        [attributes] => attributes.clone(),
        _ => return Err(CallError::new("price takes at most three arguments")),
    };
    Ok(Value::object([
        ("attributes".into(), attributes),
        ("service".into(), service.clone()),
        ("usage_type".into(), usage_type.clone()),
    ]))
}

/// `between(low, high)`: a number of which only that is known.
fn between(args: &[Value]) -> CallResult {
    let [low, high] = args else {
        return Err(CallError::new("between takes two numbers"));
    };
    match (low.as_number(), high.as_number()) {
        (Some(low), Some(high)) => Ok(Value::unknown_because(Type::Number, [])
            .not_null()
            .with_bounds(Bounds::between(low.clone(), high.clone()))),
        _ => Ok(Value::unknown_because(
            Type::Number,
            low.reasons().into_iter().chain(high.reasons()),
        )),
    }
}

/// `size(collection)`: how many elements there are, where `length()` of a set does not know: two subnets are two, though their ids
/// are not known yet. Of nothing, 0.
fn size(value: &Value) -> Value {
    match (value.as_items(), value.as_entries(), value.as_unknown()) {
        (Some(items), ..) => Value::count(items.len()),
        (_, Some(entries), _) => Value::count(entries.len()),
        (_, _, Some(unknown)) => Value::unknown_because(Type::Number, unknown.reasons.iter().cloned()),
        _ if value.is_null() => Value::count(0),
        _ => Value::count(1),
    }
}

impl Scope for CostScope<'_, '_, '_> {
    fn resolve(
        &self,
        evaluator: &mut Evaluator<'_>,
        root: &Ident,
        steps: &[Step],
    ) -> Result<(Value, usize), Box<Diagnostic>> {
        match (&*root.name, steps) {
            ("self", _) => Ok((Value::handle(self.handle), 0)),
            ("region", _) => Ok((self.region.clone(), 0)),
            ("usage", _) => Ok(self.usage_key(steps)),
            ("local", [Step::Attr(name), ..]) => Ok((self.local(evaluator, name)?, 1)),
            (other, _) => Err(Box::new(Diagnostic::error(
                "Invalid reference",
                format!(
                    "A cost model sees \"self\", \"usage\", \"region\", \"local\" and \"each\", not \"{other}\"."
                ),
                root.span,
            ))),
        }
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }

    fn handle_attr(&self, handle: u32, name: &str) -> Value {
        if !self.worlds.is_some_and(|worlds| worlds.stays(handle, name)) {
            self.beyond.set(true);
        }
        let value = self.view.attribute(handle, name);
        self.trace.attribute(handle, name, &value);
        value
    }

    fn has_function(&self, name: &str) -> bool {
        FUNCTIONS.contains(&name)
    }

    fn call(&self, name: &str, args: &[Value]) -> CallResult {
        match (name, args) {
            ("linked", _) => {
                let linked = self.view.linked(args)?;
                self.trace.linked(args, &linked);
                let worlds = self.worlds.filter(|_| !self.beyond.get());
                if !worlds.is_some_and(|worlds| worlds.links_stay(args, &linked)) {
                    self.beyond.set(true);
                }
                Ok(linked)
            }
            ("all", _) => {
                self.beyond.set(true);
                self.trace.other();
                self.view.all(args)
            }
            ("price", _) => price(args),
            ("between", _) => between(args),
            ("unpriced", [reason]) => Ok(Value::object([("unpriced".into(), reason.clone())])),
            ("size", [value]) => Ok(size(value)),
            ("known", [value]) => Ok(Value::from(value.is_known())),
            ("undecided", [reason]) => {
                let reason = reason.as_str().unwrap_or("something that is not known");
                Ok(Value::unknown(Type::Any, Reason::Error(reason.into())))
            }
            ("usage_or", [given, otherwise]) => Ok(match is_absent_usage(given) {
                true => otherwise.clone(),
                false => given.clone(),
            }),
            _ => Err(CallError::new(format!("{name} is called in another way"))),
        }
    }

    fn lenient(&self) -> bool {
        true
    }
}
