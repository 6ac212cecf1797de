//! JSON texts as values, without a tree in between.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use tf_lang::{Number, Value};

use crate::names;

/// The value of a JSON text: arrays become tuples, objects become objects.
///
/// # Errors
/// Where the text is not JSON, or nests deeper than 128 levels.
pub fn read_value(text: &str) -> Result<Value, serde_json::Error> {
    let mut begun = BEGUN.take();
    let mut read = || {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = ReadValue(&mut begun).deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    };
    let value = read();
    begun.clear();
    BEGUN.set(begun);
    value
}

/// The attributes of an object, not read yet.
///
/// # Errors
/// Where the text is no JSON object.
pub(super) fn read_attributes(text: &str) -> Result<Vec<(Arc<str>, &RawValue)>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let attributes = deserializer.deserialize_map(ReadAttributes)?;
    deserializer.end()?;
    Ok(attributes)
}

/// What is begun of arrays and objects, the inner ones last: each gets just the room that it needs when it is whole, as a large plan
/// has millions.
#[derive(Default)]
struct Begun {
    items: Vec<Value>,
    entries: Vec<(Arc<str>, Value)>,
}

impl Begun {
    fn clear(&mut self) {
        self.items.clear();
        self.entries.clear();
    }
}

thread_local! {
    static BEGUN: Cell<Begun> = Cell::default();
}

struct ReadName;

impl<'de> DeserializeSeed<'de> for ReadName {
    type Value = Arc<str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Arc<str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for ReadName {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Arc<str>, E> {
        Ok(names::shared(name))
    }
}

struct ReadAttributes;

impl<'de> Visitor<'de> for ReadAttributes {
    type Value = Vec<(Arc<str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut attributes = Vec::with_capacity(64);
        while let Some(name) = entries.next_key_seed(ReadName)? {
            attributes.push((name, entries.next_value()?));
        }
        Ok(attributes)
    }
}

struct ReadValue<'b>(&'b mut Begun);

impl<'de> DeserializeSeed<'de> for ReadValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ReadValue<'_> {
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
        let first = self.0.items.len();
        while let Some(value) = items.next_element_seed(ReadValue(&mut *self.0))? {
            self.0.items.push(value);
        }
        Ok(Value::tuple(self.0.items.drain(first..).collect()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let first = self.0.entries.len();
        while let Some(name) = entries.next_key_seed(ReadName)? {
            let value = entries.next_value_seed(ReadValue(&mut *self.0))?;
            self.0.entries.push((name, value));
        }
        let whole: Vec<(Arc<str>, Value)> = self.0.entries.drain(first..).collect();
        Ok(Value::object(whole))
    }
}
