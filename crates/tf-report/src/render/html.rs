//! One page that needs nothing else: no request leaves it, and its content security policy allows only the
//! style and the script that are in it. Without script everything shows; with it the findings can be narrowed
//! and sorted.

pub mod chart;
mod findings;

use chart::Part;

use super::place::{Place, chain};
use super::tally::{self, Failures, Standing};
use super::{escape, snippet};
use crate::{Compliance, Control, Location, Problem, Report, Snippet};
use escape::html;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");
/// The SHA-256 digests of [`STYLE`] and [`SCRIPT`] in Base64, as a content security policy names them. A test
/// computes them and says what they ought to be.
const STYLE_DIGEST: &str = "Aby4NtkepYK3ZO7QOR1yhh+IKpmXWvxmv9IXHwQS/uU=";
const SCRIPT_DIGEST: &str = "8LE8ydwNNmJk9+aIFdWJgM2XX5ucYTmyB6m8CiHERNI=";

/// Bars in a chart.
const MOST_BARS: usize = 8;
/// Characters of a bar's name.
const BAR_NAME: usize = 52;

/// The report as a page.
pub(super) fn render(report: &Report) -> String {
    let title = match tally::headline(report) {
        Some(headline) => format!("{}: {headline}", report.tool),
        None => format!("{}: nothing to do", report.tool),
    };
    let mut out = head(&title);
    out.push_str(&header(report));
    out.push_str("<main id=\"main\">\n");
    for section in [
        overview(report),
        problems(report),
        findings::section(report),
        compliance(report),
    ] {
        out.push_str(&section);
    }
    out.push_str("</main>\n");
    out.push_str(&format!(
        "<footer><p>{}</p><p>{} {}</p></footer>\n",
        html(&tally::coverage(report)),
        html(&report.tool),
        html(&report.version),
    ));
    out.push_str(&format!("<script>{SCRIPT}</script>\n</body>\n</html>\n"));
    out
}

/// A page until its body begins, with the style of all pages. Its security policy allows that style, the script of this report, and
/// nothing else.
pub fn head(title: &str) -> String {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{STYLE_DIGEST}'; script-src 'sha256-{SCRIPT_DIGEST}'; \
         base-uri 'none'; form-action 'none'"
    );
    let title = html(title);
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
"#
    )
}

fn header(report: &Report) -> String {
    let (class, verdict) = match tally::headline(report) {
        Some(headline) => ("bad", headline),
        None => ("good", "nothing to do".to_owned()),
    };
    let links: String = [
        ("findings", "Findings", true),
        ("problems", "Problems", !report.problems.is_empty()),
        ("compliance", "Compliance", !report.compliance.is_empty()),
    ]
    .into_iter()
    .filter(|(_, _, present)| *present)
    .map(|(id, name, _)| format!("<a href=\"#{id}\">{name}</a>"))
    .collect();
    let (tool, roots) = (html(&report.tool), roots(&report.roots));
    format!(
        r##"<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>{tool} <span class="{class}">{verdict}</span></h1>
<nav aria-label="Sections">{links}</nav>
{roots}</header>
"##
    )
}

/// Many of them are folded.
fn roots(roots: &[String]) -> String {
    let names = codes(roots);
    match roots.len() {
        0 => String::new(),
        1 => format!("<p class=\"roots\">Root {names}</p>\n"),
        2..=6 => format!("<p class=\"roots\">Roots {names}</p>\n"),
        many => format!("<details class=\"roots\"><summary>{many} roots</summary>{names}</details>\n"),
    }
}

/// A part of the page with its heading, and the number of things in it.
pub fn section(id: &str, title: &str, number: Option<usize>, body: &str) -> String {
    let number = number
        .map(|number| format!(" <small>{number}</small>"))
        .unwrap_or_default();
    format!(
        r#"<section id="{id}" aria-labelledby="{id}-title">
<h2 id="{id}-title">{title}{number}</h2>
{body}</section>
"#
    )
}

/// A table's first row.
pub fn table_head(columns: &[&str]) -> String {
    let cells: String = columns
        .iter()
        .map(|column| format!("<th scope=\"col\">{column}</th>"))
        .collect();
    format!("<thead><tr>{cells}</tr></thead>\n")
}

fn overview(report: &Report) -> String {
    section(
        "overview",
        "Overview",
        None,
        &[cards(report), charts(report)].concat(),
    )
}

fn cards(report: &Report) -> String {
    let summary = &report.summary;
    let cards = [
        ("Failed", summary.failed, "failed"),
        ("Unknown", summary.unknown, "unknown"),
        ("Skipped", summary.skipped, "skipped"),
        ("Passed", summary.passed, "passed"),
        ("Resources", summary.resources, ""),
        ("Files", summary.files, ""),
        ("Policies", summary.policies, ""),
        ("Not read", report.unread, "failed"),
    ];
    let cards: String = cards
        .into_iter()
        .map(|(name, count, class)| {
            let class = if count > 0 { class } else { "" };
            format!("<div class=\"card {class}\"><dt>{name}</dt><dd>{count}</dd></div>\n")
        })
        .collect();
    format!("<dl class=\"cards\">\n{cards}</dl>\n")
}

fn charts(report: &Report) -> String {
    let summary = &report.summary;
    let verdicts = [
        Part {
            name: "failed",
            count: summary.failed,
            class: "failed",
        },
        Part {
            name: "unknown",
            count: summary.unknown,
            class: "unknown",
        },
        Part {
            name: "skipped",
            count: summary.skipped,
            class: "skipped",
        },
        Part {
            name: "passed",
            count: summary.passed,
            class: "passed",
        },
    ];
    let severities: Vec<Failures<'_>> = tally::by_severity(report)
        .into_iter()
        .filter(|of| of.failed > 0)
        .map(|of| Failures {
            name: of.severity.as_str(),
            count: of.failed,
            severity: of.severity,
        })
        .collect();
    let mut out = format!(
        "<div class=\"charts\">\n{}",
        panel("Verdicts", &chart::donut("Verdicts", &verdicts))
    );
    for (title, failures) in [
        ("Failures by severity", severities),
        ("Failures by service", tally::by_service(report)),
        ("Failures by framework", tally::by_framework(report)),
        ("Failures by policy", tally::by_policy(report)),
    ] {
        if !failures.is_empty() {
            out.push_str(&panel(title, &bars(title, &failures)));
        }
    }
    out.push_str("</div>\n");
    out
}

fn panel(title: &str, chart: &str) -> String {
    format!("<figure><figcaption>{title}</figcaption>\n{chart}</figure>\n")
}

/// The most failing, and the others together.
fn bars(title: &str, failures: &[Failures<'_>]) -> String {
    let (shown, others) = failures.split_at(failures.len().min(MOST_BARS));
    let names: Vec<String> = shown
        .iter()
        .map(|of| escape::shorten(of.name, BAR_NAME))
        .collect();
    let mut parts: Vec<Part<'_>> = shown
        .iter()
        .zip(&names)
        .map(|(of, name)| Part {
            name,
            count: of.count,
            class: of.severity.as_str(),
        })
        .collect();
    let rest = format!("{} others", others.len());
    if !others.is_empty() {
        let count = others.iter().map(|of| of.count).sum();
        parts.push(Part {
            name: &rest,
            count,
            class: "skipped",
        });
    }
    chart::bars(title, &parts)
}

fn problems(report: &Report) -> String {
    if report.problems.is_empty() {
        return String::new();
    }
    let articles: String = report.problems.iter().map(article).collect();
    section("problems", "Problems", Some(report.problems.len()), &articles)
}

fn article(problem: &Problem) -> String {
    let name = if problem.error { "error" } else { "warning" };
    let place = Place::of_problem(problem)
        .map(|place| place_code(&place))
        .unwrap_or_default();
    let message = html(&problem.message);
    let source = problem.snippet.as_ref().map(source).unwrap_or_default();
    let called_from = match called_from(&problem.called_from) {
        chain if chain.is_empty() => chain,
        chain => format!("<p>Called from {chain}</p>\n"),
    };
    format!(
        r#"<article class="problem">
<p><span class="verdict {name}">{name}</span> {place}</p>
<p class="message">{message}</p>
{source}{called_from}</article>
"#
    )
}

fn compliance(report: &Report) -> String {
    if report.compliance.is_empty() {
        return String::new();
    }
    let mut body = String::from(
        "<p>A control is as good as the policies that stand for it: they see configuration, \
         not how it is used.</p>\n",
    );
    body.extend(report.compliance.iter().map(framework));
    section("compliance", "Compliance", None, &body)
}

fn framework(compliance: &Compliance) -> String {
    let parts = tally::standings(compliance).map(|(standing, count)| Part {
        name: standing.as_str(),
        count,
        class: standing_class(standing),
    });
    let name = html(&compliance.framework);
    let stack = chart::stack(&compliance.framework, &parts);
    let standings = tally::describe_standings(compliance);
    let head = table_head(&[
        "Control", "Standing", "Failed", "Unknown", "Skipped", "Passed", "Policies",
    ]);
    let rows: String = compliance.controls.iter().map(control).collect();
    format!(
        r#"<article>
<h3>{name}</h3>
{stack}<p>{standings}</p>
<table class="controls">
{head}<tbody>
{rows}</tbody>
</table>
</article>
"#
    )
}

fn control(control: &Control) -> String {
    let standing = Standing::of(control);
    let (name, class, stands) = (
        html(&control.control),
        standing_class(standing),
        standing.as_str(),
    );
    let numbers: String = [control.failed, control.unknown, control.skipped, control.passed]
        .iter()
        .map(|number| format!("<td class=\"number\">{number}</td>"))
        .collect();
    let policies = codes(&control.policies);
    format!(r#"<tr><th scope="row">{name}</th><td><span class="verdict {class}">{stands}</span></td>"#)
        + &format!("{numbers}<td>{policies}</td></tr>\n")
}

fn standing_class(standing: Standing) -> &'static str {
    match standing {
        Standing::Fails => "failed",
        Standing::Unknown => "unknown",
        Standing::Accepted => "skipped",
        Standing::Holds => "passed",
        Standing::NotJudged => "none",
    }
}

/// The source with its line numbers; what is to blame is marked.
fn source(source: &Snippet) -> String {
    let width = snippet::gutter(source);
    let lines: String = snippet::rows(source)
        .iter()
        .map(|row| {
            let marked = row.marked.as_ref().map(|marked| match marked.is_empty() {
                true => "<mark> </mark>".to_owned(),
                false => format!("<mark>{}</mark>", html(marked)),
            });
            let class = if marked.is_some() { " class=\"hit\"" } else { "" };
            let (before, marked, after) = (html(&row.before), marked.unwrap_or_default(), html(&row.after));
            format!(
                "<span{class}><i>{:>width$}</i> {before}{marked}{after}\n</span>",
                row.number
            )
        })
        .collect();
    format!("<pre tabindex=\"0\" aria-label=\"Source\"><code>{lines}</code></pre>\n")
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", html(&escape::one_line(text)))
}

fn codes<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let codes: Vec<String> = texts.into_iter().map(|text| code(text.as_ref())).collect();
    codes.join(" ")
}

/// Code that a narrow column may break behind each `end` of a part: paths at `/`, addresses at `.`.
fn broken(text: &str, end: char) -> String {
    let parts = text
        .split_inclusive(end)
        .map(|part| html(&escape::one_line(part)));
    format!("<code>{}</code>", parts.collect::<Vec<_>>().join("<wbr>"))
}

/// The `module` blocks, outermost first; empty where there is none.
fn called_from(locations: &[Location]) -> String {
    let places: Vec<String> = chain(locations).map(|place| place_code(&place)).collect();
    places.join(" <span aria-hidden=\"true\">→</span> ")
}

fn place_code(place: &Place<'_>) -> String {
    broken(&place.to_string(), '/')
}

/// The page without its style and script, whose text tests need not repeat.
#[cfg(test)]
pub(super) fn without_assets(page: &str) -> String {
    [STYLE, SCRIPT, STYLE_DIGEST, SCRIPT_DIGEST]
        .iter()
        .fold(page.to_owned(), |page, asset| page.replace(asset, "…"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    /// [FIPS 180-4](https://csrc.nist.gov/pubs/fips/180-4/upd1/final), section 6.2; here only, so that no
    /// renderer needs a dependency for two constants.
    fn sha256(message: &[u8]) -> Vec<u8> {
        let primes: Vec<u32> = (2..312).filter(|n| (2..*n).all(|d| n % d != 0)).collect();
        // The first 32 bits of the fractional part of a root, found exactly: the root of p * 2^(32 * degree).
        let fraction = |prime: u32, degree: u32| {
            let power = u128::from(prime) << (32 * degree);
            let (mut low, mut high) = (0u128, 1u128 << 37);
            while high - low > 1 {
                let middle = low.midpoint(high);
                if middle.pow(degree) <= power {
                    low = middle
                } else {
                    high = middle
                }
            }
            u32::try_from(low & 0xffff_ffff).unwrap()
        };
        let constants: Vec<u32> = primes.iter().map(|prime| fraction(*prime, 3)).collect();
        let mut state: Vec<u32> = primes.iter().take(8).map(|prime| fraction(*prime, 2)).collect();
        let mut padded = message.to_vec();
        padded.push(0x80);
        padded.resize(
            padded.len().next_multiple_of(64) + if padded.len() % 64 > 56 { 64 } else { 0 } - 8,
            0,
        );
        padded.extend(u64::try_from(message.len() * 8).unwrap().to_be_bytes());
        for block in padded.chunks_exact(64) {
            let mut words: Vec<u32> = block
                .chunks_exact(4)
                .map(|word| u32::from_be_bytes(word.try_into().unwrap()))
                .collect();
            for t in 16..64 {
                let (a, b) = (words[t - 15], words[t - 2]);
                let a = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
                let b = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
                words.push(
                    words[t - 16]
                        .wrapping_add(a)
                        .wrapping_add(words[t - 7])
                        .wrapping_add(b),
                );
            }
            let mut v = state.clone();
            for (word, constant) in words.iter().zip(&constants) {
                let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
                let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
                let first = [s1, choice, *constant, *word]
                    .iter()
                    .fold(v[7], |sum, term| sum.wrapping_add(*term));
                let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
                v.rotate_right(1);
                v[0] = first.wrapping_add(s0).wrapping_add(majority);
                v[4] = v[4].wrapping_add(first);
            }
            state
                .iter_mut()
                .zip(v)
                .for_each(|(sum, term)| *sum = sum.wrapping_add(term));
        }
        state.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn base64(bytes: &[u8]) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in bytes.chunks(3) {
            let bits = chunk
                .iter()
                .fold(0usize, |bits, byte| bits << 8 | usize::from(*byte))
                << (8 * (3 - chunk.len()));
            let digits = (0..=chunk.len()).map(|index| char::from(ALPHABET[bits >> (18 - 6 * index) & 63]));
            out.extend(digits);
            out.extend(std::iter::repeat_n('=', 3 - chunk.len()));
        }
        out
    }

    #[test]
    fn digests_are_those_of_style_and_script() {
        assert_eq!(
            base64(&sha256(b"abc")),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains('\r'));
        }
        assert_eq!(
            STYLE_DIGEST,
            base64(&sha256(STYLE.as_bytes())),
            "put the right value into STYLE_DIGEST"
        );
        assert_eq!(
            SCRIPT_DIGEST,
            base64(&sha256(SCRIPT.as_bytes())),
            "put the right value into SCRIPT_DIGEST"
        );
    }

    #[test]
    fn the_page_needs_nothing_else() {
        for report in [sample::rich(), sample::hostile()] {
            let page = render(&report);
            for reference in [
                " src=",
                "<link",
                "@import",
                "url(",
                "href=\"http",
                " style=",
                " onclick",
                "<iframe",
            ] {
                assert!(!page.contains(reference), "{reference}");
            }
        }
    }

    #[test]
    fn what_is_hostile_stays_text() {
        let page = without_assets(&render(&sample::hostile()));
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(page.matches("</script").count(), 1);
        assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    }
}
