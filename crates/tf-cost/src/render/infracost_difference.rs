//! The JSON that `infracost diff --format json` prints, for tools that read it: each project with what it was, what it is, and the difference.
//!
//! In a difference all figures are of what is added, negative where something goes. A line that has a price on one side only adds nothing,
//! as in the other formats, and says `priceNotFound`: there the sum of after is not that of before and the difference.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use tf_pricing::{
    ComponentDifference, ComponentDocument, Document, ResourceDifference, ResourceDocument, Summary,
};

use super::Compared;
use super::infracost::{VERSION, breakdown, by_use, counts, grouped, hourly, of_root, text, with_parts};

pub(super) fn difference(compared: &Compared<'_>) -> Json {
    let Compared {
        before,
        after,
        difference,
    } = compared;
    // A document of one root names none: then there is nothing to tell apart, as in the difference.
    let several = !before.roots.is_empty() && !after.roots.is_empty();
    let names: BTreeSet<&str> = match several {
        true => (before.roots.iter().chain(&after.roots))
            .map(|root| root.root.as_str())
            .collect(),
        false => BTreeSet::from(["."]),
    };
    let projects: Vec<Json> = names
        .into_iter()
        .map(|name| {
            let [past, present] = [before, after].map(|document| Side::of(document, several.then_some(name)));
            let changed: Vec<&ResourceDifference> = difference
                .resources
                .iter()
                .filter(|resource| !several || resource.root.as_deref() == Some(name))
                .collect();
            let delta: Decimal = changed.iter().map(|resource| resource.delta).sum();
            json!({
                "name": name,
                "metadata": { "path": name, "type": "terraform_dir" },
                "pastBreakdown": breakdown(&past.resources, past.total),
                "breakdown": breakdown(&present.resources, present.total),
                "diff": {
                    "resources": changed.iter().map(|resource| of_resource(resource)).collect::<Vec<_>>(),
                    "totalHourlyCost": text(hourly(delta)),
                    "totalMonthlyCost": text(Some(delta.normalize())),
                    "totalMonthlyUsageCost": text(Some((by_use(&present.resources) - by_use(&past.resources)).normalize())),
                },
                "summary": counts(&present.summary),
            })
        })
        .collect();
    let used = [before, after].map(|document| by_use(&document.resources.iter().collect::<Vec<_>>()));
    let [past_used, used] = used;
    json!({
        "version": VERSION,
        "metadata": { "infracostCommand": "diff" },
        "currency": difference.currency,
        "projects": projects,
        "totalHourlyCost": text(hourly(difference.after)),
        "totalMonthlyCost": text(Some(difference.after)),
        "totalMonthlyUsageCost": text(Some(used)),
        "pastTotalHourlyCost": text(hourly(difference.before)),
        "pastTotalMonthlyCost": text(Some(difference.before)),
        "pastTotalMonthlyUsageCost": text(Some(past_used)),
        "diffTotalHourlyCost": text(hourly(difference.delta)),
        "diffTotalMonthlyCost": text(Some(difference.delta)),
        "diffTotalMonthlyUsageCost": text(Some((used - past_used).normalize())),
        "summary": counts(&after.summary),
    })
}

/// A project before or after; one that is not there has nothing.
#[derive(Default)]
struct Side<'d> {
    resources: Vec<&'d ResourceDocument>,
    total: Decimal,
    summary: Summary,
}

impl<'d> Side<'d> {
    fn of(document: &'d Document, root: Option<&str>) -> Side<'d> {
        let Some(name) = root else {
            return Side {
                resources: document.resources.iter().collect(),
                total: document.total_monthly,
                summary: document.summary.clone(),
            };
        };
        let root = document.roots.iter().find(|root| root.root == name);
        root.map_or_else(Side::default, |root| Side {
            resources: of_root(document, name),
            total: root.total_monthly,
            summary: root.summary.clone(),
        })
    }
}

fn of_resource(resource: &ResourceDifference) -> Json {
    let (own, groups) = grouped(&resource.components, |line| line.group.as_deref());
    let parts: Vec<Json> = groups
        .iter()
        .map(|(name, lines)| {
            let delta: Decimal = lines.iter().map(|line| line.delta).sum();
            json!({
                "name": name,
                "metadata": {},
                "hourlyCost": text(hourly(delta)),
                "monthlyCost": text(Some(delta.normalize())),
                "costComponents": lines.iter().map(|line| component(line)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let out = json!({
        "name": resource.address,
        "resourceType": resource.ty,
        "metadata": {},
        "hourlyCost": text(hourly(resource.delta)),
        "monthlyCost": text(Some(resource.delta)),
        "costComponents": own.into_iter().map(component).collect::<Vec<_>>(),
    });
    with_parts(out, parts)
}

fn component(line: &ComponentDifference) -> Json {
    let sides = [line.before.as_ref(), line.after.as_ref()];
    // A line that is not there has none of anything; one that does not know its own leaves the difference open.
    let added = |of: &dyn Fn(&ComponentDocument) -> Option<Decimal>| -> Option<Decimal> {
        let [before, after] = sides.map(|side| side.map_or(Some(Decimal::ZERO), of));
        Some((after? - before?).normalize())
    };
    let quantity = added(&|side| side.quantity);
    let some = sides.into_iter().flatten().any(|side| side.monthly.is_some());
    let monthly = some.then_some(line.delta);
    let unit = line.after.as_ref().or(line.before.as_ref());
    json!({
        "name": line.name,
        "unit": unit.map(|side| side.unit.as_str()),
        "hourlyQuantity": text(quantity.and_then(hourly)),
        "monthlyQuantity": text(quantity),
        "price": text(Some(added(&|side| side.price).unwrap_or_default())),
        "hourlyCost": text(monthly.and_then(hourly)),
        "monthlyCost": text(monthly),
        "usageBased": unit.is_some_and(|side| side.usage_key.is_some()),
        "priceNotFound": sides.into_iter().flatten().any(|side| side.unpriced.is_some()),
    })
}
