//! Estimates in several formats, one file a format.

mod csv;
mod html;
mod infracost;
mod markdown;
mod markdown_difference;
mod text;
mod text_difference;
mod words;

use anyhow::bail;
use tf_pricing::{Difference, Document};

/// A format of results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table for people
    Text,
    /// `plumbline.cost/1`
    Json,
    /// For pull requests and reviews
    Markdown,
    /// A page with sums by stack, environment, service and tag
    Html,
    /// One row a line of the estimate
    Csv,
    /// What `infracost breakdown --format json` prints
    Infracost,
}

/// How to render.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) color: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

/// A document in a format.
pub(crate) fn document(document: &Document, format: Format, options: &Options) -> anyhow::Result<String> {
    Ok(match format {
        Format::Text => text::document(document, options),
        Format::Json => format!("{}\n", serde_json::to_string_pretty(document)?),
        Format::Markdown => markdown::document(document),
        Format::Html => html::document(document),
        Format::Csv => csv::document(document),
        Format::Infracost => format!(
            "{}\n",
            serde_json::to_string_pretty(&infracost::document(document))?
        ),
    })
}

/// A difference in a format.
pub(crate) fn difference(
    difference: &Difference,
    format: Format,
    options: &Options,
) -> anyhow::Result<String> {
    Ok(match format {
        Format::Text => text_difference::difference(difference, options),
        Format::Json => format!("{}\n", serde_json::to_string_pretty(difference)?),
        Format::Markdown => markdown_difference::difference(difference),
        Format::Html | Format::Csv | Format::Infracost => {
            bail!("a difference is printed as text, json or markdown")
        }
    })
}
