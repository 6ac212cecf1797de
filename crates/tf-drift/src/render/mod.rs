//! The renderers: each turns the same [`Document`] into one [`Format`], in a file of its own. What code scanners and test pages read
//! goes through `tf-report`.

mod html;
mod markdown;
mod metrics;
mod rows;
mod scanners;
mod text;

#[cfg(test)]
mod tests;

use tf_report::render::{Options, render as render_report};

use crate::finding::Document;
use crate::trend::Trend;

pub(crate) use markdown::markdown;
pub(crate) use rows::{cost as cost_text, findings as findings_line};
pub(crate) use text::trend as trend_text;

/// What a document is rendered as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// For people at a terminal.
    Text,
    /// `plumbline.drift/1`.
    Json,
    /// For an issue or a job's summary.
    Markdown,
    /// One page, with charts.
    Html,
    /// JUnit's XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// A text file for Prometheus.
    Openmetrics,
}

impl Format {
    const ALL: [(Format, &'static str); 9] = [
        (Format::Text, "text"),
        (Format::Json, "json"),
        (Format::Markdown, "markdown"),
        (Format::Html, "html"),
        (Format::Junit, "junit"),
        (Format::Sarif, "sarif"),
        (Format::Github, "github"),
        (Format::Gitlab, "gitlab"),
        (Format::Openmetrics, "openmetrics"),
    ];

    /// The format of a name.
    pub(crate) fn parse(name: &str) -> Option<Format> {
        let found = Format::ALL.iter().find(|(_, its)| *its == name);
        found.map(|(format, _)| *format)
    }

    /// All names.
    pub(crate) fn names() -> String {
        Format::ALL.map(|(_, name)| name).join(", ")
    }
}

/// How to render. What a format has no use for is ignored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Shown {
    /// Text: in colours.
    pub(crate) color: bool,
    /// Text: one line a finding.
    pub(crate) quiet: bool,
    /// Text: every attribute, and what to do.
    pub(crate) verbose: bool,
}

/// The document in a format, ending with a line feed.
pub(crate) fn render(
    document: &Document,
    trend: &Trend,
    format: Format,
    shown: &Shown,
) -> anyhow::Result<String> {
    let through = |format| render_report(&scanners::report(document), format, &Options::default());
    Ok(match format {
        Format::Text => text::render(document, *shown),
        Format::Json => serde_json::to_string_pretty(document)? + "\n",
        Format::Markdown => markdown(document, markdown::LIMIT),
        Format::Html => html::render(document, trend),
        Format::Junit => through(tf_report::render::Format::Junit),
        Format::Sarif => through(tf_report::render::Format::Sarif),
        Format::Github => through(tf_report::render::Format::Github),
        Format::Gitlab => through(tf_report::render::Format::Gitlab),
        Format::Openmetrics => metrics::render(document),
    })
}
