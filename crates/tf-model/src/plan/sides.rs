//! A value before and after a change, with what is unknown and what is sensitive.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use tf_lang::value::{Marks, Reason};
use tf_lang::{Type, Value};

use super::PlanError;
use super::parts::{Change, Reader};

/// Why the attribute of a path is not known.
pub(super) type Why<'w> = &'w dyn Fn(&str) -> Vec<Reason>;

/// The values before and after a change.
pub(super) enum Sides {
    /// As they are.
    Settled {
        /// Before.
        before: Value,
        /// After.
        after: Value,
    },
    /// It is not said yet why some of it is not known.
    Waiting(Box<Waiting>),
}

/// The values as they stand in the plan, and the flags beside them.
pub(super) struct Waiting {
    before: Value,
    after: Value,
    unknown: Value,
    before_sensitive: Value,
    after_sensitive: Value,
}

impl Sides {
    /// Most resources of a large plan stay as they are: what is the same is one value.
    pub(super) fn read<'t>(reader: Reader<'t>, change: &Change<'t>) -> Result<Sides, PlanError> {
        let same_values = is_same(change.before, change.after);
        let same_marks = is_same(change.before_sensitive, change.after_sensitive);
        let unknown = reader.value(change.after_unknown)?;
        let after_sensitive = reader.value(change.after_sensitive)?;
        if same_values && same_marks && !says_anything(&unknown) {
            let after = with_sensitive(reader.value(change.after)?, &after_sensitive);
            return Ok(Sides::Settled {
                before: after.clone(),
                after,
            });
        }
        let (before, after) = both(reader, change.before, change.after)?;
        let waiting = Waiting {
            before,
            after,
            before_sensitive: reader.value(change.before_sensitive)?,
            after_sensitive,
            unknown,
        };
        if says_anything(&waiting.unknown) {
            return Ok(Sides::Waiting(Box::new(waiting)));
        }
        let (before, after) = waiting.settled(&|_| Vec::new());
        Ok(Sides::Settled { before, after })
    }

    /// The values before and after.
    pub(super) fn settled(self, why: Why<'_>) -> (Value, Value) {
        match self {
            Sides::Settled { before, after } => (before, after),
            Sides::Waiting(waiting) => waiting.settled(why),
        }
    }
}

impl Waiting {
    fn settled(self, why: Why<'_>) -> (Value, Value) {
        let after = with_unknown(self.after, &self.unknown, "", why);
        let flags = [&self.before_sensitive, &self.after_sensitive];
        if !flags.into_iter().any(says_anything) {
            return (self.before, after);
        }
        let after = with_sensitive(after, &self.after_sensitive);
        // What is marked on both sides is one value again.
        let before = with_sensitive(self.before, &self.before_sensitive).sharing(&after);
        (before, after)
    }
}

/// The values of both sides. Of what changes, most attributes stay: these are read once, and are one value.
fn both<'t>(
    reader: Reader<'t>,
    before: Option<&'t RawValue>,
    after: Option<&'t RawValue>,
) -> Result<(Value, Value), PlanError> {
    let is_object = |raw: &Option<&RawValue>| raw.is_some_and(|raw| raw.get().starts_with('{'));
    if !is_object(&before) || !is_object(&after) {
        return Ok((reader.value(before)?, reader.value(after)?));
    }
    let (old, new) = (reader.attributes(before)?, reader.attributes(after)?);
    let mut will = Vec::with_capacity(new.len());
    for (name, raw) in &new {
        will.push((name.clone(), reader.value(Some(raw))?));
    }
    let mut was = Vec::with_capacity(old.len());
    for (at, (name, raw)) in old.into_iter().enumerate() {
        let is_it = |(other, _): &(Arc<str>, &RawValue)| *other == name;
        // Both have the same attributes in the same order, mostly.
        let there = match new.get(at).is_some_and(is_it) {
            true => Some(at),
            false => new.iter().position(is_it),
        };
        let same = there.and_then(|at| Some((new.get(at)?.1, will.get(at)?)));
        was.push(match same {
            Some((same, entry)) if same.get() == raw.get() => entry.clone(),
            _ => (name, reader.value(Some(raw))?),
        });
    }
    Ok((Value::object(was), Value::object(will)))
}

fn is_same(a: Option<&RawValue>, b: Option<&RawValue>) -> bool {
    a.map(RawValue::get) == b.map(RawValue::get)
}

fn names_object(reason: &Reason) -> bool {
    let (Reason::KnownAfterApply(reference) | Reason::DataSource(reference)) = reason else {
        return false;
    };
    reference.ends_with(".arn") || reference.ends_with(".id")
}

/// Puts unknown values where `after_unknown` says so.
fn with_unknown(value: Value, unknown: &Value, path: &str, why: Why<'_>) -> Value {
    if !says_anything(unknown) {
        return value;
    }
    if unknown.as_bool() == Some(true) {
        let reasons = why(path);
        let unknown = Value::unknown_because(Type::Any, reasons);
        // A plan does not tell a reference from what is made of it. Of an argument that refers to one ARN or id alone nobody makes
        // anything else.
        let is_reference = unknown.reasons().iter().all(names_object);
        return if is_reference { unknown.exact() } else { unknown };
    }
    if let Some(flags) = unknown.as_entries() {
        let mut entries: BTreeMap<Arc<str>, Value> = value
            .as_entries()
            .map(|entries| entries.iter().cloned().collect())
            .unwrap_or_default();
        for (name, flag) in flags.iter().filter(|(_, flag)| says_anything(flag)) {
            let below = if path.is_empty() {
                name.to_string()
            } else {
                format!("{path}.{name}")
            };
            let inner = entries.remove(name).unwrap_or(Value::NULL);
            entries.insert(name.clone(), with_unknown(inner, flag, &below, why));
        }
        return Value::object(entries);
    }
    if let Some(flags) = unknown.as_items() {
        let items = value.as_items().unwrap_or_default();
        let changed = flags.iter().enumerate().map(|(at, flag)| {
            let inner = items.get(at).cloned().unwrap_or(Value::NULL);
            with_unknown(inner, flag, &format!("{path}[{at}]"), why)
        });
        return Value::tuple(changed.collect());
    }
    value
}

/// Whether a tree of flags has one that is set.
fn says_anything(flags: &Value) -> bool {
    flags.as_bool() == Some(true) || flags.children().any(says_anything)
}

/// Marks what `after_sensitive` or `before_sensitive` names.
pub(crate) fn with_sensitive(value: Value, sensitive: &Value) -> Value {
    if sensitive.as_bool() == Some(true) {
        return value.with_marks(Marks::SENSITIVE);
    }
    if !says_anything(sensitive) {
        return value;
    }
    let marks = value.marks();
    if let (Some(flags), Some(entries)) = (sensitive.as_entries(), value.as_entries()) {
        let changed = entries.iter().map(|(name, inner)| {
            let inner = match flags.get(name) {
                Some(flag) => with_sensitive(inner.clone(), flag),
                None => inner.clone(),
            };
            (name.clone(), inner)
        });
        return Value::object(changed).with_marks(marks);
    }
    if let (Some(flags), Some(items)) = (sensitive.as_items(), value.as_items()) {
        let changed = items.iter().enumerate().map(|(at, inner)| match flags.get(at) {
            Some(flag) => with_sensitive(inner.clone(), flag),
            None => inner.clone(),
        });
        return Value::tuple(changed.collect()).with_marks(marks);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::review;

    #[test]
    fn what_stays_is_one_value_on_both_sides() {
        let plan = r#"{"format_version": "1.2", "resource_changes": [
          {"address": "aws_db_instance.a", "change": {"actions": ["update"],
            "before": {"engine": "mysql", "gone": "x", "password": "s3cret-one", "tags": {"a": "1", "b": "2"}, "zone": "one"},
            "after": {"tags": {"a": "1", "b": "2"}, "engine": "mysql", "password": "s3cret-one", "zone": "two", "new": "y"},
            "before_sensitive": {"password": true}, "after_sensitive": {"password": true}, "after_unknown": {"arn": true}}}]}"#;
        let review = review(plan).unwrap();
        let (before, after) = (
            &review.before.resources[0].values,
            &review.after.resources[0].values,
        );
        let both = |name: &str| (before.get(name).unwrap(), after.get(name).unwrap());
        for name in ["engine", "password", "tags"] {
            let (before, after) = both(name);
            assert!(before.is_one_with(after), "{name}");
        }
        let (was, will) = both("zone");
        assert_eq!((was.as_str(), will.as_str()), (Some("one"), Some("two")));
        assert!(before.get("new").is_none() && after.get("gone").is_none());
        assert!(both("password").0.has_sensitive());
        assert!(before.get("arn").is_none() && !after.get("arn").unwrap().is_known());
    }
}
