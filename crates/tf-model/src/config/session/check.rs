//! What is wrong with references, whether or not they are ever evaluated.

use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::{Block, Body, Expr, ExprKind, Step};
use tf_lang::eval::references;
use tf_lang::{Diagnostic, Span};

use super::Session;
use super::instance::{Instance, ResourceName};
use crate::address::Mode;

impl<'p> Session<'p> {
    /// Finds references that Terraform refuses wherever they stand, evaluated or not. The instances of a module
    /// have the same ones.
    pub(super) fn check_references(&self, instance: &Rc<Instance<'p>>) {
        if !self.checked.borrow_mut().insert(instance.call_names.clone()) {
            return;
        }
        let module = instance.module;
        let mut check = |expr: &Expr, own: Option<&ResourceName>| {
            for problem in self.undeclared(instance, expr, own) {
                self.report(instance, problem);
            }
        };
        module.locals.values().for_each(|local| check(&local.value, None));
        for block in module.outputs.values().chain(&module.checks) {
            each_expression(&block.body, None, &mut check);
        }
        for (name, block) in &module.resources {
            each_expression(&block.body, Some(name), &mut check);
        }
        for block in module.calls.values().chain(&module.providers) {
            each_expression(&block.body, None, &mut check);
        }
    }
}

fn display(name: &ResourceName) -> String {
    let (mode, ty, name) = name;
    match mode {
        Mode::Managed => format!("{ty}.{name}"),
        Mode::Data => format!("data.{ty}.{name}"),
        Mode::Ephemeral => format!("ephemeral.{ty}.{name}"),
    }
}

/// A resource's arguments may not be made of the resource itself.
pub(super) fn self_reference(name: &ResourceName, place: Span) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(
        "Self-referential block",
        format!("Configuration for {} may not refer to itself.", display(name)),
        place,
    ))
}

/// `count` or `for_each`, whichever a block has.
pub(super) fn repeated_by(block: &Block) -> Option<&'static str> {
    ["count", "for_each"]
        .into_iter()
        .find(|argument| block.body.attribute(argument).is_some())
}

/// What is wrong with the step behind a resource's name, where the resource is repeated by `count` or `for_each`
/// or not at all: one of many needs a key, and a single one has none.
pub(super) fn misplaced_key(
    name: &ResourceName,
    repeated_by: Option<&str>,
    step: Option<&Step>,
    place: Span,
) -> Option<Box<Diagnostic>> {
    match (step?, repeated_by) {
        (Step::Attr(_), Some(argument)) => {
            let address = display(name);
            let key = if argument == "count" {
                "count.index"
            } else {
                "each.key"
            };
            let detail = format!(
                "Because {address} has \"{argument}\" set, its attributes must be accessed on specific instances.\n\n\
                 For example, to correlate with indices of a referring resource, use:\n    {address}[{key}]"
            );
            Some(Box::new(Diagnostic::error(
                "Missing resource instance key",
                detail,
                place,
            )))
        }
        // A key that is not written out does not belong to the reference: the value has the last word.
        (Step::Index(key, _), None) if is_literal(key) => {
            let detail = format!(
                "Because {} does not have \"count\" or \"for_each\" set, references to it must not include an index \
                 key. Remove the bracketed index to refer to the single instance of this resource.",
                display(name)
            );
            Some(Box::new(Diagnostic::error(
                "Unexpected resource instance key",
                detail,
                place,
            )))
        }
        _ => None,
    }
}

/// Whether a key is written out: only such a key belongs to a reference.
pub(super) fn is_literal(key: &Expr) -> bool {
    matches!(key.kind, ExprKind::String(_) | ExprKind::Number(_))
}

/// An expression with the resource that may not be named in it.
type Visit<'a> = &'a mut dyn FnMut(&Expr, Option<&ResourceName>);

/// Visits the expressions of a body but for those that are not evaluated. Names that `dynamic` blocks bind
/// look like references to resources without an underscore, or are told apart by their block.
fn each_expression(body: &Body, own: Option<&ResourceName>, visit: Visit<'_>) {
    fn walk(body: &Body, own: Option<&ResourceName>, bound: &mut Vec<Arc<str>>, visit: Visit<'_>) {
        for attribute in &body.attributes {
            let skipped = [
                "provider",
                "providers",
                "depends_on",
                "ignore_changes",
                "replace_triggered_by",
            ];
            if skipped.contains(&&*attribute.name.name) {
                continue;
            }
            let mut shadowed = false;
            if !bound.is_empty() {
                references(&attribute.value, &mut |reference| {
                    shadowed |= bound.contains(&reference.root.name)
                });
            }
            if !shadowed {
                visit(&attribute.value, own);
            }
        }
        for block in &body.blocks {
            if matches!(&*block.kind.name, "provisioner" | "connection") {
                continue;
            }
            let before = bound.len();
            if &*block.kind.name == "dynamic" {
                bound.extend(block.labels.first().map(|label| label.name.clone()));
                if let Some(attribute) = block.body.attribute("iterator")
                    && let ExprKind::Traversal(name, _) = &attribute.value.kind
                {
                    bound.push(name.name.clone());
                }
            }
            // Conditions look at the resource when it is there.
            let own = own.filter(|_| &*block.kind.name != "lifecycle");
            walk(&block.body, own, bound, visit);
            bound.truncate(before);
        }
    }
    walk(body, own, &mut Vec::new(), visit);
}

#[cfg(test)]
mod tests {
    use crate::Project;

    fn problems(text: &str) -> Vec<String> {
        let graph = Project::from_text("main.tf", text);
        let line = |problem: &tf_lang::Diagnostic| problem.span.map_or(0, |span| graph.sources.lines(span).0);
        graph
            .problems
            .iter()
            .map(|problem| &problem.diagnostic)
            .map(|problem| format!("{} {}", line(problem), problem.summary))
            .collect()
    }

    const REPEATED: &str = r#"
resource "example_thing" "many" {
  count = 2
}
resource "example_thing" "one" {}
"#;

    #[test]
    fn keys_are_where_they_belong() {
        const MISSING: &str = "6 Missing resource instance key";
        const UNEXPECTED: &str = "6 Unexpected resource instance key";
        for (expr, expected) in [
            ("example_thing.many", &[][..]),
            ("example_thing.many[0].id", &[]),
            ("example_thing.many.0.id", &[]),
            ("example_thing.many[*].id", &[]),
            ("example_thing.many.*.id", &[]),
            ("[for one in example_thing.many : one.id]", &[]),
            ("example_thing.one.id", &[]),
            ("example_thing.one[*].id", &[]),
            ("example_thing.many.id", &[MISSING]),
            ("resource.example_thing.many.id", &[MISSING]),
            ("example_thing.one[0].id", &[UNEXPECTED]),
            // Also where nothing would come of it.
            ("try(example_thing.many.id, null)", &[MISSING]),
            ("true ? null : example_thing.one[\"a\"].id", &[UNEXPECTED]),
        ] {
            let text = format!("{REPEATED}output \"a\" {{ value = {expr} }}\n");
            assert_eq!(problems(&text), expected, "{expr}");
        }
    }

    #[test]
    fn blocks_do_not_refer_to_themselves() {
        const ITSELF: &str = "3 Self-referential block";
        for (argument, expected) in [
            ("name = example_thing.a.id", Some(ITSELF)),
            ("name = false ? example_thing.a[0].id : null", Some(ITSELF)),
            ("count = length(example_thing.a)", Some(ITSELF)),
            ("name = data.example_thing.a.id", None),
            ("name = { example_thing = 1 }", None),
        ] {
            let text = format!(
                "\nresource \"example_thing\" \"a\" {{\n  {argument}\n}}\ndata \"example_thing\" \"a\" {{}}\n"
            );
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_eq!(problems(&text), expected, "{argument}");
        }
        let through_a_local = "locals {\n  id = example_thing.a.id\n}\nresource \"example_thing\" \"a\" {\n  name = local.id\n}\n";
        let said = problems(through_a_local);
        assert!(said.iter().all(|problem| problem.ends_with("Cycle")), "{said:?}");
    }

    #[test]
    fn circles_through_depends_on_are_found() {
        let text = |condition: &str| {
            format!(
                "resource \"example_thing\" \"a\" {{\n  name = example_thing.b.id\n}}\n\
                 resource \"example_thing\" \"b\" {{\n  depends_on = [{condition}]\n}}\n\
                 resource \"example_thing\" \"c\" {{\n  name = example_thing.a.id\n}}\n"
            )
        };
        assert_eq!(problems(&text("")), [""; 0]);
        assert_eq!(problems(&text("example_thing.a")), ["1 Cycle"]);
    }
}
