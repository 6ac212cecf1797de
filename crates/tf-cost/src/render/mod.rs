//! Estimates in several formats, one file a format.

mod csv;
mod csv_difference;
mod html;
mod html_difference;
mod infracost;
mod infracost_difference;
mod markdown;
mod markdown_difference;
mod text;
mod text_difference;
mod words;

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
    /// A page with sums by stack, environment, service and tag; of a difference, with what changed most
    Html,
    /// One row a line
    Csv,
    /// What `infracost breakdown --format json` prints; of a difference, `infracost diff --format json`
    Infracost,
}

/// How to render.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) color: bool,
    /// Columns that texts and tables are broken to; `None` leaves lines whole, as who reads a file wants them.
    pub(crate) width: Option<usize>,
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

/// Two estimates and what differs between them.
pub(crate) struct Compared<'d> {
    pub(crate) before: &'d Document,
    pub(crate) after: &'d Document,
    pub(crate) difference: &'d Difference,
}

/// A difference in a format.
pub(crate) fn difference(
    compared: &Compared<'_>,
    format: Format,
    options: &Options,
) -> anyhow::Result<String> {
    let difference = compared.difference;
    Ok(match format {
        Format::Text => text_difference::difference(difference, options),
        Format::Json => format!("{}\n", serde_json::to_string_pretty(difference)?),
        Format::Markdown => markdown_difference::difference(difference),
        Format::Html => html_difference::difference(difference),
        Format::Csv => csv_difference::difference(difference),
        Format::Infracost => format!(
            "{}\n",
            serde_json::to_string_pretty(&infracost_difference::difference(compared))?
        ),
    })
}
