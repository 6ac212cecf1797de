//! The JSON that `infracost breakdown --format json` prints, for tools that read it.
//!
//! Source: <https://www.infracost.io/docs/features/cli_commands/#output-formats>. Version 0.2. The time is left out: the same input gives the
//! same bytes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use tf_pricing::{ComponentDocument, Document, ResourceDocument, RootDocument, Summary};

/// The version of the format.
pub(super) const VERSION: &str = "0.2";

/// Hours of a month.
const HOURS: Decimal = Decimal::from_parts(730, 0, 0, false, 0);

pub(super) fn document(document: &Document) -> Json {
    let resources: Vec<&ResourceDocument> = document.resources.iter().collect();
    let projects: Vec<Json> = match document.roots.is_empty() {
        true => vec![project(
            ".",
            &resources,
            document.total_monthly,
            &document.summary,
        )],
        false => {
            let roots = document.roots.iter();
            let of = |root: &RootDocument| {
                let resources = of_root(document, &root.root);
                project(&root.root, &resources, root.total_monthly, &root.summary)
            };
            roots.map(of).collect()
        }
    };
    json!({
        "version": VERSION,
        "metadata": { "infracostCommand": "breakdown" },
        "currency": document.currency,
        "projects": projects,
        "totalHourlyCost": text(hourly(document.total_monthly)),
        "totalMonthlyCost": text(Some(document.total_monthly)),
        "totalMonthlyUsageCost": text(Some(by_use(&resources))),
        "pastTotalHourlyCost": null,
        "pastTotalMonthlyCost": null,
        "pastTotalMonthlyUsageCost": null,
        "diffTotalHourlyCost": null,
        "diffTotalMonthlyCost": null,
        "diffTotalMonthlyUsageCost": null,
        "summary": counts(&document.summary),
    })
}

/// The resources of one root.
pub(super) fn of_root<'d>(document: &'d Document, root: &str) -> Vec<&'d ResourceDocument> {
    let resources = document.resources.iter();
    resources
        .filter(|resource| resource.root.as_deref() == Some(root))
        .collect()
}

fn project(name: &str, resources: &[&ResourceDocument], total: Decimal, summary: &Summary) -> Json {
    json!({
        "name": name,
        "metadata": { "path": name, "type": "terraform_dir" },
        "pastBreakdown": null,
        "breakdown": breakdown(resources, total),
        "diff": null,
        "summary": counts(summary),
    })
}

/// Resources and their sum.
pub(super) fn breakdown(resources: &[&ResourceDocument], total: Decimal) -> Json {
    let shown: Vec<Json> = resources
        .iter()
        .filter(|resource| !resource.components.is_empty())
        .map(|resource| of_resource(resource))
        .collect();
    json!({
        "resources": shown,
        "totalHourlyCost": text(hourly(total)),
        "totalMonthlyCost": text(Some(total)),
        "totalMonthlyUsageCost": text(Some(by_use(resources))),
    })
}

/// The sum of what the usage file decides.
pub(super) fn by_use(resources: &[&ResourceDocument]) -> Decimal {
    let lines = resources.iter().flat_map(|resource| &resource.components);
    let billed = lines.filter(|line| line.usage_key.is_some());
    billed
        .filter_map(|line| line.monthly)
        .sum::<Decimal>()
        .normalize()
}

fn of_resource(resource: &ResourceDocument) -> Json {
    let (own, groups) = grouped(&resource.components, |line| line.group.as_deref());
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
    let out = json!({
        "name": resource.address,
        "resourceType": resource.ty,
        "tags": resource.tags,
        "metadata": { "filename": resource.file, "startLine": resource.lines.map(|[line, _]| line) },
        "hourlyCost": text(resource.monthly.and_then(hourly)),
        "monthlyCost": text(resource.monthly),
        "costComponents": own.into_iter().map(component).collect::<Vec<_>>(),
    });
    with_parts(out, parts)
}

/// Lines of the resource itself, and those of its parts.
pub(super) type Grouped<'l, T> = (Vec<&'l T>, Vec<(&'l str, Vec<&'l T>)>);

/// Lines by the part of the resource that they are of, in order.
pub(super) fn grouped<T>(lines: &[T], group: impl Fn(&T) -> Option<&str>) -> Grouped<'_, T> {
    let mut own = Vec::new();
    let mut groups: Vec<(&str, Vec<&T>)> = Vec::new();
    for line in lines {
        match group(line) {
            None => own.push(line),
            Some(name) => match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, lines)) => lines.push(line),
                None => groups.push((name, vec![line])),
            },
        }
    }
    (own, groups)
}

/// A resource with its parts, where it has some.
pub(super) fn with_parts(mut resource: Json, parts: Vec<Json>) -> Json {
    if let Some(members) = resource.as_object_mut().filter(|_| !parts.is_empty()) {
        members.insert("subresources".to_owned(), Json::Array(parts));
    }
    resource
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

pub(super) fn counts(summary: &Summary) -> Json {
    let unsupported: BTreeMap<&String, &usize> = summary
        .not_priced_types
        .iter()
        .chain(&summary.not_known_types)
        .collect();
    let unsupported_resources = summary.not_priced_resources + summary.not_known_resources;
    json!({
        "totalDetectedResources": summary.priced_resources + summary.free_resources + unsupported_resources,
        "totalSupportedResources": summary.priced_resources,
        "totalUnsupportedResources": unsupported_resources,
        "totalUsageBasedResources": summary.depends_on_usage,
        "totalNoPriceResources": summary.free_resources,
        "unsupportedResourceCounts": unsupported,
        "noPriceResourceCounts": {},
    })
}

pub(super) fn hourly(monthly: Decimal) -> Option<Decimal> {
    monthly.checked_div(HOURS).map(|hourly| hourly.normalize())
}

pub(super) fn text(value: Option<Decimal>) -> Option<String> {
    value.map(|value| value.to_string())
}
