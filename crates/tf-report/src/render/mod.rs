//! The renderers: each turns the same [`Report`] into one [`Format`], in a file of its own.
//!
//! What they share lies beside them, once: what is asked of a finding (`finding`), counts (`tally`), places
//! (`place`), source lines with their underline (`snippet`), wrapped prose (`prose`) and what makes somebody
//! else's text harmless (`escape`). A renderer reads no clock and no environment: the same report and options
//! give the same bytes.

pub mod escape;
mod finding;
mod github;
mod gitlab;
pub mod html;
pub mod json;
mod junit;
mod markdown;
mod place;
mod prose;
pub mod sarif;
mod snippet;
mod tally;
mod text;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::Report;

/// What a report is rendered as.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// `plumbline.check/1`, for scripts.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, for a CI system's test page.
    Junit,
    /// A pull request's comment, in GitHub-flavoured Markdown.
    Markdown,
    /// One page without external resources.
    Html,
    /// Workflow commands that annotate a pull request on GitHub.
    Github,
    /// GitLab's code quality report.
    Gitlab,
}

impl Format {
    /// All, in the order in which the command line names them.
    pub const ALL: [Format; 8] = [
        Format::Text,
        Format::Json,
        Format::Markdown,
        Format::Html,
        Format::Sarif,
        Format::Junit,
        Format::Github,
        Format::Gitlab,
    ];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Junit => "junit",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A name that no [`Format`] has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownFormat(pub String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Format::ALL.map(Format::as_str).join(", ");
        write!(formatter, "`{}` is not a format; use one of {names}", self.0)
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Format, UnknownFormat> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// How to render. What a format has no use for is ignored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Text: colour by ANSI escape sequences.
    pub color: bool,
    /// Text: columns of the terminal; 0 for no limit.
    pub width: usize,
    /// Text: one line a finding and the coverage.
    pub quiet: bool,
    /// Text: skipped findings too, and why a policy matters.
    pub verbose: bool,
    /// Text, JSON and SARIF: everything that the report holds, not only failed and unknown.
    pub all: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            color: false,
            width: 80,
            quiet: false,
            verbose: false,
            all: false,
        }
    }
}

/// The report in a format, ending with a line feed.
pub fn render(report: &Report, format: Format, options: &Options) -> String {
    match format {
        Format::Text => text::render(report, options),
        Format::Json => json::render(report, options),
        Format::Sarif => sarif::render(report, options),
        Format::Junit => junit::render(report),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
    }
}
