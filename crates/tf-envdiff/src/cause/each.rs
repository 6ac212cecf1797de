//! `for`: which element of the collection a part of the result comes from.

use std::rc::Rc;

use tf_lang::Value;
use tf_lang::ast::{Expr, ExprKind, ForExpr};
use tf_lang::eval::elements;

use super::body::seg_of;
use super::trace::{Binding, Role, Spot, Spots, Trace};
use crate::value::Seg;

/// Elements that are looked at where no one of them is asked for.
const MAX_ELEMENTS: usize = 60;

/// One pass of a `for`.
#[derive(Clone)]
struct Pass<'p> {
    key: Value,
    seg: Option<Seg>,
    bound: Vec<Binding<'p>>,
}

fn form<'p>(spot: &Spot<'p>) -> Option<&'p ForExpr> {
    match &spot.expr.kind {
        ExprKind::For(form) => Some(form),
        _ => None,
    }
}

impl<'a> Trace<'_, 'a> {
    pub(super) fn for_each(&mut self, all: &[Spot<'a>], path: &[Seg], depth: usize) {
        let passes: Vec<Vec<Pass<'a>>> = all
            .iter()
            .enumerate()
            .map(|(at, spot)| self.passes(at, spot))
            .collect();
        match path.split_first() {
            Some((seg, rest)) => {
                // In lists of several lengths a place means nothing: what not all have is what differs.
                if matches!(seg, Seg::Index(_)) && self.unshared(all, &passes, depth) {
                    return;
                }
                let found: Vec<Option<Pass<'a>>> = all
                    .iter()
                    .enumerate()
                    .map(|(at, spot)| self.pass_of(at, spot, passes.get(at)?, seg))
                    .collect();
                if found.iter().all(Option::is_none) {
                    return self.collection(all, &[], depth);
                }
                let grouped = all
                    .first()
                    .and_then(|spot| form(spot))
                    .is_some_and(|form| form.group);
                let rest = if grouped { &[] } else { rest };
                // One place may be another element's in each environment.
                let mut distinct: Vec<Pass<'a>> = Vec::new();
                for pass in found.into_iter().flatten() {
                    if !distinct.iter().any(|other| other.key == pass.key) {
                        distinct.push(pass);
                    }
                }
                for pass in distinct {
                    self.pass(all, &passes, &pass, rest, depth);
                }
            }
            None => {
                let mut keys: Vec<Pass<'a>> = Vec::new();
                for pass in passes.iter().flatten() {
                    if keys.len() < MAX_ELEMENTS && !keys.iter().any(|other| other.key == pass.key) {
                        keys.push(pass.clone());
                    }
                }
                for pass in keys {
                    self.pass(all, &passes, &pass, &[], depth);
                }
            }
        }
    }

    /// Follows the collection to the elements that are not in it everywhere, and says whether there are any.
    fn unshared(&mut self, all: &[Spot<'a>], passes: &[Vec<Pass<'a>>], depth: usize) -> bool {
        let before = self.found();
        for pass in passes.iter().flatten().take(MAX_ELEMENTS) {
            let everywhere = passes
                .iter()
                .all(|list| list.iter().any(|other| other.key == pass.key));
            if !everywhere {
                let path: Vec<Seg> = pass.seg.iter().cloned().collect();
                self.collection(all, &path, depth);
            }
        }
        self.found() > before
    }

    /// Follows one pass: the collection where it is not made everywhere, else its condition, key and value.
    fn pass(
        &mut self,
        all: &[Spot<'a>],
        passes: &[Vec<Pass<'a>>],
        pass: &Pass<'a>,
        path: &[Seg],
        depth: usize,
    ) {
        let same: Vec<Option<&Pass<'a>>> = passes
            .iter()
            .map(|list| list.iter().find(|other| other.key == pass.key))
            .collect();
        if same.iter().any(Option::is_none) {
            let path: Vec<Seg> = pass.seg.iter().cloned().collect();
            return self.collection(all, &path, depth);
        }
        let part = |pick: fn(&'a ForExpr) -> Option<&'a Expr>| -> Spots<'a> {
            all.iter()
                .zip(&same)
                .map(|(spot, pass)| {
                    let mut inner = spot.with(pick(form(spot)?)?);
                    inner.bound.extend(pass.as_ref()?.bound.iter().cloned());
                    Some(inner)
                })
                .collect()
        };
        let has = |spots: &Spots<'a>| spots.iter().any(Option::is_some);
        for spots in [
            part(|form| form.condition.as_ref()),
            part(|form| form.key.as_ref()),
        ] {
            if has(&spots) {
                let before = self.found();
                self.trace(spots, &[], depth);
                if self.found() > before {
                    return;
                }
            }
        }
        self.trace(part(|form| Some(&form.value)), path, depth);
    }

    fn collection(&mut self, all: &[Spot<'a>], path: &[Seg], depth: usize) {
        self.parts(all, path, depth, |kind| match kind {
            ExprKind::For(form) => Some(&form.collection),
            _ => None,
        });
    }

    fn passes(&self, at: usize, spot: &Spot<'a>) -> Vec<Pass<'a>> {
        let Some(form) = form(spot) else { return Vec::new() };
        let source = spot.with(&form.collection);
        let (collection, marks) = self.eval(at, &source).unmark();
        let source = Rc::new(source);
        let made = elements(&collection)
            .unwrap_or_default()
            .into_iter()
            .map(|(key, value)| {
                let seg = seg_of(&collection, &key);
                let mut bound = Vec::new();
                if let Some(name) = &form.key_var {
                    bound.push(Binding {
                        name: name.name.clone(),
                        value: key.clone().with_marks(marks),
                        role: Role::Key,
                        source: source.clone(),
                        seg: seg.clone(),
                    });
                }
                bound.push(Binding {
                    name: form.value_var.name.clone(),
                    value: value.with_marks(marks),
                    role: Role::Element,
                    source: source.clone(),
                    seg: seg.clone(),
                });
                Pass { key, seg, bound }
            });
        made.collect()
    }

    /// The pass that makes a part of the result.
    fn pass_of(&self, at: usize, spot: &Spot<'a>, passes: &[Pass<'a>], seg: &Seg) -> Option<Pass<'a>> {
        let form = form(spot)?;
        let eval = |pass: &Pass<'a>, expr: &'a Expr| {
            let mut inner = spot.with(expr);
            inner.bound.extend(pass.bound.iter().cloned());
            self.eval(at, &inner)
        };
        let kept = |pass: &&Pass<'a>| {
            form.condition
                .as_ref()
                .is_none_or(|condition| eval(pass, condition).as_bool() != Some(false))
        };
        match (seg, &form.key) {
            (Seg::Name(name), Some(key)) => passes
                .iter()
                .find(|pass| eval(pass, key).as_str() == Some(&**name))
                .cloned(),
            (Seg::Index(index), None) => passes.iter().filter(kept).nth(*index).cloned(),
            _ => None,
        }
    }
}
