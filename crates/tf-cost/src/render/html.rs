//! One page: sums by root, environment, service and tag, with bars, and every line. It needs nothing from elsewhere.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tf_pricing::{ComponentDocument, Document, ResourceDocument};

use super::words;
use tf_pricing::money;

/// Tags by which sums are shown; those that most teams set.
const TAGS: [&str; 6] = ["Environment", "Stack", "Service", "Team", "Owner", "Project"];

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1d2433;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}\
th,td{padding:.25rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid #e3e6ee}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
.bar{display:block;height:.8rem;background:#3d6fd9;border-radius:2px;min-width:1px}td.b{width:45%}\
details{border-bottom:1px solid #e3e6ee;padding:.35rem 0}summary{cursor:pointer}.m{color:#667}\
@media(prefers-color-scheme:dark){body{background:#14171f;color:#dde2ee}th,td,details{border-color:#303748}.m{color:#99a}}";

pub(super) fn document(document: &Document) -> String {
    let sum = money::range(document.total_monthly, document.total_monthly_max);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Cost a month</title><style>{STYLE}</style></head><body>\n<h1>Cost a month: {sum} {}</h1>\n",
        escape(&document.currency)
    );
    push_open(&mut out, document);
    let by = |key: &dyn Fn(&ResourceDocument) -> Option<String>| -> BTreeMap<String, Decimal> {
        let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
        for resource in &document.resources {
            if let (Some(key), Some(monthly)) = (key(resource), resource.monthly) {
                *sums.entry(key).or_default() += monthly;
            }
        }
        sums
    };
    push_bars(&mut out, "By stack", &by(&|resource| resource.root.clone()));
    push_bars(
        &mut out,
        "By environment",
        &by(&|resource| resource.environment.clone()),
    );
    push_bars(
        &mut out,
        "By service",
        &by(&|resource| Some(service(&resource.ty).to_owned())),
    );
    for tag in TAGS {
        let name = tag.to_lowercase();
        let sums = by(&|resource| {
            let mut tags = resource.tags.iter();
            tags.find(|(key, _)| key.to_lowercase() == name)
                .map(|(_, value)| value.clone())
        });
        push_bars(&mut out, &format!("By tag {tag}"), &sums);
    }
    push_savings(&mut out, document);
    out.push_str("<h2>Resources</h2>\n");
    let mut resources: Vec<&ResourceDocument> = document
        .resources
        .iter()
        .filter(|resource| !resource.components.is_empty())
        .collect();
    resources.sort_by_key(|resource| std::cmp::Reverse(resource.monthly));
    for resource in resources {
        push_resource(&mut out, resource);
    }
    out.push_str("</body></html>\n");
    out
}

/// What is not in the sum.
fn push_open(out: &mut String, document: &Document) {
    let summary = &document.summary;
    out.push_str(&format!(
        "<p>{} resources with a model, {} free of charge, {} without a model yet. Not in the sum: {} lines without a price, {} that depend on \
         something not known, {} billed by use without usage given.</p>\n",
        summary.priced_resources,
        summary.free_resources,
        summary.not_priced_resources,
        summary.unpriced_lines,
        summary.depends_on_unknown,
        summary.depends_on_usage
    ));
    if !summary.not_priced_types.is_empty() {
        let types: Vec<String> = summary
            .not_priced_types
            .iter()
            .map(|(ty, count)| format!("{} ({count})", escape(ty)))
            .collect();
        out.push_str(&format!(
            "<p class=\"m\">No model yet: {}</p>\n",
            types.join(", ")
        ));
    }
    for commitment in &document.commitments {
        out.push_str(&format!(
            "<p class=\"m\">{}</p>\n",
            escape(&words::commitment(commitment))
        ));
    }
    if !document.errors.is_empty() {
        out.push_str(&format!(
            "<p><strong>{} errors while reading: the sum is not complete.</strong></p>\n",
            document.errors.len()
        ));
    }
}

fn push_savings(out: &mut String, document: &Document) {
    if document.savings.is_empty() {
        return;
    }
    out.push_str(&format!(
        "<h2>Savings that the price list proves: {} {} a month</h2>\n<table><tr><th>Resource</th><th>From</th><th>To</th>\
         <th class=\"n\">Monthly</th></tr>\n",
        money::dollars(document.savings_monthly()),
        escape(&document.currency)
    ));
    for saving in &document.savings {
        let root = saving
            .root
            .as_ref()
            .map(|root| format!("{root}: "))
            .unwrap_or_default();
        out.push_str(&format!(
            "<tr><td>{}<br><span class=\"m\">{}</span></td><td>{}</td><td>{}<br><span class=\"m\">{}</span></td><td class=\"n\">{}</td></tr>\n",
            escape(&format!("{root}{}", saving.address)),
            escape(&saving.component),
            escape(&saving.from),
            escape(&saving.to),
            escape(&saving.note),
            money::range(saving.monthly, saving.monthly_max)
        ));
    }
    out.push_str("</table>\n");
}

fn push_bars(out: &mut String, title: &str, sums: &BTreeMap<String, Decimal>) {
    let most = sums.values().max().copied().unwrap_or_default();
    if sums.len() < 2 || most.is_zero() {
        return;
    }
    let mut rows: Vec<(&String, &Decimal)> = sums.iter().collect();
    rows.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    out.push_str(&format!("<h2>{}</h2>\n<table>\n", escape(title)));
    for (name, sum) in rows {
        let width = (*sum * Decimal::ONE_HUNDRED / most)
            .round()
            .to_i64()
            .unwrap_or_default();
        out.push_str(&format!(
            "<tr><td>{}</td><td class=\"b\"><span class=\"bar\" style=\"width:{width}%\"></span></td><td class=\"n\">{}</td></tr>\n",
            escape(name),
            money::dollars(*sum)
        ));
    }
    out.push_str("</table>\n");
}

fn push_resource(out: &mut String, resource: &ResourceDocument) {
    let sum = match resource.monthly {
        Some(monthly) => money::range(monthly, resource.monthly_max),
        None => "not counted".to_owned(),
    };
    let root = resource
        .root
        .as_ref()
        .map(|root| format!("<span class=\"m\">{}</span> ", escape(root)));
    out.push_str(&format!(
        "<details><summary>{}{} <strong>{sum}</strong></summary>\n<table><tr><th>Line</th><th class=\"n\">Quantity</th><th class=\"n\">Price</th>\
         <th class=\"n\">Monthly</th></tr>\n",
        root.unwrap_or_default(),
        escape(&resource.address)
    ));
    for line in &resource.components {
        out.push_str(&row(line));
    }
    out.push_str("</table></details>\n");
}

fn row(line: &ComponentDocument) -> String {
    let name = match &line.group {
        Some(group) => format!("{group}: {}", line.name),
        None => line.name.clone(),
    };
    let quantity = match (line.quantity, line.quantity_max) {
        (Some(low), Some(high)) => format!("{} – {}", money::quantity(low), money::quantity(high)),
        (Some(quantity), None) => money::quantity(quantity),
        (None, _) => String::new(),
    };
    let monthly = match (line.monthly, &line.unpriced, line.depends_on.as_slice()) {
        (Some(monthly), ..) => money::range(monthly, line.monthly_max),
        (None, Some(reason), _) => format!("unpriced: {reason}"),
        (None, None, [_, ..]) => format!("not known: {}", line.depends_on.join("; ")),
        (None, None, []) => "depends on usage".to_owned(),
    };
    let class = if line.monthly.is_some() { "n" } else { "m" };
    format!(
        "<tr><td>{}</td><td class=\"n\">{quantity} {}</td><td class=\"n\">{}</td><td class=\"{class}\">{}</td></tr>\n",
        escape(&name),
        escape(&line.unit),
        line.price.map(|price| price.to_string()).unwrap_or_default(),
        escape(&monthly)
    )
}

/// The service of a resource type, by its first word: `aws_db_instance` is of `db`.
fn service(ty: &str) -> &str {
    let rest = ty.strip_prefix("aws_").unwrap_or(ty);
    rest.split('_').next().unwrap_or(rest)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_configuration_becomes_markup() {
        let resource = ResourceDocument {
            root: None,
            address: "aws_x.y[\"<script>\"]".to_owned(),
            ty: "aws_x".to_owned(),
            region: None,
            environment: None,
            tags: BTreeMap::new(),
            file: None,
            lines: None,
            monthly: Some(Decimal::ONE),
            monthly_max: None,
            components: Vec::new(),
        };
        let mut out = String::new();
        push_resource(&mut out, &resource);
        assert!(
            !out.contains("<script>") && out.contains("&lt;script&gt;"),
            "{out}"
        );
    }
}
