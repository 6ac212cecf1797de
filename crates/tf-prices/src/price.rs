//! What a look-up gives.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

/// The price of one SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// AWS's SKU, where it is known.
    pub sku: Option<String>,
    /// Unit as AWS writes it: `Hrs`, `GB-Mo`.
    pub unit: String,
    /// Date at which this price was known to hold.
    pub effective: Date,
    /// The attributes that tell this SKU from others of its usage type.
    pub attributes: BTreeMap<String, String>,
    /// At least one, sorted by start. A tier ends where the next begins.
    pub tiers: Vec<Tier>,
}

/// One tier of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Units a month at which it begins.
    pub start: Decimal,
    /// US dollars a unit.
    pub usd: Decimal,
    /// AWS's rate code, where it is known.
    pub rate_code: Option<String>,
}
