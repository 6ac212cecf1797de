//! Values for the variables of a root module, from everywhere that Terraform takes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tf_lang::ast::{Body, Expr};
use tf_lang::parse::{self, Json, JsonNode};
use tf_lang::{Diagnostic, FileId, SourceFile, SourceMap, Span, Value};

use super::files;

/// Where the values of variables come from besides the files that Terraform reads by itself.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `-var` and `-var-file` in the order of the command line; later ones win.
    pub arguments: Vec<Input>,
    /// `TF_VAR_name` of the environment, by name without the prefix.
    pub environment: BTreeMap<String, String>,
}

/// One argument of the command line.
#[derive(Clone, Debug)]
pub enum Input {
    /// `-var NAME=VALUE`
    Var(String, String),
    /// `-var-file FILE`
    File(PathBuf),
}

/// A value given for a variable, not yet converted to the variable's type.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// Evaluated already.
    Value(Value, Option<Span>),
    /// Text of the command line or the environment: what it means depends on the variable's type.
    Text(Arc<str>, Arc<str>),
}

/// All values given for a root module, by variable.
#[derive(Clone, Debug, Default)]
pub(crate) struct GivenValues {
    pub(crate) values: BTreeMap<Arc<str>, Given>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl GivenValues {
    /// Gathers the values of a root module in a folder; later sources win.
    pub(crate) fn gather(dir: &Path, inputs: &Inputs, sources: &mut SourceMap, base: &Path) -> GivenValues {
        let mut given = GivenValues::default();
        for (name, text) in &inputs.environment {
            let origin = format!("TF_VAR_{name}");
            given.values.insert(
                name.as_str().into(),
                Given::Text(text.as_str().into(), origin.into()),
            );
        }
        for file in automatic_files(dir) {
            given.read(&file, sources, base);
        }
        for argument in &inputs.arguments {
            match argument {
                Input::Var(name, text) => {
                    let origin = format!("-var {name}");
                    given.values.insert(
                        name.as_str().into(),
                        Given::Text(text.as_str().into(), origin.into()),
                    );
                }
                Input::File(path) => given.read(path, sources, base),
            }
        }
        given
    }

    fn read(&mut self, path: &Path, sources: &mut SourceMap, base: &Path) {
        let name = files::display_name(path, base);
        let text = match files::read_text(path) {
            Ok(text) => text,
            Err(message) => {
                let file = sources.add(SourceFile::new(name, ""));
                let summary = "Failed to read variables file";
                self.diagnostics
                    .push(Diagnostic::error(summary, message, Span::new(file, 0, 0)));
                return;
            }
        };
        let text: Arc<str> = text.into();
        let file = sources.add(SourceFile::new(name, text.clone()));
        let result = match path.extension().is_some_and(|extension| extension == "json") {
            true => self.read_json(file, &text),
            false => self.read_hcl(file, &text),
        };
        if let Err(diagnostic) = result {
            self.diagnostics.push(*diagnostic);
        }
    }

    fn read_hcl(&mut self, file: FileId, text: &str) -> Result<(), Box<Diagnostic>> {
        let Body {
            attributes, blocks, ..
        } = parse::parse_body(file, text)?;
        for attribute in attributes {
            match super::constant(&attribute.value) {
                Ok(value) => {
                    self.values.insert(
                        attribute.name.name,
                        Given::Value(value, Some(attribute.value.span)),
                    );
                }
                Err(diagnostic) => self.diagnostics.push(*diagnostic),
            }
        }
        match blocks.first() {
            Some(block) => Err(Box::new(Diagnostic::error(
                "Unexpected block",
                format!(
                    "Blocks are not allowed here: a variables file assigns values, as in {} = ….",
                    block.kind.name
                ),
                block.header,
            ))),
            None => Ok(()),
        }
    }

    fn read_json(&mut self, file: FileId, text: &str) -> Result<(), Box<Diagnostic>> {
        let JsonNode {
            value: Json::Object(entries),
            ..
        } = parse::parse_json_body(file, text)?
        else {
            let detail = "A variables file in JSON is an object of variables.";
            return Err(Box::new(Diagnostic::error(
                "Invalid JSON",
                detail,
                Span::new(file, 0, 0),
            )));
        };
        for (name, node) in entries {
            let value = super::json::plain_value(&node);
            self.values
                .insert(name.name, Given::Value(value, Some(node.span)));
        }
        Ok(())
    }
}

/// `terraform.tfvars`, `terraform.tfvars.json`, then `*.auto.tfvars` and `*.auto.tfvars.json` by name.
fn automatic_files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = ["terraform.tfvars", "terraform.tfvars.json"]
        .into_iter()
        .map(|name| dir.join(name))
        .filter(|path| path.is_file())
        .collect();
    let mut automatic: Vec<PathBuf> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")
        })
        .collect();
    automatic.sort();
    found.extend(automatic);
    found
}

/// Reads a text of the command line or environment for a variable: a string for variables of a primitive
/// type, an expression for all others.
pub(crate) fn parse_text(text: &str, ty: &tf_lang::Type, origin: &str) -> Result<Value, Box<Diagnostic>> {
    if ty.is_primitive() || *ty == tf_lang::Type::Any {
        return Ok(Value::from(text));
    }
    let parsed: Result<Expr, _> = parse::parse_expr(FileId(u32::MAX), text);
    parsed
        .and_then(|expr| super::constant(&expr))
        .map_err(|diagnostic| {
            Box::new(Diagnostic {
                detail: format!("{} (in the value of {origin})", diagnostic.detail),
                span: None,
                ..*diagnostic
            })
        })
}
