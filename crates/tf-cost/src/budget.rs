//! Budgets: what some resources may cost together.

use anyhow::anyhow;
use rust_decimal::Decimal;
use tf_cli::settings::cost::Budget;
use tf_pricing::{Document, ResourceDocument};

use tf_pricing::money;

/// The budgets that are exceeded, each as a sentence. A range counts with its most: a budget is kept only if it is certain. `place` says
/// where a root is, as seen from the settings file.
pub(crate) fn exceeded(
    budgets: &[Budget],
    document: &Document,
    place: &dyn Fn(Option<&str>) -> String,
) -> anyhow::Result<Vec<String>> {
    let mut exceeded = Vec::new();
    for budget in budgets {
        let limit = budget.monthly.to_string();
        let limit: Decimal = limit.parse().map_err(|_| {
            anyhow!(
                "the budget {} in line {} is no amount: {limit}",
                budget.name,
                budget.line
            )
        })?;
        let counted = document
            .resources
            .iter()
            .filter(|resource| is_for(budget, resource, place));
        let sum: Decimal = counted
            .filter_map(|resource| resource.monthly_max.or(resource.monthly))
            .sum();
        if sum > limit {
            exceeded.push(format!(
                "{} may cost {} {} a month and costs up to {}",
                budget.name,
                money::dollars(limit),
                document.currency,
                money::dollars(sum)
            ));
        }
    }
    Ok(exceeded)
}

fn is_for(budget: &Budget, resource: &ResourceDocument, place: &dyn Fn(Option<&str>) -> String) -> bool {
    let root = budget
        .root
        .as_ref()
        .is_none_or(|pattern| pattern.is_match(place(resource.root.as_deref())));
    let environment = budget.environment.as_ref().is_none_or(|pattern| {
        let environment = resource.environment.as_deref();
        environment.is_some_and(|environment| pattern.is_match(environment))
    });
    let address = budget
        .address
        .as_ref()
        .is_none_or(|pattern| pattern.is_match(&resource.address));
    root && environment
        && address
        && budget
            .tags
            .iter()
            .all(|(name, value)| resource.tags.get(name) == Some(value))
}
