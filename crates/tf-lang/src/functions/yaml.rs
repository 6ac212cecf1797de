//! YAML: `yamldecode` and `yamlencode`, as go-cty-yaml v1.1.0 does it for Terraform.

mod document;
mod emit;
mod parse;
mod resolve;
mod scalar;
mod scan;
mod tag;
mod timestamp;
mod token;

use super::collection::support::arg;
use super::{CallError, CallResult, Function, Host, Param, Ty, text};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "yamldecode",
        &[Param::new("src", Ty::String)],
        Ty::Any,
        yamldecode,
    )
    .maybe_null(),
    Function::new(
        "yamlencode",
        &[Param::new("value", Ty::Any).or_null()],
        Ty::String,
        yamlencode,
    )
    .maybe_null(),
];

fn yamldecode(_: &mut dyn Host, args: &[Value]) -> CallResult {
    parse::decode(text(args, 0)).map_err(|error| CallError::new(error.to_string()))
}

fn yamlencode(_: &mut dyn Host, args: &[Value]) -> CallResult {
    emit::encode(arg(args, 0))
        .map(Value::from)
        .map_err(CallError::new)
}

/// What is wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}{message}", match place {
    Some((line, column)) => format!("on line {line}, column {column}: "),
    None => String::new(),
})]
struct YamlError {
    place: Option<(usize, usize)>,
    message: String,
}

impl YamlError {
    fn plain(message: impl Into<String>) -> YamlError {
        YamlError {
            place: None,
            message: message.into(),
        }
    }

    /// Terraform counts lines from one where the scanner fails, and has no columns there. It knows no
    /// place on the first line.
    fn scanner(mark: token::Mark, message: &str) -> YamlError {
        let place = (mark.line > 0).then_some((mark.line + 1, 1));
        YamlError {
            place,
            message: message.to_owned(),
        }
    }

    /// Terraform counts lines from zero where the parser fails, and knows no place on the first line.
    fn parser(mark: token::Mark, message: impl Into<String>) -> YamlError {
        let place = (mark.line > 0).then_some((mark.line, mark.column + 1));
        YamlError {
            place,
            message: message.into(),
        }
    }
}

#[cfg(test)]
mod tests;
