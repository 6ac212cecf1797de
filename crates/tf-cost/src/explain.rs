//! `tf-cost explain`

use anyhow::bail;
use clap::Args;
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_pricing::terms::AdjustmentKind;
use tf_pricing::{Line, PriceSource, State};

use crate::estimate;
use crate::input::{self, InputArgs};
use tf_pricing::money;

/// Say where the figures of a resource come from
///
/// For each line: what was looked up in the price list and by which attributes, the SKU and the rate code where they are known,
/// the day on which the price was known to hold, and the arithmetic.
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// The address of a resource
    #[arg(value_name = "ADDRESS")]
    address: String,
    #[command(flatten)]
    input: InputArgs,
}

pub(crate) fn run(args: ExplainArgs) -> anyhow::Result<Exit> {
    let inputs = input::read(&args.input)?;
    estimate::warn(&inputs, false);
    let currency = inputs.pricing.terms().currency();
    let mut out = String::new();
    for root in &inputs.roots {
        for resource in root
            .estimate
            .resources
            .iter()
            .filter(|resource| *resource.address == *args.address)
        {
            if inputs.roots.len() > 1 {
                out.push_str(&format!("{}\n", root.name));
            }
            out.push_str(&format!("{}\n", resource.address));
            match &resource.region {
                Some(region) => out.push_str(&format!("  region {region}\n")),
                None => out.push_str("  its region is not known\n"),
            }
            for line in resource.lines.iter() {
                push_line(&mut out, line, currency);
            }
            let sum = money::range(resource.monthly.low, high(resource.monthly));
            out.push_str(&format!("\n  {sum} {currency} a month\n"));
        }
    }
    if out.is_empty() {
        let there = inputs
            .roots
            .iter()
            .flat_map(|root| &root.graph.resources)
            .find(|resource| *resource.text == *args.address);
        match there {
            Some(resource) => {
                let standing = tf_pricing::Models::builtin().standing(&resource.address.ty);
                out = match standing {
                    tf_pricing::Standing::Free => {
                        format!(
                            "{}: {} costs nothing by itself\n",
                            args.address, resource.address.ty
                        )
                    }
                    tf_pricing::Standing::Foreign => {
                        format!("{}: {} is not AWS's\n", args.address, resource.address.ty)
                    }
                    tf_pricing::Standing::NotKnown => format!(
                        "{}: not known: {} is a type newer than this program, whose cost nothing is known of, so it is not in any sum\n",
                        args.address, resource.address.ty
                    ),
                    _ => format!(
                        "{}: there is no cost model of {} yet, so it is not in any sum\n",
                        args.address, resource.address.ty
                    ),
                };
            }
            None => bail!("there is no resource {}", args.address),
        }
    }
    output::print(&out)?;
    Ok(match inputs.incomplete {
        true => Exit::Failed,
        false => Exit::Clean,
    })
}

fn high(amount: tf_pricing::Amount) -> Option<rust_decimal::Decimal> {
    amount.known().is_none().then_some(amount.high)
}

fn push_line(out: &mut String, line: &Line, currency: &str) {
    out.push('\n');
    match &line.group {
        Some(group) => out.push_str(&format!("  {group}: {}\n", line.name)),
        None => out.push_str(&format!("  {}\n", line.name)),
    }
    if let Some(source) = &line.source {
        push_source(out, source);
    }
    for (at, step) in line.adjustments.iter().enumerate() {
        let (Some(before), Some(after)) = (step.before, step.after) else {
            out.push_str(&format!("    {} \"{}\"\n", step.kind, step.name));
            continue;
        };
        // The list price is always in USD; the last step may be the one into another currency.
        let unit = |kind: AdjustmentKind| match kind {
            AdjustmentKind::Currency => currency,
            _ => "USD",
        };
        if at == 0 {
            out.push_str(&format!("    list price: {before} USD\n"));
        }
        out.push_str(&format!(
            "    {} \"{}\": {after} {}\n",
            step.kind,
            step.name,
            unit(step.kind)
        ));
    }
    if let (Some(quantity), Some(price), Some(monthly)) = (line.quantity, line.price, line.monthly) {
        let quantity = match quantity.known() {
            Some(quantity) => quantity.to_string(),
            None => format!("{} to {}", quantity.low, quantity.high),
        };
        let monthly = match monthly.known() {
            Some(monthly) => monthly.to_string(),
            None => format!("{} to {}", monthly.low, monthly.high),
        };
        out.push_str(&format!(
            "    {quantity} {} × {price} {currency} = {monthly} {currency}\n",
            line.unit
        ));
    }
    match &line.state {
        State::Priced => {}
        State::DependsOnUsage(keys) => {
            out.push_str(&format!(
                "    depends on usage: {} (--usage FILE)\n",
                keys.join(", ")
            ));
            if let Some(price) = line.price {
                out.push_str(&format!(
                    "    {price} {currency} for each unit of {}\n",
                    line.unit
                ));
            }
        }
        State::DependsOn(reasons) => out.push_str(&format!("    not known: {}\n", reasons.join("; "))),
        State::Unpriced(reason) => out.push_str(&format!("    unpriced: {reason}\n")),
    }
}

fn push_source(out: &mut String, source: &PriceSource) {
    out.push_str(&format!(
        "    {} {} in {}\n",
        source.service, source.usage_type, source.region
    ));
    if !source.attributes.is_empty() {
        let attributes = source
            .attributes
            .iter()
            .map(|(name, value)| format!("{name} = {value}"));
        out.push_str(&format!("    {}\n", attributes.collect::<Vec<_>>().join(", ")));
    }
    let sku = source.sku.as_deref().unwrap_or("not in the catalogue");
    let rate_code = source.rate_code.as_deref().unwrap_or("not in the catalogue");
    out.push_str(&format!(
        "    SKU {sku}, rate code {rate_code}, known to hold on {}\n",
        source.effective
    ));
    if !source.tier_start.is_zero() {
        out.push_str(&format!(
            "    the tier begins at {} {}\n",
            source.tier_start, source.unit
        ));
    }
    if source.scale != rust_decimal::Decimal::ONE {
        out.push_str(&format!(
            "    one unit here is {} {} there\n",
            source.scale, source.unit
        ));
    }
}
