//! Trees as short texts, for tests.

use crate::ast::{Body, Expr, ExprKind, Ident, ObjectKey, Step, TemplatePart};
use crate::source::Span;

/// An expression with its operators first and its parentheses shown.
pub(super) fn expr(node: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(expr).collect::<Vec<_>>().join(", ");
    match &node.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Number(number) => number.to_string(),
        ExprKind::String(text) => format!("{text:?}"),
        ExprKind::Template(parts) => format!("<{}>", template(parts)),
        ExprKind::Traversal(name, read) => format!("{}{}", name.name, steps(read)),
        ExprKind::Relative(base, read) => format!("|{}|{}", expr(base), steps(read)),
        ExprKind::Splat {
            source, each, full, ..
        } => {
            format!(
                "{{{} {} {}}}",
                expr(source),
                if *full { "[*]" } else { ".*" },
                steps(each)
            )
        }
        ExprKind::Call { name, args, expand } => {
            format!(
                "{}({}{})",
                name.name,
                list(args),
                if *expand { "..." } else { "" }
            )
        }
        ExprKind::Tuple(items) => format!("[{}]", list(items)),
        ExprKind::Object(items) => {
            let item = |(key, value): &(ObjectKey, Expr)| match key {
                ObjectKey::Name(name) => format!("{} = {}", name.name, expr(value)),
                ObjectKey::Expr(key) => format!("<{}> = {}", expr(key), expr(value)),
            };
            format!("{{{}}}", items.iter().map(item).collect::<Vec<_>>().join(", "))
        }
        ExprKind::For(each) => {
            let key = each
                .key
                .as_ref()
                .map(|key| format!("{} => ", expr(key)))
                .unwrap_or_default();
            let group = if each.group { "..." } else { "" };
            let condition = each
                .condition
                .as_ref()
                .map(|condition| format!(" if {}", expr(condition)))
                .unwrap_or_default();
            let names = names(each.key_var.as_ref(), &each.value_var);
            format!(
                "(for {names} in {} : {key}{}{group}{condition})",
                expr(&each.collection),
                expr(&each.value)
            )
        }
        ExprKind::Conditional(parts) => {
            let [condition, yes, no] = &**parts;
            format!("(? {} {} {})", expr(condition), expr(yes), expr(no))
        }
        ExprKind::Unary(operator, operand) => format!("({operator:?} {})", expr(operand)),
        ExprKind::Binary(operands, operator) => {
            format!("({operator:?} {} {})", expr(&operands.0), expr(&operands.1))
        }
        ExprKind::Paren(inner) => format!("({})", expr(inner)),
    }
}

fn names(key: Option<&Ident>, value: &Ident) -> String {
    key.map(|key| format!("{}, ", key.name)).unwrap_or_default() + &value.name
}

fn steps(steps: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Attr(name) => format!(".{}", name.name),
        Step::Index(key, _) => format!("[{}]", expr(key)),
        Step::Splat(_) => "[*]".to_owned(),
    };
    steps.iter().map(step).collect()
}

fn template(parts: &[TemplatePart]) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => format!("{text:?}"),
        TemplatePart::Interpolation(value) => format!("${}", expr(value)),
        TemplatePart::If { condition, yes, no } => {
            format!("(if {} <{}> <{}>)", expr(condition), template(yes), template(no))
        }
        TemplatePart::For {
            key_var,
            value_var,
            collection,
            body,
        } => {
            let names = names(key_var.as_ref(), value_var);
            format!("(for {names} in {} <{}>)", expr(collection), template(body))
        }
    };
    parts.iter().map(part).collect::<Vec<_>>().join(" ")
}

/// What stands at a span.
pub(super) enum Place<'a> {
    Expr(&'a Expr),
    Name(&'a str),
    Step,
}

/// Gives all places in an expression to `visit`.
pub(super) fn places<'a>(node: &'a Expr, visit: &mut dyn FnMut(Place<'a>, Span)) {
    visit(Place::Expr(node), node.span);
    match &node.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => {}
        ExprKind::Template(parts) => template_places(parts, visit),
        ExprKind::Traversal(name, read) => {
            visit(Place::Name(&name.name), name.span);
            step_places(read, visit);
        }
        ExprKind::Relative(base, read) => {
            places(base, visit);
            step_places(read, visit);
        }
        ExprKind::Splat {
            source, each, marker, ..
        } => {
            places(source, visit);
            visit(Place::Step, *marker);
            step_places(each, visit);
        }
        ExprKind::Call { name, args, .. } => {
            visit(Place::Name(&name.name), name.span);
            args.iter().for_each(|arg| places(arg, visit));
        }
        ExprKind::Tuple(items) => items.iter().for_each(|item| places(item, visit)),
        ExprKind::Object(items) => {
            for (key, value) in items {
                match key {
                    ObjectKey::Name(name) => visit(Place::Name(&name.name), name.span),
                    ObjectKey::Expr(key) => places(key, visit),
                }
                places(value, visit);
            }
        }
        ExprKind::For(each) => {
            for name in each.key_var.iter().chain([&each.value_var]) {
                visit(Place::Name(&name.name), name.span);
            }
            for part in [&each.collection, &each.value]
                .into_iter()
                .chain(&each.key)
                .chain(&each.condition)
            {
                places(part, visit);
            }
        }
        ExprKind::Conditional(parts) => parts.iter().for_each(|part| places(part, visit)),
        ExprKind::Unary(_, operand) => places(operand, visit),
        ExprKind::Binary(operands, _) => {
            places(&operands.0, visit);
            places(&operands.1, visit);
        }
        ExprKind::Paren(inner) => places(inner, visit),
    }
}

fn step_places<'a>(steps: &'a [Step], visit: &mut dyn FnMut(Place<'a>, Span)) {
    for step in steps {
        visit(Place::Step, step.span());
        if let Step::Index(key, _) = step {
            places(key, visit);
        }
    }
}

fn template_places<'a>(parts: &'a [TemplatePart], visit: &mut dyn FnMut(Place<'a>, Span)) {
    for part in parts {
        match part {
            TemplatePart::Text(_) => {}
            TemplatePart::Interpolation(value) => places(value, visit),
            TemplatePart::If { condition, yes, no } => {
                places(condition, visit);
                template_places(yes, visit);
                template_places(no, visit);
            }
            TemplatePart::For {
                key_var,
                value_var,
                collection,
                body,
            } => {
                for name in key_var.iter().chain([value_var]) {
                    visit(Place::Name(&name.name), name.span);
                }
                places(collection, visit);
                template_places(body, visit);
            }
        }
    }
}

/// Gives all places in a body to `visit`.
pub(super) fn body_places<'a>(body: &'a Body, visit: &mut dyn FnMut(Place<'a>, Span)) {
    for attribute in &body.attributes {
        visit(Place::Name(&attribute.name.name), attribute.name.span);
        places(&attribute.value, visit);
    }
    for block in &body.blocks {
        visit(Place::Name(&block.kind.name), block.kind.span);
        body_places(&block.body, visit);
    }
}
