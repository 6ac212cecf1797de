//! Which attributes a cost model reads for a line: what may make it cost another amount.

use std::collections::BTreeSet;
use std::sync::Arc;

use tf_lang::ast::{Expr, ExprKind, ForExpr, ObjectKey, Step, TemplatePart};
use tf_pricing::model::{Component, Rule};

/// What lines are made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Inputs {
    /// Attributes and blocks of the resource itself.
    pub(super) own: BTreeSet<Arc<str>>,
    /// Names of anything that is read, of the resource's parts and of other resources.
    pub(super) names: BTreeSet<Arc<str>>,
    /// Types of resources that are looked at beside it.
    pub(super) types: BTreeSet<Arc<str>>,
}

/// What the lines of these components are made of; all components where none is named.
pub(super) fn inputs(rule: &Rule, components: &BTreeSet<usize>) -> Inputs {
    let mut walk = Walk {
        rule,
        inputs: Inputs::default(),
        locals: BTreeSet::new(),
    };
    walk.all(&rule.when);
    for (at, component) in rule.components.iter().enumerate() {
        if components.is_empty() || components.contains(&at) {
            walk.all(&component.when);
            walk.all(&component.for_each);
            walk.all(&component.region);
            walk.all(&component.scale);
            walk.expr(&component.price);
            walk.expr(&component.quantity);
        }
    }
    walk.inputs
}

/// The component that a line is of, as far as its name tells.
pub(super) fn component_of(rule: &Rule, name: &str) -> Option<usize> {
    // The one that says most of the name.
    rule.components
        .iter()
        .enumerate()
        .filter(|(_, component)| fits(component, name))
        .map(|(at, component)| (length(component), at))
        .max()
        .map(|(_, at)| at)
}

fn length(component: &Component) -> usize {
    match &component.name {
        None => component.label.len(),
        Some(name) => literals(name).iter().map(|text| text.len()).sum(),
    }
}

fn fits(component: &Component, name: &str) -> bool {
    let Some(expr) = &component.name else {
        // What is reserved is named behind the name of the line.
        return name.starts_with(&*component.label);
    };
    match &expr.kind {
        ExprKind::Template(parts) => {
            let mut rest = name;
            parts.iter().all(|part| match part {
                TemplatePart::Text(text) => match rest.split_once(&**text) {
                    Some((_, after)) => {
                        rest = after;
                        true
                    }
                    None => false,
                },
                _ => true,
            })
        }
        _ => literals(expr)
            .iter()
            .any(|text| !text.is_empty() && name.starts_with(&**text)),
    }
}

/// The texts that are written in an expression.
fn literals(expr: &Expr) -> Vec<Arc<str>> {
    let mut out = Vec::new();
    each(expr, &mut |inner| match &inner.kind {
        ExprKind::String(text) => out.push(text.clone()),
        ExprKind::Template(parts) => out.extend(parts.iter().filter_map(|part| match part {
            TemplatePart::Text(text) => Some(text.clone()),
            _ => None,
        })),
        _ => {}
    });
    out
}

struct Walk<'r> {
    rule: &'r Rule,
    inputs: Inputs,
    locals: BTreeSet<Arc<str>>,
}

impl<'r> Walk<'r> {
    fn all(&mut self, expr: &'r Option<Expr>) {
        expr.iter().for_each(|expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &'r Expr) {
        let mut locals = Vec::new();
        let inputs = &mut self.inputs;
        each(expr, &mut |inner| match &inner.kind {
            ExprKind::Traversal(root, steps) => {
                if let Some(Step::Attr(first)) = steps.first() {
                    match &*root.name {
                        "self" => {
                            inputs.own.insert(first.name.clone());
                        }
                        "local" => locals.push(first.name.clone()),
                        _ => {}
                    }
                }
                inputs.names.extend(names(steps));
            }
            ExprKind::Relative(_, steps) | ExprKind::Splat { each: steps, .. } => {
                inputs.names.extend(names(steps));
            }
            ExprKind::Call { name, args, .. } if &*name.name == "linked" => {
                inputs.types.extend(args.iter().filter_map(|arg| match &arg.kind {
                    ExprKind::String(ty) => Some(ty.clone()),
                    _ => None,
                }));
            }
            _ => {}
        });
        for name in locals {
            if self.locals.insert(name.clone())
                && let Some((_, expr)) = self.rule.locals.iter().find(|(local, _)| *local == name)
            {
                self.expr(expr);
            }
        }
    }
}

fn names(steps: &[Step]) -> impl Iterator<Item = Arc<str>> {
    steps.iter().filter_map(|step| match step {
        Step::Attr(name) => Some(name.name.clone()),
        Step::Index(..) | Step::Splat(_) => None,
    })
}

/// Calls `visit` with an expression and all that it is made of. Models are nested as deep as their authors made them.
fn each<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => {}
        ExprKind::Template(parts) => each_part(parts, visit),
        ExprKind::Traversal(_, steps) => each_step(steps, visit),
        ExprKind::Relative(source, steps) => {
            each(source, visit);
            each_step(steps, visit);
        }
        ExprKind::Splat {
            source, each: steps, ..
        } => {
            each(source, visit);
            each_step(steps, visit);
        }
        ExprKind::Call { args, .. } | ExprKind::Tuple(args) => {
            args.iter().for_each(|arg| each(arg, visit));
        }
        ExprKind::Object(items) => {
            for (key, value) in items {
                if let ObjectKey::Expr(key) = key {
                    each(key, visit);
                }
                each(value, visit);
            }
        }
        ExprKind::For(inner) => {
            let ForExpr {
                collection,
                key,
                value,
                condition,
                ..
            } = &**inner;
            each(collection, visit);
            key.iter().for_each(|key| each(key, visit));
            each(value, visit);
            condition.iter().for_each(|condition| each(condition, visit));
        }
        ExprKind::Conditional(branches) => branches.iter().for_each(|branch| each(branch, visit)),
        ExprKind::Unary(_, inner) | ExprKind::Paren(inner) => each(inner, visit),
        ExprKind::Binary(operands, _) => {
            each(&operands.0, visit);
            each(&operands.1, visit);
        }
    }
}

fn each_step<'e>(steps: &'e [Step], visit: &mut dyn FnMut(&'e Expr)) {
    for step in steps {
        if let Step::Index(index, _) = step {
            each(index, visit);
        }
    }
}

fn each_part<'e>(parts: &'e [TemplatePart], visit: &mut dyn FnMut(&'e Expr)) {
    for part in parts {
        match part {
            TemplatePart::Text(_) => {}
            TemplatePart::Interpolation(inner) => each(inner, visit),
            TemplatePart::If { condition, yes, no } => {
                each(condition, visit);
                each_part(yes, visit);
                each_part(no, visit);
            }
            TemplatePart::For { collection, body, .. } => {
                each(collection, visit);
                each_part(body, visit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tf_pricing::Models;

    use super::*;

    #[test]
    fn lines_are_made_of_what_their_components_read() {
        for (ty, line, reads, not) in [
            (
                "aws_db_instance",
                "Database instance (on-demand, Multi-AZ, db.m7g.large)",
                &["instance_class", "multi_az", "engine"][..],
                &["allocated_storage", "backup_retention_period", "iops_x"][..],
            ),
            (
                "aws_db_instance",
                "Storage (general purpose SSD, gp3)",
                &["allocated_storage", "storage_type", "multi_az"],
                &["instance_class", "backup_retention_period"],
            ),
        ] {
            let rule: &Rule = &Models::builtin().of(ty).unwrap().rule;
            let at = component_of(rule, line).unwrap();
            let inputs = inputs(rule, &BTreeSet::from([at]));
            for name in reads {
                assert!(inputs.own.contains(*name), "{line}: {name} {:?}", inputs.own);
            }
            for name in not {
                assert!(!inputs.own.contains(*name), "{line}: {name} {:?}", inputs.own);
            }
        }
    }

    #[test]
    fn what_is_read_of_others_is_known_with_their_types() {
        let rule: &Rule = &Models::builtin().of("aws_ecs_service").unwrap().rule;
        let inputs = inputs(rule, &BTreeSet::new());
        for ty in ["aws_ecs_task_definition", "aws_appautoscaling_target"] {
            assert!(inputs.types.contains(ty), "{:?}", inputs.types);
        }
        for name in ["cpu", "memory", "min_capacity", "max_capacity", "weight"] {
            assert!(inputs.names.contains(name), "{:?}", inputs.names);
        }
    }
}
