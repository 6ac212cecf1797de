//! Values: what expressions evaluate to.
//!
//! As in Terraform every value has a type, may be null, may be *unknown*, and may be marked sensitive or
//! ephemeral. An unknown says why it is unknown ([`Reason`]), so that whoever meets it can tell a person.
//!
//! Containers are shared, never copied, and know their weight (how many leaves a traversal would visit):
//! a configuration that doubles a list sixty times costs nothing until somebody wants to print it, and the
//! evaluator refuses it by its weight.

mod bounds;
mod equality;
mod make;
mod marks;
mod reason;

use std::cmp::Ordering;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::number::Number;
use crate::types::{ObjectAttr, Type};

pub use bounds::{Bound, Bounds};
pub use marks::Marks;
pub use reason::Reason;

/// How many reasons an unknown keeps: enough to act upon, few enough to read.
const MAX_REASONS: usize = 4;

/// A value that will be known later.
#[derive(Clone, PartialEq, Debug)]
pub struct Unknown {
    /// The type, as far as it is known.
    pub ty: Type,
    /// Whether it is certain not to be null.
    pub not_null: bool,
    /// Strings: what it is certain to begin with.
    pub prefix: Option<Arc<str>>,
    /// Numbers: between which others it is certain to be. Collections: the same of how many elements it has.
    pub bounds: Option<Arc<Bounds>>,
    /// Texts made of a structure that is known in part: the structure. A document whose `Resource` is known
    /// only after apply can still be judged by its `Action`.
    pub source: Option<Arc<Value>>,
    /// Whether it is the very value that its only reason names, not one that was made of that.
    pub exact: bool,
    /// Why it is unknown; in order, without doubles, at most a handful.
    pub reasons: Arc<[Reason]>,
}

/// A value.
#[derive(Clone, Debug)]
pub struct Value {
    kind: Kind,
    marks: Marks,
}

/// What a value is, marks aside.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `null` of a type.
    Null(Type),
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string in Unicode normal form C.
    String(Arc<str>),
    /// A list of elements of one type.
    List(Type, Arc<Items>),
    /// A set of elements of one type, in Terraform's order.
    Set(Type, Arc<Items>),
    /// A sequence of elements with types of their own.
    Tuple(Arc<Items>),
    /// A map with values of one type.
    Map(Type, Arc<Entries>),
    /// An object.
    Object(Arc<Entries>),
    /// Known later.
    Unknown(Arc<Unknown>),
    /// A type as a value.
    Type(Type),
    /// Something that the scope looks after: a policy's view of a resource. Its attributes are asked of the
    /// scope, so that nothing is copied which no policy reads.
    Handle(u32),
}

/// What is true of anything inside a container.
#[derive(Clone, Copy, Default, Debug)]
struct Inside {
    weight: u64,
    unknown: bool,
    /// Whether an object may have attributes beside those at hand.
    open: bool,
    marks: Marks,
}

impl Inside {
    fn of<'a>(values: impl Iterator<Item = &'a Value>) -> Inside {
        let mut inside = Inside {
            weight: 1,
            ..Inside::default()
        };
        for value in values {
            let part = value.inside();
            inside.weight = inside.weight.saturating_add(part.weight);
            inside.unknown |= part.unknown;
            inside.open |= part.open;
            inside.marks = inside.marks.union(part.marks).union(value.marks);
        }
        inside
    }
}

/// Elements of a list, set or tuple.
#[derive(Debug)]
pub struct Items {
    values: Vec<Value>,
    inside: Inside,
}

impl Items {
    fn new(values: Vec<Value>) -> Arc<Items> {
        let inside = Inside::of(values.iter());
        Arc::new(Items { values, inside })
    }
}

impl std::ops::Deref for Items {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.values
    }
}

/// A key of two maps or objects, with its values in them.
pub type Beside<'a> = (&'a Arc<str>, Option<&'a Value>, Option<&'a Value>);

/// Entries of a map or object, in order of their keys.
#[derive(Debug)]
pub struct Entries {
    entries: Vec<(Arc<str>, Value)>,
    inside: Inside,
    beyond: Option<Reason>,
}

impl Entries {
    fn new(entries: Vec<(Arc<str>, Value)>, beyond: Option<Reason>) -> Arc<Entries> {
        let mut inside = Inside::of(entries.iter().map(|(_, value)| value));
        inside.open |= beyond.is_some();
        Arc::new(Entries {
            entries,
            inside,
            beyond,
        })
    }

    /// Where the object may have attributes beside these: why they are not known, see [`Value::open`].
    pub fn beyond(&self) -> Option<&Reason> {
        self.beyond.as_ref()
    }

    /// The entries of this and of another one, by their keys and in their order: in which of them the key is, and its values there.
    pub fn beside<'a>(&'a self, other: &'a Entries) -> impl Iterator<Item = Beside<'a>> {
        let (mut own, mut others) = (self.entries.iter().peekable(), other.entries.iter().peekable());
        std::iter::from_fn(move || {
            let order = match (own.peek(), others.peek()) {
                (Some((a, _)), Some((b, _))) if Arc::ptr_eq(a, b) => Ordering::Equal,
                (Some((a, _)), Some((b, _))) => a.cmp(b),
                (Some(_), None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            let one = if order.is_le() { own.next() } else { None };
            let two = if order.is_ge() { others.next() } else { None };
            let (key, _) = one.or(two)?;
            Some((key, one.map(|(_, value)| value), two.map(|(_, value)| value)))
        })
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries
            .binary_search_by(|(name, _)| (**name).cmp(key))
            .ok()
            .and_then(|at| self.entries.get(at))
            .map(|(_, value)| value)
    }
}

impl std::ops::Deref for Entries {
    type Target = [(Arc<str>, Value)];

    fn deref(&self) -> &[(Arc<str>, Value)] {
        &self.entries
    }
}

/// The string in Unicode normal form C, as all of Terraform's strings are.
pub fn normalise(text: &str) -> Arc<str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Arc::from(text)
    } else {
        text.nfc().collect::<String>().into()
    }
}

/// Reading.
impl Value {
    /// What it is, marks aside.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The marks of the value itself, not of what is inside it.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// The marks of the value and of all inside it.
    pub fn marks_deep(&self) -> Marks {
        self.marks.union(self.inside().marks)
    }

    /// Whether it, or anything inside it, must not be shown.
    pub fn has_sensitive(&self) -> bool {
        self.marks_deep().contains(Marks::SENSITIVE)
    }

    fn inside(&self) -> Inside {
        match &self.kind {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items.inside,
            Kind::Map(_, entries) | Kind::Object(entries) => entries.inside,
            Kind::Unknown(_) => Inside {
                weight: 1,
                unknown: true,
                ..Inside::default()
            },
            Kind::String(text) => Inside {
                weight: 1 + text.len() as u64 / 64,
                ..Inside::default()
            },
            _ => Inside {
                weight: 1,
                ..Inside::default()
            },
        }
    }

    /// How many leaves a traversal visits; long strings count for more than one.
    pub fn weight(&self) -> u64 {
        self.inside().weight
    }

    /// Whether it is known itself; parts of it may be unknown.
    pub fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown(_))
    }

    /// Whether it and everything inside it is known.
    pub fn is_wholly_known(&self) -> bool {
        !self.inside().unknown
    }

    /// Whether it is known to be null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// The unknown, if it is one.
    pub fn as_unknown(&self) -> Option<&Unknown> {
        match &self.kind {
            Kind::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// The boolean, if it is a known one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The number, if it is a known one.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The string, if it is a known one.
    pub fn as_str(&self) -> Option<&str> {
        self.as_shared_str().map(|text| &**text)
    }

    /// The string for sharing, if it is a known one.
    pub fn as_shared_str(&self) -> Option<&Arc<str>> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list, set or tuple.
    pub fn as_items(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map or object.
    pub fn as_entries(&self) -> Option<&Entries> {
        match &self.kind {
            Kind::Map(_, entries) | Kind::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a map's or object's key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_entries().and_then(|entries| entries.get(key))
    }

    /// Elements, or values of entries in order of their keys; nothing for anything else.
    pub fn children(&self) -> impl Iterator<Item = &Value> {
        let (items, entries): (&[Value], &[(Arc<str>, Value)]) = match &self.kind {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => (items, &[]),
            Kind::Map(_, entries) | Kind::Object(entries) => (&[], entries),
            _ => (&[], &[]),
        };
        items.iter().chain(entries.iter().map(|(_, value)| value))
    }

    /// The type.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Null(ty) => ty.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(element, _) => Type::list(element.clone()),
            Kind::Set(element, _) => Type::set(element.clone()),
            Kind::Map(element, _) => Type::map(element.clone()),
            Kind::Tuple(items) => Type::tuple(items.iter().map(Value::ty)),
            Kind::Object(entries) => Type::Object(
                entries
                    .iter()
                    .map(|(name, value)| ObjectAttr {
                        name: name.clone(),
                        ty: value.ty(),
                        optional: false,
                    })
                    .collect(),
            ),
            Kind::Unknown(unknown) => unknown.ty.clone(),
            Kind::Type(_) => Type::Type,
            Kind::Handle(_) => Type::Any,
        }
    }

    /// Why it, or the first parts of it, are unknown.
    pub fn reasons(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        self.collect_reasons(&mut reasons);
        reasons
    }

    fn collect_reasons(&self, reasons: &mut Vec<Reason>) {
        if let Kind::Unknown(unknown) = &self.kind {
            for reason in unknown.reasons.iter() {
                if reasons.len() < MAX_REASONS && !reasons.contains(reason) {
                    reasons.push(reason.clone());
                }
            }
        } else if self.inside().unknown {
            for child in self.children() {
                if reasons.len() >= MAX_REASONS {
                    return;
                }
                child.collect_reasons(reasons);
            }
        }
    }
}

/// Deriving one value from another.
impl Value {
    /// The value without its own marks, and those.
    pub fn unmark(mut self) -> (Value, Marks) {
        let marks = std::mem::take(&mut self.marks);
        (self, marks)
    }

    /// The value without any mark on it or inside it, and all those.
    pub fn unmark_deep(self) -> (Value, Marks) {
        let all = self.marks_deep();
        if all.is_empty() {
            return (self, all);
        }
        (
            self.map_deep(&mut |mut value| {
                value.marks = Marks::NONE;
                value
            }),
            all,
        )
    }

    /// Rebuilds the value from the leaves upwards; `change` gets every node after its children.
    pub fn map_deep(self, change: &mut dyn FnMut(Value) -> Value) -> Value {
        let marks = self.marks;
        let kind = match self.kind {
            Kind::List(ty, items) => Kind::List(ty, map_items(&items, change)),
            Kind::Set(ty, items) => Kind::Set(ty, map_items(&items, change)),
            Kind::Tuple(items) => Kind::Tuple(map_items(&items, change)),
            Kind::Map(ty, entries) => Kind::Map(ty, map_entries(&entries, change)),
            Kind::Object(entries) => Kind::Object(map_entries(&entries, change)),
            other => other,
        };
        change(Value { kind, marks })
    }

    /// Whether both are one container or text in memory, with the same marks: then nothing that is asked of them differs. Of equal ones
    /// that were made apart it says no.
    pub fn is_one_with(&self, other: &Value) -> bool {
        let one = match (&self.kind, &other.kind) {
            (Kind::String(a), Kind::String(b)) => Arc::ptr_eq(a, b),
            (Kind::List(_, a), Kind::List(_, b))
            | (Kind::Set(_, a), Kind::Set(_, b))
            | (Kind::Tuple(a), Kind::Tuple(b)) => Arc::ptr_eq(a, b),
            (Kind::Map(_, a), Kind::Map(_, b)) | (Kind::Object(a), Kind::Object(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        one && self.marks == other.marks
    }

    /// Whether nothing that is asked of the two differs: they are wholly known and equal, marks included, or one in memory.
    pub fn is_same(&self, other: &Value) -> bool {
        self.is_one_with(other) || (self.tells_all() && other.tells_all() && self == other)
    }

    /// Whether it is wholly known, and no object in it may have more attributes than those at hand.
    pub fn tells_all(&self) -> bool {
        let inside = self.inside();
        !inside.unknown && !inside.open
    }

    /// This object with the names and values that another one has too taken from there, so that both share them.
    pub fn sharing(self, other: &Value) -> Value {
        let (Kind::Object(own), Some(others)) = (&self.kind, other.as_entries()) else {
            return self;
        };
        let shared = own.iter().map(|entry| {
            let at = others.binary_search_by(|(name, _)| name.cmp(&entry.0));
            let there = at.ok().and_then(|at| others.entries.get(at));
            match there {
                Some((name, value)) if value.is_same(&entry.1) => (name.clone(), value.clone()),
                Some((name, _)) => (name.clone(), entry.1.clone()),
                None => entry.clone(),
            }
        });
        let kind = Kind::Object(Entries::new(shared.collect(), own.beyond.clone()));
        Value {
            kind,
            marks: self.marks,
        }
    }

    /// Structural equality as `==` has it, for values that are wholly known; types must agree but for
    /// nulls, which are all equal.
    pub fn equals_known(&self, other: &Value) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Null(_), Kind::Null(_)) => true,
            (Kind::Bool(a), Kind::Bool(b)) => a == b,
            (Kind::Number(a), Kind::Number(b)) => a == b,
            (Kind::String(a), Kind::String(b)) => a == b,
            (Kind::List(_, a), Kind::List(_, b))
            | (Kind::Set(_, a), Kind::Set(_, b))
            | (Kind::Tuple(a), Kind::Tuple(b)) => {
                Arc::ptr_eq(a, b)
                    || a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals_known(b))
            }
            (Kind::Map(_, a), Kind::Map(_, b)) | (Kind::Object(a), Kind::Object(b)) => {
                Arc::ptr_eq(a, b)
                    || a.len() == b.len()
                        && a.iter()
                            .zip(b.iter())
                            .all(|((k, v), (l, w))| k == l && v.equals_known(w))
            }
            (Kind::Type(a), Kind::Type(b)) => a == b,
            (Kind::Handle(a), Kind::Handle(b)) => a == b,
            _ => false,
        }
    }

    /// Terraform's order of a set's elements.
    fn set_order(&self, other: &Value) -> Ordering {
        let class = |value: &Value| (value.is_null(), !value.is_known());
        class(self)
            .cmp(&class(other))
            .then_with(|| match (&self.kind, &other.kind) {
                (Kind::String(a), Kind::String(b)) => a.cmp(b),
                (Kind::Number(a), Kind::Number(b)) => a.cmp(b),
                (Kind::Bool(a), Kind::Bool(b)) => a.cmp(b),
                _ => Ordering::Equal,
            })
    }

    /// The bytes by which cty orders set elements that are not primitive (cty/set_internals.go).
    fn hash_bytes(&self, out: &mut Vec<u8>) {
        let each = |open: u8, close: u8, items: &mut dyn Iterator<Item = &Value>, out: &mut Vec<u8>| {
            out.push(open);
            for item in items {
                item.hash_bytes(out);
                out.push(b';');
            }
            out.push(close);
        };
        match &self.kind {
            Kind::Unknown(_) | Kind::Type(_) | Kind::Handle(_) => out.push(b'?'),
            Kind::Null(_) => out.push(b'~'),
            // big.Float's String is Text('g', 10).
            Kind::Number(number) => out.extend(number.format_g(false, Some(10)).bytes()),
            Kind::Bool(value) => out.push(if *value { b'T' } else { b'F' }),
            Kind::String(text) => out.extend(crate::text::quote_go(text).bytes()),
            Kind::Map(_, entries) => {
                out.push(b'{');
                for (key, value) in entries.iter() {
                    out.extend(crate::text::quote_go(key).bytes());
                    out.push(b':');
                    value.hash_bytes(out);
                    out.push(b';');
                }
                out.push(b'}');
            }
            Kind::List(_, items) | Kind::Set(_, items) => each(b'[', b']', &mut items.iter(), out),
            Kind::Tuple(items) => each(b'<', b'>', &mut items.iter(), out),
            Kind::Object(entries) => each(b'<', b'>', &mut entries.iter().map(|(_, value)| value), out),
        }
    }
}

fn map_items(items: &Items, change: &mut dyn FnMut(Value) -> Value) -> Arc<Items> {
    Items::new(items.iter().map(|item| item.clone().map_deep(change)).collect())
}

fn map_entries(entries: &Entries, change: &mut dyn FnMut(Value) -> Value) -> Arc<Entries> {
    Entries::new(
        entries
            .iter()
            .map(|(key, value)| (key.clone(), value.clone().map_deep(change)))
            .collect(),
        entries.beyond.clone(),
    )
}

/// Equality of everything, marks and unknowns included: for tests and for comparing plans, not `==`.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        if self.marks != other.marks {
            return false;
        }
        match (&self.kind, &other.kind) {
            (Kind::Null(a), Kind::Null(b)) => a == b,
            (Kind::List(t, a), Kind::List(u, b)) | (Kind::Set(t, a), Kind::Set(u, b)) => {
                t == u && a.values == b.values
            }
            (Kind::Tuple(a), Kind::Tuple(b)) => a.values == b.values,
            (Kind::Map(t, a), Kind::Map(u, b)) => t == u && a.entries == b.entries,
            (Kind::Object(a), Kind::Object(b)) => a.entries == b.entries,
            (Kind::Unknown(a), Kind::Unknown(b)) => a.ty == b.ty,
            _ => self.equals_known(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_ordered_and_without_doubles() {
        let set = Value::set(Type::String, vec!["b".into(), "a".into(), "b".into()]);
        let items: Vec<_> = set.as_items().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(items, ["a", "b"]);
    }

    #[test]
    fn marks_inside_are_seen_from_outside() {
        let secret = Value::from("x").with_marks(Marks::SENSITIVE);
        let list = Value::tuple(vec![secret, Value::from(true)]);
        assert!(list.marks().is_empty());
        assert!(list.has_sensitive());
        let (plain, marks) = list.unmark_deep();
        assert!(!plain.has_sensitive());
        assert_eq!(marks, Marks::SENSITIVE);
    }

    #[test]
    fn what_is_beyond_an_open_object_is_unknown() {
        let reason = Reason::KnownAfterApply("aws_s3_bucket.data".into());
        let entries = || [("bucket".into(), Value::from("data").with_marks(Marks::SENSITIVE))];
        let open = Value::object(entries()).open(Some(reason));
        // Nor does it matter what becomes of the object on the way.
        for object in [open.clone(), open.clone().unmark_deep().0] {
            let beyond = crate::eval::get_attr(&object, "region").ok().unwrap();
            assert_eq!(
                beyond.reasons(),
                [Reason::KnownAfterApply("aws_s3_bucket.data.region".into())]
            );
        }
        assert!(crate::eval::get_attr(&Value::object(entries()), "region").is_err());
        assert_eq!(open, Value::object(entries()));
    }

    #[test]
    fn weight_grows_without_the_value_being_copied() {
        let mut value = Value::tuple(vec![Value::from(1), Value::from(2)]);
        for _ in 0..100 {
            value = Value::tuple(vec![value.clone(), value]);
        }
        assert_eq!(value.weight(), u64::MAX);
    }
}
