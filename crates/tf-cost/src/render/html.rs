//! One page: sums by root, environment, service of AWS and tag, with bars, and every line. It needs nothing from elsewhere.

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
.bar{display:inline-block;height:.8rem;background:#3d6fd9;border-radius:2px;min-width:1px}.range{opacity:.4}.more{background:#c9503c}.less{background:#2f8f5b}td.b{font-size:0;vertical-align:middle}.bars{table-layout:fixed}.bars td:first-child{width:38%;overflow-wrap:anywhere}.bars td.n{width:22%}\
details{border-bottom:1px solid #e3e6ee;padding:.35rem 0}summary{cursor:pointer}.m{color:#667}\
@media(prefers-color-scheme:dark){body{background:#14171f;color:#dde2ee}th,td,details{border-color:#303748}.m{color:#99a}}";

pub(super) fn document(document: &Document) -> String {
    let sum = money::range(document.total_monthly, document.total_monthly_max);
    let mut out = head(&format!("Cost a month: {sum} {}", escape(&document.currency)));
    push_open(&mut out, document);
    let by = |key: &dyn Fn(&ResourceDocument, &ComponentDocument) -> Option<String>| -> Sums {
        let mut sums = Sums::new();
        for resource in &document.resources {
            for line in &resource.components {
                if let (Some(key), Some(monthly)) = (key(resource, line), line.monthly) {
                    let sum = sums.entry(key).or_default();
                    sum.0 += monthly;
                    sum.1 += line.monthly_max.unwrap_or(monthly);
                }
            }
        }
        sums
    };
    push_bars(&mut out, "By stack", &by(&|resource, _| resource.root.clone()));
    push_bars(
        &mut out,
        "By environment",
        &by(&|resource, _| resource.environment.clone()),
    );
    push_bars(
        &mut out,
        "By service",
        &by(&|resource, line| {
            let offer = line.source.as_ref().map(|source| source.service.as_str());
            Some(offer.unwrap_or_else(|| service(&resource.ty)).to_owned())
        }),
    );
    for tag in TAGS {
        let name = tag.to_lowercase();
        let sums = by(&|resource, _| {
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

/// The beginning of a page, to its title.
pub(super) fn head(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Cost a month</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
    )
}

/// What is not in the sum.
fn push_open(out: &mut String, document: &Document) {
    let summary = &document.summary;
    out.push_str(&format!(
        "<p>{}. Not in the sum: {} without a price, {} that depend on something not known, {} billed by use without usage given.</p>\n",
        words::resources(summary),
        words::plural(summary.unpriced_lines, "line", "lines"),
        summary.depends_on_unknown,
        summary.depends_on_usage
    ));
    for (why, types) in words::in_no_sum(summary) {
        let types: Vec<String> = types
            .iter()
            .map(|(ty, count)| format!("{} ({count})", escape(ty)))
            .collect();
        out.push_str(&format!("<p class=\"m\">{why}: {}</p>\n", types.join(", ")));
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

/// Sums by what they are of: the least and the most of each.
type Sums = BTreeMap<String, (Decimal, Decimal)>;

fn push_bars(out: &mut String, title: &str, sums: &Sums) {
    let most = sums.values().map(|(_, most)| *most).max().unwrap_or_default();
    if sums.len() < 2 || most.is_zero() {
        return;
    }
    let percent = |sum: Decimal| {
        (sum * Decimal::ONE_HUNDRED / most)
            .round()
            .to_i64()
            .unwrap_or_default()
    };
    let mut rows: Vec<(&String, &(Decimal, Decimal))> =
        sums.iter().filter(|(_, (_, most))| !most.is_zero()).collect();
    rows.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    out.push_str(&format!("<h2>{}</h2>\n<table class=\"bars\">\n", escape(title)));
    for (name, (low, high)) in rows {
        // What a range adds to its least is paler.
        let more = match low == high {
            true => String::new(),
            false => format!(
                "<span class=\"bar range\" style=\"width:{}%\"></span>",
                percent(*high) - percent(*low)
            ),
        };
        out.push_str(&format!(
            "<tr><td>{}</td><td class=\"b\"><span class=\"bar\" style=\"width:{}%\"></span>{more}</td><td class=\"n\">{}</td></tr>\n",
            escape(name),
            percent(*low),
            money::range(*low, (low != high).then_some(*high))
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

pub(super) fn escape(text: &str) -> String {
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
