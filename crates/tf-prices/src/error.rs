//! What can go wrong with a catalogue and with a look-up.

use std::path::PathBuf;

/// A catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is no catalogue.
    #[error("{path}: is no price catalogue ({problem}); make one with `tf-cost prices build`")]
    NotACatalogue {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
    },
    /// The file was a catalogue, and is cut short or changed.
    #[error("{path}: this price catalogue is damaged ({problem}); make it anew with `tf-cost prices build`")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
    },
}

/// No single price was found. Each text names the query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The catalogue has nothing for the region.
    #[error(
        "{query}: the price catalogue has no prices for the region; `tf-cost prices sync` and `build` make a catalogue that has"
    )]
    UnknownRegion {
        /// What was looked for.
        query: String,
        /// The region.
        region: String,
    },
    /// The catalogue has nothing for the service in the region.
    #[error("{query}: the price catalogue has no prices for the service in this region{}", near(.nearest))]
    UnknownService {
        /// What was looked for.
        query: String,
        /// The service.
        service: String,
        /// Services with names like it.
        nearest: Vec<String>,
    },
    /// No SKU has the usage type and all the attributes.
    #[error("{query}: no price{}", near(.nearest))]
    NoPrice {
        /// What was looked for.
        query: String,
        /// What is there instead: attributes of the same usage type, or usage types like it.
        nearest: Vec<String>,
    },
    /// Several SKUs match.
    #[error("{query}: {} prices match; attributes must tell them apart: {}", .skus.len(), .skus.join(" or "))]
    Several {
        /// What was looked for.
        query: String,
        /// The SKUs, each with its attributes.
        skus: Vec<String>,
    },
    /// The catalogue's bytes are not right.
    #[error("{query}: {problem}")]
    Damaged {
        /// What was looked for.
        query: String,
        /// What is wrong.
        problem: String,
    },
}

fn near(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        some => format!("; there is {}", some.join(" or ")),
    }
}
