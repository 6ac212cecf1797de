//! What the functions over collections have in common.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use super::super::CallError;
use crate::types::Type;
use crate::value::{Kind, Marks, Value};

/// No result holds more elements.
pub(in crate::functions) const MAX_ELEMENTS: usize = 1_000_000;

/// Refuses a result that would hold too many elements, before it is built.
pub(in crate::functions) fn bounded(elements: usize) -> Result<(), CallError> {
    match elements > MAX_ELEMENTS {
        true => Err(CallError::new("the result would have more than 1000000 elements")),
        false => Ok(()),
    }
}

/// An argument that the function's parameters make certain to be there.
pub(in crate::functions) fn arg(args: &[Value], index: usize) -> &Value {
    static NULL: Value = Value::NULL;
    args.get(index).unwrap_or(&NULL)
}

/// An unknown result of a type, for the reasons and with the marks of the arguments. Every function that
/// does not say otherwise returns no null.
pub(in crate::functions) fn unknown(args: &[Value], ty: Type) -> Value {
    let exact = ty != Type::Any;
    let value = maybe_null(args, ty);
    if exact { value.not_null() } else { value }
}

/// The same for functions that may return null.
pub(in crate::functions) fn maybe_null(args: &[Value], ty: Type) -> Value {
    Value::unknown_because(ty, args.iter().flat_map(Value::reasons)).with_marks(marks(args))
}

/// The marks on arguments themselves.
pub(in crate::functions) fn marks(args: &[Value]) -> Marks {
    args.iter()
        .fold(Marks::NONE, |marks, arg| marks.union(arg.marks()))
}

/// Whether some argument is unknown itself.
pub(in crate::functions) fn any_unknown(args: &[Value]) -> bool {
    args.iter().any(|arg| !arg.is_known())
}

/// The result where an argument has no type yet: nothing is known about it. As cty has it unless a
/// parameter allows a "dynamic type".
pub(in crate::functions) fn untyped(args: &[Value]) -> Option<Value> {
    let some = args
        .iter()
        .any(|arg| arg.as_unknown().is_some_and(|unknown| unknown.ty == Type::Any));
    some.then(|| maybe_null(args, Type::Any))
}

/// Whether a type is a list, set or tuple.
pub(in crate::functions) fn is_sequence(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_))
}

/// A list as cty builds it from values: of their type, where the expected one is not complete.
pub(in crate::functions) fn list_of(element: &Type, values: Vec<Value>) -> Value {
    match values.first() {
        Some(first) if element.has_any() => Value::list(first.ty(), values),
        _ => Value::list(element.clone(), values),
    }
}

/// How many elements a collection has, as far as that is known: unknown elements of a set may turn out
/// to be equal.
pub(in crate::functions) fn known_length(value: &Value) -> Option<usize> {
    match value.kind() {
        Kind::Unknown(unknown) => match &unknown.ty {
            Type::Tuple(elements) => Some(elements.len()),
            _ => None,
        },
        Kind::Set(_, items) if items.len() != 1 && !value.is_wholly_known() => None,
        _ => Some(value.as_items().map_or_else(
            || value.as_entries().map_or(0, |entries| entries.len()),
            <[Value]>::len,
        )),
    }
}

/// A wholly known value among others of its type, for looking up.
#[derive(Clone, Copy)]
pub(in crate::functions) struct Key<'a>(pub(in crate::functions) &'a Value);

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals_known(other.0)
    }
}

impl Eq for Key<'_> {}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self.0.kind()).hash(state);
        match self.0.kind() {
            Kind::Bool(value) => value.hash(state),
            Kind::Number(value) => value.hash(state),
            Kind::String(text) => text.hash(state),
            Kind::Handle(index) => index.hash(state),
            Kind::Type(ty) => ty.hash(state),
            Kind::Null(_) | Kind::Unknown(_) => {}
            Kind::Map(_, entries) | Kind::Object(entries) => {
                for (key, value) in entries.iter() {
                    key.hash(state);
                    Key(value).hash(state);
                }
            }
            Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => {
                self.0.children().for_each(|child| Key(child).hash(state));
            }
        }
    }
}

/// The values, for looking up.
pub(in crate::functions) fn keys(values: &[Value]) -> HashSet<Key<'_>> {
    values.iter().map(Key).collect()
}

/// Calling functions in tests.
#[cfg(test)]
pub(in crate::functions) mod testing {
    use super::super::super::{CallError, CallResult, Files, Host, NoFiles, find};
    use crate::types::Type;
    use crate::value::{Entries, Marks, Reason, Value};

    struct Alone;

    impl Host for Alone {
        fn files(&self) -> &dyn Files {
            &NoFiles
        }

        fn render(&mut self, _: &str, _: &str, _: &Entries) -> CallResult {
            Err(CallError::new("no templates here"))
        }
    }

    /// Calls a function with arguments that it converts.
    pub(in crate::functions) fn call(name: &str, args: &[Value]) -> CallResult {
        call_on(&mut Alone, name, args)
    }

    pub(in crate::functions) fn call_on(host: &mut dyn Host, name: &str, args: &[Value]) -> CallResult {
        let function = find(name).unwrap();
        let converted = args.iter().enumerate().map(|(index, value)| {
            function
                .convert_arg(index, value.clone())
                .map_err(|message| CallError::arg(index, message))
        });
        function.call(host, converted.collect::<Result<_, _>>()?)
    }

    /// That a call fails, for which argument and with which sentence.
    pub(in crate::functions) fn assert_error(name: &str, args: &[Value], arg: Option<usize>, message: &str) {
        let error = call(name, args).unwrap_err();
        assert_eq!(
            (error.arg, error.message.as_str()),
            (arg, message),
            "{name}({args:?})"
        );
    }

    pub(in crate::functions) fn later(ty: Type) -> Value {
        Value::unknown(ty, Reason::Variable("var.x".into()))
    }

    pub(in crate::functions) fn secret(value: Value) -> Value {
        value.with_marks(Marks::SENSITIVE)
    }

    pub(in crate::functions) fn tuple(values: &[Value]) -> Value {
        Value::tuple(values.to_vec())
    }

    pub(in crate::functions) fn list(element: Type, values: &[Value]) -> Value {
        Value::list(element, values.to_vec())
    }

    pub(in crate::functions) fn set(values: &[&str]) -> Value {
        Value::set(Type::String, values.iter().map(|text| (*text).into()).collect())
    }

    pub(in crate::functions) fn object(entries: &[(&str, Value)]) -> Value {
        Value::object(entries.iter().map(|(key, value)| ((*key).into(), value.clone())))
    }
}
