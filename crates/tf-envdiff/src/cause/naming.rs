//! What differs in nothing but names: a hash of the environment's name, or a part of it that was cut off.

use std::collections::BTreeSet;

use tf_lang::Value;
use tf_lang::ast::{BinaryOp, Expr, ExprKind, ObjectKey, Step, TemplatePart, UnaryOp};
use tf_lang::eval::references;

use super::trace::{Spot, Trace};

/// Functions that make texts of texts, and say where they are cut off. Not among them are those that choose by a name (`lookup`,
/// `contains`, `startswith`) or read what is behind it (`file`): what these give is another thing in each environment.
const TEXTS: [&str; 54] = [
    "abs",
    "abspath",
    "base64decode",
    "base64encode",
    "base64gzip",
    "base64sha256",
    "base64sha512",
    "basename",
    "ceil",
    "chomp",
    "cidrhost",
    "cidrsubnet",
    "cidrsubnets",
    "compact",
    "concat",
    "dirname",
    "distinct",
    "flatten",
    "floor",
    "format",
    "formatlist",
    "indent",
    "join",
    "jsonencode",
    "length",
    "lower",
    "max",
    "md5",
    "merge",
    "min",
    "nonsensitive",
    "parseint",
    "replace",
    "reverse",
    "sensitive",
    "sha1",
    "sha256",
    "sha512",
    "slice",
    "sort",
    "split",
    "strrev",
    "substr",
    "title",
    "tolist",
    "tomap",
    "toset",
    "tostring",
    "trim",
    "trimprefix",
    "trimspace",
    "trimsuffix",
    "upper",
    "uuidv5",
];

impl<'a> Trace<'_, 'a> {
    /// Whether expressions are the same text, all that they name differs at most in what names the environments, and nothing is
    /// decided by it: then their values are other texts of the same names, hashed or cut off as they may be.
    pub(super) fn only_names(&self, all: &[Spot<'a>]) -> bool {
        let text = |at: usize, spot: &Spot<'a>| -> Option<String> {
            let environment = self.active.get(at)?;
            let stack = self.tracer.stacks.get(*environment).copied().flatten()?;
            let text = stack.graph.sources.text(spot.expr.span);
            Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        let texts: BTreeSet<Option<String>> =
            all.iter().enumerate().map(|(at, spot)| text(at, spot)).collect();
        if texts.len() != 1 || texts.contains(&None) {
            return false;
        }
        let Some(first) = all.first().filter(|spot| is_made_of(spot.expr)) else {
            return false;
        };
        let mut names: Vec<Expr> = Vec::new();
        references(first.expr, &mut |reference| {
            names.push(Expr {
                kind: ExprKind::Traversal(reference.root.clone(), reference.steps.to_vec()),
                span: reference.root.span,
            });
        });
        let mut any = false;
        for expr in &names {
            let values: Vec<Option<Value>> = all
                .iter()
                .enumerate()
                .map(|(at, spot)| Some(self.eval_in(at, spot, expr)))
                .collect();
            if self.differ(&values) {
                return false;
            }
            any |= values
                .iter()
                .flatten()
                .zip(values.iter().flatten().skip(1))
                .any(|(a, b)| !a.equals_known(b));
        }
        any
    }
}

/// Whether an expression's value is made of what it names, and not chosen by it.
fn is_made_of(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => true,
        // What it leads to is compared by itself.
        ExprKind::Traversal(..) => true,
        ExprKind::Template(parts) => parts.iter().all(|part| match part {
            TemplatePart::Text(_) => true,
            TemplatePart::Interpolation(inner) => is_made_of(inner),
            TemplatePart::If { .. } | TemplatePart::For { .. } => false,
        }),
        ExprKind::Relative(source, steps) => is_made_of(source) && steps.iter().all(is_fixed),
        ExprKind::Splat { source, each, .. } => is_made_of(source) && each.iter().all(is_fixed),
        ExprKind::Call { name, args, .. } => {
            TEXTS.contains(&name.name.trim_start_matches("core::")) && args.iter().all(is_made_of)
        }
        ExprKind::Tuple(items) => items.iter().all(is_made_of),
        ExprKind::Object(items) => items.iter().all(|(key, value)| {
            let fixed = match key {
                ObjectKey::Name(_) => true,
                ObjectKey::Expr(key) => is_made_of(key),
            };
            fixed && is_made_of(value)
        }),
        ExprKind::For(form) => {
            form.condition.is_none()
                && is_made_of(&form.collection)
                && form.key.as_ref().is_none_or(is_made_of)
                && is_made_of(&form.value)
        }
        ExprKind::Binary(sides, operator) => {
            is_arithmetic(*operator) && is_made_of(&sides.0) && is_made_of(&sides.1)
        }
        ExprKind::Unary(UnaryOp::Not, _) | ExprKind::Conditional(_) => false,
        ExprKind::Paren(inner) | ExprKind::Unary(UnaryOp::Neg, inner) => is_made_of(inner),
    }
}

fn is_arithmetic(operator: BinaryOp) -> bool {
    matches!(
        operator,
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem
    )
}

/// Whether a step reads the same part everywhere.
fn is_fixed(step: &Step) -> bool {
    match step {
        Step::Attr(_) | Step::Splat(_) => true,
        Step::Index(expr, _) => matches!(expr.kind, ExprKind::Number(_) | ExprKind::String(_)),
    }
}

#[cfg(test)]
mod tests {
    use tf_lang::FileId;

    use super::*;

    #[test]
    fn what_is_chosen_by_a_name_is_not_made_of_it() {
        for (text, want) in [
            ("substr(sha1(var.name), 0, 8)", true),
            ("\"${lower(local.name)}-x\"", true),
            ("join(\"-\", [for part in var.parts : upper(part)])", true),
            ("parseint(substr(md5(var.name), 0, 2), 16) % 60", true),
            ("substr(var.name, max(0, length(var.name) - 18), -1)", true),
            ("var.environment == \"prod\" ? 30 : 7", false),
            (
                "\"db.${var.environment == \"prod\" ? \"m5\" : \"t3\"}.large\"",
                false,
            ),
            ("\"x%{ if var.environment == \"prod\" }y%{ endif }\"", false),
            ("var.environment == \"prod\"", false),
            ("!local.prod", false),
            ("lookup(local.sizes, var.environment, 1)", false),
            ("contains([\"prod\"], var.environment)", false),
            ("file(\"${var.environment}.json\")", false),
            ("{ dev = 1, prod = 2 }[var.environment]", false),
            ("[for part in var.parts : part if part != var.environment]", false),
        ] {
            let expr = tf_lang::parse::parse_expr(FileId(0), text).unwrap();
            assert_eq!(is_made_of(&expr), want, "{text}");
        }
    }
}
