//! Values and types as `terraform console` prints them.

use crate::text::quote_go;
use crate::types::Type;
use crate::value::{Entries, Kind, Marks, Value};

/// What `terraform console` prints for a value; nothing where it is made of a type as no value may be.
pub fn answer(value: &Value) -> Option<String> {
    if !value.marks_deep().contains(Marks::TYPE) {
        return Some(format_value(value));
    }
    match value.kind() {
        Kind::Type(ty) => Some(format_type(ty)),
        _ => None,
    }
}

/// A value as `terraform console` prints it. What is sensitive is not shown.
pub fn format_value(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out
}

fn write_value(out: &mut String, value: &Value, indent: usize) {
    if !value.is_known() {
        return out.push_str("(known after apply)");
    }
    if value.marks().contains(Marks::SENSITIVE) {
        return out.push_str("(sensitive value)");
    }
    if value.marks().contains(Marks::EPHEMERAL) {
        return out.push_str("(ephemeral value)");
    }
    match value.kind() {
        Kind::Null(ty) => out.push_str(&typed_null(ty)),
        Kind::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&number.to_string()),
        Kind::String(text) => write_string(out, text, indent),
        Kind::List(_, items) => wrapped(out, "tolist(", |out| write_sequence(out, items, indent)),
        Kind::Set(_, items) => wrapped(out, "toset(", |out| write_sequence(out, items, indent)),
        Kind::Tuple(items) => write_sequence(out, items, indent),
        Kind::Map(_, entries) => wrapped(out, "tomap(", |out| write_entries(out, entries, indent)),
        Kind::Object(entries) => write_entries(out, entries, indent),
        Kind::Type(ty) => out.push_str(&format_type(ty)),
        Kind::Unknown(_) | Kind::Handle(_) => out.push_str("(known after apply)"),
    }
}

fn wrapped(out: &mut String, open: &str, inner: impl FnOnce(&mut String)) {
    out.push_str(open);
    inner(out);
    out.push(')');
}

fn typed_null(ty: &Type) -> String {
    match ty {
        Type::Any => "null".to_owned(),
        Type::String => "tostring(null)".to_owned(),
        Type::Number => "tonumber(null)".to_owned(),
        Type::Bool => "tobool(null)".to_owned(),
        Type::List(element) => format!("tolist(null) /* of {} */", element.friendly_name()),
        Type::Set(element) => format!("toset(null) /* of {} */", element.friendly_name()),
        Type::Map(element) => format!("tomap(null) /* of {} */", element.friendly_name()),
        other => format!("null /* {} */", other.friendly_name()),
    }
}

fn write_string(out: &mut String, text: &str, indent: usize) {
    if !text.contains('\n') {
        return out.push_str(&quote_go(text));
    }
    let mut delimiter = "EOT".to_owned();
    while text.split('\n').any(|line| line.trim() == delimiter) {
        delimiter.push('_');
    }
    out.push_str(if indent > 0 { "<<-" } else { "<<" });
    out.push_str(&delimiter);
    for line in text.split('\n').chain([delimiter.as_str()]) {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str(line);
    }
}

fn write_sequence(out: &mut String, items: &[Value], indent: usize) {
    out.push('[');
    for item in items {
        new_line(out, indent + 2);
        write_value(out, item, indent + 2);
        out.push(',');
    }
    if !items.is_empty() {
        new_line(out, indent);
    }
    out.push(']');
}

fn write_entries(out: &mut String, entries: &Entries, indent: usize) {
    out.push('{');
    for (key, value) in entries.iter() {
        new_line(out, indent + 2);
        write_string(out, key, indent + 2);
        out.push_str(" = ");
        write_value(out, value, indent + 2);
    }
    if !entries.is_empty() {
        new_line(out, indent);
    }
    out.push('}');
}

fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A type as the console's `type()` prints it.
pub fn format_type(ty: &Type) -> String {
    let mut out = String::new();
    write_type(&mut out, ty, 0);
    out
}

fn write_type(out: &mut String, ty: &Type, indent: usize) {
    let collection = |out: &mut String, open: &str, element: &Type| {
        out.push_str(open);
        match element {
            Type::Object(_) | Type::Tuple(_) => {
                new_line(out, 4 * (indent + 1));
                write_type(out, element, indent + 1);
                out.push(',');
                new_line(out, 4 * indent);
            }
            _ => write_type(out, element, indent),
        }
        out.push(')');
    };
    match ty {
        Type::Any => out.push_str("dynamic"),
        Type::Bool => out.push_str("bool"),
        Type::Number => out.push_str("number"),
        Type::String => out.push_str("string"),
        Type::Type => out.push_str("type"),
        Type::List(element) => collection(out, "list(", element),
        Type::Set(element) => collection(out, "set(", element),
        Type::Map(element) => collection(out, "map(", element),
        Type::Tuple(elements) if elements.is_empty() => out.push_str("tuple([])"),
        Type::Tuple(elements) => {
            out.push_str("tuple([");
            for element in elements.iter() {
                new_line(out, 4 * (indent + 1));
                write_type(out, element, indent + 1);
                out.push(',');
            }
            new_line(out, 4 * indent);
            out.push_str("])");
        }
        Type::Object(attrs) if attrs.is_empty() => out.push_str("object({})"),
        Type::Object(attrs) => {
            out.push_str("object({");
            for attr in attrs.iter() {
                new_line(out, 4 * (indent + 1));
                out.push_str(&format!("{}: ", attr.name));
                write_type(out, &attr.ty, indent + 1);
                out.push(',');
            }
            new_line(out, 4 * indent);
            out.push_str("})");
        }
    }
}
