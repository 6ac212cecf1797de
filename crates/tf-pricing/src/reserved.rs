//! The price of an hour under a reserved term. The price list has two rows for it, which differ in their unit: a fee for each hour,
//! and one that is paid at the beginning; either may be missing, by the way of payment.

use rust_decimal::Decimal;
use tf_prices::{Catalogue, Price};

use crate::terms::Offering;

/// Attributes that the catalogue gives to rows of reserved terms.
const TERM: [&str; 5] = [
    "leaseContractLength",
    "offeringClass",
    "purchaseOption",
    "rateUnit",
    "termType",
];

const HINT: &str = "a catalogue made with `tf-cost prices build --reserved` has reserved terms";

/// The price of an hour, what was paid at the beginning spread over the term's hours.
///
/// # Errors
/// Where the catalogue lacks one of the rows that the way of payment needs: half a price is none.
pub(crate) fn reserved(
    catalogue: &Catalogue,
    region: &str,
    service: &str,
    usage_type: &str,
    attributes: &[(String, String)],
    offering: &Offering,
) -> Result<Price, String> {
    let row = |unit: &str| {
        let mut wanted: Vec<(&str, &str)> = attributes
            .iter()
            .filter(|(name, _)| !TERM.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        wanted.extend([
            ("termType", "Reserved"),
            ("leaseContractLength", offering.lease),
            ("offeringClass", offering.class),
            ("purchaseOption", offering.payment),
            ("rateUnit", unit),
        ]);
        catalogue
            .find(region, service, usage_type, &wanted)
            .map_err(|problem| format!("{problem}; {HINT}"))
    };
    let hours = Decimal::from(match offering.lease {
        "3yr" => 3 * 12 * 730,
        _ => 12 * 730,
    });
    let fee = |price: &Price| price.tiers.first().map(|tier| tier.usd).unwrap_or_default();
    let spread = |upfront: &Price| {
        fee(upfront)
            .checked_div(hours)
            .ok_or_else(|| "what is paid at the beginning is too large a number".to_owned())
    };
    let (mut price, an_hour) = match offering.payment {
        "No Upfront" => {
            let hourly = row("Hrs")?;
            let usd = fee(&hourly);
            (hourly, usd)
        }
        "All Upfront" => {
            let upfront = row("Quantity")?;
            // An hourly fee of nothing is listed for some services and left out for others.
            let hourly = row("Hrs").map(|hourly| fee(&hourly)).unwrap_or_default();
            let usd = spread(&upfront)?.saturating_add(hourly);
            (upfront, usd)
        }
        _ => {
            let (upfront, hourly) = (row("Quantity")?, row("Hrs")?);
            let usd = spread(&upfront)?.saturating_add(fee(&hourly));
            (hourly, usd)
        }
    };
    "Hrs".clone_into(&mut price.unit);
    price.tiers.truncate(1);
    if let Some(tier) = price.tiers.first_mut() {
        tier.usd = an_hour.normalize();
    }
    Ok(price)
}

/// The offering that the attributes of a model's query ask for, if they ask for a reserved term.
pub(crate) fn offering(attributes: &[(String, String)]) -> Option<Offering> {
    let of = |wanted: &str| {
        attributes
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_str())
    };
    (of("termType")? == "Reserved").then(|| Offering {
        lease: match of("leaseContractLength") {
            Some("3yr") => "3yr",
            _ => "1yr",
        },
        payment: match of("purchaseOption") {
            Some("All Upfront") => "All Upfront",
            Some("Partial Upfront") => "Partial Upfront",
            _ => "No Upfront",
        },
        class: match of("offeringClass") {
            Some("convertible") => "convertible",
            _ => "standard",
        },
    })
}

/// Attributes without those of a term.
pub(crate) fn without_term(attributes: &[(String, String)]) -> Vec<(String, String)> {
    let kept = attributes
        .iter()
        .filter(|(name, _)| !TERM.iter().any(|term| term.eq_ignore_ascii_case(name)));
    kept.cloned().collect()
}
