//! What is wrong with the references of an expression.
//!
//! Terraform looks at them in three steps before it evaluates anything, so that `try` and `can` do not catch what it
//! finds: whether they are references at all, whether what they name is declared, and whether it has a value in this
//! place. If the second step finds something there is no third. What is found is told in the order of the source.

use std::rc::Rc;

use tf_lang::ast::{Expr, Ident, Step};
use tf_lang::eval::{Reference, references};
use tf_lang::{Diagnostic, Span};

use super::Session;
use super::check::{is_literal, misplaced_key, repeated_by, self_reference};
use super::instance::{Instance, ResourceName};
use super::resolve::Context;
use super::undeclared::{attribute_of_path, attribute_of_terraform};
use crate::address::Mode;

/// What was found in one expression, by the step that found it. The place is where Terraform sees it, and none where
/// it has looked up an empty name.
#[derive(Default)]
struct Found<'a> {
    /// The resource that may not be referred to.
    own: Option<&'a ResourceName>,
    not_references: Vec<(Option<Span>, Diagnostic)>,
    undeclared: Vec<(Option<Span>, Diagnostic)>,
    without_value: Vec<(Option<Span>, Diagnostic)>,
}

impl Found<'_> {
    fn in_order(self) -> Vec<Diagnostic> {
        let mut all = self.not_references;
        all.extend(match self.undeclared.is_empty() {
            true => self.without_value,
            false => self.undeclared,
        });
        all.sort_by_key(|(place, _)| place.map(|span| (span.start, span.end)));
        all.into_iter().map(|(_, diagnostic)| diagnostic).collect()
    }
}

/// The name behind a root that has nothing but attributes.
struct Named {
    name: Ident,
    place: Option<Span>,
}

impl<'p> Session<'p> {
    /// What is wrong with the references of an expression wherever it stands. `own` is the resource whose block it
    /// is in.
    pub(super) fn undeclared(
        &self,
        instance: &Rc<Instance<'p>>,
        expr: &Expr,
        own: Option<&ResourceName>,
    ) -> Vec<Diagnostic> {
        let mut found = Found {
            own,
            ..Found::default()
        };
        references(expr, &mut |reference| {
            self.check(instance, reference, None, &mut found)
        });
        found.in_order()
    }

    /// The same, and what is wrong with them in this place.
    pub(crate) fn refused(&self, context: &Context<'_, 'p>, expr: &Expr) -> Vec<Diagnostic> {
        let mut found = Found::default();
        references(expr, &mut |reference| {
            self.check(&context.instance, reference, Some(context), &mut found);
        });
        found.in_order()
    }

    /// What is wrong with the references of an expression in this place but not in every other one.
    pub(super) fn out_of_place(&self, context: &Context<'_, 'p>, expr: &Expr) -> Vec<Diagnostic> {
        let mut found = Found::default();
        references(expr, &mut |reference| {
            if matches!(
                &*reference.root.name,
                "each" | "count" | "self" | "path" | "terraform"
            ) {
                self.check(&context.instance, reference, Some(context), &mut found);
            }
        });
        found.in_order()
    }

    fn check(
        &self,
        instance: &Instance<'p>,
        reference: Reference<'_>,
        context: Option<&Context<'_, 'p>>,
        found: &mut Found<'_>,
    ) {
        let root = reference.root;
        if context.is_some_and(|context| context.binds(&root.name)) {
            return;
        }
        let steps = written_out(reference.steps);
        match &*root.name {
            "var" | "local" | "path" | "terraform" | "tofu" | "each" | "count" => {
                let named = named(root, steps, found);
                let problem = match (&*root.name, context) {
                    ("var", _) => self.undeclared_variable(instance, &named.name),
                    ("local", _) => self.undeclared_local(instance, &named.name),
                    ("path", _) => attribute_of_path(&named.name),
                    ("terraform" | "tofu", _) => attribute_of_terraform(&named.name),
                    ("each", Some(context)) => context.each(&named.name).err(),
                    ("count", Some(context)) => context.count(&named.name).err(),
                    _ => None,
                };
                let problem = problem.map(|problem| (named.place, *problem));
                found.without_value.extend(problem);
            }
            "self" => {
                if let Some(Err(problem)) = context.map(|context| context.own_value(root)) {
                    found.undeclared.push((Some(root.span), *problem));
                }
            }
            "module" => {
                let named = named(root, steps, found);
                if let Some(place) = named.place {
                    let problem = self.undeclared_module(instance, &named.name);
                    found
                        .undeclared
                        .extend(problem.map(|problem| (Some(place), *problem)));
                }
            }
            "data" | "ephemeral" | "resource" => {
                let (mode, what) = match &*root.name {
                    "data" => (Mode::Data, "data source"),
                    "ephemeral" => (Mode::Ephemeral, "ephemeral resource"),
                    _ => (Mode::Managed, "resource"),
                };
                match steps {
                    [_] | [] => found.not_reference(
                        format!(
                            "The \"{}\" object must be followed by two attribute names: the {what} type and the \
                             resource name.",
                            root.name
                        ),
                        root.span,
                    ),
                    [Step::Attr(ty), rest @ ..] => self.check_resource(instance, (mode, root.span), ty, rest, found),
                    [..] => found.not_reference(
                        format!("The \"{}\" object does not support this operation.", root.name),
                        root.span,
                    ),
                }
            }
            "template" | "lazy" | "arg" => {
                let detail = format!(
                    "The symbol name \"{}\" is reserved for use in a future Terraform version. If you are using a \
                     provider that already uses this as a resource type name, add the prefix \"resource.\" to force \
                     interpretation as a resource type name.",
                    root.name
                );
                let problem = Diagnostic::error("Reserved symbol name", detail, root.span);
                found.not_references.push((Some(root.span), problem));
            }
            _ => self.check_resource(instance, (Mode::Managed, root.span), root, steps, found),
        }
    }

    fn check_resource(
        &self,
        instance: &Instance<'p>,
        (mode, start): (Mode, Span),
        ty: &Ident,
        steps: &[Step],
        found: &mut Found<'_>,
    ) {
        let Some(Step::Attr(name)) = steps.first() else {
            let what = match mode {
                Mode::Managed => "a resource type",
                Mode::Ephemeral => "an ephemeral resource type",
                Mode::Data => "a data source",
            };
            let detail = format!(
                "A reference to {what} must be followed by at least one attribute access, specifying the resource name."
            );
            return found.not_reference(detail, ty.span);
        };
        let key = (mode, ty.name.clone(), name.name.clone());
        let place = ty.span.to(name.span);
        let problem = match instance.module.resources.get(&key) {
            None => Some(self.undeclared_resource(instance, &key, ty, name)),
            Some(_) if found.own == Some(&key) => Some(self_reference(&key, place)),
            Some(block) => misplaced_key(&key, repeated_by(block), steps.get(1), place),
        };
        let seen = Some(start.to(name.span));
        found.undeclared.extend(problem.map(|problem| (seen, *problem)));
    }
}

impl Found<'_> {
    fn not_reference(&mut self, detail: String, span: Span) {
        let problem = Diagnostic::error("Invalid reference", detail, span);
        self.not_references.push((Some(span), problem));
    }
}

/// The steps that belong to a reference: those up to an index that is calculated, or to a splat.
fn written_out(steps: &[Step]) -> &[Step] {
    let calculated = |step: &Step| match step {
        Step::Attr(_) => false,
        Step::Index(key, _) => !is_literal(key),
        Step::Splat(_) => true,
    };
    let end = steps.iter().position(calculated).unwrap_or(steps.len());
    steps.get(..end).unwrap_or_default()
}

/// What follows the root; where it is no name Terraform still looks the empty name up.
fn named(root: &Ident, steps: &[Step], found: &mut Found<'_>) -> Named {
    let how = match steps.first() {
        Some(Step::Attr(name)) => {
            return Named {
                name: name.clone(),
                place: Some(root.span.to(name.span)),
            };
        }
        None => "cannot be accessed directly. Instead, access one of its attributes.",
        Some(_) => "does not support this operation.",
    };
    found.not_reference(format!("The \"{}\" object {how}", root.name), root.span);
    Named {
        name: Ident {
            name: "".into(),
            span: root.span,
        },
        place: None,
    }
}
