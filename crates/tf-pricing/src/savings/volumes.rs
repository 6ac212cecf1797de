//! Volumes of a type that has a cheaper successor. AWS EBS: gp3 has 3,000 IOPS and 125 MiB a second included, gp2 has three IOPS a GB,
//! up to 16,000, and up to 250 MiB a second.

use rust_decimal::Decimal;

use super::{Bought, Finder, Saving, SavingKind};
use crate::amount::Amount;
use crate::estimate::Resource;

/// IOPS of gp2 a GB, and at most.
const IOPS: [i64; 2] = [3, 16_000];
/// IOPS and MiB a second that gp3 has without paying for more.
const INCLUDED: [i64; 2] = [3_000, 125];
/// GB up to which gp2 is not faster than what gp3 has included (128 MiB a second).
const SLOW: i64 = 170;
/// MiB a second of larger gp2 volumes.
const FAST: i64 = 250;

/// Types of which each line is one volume, so that gp2's upper end counts.
const SINGLE: [&str; 2] = ["aws_ebs_volume", "aws_instance"];

pub(super) fn find(finder: &Finder<'_>, resource: &Resource, bought: &Bought<'_>, found: &mut Vec<Saving>) {
    let saving = match (&*bought.source.service, &*bought.source.usage_type) {
        ("AmazonEC2", "EBS:VolumeUsage.gp2") => ebs(finder, resource, bought),
        ("AmazonES", "ES:GP2-Storage") => search(finder, resource, bought),
        _ => None,
    };
    found.extend(saving);
}

fn ebs(finder: &Finder<'_>, resource: &Resource, bought: &Bought<'_>) -> Option<Saving> {
    let single = SINGLE.contains(&&*resource.ty);
    let cost = |usage_type: &str, quantity: Amount| finder.cost(bought.source, usage_type, &[], quantity);
    let mut other = cost("EBS:VolumeUsage.gp3", bought.quantity)?;
    let each = |of: &dyn Fn(Decimal) -> Decimal| Amount {
        low: of(bought.quantity.low),
        high: of(bought.quantity.high),
    };
    // Of several volumes in one line only the sum is known: as many IOPS as one that has no upper end is more than all need.
    let iops = each(&|size| {
        let wanted = size.saturating_mul(IOPS[0].into());
        let wanted = if single {
            wanted.min(IOPS[1].into())
        } else {
            wanted
        };
        wanted.saturating_sub(INCLUDED[0].into()).max(Decimal::ZERO)
    });
    if !iops.high.is_zero() {
        other += cost("EBS:VolumeP-IOPS.gp3", iops)?;
    }
    // Two of 100 GB are no faster than what is included, and one of 200 is.
    let fast = each(&|size| {
        let volumes = match single {
            true => Decimal::ONE,
            false => size.checked_div(SLOW.into()).unwrap_or_default().floor(),
        };
        match size > SLOW.into() {
            true => Decimal::from(FAST - INCLUDED[1]).saturating_mul(volumes),
            false => Decimal::ZERO,
        }
    });
    if !fast.high.is_zero() {
        // The price list counts GiB a second.
        let gib = |mib: Decimal| mib.checked_div(1024.into()).unwrap_or_default();
        other += cost(
            "EBS:VolumeP-Throughput.gp3",
            Amount {
                low: gib(fast.low),
                high: gib(fast.high),
            },
        )?;
    }
    let note = match (iops.high.is_zero(), fast.high.is_zero()) {
        (true, true) => "with what gp3 has included it is as fast".to_owned(),
        (no_iops, no_throughput) => {
            let mut bought = Vec::new();
            if !no_iops {
                bought.push(format!("{} IOPS", iops.high.normalize()));
            }
            if !no_throughput {
                bought.push(format!("{} MiB a second", fast.high.normalize()));
            }
            format!("{} bought beside it, so that it is as fast", bought.join(" and "))
        }
    };
    bought.saving(resource, SavingKind::VolumeType, ["gp2", "gp3"], other, &note)
}

fn search(finder: &Finder<'_>, resource: &Resource, bought: &Bought<'_>) -> Option<Saving> {
    // More than what is included would have to be bought for larger volumes, and how the sum is shared out is not known.
    if bought.quantity.high.saturating_mul(IOPS[0].into()) > INCLUDED[0].into() {
        return None;
    }
    let other = finder.cost(bought.source, "ES:GP3-Storage", &[], bought.quantity)?;
    let note = "with what gp3 has included it is as fast";
    bought.saving(resource, SavingKind::VolumeType, ["gp2", "gp3"], other, note)
}
