//! Terms on the lines of estimates.

use rust_decimal::{Decimal, RoundingStrategy};
use tf_prices::Catalogue;

use super::{
    Adjustment, AdjustmentKind, Commitment, Reserved, ReservedRate, SavingsPlan, SavingsPlanKind, Terms,
    instance_type, less,
};
use crate::amount::Amount;
use crate::estimate::{Estimate, Line, PriceSource, State};
use crate::reserved::reserved;

/// Hours of a month, as in all models.
const HOURS: Decimal = Decimal::from_parts(730, 0, 0, false, 0);

/// Decimal places of a quantity that a commitment covers in part.
const PLACES: u32 = 6;

/// Usage types of EC2 instances that run on demand.
const MACHINES: [&str; 2] = ["BoxUsage", "DedicatedUsage"];

impl Terms {
    /// Applies the terms to estimates at the list price, made of the same catalogue. What is reserved or committed counts once for
    /// all of them, in their order, and says how much of it is used.
    pub fn apply(&self, estimates: &mut [&mut Estimate], catalogue: &Catalogue) -> Vec<Commitment> {
        if *self == Terms::default() {
            return Vec::new();
        }
        let mut ledger = Ledger::new(self);
        for estimate in estimates.iter_mut() {
            for resource in &mut estimate.resources {
                let lines = resource.lines.iter().cloned();
                resource.lines = lines
                    .flat_map(|line| self.of_line(line, &mut ledger, catalogue))
                    .collect();
            }
            estimate.sum();
        }
        ledger.commitments(self)
    }

    fn of_line(&self, line: Line, ledger: &mut Ledger, catalogue: &Catalogue) -> Vec<Line> {
        let mut lines = vec![line];
        for (reserved, left) in self.reserved.iter().zip(&mut ledger.reserved) {
            lines = each(lines, |line| by_reserved(line, reserved, left, catalogue));
        }
        // AWS applies the narrower plans first.
        for narrow in [true, false] {
            for (plan, left) in self.savings_plans.iter().zip(&mut ledger.plans) {
                if matches!(plan.kind, SavingsPlanKind::Ec2Instance { .. }) == narrow {
                    lines = each(lines, |line| by_plan(line, plan, left));
                }
            }
        }
        for line in &mut lines {
            self.discount(line);
            self.convert(line);
        }
        lines
    }

    fn discount(&self, line: &mut Line) {
        for discount in &self.discounts {
            let sold = line.sold();
            let is_for = |names: &[String], name: Option<&str>| {
                names.is_empty() || name.is_some_and(|name| names.iter().any(|known| known == name))
            };
            let fits = is_for(&discount.services, sold.map(|sold| &*sold.service))
                && is_for(&discount.regions, sold.map(|sold| &*sold.region));
            if fits {
                let percent = discount.percent;
                line.adjust(AdjustmentKind::Discount, &discount.name, |amount| {
                    less(amount, percent)
                });
            }
        }
    }

    fn convert(&self, line: &mut Line) {
        let Some(currency) = &self.currency else { return };
        if currency.rate != Decimal::ONE {
            line.adjust(AdjustmentKind::Currency, &currency.code, |amount| {
                amount.checked_mul(currency.rate).map(|amount| amount.normalize())
            });
        }
    }

    /// What a unit of a product costs with the discounts and in the currency.
    pub(crate) fn unit_price(&self, source: &PriceSource, usd: Decimal) -> Option<Decimal> {
        let mut line = Line {
            price: Some(usd),
            source: Some(source.clone()),
            ..Line::without_price("", State::Priced)
        };
        self.discount(&mut line);
        self.convert(&mut line);
        line.price
    }
}

fn each(lines: Vec<Line>, change: impl FnMut(Line) -> Vec<Line>) -> Vec<Line> {
    lines.into_iter().flat_map(change).collect()
}

/// What is left of commitments; `None` where they have no end.
struct Ledger {
    /// Hours.
    reserved: Vec<Left>,
    /// USD.
    plans: Vec<Left>,
}

/// How much of a commitment is left, and how much is used.
struct Left {
    left: Option<Decimal>,
    used: Decimal,
}

impl Left {
    fn take(&mut self, used: Decimal) {
        self.used = self.used.saturating_add(used);
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(used).max(Decimal::ZERO);
        }
    }
}

impl Ledger {
    fn new(terms: &Terms) -> Ledger {
        let left = |an_hour: Option<Decimal>| Left {
            left: an_hour.map(|amount| amount.saturating_mul(HOURS)),
            used: Decimal::ZERO,
        };
        Ledger {
            reserved: terms.reserved.iter().map(|one| left(one.count)).collect(),
            plans: terms
                .savings_plans
                .iter()
                .map(|one| left(one.commitment))
                .collect(),
        }
    }

    fn commitments(self, terms: &Terms) -> Vec<Commitment> {
        let of = |kind, name: &String, unit: &str, an_hour: Option<Decimal>, left: &Left| {
            an_hour.map(|amount| Commitment {
                kind,
                name: name.clone(),
                unit: unit.to_owned(),
                committed: amount.saturating_mul(HOURS).normalize(),
                used: left.used.normalize(),
            })
        };
        let reserved = terms.reserved.iter().zip(&self.reserved);
        let plans = terms.savings_plans.iter().zip(&self.plans);
        reserved
            .filter_map(|(one, left)| of(AdjustmentKind::Reserved, &one.name, "hours", one.count, left))
            .chain(plans.filter_map(|(one, left)| {
                of(
                    AdjustmentKind::SavingsPlan,
                    &one.name,
                    "USD",
                    one.commitment,
                    left,
                )
            }))
            .collect()
    }
}

/// A line that is bought on demand: its product, quantity and price.
fn on_demand(line: &Line) -> Option<(&PriceSource, Amount, Decimal)> {
    let source = line.sold()?;
    let other = source.attributes.iter().any(|(name, _)| name == "termType")
        || !line.adjustments.is_empty()
        || source.usage_type.starts_with("SpotUsage");
    let counts = line.state == State::Priced && line.monthly.is_some() && !other;
    counts.then_some((source, line.quantity?, line.price?))
}

fn by_reserved(line: Line, reserved_: &Reserved, left: &mut Left, catalogue: &Catalogue) -> Vec<Line> {
    let Some((source, quantity, price)) = on_demand(&line) else {
        return vec![line];
    };
    let wanted = reserved_.instance_type.as_str();
    let wanted = wanted.strip_suffix(".search").unwrap_or(wanted);
    let fits = *source.service == *reserved_.service
        && !source.usage_type.starts_with("EBSOptimized")
        && instance_type(&source.usage_type).as_deref() == Some(wanted)
        && reserved_
            .region
            .as_ref()
            .is_none_or(|region| **region == *source.region)
        && reserved_.attributes.iter().all(|wanted| {
            source
                .attributes
                .iter()
                .any(|(name, value)| (name, value) == wanted)
        });
    if !fits {
        return vec![line];
    }
    let hour = match &reserved_.rate {
        ReservedRate::Hourly(usd) => Ok(*usd),
        ReservedRate::Percent(percent) => {
            less(price, *percent).ok_or_else(|| "its price is too large a number".to_owned())
        }
        ReservedRate::Catalogue(offering) => {
            let found = reserved(
                catalogue,
                &source.region,
                &source.service,
                &source.usage_type,
                &source.attributes,
                offering,
            );
            let hour = found.map(|price| price.tiers.first().map(|tier| tier.usd));
            let hour = hour.and_then(|usd| usd.ok_or_else(|| "there is no price for it".to_owned()));
            // The question names what is sensitive.
            hour.map_err(|reason| match line.source {
                Some(_) => reason,
                None => "the catalogue has no reserved term for it".to_owned(),
            })
        }
    };
    let covered = up_to(quantity, left.left);
    left.take(covered.high);
    split(
        line,
        quantity,
        covered,
        AdjustmentKind::Reserved,
        &reserved_.name,
        hour,
    )
}

fn by_plan(line: Line, plan: &SavingsPlan, left: &mut Left) -> Vec<Line> {
    let Some((source, quantity, price)) = on_demand(&line) else {
        return vec![line];
    };
    let Some(rate) = percent(plan, source).and_then(|percent| less(price, percent)) else {
        return vec![line];
    };
    // As many units as the rest of the commitment pays for.
    let units = left.left.and_then(|left| {
        left.checked_div(rate)
            .map(|units| units.round_dp_with_strategy(PLACES, RoundingStrategy::ToZero))
    });
    let covered = up_to(quantity, units);
    left.take(covered.high.saturating_mul(rate));
    split(
        line,
        quantity,
        covered,
        AdjustmentKind::SavingsPlan,
        &plan.name,
        Ok(rate),
    )
}

/// How many percent below the on-demand price a product is under a plan.
fn percent(plan: &SavingsPlan, source: &PriceSource) -> Option<Decimal> {
    let (kind, _) = source
        .usage_type
        .split_once(':')
        .unwrap_or((&source.usage_type, ""));
    let machine = &*source.service == "AmazonEC2" && MACHINES.contains(&kind);
    match &plan.kind {
        SavingsPlanKind::Ec2Instance { family, region } => {
            let ty = instance_type(&source.usage_type)?;
            let of_family = ty.split('.').next() == Some(family.as_str());
            (machine && of_family && **region == *source.region).then_some(plan.percent)
        }
        SavingsPlanKind::Compute { fargate, lambda } => {
            let fargate_hours =
                source.usage_type.starts_with("Fargate-") && !source.usage_type.contains("EphemeralStorage");
            match &*source.service {
                "AmazonEC2" if machine => Some(plan.percent),
                "AmazonECS" | "AmazonEKS" if fargate_hours => *fargate,
                // Requests are not part of any plan, and neither are functions at the edge.
                "AWSLambda"
                    if source.usage_type.starts_with("Lambda-GB-Second")
                        || source.usage_type.starts_with("Lambda-Provisioned") =>
                {
                    *lambda
                }
                _ => None,
            }
        }
    }
}

fn up_to(quantity: Amount, most: Option<Decimal>) -> Amount {
    match most {
        Some(most) => Amount {
            low: quantity.low.min(most),
            high: quantity.high.min(most),
        },
        None => quantity,
    }
}

/// A line as what is covered at another price, and the rest.
fn split(
    line: Line,
    quantity: Amount,
    covered: Amount,
    kind: AdjustmentKind,
    name: &str,
    price: Result<Decimal, String>,
) -> Vec<Line> {
    if covered.high.is_zero() {
        return vec![line];
    }
    let rest = Amount {
        low: quantity.low.saturating_sub(covered.low).normalize(),
        high: quantity.high.saturating_sub(covered.high).normalize(),
    };
    let part = |line: &Line, quantity: Amount, price: Decimal| -> Line {
        let cost = |quantity: Decimal| quantity.checked_mul(price).map(|usd| usd.normalize());
        let monthly = cost(quantity.low).zip(cost(quantity.high));
        Line {
            quantity: Some(quantity),
            price: Some(price),
            monthly: monthly.map(|(low, high)| Amount { low, high }),
            state: match monthly {
                Some(_) => State::Priced,
                None => State::Unpriced("what it costs is too large a number".to_owned()),
            },
            ..line.clone()
        }
    };
    let list = line.price.unwrap_or_default();
    let mut lines = Vec::new();
    let named = format!("{}, {kind} \"{name}\"", line.name);
    lines.push(match price {
        Ok(price) => {
            let price = price.normalize();
            let mut covered = part(&line, covered, price);
            covered.name = named;
            covered.adjustments.push(Adjustment {
                kind,
                name: name.to_owned(),
                before: Some(list),
                after: Some(price),
            });
            covered
        }
        Err(reason) => Line {
            name: named,
            quantity: Some(covered),
            price: None,
            monthly: None,
            state: State::Unpriced(reason),
            ..line.clone()
        },
    });
    if !rest.high.is_zero() {
        lines.push(part(&line, rest, list));
    }
    lines
}

impl Line {
    /// Changes the price, and the sum with it.
    fn adjust(&mut self, kind: AdjustmentKind, name: &str, change: impl Fn(Decimal) -> Option<Decimal>) {
        if self.price.is_none() && self.monthly.is_none() {
            return;
        }
        let before = self.price;
        let price = self.price.map(&change);
        let monthly = self.monthly.map(|monthly| {
            Some(Amount {
                low: change(monthly.low)?,
                high: change(monthly.high)?,
            })
        });
        if price == Some(None) || monthly == Some(None) {
            self.price = None;
            self.monthly = None;
            self.state = State::Unpriced("what it costs is too large a number".to_owned());
            return;
        }
        self.price = price.flatten();
        self.monthly = monthly.flatten();
        self.adjustments.push(Adjustment {
            kind,
            name: name.to_owned(),
            before,
            after: self.price,
        });
    }
}
