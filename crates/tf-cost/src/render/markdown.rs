//! Markdown, for pull requests and reviews.

use tf_pricing::{ComponentDocument, Document, ResourceDocument};

use super::words;
use tf_pricing::money;

pub(super) fn document(document: &Document) -> String {
    let mut out = String::new();
    let sum = money::range(document.total_monthly, document.total_monthly_max);
    out.push_str(&format!("## Cost a month: {sum} {}\n\n", document.currency));
    if !document.roots.is_empty() {
        out.push_str("| Root | Monthly | Not counted |\n| --- | ---: | ---: |\n");
        for root in &document.roots {
            let open = root.summary.unpriced_lines + root.summary.depends_on_unknown;
            let sum = money::range(root.total_monthly, root.total_monthly_max);
            out.push_str(&format!("| {} | {sum} | {open} |\n", text(&root.root)));
        }
        out.push('\n');
    }
    let mut counted: Vec<&ResourceDocument> = document
        .resources
        .iter()
        .filter(|resource| resource.components.iter().any(|line| line.monthly.is_some()))
        .collect();
    // What costs most is read first.
    counted.sort_by_key(|resource| std::cmp::Reverse(resource.monthly));
    if !counted.is_empty() {
        out.push_str(
            "| Resource | Line | Quantity | Price | Monthly |\n| --- | --- | ---: | ---: | ---: |\n",
        );
    }
    for resource in counted {
        let sum = money::range(resource.monthly.unwrap_or_default(), resource.monthly_max);
        let root = resource.root.as_ref().map(|root| format!("{}: ", text(root)));
        out.push_str(&format!(
            "| {}**{}** | | | | **{sum}** |\n",
            root.unwrap_or_default(),
            text(&resource.address)
        ));
        for line in resource.components.iter().filter(|line| line.monthly.is_some()) {
            out.push_str(&row(line));
        }
    }
    push_savings(&mut out, document);
    push_rest(&mut out, document);
    out
}

fn push_savings(out: &mut String, document: &Document) {
    if document.savings.is_empty() {
        return;
    }
    out.push_str(&format!(
        "\n<details><summary>Savings that the price list proves: {} {} a month</summary>\n\n\
         | Resource | From | To | Monthly | Note |\n| --- | --- | --- | ---: | --- |\n",
        money::dollars(document.savings_monthly()),
        document.currency
    ));
    for saving in &document.savings {
        let root = saving.root.as_ref().map(|root| format!("{}: ", text(root)));
        out.push_str(&format!(
            "| {}{} | {} | {} | {} | {} |\n",
            root.unwrap_or_default(),
            text(&saving.address),
            text(&saving.from),
            text(&saving.to),
            money::range(saving.monthly, saving.monthly_max),
            text(&saving.note)
        ));
    }
    out.push_str("\n</details>\n");
}

fn row(line: &ComponentDocument) -> String {
    let quantity = match (line.quantity, line.quantity_max) {
        (Some(low), Some(high)) => format!("{} – {}", money::quantity(low), money::quantity(high)),
        (Some(quantity), None) => money::quantity(quantity),
        (None, _) => String::new(),
    };
    let price = line.price.map(|price| price.to_string()).unwrap_or_default();
    let monthly = money::range(line.monthly.unwrap_or_default(), line.monthly_max);
    format!(
        "| | {} | {quantity} {} | {price} | {monthly} |\n",
        text(&name(line)),
        text(&line.unit)
    )
}

fn name(line: &ComponentDocument) -> String {
    match &line.group {
        Some(group) => format!("{group}: {}", line.name),
        None => line.name.clone(),
    }
}

fn push_rest(out: &mut String, document: &Document) {
    let summary = &document.summary;
    let mut items = Vec::new();
    for resource in &document.resources {
        for line in &resource.components {
            let reason = match (&line.unpriced, line.depends_on.as_slice()) {
                (Some(reason), _) => format!("unpriced: {reason}"),
                (None, [_, ..]) => format!("not known: {}", line.depends_on.join("; ")),
                (None, []) => continue,
            };
            items.push(format!(
                "- {}, {}: {}\n",
                text(&resource.address),
                text(&name(line)),
                text(&reason)
            ));
        }
    }
    if !items.is_empty() {
        out.push_str(&format!(
            "\n<details><summary>{} without a price or not known, and not counted</summary>\n\n",
            items.len()
        ));
        out.extend(items);
        out.push_str("\n</details>\n");
    }
    out.push_str(&format!(
        "\n{}. {} by use, for which no usage is given.\n",
        words::resources(summary),
        words::plural(summary.depends_on_usage, "line is billed", "lines are billed")
    ));
    for (why, types) in words::in_no_sum(summary) {
        let types: Vec<String> = types
            .iter()
            .map(|(ty, count)| format!("`{ty}` ({count})"))
            .collect();
        out.push_str(&format!("\n{why}: {}.\n", types.join(", ")));
    }
    for commitment in &document.commitments {
        out.push_str(&format!("\n{}.\n", text(&words::commitment(commitment))));
    }
    if !document.errors.is_empty() {
        out.push_str(&format!(
            "\n**{} errors while reading: the sum is not complete.**\n",
            document.errors.len()
        ));
    }
}

/// A text that Markdown shows as it is.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            '@' => out.push_str("&#64;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_leave_their_cell() {
        assert_eq!(text("a|b\n@c"), "a\\|b &#64;c");
        assert_eq!(text("aws_x.y[\"k\"]"), "aws\\_x.y\\[\"k\"\\]");
    }
}
