//! Between which numbers an unknown number lies, and between which an unknown collection's number of elements: what
//! cty calls the refinements of numbers and collections.

use std::cmp::Ordering;

use super::{Kind, Unknown, Value};
use crate::number::Number;
use crate::types::Type;

/// A list of which only the length is known is not made of more unknown elements than this.
const MAX_ELEMENTS: i64 = 1_000_000;

/// One end of a range.
#[derive(Clone, PartialEq, Debug)]
pub struct Bound {
    /// The number at the end.
    pub at: Number,
    /// Whether that number belongs to the range.
    pub inclusive: bool,
}

/// A range: of a number itself, or of how many elements a collection has.
#[derive(Clone, PartialEq, Debug)]
pub struct Bounds {
    /// The lower end.
    pub low: Bound,
    /// The upper end.
    pub high: Bound,
}

impl Bounds {
    /// All numbers but for the infinities.
    pub const FINITE: Bounds = Bounds {
        low: Bound {
            at: Number::infinity(true),
            inclusive: false,
        },
        high: Bound {
            at: Number::infinity(false),
            inclusive: false,
        },
    };

    /// From one number to another, both included.
    pub fn between(low: Number, high: Number) -> Bounds {
        let inclusive = |at| Bound { at, inclusive: true };
        Bounds {
            low: inclusive(low),
            high: inclusive(high),
        }
    }

    /// One number and no other.
    pub fn exactly(number: Number) -> Bounds {
        Bounds::between(number.clone(), number)
    }

    /// A number and all that are greater.
    pub fn at_least(number: Number) -> Bounds {
        Bounds {
            high: Bounds::FINITE.high,
            ..Bounds::exactly(number)
        }
    }

    /// Any number of elements.
    pub fn count() -> Bounds {
        Bounds::between(Number::ZERO, i64::MAX.into())
    }

    /// The least range that covers both.
    #[must_use]
    pub fn or(self, other: Bounds) -> Bounds {
        Bounds {
            low: outer(self.low, other.low, Ordering::Less),
            high: outer(self.high, other.high, Ordering::Greater),
        }
    }

    /// Whether all numbers of this range are less than all of the other. As in cty, ends that meet leave it open.
    pub fn is_below(&self, other: &Bounds) -> bool {
        self.high.at.compare(&other.low.at).is_lt()
    }

    /// Whether no number of the other range is in this one.
    pub fn excludes(&self, other: &Bounds) -> bool {
        let beyond = |end: &Bound, nearest: &Number, outside: Ordering| match nearest.compare(&end.at) {
            order if order == outside => nearest != &end.at || !end.inclusive,
            Ordering::Equal => !end.inclusive,
            _ => false,
        };
        beyond(&self.low, &other.high.at, Ordering::Less)
            || beyond(&self.high, &other.low.at, Ordering::Greater)
    }

    /// The only number of the range.
    fn only(&self) -> Option<&Number> {
        let one = self.low.inclusive && self.high.inclusive && self.low.at == self.high.at;
        one.then_some(&self.low.at)
    }
}

/// The end that lies further out.
fn outer(a: Bound, b: Bound, outside: Ordering) -> Bound {
    if a.at == b.at {
        let inclusive = a.inclusive || b.inclusive;
        return Bound { inclusive, ..b };
    }
    if a.at.compare(&b.at) == outside { a } else { b }
}

impl Unknown {
    /// The range of what is certain to be no null; none where nothing is known of it at all.
    pub(super) fn refined(&self) -> Option<Bounds> {
        match (&self.bounds, self.not_null) {
            (Some(bounds), _) => Some(Bounds::clone(bounds)),
            (None, true) => unbounded(&self.ty),
            (None, false) => None,
        }
    }
}

/// The range of what has a type and nothing else is known of.
fn unbounded(ty: &Type) -> Option<Bounds> {
    match ty {
        Type::Number => Some(Bounds::FINITE),
        ty if ty.is_collection() => Some(Bounds::count()),
        _ => None,
    }
}

impl Value {
    /// The range in which the number is, or the collection's number of elements; of anything else all numbers.
    pub fn bounds(&self) -> Bounds {
        match self.kind() {
            Kind::Number(number) => Bounds::exactly(number.clone()),
            Kind::Unknown(unknown) => match &unknown.bounds {
                Some(bounds) => Bounds::clone(bounds),
                None => unbounded(&unknown.ty).unwrap_or(Bounds::FINITE),
            },
            Kind::List(_, items) => Bounds::exactly(items.len().into()),
            // What is unknown may turn out to be equal to another element.
            Kind::Set(_, items) if items.len() > 1 && !self.is_wholly_known() => Bounds::count(),
            Kind::Set(_, items) => Bounds::exactly(items.len().into()),
            Kind::Map(_, entries) => Bounds::exactly(entries.len().into()),
            _ => Bounds::FINITE,
        }
    }

    /// An unknown number that is certain to be in a range, or an unknown collection of which the number of elements
    /// is; anything else stays as it is. Where that leaves only one value it is known.
    #[must_use]
    pub fn with_bounds(mut self, bounds: Bounds) -> Value {
        if let Kind::Unknown(unknown) = &mut self.kind
            && let Some(all) = unbounded(&unknown.ty)
        {
            std::sync::Arc::make_mut(unknown).bounds = (bounds != all).then(|| bounds.into());
        }
        self.settled()
    }

    /// The value, as far as a range says what an unknown is.
    pub(super) fn settled(self) -> Value {
        let Kind::Unknown(unknown) = &self.kind else {
            return self;
        };
        let only = unknown.bounds.as_deref().and_then(Bounds::only);
        let Some(number) = only.filter(|_| unknown.not_null) else {
            return self;
        };
        let elements = |element: &Type, count: i64| {
            let any = Value::unknown_because(element.clone(), unknown.reasons.iter().cloned());
            vec![any; usize::try_from(count).unwrap_or_default()]
        };
        let known = match (&unknown.ty, number.to_i64()) {
            (Type::Number, _) => Value::from(number.clone()),
            (Type::List(element), Some(count @ 0..=MAX_ELEMENTS)) => {
                Value::list((**element).clone(), elements(element, count))
            }
            (Type::Set(element), Some(count @ 0..=1)) => {
                Value::set((**element).clone(), elements(element, count))
            }
            (Type::Map(element), Some(0)) => Value::map((**element).clone(), []),
            _ => return self,
        };
        known.with_marks(self.marks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Reason;

    fn unknown(ty: Type) -> Value {
        Value::unknown(ty, Reason::Variable("var.x".into())).not_null()
    }

    fn range(low: i64, high: i64) -> Bounds {
        Bounds::between(low.into(), high.into())
    }

    #[test]
    fn ranges_are_joined_at_their_outer_ends() {
        assert_eq!(range(1, 2).or(range(-3, 1)), range(-3, 2));
        let open = Bounds {
            low: Bound {
                at: 1.into(),
                inclusive: false,
            },
            ..range(1, 2)
        };
        assert_eq!(open.clone().or(range(1, 1)), range(1, 2));
        assert_eq!(open.clone().or(range(2, 3)).low, open.low);
        assert_eq!(Bounds::FINITE.or(range(1, 2)), Bounds::FINITE);
    }

    #[test]
    fn ranges_tell_what_is_not_in_them() {
        for (number, outside) in [
            ("0", true),
            ("1", false),
            ("1.5", false),
            ("2", false),
            ("2.01", true),
        ] {
            let number = Value::from(Number::parse(number).unwrap());
            let value = unknown(Type::Number).with_bounds(range(1, 2));
            let unknown = value.as_unknown().unwrap();
            assert_eq!(unknown.differs(&number), outside, "{number:?}");
        }
        // That it is no null makes a number a finite one, as in cty.
        let infinite = Value::from(Number::infinity(false));
        assert!(unknown(Type::Number).as_unknown().unwrap().differs(&infinite));
        let lists = unknown(Type::list(Type::Bool)).with_bounds(range(1, 2));
        let differs = |value: &Value| lists.as_unknown().unwrap().differs(value);
        assert!(differs(&Value::list(Type::Bool, vec![])));
        assert!(!differs(&Value::list(Type::Bool, vec![true.into()])));
        assert!(differs(&Value::list(Type::Any, vec![])));
        assert!(differs(&Value::NULL));
        assert!(range(1, 2).is_below(&range(3, 4)));
        assert!(!range(1, 2).is_below(&range(2, 4)));
    }

    #[test]
    fn a_range_of_one_is_known() {
        assert_eq!(unknown(Type::Number).with_bounds(range(5, 5)), 5.into());
        let maybe_null = Value::unknown_because(Type::Number, []).with_bounds(range(5, 5));
        assert!(!maybe_null.is_known());
        assert_eq!(maybe_null.not_null(), 5.into());
        let list = unknown(Type::list(Type::Bool)).with_bounds(range(2, 2));
        assert_eq!(list.as_items().map(<[Value]>::len), Some(2));
        let set = |count| unknown(Type::set(Type::Bool)).with_bounds(range(count, count));
        assert!(set(0).is_known() && set(1).is_known() && !set(2).is_known());
        let map = |count| unknown(Type::map(Type::Bool)).with_bounds(range(count, count));
        assert!(map(0).is_known() && !map(1).is_known());
        let great = Bounds::exactly(Number::parse("1e12").unwrap());
        assert!(!unknown(Type::list(Type::Bool)).with_bounds(great).is_known());
    }
}
