//! The two ways to deal with a finding, as text to copy: the change of the configuration that accepts it, and the targeted plan that
//! takes it back.

use serde_json::Value as Json;
use tf_lang::SourceMap;
use tf_lang::ast::{Attribute as Written, ExprKind};
use tf_model::graph::Declaration;

use crate::classify::{Found, Reading};
use crate::finding::{Attribute, Class, Remedy};

const HIDDEN: &str = "(sensitive value)";

/// What can be done about a finding.
pub(crate) fn of(
    reading: &Reading<'_>,
    found: &Found<'_>,
    declared: Option<&Declaration>,
    sources: &SourceMap,
    attributes: &[Attribute],
) -> Remedy {
    let address = &*found.step.address;
    let target = quoted(address);
    let apply = |more: &str| {
        format!(
            "terraform -chdir={} apply {more}-target={target}",
            quoted(reading.root)
        )
    };
    match found.class {
        Class::Deleted => Remedy {
            accept: format!(
                "Remove the block of {address}, or forget it and keep the block's history:\n\nremoved {{\n  from = {}\n\n  lifecycle {{\n    \
                 destroy = false\n  }}\n}}",
                tf_review::block_of(address)
            ),
            revert: format!("Make it again:\n\n{}", apply("")),
        },
        Class::Reverted => Remedy {
            accept: patch(reading, declared, sources, attributes, |attribute| {
                &attribute.after
            }),
            revert: format!("Take it back:\n\n{}", apply("")),
        },
        Class::Absorbed => Remedy {
            accept: format!("Take it into the state:\n\n{}", apply("-refresh-only ")),
            revert: format!(
                "Say in the configuration what it should be, and apply:\n\n{}",
                patch(reading, declared, sources, attributes, |attribute| &attribute
                    .before)
            ),
        },
        Class::Unmanaged => Remedy::default(),
    }
}

/// A change of the block that makes attributes what they are to be.
fn patch<'a>(
    reading: &Reading<'_>,
    declared: Option<&Declaration>,
    sources: &SourceMap,
    attributes: &'a [Attribute],
    wanted: impl Fn(&'a Attribute) -> &'a Json,
) -> String {
    let Some(declaration) = declared else {
        return "No block of the configuration is known for it.".to_owned();
    };
    let block = &declaration.block;
    let file = sources.name(block.span.file);
    let mut removed: Vec<String> = Vec::new();
    let mut added: Vec<String> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for attribute in attributes {
        let name = attribute.path.split(['.', '[']).next().unwrap_or_default();
        let whole = attribute.path == name;
        let value = wanted(attribute);
        let written = block.body.attribute(name);
        if is_hidden(value) {
            notes.push(format!(
                "{}: its value is secret, and is not shown",
                attribute.path
            ));
            continue;
        }
        match written {
            // Parts of what is written by hand: only a person can put them together.
            Some(written) if !whole && !is_simple_map(written, &attribute.path, name) => {
                notes.push(format!(
                    "line {}: {} is to be {}",
                    sources.lines(written.span).0,
                    attribute.path,
                    hcl(value)
                ));
            }
            Some(written) if !whole => {
                if !seen.contains(&name) {
                    seen.push(name);
                    removed.extend(sources.text(written.span).lines().map(str::to_owned));
                    added.extend(map(reading, sources, written, attributes, name, &wanted));
                }
            }
            // What other instances and modules share is not to be replaced by what is right for one.
            Some(written) if !is_constant(&written.value.kind) => notes.push(format!(
                "line {}: {name} comes from an expression: change what it refers to, so that it gives {}",
                sources.lines(written.span).0,
                hcl(value)
            )),
            Some(written) => {
                removed.extend(sources.text(written.span).lines().map(str::to_owned));
                if !value.is_null() {
                    added.push(format!("{name} = {}", hcl(value)));
                }
            }
            None if block.body.blocks_of(name).next().is_some() || !whole => {
                notes.push(format!("{} is to be {}", attribute.path, hcl(value)));
            }
            None if value.is_null() => notes.push(format!("{name} is not to be set")),
            None => added.push(format!("{name} = {}", hcl(value))),
        }
    }
    let shared = block.body.attribute("for_each").is_some() || block.body.attribute("count").is_some();
    if shared && !(removed.is_empty() && added.is_empty()) {
        notes
            .push("The block makes other instances too: what is written here is for all of them.".to_owned());
    }
    let lines = sources.lines(block.span);
    let mut out = format!("In {file}, lines {} to {}:\n", lines.0, lines.1);
    if !removed.is_empty() || !added.is_empty() {
        out.push_str(&format!("\n  {}\n", sources.text(block.header)));
        for line in removed {
            out.push_str(&format!("-   {}\n", reading.mask.text("", line.trim_end())));
        }
        for line in added {
            out.push_str(&format!("+   {line}\n"));
        }
    }
    if !notes.is_empty() {
        out.push('\n');
        for note in notes {
            out.push_str(&format!("{}\n", reading.mask.text("", &note)));
        }
    }
    out.trim_end().to_owned()
}

/// Whether a path is one key of an object that is written with plain keys, such as tags.
fn is_simple_map(written: &Written, path: &str, name: &str) -> bool {
    let rest = path.strip_prefix(name).unwrap_or_default();
    let one_key = match rest.strip_prefix('.') {
        Some(key) => !key.contains(['.', '[']),
        None => rest.starts_with("[\"") && rest.ends_with("\"]") && rest.matches('[').count() == 1,
    };
    one_key
        && matches!(&written.value.kind, ExprKind::Object(items) if items.iter().all(|(_, value)| is_constant(&value.kind)))
}

/// An object with some of its keys as they are to be.
fn map<'a>(
    reading: &Reading<'_>,
    sources: &SourceMap,
    written: &Written,
    attributes: &'a [Attribute],
    name: &str,
    wanted: &impl Fn(&'a Attribute) -> &'a Json,
) -> Vec<String> {
    let ExprKind::Object(items) = &written.value.kind else {
        return Vec::new();
    };
    let mut entries: Vec<(String, String)> = items
        .iter()
        .map(|(key, value)| {
            let key = sources.text(key.span()).trim_matches('"').to_owned();
            let value = reading.mask.text(&key, sources.text(value.span)).into_owned();
            (key, value)
        })
        .collect();
    for attribute in attributes {
        let Some(rest) = attribute.path.strip_prefix(name) else {
            continue;
        };
        let key = match rest.strip_prefix('.') {
            Some(key) => key.to_owned(),
            None => serde_json::from_str(rest.trim_start_matches('[').trim_end_matches(']'))
                .unwrap_or_else(|_| rest.to_owned()),
        };
        let value = wanted(attribute);
        let at = entries.iter().position(|(other, _)| *other == key);
        match (at, value.is_null()) {
            (Some(at), true) => drop(entries.remove(at)),
            (Some(at), false) => {
                if let Some(entry) = entries.get_mut(at) {
                    entry.1 = hcl(value);
                }
            }
            (None, true) => {}
            (None, false) => entries.push((key, hcl(value))),
        }
    }
    let plain = |key: &str| {
        key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && key
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
    };
    let mut lines = vec![format!("{name} = {{")];
    for (key, value) in entries {
        let key = match plain(&key) {
            true => key,
            false => Json::from(key).to_string(),
        };
        lines.push(format!("  {key} = {value}"));
    }
    lines.push("}".to_owned());
    lines
}

fn is_constant(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => true,
        ExprKind::Tuple(items) => items.iter().all(|item| is_constant(&item.kind)),
        ExprKind::Object(items) => items.iter().all(|(_, value)| is_constant(&value.kind)),
        _ => false,
    }
}

fn is_hidden(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains(HIDDEN),
        Json::Array(items) => items.iter().any(is_hidden),
        Json::Object(entries) => entries.values().any(is_hidden),
        _ => false,
    }
}

/// A value as an expression. In texts, what would be an interpolation is escaped.
fn hcl(value: &Json) -> String {
    match value {
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(hcl).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{} = {}", Json::from(name.as_str()), hcl(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Json::String(text) => Json::from(text.as_str())
            .to_string()
            .replace("${", "$${")
            .replace("%{", "%%{"),
        other => other.to_string(),
    }
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:@".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
