//! Values that are decoded when they are first looked at: parts of what build scripts compile from HCL.
//!
//! A run evaluates the conditions of the policies whose subjects it meets, a third of the pack, and prints no examples.

use std::ops::Deref;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// A value, or the bytes that hold it.
#[derive(Clone)]
pub struct Late<T> {
    bytes: &'static [u8],
    value: OnceLock<T>,
}

impl<T> From<T> for Late<T> {
    fn from(value: T) -> Late<T> {
        Late {
            bytes: &[],
            value: value.into(),
        }
    }
}

/// A build script reads everything that it writes, so that bytes that cannot be decoded, which give the default, do not
/// occur.
impl<T: DeserializeOwned + Default> Deref for Late<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value
            .get_or_init(|| postcard::from_bytes(self.bytes).unwrap_or_default())
    }
}

impl<T: DeserializeOwned + Default + PartialEq> PartialEq for Late<T> {
    fn eq(&self, other: &Late<T>) -> bool {
        **self == **other
    }
}

impl<T: DeserializeOwned + Default + std::fmt::Debug> std::fmt::Debug for Late<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Serialize + DeserializeOwned + Default> Serialize for Late<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = postcard::to_stdvec(&**self).map_err(ser::Error::custom)?;
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de: 'static, T> Deserialize<'de> for Late<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Late<T>, D::Error> {
        let bytes: &'static [u8] = Deserialize::deserialize(deserializer)?;
        if bytes.is_empty() {
            return Err(de::Error::custom("a value without bytes"));
        }
        Ok(Late {
            bytes,
            value: OnceLock::new(),
        })
    }
}
