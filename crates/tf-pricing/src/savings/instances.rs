//! Instances, nodes, containers and functions: newer generations, Graviton, Spot.
//!
//! A newer family has the same class (`m`, `c`, `r`, `t`), the same letters for disks and network, and the same size, so that vCPUs and
//! memory are no less. AWS EC2: instance type naming conventions.

use std::rc::Rc;

use rust_decimal::Decimal;

use super::{Alternative, Bought, Finder, Saving, SavingKind, times};
use crate::estimate::{PriceSource, Resource};
use crate::terms::instance_type;

/// The newest generation that is looked for.
const NEWEST: u32 = 9;

/// Usage types of machines that run all month.
const MACHINES: [&str; 5] = [
    "BoxUsage",
    "InstanceUsage",
    "Multi-AZUsage",
    "NodeUsage",
    "ESInstance",
];

/// The same on Graviton, for what has no instance type.
const ON_ARM: [(&str, &str, &str); 4] = [
    ("AWSLambda", "Lambda-GB-Second", "Lambda-GB-Second-ARM"),
    (
        "AWSLambda",
        "Lambda-Provisioned-GB-Second",
        "Lambda-Provisioned-GB-Second-ARM",
    ),
    ("AmazonECS", "Fargate-GB-Hours", "Fargate-ARM-GB-Hours"),
    (
        "AmazonECS",
        "Fargate-vCPU-Hours:perCPU",
        "Fargate-ARM-vCPU-Hours:perCPU",
    ),
];

const ARM: &str = "for programs that run on ARM";
const MANAGED_ARM: &str = "AWS runs it; look whether its version is offered there";

/// A family such as `m5dn`: class, generation, whose processor it has, and further letters.
#[derive(Debug, PartialEq, Eq)]
struct Family<'f> {
    class: &'f str,
    generation: u32,
    graviton: bool,
    further: String,
}

fn family(name: &str) -> Option<Family<'_>> {
    let digits = name.find(|letter: char| letter.is_ascii_digit())?;
    let (class, rest) = name.split_at(digits);
    let letters = rest
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(rest.len());
    let (generation, letters) = rest.split_at(letters);
    let plain = letters.bytes().all(|letter| letter.is_ascii_lowercase());
    let known = matches!(class, "m" | "c" | "r" | "t") && plain;
    known.then_some(Family {
        class,
        generation: generation.parse().ok()?,
        graviton: letters.contains('g'),
        further: letters.replace(['a', 'g', 'i'], ""),
    })
}

pub(super) fn find(
    finder: &Finder<'_>,
    resource: &Resource,
    bought: &Bought<'_>,
    development: bool,
    found: &mut Vec<Saving>,
) {
    let source = bought.source;
    for other in alternatives(finder, source).iter() {
        let Some(cost) = times(bought.quantity, other.price) else {
            continue;
        };
        found.extend(bought.saving(resource, other.kind, [&other.from, &other.to], cost, other.note));
    }
    let fargate = &*source.service == "AmazonECS" && source.usage_type.starts_with("Fargate-");
    let on_spot = kind_of_spot(resource) && source.usage_type.starts_with("BoxUsage:");
    if development && (on_spot || fargate) {
        found.extend(spot(finder, resource, bought));
    }
}

/// Types whose instances may go away and come back by themselves.
fn kind_of_spot(resource: &Resource) -> bool {
    matches!(&*resource.ty, "aws_autoscaling_group" | "aws_eks_node_group")
}

/// What a product could be instead, whatever its quantity.
fn alternatives(finder: &Finder<'_>, source: &PriceSource) -> Rc<Vec<Alternative>> {
    let product = (
        source.region.clone(),
        source.service.clone(),
        source.usage_type.clone(),
        source.attributes.clone(),
        source.tier_start,
        source.scale,
    );
    if let Some(known) = finder.known.borrow().get(&product) {
        return known.clone();
    }
    let mut all = Vec::new();
    for (service, intel, arm) in ON_ARM {
        if (&*source.service, &*source.usage_type) == (service, intel)
            && let Some(price) = finder.price(source, arm, &[])
        {
            all.push(Alternative {
                kind: SavingKind::Graviton,
                from: "x86_64".to_owned(),
                to: "arm64".to_owned(),
                price,
                note: ARM,
            });
        }
    }
    let machine = source
        .usage_type
        .split_once(':')
        .filter(|(kind, _)| MACHINES.contains(kind));
    if let Some((kind, ty)) = machine {
        all.extend(newer(finder, source, kind, ty));
    }
    let all = Rc::new(all);
    finder.known.borrow_mut().insert(product, all.clone());
    all
}

/// The cheapest of the newer families, and the cheapest on Graviton.
fn newer(finder: &Finder<'_>, source: &PriceSource, kind: &str, ty: &str) -> Vec<Alternative> {
    // `db.m5.xl`: the service, the family, the size.
    let (head, size) = ty.rsplit_once('.').unwrap_or((ty, ""));
    let (service, name) = match head.rsplit_once('.') {
        Some((service, name)) => (format!("{service}."), name),
        None => (String::new(), head),
    };
    let Some(own) = family(name) else {
        return Vec::new();
    };
    let managed = &*source.service != "AmazonEC2";
    let mut best: [Option<(Decimal, String)>; 2] = [None, None];
    for generation in own.generation..=NEWEST {
        for vendor in ["", "i", "a", "g"] {
            let graviton = vendor == "g";
            // The same generation of another maker is no newer one, but on Graviton it is something else.
            let newer = generation > own.generation;
            let fits = match (graviton, own.graviton) {
                (true, false) => true,
                (false, true) => false,
                (true, true) | (false, false) => newer,
            };
            if !fits {
                continue;
            }
            let other = format!("{}{generation}{vendor}{}", own.class, own.further);
            let usage_type = format!("{kind}:{service}{other}.{size}");
            let attributes = of_type(
                source,
                &format!("{service}{name}."),
                &format!("{service}{other}."),
            );
            let attributes: Vec<(&str, &str)> = attributes
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let Some(price) = finder.price(source, &usage_type, &attributes) else {
                continue;
            };
            // From one Graviton to the next is a matter of generations.
            let slot = &mut best[usize::from(graviton && !own.graviton)];
            if slot.as_ref().is_none_or(|(least, _)| price < *least) {
                *slot = Some((price, instance_type(&usage_type).unwrap_or_default()));
            }
        }
    }
    let from = instance_type(&source.usage_type).unwrap_or_default();
    let [generation, graviton] = best;
    let kinds = [
        (
            SavingKind::NewerGeneration,
            generation,
            "the same size, and newer",
        ),
        (
            SavingKind::Graviton,
            graviton,
            if managed { MANAGED_ARM } else { ARM },
        ),
    ];
    let found = kinds.into_iter().filter_map(|(kind, best, note)| {
        best.map(|(price, to)| Alternative {
            kind,
            from: from.clone(),
            to,
            price,
            note,
        })
    });
    found.collect()
}

/// The attributes of a product with another type in their values.
fn of_type(source: &PriceSource, from: &str, to: &str) -> Vec<(String, String)> {
    let attributes = source.attributes.iter();
    attributes
        .map(|(name, value)| match value.strip_prefix(from) {
            Some(size) if name == "instanceType" => (name.clone(), format!("{to}{size}")),
            _ => (name.clone(), value.clone()),
        })
        .collect()
}

fn spot(finder: &Finder<'_>, resource: &Resource, bought: &Bought<'_>) -> Option<Saving> {
    let source = bought.source;
    // Before discounts, which count on both.
    let usd = {
        let attributes: Vec<(&str, &str)> = source
            .attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let found = finder.catalogue.find_if_there(
            &source.region,
            &source.service,
            &source.usage_type,
            &attributes,
        )?;
        found.tiers.first()?.usd
    };
    let ty = instance_type(&source.usage_type).filter(|_| !source.usage_type.starts_with("Fargate-"));
    let spot = finder.terms.spot(&source.region, ty.as_deref(), usd)?;
    let price = finder.terms.unit_price(source, spot.checked_mul(source.scale)?)?;
    let other = times(bought.quantity, price)?;
    let note = "AWS may take the capacity back with two minutes' notice";
    bought.saving(resource, SavingKind::Spot, ["on demand", "Spot"], other, note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_taken_apart() {
        let of = |name: &str| {
            family(name).map(|family| {
                (
                    family.class.to_owned(),
                    family.generation,
                    family.graviton,
                    family.further,
                )
            })
        };
        let some = |class: &str, generation, graviton, further: &str| {
            Some((class.to_owned(), generation, graviton, further.to_owned()))
        };
        assert_eq!(of("m5"), some("m", 5, false, ""));
        assert_eq!(of("m5ad"), some("m", 5, false, "d"));
        assert_eq!(of("m6gd"), some("m", 6, true, "d"));
        assert_eq!(of("m6idn"), some("m", 6, false, "dn"));
        assert_eq!(of("t4g"), some("t", 4, true, ""));
        for other in ["i3", "g4dn", "m7i-flex", "p4d", "u-6tb1", "metal"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
