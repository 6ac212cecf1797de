//! Two values that differ in writing and not in meaning.

use tf_lang::Value;
use tf_lang::value::Marks;
use tf_review::{Change, Mask, Shown, differences};

use crate::finding::Reason;

/// Why two values that are not equal are the same to AWS; `None` where they are not.
pub(crate) fn reason(was: &Value, is: &Value) -> Option<Reason> {
    // What counts as the same is said once, where differences are shown; this says only why.
    let whole = |value: &Value| Value::object([("value".into(), value.clone())]);
    let nobody = Mask::new([]);
    if differences(&whole(was), &whole(is), &nobody).is_empty() {
        return why(was, is);
    }
    let (was, is) = (without_zeros(was), without_zeros(is));
    differences(&whole(&was), &whole(&is), &nobody)
        .is_empty()
        .then_some(Reason::NullEmpty)
}

/// Whether a difference is only that something is not set on one side, and false or zero on the other: states hold null for what
/// nobody set, and providers read zeros for it.
pub(crate) fn is_zero(change: &Change) -> bool {
    let (Change::Added(Shown::Value(text)) | Change::Removed(Shown::Value(text))) = change else {
        return false;
    };
    matches!(text.as_str(), "false" | "0")
}

fn without_zeros(value: &Value) -> Value {
    let zero = |value: &Value| {
        value.as_bool() == Some(false) || value.as_number().is_some_and(|number| number.to_string() == "0")
    };
    value.clone().map_deep(&mut |value| match zero(&value) {
        true => Value::NULL,
        false => value,
    })
}

/// The strongest reason in all parts of two values that are the same.
fn why(was: &Value, is: &Value) -> Option<Reason> {
    if was.equals_known(is) {
        return None;
    }
    if let (Some(was), Some(is)) = (was.as_entries(), is.as_entries()) {
        let null = Value::NULL;
        let names = was.iter().chain(is.iter()).map(|(name, _)| name);
        let reasons =
            names.filter_map(|name| why(was.get(name).unwrap_or(&null), is.get(name).unwrap_or(&null)));
        return reasons.max_by_key(|reason| strength(*reason));
    }
    if let (Some(old), Some(new)) = (was.as_items(), is.as_items())
        && !(old.is_empty() || new.is_empty())
    {
        let in_place = old.len() == new.len()
            && old
                .iter()
                .zip(new)
                .all(|(was, is)| was.equals_known(is) || reason(was, is).is_some());
        if !in_place {
            return Some(Reason::Order);
        }
        let reasons = old.iter().zip(new).filter_map(|(was, is)| why(was, is));
        return reasons.max_by_key(|reason| strength(*reason));
    }
    match (was.as_str(), is.as_str()) {
        (Some(old), Some(new)) if !old.is_empty() && !new.is_empty() => Some(Reason::EquivalentJson),
        // A mark alone is no difference.
        _ if was.marks().contains(Marks::SENSITIVE) != is.marks().contains(Marks::SENSITIVE)
            && was.equals_known(is) =>
        {
            None
        }
        _ => Some(Reason::NullEmpty),
    }
}

fn strength(reason: Reason) -> u8 {
    match reason {
        Reason::NullEmpty => 0,
        Reason::Order => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told() {
        for (was, is, want) in [
            ("null", "{}", Some(Reason::NullEmpty)),
            ("\"\"", "null", Some(Reason::NullEmpty)),
            ("[]", "null", Some(Reason::NullEmpty)),
            (
                r#"{"a": null, "b": 1}"#,
                r#"{"a": [], "b": 1}"#,
                Some(Reason::NullEmpty),
            ),
            (r#"["a", "b"]"#, r#"["b", "a"]"#, Some(Reason::Order)),
            (
                r#"[{"n": 1, "t": null}, {"n": 2}]"#,
                r#"[{"n": 2}, {"n": 1, "t": []}]"#,
                Some(Reason::Order),
            ),
            (
                r#"[{"n": 1, "t": null}]"#,
                r#"[{"n": 1, "t": []}]"#,
                Some(Reason::NullEmpty),
            ),
            (
                r#""{\"a\": [1], \"b\": 2}""#,
                r#""{\"b\":2,\"a\":[1]}""#,
                Some(Reason::EquivalentJson),
            ),
            (
                r#""{\"Statement\": {\"Action\": \"s3:*\"}}""#,
                r#""{\"Statement\": [{\"Action\": [\"s3:*\"]}]}""#,
                Some(Reason::EquivalentJson),
            ),
            ("1", "2", None),
            ("null", "1", None),
            ("null", "false", Some(Reason::NullEmpty)),
            ("null", "0", Some(Reason::NullEmpty)),
            (
                r#"[{"a": null, "b": 1}]"#,
                r#"[{"a": false, "b": 1}]"#,
                Some(Reason::NullEmpty),
            ),
            ("true", "false", None),
            ("null", "true", None),
            ("1", "0", None),
            (r#"["a"]"#, r#"["a", "b"]"#, None),
            (r#""{\"a\": 1}""#, r#""{\"a\": 2}""#, None),
            (r#""a b""#, r#""a  b""#, None),
        ] {
            let read = |text| tf_model::plan::read_value(text).unwrap();
            assert_eq!(reason(&read(was), &read(is)), want, "{was} {is}");
        }
    }
}
