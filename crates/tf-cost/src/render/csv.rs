//! One row a line of the estimate, for spreadsheets (RFC 4180).

use rust_decimal::Decimal;
use tf_pricing::Document;

const HEADER: &str = "root,address,type,region,group,component,unit,quantity,quantity_max,price,monthly,monthly_max,state,reason";

pub(super) fn document(document: &Document) -> String {
    let mut out = format!("{HEADER}\r\n");
    let number = |value: Option<Decimal>| value.map(|value| value.to_string()).unwrap_or_default();
    for resource in &document.resources {
        for line in &resource.components {
            let (state, reason) = match (&line.unpriced, line.depends_on.as_slice(), line.monthly) {
                (Some(reason), _, _) => ("unpriced", reason.clone()),
                (None, [_, ..], _) => ("depends", line.depends_on.join("; ")),
                (None, [], None) => ("usage", line.usage_key.clone().unwrap_or_default()),
                (None, [], Some(_)) => ("priced", String::new()),
            };
            let fields = [
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
            ];
            let row: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
            out.push_str(&row.join(","));
            out.push_str("\r\n");
        }
    }
    out
}

/// A field; one that a spreadsheet would take for a formula gets an apostrophe.
fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
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
        ] {
            assert_eq!(quoted(field), row);
        }
    }
}
