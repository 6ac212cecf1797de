//! Asking a root module what its expressions stand for, one at a time: for those who look for where a value comes from.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::{Block, Expr};
use tf_lang::{Span, Value};

use super::Session;
use super::expand::Children;
use super::instance::Instance;
use super::resolve::{Context, Repetition};
use crate::address::{Key, Mode, ModulePath};
use crate::config::inputs::Given;
use crate::config::{Module, Project};

/// A root module whose expressions can be asked for. What has been evaluated is remembered.
pub struct Inspector<'p> {
    session: Session<'p>,
    root: Rc<Instance<'p>>,
}

/// Where an expression stands: in an instance of a module, and inside a block that is repeated in one of its
/// repetitions.
#[derive(Clone)]
pub struct Place<'p> {
    instance: Rc<Instance<'p>>,
    repetition: Repetition,
    repeated_by: Option<&'p Block>,
}

impl<'p> Place<'p> {
    /// The module as declared.
    pub fn module(&self) -> &'p Module {
        self.instance.module
    }

    /// The module instance.
    pub fn path(&self) -> &ModulePath {
        &self.instance.path
    }

    /// The block whose `count` or `for_each` says what `count` and `each` are here.
    pub fn repeated_by(&self) -> Option<&'p Block> {
        self.repeated_by
    }

    /// The place outside of the block that is repeated.
    pub fn outside(&self) -> Place<'p> {
        Place {
            instance: self.instance.clone(),
            repetition: Repetition::None,
            repeated_by: None,
        }
    }

    /// The block that calls this module, and the place of its arguments; nothing for the root module.
    pub fn caller(&self) -> Option<(Place<'p>, &'p Block)> {
        let caller = self.instance.caller.as_ref()?;
        let place = Place {
            instance: caller.instance.clone(),
            repetition: caller.repetition.clone(),
            repeated_by: Some(caller.block),
        };
        Some((place, caller.block))
    }
}

impl Project {
    /// Looks into a root module. Deep configurations need a deep stack: see [`crate::config::STACK`].
    pub fn inspect(&self, root: &PathBuf) -> Option<Inspector<'_>> {
        let session = Session::new(self, root, self.given_values(root), &self.workspace);
        let root = session.root(root)?;
        Some(Inspector { session, root })
    }
}

impl<'p> Inspector<'p> {
    /// The root module.
    pub fn root(&self) -> Place<'p> {
        Place {
            instance: self.root.clone(),
            repetition: Repetition::None,
            repeated_by: None,
        }
    }

    /// The module instance of a path.
    pub fn module(&self, path: &ModulePath) -> Option<Place<'p>> {
        path.0.iter().try_fold(self.root(), |place, step| {
            self.child(&place, &step.name, step.key.as_ref())
        })
    }

    /// A module that is called in a place.
    pub fn child(&self, place: &Place<'p>, name: &Arc<str>, key: Option<&Key>) -> Option<Place<'p>> {
        let children = self.session.children(&place.instance, name)?;
        let Children::Instances(_, instances) = &*children else {
            return None;
        };
        let (_, instance) = instances.iter().find(|(other, _)| other.as_ref() == key)?;
        Some(Place {
            instance: instance.clone(),
            repetition: Repetition::None,
            repeated_by: None,
        })
    }

    /// The block that declares a resource in a place's module, and the place of the arguments of one of its instances.
    pub fn resource(
        &self,
        place: &Place<'p>,
        name: &(Mode, Arc<str>, Arc<str>),
        key: Option<&Key>,
    ) -> Option<(Place<'p>, &'p Block)> {
        let block: &'p Arc<Block> = place.instance.module.resources.get(name)?;
        let expansion = self.session.expansion(&place.instance, name, block);
        let inside = Place {
            instance: place.instance.clone(),
            repetition: expansion.repetition(&key.cloned())?,
            repeated_by: Some(block),
        };
        Some((inside, block))
    }

    /// The value of an expression in a place, with names that `for` or `dynamic` bind around it. What is wrong with it
    /// is unknown.
    pub fn eval(&self, place: &Place<'p>, expr: &Expr, bound: &[(Arc<str>, Value)]) -> Value {
        let context = Context::new(&self.session, &place.instance).with_repetition(place.repetition.clone());
        let context = bound.iter().fold(context, |context, (name, value)| {
            context.bind(name.clone(), value.clone())
        });
        self.session.eval(&context, expr)
    }

    /// Where the value of a variable of the root module is written, where that is in a file.
    pub fn given(&self, name: &str) -> Option<Span> {
        match self.session.given.values.get(name)? {
            Given::Value(_, span) => *span,
            Given::Text(..) => None,
        }
    }

    /// Whether a variable of the root module has been given a value.
    pub fn is_given(&self, name: &str) -> bool {
        self.session.given.values.contains_key(name)
    }
}

impl Project {
    /// Gives a root module the values that another one's variables have been given.
    pub fn take_variables(&mut self, root: &Path, other: &Project, from: &Path) {
        let mut given = other.given_values(from);
        for value in given.values.values_mut() {
            // Places are those of the other project's sources.
            if let Given::Value(_, span) = value {
                *span = None;
            }
        }
        given.diagnostics.clear();
        self.given.insert(root.to_path_buf(), given);
    }
}
