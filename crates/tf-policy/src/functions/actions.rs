//! Actions of IAM, compared as IAM compares them.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>.

use tf_lang::functions::{CallError, CallResult};
use tf_lang::value::Reason;
use tf_lang::{Type, Value};

use super::Truth;

/// `covers(statement, actions)`
pub(crate) fn covers(args: &[Value]) -> CallResult {
    let [what, actions] = args else {
        return Err(CallError::new(
            "covers takes a statement, or patterns of actions, and actions",
        ));
    };
    for value in [what, actions] {
        if let Some(unknown) = value.as_unknown().filter(|unknown| unknown.ty != Type::String) {
            return Ok(Truth::Unknown(unknown.reasons.to_vec()).value());
        }
    }
    let actions = texts(actions);
    let truth = match what.as_entries() {
        Some(_) => {
            let part = |name: &str| what.get(name).map(texts).unwrap_or_default();
            let excepted = part("not_actions");
            any_covered(&part("actions"), &actions).or(|| match excepted.is_empty() {
                true => Truth::Known(false),
                false => any_left(&excepted, &actions),
            })
        }
        None => any_covered(&texts(what), &actions),
    };
    Ok(truth.value())
}

/// A pattern or an action.
enum Text<'v> {
    Known(&'v str),
    /// What it begins with, and why no more is known.
    Unknown(&'v str, &'v [Reason]),
}

/// The texts of one or of a list; what is no text is left out.
fn texts(value: &Value) -> Vec<Text<'_>> {
    let one = |value| -> Option<Text<'_>> {
        let value: &Value = value;
        match value.as_unknown() {
            Some(unknown) => Some(Text::Unknown(
                unknown.prefix.as_deref().unwrap_or_default(),
                &unknown.reasons,
            )),
            None => value.as_str().map(Text::Known),
        }
    };
    match value.as_items() {
        Some(items) => items.iter().filter_map(one).collect(),
        None => one(value).into_iter().collect(),
    }
}

/// Whether some pattern fits some action.
fn any_covered(patterns: &[Text<'_>], actions: &[Text<'_>]) -> Truth {
    let each = actions.iter().map(|action| covered(patterns, action));
    each.fold(Truth::Known(false), |sum, next| sum.or(|| next))
}

/// Whether there is an action that no pattern fits.
fn any_left(patterns: &[Text<'_>], actions: &[Text<'_>]) -> Truth {
    let each = actions.iter().map(|action| match covered(patterns, action) {
        Truth::Known(flag) => Truth::Known(!flag),
        unknown => unknown,
    });
    each.fold(Truth::Known(false), |sum, next| sum.or(|| next))
}

fn covered(patterns: &[Text<'_>], action: &Text<'_>) -> Truth {
    let mut open: Option<&[Reason]> = None;
    for pattern in patterns {
        match (pattern, action) {
            (Text::Known(pattern), Text::Known(action)) => {
                if fits(pattern.as_bytes(), action.as_bytes()) {
                    return Truth::Known(true);
                }
            }
            (Text::Known(pattern), Text::Unknown(_, reasons)) => match *pattern {
                "*" => return Truth::Known(true),
                _ => open = Some(reasons),
            },
            (Text::Unknown(prefix, reasons), Text::Known(action)) => {
                if may_fit(prefix, action) {
                    open = Some(reasons);
                }
            }
            (Text::Unknown(_, reasons), Text::Unknown(..)) => open = Some(reasons),
        }
    }
    open.map_or(Truth::Known(false), |reasons| Truth::Unknown(reasons.to_vec()))
}

/// Whether a pattern of which only the beginning is known may fit an action.
fn may_fit(prefix: &str, action: &str) -> bool {
    fits(format!("{prefix}*").as_bytes(), action.as_bytes())
}

/// Whether a pattern with `*` for any text and `?` for any character fits a whole text, without regard to case.
///
/// Goes back to the last `*` only: linear but for patterns that are made to be slow, and then quadratic.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(read) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, read));
                at += 1;
            }
            Some(&wanted) if wanted == b'?' || wanted.eq_ignore_ascii_case(&byte) => {
                at += 1;
                read += 1;
            }
            _ => match &mut star {
                Some((after, taken)) => {
                    *taken += 1;
                    (at, read) = (*after, *taken);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Value {
        Value::tuple(texts.iter().map(|text| Value::from(*text)).collect())
    }

    fn ask(what: Value, actions: Value) -> Option<bool> {
        covers(&[what, actions]).unwrap().as_bool()
    }

    #[test]
    fn patterns_fit_as_in_iam() {
        for (pattern, action, expected) in [
            ("s3:*", "s3:getobject", true),
            ("S3:Get*", "s3:GETOBJECT", true),
            ("*", "iam:passrole", true),
            ("s3:Get?bject", "s3:getobject", true),
            ("s3:*Object", "s3:getobjectacl", false),
            ("s3:*Object*", "s3:getobjectacl", true),
            ("s3:**", "s3:", true),
            ("", "s3:getobject", false),
            ("s3:get", "s3:getobject", false),
        ] {
            assert_eq!(
                ask(Value::from(pattern), Value::from(action)),
                Some(expected),
                "{pattern} {action}"
            );
        }
    }

    #[test]
    fn a_statement_covers_by_exception_too() {
        let statement = |actions: &[&str], excepted: &[&str]| {
            Value::object([
                ("actions".into(), list(actions)),
                ("not_actions".into(), list(excepted)),
            ])
        };
        let both = list(&["iam:passrole", "s3:getobject"]);
        assert_eq!(ask(statement(&["s3:*"], &[]), both.clone()), Some(true));
        assert_eq!(ask(statement(&["ec2:*"], &[]), both.clone()), Some(false));
        assert_eq!(ask(statement(&[], &["iam:*"]), both.clone()), Some(true));
        assert_eq!(ask(statement(&[], &["*"]), both.clone()), Some(false));
        assert_eq!(ask(statement(&[], &[]), both), Some(false));
    }

    #[test]
    fn what_is_not_known_counts_only_where_it_could_decide() {
        let unknown = |prefix: &str| {
            Value::unknown(Type::String, Reason::Variable("action".into())).with_prefix(prefix)
        };
        let patterns = |prefix| Value::tuple(vec![Value::from("ec2:*"), unknown(prefix)]);
        assert_eq!(ask(patterns("s3:"), Value::from("iam:passrole")), Some(false));
        assert_eq!(ask(patterns("iam:"), Value::from("iam:passrole")), None);
        assert_eq!(ask(patterns(""), Value::from("ec2:runinstances")), Some(true));
    }
}
