//! Following expressions of several environments at once.

use std::rc::Rc;
use std::sync::Arc;

use tf_lang::Value;
use tf_lang::ast::{Expr, ExprKind, ObjectKey, Step, TemplatePart};
use tf_model::config::{Inspector, Place};

use super::{Cause, CauseKind, Tracer, key_text};
use crate::compare::{Comparison, Slot};
use crate::value::{Held, Seg};

/// How deep expressions are followed: through as many local values, variables and modules.
const MAX_DEPTH: usize = 100;
/// How many expressions are looked at for one difference.
const MAX_STEPS: usize = 3_000;
/// More causes than anybody would read.
const MAX_CAUSES: usize = 6;

/// What `for` and `dynamic` bind.
#[derive(Clone)]
pub(super) struct Binding<'p> {
    pub(super) name: Arc<str>,
    pub(super) value: Value,
    pub(super) role: Role,
    /// The collection that it is an element of, and which.
    pub(super) source: Rc<Spot<'p>>,
    pub(super) seg: Option<Seg>,
}

/// What a bound name is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The element.
    Element,
    /// The element's key.
    Key,
    /// The iterator of a `dynamic` block, with both.
    Iterator,
}

/// An expression and where it stands.
#[derive(Clone)]
pub(super) struct Spot<'p> {
    pub(super) place: Place<'p>,
    pub(super) expr: &'p Expr,
    pub(super) bound: Vec<Binding<'p>>,
    /// What the expression is the value of.
    pub(super) label: String,
}

impl<'p> Spot<'p> {
    pub(super) fn new(place: Place<'p>, expr: &'p Expr, label: String) -> Spot<'p> {
        Spot {
            place,
            expr,
            bound: Vec::new(),
            label,
        }
    }

    /// Another expression in the same place.
    pub(super) fn with(&self, expr: &'p Expr) -> Spot<'p> {
        Spot { expr, ..self.clone() }
    }

    fn stripped(mut self) -> Spot<'p> {
        while let ExprKind::Paren(inner) = &self.expr.kind {
            self.expr = inner;
        }
        self
    }
}

/// One spot for each environment that is looked into; nothing where the expression is not written.
pub(super) type Spots<'p> = Vec<Option<Spot<'p>>>;

/// One search.
pub(super) struct Trace<'t, 'a> {
    pub(super) tracer: &'t Tracer<'a>,
    /// Numbers of the environments.
    pub(super) active: Vec<usize>,
    out: Vec<Cause>,
    steps: usize,
    /// Whether it matters that something is there, empty as it may be: of the keys of `for_each`.
    pub(super) presence: bool,
}

impl<'t, 'a> Trace<'t, 'a> {
    pub(super) fn new(tracer: &'t Tracer<'a>, active: Vec<usize>) -> Trace<'t, 'a> {
        Trace {
            tracer,
            active,
            out: Vec::new(),
            steps: 0,
            presence: false,
        }
    }

    pub(super) fn finish(mut self) -> Vec<Cause> {
        // Names are no cause beside another one.
        if self.out.iter().any(|cause| cause.kind != CauseKind::Naming) {
            self.out.retain(|cause| cause.kind != CauseKind::Naming);
        }
        self.out.sort_by(|a, b| a.key().cmp(&b.key()));
        self.out.dedup_by(|a, b| a.key() == b.key());
        self.out.truncate(MAX_CAUSES);
        self.out
    }

    pub(super) fn found(&self) -> usize {
        self.out.len()
    }

    pub(super) fn inspector(&self, at: usize) -> Option<&'t Inspector<'a>> {
        let environment = self.active.get(at)?;
        self.tracer.inspectors.get(*environment)?.as_ref()
    }

    /// One spot for each environment.
    pub(super) fn spots(&self, make: impl Fn(&Self, usize) -> Option<Spot<'a>>) -> Spots<'a> {
        (0..self.active.len()).map(|at| make(self, at)).collect()
    }

    pub(super) fn eval(&self, at: usize, spot: &Spot<'a>) -> Value {
        self.eval_in(at, spot, spot.expr)
    }

    /// The value of another expression in a spot's place.
    pub(super) fn eval_in(&self, at: usize, spot: &Spot<'a>, expr: &Expr) -> Value {
        let bound: Vec<(Arc<str>, Value)> = spot
            .bound
            .iter()
            .map(|binding| (binding.name.clone(), binding.value.clone()))
            .collect();
        match self.inspector(at) {
            Some(inspector) => inspector.eval(&spot.place, expr, &bound),
            None => Value::NULL,
        }
    }

    /// Whether values of the environments mean different things; nothing stands for what is not there.
    pub(super) fn differ(&self, values: &[Option<Value>]) -> bool {
        let there: Vec<bool> = values.iter().map(Option::is_some).collect();
        if self.presence && there.contains(&true) && there.contains(&false) {
            return true;
        }
        let mut slots = vec![Slot::Out; self.tracer.stacks.len()];
        for (environment, value) in self.active.iter().zip(values) {
            if let Some(slot) = slots.get_mut(*environment) {
                *slot = value.as_ref().map_or(Slot::Absent, Slot::Has);
            }
        }
        let mut comparison = Comparison::new(self.tracer.normaliser, false);
        comparison.values(&slots);
        !comparison.parts.is_empty()
    }

    /// By environment, for all of the report.
    pub(super) fn spread<T: Clone>(&self, nothing: T, values: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut out = vec![nothing; self.tracer.stacks.len()];
        for (environment, value) in self.active.iter().zip(values) {
            if let Some(slot) = out.get_mut(*environment) {
                *slot = value;
            }
        }
        out
    }

    pub(super) fn push(&mut self, cause: Cause) {
        self.out.push(cause);
    }

    /// Follows expressions to what differs; where a path leads nowhere, all of them.
    pub(super) fn enter(&mut self, spots: Spots<'a>, path: &[Seg]) {
        self.trace(spots.clone(), path, 0);
        if self.out.is_empty() && !path.is_empty() {
            self.trace(spots, &[], 0);
        }
    }

    pub(super) fn trace(&mut self, spots: Spots<'a>, path: &[Seg], depth: usize) {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS || self.out.len() >= MAX_CAUSES {
            return;
        }
        let values: Vec<Option<Value>> = spots
            .iter()
            .enumerate()
            .map(|(at, spot)| spot.as_ref().and_then(|spot| part(&self.eval(at, spot), path)))
            .collect();
        if !self.differ(&values) {
            return;
        }
        let Some(all) = spots
            .iter()
            .cloned()
            .map(|spot| spot.map(Spot::stripped))
            .collect::<Option<Vec<_>>>()
        else {
            return self.written(&spots, path, &values);
        };
        let Some(first) = all.first() else { return };
        let kind = std::mem::discriminant(&first.expr.kind);
        let before = self.out.len();
        if all
            .iter()
            .all(|spot| std::mem::discriminant(&spot.expr.kind) == kind)
        {
            self.alike(&all, path, depth + 1);
        }
        if self.out.len() == before {
            self.written(&spots, path, &values);
        }
    }

    /// Follows one part of each of several expressions of one kind.
    pub(super) fn parts(
        &mut self,
        all: &[Spot<'a>],
        path: &[Seg],
        depth: usize,
        pick: impl Fn(&'a ExprKind) -> Option<&'a Expr>,
    ) {
        let spots = all
            .iter()
            .map(|spot| Some(spot.with(pick(&spot.expr.kind)?)))
            .collect();
        self.trace(spots, path, depth);
    }

    fn alike(&mut self, all: &[Spot<'a>], path: &[Seg], depth: usize) {
        let Some(first) = all.first() else { return };
        match &first.expr.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => {}
            ExprKind::Template(parts) => self.template(all, parts.len(), depth),
            ExprKind::Traversal(..) => self.traversal(all, path, depth),
            ExprKind::Relative(_, steps) => {
                if self.indices(all, depth) {
                    return;
                }
                let mut whole = self.segs(0, first, steps);
                whole.extend_from_slice(path);
                self.parts(all, &whole, depth, |kind| match kind {
                    ExprKind::Relative(source, _) => Some(source),
                    _ => None,
                });
            }
            ExprKind::Splat { each, .. } => {
                let single = matches!(&first.expr.kind, ExprKind::Splat { source, .. }
                    if self.eval(0, &first.with(source)).as_items().is_none());
                let whole: Vec<Seg> = match path.split_first() {
                    // What is no list is spread as a list of itself.
                    Some((_, rest)) if single => self
                        .segs(0, first, each)
                        .into_iter()
                        .chain(rest.iter().cloned())
                        .collect(),
                    Some((index, rest)) => std::iter::once(index.clone())
                        .chain(self.segs(0, first, each))
                        .chain(rest.iter().cloned())
                        .collect(),
                    None => Vec::new(),
                };
                self.parts(all, &whole, depth, |kind| match kind {
                    ExprKind::Splat { source, .. } => Some(source),
                    _ => None,
                });
            }
            ExprKind::Call { .. } => self.call(all, path, depth),
            ExprKind::Tuple(items) => self.tuple(all, items.len(), path, depth),
            ExprKind::Object(_) => self.object(all, path, depth),
            ExprKind::For(_) => self.for_each(all, path, depth),
            ExprKind::Conditional(_) => self.conditional(all, path, depth),
            ExprKind::Unary(..) => self.parts(all, &[], depth, |kind| match kind {
                ExprKind::Unary(_, inner) => Some(inner),
                _ => None,
            }),
            ExprKind::Binary(..) => {
                for side in 0..2 {
                    self.parts(all, &[], depth, |kind| match kind {
                        ExprKind::Binary(operands, _) => {
                            Some(if side == 0 { &operands.0 } else { &operands.1 })
                        }
                        _ => None,
                    });
                }
            }
            ExprKind::Paren(_) => {}
        }
    }

    fn template(&mut self, all: &[Spot<'a>], length: usize, depth: usize) {
        fn exprs<'p>(part: &'p TemplatePart, out: &mut Vec<&'p Expr>) {
            match part {
                TemplatePart::Text(_) => {}
                TemplatePart::Interpolation(expr) => out.push(expr),
                TemplatePart::If { condition, yes, no } => {
                    out.push(condition);
                    yes.iter().chain(no).for_each(|part| exprs(part, out));
                }
                // What its body reads of the element is a part of the collection.
                TemplatePart::For { collection, .. } => out.push(collection),
            }
        }
        let lists: Vec<Vec<&'a Expr>> = all
            .iter()
            .map(|spot| {
                let mut out = Vec::new();
                if let ExprKind::Template(parts) = &spot.expr.kind {
                    parts.iter().for_each(|part| exprs(part, &mut out));
                }
                out
            })
            .collect();
        let alike = lists
            .iter()
            .map(Vec::len)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            == 1
            && all
                .iter()
                .all(|spot| matches!(&spot.expr.kind, ExprKind::Template(parts) if parts.len() == length));
        if !alike {
            return;
        }
        for at in 0..lists.first().map_or(0, Vec::len) {
            let spots = all
                .iter()
                .zip(&lists)
                .map(|(spot, list)| Some(spot.with(list.get(at)?)))
                .collect();
            self.trace(spots, &[], depth);
        }
    }

    fn tuple(&mut self, all: &[Spot<'a>], length: usize, path: &[Seg], depth: usize) {
        let pick = |at: usize| {
            move |kind: &'a ExprKind| match kind {
                ExprKind::Tuple(items) => items.get(at),
                _ => None,
            }
        };
        let alike = all
            .iter()
            .all(|spot| matches!(&spot.expr.kind, ExprKind::Tuple(items) if items.len() == length));
        match path.split_first() {
            Some((Seg::Index(at), rest)) if *at < length && alike => self.parts(all, rest, depth, pick(*at)),
            _ if alike => (0..length).for_each(|at| self.parts(all, &[], depth, pick(at))),
            _ => {}
        }
    }

    fn object(&mut self, all: &[Spot<'a>], path: &[Seg], depth: usize) {
        let Some((seg, rest)) = path.split_first() else {
            let mut names: Vec<Arc<str>> = Vec::new();
            for (at, spot) in all.iter().enumerate() {
                if let ExprKind::Object(items) = &spot.expr.kind {
                    for (key, _) in items {
                        names.extend(self.key(at, spot, key).filter(|name| !names.contains(name)));
                    }
                }
            }
            for name in names {
                self.object(all, &[Seg::Name(name)], depth);
            }
            return;
        };
        let Seg::Name(name) = seg else { return };
        let spots: Spots<'a> = all
            .iter()
            .enumerate()
            .map(|(at, spot)| {
                let ExprKind::Object(items) = &spot.expr.kind else {
                    return None;
                };
                let (_, value) = items
                    .iter()
                    .rev()
                    .find(|(key, _)| self.key(at, spot, key).as_ref() == Some(name))?;
                let mut inner = spot.with(value);
                inner.label = format!("{}.{name}", spot.label);
                Some(inner)
            })
            .collect();
        if spots.iter().any(Option::is_some) {
            self.trace(spots, rest, depth);
        }
    }

    /// The key of an object's item.
    fn key(&self, at: usize, spot: &Spot<'a>, key: &'a ObjectKey) -> Option<Arc<str>> {
        if let Some(text) = key_text(key) {
            return Some(text.into());
        }
        match key {
            ObjectKey::Expr(expr) => self.eval(at, &spot.with(expr)).as_shared_str().cloned(),
            ObjectKey::Name(name) => Some(name.name.clone()),
        }
    }

    fn conditional(&mut self, all: &[Spot<'a>], path: &[Seg], depth: usize) {
        let branch = |which: usize| {
            move |kind: &'a ExprKind| match kind {
                ExprKind::Conditional(parts) => parts.get(which),
                _ => None,
            }
        };
        let decisions: Vec<Option<bool>> = all
            .iter()
            .enumerate()
            .map(|(at, spot)| {
                let condition = branch(0)(&spot.expr.kind)?;
                self.eval(at, &spot.with(condition)).as_bool()
            })
            .collect();
        let decided = decisions.first().copied().flatten();
        match decided {
            Some(decision) if decisions.iter().all(|other| *other == decided) => {
                self.parts(all, path, depth, branch(if decision { 1 } else { 2 }));
            }
            _ => {
                let before = self.out.len();
                self.parts(all, &[], depth, branch(0));
                if self.out.len() == before {
                    self.parts(all, path, depth, branch(1));
                    self.parts(all, path, depth, branch(2));
                }
            }
        }
    }

    /// Follows what stands in brackets behind references, and says whether that differs.
    pub(super) fn indices(&mut self, all: &[Spot<'a>], depth: usize) -> bool {
        fn steps(kind: &ExprKind) -> &[Step] {
            match kind {
                ExprKind::Traversal(_, steps) | ExprKind::Relative(_, steps) => steps,
                _ => &[],
            }
        }
        let before = self.out.len();
        let count = all.first().map_or(0, |spot| steps(&spot.expr.kind).len());
        for number in 0..count {
            self.parts(all, &[], depth, |kind| match steps(kind).get(number) {
                Some(Step::Index(expr, _)) => Some(expr),
                _ => None,
            });
        }
        self.out.len() > before
    }

    /// The expressions themselves differ.
    pub(super) fn written(&mut self, spots: &[Option<Spot<'a>>], path: &[Seg], values: &[Option<Value>]) {
        let Some(label) = spots.iter().flatten().map(|spot| spot.label.clone()).min() else {
            return;
        };
        let places: Vec<_> = spots
            .iter()
            .zip(&self.active)
            .map(|(spot, environment)| {
                let span = super::narrow(spot.as_ref()?.expr, path);
                self.tracer.locate(*environment, span)
            })
            .collect();
        let held = values.iter().map(|value| match value {
            Some(value) => Held::Has(value.clone()),
            None => Held::Absent,
        });
        let whole: Option<Vec<Spot<'a>>> = spots.iter().cloned().collect();
        let kind = match whole.is_some_and(|all| self.only_names(&all)) {
            true => CauseKind::Naming,
            false => CauseKind::Written,
        };
        let cause = Cause {
            kind,
            name: label,
            places: self.spread(None, places),
            values: self.spread(Held::Out, held),
        };
        self.push(cause);
    }
}

/// The part of a value at a path: through texts that stand for a structure too. Of what is unknown every part is unknown.
pub(super) fn part(value: &Value, path: &[Seg]) -> Option<Value> {
    let Some((seg, rest)) = path.split_first() else {
        return Some(value.clone());
    };
    if let Some(unknown) = value.as_unknown() {
        return match &unknown.source {
            Some(source) => part(source, path),
            None => Some(value.clone()),
        };
    }
    if let Some(text) = value.as_str() {
        let structure = tf_model::plan::read_value(text).ok()?;
        return match structure.as_str() {
            Some(_) => None,
            None => part(&structure, path),
        };
    }
    match seg {
        Seg::Name(name) => part(value.get(name)?, rest),
        Seg::Index(at) => part(value.as_items()?.get(*at)?, rest),
    }
}
