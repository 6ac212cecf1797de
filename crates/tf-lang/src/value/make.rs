//! Making values.

use std::sync::Arc;

use super::{Entries, Items, Kind, MAX_REASONS, Marks, Reason, Unknown, Value, normalise};
use crate::number::Number;
use crate::types::Type;

impl From<Kind> for Value {
    fn from(kind: Kind) -> Value {
        Value {
            kind,
            marks: Marks::NONE,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Kind::Bool(value).into()
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Value {
        Kind::Number(value).into()
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Kind::Number(Number::from(value)).into()
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Kind::String(normalise(value)).into()
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        value.as_str().into()
    }
}

/// Constructors.
impl Value {
    /// `null` of no particular type.
    pub const NULL: Value = Value {
        kind: Kind::Null(Type::Any),
        marks: Marks::NONE,
    };

    /// `null` of a type.
    pub fn null(ty: Type) -> Value {
        Kind::Null(ty).into()
    }

    /// A string that is known to be in normal form C already.
    pub fn normal_string(text: Arc<str>) -> Value {
        Kind::String(text).into()
    }

    /// A number from a count.
    pub fn count(count: usize) -> Value {
        Kind::Number(Number::from(count)).into()
    }

    /// A list; the elements must be of the type already.
    pub fn list(element: Type, values: Vec<Value>) -> Value {
        Kind::List(element, Items::new(values)).into()
    }

    /// A list of strings.
    pub fn strings<S: Into<Value>>(values: impl IntoIterator<Item = S>) -> Value {
        Value::list(Type::String, values.into_iter().map(Into::into).collect())
    }

    /// A set; the elements must be of the type already. They are put in order and doubles dropped. Marks of
    /// elements go to the set, as in Terraform.
    pub fn set(element: Type, values: Vec<Value>) -> Value {
        let mut marks = Marks::NONE;
        let mut values: Vec<Value> = values
            .into_iter()
            .map(|value| {
                let (value, inner) = value.unmark_deep();
                marks = marks.union(inner);
                value
            })
            .collect();
        if element.is_primitive() {
            values.sort_by(|a, b| a.set_order(b));
        } else {
            values.sort_by_cached_key(|value| {
                let mut bytes = Vec::new();
                value.hash_bytes(&mut bytes);
                (value.is_null(), !value.is_known(), bytes)
            });
        }
        // Two unknowns are never taken for the same element.
        values.dedup_by(|a, b| a.is_wholly_known() && b.is_wholly_known() && a.equals_known(b));
        Value::from(Kind::Set(element, Items::new(values))).with_marks(marks)
    }

    /// A tuple.
    pub fn tuple(values: Vec<Value>) -> Value {
        Kind::Tuple(Items::new(values)).into()
    }

    /// A map; the values must be of the type already. Of equal keys the last wins.
    pub fn map(element: Type, entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Value {
        Kind::Map(element, Entries::new(sorted(entries), None)).into()
    }

    /// An object. Of equal keys the last wins.
    pub fn object(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Value {
        Kind::Object(Entries::new(sorted(entries), None)).into()
    }

    /// An unknown of a type.
    pub fn unknown(ty: Type, reason: Reason) -> Value {
        Value::unknown_because(ty, [reason])
    }

    /// An unknown of a type for several reasons.
    pub fn unknown_because(ty: Type, reasons: impl IntoIterator<Item = Reason>) -> Value {
        let mut kept: Vec<Reason> = Vec::new();
        for reason in reasons {
            if kept.len() < MAX_REASONS && !kept.contains(&reason) {
                kept.push(reason);
            }
        }
        Kind::Unknown(Arc::new(Unknown {
            ty,
            not_null: false,
            prefix: None,
            bounds: None,
            source: None,
            exact: false,
            reasons: kept.into(),
        }))
        .into()
    }

    /// A handle for the scope.
    pub fn handle(index: u32) -> Value {
        Kind::Handle(index).into()
    }

    /// What the console's `type()` returns.
    pub fn type_of(value: &Value) -> Value {
        Value::from(Kind::Type(value.ty())).with_marks(Marks::TYPE)
    }

    /// The same with more marks.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Value {
        self.marks = self.marks.union(marks);
        self
    }

    /// An unknown that is certain not to be null; anything else stays as it is.
    #[must_use]
    pub fn not_null(mut self) -> Value {
        if let Kind::Unknown(unknown) = &mut self.kind {
            Arc::make_mut(unknown).not_null = true;
        }
        self.settled()
    }

    /// An unknown that is what its only reason names, wherever it is passed on to; anything else stays as it is.
    #[must_use]
    pub fn exact(mut self) -> Value {
        if let Kind::Unknown(unknown) = &mut self.kind
            && unknown.reasons.len() == 1
        {
            Arc::make_mut(unknown).exact = true;
        }
        self
    }

    /// An unknown text with the structure that it is made of; anything else stays as it is.
    #[must_use]
    pub fn with_source(mut self, source: Value) -> Value {
        if let Kind::Unknown(unknown) = &mut self.kind {
            Arc::make_mut(unknown).source = Some(Arc::new(source));
        }
        self
    }

    /// An object that may have more attributes than the ones at hand, because its schema may be older than what
    /// made it. Reading one of those is no error: it is unknown for this reason.
    #[must_use]
    pub fn open(mut self, beyond: Option<Reason>) -> Value {
        if let Kind::Object(entries) = &mut self.kind {
            let all = match Arc::get_mut(entries) {
                Some(entries) => std::mem::take(&mut entries.entries),
                None => entries.entries.clone(),
            };
            *entries = Entries::new(all, beyond);
        }
        self
    }

    /// An unknown string that is certain to begin with a text; anything else stays as it is.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Value {
        if let Kind::Unknown(unknown) = &mut self.kind
            && !prefix.is_empty()
        {
            Arc::make_mut(unknown).prefix = Some(prefix.into());
        }
        self
    }
}

/// Entries in order of their keys; of several with one key the last counts.
fn sorted(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Vec<(Arc<str>, Value)> {
    let mut entries: Vec<(Arc<str>, Value)> = entries.into_iter().collect();
    if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
        // Stable: those with one key stay in their order.
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
    }
    entries
}
