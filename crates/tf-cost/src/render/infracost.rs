//! The JSON that `infracost breakdown --format json` prints, for tools that read it.
//!
//! Source: <https://www.infracost.io/docs/features/cli_commands/#output-formats>. Version 0.2. The time is left out: the same input gives the
//! same bytes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use tf_pricing::{ComponentDocument, Document, ResourceDocument, Summary};

/// Hours of a month.
const HOURS: Decimal = Decimal::from_parts(730, 0, 0, false, 0);

pub(super) fn document(document: &Document) -> Json {
    let mut by_root: BTreeMap<&str, Vec<&ResourceDocument>> = BTreeMap::new();
    for resource in &document.resources {
        let root = resource.root.as_deref().unwrap_or(".");
        by_root.entry(root).or_default().push(resource);
    }
    let mut projects = Vec::new();
    match document.roots.is_empty() {
        true => {
            let resources = by_root.remove(".").unwrap_or_default();
            projects.push(project(
                ".",
                &resources,
                document.total_monthly,
                &document.summary,
            ));
        }
        false => {
            for root in &document.roots {
                let resources = by_root.remove(root.root.as_str()).unwrap_or_default();
                projects.push(project(&root.root, &resources, root.total_monthly, &root.summary));
            }
        }
    }
    json!({
        "version": "0.2",
        "metadata": { "infracostCommand": "breakdown" },
        "currency": document.currency,
        "projects": projects,
        "totalHourlyCost": text(hourly(document.total_monthly)),
        "totalMonthlyCost": text(Some(document.total_monthly)),
        "pastTotalHourlyCost": null,
        "pastTotalMonthlyCost": null,
        "diffTotalHourlyCost": null,
        "diffTotalMonthlyCost": null,
        "summary": counts(&document.summary),
    })
}

fn project(name: &str, resources: &[&ResourceDocument], total: Decimal, summary: &Summary) -> Json {
    let shown: Vec<Json> = resources
        .iter()
        .filter(|resource| !resource.components.is_empty())
        .map(|resource| of_resource(resource))
        .collect();
    json!({
        "name": name,
        "metadata": { "path": name, "type": "terraform_dir" },
        "pastBreakdown": null,
        "breakdown": {
            "resources": shown,
            "totalHourlyCost": text(hourly(total)),
            "totalMonthlyCost": text(Some(total)),
        },
        "diff": null,
        "summary": counts(summary),
    })
}

fn of_resource(resource: &ResourceDocument) -> Json {
    let own: Vec<Json> = resource
        .components
        .iter()
        .filter(|line| line.group.is_none())
        .map(component)
        .collect();
    let mut groups: Vec<(&str, Vec<&ComponentDocument>)> = Vec::new();
    for line in &resource.components {
        let Some(group) = &line.group else { continue };
        match groups.iter_mut().find(|(name, _)| name == group) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((group, vec![line])),
        }
    }
    let parts: Vec<Json> = groups
        .iter()
        .map(|(name, lines)| {
            let sum: Decimal = lines.iter().filter_map(|line| line.monthly).sum();
            json!({
                "name": name,
                "metadata": {},
                "hourlyCost": text(hourly(sum)),
                "monthlyCost": text(Some(sum)),
                "costComponents": lines.iter().map(|line| component(line)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut out = json!({
        "name": resource.address,
        "resourceType": resource.ty,
        "tags": resource.tags,
        "metadata": { "filename": resource.file, "startLine": resource.lines.map(|[line, _]| line) },
        "hourlyCost": text(resource.monthly.and_then(hourly)),
        "monthlyCost": text(resource.monthly),
        "costComponents": own,
    });
    if let Some(members) = out.as_object_mut().filter(|_| !parts.is_empty()) {
        members.insert("subresources".to_owned(), Json::Array(parts));
    }
    out
}

fn component(line: &ComponentDocument) -> Json {
    json!({
        "name": line.name,
        "unit": line.unit,
        "hourlyQuantity": text(line.quantity.and_then(hourly)),
        "monthlyQuantity": text(line.quantity),
        "price": text(Some(line.price.unwrap_or_default())),
        "hourlyCost": text(line.monthly.and_then(hourly)),
        "monthlyCost": text(line.monthly),
        "usageBased": line.usage_key.is_some(),
        "priceNotFound": line.unpriced.is_some(),
    })
}

fn counts(summary: &Summary) -> Json {
    json!({
        "totalDetectedResources": summary.priced_resources + summary.free_resources + summary.not_priced_resources,
        "totalSupportedResources": summary.priced_resources,
        "totalUnsupportedResources": summary.not_priced_resources,
        "totalUsageBasedResources": summary.depends_on_usage,
        "totalNoPriceResources": summary.free_resources,
        "unsupportedResourceCounts": summary.not_priced_types,
        "noPriceResourceCounts": {},
    })
}

fn hourly(monthly: Decimal) -> Option<Decimal> {
    monthly.checked_div(HOURS).map(|hourly| hourly.normalize())
}

fn text(value: Option<Decimal>) -> Option<String> {
    value.map(|value| value.to_string())
}
