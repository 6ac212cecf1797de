//! Operators and conditionals.

use std::cmp::Ordering;

use crate::ast::{BinaryOp, Expr, UnaryOp};
use crate::convert::{convert, unify};
use crate::diagnostic::Diagnostic;
use crate::eval::access::marks_of;
use crate::eval::{Evaluator, failed};
use crate::number::Number;
use crate::source::Span;
use crate::types::Type;
use crate::value::{Bounds, Kind, Value};

fn unknown_of(ty: Type, parts: &[&Value]) -> Value {
    Value::unknown_because(ty, parts.iter().flat_map(|part| part.reasons())).not_null()
}

/// As a provider would convert: `"443"` is 443 and `"true"` is true.
fn equal_converted(a: &Value, b: &Value) -> Option<bool> {
    let (ta, tb) = (a.ty(), b.ty());
    if ta != tb && ta.is_primitive() && tb.is_primitive() {
        let want = if ta == Type::String { &tb } else { &ta };
        return match (convert(a, want), convert(b, want)) {
            (Ok(a), Ok(b)) => a.equals_untyped(&b),
            _ => Some(false),
        };
    }
    if let (Some(a), Some(b)) = (a.as_items(), b.as_items()) {
        return match a.len() == b.len() {
            true => {
                let results: Vec<_> = a.iter().zip(b).map(|(a, b)| equal_converted(a, b)).collect();
                match results.contains(&Some(false)) {
                    true => Some(false),
                    false => results.iter().all(Option::is_some).then_some(true),
                }
            }
            false => Some(false),
        };
    }
    a.equals_untyped(b)
}

impl Evaluator<'_> {
    pub(super) fn unary(&mut self, op: UnaryOp, operand: &Expr) -> Value {
        let want = match op {
            UnaryOp::Neg => Type::Number,
            UnaryOp::Not => Type::Bool,
        };
        let errors = self.diagnostics.len();
        let given = self.eval(operand);
        let value = match convert(&given, &want) {
            Ok(value) => value,
            Err(reason) => {
                let detail = format!("Unsuitable value for unary operand: {reason}.");
                return self.fail("Invalid operand", detail, operand.span);
            }
        };
        if self.failed_since(errors) {
            return failed("an operand");
        }
        let (value, marks) = value.unmark();
        let result = match (op, value.kind()) {
            (UnaryOp::Neg, Kind::Number(number)) => Value::from(number.neg()),
            (UnaryOp::Not, Kind::Bool(flag)) => Value::from(!flag),
            (_, Kind::Unknown(_)) => unknown_of(want, &[&value]),
            (UnaryOp::Not, Kind::Null(_)) if self.lenient => Value::from(true),
            _ if self.lenient => Value::NULL,
            _ => {
                let detail = "Error during operation: argument must not be null.";
                return self.fail("Operation failed", detail, operand.span);
            }
        };
        result.with_marks(marks)
    }

    pub(super) fn failed_since(&self, count: usize) -> bool {
        self.diagnostics.iter().skip(count).any(Diagnostic::is_error)
    }

    pub(super) fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Value {
        let want = match op {
            BinaryOp::Or | BinaryOp::And => Type::Bool,
            BinaryOp::Eq | BinaryOp::Ne => Type::Any,
            _ => Type::Number,
        };
        let returns = match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => Type::Number,
            _ => Type::Bool,
        };
        let errors = self.diagnostics.len();
        let a = self.operand(left, &want, "left");
        // Policies do not evaluate what cannot matter: it may be an error that the left side guards against.
        if self.lenient {
            match (op, a.as_bool()) {
                (BinaryOp::And, Some(false)) | (BinaryOp::Or, Some(true)) => return a,
                _ => {}
            }
        }
        let b = self.operand(right, &want, "right");
        if self.failed_since(errors) {
            return Value::unknown_because(returns, a.reasons().into_iter().chain(b.reasons()));
        }
        let marks = match op {
            BinaryOp::Eq | BinaryOp::Ne => a.marks_deep().union(b.marks_deep()),
            _ => marks_of([&a, &b]),
        };
        let (a, b) = (a.unmark_deep().0, b.unmark_deep().0);
        let result = match op {
            BinaryOp::Eq | BinaryOp::Ne => {
                let equal = if self.lenient {
                    equal_converted(&a, &b)
                } else {
                    a.equals(&b)
                };
                match equal {
                    Some(equal) => Value::from(equal == (op == BinaryOp::Eq)),
                    None => unknown_of(Type::Bool, &[&a, &b]),
                }
            }
            BinaryOp::And | BinaryOp::Or => self.logical(op, &a, &b, span),
            _ => self.arithmetic(op, &a, &b, span, returns),
        };
        result.with_marks(marks)
    }

    fn operand(&mut self, expr: &Expr, want: &Type, side: &str) -> Value {
        let value = self.eval(expr);
        if *want == Type::Any {
            return value;
        }
        match convert(&value, want) {
            Ok(value) => value,
            Err(_) if self.lenient => Value::null(want.clone()),
            Err(reason) => {
                let detail = format!("Unsuitable value for {side} operand: {reason}.");
                self.fail("Invalid operand", detail, expr.span)
            }
        }
    }

    fn logical(&mut self, op: BinaryOp, a: &Value, b: &Value, span: Span) -> Value {
        let decisive = op == BinaryOp::Or;
        if self.lenient {
            // Null counts as false, as a switch that is not set.
            let truth = |value: &Value| {
                if value.is_null() {
                    Some(false)
                } else {
                    value.as_bool()
                }
            };
            return match (truth(a), truth(b)) {
                (Some(flag), _) | (_, Some(flag)) if flag == decisive => Value::from(decisive),
                (Some(_), Some(_)) => Value::from(!decisive),
                _ => unknown_of(Type::Bool, &[a, b]),
            };
        }
        if a.is_null() || b.is_null() {
            let detail = "Error during operation: argument must not be null.";
            return self.fail("Operation failed", detail, span);
        }
        match (a.as_bool(), b.as_bool()) {
            (Some(a), Some(b)) => Value::from(if decisive { a || b } else { a && b }),
            _ => unknown_of(Type::Bool, &[a, b]),
        }
    }

    fn arithmetic(&mut self, op: BinaryOp, a: &Value, b: &Value, span: Span, returns: Type) -> Value {
        if a.is_null() || b.is_null() {
            if self.lenient {
                // Nothing is neither more nor less than something.
                return if returns == Type::Bool {
                    Value::from(false)
                } else {
                    Value::NULL
                };
            }
            let detail = "Error during operation: argument must not be null.";
            return self.fail("Operation failed", detail, span);
        }
        let (Some(x), Some(y)) = (a.as_number(), b.as_number()) else {
            return match compared(op, a, b) {
                Some(answer) => Value::from(answer),
                None if self.lenient && returns == Type::Number => {
                    let range = self::range(op, a, b);
                    unknown_of(returns, &[a, b]).not_null().with_bounds(range)
                }
                None => unknown_of(returns, &[a, b]),
            };
        };
        match op {
            BinaryOp::Lt => Value::from(x.compare(y).is_lt()),
            BinaryOp::Le => Value::from(x == y || x.compare(y).is_lt()),
            BinaryOp::Gt => Value::from(x.compare(y).is_gt()),
            BinaryOp::Ge => Value::from(x == y || x.compare(y).is_gt()),
            BinaryOp::Add => self.calculated(x.add(y), "can't compute sum of opposing infinities", span),
            BinaryOp::Sub => self.calculated(x.sub(y), "can't subtract infinity from itself", span),
            BinaryOp::Mul => self.calculated(x.mul(y), "can't multiply zero by infinity", span),
            BinaryOp::Div => {
                let sentence = "can't divide zero by zero or infinity by infinity";
                self.calculated(x.div(y), sentence, span)
            }
            _ => self.calculated(x.rem(y), "can't use modulo with zero and infinity", span),
        }
    }

    /// What an operator gave, or why it gave nothing.
    fn calculated(&mut self, result: Option<Number>, why_not: &str, span: Span) -> Value {
        match result {
            Some(number) => Value::from(number),
            None => self.fail(
                "Operation failed",
                format!("Error during operation: {why_not}."),
                span,
            ),
        }
    }

    pub(super) fn conditional(&mut self, parts: &[Expr; 3]) -> Value {
        let [condition, yes, no] = parts;
        if self.lenient {
            return self.lenient_conditional(condition, yes, no);
        }
        let mut apart = |expr: &Expr| {
            let before = std::mem::take(&mut self.diagnostics);
            let value = self.eval(expr);
            (value, std::mem::replace(&mut self.diagnostics, before))
        };
        let (yes_value, yes_diagnostics) = apart(yes);
        let (no_value, no_diagnostics) = apart(no);
        let ty = match result_type(&yes_value, &no_value) {
            Some(ty) => ty,
            None => {
                let detail = format!(
                    "The true and false result expressions must have consistent types. {}.",
                    describe_mismatch(&yes_value.ty(), &no_value.ty())
                );
                return self.fail(
                    "Inconsistent conditional result types",
                    detail,
                    yes.span.to(no.span),
                );
            }
        };
        let errors = self.diagnostics.len();
        let test = self.eval(condition);
        let marks = marks_of([&test, &yes_value, &no_value]);
        if test.is_null() {
            let detail = "The condition value is null. Conditions must either be true or false.";
            return self.fail("Null condition", detail, condition.span);
        }
        if self.failed_since(errors) {
            return failed("the condition");
        }
        let (test, _) = test.unmark();
        if !test.is_known() {
            if yes_value.is_null() && no_value.is_null() {
                return Value::null(ty).with_marks(marks);
            }
            let certain = |value: &Value| {
                value
                    .as_unknown()
                    .map_or(!value.is_null(), |unknown| unknown.not_null)
            };
            let mut unknown = Value::unknown_because(ty, test.reasons());
            if certain(&yes_value) && certain(&no_value) {
                unknown = unknown.not_null();
            }
            if let Some(bounds) = joined_bounds(&yes_value, &no_value) {
                unknown = unknown.with_bounds(bounds);
            }
            return unknown.with_marks(marks);
        }
        let flag = match convert(&test, &Type::Bool) {
            Ok(flag) => flag.as_bool().unwrap_or_default(),
            Err(_) => {
                let detail = "The condition expression must be of type bool.";
                return self.fail("Incorrect condition type", detail, condition.span);
            }
        };
        let (value, diagnostics, side, expr) = match flag {
            true => (yes_value, yes_diagnostics, "true", yes),
            false => (no_value, no_diagnostics, "false", no),
        };
        for diagnostic in diagnostics {
            self.report(diagnostic);
        }
        match convert(&value, &ty) {
            Ok(value) => value.with_marks(marks),
            Err(reason) => {
                let detail = format!("The {side} result value has the wrong type: {reason}.");
                self.fail("Inconsistent conditional result types", detail, expr.span)
            }
        }
    }

    fn lenient_conditional(&mut self, condition: &Expr, yes: &Expr, no: &Expr) -> Value {
        let test = self.eval(condition);
        let marks = test.marks();
        match convert(&test, &Type::Bool).ok().as_ref().and_then(Value::as_bool) {
            Some(true) => self.eval(yes).with_marks(marks),
            Some(false) => self.eval(no).with_marks(marks),
            None if test.is_known() => self.eval(no).with_marks(marks),
            None => {
                let (a, b) = (self.eval(yes), self.eval(no));
                match a.equals_untyped(&b) {
                    Some(true) => a.with_marks(marks),
                    _ => Value::unknown_because(Type::Any, test.reasons()).with_marks(marks),
                }
            }
        }
    }
}

/// The range of what an operator gives of two numbers, of which one at least is unknown: all numbers where nothing better is
/// certain.
fn range(op: BinaryOp, a: &Value, b: &Value) -> Bounds {
    let (x, y) = (a.bounds(), b.bounds());
    let ends = [
        (&x.low.at, &y.low.at),
        (&x.low.at, &y.high.at),
        (&x.high.at, &y.low.at),
        (&x.high.at, &y.high.at),
    ];
    // A divisor whose range includes zero makes anything of anything.
    let divides = op != BinaryOp::Div || y.low.at.signum() * y.high.at.signum() > 0;
    let finite = ends.iter().all(|(a, b)| !a.is_infinite() && !b.is_infinite());
    if !divides || !finite {
        return Bounds::FINITE;
    }
    let results = ends.iter().map(|(a, b)| match op {
        BinaryOp::Add => a.add(b),
        BinaryOp::Sub => a.sub(b),
        BinaryOp::Mul => a.mul(b),
        BinaryOp::Div => a.div(b),
        _ => None,
    });
    let Some(mut results) = results.collect::<Option<Vec<Number>>>() else {
        return Bounds::FINITE;
    };
    results.sort_by(Number::compare);
    match (results.first(), results.last()) {
        (Some(low), Some(high)) => Bounds::between(low.clone(), high.clone()),
        _ => Bounds::FINITE,
    }
}

/// What the ranges of two numbers, of which one at least is unknown, say of their order.
fn compared(op: BinaryOp, a: &Value, b: &Value) -> Option<bool> {
    let (a_bounds, b_bounds) = (a.bounds(), b.bounds());
    let order = match (a_bounds.is_below(&b_bounds), b_bounds.is_below(&a_bounds)) {
        (true, _) => Some(Ordering::Less),
        (_, true) => Some(Ordering::Greater),
        (false, false) => None,
    };
    match op {
        BinaryOp::Lt => order.map(Ordering::is_lt),
        BinaryOp::Gt => order.map(Ordering::is_gt),
        BinaryOp::Le | BinaryOp::Ge => {
            let wanted = if op == BinaryOp::Le {
                Ordering::Less
            } else {
                Ordering::Greater
            };
            match order {
                Some(order) if order == wanted => Some(true),
                // They may still be equal: cty asks that apart.
                Some(_) => a.equals(b),
                None => None,
            }
        }
        _ => None,
    }
}

/// What is certain of a conditional's result whichever way it goes.
fn joined_bounds(yes: &Value, no: &Value) -> Option<Bounds> {
    let (a, b) = (yes.ty(), no.ty());
    let same = a == b && (a == Type::Number || a.is_collection());
    same.then(|| yes.bounds().or(no.bounds()))
}

/// The type of a conditional's result, by HCL's rules.
fn result_type(yes: &Value, no: &Value) -> Option<Type> {
    let untyped_null = |value: &Value| matches!(value.kind(), Kind::Null(Type::Any));
    if untyped_null(yes) {
        return Some(no.ty());
    }
    if untyped_null(no) {
        return Some(yes.ty());
    }
    let types = [yes.ty(), no.ty()];
    if types.contains(&Type::Any) {
        return Some(Type::Any);
    }
    unify(&types, true)
}

/// HCL's words on why the branches of a conditional do not agree.
fn describe_mismatch(yes: &Type, no: &Type) -> String {
    match (yes, no) {
        (Type::Object(a), Type::Object(b)) => {
            for attr in a.iter() {
                match no.attr(&attr.name) {
                    None => {
                        return format!(
                            "The 'true' value includes object attribute \"{}\", which is absent in the 'false' value",
                            attr.name
                        );
                    }
                    Some(other) if other.ty != attr.ty => {
                        return format!(
                            "Type mismatch for object attribute \"{}\": {}",
                            attr.name,
                            describe_mismatch(&attr.ty, &other.ty)
                        );
                    }
                    Some(_) => {}
                }
            }
            if let Some(attr) = b.iter().find(|attr| yes.attr(&attr.name).is_none()) {
                return format!(
                    "The 'false' value includes object attribute \"{}\", which is absent in the 'true' value",
                    attr.name
                );
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => {
            return format!(
                "The 'true' tuple has length {}, but the 'false' tuple has length {}",
                a.len(),
                b.len()
            );
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            for (index, (x, y)) in a.iter().zip(b.iter()).enumerate() {
                if x != y {
                    return format!(
                        "Type mismatch for tuple element {index}: {}",
                        describe_mismatch(x, y)
                    );
                }
            }
        }
        (Type::List(a), Type::List(b)) | (Type::Map(a), Type::Map(b)) | (Type::Set(a), Type::Set(b)) => {
            let noun = match yes {
                Type::List(_) => "list",
                Type::Map(_) => "map",
                _ => "set",
            };
            if matches!(
                (&**a, &**b),
                (Type::Object(_), Type::Object(_)) | (Type::Tuple(_), Type::Tuple(_))
            ) {
                return format!("Mismatched {noun} element types: {}", describe_mismatch(a, b));
            }
        }
        _ => {}
    }
    let (yes, no) = (yes.friendly_name(), no.friendly_name());
    if yes == no {
        return "At least one deeply-nested attribute or element is not compatible across both the 'true' and \
                the 'false' value"
            .to_owned();
    }
    format!("The 'true' value is {yes}, but the 'false' value is {no}")
}
