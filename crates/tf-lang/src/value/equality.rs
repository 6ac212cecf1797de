//! Equality of values that are perhaps not wholly known.

use super::{Kind, Unknown, Value};
use crate::types::Type;

impl Value {
    /// `==` as the language has it: nulls are all equal, and values of different types are not. `None` where it depends
    /// on something unknown; but one part that differs decides, whatever is unknown of the others.
    pub fn equals(&self, other: &Value) -> Option<bool> {
        match self.never_equals(other) {
            true => Some(false),
            false => self.equals_untyped(other),
        }
    }

    /// The same for values whose types are known to agree or need not: only their parts are compared.
    pub fn equals_untyped(&self, other: &Value) -> Option<bool> {
        match (self.kind(), other.kind()) {
            (Kind::Null(_), Kind::Null(_)) => Some(true),
            (Kind::Unknown(_), Kind::Unknown(_)) => None,
            (Kind::Unknown(unknown), _) => unknown.differs(other).then_some(false),
            (_, Kind::Unknown(unknown)) => unknown.differs(self).then_some(false),
            (Kind::Null(_), _) | (_, Kind::Null(_)) => Some(false),
            (Kind::List(..), Kind::List(..)) | (Kind::Tuple(_), Kind::Tuple(_)) => {
                let (a, b) = (self.as_items()?, other.as_items()?);
                match a.len() == b.len() {
                    true => all_equal(a.iter().zip(b.iter())),
                    false => Some(false),
                }
            }
            (Kind::Set(..), Kind::Set(..)) => {
                (self.is_wholly_known() && other.is_wholly_known()).then(|| self.equals_known(other))
            }
            (Kind::Map(..), Kind::Map(..)) | (Kind::Object(_), Kind::Object(_)) => {
                let (a, b) = (self.as_entries()?, other.as_entries()?);
                if a.len() != b.len() || a.iter().zip(b.iter()).any(|((k, _), (l, _))| k != l) {
                    return Some(false);
                }
                all_equal(a.iter().zip(b.iter()).map(|((_, v), (_, w))| (v, w)))
            }
            _ => Some(self.equals_known(other)),
        }
    }

    /// Whether the types of two values alone say that they differ.
    fn never_equals(&self, other: &Value) -> bool {
        if self.is_null() || other.is_null() {
            return false;
        }
        let (a, b) = (self.ty(), other.ty());
        match self.is_wholly_known() && other.is_wholly_known() {
            true => a != b,
            false => !a.conforms(&b) && !b.conforms(&a),
        }
    }
}

fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut known = true;
    for (a, b) in pairs {
        match a.equals_untyped(b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => known = false,
        }
    }
    known.then_some(true)
}

impl Unknown {
    /// Whether a known value is certain not to be what this turns out to be.
    pub fn differs(&self, known: &Value) -> bool {
        match known.kind() {
            Kind::Null(_) => self.not_null,
            _ if self.ty == Type::Any => false,
            Kind::String(text) if self.ty == Type::String => match &self.prefix {
                Some(prefix) => !text.starts_with(&**prefix),
                None => false,
            },
            _ if !known.ty().conforms(&self.ty) => true,
            _ => self
                .refined()
                .is_some_and(|bounds| bounds.excludes(&known.bounds())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Reason;

    #[test]
    fn equality_has_three_answers() {
        let later = |ty| Value::unknown(ty, Reason::Variable("var.x".into()));
        let tuple = |values: &[Value]| Value::tuple(values.to_vec());
        let cases = [
            (Value::from(1), Value::from("1"), Some(false)),
            (Value::NULL, Value::null(Type::String), Some(true)),
            (Value::NULL, Value::from("a"), Some(false)),
            (Value::NULL, later(Type::String), None),
            (Value::NULL, later(Type::String).not_null(), Some(false)),
            (Value::from(1), later(Type::String), Some(false)),
            (Value::from(1), later(Type::Any), None),
            (
                Value::from("ab"),
                later(Type::String).with_prefix("x"),
                Some(false),
            ),
            (
                tuple(&[1.into(), later(Type::Number)]),
                tuple(&[2.into(), 3.into()]),
                Some(false),
            ),
            (
                tuple(&[later(Type::Number), 1.into()]),
                tuple(&[2.into(), 3.into()]),
                Some(false),
            ),
            (tuple(&[later(Type::Number)]), tuple(&["a".into()]), Some(false)),
            (tuple(&[later(Type::Any)]), tuple(&["a".into()]), None),
            (
                Value::list(Type::String, vec![]),
                Value::list(Type::Number, vec![]),
                Some(false),
            ),
        ];
        for (a, b, want) in cases {
            assert_eq!(a.equals(&b), want, "{a:?} == {b:?}");
            assert_eq!(b.equals(&a), want, "{b:?} == {a:?}");
        }
    }
}
