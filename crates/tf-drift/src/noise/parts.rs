//! What an attribute is in a world in which only some of the drift has happened.

use std::sync::Arc;

use tf_lang::Value;

use super::owners::{Rest, Share};

/// An attribute that differs.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: Arc<str>,
    /// Whether something of it is reported.
    pub(crate) is_reported: bool,
    /// Whether something of it is left out because somebody wants it to be.
    pub(crate) is_left_out: bool,
    /// The attribute that says the same.
    pub(crate) repeats: Option<&'static str>,
    was: Value,
    is: Value,
    /// What no other resource sets, as it was and as it is; of the latter only what is reported.
    rest: (Value, Value),
    shares: Vec<Share>,
}

impl Part {
    pub(super) fn new(name: &Arc<str>, was: &Value, is: &Value, rest: &Rest) -> Part {
        Part {
            name: name.clone(),
            is_reported: false,
            is_left_out: false,
            repeats: None,
            was: was.clone(),
            is: is.clone(),
            rest: (rest.before.clone(), rest.after.clone()),
            shares: rest.shares.clone(),
        }
    }

    /// One that says what another attribute says.
    pub(super) fn repeating(other: &'static str, name: &Arc<str>, was: &Value, is: &Value) -> Part {
        Part {
            name: name.clone(),
            is_reported: true,
            is_left_out: false,
            repeats: Some(other),
            was: was.clone(),
            is: is.clone(),
            rest: (was.clone(), is.clone()),
            shares: Vec::new(),
        }
    }

    /// Takes back one difference, whose path goes on behind the attribute's name.
    pub(super) fn leave_out(&mut self, path: &str) {
        self.rest.1 = taken_back(&self.rest.0, &self.rest.1, path);
    }

    /// The attribute in a world where what is reported of it has happened or not, and where some of the resources that set parts of it
    /// were changed.
    pub(crate) fn value(&self, has_happened: bool, was_changed: impl Fn(&str) -> bool) -> Value {
        let own = match has_happened && self.is_reported {
            true => &self.rest.1,
            false => &self.rest.0,
        };
        if self.shares.is_empty() {
            return own.clone();
        }
        let shares: Vec<&Value> = self
            .shares
            .iter()
            .map(|share| match was_changed(&share.owner) {
                true => &share.after,
                false => &share.before,
            })
            .collect();
        if own.is_null() {
            // All of it is set by others.
            let is_changed = self.shares.iter().any(|share| was_changed(&share.owner));
            return if is_changed {
                self.is.clone()
            } else {
                self.was.clone()
            };
        }
        let mut items: Vec<Value> = Vec::new();
        for item in [own]
            .into_iter()
            .chain(shares)
            .filter_map(Value::as_items)
            .flatten()
        {
            if !items.iter().any(|other| other.equals_known(item)) {
                items.push(item.clone());
            }
        }
        Value::tuple(items).with_marks(self.is.marks())
    }
}

/// A value with one part as it was. Where the two have not the same shape, nothing is taken back.
fn taken_back(was: &Value, is: &Value, path: &str) -> Value {
    let Some((step, rest)) = first(path) else {
        return was.clone();
    };
    match step {
        Step::Name(name) => {
            let Some(entries) = is.as_entries() else {
                return is.clone();
            };
            let null = Value::NULL;
            let old = was.as_entries().and_then(|entries| entries.get(&name));
            let is_whole = first(rest).is_none();
            let mut changed: Vec<(Arc<str>, Value)> = entries
                .iter()
                .filter(|(other, _)| **other != *name)
                .map(|(other, value)| (other.clone(), value.clone()))
                .collect();
            match (old, entries.get(&name)) {
                (Some(old), new) => {
                    let value = taken_back(old, new.unwrap_or(&null), rest);
                    changed.push((Arc::from(name), value));
                }
                (None, Some(new)) if !is_whole => {
                    changed.push((Arc::from(name), taken_back(&null, new, rest)));
                }
                (None, _) => {}
            }
            Value::object(changed).with_marks(is.marks())
        }
        Step::Place(at) => match (was.as_items(), is.as_items()) {
            (Some(old), Some(new)) if old.len() == new.len() => {
                let items = old
                    .iter()
                    .zip(new)
                    .enumerate()
                    .map(|(place, (old, new))| match place == at {
                        true => taken_back(old, new, rest),
                        false => new.clone(),
                    });
                Value::tuple(items.collect()).with_marks(is.marks())
            }
            _ => is.clone(),
        },
    }
}

enum Step {
    Name(String),
    Place(usize),
}

/// The first step of `.a["b"][0]`, and what follows.
fn first(path: &str) -> Option<(Step, &str)> {
    if let Some(rest) = path.strip_prefix('.') {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        return Some((Step::Name(rest.get(..end)?.to_owned()), rest.get(end..)?));
    }
    let rest = path.strip_prefix('[')?;
    if rest.starts_with('"') {
        let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let name = texts.next()?.ok()?;
        let behind = rest.get(texts.byte_offset()..)?;
        return Some((Step::Name(name), behind.strip_prefix(']')?));
    }
    let (place, rest) = rest.split_once(']')?;
    Some((Step::Place(place.parse().ok()?), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        tf_model::plan::read_value(text).unwrap()
    }

    #[test]
    fn one_part_is_taken_back_and_the_others_stay() {
        for (was, is, path, want) in [
            (
                r#"{"a": 1, "b": 1}"#,
                r#"{"a": 2, "b": 2}"#,
                ".a",
                r#"{"a": 1, "b": 2}"#,
            ),
            (
                r#"{"a": 1}"#,
                r#"{"a": 1, "x y": 2, "b": 3}"#,
                r#"["x y"]"#,
                r#"{"a": 1, "b": 3}"#,
            ),
            (r#"{"a": 1, "c": 4}"#, r#"{"a": 2}"#, ".c", r#"{"a": 2, "c": 4}"#),
            (
                r#"[{"a": 1}, {"a": 2}]"#,
                r#"[{"a": 5}, {"a": 6}]"#,
                "[1].a",
                r#"[{"a": 5}, {"a": 2}]"#,
            ),
            (
                r#"[{"a": 1}]"#,
                r#"[{"a": 5}, {"a": 6}]"#,
                "[0].a",
                r#"[{"a": 5}, {"a": 6}]"#,
            ),
            (r#""{}""#, r#""{\"a\": 1}""#, ".a", r#""{\"a\": 1}""#),
            ("1", "2", "", "1"),
        ] {
            let left = taken_back(&read(was), &read(is), path);
            assert!(left.equals_known(&read(want)), "{was} {is} {path}: {left:?}");
        }
    }

    #[test]
    fn each_resource_adds_only_its_own_part() {
        let list = |texts: &[&str]| Value::tuple(texts.iter().map(|text| Value::from(*text)).collect());
        let share = |owner: &str, before: &[&str], after: &[&str]| Share {
            owner: owner.to_owned(),
            before: list(before),
            after: list(after),
        };
        let rest = Rest {
            before: list(&["own"]),
            after: list(&["own", "added"]),
            shares: vec![share("a", &["a1"], &["a2"]), share("b", &["b1"], &[])],
        };
        let mut part = Part::new(
            &Arc::from("x"),
            &list(&["own", "a1", "b1"]),
            &list(&["own", "added", "a2"]),
            &rest,
        );
        part.is_reported = true;
        for (own, changed, want) in [
            (false, &[][..], &["own", "a1", "b1"][..]),
            (true, &[], &["own", "added", "a1", "b1"]),
            (false, &["a"], &["own", "a2", "b1"]),
            (true, &["a", "b"], &["own", "added", "a2"]),
        ] {
            let value = part.value(own, |owner| changed.contains(&owner));
            assert!(value.equals_known(&list(want)), "{own} {changed:?}: {value:?}");
        }
    }
}
