//! Downloads AWS's bulk price files into a folder, for [`crate::bulk::build`].
//!
//! The folder has the shape of AWS's addresses. A download that was broken off goes on where it ended; a file that has
//! not changed is not downloaded again; what has arrived is compared with the length and the checksum that came with it.

mod download;
mod proxy;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Catalogue;
use crate::bulk::index::{self, as_csv, local};
use crate::bulk::{BuildError, OFFER_INDEX, Offer, OfferIndex, Options, RegionIndex, UNFINISHED};
use crate::catalogue::{GLOBAL, nearest};
use download::Client;

pub use proxy::proxy_for;

/// Where AWS publishes its prices for everyone, without credentials.
pub const AWS: &str = "https://pricing.us-east-1.amazonaws.com";

/// What to download, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that paths of the indexes are below: [`AWS`], or a mirror of it.
    pub base_url: String,
    /// Offer codes; where it is empty, those of which the embedded catalogue has prices.
    pub services: Vec<String>,
    /// Region codes; where it is empty, those of which the embedded catalogue has prices.
    pub regions: Vec<String>,
    /// The proxy's address; [`proxy_for`] finds it in the environment.
    pub proxy: Option<String>,
    /// How often a file is tried before it is given up.
    pub attempts: u32,
    /// The pause before the second attempt; before each further one it is twice as long.
    pub pause: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            base_url: AWS.to_owned(),
            services: Vec::new(),
            regions: Vec::new(),
            proxy: None,
            attempts: 5,
            pause: Duration::from_secs(2),
        }
    }
}

/// What happens while files are downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'e> {
    /// A file is not what it was, or not there; `from` bytes of it are, of `length` where that is known.
    Started {
        /// The address.
        url: &'e str,
        /// Bytes that an earlier run has left.
        from: u64,
        /// Bytes of the whole file.
        length: Option<u64>,
    },
    /// As many more bytes are there.
    Received(u64),
    /// A file could not be had for now.
    Again {
        /// The address.
        url: &'e str,
        /// Why.
        problem: &'e str,
    },
    /// A file is whole.
    Done {
        /// The address.
        url: &'e str,
    },
    /// A file has not changed.
    Unchanged {
        /// The address.
        url: &'e str,
    },
}

/// What was downloaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Price files that are new or have changed.
    pub changed: Vec<PathBuf>,
    /// Price files that have not changed.
    pub unchanged: Vec<PathBuf>,
    /// Services that are not sold in a region.
    pub absent: Vec<(String, String)>,
}

/// Prices cannot be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// An address does not answer as it should.
    #[error("{url}: {problem}")]
    Failed {
        /// The address.
        url: String,
        /// What is wrong.
        problem: String,
    },
    /// A file cannot be written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// AWS has no such offer.
    #[error("{service}: AWS publishes no prices of this service{}", did_you_mean(.nearest))]
    NoSuchService {
        /// The service.
        service: String,
        /// Services with names like it.
        nearest: Vec<String>,
    },
    /// None of the services is sold in a region.
    #[error("{region}: AWS publishes no prices for this region")]
    NoSuchRegion {
        /// The region.
        region: String,
    },
    /// An index is not of AWS's shape.
    #[error(transparent)]
    Index(#[from] BuildError),
}

fn did_you_mean(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        some => format!("; did you mean {}?", some.join(" or ")),
    }
}

/// Downloads the current prices of some services in some regions into a folder.
///
/// # Errors
/// When an address does not answer, answers something else, or a file cannot be written. What has arrived stays, and the
/// next run goes on from there.
pub fn sync(
    folder: &Path,
    settings: &Settings,
    progress: &mut dyn FnMut(Event<'_>),
) -> Result<Report, SyncError> {
    let wanted = wanted(settings);
    let client = Client::new(settings)?;
    let mut report = Report::default();
    let index = place(OFFER_INDEX)?;
    client.file(OFFER_INDEX, &folder.join(&index), progress)?;
    let offers: OfferIndex = index::parse(&folder.join(&index))?;
    let mut asked = Vec::new();
    for service in &wanted.services {
        asked.push(
            offers
                .offers
                .get(service)
                .ok_or_else(|| SyncError::NoSuchService {
                    service: service.clone(),
                    nearest: nearest(service, offers.offers.keys().map(String::as_str)),
                })?,
        );
    }
    // From here on the folder may hold an index whose prices are not there yet.
    let unfinished = folder.join(UNFINISHED);
    let io = |source| SyncError::Io {
        path: unfinished.clone(),
        source,
    };
    std::fs::write(&unfinished, "").map_err(io)?;
    for offer in asked {
        for url in prices_of(&client, folder, offer, &wanted, &mut report, progress)? {
            let path = place(&url)?;
            match client.file(&url, &folder.join(&path), progress)? {
                true => report.changed.push(path),
                false => report.unchanged.push(path),
            }
        }
    }
    std::fs::remove_file(&unfinished).map_err(io)?;
    for region in &wanted.regions {
        let absent = report.absent.iter().filter(|(_, name)| name == region).count();
        if absent > 0 && absent == wanted.services.len() {
            return Err(SyncError::NoSuchRegion {
                region: region.clone(),
            });
        }
    }
    Ok(report)
}

/// What is asked for, or else what the embedded catalogue has.
fn wanted(settings: &Settings) -> Options {
    let embedded = Catalogue::embedded().info();
    let mut services = settings.services.clone();
    if services.is_empty() {
        services = embedded
            .regions
            .values()
            .flat_map(|services| services.keys().cloned())
            .collect();
    }
    let mut regions = settings.regions.clone();
    if regions.is_empty() {
        regions = embedded
            .regions
            .into_keys()
            .filter(|region| region != GLOBAL)
            .collect();
    }
    for list in [&mut services, &mut regions] {
        list.sort();
        list.dedup();
    }
    Options {
        services,
        regions,
        ..Options::default()
    }
}

/// The addresses of an offer's prices: a file a region, or one where there is no index of regions.
fn prices_of(
    client: &Client,
    folder: &Path,
    offer: &Offer,
    wanted: &Options,
    report: &mut Report,
    progress: &mut dyn FnMut(Event<'_>),
) -> Result<Vec<String>, SyncError> {
    let Some(url) = &offer.current_region_index_url else {
        return Ok(vec![as_csv(&offer.current_version_url)]);
    };
    let path = folder.join(place(url)?);
    client.file(url, &path, progress)?;
    let regions: RegionIndex = index::parse(&path)?;
    for region in &wanted.regions {
        if !regions.regions.contains_key(region) {
            report.absent.push((offer.offer_code.clone(), region.clone()));
        }
    }
    let asked = regions
        .regions
        .values()
        .filter(|region| index::wants_region(wanted, &region.region_code));
    Ok(asked.map(|region| as_csv(&region.current_version_url)).collect())
}

/// Where an address's file is in the folder.
fn place(url: &str) -> Result<PathBuf, SyncError> {
    local(url).ok_or_else(|| SyncError::Failed {
        url: url.to_owned(),
        problem: "an index leads to this address, which is none of AWS's price files".to_owned(),
    })
}

#[cfg(test)]
mod tests;
