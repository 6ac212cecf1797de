//! A difference as one page: the sums, what changed most, and every line that differs. It needs nothing from elsewhere.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tf_pricing::{Change, Difference, ResourceDifference, money};

use super::html::{escape, head};
use super::words;

/// Resources of the chart; the list below it has all.
const CHARTED: usize = 15;

pub(super) fn difference(difference: &Difference) -> String {
    let currency = escape(&difference.currency);
    let delta = money::delta(difference.delta, difference.delta_max);
    let mut out = head(&format!("Cost a month: {delta} {currency}"));
    out.push_str(&format!(
        "<p>{} → {}{}",
        money::range(difference.before, difference.before_max),
        money::range(difference.after, difference.after_max),
        match difference.percent() {
            Some(percent) => format!(" ({}%)", percent.round_dp(1).normalize()),
            None => String::new(),
        }
    ));
    if !difference.delta_price.is_zero() {
        out.push_str(&format!(
            "; {} of it by the configuration, {} by new prices of the same things",
            money::signed(difference.delta_configuration),
            money::signed(difference.delta_price)
        ));
    }
    out.push_str("</p>\n");
    if let Some(sentence) = words::one_sided(difference) {
        out.push_str(&format!("<p>{sentence}.</p>\n"));
    }
    let [before, after] = difference.unpriced;
    if before > 0 || after > 0 {
        out.push_str(&format!(
            "<p>Lines without a price, not counted: {before} before, {after} after.</p>\n"
        ));
    }
    if difference.resources.is_empty() {
        out.push_str("<p>Nothing that costs anything differs.</p>\n</body></html>\n");
        return out;
    }
    let mut resources: Vec<&ResourceDifference> = difference.resources.iter().collect();
    resources.sort_by_key(|resource| std::cmp::Reverse(resource.delta.abs()));
    push_chart(&mut out, &resources);
    out.push_str("<h2>Resources</h2>\n");
    for resource in resources {
        push_resource(&mut out, resource);
    }
    out.push_str("</body></html>\n");
    out
}

fn push_chart(out: &mut String, resources: &[&ResourceDifference]) {
    let most = resources
        .first()
        .map(|resource| resource.delta.abs())
        .unwrap_or_default();
    if resources.len() < 2 || most.is_zero() {
        return;
    }
    out.push_str("<h2>What changed most</h2>\n<table class=\"bars\">\n");
    let changed = resources.iter().filter(|resource| !resource.delta.is_zero());
    for resource in changed.take(CHARTED) {
        let width = (resource.delta.abs() * Decimal::ONE_HUNDRED / most)
            .round()
            .to_i64()
            .unwrap_or_default();
        let class = match resource.delta.is_sign_negative() {
            true => "bar less",
            false => "bar more",
        };
        out.push_str(&format!(
            "<tr><td>{}</td><td class=\"b\"><span class=\"{class}\" style=\"width:{width}%\"></span></td><td class=\"n\">{}</td></tr>\n",
            name(resource),
            money::delta(resource.delta, resource.delta_max)
        ));
    }
    out.push_str("</table>\n");
}

fn name(resource: &ResourceDifference) -> String {
    match &resource.root {
        Some(root) => format!(
            "<span class=\"m\">{}</span> {}",
            escape(root),
            escape(&resource.address)
        ),
        None => escape(&resource.address),
    }
}

fn push_resource(out: &mut String, resource: &ResourceDifference) {
    let sign = match resource.change {
        Change::Added => "+",
        Change::Removed => "−",
        Change::Configuration | Change::Price | Change::Both => "~",
    };
    out.push_str(&format!(
        "<details open><summary>{sign} {} <span class=\"m\">{}</span> <strong>{}</strong></summary>\n<table><tr><th>Line</th>\
         <th class=\"n\">Before</th><th class=\"n\">After</th><th class=\"n\">Adds</th></tr>\n",
        name(resource),
        words::change(resource.change),
        money::delta(resource.delta, resource.delta_max)
    ));
    for line in &resource.components {
        let title = match &line.group {
            Some(group) => format!("{group}: {}", line.name),
            None => line.name.clone(),
        };
        out.push_str(&format!(
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
            escape(&title),
            words::sum(line.before.as_ref()),
            words::sum(line.after.as_ref()),
            words::added(line)
        ));
    }
    out.push_str("</table></details>\n");
}
