//! A difference for people.

use tf_pricing::{Change, ComponentDifference, ComponentDocument, Difference, ResourceDifference};

use super::{Options, words};
use tf_pricing::money;

pub(super) fn difference(difference: &Difference, options: &Options) -> String {
    let mut out = String::new();
    // What waits for usage on both sides is listed with --verbose only.
    let counts = |resource: &&ResourceDifference| {
        let open =
            |line: &Option<ComponentDocument>| line.as_ref().is_some_and(|line| line.unpriced.is_some());
        let components = resource.components.iter();
        let mut decided =
            components.filter(|line| !line.delta.is_zero() || open(&line.before) || open(&line.after));
        !options.quiet && (options.verbose || decided.next().is_some())
    };
    let resources = difference.resources.iter().filter(counts);
    let mut root = None;
    for resource in resources {
        if resource.root.is_some() && root != resource.root.as_ref() {
            root = resource.root.as_ref();
            out.push_str(&format!("{}\n\n", root.map_or("", |root| root.as_str())));
        }
        let sign = match resource.change {
            Change::Added => "+",
            Change::Removed => "-",
            Change::Configuration | Change::Price | Change::Both => "~",
        };
        let word = words::change(resource.change);
        let head = format!("{sign} {}  ({word})", resource.address);
        out.push_str(&colored(&head, resource.change, options));
        out.push_str(&format!(
            "  {}\n",
            money::delta(resource.delta, resource.delta_max)
        ));
        for component in &resource.components {
            let line = format!("    {}", line(component));
            out.push_str(&words::broken(&line, options.width));
            out.push('\n');
        }
        out.push('\n');
    }
    if difference.resources.is_empty() {
        out.push_str("Nothing that costs anything differs.\n");
    }
    out.push_str(&format!(
        "Total a month, {}: {} → {}  ({}{})\n",
        difference.currency,
        money::range(difference.before, difference.before_max),
        money::range(difference.after, difference.after_max),
        money::delta(difference.delta, difference.delta_max),
        match difference.percent() {
            Some(percent) => format!(", {}%", percent.round_dp(1).normalize()),
            None => String::new(),
        }
    ));
    if !difference.delta_price.is_zero() {
        out.push_str(&format!(
            "  {} of it by the configuration, {} by new prices of the same things\n",
            money::signed(difference.delta_configuration),
            money::signed(difference.delta_price)
        ));
    }
    if let Some(sentence) = words::one_sided(difference) {
        out.push_str(&format!("  {sentence}\n"));
    }
    let [before, after] = difference.unpriced;
    if before > 0 || after > 0 {
        out.push_str(&format!(
            "  Lines without a price, not counted: {before} before, {after} after\n"
        ));
    }
    out
}

fn colored(text: &str, change: Change, options: &Options) -> String {
    let code = match change {
        Change::Added => 31,
        Change::Removed => 32,
        _ => 33,
    };
    match options.color {
        true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

fn line(component: &ComponentDifference) -> String {
    let name = match &component.group {
        Some(group) => format!("{group}: {}", component.name),
        None => component.name.clone(),
    };
    let why = match component.change {
        Change::Price => "  price changed",
        Change::Both => "  quantity and price changed",
        _ => "",
    };
    format!(
        "{name}: {} → {}{why}",
        words::sum(component.before.as_ref()),
        words::sum(component.after.as_ref())
    )
}
