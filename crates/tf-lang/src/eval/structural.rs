//! Objects and `for` expressions.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ast::{Expr, ExprKind, ForExpr, Ident, ObjectKey};
use crate::convert::convert;
use crate::eval::{Evaluator, failed};
use crate::types::Type;
use crate::value::{Kind, Marks, Reason, Value};

/// What the loop of a `for` expression has gathered besides its elements.
#[derive(Default)]
struct Loop {
    marks: Marks,
    /// Why the result is not known, if it is not.
    unknown: Option<Vec<Reason>>,
}

impl Loop {
    fn unknown(&mut self, reasons: Vec<Reason>) {
        self.unknown.get_or_insert_default().extend(reasons);
    }
}

impl Evaluator<'_> {
    pub(super) fn object(&mut self, items: &[(ObjectKey, Expr)]) -> Value {
        let mut marks = Marks::NONE;
        let mut unknown: Option<Vec<Reason>> = None;
        let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (key, value) in items {
            let errors = self.diagnostics.len();
            let name = match key {
                ObjectKey::Name(name) => Value::normal_string(name.name.clone()),
                ObjectKey::Expr(expr) => self.object_key(expr),
            };
            let key_failed = self.failed_since(errors);
            let item = self.eval(value);
            if key_failed {
                unknown.get_or_insert_default().extend(name.reasons());
                continue;
            }
            if name.is_null() {
                self.fail(
                    "Null value as key",
                    "Can't use a null value as a key.",
                    value.span,
                );
                unknown.get_or_insert_default();
                continue;
            }
            let (name, key_marks) = name.unmark();
            marks = marks.union(key_marks);
            match convert(&name, &Type::String) {
                Ok(name) => match name.as_shared_str() {
                    Some(name) => {
                        entries.insert(name.clone(), item);
                    }
                    None => unknown.get_or_insert_default().extend(name.reasons()),
                },
                Err(reason) => {
                    let detail = format!("Can't use this value as a key: {reason}.");
                    self.fail("Incorrect key type", detail, key.span());
                    unknown.get_or_insert_default();
                }
            }
        }
        match unknown {
            Some(reasons) => Value::unknown_because(Type::Any, reasons),
            None => Value::object(entries).with_marks(marks),
        }
    }

    fn object_key(&mut self, expr: &Expr) -> Value {
        if let ExprKind::Traversal(_, steps) = &expr.kind
            && !steps.is_empty()
        {
            let detail = "If this expression is intended to be a reference, wrap it in parentheses. If it's \
                          instead intended as a literal name containing periods, wrap it in quotes to create a \
                          string literal.";
            return self.fail("Ambiguous attribute key", detail, expr.span);
        }
        self.eval(expr)
    }

    pub(super) fn for_expr(&mut self, each: &ForExpr) -> Value {
        let collection = self.eval(&each.collection);
        let (collection, marks) = collection.unmark();
        if collection.is_null() {
            if self.lenient {
                return Value::tuple(Vec::new());
            }
            let detail = "A null value cannot be used as the collection in a 'for' expression.";
            return self.fail("Iteration over null value", detail, each.collection.span);
        }
        let Some(elements) = elements(&collection) else {
            let ty = collection.ty();
            if ty == Type::Any && !matches!(collection.kind(), Kind::Handle(_)) {
                return Value::unknown_because(Type::Any, collection.reasons()).with_marks(marks);
            }
            let iterable = matches!(
                ty,
                Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) | Type::Object(_)
            );
            if iterable {
                return Value::unknown_because(Type::Any, collection.reasons()).with_marks(marks);
            }
            if self.lenient {
                return Value::tuple(Vec::new());
            }
            let detail = format!(
                "A value of type {} cannot be used as the collection in a 'for' expression.",
                ty.friendly_name()
            );
            return self.fail("Iteration over non-iterable value", detail, each.collection.span);
        };
        if let Some(condition) = &each.condition
            && !self.lenient
            && !self.condition_is_sound(each, condition)
        {
            return failed("the 'if' clause of a 'for' expression");
        }
        match &each.key {
            Some(key) => self.for_object(each, key, elements, marks),
            None => self.for_tuple(each, elements, marks),
        }
    }

    /// HCL tries the condition once with unknown elements, so that a mistake in it is reported once.
    fn condition_is_sound(&mut self, each: &ForExpr, condition: &Expr) -> bool {
        let errors = self.diagnostics.len();
        let any = || Value::unknown_because(Type::Any, []);
        let names = bind(&each.key_var, &each.value_var, any(), any());
        let result = self.with_bound(names, |evaluator| evaluator.eval(condition));
        if result.is_null() {
            self.fail(
                "Condition is null",
                "The value of the 'if' clause must not be null.",
                condition.span,
            );
        } else if let Err(reason) = convert(&result, &Type::Bool) {
            let detail = format!("The 'if' clause value is invalid: {reason}.");
            self.fail("Invalid 'for' condition", detail, condition.span);
        }
        !self.failed_since(errors)
    }

    /// Whether an element is taken; `None` where that is not known.
    fn included(&mut self, condition: Option<&Expr>, state: &mut Loop) -> Option<bool> {
        let Some(condition) = condition else {
            return Some(true);
        };
        let include = self.eval(condition);
        if include.is_null() {
            if self.lenient {
                return Some(false);
            }
            if state.unknown.is_none() {
                let detail = "The value of the 'if' clause must not be null.";
                self.fail("Invalid 'for' condition", detail, condition.span);
            }
            state.unknown(Vec::new());
            return None;
        }
        let (include, marks) = include.unmark();
        state.marks = state.marks.union(marks);
        match convert(&include, &Type::Bool) {
            Ok(include) => {
                if include.as_bool().is_none() {
                    state.unknown(include.reasons());
                }
                include.as_bool()
            }
            Err(reason) => {
                if state.unknown.is_none() {
                    let detail = format!("The 'if' clause value is invalid: {reason}.");
                    self.fail("Invalid 'for' condition", detail, condition.span);
                }
                state.unknown(Vec::new());
                None
            }
        }
    }

    fn for_tuple(&mut self, each: &ForExpr, elements: Vec<(Value, Value)>, marks: Marks) -> Value {
        let mut state = Loop {
            marks,
            ..Loop::default()
        };
        let mut results = Vec::with_capacity(elements.len());
        let mut uncertain = Vec::new();
        for (key, value) in elements {
            let names = bind(&each.key_var, &each.value_var, key, value);
            self.with_bound(names, |evaluator| {
                match evaluator.included(each.condition.as_ref(), &mut state) {
                    Some(true) => results.push(evaluator.eval(&each.value)),
                    // A policy may still conclude from elements that are perhaps there.
                    None if evaluator.lenient => uncertain.push(evaluator.eval(&each.value)),
                    _ => {}
                }
            });
            if self.diagnostics.len() >= super::MAX_DIAGNOSTICS {
                break;
            }
        }
        match state.unknown {
            // Every element that may be missing is replaced by an unknown one: `alltrue` over the known rest
            // still finds what is false, and finds nothing else to be certain.
            Some(reasons) if self.lenient && !uncertain.is_empty() => {
                let unknown = Value::unknown_because(Type::Any, reasons);
                results.extend(uncertain.into_iter().map(|_| unknown.clone()));
                Value::tuple(results).with_marks(state.marks)
            }
            Some(reasons) => Value::unknown_because(Type::Any, reasons).with_marks(state.marks),
            None => Value::tuple(results).with_marks(state.marks),
        }
    }

    fn for_object(
        &mut self,
        each: &ForExpr,
        key_expr: &Expr,
        elements: Vec<(Value, Value)>,
        marks: Marks,
    ) -> Value {
        let mut state = Loop {
            marks,
            ..Loop::default()
        };
        let mut results: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        for (key, value) in elements {
            let names = bind(&each.key_var, &each.value_var, key, value);
            self.with_bound(names, |evaluator| {
                evaluator.for_object_element(each, key_expr, &mut state, &mut results);
            });
            if self.diagnostics.len() >= super::MAX_DIAGNOSTICS {
                break;
            }
        }
        if let Some(reasons) = state.unknown {
            return Value::unknown_because(Type::Any, reasons).with_marks(state.marks);
        }
        let entries = results
            .into_iter()
            .filter_map(|(key, mut values)| match each.group {
                true => Some((key, Value::tuple(values))),
                false => values.pop().map(|value| (key, value)),
            });
        Value::object(entries).with_marks(state.marks)
    }

    fn for_object_element(
        &mut self,
        each: &ForExpr,
        key_expr: &Expr,
        state: &mut Loop,
        results: &mut BTreeMap<Arc<str>, Vec<Value>>,
    ) {
        if self.included(each.condition.as_ref(), state) != Some(true) {
            return;
        }
        let errors = self.diagnostics.len();
        let (key, marks) = self.eval(key_expr).unmark();
        if key.is_null() {
            if state.unknown.is_none() && !self.failed_since(errors) {
                let detail = "Key expression in 'for' expression must not produce a null value.";
                self.fail("Invalid object key", detail, key_expr.span);
            }
            state.unknown(Vec::new());
            return;
        }
        state.marks = state.marks.union(marks);
        if !key.is_known() {
            state.unknown(key.reasons());
            return;
        }
        let key = match convert(&key, &Type::String) {
            Ok(key) => key,
            Err(reason) => {
                if state.unknown.is_none() {
                    let detail = format!("The key expression produced an invalid result: {reason}.");
                    self.fail("Invalid object key", detail, key_expr.span);
                }
                state.unknown(Vec::new());
                return;
            }
        };
        let value = self.eval(&each.value);
        let Some(key) = key.as_shared_str() else { return };
        let values = results.entry(key.clone()).or_default();
        if !each.group && !values.is_empty() {
            let detail = format!(
                "Two different items produced the key {} in this 'for' expression. If duplicates are expected, use \
                 the ellipsis (...) after the value expression to enable grouping by key.",
                crate::text::quote_go(key)
            );
            self.fail("Duplicate object key", detail, key_expr.span);
        } else {
            values.push(value);
        }
    }
}

/// Names and values for the body of a loop.
pub(super) fn bind(
    key_var: &Option<Ident>,
    value_var: &Ident,
    key: Value,
    value: Value,
) -> impl Iterator<Item = (Arc<str>, Value)> {
    let key = key_var.as_ref().map(|key_var| (key_var.name.clone(), key));
    key.into_iter().chain([(value_var.name.clone(), value)])
}

/// Keys and values of whatever can be iterated and is known.
pub fn elements(collection: &Value) -> Option<Vec<(Value, Value)>> {
    match collection.kind() {
        Kind::List(_, items) | Kind::Tuple(items) => Some(
            items
                .iter()
                .enumerate()
                .map(|(at, item)| (Value::count(at), item.clone()))
                .collect(),
        ),
        Kind::Set(_, items) => Some(items.iter().map(|item| (item.clone(), item.clone())).collect()),
        Kind::Map(_, entries) | Kind::Object(entries) => Some(
            entries
                .iter()
                .map(|(key, value)| (Value::normal_string(key.clone()), value.clone()))
                .collect(),
        ),
        _ => None,
    }
}
