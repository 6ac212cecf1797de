//! AWS's index of offers and each offer's index of regions, and the files they lead to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{BuildError, Options};

/// Where the index of offers is, below the address of AWS's price files and in a folder that `sync` filled.
pub const OFFER_INDEX: &str = "offers/v1.0/aws/index.json";

/// The index of offers: `offers/v1.0/aws/index.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferIndex {
    /// When it was published, as AWS writes it.
    #[serde(default)]
    pub publication_date: String,
    /// Offers by their codes.
    pub offers: BTreeMap<String, Offer>,
}

/// An offer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The offer code: `AmazonEC2`.
    pub offer_code: String,
    /// Where its current prices are: `/offers/v1.0/aws/AmazonEC2/current/index.json`.
    pub current_version_url: String,
    /// Where its index of regions is, where it has one.
    #[serde(default)]
    pub current_region_index_url: Option<String>,
}

/// An offer's index of regions: `offers/v1.0/aws/AmazonEC2/current/region_index.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegionIndex {
    /// When it was published, as AWS writes it.
    #[serde(default)]
    pub publication_date: String,
    /// Regions by their codes.
    pub regions: BTreeMap<String, RegionOffer>,
}

/// An offer in a region.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegionOffer {
    /// The region's code.
    pub region_code: String,
    /// Where its prices are: `/offers/v1.0/aws/AmazonEC2/20260720134430/us-east-1/index.json`.
    pub current_version_url: String,
}

/// The place of AWS's address in a folder: without what could lead out of it.
pub(crate) fn local(url: &str) -> Option<PathBuf> {
    let path = url.split("://").last().map(|rest| match url.contains("://") {
        true => rest.split_once('/').map_or("", |(_, path)| path),
        false => rest,
    })?;
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let plain = |part: &&str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            && !part.starts_with('.')
    };
    (!parts.is_empty() && parts.iter().all(plain)).then(|| parts.iter().collect())
}

/// The same prices as CSV.
pub(crate) fn as_csv(url: &str) -> String {
    url.strip_suffix(".json")
        .map_or_else(|| url.to_owned(), |rest| format!("{rest}.csv"))
}

/// Whether a region's file is wanted: AWS calls the file of what has no region `aws-other` or `aws-global`.
pub(crate) fn wants_region(options: &Options, region: &str) -> bool {
    options.regions.is_empty()
        || region.starts_with("aws-")
        || options.regions.iter().any(|name| name == region)
}

pub(crate) fn wants_service(options: &Options, service: &str) -> bool {
    options.services.is_empty() || options.services.iter().any(|name| name == service)
}

/// The price files of a source, in the order in which they are read.
pub(super) fn files(source: &Path, options: &Options) -> Result<Vec<PathBuf>, BuildError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| BuildError::Io { path, source }
    };
    if std::fs::metadata(source).map_err(io(source))?.is_file() {
        return Ok(vec![source.to_owned()]);
    }
    let mut found = Vec::new();
    let index = source.join(OFFER_INDEX);
    if index.exists() {
        let offers: OfferIndex = parse(&index)?;
        for offer in offers.offers.values() {
            if wants_service(options, &offer.offer_code) {
                current(source, offer, options, &mut found)?;
            }
        }
    } else {
        walk(source, &mut found)?;
        found.sort();
    }
    if found.is_empty() {
        let hint = match index.exists() {
            true => " for the services and regions asked for; `tf-cost prices sync` downloads them",
            false => "; `tf-cost prices sync` downloads them",
        };
        return Err(BuildError::Nothing {
            path: source.to_owned(),
            hint,
        });
    }
    Ok(found)
}

/// The files of an offer's current version that are there.
fn current(
    source: &Path,
    offer: &Offer,
    options: &Options,
    found: &mut Vec<PathBuf>,
) -> Result<(), BuildError> {
    let here = |url: &str| {
        local(url)
            .map(|path| source.join(path))
            .filter(|path| path.exists())
    };
    let either = |url: &str| here(&as_csv(url)).or_else(|| here(url));
    let regions = offer.current_region_index_url.as_deref().and_then(here);
    let before = found.len();
    if let Some(index) = regions {
        let regions: RegionIndex = parse(&index)?;
        for region in regions.regions.values() {
            if wants_region(options, &region.region_code) {
                found.extend(either(&region.current_version_url));
            }
        }
    }
    // Without files by region there may be one with all of them.
    if found.len() == before {
        found.extend(either(&offer.current_version_url));
    }
    Ok(())
}

pub(crate) fn parse<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, BuildError> {
    let text = std::fs::read(path).map_err(|source| BuildError::Io {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&text).map_err(|error| BuildError::Malformed {
        path: path.to_owned(),
        line: error.line() as u64,
        problem: format!("this is no index of AWS's price files: {error}"),
    })
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), BuildError> {
    let io = |source| BuildError::Io {
        path: folder.to_owned(),
        source,
    };
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "csv" || extension == "json")
        {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_in_the_folder() {
        let inside = |url: &str| local(url).map(|path| path.display().to_string());
        assert_eq!(
            inside("/offers/v1.0/aws/A/current/index.json").as_deref(),
            Some("offers/v1.0/aws/A/current/index.json")
        );
        assert_eq!(
            inside("https://example.com/offers/x.json").as_deref(),
            Some("offers/x.json")
        );
        for outside in [
            "/../x",
            "a/../b",
            "",
            "/",
            "a/.b",
            "https://example.com",
            "a/b\\c",
            "a/%2e%2e/b",
        ] {
            assert_eq!(inside(outside), None, "{outside}");
        }
    }
}
