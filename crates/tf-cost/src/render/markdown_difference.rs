//! A difference in Markdown, for pull requests.

use tf_pricing::Difference;

use super::markdown::text;
use super::words;
use tf_pricing::money;

pub(super) fn difference(difference: &Difference) -> String {
    let mut out = format!(
        "## Cost a month: {} {}\n\n{} → {}{}\n",
        money::delta(difference.delta, difference.delta_max),
        difference.currency,
        money::range(difference.before, difference.before_max),
        money::range(difference.after, difference.after_max),
        match difference.percent() {
            Some(percent) => format!(" ({}%)", percent.round_dp(1).normalize()),
            None => String::new(),
        }
    );
    if !difference.delta_price.is_zero() {
        out.push_str(&format!(
            "\n{} by the configuration, {} by new prices of the same things.\n",
            money::signed(difference.delta_configuration),
            money::signed(difference.delta_price)
        ));
    }
    if difference.resources.is_empty() {
        out.push_str("\nNothing that costs anything differs.\n");
        return out;
    }
    out.push_str("\n| Resource | Line | Before | After | Adds |\n| --- | --- | ---: | ---: | ---: |\n");
    for resource in &difference.resources {
        let root = resource.root.as_ref().map(|root| format!("{}: ", text(root)));
        out.push_str(&format!(
            "| {}**{}** | {} | | | **{}** |\n",
            root.unwrap_or_default(),
            text(&resource.address),
            words::change(resource.change),
            money::delta(resource.delta, resource.delta_max)
        ));
        for line in &resource.components {
            let name = match &line.group {
                Some(group) => format!("{group}: {}", line.name),
                None => line.name.clone(),
            };
            out.push_str(&format!(
                "| | {} | {} | {} | {} |\n",
                text(&name),
                words::sum(line.before.as_ref()),
                words::sum(line.after.as_ref()),
                words::added(line)
            ));
        }
    }
    if let Some(sentence) = words::one_sided(difference) {
        out.push_str(&format!("\n{sentence}.\n"));
    }
    let [before, after] = difference.unpriced;
    if before > 0 || after > 0 {
        out.push_str(&format!(
            "\nLines without a price, not counted: {before} before, {after} after.\n"
        ));
    }
    out
}
