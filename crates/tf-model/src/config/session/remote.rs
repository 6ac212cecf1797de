//! `terraform_remote_state` of the local backend: a file beside the configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use tf_lang::convert::convert;
use tf_lang::value::{Marks, Reason};
use tf_lang::{Type, Value};

use super::Session;
use crate::config::{files, type_text};

impl Session<'_> {
    /// The outputs of the state that a `terraform_remote_state` reads; unknown where another backend has it.
    pub(super) fn remote_state(&self, value: &Value) -> Option<Value> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let later = || {
            let reason = Reason::DataSource("terraform_remote_state.outputs".into());
            Some(Value::unknown(Type::Any, reason).not_null())
        };
        let workspaced = text("workspace").is_some_and(|workspace| workspace != "default");
        if text("backend") != Some("local") || workspaced {
            return later();
        }
        let config = value.get("config").filter(|config| config.is_wholly_known());
        let path = match config.map(|config| config.get("path").map(Value::as_str)) {
            Some(Some(Some(path))) => path,
            Some(None) => "terraform.tfstate",
            _ => return later(),
        };
        let path = files::normalise(&self.base.join(path));
        // What is not there yet will be: another root writes it.
        if self.project.outside(&path) {
            return later();
        }
        let Some(read) = files::read_text(&path).ok().and_then(|text| outputs(&text)) else {
            return later();
        };
        let mut all: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        if let Some(defaults) = value.get("defaults").and_then(Value::as_entries) {
            all.extend(defaults.iter().cloned());
        }
        all.extend(read);
        Some(Value::object(all))
    }
}

/// The outputs of a state file with their types.
fn outputs(text: &str) -> Option<Vec<(Arc<str>, Value)>> {
    let state: serde_json::Value = serde_json::from_str(text).ok()?;
    let outputs = state.get("outputs")?.as_object()?;
    let read = |(name, output): (&String, &serde_json::Value)| {
        let value = crate::plan::json::read_value(&output.get("value")?.to_string()).ok()?;
        let ty = type_text(&notation(output.get("type")?)?);
        let value = convert(&value, &ty).ok()?;
        let sensitive = output
            .get("sensitive")
            .and_then(serde_json::Value::as_bool)
            .unwrap_or_default();
        let marks = if sensitive { Marks::SENSITIVE } else { Marks::NONE };
        Some((Arc::from(name.as_str()), value.with_marks(marks)))
    };
    outputs.iter().map(read).collect()
}

/// A type of a state file in the notation of the language: `["list", "string"]` is `list(string)`.
fn notation(ty: &serde_json::Value) -> Option<String> {
    if let Some(name) = ty.as_str() {
        return Some(if name == "dynamic" {
            "any".to_owned()
        } else {
            name.to_owned()
        });
    }
    let [kind, inner, ..] = ty.as_array()?.as_slice() else {
        return None;
    };
    let kind = kind.as_str()?;
    let inner = match kind {
        "object" => {
            let attributes = inner.as_object()?.iter();
            let attributes: Option<Vec<String>> = attributes
                .map(|(name, ty)| Some(format!("{name} = {}", notation(ty)?)))
                .collect();
            format!("{{{}}}", attributes?.join(", "))
        }
        "tuple" => {
            let elements: Option<Vec<String>> = inner.as_array()?.iter().map(notation).collect();
            format!("[{}]", elements?.join(", "))
        }
        _ => notation(inner)?,
    };
    Some(format!("{kind}({inner})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_have_the_types_of_the_state() {
        let text = r#"{"outputs":{"a":{"value":["x"],"type":["set","string"]},"b":{"value":{"c":[1,null]},
            "type":["object",{"c":["tuple",["number","string"]]}],"sensitive":true}}}"#;
        let outputs = outputs(text).unwrap();
        assert_eq!(outputs[0].1.ty(), Type::set(Type::String));
        assert!(outputs[1].1.has_sensitive());
        assert_eq!(notation(&serde_json::json!("dynamic")), Some("any".to_owned()));
    }
}
