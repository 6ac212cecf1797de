//! Estimates in several formats, one file a format.

mod csv;
mod text;

use tf_pricing::Document;

/// A format of results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table for people
    Text,
    /// `plumbline.cost/1`
    Json,
    /// One row a line of the estimate
    Csv,
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
        Format::Csv => csv::document(document),
    })
}
