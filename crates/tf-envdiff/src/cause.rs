//! Where a difference comes from: the variable, local value or literal that several environments have written differently.
//!
//! An expression is followed in all environments at once, and of all that it is made of only those parts whose values
//! differ, what names the environments aside. Of a conditional that decides alike everywhere only the branch that is taken is
//! followed; of one that decides differently, its condition.

mod body;
mod call;
mod each;
mod names;
mod naming;
mod trace;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use tf_lang::ast::{Expr, ExprKind, ObjectKey};
use tf_lang::{FileId, Span};
use tf_model::config::Inspector;
use tf_model::{Address, ModulePath};

use crate::environment::{Location, Stack};
use crate::normalise::Normaliser;
use crate::value::{Held, Path, Seg};

pub(crate) use body::key_seg;
use trace::{Spot, Trace};

/// What a cause is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum CauseKind {
    /// A variable of the root module.
    Variable,
    /// An expression, mostly a literal, that is written differently.
    Written,
    /// Nothing but what names the environments: a hash of a name, or a part of it that was cut off.
    Naming,
}

/// Why something differs.
#[derive(Clone, Debug)]
pub struct Cause {
    /// What it is.
    pub kind: CauseKind,
    /// Its name: `var.database.multi_az`, `local.name`, or what the expression is the value of.
    pub name: String,
    /// By environment: where it is written.
    pub places: Vec<Option<Location>>,
    /// By environment: what it is.
    pub values: Vec<Held>,
}

impl Cause {
    /// What makes two causes one.
    pub fn key(&self) -> (CauseKind, &str, &[Option<Location>]) {
        (self.kind, &self.name, &self.places)
    }

    /// The place to look at first: that of the environment which is alone with its value, whatever the order of the
    /// environments.
    pub fn place(&self) -> Option<&Location> {
        let texts: Vec<String> = self.values.iter().map(|held| format!("{held:?}")).collect();
        let rarity = |at: usize| texts.iter().filter(|text| Some(*text) == texts.get(at)).count();
        self.places
            .iter()
            .enumerate()
            .filter_map(|(at, place)| Some((rarity(at), place.as_ref()?)))
            .min()
            .map(|(_, place)| place)
    }
}

/// Expressions of files of values, by environment and where they are.
type Given = HashMap<(usize, Span), Option<Rc<Expr>>>;

/// Looks for causes in one stack of several environments.
pub(crate) struct Tracer<'a> {
    normaliser: &'a Normaliser,
    stacks: Vec<Option<&'a Stack>>,
    inspectors: Vec<Option<Inspector<'a>>>,
    /// All that comes of a variable asks for the same expression.
    given: RefCell<Given>,
}

impl<'a> Tracer<'a> {
    /// A tracer; environments without configurations have no inspector and no causes.
    pub(crate) fn new(
        normaliser: &'a Normaliser,
        stacks: Vec<Option<&'a Stack>>,
        inspectors: Vec<Option<Inspector<'a>>>,
    ) -> Tracer<'a> {
        Tracer {
            normaliser,
            stacks,
            inspectors,
            given: RefCell::default(),
        }
    }

    /// The environments that can be looked into, among those that a difference is about.
    fn active(&self, values: &[Held]) -> Vec<usize> {
        values
            .iter()
            .enumerate()
            .filter(|(at, held)| {
                !matches!(held, Held::Out) && self.inspectors.get(*at).is_some_and(Option::is_some)
            })
            .map(|(at, _)| at)
            .collect()
    }

    fn start(&self, values: &[Held]) -> Option<Trace<'_, 'a>> {
        let active = self.active(values);
        (active.len() > 1).then(|| Trace::new(self, active))
    }

    /// Why an attribute of a resource differs; its addresses by environment.
    pub(crate) fn attribute(
        &self,
        addresses: &[Option<&Address>],
        path: &Path,
        values: &[Held],
    ) -> Vec<Cause> {
        let Some(mut trace) = self.start(values) else {
            return Vec::new();
        };
        let bodies = trace.bodies(addresses);
        trace.attribute(&bodies, &path.0);
        trace.finish()
    }

    /// Why a block has other instances: its `count` or `for_each`, and of this the key, where one is missing.
    pub(crate) fn expansion(
        &self,
        module: &ModulePath,
        block: &BlockName,
        key: Option<Seg>,
        values: &[Held],
    ) -> Vec<Cause> {
        let Some(mut trace) = self.start(values) else {
            return Vec::new();
        };
        trace.expansion(module, block, key);
        trace.finish()
    }

    /// Why an output differs.
    pub(crate) fn output(&self, name: &str, path: &Path, values: &[Held]) -> Vec<Cause> {
        let Some(mut trace) = self.start(values) else {
            return Vec::new();
        };
        let spots = trace.spots(|trace, at| {
            let place = trace.inspector(at)?.root();
            let expr = &place.module().outputs.get(name)?.body.attribute("value")?.value;
            Some(Spot::new(place, expr, format!("output.{name}")))
        });
        trace.enter(spots, &path.0);
        trace.finish()
    }

    /// Where a variable of the root module differs.
    pub(crate) fn variable(&self, name: &str, path: &Path, values: &[Held]) -> Vec<Cause> {
        let Some(mut trace) = self.start(values) else {
            return Vec::new();
        };
        trace.root_variable(name, path.0.clone(), false);
        trace.finish()
    }

    /// Why an argument of a provider differs, by the spans of the blocks.
    pub(crate) fn provider(
        &self,
        blocks: &[Option<Span>],
        name: &str,
        path: &Path,
        values: &[Held],
    ) -> Vec<Cause> {
        let Some(mut trace) = self.start(values) else {
            return Vec::new();
        };
        let bodies = trace.provider_bodies(blocks, name);
        trace.attribute(&bodies, &path.0);
        trace.finish()
    }

    /// Where an argument of a `module` block is written that is not evaluated: `source` or `version`.
    pub(crate) fn module_argument(
        &self,
        outer: &ModulePath,
        call: &str,
        argument: &str,
        values: &[Held],
    ) -> Vec<Cause> {
        let places: Vec<Option<Location>> = (0..self.stacks.len())
            .map(|at| {
                let inspector = self.inspectors.get(at)?.as_ref()?;
                let module = inspector.module(outer)?;
                let block = module.module().calls.get(call)?;
                let span = block
                    .body
                    .attribute(argument)
                    .map_or(block.header, |attribute| attribute.span);
                self.locate(at, span)
            })
            .collect();
        if places.iter().all(Option::is_none) {
            return Vec::new();
        }
        vec![Cause {
            kind: CauseKind::Written,
            name: format!("module.{call}.{argument}"),
            places,
            values: values.to_vec(),
        }]
    }

    /// Whether an environment has a module instance; nothing where that cannot be told.
    pub(crate) fn has_module(&self, environment: usize, path: &ModulePath) -> Option<bool> {
        let inspector = self.inspectors.get(environment)?.as_ref()?;
        Some(inspector.module(path).is_some())
    }

    /// Where resources are declared that have several names.
    pub(crate) fn renamed(&self, addresses: &[Option<Address>]) -> Vec<Cause> {
        let blocks: Vec<_> = addresses
            .iter()
            .enumerate()
            .map(|(at, address)| {
                let address = address.as_ref()?;
                let inspector = self.inspectors.get(at)?.as_ref()?;
                let module = inspector.module(&address.module)?;
                let name = (address.mode, address.ty.clone(), address.name.clone());
                let block = module.module().resources.get(&name)?;
                Some((address.local(), self.locate(at, block.header)?))
            })
            .collect();
        let Some(name) = blocks.iter().flatten().map(|(name, _)| name.clone()).min() else {
            return Vec::new();
        };
        let values = blocks
            .iter()
            .map(|block| match block {
                Some((name, _)) => Held::Has(tf_lang::Value::from(name.as_str())),
                None => Held::Absent,
            })
            .collect();
        vec![Cause {
            kind: CauseKind::Written,
            name,
            places: blocks
                .into_iter()
                .map(|block| block.map(|(_, place)| place))
                .collect(),
            values,
        }]
    }

    /// The root module of an environment as declared.
    pub(crate) fn root_module(&self, environment: usize) -> Option<&'a tf_model::config::Module> {
        Some(self.inspectors.get(environment)?.as_ref()?.root().module())
    }

    /// The expression that a file of values has at a place, with spans from its own beginning.
    fn given(&self, environment: usize, span: Span) -> Option<Rc<Expr>> {
        let mut known = self.given.borrow_mut();
        let expr = known.entry((environment, span)).or_insert_with(|| {
            let stack = self.stacks.get(environment).copied().flatten()?;
            let text = stack.graph.sources.text(span);
            tf_lang::parse::parse_expr(FileId(0), text).ok().map(Rc::new)
        });
        expr.clone()
    }

    fn locate(&self, environment: usize, span: Span) -> Option<Location> {
        let stack = self.stacks.get(environment).copied().flatten()?;
        Some(stack.locate(span))
    }
}

/// A block that can be repeated.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum BlockName {
    /// `module "name"`
    Module(std::sync::Arc<str>),
    /// A resource: mode, type and name.
    Resource(tf_model::Mode, std::sync::Arc<str>, std::sync::Arc<str>),
}

/// The part of an expression that makes the part of its value at a path: with its key, for objects.
pub(crate) fn narrow(expr: &Expr, path: &[Seg]) -> Span {
    let mut expr = expr;
    let mut span = expr.span;
    for seg in path {
        while let ExprKind::Paren(inner) = &expr.kind {
            expr = inner;
        }
        let found = match (&expr.kind, seg) {
            (ExprKind::Object(items), Seg::Name(name)) => items
                .iter()
                .rev()
                .find(|(key, _)| key_text(key).is_some_and(|text| *text == **name))
                .map(|(key, value)| (key.span().to(value.span), value)),
            (ExprKind::Tuple(items), Seg::Index(at)) => items.get(*at).map(|item| (item.span, item)),
            _ => None,
        };
        let Some((place, inner)) = found else { return span };
        span = place;
        expr = inner;
    }
    span
}

/// The text of an object's key that is written as such.
pub(crate) fn key_text(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Name(name) => Some(&name.name),
        ObjectKey::Expr(expr) => match &expr.kind {
            ExprKind::String(text) => Some(text),
            _ => None,
        },
    }
}
