//! The steps as people read them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tabled::builder::Builder;
use tabled::settings::{Padding, Style};

use super::files::BackendFile;
use crate::backend::item::{Item, Status};
use crate::backend::kind::{Kind, Place};
use crate::target::Context;

/// A table of the steps. What is right is one line a part, unless everything is asked for.
pub(super) fn steps(
    context: &Context,
    steps: &[Item],
    files: &[BackendFile],
    adopted: &[(Place, String)],
    adopt: bool,
) -> String {
    let verbose = context.output.args.verbose;
    let mut table = Builder::default();
    let places: BTreeSet<Place> = steps.iter().map(|step| step.place).collect();
    for place in places {
        let of_place: Vec<&Item> = steps.iter().filter(|step| step.place == place).collect();
        let Some(first) = of_place.first() else { continue };
        let missing = first.kind == Kind::Exists && first.status() == Status::Missing;
        let mut lines: Vec<[String; 3]> = Vec::new();
        let right = of_place
            .iter()
            .filter(|step| step.status() == Status::Right)
            .count();
        for step in &of_place {
            let shown = match step.status() {
                Status::Right => verbose,
                Status::Missing => verbose || !missing || step.kind == Kind::Exists,
                Status::Differs => true,
            };
            if shown {
                let what = match (missing && step.kind == Kind::Exists, step.status()) {
                    (true, _) => "is made".to_owned(),
                    (_, Status::Right) => "right".to_owned(),
                    _ => differences(step),
                };
                lines.push([sign(step.status()).to_owned(), step.name().to_owned(), what]);
            }
            for note in &step.notes {
                lines.push([" ".to_owned(), step.name().to_owned(), note.clone()]);
            }
        }
        if !verbose && right == of_place.len() {
            lines.insert(
                0,
                ["=".to_owned(), format!("{right} checked"), "right".to_owned()],
            );
        }
        if let Some((_, whose)) = adopted.iter().find(|(other, _)| *other == place) {
            lines.insert(0, ["!".to_owned(), String::new(), whose.clone()]);
        }
        for (at, [sign, name, what]) in lines.into_iter().enumerate() {
            let subject = if at == 0 { first.subject.as_str() } else { "" };
            table.push_record([sign.as_str(), subject, name.as_str(), what.as_str()]);
        }
    }
    for file in files {
        let (sign, what) = file.shown(adopt);
        if sign != "=" || verbose {
            table.push_record([sign, file.name(), "file", what]);
        }
    }
    let mut table = table.build();
    table.with(Style::empty()).with(Padding::new(0, 2, 0, 0));
    let lines: Vec<String> = table
        .to_string()
        .lines()
        .map(|line| format!("  {}", line.trim_end()))
        .collect();
    format!(
        "{}, backend {}, as {}\n{}\n",
        context.title(),
        context.bucket,
        context.caller,
        lines.join("\n")
    )
}

fn sign(status: Status) -> &'static str {
    match status {
        Status::Right => "=",
        Status::Differs => "~",
        Status::Missing => "+",
    }
}

/// `bucket_key: false → true; key: …`.
pub(crate) fn differences(item: &Item) -> String {
    let parts: Vec<String> = item
        .differences()
        .iter()
        .map(|difference| {
            let place = match difference.path.is_empty() {
                true => String::new(),
                false => format!("{}: ", difference.path),
            };
            match (&difference.is, &difference.should) {
                (Value::Object(is), Value::Object(should)) => {
                    let names = should
                        .keys()
                        .chain(is.keys().filter(|name| !should.contains_key(*name)));
                    let inner: Vec<String> = names
                        .filter(|name| is.get(*name) != should.get(*name))
                        .map(|name| {
                            let value =
                                |side: &Map<String, Value>| short(side.get(name).unwrap_or(&Value::Null));
                            format!("{name} {} → {}", value(is), value(should))
                        })
                        .collect();
                    format!("{place}{}", inner.join(", "))
                }
                (is, Value::Object(_)) if is.is_null() => format!("{place}is missing"),
                (_, Value::Null) => format!("{place}is too much"),
                (is, should) => format!("{place}{} → {}", short(is), short(should)),
            }
        })
        .collect();
    parts.join("; ")
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.chars().count() > 80 {
        true => format!("{}…", text.chars().take(79).collect::<String>()),
        false => text,
    }
}
