//! Conditions of rules, in which names of environments are their values.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use tf_lang::ast::{BinaryOp, Expr, ExprKind, Ident, Step, UnaryOp};
use tf_lang::eval::{Budget, Evaluator, Scope, references};
use tf_lang::functions::{Files, NoFiles};
use tf_lang::value::Kind;
use tf_lang::{Diagnostic, Value};

use super::size;
use crate::value::Held;

/// A condition that cannot be decided.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OrderError {
    /// Values without an order.
    #[error("{0} and {1} have no order: {2}")]
    NotComparable(String, String, String),
    /// It cannot be evaluated.
    #[error("{0}")]
    Invalid(String),
}

/// Whether a condition holds. What it says of environments that are not compared is taken to hold.
pub(super) fn holds(expr: &Expr, names: &[String], values: &[Held]) -> Result<bool, OrderError> {
    Condition { names, values }.holds(expr)
}

/// Whether values rise, or stay, from the first environment to the last.
pub(super) fn rising(order: &[String], names: &[String], values: &[Held]) -> Result<bool, OrderError> {
    if order.is_empty() {
        let message = "say which order is meant: order = prod >= staging in the rule, or order = [\"staging\", \"prod\"] in envdiff";
        return Err(OrderError::Invalid(message.to_owned()));
    }
    let compared: Vec<&Held> = order
        .iter()
        .filter_map(|name| {
            let at = names.iter().position(|other| *other == super::identifier(name))?;
            values.get(at).filter(|held| !matches!(held, Held::Out))
        })
        .collect();
    for pair in compared.windows(2) {
        if let [before, after] = pair
            && compare(&value(before), &value(after))? == Ordering::Greater
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn value(held: &Held) -> Value {
    held.value().cloned().unwrap_or(Value::NULL)
}

struct Condition<'c> {
    names: &'c [String],
    values: &'c [Held],
}

impl Condition<'_> {
    fn held(&self, name: &str) -> Option<&Held> {
        let at = self.names.iter().position(|other| other == name)?;
        self.values.get(at)
    }

    /// Whether it names an environment that is not compared.
    fn is_beside(&self, expr: &Expr) -> bool {
        let mut roots: BTreeSet<&str> = BTreeSet::new();
        references(expr, &mut |reference| {
            roots.insert(&reference.root.name);
        });
        roots
            .into_iter()
            .any(|name| matches!(self.held(name), None | Some(Held::Out)))
    }

    fn holds(&self, expr: &Expr) -> Result<bool, OrderError> {
        match &expr.kind {
            ExprKind::Paren(inner) => self.holds(inner),
            ExprKind::Unary(UnaryOp::Not, inner) => Ok(!self.holds(inner)?),
            ExprKind::Binary(operands, BinaryOp::And) => {
                Ok(self.holds(&operands.0)? && self.holds(&operands.1)?)
            }
            ExprKind::Binary(operands, BinaryOp::Or) => {
                Ok(self.holds(&operands.0)? || self.holds(&operands.1)?)
            }
            ExprKind::Binary(operands, op) if is_order(*op) => {
                // a >= b >= c is what people mean by it.
                let left = match &operands.0.kind {
                    ExprKind::Binary(inner, before) if is_order(*before) => {
                        if !self.holds(&operands.0)? {
                            return Ok(false);
                        }
                        &inner.1
                    }
                    _ => &operands.0,
                };
                self.pair(left, &operands.1, *op)
            }
            _ if self.is_beside(expr) => Ok(true),
            _ => {
                let value = self.eval(expr)?;
                value
                    .as_bool()
                    .ok_or_else(|| OrderError::Invalid("the condition is neither true nor false".to_owned()))
            }
        }
    }

    fn pair(&self, left: &Expr, right: &Expr, op: BinaryOp) -> Result<bool, OrderError> {
        if self.is_beside(left) || self.is_beside(right) {
            return Ok(true);
        }
        let ordering = compare(&self.eval(left)?, &self.eval(right)?)?;
        Ok(match op {
            BinaryOp::Lt => ordering == Ordering::Less,
            BinaryOp::Le => ordering != Ordering::Greater,
            BinaryOp::Gt => ordering == Ordering::Greater,
            _ => ordering != Ordering::Less,
        })
    }

    fn eval(&self, expr: &Expr) -> Result<Value, OrderError> {
        let budget = Budget::default();
        let mut evaluator = Evaluator::new(self, &budget);
        let value = evaluator.eval(expr);
        match evaluator
            .take_diagnostics()
            .into_iter()
            .find(Diagnostic::is_error)
        {
            Some(problem) => Err(OrderError::Invalid(problem.to_string())),
            None => Ok(value.unmark_deep().0),
        }
    }
}

impl Scope for Condition<'_> {
    fn resolve(
        &self,
        _evaluator: &mut Evaluator<'_>,
        root: &Ident,
        _steps: &[Step],
    ) -> Result<(Value, usize), Box<Diagnostic>> {
        match self.held(&root.name) {
            // Values must not be in messages.
            Some(held) => Ok((value(held), 0)),
            None => Err(Box::new(Diagnostic::error(
                "No such environment",
                format!(
                    "There is no environment \"{}\" here: there are {}.",
                    root.name,
                    self.names.join(", ")
                ),
                root.span,
            ))),
        }
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }
}

fn is_order(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge)
}

/// The order of two values: of numbers, of false before true, of collections by how many elements they have, of dotted versions,
/// and of instance classes by their size. Nothing comes before everything.
pub(super) fn compare(a: &Value, b: &Value) -> Result<Ordering, OrderError> {
    let error =
        |why: &str| OrderError::NotComparable(crate::value::text(a), crate::value::text(b), why.to_owned());
    match (a.kind(), b.kind()) {
        (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) => Err(error("they are not known")),
        (Kind::Null(_), Kind::Null(_)) => Ok(Ordering::Equal),
        (Kind::Null(_), _) => Ok(Ordering::Less),
        (_, Kind::Null(_)) => Ok(Ordering::Greater),
        (Kind::Bool(a), Kind::Bool(b)) => Ok(a.cmp(b)),
        (Kind::Number(a), Kind::Number(b)) => Ok(a.compare(b)),
        (Kind::String(one), Kind::String(other)) => {
            match (tf_lang::Number::parse(one), tf_lang::Number::parse(other)) {
                (Some(a), Some(b)) => Ok(a.compare(&b)),
                _ => match (version(one), version(other)) {
                    (Some(a), Some(b)) => Ok(a.cmp(&b)),
                    _ if one == other => Ok(Ordering::Equal),
                    _ => size::compare(one, other).map_err(|why| error(&why)),
                },
            }
        }
        _ => {
            let count = |value: &Value| {
                value
                    .as_items()
                    .map(<[Value]>::len)
                    .or_else(|| value.as_entries().map(|entries| entries.len()))
            };
            match (count(a), count(b)) {
                (Some(a), Some(b)) => Ok(a.cmp(&b)),
                _ => Err(error("they are of different kinds")),
            }
        }
    }
}

/// `1.30.2` as numbers.
fn version(text: &str) -> Option<Vec<u64>> {
    let parts: Option<Vec<u64>> = text
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse().ok())
        .collect();
    parts.filter(|parts| parts.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(condition: &str, values: &[Value]) -> Result<bool, String> {
        let names = ["dev", "staging", "prod"].map(str::to_owned);
        let held: Vec<Held> = values
            .iter()
            .map(|value| Held::Has(value.clone()))
            .chain(std::iter::repeat_n(Held::Out, 3 - values.len()))
            .collect();
        let expr = tf_lang::parse::parse_expr(tf_lang::FileId(0), condition).unwrap();
        holds(&expr, &names, &held).map_err(|error| error.to_string())
    }

    #[test]
    fn conditions_compare_environments() {
        let numbers = |a: i64, b: i64, c: i64| vec![Value::from(a), Value::from(b), Value::from(c)];
        let texts = |a: &str, b: &str, c: &str| vec![Value::from(a), Value::from(b), Value::from(c)];
        for (condition, values, want) in [
            ("prod >= staging >= dev", numbers(1, 1, 2), true),
            ("prod >= staging >= dev", numbers(2, 1, 2), false),
            ("prod >= staging && staging >= dev", numbers(1, 3, 2), false),
            ("dev < staging < prod", numbers(1, 2, 3), true),
            ("!(prod < dev)", numbers(1, 2, 3), true),
            ("prod == staging || dev == 1", numbers(1, 2, 3), true),
            (
                "prod >= dev",
                texts("db.t4g.small", "db.t4g.small", "db.m7g.large"),
                true,
            ),
            ("prod >= dev", texts("1.9.2", "", "1.10.0"), true),
            (
                "prod >= dev",
                vec![Value::from(false), Value::NULL, Value::from(true)],
                true,
            ),
            (
                "prod >= dev",
                vec![Value::NULL, Value::NULL, Value::from(3)],
                true,
            ),
            (
                "prod >= dev",
                vec![Value::strings(["a"]), Value::NULL, Value::strings(["a", "b"])],
                true,
            ),
            (
                "index([\"none\", \"single\", \"per_zone\"], prod) >= index([\"none\", \"single\", \"per_zone\"], dev)",
                texts("single", "", "none"),
                false,
            ),
            // Nothing is said of what is not compared.
            (
                "prod >= staging >= dev",
                vec![Value::from(2), Value::from(1)],
                false,
            ),
            ("prod >= staging", vec![Value::from(2), Value::from(1)], true),
        ] {
            assert_eq!(check(condition, &values), Ok(want), "{condition} {values:?}");
        }
    }

    #[test]
    fn what_has_no_order_is_an_error() {
        for (values, want) in [
            (
                vec![Value::from("a"), Value::NULL, Value::from("b")],
                "\"b\" and \"a\" have no order",
            ),
            (
                vec![Value::from(1), Value::NULL, Value::from(true)],
                "different kinds",
            ),
            (
                vec![Value::from("c7g.xlarge"), Value::NULL, Value::from("r7g.large")],
                "\"r7g.large\" and \"c7g.xlarge\" have no order",
            ),
        ] {
            let error = check("prod >= dev", &values).unwrap_err();
            assert!(error.contains(want), "{error}");
        }
    }
}
