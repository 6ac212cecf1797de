//! NAT gateways, one a zone, where development needs no more than one.

use std::collections::BTreeMap;

use super::{Finder, Saving, SavingKind, bought, component};
use crate::estimate::Estimate;

const NOTE: &str = "one gateway serves all zones; traffic from the others is billed as between zones";

pub(super) fn find(finder: &Finder<'_>, estimate: &Estimate, found: &mut Vec<Saving>) {
    // Gateways of one module belong to one network.
    let mut networks: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, resource) in estimate.resources.iter().enumerate() {
        let declared = finder.graph.resources.get(resource.index);
        if let Some(declared) =
            declared.filter(|_| &*resource.ty == "aws_nat_gateway" && finder.development(at))
        {
            let module: Vec<String> = declared
                .address
                .module
                .0
                .iter()
                .map(|step| format!("{}{:?}", step.name, step.key))
                .collect();
            networks.entry(module.join(".")).or_default().push(at);
        }
    }
    for gateways in networks.into_values() {
        let Some((first, rest)) = gateways.split_first() else {
            continue;
        };
        let Some(kept) = estimate.resources.get(*first) else {
            continue;
        };
        for at in rest {
            let Some(resource) = estimate.resources.get(*at) else {
                continue;
            };
            let hours =
                resource.lines.iter().filter_map(bought).find(|bought| {
                    bought.source.usage_type.contains("Hours") && !bought.monthly.high.is_zero()
                });
            let Some(hours) = hours else { continue };
            found.push(Saving {
                root: None,
                address: resource.address.to_string(),
                component: component(hours.line),
                kind: SavingKind::SharedNatGateway,
                from: "a NAT gateway a zone".to_owned(),
                to: kept.address.to_string(),
                monthly: hours.monthly.low,
                monthly_max: hours.monthly.known().is_none().then_some(hours.monthly.high),
                note: NOTE.to_owned(),
            });
        }
    }
}
