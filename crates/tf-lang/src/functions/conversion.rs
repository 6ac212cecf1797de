//! Functions that change a value's type or its marks. Sources: `conversion.go` and `sensitive.go` in
//! Terraform's `internal/lang/funcs`, `strip.go` in `internal/lang/ephemeral`.

use super::collection::support::arg;
use super::{CallError, CallResult, Function, Host, Param, Ty};
use crate::convert::{convert, convertible, mismatch};
use crate::text::quote_go;
use crate::types::Type;
use crate::value::{Marks, Value};

/// A parameter that takes everything.
const fn open(name: &'static str) -> Param {
    Param::new(name, Ty::Any).or_null().or_unknown().or_marked()
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("ephemeralasnull", &[open("value")], Ty::Any, ephemeralasnull).maybe_null(),
    Function::new("issensitive", &[open("value")], Ty::Bool, issensitive),
    Function::new("nonsensitive", &[open("value")], Ty::Any, nonsensitive).maybe_null(),
    Function::new("sensitive", &[open("value")], Ty::Any, sensitive).maybe_null(),
    Function::new("tobool", &[open("v")], Ty::Bool, |_, args| to(args, &Type::Bool)).maybe_null(),
    Function::new("tolist", &[open("v")], Ty::List(&Ty::Any), |_, args| {
        to(args, &Type::list(Type::Any))
    })
    .maybe_null(),
    Function::new("tomap", &[open("v")], Ty::Map(&Ty::Any), |_, args| {
        to(args, &Type::map(Type::Any))
    })
    .maybe_null(),
    Function::new("tonumber", &[open("v")], Ty::Number, |_, args| {
        to(args, &Type::Number)
    })
    .maybe_null(),
    Function::new("toset", &[open("v")], Ty::Set(&Ty::Any), |_, args| {
        to(args, &Type::set(Type::Any))
    })
    .maybe_null(),
    Function::new(
        "type",
        &[Param::new("value", Ty::Any).or_null().or_unknown()],
        Ty::Any,
        |_, args| Ok(Value::type_of(arg(args, 0))),
    ),
    Function::new("tostring", &[open("v")], Ty::String, |_, args| {
        to(args, &Type::String)
    })
    .maybe_null(),
];

fn to(args: &[Value], want: &Type) -> CallResult {
    let value = arg(args, 0);
    let have = value.ty();
    let cannot = || {
        let (have, want) = (have.friendly_name(), want.friendly_constraint());
        CallError::arg(0, format!("cannot convert {have} to {want}"))
    };
    if !convertible(&have, want, true) {
        return Err(match (&have, want) {
            (Type::Tuple(_), Type::Tuple(_)) => CallError::arg(
                0,
                format!(
                    "incompatible tuple type for conversion: {}",
                    mismatch(&have, want)
                ),
            ),
            (Type::Object(_), Type::Object(_)) => CallError::arg(
                0,
                format!(
                    "incompatible object type for conversion: {}",
                    mismatch(&have, want)
                ),
            ),
            _ => cannot(),
        });
    }
    if !value.is_known() {
        let unknown = Value::unknown_because(want.clone(), value.reasons());
        return Ok(unknown.with_marks(value.marks()));
    }
    convert(value, want).map_err(|_| {
        if value.has_sensitive() {
            let (have, want) = (have.friendly_name(), want.friendly_constraint());
            return CallError::arg(0, format!("cannot convert this sensitive {have} to {want}"));
        }
        let shown = value.as_str().map_or_else(|| "string".to_owned(), quote_go);
        match (&have, want) {
            (Type::String, Type::Bool) => CallError::arg(
                0,
                format!("cannot convert {shown} to bool; only the strings \"true\" or \"false\" are allowed"),
            ),
            (Type::String, Type::Number) => CallError::arg(
                0,
                format!(
                    "cannot convert {shown} to number; given string must be a decimal representation of a \
                     number"
                ),
            ),
            _ => cannot(),
        }
    })
}

fn sensitive(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(arg(args, 0).clone().with_marks(Marks::SENSITIVE))
}

fn nonsensitive(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let (value, marks) = arg(args, 0).clone().unmark();
    Ok(value.with_marks(marks.without(Marks::SENSITIVE)))
}

fn issensitive(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let value = arg(args, 0);
    if value.marks().contains(Marks::SENSITIVE) {
        return Ok(true.into());
    }
    Ok(match value.is_known() {
        true => false.into(),
        false => Value::unknown_because(Type::Bool, value.reasons()),
    })
}

fn ephemeralasnull(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let value = arg(args, 0);
    if !value.marks_deep().contains(Marks::EPHEMERAL) {
        return Ok(value.clone());
    }
    Ok(value.clone().map_deep(&mut |value| {
        if !value.marks().contains(Marks::EPHEMERAL) {
            return value;
        }
        let (value, marks) = value.unmark();
        let replaced = match value.is_known() {
            true => Value::null(value.ty()),
            // Null would promise a type that may yet become more exact.
            false => Value::unknown_because(value.ty(), value.reasons()),
        };
        replaced.with_marks(marks.without(Marks::EPHEMERAL))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::collection::support::testing::{call, later, object, secret, tuple};
    use super::*;

    #[test]
    fn conversions() {
        for (name, value, want) in [
            ("tostring", 1.into(), Value::from("1")),
            ("tonumber", "1.50".into(), tonumber("1.5")),
            ("tobool", "true".into(), true.into()),
            (
                "toset",
                tuple(&["b".into(), "a".into()]),
                Value::set(Type::String, vec!["a".into(), "b".into()]),
            ),
            (
                "tolist",
                tuple(&[1.into(), "a".into()]),
                Value::strings(["1", "a"]),
            ),
            (
                "tomap",
                object(&[("a", 1.into())]),
                Value::map(Type::Number, [("a".into(), 1.into())]),
            ),
            ("tostring", Value::NULL, Value::null(Type::String)),
            ("tostring", secret(1.into()), secret("1".into())),
            ("tolist", later(Type::Any), later(Type::list(Type::Any))),
        ] {
            assert_eq!(
                call(name, std::slice::from_ref(&value)),
                Ok(want),
                "{name}({value:?})"
            );
        }
        for (name, value, message) in [
            (
                "tobool",
                "maybe".into(),
                "cannot convert \"maybe\" to bool; only the strings \"true\" or \"false\" are allowed",
            ),
            (
                "tonumber",
                "x".into(),
                "cannot convert \"x\" to number; given string must be a decimal representation of a number",
            ),
            (
                "tonumber",
                secret("x".into()),
                "cannot convert this sensitive string to number",
            ),
            ("tobool", 1.into(), "cannot convert number to bool"),
            (
                "tolist",
                object(&[]),
                "cannot convert object to list of any single type",
            ),
            ("tostring", tuple(&[]), "cannot convert tuple to string"),
        ] {
            assert_eq!(call(name, &[value]), Err(CallError::arg(0, message)));
        }
    }

    fn tonumber(text: &str) -> Value {
        crate::number::Number::parse(text).unwrap().into()
    }

    #[test]
    fn marks() {
        let ephemeral = |value: Value| value.with_marks(Marks::EPHEMERAL);
        let inner = tuple(&[secret(1.into())]);
        for (name, value, want) in [
            ("sensitive", Value::from(1), secret(1.into())),
            ("nonsensitive", secret(1.into()), 1.into()),
            ("nonsensitive", secret(ephemeral(1.into())), ephemeral(1.into())),
            ("nonsensitive", inner.clone(), inner.clone()),
            ("issensitive", inner, false.into()),
            ("issensitive", secret(later(Type::Any)), true.into()),
            ("issensitive", later(Type::Any), later(Type::Bool)),
            (
                "ephemeralasnull",
                tuple(&[ephemeral("a".into()), 1.into()]),
                tuple(&[Value::null(Type::String), 1.into()]),
            ),
            (
                "ephemeralasnull",
                ephemeral(secret(later(Type::Bool))),
                secret(later(Type::Bool)),
            ),
        ] {
            assert_eq!(
                call(name, std::slice::from_ref(&value)),
                Ok(want),
                "{name}({value:?})"
            );
        }
    }
}
