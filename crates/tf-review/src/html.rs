//! A review as one page that needs nothing else: no request leaves it, and its content security policy allows only the style and
//! the script that are in it. Without script everything shows; with it the changes and findings can be narrowed.

mod changes;
mod findings;

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tf_policy::Since;
use tf_report::render::escape;
use tf_report::{Severity, Verdict};

use crate::markdown::{Document, Finding, counted};
use escape::html;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

impl Document<'_> {
    /// The review as a page of HTML, whole.
    pub fn html(&self) -> String {
        let page = Page::of(self);
        let mut out = head(self.root);
        out.push_str(&page.header());
        out.push_str("<main id=\"main\">\n");
        out.push_str(&page.cards());
        out.push_str(&page.filters());
        for section in [
            findings::section(&page),
            changes::resources(&page),
            changes::outputs(&page),
        ] {
            out.push_str(&section);
        }
        out.push_str("</main>\n");
        out.push_str(&format!(
            "<footer><p>plumbline {}</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
            env!("CARGO_PKG_VERSION")
        ));
        out
    }
}

/// A document with what its parts want to know of each other.
struct Page<'r> {
    document: &'r Document<'r>,
    /// Findings, the worst first.
    findings: Vec<&'r Finding>,
    /// Where the change of an address is on the page.
    anchors: HashMap<&'r str, usize>,
    /// Failures that the change brings, by address: how many, and the worst.
    failures: HashMap<&'r str, (usize, Severity)>,
}

impl<'r> Page<'r> {
    fn of(document: &'r Document<'r>) -> Page<'r> {
        let mut findings: Vec<&Finding> = document.findings.iter().collect();
        findings
            .sort_by(|a, b| (b.severity, &a.address, &a.policy).cmp(&(a.severity, &b.address, &b.policy)));
        let mut anchors = HashMap::new();
        for (at, change) in document.changes.resources.iter().enumerate() {
            for address in &change.addresses {
                anchors.entry(address.as_str()).or_insert(at);
            }
        }
        let mut failures: HashMap<&str, (usize, Severity)> = HashMap::new();
        for finding in &findings {
            if finding.since == Since::Introduced && finding.verdict == Verdict::Failed {
                for address in std::iter::once(&finding.address).chain(&finding.alike) {
                    let entry = failures.entry(address).or_insert((0, finding.severity));
                    entry.0 += 1;
                    entry.1 = entry.1.max(finding.severity);
                }
            }
        }
        Page {
            document,
            findings,
            anchors,
            failures,
        }
    }

    fn with(&self, verdict: Verdict, since: Option<Since>) -> Vec<&'r Finding> {
        let is = |finding: &&&Finding| {
            finding.verdict == verdict && since.is_none_or(|since| finding.since == since)
        };
        self.findings.iter().filter(is).copied().collect()
    }

    fn header(&self) -> String {
        let Document { root, changes, .. } = self.document;
        let introduced = self.document.failures(Since::Introduced);
        let (class, verdict) = match introduced {
            0 => ("good", "introduces no failure".to_owned()),
            1 => ("bad", "introduces 1 failure".to_owned()),
            many => ("bad", format!("introduces {many} failures")),
        };
        let links: String = [
            ("findings", "Findings", !self.findings.is_empty()),
            ("changes", "Changes", !changes.resources.is_empty()),
            ("outputs", "Outputs", !changes.outputs.is_empty()),
        ]
        .into_iter()
        .filter(|(_, _, present)| *present)
        .map(|(id, name, _)| format!("<a href=\"#{id}\">{name}</a>"))
        .collect();
        format!(
            "<a class=\"skip\" href=\"#main\">Skip to the review</a>\n<header>\n<p class=\"kind\">Review of a plan</p>\n\
             <h1>{} <span class=\"{class}\">{verdict}</span></h1>\n<p class=\"summary\">{}</p>\n{}\
             <nav aria-label=\"Sections\">{links}</nav>\n</header>\n",
            broken(root),
            html(&capital(&match self.document.planned {
                true => counted(&changes.counts),
                false => "judged without a plan".to_owned(),
            })),
            match self.document.cost {
                Some(cost) => format!("<p class=\"summary\">Cost: {}</p>\n", html(&cost.sentence())),
                None => String::new(),
            },
        )
    }

    fn cards(&self) -> String {
        let counts = &self.document.changes.counts;
        let unknown = self
            .with(Verdict::Unknown, None)
            .iter()
            .map(|finding| finding.count())
            .sum::<usize>();
        let cards = [
            ("To add", counts.add, "create", true),
            ("To change", counts.change, "update", true),
            ("To replace", counts.replace, "replace", true),
            ("To delete", counts.delete, "delete", true),
            ("To import", counts.import, "keep", false),
            ("Moved", counts.moved, "keep", false),
            ("To forget", counts.forget, "keep", false),
            (
                "Failures introduced",
                self.document.failures(Since::Introduced),
                "failed",
                true,
            ),
            (
                "Failures there before",
                self.document.failures(Since::Existing),
                "skipped",
                false,
            ),
            (
                "Failures fixed",
                self.document.failures(Since::Fixed),
                "passed",
                false,
            ),
            ("Not known yet", unknown, "unknown", false),
        ];
        let cards: String = cards
            .into_iter()
            .filter(|(_, count, _, always)| *always || *count > 0)
            .map(|(name, count, class, _)| {
                let class = if count > 0 { class } else { "none" };
                format!("<div class=\"card {class}\"><dt>{name}</dt><dd>{count}</dd></div>\n")
            })
            .collect();
        format!("<dl class=\"cards\">\n{cards}</dl>\n")
    }

    /// Hidden until the script that it needs runs.
    fn filters(&self) -> String {
        if self.findings.is_empty() && self.document.changes.is_empty() {
            return String::new();
        }
        let options = |all: &str, values: &[(&str, &str)]| {
            let options: String = values
                .iter()
                .map(|(value, name)| format!("<option value=\"{value}\">{name}</option>"))
                .collect();
            format!("<option value=\"\">{all}</option>{options}")
        };
        let actions = options(
            "All",
            &[
                ("create", "Add"),
                ("update", "Change"),
                ("replace", "Replace"),
                ("delete", "Delete"),
                ("keep", "Stay, move, import"),
            ],
        );
        format!(
            "<form id=\"filters\" role=\"search\" hidden>\n\
             <label class=\"wide\">Filter<input name=\"text\" type=\"search\" placeholder=\"address, policy, attribute, file\" \
             autocomplete=\"off\" spellcheck=\"false\"></label>\n\
             <label>Action<select name=\"action\">{actions}</select></label>\n\
             <div class=\"actions\"><button id=\"toggle-all\" type=\"button\" aria-expanded=\"false\">Open all</button> \
             <output id=\"shown\"></output></div>\n</form>\n"
        )
    }

    /// An address; a link, where its change is on the page.
    fn address(&self, address: &str) -> String {
        match self.anchors.get(address) {
            Some(at) => format!("<a href=\"#change-{at}\">{}</a>", broken(address)),
            None => broken(address),
        }
    }
}

fn head(root: &str) -> String {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Review: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        one_line(root)
    )
}

/// A part of the page with its heading, and the number of things in it.
fn section(id: &str, title: &str, number: usize, body: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title} <small>{number}</small></h2>\n{body}</section>\n"
    )
}

fn one_line(text: &str) -> String {
    html(&escape::one_line(text))
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", one_line(text))
}

/// Code that a narrow column may break: behind slashes and dots.
fn broken(text: &str) -> String {
    let parts = text.split_inclusive(['/', '.']).map(one_line);
    format!("<code>{}</code>", parts.collect::<Vec<_>>().join("<wbr>"))
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map(|first| first.to_uppercase().chain(rest).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
