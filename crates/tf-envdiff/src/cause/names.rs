//! What names stand for, in all environments at once.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use tf_lang::ast::{Expr, ExprKind, Ident, Step};
use tf_lang::{FileId, Span, Value};
use tf_model::{Key, Mode};

use super::body::Written;
use super::trace::{Role, Spot, Spots, Trace};
use super::{Cause, CauseKind, narrow};
use crate::compare::{Comparison, Slot};
use crate::value::{Held, Path, Seg, at as part_at};

/// Parts of a variable that are told one by one; more are told as the variable.
const MAX_PARTS: usize = 4;

/// What a reference leads to in one environment.
enum Target<'p> {
    /// An expression, and the part of its value.
    Expr(Spot<'p>, Vec<Seg>),
    /// An output of an instance of a module: its expression, the part of its value, and what makes the instances.
    Output(Spot<'p>, Vec<Seg>, Option<Spot<'p>>),
    /// What makes instances of a block, where one is not there, or all of them are meant.
    Instances(Spot<'p>),
    /// A variable of the root module.
    Variable(Arc<str>, Vec<Seg>),
    /// A block, and the part of it.
    Block(Written<'p>, Vec<Seg>),
    /// Nothing here.
    Missing,
    /// Something that is not followed.
    Other,
}

impl<'a> Trace<'_, 'a> {
    /// What steps behind a name read; it ends at the first one that is not known.
    pub(super) fn segs(&self, at: usize, spot: &Spot<'a>, steps: &'a [Step]) -> Vec<Seg> {
        let mut out = Vec::new();
        for step in steps {
            match step {
                Step::Attr(name) => out.push(Seg::Name(name.name.clone())),
                Step::Index(expr, _) => match self.index_key(at, spot, expr) {
                    Some(Key::Index(index)) => {
                        out.push(Seg::Index(usize::try_from(index).unwrap_or(usize::MAX)))
                    }
                    Some(Key::Name(name)) => out.push(Seg::Name(name)),
                    None => return out,
                },
                Step::Splat(_) => return out,
            }
        }
        out
    }

    fn index_key(&self, at: usize, spot: &Spot<'a>, expr: &'a Expr) -> Option<Key> {
        let (value, _) = self.eval(at, &spot.with(expr)).unmark();
        match value.as_number() {
            Some(number) => number
                .to_i64()
                .and_then(|index| u64::try_from(index).ok())
                .map(Key::Index),
            None => value.as_shared_str().cloned().map(Key::Name),
        }
    }

    pub(super) fn traversal(&mut self, all: &[Spot<'a>], path: &[Seg], depth: usize) {
        let targets: Vec<Target<'a>> = all
            .iter()
            .enumerate()
            .map(|(at, spot)| match &spot.expr.kind {
                ExprKind::Traversal(root, steps) => self.target(at, spot, root, steps, path),
                _ => Target::Other,
            })
            .collect();
        if !alike(all) {
            return;
        }
        // Where different elements are read, which ones is what differs.
        if self.indices(all, depth) {
            return;
        }
        self.follow(targets, depth);
    }

    fn follow(&mut self, targets: Vec<Target<'a>>, depth: usize) {
        let variable = targets.iter().find_map(|target| match target {
            Target::Variable(name, path) => Some((name.clone(), path.clone())),
            _ => None,
        });
        if let Some((name, path)) = variable {
            return self.root_variable(&name, path, true);
        }
        // Where an instance is not everywhere, what makes the instances is followed.
        if targets
            .iter()
            .any(|target| matches!(target, Target::Instances(_)))
        {
            let spots: Spots<'a> = targets
                .into_iter()
                .map(|target| match target {
                    Target::Instances(spot) => Some(spot),
                    Target::Output(_, _, by) => by,
                    Target::Block(written, _) => written.repeated(),
                    _ => None,
                })
                .collect();
            return self.trace(spots, &[], depth);
        }
        // An element of one place may have another key in each environment: each of them is followed.
        let paths: BTreeSet<Vec<Seg>> = targets
            .iter()
            .filter_map(|target| match target {
                Target::Expr(_, path) | Target::Block(_, path) | Target::Output(_, path, _) => {
                    Some(path.clone())
                }
                _ => None,
            })
            .collect();
        if targets.iter().any(|target| matches!(target, Target::Block(..))) {
            let bodies: Vec<Option<Written<'a>>> = targets
                .into_iter()
                .map(|target| match target {
                    Target::Block(written, _) => Some(written),
                    _ => None,
                })
                .collect();
            for path in paths {
                self.block(&bodies, &path, depth);
            }
            return;
        }
        let spots: Spots<'a> = targets
            .into_iter()
            .map(|target| match target {
                Target::Expr(spot, _) | Target::Output(spot, ..) => Some(spot),
                _ => None,
            })
            .collect();
        for path in paths {
            self.trace(spots.clone(), &path, depth);
        }
    }

    fn target(
        &self,
        at: usize,
        spot: &Spot<'a>,
        root: &'a Ident,
        steps: &'a [Step],
        path: &[Seg],
    ) -> Target<'a> {
        let rest = |used: usize| -> Vec<Seg> {
            let mut whole = self.segs(at, spot, steps.get(used..).unwrap_or_default());
            whole.extend_from_slice(path);
            whole
        };
        if let Some(binding) = spot.bound.iter().rev().find(|binding| binding.name == root.name) {
            let source = (*binding.source).clone();
            let is_value = match binding.role {
                Role::Element => true,
                Role::Key => false,
                Role::Iterator => matches!(steps.first(), Some(Step::Attr(name)) if &*name.name == "value"),
            };
            let used = usize::from(binding.role == Role::Iterator);
            return match (&binding.seg, is_value) {
                (Some(seg), true) => {
                    Target::Expr(source, std::iter::once(seg.clone()).chain(rest(used)).collect())
                }
                _ => Target::Expr(source, Vec::new()),
            };
        }
        let Some(inspector) = self.inspector(at) else {
            return Target::Other;
        };
        let name = match steps.first() {
            Some(Step::Attr(name)) => &name.name,
            _ => return Target::Other,
        };
        let module = spot.place.module();
        match &*root.name {
            "each" | "count" => {
                let Some(block) = spot.place.repeated_by() else {
                    return Target::Other;
                };
                let argument = if &*root.name == "count" {
                    "count"
                } else {
                    "for_each"
                };
                let Some(attribute) = block.body.attribute(argument) else {
                    return Target::Other;
                };
                let label = format!("{}.{argument}", label_of(block));
                let whole = Spot::new(spot.place.outside(), &attribute.value, label);
                let key = each_key(self, at, spot);
                match (&**name, key) {
                    ("value", Some(key)) => {
                        let path = std::iter::once(Seg::Name(key)).chain(rest(1)).collect();
                        Target::Expr(whole, path)
                    }
                    _ => Target::Expr(whole, Vec::new()),
                }
            }
            "var" => match spot.place.caller() {
                None => Target::Variable(name.clone(), rest(1)),
                Some((place, block)) => match block.body.attribute(name) {
                    Some(attribute) => {
                        let label = format!("{}.{name}", label_of(block));
                        Target::Expr(Spot::new(place, &attribute.value, label), rest(1))
                    }
                    None => match module
                        .variables
                        .get(name)
                        .and_then(|variable| variable.default.as_ref())
                    {
                        Some(default) => {
                            let label = format!("{}.{name}", label_of(block));
                            Target::Expr(Spot::new(spot.place.outside(), default, label), rest(1))
                        }
                        None => Target::Missing,
                    },
                },
            },
            "local" => match module.locals.get(name) {
                Some(attribute) => {
                    let place = spot.place.outside();
                    let label = format!("{}local.{name}", prefix(&place));
                    Target::Expr(Spot::new(place, &attribute.value, label), rest(1))
                }
                None => Target::Missing,
            },
            "module" => {
                let mut whole = rest(1);
                let repeated = module
                    .calls
                    .get(name)
                    .and_then(|call| Some((call, repeated_by(call)?)));
                let key = match (repeated, whole.first()) {
                    (None, _) => None,
                    (Some(_), Some(Seg::Name(key))) => Some(Key::Name(key.clone())),
                    (Some(_), Some(Seg::Index(index))) => Some(Key::Index(*index as u64)),
                    (Some((call, argument)), None) => {
                        return Target::Instances(instances(spot, call, argument));
                    }
                };
                if key.is_some() {
                    whole.remove(0);
                }
                let Some(child) = inspector.child(&spot.place, name, key.as_ref()) else {
                    return match repeated {
                        Some((call, argument)) => Target::Instances(instances(spot, call, argument)),
                        None => Target::Missing,
                    };
                };
                let Some(Seg::Name(output)) = whole.first().cloned() else {
                    return match repeated {
                        Some((call, argument)) => Target::Instances(instances(spot, call, argument)),
                        None => Target::Other,
                    };
                };
                whole.remove(0);
                match child
                    .module()
                    .outputs
                    .get(&output)
                    .and_then(|block| block.body.attribute("value"))
                {
                    Some(attribute) => {
                        let label = format!("{}output.{output}", prefix(&child));
                        let by = repeated.map(|(call, argument)| instances(spot, call, argument));
                        Target::Output(Spot::new(child, &attribute.value, label), whole, by)
                    }
                    None => Target::Missing,
                }
            }
            "path" | "terraform" | "tofu" | "self" => Target::Other,
            "data" => match steps.get(1) {
                Some(Step::Attr(own)) => self.resource(
                    at,
                    spot,
                    (Mode::Data, name.clone(), own.name.clone()),
                    steps,
                    2,
                    path,
                ),
                _ => Target::Other,
            },
            _ => self.resource(
                at,
                spot,
                (Mode::Managed, root.name.clone(), name.clone()),
                steps,
                1,
                path,
            ),
        }
    }

    fn resource(
        &self,
        at: usize,
        spot: &Spot<'a>,
        name: (Mode, Arc<str>, Arc<str>),
        steps: &'a [Step],
        used: usize,
        path: &[Seg],
    ) -> Target<'a> {
        let Some(inspector) = self.inspector(at) else {
            return Target::Other;
        };
        let mut whole = self.segs(at, spot, steps.get(used..).unwrap_or_default());
        whole.extend_from_slice(path);
        let Some(declared) = spot.place.module().resources.get(&name) else {
            return Target::Missing;
        };
        let outside = spot.place.outside();
        let mut key = None;
        if let Some(argument) = repeated_by(declared) {
            let by = Spot::new(
                outside.clone(),
                &argument.value,
                format!(
                    "{}{}.{}",
                    prefix(&outside),
                    label_of(declared),
                    argument.name.name
                ),
            );
            key = match whole.first() {
                Some(Seg::Name(name)) => Some(Key::Name(name.clone())),
                Some(Seg::Index(index)) => Some(Key::Index(*index as u64)),
                // All of them: which there are is what can differ.
                None => return Target::Instances(by),
            };
            whole.remove(0);
            // An instance that is not there, or all of them in a list.
            if inspector.resource(&outside, &name, key.as_ref()).is_none() {
                return Target::Instances(by);
            }
        }
        match inspector.resource(&outside, &name, key.as_ref()) {
            Some((place, block)) => {
                let label = format!("{}{}", prefix(&place), label_of(block));
                Target::Block(Written::new(place, &block.body, label), whole)
            }
            None => Target::Missing,
        }
    }

    /// A variable of the root module: the parts of it that differ, and where they are written. `shorten` where the path is
    /// that of a value made of it, which may have parts that the variable has not.
    pub(super) fn root_variable(&mut self, name: &str, mut path: Vec<Seg>, shorten: bool) {
        let variables: Vec<Option<&'a Value>> = self
            .active
            .iter()
            .map(|environment| {
                let stack = self.tracer.stacks.get(*environment).copied().flatten()?;
                stack.graph.variables.get(name)
            })
            .collect();
        let parts = |path: &[Seg]| -> Vec<Option<&'a Value>> {
            variables
                .iter()
                .map(|value| value.and_then(|value| part_at(value, path)))
                .collect()
        };
        while shorten && !path.is_empty() && parts(&path).iter().all(Option::is_none) {
            path.pop();
        }
        // An element of a list of texts is no part by itself.
        while shorten
            && matches!(path.last(), Some(Seg::Index(_)))
            && parts(&path)
                .iter()
                .flatten()
                .all(|value| value.children().next().is_none())
        {
            path.pop();
        }
        let values = parts(&path);
        let mut comparison = Comparison::new(self.tracer.normaliser, false);
        comparison.values(&self.spread(
            Slot::Out,
            values.iter().map(|value| value.map_or(Slot::Absent, Slot::Has)),
        ));
        let mut inner: Vec<Vec<Seg>> = comparison.parts.iter().map(|part| part.path.0.clone()).collect();
        // Parts of texts that are JSON are no parts of the variable.
        inner.retain(|inner| {
            let whole: Vec<Seg> = path.iter().chain(inner).cloned().collect();
            variables
                .iter()
                .flatten()
                .any(|value| part_at(value, &whole).is_some())
        });
        if inner.is_empty() || inner.len() > MAX_PARTS {
            inner = vec![Vec::new()];
        }
        for inner in inner {
            let whole: Vec<Seg> = path.iter().cloned().chain(inner).collect();
            let held: Vec<Held> = parts(&whole)
                .into_iter()
                .map(|value| value.map_or(Held::Absent, |value| Held::Has(value.clone())))
                .collect();
            let places: Vec<_> = (0..self.active.len())
                .map(|at| {
                    let span = self.variable_span(at, name, &whole)?;
                    self.tracer.locate(*self.active.get(at)?, span)
                })
                .collect();
            let text = Path(whole).to_string();
            let dot = if text.is_empty() || text.starts_with('[') {
                ""
            } else {
                "."
            };
            let cause = Cause {
                kind: CauseKind::Variable,
                name: format!("var.{name}{dot}{text}"),
                places: self.spread(None, places),
                values: self.spread(Held::Out, held),
            };
            self.push(cause);
        }
    }

    /// Where the value of a variable is written: in a file of values, as the default, or else where it is declared.
    fn variable_span(&self, at: usize, name: &str, path: &[Seg]) -> Option<Span> {
        let inspector = self.inspector(at)?;
        let variable = inspector.root().module().variables.get(name);
        if let Some(span) = inspector.given(name) {
            let Some(expr) = self.tracer.given(*self.active.get(at)?, span) else {
                return Some(span);
            };
            let inner = narrow(&expr, path);
            return Some(Span {
                file: span.file,
                start: span.start + inner.start,
                end: span.start + inner.end,
            });
        }
        let variable = variable?;
        match &variable.default {
            Some(default) if !inspector.is_given(name) => Some(narrow(default, path)),
            _ => Some(variable.span),
        }
    }
}

/// Whether references name the same thing, whatever their keys are.
fn alike(all: &[Spot<'_>]) -> bool {
    let names = |spot: &Spot<'_>| -> Vec<Arc<str>> {
        let ExprKind::Traversal(root, steps) = &spot.expr.kind else {
            return Vec::new();
        };
        let attrs = steps.iter().map(|step| match step {
            Step::Attr(name) => name.name.clone(),
            Step::Index(..) => "[]".into(),
            Step::Splat(_) => "[*]".into(),
        });
        std::iter::once(root.name.clone()).chain(attrs).collect()
    };
    let first = all.first().map(names);
    all.iter().all(|spot| Some(names(spot)) == first)
}

/// What makes the instances of a call.
fn instances<'p>(
    spot: &Spot<'p>,
    call: &'p tf_lang::ast::Block,
    argument: &'p tf_lang::ast::Attribute,
) -> Spot<'p> {
    let outside = spot.place.outside();
    let label = format!("{}{}.{}", prefix(&outside), label_of(call), argument.name.name);
    Spot::new(outside, &argument.value, label)
}

/// The argument that makes several instances of a block.
fn repeated_by(block: &tf_lang::ast::Block) -> Option<&tf_lang::ast::Attribute> {
    block
        .body
        .attribute("count")
        .or_else(|| block.body.attribute("for_each"))
}

/// What `each.key` is in a place.
fn each_key<'a>(trace: &Trace<'_, 'a>, at: usize, spot: &Spot<'a>) -> Option<Arc<str>> {
    static EACH_KEY: LazyLock<Option<Expr>> =
        LazyLock::new(|| tf_lang::parse::parse_expr(FileId(0), "each.key").ok());
    let inspector = trace.inspector(at)?;
    let key = inspector.eval(&spot.place, EACH_KEY.as_ref()?, &[]);
    key.as_shared_str().cloned()
}

/// How a module's own things are told from those of others.
pub(super) fn prefix(place: &tf_model::config::Place<'_>) -> String {
    match place.path().is_root() {
        true => String::new(),
        false => format!("{}.", place.path()),
    }
}

/// A block as references name it.
pub(super) fn label_of(block: &tf_lang::ast::Block) -> String {
    let labels: Vec<&str> = block.labels.iter().map(|label| &*label.name).collect();
    match &*block.kind.name {
        "resource" => labels.join("."),
        kind => format!("{kind}.{}", labels.join(".")),
    }
}
