//! Charts as inline SVG: no script, colours by class, and everything they show in words too.

use crate::render::escape::html;

/// One part of a chart.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// What it is.
    pub name: &'a str,
    /// How many.
    pub count: usize,
    /// Class of the style sheet that colours it.
    pub class: &'a str,
}

/// Radius at which a circle is 100 units around, so that a share is a length.
const RADIUS: &str = "15.9155";

/// A ring of shares with their sum in the middle, and a legend.
pub fn donut(title: &str, parts: &[Part<'_>]) -> String {
    let total: usize = parts.iter().map(|part| part.count).sum();
    let mut start = 0.0;
    let mut arcs = String::new();
    for Part { count, class, .. } in parts.iter().filter(|part| part.count > 0) {
        let share = percent(*count, total);
        // A dash begins at three o'clock: a quarter back is twelve.
        let (gap, offset) = (100.0 - share, 25.0 - start);
        arcs.push_str(&format!(
            r#"<circle class="{class}" cx="21" cy="21" r="{RADIUS}"
stroke-dasharray="{share:.3} {gap:.3}" stroke-dashoffset="{offset:.3}"/>
"#
        ));
        start += share;
    }
    let description = description(title, parts);
    let legend: String = parts.iter().map(legend_item).collect();
    format!(
        r#"<svg class="donut" viewBox="0 0 42 42" role="img" aria-label="{description}">
<circle class="track" cx="21" cy="21" r="{RADIUS}"/>
{arcs}<text class="total" x="21" y="22">{total}</text>
<text class="unit" x="21" y="26">verdicts</text>
</svg>
<ul class="legend">
{legend}</ul>
"#
    )
}

fn legend_item(part: &Part<'_>) -> String {
    let (name, Part { class, count, .. }) = (html(part.name), part);
    format!(
        r#"<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true">
<rect class="{class}" width="10" height="10" rx="2"/></svg>{name} <b>{count}</b></li>
"#
    )
}

/// Width of a bar chart, and height of a bar with its name, in user units, which are pixels at most.
const WIDTH: f64 = 400.0;
const HEIGHT: usize = 38;
/// Room for the number behind the longest bar.
const NUMBER: f64 = 48.0;

/// A bar a part, each as long as it is many.
pub fn bars(title: &str, parts: &[Part<'_>]) -> String {
    let most = parts.iter().map(|part| part.count).max().unwrap_or_default();
    let bars: String = parts
        .iter()
        .enumerate()
        .map(|(index, part)| bar(part, index * HEIGHT, most))
        .collect();
    let (height, description) = (parts.len() * HEIGHT, description(title, parts));
    format!(
        r#"<svg class="bars" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{description}">
{bars}</svg>
"#
    )
}

fn bar(part: &Part<'_>, top: usize, most: usize) -> String {
    let (name, Part { class, count, .. }) = (html(part.name), part);
    let length = (percent(*count, most) / 100.0 * (WIDTH - NUMBER)).max(2.0);
    let (above, beside, under, behind) = (top + 13, top + 19, top + 29, length + 8.0);
    format!(
        r#"<text class="name" x="0" y="{above}">{name}</text>
<rect class="{class}" x="0" y="{beside}" width="{length:.1}" height="12" rx="3"/>
<text class="number" x="{behind:.1}" y="{under}">{count}</text>
"#
    )
}

/// One bar of shares, without a legend.
pub fn stack(title: &str, parts: &[Part<'_>]) -> String {
    let total: usize = parts.iter().map(|part| part.count).sum();
    let mut start = 0.0;
    let mut rects = String::new();
    for Part { count, class, .. } in parts.iter().filter(|part| part.count > 0) {
        let share = percent(*count, total);
        rects.push_str(&format!(
            r#"<rect class="{class}" x="{start:.3}" y="0" width="{share:.3}" height="4"/>
"#
        ));
        start += share;
    }
    let description = description(title, parts);
    format!(
        r#"<svg class="stack" viewBox="0 0 100 4" preserveAspectRatio="none" role="img"
aria-label="{description}">
{rects}</svg>
"#
    )
}

/// A column for each of some moments, made of its parts, the first at the bottom; the highest fills the height.
pub fn columns(title: &str, moments: &[(&str, Vec<Part<'_>>)]) -> String {
    const TALL: f64 = 120.0;
    let sum = |parts: &[Part<'_>]| parts.iter().map(|part| part.count).sum::<usize>();
    let most = moments
        .iter()
        .map(|(_, parts)| sum(parts))
        .max()
        .unwrap_or_default();
    let wide = WIDTH / moments.len().max(1) as f64;
    let mut rects = String::new();
    let mut told = Vec::new();
    for (at, (name, parts)) in moments.iter().enumerate() {
        let (x, width) = (at as f64 * wide, (wide * 0.8).min(40.0));
        let mut top = TALL;
        for Part { count, class, .. } in parts.iter().filter(|part| part.count > 0) {
            let height = percent(*count, most) / 100.0 * TALL;
            top -= height;
            rects.push_str(&format!(
                r#"<rect class="{class}" x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}"/>
"#
            ));
        }
        told.push(format!("{name} {}", sum(parts)));
    }
    let description = html(&format!("{title}: {}", told.join(", ")));
    format!(
        r#"<svg class="bars" viewBox="0 0 {WIDTH} {TALL}" role="img" aria-label="{description}">
{rects}</svg>
"#
    )
}

/// `Failures by severity: critical 1, high 3`, as an attribute's value.
fn description(title: &str, parts: &[Part<'_>]) -> String {
    let listed: Vec<String> = parts
        .iter()
        .map(|part| format!("{} {}", part.name, part.count))
        .collect();
    html(&format!("{title}: {}", listed.join(", ")))
}

/// Exact enough for lengths on a screen, whatever the counts; 0 of nothing.
fn percent(count: usize, total: usize) -> f64 {
    if total == 0 {
        0.0
    } else {
        count as f64 / total as f64 * 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_whole() {
        let parts = [
            Part {
                name: "a\"<",
                count: 1,
                class: "failed",
            },
            Part {
                name: "b",
                count: 3,
                class: "passed",
            },
        ];
        let svg = donut("All", &parts);
        assert!(
            svg.contains("stroke-dasharray=\"25.000 75.000\" stroke-dashoffset=\"25.000\""),
            "{svg}"
        );
        assert!(
            svg.contains("stroke-dasharray=\"75.000 25.000\" stroke-dashoffset=\"0.000\""),
            "{svg}"
        );
        assert!(svg.contains("aria-label=\"All: a&quot;&lt; 1, b 3\""), "{svg}");
    }

    #[test]
    fn columns_are_as_high_as_they_are_many() {
        let part = |count, class| Part {
            name: class,
            count,
            class,
        };
        let moments = [
            ("Mo", vec![part(3, "low"), part(1, "high")]),
            ("Tu", vec![part(2, "low")]),
        ];
        let svg = columns("Open", &moments);
        for height in ["height=\"90.0\"", "height=\"30.0\"", "height=\"60.0\""] {
            assert!(svg.contains(height), "{svg}");
        }
        assert!(svg.contains("aria-label=\"Open: Mo 4, Tu 2\""), "{svg}");
    }

    #[test]
    fn nothing_has_no_share() {
        let parts = [Part {
            name: "a",
            count: 0,
            class: "failed",
        }];
        let moments = [("Monday", parts.to_vec()), ("Tuesday", Vec::new())];
        for svg in [
            donut("All", &parts),
            bars("All", &parts),
            stack("All", &parts),
            columns("All", &moments),
            columns("All", &[]),
        ] {
            assert!(!svg.contains("NaN"), "{svg}");
        }
    }
}
