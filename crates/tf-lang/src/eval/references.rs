//! The references of an expression, found without evaluating it.

use std::sync::Arc;

use crate::ast::{Expr, ExprKind, Ident, ObjectKey, Step, TemplatePart};

/// A name that an expression reads from its scope, with what is read from it.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// The name.
    pub root: &'a Ident,
    /// Attributes and indices behind it.
    pub steps: &'a [Step],
    /// Whether it is the argument of `try` or `can`, which forgive that it fails.
    pub guarded: bool,
}

/// Calls `visit` with every reference of an expression in the order of the source. Names that `for` binds
/// are not references.
pub fn references<'a>(expr: &'a Expr, visit: &mut dyn FnMut(Reference<'a>)) {
    Walk {
        bound: Vec::new(),
        guarded: false,
        visit,
    }
    .expr(expr);
}

struct Walk<'a, 'v> {
    bound: Vec<Arc<str>>,
    guarded: bool,
    visit: &'v mut dyn FnMut(Reference<'a>),
}

impl<'a> Walk<'a, '_> {
    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => {}
            ExprKind::Template(parts) => self.parts(parts),
            ExprKind::Traversal(root, steps) => {
                if !self.bound.contains(&root.name) {
                    (self.visit)(Reference {
                        root,
                        steps,
                        guarded: self.guarded,
                    });
                }
                self.steps(steps);
            }
            ExprKind::Relative(source, steps) => {
                self.expr(source);
                self.steps(steps);
            }
            ExprKind::Splat { source, each, .. } => {
                self.expr(source);
                self.steps(each);
            }
            ExprKind::Call { name, args, .. } => {
                let before = self.guarded;
                self.guarded |= matches!(&*name.name, "try" | "can" | "core::try" | "core::can");
                args.iter().for_each(|arg| self.expr(arg));
                self.guarded = before;
            }
            ExprKind::Tuple(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Object(items) => {
                for (key, value) in items {
                    if let ObjectKey::Expr(key) = key {
                        self.expr(key);
                    }
                    self.expr(value);
                }
            }
            ExprKind::For(each) => {
                self.expr(&each.collection);
                self.bind(each.key_var.iter().chain([&each.value_var]), |walk| {
                    each.key.iter().for_each(|key| walk.expr(key));
                    walk.expr(&each.value);
                    each.condition.iter().for_each(|condition| walk.expr(condition));
                });
            }
            ExprKind::Conditional(parts) => parts.iter().for_each(|part| self.expr(part)),
            ExprKind::Unary(_, operand) => self.expr(operand),
            ExprKind::Binary(operands, _) => {
                self.expr(&operands.0);
                self.expr(&operands.1);
            }
            ExprKind::Paren(inner) => self.expr(inner),
        }
    }

    fn steps(&mut self, steps: &'a [Step]) {
        for step in steps {
            if let Step::Index(key, _) = step {
                self.expr(key);
            }
        }
    }

    fn parts(&mut self, parts: &'a [TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Text(_) => {}
                TemplatePart::Interpolation(expr) => self.expr(expr),
                TemplatePart::If { condition, yes, no } => {
                    self.expr(condition);
                    self.parts(yes);
                    self.parts(no);
                }
                TemplatePart::For {
                    key_var,
                    value_var,
                    collection,
                    body,
                } => {
                    self.expr(collection);
                    self.bind(key_var.iter().chain([value_var]), |walk| walk.parts(body));
                }
            }
        }
    }

    fn bind(&mut self, names: impl Iterator<Item = &'a Ident>, walk: impl FnOnce(&mut Self)) {
        let before = self.bound.len();
        self.bound.extend(names.map(|name| name.name.clone()));
        walk(self);
        self.bound.truncate(before);
    }
}
