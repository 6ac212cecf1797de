//! JSON texts as values, without a tree in between.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use tf_lang::{Number, Value};

/// The value of a JSON text: arrays become tuples, objects become objects.
///
/// # Errors
/// Where the text is not JSON, or nests deeper than 128 levels.
pub fn read_value(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = ReadValue.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Names that are kept, and their length at most: attributes, not the keys of everybody's maps.
const MOST_NAMES: usize = 8192;
const LONGEST_NAME: usize = 40;

thread_local! {
    /// The names of attributes stand in a plan once for each resource, and in memory once for each thread.
    static NAMES: RefCell<HashSet<Arc<str>>> = RefCell::default();
}

fn shared(name: &str) -> Arc<str> {
    if name.len() > LONGEST_NAME {
        return name.into();
    }
    NAMES.with_borrow_mut(|names| match names.get(name) {
        Some(known) => known.clone(),
        None => {
            let new: Arc<str> = name.into();
            if names.len() < MOST_NAMES {
                names.insert(new.clone());
            }
            new
        }
    })
}

struct ReadValue;

impl<'de> DeserializeSeed<'de> for ReadValue {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ReadValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::NULL)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(Number::from(value)))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        // The shortest text of a float is what the plan had, unless it had more than 17 digits.
        let number = Number::parse(&format!("{value:e}"));
        number
            .map(Value::from)
            .ok_or_else(|| E::custom("a number that is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::with_capacity(items.size_hint().unwrap_or_default());
        while let Some(value) = items.next_element_seed(ReadValue)? {
            values.push(value);
        }
        Ok(Value::tuple(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut values: Vec<(Arc<str>, Value)> = Vec::new();
        while let Some(name) = entries.next_key::<std::borrow::Cow<'de, str>>()? {
            values.push((shared(&name), entries.next_value_seed(ReadValue)?));
        }
        Ok(Value::object(fitting(values)))
    }
}

/// The same list without the room into which it could grow, of which a large plan would have tens of megabytes. To shrink it in place
/// gives nothing back where less than half is free.
fn fitting<T>(mut grown: Vec<T>) -> Vec<T> {
    if grown.capacity() - grown.len() <= grown.len() / 4 {
        return grown;
    }
    let mut exact = Vec::with_capacity(grown.len());
    exact.append(&mut grown);
    exact
}
