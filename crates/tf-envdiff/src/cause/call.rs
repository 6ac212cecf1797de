//! Calls of functions: which arguments a part of the result comes from.

use tf_lang::Value;
use tf_lang::ast::{Expr, ExprKind};

use super::trace::{Spot, Trace, part};
use crate::value::Seg;

/// Functions whose result has the parts of their first argument.
const SAME: [&str; 9] = [
    "tolist",
    "tomap",
    "tostring",
    "tonumber",
    "tobool",
    "sensitive",
    "nonsensitive",
    "jsonencode",
    "try",
];

fn args<'p>(spot: &Spot<'p>) -> (&'p str, &'p [Expr]) {
    match &spot.expr.kind {
        ExprKind::Call { name, args, .. } => (name.name.trim_start_matches("core::"), args),
        _ => ("", &[]),
    }
}

fn arg<'p>(at: usize) -> impl Fn(&'p ExprKind) -> Option<&'p Expr> {
    move |kind| match kind {
        ExprKind::Call { args, .. } => args.get(at),
        _ => None,
    }
}

impl<'a> Trace<'_, 'a> {
    pub(super) fn call(&mut self, all: &[Spot<'a>], path: &[Seg], depth: usize) {
        let Some((name, count)) = all.first().map(|spot| (args(spot).0, args(spot).1.len())) else {
            return;
        };
        if !all
            .iter()
            .all(|spot| args(spot).0 == name && args(spot).1.len() == count)
        {
            return;
        }
        let before = self.found();
        match (name, path.split_first()) {
            ("merge", Some(_)) => {
                for at in self.not_overridden(all, path, count) {
                    self.parts(all, path, depth, arg(at));
                }
            }
            ("concat", Some((Seg::Index(index), rest))) => {
                if let Some((at, inner)) = self.concatenated(all, *index, count) {
                    let path: Vec<Seg> = std::iter::once(Seg::Index(inner))
                        .chain(rest.iter().cloned())
                        .collect();
                    self.parts(all, &path, depth, arg(at));
                }
            }
            ("lookup", _) => {
                self.parts(all, &[], depth, arg(1));
                let whole = self.looked_up(all, path);
                self.parts(all, &whole, depth, arg(0));
                self.parts(all, path, depth, arg(2));
            }
            ("one", Some(_)) => {
                let whole: Vec<Seg> = std::iter::once(Seg::Index(0))
                    .chain(path.iter().cloned())
                    .collect();
                self.parts(all, &whole, depth, arg(0));
            }
            ("coalesce" | "coalescelist", _) => {
                (0..count).for_each(|at| self.parts(all, path, depth, arg(at)))
            }
            (name, Some(_)) if SAME.contains(&name) => {
                (0..count).for_each(|at| self.parts(all, path, depth, arg(at)));
            }
            _ => {}
        }
        if self.found() == before {
            (0..count).for_each(|at| self.parts(all, &[], depth, arg(at)));
        }
    }

    /// The arguments of `merge` from which a part may come: those behind which none has it in every environment.
    fn not_overridden(&self, all: &[Spot<'a>], path: &[Seg], count: usize) -> Vec<usize> {
        let mut out = Vec::new();
        for at in (0..count).rev() {
            out.push(at);
            let has = |(environment, spot): (usize, &Spot<'a>)| {
                let value = args(spot)
                    .1
                    .get(at)
                    .map(|expr| self.eval(environment, &spot.with(expr)));
                value.is_some_and(|value| {
                    path.first()
                        .is_some_and(|first| part(&value, std::slice::from_ref(first)).is_some())
                })
            };
            if all.iter().enumerate().all(has) {
                break;
            }
        }
        out.reverse();
        out
    }

    /// The argument of `concat` that an element comes from, and its place there; where that is the same everywhere.
    fn concatenated(&self, all: &[Spot<'a>], index: usize, count: usize) -> Option<(usize, usize)> {
        let found: Vec<Option<(usize, usize)>> = all
            .iter()
            .enumerate()
            .map(|(environment, spot)| {
                let mut left = index;
                for at in 0..count {
                    let value: Value = self.eval(environment, &spot.with(args(spot).1.get(at)?));
                    let length = value.as_items()?.len();
                    if left < length {
                        return Some((at, left));
                    }
                    left -= length;
                }
                None
            })
            .collect();
        let first = found.first().copied().flatten()?;
        found.iter().all(|other| *other == Some(first)).then_some(first)
    }

    fn looked_up(&self, all: &[Spot<'a>], path: &[Seg]) -> Vec<Seg> {
        let key = all.first().and_then(|spot| {
            let expr = args(spot).1.get(1)?;
            self.eval(0, &spot.with(expr)).as_shared_str().cloned()
        });
        match key {
            Some(key) => std::iter::once(Seg::Name(key))
                .chain(path.iter().cloned())
                .collect(),
            None => Vec::new(),
        }
    }
}
