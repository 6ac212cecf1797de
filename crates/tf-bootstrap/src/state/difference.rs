//! What differs between two states: addresses and the names of attributes, never values.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::document::{StateError, summary};

/// What one state has and another has not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Difference {
    /// Addresses that only the new state has.
    pub(crate) added: Vec<String>,
    /// Addresses that only the old state has.
    pub(crate) removed: Vec<String>,
    /// What both have, and not alike.
    pub(crate) changed: Vec<ResourceChange>,
    /// Names of outputs that only the new state has.
    pub(crate) outputs_added: Vec<String>,
    /// Names of outputs that only the old state has.
    pub(crate) outputs_removed: Vec<String>,
    /// Names of outputs with other values.
    pub(crate) outputs_changed: Vec<String>,
}

impl Difference {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Difference::default()
    }
}

/// An object that both states have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ResourceChange {
    /// Its address.
    pub(crate) address: String,
    /// The attributes with other values, by name.
    pub(crate) attributes: Vec<String>,
    /// What else is not alike: `provider`, `status`, `schema_version`.
    pub(crate) other: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Document<'j> {
    #[serde(borrow, default)]
    outputs: Option<BTreeMap<Cow<'j, str>, &'j RawValue>>,
    #[serde(borrow, default)]
    resources: Option<Vec<Resource<'j>>>,
}

#[derive(Deserialize)]
struct Resource<'j> {
    #[serde(borrow, default)]
    module: Cow<'j, str>,
    #[serde(borrow)]
    mode: Cow<'j, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'j, str>,
    #[serde(borrow)]
    name: Cow<'j, str>,
    #[serde(borrow, default)]
    provider: Cow<'j, str>,
    #[serde(borrow, default)]
    instances: Option<Vec<Instance<'j>>>,
}

#[derive(Deserialize)]
struct Instance<'j> {
    #[serde(default)]
    index_key: Option<Index>,
    #[serde(borrow, default)]
    status: Cow<'j, str>,
    #[serde(borrow, default)]
    deposed: Cow<'j, str>,
    #[serde(default)]
    schema_version: u64,
    #[serde(borrow, default)]
    attributes: Option<&'j RawValue>,
    #[serde(borrow, default)]
    attributes_flat: Option<&'j RawValue>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Index {
    Number(i64),
    Key(String),
}

/// An instance with what its resource says.
struct Object<'j> {
    provider: Cow<'j, str>,
    instance: Instance<'j>,
}

/// What changes when `old` is replaced by `new`.
///
/// # Errors
/// Where one of them is no state of format 4.
pub(crate) fn difference(old: &[u8], new: &[u8]) -> Result<Difference, StateError> {
    let old = read(old)?;
    let new = read(new)?;
    let mut difference = Difference::default();
    let before = objects(old.resources.unwrap_or_default());
    let mut after = objects(new.resources.unwrap_or_default());
    for (address, old) in before {
        match after.remove(&address) {
            None => difference.removed.push(address),
            Some(new) => difference.changed.extend(change(address, &old, &new)),
        }
    }
    difference.added = after.into_keys().collect();
    let mut after = new.outputs.unwrap_or_default();
    for (name, old) in old.outputs.unwrap_or_default() {
        let name = name.into_owned();
        match after.remove(&*name) {
            None => difference.outputs_removed.push(name),
            Some(new) if !same(Some(old), Some(new)) => difference.outputs_changed.push(name),
            Some(_) => {}
        }
    }
    difference.outputs_added = after.into_keys().map(Cow::into_owned).collect();
    Ok(difference)
}

fn read(bytes: &[u8]) -> Result<Document<'_>, StateError> {
    serde_json::from_slice(bytes).map_err(|_| match summary(bytes) {
        Err(error) => error,
        Ok(_) => StateError::Shape("its resources have another form than those of format 4".to_owned()),
    })
}

fn objects(resources: Vec<Resource<'_>>) -> BTreeMap<String, Object<'_>> {
    let mut objects = BTreeMap::new();
    for resource in resources {
        let module = match &*resource.module {
            "" => String::new(),
            module => format!("{module}."),
        };
        let mode = match &*resource.mode {
            "managed" => String::new(),
            mode => format!("{mode}."),
        };
        let base = format!("{module}{mode}{}.{}", resource.kind, resource.name);
        for instance in resource.instances.unwrap_or_default() {
            let index = match &instance.index_key {
                None => String::new(),
                Some(Index::Number(number)) => format!("[{number}]"),
                Some(Index::Key(key)) => format!("[\"{}\"]", escaped(key)),
            };
            let deposed = match &*instance.deposed {
                "" => String::new(),
                key => format!(" (deposed {key})"),
            };
            let provider = resource.provider.clone();
            objects.insert(format!("{base}{index}{deposed}"), Object { provider, instance });
        }
    }
    objects
}

/// A key of `for_each` as it stands in an address.
fn escaped(key: &str) -> String {
    key.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace("${", "$${")
        .replace("%{", "%%{")
}

fn change(address: String, old: &Object<'_>, new: &Object<'_>) -> Option<ResourceChange> {
    let mut attributes = names(old.instance.attributes, new.instance.attributes);
    attributes.extend(names(old.instance.attributes_flat, new.instance.attributes_flat));
    let mut other = Vec::new();
    let mut differs = |name, differs: bool| {
        if differs {
            other.push(name);
        }
    };
    differs("provider", old.provider != new.provider);
    differs("status", old.instance.status != new.instance.status);
    differs(
        "schema_version",
        old.instance.schema_version != new.instance.schema_version,
    );
    (!attributes.is_empty() || !other.is_empty()).then_some(ResourceChange {
        address,
        attributes,
        other,
    })
}

/// The names of members with other values.
fn names(old: Option<&RawValue>, new: Option<&RawValue>) -> Vec<String> {
    if same(old, new) {
        return Vec::new();
    }
    let mut after = members(new);
    let mut names = Vec::new();
    for (name, old) in members(old) {
        let new = after.remove(&name);
        if !same(Some(old), new) {
            names.push(name.into_owned());
        }
    }
    names.extend(after.into_keys().map(Cow::into_owned));
    names.sort();
    names
}

fn members(object: Option<&RawValue>) -> BTreeMap<Cow<'_, str>, &RawValue> {
    object
        .and_then(|object| serde_json::from_str(object.get()).ok())
        .unwrap_or_default()
}

/// Whether two values are alike but for the spaces between their parts. Numbers are compared as they are written: as
/// floating-point numbers, long ids would be alike that are not.
fn same(old: Option<&RawValue>, new: Option<&RawValue>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => {
            old.get() == new.get() || without_space(old.get()).eq(without_space(new.get()))
        }
        (old, new) => old.is_none() == new.is_none(),
    }
}

fn without_space(json: &str) -> impl Iterator<Item = u8> + '_ {
    let (mut inside, mut escaped) = (false, false);
    json.bytes().filter(move |byte| {
        if inside {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => inside = false,
                _ => {}
            }
            return true;
        }
        inside = *byte == b'"';
        !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(resources: &str, outputs: &str) -> Vec<u8> {
        format!(
            "{{\"version\":4,\"serial\":1,\"lineage\":\"l\",\"outputs\":{{{outputs}}},\"resources\":[{resources}]}}"
        )
        .into_bytes()
    }

    fn resource(name: &str, rest: &str, instances: &str) -> String {
        format!(
            "{{{rest}\"mode\":\"managed\",\"type\":\"t\",\"name\":\"{name}\",\"provider\":\"p\",\"instances\":[{instances}]}}"
        )
    }

    #[test]
    fn addresses_are_those_of_terraform() {
        let module = "\"module\":\"module.a[\\\"k\\\"].module.b\",";
        let instances =
            "{\"index_key\":0},{\"index_key\":\"q\\\"${x}\"},{\"index_key\":0,\"deposed\":\"1a\"}";
        let data = resource("d", "", "{}").replace("managed", "data");
        let all = [resource("n", module, instances), data, resource("none", "", "")].join(",");
        let difference = difference(&state("", ""), &state(&all, "")).unwrap();
        assert_eq!(
            difference.added,
            [
                "data.t.d",
                "module.a[\"k\"].module.b.t.n[\"q\\\"$${x}\"]",
                "module.a[\"k\"].module.b.t.n[0]",
                "module.a[\"k\"].module.b.t.n[0] (deposed 1a)",
            ]
        );
    }

    #[test]
    fn changes_have_names_and_no_values() {
        let old = [
            resource("a", "", "{\"attributes\":{\"same\":[1, 2],\"password\":\"hunter2\",\"gone\":1,\"id\":12345678901234567890}}"),
            resource("b", "", "{\"schema_version\":1,\"attributes\":{\"x\":1}}"),
            resource("c", "", "{}"),
            resource("same", "", "{\"attributes\":{\"x\":\"a b\"}}"),
        ]
        .join(",");
        let new = [
            resource("a", "", "{\"attributes\":{\"new\":1,\"same\":[1,2],\"password\":\"correct horse\",\"id\":12345678901234567891}}"),
            resource("b", "", "{\"status\":\"tainted\",\"schema_version\":2,\"attributes\":{\"x\":1}}")
                .replace("\"p\"", "\"q\""),
            resource("same", "", "{ \"attributes\" : {\"x\" : \"a b\"} }"),
        ]
        .join(",");
        let outputs = (
            "\"a\":{\"value\":\"hunter2\"},\"b\":{\"value\":1}",
            "\"a\":{\"value\":\"x\"},\"c\":{\"value\":1}",
        );
        let difference = difference(&state(&old, outputs.0), &state(&new, outputs.1)).unwrap();
        assert_eq!(difference.removed, ["t.c"]);
        assert_eq!(difference.changed.len(), 2);
        assert_eq!(
            difference.changed[0].attributes,
            ["gone", "id", "new", "password"]
        );
        assert_eq!(
            difference.changed[1].other,
            ["provider", "status", "schema_version"]
        );
        let outputs = (
            &difference.outputs_added[0],
            &difference.outputs_removed[0],
            &difference.outputs_changed[0],
        );
        assert_eq!((&**outputs.0, &**outputs.1, &**outputs.2), ("c", "b", "a"));
        let shown = format!("{difference:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("horse"), "{shown}");
    }

    #[test]
    fn spaces_in_strings_count() {
        let one = state(&resource("a", "", "{\"attributes\":{\"x\":\"a \\\" b\"}}"), "");
        let other = state(&resource("a", "", "{\"attributes\":{\"x\":\"a \\\"b\"}}"), "");
        assert_eq!(difference(&one, &other).unwrap().changed[0].attributes, ["x"]);
        assert!(difference(&one, &one).unwrap().is_empty());
    }
}
