//! One row a line of the estimate, for spreadsheets (RFC 4180).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tf_pricing::{ComponentDocument, Document, Summary};

const HEADER: [&str; 14] = [
    "root",
    "address",
    "type",
    "region",
    "group",
    "component",
    "unit",
    "quantity",
    "quantity_max",
    "price",
    "monthly",
    "monthly_max",
    "state",
    "reason",
];

pub(super) fn document(document: &Document) -> String {
    let mut out = row(HEADER.map(str::to_owned));
    let number = |value: Option<Decimal>| value.map(|value| value.to_string()).unwrap_or_default();
    for resource in &document.resources {
        for line in &resource.components {
            let (state, reason) = state(line);
            out.push_str(&row([
                resource.root.clone().unwrap_or_default(),
                resource.address.clone(),
                resource.ty.clone(),
                resource.region.clone().unwrap_or_default(),
                line.group.clone().unwrap_or_default(),
                line.name.clone(),
                line.unit.clone(),
                number(line.quantity),
                number(line.quantity_max),
                number(line.price),
                number(line.monthly),
                number(line.monthly_max),
                state.to_owned(),
                reason,
            ]));
        }
    }
    if document.roots.is_empty() {
        push_in_no_sum(&mut out, "", &document.summary);
    }
    for root in &document.roots {
        push_in_no_sum(&mut out, &root.root, &root.summary);
    }
    out
}

/// Types that no model says anything of: a row for each, so that a spreadsheet does not take them for free.
fn push_in_no_sum(out: &mut String, root: &str, summary: &Summary) {
    let mut push = |types: &BTreeMap<String, usize>, state: &str, reason: &str| {
        for (ty, count) in types {
            let mut fields = HEADER.map(|_| String::new());
            let count = count.to_string();
            for (name, value) in [
                ("root", root),
                ("type", ty.as_str()),
                ("unit", "resources"),
                ("quantity", count.as_str()),
                ("state", state),
                ("reason", reason),
            ] {
                let at = HEADER.iter().position(|column| *column == name);
                if let Some(field) = at.and_then(|at| fields.get_mut(at)) {
                    value.clone_into(field);
                }
            }
            out.push_str(&row(fields));
        }
    };
    push(
        &summary.not_priced_types,
        "no model",
        "there is no cost model of this type yet",
    );
    push(
        &summary.not_known_types,
        "not known",
        "the type is newer than this program; whether it costs anything is not known",
    );
}

/// Whether a line counts, and why not.
pub(super) fn state(line: &ComponentDocument) -> (&'static str, String) {
    match (&line.unpriced, line.depends_on.as_slice(), line.monthly) {
        (Some(reason), _, _) => ("unpriced", reason.clone()),
        (None, [_, ..], _) => ("depends", line.depends_on.join("; ")),
        (None, [], None) => ("usage", line.usage_key.clone().unwrap_or_default()),
        (None, [], Some(_)) => ("priced", String::new()),
    }
}

/// A row with its end.
pub(super) fn row(fields: impl IntoIterator<Item = String>) -> String {
    let fields: Vec<String> = fields.into_iter().map(|field| quoted(&field)).collect();
    format!("{}\r\n", fields.join(","))
}

/// A field; one that a spreadsheet would take for a formula gets an apostrophe. A negative number is none.
fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<Decimal>().is_err();
    let field = if formula {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        for (field, row) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("aws_x.y[\"k\"]", "\"aws_x.y[\"\"k\"\"]\""),
            ("=SUM(A1)", "'=SUM(A1)"),
            ("-SUM(A1)", "'-SUM(A1)"),
            ("-12.5", "-12.5"),
        ] {
            assert_eq!(quoted(field), row);
        }
    }
}
