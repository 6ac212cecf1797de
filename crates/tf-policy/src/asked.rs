//! What expressions ask of a resource, and what was answered: of resources that answer alike the same is said. Of the thousands of
//! resources of a large plan most differ in names alone.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use tf_lang::Value;
use tf_lang::value::Kind;

use crate::both::Worlds;
use crate::view::View;

/// Results that are kept for a type and an expression.
const MOST: usize = 4;

/// All that an expression asked of its resource, with the answers. It asked nothing else.
#[derive(Debug, Default)]
pub struct Asked {
    attributes: Vec<(Arc<str>, Value)>,
    /// Types of which nothing is tied to it, as `linked` was given them.
    unlinked: Vec<Vec<Value>>,
}

impl Asked {
    /// Whether another resource answers the same.
    pub fn holds(&self, view: &View<'_, '_>, handle: u32) -> bool {
        let mut attributes = self.attributes.iter();
        attributes.all(|(name, value)| view.attribute(handle, name).is_same(value))
            && self.unlinked.iter().all(|types| view.has_no(handle, types))
    }

    /// Whether a resource of the later of two worlds answers the same in the other.
    pub fn stays(&self, worlds: &Worlds<'_>, handle: u32) -> bool {
        self.attributes.iter().all(|(name, _)| worlds.stays(handle, name))
            && self.unlinked.iter().all(|types| {
                let first = [Value::handle(handle)];
                let args: Vec<Value> = first.into_iter().chain(types.iter().cloned()).collect();
                worlds.links_stay(&args, &Value::tuple(Vec::new()))
            })
    }
}

/// Writes down what is asked of a resource while an expression is evaluated, until it asks for something that is not the resource's
/// own or is not wholly known.
#[derive(Debug)]
pub struct Trace {
    subject: u32,
    asked: RefCell<Option<Asked>>,
}

impl Trace {
    /// Of a resource.
    pub fn of(subject: u32) -> Trace {
        Trace {
            subject,
            asked: RefCell::new(Some(Asked::default())),
        }
    }

    /// Of nothing: nothing is written down.
    pub fn off() -> Trace {
        Trace {
            subject: u32::MAX,
            asked: RefCell::new(None),
        }
    }

    /// An attribute was read.
    pub fn attribute(&self, handle: u32, name: &str, value: &Value) {
        let mut asked = self.asked.borrow_mut();
        let Some(own) = asked.as_mut() else { return };
        if handle != self.subject || !value.tells_all() {
            *asked = None;
        } else if !own.attributes.iter().any(|(known, _)| **known == *name) {
            own.attributes.push((name.into(), value.clone()));
        }
    }

    /// `linked` was called.
    pub fn linked(&self, args: &[Value], linked: &Value) {
        let mut asked = self.asked.borrow_mut();
        let Some(own) = asked.as_mut() else { return };
        match args {
            [first, types @ ..]
                if matches!(first.kind(), Kind::Handle(handle) if *handle == self.subject)
                    && linked.as_items().is_some_and(<[Value]>::is_empty) =>
            {
                own.unlinked.push(types.to_vec());
            }
            _ => *asked = None,
        }
    }

    /// Something else was asked.
    pub fn other(&self) {
        *self.asked.borrow_mut() = None;
    }

    /// What was asked, if it was of the resource alone.
    pub fn take(&self) -> Option<Asked> {
        self.asked.borrow_mut().take()
    }
}

/// What was last found of resources of a type by an expression.
#[derive(Debug)]
pub struct Recent<T>(Vec<(Asked, T)>);

impl<T> Default for Recent<T> {
    fn default() -> Recent<T> {
        Recent(Vec::new())
    }
}

impl<T> Recent<T> {
    /// What was found of a resource that answers as this one does, and `fits`.
    pub fn find(
        &mut self,
        view: &View<'_, '_>,
        handle: u32,
        fits: impl Fn(&T) -> bool,
    ) -> Option<&(Asked, T)> {
        let at = self
            .0
            .iter()
            .position(|(asked, found)| fits(found) && asked.holds(view, handle))?;
        // Resources that are alike follow each other.
        self.0.swap(0, at);
        self.0.first()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Keeps what was found, instead of what was found longest ago.
    pub fn keep(&mut self, asked: Asked, found: T) {
        self.0.truncate(MOST - 1);
        self.0.insert(0, (asked, found));
    }
}

/// What was last found, by type.
#[derive(Debug)]
pub struct Found<T>(HashMap<Arc<str>, OfType<T>>);

impl<T> Default for Found<T> {
    fn default() -> Found<T> {
        Found(HashMap::new())
    }
}

impl<T> Found<T> {
    /// Of a type.
    pub fn of(&mut self, ty: &Arc<str>) -> &mut OfType<T> {
        self.0.entry(ty.clone()).or_default()
    }
}

/// What was last found of resources of a type, by the expression's place among those of the type.
#[derive(Debug)]
pub struct OfType<T>(Vec<Recent<T>>);

impl<T> Default for OfType<T> {
    fn default() -> OfType<T> {
        OfType(Vec::new())
    }
}

impl<T> OfType<T> {
    /// By an expression.
    pub fn at(&mut self, place: usize) -> &mut Recent<T> {
        if self.0.len() <= place {
            self.0.resize_with(place + 1, Recent::default);
        }
        &mut self.0[place]
    }
}
