//! `templatestring`. Source: `internal/lang/funcs/string.go` of Terraform 1.11.

use super::super::{CallError, CallResult, Host};
use crate::convert::convert;
use crate::text::quote_go;
use crate::types::Type;
use crate::value::{Entries, Value};

/// That the template is given by reference is for the evaluator to check: only it sees the expression.
pub(super) fn templatestring(host: &mut dyn Host, args: &[Value]) -> CallResult {
    let unknown = || Value::unknown_because(Type::String, args.iter().flat_map(Value::reasons)).not_null();
    let Some(template) = args.first() else {
        return Ok(unknown());
    };
    if !template.is_known() {
        return Ok(unknown());
    }
    let Some(template) = template.as_str() else {
        return Err(CallError::arg(0, "invalid template value: a string is required"));
    };
    let Some(vars) = args.get(1).filter(|vars| vars.is_known()) else {
        return Ok(unknown());
    };
    let Some(variables) = vars.as_entries() else {
        return Err(CallError::arg(1, "invalid vars value: must be a map"));
    };
    check_names(variables)?;
    let rendered = host.render("<templatestring argument>", template, variables)?;
    convert(&rendered, &Type::String)
        .map_err(|error| CallError::new(format!("invalid template result: {error}")))
}

/// A variable that has no valid name could not be referred to.
fn check_names(variables: &Entries) -> Result<(), CallError> {
    let valid = |name: &str| {
        let mut chars = name.chars();
        chars.next().is_some_and(char::is_alphabetic)
            && chars.all(|char| char.is_alphanumeric() || matches!(char, '_' | '-'))
    };
    match variables.iter().find(|(name, _)| !valid(name)) {
        None => Ok(()),
        Some((name, _)) => Err(CallError::arg(
            1,
            format!(
                "invalid template variable name {}: must start with a letter, followed by zero or more letters, \
             digits, and underscores",
                quote_go(name)
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::call;
    use super::*;

    #[test]
    fn variables_must_have_names_that_can_be_referred_to() {
        for (name, valid) in [
            ("a", true),
            ("é-1_b", true),
            ("1a", false),
            ("a b", false),
            ("", false),
            ("-a", false),
        ] {
            let vars = Value::object([(name.into(), Value::from(1))]);
            let result = call("templatestring", vec!["x".into(), vars]);
            assert_eq!(result.is_ok(), valid, "{name}");
            assert!(result.is_ok() || result.is_err_and(|error| error.arg == Some(1)));
        }
    }
}
