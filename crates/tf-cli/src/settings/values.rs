//! The values of settings: what a reader of any block takes an attribute for, and says where it is something else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tf_lang::ast::{Attribute, Expr, ExprKind, ObjectKey};

use super::{Reader, SettingsError};

impl Reader {
    pub(super) fn text(&self, attribute: &Attribute) -> Result<String, SettingsError> {
        match &attribute.value.kind {
            ExprKind::String(text) => Ok(text.to_string()),
            _ => Err(self.wrong(
                attribute.value.span,
                format!("\"{}\" is a string", attribute.name.name),
            )),
        }
    }

    pub(super) fn texts(&self, attribute: &Attribute) -> Result<Vec<String>, SettingsError> {
        let wrong = || {
            self.wrong(
                attribute.value.span,
                format!("\"{}\" is a list of strings", attribute.name.name),
            )
        };
        let ExprKind::Tuple(items) = &attribute.value.kind else {
            return Err(wrong());
        };
        let text = |item: &Expr| match &item.kind {
            ExprKind::String(text) => Ok(text.to_string()),
            _ => Err(wrong()),
        };
        items.iter().map(text).collect()
    }

    pub(super) fn flag(&self, attribute: &Attribute) -> Result<bool, SettingsError> {
        match attribute.value.kind {
            ExprKind::Bool(flag) => Ok(flag),
            _ => Err(self.wrong(
                attribute.value.span,
                format!("\"{}\" is true or false", attribute.name.name),
            )),
        }
    }

    /// Folders, which are relative to the settings file.
    pub(super) fn folders(&self, attribute: &Attribute) -> Result<Vec<PathBuf>, SettingsError> {
        let folders = self.texts(attribute)?.into_iter();
        Ok(folders.map(|dir| self.dir.join(dir)).collect())
    }

    /// A severity, or `none`.
    pub(super) fn level(&self, attribute: &Attribute) -> Result<String, SettingsError> {
        let level = self.text(attribute)?;
        if level != "none" && tf_report::Severity::parse(&level).is_none() {
            let message = "fail_on is critical, high, medium, low, info or none";
            return Err(self.wrong(attribute.value.span, message));
        }
        Ok(level)
    }

    pub(super) fn one_of(&self, attribute: &Attribute, known: &[&str]) -> Result<String, SettingsError> {
        let text = self.text(attribute)?;
        match known.contains(&text.as_str()) {
            true => Ok(text),
            false => Err(self.wrong(
                attribute.value.span,
                format!("\"{}\" is one of {}", attribute.name.name, known.join(", ")),
            )),
        }
    }

    pub(super) fn count(&self, attribute: &Attribute, least: i32, most: i32) -> Result<i32, SettingsError> {
        let count = match &attribute.value.kind {
            ExprKind::Number(number) if number.is_integer() => {
                number.to_i64().and_then(|number| i32::try_from(number).ok())
            }
            _ => None,
        };
        count
            .filter(|count| (least..=most).contains(count))
            .ok_or_else(|| {
                self.wrong(
                    attribute.value.span,
                    format!(
                        "\"{}\" is a whole number from {least} to {most}",
                        attribute.name.name
                    ),
                )
            })
    }

    pub(super) fn pairs(&self, attribute: &Attribute) -> Result<BTreeMap<String, String>, SettingsError> {
        let wrong = |span| self.wrong(span, format!("\"{}\" is a map of strings", attribute.name.name));
        let ExprKind::Object(items) = &attribute.value.kind else {
            return Err(wrong(attribute.value.span));
        };
        let mut pairs = BTreeMap::new();
        for (key, value) in items {
            let name = match key {
                ObjectKey::Name(name) => name.name.to_string(),
                ObjectKey::Expr(expr) => match &expr.kind {
                    ExprKind::String(text) => text.to_string(),
                    _ => return Err(wrong(expr.span)),
                },
            };
            let ExprKind::String(text) = &value.kind else {
                return Err(wrong(value.span));
            };
            pairs.insert(name, text.to_string());
        }
        Ok(pairs)
    }
}
