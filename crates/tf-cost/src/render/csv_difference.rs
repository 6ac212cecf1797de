//! One row a line that differs, for spreadsheets (RFC 4180).

use rust_decimal::Decimal;
use tf_pricing::{Change, ComponentDocument, Difference};

use super::csv::{row, state};

const HEADER: [&str; 23] = [
    "root",
    "address",
    "type",
    "resource_change",
    "group",
    "component",
    "change",
    "unit",
    "quantity_before",
    "quantity_after",
    "quantity_max_before",
    "quantity_max_after",
    "price_before",
    "price_after",
    "monthly_before",
    "monthly_after",
    "monthly_max_before",
    "monthly_max_after",
    "delta",
    "state_before",
    "state_after",
    "reason_before",
    "reason_after",
];

pub(super) fn difference(difference: &Difference) -> String {
    let mut out = row(HEADER.map(str::to_owned));
    for resource in &difference.resources {
        for line in &resource.components {
            let sides = [line.before.as_ref(), line.after.as_ref()];
            let both = |of: &dyn Fn(&ComponentDocument) -> Option<Decimal>| {
                sides.map(|side| {
                    side.and_then(of)
                        .map(|number| number.to_string())
                        .unwrap_or_default()
                })
            };
            let states = sides.map(|side| match side {
                None => ("none", String::new()),
                Some(line) => state(line),
            });
            let mut fields = vec![
                resource.root.clone().unwrap_or_default(),
                resource.address.clone(),
                resource.ty.clone(),
                word(resource.change).to_owned(),
                line.group.clone().unwrap_or_default(),
                line.name.clone(),
                word(line.change).to_owned(),
                sides
                    .into_iter()
                    .flatten()
                    .last()
                    .map(|side| side.unit.clone())
                    .unwrap_or_default(),
            ];
            fields.extend(both(&|side| side.quantity));
            fields.extend(both(&|side| side.quantity_max));
            fields.extend(both(&|side| side.price));
            fields.extend(both(&|side| side.monthly));
            fields.extend(both(&|side| side.monthly_max));
            fields.push(line.delta.to_string());
            fields.extend(states.iter().map(|(state, _)| (*state).to_owned()));
            fields.extend(states.into_iter().map(|(_, reason)| reason));
            out.push_str(&row(fields));
        }
    }
    out
}

/// As the JSON calls it.
fn word(change: Change) -> &'static str {
    match change {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Configuration => "configuration",
        Change::Price => "price",
        Change::Both => "both",
    }
}
