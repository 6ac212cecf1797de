//! What an account pays other than the list price: reserved instances, savings plans, Spot prices, discounts, and the currency.
//!
//! Names are AWS's. Terms are applied in the order in which AWS bills: Spot, then reserved instances, then savings plans, then
//! discounts; the currency comes last. Figures of terms are in USD, as AWS's price list is.

mod apply;
mod check;

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

pub use check::TermsError;

/// What an account pays other than the list price. [`Terms::default`] is the list price in USD.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Terms {
    /// Percentages off, in order; each counts on what the one before it leaves.
    pub discounts: Vec<Discount>,
    /// Reserved instances and nodes.
    pub reserved: Vec<Reserved>,
    /// Savings plans, in order.
    pub savings_plans: Vec<SavingsPlan>,
    /// Spot prices; the first that is for a machine counts.
    pub spot: Vec<Spot>,
    /// The currency of all sums; USD where none is given.
    pub currency: Option<Currency>,
}

/// A percentage off the price: of an enterprise discount programme, or of a private price agreement.
#[derive(Clone, PartialEq, Debug)]
pub struct Discount {
    /// What the team calls it.
    pub name: String,
    /// Percent, 0 to 100.
    pub percent: Decimal,
    /// AWS's offer codes; of all services where it is empty.
    pub services: Vec<String>,
    /// Regions; of all where it is empty.
    pub regions: Vec<String>,
    /// Where it is written.
    pub line: u32,
}

/// Reserved instances or nodes of one type.
#[derive(Clone, PartialEq, Debug)]
pub struct Reserved {
    /// What the team calls them.
    pub name: String,
    /// AWS's offer code: `AmazonEC2`, `AmazonRDS`.
    pub service: String,
    /// The type: `m5.large`, `db.r6g.xlarge`, `cache.m6g.large`. Sizes are not exchanged for one another.
    pub instance_type: String,
    /// The region; any where none is given.
    pub region: Option<String>,
    /// Attributes of the price list that a machine must have: `operatingSystem = Linux`.
    pub attributes: BTreeMap<String, String>,
    /// How many there are; as many as run where none is given.
    pub count: Option<Decimal>,
    /// What an hour costs.
    pub rate: ReservedRate,
    /// Where it is written.
    pub line: u32,
}

/// What an hour of a reserved instance costs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReservedRate {
    /// USD, what was paid at the beginning spread over the term.
    Hourly(Decimal),
    /// Percent below the on-demand price.
    Percent(Decimal),
    /// What the catalogue says; only one that was built with reserved terms says anything.
    Catalogue(Offering),
}

/// An offering of AWS's price list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Offering {
    /// `1yr` or `3yr`.
    pub lease: &'static str,
    /// `No Upfront`, `Partial Upfront` or `All Upfront`.
    pub payment: &'static str,
    /// `standard` or `convertible`.
    pub class: &'static str,
}

/// A commitment to spend something an hour, for a lower price.
#[derive(Clone, PartialEq, Debug)]
pub struct SavingsPlan {
    /// What the team calls it.
    pub name: String,
    /// What it is for.
    pub kind: SavingsPlanKind,
    /// Percent below the on-demand price of EC2 instances.
    pub percent: Decimal,
    /// USD an hour; as much as runs where none is given.
    pub commitment: Option<Decimal>,
    /// Where it is written.
    pub line: u32,
}

/// What a savings plan is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SavingsPlanKind {
    /// EC2 instances in all regions, Fargate, and the duration of Lambda functions.
    Compute {
        /// Percent below the on-demand price of Fargate; not covered where none is given.
        fargate: Option<Decimal>,
        /// Percent below the on-demand price of Lambda; not covered where none is given.
        lambda: Option<Decimal>,
    },
    /// EC2 instances of one family in one region.
    Ec2Instance {
        /// `m5`
        family: String,
        /// The region.
        region: String,
    },
}

/// What Spot capacity costs: AWS's price list does not say.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Spot {
    /// Percent below the on-demand price, for types that `prices` does not have.
    pub percent: Option<Decimal>,
    /// USD an hour by instance type.
    pub prices: BTreeMap<String, Decimal>,
    /// Regions; all where it is empty.
    pub regions: Vec<String>,
    /// Where it is written.
    pub line: u32,
}

/// The currency of sums.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Currency {
    /// `EUR`
    pub code: String,
    /// How much of it one USD is.
    pub rate: Decimal,
}

/// What made a price other than the list's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentKind {
    /// A Spot price.
    Spot,
    /// A reserved instance.
    Reserved,
    /// A savings plan.
    SavingsPlan,
    /// A discount.
    Discount,
    /// The currency.
    Currency,
}

impl fmt::Display for AdjustmentKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            AdjustmentKind::Spot => "Spot price",
            AdjustmentKind::Reserved => "reserved",
            AdjustmentKind::SavingsPlan => "savings plan",
            AdjustmentKind::Discount => "discount",
            AdjustmentKind::Currency => "currency",
        })
    }
}

/// A step from the list price to the price of a line.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Adjustment {
    /// What made it.
    pub kind: AdjustmentKind,
    /// What the team calls it; of a currency its code.
    pub name: String,
    /// The price of one unit before, where there is one price.
    pub before: Option<Decimal>,
    /// The price of one unit after.
    pub after: Option<Decimal>,
}

/// How much of what an account has committed itself to is used by what was estimated.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Commitment {
    /// Reserved instances or a savings plan.
    pub kind: AdjustmentKind,
    /// What the team calls it.
    pub name: String,
    /// `hours`, or `USD`, a month.
    pub unit: String,
    /// How much is committed.
    pub committed: Decimal,
    /// How much of it is used; the rest is paid all the same, and is in no sum.
    pub used: Decimal,
}

impl Terms {
    /// The code of the currency of sums.
    pub fn currency(&self) -> &str {
        self.currency.as_ref().map_or("USD", |currency| &currency.code)
    }

    /// The Spot price of an hour, or of a unit, that costs as much on demand.
    pub(crate) fn spot(
        &self,
        region: &str,
        instance_type: Option<&str>,
        on_demand: Decimal,
    ) -> Option<Decimal> {
        let spot = self
            .spot
            .iter()
            .filter(|spot| spot.regions.is_empty() || spot.regions.iter().any(|name| name == region))
            .find(|spot| {
                spot.percent.is_some() || instance_type.is_some_and(|ty| spot.prices.contains_key(ty))
            })?;
        match instance_type.and_then(|ty| spot.prices.get(ty)) {
            Some(price) => Some(*price),
            None => less(on_demand, spot.percent?),
        }
    }
}

/// An amount and so many percent less; `None` where the figures are too large.
pub(crate) fn less(amount: Decimal, percent: Decimal) -> Option<Decimal> {
    let rest = Decimal::ONE_HUNDRED.checked_sub(percent)?;
    amount
        .checked_mul(rest)?
        .checked_div(Decimal::ONE_HUNDRED)
        .map(|left| left.normalize())
}

/// The instance type in a usage type, in full: `Multi-AZUsage:db.m5.xl` is of `db.m5.xlarge`.
pub(crate) fn instance_type(usage_type: &str) -> Option<String> {
    let (_, ty) = usage_type.split_once(':')?;
    let (family, size) = ty.rsplit_once('.')?;
    let size = match size.strip_suffix("xl") {
        Some(count) if count.bytes().all(|digit| digit.is_ascii_digit()) => format!("{count}xlarge"),
        _ => size.to_owned(),
    };
    Some(format!("{family}.{size}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instance_types_are_written_in_full() {
        for (usage_type, ty) in [
            ("BoxUsage:m5.large", Some("m5.large")),
            ("Multi-AZUsage:db.m5.xl", Some("db.m5.xlarge")),
            ("InstanceUsage:db.r5.24xl", Some("db.r5.24xlarge")),
            ("NodeUsage:cache.m5.xlarge", Some("cache.m5.xlarge")),
            ("EBS:VolumeUsage.gp2", Some("VolumeUsage.gp2")),
            ("NatGateway-Hours", None),
        ] {
            assert_eq!(instance_type(usage_type).as_deref(), ty, "{usage_type}");
        }
    }

    #[test]
    fn percentages_are_exact() {
        let less = |amount: &str, percent: &str| {
            super::less(amount.parse().unwrap(), percent.parse().unwrap()).map(|left| left.to_string())
        };
        assert_eq!(less("0.096", "9").as_deref(), Some("0.08736"));
        assert_eq!(less("100", "33.3").as_deref(), Some("66.7"));
        assert_eq!(less("5", "100").as_deref(), Some("0"));
    }
}
