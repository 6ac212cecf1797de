//! What resources cost, as the `cost` block says.

use tf_pricing::Pricing;

use crate::settings::Settings;
use crate::settings::cost::Cost;
use crate::steps::say;

/// Usage, prices and terms of the `cost` block. Where a provider names no region, that of the environment counts, as it does for the
/// provider. What a reader should know of it goes to standard error.
///
/// # Errors
/// Where the usage file or the catalogue cannot be used.
pub fn chosen(settings: &Settings, quiet: bool) -> anyhow::Result<Pricing> {
    let region = ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let pricing = settings.cost.pricing(region)?;
    if !quiet {
        for warning in Cost::warnings(&pricing) {
            say(&format!("warning: {warning}"));
        }
    }
    Ok(pricing)
}
